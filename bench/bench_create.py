# SPDX-License-Identifier: GPL-2.0-or-later
"""
create: full stacks, from one command to everything in the kernel and in zebra.
"""

import peers
import stacks
from harness import (
    File,
    alternate,
    check_all,
    floor_create,
    fresh_frr,
    run,
    run_vtysh_file,
    timed_create,
    wait_idle,
)
from report import ratio

TITLE = "full stacks, from one command to everything in kernel and zebra"
SIDES = ("netstack", "floor", "ip and staticd", "systemd-networkd", "ifupdown2")
BACKENDS = ("vrf",)
RUNS = 3
TARGETS = {
    "floor": "at most 1.25",
    "ip and staticd": None,
    "systemd-networkd": "at most 0.2",
    "ifupdown2": None,
}


def netstack(count):
    """One vtysh -f."""
    which = stacks.stacks(count)
    with fresh_frr("netstackd") as frr, File(stacks.netstack_config(which)) as config:
        sample = timed_create(frr, which, lambda: run_vtysh_file(config))
        wait_idle(frr)
        check_all(frr, which)
        return sample


def floor(count):
    """bench/floor.c, with FRR running that has nothing to do but to learn of it."""
    which = stacks.stacks(count)
    with fresh_frr() as frr:
        sample = timed_create(frr, which, lambda: floor_create(frr, count))
        stacks.check_kernel(which)
        stacks.check_zebra(frr.vty("zebra"), which)
        return sample


def ip_and_staticd(count):
    """What one would do without netstack: links by ip -batch, gateways by vtysh -f in staticd."""
    which = stacks.stacks(count)

    def make():
        run("ip", "-batch", links)
        run_vtysh_file(routes)

    with fresh_frr() as frr, File(stacks.ip_batch(which), ".ip") as links:
        with File(stacks.staticd_config(which)) as routes:
            sample = timed_create(frr, which, make)
            stacks.check_kernel(which, marked=False)
            stacks.check_zebra(frr.vty("zebra"), which)
            return sample


def networkd(count):
    """Its start, with the stacks in its files; FRR's part as the floor's."""
    which = stacks.stacks(count)
    with fresh_frr() as frr, peers.Networkd(which) as daemon:
        sample = timed_create(frr, which, daemon.start)
        daemon.expect_alive()
        stacks.check_kernel(which, marked=False)
        stacks.check_zebra(frr.vty("zebra"), which)
        return sample


def ifupdown(count):
    """ifup -a, as often as it takes."""
    which = stacks.stacks(count)
    calls = []
    with fresh_frr() as frr, peers.Ifupdown(which) as peer:
        sample = timed_create(frr, which, lambda: calls.append(peer.start()))
        stacks.check_kernel(which, marked=False)
        stacks.check_zebra(frr.vty("zebra"), which)
        return {**sample, "calls": calls[0]}


def bench(options):
    functions = dict(zip(SIDES, (netstack, floor, ip_and_staticd, networkd, ifupdown)))
    chosen = options.sides or SIDES
    sides = {
        name: (lambda function=function: function(options.stacks))
        for name, function in functions.items()
        if name in chosen
    }
    samples = alternate(sides, options.runs, once=("systemd-networkd", "ifupdown2"))
    return {
        "parameters": {"stacks": options.stacks},
        "sides": samples,
        "values": [
            ("calls of ifup -a that it took, most", max(sample["calls"] for sample in samples[side]), "")
            for side in samples
            if side == "ifupdown2"
        ],
        "ratios": [
            (f"netstack / {other}", ratio(samples, "netstack", other), target)
            for other, target in TARGETS.items()
            if other in samples and "netstack" in samples
        ],
    }
