#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
FRR as it is installed, under watchfrr and by its own scripts: frr-reload.py adds, changes and
deletes, and does nothing when there is nothing to do; a netstackd that dies is back with its
configuration; `write memory`, a restart of all and `vtysh -b` end where they began.

This is about the machine itself and not about a router of the topotest library, whose folders
frr-reload.py does not look at.
"""

import os
import re
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_util as util

LAB_FRR = os.path.join(CWD, "../../lab/frr")
FRR_CONF = "/etc/frr/frr.conf"
RELOAD = "/usr/lib/frr/frr-reload.py"
NAMES = ("a-stack-of-a-long-name", "one", "two")

PORTS = sorted({"trunk", util.trunk_port("trunk", 10), util.trunk_port("trunk", 12), "uplink"})
FULL = util.read_conf(os.path.join(CWD, "full.conf"))
if util.BACKEND == "netns":
    # it is never in force there, and the stack is degraded
    FULL = re.sub(r"^ leak .*\n", "", FULL, flags=re.M)
EMPTY = "hostname lab\n"


@pytest.fixture(scope="module")
def here():
    if not os.path.exists("/run/lab-backend"):
        pytest.skip("needs FRR on the machine itself: runs in the lab only")
    node = util.Local()
    util.sh(node, util.LINKS_SCRIPT)
    for port in PORTS:
        util.sh(node, f"{util.make_link(port)} && ip link set {port} up")
    util.sh(node, "ip addr add 203.0.113.11/24 dev uplink")
    util.sh(node, f"{LAB_FRR} start")
    yield node
    # what went wrong is in the log of FRR
    util.sh_status(node, f"{LAB_FRR} stop")
    for port in PORTS:
        util.sh_status(node, f"ip link del {port}")


def write(conf):
    path = "/tmp/reload.conf"
    with open(path, "w", encoding="utf-8") as file:
        file.write(conf)
    return path


def would_change(node, conf):
    """The lines that frr-reload.py --test would delete and add."""
    out = util.sh(node, f"{RELOAD} --test --stdout {write(conf)} 2>/dev/null")
    deleted, added, into = [], [], None
    for line in out.splitlines():
        if line.startswith("Lines To Delete"):
            into = deleted
        elif line.startswith("Lines To Add"):
            into = added
        elif line.strip() and not set(line) <= {"=", "-"} and into is not None:
            into.append(line.strip())
    return deleted, added


def reload(node, conf):
    """Reloads, and checks that nothing is left to be done."""
    status, out = util.sh_status(node, f"{RELOAD} --reload --stdout {write(conf)}")
    assert status == 0, out
    assert not re.search(r"^% |Failed to execute|ERROR", out, re.M), out
    left = would_change(node, conf)
    assert left == ([], []), f"after the reload there is still to do: {left}\n{out}"
    return out


def stacks_of(conf):
    """{stack: its lines}, with the lines of interfaces under theirs."""
    found, stack, interface = {}, None, ""
    for line in util.lines_of(conf):
        if line.startswith("netstack "):
            stack, interface = line.split()[1], ""
            found[stack] = set()
        elif stack is None or line == "exit":
            stack = None
        elif line.strip() == "exit":
            interface = ""
        elif line.startswith(" interface "):
            interface = line.strip() + ": "
            found[stack].add(line.strip())
        else:
            found[stack].add(interface + line.strip())
    return found


def is_configured(node, conf):
    """What runs is what the file says, for netstackd."""
    running = stacks_of(util.running_config(node))
    written = stacks_of(conf)
    assert running == written, util.difference(
        {name: sorted(lines) for name, lines in written.items()},
        {name: sorted(running.get(name, ())) for name in written},
    )


def kernel_of(node, *vrfs):
    """Addresses, ways out and neighbours of stacks, to be compared."""
    return {
        vrf: view
        and {
            "addresses": view.addresses(),
            "gateways": view.next_hops("default") + view.next_hops("default", 6),
            "routes": {
                dst: view.next_hops(dst)
                for dst in ("10.50.0.0/16", "10.51.0.0/16", "10.52.0.0/16", "10.53.0.0/16")
            },
            "neighbors": sorted(map(str, view.neighbors(permanent=True).items())),
            "guards": view.guards(),
            "table": view.table,
        }
        for vrf, view in util.look(node, *vrfs).items()
    }


def table(number):
    """The table of a stack for which this one is configured."""
    return number if util.BACKEND == "vrf" else util.MAIN


def device(kernel, stack):
    """What tells a VRF device, or a namespace, from another one that is made anew."""
    if util.BACKEND == "vrf":
        return kernel.links[stack]["ifindex"]
    return kernel.spaces[stack].inode


class Reference:
    """The kernel with the full configuration."""

    kernel = None


def test_adds(here):
    "From nothing to all of it, in one reload"
    reload(here, FULL)
    is_configured(here, FULL)
    util.wait_up(here, *NAMES, timeout=30)
    Reference.kernel = kernel_of(here, "longname", "one", "two")
    one = Reference.kernel["one"]
    assert one["gateways"] == ["10.10.0.1", "fd00:10::1"], one
    assert one["table"] == table(2000) and len(one["neighbors"]) == 2, one


def test_is_idempotent(here):
    "Once more the same: nothing to do, and nothing done"
    assert would_change(here, FULL) == ([], [])
    before = util.snapshot(here)
    reload(here, FULL)
    assert util.difference(before, util.snapshot(here)) is None


CHANGES = [
    ("a description", ' description the first, 100 % "mine"', " description another"),
    ("an MTU", "  mtu 1400", "  mtu 1300"),
    ("a MAC", "  mac 02:00:00:00:10:01", "  mac 02:00:00:00:10:02"),
    ("an address", "  address 10.11.0.11/24", "  address 10.11.0.12/24"),
    (
        "a VLAN",
        util.as_possible("  link vlan 10 parent trunk"),
        util.as_possible("  link vlan 12 parent trunk"),
    ),
    ("the distance of a gateway", "interface one0 distance 9", "interface one0 distance 12"),
    (
        "how a next hop is tracked",
        "distance 20 track icmp interval 60000 multiplier 200 hold-down 60",
        "distance 20 track icmp interval 50000 multiplier 200 hold-down 50",
    ),
    ("a gateway", " default-gateway fd00:10::1", " default-gateway fd00:10::2"),
    ("a route", " route 10.52.0.0/16 blackhole", " route 10.52.0.0/16 unreachable"),
    (
        "the MAC of a neighbour",
        " arp 10.10.0.77 02:00:00:00:00:77 interface one0",
        " arp 10.10.0.77 02:00:00:00:00:78 interface one0",
    ),
    ("a table", " table 2000", " table 2001"),
]


def test_changes(here):
    "Each kind of line, all in one reload; the stack that is not concerned is not touched"
    conf = FULL
    for _, old, new in CHANGES:
        assert conf.count(old + "\n") == 1, old
        conf = conf.replace(old + "\n", new + "\n")
    before = util.Kernel(here)
    deleted, added = would_change(here, conf)
    assert not [line for line in deleted + added if "two" in line.split()], (deleted, added)
    reload(here, conf)
    is_configured(here, conf)
    util.wait_up(here, *NAMES, timeout=30)
    kernel = util.Kernel(here)
    one0 = kernel.links["one0"]
    assert (one0["mtu"], one0["address"]) == (1300, "02:00:00:00:10:02")
    vlan = util.look(here, "one")["one"].link("one0")
    assert vlan == util.as_possible("link vlan 12 parent trunk")
    now = kernel_of(here, "one", "two")
    assert now["one"]["table"] == table(2001) and "10.11.0.12/24" in now["one"]["addresses"]["one0"]
    assert now["one"]["gateways"] == ["10.10.0.1", "fd00:10::2"], now
    assert now["one"]["routes"]["10.52.0.0/16"] == ["unreachable"], now
    assert kernel.links["two0"]["ifindex"] == before.links["two0"]["ifindex"]
    assert device(kernel, "two") == device(before, "two")
    assert now["two"] == Reference.kernel["two"]
    # and back
    reload(here, FULL)
    util.wait_up(here, *NAMES, timeout=30)
    util.wait_for(
        "all is as it was",
        lambda: util.differs(Reference.kernel, kernel_of(here, "longname", "one", "two")),
    )


def without(conf, number, of):
    """The configuration without every so-many-th of the lines that can be left out."""
    kept, count = [], 0
    for line in conf.splitlines():
        word = line.strip()
        is_leaf = line.startswith(" ") and not word.startswith(("interface ", "exit", "vrf "))
        if is_leaf:
            count += 1
            if count % of == number:
                continue
        kept.append(line)
    return "\n".join(kept) + "\n"


@pytest.mark.parametrize("number", [0, 1])
def test_deletes_lines(here, number):
    "Each kind of line can be deleted as it is printed: half of them, then the other half"
    conf = without(FULL, number, 2)
    reload(here, conf)
    is_configured(here, conf)
    reload(here, FULL)
    is_configured(here, FULL)
    util.wait_up(here, *NAMES, timeout=30)
    util.wait_for(
        "all is as it was",
        lambda: util.differs(Reference.kernel, kernel_of(here, "longname", "one", "two")),
    )


def test_deletes_an_interface_and_a_stack(here):
    "With all that they have"
    conf = re.sub(r"^ interface one2\n(?:  .+\n)+ exit\n", "", FULL, flags=re.M)
    conf = re.sub(r" route 10.50.0.0/16 10.13.0.3 distance 20 .*\n", "", conf)
    conf = re.sub(r"^netstack two\n(?:.+\n)*?exit\n", "", conf, flags=re.M)
    reload(here, conf)
    is_configured(here, conf)
    util.wait_for(
        "they are gone",
        lambda: util.differs([], sorted({"one2", "two", "two0"} & set(util.Kernel(here).links))),
    )
    reload(here, FULL)
    util.wait_up(here, *NAMES, timeout=30)


def test_moves_an_interface(here):
    "Out of one stack, into another, in one reload"
    block = util.as_possible(" interface one2\n  link dummy\n  address 10.13.0.11/24\n exit\n")
    assert block in FULL
    conf = FULL.replace(block, "")
    conf = conf.replace("netstack two\n description does not take part\n", "netstack two\n" + block)
    reload(here, conf)
    is_configured(here, conf)
    util.wait_for(
        "one2 is in two",
        lambda: util.differs(
            {"one2": ["10.13.0.11/24"], "two0": ["10.10.0.11/24"]},
            util.look(here, "two")["two"].addresses(),
        ),
    )
    reload(here, FULL)
    util.wait_up(here, *NAMES, timeout=30)


def test_says_what_is_refused(here):
    "What netstackd says to a line that it refuses is shown, and the rest of the file is done"
    conf = FULL.replace(
        "netstack two\n", "netstack two\n interface one0\n exit\n description after it\n"
    ).replace(" description does not take part\n", "")
    status, out = util.sh_status(here, f"{RELOAD} --reload --stdout {write(conf)}")
    # the exit status is frr-reload.py's own, and 0 where a daemon has refused a line at its commit
    assert re.search("^% .*one0.*netstack one", out, re.M), f"{status}: {out}"
    assert " description after it\n" in util.running_config(here)
    assert "one0" in util.look(here, "one")["one"].members
    reload(here, FULL)
    is_configured(here, FULL)


def test_watchfrr_restarts_netstackd(here):
    "kill -9: back with its configuration, and nothing in the kernel has changed"
    util.vtysh(here, "write memory")
    before = util.snapshot(here)
    pid = util.pid_of(here)
    util.sh(here, f"kill -9 {pid}")

    def is_back():
        status, out = util.sh_status(here, "cat /run/frr/netstackd.pid")
        if status or not out.strip() or int(out) == pid:
            return f"PID file: {out}"
        status, out = util.vtysh_status(here, "show netstack json")
        return None if '"one"' in out else out

    util.wait_for("netstackd is back", is_back, timeout=60, interval=0.5)
    util.wait_up(here, *NAMES, timeout=30)
    is_configured(here, FULL)
    assert util.difference(before, util.snapshot(here)) is None
    assert util.pid_of(here) != pid


def test_write_memory_and_restart(here):
    "The same configuration, the same links, the same tables, by FRR's own scripts"
    util.vtysh(here, "write memory")
    with open(FRR_CONF, encoding="utf-8") as conf:
        written = conf.read()
    assert stacks_of(written) == stacks_of(FULL)
    before = util.snapshot(here)
    util.sh(here, f"{LAB_FRR} restart")
    util.wait_up(here, *NAMES, timeout=60)
    is_configured(here, FULL)
    util.wait_for(
        "the kernel is as it was", lambda: util.difference(before, util.snapshot(here)), timeout=30
    )


def test_vtysh_b(here):
    "Once more the file: nothing changes"
    before = util.snapshot(here)
    util.sh(here, "vtysh -b")
    is_configured(here, FULL)
    assert util.difference(before, util.snapshot(here)) is None


def test_deletes_all(here):
    "Back to nothing, in one reload"
    reload(here, EMPTY)
    assert util.running_config(here) == ""

    def left():
        kernel = util.Kernel(here)
        links = {"long0", "one0", "one1", "one2", "two0"} & set(kernel.links)
        return links | set(kernel.stacks())

    util.wait_for("nothing is left of the stacks", lambda: util.differs(set(), left()))
    assert util.Kernel(here).in_table(2000, 4) == []


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
