#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
`leak from NAME prefix-list PLIST`: a shared service. What the prefix-list permits crosses, IPv4 and
IPv6, and is followed as it comes and goes; nothing else crosses; all of it goes with the line.

    [red cred] ---- host 10.1.0.100
    [green cgreen] - host 10.2.0.100
    [services svc] - host 10.9.0.100, the service
"""

import json
import os
import re
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_monitor_lib as monitor
import netstack_routing_lib as routing
import netstack_util as util

BACKENDS = ["vrf"]

NAMES = ("services", "red", "green")
# {port: (subnet, IPv6 subnet)}
PORTS = {
    "svc": ("10.9.0", "fd00:9:"),
    "cred": ("10.1.0", "fd00:1:"),
    "cgreen": ("10.2.0", "fd00:2:"),
    "dflt": ("10.8.0", "fd00:8:"),
}
SERVICE = {4: "10.9.0.100", 6: "fd00:9::100"}
CUSTOMER = {"red": {4: "10.1.0.100", 6: "fd00:1::100"}, "green": {4: "10.2.0.100", 6: "fd00:2::100"}}
# What is permitted to customers, by its prefix-list SERVICES, and how it is reached: a subnet by
# the other stack's VRF device, for one more look-up there
PERMITTED = {
    4: {"10.9.0.0/24": ["services"], "10.90.0.0/16": ["10.9.0.100"]},
    6: {"fd00:9::/64": ["services"], "fd00:90::/32": ["fd00:9::100"]},
}
# What else services has, and SERVICES does not permit
UNLISTED = {"default": ["10.9.0.254"], "10.91.0.0/16": ["10.9.0.100"]}

PREFIX_LISTS = """
ip prefix-list SERVICES seq 5 permit 10.9.0.0/24
ip prefix-list SERVICES seq 10 permit 10.90.0.0/16
ipv6 prefix-list SERVICES seq 5 permit fd00:9::/64
ipv6 prefix-list SERVICES seq 10 permit fd00:90::/32
ip prefix-list CUSTOMERS seq 5 permit 10.0.0.0/14 le 24
ipv6 prefix-list CUSTOMERS seq 5 permit fd00:1::/64
ipv6 prefix-list CUSTOMERS seq 10 permit fd00:2::/64
"""
LEAKS = """
netstack red
 leak from services prefix-list SERVICES
exit
netstack green
 leak from services prefix-list SERVICES
exit
netstack services
 leak from green prefix-list CUSTOMERS
 leak from red prefix-list CUSTOMERS
exit
"""


def build(tgen):
    router = tgen.add_router("r1")
    for port, (net4, net6) in PORTS.items():
        util.add_port(tgen, router, port)
        util.add_peer(tgen, port, [f"{net4}.100/24", f"{net6}:100/64"])
        peer = tgen.net[f"p-{port}"]
        for gateway in (f"{net4}.1", f"{net6}:1"):
            status, out, err = peer.cmd_status(["ip", "route", "add", "default", "via", gateway])
            assert status == 0, f"{port}: {out}{err}"


class Before:
    routes = None


@pytest.fixture(scope="module")
def tgen(request):
    # pylint: disable=import-outside-toplevel
    with util.topology(build, request) as topology:
        router = topology.gears["r1"]
        router.load_frr_config("frr.conf")
        topology.start_router()
        util.wait_up(router, *NAMES, timeout=30)
        Before.routes = all_routes(router)
        yield topology


@pytest.fixture
def r1(tgen):
    return tgen.gears["r1"]


# ---- looking ------------------------------------------------------------------------------------


def ways(view, destination, family):
    """How a stack reaches a prefix: gateways, or the device of a route without one."""
    found = []
    for route in view.routes(family):
        if route["dst"] != destination or util.is_guard(route):
            continue
        for hop in route.get("nexthops", [route]):
            found.append(hop.get("gateway") or hop.get("dev") or route.get("type"))
    return sorted(found)


def foreign(view):
    """{family: {prefix: ways}} of all that leads out of a stack by an interface of another."""
    result = {}
    for family in (4, 6):
        result[family] = {
            route["dst"]: ways(view, route["dst"], family)
            for route in view.routes(family)
            if any(
                hop.get("dev", "lo") not in [*view.members, "lo"]
                for hop in route.get("nexthops", [route])
            )
        }
    return result


def all_routes(router):
    """{stack: routes}, without those that come when duplicate address detection is over."""
    return {
        name: sorted(
            (route["dst"], str(route.get("gateway")), route.get("dev", ""))
            for family in (4, 6)
            for route in view.routes(family)
            if not route["dst"].startswith(("fe80:", "ff00:"))
        )
        for name, view in util.look(router, *NAMES).items()
    }


def wait_foreign(router, name, want):
    """Waits until this crosses into a stack, and no more."""
    util.wait_for(
        f"what crosses into {name}",
        lambda: util.differs(want, foreign(util.look(router, name)[name])),
    )


def leak_of(router, name, source="services"):
    leaks = util.show_json(router, "show netstack isolation")["stacks"][name]["leaks"]
    return next((leak for leak in leaks if leak["from"] == source), None)


def yang_leaks(router, name, which=""):
    """The leaks into a stack as YANG state; `which`: the predicate of one."""
    out = util.vtysh(
        router,
        "show yang operational-data"
        f" /frr-netstack:netstack/stack[name='{name}']/state/leak{which} netstackd",
    )
    stacks = json.loads(out).get("frr-netstack:netstack", {}).get("stack", [])
    return stacks[0].get("state", {}).get("leak", []) if stacks else []


def wait_leak(router, name, state, reason="", source="services"):
    """Waits until a leak is in this state for this reason (a pattern)."""

    def probe():
        leak = leak_of(router, name, source)
        if leak and leak["state"] == state and re.fullmatch(reason, leak["reason"]):
            return None
        return {"expected": (state, reason), "seen": leak}

    util.wait_for(f"leak from {source} into {name} is {state}", probe)


def wait_installed(router, name, source="services"):
    """Waits until all routes of an active leak are installed; their prefixes."""
    wait_leak(router, name, "active", source=source)
    routes = leak_of(router, name, source)["routes"]
    assert all(route["state"] == "installed" for route in routes), routes
    return {route["prefix"] for route in routes}


def ping(tgen, port, address):
    """Does a host get an answer? None if it does, for wait_for()."""
    host = tgen.net[f"p-{port}"]
    status, out, err = host.cmd_status(["ping", "-c1", "-W1", address], warn=False)
    return None if status == 0 else f"exit status {status}: {out}{err}"


def all_up(router):
    util.wait_up(router, *NAMES)
    for name in ("red", "green"):
        wait_foreign(router, name, PERMITTED)
        assert wait_installed(router, name) == {*PERMITTED[4], *PERMITTED[6]}


# ---- tests --------------------------------------------------------------------------------------


def test_pending_until_there_is_a_prefix_list(r1):
    "The leak is accepted, is not in force and says why, and comes into force by itself"
    util.configure(r1, "netstack red\nleak from services prefix-list SERVICES")
    wait_leak(r1, "red", "pending", "there is no prefix-list SERVICES")
    util.wait_state(r1, {"red": "degraded"})
    reason = util.show_json(r1, "show netstack")["red"]["reason"]
    assert reason == "leak from services: there is no prefix-list SERVICES"
    wait_foreign(r1, "red", {4: {}, 6: {}})
    util.configure(r1, PREFIX_LISTS)
    wait_foreign(r1, "red", PERMITTED)
    assert wait_installed(r1, "red") == {*PERMITTED[4], *PERMITTED[6]}
    util.wait_up(r1, "red")


def test_yang_state(r1):
    "The same as is shown: those of each stack, one by its keys, and in the state of all"
    util.configure(r1, "netstack red\nleak from nobody prefix-list NONE")
    wait_leak(r1, "red", "pending", "there is no netstack nobody", "nobody")
    want = [
        {
            "from": "nobody",
            "prefix-list": "NONE",
            "state": "pending",
            "reason": "there is no netstack nobody",
            "route-count": 0,
        },
        {
            "from": "services",
            "prefix-list": "SERVICES",
            "state": "active",
            "reason": "",
            "route-count": 4,
        },
    ]
    util.wait_for("the YANG state", lambda: util.differs(want, yang_leaks(r1, "red")))
    one = "[from='services'][prefix-list='SERVICES']"
    assert yang_leaks(r1, "red", one) == want[1:]
    assert yang_leaks(r1, "red", "[from='services'][prefix-list='NONE']") == []
    assert yang_leaks(r1, "green") == []
    out = util.vtysh(r1, "show yang operational-data /frr-netstack:netstack netstackd")
    stacks = {entry["name"]: entry for entry in json.loads(out)["frr-netstack:netstack"]["stack"]}
    assert stacks["red"]["state"]["leak"] == want
    assert not any("leak" in stacks[name]["state"] for name in ("default", "green", "services"))
    text = util.vtysh(r1, "show netstack red detail").splitlines()
    assert "  Leak from nobody, prefix-list NONE, 0 routes, is pending: " + want[0]["reason"] in text
    assert "  Leak from services, prefix-list SERVICES, 4 routes, is active" in text
    shown = util.show_json(r1, "show netstack red detail")["red"]["leaks"]
    assert [(leak["from"], leak["routeCount"]) for leak in shown] == [("nobody", 0), ("services", 4)]
    util.configure(r1, "netstack red\nno leak from nobody prefix-list NONE")
    util.wait_for("one is gone", lambda: util.differs(want[1:], yang_leaks(r1, "red")))


def test_what_waits_for_room_is_counted_once(r1):
    "A prefix that two leaks permit is one route, and none of the configured ones"

    def is_told(reason):
        def probe():
            limits = util.show_json(r1, "show netstack red limits")["limits"]
            return util.differs(reason, limits["routes"]["reason"])

        util.wait_for("what waits is told", probe)

    wait_installed(r1, "red")
    use = util.show_json(r1, "show netstack red")["red"]["routeCount"]
    util.configure(r1, f"netstack red\nlimit routes {use}")
    is_told("")
    util.configure(
        r1,
        """
        ip prefix-list ONE seq 5 permit 10.91.0.0/16
        ip prefix-list TWO seq 5 permit 10.91.0.0/16
        netstack red
        leak from services prefix-list ONE
        leak from services prefix-list TWO
        """,
    )
    is_told("1 of the leaked routes waits for room")
    util.configure(
        r1, "netstack red\nroute 198.51.100.0/24 blackhole\nroute 198.51.101.0/24 blackhole"
    )
    is_told("2 of the configured and 1 of the leaked routes wait for room")
    # of a prefix that both are there for, the configured one is what waits
    util.configure(
        r1, "netstack red\nroute 10.91.0.0/16 blackhole\nno route 198.51.101.0/24 blackhole"
    )
    is_told("2 of the configured routes wait for room")
    util.configure(
        r1,
        """
        no ip prefix-list ONE
        no ip prefix-list TWO
        netstack red
        no limit routes
        no route 198.51.100.0/24 blackhole
        no route 10.91.0.0/16 blackhole
        no leak from services prefix-list ONE
        no leak from services prefix-list TWO
        """,
    )
    first = {*PERMITTED[4], *PERMITTED[6]}
    util.wait_for(
        "the first leak alone is there",
        lambda: util.differs(first, wait_installed(r1, "red")),
    )


def test_shared_service(tgen, r1):
    "Customers and the service reach each other, both ways and in both families"
    util.configure(r1, LEAKS)
    all_up(r1)
    for family in (4, 6):
        for port in ("cred", "cgreen"):
            util.wait_for(
                f"{port} reaches the service", lambda p=port, f=family: ping(tgen, p, SERVICE[f])
            )


def test_nothing_else_crosses(tgen, r1):
    "Not what the list does not permit, and not what has leaked into the service's stack"
    all_up(r1)
    want = {
        4: {"10.1.0.0/24": ["red"], "10.2.0.0/24": ["green"]},
        6: {"fd00:1::/64": ["red"], "fd00:2::/64": ["green"]},
    }
    wait_foreign(r1, "services", want)
    # the customers' list would permit each other's subnets
    for family in (4, 6):
        for port, other in (("cred", "green"), ("cgreen", "red")):
            assert ping(tgen, port, CUSTOMER[other][family]) is not None
    for name in ("red", "green"):
        assert util.look(r1, name)[name].guards() == [4, 6]


def test_addresses_of_the_stack_itself(tgen, r1):
    "What the router has in the other stack answers, too"
    for address in ("10.9.0.1", "fd00:9::1"):
        util.wait_for(f"{address} answers", lambda a=address: ping(tgen, "cred", a))


def test_routes_are_followed(r1):
    "One that comes into the other stack, one that goes, one with another next hop"
    util.configure(r1, "netstack services\nno route 10.90.0.0/16 10.9.0.100")
    want = {4: {"10.9.0.0/24": ["services"]}, 6: PERMITTED[6]}
    wait_foreign(r1, "red", want)
    wait_foreign(r1, "green", want)
    util.configure(r1, "netstack services\nroute 10.90.0.0/16 10.9.0.101")
    want = {4: {**want[4], "10.90.0.0/16": ["10.9.0.101"]}, 6: PERMITTED[6]}
    wait_foreign(r1, "red", want)
    util.configure(r1, "netstack services\nroute 10.90.0.0/16 10.9.0.100")
    want[4]["10.90.0.0/16"] = ["10.9.0.100", "10.9.0.101"]
    wait_foreign(r1, "red", want)
    util.configure(r1, "netstack services\nno route 10.90.0.0/16 10.9.0.101")
    all_up(r1)


def test_routes_of_others_are_followed(r1):
    "One that iproute2 puts in the other stack"
    util.sh(r1, "ip route add 10.90.7.0/24 via 10.9.0.100 vrf services")
    util.configure(r1, "ip prefix-list SERVICES seq 20 permit 10.90.0.0/16 le 32")
    want = {4: {**PERMITTED[4], "10.90.7.0/24": ["10.9.0.100"]}, 6: PERMITTED[6]}
    wait_foreign(r1, "red", want)
    util.sh(r1, "ip route del 10.90.7.0/24 vrf services")
    wait_foreign(r1, "red", PERMITTED)
    util.configure(r1, "no ip prefix-list SERVICES seq 20 permit 10.90.0.0/16 le 32")
    all_up(r1)


def test_more_than_gateways_and_links(r1):
    "A tunnel, weights, onlink: it is looked up once more in the other stack, and nothing is lost"
    routes = {
        "10.90.1.0/24": "encap ip id 7 dst 192.0.2.1 via 10.9.0.100 dev svc",
        "10.90.2.0/24": "nexthop via 10.9.0.100 weight 3 nexthop via 10.9.0.101 weight 1",
        "10.90.3.0/24": "via 192.0.2.9 dev svc onlink",
    }
    shares = {"10.90.4.0/24": "nexthop via 10.9.0.100 nexthop via 10.9.0.101"}
    for prefix, way in {**routes, **shares}.items():
        util.sh(r1, f"ip route add {prefix} vrf services {way}")
    util.configure(r1, "ip prefix-list SERVICES seq 20 permit 10.90.0.0/16 le 32")
    crossed = {prefix: ["services"] for prefix in routes} | {"10.90.4.0/24": ["10.9.0.100", "10.9.0.101"]}
    wait_foreign(r1, "red", {4: {**PERMITTED[4], **crossed}, 6: PERMITTED[6]})
    # one that was like others
    util.sh(r1, f"ip route replace 10.90.4.0/24 vrf services {routes['10.90.2.0/24']}")
    crossed["10.90.4.0/24"] = ["services"]
    wait_foreign(r1, "red", {4: {**PERMITTED[4], **crossed}, 6: PERMITTED[6]})
    for prefix in crossed:
        util.sh(r1, f"ip route del {prefix} vrf services")
    util.configure(r1, "no ip prefix-list SERVICES seq 20 permit 10.90.0.0/16 le 32")
    all_up(r1)


def test_a_route_by_what_has_leaked(r1):
    "The kernel would look its destination up in the other stack, and not its next hop: it is not used"
    util.configure(r1, "netstack red\nroute 10.60.0.0/16 10.9.0.100\nroute 10.60.0.0/16 10.1.0.100 distance 9")
    util.wait_next_hops(r1, "red", ["10.1.0.100"], "10.60.0.0/16")
    reason = "10.9.0.100 is in no subnet of this stack, and the route to it leads out of it"

    def probe():
        shown = util.show_json(r1, "show netstack red route")["routes"]
        seen = [(r["state"], r["reason"]) for r in shown if r["nextHop"] == "10.9.0.100" and r["configured"]]
        return util.differs([("pending", reason)], seen)

    util.wait_for("it says why", probe)
    wait_foreign(r1, "red", PERMITTED)
    util.configure(r1, "netstack red\nno route 10.60.0.0/16 10.9.0.100\nno route 10.60.0.0/16 10.1.0.100")
    all_up(r1)


def test_a_blackhole_crosses_as_one(r1):
    "Where the other stack drops, a route around that must not appear"
    util.configure(
        r1,
        """
ip prefix-list SERVICES seq 20 permit 10.90.0.0/16 le 24
netstack services
 route 10.90.8.0/24 blackhole
""",
    )
    util.wait_next_hops(r1, "red", ["blackhole"], "10.90.8.0/24")
    # and does not go on: services has it of its own, red has it by the leak
    util.configure(
        r1,
        """
ip prefix-list ALL seq 5 permit any
ipv6 prefix-list ALL seq 5 permit any
netstack green
 leak from red prefix-list ALL
""",
    )
    want = {4: {**PERMITTED[4], "10.1.0.0/24": ["red"]}, 6: {**PERMITTED[6], "fd00:1::/64": ["red"]}}
    wait_foreign(r1, "green", want)
    crossed = {route["prefix"] for route in leak_of(r1, "green", "red")["routes"]}
    assert crossed == {"10.1.0.0/24", "fd00:1::/64"}
    util.configure(
        r1,
        """
netstack green
 no leak from red prefix-list ALL
exit
netstack services
 no route 10.90.8.0/24 blackhole
exit
no ip prefix-list SERVICES seq 20 permit 10.90.0.0/16 le 24
no ip prefix-list ALL
no ipv6 prefix-list ALL
""",
    )
    util.wait_next_hops(r1, "red", [], "10.90.8.0/24")
    all_up(r1)


def test_default_can_be_either_end(tgen, r1):
    "The default VRF leaks into a stack, and has what leaks from it"
    util.sh(r1, "ip addr add 10.8.0.1/24 dev dflt")
    util.configure(
        r1,
        """
ip prefix-list UPLINK seq 5 permit 10.8.0.0/24
netstack red
 leak from default prefix-list UPLINK
exit
netstack default
 leak from red prefix-list CUSTOMERS
exit
""",
    )
    assert wait_installed(r1, "red", "default") == {"10.8.0.0/24"}
    assert wait_installed(r1, "default", "red") == {"10.1.0.0/24", "fd00:1::/64"}
    wait_foreign(r1, "red", {4: {**PERMITTED[4], "10.8.0.0/24": ["dflt"]}, 6: PERMITTED[6]})
    for port, address in (("cred", "10.8.0.100"), ("dflt", CUSTOMER["red"][4])):
        util.wait_for(f"{port} reaches {address}", lambda p=port, a=address: ping(tgen, p, a))
    # what it has from red does not go on
    assert wait_installed(r1, "green") == {*PERMITTED[4], *PERMITTED[6]}
    util.configure(
        r1,
        """
netstack red
 no leak from default prefix-list UPLINK
exit
netstack default
 no leak from red prefix-list CUSTOMERS
exit
no ip prefix-list UPLINK
""",
    )
    util.wait_for(
        "nothing of red is left in the default VRF",
        lambda: util.sh(r1, "ip route show table main 10.1.0.0/24").strip() or None,
    )
    util.sh(r1, "ip addr del 10.8.0.1/24 dev dflt")
    all_up(r1)


def test_prefix_lists_are_followed(r1):
    "An entry that goes, a list that goes, one that is empty"
    util.configure(r1, "no ip prefix-list SERVICES seq 10")
    wait_foreign(r1, "red", {4: {"10.9.0.0/24": ["services"]}, 6: PERMITTED[6]})
    util.configure(r1, "no ip prefix-list SERVICES")
    wait_foreign(r1, "red", {4: {}, 6: PERMITTED[6]})
    # to FRR a list without entries permits everything
    util.configure(r1, "ip prefix-list SERVICES description empty")
    util.configure(r1, "no ipv6 prefix-list SERVICES")
    wait_foreign(r1, "red", {4: {}, 6: {}})
    wait_leak(r1, "red", "active", "netstack services has no route that .*SERVICES permits")
    util.configure(r1, "no ip prefix-list SERVICES description")
    wait_leak(r1, "red", "pending", "there is no prefix-list SERVICES")
    util.configure(r1, PREFIX_LISTS)
    all_up(r1)


# The default that leaks from services, as `show netstack red gateway json` has it
LEAKED = {
    "address": "10.9.0.254",
    "interface": "svc",
    "protocol": "leak",
    "configured": False,
    "distance": 201,
    "state": "active",
    "reason": "leaks from services",
}


def gateways(router):
    return util.show_json(router, "show netstack red gateway")["gateways"]


def protocols(router, name):
    routes = util.show_json(router, f"show netstack {name} route")["routes"]
    return {route["prefix"]: route["protocol"] for route in routes if not route["configured"]}


def test_what_leaks_is_shown_as_a_leak(r1):
    "By zebra it is a static route; those of staticd's stay some, one that takes its place, too"
    prefixes = ("10.9.0.0/24", "10.90.0.0/16", "10.77.0.0/16")

    def wait_shown(*wanted):
        util.wait_for(
            f"{wanted} are shown",
            lambda: util.differs(
                list(wanted), [protocols(r1, "red").get(prefix) for prefix in prefixes]
            ),
        )

    wait_shown("leak", "leak", None)
    util.configure(
        r1,
        "ip route 10.77.0.0/16 10.1.0.254 vrf red\nip route 10.90.0.0/16 10.1.0.254 vrf red",
    )
    wait_shown("leak", "static", "static")
    util.configure(
        r1,
        "no ip route 10.77.0.0/16 10.1.0.254 vrf red\nno ip route 10.90.0.0/16 10.1.0.254 vrf red",
    )
    wait_shown("leak", "leak", None)
    all_up(r1)


def test_the_default_route(r1):
    "It crosses if permitted, but stands behind a default-gateway of the stack's own"
    util.configure(r1, "ip prefix-list SERVICES seq 1 permit 0.0.0.0/0")
    util.wait_next_hops(r1, "red", ["10.9.0.254"])
    util.wait_for("the leaked default is shown as a gateway", lambda: util.differs([LEAKED], gateways(r1)))
    util.configure(r1, "netstack red\ndefault-gateway 10.1.0.254")
    util.wait_next_hops(r1, "red", ["10.1.0.254"])
    own = {
        "address": "10.1.0.254",
        "interface": "cred",
        "protocol": "netstack",
        "configured": True,
        "distance": 1,
        "state": "active",
        "reason": "",
    }
    util.wait_for("it is not when another one is used", lambda: util.differs([own], gateways(r1)))
    wait_leak(r1, "red", "active", "1 of 5 routes are not installed")
    util.configure(r1, "netstack red\nno default-gateway 10.1.0.254")
    util.wait_next_hops(r1, "red", ["10.9.0.254"])
    util.configure(r1, "netstack red\ndefault-gateway 10.1.0.254 distance 250")
    util.stays(
        "the leaked default is preferred to one of distance 250",
        lambda: util.differs(["10.9.0.254"], util.look(r1, "red")["red"].next_hops("default")),
        2,
    )
    standby = {**own, "distance": 250, "state": "standby", "reason": "distance 201 is in use"}
    util.wait_for("both are shown", lambda: util.differs([standby, LEAKED], gateways(r1)))
    util.configure(
        r1, "netstack red\nno default-gateway 10.1.0.254\nexit\nno ip prefix-list SERVICES seq 1"
    )
    all_up(r1)


def test_an_own_subnet_is_preferred(r1):
    "A leak never takes a subnet of the stack itself"
    util.configure(r1, "netstack red\ninterface cred\naddress 10.9.0.7/24")
    util.wait_for(
        "10.9.0.0/24 is red's own",
        lambda: util.differs(["cred"], ways(util.look(r1, "red")["red"], "10.9.0.0/24", 4)),
    )
    wait_leak(r1, "red", "active", "1 of 4 routes are not installed")
    util.configure(r1, "netstack red\ninterface cred\nno address 10.9.0.7/24")
    all_up(r1)


def test_what_is_preferred_to_a_leak_leaks_on(r1):
    "It is the stack's own, though a leak into it has the same prefix"
    util.configure(
        r1,
        """
ip prefix-list OWN seq 5 permit 10.90.0.0/16
ip prefix-list OWN seq 10 permit 10.9.0.0/24
vrf red
 ip route 10.90.0.0/16 10.1.0.100
exit-vrf
netstack red
 interface cred
  address 10.9.0.7/24
 exit
exit
netstack green
 no leak from services prefix-list SERVICES
 leak from red prefix-list OWN
""",
    )
    wait_foreign(
        r1, "green", {4: {"10.90.0.0/16": ["10.1.0.100"], "10.9.0.0/24": ["red"]}, 6: {}}
    )
    assert wait_installed(r1, "green", "red") == {"10.90.0.0/16", "10.9.0.0/24"}
    wait_leak(r1, "red", "active", "2 of 4 routes are not installed")
    reasons = {route["prefix"]: route["reason"] for route in leak_of(r1, "red")["routes"]}
    assert reasons["10.90.0.0/16"] == "static has a route of lower distance, via 10.1.0.100"
    assert reasons["10.9.0.0/24"] == "the stack has a subnet of this prefix"
    util.configure(
        r1,
        """
netstack green
 no leak from red prefix-list OWN
 leak from services prefix-list SERVICES
exit
netstack red
 interface cred
  no address 10.9.0.7/24
 exit
exit
vrf red
 no ip route 10.90.0.0/16 10.1.0.100
exit-vrf
no ip prefix-list OWN
""",
    )
    all_up(r1)


def test_without_ipv6(r1):
    "What a stack without IPv6 cannot have does not cross, and it is said why"
    util.configure(r1, "netstack red\nipv6 disable")
    wait_foreign(r1, "red", {4: PERMITTED[4], 6: {}})
    wait_leak(r1, "red", "active", "2 of 4 routes are not installed")
    reasons = {route["prefix"]: route["reason"] for route in leak_of(r1, "red")["routes"]}
    for prefix in PERMITTED[6]:
        assert reasons[prefix] == "IPv6 is disabled in this stack", reasons
    util.configure(r1, "netstack red\nno ipv6 disable")
    all_up(r1)


def test_an_interface_that_goes_down(tgen, r1):
    "What led through it does not lead anywhere else, and is back with it"
    util.configure(r1, "netstack services\ninterface svc\nshutdown")
    wait_foreign(r1, "red", {4: {}, 6: {}})
    util.configure(r1, "netstack services\ninterface svc\nno shutdown")
    all_up(r1)
    util.wait_for("the service answers", lambda: ping(tgen, "cred", SERVICE[4]))


def test_a_source_that_is_shut_down(r1):
    "The leak says why it is not in force"
    util.configure(r1, "netstack services\nshutdown")
    wait_leak(r1, "red", "pending", "netstack services is shut down")
    wait_foreign(r1, "red", {4: {}, 6: {}})
    util.configure(r1, "netstack services\nno shutdown")
    all_up(r1)


def test_a_loop_of_leaks(tgen, r1):
    "By lists of their own it is harmless: what has come in by a leak does not go on"
    util.configure(
        r1,
        """
ip prefix-list ALL seq 5 permit any
ipv6 prefix-list ALL seq 5 permit any
ip prefix-list BACK seq 5 permit any
ipv6 prefix-list BACK seq 5 permit any
netstack red
 leak from green prefix-list ALL
exit
netstack green
 leak from services prefix-list ALL
exit
netstack services
 leak from red prefix-list BACK
exit
""",
    )
    own = {
        "red": ({"10.1.0.0/24": ["red"]}, {"fd00:1::/64": ["red"]}),
        "green": ({"10.2.0.0/24": ["green"]}, {"fd00:2::/64": ["green"]}),
        "services": (
            {**PERMITTED[4], **UNLISTED},
            PERMITTED[6],
        ),
    }

    def crossed(*sources):
        return {
            family: {k: v for source in sources for k, v in own[source][number].items()}
            for number, family in enumerate((4, 6))
        }

    wait_foreign(r1, "green", crossed("services"))
    wait_foreign(r1, "services", crossed("red", "green"))
    want = crossed("green", "services")
    for prefix in UNLISTED:  # green has them, too, but by a leak
        del want[4][prefix]
    wait_foreign(r1, "red", want)
    util.wait_up(r1, *NAMES)
    # a packet to nowhere in red dies there, wherever else there is a default
    assert ping(tgen, "cred", "192.0.2.1") is not None
    config = util.running_config(r1)
    said = util.refused(r1, "netstack services\nleak from red prefix-list ALL")
    assert "lets routes leak from netstack services to netstack red already" in said
    assert util.running_config(r1) == config
    util.configure(
        r1,
        """
netstack red
 no leak from green prefix-list ALL
exit
netstack green
 no leak from services prefix-list ALL
exit
netstack services
 no leak from red prefix-list BACK
exit
no ip prefix-list ALL
no ipv6 prefix-list ALL
no ip prefix-list BACK
no ipv6 prefix-list BACK
""",
    )
    all_up(r1)


@pytest.mark.parametrize("name", ["services", "red"])
def test_stacks_that_go_and_return(tgen, r1, name):
    "Either end of a leak is made again: its device is another one then"
    config = util.running_config(r1)
    block = re.search(rf"^netstack {name}\n.*?^exit$", config, re.M | re.S).group(0)
    util.configure(r1, f"no netstack {name}")
    util.wait_gone(r1, name)
    if name == "services":
        wait_leak(r1, "red", "pending", "there is no netstack services")
        wait_foreign(r1, "red", {4: {}, 6: {}})
    util.configure(r1, block)
    all_up(r1)
    util.wait_for("the service answers", lambda: ping(tgen, "cred", SERVICE[4]))
    assert util.running_config(r1) == config


def save(router):
    """Writes frr.conf, without what startDaemons() puts there once more."""
    util.vtysh(router, "write memory")
    lines = util.sh(router, "cat /etc/frr/frr.conf").splitlines(True)
    util.sh(
        router,
        "cat > /etc/frr/frr.conf",
        stdin="".join(line for line in lines if not line.startswith("log ")),
    )


def restart_netstackd(router, meanwhile=None):
    """It dies, and is started as FRR's scripts do it."""
    pid = util.pid_of(router)
    util.sh(router, f"kill -9 {pid}")
    util.wait_for(
        "netstackd is dead",
        lambda: "still there" if util.sh_status(router, f"ls /proc/{pid}/fd/0")[0] == 0 else None,
    )
    if meanwhile:
        meanwhile()
    assert router.startDaemons(["netstackd"]) == ""
    util.sh(router, "vtysh -b -d netstackd")


@pytest.mark.parametrize("number", range(3))
def test_netstackd_restarted(r1, number):
    "What has crossed stays where it is"
    del number
    all_up(r1)
    save(r1)
    before = util.snapshot(r1)
    config = util.running_config(r1)
    with monitor.routes_of(r1, "red") as changes:
        restart_netstackd(r1)
        all_up(r1)
    deleted = [
        line
        for line in changes
        if line.startswith("Deleted") and not re.search("fe80|ff00|multicast", line)
    ]
    assert deleted == []
    assert util.difference(before, util.snapshot(r1)) is None
    assert util.running_config(r1) == config


def test_a_source_that_cannot_be(r1):
    "It is not waited for after a restart: what was taken out of the file meanwhile goes"
    route = "route 10.77.0.0/16 blackhole"
    util.sh(r1, "ip link add taken type bridge")
    util.configure(r1, "netstack never\nvrf taken")
    util.configure(r1, f"netstack red\nleak from never prefix-list SERVICES\n{route}")
    reason = "netstack never is down: interface taken exists and is not a VRF"
    wait_leak(r1, "red", "pending", reason, source="never")
    util.wait_for(
        "the route",
        lambda: util.differs(["blackhole"], ways(util.look(r1, "red")["red"], "10.77.0.0/16", 4)),
    )
    save(r1)

    def age():
        [entry] = util.show_json(r1, "show ip route vrf red 10.77.0.0/16")["10.77.0.0/16"]
        return None if entry["uptime"] >= "00:00:02" else entry["uptime"]

    # zebra counts in seconds: what came in the one in which we die it does not find stale
    util.wait_for("a route of another second", age)
    restart_netstackd(r1, lambda: util.sh(r1, f"sed -i '\\|^ {route}$|d' /etc/frr/frr.conf"))
    util.wait_for(
        "the route to go",
        lambda: util.differs([], ways(util.look(r1, "red")["red"], "10.77.0.0/16", 4)),
    )
    # and it is one as soon as it can be
    util.sh(r1, "ip link del taken")
    reason = "netstack never has no route that prefix-list SERVICES permits"
    wait_leak(r1, "red", "active", reason, source="never")
    util.configure(r1, "netstack red\nno leak from never prefix-list SERVICES")
    util.configure(r1, "no netstack never")
    util.wait_gone(r1, "never")
    all_up(r1)


def leaked_in_zebra(router, name):
    """{prefix: [(next hop or None, interface)]} of what zebra has in use and leaves the stack."""
    own = util.look(router, name)[name].members
    found = {}
    for family in ("ip", "ipv6"):
        shown = util.show_json(router, f"show {family} route vrf {name}")
        for prefix, entries in shown.items():
            hops = [
                (hop.get("ip"), hop.get("interfaceName"))
                for entry in entries
                if entry.get("selected") and entry.get("installed")
                for hop in entry["nexthops"]
            ]
            if any(ifname and ifname not in own for _, ifname in hops):
                found[prefix] = sorted(hops, key=str)
    return found


def test_zebra_restarted(tgen, r1):
    "With all others: what has crossed is there again, by zebra and in the kernel, and is followed"
    util.configure(r1, LEAKS)
    all_up(r1)
    routing.save(r1)
    kernel = util.snapshot(r1)
    names = ("red", "green", "services")
    before = {name: leaked_in_zebra(r1, name) for name in names}
    assert set(before["red"]) == {*PERMITTED[4], *PERMITTED[6]}, before
    routing.kill(r1, "zebra")
    routing.bring_zebra_back(r1)
    all_up(r1)
    util.wait_as_before(r1, kernel, timeout=30)
    assert {name: leaked_in_zebra(r1, name) for name in names} == before
    util.wait_for("the service answers", lambda: ping(tgen, "cred", SERVICE[4]))
    util.configure(r1, "netstack services\nno route 10.90.0.0/16 10.9.0.100")
    wait_foreign(r1, "red", {4: {"10.9.0.0/24": ["services"]}, 6: PERMITTED[6]})
    util.configure(r1, "netstack services\nroute 10.90.0.0/16 10.9.0.100")
    all_up(r1)


@pytest.mark.parametrize(
    "text,said",
    [
        ("netstack red\nleak from red prefix-list SERVICES", "cannot leak to itself"),
        ("netstack services\nleak from red prefix-list SERVICES", "this would be a loop"),
        ("netstack red\nleak from a/b prefix-list SERVICES", "not allowed"),
        ("netstack red\nleak from all prefix-list SERVICES", "reserved"),
    ],
)
def test_refused(r1, text, said):
    "Bad input gets a clear error and changes nothing"
    config = util.running_config(r1)
    assert said in util.refused(r1, text).splitlines()[0]
    assert util.running_config(r1) == config


def test_unknown_source(r1):
    "A stack that does not exist yet"
    util.configure(r1, "netstack red\nleak from nobody prefix-list SERVICES")
    wait_leak(r1, "red", "pending", "there is no netstack nobody", "nobody")
    util.wait_state(r1, {"red": "degraded"})
    wait_foreign(r1, "red", PERMITTED)
    util.configure(r1, "netstack red\nno leak from nobody prefix-list SERVICES")
    all_up(r1)


def test_isolation_is_audited(r1):
    "What is there by configuration, and what somebody put there behind the daemon's back"
    shown = util.show_json(r1, "show netstack isolation")
    red = shown["stacks"]["red"]
    assert (shown["backend"], shown["strictMode"]) == ("vrf", True)
    assert red["state"] == "leaking" and red["reason"] == ""
    assert red["guards"] == {"ipv4": True, "ipv6": True} and red["ruleCount"] == 0
    assert red["crossings"] == []
    for key, name in (("tcpL3mdevAccept", "tcp"), ("udpL3mdevAccept", "udp")):
        for value in ("1", "0"):
            util.sh(r1, f"sysctl -qw net.ipv4.{name}_l3mdev_accept={value}")
            util.wait_for(
                f"{key} is {value}",
                lambda k=key, v=value: util.differs(
                    v == "1", util.show_json(r1, "show netstack isolation")[k]
                ),
            )

    def red_is(state, reason, name="red"):
        stack = util.show_json(r1, "show netstack isolation")["stacks"][name]
        return util.differs([state, reason], [stack["state"], stack["reason"]])

    table = red["table"]
    for add, remove, reason in (
        (
            f"ip rule add pref 2000 from 192.0.2.0/24 lookup {table}",
            "ip rule del pref 2000",
            f"an ip rule looks into table {table}",
        ),
        (
            "ip rule add pref 500 iif cred lookup main",
            "ip rule del pref 500",
            "ip rule 500 takes its packets to table 254",
        ),
        (
            "ip -6 rule add pref 500 goto 32766",
            "ip -6 rule del pref 500",
            "ip rule 500 takes its packets past its table",
        ),
        (
            "ip rule del pref 1000",
            "ip rule add pref 1000 l3mdev",
            "there is no ip rule for VRF devices, IPv4",
        ),
        (
            "ip route add 192.0.2.0/24 dev cgreen vrf red",
            "ip route del 192.0.2.0/24 dev cgreen vrf red",
            "route 192.0.2.0/24 leaves it by cgreen",
        ),
        (
            "ip route add throw 192.0.2.0/24 vrf red",
            "ip route del throw 192.0.2.0/24 vrf red",
            "route 192.0.2.0/24 leaves it by throw",
        ),
        (  # in the place of one that leaks
            "vtysh -c 'conf t' -c 'vrf red' -c 'ip route 10.90.0.0/16 10.2.0.100 cgreen nexthop-vrf green'",
            "vtysh -c 'conf t' -c 'vrf red' -c 'no ip route 10.90.0.0/16 10.2.0.100 cgreen nexthop-vrf green'",
            "route 10.90.0.0/16 leaves it by cgreen",
        ),
    ):
        util.sh(r1, add)
        util.wait_for(reason, lambda r=reason: red_is("exposed", r))
        text = util.vtysh(r1, "show netstack isolation")
        assert re.search(rf"^red +exposed .*{reason}$", text, re.M), text
        if "iif" in add:
            assert red_is("leaking", "", name="green") is None
        util.sh(r1, remove)
        util.wait_for("red is as before", lambda: red_is("leaking", ""))
        all_up(r1)
    text = util.vtysh(r1, "show netstack isolation")
    assert "Leak from services into red, prefix-list SERVICES: active" in text, text
    assert re.search(r"^  10\.9\.0\.0/24 installed$", text, re.M), text


def test_the_rule_of_the_local_table(tgen, r1):
    "Before the VRFs' the default stack's addresses are the router's own in all stacks, after it they are not"
    util.sh(r1, "ip addr add 10.8.0.1/24 dev dflt; ip addr add fd00:8::1/64 dev dflt nodad")
    families = {"ip": "10.8.0.1", "ip -6": "fd00:8::1"}

    def first(want):
        util.wait_for(
            f"localRuleFirst is {want}",
            lambda: util.differs(
                want, util.show_json(r1, "show netstack isolation")["localRuleFirst"]
            ),
        )
        words = "before" if want else "after"
        text = util.vtysh(r1, "show netstack isolation")
        assert re.search(rf"^Rule of the local table: +{words} the VRFs'", text, re.M), text

    def is_local(ip, address):
        status, out = util.sh_status(r1, f"{ip} route get {address} vrf red")
        return status == 0 and out.startswith("local ")

    first(True)
    for ip, address in families.items():
        assert is_local(ip, address), address
    assert ping(tgen, "cred", families["ip"]) is None
    for ip in families:
        util.sh(r1, f"{ip} rule add pref 32765 lookup local; {ip} rule del pref 0")
    first(False)
    for ip, address in families.items():
        assert not is_local(ip, address), address
        assert ping(tgen, "cred", address) is not None, address
    util.wait_for("the service answers", lambda: ping(tgen, "cred", SERVICE[4]))
    all_up(r1)
    for ip in families:
        util.sh(r1, f"{ip} rule add pref 0 lookup local; {ip} rule del pref 32765")
    first(True)
    util.sh(r1, "ip addr del 10.8.0.1/24 dev dflt; ip addr del fd00:8::1/64 dev dflt")


def test_removed_with_the_line(tgen, r1):
    "All is as it was before the first leak"
    util.configure(r1, re.sub(r"^ leak", " no leak", LEAKS, flags=re.M))
    for name in NAMES:
        wait_foreign(r1, name, {4: {}, 6: {}})
    util.wait_up(r1, *NAMES)
    for name in NAMES:
        stack = util.show_json(r1, "show netstack isolation")["stacks"][name]
        assert (stack["state"], stack["leaks"]) == ("isolated", [])
    util.wait_for(
        "no route is left of any leak",
        lambda: util.differs(Before.routes, all_routes(r1)),
    )
    assert ping(tgen, "cred", SERVICE[4]) is not None


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
