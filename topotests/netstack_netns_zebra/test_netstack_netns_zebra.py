#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
zebra, with our module, survives that namespaces are removed by whomever, with all that is in them,
while it has routes to install; and it goes on to install them.
"""

import os
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_util as util

BACKENDS = ["netns"]

# Routes by which the dataplane is kept busy.
MANY = 500


def build(tgen):
    router = tgen.add_router("r1")
    util.add_port(tgen, router, "port")


@pytest.fixture(scope="module")
def r1(request):
    with util.router_r1(build, request) as router:
        util.sh(router, "ip addr add 10.9.0.1/24 dev port")
        assert_routes_are_installed(router)  # staticd is there, with its descriptors at zebra
        yield router


@pytest.fixture(autouse=True)
def same_zebra(r1):
    "zebra is the one that it was, does its work, and has no more descriptors than before"
    pid = util.pid_of(r1, "zebra")
    descriptors = count_descriptors(r1)
    yield
    assert util.sh_status(r1, f"kill -0 {pid}")[0] == 0, "zebra is gone"
    util.wait_for(
        "descriptors of zebra as before",
        lambda: util.differs(descriptors, count_descriptors(r1)),
    )
    assert_routes_are_installed(r1)


def count_descriptors(router):
    return len(util.sh(router, "ls /proc/$(cat /var/run/frr/zebra.pid)/fd").split())


def assert_routes_are_installed(router):
    "a route of the default VRF comes and goes"
    util.configure(router, "ip route 192.0.2.0/24 10.9.0.2")
    wait_route(router, "", "192.0.2.0/24", True)
    util.configure(router, "no ip route 192.0.2.0/24 10.9.0.2")
    wait_route(router, "", "192.0.2.0/24", False)


def wait_route(router, netns, destination, there):
    where = f"-n {netns} " if netns else ""
    family = "-6" if ":" in destination else "-4"

    def probe():
        out = util.sh(router, f"ip {where}{family} route show {destination}")
        return None if bool(out) == there else (out or "no such route")

    util.wait_for(f"{netns or 'default'}: {destination}: {there}", probe)


def wait_known(router, netns, known=True):
    "zebra knows the namespace as a VRF, or no more"
    util.wait_for(
        f"{netns}: known to zebra: {known}",
        lambda: util.differs(known, f"vrf {netns} id " in util.vtysh(router, "show vrf")),
    )


def make(router, netns):
    "a namespace with links, addresses and routes of staticd"
    util.sh(router, f"ip netns add {netns}")
    lines = (
        "link add v0 type veth peer name v1",
        "addr add 10.1.0.2/24 dev v0",
        "addr add 2001:db8:1::2/64 dev v0 nodad",
        "link set v0 up",
        "link set v1 up",
    )
    util.sh(router, ["ip", "-n", netns, "-batch", "-"], stdin="\n".join(lines))
    wait_known(router, netns)
    util.configure(
        router,
        f"""
        vrf {netns}
        ip route 0.0.0.0/0 10.1.0.1
        ip route 10.2.0.0/16 10.1.0.9
        ipv6 route ::/0 2001:db8:1::9
        """,
    )
    wait_route(router, netns, "10.2.0.0/16", True)
    wait_route(router, netns, "default", True)


def test_an_empty_namespace(r1):
    "one that had nothing"
    util.sh(r1, "ip netns add empty")
    wait_known(r1, "empty")
    util.sh(r1, "ip netns del empty")
    wait_known(r1, "empty", False)


@pytest.mark.parametrize(
    "before",
    [
        "true",
        "ip -n same link set v0 down",
        "ip -n same link del v0",
        "ip -n same addr flush dev v0",
        "ip -n same route flush table main",
    ],
)
def test_the_same_name_again_and_again(r1, before):
    "with routes in it, whatever was done to it right before"
    for _ in range(3):
        make(r1, "same")
        util.sh(r1, f"{before}; ip netns del same")
        wait_known(r1, "same", False)


def test_the_same_name_at_once(r1):
    "gone and there again before zebra has looked"
    for _ in range(10):
        make(r1, "again")
        util.sh(r1, "ip netns del again; ip netns add again")
        # it is another one: without the routes' links
        wait_known(r1, "again")
        wait_route(r1, "again", "10.2.0.0/16", False)
        util.sh(r1, "ip netns del again")
        wait_known(r1, "again", False)


def test_many_at_once(r1):
    "ten that go together"
    names = [f"many{n}" for n in range(10)]
    for name in names:
        make(r1, name)
    util.sh(r1, "; ".join(f"ip netns del {name}" for name in names))
    for name in names:
        wait_known(r1, name, False)


def test_while_the_dataplane_is_busy(r1):
    "routes of the default VRF come and go all the while with their link, and none is lost"
    routes = [f"ip route 10.{100 + n // 250}.{n % 250}.0/24 10.9.0.2" for n in range(MANY)]
    util.configure_file(r1, "\n".join(routes) + "\n")
    wait_many(r1, MANY)
    busy = r1.popen(
        "while [ ! -e /tmp/enough ]; do for to in down up; do ip link set port $to; sleep .2; done; done"
    )
    for _ in range(10):
        make(r1, "busy")
        util.sh(r1, "ip netns del busy")
        wait_known(r1, "busy", False)
    util.sh(r1, "touch /tmp/enough")
    assert busy.wait(30) == 0
    wait_many(r1, MANY)
    util.configure_file(r1, "".join(f"no {route}\n" for route in routes))
    wait_many(r1, 0)


def wait_many(router, number):
    "so many routes are in the kernel"

    def probe():
        out = util.sh(router, "ip route show root 10.96.0.0/11")
        return util.differs(number, len(out.splitlines()))

    util.wait_for(f"{number} routes", probe)


def test_while_neighbors_come_and_go(r1):
    "none of the namespaces that come meanwhile is lost"
    lines = "".join(
        f"neigh replace 10.9.0.{n} lladdr 02:00:00:00:00:01 dev port nud stale\nneigh del 10.9.0.{n} dev port\n"
        for n in range(10, 250)
    )
    util.sh(r1, "rm -f /tmp/enough; cat > /tmp/neighbors", stdin=lines)
    busy = r1.popen("while [ ! -e /tmp/enough ]; do ip -batch /tmp/neighbors; done")
    names = [f"found{n}" for n in range(50)]
    for name in names:
        util.sh(r1, f"ip netns add {name}")
    for name in names:
        wait_known(r1, name)
    util.sh(r1, "touch /tmp/enough")
    assert busy.wait(30) == 0
    util.sh(r1, "; ".join(f"ip netns del {name}" for name in names))
    for name in names:
        wait_known(r1, name, False)


def test_a_namespace_of_two_names(r1):
    "is one VRF, and zebra is not asked about the other name again and again"
    asked = "reading them again"
    util.sh(r1, "ip netns add first")
    wait_known(r1, "first")
    before = util.log_of(r1, "zebra").count(asked)
    util.sh(r1, "touch /run/netns/second && mount --bind /run/netns/first /run/netns/second")
    util.sh(r1, "touch /run/netns/own && mount --bind /proc/self/ns/net /run/netns/own")
    util.sh(r1, "touch /run/netns/nothing")
    util.stays(
        "nothing is read again",
        lambda: util.differs(before, util.log_of(r1, "zebra").count(asked)),
        3,  # it looks after 1.2 s
    )
    util.sh(r1, "rm /run/netns/nothing; umount /run/netns/own; rm /run/netns/own")
    util.sh(r1, "ip netns del second; ip netns del first")
    wait_known(r1, "first", False)
