#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
What a stack can take is bounded: routes and neighbours are counted whoever put them there, are
told at 80 % and at the limit, and at the limit the stack's own further routes wait, and the
neighbours that were confirmed least recently go, however many there are, and nobody else's.
"""

import json
import os
import re
import signal
import subprocess
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_routing_lib as routing
import netstack_track_lib as track
import netstack_util as util
from lib.topogen import get_topogen

BACKENDS = ["vrf", "netns"]

NEIGHBORS = 200  # blue's limit in frr.conf
# Sources of a flood. With namespaces the lab's kernel is the host's, whose table has room for 1024.
FLOOD = {"arp": 100000, "nd": 100000} if util.BACKEND == "vrf" else {"arp": 500, "nd": 300}
MAC = "02:00:00:00:0b:0b"
GATEWAY_MAC = "02:00:00:00:00:02"
PORTS = ("p0", "p1")


def build(tgen):
    router = tgen.add_router("r1")
    for port in PORTS:
        util.add_port(tgen, router, port)
        util.add_peer(tgen, port, ["10.0.0.2/8"], mac=GATEWAY_MAC)


@pytest.fixture(scope="module")
def router(request):
    with util.router_r1(build, request) as r1:
        util.wait_up(r1, "blue", "red", timeout=30)
        yield r1


@pytest.fixture
def r1(router):
    "Each case begins with the limit of frr.conf and without routes beyond the gateway"
    yield router
    limits_are(router, "limit neighbors 200")
    own = re.findall(r"^ (route .*)", blue_config(router), re.M)
    if own:
        util.configure(router, "netstack blue\n" + "\n".join(f"no {line}" for line in own))
    for family in ("", "-6"):
        util.sh(router, f"{in_blue(f'{family} route flush proto 99')}; :")
    wait_use(router, "routes", lambda use: use == base(router))


# ---- looking ------------------------------------------------------------------------------------


def in_blue(what):
    """The command line of `ip WHAT` for routes or neighbours of blue."""
    family = "-6 " if what.startswith("-6 ") else ""
    return util.ip_in("blue", what.removeprefix("-6 ")).replace("ip ", f"ip {family}", 1)


def blue_config(r1):
    return util.running_config(r1).split("netstack blue\n")[1].split("\nexit\n")[0]


def limits_are(r1, *lines):
    "Configures exactly these limits of blue"
    for line in re.findall(r"^ (limit .*)", blue_config(r1), re.M):
        if line not in lines:
            util.configure(r1, f"netstack blue\nno {' '.join(line.split()[:2])}")
    if lines:
        util.configure(r1, "netstack blue\n" + "\n".join(lines))


def limits(r1):
    """{limit: what is shown of it}"""
    return util.show_json(r1, "show netstack blue limits")["limits"]


def use_of(r1, what):
    "As JSON counts it, with or without a limit"
    count = {"routes": "routeCount", "neighbors": "neighborCount"}[what]
    return util.show_json(r1, "show netstack blue")["blue"][count]


def kernel_routes(r1):
    "What `ip route` lists, IPv4 and IPv6"
    lines = util.sh(r1, in_blue("route show")) + util.sh(r1, in_blue("-6 route show"))
    return [line.strip() for line in lines.splitlines() if line.strip()]


def kernel_neighbors(r1, stack="blue"):
    "{address: the rest of the line}, IPv4 and IPv6"
    ifname = f"{stack}0"
    prefix = f"ip -n {stack}" if util.BACKEND == "netns" else "ip"
    lines = util.sh(r1, f"{prefix} neigh show dev {ifname}").splitlines()
    return dict(line.split(maxsplit=1) for line in lines if line.strip())


def is_tentative(r1):
    "Is duplicate address detection under way on blue0?"
    prefix = "ip -n blue" if util.BACKEND == "netns" else "ip"
    return bool(util.sh(r1, f"{prefix} -6 addr show dev blue0 tentative").strip())


def base(r1):
    "How many routes blue has of itself: counted when they are all there"
    if not hasattr(base, "count"):
        # those of the anycast addresses come when duplicate address detection is over
        util.wait_for(
            "the routes of blue",
            lambda: None
            if "fe80::/64" in " ".join(kernel_routes(r1))
            and not is_tentative(r1)
            and util.look(r1, "blue")["blue"].next_hops("default")
            and len(kernel_routes(r1)) == use_of(r1, "routes")
            else kernel_routes(r1),
        )
        base.count = use_of(r1, "routes")
    return base.count


def wait_use(r1, what, test):
    def probe():
        use = use_of(r1, what)
        return None if test(use) else use

    util.wait_for(f"{what} of blue", probe)


def wait_limit(r1, what, **wanted):
    "Waits until `show` says this of a limit"

    def probe():
        seen = limits(r1)[what]
        return util.differs(wanted, {key: seen[key] for key in wanted})

    util.wait_for(f"the limit of {what}", probe)


class Log:
    "What netstackd logs of blue's limits from now on"

    def __init__(self, r1):
        self.r1 = r1
        self.start = len(util.log_of(r1))

    def told(self):
        "In the order of the log: nearly, reached, cleared"
        text = util.log_of(self.r1)[self.start :]
        return re.findall(r"netstack blue: .*?(nearly|is reached|cleared)", text)

    def wait(self, *told):
        util.wait_for("the log", lambda: util.differs(list(told), self.told()))


def route_states(r1):
    "{prefix: state and reason} of the configured blackholes"
    return {
        route["prefix"]: (route["state"], route["reason"])
        for route in util.show_json(r1, "show netstack blue route")["routes"]
        if route["configured"] and route["nextHop"] == "blackhole"
    }


def add_routes(r1, first, last):
    lines = [f" route 10.9.{number}.0/24 blackhole" for number in range(first, last + 1)]
    util.configure_file(r1, "netstack blue\n" + "\n".join(lines) + "\nexit\n")


def wait_routes(r1, installed, pending, limit):
    "Waits until exactly these are in force, and those wait for room"
    want = {f"10.9.{number}.0/24": ("installed", "") for number in installed}
    want.update(
        {
            f"10.9.{number}.0/24": ("pending", f"limit of {limit} routes is reached")
            for number in pending
        }
    )
    util.wait_for("the routes", lambda: util.differs(want, route_states(r1)))
    have = {line.split()[1] for line in kernel_routes(r1) if line.startswith("blackhole 10.9.")}
    assert have == {f"10.9.{number}.0/24" for number in installed}


# ---- what is typed and shown --------------------------------------------------------------------


def test_limits_are_written_as_typed(r1):
    "And every one can be changed and taken back"
    limits_are(r1, "limit routes 1000 warning-only", "limit neighbors 4294967295")
    assert " limit routes 1000 warning-only\n limit neighbors 4294967295" in blue_config(r1)
    limits_are(r1, "limit routes 1000", "limit neighbors 300 warning-only")
    assert " limit routes 1000\n limit neighbors 300 warning-only" in blue_config(r1)
    util.configure(r1, "netstack blue\nno limit routes\nno limit neighbors 5 warning-only")
    assert "limit" not in blue_config(r1)
    assert limits(r1) == {}


def test_limits_are_shown_three_ways(r1):
    "Requested, in force, and why they differ; use is what the kernel has"
    base(r1)
    limits_are(r1, "limit routes 500", "limit neighbors 200")
    wait_limit(r1, "routes", requested=500, inForce=500, reason="", state="ok", warningOnly=False)
    shown = limits(r1)

    def is_used():
        now = limits(r1)
        have = [len(kernel_routes(r1)), len(kernel_neighbors(r1))]
        return util.differs(have, [now["routes"]["use"], now["neighbors"]["use"]])

    util.wait_for("use is what the kernel has", is_used)  # the peer's link comes up meanwhile
    assert util.show_json(r1, "show netstack")["blue"]["limits"].keys() == shown.keys()
    assert util.show_json(r1, "show netstack")["red"]["limits"] == {}
    text = util.vtysh(r1, "show netstack blue limits")
    assert re.search(r"^routes +500 +500 +\d+ +ok", text, re.M), text
    text = util.vtysh(r1, "show netstack red limits")
    assert re.search(r"^routes +- +- +\d+ +ok +-", text, re.M), text
    data = json.loads(
        util.vtysh(
            r1,
            "show yang operational-data"
            " /frr-netstack:netstack/stack[name='blue']/state/limits netstackd",
        )
    )
    state = data["frr-netstack:netstack"]["stack"][0]["state"]["limits"]["routes"]
    assert (state["requested"], state["in-force"], state["state"]) == (500, 500, "ok")


def test_a_limit_that_is_not_in_force_yet(r1):
    "Says so: as long as something else has the name, there is no such stack"
    if util.BACKEND == "netns":
        util.sh(r1, "touch /run/netns/late")
    else:
        util.sh(r1, util.make_link("late"))
    util.configure(r1, "netstack late\nlimit routes 100\nlimit neighbors 10")
    util.wait_state(r1, {"late": "down"})
    for limit, requested in (("routes", 100), ("neighbors", 10)):
        shown = util.show_json(r1, "show netstack late limits")["limits"][limit]
        assert (shown["requested"], shown["inForce"]) == (requested, 0), shown
        assert shown["reason"] == "the stack does not exist yet", shown
    util.sh(r1, "rm /run/netns/late" if util.BACKEND == "netns" else "ip link del late")

    def in_force():
        seen = util.show_json(r1, "show netstack late limits")["limits"]["routes"]["inForce"]
        return util.differs(100, seen)

    util.wait_for("the limit of late", in_force)
    util.configure(r1, "no netstack late")
    util.wait_gone(r1, "late")


@pytest.mark.parametrize(
    "line", ["limit routes", "limit routes 0", "limit neighbors 4294967296", "limit routes x"]
)
def test_bad_input_changes_nothing(r1, line):
    "A number is asked for, from 1 on"
    before = util.running_config(r1)
    util.refused(r1, f"netstack blue\n{line}")
    assert util.running_config(r1) == before


def test_a_limit_below_what_is_there(r1):
    "Is refused when typed, says what would do, and is taken from a file"
    use = base(r1)
    before = util.running_config(r1)
    out = util.refused(r1, "netstack blue\nlimit routes 3")
    assert (
        f"% netstack blue has {use} routes: limit routes 3 is below that;"
        " warning-only would report it" in out
    ), out
    assert util.running_config(r1) == before
    limits_are(r1, "limit routes 3 warning-only", "limit neighbors 200")
    util.configure_file(r1, "netstack blue\n limit routes 3\nexit\n")
    assert " limit routes 3\n" in blue_config(r1)
    # what is there stays, and typing the same again is no mistake
    util.configure(r1, "netstack blue\nlimit routes 3")
    wait_limit(r1, "routes", requested=3, inForce=3, state="reached", use=use)
    assert "not removed" in limits(r1)["routes"]["reason"]
    assert len(kernel_routes(r1)) == use


# ---- routes -------------------------------------------------------------------------------------


def test_routes_up_to_the_limit_and_back(r1):
    "A warning at 80 %, an alarm at the limit, once each; further ones wait; room again"
    log = Log(r1)
    notifications = util.Notifications(r1)
    most = 40
    room = most - base(r1)
    near = -(-most * 8 // 10) - base(r1)  # that many more are 80 %
    limits_are(r1, f"limit routes {most}", "limit neighbors 200")
    add_routes(r1, 1, near - 1)
    wait_routes(r1, range(1, near), [], most)
    wait_limit(r1, "routes", state="ok", use=base(r1) + near - 1)
    assert log.told() == []

    add_routes(r1, near, near)
    wait_limit(r1, "routes", state="warning", use=base(r1) + near)
    log.wait("nearly")

    add_routes(r1, near + 1, room)
    wait_routes(r1, range(1, room + 1), [], most)
    wait_limit(r1, "routes", state="reached", use=most, reason="")
    log.wait("nearly", "is reached")
    assert notifications.names() == ["limit-reached"]
    util.wait_up(r1, "blue")

    # the stack's own further ones wait, in the order of prefixes
    add_routes(r1, room + 1, room + 3)
    wait_routes(r1, range(1, room + 1), range(room + 1, room + 4), most)
    assert limits(r1)["routes"]["reason"] == "3 of the configured routes wait for room"
    state = util.stack_states(r1, ["blue"])["blue"]
    assert state.startswith("degraded: ") and f"limit of {most} routes is reached" in state, state
    # what is in force can still be changed
    util.configure(r1, "netstack blue\nroute 10.9.1.0/24 blackhole distance 5")
    util.configure(r1, "netstack blue\nroute 10.9.1.0/24 blackhole distance 1")
    wait_routes(r1, range(1, room + 1), range(room + 1, room + 4), most)

    # room for one, then for all
    util.configure(r1, "netstack blue\nno route 10.9.5.0/24 blackhole")
    there = [number for number in range(1, room + 2) if number != 5]
    wait_routes(r1, there, range(room + 2, room + 4), most)
    util.configure(r1, f"netstack blue\nlimit routes {most + 2}")
    there += [room + 2, room + 3]
    wait_routes(r1, there, [], most)
    util.wait_up(r1, "blue")
    # up and down at the limit is told once, another limit that is reached as well
    log.wait("nearly", "is reached", "is reached")
    assert f"netstack blue: the limit of {most + 2} routes is reached" in util.log_of(r1)[log.start :]
    util.configure(r1, "netstack blue\nno route 10.9.6.0/24 blackhole")
    there.remove(6)
    wait_limit(r1, "routes", state="reached", use=most + 1)
    util.configure(r1, f"netstack blue\nlimit routes {most + 1}")
    # and its end when it is below 90 and 70 %
    before = ["nearly"] + 3 * ["is reached"]
    log.wait(*before)
    assert notifications.names() == 3 * ["limit-reached"]
    util.configure(
        r1, "netstack blue\n" + "\n".join(f"no route 10.9.{n}.0/24 blackhole" for n in there[4:])
    )
    wait_limit(r1, "routes", state="ok")
    # the alarm's end, and the warning's unless both ended at one look
    assert log.told() in (before + ["cleared"], before + ["cleared", "cleared"])


def test_a_gateway_that_is_down_keeps_its_place(r1):
    "What waits for room does not get that of a default which may be back at any time"
    most = base(r1) + 2
    limits_are(r1, f"limit routes {most}", "limit neighbors 200")
    util.configure(
        r1, "netstack blue\nno default-gateway 10.0.0.2\ndefault-gateway 10.0.0.99\n"
    )
    track.wait_gateways(r1, {"10.0.0.99": ("active", None)}, stack="blue")
    add_routes(r1, 1, 3)
    wait_routes(r1, [1, 2], [3], most)
    util.configure(r1, "netstack blue\ndefault-gateway 10.0.0.99 track icmp interval 100")
    track.wait_gateways(r1, {"10.0.0.99": ("unreachable", "down")}, stack="blue")
    wait_use(r1, "routes", lambda use: use == most - 1)
    wait_routes(r1, [1, 2], [3], most)
    util.configure(r1, "netstack blue\ndefault-gateway 10.0.0.99")
    track.wait_gateways(r1, {"10.0.0.99": ("active", None)}, stack="blue")
    wait_routes(r1, [1, 2], [3], most)
    util.configure(
        r1, "netstack blue\nno default-gateway 10.0.0.99\ndefault-gateway 10.0.0.2\n"
    )
    track.wait_gateways(r1, {"10.0.0.2": ("active", None)}, stack="blue")


def test_routes_of_others_are_reported_and_stay(r1):
    "They take room, whoever put them there"
    log = Log(r1)
    most = base(r1) + 10
    limits_are(r1, f"limit routes {most}", "limit neighbors 200")
    add_routes(r1, 1, 4)
    wait_routes(r1, range(1, 5), [], most)
    for number in range(1, 10):
        util.sh(r1, in_blue(f"route add 10.77.{number}.0/24 dev blue0 proto 99"))
    util.sh(r1, in_blue("-6 route add fd77::/64 dev blue0 proto 99"))
    wait_limit(r1, "routes", state="reached", use=most + 4)
    assert "not removed" in limits(r1)["routes"]["reason"]
    log.wait("nearly", "is reached")
    # ours stay, too, and there is no room for more
    add_routes(r1, 5, 5)
    wait_routes(r1, range(1, 5), [5], most)
    assert len(kernel_routes(r1)) == most + 4
    util.sh(r1, in_blue("route flush proto 99"))
    wait_routes(r1, range(1, 6), [], most)


def test_warning_only_refuses_nothing(r1):
    "It is said, and that is all"
    log = Log(r1)
    most = base(r1) + 5
    limits_are(r1, f"limit routes {most} warning-only", "limit neighbors 200")
    add_routes(r1, 1, 10)
    wait_routes(r1, range(1, 11), [], most)
    wait_limit(r1, "routes", state="reached", use=most + 5, warningOnly=True, reason="")
    util.wait_for("the alarm", lambda: None if "is reached" in log.told() else log.told())
    util.wait_up(r1, "blue")
    # from a file it may become more than a warning: what is there stays, and the alarm says what comes of it
    alarms = log.told().count("is reached")
    util.configure_file(r1, f"netstack blue\n limit routes {most}\nexit\n")
    util.wait_for("another alarm", lambda: util.differs(alarms + 1, log.told().count("is reached")))
    add_routes(r1, 11, 11)
    wait_routes(r1, range(1, 11), [11], most)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_restart_at_the_limit_changes_nothing(r1):
    "The same routes are in force as before, though others come first in the configuration"
    most = base(r1) + 3
    limits_are(r1, f"limit routes {most}", "limit neighbors 200")
    add_routes(r1, 5, 7)
    wait_routes(r1, [5, 6, 7], [], most)
    add_routes(r1, 1, 2)
    wait_routes(r1, [5, 6, 7], [1, 2], most)
    util.vtysh(r1, "write memory")
    before = util.snapshot(r1)
    pid = util.pid_of(r1)
    util.sh(r1, f"kill -{int(signal.SIGKILL)} {pid}")
    util.wait_for("netstackd is dead", lambda: "still there" if alive(pid) else None)
    log = Log(r1)
    assert r1.startDaemons(["netstackd"]) == ""
    status, out = util.sh_status(r1, "vtysh -b -d netstackd")
    assert status == 0, out
    wait_routes(r1, [5, 6, 7], [1, 2], most)
    wait_limit(r1, "routes", state="reached", use=most)
    util.wait_for("the alarm", lambda: None if "is reached" in log.told() else log.told())
    assert util.difference(before, util.snapshot(r1)) is None
    util.configure(r1, "netstack blue\nno route 10.9.6.0/24 blackhole")
    wait_routes(r1, [1, 5, 7], [2], most)


def test_a_restart_of_zebra_at_the_limit(r1):
    "With all others: both limits hold again, and are reported; there is room when something goes"
    most = base(r1) + 3
    limits_are(r1, f"limit routes {most}", "limit neighbors 200")
    add_routes(r1, 1, 5)
    wait_routes(r1, [1, 2, 3], [4, 5], most)
    routing.save(r1)
    before = util.snapshot(r1)
    log = Log(r1)
    routing.kill(r1, "zebra")
    routing.bring_zebra_back(r1)
    util.wait_as_before(r1, before, timeout=60)
    wait_routes(r1, [1, 2, 3], [4, 5], most)
    wait_limit(r1, "routes", state="reached", use=most)
    assert limits(r1)["routes"]["reason"] == "2 of the configured routes wait for room"
    util.wait_for("the alarm", lambda: None if "is reached" in log.told() else log.told())
    # nobody gets more by the restart, and what waits comes into force
    assert util.difference(before, util.snapshot(r1)) is None
    util.configure(r1, "netstack blue\nno route 10.9.2.0/24 blackhole")
    wait_routes(r1, [1, 3, 4], [5], most)

    stack_batch(
        r1, "blue", [neigh(f"10.0.9.{n}", "blue0", "nud stale") for n in range(1, 251)]
    )
    wait_limit(r1, "neighbors", state="reached", reason="")
    util.wait_for(
        "blue is held at its limit",
        lambda: None
        if len(kernel_neighbors(r1)) <= NEIGHBORS
        else len(kernel_neighbors(r1)),
    )
    util.vtysh(r1, "clear netstack blue neighbor")
    wait_limit(r1, "neighbors", state="ok")


# ---- neighbours ---------------------------------------------------------------------------------


def stack_batch(r1, stack, lines):
    prefix = ["ip", "-n", stack] if util.BACKEND == "netns" else ["ip"]
    util.sh(r1, [*prefix, "-batch", "-"], stdin="\n".join(lines) + "\n")


def neigh(address, ifname, how):
    return f"neigh replace {address} lladdr {MAC} dev {ifname} {how}"


def test_the_kernels_table_is_looked_at(router):
    """
    It is one for all stacks, and too small by default. The router of this test is not in the
    kernel's first namespace: the log has the commands for who is.
    """

    def commands():
        return re.findall(r": (sysctl -w .*)", util.log_of(router))

    util.wait_for("what the log says", lambda: None if len(commands()) >= 2 else commands())
    assert re.search(r"ipv4.*gc_thresh3=\d+.*gc_thresh2=\d+", commands()[0]), commands()
    assert re.search(r"ipv6.*gc_thresh3=\d+.*gc_thresh2=\d+", commands()[1]), commands()
    if util.BACKEND == "vrf":
        # the lab's own kernel: this is where the test runs
        for command in commands()[:2]:
            subprocess.run(command.split(), check=True)


def reds_are_there(r1):
    """A hundred neighbours of red, which the kernel does not forget after a minute, as it does with others."""
    util.sh(r1, util.at("red", "sysctl -qw net.ipv4.neigh.red0.gc_stale_time=3600"))
    stack_batch(r1, "red", [neigh(f"10.0.4.{n}", "red0", "nud stale") for n in range(1, 101)])


def test_too_many_neighbors_go_the_oldest_first(r1):
    "But not what is permanent, others', confirmed a moment ago, or a gateway in use"
    keep = ["10.0.0.50", "10.0.0.2", "10.0.3.1", "10.0.3.2", "fd00::3:2"]
    stack_batch(
        r1,
        "blue",
        [
            neigh("10.0.0.2", "blue0", "nud stale").replace(MAC, GATEWAY_MAC),
            neigh("10.0.3.1", "blue0", "nud stale extern_learn"),
            neigh("10.0.3.2", "blue0", "nud reachable"),
            neigh("fd00::3:2", "blue0", "nud reachable"),
        ],
    )
    reds_are_there(r1)
    log = Log(r1)
    # 80 % are told, and nothing goes before the limit is exceeded
    stack_batch(
        r1, "blue", [neigh(f"10.0.5.{n}", "blue0", "nud stale") for n in range(1, 161)]
    )
    wait_limit(r1, "neighbors", state="warning")
    log.wait("nearly")
    assert all(f"10.0.5.{n}" in kernel_neighbors(r1) for n in range(1, 161))
    stack_batch(
        r1, "blue", [neigh(f"10.0.6.{n}", "blue0", "nud stale") for n in range(1, 251)]
    )

    def held():
        count = len(kernel_neighbors(r1))
        return None if count <= NEIGHBORS else count

    util.wait_for("blue is held at its limit", held, timeout=3)
    log.wait("nearly", "is reached")
    have = kernel_neighbors(r1)
    assert all(address in have for address in keep), sorted(have)
    # the others' are the same age to a hundredth of a second: some are left
    assert len(have) > NEIGHBORS * 9 // 10, sorted(have)
    assert len([address for address in kernel_neighbors(r1, "red") if "10.0.4." in address]) == 100
    wait_limit(r1, "neighbors", state="reached", reason="")
    assert limits(r1)["neighbors"]["use"] == len(kernel_neighbors(r1))


class Flood:
    "One host that is many, at the port of blue"

    def __init__(self, r1, kind):
        mac = util.Kernel(r1).links["blue0"]["address"]
        self.count = FLOOD[kind]
        command = [sys.executable, f"{CWD}/flood.py", "eth0", mac, kind, str(self.count)]
        peer = get_topogen().net["p-p0"]
        self.process = peer.popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.seconds = None

    def is_over(self):
        if self.process.poll() is None:
            return False
        out = self.process.stdout.read()
        assert self.process.returncode == 0, f"exit status {self.process.returncode}: {out}"
        self.seconds = float(out)
        return True


@pytest.mark.parametrize("kind", ["arp", "nd"])
def test_a_flood_is_held_at_the_limit(r1, kind):
    "At no time more than what comes in a second beyond it; nobody else loses a neighbour"
    reds_are_there(r1)
    reds_before = {address for address in kernel_neighbors(r1, "red") if "10.0.4." in address}
    assert len(reds_before) == 100
    before = util.show_json(r1, "show netstack summary")["kernel"]

    flood = Flood(r1, kind)
    seen = []  # how many at each look
    while not flood.is_over():
        seen.append(len(kernel_neighbors(r1)))

    def held():
        count = len(kernel_neighbors(r1))
        return None if count <= NEIGHBORS else count

    took = util.wait_for("blue is held at its limit", held, timeout=1, interval=0)
    peak = max(seen)
    rate = flood.count / flood.seconds
    print(
        f"{kind}: {flood.count} sources in {flood.seconds:.1f} s, {rate:.0f} a second; at most"
        f" {peak} of {NEIGHBORS} neighbours in {len(seen)} looks, at the limit {took:.2f} s after"
    )
    assert peak <= NEIGHBORS + rate * util.SLOWNESS, seen
    # it has come through: most were learned, and gone again
    after = util.show_json(r1, "show netstack summary")["kernel"]
    assert after["overruns"] > before["overruns"] or (
        after["events"] - before["events"] > flood.count
    ), (before, after)
    assert limits(r1)["neighbors"]["state"] == "reached"
    reds_after = {address for address in kernel_neighbors(r1, "red") if "10.0.4." in address}
    assert reds_after == reds_before
    # and a neighbour that is needed can be learned at once
    def answered():
        status, _ = util.sh_status(r1, util.inside("blue", "ping -c1 -W1 10.0.0.2"))
        return None if status == 0 else kernel_neighbors(r1).get("10.0.0.2", "no neighbour")

    util.wait_for("an answer from the gateway", answered)


def test_neighbors_with_warning_only(r1):
    "It is said, and nothing goes"
    log = Log(r1)
    util.vtysh(r1, "clear netstack blue neighbor")
    limits_are(r1, "limit neighbors 50 warning-only")
    stack_batch(
        r1, "blue", [neigh(f"10.0.7.{n}", "blue0", "nud stale") for n in range(1, 101)]
    )
    wait_limit(r1, "neighbors", state="reached", warningOnly=True, reason="")
    util.wait_for("the alarm", lambda: None if "is reached" in log.told() else log.told())

    def all_there():
        have = kernel_neighbors(r1)
        return None if all(f"10.0.7.{n}" in have for n in range(1, 101)) else sorted(have)

    util.stays("nothing goes", all_there, 2)
    # and typed without: there are too many for it already
    out = util.refused(r1, "netstack blue\nlimit neighbors 50")
    assert re.search(r"netstack blue has \d+ neighbors: limit neighbors 50 is below that", out), out
    util.vtysh(r1, "clear netstack blue neighbor")
    wait_limit(r1, "neighbors", state="ok")
    assert log.told()[-1] == "cleared", log.told()


def test_what_cannot_go_is_said(r1):
    "Permanent neighbours beyond the limit"
    util.vtysh(r1, "clear netstack blue neighbor")
    util.configure_file(
        r1,
        "netstack blue\n limit neighbors 3\n"
        + "".join(f" arp 10.0.8.{n} {MAC} interface blue0\n" for n in range(1, 6))
        + "exit\n",
    )
    wait_limit(
        r1,
        "neighbors",
        state="reached",
        reason="those that are permanent, of others or gateways in use are not removed",
    )
    assert all(f"10.0.8.{n}" in kernel_neighbors(r1) for n in range(1, 6))
    util.configure(
        r1, "netstack blue\n" + "".join(f"no arp 10.0.8.{n} interface blue0\n" for n in range(1, 6))
    )


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
