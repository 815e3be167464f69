#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Daemons that die and come back, on a small site (netstack_site_lib.py): what is configured is what
is there, and a restart of netstackd touches nothing in the kernel and costs no packet.
"""

import os
import re
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_monitor_lib as monitor
import netstack_site_lib as site
import netstack_util as util

# vmotion, storage and iscsi, which share their subnets, and one that does not
STACKS = site.stacks(4)
NAMES = [stack.name for stack in STACKS]
ALL = ("mgmtd", "zebra", "staticd", "netstackd")


@pytest.fixture(scope="module")
def tgen(request):
    with site.running(request, STACKS) as topology:
        util.vtysh(topology.gears["r1"], "write memory")
        # each daemon has its own log from the library, and is to keep it
        topology.frr_conf = "".join(
            line
            for line in util.sh(topology.gears["r1"], "cat /etc/frr/frr.conf").splitlines(True)
            if not line.startswith("log ")
        )
        yield topology


@pytest.fixture
def r1(tgen):
    router = tgen.gears["r1"]
    # each case begins with all of them up, and the other site within reach; if the one before
    # failed, this is not to
    util.sh(router, "cat > /etc/frr/frr.conf", stdin=tgen.frr_conf)
    dead = [daemon for daemon in ALL if not is_running(router, daemon)]
    if dead:
        router.startDaemons(dead)
    if dead or sorted(NAMES) != sorted(set(stack_names(router)) - {"default"}):
        util.sh(router, "vtysh -b")
    util.wait_up(router, *NAMES, timeout=30)
    for stack in STACKS:
        for family in (4, 6):
            util.wait_answer(router, stack.name, stack.id("b", family))
    return router


# ---- what goes on meanwhile ---------------------------------------------------------------------


class Stream:
    """Twenty pings a second, with an account of what was lost."""

    def __init__(self, node, what, command):
        self.what = what
        self.ping = monitor.Background(node, command)

    def seen(self):
        return [int(number) for number in re.findall(r"icmp_seq=(\d+) ttl=", self.ping.output())]

    def wait_for_more(self, count=10):
        """Waits until so many more have come back."""
        had = len(self.seen())
        util.wait_for(
            f"{self.what}: {count} more answers",
            lambda: None if len(self.seen()) >= had + count else self.ping.output()[-300:],
        )

    def stop(self):
        """How many were lost, and how many were sent."""
        out = self.ping.stop("INT")
        seen = self.seen()
        assert seen, f"{self.what}: no answer at all: {out}"
        sent = int(re.search(r"(\d+) packets transmitted", out).group(1))
        # what was sent last may be on its way when ping is stopped
        assert sent - max(seen) <= 2, f"{self.what}: no answers at the end: {out[-500:]}"
        return max(seen) - len(set(seen)), sent


class Streams:
    """Through each stack, IPv4 and IPv6; and from a host to a host through two of them."""

    def __init__(self, tgen):
        router = tgen.gears["r1"]
        self.streams = [
            Stream(
                router,
                f"{stack.name}, IPv{family}",
                util.inside(stack.name, f"ping -i0.05 -n {stack.id('b', family)}"),
            )
            for stack in STACKS
            for family in (4, 6)
        ]
        for stack in STACKS[2:]:
            self.streams.append(
                Stream(
                    site.Host(tgen, stack.host_name("a")),
                    f"host of {stack.name}",
                    f"ping -i0.05 -n {stack.host('b')}",
                )
            )
        self.wait_for_more()

    def wait_for_more(self):
        for stream in self.streams:
            stream.wait_for_more()

    def stop(self):
        """{stream: packets lost}, of those that lost any."""
        lost = {stream.what: stream.stop() for stream in self.streams}
        print("lost, of how many:", lost)
        return {what: count for what, (count, _) in lost.items() if count}


def route_text(line):
    """
    A route as `ip` prints it, without the number of zebra's nexthop object: that is zebra's own
    name for the very next hops that stand behind it in the line.
    """
    return re.sub(r" nhid \d+", "", line).strip()


class Monitors:
    """`ip monitor`: what changes in the router's kernel; on namespaces, in each of them too."""

    def __init__(self, router):
        stacks = util.namespaces(router) if util.BACKEND == "netns" else []
        self.monitors = [Monitor(router, "ip")] + [Monitor(router, f"ip -n {n}") for n in stacks]

    def changes(self):
        """What was changed, without what neighbours do by themselves."""
        return [line for each in self.monitors for line in each.changes()]


class Monitor(monitor.Monitor):
    """One of them. `ip`: how ip is called for the namespace."""

    def __init__(self, router, ip):
        super().__init__(router, ip, "link address route neigh rule")
        # what is announced once more, as it was, is not a change
        self.routes = {
            route_text(line)
            for line in util.sh(
                router, f"{ip} -o -4 route show table all; {ip} -o -6 route show table all"
            ).splitlines()
        }

    def changes(self):
        """What was changed here."""
        return [
            line
            for line in self.stop()
            if route_text(line) not in self.routes
            and (" lladdr " not in line or "PERMANENT" in line)
            and not re.search(r"\b(FAILED|INCOMPLETE|PROBE|STALE|DELAY)\b", line)
        ]


# ---- daemons ------------------------------------------------------------------------------------


def start(router, *daemons):
    """Starts daemons and gives them their configuration, as FRR's scripts do."""
    result = router.startDaemons(list(daemons))
    assert result == "", result
    for only in [f" -d {daemons[0]}"] if len(daemons) == 1 else [""]:
        status, out = util.sh_status(router, "vtysh -b" + only)
        assert status == 0, out


def stop_all(router):
    for daemon in reversed(ALL):
        util.kill(router, daemon, "TERM")


def is_running(router, daemon):
    status, pid = util.sh_status(router, f"cat /var/run/frr/{daemon}.pid")
    return status == 0 and util.alive(pid.strip())


def stack_names(router):
    return list(util.show_json(router, "show netstack"))


def tables(router):
    return {name: view and view.table for name, view in util.look(router, *NAMES).items()}


def lose_devices(router, had):
    """What a reboot does to the kernel's side of the stacks; `had` is their tables."""
    for stack in STACKS:
        if util.BACKEND == "netns":
            util.sh(router, util.delete_stack(stack.name))
            continue
        util.sh(router, f"ip link del {stack.ifname}; ip link del {stack.id_ifname}")
        util.sh(router, f"ip link del {stack.name}; ip route flush table {had[stack.name]}; :")
        util.sh(router, f"ip -6 route flush table {had[stack.name]}; :")


# ---- tests --------------------------------------------------------------------------------------


@pytest.mark.parametrize("signal", ["KILL", "TERM"])
def test_netstackd_restarted(tgen, r1, signal):
    "Nothing changes in the kernel, and no packet is lost: neither when it dies nor when it is back"
    before = util.snapshot(r1)
    config = util.running_config(r1)
    streams = Streams(tgen)
    monitors = Monitors(r1)
    util.kill(r1, "netstackd", signal)
    streams.wait_for_more()
    start(r1, "netstackd")
    util.wait_up(r1, *NAMES)
    streams.wait_for_more()
    changes = monitors.changes()
    lost = streams.stop()
    there_was = sorted(route for each in monitors.monitors for route in each.routes)
    assert changes == [], "\n".join(changes + ["there was:"] + there_was)
    assert lost == {}
    assert util.difference(before, util.snapshot(r1)) is None
    assert util.running_config(r1) == config


def test_routes_stay_after_the_stale_time(tgen, r1):
    "A restarted netstackd has its routes in zebra as its own: nothing is swept, and a change works"
    util.kill(r1, "netstackd")
    start(r1, "netstackd")
    util.wait_up(r1, *NAMES)
    stack = STACKS[0]
    util.configure(r1, f"netstack {stack.name}\nno default-gateway {stack.gateway('a')}")
    util.wait_next_hops(r1, stack.name, [])
    util.configure(r1, f"netstack {stack.name}\ndefault-gateway {stack.gateway('a')}")
    util.wait_next_hops(r1, stack.name, [stack.gateway("a")])


@pytest.mark.parametrize("goes, left", [("netstack", 0), ("vrf", 78)])
def test_what_staticd_has_stays(tgen, r1, goes, left):
    "The same route by the same next hop, as of somebody who moves from `ip route` to netstack"
    stack, route = STACKS[0], "10.50.0.0/16"
    route_line = f"route {route} {stack.gateway('a')}"
    lines = {"netstack": route_line, "vrf": f"ip {route_line}"}

    def wait_instances(wanted):
        def probe():
            shown = util.show_json(r1, f"show ip route vrf {stack.name} {route}").get(route, [])
            return util.differs(wanted, sorted(each.get("instance", 0) for each in shown))

        util.wait_for(f"zebra has those of the instances {wanted}", probe)

    for node, line in lines.items():
        util.configure(r1, f"{node} {stack.name}\n{line}")
    wait_instances([0, 78])
    util.vtysh(r1, "write memory")
    util.kill(r1, "netstackd")
    start(r1, "netstackd")
    util.wait_up(r1, *NAMES)
    wait_instances([0, 78])
    util.configure(r1, f"{goes} {stack.name}\nno {lines.pop(goes)}")
    wait_instances([left])
    util.wait_next_hops(r1, stack.name, [stack.gateway("a")], route)
    for node, line in lines.items():
        util.configure(r1, f"{node} {stack.name}\nno {line}")
    wait_instances([])
    util.wait_next_hops(r1, stack.name, [], route)


def test_changed_while_netstackd_was_away(tgen, r1):
    "What is missing is put back, what is no longer configured goes"
    before = util.snapshot(r1)
    original = util.sh(r1, "cat /etc/frr/frr.conf")
    util.kill(r1, "netstackd")
    # behind its back: a member, an address and a whole stack go
    util.sh(r1, util.ip_at("vmotion", "link del vmk1"))
    util.sh(r1, util.ip_at("storage", "addr del 10.20.0.11/24 dev vmk2"))
    util.sh(r1, util.delete_stack("iscsi"))
    # and in its file: a stack, an address and a gateway
    conf = re.sub(r"^netstack servers\n(?:.+\n)*?exit\n", "", original, flags=re.M)
    assert conf != original
    util.sh(r1, "cat > /etc/frr/frr.conf", stdin=conf)
    start(r1, "netstackd")
    util.wait_up(r1, *NAMES[:3])
    util.wait_gone(r1, "servers")
    assert "vmk4" not in util.Kernel(r1).links and "id4" not in util.Kernel(r1).links
    assert "servers" not in util.show_json(r1, "show netstack")
    have = tables(r1)
    # and back again
    util.sh(r1, "cat > /etc/frr/frr.conf", stdin=original)
    util.sh(r1, "vtysh -b")
    util.wait_up(r1, *NAMES)

    def without_indexes(state):
        return {
            **state,
            "links": {
                name: {key: link[key] for key in link if key not in ("ifindex", "mac")}
                for name, link in state["links"].items()
            },
        }

    def same():
        now = util.snapshot(r1)
        return util.difference(
            {"links": without_indexes(before)["links"], "neighbors": before["neighbors"]},
            {"links": without_indexes(now)["links"], "neighbors": now["neighbors"]},
        )

    if have["vmotion"] == tables(r1)["vmotion"]:
        util.wait_for("all is as before", same)


def test_mac_and_mtu_from_before_are_remembered(tgen, r1):
    "An interface that is not configured any more when netstackd comes back has those it had before"
    util.sh(r1, util.make_link("lent", "address 02:00:00:00:73:01 mtu 1450"))
    util.configure(
        r1, f"netstack {NAMES[0]}\ninterface lent\nmac 02:00:00:00:73:02\nmtu 1300"
    )

    def lent():
        link = util.Kernel(r1).links.get("lent")
        return link and [link["stack"], link["address"], link["mtu"]]

    util.wait_for(
        "lent is in the stack",
        lambda: util.differs([NAMES[0], "02:00:00:00:73:02", 1300], lent()),
    )
    util.kill(r1, "netstackd", "TERM")
    start(r1, "netstackd")
    util.wait_for(
        "lent is as it was", lambda: util.differs([None, "02:00:00:00:73:01", 1450], lent())
    )
    util.sh(r1, "ip link del lent")
    util.wait_up(r1, *NAMES)


def test_nothing_is_said_of_stacks_before_the_configuration_is_read(tgen, r1):
    "They are neither removed nor broken: netstackd does not know yet"
    util.kill(r1, "netstackd")
    result = r1.startDaemons(["netstackd"])
    assert result == "", result
    assert list(util.show_json(r1, "show netstack")) == ["default"]
    out = util.vtysh(r1, "show netstack")
    assert f"not been read yet: {len(NAMES)} more stacks" in out and "removing" not in out, out
    out = util.vtysh(r1, "show netstack summary")
    assert "Stacks:      1 (1 up)" in out and f"{len(NAMES)} more stacks" in out, out
    _, out = util.vtysh_status(r1, f"show netstack {NAMES[0]}")
    assert "not been read yet" in out, out
    status, out = util.sh_status(r1, "vtysh -b -d netstackd")
    assert status == 0, out
    util.wait_up(r1, *NAMES)
    assert "read yet" not in util.vtysh(r1, "show netstack")


def test_zebra_restarted(tgen, r1):
    """
    zebra takes its routes along, and has no choice: without -K it sweeps them at its start. Stacks,
    interfaces, addresses and neighbours stay as they are, and the routes are back as soon as it is.
    """
    before = util.snapshot(r1)
    streams = Streams(tgen)
    util.kill(r1, "zebra")
    # what is shown is true: nothing is said to be installed that nobody vouches for
    start(r1, "zebra")
    util.wait_up(r1, *NAMES, timeout=60)
    streams.wait_for_more()
    print("zebra's restart:", streams.stop())
    util.wait_as_before(r1, before, timeout=30)


def test_zebra_comes_after_netstackd(tgen, r1):
    "The stacks are made without zebra, and have their routes as soon as it is there"
    util.kill(r1, "netstackd")
    util.kill(r1, "zebra")
    before = util.snapshot(r1)["links"]
    start(r1, "netstackd")
    util.wait_for(
        "the links stay as they are",
        lambda: util.difference({"links": before}, {"links": util.snapshot(r1)["links"]}),
    )
    gateways = util.show_json(r1, "show netstack")["vmotion"]["gateways"]
    assert all(entry["state"] != "active" and entry["reason"] for entry in gateways), gateways
    start(r1, "zebra")
    util.wait_up(r1, *NAMES, timeout=60)


@pytest.mark.parametrize("signal", ["TERM", "KILL"])
def test_all_of_frr_restarted(tgen, r1, signal):
    "The same links with the same indexes, the same tables, the same routes"
    before = util.snapshot(r1)
    config = util.running_config(r1)
    streams = Streams(tgen)
    for daemon in reversed(ALL):
        util.kill(r1, daemon, signal)
    links = util.snapshot(r1)["links"]
    assert util.difference({"links": before["links"]}, {"links": links}) is None
    start(r1, *ALL)
    util.wait_up(r1, *NAMES, timeout=60)
    streams.wait_for_more()
    print("restart of all of FRR:", streams.stop())
    util.wait_as_before(r1, before, timeout=30)
    assert util.running_config(r1) == config


def test_reboot(tgen, r1):
    """
    As after a reboot: all devices are gone, /etc/frr and /var/lib/frr are as they were. Each stack
    gets the table that it had.
    """
    had = tables(r1)
    config = util.running_config(r1)
    util.vtysh(r1, "write memory")
    stop_all(r1)
    lose_devices(r1, had)
    util.sh(r1, "rm -f /var/run/frr/*")
    start(r1, *ALL)
    util.wait_up(r1, *NAMES, timeout=60)
    assert tables(r1) == had
    assert util.running_config(r1) == config
    streams = Streams(tgen)
    streams.stop()


def test_reboot_in_another_order(tgen, r1):
    "The tables are the stacks' own, not those of their turn"
    had = tables(r1)
    stop_all(r1)
    lose_devices(r1, had)
    conf = util.sh(r1, "cat /etc/frr/frr.conf")
    parts = re.findall(r"^netstack \S+\n(?:.+\n)*?exit\n", conf, flags=re.M)
    assert len(parts) == len(STACKS), conf
    util.sh(r1, "cat > /etc/frr/frr.conf", stdin="hostname r1\n" + "".join(reversed(parts)))
    start(r1, *ALL)
    util.wait_up(r1, *NAMES, timeout=60)
    assert tables(r1) == had


def test_vtysh_b_again_and_again(tgen, r1):
    "The configuration once more, as it is: nothing changes in the kernel"
    util.vtysh(r1, "write memory")
    before = util.snapshot(r1)
    monitors = Monitors(r1)
    for _ in range(3):
        util.sh(r1, "vtysh -b")
    changes = monitors.changes()
    assert changes == [], "\n".join(changes)
    assert util.difference(before, util.snapshot(r1)) is None


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
