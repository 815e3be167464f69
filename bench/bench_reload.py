# SPDX-License-Identifier: GPL-2.0-or-later
"""
reload: frr-reload.py, as `systemctl reload frr` calls it, that adds, and then deletes, half of
`--stacks`; against the same lines in one vtysh, each a commit of its own.
"""

import contextlib
import re

import stacks
from bench_remove import check_nothing, timed_remove
from frr import CONFIG, RUN, Wrong, write_config
from harness import alternate, check_all, fresh_frr, run, timed_create, wait_idle
from report import ratio

TITLE = "frr-reload.py that adds stacks, and deletes them"
BACKENDS = ("vrf",)
RELOAD = ("/usr/lib/frr/frr-reload.py", "--reload", "--bindir", "/usr/bin", "--confdir", "/etc/frr")
RUNS = 1  # it takes some minutes to delete 500
SECONDS = 30


def reload(config):
    write_config("frr defaults traditional\n" + config)
    said = run(*RELOAD, "--rundir", RUN, "--stdout", CONFIG)
    if re.search(r"^% |Failed to execute|ERROR", said, re.M):
        raise Wrong(f"frr-reload.py: {said[-1000:]}")


def type_lines(config):
    """As somebody would who pastes it: vtysh reads line after line, and each is a commit."""
    said = run("vtysh", text="configure terminal\n" + config + "end\n")
    if re.search(r"^ *%", said, re.M):
        raise Wrong(f"vtysh: {said[:1000]}")


def removal(which):
    return "".join(f"no netstack {s.name}\n" for s in which)


class Pair:
    """One way to add stacks, and to delete those again: two sides, which go in this order."""

    def __init__(self, count, add, delete):
        self.which = stacks.stacks(count)
        self.make = {"add": add, "delete": delete}
        self.running = contextlib.ExitStack()

    def adding(self):
        self.frr = self.running.enter_context(fresh_frr("netstackd"))
        config = stacks.netstack_config(self.which)
        sample = timed_create(self.frr, self.which, lambda: self.make["add"](config))
        wait_idle(self.frr)
        check_all(self.frr, self.which)
        return sample

    def deleting(self):
        with self.running:
            sample = timed_remove(self.frr, lambda: self.make["delete"](removal(self.which)))
            wait_idle(self.frr)
            check_nothing(self.frr)
            stacks.check_netstackd(self.frr.vty("netstackd"), [])
        return sample


def bench(options):
    count = max(1, options.stacks // 2)
    pairs = {
        "frr-reload.py": Pair(count, reload, lambda _: reload("")),
        "line by line": Pair(count, type_lines, type_lines),
    }
    sides = {}
    for name, pair in pairs.items():
        sides.update({f"{name}, adding": pair.adding, f"{name}, deleting": pair.deleting})
    try:
        samples = alternate(sides, options.runs)
    finally:
        for pair in pairs.values():
            pair.running.close()
    return {
        "parameters": {"stacks": count},
        "sides": samples,
        "values": [
            (f"slowest, {what}", round(slowest(samples, what), 2), f"s (to reach: {SECONDS})")
            for what in ("adding", "deleting")
        ],
        "ratios": [
            (f"{what}: frr-reload.py / line by line", ratio_of(samples, what), "less than 1")
            for what in ("adding", "deleting")
        ],
    }


def slowest(samples, what):
    return max(sample["seconds"] for sample in samples[f"frr-reload.py, {what}"])


def ratio_of(samples, what):
    return ratio(samples, f"frr-reload.py, {what}", f"line by line, {what}")
