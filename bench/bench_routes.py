# SPDX-License-Identifier: GPL-2.0-or-later
"""
routes: very many in one stack, from one command to all of them in the kernel's FIB and in zebra.

The stack, its interface and its address are there before: netstackd's on its own side, and
bench/floor.c's, or iproute2's with namespaces, on the others. Sides: `vtysh -f` with netstackd and with staticd; a bare client of
zebra's (bench/feeder.c), which is what routes cost that nobody configures; and bench/floor.c, which gives
them to the kernel, from which zebra learns them.
"""

import contextlib
import ipaddress
import os
import re
import statistics
import subprocess
import time

import machine
import spaces
import stacks
from frr import Frr, Wrong
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
    settled_memory,
    wait_for_zebra,
    wait_idle,
)
from report import ratio

TITLE = "routes in one stack, from one command to all in kernel and zebra"
BACKENDS = ("vrf", "netns")
NETNS = os.environ.get("LAB_BACKEND") == "netns"
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


# ---- the stack ------------------------------------------------------------------------------------


def within(s):
    """What goes before a command that is to see the stack's routes and links."""
    return ("ip", "netns", "exec", s.name) if NETNS else ()


def table_of(s):
    return "254" if NETNS else str(s.table)


@contextlib.contextmanager
def stack_of_netstackd():
    if not NETNS:
        with running_stacks(1) as (frr, which, _):
            yield frr, which[0]
        return
    which = stacks.stacks(1)
    with spaces.parent(), Frr(("netstackd",)) as frr, File(spaces.config(which)) as config:
        run_vtysh_file(config)
        wait_for_zebra(frr, which)
        wait_idle(frr)
        yield frr, which[0]


@contextlib.contextmanager
def stack_without_netstackd():
    which = stacks.stacks(1)
    with contextlib.ExitStack() as running:
        if NETNS:
            running.enter_context(spaces.parent())
            frr = running.enter_context(Frr())
            running.enter_context(spaces.IpBatch(which)).create()
        else:
            frr = running.enter_context(fresh_frr())
            floor_create(frr, 1)
        wait_for_zebra(frr, which)
        yield frr, which[0]


# ---- is it there? ---------------------------------------------------------------------------------


def in_fib(summary):
    """How many static routes, and such as zebra has read from the kernel, are in the FIB, says zebra."""
    rows = re.findall(r"^(static|kernel) +\d+ +(\d+) *$", summary, re.M)
    return sum(int(fib) for _, fib in rows)


def until_next_look(looks, count):
    """
    Seconds, of those that the missing routes will take at the pace of the last two looks, (time, routes):
    half of them, but not so few that the looks are what zebra is busy with.
    """
    (before, had), (now, has) = looks[-2:]
    return max(0.03, 0.5 * (count - has) * (now - before) / max(has - had, 1))


def wait_for_all_in_zebra(frr, s, count):
    """
    When zebra had so many more than the one gateway in the FIB. For an answer it looks at all routes, in the
    thread that has to install them: it is asked seldom while many are missing.
    """
    vty = frr.vty("zebra")
    end = machine.now() + SETTLE_SECONDS
    looks = [(machine.now(), 0)]
    while True:
        looks.append((machine.now(), in_fib(vty(f"show ip route vrf {s.name} summary"))))
        if looks[-1][1] > count:
            return machine.now()
        if looks[-1][0] > end:
            raise Wrong(f"zebra has {looks[-1][1]} of {count} routes in the FIB")
        time.sleep(min(until_next_look(looks, count), 1))


def check(frr, s, count):
    """Route by route, by iproute2 and zebra: all of them, and no other."""
    wanted = set(prefixes(count))
    listed = run(*within(s), "ip", "-4", "route", "show", "table", table_of(s))
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


def timed_routes(frr, s, count, make):
    """A sample of what make() brings about; its memory is what each daemon has grown by, in kB."""
    memory = settled_memory(frr)
    with Settle(within(s), route=count + 1) as settle:
        before, start = machine.Cpu(), machine.now()
        make()
        returned = machine.now()
        complete = settle.wait()["route"]
        zebra = wait_for_all_in_zebra(frr, s, count)
        cpu = machine.Cpu().since(before)
    after = settled_memory(frr)
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
    with stack_of_netstackd() as (frr, s):
        with File(netstack_config(s, count)) as config:
            sample = timed_routes(frr, s, count, lambda: run_vtysh_file(config))
        wait_idle(frr)
        if not NETNS:
            check_all(frr, [s])
        check(frr, s, count)
        return sample


def staticd(count):
    with stack_without_netstackd() as (frr, s), File(staticd_config(s, count)) as config:
        sample = timed_routes(frr, s, count, lambda: run_vtysh_file(config))
        check(frr, s, count)
        return sample


def floor(count):
    with stack_without_netstackd() as (frr, s):
        index = run(*within(s), "cat", f"/sys/class/net/{s.member}/ifindex").strip()
        command = (program("floor"), "routes", table_of(s), str(count), index, s.gateway)
        sample = timed_routes(frr, s, count, lambda: run(*within(s), *command))
        check(frr, s, count)
        return sample


class Feeder:
    """bench/feeder.c: its routes are zebra's for as long as it lives."""

    def __init__(self, frr, s, count):
        number = re.search(rf"^vrf {s.name} id (\d+) netns ", frr.vty("zebra")("show vrf"), re.M)
        vrf = number[1] if number else s.name
        self.command = (program("feeder"), vrf, str(count), s.gateway)

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
        fed = Feeder(frr, s, count)
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
