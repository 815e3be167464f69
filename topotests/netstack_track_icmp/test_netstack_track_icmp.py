#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Gateways that are tracked by ICMP echo: one that does not answer any more is not used, though its
link is up and its MAC is known, and it is used again when it has answered for the hold-down.
"""

import os
import re
import sys
import time

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_monitor_lib as monitor
import netstack_routing_lib as routing
import netstack_track_lib as track
import netstack_util as util
from netstack_track_lib import HOLD, ONE, TWO, wait_working


@pytest.fixture(scope="module")
def r1(request):
    with util.router_r1(track.build, request) as router:
        yield router


def mute(way, on=True):
    """The gateway forwards, and answers to ARP and ND, but not to echoes."""
    value = int(on)
    track.run(
        track.peer(way),
        f"sysctl -qw net.ipv4.icmp_echo_ignore_all={value} net.ipv6.icmp.echo_ignore_all={value}",
    )


def test_the_tracked_gateways_are_up(r1):
    "Both families have their echoes answered"
    util.wait_up(r1, "wan", timeout=30)
    wait_working(r1)
    shown = track.gateways(r1)
    for address in ONE:
        assert shown[address]["track"]["kind"] == "icmp", shown
        assert shown[address]["track"]["interval"] == 200, shown
        assert shown[address]["track"]["multiplier"] == 3, shown
        assert track.told(r1, address) == [], "nothing has happened yet"


def test_the_configuration_is_what_was_typed(r1):
    "Defaults are not written"
    text = util.running_config(r1)
    assert " default-gateway 10.1.0.1 track icmp interval 200\n" in text, text
    assert " default-gateway 10.2.0.1 distance 5\n" in text, text


def test_one_that_is_down_gets_a_tracker(r1):
    "It was told to be down without one, and is told to be up again"
    address = track.GATEWAYS[4]["two"]
    silence = track.Silence(r1, [address])
    util.configure(r1, "netstack wan\ninterface two\nshutdown")
    util.wait_for("it is told", lambda: util.differs(1, len(silence.told()[address])))
    util.configure(r1, f"netstack wan\ndefault-gateway {address} distance 5 track icmp")
    util.configure(r1, "netstack wan\ninterface two\nno shutdown")
    util.wait_for("it is back", lambda: util.differs(2, len(silence.told()[address])))
    told = silence.told()[address]
    assert [line.split(":")[0] for line in told] == ["down", "up"], told
    line = f"default-gateway {address}"
    util.configure(r1, f"netstack wan\nno {line}\n{line} distance 5")
    wait_working(r1)


def test_a_gateway_that_is_mute_fails_over(r1):
    "The standby takes over, in both families, and it is told once"
    silence = track.Silence(r1, ONE)
    notifications = util.Notifications(r1)
    mute("one")
    track.wait_ways(r1, "two")
    states = {address: ("unreachable", "down") for address in ONE}
    states.update({address: ("active", None) for address in TWO})
    shown = track.wait_gateways(r1, states)
    for address in ONE:
        assert shown[address]["reason"] == "3 of 3 echoes lost", shown
    assert silence.told() == {address: ["down: 3 of 3 echoes lost"] for address in ONE}
    assert notifications.names() == ["gateway-down"] * len(ONE)


def test_it_returns_after_the_hold_down(r1):
    "Not at once, but when it has answered for three seconds"
    silence = track.Silence(r1, ONE)
    notifications = util.Notifications(r1)
    start = time.monotonic()
    mute("one", on=False)
    track.wait_returning(r1, ONE)
    wait_working(r1)
    assert time.monotonic() - start >= HOLD
    assert silence.told() == {address: ["up"] for address in ONE}
    assert notifications.names() == ["gateway-up"] * len(ONE)


def test_a_gap_in_the_hold_down_starts_it_again(r1):
    "One that comes and goes is not used"
    hold = 10  # the gap is to be in it, however slow this test is
    set_hold_down(r1, f" hold-down {hold}")
    mute("one")
    track.wait_ways(r1, "two")
    silence = track.Silence(r1, ONE)
    mute("one", on=False)
    track.wait_gateways(r1, {address: ("unreachable", "returning") for address in ONE})
    mute("one")
    track.wait_gateways(r1, {address: ("unreachable", "down") for address in ONE})
    util.stays(
        "the standby carries on",
        lambda: util.differs(["10.2.0.1"], util.look(r1, "wan")["wan"].next_hops("default")),
        hold + 1,
    )
    assert silence.told() == {address: [] for address in ONE}
    mute("one", on=False)
    set_hold_down(r1, "")


def wait_told(router, silence, expected):
    util.wait_for("it to be told", lambda: util.differs(expected, silence.told()))


def set_hold_down(router, words):
    util.configure(
        router,
        f"""
        netstack wan
         default-gateway 10.1.0.1 track icmp interval 200{words}
         default-gateway fd01::1 track icmp interval 200{words}
        """,
    )
    wait_working(router)


def test_the_hold_down_is_a_setting(r1):
    "A long one, with the seconds that are left; none, by which it is used with the first answer; the default"
    set_hold_down(r1, " hold-down 6")
    assert " default-gateway 10.1.0.1 track icmp interval 200 hold-down 6\n" in util.running_config(r1)
    mute("one")
    track.wait_ways(r1, "two")
    start = time.monotonic()
    mute("one", on=False)
    shown = track.wait_gateways(r1, {address: ("unreachable", "returning") for address in ONE})
    for address in ONE:
        assert shown[address]["track"]["holdDown"] == 6, shown
        told = re.fullmatch(
            r"it answers again, and will be used in (\d) s", shown[address]["reason"]
        )
        assert told and 1 <= int(told[1]) <= 6, shown
    wait_working(r1)
    assert time.monotonic() - start >= 6
    assert "gateway 10.1.0.1 is up: it has answered for 6 s\n" in util.log_of(r1)

    set_hold_down(r1, " hold-down 0")
    mute("one")
    track.wait_ways(r1, "two")
    silence = track.Silence(r1, ONE)
    mute("one", on=False)
    wait_told(r1, silence, {address: ["up"] for address in ONE})
    wait_working(r1)
    assert "gateway fd01::1 is up: it answers\n" in util.log_of(r1)

    out = util.refused(r1, "netstack wan\n no default-gateway 10.1.0.1 track icmp hold-down 3\n")
    assert "it has default-gateway 10.1.0.1 track icmp interval 200 hold-down 0" in out, out
    set_hold_down(r1, " hold-down 3")
    assert "hold-down" not in util.running_config(r1)
    assert track.gateways(r1)["10.1.0.1"]["track"]["holdDown"] == HOLD
    set_hold_down(r1, "")
    util.refused(r1, "netstack wan\n default-gateway 10.1.0.1 track icmp hold-down 86401\n")


def test_a_gateway_that_is_gone_fails_over(r1):
    "No answer to ARP and ND either, and no link of the router has gone down"
    track.unplug("one")
    track.wait_ways(r1, "two")
    track.plug("one")
    wait_working(r1)


def test_an_answer_by_another_way_does_not_count(r1):
    "The standby can lead to the address of the gateway; that is not its being up"
    two = track.peer("two")
    track.unplug("one")
    track.run(two, "ip addr add 10.1.0.1/32 dev lo")
    track.run(two, "ip addr add fd01::1/128 dev lo nodad")
    track.wait_ways(r1, "two")
    util.wait_for(
        "the address answers by way two",
        lambda: None
        if util.sh_status(r1, util.inside("wan", "ping -c1 -W1 -I two 10.1.0.1"))[0] == 0
        else "no answer",
    )
    util.stays(
        "it is down all the same",
        lambda: util.differs("down", track.gateways(r1)["10.1.0.1"]["track"]["state"]),
        2,
    )
    track.run(two, "ip addr del 10.1.0.1/32 dev lo")
    track.run(two, "ip addr del fd01::1/128 dev lo")
    track.plug("one")
    wait_working(r1)


def test_a_restart_loses_no_route(r1):
    "What is not known yet is used: the kernel's routes stay as they are"
    with monitor.no_default_lost(r1, "wan"):
        track.restart(r1)
        wait_working(r1)


def test_a_restart_with_a_dead_gateway(r1):
    "It is found out again"
    mute("one")
    track.wait_ways(r1, "two")
    track.restart(r1)
    track.wait_gateways(r1, {address: ("unreachable", "down") for address in ONE}, timeout=40)
    track.wait_ways(r1, "two")
    mute("one", on=False)
    wait_working(r1)


def test_a_restart_of_zebra(r1):
    "With all others: the trackers are there again"
    track.zebra_restarted(r1, lambda: mute("one"), lambda: mute("one", on=False))


def test_what_is_down_stays_down_while_zebra_is_away(r1):
    "zebra alone: its routes go with it, and it gets none by the dead gateway"
    mute("one")
    track.wait_ways(r1, "two")
    silence = track.Silence(r1, ONE)
    with monitor.routes_of(r1, "wan") as changes:
        routing.kill(r1, "zebra")
        states = {address: ("pending", "down") for address in ONE}
        states.update({address: ("pending", None) for address in TWO})
        track.wait_gateways(r1, states)
        routing.start(r1, "zebra")
        states = {address: ("unreachable", "down") for address in ONE}
        states.update({address: ("active", None) for address in TWO})
        track.wait_gateways(r1, states)
        track.wait_ways(r1, "two")
    for address in ONE:
        assert not [line for line in changes if f"via {address} " in line], changes
    assert [line for line in changes if "via" in line], "no route at all was seen"
    assert silence.told() == {address: [] for address in ONE}
    mute("one", on=False)
    wait_working(r1)


def test_one_that_fails_while_zebra_is_away(r1):
    "zebra finds its route in the kernel, and would prefer it to ours: it goes"
    util.configure(r1, f"netstack wan\n route 10.62.0.0/16 {ONE[0]}")
    util.wait_next_hops(r1, "wan", [ONE[0]], "10.62.0.0/16")
    wait_working(r1)
    silence = track.Silence(r1, ONE)
    routing.kill(r1, "zebra")
    mute("one")
    util.wait_for(
        "both are told to be down",
        lambda: None if all(silence.told().values()) else silence.told(),
    )
    # what is no longer configured is not kept either
    util.configure(r1, f"netstack wan\n no route 10.62.0.0/16 {ONE[0]}")
    routing.start(r1, "zebra")
    states = {address: ("unreachable", "down") for address in ONE}
    states.update({address: ("active", None) for address in TWO})
    track.wait_gateways(r1, states)
    track.wait_ways(r1, "two")
    util.wait_next_hops(r1, "wan", [], "10.62.0.0/16")
    mute("one", on=False)
    wait_working(r1)
    track.wait_ways(r1, "one")


def test_a_route_is_tracked_too(r1):
    "Lines with the same next hop and settings share a tracker, others have their own"
    util.configure(
        r1,
        """
        netstack wan
         route 10.50.0.0/16 10.1.0.1 track icmp interval 200
         route 10.50.0.0/16 10.2.0.1 distance 2
         route 10.51.0.0/16 10.1.0.1 track icmp interval 100 multiplier 2
         route fd50::/32 fd01::1 track icmp interval 200
        """,
    )
    util.wait_next_hops(r1, "wan", ["10.1.0.1"], "10.50.0.0/16")
    util.wait_next_hops(r1, "wan", ["10.1.0.1"], "10.51.0.0/16")
    util.wait_next_hops(r1, "wan", ["fd01::1"], "fd50::/32", 6)
    silence = track.Silence(r1, ["10.1.0.1"])
    mute("one")
    util.wait_next_hops(r1, "wan", ["10.2.0.1"], "10.50.0.0/16")
    util.wait_next_hops(r1, "wan", [], "10.51.0.0/16")
    util.wait_next_hops(r1, "wan", [], "fd50::/32", 6)
    track.wait_ways(r1, "two")
    util.wait_for(
        "told once for each tracker",
        lambda: util.differs(
            ["down: 2 of 2 echoes lost", "down: 3 of 3 echoes lost"],
            sorted(silence.told()["10.1.0.1"]),
        ),
    )
    mute("one", on=False)
    util.wait_next_hops(r1, "wan", ["10.1.0.1"], "10.50.0.0/16")
    util.wait_next_hops(r1, "wan", ["10.1.0.1"], "10.51.0.0/16")
    util.configure(
        r1,
        """
        netstack wan
         no route 10.50.0.0/16 10.1.0.1 track icmp interval 200
         no route 10.50.0.0/16 10.2.0.1
         no route 10.51.0.0/16 10.1.0.1
         no route fd50::/32 fd01::1 track icmp
        """,
    )
    wait_working(r1)


def wait_track(r1, address, state, reason):
    """Waits until the tracker of a route's next hop is in this state for this reason."""

    def probe():
        routes = util.show_json(r1, "show netstack wan route")["routes"]
        tracks = [route["track"] for route in routes if route["nextHop"] == address]
        return util.differs([(state, reason)], [(each["state"], each["reason"]) for each in tracks])

    util.wait_for(f"{address} is {state}", probe)


def test_a_next_hop_that_a_route_leads_to(r1):
    "While there is no way to it nothing is known of it: what was down has to answer first"
    way = "route 10.99.0.0/24 10.1.0.1"
    util.configure(
        r1,
        f"""
        netstack wan
         {way}
         route 10.99.0.0/16 10.99.0.1 track icmp interval 200
         route 10.99.0.0/16 10.2.0.1 distance 10
        """,
    )

    wait_track(r1, "10.99.0.1", "up", "")
    util.wait_next_hops(r1, "wan", ["10.1.0.1"], "10.99.0.0/16")
    silence = track.Silence(r1, ["10.99.0.1"])
    nothing = "10.99.0.1 is in no subnet of this stack, and no route but this one would lead to it"
    util.configure(r1, f"netstack wan\n no {way}")
    util.wait_next_hops(r1, "wan", ["10.2.0.1"], "10.99.0.0/16")
    wait_track(r1, "10.99.0.1", "down", nothing)
    util.configure(r1, f"netstack wan\n {way}")
    util.wait_next_hops(r1, "wan", ["10.1.0.1"], "10.99.0.0/16")
    assert silence.told()["10.99.0.1"] == [f"down: {nothing}", "up"]
    mute("one")
    util.wait_next_hops(r1, "wan", ["10.2.0.1"], "10.99.0.0/16")
    with monitor.routes_of(r1, "wan") as changes:
        for prefix in ("no ", ""):
            util.configure(r1, f"netstack wan\n {prefix}{way}")
            hops = [] if prefix else ["10.1.0.1"]
            util.wait_next_hops(r1, "wan", hops, "10.99.0.0/24")
        util.stays(
            "the standby is in use",
            lambda: util.differs(["10.2.0.1"], util.look(r1, "wan")["wan"].next_hops("10.99.0.0/16")),
            1,
        )
    assert [line for line in changes if "10.99.0.0/24" in line], changes
    assert not [line for line in changes if "10.99.0.0/16" in line], changes
    mute("one", on=False)
    util.wait_next_hops(r1, "wan", ["10.1.0.1"], "10.99.0.0/16")
    util.configure(
        r1,
        f"""
        netstack wan
         no route 10.99.0.0/16 10.99.0.1
         no route 10.99.0.0/16 10.2.0.1
         no {way}
        """,
    )
    wait_working(r1)


def test_tracking_is_switched_on_and_off(r1):
    "A line that is typed again is what it says now, and each end of a failure is told"
    silence = track.Silence(r1, ONE)
    mute("one")
    track.wait_ways(r1, "two")
    util.configure(r1, "netstack wan\n default-gateway 10.1.0.1\n default-gateway fd01::1\n")
    track.wait_ways(r1, "one")
    assert "track" not in util.running_config(r1)
    assert "track" not in track.gateways(r1)["10.1.0.1"]
    util.configure(
        r1,
        """
        netstack wan
         default-gateway 10.1.0.1 track icmp interval 200 multiplier 2
         default-gateway fd01::1 track icmp interval 200 multiplier 2
        """,
    )
    track.wait_ways(r1, "two")
    assert track.gateways(r1)["10.1.0.1"]["reason"] == "2 of 2 echoes lost"
    mute("one", on=False)
    wait_working(r1)
    told = ["down: 3 of 3 echoes lost", "up", "down: 2 of 2 echoes lost", "up"]
    assert silence.told() == {address: told for address in ONE}


def used(r1):
    """{address: (state, state of its tracker)} of the gateways of way one"""
    seen = track.gateways(r1)
    return {address: (seen[address]["state"], seen[address]["track"]["state"]) for address in ONE}


def test_other_settings_bring_no_dead_gateway_back(r1):
    "It has to answer first, however long the new settings would give it"
    mute("one")
    track.wait_ways(r1, "two")
    states = {address: ("unreachable", "down") for address in ONE}
    before = track.wait_gateways(r1, states)
    reasons = {address: before[address]["reason"] for address in ONE}
    with monitor.no_default_lost(r1, "wan", unused=ONE):
        util.configure(
            r1,
            """
            netstack wan
             default-gateway 10.1.0.1 track icmp interval 200 multiplier 255
             default-gateway fd01::1 track icmp interval 5000 multiplier 255
            """,
        )
        shown = track.wait_gateways(r1, states)
        for address in ONE:
            assert shown[address]["track"]["multiplier"] == 255, shown

        def changed():
            "After some more echoes that are lost, of which 255 would be a failure"
            seen = {address: track.gateways(r1)[address]["reason"] for address in ONE}
            return None if seen == reasons else seen

        util.stays("the reasons", changed, 1)
        # nor does the name of its interface, which is the one that it is on anyway
        util.configure(
            r1,
            """
            netstack wan
             default-gateway 10.1.0.1 interface one track icmp interval 200
             no default-gateway 10.1.0.1
             default-gateway fd01::1 interface one track icmp interval 200
             no default-gateway fd01::1
            """,
        )
        track.wait_gateways(r1, states)
        util.stays("they are down", lambda: util.differs(states, used(r1)), 1)
        util.configure(
            r1,
            """
            netstack wan
             default-gateway 10.1.0.1 track icmp interval 200
             no default-gateway 10.1.0.1 interface one
             default-gateway fd01::1 track icmp interval 200
             no default-gateway fd01::1 interface one
            """,
        )
    util.configure(
        r1,
        """
        netstack wan
         default-gateway 10.1.0.1 track icmp interval 200
         default-gateway fd01::1 track icmp interval 200
        """,
    )
    mute("one", on=False)
    wait_working(r1)


def test_another_name_of_the_vrf_is_no_failure(r1):
    """
    All is made anew, but for the gateways: nothing is told, and they are used at once. The kernel takes
    the link down and up, which can take longer than the detection.
    """
    silence = track.Silence(r1, [*ONE, *TWO])
    for line, name in (("vrf other", "other"), ("no vrf", "wan")):
        util.configure(r1, f"netstack wan\n {line}")
        for family, address in zip((4, 6), ONE):
            util.wait_next_hops(r1, name, [address], family=family)
        util.wait_up(r1, "wan")
        track.wait_used(r1)
    assert silence.told() == {address: [] for address in [*ONE, *TWO]}


def test_what_is_down_behind_a_route_stays_down_under_another_name(r1):
    "It is on no link that could have been lost, and answers first"
    util.configure(
        r1,
        """
        netstack wan
         route 10.98.0.0/24 10.1.0.1
         route 10.97.0.0/16 10.98.0.1 track icmp interval 200
         route 10.97.0.0/16 10.2.0.1 distance 10
        """,
    )
    wait_track(r1, "10.98.0.1", "down", "3 of 3 echoes lost")
    util.wait_next_hops(r1, "wan", ["10.2.0.1"], "10.97.0.0/16")
    for line, name in (("vrf other", "other"), ("no vrf", "wan")):

        def probe(stack=name):
            view = util.look(r1, stack)[stack]
            hops = view.next_hops("10.97.0.0/16") if view else []
            assert "10.1.0.1" not in hops, hops
            return util.differs(["10.2.0.1"], hops)

        util.configure(r1, f"netstack wan\n {line}")
        util.wait_for("the standby is in use", probe)
        util.stays("it is", probe, 2)
    util.configure(
        r1,
        """
        netstack wan
         no route 10.97.0.0/16 10.98.0.1
         no route 10.97.0.0/16 10.2.0.1
         no route 10.98.0.0/24 10.1.0.1
        """,
    )
    wait_working(r1)


def test_a_link_that_is_taken_out(r1):
    "That it is not up any more is told, and that it is up when it answers again, and only then"
    silence = track.Silence(r1, ONE)
    util.configure(r1, "netstack wan\n no interface one\n")
    track.wait_ways(r1, "two")
    left = "down: its link has left the stack"
    wait_told(r1, silence, {address: [left] for address in ONE})
    util.configure(
        r1, "netstack wan\n interface one\n address 10.1.0.2/24\n address fd01::2/64\n"
    )
    wait_working(r1)
    assert silence.told() == {address: [left, "up"] for address in ONE}


def test_a_link_local_gateway(r1):
    "On its interface"
    told = track.link_local_fails_over(
        r1,
        track.LINK_LOCAL["one"],
        "icmp interval 200",
        lambda: mute("one"),
        lambda: mute("one", on=False),
    )
    assert told == ["down: 3 of 3 echoes lost", "up"]


def test_a_link_that_goes_down_and_comes_back(r1):
    "That is a failure like others: it has to answer for the hold-down"
    silence = track.Silence(r1, ONE)
    util.configure(r1, "netstack wan\n interface one\n shutdown\n")
    track.wait_ways(r1, "two")
    start = time.monotonic()
    util.configure(r1, "netstack wan\n interface one\n no shutdown\n")
    wait_working(r1)
    assert time.monotonic() - start >= HOLD
    assert [told[-1] for told in silence.told().values()] == ["up", "up"]


def test_the_stack_is_shut_down_and_back(r1):
    "What is known is forgotten with it: it is used at once"
    silence = track.Silence(r1, ONE)
    util.configure(r1, "netstack wan\n shutdown\n")
    util.wait_state(r1, {"wan": "shutdown"})
    util.configure(r1, "netstack wan\n no shutdown\n")
    wait_working(r1)
    assert silence.told() == {address: [] for address in ONE}


def lose_the_first_arp_request(router):
    """The stack is shut down and back; no answer to what is asked first. How long there was none, at most."""
    address, arp_ignore = track.GATEWAYS[4]["one"], "sysctl -qw net.ipv4.conf.all.arp_ignore"
    entry = util.ip_at("wan", f"neigh show to {address} dev one")
    util.configure(router, "netstack wan\n shutdown\n")
    util.wait_state(router, {"wan": "shutdown"})
    track.run(track.peer("one"), f"{arp_ignore}=8")
    start = time.monotonic()
    util.configure(router, "netstack wan\n no shutdown\n")
    util.wait_for(
        "it is asked for", lambda: util.differs(True, "INCOMPLETE" in util.sh(router, entry))
    )
    track.run(track.peer("one"), f"{arp_ignore}=0")
    seconds = time.monotonic() - start
    wait_working(router)
    return seconds


def test_the_first_arp_request_is_lost(r1):
    "The kernel repeats it after a second, which is later than the detection: no failure of the gateway"
    taken = []
    for _ in range(3):
        silence = track.Silence(r1, ONE)
        taken.append(lose_the_first_arp_request(r1))
        if silence.told() == {address: [] for address in ONE}:
            return
        # where this test did not have the processor for so long, the second one was lost as well
        assert taken[-1] > 1.5, silence.told()
    pytest.fail(f"too slow to tell: {taken}")


def test_what_makes_no_sense_is_refused(r1):
    "With the reason, and nothing changes"
    before = util.running_config(r1)
    out = util.refused(r1, "netstack wan\n route 10.60.0.0/16 blackhole track arp\n")
    assert "no next hop to track" in out, out
    util.refused(r1, "netstack wan\n default-gateway 10.1.0.1 track icmp interval 0\n")
    util.refused(r1, "netstack wan\n default-gateway 10.1.0.1 track icmp multiplier 256\n")
    util.refused(r1, "netstack wan\n default-gateway 10.1.0.1 track arp interval 200\n")
    util.refused(r1, f"netstack wan\n default-gateway 10.1.0.1 track bfd profile {'x' * 64}\n")
    assert util.running_config(r1) == before


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
