# SPDX-License-Identifier: GPL-2.0-or-later
"""How Sphinx makes the manual pages: `sphinx-build -b man doc/manpages OUTPUT`."""

project = "netstack"
author = "The netstack project"
copyright = "The netstack project"
master_doc = "index"
source_suffix = ".rst"
exclude_patterns = ["_build"]

man_pages = [
    ("netstackd", "netstackd", "custom TCP/IP stacks for FRRouting", [author], 8),
    ("netstack", "netstack", "run commands in a custom TCP/IP stack", [author], 1),
]
