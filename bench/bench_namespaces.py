# SPDX-License-Identifier: GPL-2.0-or-later
"""
namespaces: stacks that are network namespaces: made, found again by a netstackd that starts, and
removed, against iproute2. Half of `--stacks`, and all of them. Run it with --backend netns.

No program can watch so many namespaces, so the clock stops by what zebra and netstackd say. What is
said before it is true is found when the kernel is checked, object by object.
"""

import contextlib

import machine
import spaces
import stacks
from bench_restart import nothing_to_do, operations
from frr import Frr, Wrong, wait_for
from harness import SETTLE_SECONDS, File, alternate, run_vtysh_file, wait_idle
from report import ratio

TITLE = "stacks that are network namespaces: created, restarted, removed"
BACKENDS = ("netns",)
RUNS = 1  # takes some minutes with 1,000
SECONDS_FOR_ZEBRA = 30


def timed_until(make, condition, what):
    """A sample: from make() until condition() is true."""
    before, start = machine.Cpu(), machine.now()
    make()
    returned = machine.now()
    wait_for(condition, what, SETTLE_SECONDS, interval=0.02, longest=0.1)
    end = machine.now()
    return {
        "seconds": end - start,
        "parts": {"command": round(returned - start, 4)},
        "cpu": machine.Cpu().since(before),
    }


class Side:
    """Makes the stacks and removes them again: sides of the bench, which go in this order."""

    daemons = ()
    marked = False

    def __init__(self, count):
        self.count = count
        self.which = stacks.stacks(count)
        self.running = contextlib.ExitStack()

    def creating(self):
        self.running.enter_context(spaces.parent())
        self.frr = self.running.enter_context(Frr(self.daemons))
        sample = timed_until(self.create, self.known, "everything to be known")
        self.check()
        return sample

    def removing(self):
        with self.running:
            sample = timed_until(self.remove, self.forgotten, "everything to be forgotten")
            self.which = []
            self.check()
            self.frr.expect_alive()
        self.which = stacks.stacks(self.count)
        return sample

    def known(self):
        return not stacks.problems_in_zebra(self.frr.vty("zebra"), self.which)

    def forgotten(self):
        return not spaces.names() and not stacks.vrfs_in_zebra(self.frr.vty("zebra"))

    def check(self):
        spaces.check_kernel(self.which, self.marked)
        stacks.check_zebra(self.frr.vty("zebra"), self.which)


class Netstack(Side):
    """One vtysh -f for each."""

    daemons = ("netstackd",)
    marked = True

    def create(self):
        with File(spaces.config(self.which)) as file:
            run_vtysh_file(file)

    def remove(self):
        with File("".join(f"no netstack {s.name}\n" for s in self.which)) as file:
            run_vtysh_file(file)

    def known(self):
        return nothing_to_do(self.frr, self.count) and super().known()

    def forgotten(self):
        return nothing_to_do(self.frr, 0) and super().forgotten()

    def check(self):
        wait_idle(self.frr)
        super().check()
        stacks.check_netstackd(self.frr.vty("netstackd"), self.which)

    def restarting(self):
        self.frr.stop_daemon("netstackd")

        def start():
            self.frr.start_daemon("netstackd")
            self.create()

        sample = timed_until(start, lambda: nothing_to_do(self.frr, self.count), "nothing to do")
        self.check()
        return {**sample, "operations": operations(self.frr)}


class Iproute(Side):
    """
    iproute2, until the kernel has everything, while zebra learns of it. zebra is not waited for: when
    `ip netns add` makes very many, it takes seconds to look again for those that were not mounted yet
    when it first looked, and some it never learns of. How many is told. When they go it is waited for:
    until zebra lets go of a namespace it is there, whoever took its name away.
    """

    def creating(self):
        self.batch = self.running.enter_context(spaces.IpBatch(self.which))
        sample = super().creating()
        with contextlib.suppress(Wrong):
            wait_for(super().known, "zebra", SECONDS_FOR_ZEBRA, interval=0.5)
        known = stacks.vrfs_in_zebra(self.frr.vty("zebra"))
        return {**sample, "unknown": len({s.name for s in self.which} - known)}

    def known(self):
        return True

    def check(self):
        spaces.check_kernel(self.which, self.marked)

    def create(self):
        self.batch.create()

    def remove(self):
        self.batch.remove()


def sides_of(count):
    netstack, iproute = Netstack(count), Iproute(count)
    return [netstack, iproute], {
        f"netstack, {count:,}: create": netstack.creating,
        f"netstack, {count:,}: restart": netstack.restarting,
        f"netstack, {count:,}: remove": netstack.removing,
        f"iproute2, {count:,}: create": iproute.creating,
        f"iproute2, {count:,}: remove": iproute.removing,
    }


def measure(count, runs):
    made, sides = sides_of(count)
    try:
        return alternate(sides, runs)
    finally:
        for side in made:
            side.running.close()


def most(samples, key):
    return max(sample.get(key, 0) for taken in samples.values() for sample in taken)


def bench(options):
    counts = sorted({max(1, options.stacks // 2), options.stacks})
    samples = {}
    for count in counts:
        samples.update(measure(count, options.runs))
    return {
        "parameters": {"stacks": " and ".join(f"{count:,}" for count in counts)},
        "sides": samples,
        "values": [
            ("writes to the kernel by a restart, most", most(samples, "operations"), "(to reach: 0)"),
            (
                f"of iproute2's, unknown to zebra after {SECONDS_FOR_ZEBRA} s, most",
                most(samples, "unknown"),
                "",
            ),
        ],
        "ratios": [
            (
                f"{what} of {count:,}: netstack / iproute2",
                ratio(samples, f"netstack, {count:,}: {what}", f"iproute2, {count:,}: {what}"),
                None,
            )
            for what in ("create", "remove")
            for count in counts
        ],
    }
