# SPDX-License-Identifier: GPL-2.0-or-later
"""
Stacks with two gateways each, the first tracked by BFD, and the far side: a namespace behind a veth,
with the gateways, that no zebra on this side sees. Their BFD is BIRD's: the gateways are other machines,
and FRR's bfdd would take as much of this one's processors as the one that is measured
(doc/developer/upstream.md, "libfrr does not sleep in the last millisecond before a timer").

A gateway fails as one does that loses its power: its device goes down, at the far side. Nothing
changes on this side but that no packet comes.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import time

import stacks
from frr import RUN, Wrong, wait_for
from harness import SETTLE_SECONDS, File, run, run_vtysh_file

TRUNK, PORT = "trunk0", "port0"
TARGET = "198.18.0.1/32"
INTERVAL_MSEC, MULTIPLIER = 300, 3  # bfdd's defaults
DETECT_MSEC = MULTIPLIER * INTERVAL_MSEC
FIRST, SECOND = 254, 253
FAR_SETTINGS = (
    "net.ipv4.conf.all.arp_ignore=1",
    "net.ipv4.conf.all.arp_announce=2",
    "net.ipv4.conf.all.rp_filter=0",
    "net.ipv4.conf.default.rp_filter=0",
    "net.ipv6.conf.all.disable_ipv6=1",
    "net.ipv6.conf.default.disable_ipv6=1",
)


def is_netns():
    return os.environ.get("LAB_BACKEND") == "netns"


def exists(name):
    """The VRF device, or the namespace, of a stack of this name."""
    return os.path.exists(f"/run/netns/{name}" if is_netns() else f"/sys/class/net/{name}")


def standby(stack):
    return f"{stack.prefix}.{SECOND}"


def device(stack):
    """Of the stack's first gateway, at the far side."""
    return f"g{stack.number:05}"


def tracked_config(which):
    """For vtysh -f."""
    lines = []
    for s in which:
        lines += [
            f"netstack {s.name}",
            f" interface {s.member}",
            f"  link macvlan parent {TRUNK}",
            f"  address {s.address}/24",
            " exit",
            f" default-gateway {s.gateway} track bfd",
            f" default-gateway {standby(s)} distance 10",
            "exit",
            "!",
        ]
    return "\n".join(lines) + "\n"


def removal_config(which):
    return "".join(f"no netstack {s.name}\n" for s in which)


def far_batch(which):
    """For ip -batch: a device with the first gateway, for each stack; the second ones are the port's."""
    lines = ["link set lo up", f"link set {PORT} up", f"addr add {TARGET} dev lo"]
    for s in which:
        lines += [
            f"link add link {PORT} name {device(s)} type macvlan mode bridge",
            f"addr add {s.gateway}/24 dev {device(s)}",
            f"link set {device(s)} up",
            f"addr add {standby(s)}/32 dev {PORT}",
        ]
    return "\n".join(lines) + "\n"


def far_bird_config(which):
    """With bfdd's defaults."""
    lines = [
        "router id 198.18.0.1;",
        "protocol device {}",
        "protocol bfd {",
        f'  interface "*" {{ interval {INTERVAL_MSEC} ms; multiplier {MULTIPLIER}; }};',
    ]
    lines += [f'  neighbor {s.address} dev "{device(s)}" local {s.gateway};' for s in which]
    return "\n".join(lines + ["}"]) + "\n"


class Far:
    """The namespace with the gateways of these stacks. Use as a context."""

    def __init__(self, which):
        self.which = which

    def __enter__(self):
        # pylint: disable=consider-using-with,attribute-defined-outside-init
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self.enter = ("nsenter", f"--net=/proc/{self.holder.pid}/ns/net")
        self.bird = None
        self.ip = None
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in (self.ip, self.bird, self.holder):
            if process:
                process.kill()
                process.wait()
        subprocess.run(["ip", "link", "del", TRUNK], check=False, stderr=subprocess.DEVNULL)

    def _build(self):
        home = os.stat("/proc/self/ns/net").st_ino
        wait_for(lambda: os.stat(self.namespace()).st_ino != home, "a namespace")
        run("ip", "link", "add", TRUNK, "type", "veth", "peer", "name", PORT, "netns", str(self.holder.pid))
        run("ip", "link", "set", TRUNK, "up")
        run(*self.enter, "sysctl", "-q", "-w", *FAR_SETTINGS)
        with File(far_batch(self.which), ".ip") as batch:
            run(*self.enter, "ip", "-batch", batch)
        # pylint: disable=consider-using-with
        self.ip = subprocess.Popen([*self.enter, "ip", "-batch", "-"], stdin=subprocess.PIPE, text=True)
        self._start_bird()

    def _start_bird(self):
        folder = os.path.join(RUN, "gateways")
        os.makedirs(folder, exist_ok=True)
        config, control = os.path.join(folder, "bird.conf"), os.path.join(folder, "bird.ctl")
        with open(config, "w", encoding="ascii") as file:
            file.write(far_bird_config(self.which))
        # pylint: disable=consider-using-with
        self.bird = subprocess.Popen(
            [*self.enter, "bird", "-f", "-c", config, "-s", control],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def namespace(self):
        return f"/proc/{self.holder.pid}/ns/net"

    def fail(self, stack):
        self._set(stack, "down")

    def heal(self, stack):
        self._set(stack, "up")

    def _set(self, stack, state):
        """By a process that is there already: starting one takes milliseconds."""
        self.ip.stdin.write(f"link set {device(stack)} {state}\n")
        self.ip.stdin.flush()


class Probe:
    """bench/probe.py, a process. Use as a context."""

    def __init__(self, far, which):
        self.what = {
            "far": far.namespace(),
            "port": PORT,
            "stacks": [
                {
                    "name": s.name,
                    "netns": f"/run/netns/{s.name}" if is_netns() else None,
                    "address": s.address,
                    "gateway": s.gateway,
                    "standby": standby(s),
                }
                for s in which
            ],
        }

    def __enter__(self):
        # pylint: disable=consider-using-with,attribute-defined-outside-init
        script = os.path.join(os.path.dirname(os.path.realpath(__file__)), "probe.py")
        self.process = subprocess.Popen(
            [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        os.set_blocking(self.process.stdout.fileno(), False)
        self.unread = b""
        self.command(self.what)
        self.real_time = self.wait(lambda event: event["event"] == "ready")[-1]["real_time"]
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def command(self, command):
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()

    def read(self):
        """The events that have come."""
        self.unread += self.process.stdout.read() or b""
        *lines, self.unread = self.unread.split(b"\n")
        return [json.loads(line) for line in lines]

    def wait(self, is_last, seconds=SETTLE_SECONDS):
        """All events up to one, or more if they came together."""
        events, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            select.select([self.process.stdout], [], [], 1)
            if self.process.poll() is not None:
                raise Wrong("the probe has ended")
            new = self.read()
            events.extend(new)
            if any(is_last(event) for event in new):
                return events
        raise Wrong(f"after {seconds} s still waiting for an event; there were {events[-3:]}")


# ---- is all as it was? ----------------------------------------------------------------------------


def _first_gateways(shown, s):
    """What is not as it should be: words."""
    stack = shown.get(s.name)
    if not stack or stack["state"] != "up":
        return f"{s.name}: {stack and (stack['state'], stack['reason'])}"
    states = {
        gateway["address"]: (gateway["state"], gateway.get("track", {}).get("state"))
        for gateway in stack["gateways"]
    }
    if states != {s.gateway: ("active", "up"), standby(s): ("standby", None)}:
        return f"{s.name}: {states}"
    return None


def problems_in_netstackd(vty, which):
    """Of these stacks, and that there are others."""
    shown = json.loads(vty("show netstack json"))
    problems = [problem for problem in (_first_gateways(shown, s) for s in which) if problem]
    extra = set(shown) - {s.name for s in which} - {"default"}
    return problems + [f"{name} should not be there" for name in sorted(extra)]


def problem_of(vty, s):
    """The same of one stack, whatever others there are: words, or None."""
    return _first_gateways(json.loads(vty(f"show netstack {s.name} json")), s)


def kernel_gateways(s):
    """Of the IPv4 default routes in the stack that are not guards."""
    place = ("-n", s.name) if is_netns() else ()
    table = () if is_netns() else ("vrf", s.name)
    said = run("ip", *place, "-j", "-4", "route", "show", *table, "default")
    return [r.get("gateway") for r in json.loads(said or "[]") if r.get("type", "unicast") == "unicast"]


def check(frr, which):
    """All is as before the first failure: netstackd, zebra, the kernel, one by one. Raises Wrong."""
    problems = problems_in_netstackd(frr.vty("netstackd"), which)
    routes = stacks.zebra_routes(frr.vty("zebra")("show ip route vrf all"))
    for s in which:
        if ("S", "0.0.0.0/0", s.gateway, s.member) not in routes.get(s.name, set()):
            problems.append(f"{s.name}: zebra has no default by {s.gateway}")
        if kernel_gateways(s) != [s.gateway]:
            problems.append(f"{s.name}: the kernel's default is by {kernel_gateways(s)}")
    if problems:
        raise Wrong(f"{len(problems)} wrong: {'; '.join(problems[:5])}")


def wait_without(problems, seconds=120):
    """Until problems() gives none."""
    last = []

    def is_so():
        last[:] = problems()
        return not last

    try:
        wait_for(is_so, "the first gateways", seconds=min(SETTLE_SECONDS, seconds), interval=0.1)
    except Wrong as wrong:
        raise Wrong(f"{wrong}: {'; '.join(last[:5])}") from wrong


def wait_first(frr, s):
    """Until one stack is on its first gateway."""
    wait_without(lambda: list(filter(None, [problem_of(frr.vty("netstackd"), s)])))


def wait_all_first(frr, which):
    """Until all are, and nothing else is there; checked one by one."""
    wait_without(lambda: problems_in_netstackd(frr.vty("netstackd"), which))
    check(frr, which)


def remove(frr, which):
    with File(removal_config(which)) as config:
        run_vtysh_file(config)
    wait_for(
        lambda: not set(json.loads(frr.vty("netstackd")("show netstack json"))) - {"default"},
        "all stacks to be gone",
        seconds=SETTLE_SECONDS,
        interval=0.1,
    )


@contextlib.contextmanager
def tracked_stacks(frr, which):
    """In force, all sessions up; removed afterwards. Gives the far side and the probe."""
    with Far(which) as far, File(tracked_config(which)) as config:
        run_vtysh_file(config)
        wait_all_first(frr, which)
        with Probe(far, which) as probe:
            yield far, probe
        remove(frr, which)


