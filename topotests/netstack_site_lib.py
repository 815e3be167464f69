# SPDX-License-Identifier: GPL-2.0-or-later
"""
The site of ten stacks, for the tests and for the demo.

    site A                                                     site B
    vmotion-a ... sales-a  (a host in each VLAN)               vmotion-b ... sales-b
        |            |                                             |            |
       [ swa: VLANs 101-110 ]                                    [ swb: VLANs 101-110 ]
        | trunk            |                                     |             | trunk
        r1: FRR, ten       +---- t-vmotion ... t-sales ----------+             r2: FRR, ten
        stacks                   (10 ms each way)                              stacks

r1 and r2 have one port, an 802.1Q trunk, and ten stacks on it, one for a VLAN. The WAN is a router
for each tenant, the gateway of its VLAN at either site. They have nothing to do with each other: a
packet that arrives where it should not was let across by r1 or r2. vmotion, storage and iscsi use
the very same subnets. So that one can see who answers, each stack also has an address that no
other has, on a dummy interface.

A host's default gateway is its site's stack, whose own is the WAN's.

Where the kernel has no 802.1Q, each VLAN has a switch and a cable of its own, `trunk-101` instead
of VLAN 101 on `trunk`; see POSSIBLE in netstack_util.py.

This module has the data, the script that builds the network, and the builder for FRR's topotest
library; the demo uses the same script. The configuration of the routers is netstack_site/r1/frr.conf and r2/frr.conf.
"""

import contextlib
import os
import re

import netstack_util as util

CWD = os.path.dirname(os.path.realpath(__file__))

# Where the script puts namespaces: those in /run/netns are VRFs to FRR, with -w.
FOLDER = "/run/site"

WAN_DELAY = "10ms" if util.kernel_has("netem") else None

NAMES = (
    "vmotion",
    "storage",
    "iscsi",
    "servers",
    "printers",
    "desktops",
    "voip",
    "backup",
    "guests",
    "sales",
)
# These three have one and the same subnet at each site.
TWINS = ("vmotion", "storage", "iscsi")
JUMBO = ("vmotion",)

SITES = ("a", "b")
ROUTER = {"a": "r1", "b": "r2"}
OTHER = {"a": "b", "b": "a"}


class Stack:
    """A stack of the site, and its counterpart."""

    def __init__(self, number):
        self.number = number
        self.name = NAMES[number - 1]
        self.vlan = 100 + number
        self.mtu = 9000 if self.name in JUMBO else 1500
        self.ifname = f"vmk{number}"  # the stack's interface on the trunk
        self.id_ifname = f"id{number}"  # the stack's dummy

    def net4(self, site):
        """The first three bytes of the VLAN's /24."""
        if self.name in TWINS:
            return f"10.{20 + SITES.index(site)}.0"
        return f"10.{self.number}.{SITES.index(site) + 1}"

    def net6(self, site):
        """The VLAN's /64, without the host's part."""
        if self.name in TWINS:
            return f"fd00:{20 + SITES.index(site)}:"
        return f"fd00:{self.number}:{SITES.index(site) + 1}:"

    def address(self, site, family=4):
        """The stack's own address."""
        return f"{self.net4(site)}.11" if family == 4 else f"{self.net6(site)}:11"

    def gateway(self, site, family=4):
        return f"{self.net4(site)}.1" if family == 4 else f"{self.net6(site)}:1"

    def host(self, site, family=4):
        return f"{self.net4(site)}.100" if family == 4 else f"{self.net6(site)}:100"

    def id(self, site, family=4):
        """The address that no other stack has."""
        where = SITES.index(site) + 1
        return f"10.255.{where}.{self.number}" if family == 4 else f"fd00:255:{where}::{self.number}"

    def host_name(self, site):
        return f"{self.name}-{site}"


def stacks(count=len(NAMES)):
    """The first `count` stacks; 3 are enough for the twins."""
    return [Stack(number) for number in range(1, count + 1)]


def frr_conf(site, some):
    """The router's frr.conf, cut down to these stacks."""
    path = os.path.join(CWD, "netstack_site", ROUTER[site], "frr.conf")
    with open(path, encoding="utf-8") as conf:
        text = conf.read()
    names = [stack.name for stack in some]

    def keep(block):
        return block.group(0) if block.group(1) in names else ""

    text = re.sub(r"^netstack (\S+)\n(?:.+\n)*?exit\n!\n", keep, text, flags=re.M)
    return util.as_possible(text)


# ---- the network: a script ---------------------------------------------------------------------


def cables(site, some):
    """What joins the switches of a site to its router: (switch, its port, the router's port)."""
    if util.POSSIBLE:
        return [(f"sw{site}", f"sw{site}-trunk", "trunk")]
    switches = [(f"sw{site}{stack.vlan}", stack) for stack in some]
    return [(switch, f"{switch}-trunk", util.port_of("trunk", stack.vlan)) for switch, stack in switches]


def namespace(name):
    """The file of a host's namespace, or of a router of the WAN."""
    return f"{FOLDER}/{name}"


def inside(name, command):
    """The command line that runs a command there."""
    return f"nsenter --net={namespace(name)} {command}"


def network_script(some, sites=SITES, hosts=True):
    """
    Shell that builds all but the routers: the switches where it runs (they may be there already,
    and their ports to the routers have to be), and a namespace for each host (`vmotion-a`) and
    for each router of the WAN (`t-vmotion`).
    """
    names = ["wan"] + [f"t-{stack.name}" for stack in some]
    names += [stack.host_name(site) for site in sites for stack in some if hosts]
    lines = [
        "set -e",
        f"mkdir -p {FOLDER}",
        f"for name in {' '.join(names)}; do",
        f"    : > {FOLDER}/$name",
        f"    unshare --net={FOLDER}/$name true",
        "done",
    ]
    for site in sites:
        for switch, _, _ in cables(site, some):
            lines.append(f"ip link show {switch} > /dev/null 2>&1 || ip link add {switch} type bridge")
        lines += (_trunks if util.POSSIBLE else _switches)(site, some, hosts)
        for stack in some if hosts else ():
            lines += _in_namespace(stack.host_name(site), _HOST_SYSCTLS, _host_links(stack, site))
    for stack in some:
        lines += _in_namespace(f"t-{stack.name}", _WAN_SYSCTLS, _wan_links(stack, sites))
    return "\n".join(lines) + "\n"


def _trunks(site, some, hosts):
    """One switch for a site, with VLANs; trunks to its router and to the WAN."""
    switch, wan = f"sw{site}", f"wan-{site}"
    ports = [f"{switch}-trunk", f"{switch}-wan"]
    ip = [
        f"link set {switch} type bridge vlan_filtering 1 vlan_default_pvid 0 mcast_snooping 0",
        f"link add {switch}-wan type veth peer name {wan} netns {namespace('wan')}",
    ]
    bridge = [f"vlan add dev {port} vid {stack.vlan}" for stack in some for port in ports]
    for stack in some if hosts else ():
        port = f"{switch}-{stack.name}"
        ip.append(_host_cable(stack, site, port))
        ports.append(port)
        bridge.append(f"vlan add dev {port} vid {stack.vlan} pvid untagged")
    ip += [f"link set {port} master {switch} mtu 9000 up" for port in ports]
    ip.append(f"link set {switch} mtu 9000 up")

    vlans = [f"link set {wan} mtu 9000 up"]
    for stack in some:
        port = _wan_port(stack, site)
        vlans += [
            f"link add link {wan} name {port} type vlan id {stack.vlan}",
            f"link set {port} netns {namespace(f't-{stack.name}')}",
        ]
    lines = _batch("ip", ip) + _batch("bridge", bridge) + _batch(inside("wan", "ip"), vlans)
    if WAN_DELAY:
        delay = f"tc qdisc add dev {wan} root netem delay {WAN_DELAY} limit 10000"
        lines.append(inside("wan", delay))
    return lines


def _switches(site, some, hosts):
    """A switch for each VLAN of a site, with cables to its router and to the WAN."""
    ip = []
    for stack, (switch, port, _) in zip(some, cables(site, some)):
        ports = [port, f"{switch}-wan"]
        ip.append(
            f"link add {ports[1]} type veth"
            f" peer name {_wan_port(stack, site)} netns {namespace(f't-{stack.name}')}"
        )
        if hosts:
            ports.append(f"{switch}-host")
            ip.append(_host_cable(stack, site, ports[-1]))
        ip += [f"link set {port} master {switch} mtu {stack.mtu} up" for port in ports]
        ip.append(f"link set {switch} type bridge mcast_snooping 0")
        ip.append(f"link set {switch} mtu {stack.mtu} up")
    return _batch("ip", ip)


def _host_cable(stack, site, port):
    return f"link add {port} type veth peer name eth0 netns {namespace(stack.host_name(site))}"


def _wan_port(stack, site):
    return f"{site}.{stack.vlan}"


def _batch(command, lines):
    return [f"{command} -batch - << END", *lines, "END"]


def _in_namespace(name, sysctls, ip):
    """Sysctls, then ip's lines in a namespace; as few processes as that takes."""
    echo = "; ".join(
        f"echo {value} > /proc/sys/{key.replace('.', '/')}" for key, value in sysctls.items()
    )
    return [inside(name, f"bash -c '{echo}; exec ip -batch -' << END"), *ip, "END"]


_WAN_SYSCTLS = {"net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1}

# A host's gateway has its own in the same subnet, and says so; the way is to be through the stack.
_HOST_SYSCTLS = {
    "net.ipv4.conf.all.accept_redirects": 0,
    "net.ipv4.conf.eth0.accept_redirects": 0,
    "net.ipv6.conf.all.accept_redirects": 0,
    "net.ipv6.conf.eth0.accept_redirects": 0,
    "net.ipv4.ip_forward": 0,
    "net.ipv6.conf.all.forwarding": 0,
}


def _wan_links(stack, sites):
    """
    A tenant's router in the WAN: the gateway of its VLAN at either site, and the way to the
    address that the stack has for itself alone.
    """
    lines = ["link set lo up"]
    for site in sites:
        port = _wan_port(stack, site)
        lines += [
            f"link set {port} mtu {stack.mtu} up",
            f"addr add {stack.gateway(site)}/24 dev {port}",
            f"addr add {stack.gateway(site, 6)}/64 dev {port} nodad",
            f"route add {stack.id(site)}/32 via {stack.address(site)}",
            f"route add {stack.id(site, 6)}/128 via {stack.address(site, 6)}",
        ]
    return lines


def _host_links(stack, site):
    return [
        "link set lo up",
        f"link set eth0 mtu {stack.mtu} up",
        f"addr add {stack.host(site)}/24 dev eth0",
        f"addr add {stack.host(site, 6)}/64 dev eth0 nodad",
        f"route add default via {stack.address(site)}",
        f"route add default via {stack.address(site, 6)}",
    ]


# ---- with FRR's topotest library -----------------------------------------------------------------


class Host:
    """A host, or a router of the WAN: a namespace beside the one that the library made for the net."""

    class _Net:
        def __init__(self, net, name):
            self.net, self.name = net, name

        def cmd_status(self, command, **kwargs):
            if isinstance(command, str):
                command = ["bash", "-c", command]
            enter = ["nsenter", f"--net={namespace(self.name)}"]
            return self.net.cmd_status([*enter, *command], **kwargs)

    def __init__(self, tgen, name):
        self.name = name
        self.net = self._Net(tgen.net, name)


class _Here:
    def __init__(self, net):
        self.name, self.net = "net", net


def build(tgen, some, sites=SITES, hosts=True):
    """Builds the network, with routers r1 and r2; for Topogen's build function."""
    for site in sites:
        router = tgen.add_router(ROUTER[site])
        for name, port, cable in cables(site, some):
            tgen.add_link(tgen.add_switch(name), router, port, cable)
            util.sh(router, f"ip link set {cable} mtu 9000 up")
        # The library wants ICMP errors to come from the interface that the packet came in on. Linux
        # 6.12 then takes any interface of the VRF, which is not what traceroute is to show.
        util.sh(router, "echo 0 > /proc/sys/net/ipv4/icmp_errors_use_inbound_ifaddr")
        util.sh(router, util.LINKS_SCRIPT)
    # 20 hosts of the library's would take half a minute; a namespace takes no time
    util.sh(_Here(tgen.net), ["bash", "-s"], stdin=network_script(some, sites, hosts))


def start(tgen, some, sites=SITES):
    """Starts FRR and waits until all stacks are up."""
    for site in sites:
        router = tgen.gears[ROUTER[site]]
        conf = os.path.join(tgen.logdir, f"{router.name}.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(frr_conf(site, some))
        router.load_frr_config(conf)
    for site in sites:
        tgen.gears[ROUTER[site]].start()
    for site in sites:
        util.wait_up(tgen.gears[ROUTER[site]], *[stack.name for stack in some], timeout=60)


@contextlib.contextmanager
def running(request, some):
    """For a file's fixture: the site with these stacks, until the file's tests are over."""
    with util.topology(lambda tgen: build(tgen, some), request) as tgen:
        start(tgen, some)
        yield tgen
