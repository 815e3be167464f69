#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
BGP in stacks: `router bgp N vrf NAME` works whatever is configured first, and goes on to work when
the stack goes and returns and when a daemon dies. A default that BGP has learned and
`default-gateway` go by their distances.
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

ASN = {"red": 65001, "blue": 65011}


class Bgp(routing.Protocol):
    name = "bgp"
    names = {4: "bgp", 6: "bgp"}
    distance = 20
    next_hop = {4: routing.R2[4], 6: "fe80:"}

    def instance(self, name):
        return f"""
router bgp {ASN[name]} vrf {name}
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 timers bgp 3 10
 neighbor {routing.R2[4]} remote-as external
 neighbor {routing.R2[4]} timers connect 1
 neighbor {routing.R2[6]} remote-as external
 neighbor {routing.R2[6]} timers connect 1
 address-family ipv4 unicast
  neighbor {routing.R2[4]} activate
 exit-address-family
 address-family ipv6 unicast
  neighbor {routing.R2[6]} activate
 exit-address-family
exit
"""

    def no_instance(self, name):
        return f"no router bgp {ASN[name]} vrf {name}"

    def default(self, name, family, on):
        return f"""
router bgp 65002 vrf {name}
 address-family ipv{family} unicast
  {"" if on else "no "}neighbor {routing.R1[family]} default-originate
 exit-address-family
exit
"""

    def behind(self, name, on):
        return f"router bgp 65002 vrf {name}\n" + "".join(
            f"""
 address-family ipv{family} unicast
  {"" if on else "no "}network {prefix}
 exit-address-family
"""
            for family, (prefix, _) in routing.BEHIND[name].items()
        )

    def peers(self, router, name):
        shown = util.show_json(router, f"show bgp vrf {name} neighbors")
        return {
            peer: entry
            for peer, entry in shown.items()
            if isinstance(entry, dict) and "connectionsEstablished" in entry
        }

    def is_up(self, router, name):
        states = [entry["bgpState"] for entry in self.peers(router, name).values()]
        return states == ["Established", "Established"]

    def sessions(self, router, name):
        return {
            peer: entry["connectionsEstablished"]
            for peer, entry in self.peers(router, name).items()
        }


BGP = Bgp()


@pytest.fixture(scope="module")
def tgen(request):
    # pylint: disable=import-outside-toplevel,import-error
    from lib.topogen import TopoRouter

    with routing.running(request, [TopoRouter.RD_BGP]) as topology:
        yield topology


@pytest.fixture
def r1(tgen):
    return tgen.gears["r1"]


def test_stack_first(r1):
    "Two instances with the same peers and subnets, and each learns what is in its own stack"
    routing.stack_first(r1, BGP)
    assert all(BGP.sessions(r1, name) for name in routing.NAMES)


def test_announced(tgen, r1):
    "What a stack has is announced in that stack: a static route of ours is redistributed"
    util.configure(
        r1,
        """
netstack red
 route 10.70.0.0/16 blackhole
 route fd00:70::/32 blackhole
exit
router bgp 65001 vrf red
 address-family ipv4 unicast
  network 10.70.0.0/16
 exit-address-family
 address-family ipv6 unicast
  network fd00:70::/32
 exit-address-family
exit
""",
    )
    r2 = tgen.gears["r2"]
    util.wait_next_hops(r2, "red", [routing.R1[4]], "10.70.0.0/16")
    util.wait_for(
        "the IPv6 route is there",
        lambda: None if routing.gateways_to(r2, "red", "fd00:70::/32") else "not yet",
    )
    assert routing.gateways_to(r2, "blue", "10.70.0.0/16") == []
    util.configure(
        r1, "netstack red\nno route 10.70.0.0/16 blackhole\nno route fd00:70::/32 blackhole"
    )
    util.wait_next_hops(r2, "red", [], "10.70.0.0/16")
    util.wait_next_hops(r2, "red", [], "fd00:70::/32", family=6)


def test_instance_first(r1):
    "The instance is configured while there is no such stack"
    routing.instance_first(r1, BGP)


def test_mixed_order(r1):
    "The stack, the instance, then the interface"
    routing.mixed_order(r1, BGP)


def test_one_transaction(r1):
    "All of it from a file"
    routing.one_transaction(r1, BGP)


def test_stack_made_again(r1):
    "The stack goes and returns, the instance stays"
    routing.stack_made_again(r1, BGP)


def test_another_table(r1):
    "The stack gets another table"
    routing.another_table(r1, BGP)


@pytest.mark.parametrize("family", routing.FAMILIES)
def test_default_by_distance(tgen, family):
    "A learned default and default-gateway coexist"
    routing.default_by_distance(tgen, BGP, family)


def test_default_of_staticd(r1):
    "A default of staticd's and default-gateway coexist"
    routing.default_of_staticd(r1)


@util.only_on("vrf")
def test_learned_leaks(tgen):
    "What one stack has learned leaks into the other, and is followed"
    routing.learned_leaks(tgen, BGP)


def test_netstackd_restarted(r1):
    "No session is lost, and no route changes"
    routing.netstackd_restarted(r1, BGP)


def test_bgpd_restarted(r1):
    "It finds the stacks that are there"
    routing.daemon_restarted(r1, BGP, "bgpd")


@pytest.mark.parametrize("daemon", ["staticd", "mgmtd"])
def test_another_daemon_restarted(tgen, daemon):
    "No session and no gateway notices, and configuration works afterwards"
    routing.another_daemon_restarted(tgen, BGP, daemon)


def test_zebra_restarted(r1):
    "All comes back, with zebra and all others"
    routing.zebra_restarted(r1, BGP)


def test_stack_made_again_after_all(r1):
    "And once more, with daemons that have seen much"
    routing.stack_made_again(r1, BGP, times=1)


def test_made_again_while_zebra_is_away(r1):
    "What zebra is told of the stack then is not out of date"
    routing.made_again_while_zebra_is_away(r1, BGP)


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
