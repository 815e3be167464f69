#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
The hooks in FRR's vtysh: few, and never missed in silence.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = os.environ.get("top_srcdir", os.path.join(os.path.dirname(__file__), ".."))
FRR = os.path.join(os.environ.get("top_builddir", "."), "frr", "vtysh")
sys.path.insert(0, os.path.join(TOP, "vtysh"))
sys.dont_write_bytecode = True
import hook  # noqa: E402  pylint: disable=wrong-import-position


class Hook(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.source = os.path.join(folder.name, "in")
        self.output = os.path.join(folder.name, "out")
        os.makedirs(self.source)
        os.makedirs(self.output)
        for name in hook.HOOKS:
            shutil.copy(os.path.join(FRR, name), self.source)

    def run_hook(self):
        return subprocess.run(
            [sys.executable, os.path.join(TOP, "vtysh", "hook.py"), self.source, self.output],
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    def edit(self, name, old, new):
        with open(os.path.join(self.source, name)) as file:
            text = file.read()
        self.assertIn(old, text)
        with open(os.path.join(self.source, name), "w") as file:
            file.write(text.replace(old, new))

    def test_few_lines_are_added_and_none_is_lost(self):
        self.assertEqual(self.run_hook().returncode, 0)
        diff = subprocess.run(
            ["diff", "-r", self.source, self.output], stdout=subprocess.PIPE, text=True, check=False
        ).stdout.splitlines()
        self.assertLessEqual(sum(line.startswith(">") for line in diff), 28)
        # the size of the table, and the lines that VTYSH_ALL and VTYSH_ACL_CONFIG begin with
        self.assertLessEqual(sum(line.startswith("<") for line in diff), 3)

    def test_an_anchor_that_is_gone_fails_the_build(self):
        for name, old in (
            ("vtysh.h", "#define VTYSH_RCV_BUF_MAX"),
            ("vtysh.h", "#define VTYSH_ALL "),
            ("vtysh.h", "#define VTYSH_ACL_CONFIG "),
            ("vtysh.h", "extern struct vtysh_client vtysh_client["),
            ("vtysh.c", "struct vtysh_client vtysh_client[] = {"),
            ("vtysh.c", "void vtysh_init_vty(void)"),
            ("vtysh.c", "\tvtysh_init_cmd();"),
            ("vtysh_config.c", '#include "vtysh/vtysh.h"'),
            ("vtysh_config.c", 'strncmp(line, "pseudowire"'),
        ):
            with self.subTest(anchor=old):
                shutil.copy(os.path.join(FRR, name), self.source)
                self.edit(name, old, "/* gone */")
                result = self.run_hook()
                self.assertEqual(result.returncode, 1)
                self.assertIn("the anchor is there 0 times", result.stderr)
                shutil.copy(os.path.join(FRR, name), self.source)

    def test_a_flag_that_frr_took_fails_the_build(self):
        self.edit("vtysh.h", "#define VTYSH_RCV_BUF_MAX", "#define VTYSH_NEWD 0x40000000\n#define VTYSH_RCV_BUF_MAX")
        self.assertIn("FRR uses the flag", self.run_hook().stderr)


if __name__ == "__main__":
    unittest.main()
