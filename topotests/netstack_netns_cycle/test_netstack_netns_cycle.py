#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
500 lives of stacks that are network namespaces: made, used, and removed while traffic goes through
them. zebra 10.3 without our module would not survive the second.
"""

import os
import re
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_util as util
from lib.topogen import get_topogen

BACKENDS = ["netns"]

LIVES = 500
# So many stacks at a time, always by the same names.
STACKS = [f"cycle{number}" for number in range(1, 11)]
DAEMONS = ("zebra", "netstackd", "staticd", "mgmtd")

# A namespace costs netstackd some 40 kB: a leak of what it keeps of one in ten would be more than this.
MEMORY_MAX_KB = 2000

# Where the peer's packets are from: in none of the stacks' subnets, so what answers it has a route.
FAR = {4: "192.0.2.1", 6: "2001:db8::1"}


def build(tgen):
    router = tgen.add_router("r1")
    util.add_port(tgen, router, "port")
    util.add_peer(tgen, "port", ["10.1.0.1/16", "fd00:1::1/64", f"{FAR[4]}/32", f"{FAR[6]}/128"])
    # what stacks have of the router: no second of duplicate address detection in each life
    util.sh(router, "sysctl -qw net.ipv6.conf.default.accept_dad=0")


@pytest.fixture(scope="module")
def net(request):
    with util.topology(build, request) as tgen:
        router = tgen.gears["r1"]
        util.load_conf(router, os.path.join(CWD, "r1", "frr.conf"))
        tgen.start_router()
        util.wait_up(router, "stays", timeout=30)
        yield tgen


@pytest.fixture
def r1(net):
    return net.gears["r1"]


def address(stack, family=4):
    number = stack[len("cycle") :]
    return f"10.1.1.{number}" if family == 4 else f"fd00:1::1:{number}"


def mac(stack):
    return f"02:00:00:00:01:{int(stack[len('cycle') :]):02x}"


def lines_for(stack):
    # with a MAC: those who talk to it need not learn another one each time
    return f"""
netstack {stack}
 interface {stack}-0
  link macvlan parent port
  mac {mac(stack)}
  address {address(stack)}/16
  address {address(stack, 6)}/64
 exit
 default-gateway 10.1.0.1
 default-gateway fd00:1::1
 route 10.50.0.0/16 10.1.0.2
 route fd00:50::/32 fd00:1::2
 arp 10.1.0.77 02:00:00:00:00:77 interface {stack}-0
exit
"""


def pids(router):
    return {daemon: util.pid_of(router, daemon) for daemon in DAEMONS}


def are_alive(router, was):
    """The very processes."""
    return util.sh_status(router, f"kill -0 {' '.join(map(str, was.values()))}")[0] == 0


def held(router):
    """{daemon: its descriptors, its threads}; mounts, and namespaces that the kernel numbers"""
    script = "".join(
        f"ls /proc/{pid}/fd | wc -l; ls /proc/{pid}/task | wc -l;" for pid in pids(router).values()
    )
    numbers = util.sh(router, script).split()
    return {
        **{daemon: numbers[2 * n : 2 * n + 2] for n, daemon in enumerate(DAEMONS)},
        "mounts": sorted(
            line.split(" ", 5)[4] for line in util.sh(router, "cat /proc/self/mountinfo").splitlines()
        ),
        "namespaces": util.sh(router, "ip netns list-id | wc -l").strip(),
    }


def memory(router, daemon="netstackd"):
    """What it has of its own, in kB."""
    out = util.sh(router, f"cat /proc/{util.pid_of(router, daemon)}/status")
    return int(re.search(r"RssAnon:\s+(\d+)", out)[1])


def wait_stacks(router, there):
    """All up, and nothing left to do; or all gone, here, in the kernel, and in zebra."""

    def probe():
        states = util.stack_states(router)
        seen = {stack: states.get(stack) for stack in STACKS}
        return util.differs(dict.fromkeys(STACKS, "up" if there else None), seen)

    def zebra():
        known = set(re.findall(r"^vrf (\S+) id ", util.vtysh(router, "show vrf"), re.M))
        return util.differs(there, bool(known & set(STACKS)))

    util.wait_for(f"stacks there: {there}", probe, interval=0.02)
    util.wait_for(f"known to zebra: {there}", zebra, interval=0.02)
    have = set(util.namespaces(router))
    assert have == ({"stays", *STACKS} if there else {"stays"}), have


def answers(peer, family):
    """The addresses that answer the peer."""
    targets = " ".join(address(stack, family) for stack in STACKS)
    _, out = util.sh_status(
        peer, f"fping -a -r3 -t200 -i1 -S {FAR[family]} {targets} 2>/dev/null"
    )
    return set(out.split())


def one_life(router, peer):
    """
    Of each of the stacks. How many were used: made, with an answer by IPv4 and IPv6, and removed.
    """
    util.configure_file(router, "".join(map(lines_for, STACKS)))
    wait_stacks(router, True)
    for family in (4, 6):
        util.wait_for(
            f"all answer, IPv{family}",
            lambda family=family: util.differs(
                {address(stack, family) for stack in STACKS}, answers(peer, family)
            ),
            interval=0.02,
        )
    util.configure_file(router, "".join(f"no netstack {stack}\n" for stack in STACKS))
    wait_stacks(router, False)
    return len(STACKS)


def zebra_counts(router):
    """How many of the stacks zebra has seen come and go."""
    log = util.log_of(router, "zebra")
    return [
        len(re.findall(rf"NS notify : {what} VRF cycle\d+\b", log)) for what in ("created", "deleted")
    ]


class Peer:
    """The host on the switch, as util.sh() wants it."""

    def __init__(self, net):
        self.name, self.net = "peer", net.net["p-port"]


class Traffic:
    """A program that runs on a node all the while."""

    def __init__(self, node, name, command):
        self.node = node
        self.file = f"{get_topogen().logdir}/{name}"
        # the process id is the program's own: all shells in between become it
        script = f"echo $$ > {self.file}.pid; exec {command} > {self.file} 2>&1"
        util.sh(node, f"bash -c '{script}' < /dev/null > /dev/null 2>&1 &")
        util.wait_for(f"{name} runs", lambda: None if os.path.exists(self.file) else "not yet")

    def end(self):
        """What it says at the end."""
        with open(f"{self.file}.pid", encoding="ascii") as file:
            pid = file.read().strip()
        util.sh_status(self.node, f"kill -INT {pid}")
        util.wait_for("its end", lambda: "still there" if util.alive(pid) else None)
        with open(self.file, encoding="utf-8", errors="replace") as file:
            return file.read()


def test_lives(net, r1):
    "The same processes at the end, with what they had open in the beginning; who stays did not notice"
    peer = Peer(net)
    one_life(r1, peer)  # what is opened and kept at the first time
    processes, before, had, counts = pids(r1), held(r1), memory(r1), zebra_counts(r1)
    snapshot = util.snapshot(r1)
    # goes on all the while, to those that come and go as to the one that stays
    targets = " ".join([*map(address, STACKS), "10.1.0.10"])
    traffic = Traffic(peer, "traffic", f"fping -q -l -p 20 -i 1 -S {FAR[4]} {targets}")
    stays = Traffic(r1, "stays", util.inside("stays", "ping -q -i 0.05 10.1.0.1"))
    lives = 0
    try:
        while lives < LIVES:
            lives += one_life(r1, peer)
            assert are_alive(r1, processes), f"after {lives} lives a daemon is gone"
    finally:
        traffic.end()
        said = stays.end()
    # what zebra counted does not come from this file
    assert [after - was for was, after in zip(counts, zebra_counts(r1))] == [lives, lives]
    assert lives >= LIVES and pids(r1) == processes
    util.wait_for("nothing is held", lambda: util.differs(before, held(r1)))
    print("memory of netstackd, kB:", had, memory(r1))
    assert memory(r1) - had < MEMORY_MAX_KB
    util.wait_as_before(r1, snapshot, "nothing is left behind")
    sent, received = re.search(r"(\d+) packets transmitted, (\d+) received", said).groups()
    assert int(sent) > lives / 10 and int(sent) - int(received) <= 1, said


def test_a_thousand_opened_and_closed(r1):
    "Empty ones, many at once: nothing stays open"
    before, processes = held(r1), pids(r1)
    names = [f"many{number}" for number in range(250)]
    for _ in range(4):
        util.configure_file(r1, "".join(f"netstack {n}\n description x\nexit\n" for n in names))
        util.wait_up(r1, *names, timeout=60)
        assert len(util.namespaces(r1)) == 1 + len(names)
        util.configure_file(r1, "".join(f"no netstack {name}\n" for name in names))
        util.wait_for(
            "all are gone",
            lambda: util.differs(["stays"], util.namespaces(r1)),
            timeout=60,
        )
        util.wait_for(
            "zebra has noticed",
            lambda: util.differs(1, util.vtysh(r1, "show vrf").count(" id ")),
            timeout=60,
        )
    assert are_alive(r1, processes)
    util.wait_for("nothing is held", lambda: util.differs(before, held(r1)))


def test_daemons_are_well(r1):
    "To the end; and routes are installed, in a new stack and in the default one"
    assert r1.check_router_running() == ""
    util.configure_file(r1, lines_for(STACKS[0]))
    util.wait_next_hops(r1, STACKS[0], ["10.1.0.1"])
    util.configure(r1, f"no netstack {STACKS[0]}\nip route 192.0.2.0/24 blackhole")
    util.wait_for(
        "a route of the default VRF",
        lambda: None if "192.0.2.0" in util.sh(r1, "ip route show table main") else "not there",
    )


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
