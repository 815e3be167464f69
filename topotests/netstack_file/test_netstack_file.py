#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
A file of configuration (`vtysh -f`), of which vtysh sends netstackd lines ahead of the answers to
those before: more lines than may be without an answer. What is refused is told with its line's
number and changes nothing, all else is in force; lines of other daemons are in between; a netstackd
that dies ends the reading, and vtysh says so.
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
from netstack_routing_lib import start

# vtysh/netstack_vtysh_ahead.c: AHEAD_MAX is 512
NEIGHBORS = 1500
FILE = "/tmp/gearlogdir/neighbors.conf"


def build(tgen):
    tgen.add_router("r1")


@pytest.fixture(scope="module")
def r1(request):
    with util.router_r1(build, request) as router:
        yield router


def address(number):
    return f"10.1.{number // 250}.{number % 250 + 2}"


def neighbor(number):
    return f" arp {address(number)} 02:00:00:00:{number >> 8:02x}:{number & 255:02x} interface red0"


def write_file(router, lines):
    util.sh(router, f"cat > {FILE}", stdin="\n".join(lines) + "\n")


def neighbors_of(router):
    text = util.running_config(router)
    return set(re.findall(r"^ arp (\S+) ", text, re.M))


def test_each_refused_line_is_told_by_its_number(r1):
    "All others are in force, and what is refused stands under its own number, in order"
    lines = ["netstack red"] + [neighbor(n) for n in range(NEIGHBORS)]
    wrong = list(range(40, len(lines), 97))
    missing = set()
    for at in wrong:
        missing.add(lines[at].split()[1])
        lines[at] = " arp 224.0.0.1 02:00:00:00:00:01 interface red0"
    write_file(r1, lines + ["exit"])
    _, said = util.sh_status(r1, f"vtysh -f {FILE}")
    told = [int(number) for number in re.findall(r"^line (\d+): Failure to communicate", said, re.M)]
    assert told == [at + 1 for at in wrong], said
    assert len(re.findall(r"^% .*224\.0\.0\.1", said, re.M)) == len(wrong), said
    assert neighbors_of(r1) == {address(n) for n in range(NEIGHBORS)} - missing


def test_lines_of_others_come_in_their_order(r1):
    "One vtysh for all daemons: a prefix-list, which netstackd and others have, between its own lines"
    lines = []
    for n in range(NEIGHBORS, NEIGHBORS + 30):
        lines += ["netstack red", neighbor(n), "exit"]
        lines += [f"ip prefix-list between seq {n} permit 192.0.2.{n % 250}/32"]
        lines += ["vrf red", f" ip route 198.51.100.{n % 250}/32 blackhole", "exit-vrf"]
    write_file(r1, lines)
    status, said = util.sh_status(r1, f"vtysh --no-fork -f {FILE}")
    assert status == 0 and not said.strip(), said
    text = util.vtysh(r1, "show running-config")
    for n in range(NEIGHBORS, NEIGHBORS + 30):
        assert neighbor(n) in text.splitlines()
        assert f"ip prefix-list between seq {n} permit 192.0.2.{n % 250}/32" in text
        assert f" ip route 198.51.100.{n % 250}/32 blackhole" in text.splitlines()


def test_what_comes_after_an_unknown_line_is_read(r1):
    "What vtysh itself does not know is told by it, with its number"
    write_file(r1, ["netstack red", neighbor(1600), " nonsense", neighbor(1601), "exit"])
    _, said = util.sh_status(r1, f"vtysh -d netstackd -f {FILE}")
    assert re.search(r"^line 3: % Unknown command", said, re.M), said
    assert {address(1600), address(1601)} <= neighbors_of(r1)


def test_a_line_of_ours_is_looked_up_by_the_process_for_netstackd_alone(r1):
    "What is wrong with it is told once, and a line of others in the block is everybody's"
    lines = ["netstack red", neighbor(1800), " arp nonsense", neighbor(1801)]
    lines += [" ip prefix-list inside seq 5 permit 192.0.2.0/24", "netstack red", neighbor(1802), "exit"]
    lines += ["vrf red", " ip route 198.51.100.255/32 blackhole", "exit-vrf"]
    write_file(r1, lines)
    _, said = util.sh_status(r1, f"vtysh -f {FILE}")
    assert re.findall(r"^line (\d+): % Unknown command", said, re.M) == ["3"], said
    assert {address(1800), address(1801), address(1802)} <= neighbors_of(r1)
    text = util.vtysh(r1, "show running-config")
    assert "ip prefix-list inside seq 5 permit 192.0.2.0/24" in text
    assert " ip route 198.51.100.255/32 blackhole" in text.splitlines()
    for daemon in ("zebra", "netstackd"):
        shown = util.sh(r1, f"vtysh -d {daemon} -c 'show running-config'")
        assert "ip prefix-list inside seq 5 permit 192.0.2.0/24" in shown, daemon
    util.configure(r1, "no ip prefix-list inside")


def test_lines_of_libfrr_have_a_candidate_of_their_own(r1):
    """
    The candidate shares the tree of the running configuration: with lines of netstackd's own, always; with
    those of libfrr, up to some moments before and after. All of them, and such as are refused, find
    all that is configured.
    """
    before = util.running_config(r1)
    start = len(util.log_of(r1))

    def trees():
        """What is said of the candidate's tree, in order: "a", of its own, or "no"."""
        return re.findall("the candidate configuration has (a|no) tree of its own", util.log_of(r1)[start:])

    def shared_again():
        return None if trees()[-1:] == ["no"] else "the candidate has a tree of its own"

    util.vtysh(r1, "debug netstack northbound")
    util.configure(r1, "ip prefix-list first seq 5 permit 192.0.2.0/24\nno ip prefix-list first")
    util.wait_for("it is shared", shared_again)
    for number, (lines, libfrr) in enumerate(
        (
            (f"netstack red\n{neighbor(1700)}", False),
            ("ip prefix-list after seq 5 permit 192.0.2.0/24", True),
            (f"netstack red\nno{neighbor(1700)}", False),
            ("no ip prefix-list after", True),
        )
    ):
        said = len(trees())
        util.configure(r1, lines)
        if libfrr:
            util.wait_for("it got one", lambda: None if trees()[said:] else "nothing is said")
            util.wait_for("it is shared", shared_again)
        assert (util.running_config(r1) == before) == (number >= 2)
        shown = "ip prefix-list after" in util.vtysh(r1, "show running-config")
        assert shown == (number in (1, 2))
        assert trees()[said:] == (["a", "no"] if libfrr else [])
        said = len(trees())
        util.refused(r1, "netstack red\narp 224.0.0.1 02:00:00:00:00:01 interface red0")
        assert (util.running_config(r1) == before) == (number >= 2)
        assert len(trees()) == said
    util.vtysh(r1, "no debug netstack northbound")
    assert util.running_config(r1) == before


def many(count):
    return [f"172.16.{n // 250}.{n % 250 + 1}/32" for n in range(count)]


def route_states(router):
    "{prefix: state and reason} of the configured routes of red"
    return {
        route["prefix"]: (route["state"], route["reason"])
        for route in util.show_json(router, "show netstack red route")["routes"]
        if route["configured"]
    }


def routes_by(router, via):
    "Where the kernel has a route of red's by this gateway to"
    routes = json.loads(util.sh(router, util.ip_in("red", "-j -4 route show")))
    return {f"{route['dst']}/32" for route in routes if route.get("gateway") == via}


def read_routes(router, lines):
    write_file(router, ["netstack red", *lines, "exit"])
    status, said = util.sh_status(router, f"vtysh -d netstackd -f {FILE}")
    assert status == 0 and not said.strip(), said


QUIET, LOUD = "not to tell of each route", "to tell of each route again"


class Log:
    "What netstackd has logged since"

    def __init__(self, router):
        self.router = router
        self.seen = len(util.log_of(router))

    def text(self):
        return util.log_of(self.router)[self.seen :]

    def wait(self, *told):
        "Until that is what zebra was told, in this order, once or more"

        def probe():
            said = re.findall(f"zebra is ({QUIET}|{LOUD})", self.text())
            return None if said and said == list(told) * (len(said) // 2) else said or "nothing"

        util.wait_for("zebra is to tell again", probe)


def test_thousands_of_new_routes(r1):
    """
    zebra is asked not to tell of each of them, as the kernel does, until it has installed them. What becomes
    of them is told all the same, and so is what is sent later.
    """
    via = "10.1.0.9"
    # more than are read before the first of them are sent
    prefixes = many(20000 if util.BACKEND == "netns" else 6000)
    lines = [f" route {prefix} {via}" for prefix in prefixes]
    want = dict.fromkeys(prefixes, ("installed", ""))
    util.vtysh(r1, "debug netstack zebra")
    log = Log(r1)

    def states():
        have = route_states(r1)
        return {key: [want.get(key), have.get(key)] for key in {*want, *have} if want.get(key) != have.get(key)}

    def in_kernel():
        installed = {key for key, state in want.items() if state[0] == "installed"}
        return sorted(installed ^ routes_by(r1, via))[:10]

    def wait_for_all(what):
        util.wait_for(what, lambda: states() or in_kernel() or None)

    read_routes(r1, lines)
    wait_for_all("the states of all")
    log.wait(QUIET, LOUD)
    util.configure(r1, f"netstack red\nroute 172.31.0.1/32 {via}")
    want["172.31.0.1/32"] = ("installed", "")
    wait_for_all("one more")
    util.wait_for("its note", lambda: util.differs(True, "'installed' of 172.31.0.1/32" in log.text()))
    # one that is withdrawn by the file that has thousands of others, and one that the kernel has from elsewhere
    more = [prefix.replace("172.16.", "172.18.") for prefix in prefixes]
    rival = more[20]
    util.sh(r1, util.ip_in("red", f"route add {rival} dev red0"))
    log = Log(r1)
    read_routes(r1, [f" route {prefix} {via}" for prefix in more] + [f" no route 172.31.0.1/32 {via}"])
    del want["172.31.0.1/32"]
    want.update(dict.fromkeys(more, ("installed", "")))
    want[rival] = ("pending", "boot has a route of lower distance")
    wait_for_all("twice as many")
    util.wait_for("its note", lambda: util.differs(True, "'removed' of 172.31.0.1/32" in log.text()))
    log.wait(QUIET, LOUD)
    util.sh(r1, util.ip_in("red", f"route del {rival} dev red0"))
    want[rival] = ("installed", "")
    wait_for_all("nothing but ours")
    util.vtysh(r1, "no debug netstack zebra")
    want.clear()
    read_routes(r1, [f" no route {prefix} {via}" for prefix in prefixes + more])
    wait_for_all("nothing")


def test_thousands_that_go_before_thousands_that_come(r1):
    "zebra confirms each of those that go, as nobody else does"
    via = "10.1.0.9"
    prefixes = many(20000 if util.BACKEND == "netns" else 6000)
    others = [prefix.replace("172.16.", "172.18.") for prefix in prefixes]
    log = Log(r1)

    def wait_for_all(what, want):
        states = dict.fromkeys(want, ("installed", ""))
        util.wait_for(what, lambda: sorted({*want} ^ routes_by(r1, via))[:10] or None)
        util.wait_for(what, lambda: sorted(route_states(r1).items() ^ states.items())[:10] or None)

    # with a limit, zebra tells of each
    util.configure(r1, "netstack red\nlimit routes 100000")
    util.vtysh(r1, "debug netstack zebra")
    read_routes(r1, [f" route {prefix} {via}" for prefix in prefixes])
    wait_for_all("the first", prefixes)
    assert QUIET not in log.text()
    util.configure(r1, "netstack red\nno limit routes")
    read_routes(r1, [f" no route {prefix} {via}" for prefix in prefixes])
    read_routes(r1, [f" route {prefix} {via}" for prefix in others])
    wait_for_all("the others", others)
    removed = re.compile(r"zebra says 'removed' of (172\.16\.\S+)")
    util.wait_for(
        "a note of each",
        lambda: sorted({*prefixes} - {*removed.findall(log.text())})[:10] or None,
    )
    util.vtysh(r1, "no debug netstack zebra")
    read_routes(r1, [f" no route {prefix} {via}" for prefix in others])
    wait_for_all("nothing", [])


def test_a_daemon_that_dies_is_told(r1):
    "vtysh ends, with another status than 0, and names each line of which nothing has become"
    before = ["netstack red"] + [neighbor(n) for n in range(NEIGHBORS)]
    after = [neighbor(NEIGHBORS), "exit"]
    util.sh(r1, f"rm -f {FILE}; mkfifo {FILE}")
    util.sh(
        r1,
        f"(exec < /dev/null > {FILE}.out 2>&1; vtysh -d netstackd -f {FILE}; echo status $?) &",
    )
    # the rest of the file is there only when netstackd is not any more
    script = f"exec 3> {FILE}; cat >&3; kill -KILL $0; tail --pid $0 -f /dev/null; printf '%s' \"$1\" >&3"
    util.sh(
        r1,
        ["bash", "-c", script, str(util.pid_of(r1)), "\n".join(after) + "\n"],
        stdin="\n".join(before) + "\n",
    )
    util.wait_for(
        "vtysh ends",
        lambda: None if "status" in util.sh(r1, f"cat {FILE}.out") else "it still runs",
    )
    said = util.sh(r1, f"cat {FILE}.out")
    assert re.search(r"^status [1-9]", said, re.M), said
    for number in (len(before) + 1, len(before) + 2):
        assert re.search(rf"^line {number}: Failure to communicate", said, re.M), said
    start(r1, "netstackd")
