# SPDX-License-Identifier: GPL-2.0-or-later
"""
The stacks that the benches make: what they are, in each side's language, and whether they are there.

A full stack is a VRF, an interface, an address, a gateway and two static neighbours. bench/floor.c
has the same numbers and names.
"""

import json
import re
import subprocess

from frr import Wrong

FIRST_TABLE = 1001
UNREACHABLE_METRIC = 4278198272
NEIGHBORS = ((10, "02:00:00:00:00:10"), (11, "02:00:00:00:00:11"))


class Stack:
    """The one of this number, from 1 on."""

    def __init__(self, number):
        self.number = number
        self.name = f"s{number:05}"
        self.member = f"d{number:05}"
        self.table = FIRST_TABLE + number - 1
        self.prefix = f"10.{number >> 8}.{number & 255}"
        self.address = f"{self.prefix}.1"
        self.gateway = f"{self.prefix}.254"
        self.neighbors = {f"{self.prefix}.{last}": mac for last, mac in NEIGHBORS}


def stacks(count, first=1):
    return [Stack(number) for number in range(first, first + count)]


def netstack_config(which, link="dummy"):
    """For vtysh -f."""
    lines = []
    for s in which:
        lines += [
            f"netstack {s.name}",
            f" interface {s.member}",
            f"  link {link}",
            f"  address {s.address}/24",
            " exit",
            f" default-gateway {s.gateway}",
        ]
        lines += [f" arp {a} {mac} interface {s.member}" for a, mac in s.neighbors.items()]
        lines += ["exit", "!"]
    return "\n".join(lines) + "\n"


def staticd_config(which):
    """For vtysh -f: the routes of links that are made otherwise."""
    lines = []
    for s in which:
        lines += [f"vrf {s.name}", f" ip route 0.0.0.0/0 {s.gateway}", "exit-vrf", "!"]
    return "\n".join(lines) + "\n"


def ip_batch(which, routes=False):
    """For ip -batch: all but the gateways, in the best order; with `routes`, those too."""
    lines = []
    for s in which:
        lines += [
            f"link add {s.name} type vrf table {s.table}",
            f"route add unreachable default table {s.table} metric {UNREACHABLE_METRIC}",
            f"route add unreachable ::/0 table {s.table} metric {UNREACHABLE_METRIC}",
            f"link set {s.name} up",
            f"link add {s.member} type dummy",
            f"link set {s.member} master {s.name}",
            f"link set {s.member} up",
            f"addr add {s.address}/24 brd + dev {s.member}",
        ]
        if routes:
            lines.append(f"route add default via {s.gateway} dev {s.member} table {s.table} metric 20")
        lines += [
            f"neigh add {a} lladdr {mac} dev {s.member} nud permanent"
            for a, mac in s.neighbors.items()
        ]
    return "\n".join(lines) + "\n"


def ip_batch_removal(which, metric=20):
    """
    For ip -batch: of all stacks the gateways first, then the guards, then the links. zebra goes over the
    kernel's own routes of all VRFs for each link that comes up, as a member does when it is released.
    """
    lines = [f"route del default via {s.gateway} dev {s.member} table {s.table} metric {metric}" for s in which]
    for s in which:
        lines += [
            f"route del unreachable {prefix} table {s.table} metric {UNREACHABLE_METRIC}"
            for prefix in ("default", "::/0")
        ]
    for s in which:
        lines += [f"link del {s.member}", f"link del {s.name}"]
    return "\n".join(lines) + "\n"


# ---- is it there? ---------------------------------------------------------------------------------


def _ip(*arguments):
    done = subprocess.run(["ip", "-j", *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout or "[]")


class Kernel:
    """What the kernel has, by iproute2, which is nobody's own code here."""

    def __init__(self):
        self.links = {link["ifname"]: link for link in _ip("-d", "link", "show")}
        self.addresses = {
            link["ifname"]: {f"{a['local']}/{a['prefixlen']}" for a in link["addr_info"]}
            for link in _ip("-4", "addr", "show")
            if link
        }
        self.routes = {}
        for family in ("-4", "-6"):
            for route in _ip(family, "route", "show", "table", "all"):
                table = route.get("table", "main")
                self.routes.setdefault((family, str(table)), []).append(route)
        self.neighbors = {}
        for entry in _ip("-4", "neigh", "show", "nud", "permanent"):
            self.neighbors.setdefault(entry["dev"], {})[entry["dst"]] = entry["lladdr"]

    def virtual(self):
        """The names of the VRF and dummy devices."""
        return {name for name, link in self.links.items() if _kind(link) in ("vrf", "dummy")}


def _kind(link):
    return link.get("linkinfo", {}).get("info_kind", "")


def _default_routes(kernel, s, family):
    """{(type, gateway, device, metric)} of the defaults in the stack's table, as iproute2 names it."""
    routes = kernel.routes.get((family, str(s.table)), []) + kernel.routes.get((family, s.name), [])
    return {
        (
            route.get("type", "unicast"),
            route.get("gateway"),
            None if route.get("type") == "unreachable" else route.get("dev"),
            route.get("metric", 0),
        )
        for route in routes
        if route["dst"] == "default"
    }


def _problems_of(kernel, s, marked, metric, guarded):
    """What of a stack is not in the kernel as it should be: words."""
    vrf, member = kernel.links.get(s.name, {}), kernel.links.get(s.member, {})
    info = vrf.get("linkinfo", {})
    guard = {("unreachable", None, None, UNREACHABLE_METRIC)} if guarded else set()
    gateway = {("unicast", s.gateway, s.member, metric)}
    checks = [
        ("VRF", "vrf", info.get("info_kind")),
        ("table", s.table, info.get("info_data", {}).get("table")),
        ("VRF up", True, "UP" in vrf.get("flags", [])),
        ("member", "dummy", _kind(member)),
        ("master", s.name, member.get("master")),
        ("member up", True, "UP" in member.get("flags", [])),
        ("addresses", {f"{s.address}/24"}, kernel.addresses.get(s.member)),
        ("default routes", gateway | guard, _default_routes(kernel, s, "-4")),
        ("IPv6 default routes", guard, _default_routes(kernel, s, "-6")),
        ("neighbours", s.neighbors, kernel.neighbors.get(s.member)),
    ]
    if marked:
        checks += [
            (f"alias of {link}", f"netstack {s.name}", kernel.links.get(link, {}).get("ifalias"))
            for link in (s.name, s.member)
        ]
    return [f"{what}: {want} wanted, is {got}" for what, want, got in checks if want != got]


def check_kernel(which, marked=True, metric=20, guarded=True):
    """
    Object by object: all of these stacks, and no VRF or dummy besides. `marked`: with the marks of
    netstackd. `guarded`: with unreachable defaults. Raises Wrong.
    """
    kernel = Kernel()
    problems = []
    for s in which:
        problems += [f"{s.name}: {p}" for p in _problems_of(kernel, s, marked, metric, guarded)]
    known = {s.name for s in which} | {s.member for s in which}
    problems += [f"{name} should not be there" for name in sorted(kernel.virtual() - known)]
    if problems:
        raise Wrong(f"{len(problems)} wrong in the kernel: {'; '.join(problems[:5])}")


VRF_HEADER = re.compile(r"^VRF (\S+):$|^IPv4 unicast VRF (\S+):$")
# selected and in the FIB: '>*'
ROUTE = re.compile(r"^([A-Z])(?:\[\d+\])?>\* (\S+) .*?(?:via ([\d.]+)|is directly connected), (\S+?)[,\s]")


def zebra_routes(text):
    """{VRF: {(code, prefix, gateway, device)}} out of 'show ip route vrf all'."""
    routes, current = {}, None
    for line in text.splitlines():
        header = VRF_HEADER.match(line)
        if header:
            current = routes.setdefault(header[1] or header[2], set())
            continue
        route = ROUTE.match(line)
        if route:
            current.add(route.groups())
    return routes


def vrfs_in_zebra(vty):
    """The names of those that are active."""
    return set(re.findall(r"^vrf (\S+) id \d+ (?:table|netns) ", vty("show vrf"), re.M))


def problems_in_zebra(vty, which, codes="SK"):
    """
    What zebra does not know of these stacks: the VRF, the interface's address (a connected route
    through it), and the gateway as a route in the FIB.
    """
    vrfs = vrfs_in_zebra(vty)
    missing = [f"{s.name}: no VRF" for s in which if s.name not in vrfs]
    if missing:
        return missing
    routes = zebra_routes(vty("show ip route vrf all"))
    for s in which:
        has = routes.get(s.name, set())
        if ("C", f"{s.prefix}.0/24", None, s.member) not in has:
            missing.append(f"{s.name}: {s.prefix}.0/24 is not connected")
        if not any((c, "0.0.0.0/0", s.gateway, s.member) in has for c in codes):
            missing.append(f"{s.name}: no default route in the FIB")
    return missing


def check_zebra(vty, which, codes="SK"):
    problems = problems_in_zebra(vty, which, codes)
    if problems:
        raise Wrong(f"{len(problems)} wrong in zebra: {'; '.join(problems[:5])}")


def check_netstackd(vty, which):
    """That netstackd says itself that all is well, and is through with its work."""
    shown = json.loads(vty("show netstack json"))
    problems = []
    for s in which:
        stack = shown.get(s.name)
        if not stack or stack["state"] != "up":
            problems.append(f"{s.name}: {stack and (stack['state'], stack['reason'])}")
    extra = set(shown) - {s.name for s in which} - {"default"}
    problems += [f"{name} should not be there" for name in sorted(extra)]
    if problems:
        raise Wrong(f"{len(problems)} wrong in netstackd: {'; '.join(problems[:5])}")
