# SPDX-License-Identifier: GPL-2.0-or-later
"""
How Sphinx makes the user guide: `sphinx-build doc/user OUTPUT`.

netstack.rst is written to fit into FRR's own user guide as it is; what FRR's conf.py provides for
that (the clicmd directive, the language "frr") is provided here in little.
"""

from pygments.lexers.special import TextLexer
from sphinx.domains.std import GenericObject

project = "netstack"
author = "The netstack project"
copyright = "The netstack project"
master_doc = "index"
source_suffix = ".rst"
exclude_patterns = ["_build"]
html_theme = "alabaster"
man_pages = []


class Clicmd(GenericObject):
    """A command.  The same one can be in several nodes; references lead to the first."""

    indextemplate = "pair: %s; command"

    def add_target_and_index(self, name, sig, signode):
        if ("clicmd", name) in self.env.get_domain("std").objects:
            return
        super().add_target_and_index(name, sig, signode)


def setup(app):
    app.add_object_type("clicmd", "clicmd", objname="CLI command")
    app.add_directive_to_domain("std", "clicmd", Clicmd, override=True)
    app.add_lexer("frr", TextLexer)
