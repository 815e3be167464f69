#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
OSPFv2 and OSPFv3 in stacks: `router ospf vrf NAME` and `router ospf6 vrf NAME` work whatever is
configured first, and go on to work when the stack goes and returns and when a daemon dies. A
default that they have learned and `default-gateway` go by their distances.
"""

import os
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_routing_lib as routing
import netstack_util as util

BACKENDS = ["vrf", "netns"]


def link_lines(name):
    """What is configured at the interface. In a namespace it goes by the names of both."""
    where = f" vrf {name}" if util.BACKEND == "netns" else ""
    return f"""
interface {routing.PORTS[name]}{where}
 ip ospf network point-to-point
 ip ospf hello-interval 1
 ip ospf dead-interval 10
 ipv6 ospf6 area 0
 ipv6 ospf6 network point-to-point
 ipv6 ospf6 hello-interval 1
 ipv6 ospf6 dead-interval 10
exit
"""


class Ospf(routing.Protocol):
    name = "ospf"
    names = {4: "ospf", 6: "ospf6"}
    distance = 110
    next_hop = {4: routing.R2[4], 6: "fe80:"}

    def instance(self, name):
        return f"""
router ospf vrf {name}
 ospf router-id 192.0.2.1
 network 10.1.0.0/24 area 0
exit
router ospf6 vrf {name}
 ospf6 router-id 192.0.2.1
exit
""" + link_lines(name)

    def no_instance(self, name):
        return f"no router ospf vrf {name}\nno router ospf6 vrf {name}"

    def default(self, name, family, on):
        return f"""
router {"ospf" if family == 4 else "ospf6"} vrf {name}
 {"" if on else "no "}default-information originate {"always" if on else ""}
exit
"""

    def behind(self, name, on):
        return f"netstack {name}\ninterface {routing.PORTS[name]}\n" + "\n".join(
            f"{'' if on else 'no '}address {address}/{prefix.split('/')[1]}"
            for prefix, address in routing.BEHIND[name].values()
        )

    def neighbors(self, router, name):
        return (
            util.show_json(router, f"show ip ospf vrf {name} neighbor detail"),
            util.show_json(router, f"show ipv6 ospf6 vrf {name} neighbor detail"),
        )

    def is_up(self, router, name):
        v2, v3 = self.neighbors(router, name)
        states = values(v2, "nbrState") + values(v3, "neighborState")
        return [state.split("/")[0] for state in states] == ["Full", "Full"]

    def sessions(self, router, name):
        # OSPFv2 counts the changes of a neighbour's state; in OSPFv3 the exchange of databases has
        # a number of its own each time
        v2, v3 = self.neighbors(router, name)
        return sorted(values(v2, "stateChangeCounter")), sorted(values(v3, "dbDescSeqNumber"))


def values(tree, key):
    """All values of a key, wherever it is in the tree."""
    if isinstance(tree, list):
        return [value for entry in tree for value in values(entry, key)]
    if not isinstance(tree, dict):
        return []
    own = [tree[key]] if key in tree else []
    return own + [value for entry in tree.values() for value in values(entry, key)]


OSPF = Ospf()


@pytest.fixture(scope="module")
def tgen(request):
    # pylint: disable=import-outside-toplevel,import-error
    from lib.topogen import TopoRouter

    with routing.running(request, [TopoRouter.RD_OSPF, TopoRouter.RD_OSPF6]) as topology:
        for name in routing.NAMES:
            util.configure(topology.gears["r2"], link_lines(name))
        yield topology


@pytest.fixture
def r1(tgen):
    return tgen.gears["r1"]


def test_stack_first(r1):
    "Two instances with the same neighbours and subnets, and each learns what is in its own stack"
    routing.stack_first(r1, OSPF)
    for name in routing.NAMES:
        assert all(len(numbers) == 1 for numbers in OSPF.sessions(r1, name))


def test_announced(tgen, r1):
    "What a stack has is announced in that stack alone: a subnet that it gets"
    util.configure(
        r1,
        """
router ospf vrf red
 redistribute connected
exit
netstack red
 interface up1
  address 10.70.0.1/24
  address fd00:70::1/64
""",
    )
    r2 = tgen.gears["r2"]
    util.wait_next_hops(r2, "red", [routing.R1[4]], "10.70.0.0/24")
    util.wait_for(
        "the IPv6 route is there",
        lambda: None if routing.gateways_to(r2, "red", "fd00:70::/64") else "not yet",
        routing.CONVERGED,
    )
    assert routing.gateways_to(r2, "blue", "10.70.0.0/24") == []
    util.configure(
        r1,
        """
netstack red
 interface up1
  no address 10.70.0.1/24
  no address fd00:70::1/64
""",
    )
    util.wait_next_hops(r2, "red", [], "10.70.0.0/24")
    util.wait_next_hops(r2, "red", [], "fd00:70::/64", family=6)


def test_instance_first(r1):
    "The instance is configured while there is no such stack"
    routing.instance_first(r1, OSPF)


def test_mixed_order(r1):
    "The stack, the instance, then the interface"
    routing.mixed_order(r1, OSPF)


def test_one_transaction(r1):
    "All of it from a file"
    routing.one_transaction(r1, OSPF)


def test_stack_made_again(r1):
    "The stack goes and returns, the instance stays"
    routing.stack_made_again(r1, OSPF)


def test_another_table(r1):
    "The stack gets another table"
    routing.another_table(r1, OSPF)


@pytest.mark.parametrize("family", routing.FAMILIES)
def test_default_by_distance(tgen, family):
    "A learned default and default-gateway coexist"
    routing.default_by_distance(tgen, OSPF, family)


@util.only_on("vrf")
def test_learned_leaks(tgen):
    "What one stack has learned leaks into the other, and is followed"
    routing.learned_leaks(tgen, OSPF, instance=False)


def test_netstackd_restarted(r1):
    "No adjacency is lost, and no route changes"
    routing.netstackd_restarted(r1, OSPF)


@pytest.mark.parametrize("daemon", ["ospfd", "ospf6d"])
def test_ospfd_restarted(r1, daemon):
    "It finds the stacks that are there"
    routing.daemon_restarted(r1, OSPF, daemon)


def test_zebra_restarted(r1):
    "All comes back, with zebra and all others"
    routing.zebra_restarted(r1, OSPF)


def test_stack_made_again_after_all(r1):
    "And once more, with daemons that have seen much"
    routing.stack_made_again(r1, OSPF, times=1)


def test_made_again_while_zebra_is_away(r1):
    "What zebra is told of the stack then is not out of date"
    routing.made_again_while_zebra_is_away(r1, OSPF)


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
