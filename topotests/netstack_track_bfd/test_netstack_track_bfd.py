#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Gateways that are tracked by BFD: r1 has sessions with g1, by FRR's BFD daemons. When they go down
the standby takes over, and g1 is used again when they have been up for the hold-down.
"""

import datetime
import os
import re
import subprocess
import sys
import time

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_monitor_lib as monitor
import netstack_track_lib as track
import netstack_util as util
from netstack_track_lib import HOLD, ONE, TWO, wait_working


def build(tgen):
    router = tgen.add_router("r1")
    for way in track.WAYS:
        util.add_port(tgen, router, way)
    track.add_gateway(tgen, "two")
    tgen.add_link(tgen.gears["s-one"], tgen.add_router("g1"), "s-one1", "eth0")


@pytest.fixture(scope="module")
def tgen(request):
    # pylint: disable=import-outside-toplevel,import-error
    from lib.topogen import TopoRouter

    with util.topology(build, request) as network:
        for name in ("g1", "r1"):  # the gateway is there before it is tracked
            util.load_conf(
                network.gears[name],
                os.path.join(CWD, name, "frr.conf"),
                [(TopoRouter.RD_ZEBRA, ""), (TopoRouter.RD_BFD, "")],
            )
            network.start_router(name)
        yield network


@pytest.fixture(scope="module")
def r1(tgen):
    return tgen.gears["r1"]


@pytest.fixture(scope="module")
def g1(tgen):
    return tgen.gears["g1"]


def unplug(router):
    """g1 is gone, and no link of r1 has gone down."""
    util.sh(router, "ip link set eth0 down")


def plug(router):
    util.sh(router, "ip link set eth0 up")


def peers(router):
    """{peer: status} of bfdd, in the stack's VRF"""
    shown = util.show_json(router, "show bfd vrf wan peers")
    return {peer["peer"]: peer["status"] for peer in shown}


def sessions(router):
    """{peer: id} of bfdd: another id is another session, and the peer has seen the old one end"""
    shown = util.show_json(router, "show bfd vrf wan peers")
    return {peer["peer"]: peer["id"] for peer in shown}


def link_local(router, command):
    """The link-local address of an interface, of which this shows the addresses."""
    return re.search(r"inet6 (fe80:\S+)/64", util.sh(router, command)).group(1)


def poison_freed_memory(router):
    """From now on netstackd, started anew, finds nonsense in what it has freed."""
    pid = util.sh(router, "cat /var/run/frr/netstackd.pid").strip()
    command = util.sh(router, f"tr '\\0' ' ' </proc/{pid}/cmdline")
    folder = util.sh(router, f"readlink /proc/{pid}/cwd").strip()  # of its log
    util.sh(router, f"kill {pid}")
    look = f"ls -d /proc/{pid} 2>&1; :"
    util.wait_for("its end", lambda: None if "No such" in util.sh(router, look) else "it lives")
    glibc = "GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.malloc.perturb=165"
    util.sh(router, f"cd {folder} && {glibc} {command} </dev/null >/dev/null 2>&1 &")

    def probe():
        status, out = util.sh_status(router, "vtysh -d netstackd -c 'show version'")
        return out if status else None

    util.wait_for("its start", probe)
    util.sh(router, "vtysh -b -d netstackd")


def test_the_tracked_gateways_are_up(r1):
    "bfdd has a session for each, with the profile"
    util.wait_up(r1, "wan", timeout=60)
    wait_working(r1)
    assert peers(r1) == {address: "up" for address in ONE}
    shown = track.gateways(r1)
    for address in ONE:
        assert shown[address]["track"]["kind"] == "bfd", shown
        assert shown[address]["track"]["profile"] == "fast", shown
    assert " default-gateway fd01::1 track bfd profile fast\n" in util.running_config(r1)


def test_nothing_is_told_at_the_start(r1):
    "A session that is not up yet is no failure"
    for address in ONE:
        assert track.told(r1, address) == []


def test_a_gateway_that_is_gone_fails_over(r1, g1):
    "The standby takes over, in both families, and it is told once"
    silence = track.Silence(r1, ONE)
    unplug(g1)
    track.wait_ways(r1, "two")
    states = {address: ("unreachable", "down") for address in ONE}
    states.update({address: ("active", None) for address in TWO})
    shown = track.wait_gateways(r1, states)
    for address in ONE:
        assert shown[address]["reason"] == "BFD session is down", shown
    assert silence.told() == {address: ["down: BFD session is down"] for address in ONE}


def test_it_returns_after_the_hold_down(r1, g1):
    "Not at once, but when the session has been up for three seconds"
    silence = track.Silence(r1, ONE)
    start = time.monotonic()
    plug(g1)
    track.wait_returning(r1, [ONE[0]])
    wait_working(r1)
    assert time.monotonic() - start >= HOLD
    assert silence.told() == {address: ["up"] for address in ONE}


def seconds_to_fail_over(r1, g1):
    """From the word of bfdd to the route that is sent: both are in the log, with microseconds."""
    before = len(util.log_of(r1))
    unplug(g1)
    try:
        track.wait_ways(r1, "two")
        log = util.log_of(r1)[before:]
    finally:
        plug(g1)
    wait_working(r1)
    down = re.search(r"(\S+ \S+) NETSTACK: .*gateway 10.1.0.1 is down", log)
    sent = re.search(r"(\S+ \S+) NETSTACK: .*send route 0.0.0.0/0, distance 5", log)
    assert down and sent, log
    times = [datetime.datetime.strptime(found[1], "%Y/%m/%d %H:%M:%S.%f") for found in (down, sent)]
    return (times[1] - times[0]).total_seconds()


def test_it_fails_over_at_once(r1, g1):
    "It waits for nothing; but another process may have the processor in that moment, so one of three has to"
    util.vtysh(r1, "debug netstack zebra")
    taken = []
    try:
        while len(taken) < 3 and (not taken or taken[-1] >= 0.01 * util.SLOWNESS):
            taken.append(seconds_to_fail_over(r1, g1))
    finally:
        util.vtysh(r1, "no debug netstack zebra")
    assert 0 <= taken[-1] < 0.01 * util.SLOWNESS, taken


def test_a_restart_of_netstackd_loses_no_route(r1):
    "What is not known yet is used; the sessions are registered again"
    with monitor.no_default_lost(r1, "wan"):
        track.restart(r1)
        wait_working(r1)


def test_a_restart_while_a_gateway_is_down(r1, g1):
    "Nothing is known of it at first, and it was not in use: what is in the kernel stays"
    unplug(g1)
    track.wait_ways(r1, "two")
    with monitor.no_default_lost(r1, "wan", unused=ONE):
        track.restart(r1)
        states = {address: ("pending", "unknown") for address in ONE}
        states.update({address: ("active", None) for address in TWO})
        shown = track.wait_gateways(r1, states)
        for address in ONE:
            assert "has not answered yet" in shown[address]["reason"], shown
        states.update({address: ("unreachable", "down") for address in ONE})
        track.wait_gateways(r1, states)
        track.wait_ways(r1, "two")
    plug(g1)
    wait_working(r1)


def test_a_restart_of_bfdd_is_no_failure(r1):
    "Its sessions begin anew, and the gateways are used meanwhile"
    silence = track.Silence(r1, ONE)
    with monitor.no_default_lost(r1, "wan"):
        track.restart(r1, "bfdd")
        wait_working(r1)
    assert silence.told() == {address: [] for address in ONE}


def test_without_bfdd_there_is_no_opinion(r1, g1):
    "It is said that nobody answers, and the gateway is used"
    # pylint: disable=import-outside-toplevel,import-error
    from lib.common_config import kill_router_daemons, start_router_daemons
    from lib.topogen import get_topogen

    # at once: the library writes down what the daemons have that still run
    kill_router_daemons(get_topogen(), "r1", ["bfdd", "netstackd"])
    start_router_daemons(get_topogen(), "r1", ["netstackd"])
    util.sh(r1, "vtysh -b -d netstackd")
    shown = track.wait_gateways(r1, {address: ("active", "unknown") for address in ONE})
    track.wait_ways(r1, "one")

    def probe():
        shown = track.gateways(r1)
        reasons = {address: shown[address]["track"]["reason"] for address in ONE}
        want = {address: "bfdd does not answer: is it running?" for address in ONE}
        return util.differs(want, reasons)

    util.wait_for("it is said", probe)
    start_router_daemons(get_topogen(), "r1", ["bfdd"])
    util.sh(r1, "vtysh -b -d bfdd")
    wait_working(r1)
    unplug(g1)
    track.wait_ways(r1, "two")
    plug(g1)
    wait_working(r1)


def test_a_restart_of_zebra(r1, g1):
    "bfdd and netstackd find each other again, and what is dead is found out"
    track.restart(r1, "zebra")
    wait_working(r1)
    unplug(g1)
    track.wait_ways(r1, "two")
    plug(g1)
    wait_working(r1)


def test_a_gateway_without_bfd(r1):
    "It is used until its session had time to come up"
    util.configure(r1, "netstack wan\n default-gateway 10.2.0.1 distance 5 track bfd\n")
    track.wait_gateways(r1, {"10.2.0.1": ("standby", "unknown")})
    shown = track.wait_gateways(r1, {"10.2.0.1": ("unreachable", "down")})
    assert shown["10.2.0.1"]["reason"] == "BFD session is down: it has not come up", shown
    util.configure(r1, "netstack wan\n default-gateway 10.2.0.1 distance 5\n")
    wait_working(r1)


def test_a_link_local_gateway(r1, g1):
    "A session on its interface"
    own = link_local(r1, util.ip_at("wan", "-6 addr show dev one scope link"))
    address = link_local(g1, "ip -6 addr show dev eth0 scope link")
    peer = f"peer {own} local-address {address} interface eth0"
    util.configure(g1, f"bfd\n {peer}\n  profile fast\n exit\nexit\n")
    told = track.link_local_fails_over(
        r1, address, "bfd profile fast", lambda: unplug(g1), lambda: plug(g1)
    )
    assert told == ["down: BFD session is down", "up"]
    util.configure(g1, f"bfd\n no {peer}\nexit\n")
    util.wait_for("its session is gone", lambda: util.differs(sorted(ONE), sorted(peers(r1))))


@pytest.mark.parametrize("interface", ["", " interface one"])
def test_two_lines_share_a_session(r1, g1, interface):
    "bfdd has one for a next hop, with or without its interface: it stays when one of the lines goes"
    before = sessions(r1)
    util.configure(r1, f"netstack wan\n route 10.60.0.0/16 10.1.0.1{interface} track bfd\n")
    util.wait_up(r1, "wan")
    util.configure(r1, f"netstack wan\n no route 10.60.0.0/16 10.1.0.1{interface}\n")
    wait_working(r1)
    assert sessions(r1) == before
    # it has one profile, and who has another one is told so
    util.configure_file(
        r1, f"netstack wan\n route 10.60.0.0/16 10.1.0.1{interface} track bfd profile slow\n"
    )
    util.wait_up(r1, "wan")
    shown = util.show_json(r1, "show netstack wan route")["routes"]
    reasons = [route["track"]["reason"] for route in shown if route["prefix"] == "10.60.0.0/16"]
    assert reasons == ["profile fast of another line is in force"], shown
    util.configure(r1, f"netstack wan\n no route 10.60.0.0/16 10.1.0.1{interface}\n")
    wait_working(r1)
    assert sessions(r1) == before
    unplug(g1)
    track.wait_ways(r1, "two")
    plug(g1)
    wait_working(r1)


def test_two_lines_that_move_to_another_link(r1):
    "The session there is new, and down at first: no failure, to neither of those that share it"
    util.configure(r1, "netstack wan\n route 10.61.0.0/16 10.1.0.1 track bfd hold-down 2\n")
    wait_working(r1)
    util.wait_next_hops(r1, "wan", ["10.1.0.1"], "10.61.0.0/16")
    before = sessions(r1)["10.1.0.1"]
    silence = track.Silence(r1, ["10.1.0.1"])
    util.configure(r1, "netstack wan\n interface two\n  address 10.1.0.66/25\n")

    def probe():
        # "init": the gateway is still heard by the other link, and does not hear
        if sessions(r1).get("10.1.0.1", before) == before or peers(r1)["10.1.0.1"] == "up":
            return "no new session"
        routes = util.show_json(r1, "show netstack wan route")["routes"]
        tracks = [
            route["track"]
            for route in routes
            if route["nextHop"] == "10.1.0.1" and "track" in route
        ]
        late = "BFD session is down: it has not come up"
        seen = {(each["state"], each["reason"]) for each in tracks}
        new = {("unknown", "BFD session has not come up yet"), ("down", late)}
        return None if len(tracks) == 2 and seen <= new else tracks

    util.wait_for("both wait for the new session", probe)
    util.configure(r1, "netstack wan\n interface two\n  no address 10.1.0.66/25\n")
    wait_working(r1)
    assert "down: BFD session is down" not in silence.told()["10.1.0.1"], silence.told()
    util.configure(r1, "netstack wan\n no route 10.61.0.0/16 10.1.0.1\n")
    wait_working(r1)


# A file is being read: what it changes is done at its end. Ends when its input does.
READ_A_FILE = """
import socket, sys
vty = socket.socket(socket.AF_UNIX)
vty.connect("/var/run/frr/netstackd.vty")
def say(line):
    vty.sendall(line.encode() + b"\\0")
    said = b""
    while not (len(said) >= 4 and said[-4:-1] == bytes(3)):
        said += vty.recv(4096) or sys.exit("netstackd has gone")
for line in ("enable", "configure terminal", "XFRR_start_configuration", *sys.argv[1:]):
    say(line)
print("read", flush=True)
sys.stdin.read()
say("XFRR_end_configuration")
"""


def test_one_fails_while_another_is_given_up(r1, g1):
    "Within libfrr's walk over the sessions none may go"
    poison_freed_memory(r1)
    wait_working(r1)
    pid = util.sh(r1, "cat /var/run/frr/netstackd.pid").strip()
    lines = ["netstack wan", "no default-gateway fd01::1"]
    reader = r1.net.popen(
        ["python3", "-c", READ_A_FILE, *lines],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout.readline() == "read\n"
    unplug(g1)
    util.wait_next_hops(r1, "wan", ["10.2.0.1"])
    reader.communicate("")
    assert reader.returncode == 0
    util.sh(r1, f"kill -0 {pid}")
    plug(g1)
    util.configure(r1, "netstack wan\n default-gateway fd01::1 track bfd profile fast\n")
    wait_working(r1)


def test_another_name_leaves_no_session(r1):
    """
    bfdd would keep one of a VRF that has gone for ever: it is given up before. With VRF devices zebra can hear of
    the end of the device first, for all that (doc/developer/upstream.md): there, only the new ones are looked at.
    """
    for line, name in (("vrf other", "other"), ("no vrf", "wan")):
        util.configure(r1, f"netstack wan\n {line}\n")
        for family, address in zip((4, 6), ONE):
            util.wait_next_hops(r1, name, [address], family=family)
        util.wait_up(r1, "wan")

        def probe(vrf=name):
            shown = util.show_json(r1, "show bfd peers")
            if util.BACKEND == "vrf":
                shown = [peer for peer in shown if peer["vrf"] == vrf]
            return util.differs([(vrf, "up")] * 2, [(peer["vrf"], peer["status"]) for peer in shown])

        util.wait_for("the sessions are those of the new name", probe, 30)
    wait_working(r1)


def test_a_session_that_is_shut_down_says_nothing(r1, g1):
    "RFC 5882, 3.2: that is no failure, and what was down is used again; it is told, with the reason"
    unplug(g1)
    track.wait_ways(r1, "two")
    silence = track.Silence(r1, ONE)
    util.configure(r1, "bfd\n peer 10.1.0.1 vrf wan\n shutdown\n")
    shown = track.wait_gateways(
        r1, {"10.1.0.1": ("active", "unknown"), "fd01::1": ("unreachable", "down")}
    )
    reason = "BFD session is administratively down"
    assert shown["10.1.0.1"]["track"]["reason"] == reason, shown
    # a set: a netstackd that was started by hand before may write its log twice
    told = {address: set(lines) for address, lines in silence.told().items()}
    assert told == {"10.1.0.1": {"up"}, "fd01::1": set()}
    assert f"gateway 10.1.0.1 is up: {reason}\n" in util.log_of(r1)
    # the session is ours alone again, and finds out
    util.configure(r1, "bfd\n no peer 10.1.0.1 vrf wan\n")
    track.wait_gateways(r1, {address: ("unreachable", "down") for address in ONE}, timeout=40)
    plug(g1)
    wait_working(r1)


def test_a_profile_that_is_absent(r1):
    "Who types it is told, and nothing changes"
    before = util.running_config(r1), sessions(r1)
    for line in ("default-gateway 10.1.0.1", "route 10.60.0.0/16 10.1.0.1"):
        out = util.refused(r1, f"netstack wan\n {line} track bfd profile nowhere\n")
        assert "% bfdd has no profile nowhere: " in out, out
    assert (util.running_config(r1), sessions(r1)) == before
    # one that is made a moment before is known
    util.configure(r1, "bfd\n profile nowhere\n exit\nexit\n")
    line = "route 10.60.0.0/16 10.1.0.1 track bfd profile nowhere"
    util.configure(r1, f"netstack wan\n {line}\n")
    util.configure(r1, "bfd\n no profile nowhere\nexit\n")
    # and what is there may be typed again
    util.configure(r1, f"netstack wan\n {line}\n no {line}\n")


def test_a_profile_that_a_file_has_and_bfdd_has_not(r1):
    "The session has the defaults until there is one, and that is told"
    before = sessions(r1)
    util.configure_file(
        r1,
        """
        netstack wan
         default-gateway 10.1.0.1 track bfd profile nowhere
        """,
    )
    track.wait_gateways(r1, {"10.1.0.1": ("active", "up")})
    assert track.gateways(r1)["10.1.0.1"]["track"]["profile"] == "nowhere"
    told = "bfdd has no profile nowhere: its defaults are in force"

    def probe():
        return util.differs(told, track.gateways(r1)["10.1.0.1"]["track"]["reason"])

    util.wait_for("it is shown", probe)
    logged = "tracked by BFD with profile nowhere, which bfdd does not have"
    util.wait_for("it is logged", lambda: None if logged in util.log_of(r1) else "it is not")
    util.configure(r1, "bfd\n profile nowhere\n receive-interval 777\n exit\nexit\n")
    told = ""
    util.wait_for("it is taken back", probe)

    def interval():
        shown = util.show_json(r1, "show bfd vrf wan peers")
        return util.differs([777], [p["receive-interval"] for p in shown if p["peer"] == "10.1.0.1"])

    util.wait_for("the session has it", interval)
    util.configure(r1, "bfd\n no profile nowhere\nexit\n")
    util.configure(r1, "netstack wan\n default-gateway 10.1.0.1 track bfd profile fast\n")
    wait_working(r1)
    assert sessions(r1) == before, "another profile is no reason for another session"


def test_a_stack_that_is_made_anew(r1, g1):
    "Its VRF has another id: the sessions are registered with that"
    conf = util.running_config(r1)
    util.configure(r1, "no netstack wan\n")
    util.wait_gone(r1, "wan")
    util.configure_file(r1, conf)
    util.wait_up(r1, "wan", timeout=30)
    wait_working(r1)
    unplug(g1)
    track.wait_ways(r1, "two")
    plug(g1)
    wait_working(r1)


def test_no_session_is_left(r1):
    "Without the line there is none"
    util.configure(r1, "netstack wan\n default-gateway 10.1.0.1\n default-gateway fd01::1\n")
    util.wait_for("no sessions", lambda: util.differs({}, peers(r1)))


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
