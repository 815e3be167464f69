# SPDX-License-Identifier: GPL-2.0-or-later
"""
restart: netstackd with stacks that are all there already, from exec to 'nothing to do'. It gets its
configuration as from FRR's scripts when watchfrr starts it again: 'vtysh -b -d netstackd'.
"""

import re
import subprocess

import machine
import stacks
from frr import wait_for, write_config
from harness import alternate, check_all, run, running_stacks, wait_idle

TITLE = "netstackd started again, from exec to 'nothing to do'"
BACKENDS = ("vrf",)


def operations(frr):
    """Writes to the kernel, as netstackd counts them."""
    said = frr.vty("netstackd")("show netstack summary")
    return int(re.search(r"^Kernel: +(\d+) operations", said, re.M)[1])


def restart(count):
    with running_stacks(count) as (frr, which, _):
        write_config(stacks.netstack_config(which))
        frr.stop_daemon("netstackd")
        with KernelWrites() as writes:
            before, start = machine.Cpu(), machine.now()
            frr.start_daemon("netstackd")
            run("vtysh", "-b", "-d", "netstackd")
            read = machine.now()
            wait_for(
                lambda: nothing_to_do(frr, count),
                "netstackd to have nothing to do",
                300,
                longest=0.02,
            )
            end = machine.now()
            cpu = machine.Cpu().since(before)
        wait_idle(frr)
        check_all(frr, which)
        return {
            "seconds": end - start,
            "parts": {"configuration read": round(read - start, 4)},
            "cpu": cpu,
            "operations": operations(frr),
            "changes": writes.lines,
        }


def nothing_to_do(frr, count):
    """No work is queued, and all gateways are in force."""
    said = frr.vty("netstackd")("show netstack summary")
    queued = int(re.search(r"^Work: +(\d+) queued", said, re.M)[1])
    active = int(re.search(r"^Gateways: +(\d+) active", said, re.M)[1])
    return not queued and active == count


class KernelWrites:
    """What changes in the kernel meanwhile, by ip monitor: links, addresses, routes, neighbours."""

    def __enter__(self):
        # pylint: disable=consider-using-with,attribute-defined-outside-init
        self.process = subprocess.Popen(
            ["ip", "monitor", "link", "address", "route", "neigh"],
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.lines = len(self.process.communicate()[0].splitlines())


def bench(options):
    samples = alternate({"netstackd": lambda: restart(options.stacks)}, options.runs)
    taken = samples["netstackd"]
    worst = max(sample["seconds"] for sample in taken)
    operations_most = max(sample["operations"] for sample in taken)
    return {
        "parameters": {"stacks": options.stacks},
        "sides": samples,
        "values": [
            ("netstackd's own count of operations, most", operations_most, ""),
            ("lines of ip monitor, most", max(sample["changes"] for sample in taken), ""),
            ("slowest", round(worst, 2), "s (to reach: at most 1 s with 1,000 stacks)"),
        ],
        "ratios": [],
    }
