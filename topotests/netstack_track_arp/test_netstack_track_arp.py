#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Gateways that are tracked by the kernel's own ARP and ND entries: one that the kernel gets no answer
from is not used, and it is used again when it has answered for the hold-down.
"""

import os
import sys
import time

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_track_lib as track
import netstack_util as util
from netstack_track_lib import HOLD, ONE, TWO, wait_working

REASONS = {"10.1.0.1": "no answer to ARP", "fd01::1": "no answer to ND"}


@pytest.fixture(scope="module")
def r1(request):
    with util.router_r1(track.build, request) as router:
        yield router


def test_the_tracked_gateways_are_up(r1):
    "The kernel resolves them by itself: nobody has sent a packet there"
    util.wait_up(r1, "wan", timeout=30)
    wait_working(r1)
    neighbors = util.look(r1, "wan")["wan"].neighbors(permanent=False)
    for address in ONE:
        assert neighbors.get(("one", address)), neighbors
        assert track.told(r1, address) == [], "nothing has happened yet"
    assert " default-gateway 10.1.0.1 track arp\n" in util.running_config(r1)


def test_a_gateway_that_is_gone_fails_over(r1):
    "No link of the router goes down; the standby takes over, in both families"
    silence = track.Silence(r1, ONE)
    track.unplug("one")
    track.wait_ways(r1, "two")
    states = {address: ("unreachable", "down") for address in ONE}
    states.update({address: ("active", None) for address in TWO})
    shown = track.wait_gateways(r1, states)
    for address in ONE:
        assert shown[address]["reason"] == REASONS[address], shown
    assert silence.told() == {address: [f"down: {REASONS[address]}"] for address in ONE}


def test_it_returns_after_the_hold_down(r1):
    "Not at once, but when it has answered for three seconds"
    silence = track.Silence(r1, ONE)
    start = time.monotonic()
    track.plug("one")
    track.wait_returning(r1, ONE)
    wait_working(r1)
    assert time.monotonic() - start >= HOLD
    assert silence.told() == {address: ["up"] for address in ONE}


def test_a_gap_in_the_hold_down_starts_it_again(r1):
    "One that is shorter than what the kernel needs to give an entry up"
    hold = 5
    for address in ONE:
        util.configure(
            r1, f"netstack wan\n default-gateway {address} track arp hold-down {hold}\n"
        )
    wait_working(r1)
    track.unplug("one")
    track.wait_ways(r1, "two")
    silence = track.Silence(r1, ONE)
    track.plug("one")
    track.wait_gateways(r1, {address: ("unreachable", "returning") for address in ONE})
    track.unplug("one")
    time.sleep(2.2)  # the gap: two rounds of the tracker's, and less than three requests of the kernel's
    start = time.monotonic()
    track.plug("one")
    wait_working(r1)
    assert time.monotonic() - start >= hold
    assert silence.told() == {address: ["up"] for address in ONE}
    for address in ONE:
        util.configure(r1, f"netstack wan\n default-gateway {address} track arp\n")
    wait_working(r1)


def test_it_stays_up_without_traffic(r1):
    "An entry that is only confirmed by the kernel's own probes"
    silence = track.Silence(r1, ONE)
    util.stays(
        "the gateways are up",
        lambda: util.differs(
            {address: "up" for address in ONE},
            {address: track.gateways(r1)[address]["track"]["state"] for address in ONE},
        ),
        8,
    )
    assert silence.told() == {address: [] for address in ONE}


def test_a_flushed_entry_is_no_failure(r1):
    "The kernel resolves it again"
    silence = track.Silence(r1, ONE)
    for _ in range(3):
        util.vtysh(r1, "clear netstack wan neighbor")
        wait_working(r1)
    assert silence.told() == {address: [] for address in ONE}


def test_a_router_stays_one(r1):
    "The probes leave the router flag of an ND entry alone"
    track.run(track.peer("one"), "sysctl -qw net.ipv6.conf.all.forwarding=1")
    util.vtysh(r1, "clear netstack wan neighbor fd01::1")

    def probe():
        shown = util.sh(r1, util.ip_at("wan", "-6 neigh show fd01::1 dev one"))
        return None if "router" in shown and "REACHABLE" in shown else shown

    util.wait_for("fd01::1 is a router", probe)
    for _ in range(4):  # a probe is due each second
        util.wait_for("fd01::1 is a router still", probe)
        time.sleep(0.7)
    track.run(track.peer("one"), "sysctl -qw net.ipv6.conf.all.forwarding=0")


def test_a_permanent_neighbor_is_up(r1):
    "The kernel cannot tell, and leaves the entry alone"
    mac = util.look(r1, "wan")["wan"].neighbors()[("one", "10.1.0.1")]
    util.configure(r1, f"netstack wan\n arp 10.1.0.1 {mac} interface one\n")
    util.wait_for(
        "permanent",
        lambda: None
        if ("one", "10.1.0.1") in util.look(r1, "wan")["wan"].neighbors(permanent=True)
        else "not permanent",
    )
    track.unplug("one")
    track.wait_gateways(
        r1, {"10.1.0.1": ("active", "up"), "fd01::1": ("unreachable", "down")}
    )
    assert ("one", "10.1.0.1") in util.look(r1, "wan")["wan"].neighbors(permanent=True)
    util.configure(r1, "netstack wan\n no arp 10.1.0.1 interface one\n")
    track.wait_gateways(r1, {"10.1.0.1": ("unreachable", "down")})
    track.plug("one")
    wait_working(r1)


def test_a_restart_with_a_dead_gateway(r1):
    "It is found out again"
    track.unplug("one")
    track.wait_ways(r1, "two")
    track.restart(r1)
    track.wait_gateways(r1, {address: ("unreachable", "down") for address in ONE}, timeout=40)
    track.wait_ways(r1, "two")
    track.plug("one")
    wait_working(r1)


def test_a_restart_of_zebra(r1):
    "With all others: the trackers are there again"
    track.zebra_restarted(r1, lambda: track.unplug("one"), lambda: track.plug("one"))


def test_a_link_local_gateway(r1):
    "On its interface, by ND"
    told = track.link_local_fails_over(
        r1,
        track.LINK_LOCAL["one"],
        "arp",
        lambda: track.unplug("one"),
        lambda: track.plug("one"),
    )
    assert told == [f"down: {REASONS['fd01::1']}", "up"]


def test_the_same_link_local_address_at_both_ways(r1):
    "Two gateways: each is tracked on its own interface"
    address = "fe80::7"

    def answer(way):
        track.run(track.peer(way), f"ip addr replace {address}/64 dev eth0 nodad")

    def wait_states(one, two):
        def probe():
            view = util.look(r1, "wan")["wan"]
            used = [
                hop["dev"]
                for route in view.routes(6)
                if route["dst"] == "default" and not util.is_guard(route)
                for hop in route.get("nexthops", [route])
            ]
            entries = util.show_json(r1, "show netstack wan gateway")["gateways"]
            states = {
                entry["interface"]: (entry["state"], entry["track"]["state"])
                for entry in entries
                if entry["address"] == address
            }
            want = [way for way, state in (("one", one), ("two", two)) if state[0] == "active"]
            return util.differs([want, {"one": one, "two": two}], [used, states])

        util.wait_for(f"one is {one}, two is {two}", probe)

    for way in track.WAYS:
        answer(way)
    util.configure(
        r1,
        f"""
        netstack wan
         no default-gateway fd01::1
         no default-gateway fd02::1
         default-gateway {address} interface one track arp
         default-gateway {address} interface two distance 5 track arp
        """,
    )
    wait_states(("active", "up"), ("standby", "up"))
    names = [f"{address} on {way}" for way in track.WAYS]
    silence = track.Silence(r1, names)
    down = f"down: {REASONS['fd01::1']}"
    track.unplug("one")
    wait_states(("unreachable", "down"), ("active", "up"))
    assert silence.told() == {names[0]: [down], names[1]: []}
    # one returns while two fails
    track.plug("one")
    answer("one")
    track.unplug("two")
    wait_states(("active", "up"), ("unreachable", "down"))
    assert silence.told() == {names[0]: [down, "up"], names[1]: [down]}
    track.plug("two")
    answer("two")
    util.configure(
        r1,
        f"""
        netstack wan
         no default-gateway {address} interface one
         no default-gateway {address} interface two
         default-gateway fd01::1 track arp
         default-gateway fd02::1 distance 5
        """,
    )
    for way in track.WAYS:
        track.run(track.peer(way), f"ip addr del {address}/64 dev eth0")
    wait_working(r1)


def test_a_gateway_in_no_subnet(r1):
    "The kernel has no entry of what is behind others: it is used, and it is said why"
    util.configure(
        r1, "netstack wan\n route 10.50.0.0/16 10.99.0.1 track arp\n"
    )
    util.wait_next_hops(r1, "wan", ["10.1.0.1"], "10.50.0.0/16")
    shown = util.show_json(r1, "show netstack wan route")["routes"]
    entry = next(route for route in shown if route["prefix"] == "10.50.0.0/16")
    assert entry["track"]["state"] == "unknown", entry
    assert "in no subnet" in entry["track"]["reason"], entry
    util.configure(r1, "netstack wan\n no route 10.50.0.0/16 10.99.0.1\n")


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
