#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
yanglint has nothing to say about the model: no error, and no warning either. Skipped where there
is no yanglint (Debian: libyang3-tools).
"""

import os
import shutil
import subprocess
import sys

YANGLINT = os.environ.get("YANGLINT", "yanglint")
SKIPPED = 77  # for automake
SOURCE = os.path.join(os.environ.get("top_srcdir", "."), "yang")
# FRR's models, and the IETF's that come with it
FRR = os.path.join(os.environ.get("top_builddir", "."), "frr", "yang")


def main():
    if not shutil.which(YANGLINT):
        print(f"no {YANGLINT} (apt-get install libyang3-tools)")
        return SKIPPED
    result = subprocess.run(
        [YANGLINT, "-p", FRR, "-p", f"{FRR}/ietf", f"{SOURCE}/frr-netstack.yang"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(result.stdout, end="")
    return 1 if result.returncode or result.stdout else 0


sys.exit(main())
