#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Stacks that are network namespaces, seen with iproute2's eyes: what is in them, what comes in and
goes back out, whose they are, and what happens to them behind netstackd's back.
"""

import os
import re
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_util as util
from lib.common_config import kill_router_daemons, start_router_daemons

BACKENDS = ["netns"]

# Settings of the router that are not the kernel's defaults, and that a new namespace has too.
SETTINGS = {
    "net.ipv4.ip_forward": 1,
    "net.ipv4.conf.all.arp_ignore": 1,
    "net.ipv4.conf.default.arp_announce": 2,
    "net.ipv4.conf.all.rp_filter": 2,
    "net.ipv4.fib_multipath_hash_policy": 1,
    "net.ipv6.conf.all.forwarding": 1,
    "net.ipv6.conf.default.forwarding": 1,
    "net.ipv6.conf.default.accept_ra": 0,
    "net.ipv6.conf.default.dad_transmits": 2,
    "net.ipv6.conf.default.keep_addr_on_down": 1,
}


def build(tgen):
    router = tgen.add_router("r1")
    util.add_port(tgen, router, "port")
    util.add_port(tgen, router, "given")
    util.add_peer(tgen, "port", ["10.1.0.1/24", "10.9.0.1/24", "fd00:1::1/64"])
    util.add_peer(tgen, "given", ["10.4.0.1/24", "fd00:4::1/64"])
    for name, value in SETTINGS.items():
        util.sh(router, f"sysctl -qw {name}={value}")
    # what the test library sets so for its own sake would hide how addresses are kept
    util.sh(router, "sysctl -qw net.ipv6.conf.all.keep_addr_on_down=0")


@pytest.fixture(scope="module")
def net(request):
    with util.topology(build, request) as tgen:
        router = tgen.gears["r1"]
        util.sh(router, util.LINKS_SCRIPT)
        util.load_conf(router, os.path.join(CWD, "r1", "frr.conf"))
        tgen.start_router()
        yield tgen


@pytest.fixture
def r1(net):
    router = net.gears["r1"]
    util.wait_up(router, "blue", "red", timeout=30)
    return router


def wait_reason(router, stack, state, reason):
    """Waits until a stack is in this state, with this reason."""

    def probe():
        said = util.stack_states(router, [stack])[stack]
        return None if re.match(f"{state}: .*{reason}", said) else said

    util.wait_for(f"{stack} is {state}: {reason}", probe)


def inode(router, name):
    """What tells a namespace from another one of the same name; None: there is none."""
    space = util.Kernel(router).spaces.get(name)
    return space and space.inode


MARK = "net.ipv4.ip_default_ttl"


def mark(router, name):
    """The number of a namespace may be that of the next one; this setting is the namespace's own."""
    util.sh(router, f"ip netns exec {name} sysctl -qw {MARK}=77")


def is_marked(router, name):
    """Is it the very namespace that was marked?"""
    return util.sh(router, f"ip netns exec {name} sysctl -n {MARK}").strip() == "77"


def descriptors(router, daemon):
    """What a daemon has open, by kind."""
    pid = util.pid_of(router, daemon)
    out = util.sh(router, f"ls -l /proc/{pid}/fd | sed -n 's/.* -> //p'")
    return sorted(re.sub(r"\[\d+\]", "", line) for line in out.splitlines())


# ---- what is in a namespace -----------------------------------------------------------------------


def test_ip_netns_sees_them(r1):
    "Named namespaces, each another one, none the router's own; one can run things in there"
    assert sorted(util.namespaces(r1)) == ["blue", "red"]
    own = util.sh(r1, "stat -L -c %i /proc/self/ns/net").strip()
    assert len({own, inode(r1, "blue"), inode(r1, "red")}) == 3
    for name in ("blue", "red"):
        assert util.sh(r1, f"ip netns exec {name} ip netns identify").strip() == name
        assert util.sh(r1, f"stat -f -c %T /run/netns/{name}").strip() == "nsfs"
    said = util.show_json(r1, "show netstack")["blue"]
    assert (said["backend"], said["vrf"], said["table"]) == ("netns", "blue", util.MAIN)
    assert f"vrf blue id " in util.vtysh(r1, "show vrf")


def test_loopback(r1):
    "Up, with 127.0.0.1 and ::1, in each of them"
    for name in ("blue", "red"):
        lo = util.Kernel(r1).spaces[name].links["lo"]
        assert "UP" in lo["flags"]
        assert {info["local"] for info in lo["addr_info"]} == {"127.0.0.1", "::1"}
        for address in ("127.0.0.1", "::1"):
            util.sh(r1, f"ip netns exec {name} ping -c1 -W1 {address}")


def test_settings_are_those_of_the_router(r1):
    "And not the kernel's defaults, which a namespace that somebody else makes has"
    util.sh(r1, "ip netns add stranger")
    command = "sysctl -n " + " ".join(SETTINGS)
    values = [str(value) for value in SETTINGS.values()]
    others = util.sh(r1, f"ip netns exec stranger {command}").split()
    assert all(value != other for value, other in zip(values, others)), others
    for name in ("blue", "red"):
        assert util.sh(r1, f"ip netns exec {name} {command}").split() == values
    util.sh(r1, "ip netns del stranger")


@pytest.mark.parametrize("setting", ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"])
def test_forwarding_follows_the_router(r1, setting):
    "At once, when the router begins or ends to forward"

    def forwards():
        return [
            util.sh(r1, f"ip netns exec {name} sysctl -n {setting}").strip()
            for name in ("blue", "red")
        ]

    for value in ("0", "1"):
        util.sh(r1, f"sysctl -qw {setting}={value}")
        util.wait_for(
            f"{setting} is {value}", lambda value=value: util.differs([value] * 2, forwards())
        )


def test_created_inside_with_the_parent_outside(r1):
    "A macvlan on the router's port; the router itself has no link of that name, and none is left"
    kernel = util.Kernel(r1)
    assert kernel.members("blue") == ["blue0"]
    assert util.look(r1, "blue")["blue"].link("blue0") == "link macvlan parent port"
    assert "blue0" not in kernel.spaces[None].links
    util.wait_answer(r1, "blue", "10.1.0.1")
    util.wait_answer(r1, "blue", "fd00:1::1")
    # no way from the outside to what is inside
    assert util.sh_status(r1, "ping -c1 -W1 10.1.0.11")[0] != 0


@util.needs_links("802.1Q and dummies")
def test_vlan_and_dummy_inside(r1):
    "A VLAN inside, of a trunk outside; a dummy"
    util.configure(
        r1,
        """
        netstack blue
        interface blue1
        link vlan 10 parent port
        exit
        interface blue2
        link dummy
        """,
    )
    util.wait_for(
        "both are there",
        lambda: util.differs(["blue0", "blue1", "blue2"], util.Kernel(r1).members("blue")),
    )
    assert util.look(r1, "blue")["blue"].link("blue1") == "link vlan 10 parent port"
    util.configure(r1, "netstack blue\nno interface blue1\nno interface blue2")
    util.wait_for("gone", lambda: util.differs(["blue0"], util.Kernel(r1).members("blue")))


def test_one_port_and_one_address_in_each(r1):
    "A port is taken in one stack, and is free in the others: also for the very same address"
    server = "python3 -c 'import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 4711)); print(1)'"
    holder = r1.popen(
        "ip netns exec blue python3 -c 'import socket, time; s = socket.socket();"
        " s.bind((\"127.0.0.1\", 4711)); s.listen(); time.sleep(600)'"
    )
    try:
        util.wait_for(
            "the port is taken in blue",
            lambda: None
            if ":4711 " in util.sh(r1, "ip netns exec blue ss -Hltn")
            else "not yet",
        )
        assert util.sh_status(r1, f"ip netns exec blue {server}")[0] != 0
        assert util.sh(r1, f"ip netns exec red {server}").strip() == "1"
        assert util.sh(r1, server).strip() == "1"
    finally:
        holder.terminate()
        holder.wait()


# ---- in and back out ------------------------------------------------------------------------------


# Settings of `given` that somebody made; the kernel forgets them when a link changes its namespace.
OF_GIVEN = {
    "ipv4/conf/given/rp_filter": "2",
    "ipv4/conf/given/arp_announce": "1",
    "ipv6/conf/given/hop_limit": "5",
    "ipv4/neigh/given/gc_stale_time": "61",
    "ipv6/neigh/given/ucast_solicit": "4",
}


def settings_of_given(router, stack):
    command = "cd /proc/sys/net; cat " + " ".join(OF_GIVEN)
    # no settings: it has gone somewhere else in the meantime
    return util.sh_status(router, util.at(stack, f"sh -c '{command}'") if stack else command)[1].split()


def given(router):
    """Where `given` is and what it has."""
    link = util.Kernel(router).links.get("given")
    return link and {
        "stack": link["stack"],
        "settings": settings_of_given(router, link["stack"]),
        "up": "UP" in link["flags"],
        "mac": link["address"],
        "mtu": link["mtu"],
        "addresses": util.Kernel(router).addresses("given"),
    }


@pytest.mark.parametrize("shut", [False, True], ids=["up", "shut down"])
def test_an_existing_interface_comes_in_and_goes_back(r1, shut):
    """
    With all that others gave it, IPv6 addresses and settings too; what we gave it goes. It goes back
    as it was in the stack, up or down.
    """
    util.sh(
        r1,
        """
        ip link set given up
        ip addr replace 10.4.0.10/24 dev given
        ip addr replace fd00:4::10/64 dev given nodad
        """,
    )
    for name, value in OF_GIVEN.items():
        util.sh(r1, f"echo {value} > /proc/sys/net/{name}")
    before = given(r1)
    assert before["addresses"] == ["10.4.0.10/24", "fd00:4::10/64"] and before["up"]
    assert before["settings"] == list(OF_GIVEN.values())
    util.configure(
        r1,
        "netstack blue\ninterface given\naddress 10.4.0.11/24\naddress fd00:4::11/64\nmtu 1400",
    )
    want = {
        **before,
        "stack": "blue",
        "mtu": 1400,
        "addresses": sorted(before["addresses"] + ["10.4.0.11/24", "fd00:4::11/64"]),
    }
    util.wait_for("given is in blue", lambda: util.differs(want, given(r1)))
    assert "given" not in util.Kernel(r1).spaces[None].links
    util.wait_answer(r1, "blue", "10.4.0.1")
    util.wait_answer(r1, "blue", "fd00:4::1")
    if shut:
        util.configure(r1, "netstack blue\ninterface given\nshutdown")
        util.wait_for(
            "given is down", lambda: util.differs({**want, "up": False}, given(r1))
        )
    util.configure(r1, "netstack blue\nno interface given")
    util.wait_for(
        "given is back", lambda: util.differs({**before, "up": not shut}, given(r1))
    )
    if not shut:
        util.wait_for(
            "it works",
            lambda: None if util.sh_status(r1, "ping -c1 -W1 10.4.0.1")[0] == 0 else "no answer",
        )


def test_what_goes_back_when_the_stack_goes(r1):
    "What is not ours, also what somebody else put in there; what is ours goes with the stack"
    util.sh(r1, "ip link set given up")
    before = util.snapshot(r1)
    util.sh(r1, util.make_link("guest", "mtu 1450"))
    util.configure(
        r1,
        """
        netstack brief
        interface given
        exit
        interface brief0
        link macvlan parent port
        address 10.9.0.11/24
        """,
    )
    util.wait_up(r1, "brief")
    util.sh(
        r1,
        """
        ip link set guest netns brief
        ip -n brief addr add 10.77.0.1/24 dev guest
        ip -n brief addr add fd00:77::1/64 dev guest nodad
        ip -n brief link set guest up
        """,
    )
    # such a link is bound to its namespace, and ends with it
    util.sh(r1, "ip -n brief link add bridge0 type bridge")
    util.configure(r1, "no netstack brief")
    util.wait_gone(r1, "brief")
    kernel = util.Kernel(r1)
    assert kernel.links["given"]["stack"] is None and kernel.links["guest"]["stack"] is None
    assert kernel.addresses("guest") == ["10.77.0.1/24", "fd00:77::1/64"]
    assert kernel.links["guest"]["mtu"] == 1450 and "UP" in kernel.links["guest"]["flags"]
    assert "brief0" not in kernel.links and "bridge0" not in kernel.links
    util.sh(r1, "ip link del guest")
    # a link that comes back may have another number
    before["links"]["given"]["ifindex"] = kernel.links["given"]["ifindex"]
    util.wait_as_before(r1, before, "nothing is left behind")


# ---- whose it is ----------------------------------------------------------------------------------


def test_an_empty_namespace_of_somebody_else_is_taken(r1):
    "It is used as it is, and stays when the stack goes, without what we put in there"
    util.sh(r1, "ip netns add theirs")
    mark(r1, "theirs")
    util.configure(
        r1,
        """
        netstack theirs
        interface theirs0
        link macvlan parent port
        address 10.9.0.12/24
        exit
        default-gateway 10.9.0.1
        """,
    )
    util.wait_up(r1, "theirs")
    util.wait_answer(r1, "theirs", "10.9.0.1")
    assert is_marked(r1, "theirs")
    util.configure(r1, "no netstack theirs")
    util.wait_for(
        "what is ours is gone", lambda: util.differs([], util.Kernel(r1).members("theirs"))
    )
    util.wait_for(
        "the stack is gone",
        lambda: util.differs(False, "theirs" in util.show_json(r1, "show netstack")),
    )
    assert is_marked(r1, "theirs")
    util.sh(r1, "ip netns del theirs")


# what is in there, and what takes it away again; what the reason has to name
DIFFERENCES = [
    (
        "an interface",
        "ip -n theirs link add odd0 type bridge",
        "ip -n theirs link del odd0",
        "interface odd0",
    ),
    (
        "an address",
        "ip -n theirs link set lo up; ip -n theirs addr add 10.66.0.1/32 dev lo",
        "ip -n theirs addr del 10.66.0.1/32 dev lo",
        r"address 10\.66\.0\.1/32",
    ),
    (
        "a route",
        "ip -n theirs route add blackhole 10.67.0.0/16",
        "ip -n theirs route del blackhole 10.67.0.0/16",
        r"route 10\.67\.0\.0/16",
    ),
    (
        "an IPv6 route",
        "ip -n theirs link set lo up; ip -n theirs -6 route add blackhole fd00:67::/32",
        "ip -n theirs -6 route del blackhole fd00:67::/32",
        "route fd00:67::/32",
    ),
]


@pytest.mark.parametrize("put,take,named", [row[1:] for row in DIFFERENCES], ids=[r[0] for r in DIFFERENCES])
def test_a_namespace_that_differs_is_not_taken(r1, put, take, named):
    "The stack is down and says why, nothing in there is touched; it is taken when nothing differs"
    util.sh(r1, f"ip netns add theirs; {put}")
    util.configure(
        r1, "netstack theirs\ninterface theirs0\nlink macvlan parent port\naddress 10.9.0.12/24"
    )
    wait_reason(r1, "theirs", "down", f"not ours.*{named}")
    before = util.snapshot(r1)
    util.stays(
        "nothing changes",
        lambda: util.difference(before, util.snapshot(r1))
        or util.differs(True, util.stack_states(r1)["theirs"].startswith("down")),
        2,
    )
    util.sh(r1, take)
    util.wait_up(r1, "theirs")
    # once taken, what others put there stays, and is no reason for anything
    util.sh(r1, put.replace("ip -n theirs link set lo up; ", ""))
    util.stays(
        "the stack is up", lambda: util.differs("up", util.stack_states(r1)["theirs"]), 1
    )
    util.sh(r1, take)
    util.configure(r1, "no netstack theirs")
    util.wait_for("theirs0 is gone", lambda: util.differs([], util.Kernel(r1).members("theirs")))
    util.sh(r1, "ip netns del theirs")


def test_a_namespace_that_has_what_is_configured_is_taken(r1):
    "Links and addresses that the stack is to have anyway"
    util.sh(
        r1,
        f"""
        ip netns add theirs
        {util.make_link("kept0")}
        ip link set kept0 netns theirs
        ip -n theirs addr add 10.68.0.1/24 dev kept0
        """,
    )
    util.configure(r1, "netstack theirs\ninterface kept0\naddress 10.68.0.1/24")
    util.wait_up(r1, "theirs")
    assert util.Kernel(r1).addresses("kept0") == ["10.68.0.1/24"]
    util.configure(r1, "no netstack theirs")
    util.wait_for(
        "the stack is gone",
        lambda: util.differs(False, "theirs" in util.show_json(r1, "show netstack")),
    )
    util.sh(r1, "ip netns del theirs; ip link del kept0 || :")
    util.wait_gone(r1, "theirs")


def test_a_file_that_is_no_namespace(r1):
    "Is left alone and named; the stack comes up when it is gone"
    util.sh(r1, "touch /run/netns/filed")
    util.configure(
        r1, "netstack filed\ninterface filed0\nlink macvlan parent port\naddress 10.9.0.13/24"
    )
    wait_reason(r1, "filed", "down", "/run/netns/filed is not a network namespace")
    assert util.sh(r1, "stat -c %F /run/netns/filed").strip() == "regular empty file"
    util.sh(r1, "rm /run/netns/filed")
    util.wait_up(r1, "filed")
    util.configure(r1, "no netstack filed")
    util.wait_gone(r1, "filed")


# ---- behind the back ------------------------------------------------------------------------------


def test_deleted_with_members(r1):
    "The very namespace gets its name back: nothing in it is lost, not even what is not ours to make"
    util.configure(r1, "netstack blue\ninterface given\naddress 10.4.0.11/24")
    util.wait_up(r1, "blue")
    mark(r1, "blue")
    before = util.snapshot(r1)
    for _ in range(3):
        position = len(util.log_of(r1))
        util.sh(r1, "ip netns del blue")
        util.wait_as_before(r1, before, "blue is back as it was")
        util.wait_up(r1, "blue")
        assert is_marked(r1, "blue")
        assert re.search(r"repair: .*\bblue\b", util.log_of(r1)[position:])
        util.wait_answer(r1, "blue", "10.1.0.1")
        util.wait_answer(r1, "blue", "10.4.0.1")
    util.configure(r1, "netstack blue\nno interface given")
    util.wait_for("given is back", lambda: util.differs(None, given(r1)["stack"]))


def test_deleted_while_netstackd_was_away(net, r1):
    "Made anew, with what is ours to make; what the kernel deleted with it is waited for"
    util.sh(r1, util.make_link("lost0"))
    util.configure(r1, "netstack blue\ninterface lost0\naddress 10.88.0.1/24")
    util.wait_up(r1, "blue")
    util.vtysh(r1, "write memory")
    mark(r1, "blue")
    kill_router_daemons(net, "r1", ["netstackd"])
    util.sh(r1, "ip netns del blue")
    util.wait_for(
        "the kernel has deleted it, and the virtual links in it",
        lambda: util.differs(False, "lost0" in util.Kernel(r1).links),
    )
    start_router_daemons(net, "r1", ["netstackd"])
    util.sh(r1, "vtysh -b")
    wait_reason(r1, "blue", "degraded", "lost0 does not exist")
    assert not is_marked(r1, "blue")
    util.wait_answer(r1, "blue", "10.1.0.1")
    util.sh(r1, "ip link del lost0-end 2>/dev/null; " + util.make_link("lost0"))
    util.wait_up(r1, "blue")
    assert util.Kernel(r1).links["lost0"]["stack"] == "blue"
    util.configure(r1, "netstack blue\nno interface lost0")
    util.wait_for(
        "lost0 is out", lambda: util.differs(None, util.Kernel(r1).links["lost0"]["stack"])
    )
    util.sh(r1, "ip link del lost0")


def test_another_namespace_in_its_place(net, r1):
    "Of the same name, with something in it: not ours, so it is named and left alone until it goes"
    util.vtysh(r1, "write memory")
    # else the name would be taken again at once
    kill_router_daemons(net, "r1", ["netstackd"])
    util.sh(r1, "ip netns del red && ip netns add red && ip -n red link add odd0 type bridge")
    start_router_daemons(net, "r1", ["netstackd"])
    util.sh(r1, "vtysh -b")
    wait_reason(r1, "red", "down", "not ours.*odd0")
    mark(r1, "red")
    util.sh(r1, "ip netns del red")
    util.wait_up(r1, "red")
    assert not is_marked(r1, "red")
    assert util.Kernel(r1).members("red") == ["red0"]


# ---- descriptors ----------------------------------------------------------------------------------


def test_descriptors_are_closed_with_the_namespace(r1):
    "netstackd's and zebra's: as many and of the same kinds as before"
    before = {daemon: descriptors(r1, daemon) for daemon in ("netstackd", "zebra")}
    names = [f"many{number}" for number in range(8)]
    for name in names:
        util.configure(r1, f"netstack {name}\ninterface {name}-0\nlink macvlan parent port")
    util.wait_up(r1, *names)
    for daemon in before:
        assert len(descriptors(r1, daemon)) >= len(before[daemon]) + 2 * len(names)
    util.configure(r1, "\n".join(f"no netstack {name}" for name in names))
    for name in names:
        util.wait_gone(r1, name)
    for daemon in before:
        util.wait_for(
            f"descriptors of {daemon}",
            lambda daemon=daemon: util.differs(before[daemon], descriptors(r1, daemon)),
        )


def test_no_more_stacks_than_descriptors(r1):
    """
    The limit of both daemons' descriptors (MAX_FDS) has room for so many namespaces: a stack beyond
    it is down, and says so, zebra is well; it comes up when there is room.
    """
    # as its own user: root may not, where it has no CAP_SYS_RESOURCE
    prlimit = f"setpriv --reuid frr --regid frr --clear-groups prlimit --pid {util.pid_of(r1)}"
    limit = util.sh(r1, f"{prlimit} --nofile --noheadings --output SOFT,HARD").split()
    # blue, red, and one more
    util.sh(r1, f"{prlimit} --nofile=121:{limit[1]}")
    util.configure(r1, "netstack third\ndescription fits")
    util.wait_up(r1, "third")
    util.configure(r1, "netstack fourth\ndescription does not")
    wait_reason(r1, "fourth", "down", "descriptors for 3 namespaces.*MAX_FDS")
    assert inode(r1, "fourth") is None
    util.configure(r1, "no netstack third")
    util.wait_up(r1, "fourth")
    util.configure(r1, "netstack third\ndescription has to wait now")
    wait_reason(r1, "third", "down", "MAX_FDS")
    # zebra opens those of others as well
    util.configure(r1, "no netstack third")
    util.sh(r1, "ip netns add stranger")
    util.configure(r1, "no netstack fourth")
    util.wait_gone(r1, "fourth")
    util.configure(r1, "netstack third\ndescription there is a stranger")
    wait_reason(r1, "third", "down", "descriptors for 3 namespaces.*MAX_FDS")
    util.sh(r1, "ip netns del stranger")
    util.wait_up(r1, "third")
    util.configure(r1, "netstack fourth\ndescription has to wait again")
    wait_reason(r1, "fourth", "down", "MAX_FDS")
    util.sh(r1, f"{prlimit} --nofile={limit[0]}:{limit[1]}")
    util.wait_up(r1, "fourth")
    util.configure(r1, "no netstack third\nno netstack fourth")
    util.wait_gone(r1, "third")
    util.wait_gone(r1, "fourth")


def test_daemons_are_well(r1):
    "To the end"
    assert r1.check_router_running() == ""


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
