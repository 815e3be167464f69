#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
zebra, with our module, survives that VRF devices come and go with routes that somebody puts into their
tables at once, and has the routes of each VRF in that VRF.
"""

import os
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_util as util

BACKENDS = ["vrf"]

# Without the module zebra is gone after a dozen.
TIMES = 25
TABLE = 1999
# Ports that are there, and come from the default VRF: each into a stack of its own.
GIVEN = ("given1", "given2", "given3", "given4")

MAKE = f"""
link add v1 type vrf table {TABLE}
link set v1 up
route add unreachable default table {TABLE} metric 4278198272
route add unreachable ::/0 table {TABLE} metric 4278198272
link add vmk1 link port type macvlan mode bridge
link set vmk1 master v1
link set vmk1 up
addr add 10.20.0.11/24 dev vmk1
addr add 2001:db8:20::11/64 dev vmk1 nodad
route add 10.21.0.0/16 via 10.20.0.1 table {TABLE}
"""
REMOVE = f"""
link del vmk1
route del unreachable default table {TABLE} metric 4278198272
route del unreachable ::/0 table {TABLE} metric 4278198272
link del v1
"""


def build(tgen):
    router = tgen.add_router("r1")
    util.add_port(tgen, router, "port")
    for port in GIVEN:
        util.add_port(tgen, router, port)


@pytest.fixture(scope="module")
def r1(request):
    with util.router_r1(build, request) as router:
        yield router


@pytest.fixture(autouse=True)
def same_zebra(r1):
    "zebra is the one that it was, and v1 is gone, of which nothing is left in the default VRF"
    pid = util.pid_of(r1, "zebra")
    yield
    assert util.sh_status(r1, f"kill -0 {pid}")[0] == 0, "zebra is gone"
    util.sh_status(r1, "ip link del vmk1; ip link del v1")  # of a test that failed
    wait_known(r1, False)
    util.wait_for("no table left", lambda: util.differs([], tables(r1)))


def batch(router, lines):
    util.sh(router, ["ip", "-batch", "-"], stdin=lines)


def tables(router):
    """whose zebra thinks that the table is"""
    out = util.vtysh(router, "show zebra router table summary")
    rows = [line.split() for line in out.splitlines()]
    return sorted({row[0] for row in rows if len(row) > 5 and row[5] == str(TABLE)})


def wait_known(router, known=True):
    util.wait_for(
        f"v1 known to zebra: {known}",
        lambda: util.differs(known, "vrf v1 id " in util.vtysh(router, "show vrf")),
    )


def wait_routes(router):
    """
    zebra has them in v1.  The default it can lose: the node for it is made anew with the VRF
    (zebra_vrf_table_create()), whatever was there already.
    """
    want = {"10.20.0.0/24", "10.21.0.0/16"}

    def probe():
        have = util.show_json(router, "show ip route vrf v1")
        return None if want <= set(have) else sorted(have)

    util.wait_for("the routes of v1", probe)


def made_alone(router):
    "made when the one before is gone: it has its routes, and its table"
    wait_known(router, False)
    batch(router, MAKE)
    wait_routes(router)
    assert tables(router) == ["v1"]
    batch(router, REMOVE)


@pytest.mark.parametrize("wait", [True, False], ids=["seen", "not seen"])
def test_routes_at_once(r1, wait):
    """
    Made with routes, and removed when zebra has seen all of it, or before: then zebra may read the last
    routes when v1 is gone, and what it makes of them is v1's again when that comes the next time.
    """
    for _ in range(TIMES):
        batch(r1, MAKE)
        if wait:
            wait_routes(r1)
            assert tables(r1) == ["v1"]
        batch(r1, REMOVE)
        if wait:
            wait_known(r1, False)
    made_alone(r1)


def test_made_anew_at_once(r1):
    """
    The next is there before zebra has looked.  What zebra reads of it while the one before is freed can be
    lost with that (doc/developer/upstream.md), so what counts is zebra, and the one that is made then.
    """
    for _ in range(TIMES):
        batch(r1, MAKE + REMOVE)
    made_alone(r1)


def test_zebra_installs_into_it(r1):
    "a route of staticd is installed in a VRF whose table was read before it"
    util.configure(r1, "vrf v1\nip route 10.22.0.0/16 10.20.0.1")
    for _ in range(TIMES // 2):
        batch(r1, MAKE)
        util.wait_for(
            "staticd's route is in the kernel",
            lambda: None if util.sh(r1, f"ip route show table {TABLE} 10.22.0.0/16") else "not there",
        )
        batch(r1, REMOVE)
        wait_known(r1, False)
    util.configure(r1, "no vrf v1")


def subnets_of(router, vrf):
    "those that zebra has in a VRF, but for link-local ones"
    found = []
    for family in ("ip", "ipv6"):
        found += util.show_json(router, f"show {family} route vrf {vrf}")
    return {prefix for prefix in found if prefix.endswith(("/24", "/64"))} - {"fe80::/64"}


def test_a_subnet_goes_with_its_address(r1):
    """
    Also one that a stack got in the moment in which its link came: zebra can have read the kernel's
    route to the subnet before it knew that the link is in the VRF.
    """
    addresses = ["10.23.0.11/24", "10.24.0.11/24", "2001:db8:23::11/64"]
    subnets = {"10.23.0.0/24", "10.24.0.0/24", "2001:db8:23::/64"}
    stacks = {f"s-{port}": port for port in GIVEN}

    def lines(each):
        return "".join(
            f"netstack {name}\n interface {port}\n"
            + "".join(f"  {each} {address}\n" for address in addresses)
            + " exit\nexit\n"
            for name, port in stacks.items()
        )

    def wait_subnets(want):
        for name in stacks:
            util.wait_for(
                f"zebra's subnets of {name}",
                lambda name=name: None
                if subnets_of(r1, name) == want
                else util.vtysh(r1, f"show ip route vrf {name}", f"show ipv6 route vrf {name}"),
                timeout=5,
            )

    for port in GIVEN:  # zebra is told of an address when it is no longer tentative
        util.sh(r1, f"sysctl -qw net.ipv6.conf.{port}.accept_dad=0")
    for _ in range(4):
        util.configure_file(r1, lines("address"))
        util.wait_up(r1, *stacks)
        wait_subnets(subnets)
        try:
            util.configure_file(r1, lines("no address"))
            wait_subnets(set())
        finally:
            util.configure(r1, "\n".join(f"no netstack {name}" for name in stacks))
            for name in stacks:
                util.wait_gone(r1, name)
