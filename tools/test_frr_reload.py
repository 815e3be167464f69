#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
What frr-reload.py does to get from one configuration of stacks to another.

FRR's own frr-reload.py runs, extended by ours, between a fake running configuration and
a fake file.  What would be typed is compared as a whole, order included.
"""

import importlib.util
import os
import sys
import textwrap
import unittest

TOP = os.environ.get("top_srcdir", os.path.join(os.path.dirname(__file__), ".."))
BUILD = os.environ.get("top_builddir", ".")
# Packaged and perhaps diverted; FRR's source has the same.
CANDIDATES = [
    os.path.join(os.environ.get("FRR_SBINDIR", "/usr/lib/frr"), "frr-reload.py.frr"),
    os.path.join(os.environ.get("FRR_SBINDIR", "/usr/lib/frr"), "frr-reload.py"),
    os.path.join(BUILD, "frr", "tools", "frr-reload.py"),
]
ORIGINAL = next(path for path in CANDIDATES if os.path.exists(path))


def ours():
    spec = importlib.util.spec_from_file_location(
        "frr_reload", os.path.join(TOP, "tools", "frr-reload.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RELOAD = ours()
NAMES, _ = RELOAD.load(ORIGINAL)

FILE, RUNNING = "", ""
NAMES["Vtysh"].mark_file = lambda self, filename, stdin=None: mark(FILE)
NAMES["Vtysh"].mark_show_run = lambda self, daemon=None: mark(RUNNING)
RELOAD.extend(NAMES)


def mark(text):
    """as `vtysh -m`: blocks end with their exit, the whole with end"""
    return text + "\nend\n"


def reload(running, file):
    """(what is typed to remove, what is typed to add)"""
    global FILE, RUNNING  # pylint: disable=global-statement
    RUNNING, FILE = textwrap.dedent(running), textwrap.dedent(file)
    new = NAMES["Config"](NAMES["Vtysh"]())
    new.load_from_file("frr.conf")
    old = NAMES["Config"](NAMES["Vtysh"]())
    old.load_from_show_running(None)
    to_add, to_del = NAMES["compare_context_objects"](new, old)
    typed = NAMES["lines_to_config"]
    return (
        [typed(keys, line, True) for keys, line in to_del],
        [typed(keys, line, False) for keys, line in to_add],
    )


BASE = """\
    frr version 10.3
    hostname r1
    netstack-global table-range 2000 2999
    interface eth1
     description uplink
    exit
    !
    netstack default
     default-gateway 192.0.2.1
    exit
    !
    netstack vmotion
     description vMotion: 10.20.0.0/24, 2001:0DB8::1/64 & "all"  that? !
     table 2001
     interface vmk1
      link vlan 20 parent eth1
      mac 02:00:00:aa:bb:cc
      mtu 9000
      address 10.20.0.11/24
      address 2001:db8:20::11/64
     exit
     interface vmk2
      link dummy
     exit
     default-gateway 10.20.0.1
     default-gateway 10.20.0.2 interface vmk1 distance 9 track icmp interval 500
     default-gateway 2001:db8:20::1 track bfd profile wan
     route 10.99.0.0/16 10.20.0.2 interface vmk1 distance 5
     arp 10.20.0.5 02:00:00:00:00:05 interface vmk1
     nd 2001:db8:20::5 02:00:00:00:00:05 interface vmk1
     limit routes 100
     limit neighbors 1000 warning-only
    exit
    !
    """


class Reload(unittest.TestCase):
    def check(self, running, file, removed, added):
        self.assertEqual(reload(running, file), (removed, added))

    def change(self, old, new, removed, added):
        self.assertIn(old, BASE)
        self.check(BASE, BASE.replace(old, new), removed, added)

    def test_the_same_is_nothing_to_do(self):
        self.check(BASE, BASE, [], [])

    def test_the_same_in_another_spelling_is_nothing_to_do(self):
        self.check(
            BASE,
            BASE.replace("02:00:00:aa:bb:cc", "02:00:00:AA:bb:CC")
            .replace("address 2001:db8:20::11/64", "address   2001:DB8:20:0::0011/64")
            .replace("route 10.99.0.0/16", "route 10.99.1.2/16")
            .replace("nd 2001:db8:20::5", "nd 2001:db8:20:0:0::5")
            .replace("icmp interval 500", "icmp  interval 500 multiplier 3")
            .replace("default-gateway 10.20.0.1", "default-gateway 10.20.0.1 distance 1"),
            [],
            [],
        )

    def test_a_limit_is_changed_in_one_step(self):
        "In between nothing is to come in for which there is no room"
        self.change(
            " limit routes 100\n",
            " limit routes 200\n",
            [],
            [["netstack vmotion", " limit routes 200", "exit"]],
        )
        self.change(
            " limit neighbors 1000 warning-only\n",
            " limit neighbors 1000\n",
            [],
            [["netstack vmotion", " limit neighbors 1000", "exit"]],
        )
        self.change(
            "     limit neighbors 1000 warning-only\n",
            "",
            [["netstack vmotion", " no limit neighbors 1000 warning-only", "exit"]],
            [],
        )

    def test_a_stack_and_its_interfaces_are_added(self):
        self.check(
            "",
            """\
            netstack new
             interface vmk3
              link dummy
              address 2001:db8::3/64
             exit
             default-gateway 10.0.0.1
            exit
            """,
            [],
            [
                ["netstack new", "exit"],
                ["netstack new", " default-gateway 10.0.0.1", "exit"],
                ["netstack new", " interface vmk3", " exit", "exit"],
                ["netstack new", " interface vmk3", "  link dummy", " exit", "exit"],
                ["netstack new", " interface vmk3", "  address 2001:db8::3/64", " exit", "exit"],
            ],
        )

    def test_a_stack_is_removed_whole_and_not_made_again(self):
        start, end = BASE.index("    netstack vmotion"), len(BASE)
        self.check(BASE, BASE[:start] + BASE[end:], [["no netstack vmotion"]], [])

    def test_an_interface_is_removed_from_its_stack(self):
        self.change(
            "     interface vmk2\n      link dummy\n     exit\n",
            "",
            [["netstack vmotion", " no interface vmk2", "exit"]],
            [],
        )

    def test_an_interface_moves_to_another_stack(self):
        block = "     interface vmk2\n      link dummy\n     exit\n"
        self.check(
            BASE,
            BASE.replace(block, "") + "netstack b\n" + textwrap.dedent(block) + "exit\n",
            [["netstack vmotion", " no interface vmk2", "exit"]],
            [
                ["netstack b", "exit"],
                ["netstack b", " interface vmk2", " exit", "exit"],
                ["netstack b", " interface vmk2", "  link dummy", " exit", "exit"],
            ],
        )

    def test_lines_of_default_are_removed_but_not_default(self):
        self.change(
            "    netstack default\n     default-gateway 192.0.2.1\n    exit\n",
            "",
            [["netstack default", " no default-gateway 192.0.2.1", "exit"]],
            [],
        )

    def test_one_of_a_kind_is_overwritten(self):
        self.change(
            "table 2001", "table 2002", [], [["netstack vmotion", " table 2002", "exit"]]
        )
        self.change(
            "link vlan 20 parent eth1",
            "link vlan 21 parent eth1",
            [],
            [["netstack vmotion", " interface vmk1", "  link vlan 21 parent eth1", " exit", "exit"]],
        )
        self.change(
            "table-range 2000 2999",
            "table-range 3000 3999",
            [],
            [["netstack-global table-range 3000 3999"]],
        )

    def test_the_settings_of_a_next_hop_are_overwritten(self):
        self.change(
            "distance 9 track icmp interval 500",
            "track arp",
            [],
            [["netstack vmotion", " default-gateway 10.20.0.2 interface vmk1 track arp", "exit"]],
        )
        self.change(
            "route 10.99.0.0/16 10.20.0.2 interface vmk1 distance 5",
            "route 10.99.0.0/16 10.20.0.2 interface vmk1 distance 6",
            [],
            [
                [
                    "netstack vmotion",
                    " route 10.99.0.0/16 10.20.0.2 interface vmk1 distance 6",
                    "exit",
                ]
            ],
        )
        self.change(
            " track bfd profile wan",
            "",
            [],
            [["netstack vmotion", " default-gateway 2001:db8:20::1", "exit"]],
        )
        self.change(
            "     default-gateway 2001:db8:20::1 track bfd profile wan\n",
            "",
            [
                [
                    "netstack vmotion",
                    " no default-gateway 2001:db8:20::1 track bfd profile wan",
                    "exit",
                ]
            ],
            [],
        )

    def test_one_of_a_kind_is_removed(self):
        self.change(
            "      mtu 9000\n",
            "",
            [["netstack vmotion", " interface vmk1", "  no mtu 9000", " exit", "exit"]],
            [],
        )
        self.change(
            "    netstack-global table-range 2000 2999\n",
            "",
            [["no netstack-global table-range 2000 2999"]],
            [],
        )

    def test_a_value_of_one_stack_does_not_keep_that_of_another(self):
        self.check(
            "netstack a\n table 5\nexit\nnetstack b\nexit\n",
            "netstack a\nexit\nnetstack b\n table 5\nexit\n",
            [["netstack a", " no table 5", "exit"]],
            [["netstack b", " table 5", "exit"]],
        )

    def test_any_of_several_is_replaced(self):
        self.change(
            "address 2001:db8:20::11/64",
            "address 2001:db8:20::12/64",
            [
                [
                    "netstack vmotion",
                    " interface vmk1",
                    "  no address 2001:db8:20::11/64",
                    " exit",
                    "exit",
                ]
            ],
            [
                [
                    "netstack vmotion",
                    " interface vmk1",
                    "  address 2001:db8:20::12/64",
                    " exit",
                    "exit",
                ]
            ],
        )
        self.change(
            "route 10.99.0.0/16 10.20.0.2 interface vmk1 distance 5",
            "route 10.99.0.0/16 10.20.0.3",
            [
                [
                    "netstack vmotion",
                    " no route 10.99.0.0/16 10.20.0.2 interface vmk1 distance 5",
                    "exit",
                ]
            ],
            [["netstack vmotion", " route 10.99.0.0/16 10.20.0.3", "exit"]],
        )

    def test_a_description_is_removed_without_its_text(self):
        start = BASE.index("     description vMotion")
        end = BASE.index("     table 2001")
        self.check(
            BASE,
            BASE[:start] + BASE[end:],
            [["netstack vmotion", " no description", "exit"]],
            [],
        )

    def test_a_description_that_looks_like_configuration_is_text(self):
        for text in (
            "interface vmk9",
            "exit",
            "ip pim ssm 1",
            "neighbor x ebgp-multihop 255",
            "fe80:0::1 aa:BB:cc:dd:ee:ff",
            "no",
        ):
            line = "netstack a\n description %s\nexit\n" % text
            self.check(line, line, [], [])
            self.check(
                "", line, [], [["netstack a", "exit"], ["netstack a", " description " + text, "exit"]]
            )

    def test_the_rest_of_frr_is_as_it_was(self):
        self.change(
            "    hostname r1\n",
            "    hostname r2\n",
            [["no hostname r1"]],
            [["hostname r2"]],
        )


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
