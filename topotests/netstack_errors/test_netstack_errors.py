#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
What netstack refuses, and that nothing changes then: not the configuration, not the kernel, not
what is shown. And what cannot be in force yet: it is kept, shown as pending with its reason, and
comes into force by itself.
"""

import os
import re
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_util as util


def build(tgen):
    router = tgen.add_router("r1")
    # a trunk and a shared port; nobody is at the other end
    util.add_port(tgen, router, "trunk", vlans=(7, 9))
    util.add_port(tgen, router, "shared")
    # a VRF that somebody else has made, and a table that somebody else's rule looks up
    if util.BACKEND == "vrf":
        util.sh(router, "ip link add blue type vrf table 500")
    util.sh(router, "ip rule add pref 3000 lookup 501")


@pytest.fixture(scope="module")
def r1(request):
    with util.router_r1(build, request) as router:
        yield router


def state_of(router):
    """The configuration, what is shown, and the kernel."""
    out = util.vtysh(router, "show running-config", "show netstack json")
    out = re.sub(r'"(neighborCount|routeCount)": *\d+', "", out)
    return out, util.snapshot(router)


LONG = "n" * 37
SIXTEEN = "sixteen-letters-"

# Only where stacks are VRF devices do tables belong to VRFs.
REFUSED_VRF = [
    ("table: of a VRF that is not ours", "netstack red\n table 500", "500.*VRF blue|blue.*500"),
]

# (what it is, lines of which the last is refused, what the message has to say)
REFUSED = [
    *(REFUSED_VRF if util.BACKEND == "vrf" else []),
    ("name: over 36 characters", f"netstack {LONG}", "36"),
    ("name: a dot", "netstack .", r"name|\."),
    ("name: two dots", "netstack ..", r"name|\.\."),
    ("name: all", "netstack all", "all"),
    ("name: a slash", "netstack a/b", r"a/b|/"),
    ("name: a colon", "netstack a:b", r"a:b|:"),
    ("name: a control character", "netstack a\x01b", "name|character"),
    ("name: empty", "netstack", "incomplete"),
    ("name: empty, in quotes", 'netstack ""', "name is empty"),
    ("vni: there are none yet", "netstack red\n vni 5", "VXLAN"),
    ("vni: nor any to remove", "netstack red\n no vni 5 vtep-source 10.1.0.1", "VXLAN"),
    (
        "name: over 15 characters and no vrf",
        f"netstack {SIXTEEN}\n description no VRF can have this name",
        "vrf",
    ),
    ("table: of another stack", "netstack red\n table 600", "600.*green|green.*600"),
    ("table: 252", "netstack red\n table 252", "252"),
    ("table: 253, default", "netstack red\n table 253", "253"),
    ("table: 254, main", "netstack red\n table 254", "254"),
    ("table: 255, local", "netstack red\n table 255", "255"),
    ("table: 0", "netstack red\n table 0", "."),
    (
        "table: of another stack, for a new one",
        "netstack new\n table 600",
        "600.*green|green.*600",
    ),
    ("interface: of another stack", "netstack red\n interface grn0", "green"),
    ("vrf: of another stack", "netstack red\n vrf green", "green"),
    ("vrf: the name of a stack that has it by default", "netstack new\n vrf red", "red"),
    ("address: multicast", "netstack red\n interface red0\n address 224.0.0.1/24", "224.0.0.1"),
    ("address: multicast, IPv6", "netstack red\n interface red0\n address ff02::1/64", "ff02::1"),
    ("address: unspecified", "netstack red\n interface red0\n address 0.0.0.0/24", r"0\.0\.0\.0"),
    ("address: unspecified, IPv6", "netstack red\n interface red0\n address ::/64", "::/64|::"),
    ("address: network", "netstack red\n interface red0\n address 10.9.0.0/24", "network"),
    ("address: broadcast", "netstack red\n interface red0\n address 10.9.0.255/24", "broadcast"),
    ("address: network, /30", "netstack red\n interface red0\n address 10.9.0.4/30", "network"),
    ("address: loopback, IPv6", "netstack red\n interface red0\n address ::1/128", "loopback"),
    ("address: IPv4 in IPv6", "netstack red\n interface red0\n address ::ffff:10.9.0.1/96", "IPv4"),
    ("gateway: loopback", "netstack red\n default-gateway 127.0.0.1", "loopback"),
    ("gateway: multicast", "netstack red\n default-gateway 224.0.0.1", "multicast"),
    ("gateway: multicast, IPv6", "netstack red\n default-gateway ff02::1", "multicast"),
    ("gateway: unspecified", "netstack red\n default-gateway 0.0.0.0", "unspecified"),
    ("gateway: IPv4 in IPv6", "netstack red\n default-gateway ::ffff:10.1.0.254", "IPv4"),
    ("mac: multicast", "netstack red\n interface red0\n mac 01:00:5e:00:00:01", "multicast"),
    ("mac: broadcast", "netstack red\n interface red0\n mac ff:ff:ff:ff:ff:ff", "multicast|broadcast"),
    ("mac: zero", "netstack red\n interface red0\n mac 00:00:00:00:00:00", "zero|00:00:00:00:00:00"),
    (
        "arp: multicast MAC",
        "netstack red\n arp 10.1.0.9 01:00:5e:00:00:01 interface red0",
        "multicast",
    ),
    (
        "nd: zero MAC",
        "netstack red\n nd fd00:1::9 00:00:00:00:00:00 interface red0",
        "zero|00:00:00:00:00:00",
    ),
    ("default: cannot be removed", "no netstack default", "default"),
    ("default: has no table to give", "netstack default\n table 700", "default"),
    ("default: has no other VRF", "netstack default\n vrf other", "default"),
    ("default: has no interfaces to give", "netstack default\n interface red0", "default"),
    ("default: is not shut down", "netstack default\n shutdown", "default"),
    ("range: upside down", "netstack-global table-range 2000 1000", "2000|1000|range"),
]


def test_before(r1):
    "The stacks that nothing is to happen to are up"
    util.wait_up(r1, "red", "green", timeout=30)


@pytest.mark.parametrize("lines,says", [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED])
def test_refused(r1, lines, says):
    "Begins with '% ', says what is wrong, and changes nothing"
    way_there = lines.splitlines()[:-1]
    is_new = way_there[:1] == ["netstack new"]
    if is_new:
        # of these lines only the last is refused
        util.configure(r1, "netstack new")
        util.wait_up(r1, "new")
    before = state_of(r1)
    out = util.refused(r1, lines)
    assert re.search(says, out, re.I | re.S), f"should say /{says}/: {out}"
    after = state_of(r1)
    assert util.differs(before[0], after[0]) is None, util.difference(
        {"text": before[0].splitlines()}, {"text": after[0].splitlines()}
    )
    assert util.difference(before[1], after[1]) is None
    if is_new:
        util.configure(r1, "no netstack new")
        util.wait_gone(r1, "new")


NEXT_HOPS = """
netstack red
 default-gateway 10.1.0.77 distance 10 track icmp multiplier 5
 default-gateway fe80::9 interface red0
 route 10.70.0.0/16 10.1.0.77 distance 20
"""
GATEWAY = "default-gateway 10.1.0.77 distance 10 track icmp multiplier 5"
# (a line that is not there, what there is instead)
NOT_THERE = [
    ("default-gateway 10.1.0.77 distance 77", GATEWAY),
    ("default-gateway 10.1.0.77 track bfd", GATEWAY),
    ("default-gateway 10.1.0.77 distance 10 track icmp multiplier 6", GATEWAY),
    ("default-gateway 10.1.0.77 interface red0", GATEWAY),
    ("default-gateway fe80::9", "default-gateway fe80::9 interface red0"),
    ("route 10.70.0.0/16 10.1.0.77 distance 21", "route 10.70.0.0/16 10.1.0.77 distance 20"),
    ("route 10.70.0.0/16 10.1.0.77 track arp", "route 10.70.0.0/16 10.1.0.77 distance 20"),
    ("route 10.70.0.0/16 10.1.0.253", None),
    ("default-gateway 10.1.0.253", None),
]


def test_no_with_other_words_removes_nothing(r1):
    "The line of another distance, tracker or interface is another line; what there is is told"
    before = util.vtysh(r1, "show running-config")
    util.configure(r1, NEXT_HOPS)
    there = util.vtysh(r1, "show running-config")
    for line, instead in NOT_THERE:
        out = util.refused(r1, f"netstack red\nno {line}")
        says = f"% netstack red has no {line}" + (f"; it has {instead}" if instead else "")
        assert out.strip() == says
        assert util.vtysh(r1, "show running-config") == there, line
    util.configure(
        r1,
        "netstack red\nno default-gateway 10.1.0.77 distance 010 track icmp\n"
        "no default-gateway fe80::9 interface red0\nno route 10.70.0.0/16 10.1.0.77",
    )
    assert util.vtysh(r1, "show running-config") == before


@util.needs_links("dummies")
def test_loopback_address(r1):
    "Only a loopback of the stack can have one, whichever of the two lines is the later one"
    util.configure(r1, "netstack red\ninterface vlan7\nlink vlan 7 parent trunk")
    for lines in (
        "netstack red\ninterface vlan7\naddress 127.0.0.1/8",
        "netstack red\ninterface vlan7\nno link\naddress 127.9.0.1/32",
    ):
        out = util.refused(r1, lines)
        assert re.search(r"127.* is a loopback address.*link dummy", out), out
    util.configure(r1, "netstack red\ninterface vlan7\nlink dummy\naddress 127.0.0.1/8")
    util.wait_for(
        "the loopback has its address",
        lambda: util.differs(["127.0.0.1/8"], util.look(r1, "red")["red"].addresses().get("vlan7")),
    )
    for line in ("no link dummy", "link macvlan parent trunk"):
        out = util.refused(r1, f"netstack red\ninterface vlan7\n{line}")
        assert "loopback address" in out, out
    util.configure(r1, "netstack red\nno interface vlan7")
    util.wait_up(r1, "red")


def test_gateway_that_is_an_own_address(r1):
    "Pending, with that reason"
    util.configure(r1, "netstack red\ndefault-gateway 10.1.0.1")

    def pending():
        shown = util.show_json(r1, "show netstack")["red"]
        entry = next(e for e in shown["gateways"] if e["address"] == "10.1.0.1")
        if shown["state"] == "degraded" and entry["state"] == "pending":
            return None if "address of this stack itself" in entry["reason"] else entry
        return shown

    util.wait_for("pending", pending)
    util.configure(r1, "netstack red\nno default-gateway 10.1.0.1")
    util.wait_up(r1, "red")


def test_refused_in_a_file(r1):
    "Of a file with a stack that is wrong, the others are taken: as with every daemon of FRR"
    before = util.snapshot(r1)["links"]
    table = 500 if util.BACKEND == "vrf" else 600
    conf = f"""
netstack wrong
 table {table}
 interface wrong0
  link dummy
 exit
exit
netstack right
 interface right0
  link dummy
  address 10.77.0.1/24
 exit
exit
"""
    util.sh(r1, "cat > /tmp/gearlogdir/refused.conf", stdin=util.as_possible(conf))
    util.sh_status(r1, "vtysh -f /tmp/gearlogdir/refused.conf")
    util.wait_up(r1, "right")
    assert f" table {table}\n" not in re.sub(
        r"^netstack green\n(?: .+\n)+", "", util.running_config(r1), flags=re.M
    )
    if util.BACKEND == "vrf":
        vrfs = util.Kernel(r1).vrfs()
        assert vrfs["blue"] == 500 and vrfs.get("wrong") != 500
    util.configure(r1, "no netstack right")
    util.vtysh_status(r1, "configure terminal", "no netstack wrong")
    util.wait_for(
        "both are gone",
        lambda: util.differs(sorted(before), sorted(util.snapshot(r1)["links"])),
    )


def accepted(router, lines):
    """Types lines that may warn but not be refused; the output."""
    status, out = util.vtysh_status(router, "configure terminal", *util.typed(lines))
    assert status == 0, out
    return out


def test_same_subnet_twice_in_a_stack_warns(r1):
    "Accepted, with a warning that names the subnet or the other interface"
    out = accepted(
        r1,
        """
        netstack red
        interface red1
        link dummy
        address 10.1.0.200/24
        """,
    )
    assert re.search("warning", out, re.I) and re.search(r"10\.1\.0|red0", out), out
    util.wait_for(
        "the address is there all the same",
        lambda: util.differs(
            ["10.1.0.200/24"], util.look(r1, "red")["red"].addresses().get("red1")
        ),
    )
    util.configure(r1, "netstack red\nno interface red1")
    util.wait_up(r1, "red")


def test_same_subnet_in_two_stacks_is_fine(r1):
    "Not a word about it"
    out = accepted(
        r1,
        """
        netstack green
        interface grn0
        address 10.1.0.1/24
        """,
    )
    assert out.strip() == "", out
    util.wait_for(
        "the address is in both",
        lambda: None
        if all(
            "10.1.0.1/24" in sum(view.addresses().values(), [])
            for view in util.look(r1, "red", "green").values()
        )
        else util.Kernel(r1).links["grn0"],
    )
    util.configure(r1, "netstack green\ninterface grn0\nno address 10.1.0.1/24")


@pytest.mark.parametrize("address", ["10.8.0.0/31", "10.8.0.1/31", "10.8.0.0/32", "fd00:8::/127"])
def test_ends_of_a_short_prefix_are_addresses(r1, address):
    "Only a prefix shorter than /31 has a network and a broadcast address"
    util.configure(r1, f"netstack red\ninterface red0\naddress {address}")
    util.wait_address(r1, "red", "red0", address)
    util.configure(r1, f"netstack red\ninterface red0\nno address {address}")


def interface(router, stack, name):
    """What `show netstack json` says of an interface."""
    shown = util.show_json(router, "show netstack")[stack]
    found = [entry for entry in shown["interfaces"] if entry["name"] == name]
    assert len(found) == 1, shown
    return {"stack": shown["state"], "stackReason": shown["reason"], **found[0]}


def wait_interface(router, stack, name, state, reason=None):
    """Waits until the interface has the state, with a reason that says so; its entry."""
    entry = {}

    def probe():
        entry.clear()
        entry.update(interface(router, stack, name))
        if entry["state"] != state:
            return entry
        if reason is None:
            return None if entry["reason"] == "" else entry
        return None if re.search(reason, entry["reason"], re.I) else entry

    util.wait_for(f"{stack}, {name}: {state}, /{reason}/", probe)
    return entry


def test_parent_that_is_absent(r1):
    "Pending, and the reason names the parent; up when it comes; pending again when it goes"
    util.configure(
        r1,
        """
        netstack red
        interface vlan7
        link vlan 7 parent nosuch0
        address 10.7.0.1/24
        """,
    )
    entry = wait_interface(r1, "red", "vlan7", "pending", "nosuch0")
    assert entry["stack"] == "degraded" and entry["stackReason"], entry
    parent = util.trunk_port("nosuch0", 7)
    table = util.vtysh(r1, "show netstack red interface")
    row = rf"^vlan7 +pending .*10\.7\.0\.1/24 pending +parent {parent} does not exist *$"
    assert re.search(row, table, re.M), table
    util.sh(r1, util.make_link(parent))
    util.sh(r1, f"ip link set {parent} up")
    wait_interface(r1, "red", "vlan7", "up")
    assert util.Kernel(r1).addresses("vlan7") == ["10.7.0.1/24"]
    util.wait_up(r1, "red")
    util.sh(r1, f"ip link del {parent}")
    wait_interface(r1, "red", "vlan7", "pending", "nosuch0")
    util.configure(r1, "netstack red\nno interface vlan7")
    util.wait_up(r1, "red")


def test_all_interfaces_shut_down(r1):
    "Nothing gets in or out of such a stack, with a gateway or without: it is down, and not up"
    for stack, name in (("red", "red0"), ("green", "grn0")):
        util.configure(r1, f"netstack {stack}\ninterface {name}\nshutdown")
        util.wait_for(
            f"{stack} is down",
            lambda stack=stack: util.differs(
                {stack: "down: all interfaces are shut down"}, util.stack_states(r1, [stack])
            ),
        )
        util.configure(r1, f"netstack {stack}\ninterface {name}\nno shutdown")
        util.wait_up(r1, stack)


# vlan7 of the next two
ON_LOWER = "link vlan 7 parent lower0" if util.POSSIBLE else "link macvlan parent lower0"


def test_parent_that_is_down(r1):
    "Down, and the reason names the parent, without complaints in the log; up when the parent is"
    util.sh(r1, util.make_link("lower0"))
    position = len(util.log_of(r1))
    util.configure(
        r1,
        f"""
        netstack red
        interface vlan7
        {ON_LOWER}
        address 10.7.0.1/24
        address fd00:7::1/64
        exit
        interface mac7
        link macvlan parent lower0
        address 10.8.0.1/24
        """,
    )
    for _ in range(2):
        for name in ("vlan7", "mac7"):
            entry = wait_interface(r1, "red", name, "down", "^parent lower0 is down$")
        assert entry["stack"] == "degraded" and "lower0 is down" in entry["stackReason"], entry
        util.sh(r1, "ip link set lower0 up")
        for name in ("vlan7", "mac7"):
            wait_interface(r1, "red", name, "up")
        util.wait_up(r1, "red")
        assert util.Kernel(r1).addresses("vlan7") == ["10.7.0.1/24", "fd00:7::1/64"]
        util.sh(r1, "ip link set lower0 down")
    assert "cannot" not in util.log_of(r1)[position:]
    util.configure(r1, "netstack red\nno interface vlan7\nno interface mac7")
    util.sh(r1, "ip link del lower0")
    util.wait_up(r1, "red")


def test_parent_that_is_renamed(r1):
    "The link is kept, and its state says what is wrong; up when the parent has its name again"
    util.sh(r1, util.make_link("lower0"))
    util.sh(r1, "ip link set lower0 up")
    util.configure(r1, f"netstack red\ninterface vlan7\n{ON_LOWER}")
    wait_interface(r1, "red", "vlan7", "up")
    index = util.Kernel(r1).links["vlan7"]["ifindex"]
    util.sh(r1, "ip link set lower0 name upper0")
    entry = wait_interface(
        r1, "red", "vlan7", "pending", "^parent lower0 does not exist, it is on upper0$"
    )
    assert entry["stack"] == "degraded", entry
    util.sh(r1, "ip link set upper0 name lower0")
    wait_interface(r1, "red", "vlan7", "up")
    assert util.Kernel(r1).links["vlan7"]["ifindex"] == index
    util.configure(r1, "netstack red\nno interface vlan7")
    util.sh(r1, "ip link del lower0")
    util.wait_up(r1, "red")


def test_interface_that_is_absent(r1):
    "One that is not ours to create is waited for"
    util.configure(r1, "netstack red\ninterface later0\naddress 10.70.0.1/24")
    wait_interface(r1, "red", "later0", "pending", "later0|exist|no such|absent")
    util.sh(r1, util.make_link("later0"))
    wait_interface(r1, "red", "later0", "up")
    assert util.look(r1, "red")["red"].addresses()["later0"] == ["10.70.0.1/24"]
    util.configure(r1, "netstack red\nno interface later0")
    # it is given back: out of the stack, and still there
    util.wait_for(
        "later0 is given back",
        lambda: util.differs(None, util.Kernel(r1).links["later0"]["stack"]),
    )
    util.sh(r1, "ip link del later0")
    util.wait_up(r1, "red")


def gateway(router, stack, address):
    """What `show netstack json` says of a gateway."""
    shown = util.show_json(router, "show netstack")[stack]
    found = [entry for entry in shown["gateways"] if entry["address"] == address]
    assert len(found) == 1, shown
    return found[0]


@pytest.mark.parametrize(
    "family,via,address", [(4, "10.66.0.1", "10.66.0.11/24"), (6, "fd00:66::1", "fd00:66::11/64")]
)
def test_gateway_out_of_every_subnet(r1, family, via, address):
    "Pending with that reason, and active as soon as there is an address for it"
    util.configure(r1, f"netstack green\ndefault-gateway {via}")

    def is_pending():
        entry = gateway(r1, "green", via)
        said = re.search("subnet", entry["reason"], re.I)
        return None if entry["state"] == "pending" and said else entry

    util.wait_for("pending, out of every subnet", is_pending)
    assert util.look(r1, "green")["green"].next_hops("default", family) == []
    util.configure(r1, f"netstack green\ninterface grn0\naddress {address}")

    def is_active():
        entry = gateway(r1, "green", via)
        return None if (entry["state"], entry["reason"]) == ("active", "") else entry

    util.wait_for("active", is_active)
    assert util.look(r1, "green")["green"].next_hops("default", family) == [via]
    util.configure(r1, f"netstack green\ninterface grn0\nno address {address}")
    util.wait_for("pending again", is_pending)
    util.configure(r1, f"netstack green\nno default-gateway {via}")
    util.wait_up(r1, "green")


def test_mtu_that_the_kernel_refuses(r1):
    "Pending with the kernel's reason; in force when the trunk can do it"
    util.configure(
        r1,
        """
        netstack red
        interface vlan9
        link vlan 9 parent trunk
        mtu 9000
        address 10.9.0.1/24
        """,
    )
    entry = wait_interface(r1, "red", "vlan9", "pending", "mtu")
    assert entry["mtu"] == 1500, entry
    assert re.search("range|invalid|too large|greater|maximum", entry["reason"], re.I), entry
    parent = util.trunk_port("trunk", 9)
    assert entry["reason"].endswith(f"; its parent {parent} has no more than 1500"), entry
    util.sh(r1, f"ip link set {util.trunk_port('trunk', 9)} mtu 9000")
    wait_interface(r1, "red", "vlan9", "up")
    assert util.Kernel(r1).links["vlan9"]["mtu"] == 9000
    util.configure(r1, "netstack red\nno interface vlan9")
    util.sh(r1, f"ip link set {util.trunk_port('trunk', 9)} mtu 1500")
    util.wait_up(r1, "red")


def test_mac_that_the_kernel_refuses(r1):
    "Two ports of one shared link cannot have one MAC: the second waits for the first to go"
    util.configure(
        r1,
        """
        netstack red
        interface port1
        link macvlan parent shared
        mac 02:00:00:00:00:01
        exit
        interface port2
        link macvlan parent shared
        mac 02:00:00:00:00:01
        """,
    )
    wait_interface(r1, "red", "port1", "up")
    entry = wait_interface(r1, "red", "port2", "pending", "in use|busy|exist")
    assert entry["stack"] == "degraded", entry
    util.configure(r1, "netstack red\nno interface port1")
    wait_interface(r1, "red", "port2", "up")
    assert util.Kernel(r1).links["port2"]["address"] == "02:00:00:00:00:01"
    util.configure(r1, "netstack red\nno interface port2")
    util.wait_up(r1, "red")


def test_daemons_are_well(r1):
    "zebra above all: it exits when two VRFs have one table"
    assert r1.check_router_running() == ""


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
