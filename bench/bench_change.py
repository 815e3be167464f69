# SPDX-License-Identifier: GPL-2.0-or-later
"""
change: one line in one stack, from Enter to the kernel, among many stacks and among ten.

Enter: in a vtysh that is connected already. What is timed is the daemon's part of a line, by its own
vty: the way that the line takes from vtysh on.
"""

import machine
from frr import Wrong
from harness import Settle, alternate, check_all, running_stacks, wait_idle
from report import median_of, ratio

TITLE = "one line in one stack, from Enter to the kernel"
BACKENDS = ("vrf",)
FEW = 10
LINES = 20


class Line:
    """A neighbour that is added, and removed again, in one stack after the other."""

    def __init__(self, frr, which):
        self.frr = frr
        self.which = which
        self.next = 0

    def __call__(self):
        s = self.which[self.next * 7 % len(self.which)]
        self.next += 1
        line = f"arp {s.prefix}.77 02:00:00:00:00:77 interface {s.member}"
        sample = self.turn(s, line, 2 * len(self.which) + 1)
        self.turn(s, f"no {line}", 2 * len(self.which))
        return sample

    def turn(self, s, line, neighbors):
        """The line, until the kernel has so many neighbours."""
        vty = self.frr.vty("netstackd")
        vty("configure terminal")
        vty(f"netstack {s.name}")
        with Settle(neighbor=neighbors) as settle:
            before, start = machine.Cpu(), machine.now()
            said = vty(line)
            complete = settle.wait()["neighbor"]
            cpu = machine.Cpu().since(before)
        vty("end")
        if said.strip():
            raise Wrong(f"{line}: {said}")
        return {"seconds": max(complete - start, 0), "cpu": cpu}


def lines(count, number):
    """That many samples, among that many stacks."""
    with running_stacks(count) as (frr, which, _):
        line = Line(frr, which)
        samples = alternate({f"one of {count:,}": line}, number)
        wait_idle(frr)
        check_all(frr, which)
    return samples


def bench(options):
    number = options.runs * LINES
    samples = {**lines(FEW, number), **lines(options.stacks, number)}
    few, many = samples
    return {
        "parameters": {"lines": number},
        "sides": samples,
        "values": [(f"median, {many}", round(1000 * median_of(samples[many]), 1), "ms (to reach: 20)")],
        "ratios": [(f"{many} / {few}", ratio(samples, many, few), "at most 1.5")],
    }
