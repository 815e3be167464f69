# SPDX-License-Identifier: GPL-2.0-or-later
"""
memory: of netstackd with no stack, with some, and with four times as many.
"""

from harness import running_stacks, say, settled_memory

TITLE = "memory of netstackd"
BACKENDS = ("vrf",)


def memory(count):
    """{daemon: kB that are its own}, with that many stacks in force."""
    with running_stacks(count) as (frr, _, _):
        used = settled_memory(frr)
    say(f"  {count} stacks: " + ", ".join(f"{daemon} {kb} kB" for daemon, kb in used.items()))
    return used


def bench(options):
    counts = (0, options.stacks, 4 * options.stacks)
    used = {count: memory(count) for count in counts}
    values = [(f"netstackd, {count:,} stacks", used[count]["netstackd"], "kB") for count in counts]
    each = {
        daemon: round((used[counts[-1]][daemon] - used[0][daemon]) / counts[-1], 1)
        for daemon in used[0]
    }
    for daemon, kb in each.items():
        target = " (to reach: at most 8)" if daemon == "netstackd" else ""
        values.append((f"{daemon}, a stack", kb, f"kB{target}"))
    return {
        "parameters": {"stacks": options.stacks},
        "sides": {},
        "values": values,
        "ratios": [],
        "bars": {"unit": "kB a stack", "values": each},
    }
