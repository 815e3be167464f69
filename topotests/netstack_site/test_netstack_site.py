#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
A branch with ten stacks on one trunk, and its counterpart over a WAN (see netstack_site_lib.py).

Each stack is to reach its host, its gateway and its own counterpart, IPv4 and IPv6, and nothing of
the other nine, though three of them have the very same subnets.
"""

import os
import json
import re
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_site_lib as site
import netstack_util as util
from lib.topogen import get_topogen

STACKS = site.stacks()


@pytest.fixture(scope="module")
def tgen(request):
    with site.running(request, STACKS) as topology:
        yield topology


def router_of(where):
    return get_topogen().gears[site.ROUTER[where]]


def alive(node, stack, targets, inside=True):
    """Which of the targets answer: asks them all at once."""
    command = f"fping -a -r2 -t400 -i1 {' '.join(targets)} 2>/dev/null"
    _, out = util.sh_status(node, util.inside(stack.name, command) if inside else command)
    return sorted(out.split())


def warm(node, stack, targets, inside=True):
    """Waits until the targets answer: addresses and neighbours settle in the first seconds."""
    util.wait_for(
        f"{node.name}, {stack.name}: answers from {targets}",
        lambda: util.differs(sorted(targets), alive(node, stack, targets, inside)),
    )


@pytest.mark.parametrize("where", site.SITES)
def test_each_stack_is_as_configured(tgen, where):
    "VRF, table, interface on the trunk, addresses, MTU, gateway and guards of each, in the kernel"
    router = router_of(where)
    views = util.look(router, *[stack.name for stack in STACKS])
    shown = util.show_json(router, "show netstack")
    tables = set()
    for stack in STACKS:
        view = views[stack.name]
        assert view, f"{stack.name}: not in the kernel"
        tables.add(view.table)
        assert view.table == shown[stack.name]["table"]
        assert view.addresses() == {
            stack.ifname: sorted([f"{stack.address(where)}/24", f"{stack.address(where, 6)}/64"]),
            stack.id_ifname: sorted([f"{stack.id(where)}/32", f"{stack.id(where, 6)}/128"]),
        }
        assert (view.link(stack.ifname), view.kernel.links[stack.ifname]["mtu"]) == (
            util.as_possible(f"link vlan {stack.vlan} parent trunk"),
            stack.mtu,
        )
        assert view.guards() == util.GUARDS, f"{stack.name}: {view.routes(4)} {view.routes(6)}"
        for family in (4, 6):
            assert view.next_hops("default", family) == [stack.gateway(where, family)]
        assert [gateway["state"] for gateway in shown[stack.name]["gateways"]] == ["active"] * 2
    assert len(tables) == (len(STACKS) if util.BACKEND == "vrf" else 1)


@pytest.mark.parametrize("where", site.SITES)
def test_show_netstack_lists_all(tgen, where):
    "One line for each stack, with its VRF, its gateways and that it is up"
    lines = util.vtysh(router_of(where), "show netstack").splitlines()
    for stack in STACKS:
        line = [line for line in lines if re.match(rf"\W*{stack.name}\b", line)]
        assert len(line) == 1, f"{stack.name} in {lines}"
        for word in ("up", stack.gateway(where), stack.gateway(where, 6)):
            assert re.search(rf"(^|\s){re.escape(word)}(\s|,|$)", line[0]), f"{word} in {line[0]}"


def test_each_reaches_its_host_and_gateway(tgen):
    "On its own VLAN"
    for where in site.SITES:
        for stack in STACKS:
            warm(
                router_of(where),
                stack,
                [
                    of(where, family)
                    for family in (4, 6)
                    for of in (stack.host, stack.gateway)
                ],
            )


def test_each_reaches_its_own_counterpart_and_nothing_else(tgen):
    """
    Over the WAN. Each stack asks the address that only one stack has, of all ten stacks at the
    other site and of the other nine at its own, IPv4 and IPv6: only its counterpart may answer.
    """
    for where in site.SITES:
        there = site.OTHER[where]
        everyone = [
            stack.id(place, family)
            for stack in STACKS
            for place in site.SITES
            for family in (4, 6)
        ]
        for stack in STACKS:
            own = [stack.id(there, family) for family in (4, 6)]
            warm(router_of(where), stack, own)
            # with itself
            own += [stack.id(where, family) for family in (4, 6)]
            assert alive(router_of(where), stack, everyone) == sorted(own), (
                f"{site.ROUTER[where]}, {stack.name}"
            )


def test_each_reaches_its_own_by_its_own_gateway(tgen):
    "traceroute: its gateway, then its counterpart"
    # -N1: many probes at once are more than a counterpart may answer in a second
    for stack in STACKS:
        for family in (4, 6):
            out = util.sh(
                router_of("a"),
                util.inside(
                    stack.name, f"traceroute -{family} -n -q1 -N1 -w2 {stack.address('b', family)}"
                ),
            )
            hops = re.findall(r"^ *\d+ +(\S+)", out, re.M)
            assert hops == [stack.gateway("a", family), stack.address("b", family)], out


def received(router, stack):
    """Packets that came in on the stack's interface: by netlink, as /sys may be another namespace's."""
    links = json.loads(util.sh(router, util.ip_in(stack.name, "-j -s link show")))
    return next(link for link in links if link["ifname"] == stack.ifname)["stats64"]["rx"]["packets"]


def test_same_subnet_goes_to_the_own_counterpart(tgen):
    """
    vmotion, storage and iscsi have one address, 10.21.0.11, at the other site. Who of them asks is
    seen by the counters: 50 pings arrive in the own counterpart, and in neither of the other two.
    """
    there = router_of("b")
    twins = [stack for stack in STACKS if stack.name in site.TWINS]
    assert len({(twin.address("b"), twin.address("b", 6)) for twin in twins}) == 1
    for twin in twins:
        for family in (4, 6):
            warm(router_of("a"), twin, [twin.address("b", family)])
            before = {stack.name: received(there, stack) for stack in twins}
            util.sh(
                router_of("a"),
                util.inside(twin.name, f"ping -q -c50 -i0.01 -W2 {twin.address('b', family)}"),
            )
            more = {stack.name: received(there, stack) - before[stack.name] for stack in twins}
            assert more[twin.name] >= 50, more
            # now and then a neighbour asks for a neighbour
            assert all(more[name] < 10 for name in more if name != twin.name), more


def test_same_address_has_a_neighbor_in_each_stack(tgen):
    "The gateway 10.20.0.1 is another device in each of the three: three neighbours, three entries"
    twins = [stack for stack in STACKS if stack.name in site.TWINS]
    for twin in twins:
        warm(router_of("a"), twin, [twin.host("a"), twin.host("a", 6)])
    views = util.look(router_of("a"), *[twin.name for twin in twins])
    for family in (4, 6):
        macs = {
            views[twin.name].neighbors()[(twin.ifname, twin.host("a", family))] for twin in twins
        }
        assert len(macs) == len(twins), f"{macs}"


def test_jumbo_frames_in_one_stack_only(tgen):
    "8972 bytes and the headers make 9000, which may not be cut: through vmotion, and no other"
    for stack in STACKS:
        for family, payload in ((4, 8972), (6, 8952)):
            status, out = util.sh_status(
                router_of("a"),
                util.inside(
                    stack.name,
                    f"ping -{family} -c2 -i0.1 -W3 -M do -s {payload} {stack.address('b', family)}",
                ),
            )
            if stack.name in site.JUMBO:
                assert status == 0, out
            else:
                assert status != 0 and "too long" in out.lower(), out
    # and between the hosts, through both stacks
    host = site.Host(tgen, STACKS[0].host_name("a"))
    util.sh(host, f"ping -c2 -i0.1 -W3 -M do -s 8972 {STACKS[0].host('b')}")


def test_hosts_go_through_their_stack(tgen):
    """
    A host's gateway is the stack, which has its own: host, stack, gateway, the other's host. No
    host reaches one of another stack at the other site.
    """
    for stack in STACKS:
        host = site.Host(tgen, stack.host_name("a"))
        warm(host, stack, [stack.host("b"), stack.host("b", 6)], inside=False)
        everyone = [
            other.id("b", family) for other in STACKS for family in (4, 6)
        ]
        own = sorted(stack.id("b", family) for family in (4, 6))
        assert alive(host, stack, everyone, inside=False) == own
    out = util.sh(
        site.Host(tgen, STACKS[3].host_name("a")), f"traceroute -n -q1 -N1 -w2 {STACKS[3].host('b')}"
    )
    hops = re.findall(r"^ *\d+ +(\S+)", out, re.M)
    assert hops == [
        STACKS[3].address("a"),
        STACKS[3].gateway("a"),
        STACKS[3].host("b"),
    ], out


def test_no_stack_falls_through_to_the_default_vrf(tgen):
    """
    The router gets a way to everywhere in its default VRF. A stack that has lost its gateway must
    not take it: its unreachable default stands in the way.
    """
    router = router_of("a")
    stack = STACKS[4]
    target = STACKS[4].id("b")
    warm(router, stack, [target])
    util.sh(
        router,
        "ip link add dv0 type veth peer name dv1; ip link set dv0 up; ip link set dv1 up;"
        " ip addr add 198.51.100.1/24 dev dv0; ip route add default via 198.51.100.2 dev dv0",
    )
    try:
        util.configure(
            router,
            f"""
            netstack {stack.name}
            no default-gateway {stack.gateway("a")}
            """,
        )
        util.wait_next_hops(router, stack.name, [])
        # what an unreachable route gives: EHOSTUNREACH
        status, out = util.sh_status(router, util.route_get(stack.name, target))
        assert status != 0 and re.search("unreachable|No route to host", out), out
        assert alive(router, stack, [target]) == []
    finally:
        util.sh_status(router, "ip link del dv0")
        util.configure(
            router,
            f"""
            netstack {stack.name}
            default-gateway {stack.gateway("a")}
            """,
        )
    warm(router, stack, [target])


def test_running_config_is_what_was_written(tgen):
    "What r1's frr.conf says, no more"
    for where in site.SITES:
        shown = util.lines_of(util.running_config(router_of(where)))
        written = [
            line for line in util.lines_of(site.frr_conf(where, STACKS))
            if not line.startswith("hostname")
        ]
        assert sorted(shown) == sorted(written)
        # blocks stay blocks: each stack with its own lines
        assert blocks(shown) == blocks(written)


def test_daemons_are_well(tgen):
    "All of them, to the end"
    for where in site.SITES:
        assert router_of(where).check_router_running() == ""


def blocks(lines):
    """{stack: its lines, sorted}"""
    found = {}
    for line in lines:
        if line.startswith("netstack "):
            name = line.split()[1]
            found[name] = []
        elif not line.strip() == "exit":
            found[name].append(line)
    return {name: sorted(found[name]) for name in found}


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
