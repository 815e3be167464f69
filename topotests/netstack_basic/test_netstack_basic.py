#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
One stack, from its making to its removal: each line of configuration does what it says, what is
shown is what the kernel and zebra have, and nothing is left behind.
"""

import json
import os
import re
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_util as util

LONG = "a-stack-with-a-name-of-36-characters"
# what somebody else has in the kernel before netstackd starts: tables that it may not take
FOREIGN_VRF_TABLE = 1001
RULE_TABLE = 1002
ROUTES_TABLE = 1003
INSTANCE = 78


def build(tgen):
    router = tgen.add_router("r1")
    util.add_port(tgen, router, "trunk", vlans=(10, 30, 31, 73))
    for port in ("shared", "uplink"):
        util.add_port(tgen, router, port)
    # somebody answers in VLAN 10
    addresses = ["10.10.0.1/24", "10.10.0.2/24", "fd00:10::1/64"]
    util.add_peer(tgen, "trunk", addresses, vlan=10, mac="02:00:00:00:10:fe")
    util.sh(
        router,
        f"""
        ip addr add 203.0.113.11/24 dev uplink
        ip rule add pref 2000 lookup {RULE_TABLE}
        ip route add 192.0.2.0/24 via 203.0.113.3 table {ROUTES_TABLE}
        """,
    )
    if util.BACKEND == "vrf":
        util.sh(router, f"ip link add foreign type vrf table {FOREIGN_VRF_TABLE}; ip link set foreign up")


@pytest.fixture(scope="module")
def r1(request):
    with util.router_r1(build, request) as router:
        # the library takes IPv4 addresses away when it starts FRR
        util.sh(
            router,
            f"""
            ip addr replace 203.0.113.11/24 dev uplink
            ip route replace 192.0.2.0/24 via 203.0.113.3 table {ROUTES_TABLE}
            """,
        )
        yield router


def shown(router, name):
    return util.show_json(router, f"show netstack {name}")[name]


def vrf_of(name):
    return "longname" if name == LONG else name


# ---- what is configured is there ------------------------------------------------------------------


def test_comes_up(r1):
    "All that r1/frr.conf has"
    util.wait_up(r1, "vmotion", LONG, "default", timeout=30)


def test_configuration_is_printed_as_it_was_typed(r1):
    "In a stable order, nothing that is a default, twice the same"
    with open(os.path.join(CWD, "r1", "frr.conf"), encoding="utf-8") as conf:
        written = [
            line
            for line in util.lines_of(util.as_possible(conf.read()))
            if not line.startswith("hostname")
        ]
    printed = util.lines_of(util.running_config(r1))
    assert printed == written
    assert util.lines_of(util.running_config(r1)) == printed


def test_links(r1):
    "vlan, macvlan, dummy: with the parent, MAC and MTU that were asked for; in the stack and up"
    kernel = util.Kernel(r1)
    views = util.look(r1, "vmotion", "longname")
    assert views["vmotion"].members == ["lo1", "off1", "vmk1", "vmk2"]
    assert views["longname"].members == ["long0"]
    vmk1, vmk2 = kernel.links["vmk1"], kernel.links["vmk2"]
    assert (vmk1["address"], vmk1["mtu"]) == ("02:00:00:00:10:01", 1400)
    assert (kernel.kind("vmk2"), kernel.data("vmk2")["mode"], kernel.parent("vmk2")) == (
        "macvlan",
        "bridge",
        "shared",
    )
    assert vmk2["address"] == "02:00:00:00:11:01"
    assert kernel.kind("lo1") == util.kind_of("dummy")
    for name in ("vmk1", "vmk2", "lo1", "long0"):
        assert "UP" in kernel.links[name]["flags"], name
    assert views["vmotion"].is_up() and views["longname"].is_up()
    assert "UP" not in kernel.links["off1"]["flags"]


@util.needs_links("802.1Q")
def test_vlan(r1):
    "802.1Q on the trunk"
    kernel = util.Kernel(r1)
    data = kernel.data("vmk1")
    assert (kernel.kind("vmk1"), data["protocol"], data["id"]) == ("vlan", "802.1Q", 10)
    assert kernel.parent("vmk1") == "trunk"


@util.only_on("vrf")
def test_tables(r1):
    "The one that was asked for, and the first that nobody has: no VRF, no rule, no route"
    vrfs = util.Kernel(r1).vrfs()
    assert vrfs["vmotion"] == 2000
    assert vrfs["foreign"] == FOREIGN_VRF_TABLE
    assert vrfs["longname"] not in (FOREIGN_VRF_TABLE, RULE_TABLE, 2000)
    assert vrfs["longname"] >= 1001
    for name in ("vmotion", LONG):
        assert shown(r1, name)["table"] == vrfs[vrf_of(name)]


@util.only_on("netns")
def test_table_of_a_namespace(r1):
    "Is main; what is configured is kept, and said not to be in force"
    assert shown(r1, "vmotion")["table"] == shown(r1, LONG)["table"] == util.MAIN
    assert "2000 is configured" in util.vtysh(r1, "show netstack vmotion detail")
    assert " table 2000" in util.running_config(r1)


def test_addresses(r1):
    "Any number of them; permanent, and none that was not asked for"
    views = util.look(r1, "vmotion", "longname")
    assert views["vmotion"].addresses() == {
        "lo1": ["10.255.0.1/32", "fd00:255::1/128"],
        "off1": ["10.12.0.11/24"],
        "vmk1": ["10.10.0.11/24", "10.10.0.12/24", "fd00:10::11/64"],
        "vmk2": ["10.11.0.11/24"],
    }
    assert views["longname"].addresses(link_local=True) == {"long0": ["10.10.0.11/24"]}


def test_routes(r1):
    "Equal distance: shared. Unequal: the lower. Blackhole and unreachable. IPv4 and IPv6"
    want = {
        (4, "default"): ["10.10.0.1", "10.10.0.2"],
        (6, "default"): ["fd00:10::1"],
        (4, "10.50.0.0/16"): ["10.10.0.3", "10.10.0.4"],
        (4, "10.51.0.0/16"): ["10.10.0.3"],
        (4, "10.52.0.0/16"): ["blackhole"],
        (4, "10.53.0.0/16"): ["unreachable"],
        (6, "fd00:50::/32"): ["fd00:10::3"],
        (6, "fd00:51::/32"): ["blackhole"],
        (6, "fd00:52::/32"): ["unreachable"],
    }
    view = util.look(r1, "vmotion")["vmotion"]
    assert {key: view.next_hops(key[1], key[0]) for key in want} == want
    # nothing of it is elsewhere
    main = view.kernel.in_table(util.MAIN, 4) + view.kernel.in_table(util.MAIN, 6)
    assert not [route for route in main if route["dst"] in ("10.50.0.0/16", "fd00:50::/32")]


def test_guards(r1):
    """
    An unreachable default of the lowest preference in each VRF's table, IPv4 and IPv6, and strict
    mode. What no route leads to is unreachable, and does not go the router's own way.
    """
    for vrf, view in util.look(r1, "vmotion", "longname").items():
        assert view.guards() == util.GUARDS, f"{vrf}: {view.routes(4)} {view.routes(6)}"
    if util.BACKEND == "vrf":
        assert util.sh(r1, "sysctl -n net.vrf.strict_mode").strip() == "1"
    # zebra takes no notice of them, so that `redistribute kernel` does not announce them
    for family in ("ip", "ipv6"):
        assert "255/8192" not in util.vtysh(r1, f"show {family} route vrf all")
    _, out = util.sh_status(r1, util.route_get("vmotion", "10.53.1.1"))
    assert "unreachable" in out.lower() or "No route" in out, out


def test_permanent_neighbors(r1):
    "arp and nd"
    view = util.look(r1, "vmotion")["vmotion"]
    assert view.neighbors(permanent=True) == {
        ("vmk1", "10.10.0.77"): "02:00:00:00:00:77",
        ("vmk1", "fd00:10::77"): "02:00:00:00:00:77",
    }


def test_ipv6_disable(r1):
    "No IPv6 address at all, not even a link-local one, in this stack and in no other"
    for stack, name, value in (("longname", "long0", "1"), ("vmotion", "vmk1", "0")):
        command = util.at(stack, f"cat /proc/sys/net/ipv6/conf/{name}/disable_ipv6")
        assert util.sh(r1, command).strip() == value, name
    util.configure(r1, f"netstack {LONG}\nno ipv6 disable")

    def has_link_local():
        addresses = util.Kernel(r1).addresses("long0", link_local=True)
        return None if any(a.startswith("fe80:") for a in addresses) else addresses

    util.wait_for("long0 has IPv6 again", has_link_local)
    util.configure(r1, f"netstack {LONG}\nipv6 disable")
    util.wait_for(
        "long0 has no IPv6",
        lambda: util.differs(
            ["10.10.0.11/24"], util.Kernel(r1).addresses("long0", link_local=True)
        ),
    )


def test_zebra_has_the_routes(r1):
    "As static routes of an instance of its own, installed, with their distance"
    routes = json.loads(util.vtysh(r1, "show ip route vrf vmotion json"))
    for prefix, distance, hops in (
        ("0.0.0.0/0", 1, {"10.10.0.1", "10.10.0.2"}),
        ("10.50.0.0/16", 1, {"10.10.0.3", "10.10.0.4"}),
        ("10.51.0.0/16", 5, {"10.10.0.3"}),
    ):
        ours = [route for route in routes[prefix] if route["protocol"] == "static"]
        assert len(ours) == 1, routes[prefix]
        assert ours[0].get("installed") and ours[0].get("selected"), ours
        assert (ours[0]["instance"], ours[0]["distance"]) == (INSTANCE, distance)
        assert {hop["ip"] for hop in ours[0]["nexthops"] if hop.get("fib")} == hops, ours
    assert routes["10.52.0.0/16"][0]["installed"]
    routes = json.loads(util.vtysh(r1, "show ipv6 route vrf vmotion json"))
    for prefix in ("::/0", "fd00:50::/32", "fd00:51::/32"):
        ours = [route for route in routes[prefix] if route["protocol"] == "static"]
        assert [route.get("installed") for route in ours] == [True], routes[prefix]
    # netstackd's and staticd's are apart, and the guard is neither
    assert not re.search("^netstack", util.vtysh(r1, "show running-config staticd"), re.M)


def test_staticd_and_we_do_not_mix(r1):
    "A route of staticd in the same VRF, for the same prefix, comes and goes by itself"
    util.wait_up(r1, "vmotion")
    util.configure(r1, "ip route 10.50.0.0/16 10.11.0.9 250 vrf vmotion")

    def entries():
        routes = json.loads(util.vtysh(r1, "show ip route vrf vmotion 10.50.0.0/16 json"))
        return [(r.get("instance", 0), r.get("selected", False)) for r in routes["10.50.0.0/16"]]

    # staticd asks zebra for the next hop first: the route is there some time after the command
    both = [(0, False), (INSTANCE, True)]
    util.wait_for("both have it", lambda: util.differs(both, sorted(entries())))
    util.configure(r1, "no ip route 10.50.0.0/16 10.11.0.9 250 vrf vmotion")
    util.wait_for("ours alone", lambda: util.differs(both[1:], entries()))
    view = util.look(r1, "vmotion")["vmotion"]
    assert view.next_hops("10.50.0.0/16") == ["10.10.0.3", "10.10.0.4"]


def test_a_default_of_staticd_takes_over(r1):
    "It is shown when our gateway is gone; zebra says nothing of ours then, and nobody waits for that"
    util.configure(
        r1,
        """
        netstack green
        interface green0
        link dummy
        address 10.2.0.1/24
        exit
        default-gateway 10.2.0.9
        """,
    )
    util.wait_up(r1, "green")
    util.configure(r1, "ip route 0.0.0.0/0 10.2.0.8 200 vrf green")

    def in_zebra():
        routes = json.loads(util.vtysh(r1, "show ip route vrf green 0.0.0.0/0 json"))
        return [(r["distance"], r.get("selected", False)) for r in routes.get("0.0.0.0/0", [])]

    def carries():
        gateways = util.show_json(r1, "show netstack green")["green"]["gateways"]
        return [g["address"] for g in gateways if g["state"] == "active"]

    both = [(1, True), (200, False)]
    util.wait_for("zebra has both", lambda: util.differs(both, sorted(in_zebra())))
    util.wait_for("ours carries", lambda: util.differs(["10.2.0.9"], carries()))
    util.configure(r1, "netstack green\nno default-gateway 10.2.0.9")
    util.wait_for("staticd's carries", lambda: util.differs(["10.2.0.8"], carries()))
    logged = len(util.log_of(r1))
    util.configure(r1, "no netstack green")
    util.wait_gone(r1, "green")
    util.configure(r1, "no ip route 0.0.0.0/0 10.2.0.8 200 vrf green")
    assert "zebra did not say" not in util.log_of(r1)[logged:]


# ---- what is shown is what is there ---------------------------------------------------------------


def counted(router, vrf):
    """Neighbours and routes, as ip counts them."""
    numbers = []
    for command in ("neigh show", "-4 route show", "-6 route show"):
        out = util.sh(router, util.ip_in(vrf, "-j " + command)).strip()
        numbers.append(len(json.loads(out or "[]")))
    return {"neighborCount": numbers[0], "routeCount": numbers[1] + numbers[2]}


@pytest.mark.parametrize("name", ["vmotion", LONG])
def test_show_json_is_what_the_kernel_has(r1, name):
    "Interfaces with MAC, MTU and addresses; gateways; table; counts of neighbours and routes"
    vrf = vrf_of(name)

    def probe():
        said = shown(r1, name)
        want = counted(r1, vrf)
        have = {key: said[key] for key in want}
        if want == have:
            return None
        return {"expected": want, "seen": have, "routes": util.vtysh(r1, f"show netstack {name} route")}

    util.wait_for(f"{name}: counts", probe)
    said = shown(r1, name)
    view = util.look(r1, vrf)[vrf]
    assert (said["state"], said["reason"], said["vrf"], said["backend"]) == (
        "up",
        "",
        vrf,
        util.BACKEND,
    )
    assert said["table"] == view.table
    assert said["limits"] == {}
    interfaces = {entry["name"]: entry for entry in said["interfaces"]}
    assert sorted(interfaces) == view.members
    for ifname, entry in interfaces.items():
        link = view.kernel.links[ifname]
        assert (entry["mac"], entry["mtu"]) == (link["address"], link["mtu"])
        assert sorted(entry["addresses"]) == view.kernel.addresses(ifname)
        assert entry["state"] == ("down" if ifname == "off1" else "up")


def test_show_json_of_gateways(r1):
    "Those that carry traffic are active, those of a higher distance stand by"
    gateways = {entry["address"]: entry for entry in shown(r1, "vmotion")["gateways"]}
    assert {address: (e["state"], e["distance"]) for address, e in gateways.items()} == {
        "10.10.0.1": ("active", 1),
        "10.10.0.2": ("active", 1),
        "10.11.0.1": ("standby", 10),
        "fd00:10::1": ("active", 1),
    }
    assert gateways["10.10.0.1"]["interface"] == "vmk1"
    assert gateways["10.11.0.1"]["interface"] == "vmk2"
    assert shown(r1, "vmotion")["description"].endswith('100 % of the time: "live"')


def test_standby_takes_over(r1):
    "The interface of the active gateways goes down, the other gateway carries; and back: it is told"
    log = len(util.log_of(r1))
    notifications = util.Notifications(r1)

    def is_told(word, count):
        gateways = r"10\.10\.0\.1|10\.10\.0\.2|fd00:10::1"

        def probe():
            text = util.log_of(r1)[log:]
            told = re.findall(rf"netstack vmotion: gateway (\S+) is {word}$", text, re.M)
            names = [name for name in notifications.names() if name.startswith("gateway-")]
            return util.differs(
                {"log": gateways.replace("\\", "").split("|"), "notifications": count},
                {"log": sorted(told), "notifications": len(names)},
            )

        util.wait_for(f"each gateway is told to be {word}", probe)

    util.configure(r1, "netstack vmotion\ninterface vmk1\nshutdown")
    util.wait_next_hops(r1, "vmotion", ["10.11.0.1"])
    states = {}

    def is_active():
        states.update({entry["address"]: entry for entry in shown(r1, "vmotion")["gateways"]})
        return util.differs("active", states["10.11.0.1"]["state"])

    util.wait_for("the other one is active", is_active)  # zebra tells when the kernel has it already
    assert states["10.10.0.1"]["state"] in ("unreachable", "pending"), states
    assert states["10.10.0.1"]["reason"], states
    # what is configured is not all in force, though traffic flows: the gateway is named
    said = shown(r1, "vmotion")
    assert said["state"] == "degraded", said
    assert re.match(r"gateway 10\.10\.0\.[12]: .*down", said["reason"]), said["reason"]
    is_told("down: .*", 3)
    util.configure(r1, "netstack vmotion\ninterface vmk1\nno shutdown")
    # both of the lowest distance carry again, and the IPv6 address is back, with its gateway
    util.wait_next_hops(r1, "vmotion", ["10.10.0.1", "10.10.0.2"])
    util.wait_next_hops(r1, "vmotion", ["fd00:10::1"], family=6)
    util.wait_up(r1, "vmotion")
    is_told("up: it can be reached again", 6)
    # what becomes of a whole stack is told of the stack
    util.configure(r1, "netstack vmotion\nshutdown")
    util.wait_for(
        "the stack is down",
        lambda: util.differs("shutdown", shown(r1, "vmotion")["state"]),
    )
    util.configure(r1, "netstack vmotion\nno shutdown")
    util.wait_up(r1, "vmotion")
    is_told("up: it can be reached again", 6)
    test_permanent_neighbors(r1)


def test_show_text(r1):
    "One line a stack; the parts by name; detail; nothing is cut"
    out = util.vtysh(r1, "show netstack")
    line = next(line for line in out.splitlines() if line.split()[:1] == ["vmotion"])
    table = "2000" if util.BACKEND == "vrf" else "main"
    for word in ("up", "vmotion", table, "3/4", "10.10.0.1", "fd00:10::1"):
        assert word in line, line
    parked = next(line for line in out.splitlines() if line.split()[:1] == ["parked"])
    assert "shutdown" in parked
    assert any(line.split()[:2] == [LONG, "up"] for line in out.splitlines()), out
    interfaces = util.vtysh(r1, "show netstack vmotion interface")
    for word in ("vmk1", "02:00:00:00:10:01", "1400", "10.10.0.12/24", "fd00:10::11/64"):
        assert word in interfaces, interfaces
    gateways = util.vtysh(r1, "show netstack vmotion gateway")
    assert re.search(r"^10\.11\.0\.1\s+vmk2\s+10\s+standby", gateways, re.M), gateways
    routes = util.vtysh(r1, "show netstack vmotion route")
    for word in ("10.50.0.0/16", "10.10.0.4", "blackhole", "fd00:51::/32"):
        assert word in routes, routes
    detail = util.vtysh(r1, "show netstack vmotion detail")
    vlan = ["VLAN 10 on trunk"] if util.POSSIBLE else []
    for word in ("moves running machines", "macvlan on shared", "standby", *vlan):
        assert word in detail, detail
    assert "parked" not in detail


def test_show_route_json(r1):
    "What is configured with its state; and what the kernel made, all of it"
    routes = util.show_json(r1, "show netstack vmotion route")["routes"]
    configured = {(r["prefix"], r["nextHop"]): r["state"] for r in routes if r["configured"]}
    assert configured[("10.50.0.0/16", "10.10.0.3")] == "installed"
    assert configured[("10.51.0.0/16", "10.10.0.3")] == "installed"
    assert configured[("10.51.0.0/16", "10.11.0.3")] != "installed"
    assert configured[("10.52.0.0/16", "blackhole")] == "installed"
    assert configured[("fd00:52::/32", "unreachable")] == "installed"
    prefixes = {r["prefix"] for r in routes}
    kernel = json.loads(util.sh(r1, util.ip_in("vmotion", "-j route show")))
    for route in kernel:
        prefix = "0.0.0.0/0" if route["dst"] == "default" else route["dst"]
        assert prefix in prefixes or prefix + "/32" in prefixes, f"{prefix} in {prefixes}"


def test_tab_completes_names(r1):
    "In vtysh at a terminal, where a stack's name is to be typed"
    typed = r"show netstack vmot\tinterface\nclear netstack vmot\tneighbor\nexit\n"
    out = util.sh(r1, f"printf '{typed}' | TERM=dumb script -qec vtysh /dev/null")
    assert "show netstack vmotion interface" in out and "vmk1" in out, out
    assert "clear netstack vmotion neighbor" in out and "%" not in out, out


def test_show_one_stack_only(r1):
    "By its name, in text and JSON; one that does not exist is an error, and its JSON is JSON"
    assert list(util.show_json(r1, "show netstack vmotion")) == ["vmotion"]
    _, out = util.vtysh_status(r1, "show netstack nosuch")
    assert out.startswith("% ") and "nosuch" in out
    _, out = util.vtysh_status(r1, "show netstack nosuch json")
    assert json.loads(out) == {}


def test_show_summary(r1):
    "Totals, work queued, last errors"
    said = util.show_json(r1, "show netstack summary")
    assert said["stacks"]["total"] == 4, said
    assert (said["stacks"]["up"], said["stacks"]["shutdown"]) == (3, 1), said
    assert said["work"]["queued"] == 0 and said["work"]["problems"] == 0, said
    assert said["zebraConnected"] is True
    assert "Work:" in util.vtysh(r1, "show netstack summary")


def test_yang_state(r1):
    "The same as `show netstack json`, by the name of its path"

    def both():
        out = util.vtysh(r1, "show yang operational-data /frr-netstack:netstack netstackd")
        stacks = json.loads(out)["frr-netstack:netstack"]["stack"]
        stack = next(entry for entry in stacks if entry["name"] == "vmotion")["state"]
        return stack, shown(r1, "vmotion")

    # one after the other: routes of IPv6 come when duplicate address detection is over
    def probe():
        stack, said = both()
        return util.differs(stack["route-count"], said["routeCount"])

    util.wait_for("the same number of routes", probe)
    stack, said = both()
    for key in ("state", "vrf", "backend", "table"):
        assert stack[key] == said[key], stack
    interfaces = {entry["name"]: entry for entry in stack["interface"]}
    for entry in said["interfaces"]:
        state = interfaces[entry["name"]]
        assert (state["state"], state["mtu"], state["mac"]) == (
            entry["state"],
            entry["mtu"],
            entry["mac"],
        )
        assert sorted(state["address"]) == sorted(entry["addresses"])
    assert {(e["address"], e["state"]) for e in stack["gateway"]} == {
        (e["address"], e["state"]) for e in said["gateways"]
    }


# ---- the default stack ----------------------------------------------------------------------------


def test_default_stack(r1):
    "Its gateway, routes and neighbours are the router's own; it is always there"
    view = util.Kernel(r1)
    main = {
        (route["dst"], route.get("gateway"))
        for route in view.in_table(util.MAIN, 4)
        if route.get("gateway")
    }
    assert ("default", "203.0.113.1") in main and ("198.51.100.0/24", "203.0.113.2") in main, main
    assert any(
        entry["dst"] == "203.0.113.99" and "PERMANENT" in entry["state"] for entry in view.neigh
    )
    said = shown(r1, "default")
    assert (said["vrf"], said["table"]) == ("default", util.MAIN)
    assert [g["state"] for g in said["gateways"]] == ["active"]
    util.configure(r1, "netstack default\nno default-gateway 203.0.113.1")
    util.wait_for(
        "the gateway goes",
        lambda: None
        if not [r for r in util.Kernel(r1).in_table(util.MAIN, 4) if r["dst"] == "default"]
        else "still there",
    )
    util.configure(r1, "netstack default\ndefault-gateway 203.0.113.1")
    util.wait_for(
        "the gateway comes",
        lambda: None
        if [r for r in util.Kernel(r1).in_table(util.MAIN, 4) if r["dst"] == "default"]
        else "not there",
    )


# ---- the shell tool -------------------------------------------------------------------------------


def test_netstack_list(r1):
    "The names, one a line, first"
    listed = [line.split()[0] for line in util.sh(r1, "netstack list").splitlines() if line]
    for name in ("vmotion", LONG, "parked", "default"):
        assert name in listed, listed


def test_netstack_exec(r1):
    "Runs inside the stack, with what comes from and to it, and gives back its exit status"
    util.wait_for(
        "an answer in the stack",
        lambda: util.differs(
            0, util.sh_status(r1, "netstack exec vmotion ping -c1 -W1 10.10.0.1")[0]
        ),
    )
    assert util.sh_status(r1, f"netstack exec {LONG} -- ping -c1 -W1 10.10.0.1")[0] != 0
    identify = f"ip {util.BACKEND} identify $$"
    assert util.sh(r1, f"netstack exec vmotion {identify} | cat; echo").strip() in ("", "vmotion")
    assert util.sh(r1, f"netstack exec vmotion sh -c '{identify}'").strip() == "vmotion"
    assert util.sh(r1, f"netstack exec {LONG} sh -c '{identify}'").strip() == "longname"
    assert util.sh_status(r1, "netstack exec vmotion -- sh -c 'exit 42'")[0] == 42
    assert util.sh(r1, "echo through | netstack exec vmotion cat").strip() == "through"
    # words stay words
    assert util.sh(r1, "netstack exec vmotion printf '%s|' 'a b' '' '*'") == "a b||*|"
    # what a shell says of a command, and what only we can say
    for name in ("vmotion", "default"):
        assert util.sh_status(r1, f"netstack exec {name} no-such-command")[0] == 127
        assert util.sh_status(r1, f"netstack exec {name} /etc/passwd")[0] == 126
    for name in ("nosuch", "parked"):
        status, out = util.sh_status(r1, f"netstack exec {name} true")
        assert status == 125 and name in out, out


# ---- the daemon -----------------------------------------------------------------------------------


def test_privileges(r1):
    "User frr, and no capability but those that it needs"
    pid = util.pid_of(r1)
    status = dict(
        line.split(":", 1) for line in util.sh(r1, f"cat /proc/{pid}/status").splitlines() if ":" in line
    )
    frr = util.sh(r1, "id -u frr").strip()
    assert status["Uid"].split() == [frr] * 4, status["Uid"]
    permitted = int(status["CapPrm"], 16)
    effective = int(status["CapEff"], 16)
    dac_override, net_admin, net_raw, sys_admin = 1 << 1, 1 << 12, 1 << 13, 1 << 21
    needed = net_admin | net_raw | (sys_admin | dac_override if util.BACKEND == "netns" else 0)
    assert permitted == needed, f"{permitted:x}"
    # raised around the system call that needs them, and nowhere else
    assert effective == 0, f"{effective:x}"


def test_debug(r1):
    "Each category can be switched on and off; the configuration has it; and there is a log"
    for what in ("northbound", "plan", "kernel", "zebra"):
        util.vtysh(r1, f"debug netstack {what}")
        assert what in util.vtysh(r1, "show debugging"), what
    position = len(util.log_of(r1))
    util.configure(r1, "netstack debugged\ninterface debugged0\nlink dummy")
    util.wait_up(r1, "debugged")
    assert "debugged" in util.log_of(r1)[position:]
    util.configure(r1, "no netstack debugged")
    util.vtysh(r1, "no debug netstack all")
    util.wait_gone(r1, "debugged")


# ---- life -----------------------------------------------------------------------------------------


def test_shut_down_from_the_start(r1):
    "`parked` has its configuration, and nothing in the kernel"
    assert shown(r1, "parked")["state"] == "shutdown"
    kernel = util.Kernel(r1)
    assert "parked" not in kernel.links or "UP" not in kernel.links["parked"]["flags"]
    assert "parked0" not in kernel.links or "UP" not in kernel.links["parked0"]["flags"]


def test_life_cycle(r1):
    "Made, changed, each line taken back, shut down and back, removed: nothing is left behind"
    before = util.snapshot(r1)
    util.configure(
        r1,
        """
        netstack life
        description a short one
        interface life0
        link vlan 30 parent trunk
        address 10.30.0.11/24
        address fd00:30::11/64
        exit
        interface life1
        link dummy
        address 10.31.0.11/24
        exit
        default-gateway 10.30.0.1
        default-gateway fd00:30::1
        route 10.60.0.0/16 10.31.0.1
        arp 10.30.0.77 02:00:00:00:00:30 interface life0
        nd fd00:30::77 02:00:00:00:00:30 interface life0
        """,
    )
    util.wait_up(r1, "life")
    up = util.look(r1, "life")["life"]
    assert up.next_hops("default") == ["10.30.0.1"]
    assert len(up.neighbors(permanent=True)) == 2

    # changed
    util.configure(
        r1,
        """
        netstack life
        no description a short one
        interface life0
        mtu 1300
        mac 02:00:00:00:30:00
        no address 10.30.0.11/24
        address 10.30.0.12/24
        exit
        no default-gateway 10.30.0.1
        default-gateway 10.30.0.2 distance 7
        no route 10.60.0.0/16 10.31.0.1
        route 10.61.0.0/16 blackhole
        no arp 10.30.0.77 02:00:00:00:00:30 interface life0
        """,
    )

    def changed():
        view = util.look(r1, "life")["life"]
        link = view.kernel.links["life0"]
        return util.differs(
            [
                1300,
                "02:00:00:00:30:00",
                ["10.30.0.12/24", "fd00:30::11/64"],
                ["10.30.0.2"],
                [],
                ["blackhole"],
                [("life0", "fd00:30::77")],
            ],
            [
                link["mtu"],
                link["address"],
                view.addresses()["life0"],
                view.next_hops("default"),
                view.next_hops("10.60.0.0/16"),
                view.next_hops("10.61.0.0/16"),
                list(view.neighbors(permanent=True)),
            ],
        )

    util.wait_for("the changes are in force", changed)
    table = util.look(r1, "life")["life"].table

    # the kind of a link
    util.configure(r1, "netstack life\ninterface life1\nno link dummy\nlink vlan 31 parent trunk")
    util.wait_for(
        "life1 is a VLAN now, with its address",
        lambda: util.differs(
            (util.kind_of("vlan"), util.trunk_port("trunk", 31), ["10.31.0.11/24"], "life"),
            (
                util.Kernel(r1).kind("life1"),
                util.Kernel(r1).parent("life1"),
                util.Kernel(r1).addresses("life1"),
                util.Kernel(r1).links["life1"]["stack"],
            )
            if "life1" in util.Kernel(r1).links
            else None,
        ),
    )

    # out of service and back
    util.configure(r1, "netstack life\nshutdown")
    util.wait_state(r1, {"life": "shutdown"})
    util.wait_for(
        "nothing of it carries traffic",
        lambda: None
        if all(
            name not in util.Kernel(r1).links or "UP" not in util.Kernel(r1).links[name]["flags"]
            for name in ("life", "life0", "life1")
        )
        else util.Kernel(r1).links,
    )
    util.configure(r1, "netstack life\nno shutdown")
    util.wait_up(r1, "life")
    util.wait_for("all of it is back", changed)
    assert util.look(r1, "life")["life"].table == table, "the table is the stack's own"

    # removed
    util.configure(r1, "no netstack life")
    util.wait_as_before(r1, before, "nothing is left behind")
    assert "life" not in util.show_json(r1, "show netstack")
    assert json.loads(util.vtysh(r1, "show ip route vrf life json") or "{}") == {}
    if util.BACKEND == "vrf":
        left = util.sh_status(r1, f"ip route show table {table}; ip -6 route show table {table}")[1]
        assert not re.search("via|dev|unreachable", left), left


def test_made_and_removed_many_times(r1):
    "The same table each time, and zebra is well"
    before = util.snapshot(r1)
    for _ in range(5):
        util.configure(
            r1,
            "netstack again\ninterface again0\nlink dummy\naddress 10.40.0.11/24\nexit\n"
            "default-gateway 10.40.0.1",
        )
        util.wait_up(r1, "again")
        util.configure(r1, "no netstack again")
    util.wait_as_before(r1, before, "nothing is left behind")
    # gone and back in one go
    util.configure(
        r1,
        "netstack again\ninterface again0\nlink dummy\nexit\nexit\nno netstack again\n"
        "netstack again\ninterface again0\nlink dummy\naddress 10.40.0.12/24",
    )
    util.wait_up(r1, "again")
    assert util.look(r1, "again")["again"].addresses() == {"again0": ["10.40.0.12/24"]}
    util.configure(r1, "no netstack again")
    util.wait_as_before(r1, before, "nothing is left behind")


def test_interface_moves_and_keeps_its_addresses(r1):
    """
    From the default VRF into a stack, from there into another, and out again: with the addresses
    that others gave it, IPv6 ones and those of point-to-point links too.
    """
    util.sh(r1, util.make_link("mover"))
    util.sh(
        r1,
        """
        echo 0 > /proc/sys/net/ipv6/conf/all/keep_addr_on_down
        ip link set mover up
        ip addr add 10.70.0.1/24 dev mover
        ip addr add fd00:70::1/64 dev mover nodad
        ip addr add 10.72.0.2 peer 10.72.0.1 dev mover
        ip addr add fd00:72::2 peer fd00:72::1 dev mover nodad
        """,
    )
    want = ["10.70.0.1/24", "10.72.0.2/32", "fd00:70::1/64", "fd00:72::2/128"]
    peers = {"10.72.0.2": "10.72.0.1", "fd00:72::2": "fd00:72::1"}

    def is_in(vrf, addresses):
        def probe():
            kernel = util.Kernel(r1)
            link = kernel.links["mover"]
            found = {
                info["local"]: info["address"] for info in link["addr_info"] if "address" in info
            }
            return util.differs(
                [vrf, sorted(addresses), peers, True],
                [link["stack"], kernel.addresses("mover"), found, "UP" in link["flags"]],
            )

        util.wait_for(f"mover is in {vrf}, with its addresses", probe)

    util.configure(r1, "netstack vmotion\ninterface mover\naddress 10.71.0.1/24")
    is_in("vmotion", want + ["10.71.0.1/24"])
    # moved by one transaction's worth of lines
    util.configure(
        r1,
        f"netstack vmotion\nno interface mover\nexit\nnetstack {LONG}\nno ipv6 disable\n"
        "interface mover\naddress 10.71.0.1/24",
    )
    is_in("longname", want + ["10.71.0.1/24"])
    util.configure(r1, f"netstack {LONG}\nno interface mover\nipv6 disable")
    # what we gave it is taken back, what others gave it stays
    is_in(None, want)
    util.sh(r1, "ip link del mover")
    util.wait_up(r1, "vmotion", LONG)


def test_mac_and_mtu_are_given_back(r1):
    """
    Without `mac` and `mtu`, and when it leaves the stack, an interface has those that it had before;
    a VLAN of ours has its parent's.
    """
    before = util.snapshot(r1)
    util.sh(r1, util.make_link("lent", "address 02:00:00:00:73:01 mtu 1450"))
    parent = util.Kernel(r1).links["trunk"]
    util.configure(
        r1,
        """
        netstack lender
        interface lent
        mac 02:00:00:00:73:02
        mtu 1300
        exit
        interface lender0
        link vlan 73 parent trunk
        mac 02:00:00:00:73:03
        mtu 1300
        exit
        interface lender1
        link dummy
        """,
    )

    def wait_settings(**want):
        def probe():
            links = util.Kernel(r1).links
            return util.differs(
                want,
                {
                    name: (links[name]["address"], links[name]["mtu"]) if name in links else None
                    for name in want
                },
            )

        util.wait_for("MAC and MTU", probe)

    wait_settings(lent=("02:00:00:00:73:02", 1300), lender0=("02:00:00:00:73:03", 1300))
    first = util.Kernel(r1).links["lender1"]
    util.configure(
        r1, "netstack lender\ninterface lender1\nmac 02:00:00:00:73:04\nmtu 1301"
    )
    wait_settings(lender1=("02:00:00:00:73:04", 1301))
    util.configure(
        r1,
        "netstack lender\n"
        + "".join(
            f"interface {name}\nno mac\nno mtu\nexit\n" for name in ("lent", "lender0", "lender1")
        ),
    )
    wait_settings(lent=("02:00:00:00:73:01", 1450), lender1=(first["address"], first["mtu"]))
    if util.POSSIBLE:
        wait_settings(lender0=(parent["address"], parent["mtu"]))
    # moved to another stack, and out of it
    util.configure(r1, "netstack lender\ninterface lent\nmac 02:00:00:00:73:02\nmtu 1300")
    wait_settings(lent=("02:00:00:00:73:02", 1300))
    util.configure(
        r1, "netstack lender\nno interface lent\nnetstack vmotion\ninterface lent\nmtu 1310"
    )
    wait_settings(lent=("02:00:00:00:73:01", 1310))
    # moved and taken out at once: the stack that it came from has nothing to do with it any more
    util.configure_file(
        r1, "netstack vmotion\nno interface lent\nexit\nnetstack lender\ninterface lent\nmtu 1320\n"
    )
    wait_settings(lent=("02:00:00:00:73:01", 1320))
    util.configure_file(r1, "no netstack lender\n")
    wait_settings(lent=("02:00:00:00:73:01", 1450))
    util.sh(r1, "ip link del lent")
    util.wait_for("nothing is left behind", lambda: util.difference(before, util.snapshot(r1)))


@pytest.mark.parametrize(
    "link", [pytest.param("vlan 74", marks=util.needs_links("a VLAN")), "macvlan"]
)
def test_an_mtu_beyond_the_parents_says_so_and_comes_with_it(r1, link):
    "Jumbo frames on a port that has none: the reason names the port, and is gone with it"
    before = util.snapshot(r1)
    util.sh(r1, util.make_link("port", "mtu 1500") + " && ip link set port up")
    util.configure(r1, f"netstack jumbo\ninterface jumbo0\nlink {link} parent port\nmtu 9000")

    def state():
        entry = shown(r1, "jumbo")["interfaces"][0]
        return entry["state"], entry["reason"].rpartition("; ")[2], entry["mtu"]

    util.wait_for(
        "the reason",
        lambda: util.differs(("pending", "its parent port has no more than 1500", 1500), state()),
    )
    util.sh(r1, "ip link set port mtu 9000")
    util.wait_for("the MTU", lambda: util.differs(("up", "", 9000), state()))
    util.configure(r1, "no netstack jumbo")
    util.sh(r1, "ip link del port")
    util.wait_for("nothing is left behind", lambda: util.difference(before, util.snapshot(r1)))


def test_what_others_gave_survives_a_shutdown(r1):
    """
    Of an interface, and of its stack: addresses that others gave it, IPv6 ones too, and such with
    a link-local one, which the kernel takes for its own.
    """
    before = util.snapshot(r1)
    lo1 = util.ip_at("vmotion", "").strip()
    util.sh(
        r1,
        f"""
        {util.at("vmotion", "sysctl -qw net.ipv6.conf.all.keep_addr_on_down=0")}
        {lo1} addr add 10.72.0.1/24 dev lo1
        {lo1} addr add fd00:72::1/64 dev lo1 nodad
        {lo1} addr add fe80::72/64 dev lo1 nodad
        """,
    )
    want = util.Kernel(r1).addresses("lo1", link_local=True)
    assert {"10.72.0.1/24", "fd00:72::1/64", "fe80::72/64"} < set(want)
    for scope in ("netstack vmotion\ninterface lo1", "netstack vmotion"):
        for command, flag in (("shutdown", False), ("no shutdown", True)):
            util.configure(r1, f"{scope}\n{command}")
            util.wait_for(
                f"{scope}: {command}",
                lambda flag=flag: util.differs(
                    flag, "UP" in util.Kernel(r1).links["lo1"]["flags"]
                ),
            )
        util.wait_for(
            f"{scope}: all addresses are there",
            lambda: util.differs(want, util.Kernel(r1).addresses("lo1", link_local=True)),
        )
    keep = util.at("vmotion", "sysctl -n net.ipv6.conf.lo1.keep_addr_on_down")
    assert util.sh(r1, keep).strip() == "0"
    util.sh(
        r1,
        f"{lo1} addr del 10.72.0.1/24 dev lo1; {lo1} addr del fd00:72::1/64 dev lo1;"
        f" {lo1} addr del fe80::72/64 dev lo1",
    )
    util.wait_up(r1, "vmotion")
    util.wait_for("all is as before", lambda: util.difference(before, util.snapshot(r1)))


@util.only_on("vrf")
def test_table_range(r1):
    "Where tables are allocated; those that are in use are stepped over; a stack keeps the one it has"
    before = util.snapshot(r1)
    util.sh(r1, "ip link add taken type vrf table 3001")
    util.configure(
        r1,
        """
        netstack-global table-range 3000 3002
        netstack range-a
        description first
        exit
        netstack range-b
        description second
        """,
    )
    util.wait_up(r1, "range-a", "range-b")
    vrfs = util.Kernel(r1).vrfs()
    assert {vrfs["range-a"], vrfs["range-b"]} == {3000, 3002}, vrfs
    # and then there is none left: kept, and said why
    util.configure(r1, "netstack range-c\ndescription third")

    def says_so():
        said = shown(r1, "range-c")
        return None if said["state"] != "up" and "table" in said["reason"] else said

    util.wait_for("no table is left", says_so)
    assert "range-c" not in util.Kernel(r1).vrfs()
    util.configure(r1, "no netstack range-a")
    util.wait_up(r1, "range-c")
    assert "netstack-global table-range 3000 3002" in util.running_config(r1)
    util.configure(
        r1,
        "no netstack range-b\nno netstack range-c\nno netstack-global table-range 3000 3002",
    )
    assert "netstack-global" not in util.running_config(r1)
    util.sh(r1, "ip link del taken")
    util.wait_as_before(r1, before, "nothing is left behind")


@util.only_on("vrf")
def test_table_is_changed(r1):
    "The stack moves to the other table, with all that it has; the old one is empty"
    had = util.look(r1, "vmotion")["vmotion"]
    util.configure(r1, "netstack vmotion\ntable 2001")
    util.wait_for(
        "table 2001",
        lambda: util.differs(2001, getattr(util.look(r1, "vmotion")["vmotion"], "table", None)),
    )
    util.wait_up(r1, "vmotion")
    test_addresses(r1)
    test_routes(r1)
    test_guards(r1)
    left = util.sh_status(r1, "ip route show table 2000; ip -6 route show table 2000")[1]
    assert not re.search("via|dev|unreachable", left), left
    util.configure(r1, "netstack vmotion\ntable 2000")
    util.wait_for(
        "table 2000",
        lambda: util.differs(2000, getattr(util.look(r1, "vmotion")["vmotion"], "table", None)),
    )
    util.wait_up(r1, "vmotion")
    assert util.look(r1, "vmotion")["vmotion"].members == had.members


def test_vrf_is_renamed(r1):
    "`vrf` of a stack that is up: the kernel has it by the new name, with all that it had; nothing is a repair"
    log = len(util.log_of(r1))
    util.configure(r1, f"netstack {LONG}\nvrf othername")
    util.wait_for(
        "othername is there, and longname is gone",
        lambda: util.differs(
            [True, True],
            [util.look(r1, "othername")["othername"] is not None, util.look(r1, "longname")["longname"] is None],
        ),
    )
    util.wait_up(r1, LONG)
    view = util.look(r1, "othername")["othername"]
    assert view.addresses() == {"long0": ["10.10.0.11/24"]}
    assert view.next_hops("default") == ["10.10.0.1"] and view.guards() == util.GUARDS
    util.configure(r1, f"netstack {LONG}\nvrf longname")
    util.wait_for(
        "longname is back", lambda: util.differs(True, util.look(r1, "longname")["longname"] is not None)
    )
    util.wait_up(r1, LONG)
    assert not re.findall(rf"netstack {LONG}: repair: .*", util.log_of(r1)[log:])


@pytest.mark.parametrize("name", ["d", "summ", "1", "vrf", "a.b", "x" * 15, "json"])
def test_names(r1, name):
    "Odd ones work as any other"
    util.configure(r1, f"netstack {name}\ninterface odd0\nlink dummy\naddress 10.80.0.1/24")
    util.wait_up(r1, name)
    assert util.look(r1, name)[name].addresses() == {"odd0": ["10.80.0.1/24"]}
    assert f"netstack {name}\n" in util.running_config(r1)
    util.configure(r1, f"no netstack {name}")
    util.wait_gone(r1, name)


def test_all_is_as_in_the_beginning(r1):
    "After all that, the configuration and the daemons are as they were"
    test_configuration_is_printed_as_it_was_typed(r1)
    test_links(r1)
    test_routes(r1)
    assert r1.check_router_running() == ""


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
