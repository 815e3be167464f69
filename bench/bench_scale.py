# SPDX-License-Identifier: GPL-2.0-or-later
"""
scale: create, with ever more stacks: how the cost of a stack grows.
"""

import bench_create
from harness import alternate, say
from report import median_of

TITLE = "create, with ever more stacks"
BACKENDS = ("vrf",)
STEPS = (0.25, 0.5, 1, 2, 4)


def bench(options):
    counts = [max(1, int(step * options.stacks)) for step in STEPS]
    samples, each = {}, {"netstack": [], "floor": []}
    for count in counts:
        say(f"  {count} stacks")
        sides = {
            f"netstack, {count:,}": lambda count=count: bench_create.netstack(count),
            f"floor, {count:,}": lambda count=count: bench_create.floor(count),
        }
        samples.update(alternate(sides, options.runs))
        for side, seconds in each.items():
            seconds.append(median_of(samples[f"{side}, {count:,}"]) / count)
    growth = {side: seconds[-1] / seconds[0] for side, seconds in each.items()}
    span = f"{counts[0]:,} to {counts[-1]:,}"
    return {
        "parameters": {"stacks": ", ".join(f"{count:,}" for count in counts)},
        "sides": samples,
        "values": [
            (f"{side}: a stack of {count:,}", round(1000 * seconds, 2), "ms")
            for side in each
            for count, seconds in zip(counts, each[side])
        ],
        "ratios": [
            (f"growth of the cost of a stack, {span}: {side}", growth[side], None) for side in each
        ]
        + [("growth, netstack / floor", growth["netstack"] / growth["floor"], "at most 1.3")],
    }
