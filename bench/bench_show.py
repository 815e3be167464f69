# SPDX-License-Identifier: GPL-2.0-or-later
"""
show: all stacks as JSON by vtysh, beyond vtysh's own start; with a zebra that has nothing to do.
"""

import json

from frr import Wrong
from harness import alternate, run, running_stacks, timed, wait_quiet
from report import median_of

TITLE = "'show netstack json' by vtysh"
BACKENDS = ("vrf",)


def bench(options):
    with running_stacks(options.stacks) as (_, which, _):
        shown = json.loads(run("vtysh", "-c", "show netstack json"))
        if set(shown) - {"default"} != {s.name for s in which}:
            raise Wrong(f"{len(shown)} stacks are shown")
        wait_quiet("zebra")
        sides = {
            "show netstack json": lambda: timed(("vtysh", "-c", "show netstack json")),
            "vtysh alone": lambda: timed(("vtysh", "-d", "netstackd", "-c", "show netstack nobody")),
        }
        samples = alternate(sides, options.runs)
    beyond = median_of(samples["show netstack json"]) - median_of(samples["vtysh alone"])
    return {
        "parameters": {"stacks": options.stacks},
        "sides": samples,
        "values": [("beyond vtysh's own start", round(1000 * beyond, 1), "ms (to reach: 200 at 4,000)")],
        "ratios": [],
    }
