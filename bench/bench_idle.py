# SPDX-License-Identifier: GPL-2.0-or-later
"""
idle: what netstackd does when there is nothing to do.
"""

import re
import time

from harness import check_all, running_stacks

TITLE = "netstackd with nothing to do"
BACKENDS = ("vrf",)
SECONDS = 60


def wakeups(pid):
    """How often the process has given up its processor by itself: it woke up once for each."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.M)[1])


def bench(options):
    with running_stacks(options.stacks) as (frr, which, _):
        # the bench's own question is over: a moment after one netstackd gives memory back (netstack_trim.c)
        time.sleep(1)
        before = {daemon: wakeups(pid) for daemon, pid in frr.pids.items()}
        time.sleep(SECONDS)  # what is measured is the time in which nothing happens
        woken = {daemon: wakeups(pid) - before[daemon] for daemon, pid in frr.pids.items()}
        check_all(frr, which)
    values = [
        (f"wake-ups of {daemon}", count, "(to reach: 0)" if daemon == "netstackd" else "")
        for daemon, count in woken.items()
    ]
    return {
        "parameters": {"stacks": options.stacks, "seconds": SECONDS},
        "sides": {},
        "values": values,
        "ratios": [],
        "bars": {"unit": f"wake-ups in {SECONDS} s", "values": woken},
    }
