# SPDX-License-Identifier: GPL-2.0-or-later
"""
Programs that run on a node meanwhile, and what the kernel told of its changes while a test did
something.
"""

import contextlib
import os
import re

import netstack_util as util
from lib.topogen import get_topogen


class Background:
    """A program that runs on a node meanwhile and writes to a file."""

    number = 0

    def __init__(self, node, command):
        Background.number += 1
        self.node = node
        self.file = os.path.join(get_topogen().logdir, f"background-{Background.number}")
        self.command = command
        # its own process id, whatever shells and wrappers there are: they all exec
        script = f"echo $$ > {self.file}.pid; exec {command} > {self.file} 2>&1"
        util.sh(node, f"bash -c '{script}' < /dev/null > /dev/null 2>&1 &")

    def output(self):
        if not os.path.exists(self.file):
            return ""
        with open(self.file, encoding="utf-8", errors="replace") as file:
            return file.read()

    def pid(self):
        with open(f"{self.file}.pid", encoding="ascii") as file:
            return file.read().strip()

    def stop(self, signal):
        pid = self.pid()
        util.sh_status(self.node, f"kill -{signal} {pid}")
        util.wait_for(
            f"the end of {self.command}",
            lambda: "still there" if os.path.exists(f"/proc/{pid}") else None,
        )
        return self.output()


class Monitor:
    """
    `ip monitor` of the objects (`link` and others). `ip`: how ip is called for the namespace. All that
    happens from the constructor's return to stop() is seen.
    """

    def __init__(self, router, ip, objects):
        self.router = router
        self.ip = ip
        self.monitor = Background(router, f"{ip} -o monitor {objects}")
        self.mark("begin")

    def mark(self, name):
        """Makes a change of its own and waits until it is seen: all before it was seen then."""
        util.wait_for(
            f"ip monitor sees the mark {name}",
            lambda: None
            if name in self.monitor.output()
            else util.sh(
                self.router,
                f"{self.ip} link add {name} type veth peer name {name}-peer;"
                f" {self.ip} link del {name}",
            )
            or "not yet",
            interval=0.3,
        )

    def stop(self):
        """The lines, each of one change, without those of the marks."""
        self.mark("end")
        return [
            line
            for line in self.monitor.stop("TERM").splitlines()
            if not re.search(r"\b(begin|end)\b|^Error: Peer netns|^Dump was interrupted", line)
        ]


@contextlib.contextmanager
def routes_of(router, stack):
    """For a `with`: a list that has at its end what changed meanwhile where the stack's routes are."""
    changes = []
    monitor = Monitor(router, f"ip -n {stack}" if util.BACKEND == "netns" else "ip", "link route")
    yield changes
    changes += [line for line in monitor.stop() if not re.match(r"(Deleted )?\d+: ", line)]


@contextlib.contextmanager
def no_default_lost(router, stack, unused=()):
    """
    For a `with`: the kernel deletes no default route of the stack meanwhile, and makes none that
    goes by one of the gateways `unused`.
    """
    with routes_of(router, stack) as changes:
        yield
    assert not [line for line in changes if line.startswith("Deleted default")], changes
    for gateway in unused:
        assert not [line for line in changes if f"via {gateway} " in line], changes
