#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
The shell tool `netstack`, with a vtysh and an ip that only say what they were asked.
"""

import json
import os
import subprocess
import tempfile
import textwrap
import unittest

TOOL = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "tools", "netstack"))

# A name in /run/netns, as far as the tool looks.
NAMESPACE = "test-%d" % os.getpid()

# lo stands for a VRF device: it is the one device that is there everywhere
STACKS = {
    "default": {"state": "up", "reason": "", "vrf": "default", "backend": "vrf"},
    "vmotion": {"state": "up", "reason": "", "vrf": "lo", "backend": "vrf"},
    "storage": {"state": "down", "reason": "no table", "vrf": "absent0", "backend": "vrf"},
    "guests": {"state": "shutdown", "reason": "", "vrf": "lo", "backend": "vrf"},
    "backup": {"state": "up", "reason": "", "vrf": NAMESPACE, "backend": "netns"},
    "sales": {"state": "down", "reason": "not ours", "vrf": "absent0", "backend": "netns"},
}


class Netstack(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bin = folder.name
        self.answer(json.dumps(STACKS))
        self.program("ip", 'echo ip "$1 $2 $3"; shift 3; exec "$@"')

    def program(self, name, script):
        path = os.path.join(self.bin, name)
        with open(path, "w") as file:
            file.write("#!/bin/sh\n" + script + "\n")
        os.chmod(path, 0o755)

    def answer(self, text, status=0):
        with open(os.path.join(self.bin, "answer"), "w") as file:
            file.write(text)
        self.program(
            "vtysh",
            '[ "$*" = "-c show netstack json" ] || exit 9\ncat %s/answer\nexit %d'
            % (self.bin, status),
        )

    def run_tool(self, *args):
        return subprocess.run(
            [TOOL, *args],
            env={**os.environ, "PATH": self.bin + ":" + os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )

    def refused(self, says, *args, status=125):
        result = self.run_tool(*args)
        self.assertIn(says, result.stderr)
        self.assertEqual((result.stdout, result.returncode), ("", status))

    def test_list_says_name_state_and_vrf(self):
        self.assertEqual(
            self.run_tool("list").stdout,
            textwrap.dedent(
                """\
                NAME     STATE     VRF
                default  up        default
                vmotion  up        lo
                storage  down      absent0
                guests   shutdown  lo
                backup   up        %s
                sales    down      absent0
                """
                % NAMESPACE
            ),
        )

    def test_list_reads_an_answer_longer_than_any_buffer(self):
        self.answer(json.dumps({"s%d" % i: STACKS["vmotion"] for i in range(5000)}))
        self.assertEqual(self.run_tool("list").stdout.count("\n"), 5001)

    @unittest.skipIf(os.geteuid(), "entering a stack takes root")
    def test_exec_runs_in_the_vrf_of_the_stack(self):
        for separator in ([], ["--"]):
            result = self.run_tool("exec", "vmotion", *separator, "sh", "-c", 'echo "$0|$1"', "a b", "-c")
            self.assertEqual(result.stdout, "ip vrf exec lo\na b|-c\n")

    @unittest.skipIf(os.geteuid(), "entering a stack takes root")
    def test_exec_runs_in_the_namespace_of_the_stack(self):
        os.makedirs("/run/netns", exist_ok=True)
        path = os.path.join("/run/netns", NAMESPACE)
        with open(path, "w"):
            self.addCleanup(os.unlink, path)
        result = self.run_tool("exec", "backup", "sh", "-c", "echo here; exit 7")
        said = "ip netns exec %s\nhere\n" % NAMESPACE
        self.assertEqual((result.stdout, result.returncode), (said, 7))

    @unittest.skipIf(os.geteuid(), "entering a stack takes root")
    def test_exec_passes_the_status_of_the_command(self):
        self.assertEqual(self.run_tool("exec", "vmotion", "sh", "-c", "exit 7").returncode, 7)
        self.assertEqual(self.run_tool("exec", "default", "sh", "-c", "exit 7").returncode, 7)

    @unittest.skipIf(os.geteuid(), "entering a stack takes root")
    def test_exec_says_that_a_command_cannot_be_run_as_a_shell_does(self):
        for stack in ("vmotion", "default"):
            for command, status in (("no-such-command", 127), ("/", 126), (self.bin + "/answer", 126)):
                result = self.run_tool("exec", stack, command, "x")
                self.assertIn("netstack: " + command, result.stderr)
                self.assertEqual(result.returncode, status)

    def test_exec_in_default_asks_nobody(self):
        self.answer("", 1)
        result = self.run_tool("exec", "default", "--", "echo", "--", "here")
        self.assertEqual((result.stdout, result.returncode), ("-- here\n", 0))
        self.refused("No such file", "exec", "default", "/no/such/command", status=127)

    @unittest.skipIf(os.geteuid(), "entering a stack takes root")
    def test_exec_refuses_what_nothing_can_run_in(self):
        self.refused("there is no stack nowhere", "exec", "nowhere", "true")
        self.refused("out of service (shutdown)", "exec", "guests", "true")
        self.refused("the VRF device absent0", "exec", "storage", "true")
        self.refused("no table", "exec", "storage", "true")
        self.refused("the namespace absent0", "exec", "sales", "true")
        self.refused("not ours", "exec", "sales", "true")

    @unittest.skipIf(os.geteuid(), "entering a stack takes root")
    def test_netstackd_not_running_is_said(self):
        for text, status in (("", 1), ("", 0), ("% Unknown command", 0), ("{", 0)):
            self.answer(text, status)
            self.refused("is it running?", "list")
            self.refused("is it running?", "exec", "vmotion", "true")

    def test_anything_else_is_answered_by_usage(self):
        for args in ([], ["exec"], ["exec", "vmotion"], ["exec", "vmotion", "--"], ["list", "x"]):
            self.refused("usage: netstack list", *args, status=2)


if __name__ == "__main__":
    unittest.main()
