#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is observed is what iproute2 shows, whatever happens to links, addresses and routes.

    test_events_live.py [SECONDS [SEED]]

Random changes, in a network namespace of its own, and after each burst netstack-observe is
compared with `ip`. Skipped without root or VRF devices.
"""

import collections
import ipaddress
import json
import os
import random
import signal
import subprocess
import sys

OBSERVE = os.environ.get(
    "NETSTACK_OBSERVE",
    os.path.join(os.environ.get("top_builddir", "."), "netstackd/netstack-observe"),
)
TYPES = {1: "unicast", 4: "anycast", 5: "multicast", 6: "blackhole", 7: "unreachable", 8: "prohibit", 9: "throw"}
ERRORS = {"blackhole", "unreachable", "prohibit", "throw"}
VRFS = {"blue": 1001, "red": 1002, "green": 70000}
LINKS = ["d%d" % i for i in range(6)]
SETTLE_MSEC = 250


def ip(*args, check=False):
    done = subprocess.run(["ip", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if check and done.returncode:
        raise RuntimeError("ip %s: %s" % (" ".join(args), done.stderr))
    return done.stdout


def ip_batch(lines):
    subprocess.run(["ip", "-force", "-batch", "-"], input="\n".join(lines) + "\n", text=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ip_json(*args):
    text = ip("-j", "-d", *args).strip()
    return [entry for entry in json.loads(text) if entry] if text else []


def normal_prefix(text, family):
    if text == "default":
        text = "0.0.0.0/0" if family == "-4" else "::/0"
    return str(ipaddress.ip_network(text))


def hop(entry):
    gate = entry.get("gateway") or entry.get("via", {}).get("host") or "-"
    return "%s@%s" % (gate, entry.get("dev", "-"))


def kernel_routes():
    routes = collections.Counter()
    for vrf, table in VRFS.items():
        for family in ("-4", "-6"):
            for entry in ip_json(family, "route", "show", "vrf", vrf):
                kind = entry.get("type", "unicast")
                hops = [hop(one) for one in entry["nexthops"]] if "nexthops" in entry else [hop(entry)]
                if kind in ERRORS:
                    hops = []
                routes[(table, normal_prefix(entry["dst"], family), entry.get("metric", 0), kind,
                        len(hops), tuple(sorted(hops)) if len(hops) <= 8 else ())] += 1
    return routes


def kernel_addresses():
    addresses = collections.Counter()
    for link in ip_json("addr", "show"):
        for one in link["addr_info"]:
            addresses[(link["ifname"], "%s/%d" % (one["local"], one["prefixlen"]))] += 1
    return addresses


def kernel_neighbors():
    neighbors = collections.Counter()
    for one in ip_json("neigh", "show"):
        neighbors[(one["dev"], one["dst"], one.get("lladdr", "00:00:00:00:00:00"))] += 1
    return neighbors


def kernel_links():
    links = collections.Counter()
    for link in ip_json("link", "show"):
        links[(link["ifname"], link["ifindex"], link["mtu"], link.get("master", "-"), "UP" in link["flags"])] += 1
    return links


class Observer:
    def __init__(self):
        self.process = subprocess.Popen([OBSERVE, *VRFS], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)
        if self.process.stdout.readline() != "READY\n":
            raise RuntimeError("netstack-observe did not start")

    def look(self, msec=SETTLE_MSEC):
        self.process.stdin.write("%d\n" % msec)
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == "END\n":
                return lines
            lines.append(line.split())
        raise RuntimeError("netstack-observe ended: %s" % self.process.wait())


def observed(lines):
    routes, addresses = collections.Counter(), collections.Counter()
    neighbors, links, rest = collections.Counter(), collections.Counter(), []
    for words in lines:
        if words[0] == "route":
            hops = words[15:]
            routes[(int(words[1]), words[2], int(words[6]), TYPES[int(words[8])], int(words[14]),
                    tuple(sorted(hops)) if int(words[14]) <= 8 else ())] += 1
        elif words[0] == "address":
            addresses[(words[1], words[2])] += 1
        elif words[0] == "neighbor":
            if int(words[5], 0) & ~0x40:
                neighbors[(words[1], words[2], words[3])] += 1
        elif words[0] == "link":
            links[(words[1], int(words[3]), int(words[9]), words[13], bool(int(words[7], 0) & 1))] += 1
        else:
            rest.append(" ".join(words))
    return routes, addresses, neighbors, links, rest


def differences(what, kernel, ours):
    for one in (kernel - ours).elements():
        yield "%s not observed: %s" % (what, one)
    for one in (ours - kernel).elements():
        yield "%s observed, but gone: %s" % (what, one)


def compare(observer):
    """The differences, and a line of numbers."""
    lines = observer.look()
    routes, addresses, neighbors, links, rest = observed(lines)
    kernel = kernel_routes()
    found = list(differences("route", kernel, routes))
    found += differences("address", kernel_addresses(), addresses)
    found += differences("neighbor", kernel_neighbors(), neighbors)
    found += differences("link", kernel_links(), links)
    return found, "%d routes, %s" % (sum(kernel.values()), rest[-1] if rest else "")


def setup():
    ip("link", "set", "lo", "up", check=True)
    for vrf, table in VRFS.items():
        ip("link", "add", vrf, "type", "vrf", "table", str(table), check=True)
        ip("link", "set", vrf, "up", check=True)
    for name in LINKS:
        make_link(name)


def make_link(name):
    number = int(name[1:])
    ip_batch(["link add %s type dummy" % name,
              "link set %s master %s" % (name, random.choice(list(VRFS))),
              "link set %s up" % name,
              "addr add 10.0.%d.1/24 dev %s" % (number, name),
              "addr add 10.0.99.%d/24 dev %s" % (number + 1, name),
              "addr add 2001:db8:%d::1/64 dev %s nodad" % (number, name)])


def gateway(family):
    number = random.randrange(len(LINKS))
    if family == "-4":
        return "via 10.0.%d.%d dev d%d onlink" % (number, random.randrange(2, 6), number)
    return "via 2001:db8:%d::%x dev d%d onlink" % (number, random.randrange(2, 6), number)


def destination(family):
    number = random.randrange(12)
    if family == "-4":
        return random.choice(["192.168.%d.0/24" % number, "172.16.%d.0/24" % number, "default"])
    return random.choice(["2001:db8:f%x::/64" % number, "default"])


def route_line():
    family = random.choice(["-4", "-6"])
    verb = random.choice(["add", "add", "replace", "replace", "append", "prepend", "del", "del", "change"])
    if random.random() < .1:
        target = random.choice(sorted(ERRORS)) + " " + destination(family)
        way = ""
    else:
        target = destination(family)
        shape = random.random()
        if shape < .5:
            way = gateway(family)
        elif shape < .75:
            way = " ".join("nexthop " + gateway(family) for _ in range(random.randrange(2, 5)))
        elif shape < .9:
            way = "nhid %d" % random.choice([1, 2, 3, 4, 5, 10, 11])
        else:
            way = "dev " + random.choice(LINKS)
    if verb == "del" and random.random() < .5:
        way = ""
    metric = random.choice(["", "", "metric 10", "metric 20"])
    if family == "-6" and (target.split()[0] in ERRORS or way.startswith("dev ")):
        # No gateway: a route of its own.  Gateways that are added later stand behind it in the
        # kernel's list, and the kernel's dump, jumping from the first to the last of them,
        # leaves it out (rt6_dump_route(), Linux 7.2).
        metric = "metric 30"
    return "%s|route %s %s %s table %d %s" % (family, verb, target, way, random.choice(list(VRFS.values())), metric)


def nexthop_line():
    number = random.randrange(len(LINKS))
    family = random.choice(["", "-6"])
    gate = "10.0.%d.7" % number if not family else "2001:db8:%d::7" % number
    return random.choice([
        "%s|nexthop replace id %d via %s dev d%d onlink" % (family, random.randrange(1, 6), gate, number),
        "|nexthop replace id %d group 1/2" % random.choice([10, 11]),
        "|nexthop replace id %d group 3/4/5" % random.choice([10, 11]),
        "|nexthop del id %d" % random.choice([1, 2, 3, 4, 5, 10, 11]),
    ])


def link_line():
    name = random.choice(LINKS)
    number = int(name[1:])
    return random.choice([
        "|link set %s down" % name,
        "|link set %s up" % name,
        "|link set %s up" % name,
        "|link set %s master %s" % (name, random.choice(list(VRFS))),
        "|link set %s nomaster" % name,
        "|link set %s carrier off" % name,
        "|link set %s carrier on" % name,
        "|link set %s mtu %d" % (name, random.choice([1500, 1400, 1000])),
        "|link set %s down" % random.choice(list(VRFS)),
        "|link set %s up" % random.choice(list(VRFS)),
        "|addr flush dev %s" % name,
        "|addr del 10.0.%d.1/24 dev %s" % (number, name),
        "|addr add 10.0.%d.1/24 dev %s" % (number, name),
        "|addr add 2001:db8:%d::1/64 dev %s nodad" % (number, name),
        "|addr del 2001:db8:%d::1/64 dev %s" % (number, name),
        "|neigh replace 10.0.%d.77 lladdr 02:00:00:00:00:%02x dev %s" % (number, random.randrange(9), name),
        "|neigh del 10.0.%d.77 dev %s" % (number, name),
        "DEL " + name,
    ])


def burst():
    for _ in range(random.choice([1, 3, 10, 40])):
        line = random.choice([route_line, route_line, route_line, nexthop_line, link_line])()
        if line.startswith("DEL "):
            ip("link", "del", line[4:])
            make_link(line[4:])
            yield line
            continue
        family, command = line.split("|")
        ip(*family.split(), *command.split())
        yield line


def overrun(observer):
    """More notifications than the daemon's buffer holds, while it does not read."""
    prefixes = [str(ipaddress.ip_address(0x0B000000 + 256 * number)) for number in range(60000)]
    ip_batch("link set %s up" % vrf for vrf in VRFS)
    observer.process.send_signal(signal.SIGSTOP)
    ip_batch("route add %s/24 dev blue table 1001" % prefix for prefix in prefixes)
    ip_batch("route del %s/24 dev blue table 1001" % prefix for prefix in prefixes[1000:])
    ip_batch(["addr flush dev d0", "link del d1", "link set d2 nomaster", "link set d3 name d33"])
    observer.process.send_signal(signal.SIGCONT)
    observer.look(500)
    found, numbers = compare(observer)
    ip("link", "set", "d33", "name", "d3")
    if "overruns 0" in numbers or "resynced 0" in numbers:
        found.append("nothing was lost: %s" % numbers)
    return found, numbers


def report(number, name, found, numbers):
    for line in found[:20]:
        print("#", line)
    print("# %s" % numbers)
    print("%s %d - %s" % ("not ok" if found else "ok", number, name), flush=True)
    return bool(found)


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 15
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 78
    if "NETSTACK_TEST_NETNS" not in os.environ:
        os.environ["NETSTACK_TEST_NETNS"] = "1"
        probe = subprocess.run(["unshare", "-n", "ip", "link", "add", "p", "type", "vrf", "table", "9"],
                               stderr=subprocess.DEVNULL)
        if probe.returncode:
            print("1..0 # SKIP needs root and VRF devices")
            sys.exit(77)
        os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.argv])
    random.seed(seed)
    setup()
    observer = Observer()
    end = os.times().elapsed + seconds
    bursts = 0
    found, numbers = compare(observer)
    done = []
    while not found and os.times().elapsed < end:
        done = list(burst())
        found, numbers = compare(observer)
        bursts += 1
    if found:
        print("# seed %d, burst %d: %s" % (seed, bursts, "; ".join(done)))
    failed = report(1, "what_is_observed_is_what_iproute2_shows", found,
                    "%d bursts, %s" % (bursts, numbers))
    failed |= report(2, "lost_notifications_are_made_up_for", *overrun(observer))
    print("1..2")
    sys.exit(failed)


main()
