# SPDX-License-Identifier: GPL-2.0-or-later
"""
remove: all stacks, from one command to nothing left in kernel and zebra.
"""

import re

import machine
import stacks
from frr import Wrong, wait_for
from harness import (
    File,
    Settle,
    alternate,
    floor_create,
    fresh_frr,
    program,
    run,
    run_vtysh_file,
    running_stacks,
    wait_for_zebra,
    wait_idle,
)
from report import ratio

TITLE = "all stacks, from one command to nothing left in kernel and zebra"
BACKENDS = ("vrf",)


def timed_remove(frr, make):
    with Settle(vrf=0, member=0, address=0, neighbor=0) as settle:
        before, start = machine.Cpu(), machine.now()
        make()
        returned = machine.now()
        complete = settle.wait()
        zebra = wait_for(
            lambda: not stacks.vrfs_in_zebra(frr.vty("zebra")) and machine.now(),
            "zebra to have forgotten all VRFs",
            seconds=300,
            interval=0.02,
        )
        cpu = machine.Cpu().since(before)
    end = max(zebra, returned, *complete.values())
    return {
        "seconds": end - start,
        "parts": {"command": round(returned - start, 4), "zebra": round(zebra - start, 4)},
        "cpu": cpu,
    }


def check_nothing(frr):
    """Nothing of any stack: links, routes in tables of theirs, neighbours."""
    stacks.check_kernel([])
    left = [key for key in stacks.Kernel().routes if re.fullmatch(r"s\d+|[1-9]\d{3,}", key[1])]
    if left:
        raise Wrong(f"routes are left in tables {left[:5]}")
    frr.expect_alive()


def netstack(count):
    which = stacks.stacks(count)
    removal = "".join(f"no netstack {s.name}\n" for s in which)
    with running_stacks(count) as (frr, _, _):
        with File(removal) as file:
            sample = timed_remove(frr, lambda: run_vtysh_file(file))
        wait_idle(frr)
        check_nothing(frr)
        stacks.check_netstackd(frr.vty("netstackd"), [])
        return sample


def by_others(count, remove):
    """Stacks of bench/floor.c that remove(which) is to remove."""
    which = stacks.stacks(count)
    with fresh_frr() as frr:
        floor_create(frr, count)
        wait_for_zebra(frr, which)
        stacks.check_kernel(which)
        sample = timed_remove(frr, lambda: remove(which))
        check_nothing(frr)
        return sample


def floor(count):
    """As fast as it goes, stack by stack."""
    return by_others(count, lambda _: run(program("floor"), "remove", "1", str(count)))


def ip_batch(count):
    """At the pace and in the order that zebra needs the least time for."""

    def remove(which):
        with File(stacks.ip_batch_removal(which), ".ip") as file:
            run("ip", "-batch", file)

    return by_others(count, remove)


SIDES = {"netstack": netstack, "floor": floor, "ip -batch": ip_batch}


def bench(options):
    sides = {
        name: (lambda side=side: side(options.stacks))
        for name, side in SIDES.items()
        if name in (options.sides or SIDES)
    }
    samples = alternate(sides, options.runs)
    return {
        "parameters": {"stacks": options.stacks},
        "sides": samples,
        "ratios": [
            (f"netstack / {other}", ratio(samples, "netstack", other), "at most 1.5")
            for other in SIDES
            if other != "netstack" and other in samples and "netstack" in samples
        ],
    }
