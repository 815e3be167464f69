#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
The kernel's neighbour tables are one for all stacks: in the kernel's first network namespace
netstackd makes them large enough for the limits of all of them, and never smaller.

This is about the machine itself and not about a router of the topotest library, which has a
namespace of its own.
"""

import os
import re
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_util as util

BACKENDS = ["vrf"]

LAB_FRR = os.path.join(CWD, "../../lab/frr")
SENSIBLE = 4194304  # NETSTACK_NEIGH_TABLE_MAX
THRESHOLD = "/proc/sys/net/{}/neigh/default/gc_thresh{}"
FAMILIES = ("ipv4", "ipv6")


@pytest.fixture(scope="module")
def here():
    if not os.path.exists("/run/lab-backend"):
        pytest.skip("needs FRR on the machine itself: runs in the lab only")
    if not os.path.exists(THRESHOLD.format("ipv4", 3)):
        pytest.skip("the lab is not in the kernel's first network namespace")
    node = util.Local()
    util.sh(node, f"{LAB_FRR} start")
    yield node
    util.sh_status(node, f"{LAB_FRR} stop")


def thresholds():
    "{family: [gc_thresh1, gc_thresh2, gc_thresh3]}"
    found = {}
    for family in FAMILIES:
        found[family] = []
        for number in (1, 2, 3):
            with open(THRESHOLD.format(family, number), encoding="ascii") as file:
                found[family].append(int(file.read()))
    return found


def set_threshold(family, number, value):
    with open(THRESHOLD.format(family, number), "w", encoding="ascii") as file:
        file.write(str(value))


def log():
    with open("/var/log/frr/frr.log", encoding="utf-8", errors="replace") as file:
        return file.read()


def wait_room(entries):
    "Both tables have room for so many, by both thresholds"

    def probe():
        have = thresholds()
        return None if all(min(have[family][1:]) >= entries for family in FAMILIES) else have

    util.wait_for(f"room for {entries} neighbours", probe)


def test_the_tables_hold_all_limits(here):
    "And a flood besides; gc_thresh1 stays, and it is logged"
    before = thresholds()
    util.configure(here, "netstack one\nlimit neighbors 1000")
    util.configure(here, "netstack two\nlimit neighbors 150000 warning-only")
    wait_room(151000 + 100000)
    assert [thresholds()[family][0] for family in FAMILIES] == [
        before[family][0] for family in FAMILIES
    ]
    for family in FAMILIES:
        assert re.search(rf"kernel's {family} neighbour table is made larger", log())


def test_a_table_that_is_large_enough_is_left_alone(here):
    "With gc_thresh2 as an administrator has set it; and never made smaller"
    set_threshold("ipv4", 3, 2000000)
    set_threshold("ipv4", 2, 1000000)
    util.configure(here, "netstack two\nlimit neighbors 300000")
    util.wait_for(
        "ND's table, which has to grow",
        lambda: None if thresholds()["ipv6"][2] >= 400000 else thresholds(),
    )
    assert thresholds()["ipv4"][1:] == [1000000, 2000000]
    util.configure(here, "no netstack two")
    util.configure(here, "netstack one\nlimit neighbors 1200")
    util.wait_for(
        "the limit of one",
        lambda: util.differs(
            1200,
            util.show_json(here, "show netstack one limits")["limits"]["neighbors"]["requested"],
        ),
    )
    have = thresholds()

    def still():
        return util.differs(have, thresholds())

    util.stays("the sizes", still, 1.5)  # it is looked at after half a second
    assert have["ipv6"][2] >= 400000


def test_more_than_is_sensible_is_not_done_unasked(here):
    """
    The tables grow as far as that is, for the sake of the other stacks; the log has the command for who
    wants all of it, and what is in force is the table's size.
    """
    util.configure(here, "netstack huge\nlimit neighbors 100000000")
    util.wait_for(
        "the command in the log",
        lambda: None
        if re.search(r"sysctl -w net\.ipv6\.neigh\.default\.gc_thresh3=100\d{6}", log())
        else log()[-500:],
    )
    wait_room(SENSIBLE)
    assert {family: thresholds()[family][1:] for family in FAMILIES} == {
        family: [SENSIBLE, SENSIBLE] for family in FAMILIES
    }

    def probe():
        shown = util.show_json(here, "show netstack huge limits")["limits"]["neighbors"]
        want = {"requested": 100000000, "inForce": SENSIBLE}
        return util.differs(want, {key: shown[key] for key in want}) or (
            None if "gc_thresh3" in shown["reason"] else shown
        )

    util.wait_for("what is in force", probe)
    util.configure(here, "no netstack huge")


def fill(node, first, last, state="stale"):
    "Dynamic entries of the stack `one`, by a program that is not ours"
    lines = "\n".join(
        f"neigh replace 10.1.{number // 256}.{number % 256} "
        f"lladdr 02:00:00:00:{number // 256:02x}:{number % 256:02x} dev table0 nud {state}"
        for number in range(first, last)
    )
    util.sh(node, f"ip -batch - <<END\n{lines}\nEND")


def test_a_table_that_fills_is_told(here):
    "At 80 %, when it is full, and when it has room again, each once; no stack has a limit"
    util.configure(here, "netstack one\nno limit neighbors")
    util.configure(here, "netstack one\ninterface table0\nlink dummy\naddress 10.1.255.1/16")
    util.wait_up(here, "one")
    before = thresholds()["ipv4"]
    start = len(log())

    def is_told(*expected):
        pattern = r"kernel's ipv4 neighbour table (is nearly full|is full|has room again)"
        util.wait_for(
            "the log",
            lambda: util.differs(list(expected), re.findall(pattern, log()[start:])),
        )

    try:
        set_threshold("ipv4", 1, 100000)  # the kernel lets old ones be
        set_threshold("ipv4", 2, 1000)
        set_threshold("ipv4", 3, 1000)
        fill(here, 1, 701)
        fill(here, 701, 851)
        is_told("is nearly full")
        set_threshold("ipv4", 3, 800)
        fill(here, 1, 2, state="reachable")  # something happens
        is_told("is nearly full", "is full")
        assert "gc_thresh3=1600" in log()[start:]
        util.sh(here, "ip neigh flush dev table0")
        is_told("is nearly full", "is full", "has room again")
    finally:
        for number in (3, 2, 1):
            set_threshold("ipv4", number, before[number - 1])
    util.configure(here, "netstack one\nno interface table0")


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
