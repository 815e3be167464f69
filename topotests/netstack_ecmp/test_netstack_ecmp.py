#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Several gateways: those of the lowest distance share the traffic, a failed one leaves the share to
the others, and what stands by takes over when none is left.
"""

import os
import re
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_monitor_lib as monitor
import netstack_track_lib as track
import netstack_util as util

PRIMARY = [track.GATEWAYS[family][way] for way in track.WAYS for family in (4, 6)]
STANDBY = {4: "10.1.0.9", 6: "fd01::9"}


def build(tgen):
    track.build(tgen)
    # a third gateway, behind way one
    for address in (f"{STANDBY[4]}/24", f"{STANDBY[6]}/64 nodad"):
        track.run(tgen.net["p-one"], f"ip addr add {address} dev eth0")


@pytest.fixture(scope="module")
def r1(request):
    with util.router_r1(build, request) as router:
        yield router


def wait_shared(router):
    states = {address: ("active", "up") for address in PRIMARY}
    states.update({address: ("standby", None) for address in STANDBY.values()})
    track.wait_gateways(router, states, timeout=40)
    track.wait_ways(router, track.WAYS)


def states_of(one, two, standby):
    """{gateway: its state}, where none has a tracker."""
    states = {address: (standby, None) for address in STANDBY.values()}
    for way, state in (("one", one), ("two", two)):
        states.update({track.GATEWAYS[family][way]: (state, None) for family in (4, 6)})
    return states


def mute(way, on=True):
    value = int(on)
    track.run(
        track.peer(way),
        f"sysctl -qw net.ipv4.icmp_echo_ignore_all={value} net.ipv6.icmp.echo_ignore_all={value}",
    )


def ways_taken(router, family):
    """By which interfaces the kernel sends packets to many destinations."""
    prefix = {4: "10.99.{}.{}", 6: "fd99::{:x}:{:x}"}[family]
    flag = "-6 " if family == 6 else ""
    asked = "\n".join(
        f"route get {target}" + ("" if util.BACKEND == "netns" else " vrf wan")
        for target in (prefix.format(n, n + 1) for n in range(1, 60))
    )
    netns = "-n wan " if util.BACKEND == "netns" else ""
    out = util.sh(router, f"ip {netns}{flag}-batch -", stdin=asked + "\n")
    return {line.split(" dev ")[1].split()[0] for line in out.splitlines() if " dev " in line}


def test_both_share(r1):
    "One route with two next hops, and packets go by both"
    util.wait_up(r1, "wan", timeout=30)
    wait_shared(r1)
    for family in (4, 6):
        assert ways_taken(r1, family) == set(track.WAYS), family


@pytest.mark.parametrize("failed, left", [("one", "two"), ("two", "one")])
def test_one_fails_and_the_other_takes_all(r1, failed, left):
    "By whatever it is tracked"
    track.unplug(failed)
    track.wait_ways(r1, left)
    states = {track.GATEWAYS[family][failed]: ("unreachable", "down") for family in (4, 6)}
    states.update({track.GATEWAYS[family][left]: ("active", "up") for family in (4, 6)})
    track.wait_gateways(r1, states)
    for family in (4, 6):
        assert ways_taken(r1, family) == {left}, family
    track.plug(failed)
    wait_shared(r1)


def test_the_standby_takes_over_when_none_is_left(r1):
    "It has no tracker, and is behind the first link"
    mute("one")
    track.unplug("two")
    for family in (4, 6):
        util.wait_next_hops(r1, "wan", [STANDBY[family]], family=family)
    track.wait_gateways(r1, {address: ("active", None) for address in STANDBY.values()})
    mute("one", on=False)
    track.plug("two")
    wait_shared(r1)


def test_distances_are_changed(r1):
    "Equal ones share, unequal ones stand by; nothing has to be removed for that"
    util.configure(
        r1,
        """
        netstack wan
         default-gateway 10.2.0.1 distance 3 track arp
         default-gateway fd02::1 distance 3 track arp
        """,
    )
    track.wait_ways(r1, "one")
    states = {track.GATEWAYS[family]["two"]: ("standby", "up") for family in (4, 6)}
    track.wait_gateways(r1, states)
    mute("one")
    track.wait_ways(r1, "two")
    mute("one", on=False)
    track.wait_ways(r1, "one")
    util.configure(
        r1, "netstack wan\n default-gateway 10.2.0.1 track arp\n default-gateway fd02::1 track arp\n"
    )
    wait_shared(r1)


def test_what_is_no_gateway_takes_none_along(r1):
    "The kernel would refuse all of its distance: it is left out, and that is told"
    util.configure(
        r1,
        """
        netstack wan
         default-gateway 10.1.0.255
         default-gateway 10.2.0.255
         default-gateway 10.2.0.0 distance 9
         default-gateway 10.1.0.8 distance 255
        """,
    )
    states = {address: ("active", "up") for address in PRIMARY}
    states.update({address: ("standby", None) for address in STANDBY.values()})
    states.update({a: ("pending", None) for a in ("10.1.0.255", "10.2.0.255", "10.1.0.8")})
    states["10.2.0.0"] = ("standby", None)  # the first address is one like others
    shown = track.wait_gateways(r1, states)
    for address in ("10.1.0.255", "10.2.0.255"):
        reason = f"{address} is the broadcast address of its subnet"
        assert shown[address]["reason"] == reason, shown
    assert shown["10.1.0.8"]["reason"] == "distance 255 is never used", shown
    util.configure(
        r1,
        """
        netstack wan
         no default-gateway 10.1.0.255
         no default-gateway 10.2.0.255
         no default-gateway 10.2.0.0
         no default-gateway 10.1.0.8
        """,
    )
    wait_shared(r1)


def test_a_route_to_everywhere(r1):
    "Is listed with the gateways as long as it carries traffic, not when it stands by"
    routes = {"0.0.0.0/0": "10.1.0.8", "::/0": "fd01::8"}
    lines = "\n".join(f"route {prefix} {hop}" for prefix, hop in routes.items())
    util.configure(r1, f"netstack wan\n{lines}")
    states = {address: ("active", "up") for address in PRIMARY}
    states.update({hop: ("active", None) for hop in routes.values()})
    shown = track.wait_gateways(r1, states)
    for prefix, hop in routes.items():
        assert shown[hop]["reason"] == f"route {prefix}" and shown[hop]["distance"] == 1, shown
        shared = [address for address in (*PRIMARY, hop) if (":" in address) == (":" in hop)]
        util.wait_next_hops(r1, "wan", sorted(shared), family=6 if ":" in hop else 4)
    lines = "\n".join(f"route {prefix} {hop} distance 20" for prefix, hop in routes.items())
    util.configure(r1, f"netstack wan\n{lines}")
    wait_shared(r1)
    assert not set(routes.values()) & set(track.gateways(r1)), track.gateways(r1)
    lines = "\n".join(f"no route {prefix} {hop}" for prefix, hop in routes.items())
    util.configure(r1, f"netstack wan\n{lines}")
    wait_shared(r1)


GATEWAYS_4 = "default-gateway 10.1.0.1 {0}track icmp interval 200\ndefault-gateway 10.2.0.1 {0}track arp"


def test_a_next_hop_that_only_the_route_itself_leads_to(r1):
    "It is not used: the standby takes over, once, and the two do not take turns"
    util.configure(
        r1,
        "netstack wan\n"
        + GATEWAYS_4.format("distance 2 ")
        + """
        route 10.77.0.0/16 10.2.0.1
        route 0.0.0.0/0 10.77.0.1
        route 10.88.0.0/16 10.1.0.1 distance 20
        route 10.88.0.0/16 10.88.0.1
        """,
    )
    util.wait_next_hops(r1, "wan", ["10.2.0.1"])
    util.wait_next_hops(r1, "wan", ["10.1.0.1"], "10.88.0.0/16")
    with monitor.routes_of(r1, "wan") as changes:
        util.configure(r1, "netstack wan\n no route 10.77.0.0/16 10.2.0.1")
        util.wait_next_hops(r1, "wan", ["10.1.0.1", "10.2.0.1"])
        util.stays(
            "the standby is in use",
            lambda: util.differs(
                ["10.1.0.1", "10.2.0.1"], util.look(r1, "wan")["wan"].next_hops("default")
            ),
            2,
        )
    defaults = [line for line in changes if re.match(r"(Deleted )?default ", line)]
    assert 1 <= len(defaults) <= 3 and not [line for line in changes if "10.88" in line], changes
    shown = util.show_json(r1, "show netstack wan route")["routes"]
    pending = {route["nextHop"]: route["reason"] for route in shown if route["state"] == "pending"}
    only = "is in no subnet of this stack, and no route but this one would lead to it"
    assert pending == {hop: f"{hop} {only}" for hop in ("10.77.0.1", "10.88.0.1")}, shown
    util.configure(
        r1,
        "netstack wan\n"
        + GATEWAYS_4.format("")
        + """
        no route 0.0.0.0/0 10.77.0.1
        no route 10.88.0.0/16 10.1.0.1
        no route 10.88.0.0/16 10.88.0.1
        """,
    )
    wait_shared(r1)


def test_all_fail(r1):
    "There is no default any more but the guard: packets do not leave by another stack"
    util.configure(
        r1, "netstack wan\n no default-gateway 10.1.0.9\n no default-gateway fd01::9\n"
    )
    for way in track.WAYS:
        track.unplug(way)
    for family in (4, 6):
        util.wait_next_hops(r1, "wan", [], family=family)
    util.wait_state(r1, {"wan": "degraded"})
    for way in track.WAYS:
        track.plug(way)
    track.wait_ways(r1, track.WAYS)
    util.configure(
        r1,
        "netstack wan\n default-gateway 10.1.0.9 distance 7\n default-gateway fd01::9 distance 7\n",
    )
    wait_shared(r1)


def test_the_carrier_of_gateways_without_a_tracker(r1):
    """
    The cable is pulled, and nothing is configured: those of another link take over, and all of the
    link are told to be down, and to be up again
    """
    configured = [
        f"default-gateway {address} distance {distance}"
        for distance, way in ((1, "one"), (3, "two"))
        for address in (track.GATEWAYS[4][way], track.GATEWAYS[6][way])
    ]
    util.configure(r1, "\n".join(["netstack wan", *configured]))
    track.wait_gateways(r1, states_of("active", "standby", "standby"))
    track.wait_ways(r1, "one")
    behind_one = [track.GATEWAYS[family]["one"] for family in (4, 6)] + list(STANDBY.values())
    silence = track.Silence(r1, PRIMARY + list(STANDBY.values()))
    notifications = util.Notifications(r1)
    told = {address: [] for address in PRIMARY + list(STANDBY.values())}
    for _ in range(2):
        track.carrier("one", False)
        track.wait_ways(r1, "two")
        shown = track.wait_gateways(r1, states_of("unreachable", "active", "unreachable"))
        for address in behind_one:
            assert shown[address]["reason"] == "interface one is down", shown
            told[address].append("down: interface one is down")
        util.wait_state(r1, {"wan": "degraded"})
        assert silence.told() == told
        track.carrier("one", True)
        track.wait_ways(r1, "one")
        track.wait_gateways(r1, states_of("active", "standby", "standby"))
        util.wait_up(r1, "wan")
        for address in behind_one:
            told[address].append("up")
        assert silence.told() == told
    names = [name for name in notifications.names() if name.startswith("gateway-")]
    assert names == (["gateway-down"] * 4 + ["gateway-up"] * 4) * 2


def test_the_longest_subnet_that_a_gateway_is_in(r1):
    "Another link has a shorter one, that the gateway is in, too"
    own = {4: "10.60.0.9", 6: "fd09::9"}
    for shorter in (f"{own[4]}/10", f"{own[6]}/12"):
        util.configure(r1, f"netstack wan\ninterface two\naddress {shorter}")
    util.wait_up(r1, "wan")
    track.wait_gateways(r1, states_of("active", "standby", "standby"))
    # anew, so that all is decided with these addresses
    lines = [f"default-gateway {address} distance 1" for address in PRIMARY[:2]]
    util.configure(r1, "\n".join(["netstack wan", *(f"no {line}" for line in lines)]))
    track.wait_ways(r1, "two")
    util.configure(r1, "\n".join(["netstack wan", *lines]))
    track.wait_ways(r1, "one")
    track.wait_gateways(r1, states_of("active", "standby", "standby"))
    for family in (4, 6):
        assert ways_taken(r1, family) == {"one"}, family
    # no broadcast address is that which is one of two (RFC 3021)
    util.configure(r1, "netstack wan\ninterface one\naddress 10.66.0.1/16")
    util.configure(r1, "netstack wan\ninterface two\naddress 10.66.255.254/31")
    util.configure(r1, "netstack wan\nroute 10.67.0.0/16 10.66.255.255")
    util.wait_next_hops(r1, "wan", ["10.66.255.255"], "10.67.0.0/16")
    util.configure(
        r1,
        f"""
        netstack wan
         no route 10.67.0.0/16 10.66.255.255
         interface one
          no address 10.66.0.1/16
         exit
         interface two
          no address {own[4]}/10
          no address {own[6]}/12
          no address 10.66.255.254/31
        """,
    )
    track.wait_gateways(r1, states_of("active", "standby", "standby"))


def test_the_other_end_of_a_point_to_point_address(r1):
    "As pppd, for one, gives it to its link: it is a next hop, and its tracker hears it"
    ends = {4: ("10.64.0.2", "10.64.0.1", 32), 6: ("fd64::2", "fd64::1", 128)}
    ip = "ip -n wan" if util.BACKEND == "netns" else "ip"
    targets = {4: "10.66.0.0/16", 6: "fd66::/32"}
    for family, (here, there, bits) in ends.items():
        nodad = "nodad" if family == 6 else ""
        util.sh(r1, f"{ip} addr add {here} peer {there}/{bits} dev one {nodad}")
        track.run(track.peer("one"), f"ip addr add {there} peer {here}/{bits} dev eth0 {nodad}")
        util.configure(
            r1, f"netstack wan\nroute {targets[family]} {there} track icmp interval 200"
        )
    for family, (_, there, _) in ends.items():
        util.wait_next_hops(r1, "wan", [there], targets[family], family=family)
    mute("one")
    for family in (4, 6):
        util.wait_next_hops(r1, "wan", [], targets[family], family=family)
    mute("one", on=False)
    for family, (_, there, _) in ends.items():
        util.wait_next_hops(r1, "wan", [there], targets[family], family=family)
    # a gateway as well, and it is shown where it is
    util.configure(r1, f"netstack wan\ndefault-gateway {ends[4][1]} distance 100")
    shown = track.wait_gateways(r1, {ends[4][1]: ("standby", None)})
    assert shown[ends[4][1]]["interface"] == "one"
    util.configure(r1, f"netstack wan\nno default-gateway {ends[4][1]}")
    for family, (here, there, bits) in ends.items():
        util.configure(r1, f"netstack wan\nno route {targets[family]} {there}")
        util.sh(r1, f"{ip} addr del {here} peer {there}/{bits} dev one")
        track.run(track.peer("one"), f"ip addr del {there} peer {here}/{bits} dev eth0")
    track.wait_gateways(r1, states_of("active", "standby", "standby"))


def test_a_route_that_the_kernel_drops_with_the_carrier(r1):
    "It is by a nexthop object, and goes with that, without a word: it is not shown any more"
    ip = "ip -n wan" if util.BACKEND == "netns" else "ip"
    table = "" if util.BACKEND == "netns" else " vrf wan"
    prefix = "10.66.0.0/16"

    def wait_shown(want):
        util.wait_for(
            f"{prefix} {'is' if want else 'is not'} shown",
            lambda: util.differs(
                want,
                prefix
                in {
                    route["prefix"]
                    for route in util.show_json(r1, "show netstack wan route")["routes"]
                },
            ),
        )

    util.sh(r1, f"{ip} nexthop add id 700001 via 10.1.0.1 dev one")
    util.sh(r1, f"{ip} route add {prefix} nhid 700001{table}")
    wait_shown(True)
    track.carrier("one", False)
    wait_shown(False)
    assert not util.sh(r1, f"{ip} route show {prefix}{table}")
    track.carrier("one", True)
    track.wait_ways(r1, "one")
    track.wait_gateways(r1, states_of("active", "standby", "standby"))


def test_a_blackhole_that_leads_to_a_gateway(r1):
    "A host's route goes before its subnet's: the other way is taken, and it is told why"
    addresses = [track.GATEWAYS[family]["one"] for family in (4, 6)]
    routes = [
        f"route {address}/{length} blackhole" for address, length in zip(addresses, (32, 128))
    ]
    silence = track.Silence(r1, addresses)
    util.configure(r1, "\n".join(["netstack wan", *routes]))
    track.wait_ways(r1, "two")
    shown = track.wait_gateways(r1, states_of("unreachable", "active", "standby"))
    told = {address: [f"down: a blackhole route leads to {address}"] for address in addresses}
    for address in addresses:
        assert shown[address]["reason"] == f"a blackhole route leads to {address}", shown
    assert silence.told() == told
    util.configure(r1, "\n".join(["netstack wan", *(f"no {route}" for route in routes)]))
    track.wait_ways(r1, "one")
    track.wait_gateways(r1, states_of("active", "standby", "standby"))
    for lines in told.values():
        lines.append("up")
    assert silence.told() == told


def test_the_carrier_of_one_that_shares(r1):
    "Without a tracker: the other has all of the traffic, until it is back"
    util.configure(
        r1,
        "netstack wan\n"
        + "\n".join(f"default-gateway {address} distance 1" for address in PRIMARY),
    )
    track.wait_gateways(r1, states_of("active", "active", "standby"))
    track.wait_ways(r1, track.WAYS)
    track.carrier("two", False)
    track.wait_ways(r1, "one")
    track.wait_gateways(r1, states_of("active", "unreachable", "standby"))
    for family in (4, 6):
        assert ways_taken(r1, family) == {"one"}, family
    track.carrier("two", True)
    track.wait_ways(r1, track.WAYS)
    track.wait_gateways(r1, states_of("active", "active", "standby"))
    util.configure(
        r1,
        """
        netstack wan
         default-gateway 10.1.0.1 track icmp interval 200
         default-gateway 10.2.0.1 track arp
         default-gateway fd01::1 track icmp interval 200
         default-gateway fd02::1 track arp
        """,
    )
    wait_shared(r1)


def test_routes_share_too(r1):
    "A route has its own next hops, with their own trackers"
    util.configure(
        r1,
        """
        netstack wan
         route 10.60.0.0/16 10.1.0.1 track icmp interval 200
         route 10.60.0.0/16 10.2.0.1 track arp
         route fd60::/32 fd01::1 track icmp interval 200
         route fd60::/32 fd02::1 track arp
        """,
    )
    util.wait_next_hops(r1, "wan", ["10.1.0.1", "10.2.0.1"], "10.60.0.0/16")
    util.wait_next_hops(r1, "wan", ["fd01::1", "fd02::1"], "fd60::/32", 6)
    track.unplug("two")
    util.wait_next_hops(r1, "wan", ["10.1.0.1"], "10.60.0.0/16")
    util.wait_next_hops(r1, "wan", ["fd01::1"], "fd60::/32", 6)
    track.plug("two")
    util.wait_next_hops(r1, "wan", ["10.1.0.1", "10.2.0.1"], "10.60.0.0/16")
    util.wait_next_hops(r1, "wan", ["fd01::1", "fd02::1"], "fd60::/32", 6)


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
