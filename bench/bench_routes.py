# SPDX-License-Identifier: GPL-2.0-or-later
"""
routes: very many in one stack, from one command to all of them in the kernel's FIB and in zebra.

The stack, its interface and its address are there before: netstackd's on its own side, and
bench/floor.c's on the others. Sides: `vtysh -f` with netstackd and with staticd; a bare client of
zebra's (bench/feeder.c), which is what routes cost that nobody configures; and bench/floor.c, which gives
them to the kernel, from which zebra learns them.
"""

import contextlib
import ipaddress
import re
import socket
import statistics
import subprocess

import machine
import stacks
from frr import Wrong, wait_for
from harness import (
    SETTLE_SECONDS,
    File,
    Settle,
    alternate,
    check_all,
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

TITLE = "routes in one stack, from one command to all in kernel and zebra"
BACKENDS = ("vrf",)
SIDES = ("netstack", "feeder", "floor", "staticd")
FIRST = int(ipaddress.IPv4Address("172.16.0.0"))  # bench/routes.h


def prefixes(count):
    return [str(ipaddress.IPv4Address(FIRST + i)) for i in range(count)]


def netstack_config(s, count):
    lines = [f" route {prefix}/32 {s.gateway}" for prefix in prefixes(count)]
    return "\n".join([f"netstack {s.name}", *lines, "exit", ""])


def staticd_config(s, count):
    lines = [f" ip route {prefix}/32 {s.gateway}" for prefix in prefixes(count)]
    return "\n".join([f"vrf {s.name}", *lines, "exit-vrf", ""])


# ---- is it there? ---------------------------------------------------------------------------------


def in_fib(summary):
    """How many static routes, and such as zebra has read from the kernel, are in the FIB, says zebra."""
    rows = re.findall(r"^(static|kernel) +\d+ +(\d+) *$", summary, re.M)
    return sum(int(fib) for _, fib in rows)


def wait_for_all_in_zebra(frr, s, count):
    """When zebra had so many more than the one gateway in the FIB."""
    vty = frr.vty("zebra")
    return wait_for(
        lambda: in_fib(vty(f"show ip route vrf {s.name} summary")) > count and machine.now(),
        "zebra to have all routes in the FIB",
        SETTLE_SECONDS,
        interval=0.02,
    )


def check(frr, s, count):
    """Route by route, by iproute2 and zebra: all of them, and no other."""
    wanted = set(prefixes(count))
    listed = run("ip", "-4", "route", "show", "table", str(s.table))
    kernel = set(re.findall(rf"^(\S+) .*?via {re.escape(s.gateway)} dev {s.member} ", listed, re.M))
    shown = frr.vty("zebra")(f"show ip route vrf {s.name}")
    zebra = stacks.zebra_routes(f"VRF {s.name}:\n{shown}")[s.name]
    known = {prefix for _, prefix, gateway, device in zebra if (gateway, device) == (s.gateway, s.member)}
    for who, has, want in (
        ("the kernel", kernel - {"default"}, wanted),
        ("zebra", known - {"0.0.0.0/0"}, {f"{prefix}/32" for prefix in wanted}),
    ):
        if has != want:
            odd = sorted(has ^ want)
            raise Wrong(f"{len(odd)} routes are wrong in {who}: {', '.join(odd[:5])}")
    frr.expect_alive()


# ---- the sides ------------------------------------------------------------------------------------


def memory_of(frr):
    return {daemon: machine.memory_kb(pid)["VmRSS"] for daemon, pid in frr.pids.items()}


def timed_routes(frr, s, count, make):
    """A sample of what make() brings about; its memory is what each daemon has grown by, in kB."""
    memory = memory_of(frr)
    with Settle(route=count + 1) as settle:
        before, start = machine.Cpu(), machine.now()
        make()
        returned = machine.now()
        complete = settle.wait()["route"]
        zebra = wait_for_all_in_zebra(frr, s, count)
        cpu = machine.Cpu().since(before)
    after = memory_of(frr)
    return {
        "seconds": max(returned, complete, zebra) - start,
        "parts": {
            "command": round(returned - start, 4),
            "route": round(complete - start, 4),
            "zebra": round(zebra - start, 4),
        },
        "cpu": cpu,
        "memory": {daemon: after[daemon] - memory[daemon] for daemon in after},
    }


def netstack(count):
    with running_stacks(1) as (frr, which, _):
        with File(netstack_config(which[0], count)) as config:
            sample = timed_routes(frr, which[0], count, lambda: run_vtysh_file(config))
        wait_idle(frr)
        check_all(frr, which)
        check(frr, which[0], count)
        return sample


@contextlib.contextmanager
def stack_without_netstackd():
    which = stacks.stacks(1)
    with fresh_frr() as frr:
        floor_create(frr, 1)
        wait_for_zebra(frr, which)
        yield frr, which[0]


def staticd(count):
    with stack_without_netstackd() as (frr, s), File(staticd_config(s, count)) as config:
        sample = timed_routes(frr, s, count, lambda: run_vtysh_file(config))
        check(frr, s, count)
        return sample


def floor(count):
    with stack_without_netstackd() as (frr, s):
        index = socket.if_nametoindex(s.member)
        command = (program("floor"), "routes", str(s.table), str(count), str(index), s.gateway)
        sample = timed_routes(frr, s, count, lambda: run(*command))
        check(frr, s, count)
        return sample


class Feeder:
    """bench/feeder.c: its routes are zebra's for as long as it lives."""

    def __init__(self, s, count):
        self.command = (program("feeder"), s.name, str(count), s.gateway)

    def start(self):
        # pylint: disable=consider-using-with,attribute-defined-outside-init
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self.process.stdout.readline() != "sent\n":
            raise Wrong("the feeder failed")

    def stop(self):
        self.process.communicate()


def feeder(count):
    with stack_without_netstackd() as (frr, s):
        fed = Feeder(s, count)
        try:
            sample = timed_routes(frr, s, count, fed.start)
            check(frr, s, count)
        finally:
            fed.stop()
        return sample


# ---- the bench ------------------------------------------------------------------------------------

TARGETS = {"feeder": "at most 1.5", "floor": None, "staticd": "at most 0.1"}


def memory_mb(samples, *daemons):
    """What the routes take in these daemons together, median of the samples."""
    taken = [sum(sample["memory"][daemon] for daemon in daemons) for sample in samples]
    return statistics.median(taken) / 1024


def ratios(samples):
    if "netstack" not in samples:
        return []
    found = [
        (f"netstack / {other}", ratio(samples, "netstack", other), target)
        for other, target in TARGETS.items()
        if other in samples
    ]
    if "staticd" in samples:
        ours = memory_mb(samples["netstack"], "netstackd")
        theirs = memory_mb(samples["staticd"], "staticd", "mgmtd")
        found.append(("memory: netstackd / staticd and mgmtd", ours / theirs, "at most 0.1"))
    return found


def bench(options):
    count = options.routes
    functions = dict(zip(SIDES, (netstack, feeder, floor, staticd)))
    chosen = [name for name in SIDES if name in (options.sides or SIDES)]
    sides = {name: (lambda name=name: functions[name](count)) for name in chosen}
    samples = alternate(sides, options.runs, once=("staticd",))
    return {
        "parameters": {"routes": count},
        "sides": samples,
        "values": [
            (f"memory, {side}: {daemon}", round(memory_mb(taken, daemon), 1), "MB")
            for side, taken in samples.items()
            for daemon in taken[0]["memory"]
        ],
        "ratios": ratios(samples),
    }
