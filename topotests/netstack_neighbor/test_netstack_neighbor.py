#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
ARP and ND: each stack has tables of its own, also for one and the same address; permanent entries
are what the configuration says, learned ones can be cleared.
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

STACKS = {"left": "left0", "right": "right0"}
# At the other end of the trunk there is a neighbour in each VLAN, both with these addresses.
PEER4, PEER6 = "10.0.0.1", "fd00::1"
PEERS = {"left": "02:00:00:00:01:01", "right": "02:00:00:00:01:02"}


def build(tgen):
    router = tgen.add_router("r1")
    util.add_port(tgen, router, "trunk", vlans=(10, 20))
    for vlan, stack in ((10, "left"), (20, "right")):
        util.add_peer(tgen, "trunk", [f"{PEER4}/24", f"{PEER6}/64"], vlan, PEERS[stack])
        # a neighbour that asks for the router, five seconds after it was asked, would be learned by that
        node = tgen.net[f"p-{util.port_of('trunk', vlan)}"]
        node.cmd_raises(
            "for time in /proc/sys/net/ipv[46]/neigh/*/delay_first_probe_time; do echo 3600 >$time; done"
        )


@pytest.fixture(scope="module")
def r1(request):
    with util.router_r1(build, request) as router:
        yield router


def neighbors(router, permanent=None):
    """{stack: {(interface, address): MAC}}, as the kernel has them"""
    views = util.look(router, *STACKS)
    return {stack: views[stack].neighbors(permanent) for stack in STACKS}


def shown(router, stack):
    """{address: entry of `show netstack NAME neighbor json`}"""
    entries = util.show_json(router, f"show netstack {stack} neighbor")["neighbors"]
    return {entry["address"]: entry for entry in entries}


def learn(router):
    """Each stack pings its neighbour, and so learns its MAC."""
    for stack in STACKS:
        for peer in (PEER4, PEER6):
            util.wait_answer(router, stack, peer)


def learned_are_there(router):
    views = neighbors(router, permanent=False)
    for stack, ifname in STACKS.items():
        for peer in (PEER4, PEER6):
            assert views[stack].get((ifname, peer)) == PEERS[stack], views


def test_permanent_neighbors_are_in_the_kernel(r1):
    "The same address, another MAC in each stack"
    util.wait_up(r1, *STACKS, timeout=30)
    for stack, number in (("left", 1), ("right", 2)):
        mac = f"02:00:00:00:50:0{number}"
        util.wait_for(
            f"{stack}: permanent neighbours",
            lambda stack=stack, mac=mac: util.differs(
                {(STACKS[stack], "10.0.0.50"): mac, (STACKS[stack], "fd00::50"): mac},
                neighbors(r1, permanent=True)[stack],
            ),
        )


def test_same_address_is_learned_in_each_stack(r1):
    "10.0.0.1 and fd00::1 are in both stacks, with the MAC of the neighbour of each"
    learn(r1)
    learned_are_there(r1)


def test_show_is_what_the_kernel_has(r1):
    "show netstack NAME neighbor, in JSON and in text, and neighborCount"
    learn(r1)

    def probe():
        for stack in STACKS:
            listed = json.loads(util.sh(r1, util.ip_in(stack, "-j neigh show")).strip() or "[]")
            kernel = {entry["dst"]: entry.get("lladdr") for entry in listed}
            said = {address: entry.get("mac") for address, entry in shown(r1, stack).items()}
            if kernel != said:
                return {"kernel": kernel, "shown": said}
            count = util.show_json(r1, f"show netstack {stack}")[stack]["neighborCount"]
            if count != len(listed):
                return {"kernel": len(listed), "neighborCount": count}
        return None

    util.wait_for("show netstack NAME neighbor json is what ip shows", probe)
    for stack in STACKS:
        entries = shown(r1, stack)
        for address in ("10.0.0.50", "fd00::50"):
            assert (entries[address]["state"], entries[address]["reason"]) == ("installed", "")
            assert entries[address]["kind"] == "permanent"
            assert entries[address]["interface"] == STACKS[stack]
        text = util.vtysh(r1, f"show netstack {stack} neighbor")
        for address, entry in entries.items():
            assert re.search(rf"^{address}\s.*{entry['mac']}", text, re.M), text


def test_clear_removes_what_was_learned(r1):
    "And leaves what is permanent, and the other stack"
    learn(r1)
    util.vtysh(r1, "clear netstack left neighbor")
    views = neighbors(r1)
    # link-local ones may be learned again at once; what was asked for is gone
    for peer in (PEER4, PEER6):
        assert ("left0", peer) not in views["left"], views
        assert ("right0", peer) in views["right"], views
    assert ("left0", "10.0.0.50") in views["left"], views
    assert ("left0", "fd00::50") in views["left"], views
    learn(r1)
    learned_are_there(r1)


@pytest.mark.parametrize("this,other", [(PEER4, PEER6), (PEER6, PEER4)])
def test_clear_of_one_address(r1, this, other):
    "Takes this one and no other"
    learn(r1)
    util.vtysh(r1, f"clear netstack right neighbor {this}")
    views = neighbors(r1)
    assert ("right0", this) not in views["right"], views
    assert ("right0", other) in views["right"], views
    assert ("left0", this) in views["left"], views


def test_clear_does_not_take_a_permanent_one(r1):
    "Not even by its address"
    util.vtysh_status(r1, "clear netstack left neighbor 10.0.0.50")
    assert ("left0", "10.0.0.50") in neighbors(r1, permanent=True)["left"]


def test_clear_of_a_stack_that_does_not_exist(r1):
    "Says so"
    _, out = util.vtysh_status(r1, "clear netstack nosuch neighbor")
    assert out.startswith("% ") and "nosuch" in out, out


def test_a_learned_address_becomes_permanent(r1):
    "What is configured wins over what was learned, and is given up again"
    learn(r1)
    util.configure(r1, f"netstack left\narp {PEER4} 02:00:00:00:99:99 interface left0")
    util.wait_for(
        "permanent, with the MAC that was configured",
        lambda: util.differs(
            "02:00:00:00:99:99", neighbors(r1, permanent=True)["left"].get(("left0", PEER4))
        ),
    )
    # and the MAC can be changed
    util.configure(r1, f"netstack left\narp {PEER4} 02:00:00:00:99:98 interface left0")
    util.wait_for(
        "the other MAC",
        lambda: util.differs(
            "02:00:00:00:99:98", neighbors(r1, permanent=True)["left"].get(("left0", PEER4))
        ),
    )
    util.configure(r1, f"netstack left\nno arp {PEER4} 02:00:00:00:99:98 interface left0")
    util.wait_for(
        "no longer permanent",
        lambda: util.differs(None, neighbors(r1, permanent=True)["left"].get(("left0", PEER4))),
    )
    learn(r1)
    learned_are_there(r1)


def test_arp_before_its_interface(r1):
    "Kept, shown as pending with its reason, in force when the interface comes"
    util.configure(
        r1,
        """
        netstack left
        arp 10.5.0.9 02:00:00:00:05:09 interface late0
        nd fd00:5::9 02:00:00:00:05:09 interface late0
        """,
    )
    for address in ("10.5.0.9", "fd00:5::9"):
        entry = shown(r1, "left")[address]
        assert entry["state"] == "pending" and "late0" in entry["reason"], entry
    util.configure(
        r1, "netstack left\ninterface late0\nlink dummy\naddress 10.5.0.1/24\naddress fd00:5::1/64"
    )

    def probe():
        have = neighbors(r1, permanent=True)["left"]
        want = {("late0", "10.5.0.9"), ("late0", "fd00:5::9")}
        return None if want <= set(have) else {str(key): have[key] for key in have}

    util.wait_for("the neighbours of late0", probe)
    for address in ("10.5.0.9", "fd00:5::9"):
        entry = shown(r1, "left")[address]
        assert (entry["state"], entry["reason"]) == ("installed", ""), entry
    # the interface goes first, its neighbours are kept and wait
    util.configure(r1, "netstack left\nno interface late0")

    def waits():
        entry = shown(r1, "left")["10.5.0.9"]
        return None if entry["state"] == "pending" else entry

    util.wait_for("pending again", waits)
    util.configure(
        r1,
        """
        netstack left
        no arp 10.5.0.9 02:00:00:00:05:09 interface late0
        no nd fd00:5::9 02:00:00:00:05:09 interface late0
        """,
    )
    assert "10.5.0.9" not in shown(r1, "left")


def test_the_removal_of_a_stack_takes_its_neighbors(r1):
    "And only its own"
    util.configure(r1, "no netstack right")
    util.wait_gone(r1, "right")
    assert not [n for n in util.Kernel(r1).neigh if n["dev"] == "right0"]
    assert ("left0", "10.0.0.50") in util.look(r1, "left")["left"].neighbors(permanent=True)


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
