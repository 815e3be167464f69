#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
A router goes over from VRF devices to network namespaces and back: FRR stops, zebra's -w changes,
FRR starts. All stacks move over with all that they have, and nothing of what they were is left.
"""

import os
import re
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_util as util

# It begins with VRF devices, which not every kernel has.
BACKENDS = ["vrf"]

STACKS = {"blue": "blue", "red": "red", "a-stack-of-a-long-name": "longname"}
DAEMONS = ["mgmtd", "zebra", "staticd", "netstackd"]
CAP_SYS_ADMIN = 1 << 21
# What somebody else gave to `given`.
OTHERS = ["10.40.0.1/24", "fd00:40::1/64"]
OTHERS_SETTINGS = {"ipv4/conf/given/rp_filter": "2", "ipv6/conf/given/hop_limit": "5"}
# The peer has them, and they are in no subnet of a stack: they are reached by the gateways.
FAR = ["192.0.2.1", "2001:db8::1"]


def build(tgen):
    router = tgen.add_router("r1")
    util.add_port(tgen, router, "trunk", vlans=(10, 20))
    util.add_port(tgen, router, "given")
    util.add_port(tgen, router, "lent")
    far = [f"{FAR[0]}/32", f"{FAR[1]}/128"]
    for vlan in (10, 20):
        util.add_peer(
            tgen, "trunk", ["10.1.0.1/24", "fd00:1::1/64", *far], vlan, f"02:00:00:00:{vlan}:fe"
        )
    # what the test library sets so for its own sake would hide how addresses are kept
    util.sh(router, "echo 0 > /proc/sys/net/ipv6/conf/all/keep_addr_on_down")


@pytest.fixture(scope="module")
def net(request):
    with util.topology(build, request) as tgen:
        router = tgen.gears["r1"]
        util.sh(router, util.LINKS_SCRIPT)
        # another namespace is somebody's, on either backend
        util.sh(router, "ip netns add somebodys; ip -n somebodys link add theirs0 type bridge")
        util.load_conf(router, os.path.join(CWD, "r1", "frr.conf"))
        tgen.start_router()
        # the library takes IPv4 addresses away when it starts FRR
        util.wait_for(
            "given is in blue",
            lambda: util.differs("blue", util.Kernel(router).links["given"]["stack"]),
        )
        add_others(router)
        yield tgen
        # the library's own look at it, at the end, is at the backend that it was told
        util.BACKEND = "vrf"


def add_others(router):
    for address in OTHERS:
        nodad = "nodad" if ":" in address else ""
        util.sh(router, util.ip_at("blue", f"addr replace {address} dev given {nodad}"))
    for name, value in OTHERS_SETTINGS.items():
        util.sh(router, util.at("blue", f"bash -c 'echo {value} > /proc/sys/net/{name}'"))


@pytest.fixture
def r1(net):
    return net.gears["r1"]


def stop(router, signal="TERM"):
    for daemon in reversed(DAEMONS):
        util.kill(router, daemon, signal)


def start(net, router, backend):
    net.net["r1"].use_netns_vrf = backend == "netns"
    util.BACKEND = backend
    result = router.startDaemons(list(DAEMONS))  # the library takes some off the list
    assert result == "", result


def switch(net, router, backend, signal="TERM"):
    """What the administrator does."""
    stop(router, signal)
    start(net, router, backend)
    util.sh(router, "vtysh -b")


def setting(router, stack, name):
    """Of an interface in the stack; words, if it is not there any more."""
    return util.sh_status(router, util.at(stack, f"cat /proc/sys/net/{name}"))[1].strip()


def stacks_of(router, stacks):
    """All of the stacks but what differs between backends: tables, guards, indexes."""
    found = {}
    for stack, view in util.look(router, *stacks).items():
        if view is None:
            found[stack] = {"there": False}
            continue
        found[stack] = {
            "addresses": view.addresses(),
            "links": {
                name: [
                    view.link(name),
                    view.kernel.links[name]["address"],
                    view.kernel.links[name]["mtu"],
                    "UP" in view.kernel.links[name]["flags"],
                    view.kernel.links[name].get("ifalias"),
                ]
                for name in view.members
            },
            "without IPv6": [
                name
                for name in view.members
                if setting(router, stack, f"ipv6/conf/{name}/disable_ipv6") == "1"
            ],
            "settings": [
                setting(router, stack, name)
                for name in OTHERS_SETTINGS
                if "given" in view.members
            ],
            "neighbors": view.neighbors(permanent=True),
            "routes": {
                destination: view.next_hops(destination)
                for destination in ("10.50.0.0/16", "10.51.0.0/16")
            },
            "gateways": view.next_hops("default", 4) + view.next_hops("default", 6),
            "up": view.is_up(),
        }
    return found


def is_all_there(router, stacks):
    """Up, as it was in the beginning; and it works."""
    util.wait_up(router, *[name for name, vrf in STACKS.items() if vrf in stacks], timeout=60)
    util.wait_for(
        f"on {util.BACKEND} all is as it was",
        lambda: util.difference(
            {stack: Reference.stacks[stack] for stack in stacks}, stacks_of(router, stacks)
        ),
        timeout=60,
    )
    for stack in set(stacks) & {"blue", "red"}:
        util.wait_answer(router, stack, FAR[0])
    util.wait_answer(router, "blue", FAR[1])
    said = util.show_json(router, "show netstack")
    assert {said[name]["backend"] for name in STACKS if name in said} == {util.BACKEND}


def outside(router):
    """
    What the router itself has beside its stacks: the links, with their addresses, the routes in its
    two tables, the rules. Routes in other tables, by whomever, are named by their table.
    """
    seen = util.snapshot(router)
    links = {
        name: {key: value for key, value in link.items() if key != "ifindex"}
        for name, link in seen["links"].items()
        if not link["stack"] and name not in STACKS.values()
    }
    routes = [
        route
        for route in util.Space(router).all_routes
        if not route["dst"].startswith(("fe80:", "ff00:"))
    ]
    return {
        "links": links,
        "routes": sorted(
            f"{route.get('type')} {route['dst']} {route.get('dev')} {route.get('metric')}"
            for route in routes
            if route["table"] in ("main", "local")
        ),
        "tables": sorted({route["table"] for route in routes} - {"main", "local"}),
        "rules": seen["rules"],
    }


def whole(router):
    """All that the kernel has, but for the numbers of links, and what VRF devices call themselves."""
    seen = util.snapshot(router)
    for link in seen["links"].values():
        del link["ifindex"]
        if link["kind"] == "vrf":
            del link["mac"]
    return {**seen, "mounts": mounts(router), "names": names(router)}


def mounts(router):
    """Where the router has something mounted."""
    lines = util.sh(router, "cat /proc/self/mountinfo").splitlines()
    return sorted(line.split(" ", 5)[4] for line in lines)


def names(router):
    """Of namespaces, and files that are to be none."""
    return sorted(util.sh(router, "ls -A /run/netns").split())


def guards(router):
    """Unreachable defaults, wherever they are."""
    return [
        route
        for space in util.Kernel(router).spaces.values()
        for route in space.all_routes
        if util.is_guard(route)
    ]


def permitted(router):
    status = util.sh(router, f"cat /proc/{util.pid_of(router)}/status")
    return int(re.search(r"CapPrm:\s+(\w+)", status)[1], 16)


class Reference:
    """The stacks as they were in the beginning, the router around them, and its whole kernel."""

    stacks = None
    outside = None
    kernel = None
    conf = None


def nothing_of_vrfs(router):
    """No device, no route in a table of theirs, no unreachable default, nothing of stacks outside."""
    want = {**Reference.outside, "tables": []}
    util.wait_for(
        "the router itself is as it was", lambda: util.difference(want, outside(router))
    )
    kernel = util.Kernel(router)
    assert kernel.vrfs() == {} and guards(router) == []
    for space in kernel.spaces.values():
        assert {route["table"] for route in space.all_routes} <= {"main", "local"}


def nothing_of_namespaces(router):
    """No name, no mount, nothing of stacks outside; all is as it was in the beginning."""
    util.wait_for(
        "the kernel is as it was", lambda: util.difference(Reference.kernel, whole(router))
    )
    util.wait_for("privileges are given up", lambda: util.differs(0, permitted(router) & CAP_SYS_ADMIN))


def test_before(r1):
    "On VRF devices"
    util.wait_up(r1, *STACKS, timeout=60)
    Reference.stacks = stacks_of(r1, STACKS.values())
    Reference.outside, Reference.kernel = outside(r1), whole(r1)
    # what all the rest is compared with
    blue, longname = Reference.stacks["blue"], Reference.stacks["longname"]
    assert set(OTHERS) < set(blue["addresses"]["given"])
    assert blue["addresses"]["blue0"] == ["10.1.0.11/24", "fd00:1::11/64"]
    assert blue["gateways"] == ["10.1.0.1", "fd00:1::1"]
    assert blue["routes"] == {"10.50.0.0/16": ["10.1.0.2"], "10.51.0.0/16": ["blackhole"]}
    assert len(blue["neighbors"]) == 2 and len(blue["links"]) == 4
    assert blue["settings"] == list(OTHERS_SETTINGS.values())
    assert longname["without IPv6"] == ["long0"]
    assert Reference.stacks["red"]["links"]["lent"][2] == 1400
    assert len(guards(r1)) == 2 * len(STACKS) and len(Reference.outside["tables"]) == len(STACKS)
    is_all_there(r1, STACKS.values())
    assert not permitted(r1) & CAP_SYS_ADMIN
    util.vtysh(r1, "write memory")
    conf = util.sh(r1, "cat /etc/frr/frr.conf")
    # each daemon has its own log from the library, and is to keep it
    Reference.conf = "".join(line for line in conf.splitlines(True) if not line.startswith("log "))
    util.sh(r1, "cat > /etc/frr/frr.conf", stdin=Reference.conf)


@pytest.mark.parametrize("signal", ["TERM", "KILL"])
def test_to_namespaces_and_back(net, r1, signal):
    "Whether FRR ended in good order or not"
    switch(net, r1, "netns", signal)
    is_all_there(r1, STACKS.values())
    assert names(r1) == sorted([*STACKS.values(), "somebodys"])
    assert mounts(r1) == sorted(
        Reference.kernel["mounts"] + [f"/run/netns/{name}" for name in STACKS.values()]
    )
    nothing_of_vrfs(r1)
    assert permitted(r1) & CAP_SYS_ADMIN
    switch(net, r1, "vrf", signal)
    is_all_there(r1, STACKS.values())
    assert util.Kernel(r1).vrfs()["blue"] == 2000
    nothing_of_namespaces(r1)


def test_interrupted(net, r1):
    "netstackd dies when the first stack has gone over, and goes on where it was"
    for backend in ("netns", "vrf"):
        stop(r1)
        start(net, r1, backend)
        reader = r1.popen("vtysh -b")
        util.wait_for(
            "the first has gone over",
            lambda: None if set(util.Kernel(r1).stacks()) & set(STACKS.values()) else "none",
            interval=0,
        )
        util.kill(r1, "netstackd")
        reader.wait(60)
        assert r1.startDaemons(["netstackd"]) == ""
        util.sh(r1, "vtysh -b")
        # what others gave it, if it died while it carried that
        util.wait_up(r1, *STACKS, timeout=60)
        add_others(r1)
        is_all_there(r1, STACKS.values())
        if backend == "netns":
            nothing_of_vrfs(r1)
        else:
            nothing_of_namespaces(r1)


@pytest.mark.parametrize("backend", ["netns", "vrf"])
def test_a_stack_that_is_not_configured_any_more(net, r1, backend):
    "It goes, on its former backend, and what was lent to it comes back"
    without = re.sub(r"^netstack red\n(?:.+\n)*?exit\n", "", Reference.conf, flags=re.M)
    assert without != Reference.conf
    util.sh(r1, "cat > /etc/frr/frr.conf", stdin=without)
    switch(net, r1, backend)
    is_all_there(r1, ["blue", "longname"])
    want = [] if backend == "vrf" else ["blue", "longname"]

    def left():
        there = {"red", "red0"} & (set(util.Kernel(r1).links))
        return util.differs([set(), sorted([*want, "somebodys"])], [there, names(r1)])

    util.wait_for("red is gone", left)
    lent = util.Space(r1).links["lent"]
    assert "master" not in lent
    assert not [info for info in lent["addr_info"] if info["family"] == "inet"]
    assert lent["mtu"] == 1500  # and not red's, although it was another netstackd that set it
    assert "red" not in util.show_json(r1, "show netstack")
    if backend == "netns":
        assert util.Kernel(r1).vrfs() == {} and guards(r1) == []
    # and it can be made anew
    util.sh(r1, "cat > /etc/frr/frr.conf", stdin=Reference.conf)
    util.sh(r1, "vtysh -b")
    is_all_there(r1, STACKS.values())


def test_somebody_elses_namespace(r1):
    "Is as it was"
    assert sorted(util.Space(r1, "somebodys").links) == ["lo", "theirs0"]


def test_daemons_are_well(r1):
    "To the end"
    assert r1.check_router_running() == ""


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
