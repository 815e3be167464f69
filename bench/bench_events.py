# SPDX-License-Identifier: GPL-2.0-or-later
"""
events: links that flap, all over the stacks.
"""

import machine
import stacks
from frr import Wrong, wait_for
from harness import SETTLE_SECONDS, alternate, check_all, program, run, running_stacks, wait_idle

TITLE = "link flaps, from the first to all in order again"
BACKENDS = ("vrf",)
FLAPS = 10000
SECONDS = 10
LAST = "after0"  # a link that is made after the last flap


def in_order(frr, which):
    """
    In the kernel and zebra. zebra alone would say so as long as it has not read that the links went
    down, and with them the routes.
    """
    try:
        stacks.check_kernel(which)
    except Wrong:
        return False
    return not stacks.problems_in_zebra(frr.vty("zebra"), which)


def has_read_all(frr):
    """zebra, of the flaps: it reads them in turn, and may be in order between two of a link's."""
    return "index" in frr.vty("zebra")(f"show interface {LAST}")


def flap(frr, which, flaps):
    """Down and up, one link after the other, over SECONDS; until all is well again."""
    before, start = machine.Cpu(), machine.now()
    run(program("floor"), "flap", "1", str(len(which)), str(flaps), str(SECONDS))
    flapped = machine.now() - start
    run("ip", "link", "add", LAST, "type", "dummy")
    wait_for(lambda: has_read_all(frr), "zebra to have read all", SETTLE_SECONDS, longest=1)
    read = machine.now() - start
    run("ip", "link", "del", LAST)
    wait_for(lambda: in_order(frr, which), "all in order again", SETTLE_SECONDS, interval=0.1)
    sample = {
        "seconds": machine.now() - start,
        "parts": {"flapping": round(flapped, 3), "read by zebra": round(read, 3)},
        "cpu": machine.Cpu().since(before),
    }
    wait_idle(frr)
    check_all(frr, which)
    sample["memory"] = machine.memory_kb(frr.pids["netstackd"])["RssAnon"]
    return sample


def bench(options):
    flaps = FLAPS if options.stacks >= 100 else 10 * options.stacks
    with running_stacks(options.stacks) as (frr, which, _):
        flap(frr, which, flaps)  # what it takes once and keeps
        before = machine.memory_kb(frr.pids["netstackd"])["RssAnon"]
        samples = alternate({"flaps": lambda: flap(frr, which, flaps)}, options.runs)
    grown = samples["flaps"][-1]["memory"] - before
    if grown > max(1024, before // 10):
        raise Wrong(f"netstackd's memory has grown by {grown} kB")
    return {
        "parameters": {"stacks": options.stacks, "flaps": flaps, "seconds": SECONDS},
        "sides": samples,
        "values": [("growth of netstackd's memory", grown, f"kB of {before}")],
        "ratios": [],
    }
