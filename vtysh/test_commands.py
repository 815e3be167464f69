#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
test_commands.py [--frr FRR-BUILD] [--packaged VTYSH] [--ours VTYSH]

The vtysh built here has every command of the packaged one, unchanged: the same
grammar, the same help, for the same daemons, in the same nodes.  What it has besides
is netstack's.  Both are read as binaries and asked with `find`; no daemon runs.
"""

import argparse
import collections
import os
import re
import subprocess
import sys
import unittest

DAEMON = "netstackd"
FLAG = "VTYSH_NETSTACKD"


def arguments():
    builddir = os.environ.get("top_builddir", ".")
    diverted = "/usr/bin/vtysh.frr"
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[1])
    parser.add_argument("--frr", default=os.path.join(builddir, "frr"))
    parser.add_argument(
        "--packaged", default=diverted if os.path.exists(diverted) else "/usr/bin/vtysh"
    )
    parser.add_argument("--ours", default=os.path.join(builddir, "vtysh", "vtysh"))
    parser.add_argument("rest", nargs="*")
    return parser.parse_args()


ARGS = arguments()
if not sys.executable or "clippy" not in os.path.basename(os.readlink("/proc/self/exe")):
    # FRR's reader of binaries needs the Python that is inside FRR's clippy
    CLIPPY = os.path.join(ARGS.frr, "lib", "clippy")
    os.execv(CLIPPY, [CLIPPY, os.path.abspath(__file__), *sys.argv[1:]])

sys.path.insert(0, os.path.join(ARGS.frr, "python"))
import xrelfo  # noqa: E402  pylint: disable=wrong-import-position,import-error

Command = collections.namedtuple("Command", "name string doc attr daemons")


def commands(binary):
    """all commands of a vtysh, as a multiset"""
    reader = xrelfo.Xrelfo()
    xrelfo.elf_notes = False
    reader.load_file(binary)
    found = collections.Counter()
    # pylint: disable-next=protected-access
    for xref in reader._xrefs:
        element = xref.container()
        if isinstance(element, xrelfo.CmdElement):
            found[
                Command(
                    element.name,
                    element.string,
                    element.doc,
                    element.attr,
                    element.daemon & 0xFFFFFFFF,
                )
            ] += 1
    return found


def flags(header):
    """the flags of vtysh.h: of our daemon, of VTYSH_ALL, and of VTYSH_ACL_CONFIG"""
    with open(header) as file:
        text = file.read()
    value = {n: int(v, 16) for n, v in re.findall(r"#define (VTYSH_\w+)\s+(0x\w+)", text)}

    def all_of(name):
        members = re.search(r"#define %s\b((?:.*\\\n)+.*)" % name, text)[1]
        return sum(value[member] for member in re.findall(r"VTYSH_\w+", members))

    return value[FLAG], all_of("VTYSH_ALL"), all_of("VTYSH_ACL_CONFIG")


def without_our_daemon(text):
    """lists of daemons have one more: that is the one change of their commands"""
    text = text.replace("|%s>" % DAEMON, ">")
    return text.replace("For the %s daemon\n" % DAEMON, "")


def as_packaged(command, ours, every, filters):
    """what our command would be in the packaged vtysh"""
    daemons = command.daemons
    if daemons & every == every:
        daemons &= ~ours
        if command.daemons == 0xFFFFFFFF:
            daemons = command.daemons
    elif daemons == filters:
        daemons &= ~ours
    return command._replace(
        string=without_our_daemon(command.string),
        doc=without_our_daemon(command.doc),
        daemons=daemons,
    )


def differences(theirs, ours):
    """(dropped or changed, added)"""
    return list((theirs - ours).elements()), list((ours - theirs).elements())


def brief(commands_):
    """the first few of what differs, for the message of a failed test"""
    return ["%s: %s" % (c.name, c.string[:100]) for c in list(commands_)[:5]]


def find_all(vtysh):
    """each command with its node, as `find` prints them"""
    output = subprocess.run(
        [vtysh, "-C", "-c", "find .*"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    ).stdout
    return [line for line in output.splitlines() if line.startswith("  (")]


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        header = os.path.join(os.path.dirname(ARGS.ours), "vtysh.h")
        cls.flag, cls.every, cls.filters = flags(header)
        cls.theirs = commands(ARGS.packaged)
        cls.ours_raw = commands(ARGS.ours)
        cls.ours = collections.Counter()
        for command, count in cls.ours_raw.items():
            cls.ours[as_packaged(command, cls.flag, cls.every, cls.filters)] += count

    def test_all_of_theirs_are_there_unchanged(self):
        self.assertGreater(len(self.theirs), 3000)
        dropped, _ = differences(self.theirs, self.ours)
        self.assertEqual(brief(dropped), [])

    def test_what_is_added_is_for_netstackd(self):
        _, added = differences(self.theirs, self.ours)
        self.assertNotEqual(added, [])
        for command in added:
            self.assertEqual(command.daemons, self.flag, brief([command]))

    def test_the_comparison_sees_a_command_that_is_dropped(self):
        one_less = self.ours.copy()
        victim = next(iter(self.theirs))
        del one_less[victim]
        self.assertIn(victim, differences(self.theirs, one_less)[0])

    def test_the_comparison_sees_changed_help_and_daemons(self):
        victim = next(iter(self.theirs))
        for change in ({"doc": "else\n"}, {"daemons": victim.daemons ^ 1}):
            changed = self.ours.copy()
            del changed[victim]
            changed[victim._replace(**change)] += 1
            self.assertIn(victim, differences(self.theirs, changed)[0])

    def test_commands_of_every_daemon_go_to_netstackd_too(self):
        for command in self.ours_raw:
            if command.daemons & self.every & ~self.flag == self.every & ~self.flag:
                self.assertTrue(command.daemons & self.flag, brief([command]))

    def test_prefix_lists_go_to_netstackd_too(self):
        for string in ("ip prefix-list ", "no ip prefix-list ", "ipv6 prefix-list "):
            configuring = [
                command
                for command in self.ours_raw
                if command.string.startswith(string) and command.daemons == self.filters
            ]
            self.assertNotEqual(configuring, [], string)

    def test_all_of_theirs_are_in_their_nodes_in_their_order(self):
        theirs = find_all(ARGS.packaged)
        self.assertGreater(len(theirs), 5000)
        ours = (without_our_daemon(line) for line in find_all(ARGS.ours))
        missing = [line for line in theirs if not any(line == other for other in ours)]
        self.assertEqual(missing[:1], [])

    def test_what_is_added_to_nodes_is_netstack(self):
        theirs = collections.Counter(find_all(ARGS.packaged))
        ours = collections.Counter(map(without_our_daemon, find_all(ARGS.ours)))
        for line in ours - theirs:
            self.assertRegex(line, r"^  \(netstack|\bnetstack")


class Flags(unittest.TestCase):
    def test_netstackd_is_compiled_as_configured(self):
        "With what the tables of commands are compiled nothing else is, though they are made of its binary"
        builddir = os.path.dirname(os.path.dirname(os.path.abspath(ARGS.ours)))
        with open(os.path.join(builddir, "Makefile"), encoding="utf-8") as file:
            flags = re.search(r"^HARDEN_CFLAGS = (.*)$", file.read(), re.M)[1]
        if "-fstack-protector" not in flags:
            self.skipTest("the compiler has no -fstack-protector")
        symbols = subprocess.run(
            ["nm", "-D", os.path.join(builddir, "netstackd", "netstackd")],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self.assertIn("__stack_chk_fail", symbols)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *ARGS.rest])
