# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the tests of netstack have in common: to configure a router, to look at what it says and at
what the kernel has, and to wait for a condition.

The tests look at a stack through here, so that they need not know whether stacks are VRF devices
or network namespaces. NETSTACK_BACKEND says which, vrf or netns; if it is not set, the lab does.

Nor need they know which links the kernel can make: see POSSIBLE.
"""

import contextlib
import functools
import json
import os
import re
import subprocess
import tempfile
import time



def _backend():
    try:
        with open("/run/lab-backend", encoding="utf-8") as lab:
            return os.environ.get("NETSTACK_BACKEND") or lab.read().strip()
    except OSError:
        return "vrf"


BACKEND = _backend()

# The guard in each stack's table: never preferred, and no look-up falls through to other tables.
UNREACHABLE_METRIC = 4278198272
GUARDS = [4, 6] if BACKEND == "vrf" else []
# The table main, which is also that of a stack that is a network namespace.
MAIN = 254
# What netstackd marks its own addresses, neighbours and guards with.
PROTO = 78

# A user-mode Linux on a busy machine: long enough not to fail for nothing. Waits end as soon as
# their condition holds.
TIMEOUT = 20
# How many times longer all of it may take: QEMU without hardware virtualisation is that slow.
SLOWNESS = 5 if os.environ.get("LAB_KERNEL") == "qemu" else 1


def only_on(backend):
    """A mark for tests that are about one backend."""
    import pytest  # pylint: disable=import-outside-toplevel  # the demo does without

    return pytest.mark.skipif(BACKEND != backend, reason=f"is about the backend {backend}")


def needs_links(what):
    """A mark for tests that are about links which not every kernel can make, see POSSIBLE."""
    import pytest  # pylint: disable=import-outside-toplevel

    return pytest.mark.skipif(not POSSIBLE, reason=f"is about {what}")


# ---- links that the kernel can make -------------------------------------------------------------

_PROBES = {
    "links": "ip link add probe0 type dummy && ip link add link probe0 name probe1 type vlan id 1",
    "netem": "ip link set lo up && tc qdisc add dev lo root netem delay 1ms",
}


@functools.lru_cache(maxsize=None)
def kernel_has(what):
    """Can the kernel make links of the kinds dummy and vlan ('links'), can it delay ('netem')?"""
    command = ["unshare", "-n", "sh", "-c", _PROBES[what]]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


# Where the kernel has neither 802.1Q nor dummy links, as where the lab runs natively, other links
# stand for them: for VLAN 10 on `trunk` a macvlan on the port `trunk-10`, for a dummy a macvlan on
# the port `spare`. NETSTACK_LINKS=other in the environment: everywhere.
POSSIBLE = os.environ.get("NETSTACK_LINKS") != "other" and kernel_has("links")

SPARE = "spare"


def port_of(parent, vlan):
    """The port that stands for a VLAN on a trunk."""
    return f"{parent}-{vlan}"


def trunk_port(parent, vlan):
    """What a VLAN on a trunk is on: the trunk, or the port that stands for the VLAN."""
    return parent if POSSIBLE else port_of(parent, vlan)


def kind_of(kind):
    """What a link that the configuration calls a "dummy" or a "vlan" is in the kernel."""
    return kind if POSSIBLE else "macvlan"


def as_possible(text):
    """Configuration, with such links as the kernel can make."""
    if POSSIBLE:
        return text
    text = re.sub(
        r"\blink vlan (\d+) parent (\S+)",
        lambda link: f"link macvlan parent {port_of(link.group(2), link.group(1))}",
        text,
    )
    return re.sub(r"\blink dummy\b", f"link macvlan parent {SPARE}", text)


def read_conf(path):
    """The configuration in a file, with such links as the kernel can make."""
    with open(path, encoding="utf-8") as conf:
        return as_possible(conf.read())


def make_link(name, options=""):
    """
    The command line that makes a link which is nobody's: a dummy, or an end of a veth pair, of
    which the other goes with it.
    """
    if POSSIBLE:
        return f"ip link add {name} {options} type dummy"
    return (
        f"ip link add {name} {options} type veth peer name {name}-end"
        f" && ip link set {name}-end up"
    )


# Shell that makes what as_possible() needs in a router, but for the ports that stand for VLANs.
LINKS_SCRIPT = (
    "true"
    if POSSIBLE
    else f"ip link add {SPARE} mtu 9000 type veth peer name {SPARE}-end mtu 9000"
    f" && ip link set {SPARE} up && ip link set {SPARE}-end up"
)


# ---- topology -----------------------------------------------------------------------------------


@contextlib.contextmanager
def topology(build, request):
    """For a file's fixture: the network that build(tgen) makes, until the file's tests are over."""
    # pylint: disable=import-outside-toplevel,import-error
    from lib.topogen import Topogen  # is there in a test only; this module serves the demo too

    tgen = Topogen(build, request.module.__name__)
    tgen.start_topology()
    try:
        yield tgen
    finally:
        tgen.stop_topology()


@contextlib.contextmanager
def router_r1(build, request, conf="frr.conf"):
    """
    Such a network, of which r1 is the only router; r1, which runs FRR with r1/frr.conf, or another
    file beside the test.
    """
    folder = os.path.dirname(request.module.__file__)
    with topology(build, request) as tgen:
        router = tgen.gears["r1"]
        sh(router, LINKS_SCRIPT)
        load_conf(router, os.path.join(folder, "r1" if conf == "frr.conf" else "", conf))
        tgen.start_router()
        yield router


def load_conf(router, path, daemons=None):
    """
    Has a router's daemons read this configuration when they start: those that the library finds in
    it, or these, as TopoRouter names them.
    """
    possible = f"/tmp/{router.name}-possible.conf"
    with open(possible, "w", encoding="utf-8") as file:
        file.write(read_conf(path))
    router.load_frr_config(possible, daemons)


def add_port(tgen, router, ifname, vlans=()):
    """A port of a router, on a switch of its own, `s-IFNAME`, with these VLANs."""
    for name in [ifname] + [port_of(ifname, vlan) for vlan in vlans if not POSSIBLE]:
        # the library allows for one link between a switch and a router
        switch = tgen.add_switch(f"s-{name}")
        tgen.add_link(switch, router, f"s-{name}0", name)


def add_peer(tgen, port, addresses, vlan=None, mac=None):
    """Somebody else on the switch of that port, or in a VLAN there."""
    switch, name = f"s-{port}", f"p-{port}"
    if vlan:
        name = f"p-{port_of(port, vlan)}"
        switch = switch if POSSIBLE else f"s-{port_of(port, vlan)}"
    tgen.net.add_host(name)
    tgen.net.add_link(switch, name, f"{switch}-{vlan or 0}p", "eth0")
    ifname, lines = "eth0", []
    if vlan and POSSIBLE:
        ifname = f"v{vlan}"
        lines.append(f"link add link eth0 name {ifname} type vlan id {vlan}")
    lines.append(f"link set {ifname} {f'address {mac}' if mac else ''} up")
    for address in addresses:
        lines.append(f"addr add {address} dev {ifname} {'nodad' if ':' in address else ''}")
    status, out, err = tgen.net[name].cmd_status(["ip", "-batch", "-"], stdin="\n".join(lines))
    assert status == 0, f"{name}: {out}{err}"


# ---- running and waiting ------------------------------------------------------------------------


class Local:
    """
    The machine that the test runs on, where a TopoRouter would be expected.

    For tests of FRR as it is installed, under watchfrr, and not in a router of the library's.
    """

    name = "local"

    class _Net:
        @staticmethod
        def cmd_status(command, **kwargs):
            kwargs.pop("warn", None)
            stdin = kwargs.pop("stdin", None)
            result = subprocess.run(
                command,
                shell=isinstance(command, str),
                executable="/bin/bash" if isinstance(command, str) else None,
                input=stdin,
                stdin=None if stdin is not None else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=kwargs.get("stderr", subprocess.PIPE),
                text=True,
                check=False,
            )
            return result.returncode, result.stdout, result.stderr

        @staticmethod
        def popen(command, **kwargs):
            return subprocess.Popen(
                command,
                shell=isinstance(command, str),
                executable="/bin/bash" if isinstance(command, str) else None,
                text=True,
                **kwargs,
            )

    net = _Net()

    def popen(self, command, **kwargs):
        return self.net.popen(command, **kwargs)


def sh_status(node, command, stdin=None):
    """Runs a command (a list, or a string for bash) on a node; its exit status and output."""
    kwargs = {"stdin": stdin} if stdin is not None else {}
    status, out, _ = node.net.cmd_status(
        command, warn=False, stderr=subprocess.STDOUT, **kwargs
    )
    return status, out or ""


def sh(node, command, stdin=None):
    """Runs a command that has to succeed; its output."""
    status, out = sh_status(node, command, stdin)
    assert status == 0, f"{node.name}: {command!r} exits with {status}: {out}"
    return out


def wait_for(what, probe, timeout=TIMEOUT, interval=0.1):
    """
    Waits until probe() returns None, the sign that all is well; anything else that it returns is
    what it saw instead, and is in the message when the time is over. So is what it looked up in vain:
    a link that moves is in neither of two namespaces that are looked at one after the other. Returns
    the seconds it took. The time is more on a kernel that is known to be slow.
    """
    timeout *= SLOWNESS
    start = time.monotonic()
    while True:
        looked = time.monotonic()
        try:
            seen = probe()
        except KeyError as missing:
            seen = f"there is no {missing}"
        if seen is None:
            return looked - start
        # what counts is when the look began: it may have taken long itself
        assert looked - start < timeout, (
            f"{what}: not within {timeout} s. Seen instead: "
            f"{seen if isinstance(seen, str) else json.dumps(seen, indent=1, default=str)}"
        )
        time.sleep(interval)


def stays(what, probe, seconds):
    """The opposite of wait_for: probe() has to go on returning None for so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = probe()
        assert seen is None, f"{what}: {seen}"
        time.sleep(0.2)


def differs(want, have):
    """None if equal, else both, for wait_for()."""
    return None if want == have else {"expected": want, "seen": have}


# ---- vtysh --------------------------------------------------------------------------------------


def vtysh_status(router, *commands):
    """Runs commands in one vtysh; its exit status and output."""
    arguments = ["vtysh"]
    for command in commands:
        arguments += ["-c", command]
    return sh_status(router, arguments)


def vtysh(router, *commands):
    """Runs commands in one vtysh. They have to succeed. The output."""
    status, out = vtysh_status(router, *commands)
    assert status == 0 and not re.search(r"^% ", out, re.M), (
        f"{router.name}: vtysh, {commands!r}: status {status}: {out}"
    )
    return out


def lines_of(text):
    """The lines of a configuration, without comments and blank lines."""
    return [
        line.rstrip()
        for line in text.splitlines()
        if line.strip() and not line.strip().startswith("!")
    ]


def configure(router, text):
    """Types configuration lines, each its own transaction, as an operator does. None may fail."""
    return vtysh(router, "configure terminal", *typed(text))


def typed(text):
    """The lines as they are typed, with such links as the kernel can make."""
    return [line.strip() for line in lines_of(as_possible(text))]


def configure_file(router, text):
    """Reads configuration with `vtysh -f`. None of it may fail."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as conf:
        conf.write(as_possible(text))
    os.chmod(conf.name, 0o644)
    status, out = sh_status(router, ["vtysh", "-f", conf.name])
    os.unlink(conf.name)
    assert status == 0 and not re.search(r"^(line \d+: )?% |Failed|failed", out, re.M), (
        f"{router.name}: vtysh -f: status {status}: {out}\n{text}"
    )


def refused(router, text):
    """Types lines of which the last has to be refused; what vtysh said to it."""
    _, out = vtysh_status(
        router, "configure terminal", *typed(text)
    )
    errors = [line for line in out.splitlines() if line.strip()]
    assert errors and errors[0].startswith("% "), (
        f"{router.name}: should have been refused:\n{text}\nvtysh said: {out!r}"
    )
    return out


def show_json(router, command):
    """Runs `COMMAND json`, which has to give JSON; the object."""
    out = vtysh(router, f"{command} json")
    try:
        return json.loads(out)
    except ValueError as error:
        raise AssertionError(f"{router.name}: {command} json: {error}: {out}") from error


def running_config(router):
    """netstackd's part of `show running-config`: each stack's block, and the global lines."""
    out = vtysh(router, "show running-config")
    blocks = []
    inside = False
    for line in out.splitlines():
        if re.match(r"(no )?netstack", line):
            inside = not line.startswith("netstack-global")
            blocks.append(line)
        elif inside and line.startswith((" ", "exit")):
            blocks.append(line)
            inside = line != "exit"
        else:
            inside = False
    return "\n".join(blocks) + "\n" if blocks else ""


def stack_states(router, names=None):
    """{name: state, with the reason if there is one}."""
    shown = show_json(router, "show netstack")
    return {
        name: (shown[name]["state"] + ": " + shown[name]["reason"]).rstrip(": ")
        if name in shown
        else "(not shown)"
        for name in (names if names is not None else shown)
    }


def wait_state(router, states, timeout=TIMEOUT):
    """Waits until the stacks are in the states given: {name: state}."""

    def probe():
        seen = stack_states(router, states)
        wrong = {
            name: seen[name] for name in states if seen[name].split(":")[0] != states[name]
        }
        return {"expected": states, "seen": wrong} if wrong else None

    return wait_for(f"{router.name}: state of {', '.join(states)}", probe, timeout)


def wait_up(router, *names, timeout=TIMEOUT):
    """Waits until these stacks are up."""
    return wait_state(router, {name: "up" for name in names}, timeout)


# ---- the kernel ---------------------------------------------------------------------------------

# One process for all of it. With `table all` routes of both families are shown.
_LOOK = ("addr show", "route show table all", "neigh show nud all", "rule show")


class Space:
    """What the kernel has in one network namespace: a router's own, or `netns` of those in there."""

    def __init__(self, router, netns=None):
        command = ["ip", *(["-n", netns] if netns else []), "-j", "-d", "-batch", "-"]
        documents = None

        def look():
            nonlocal documents
            documents = self._documents(sh(router, command, stdin="\n".join(_LOOK) + "\n"))
            return "one that is cut short" if documents is None else None

        wait_for(f"{router.name}: {command}: a whole dump", look, interval=0.01)
        links, self.all_routes, self.neigh, self.rules = documents
        self.links = {link["ifname"]: link for link in links if link}
        # the same number: the same namespace, and not another of the same name
        self.inode = sh(router, f"stat -L -c %i /run/netns/{netns}").strip() if netns else None

    @staticmethod
    def _documents(text):
        """What `ip` printed; None if a dump was cut short, as when links vanish in the middle of it."""
        documents = []
        decoder = json.JSONDecoder()
        text = text.strip()
        try:
            while text:
                document, end = decoder.raw_decode(text)
                documents.append(document)
                text = text[end:].lstrip()
        except json.JSONDecodeError:
            return None
        return documents if len(documents) == len(_LOOK) else None


class Kernel:
    """
    What a router's kernel has, from one look at it: `links` and `neigh` of all stacks, and the
    routes of each.

    Each link says by "stack" what stack it is in; None: in none. The loopback interfaces of network
    namespaces are not in `links`, as they have all the same name, but in `spaces`.
    """

    def __init__(self, router):
        outside = Space(router)
        self.spaces = {None: outside, **spaces_of(router)}
        self.links = dict(outside.links)
        self.neigh = list(outside.neigh)
        self.rules = outside.rules
        for link in self.links.values():
            master = link.get("master")
            link["stack"] = master if master in self.links and self.kind(master) == "vrf" else None
        for stack, space in self.spaces.items():
            if stack is None:
                continue
            self.neigh += [neigh for neigh in space.neigh if neigh["dev"] != "lo"]
            for name, link in space.links.items():
                link["stack"] = stack
                if name != "lo":
                    self.links[name] = link

    def kind(self, ifname):
        return self.links[ifname].get("linkinfo", {}).get("info_kind")

    def data(self, ifname):
        return self.links[ifname].get("linkinfo", {}).get("info_data", {})

    def parent(self, ifname):
        """The link that this one is on, which may be in the router's own namespace."""
        link = self.links[ifname]
        if "link" in link or self.kind(ifname) not in ("macvlan", "vlan"):
            return link.get("link")
        found = [
            name
            for name, other in self.spaces[None].links.items()
            if other["ifindex"] == link["link_index"]
        ]
        return found[0] if found else None

    def vrfs(self):
        """{VRF device: table}"""
        return {
            name: int(self.data(name)["table"])
            for name in self.links
            if self.kind(name) == "vrf"
        }

    def stacks(self):
        """{stack, by the name of its VRF: table}, those of others too"""
        if BACKEND == "netns":
            return {stack: MAIN for stack in self.spaces if stack}
        return self.vrfs()

    def members(self, stack):
        """Names of the interfaces in a stack."""
        return sorted(name for name, link in self.links.items() if link["stack"] == stack)

    def addresses(self, ifname, link_local=False):
        """Addresses of an interface, as 10.0.0.1/24."""
        return sorted(
            f"{info['local']}/{info['prefixlen']}"
            for info in self.links[ifname]["addr_info"]
            if link_local or not info["local"].startswith("fe80:")
        )

    def in_table(self, table, family, everything=False, space=None):
        """
        The routes of a table, as `ip route show vrf` lists them; with `everything` also those
        that the kernel makes for addresses. `space`: of the namespace of this stack.
        """
        return [
            route
            for route in self.spaces[space].all_routes
            if route["table"] == {MAIN: "main", 255: "local"}.get(table, str(table))
            and family_of(route) == family
            and (
                everything
                or route.get("type", "unicast") not in ("local", "broadcast", "multicast", "anycast")
            )
        ]


class StackView:
    """One stack as the kernel has it, whatever the backend."""

    def __init__(self, kernel, name):
        self.kernel = kernel
        self.name = name
        self.members = kernel.members(name)
        self.table = kernel.stacks()[name]
        self._space = name if BACKEND == "netns" else None

    def is_up(self):
        """The VRF device, or the namespace's loopback interface."""
        link = self.kernel.spaces[self._space].links["lo" if self._space else self.name]
        return "UP" in link["flags"]

    def link(self, ifname):
        """How the interface is made, as in the configuration: "link vlan 10 parent trunk"."""
        kind = self.kernel.kind(ifname)
        if kind not in ("vlan", "macvlan"):
            return f"link {kind}"
        number = f" {self.kernel.data(ifname)['id']}" if kind == "vlan" else ""
        return f"link {kind}{number} parent {self.kernel.parent(ifname)}"

    def addresses(self, link_local=False):
        """{interface: addresses}"""
        return {name: self.kernel.addresses(name, link_local) for name in self.members}

    def routes(self, family, everything=False):
        return self.kernel.in_table(self.table, family, everything, self._space)

    def next_hops(self, destination, family=4):
        """
        How the stack reaches a destination ("default", "10.0.0.0/8"), guards left out: sorted
        gateways ("10.0.0.1"), or the type of a route that has none ("blackhole"). Empty: no way.
        """
        found = []
        for route in self.routes(family):
            if route["dst"] != destination or is_guard(route):
                continue
            hops = route.get("nexthops", [route])
            for hop in hops:
                via = hop.get("gateway") or hop.get("via", {}).get("host")
                found.append(via or route.get("type", "unicast"))
        return sorted(found)

    def guards(self):
        """
        Families that have their unreachable default: GUARDS, if all is well. A namespace has one
        table, and needs none.
        """
        return [f for f in (4, 6) if any(is_guard(route) for route in self.routes(f))]

    def neighbors(self, permanent=None):
        """{(interface, address): MAC}, without those that every link has for multicast."""
        return {
            (neigh["dev"], neigh["dst"]): neigh.get("lladdr")
            for neigh in self.kernel.neigh
            if neigh["dev"] in self.members
            and "NOARP" not in neigh["state"]
            and (permanent is None or permanent == ("PERMANENT" in neigh["state"]))
        }


def namespaces(router):
    """
    The named namespaces of a router, which are its stacks on that backend. One whose name goes has a name
    without a namespace for a moment, which ip(8) says on its standard error.
    """
    return [line.split()[0] for line in sh(router, "ip netns list 2> /dev/null").splitlines()]


def spaces_of(router):
    """{name: Space} of the network namespaces that are stacks, or may be."""
    names = namespaces(router) if BACKEND == "netns" else []
    spaces = {name: _space_of(router, name) for name in names}
    return {name: space for name, space in spaces.items() if space}


def _space_of(router, netns):
    """None: it is gone."""
    found = []

    def look():
        try:
            found.append(Space(router, netns))
        except AssertionError as error:
            if netns in namespaces(router):
                return str(error)
            found.append(None)
        return None

    wait_for(f"{router.name}: {netns} can be looked into, or is gone", look, interval=0.01)
    return found[0]


def family_of(route):
    """4 or 6; `ip` shows a preference with all routes of IPv6 and with none of IPv4."""
    return 6 if "pref" in route else 4


def is_guard(route):
    """Is it the unreachable default that keeps look-ups from falling through to other tables?"""
    return (
        route.get("type") == "unreachable"
        and route["dst"] == "default"
        and route.get("metric") == UNREACHABLE_METRIC
    )


def look(router, *stacks):
    """
    One look at the kernel: {stack: StackView}; None for one that the kernel does not have. A
    stack is named by its VRF.
    """
    kernel = Kernel(router)
    have = kernel.stacks()
    return {stack: StackView(kernel, stack) if stack in have else None for stack in stacks}


def inside(stack, command):
    """The command line that runs a command inside a stack, without the help of our own tool."""
    if BACKEND == "netns":
        return f"ip netns exec {stack} {command}"
    return f"ip vrf exec {stack} {command}"


def at(stack, command):
    """
    The command line that runs a command where the links and settings of a stack are: in its
    network namespace, or in the router's own.
    """
    return f"ip netns exec {stack} {command}" if BACKEND == "netns" else command


def ip_in(stack, what):
    """`ip WHAT` for one stack: ip_in("blue", "route show") is ip route show vrf blue."""
    if BACKEND == "netns":
        return f"ip -n {stack} {what}"
    return f"ip {what} vrf {stack}"


def ip_at(stack, what):
    """`ip WHAT` for a link of a stack: ip_at("blue", "addr flush dev blue0")."""
    return f"ip -n {stack} {what}" if BACKEND == "netns" else f"ip {what}"


def delete_stack(stack):
    """The command line by which somebody takes a stack out of the kernel."""
    return f"ip netns del {stack}" if BACKEND == "netns" else f"ip link del {stack}"


def route_get(stack, target):
    """The command line that asks the kernel for a stack's way to a target."""
    if BACKEND == "netns":
        return f"ip -n {stack} route get {target}"
    return f"ip route get vrf {stack} {target}"


def snapshot(router):
    """
    Everything of a router's kernel that a configuration can change, in a form to be compared: for
    'nothing is left behind' and 'nothing changed'. Counters, times and the state of dynamic
    neighbours are no part of it, nor are IPv6 routes that come when duplicate address detection is
    over: link-local and multicast ones, and those to the router's own addresses.
    """
    kernel = Kernel(router)
    links = {}
    for name, link in kernel.links.items():
        links[name] = {
            "ifindex": link["ifindex"],
            "master": link.get("master", ""),
            "stack": link["stack"],
            "parent": kernel.parent(name),
            "kind": kernel.kind(name) or "",
            "data": kernel.data(name) if kernel.kind(name) in ("vrf", "vlan", "macvlan") else "",
            "mac": link.get("address", ""),
            "mtu": link["mtu"],
            "up": "UP" in link["flags"],
            "addresses": kernel.addresses(name),
        }

    def plain(route):
        kept = {
            key: value
            for key, value in route.items()
            if key in ("type", "dst", "gateway", "via", "dev", "table", "protocol", "metric")
        }
        if "nexthops" in route:
            kept["nexthops"] = sorted(
                (str(hop.get("gateway")), hop.get("dev", "")) for hop in route["nexthops"]
            )
        return json.dumps(kept, sort_keys=True)

    def of(stack):
        return f"{stack}: " if stack else ""

    def is_lasting(route):
        is_own = route.get("type") in ("local", "anycast") and family_of(route) == 6
        is_late = is_own or route["dst"].startswith(("fe80:", "ff00:"))
        return not is_late and route.get("protocol") != "ra"

    return {
        "links": links,
        "namespaces": {
            stack: [space.inode, "UP" in space.links["lo"]["flags"]]
            for stack, space in kernel.spaces.items()
            if stack
        },
        "routes": sorted(
            of(stack) + plain(route)
            for stack, space in kernel.spaces.items()
            for route in space.all_routes
            if is_lasting(route)
        ),
        "neighbors": sorted(
            f"{neigh['dev']} {neigh['dst']} {neigh.get('lladdr')}"
            for neigh in kernel.neigh
            if "PERMANENT" in neigh["state"]
        ),
        # the kernel itself makes the l3mdev rule with the first VRF, and keeps it
        "rules": [
            rule
            for rule in kernel.rules + json.loads(sh(router, ["ip", "-6", "-j", "rule"]))
            if "l3mdev" not in rule
        ],
    }


def difference(before, after):
    """What differs between two snapshots, for people; None if nothing does."""
    wrong = []
    for part in before:
        if before[part] == after[part]:
            continue
        if isinstance(before[part], dict):
            for key in sorted(set(before[part]) | set(after[part])):
                if before[part].get(key) != after[part].get(key):
                    wrong.append(f"{part} {key}: {before[part].get(key)} -> {after[part].get(key)}")
        else:
            wrong += [f"{part}: gone: {item}" for item in before[part] if item not in after[part]]
            wrong += [f"{part}: new: {item}" for item in after[part] if item not in before[part]]
            if not wrong:
                wrong.append(f"{part}: {before[part]} -> {after[part]}")
    return "\n".join(wrong) or None


# ---- waiting for the kernel ---------------------------------------------------------------------


def wait_gone(router, vrf):
    """Waits until there is no such stack in the kernel."""
    wait_for(f"{vrf} is gone", lambda: differs(None, look(router, vrf)[vrf]))


def wait_as_before(router, before, what="the kernel is as it was", timeout=TIMEOUT):
    """Waits until a snapshot is the same as an earlier one."""
    wait_for(what, lambda: difference(before, snapshot(router)), timeout)


def wait_address(router, stack, ifname, address):
    """Waits until an interface of a stack has this address, perhaps among others."""

    def probe():
        view = look(router, stack)[stack]
        have = view.addresses().get(ifname) if view else None
        return None if have and address in have else (have or "no such interface")

    wait_for(f"{ifname} has {address}", probe)


def wait_next_hops(router, vrf, hops, destination="default", family=4):
    """Waits until a stack has these and no other ways to a destination."""

    def probe():
        view = look(router, vrf)[vrf]
        return differs(hops, view and view.next_hops(destination, family))

    wait_for(f"{vrf}: {destination}, IPv{family}, by {hops or 'nobody'}", probe)


def wait_answer(router, stack, address):
    """Waits until a ping from inside a stack is answered."""

    def probe():
        status, out = sh_status(router, inside(stack, f"ping -c1 -W1 {address}"))
        return None if status == 0 else out

    wait_for(f"{stack}: an answer from {address}", probe)


# ---- daemons ------------------------------------------------------------------------------------


def pid_of(router, daemon="netstackd"):
    """The daemon's process id, as the router's PID file has it."""
    return int(sh(router, f"cat /var/run/frr/{daemon}.pid"))


def kill(router, daemon, signal="KILL"):
    """Ends a daemon and waits until it has."""
    pid = pid_of(router, daemon)
    sh(router, f"kill -{signal} {pid}")
    wait_for(f"{daemon} is dead", lambda: "still there" if alive(pid) else None, timeout=30)


def alive(pid):
    """Is there such a process, and no zombie?"""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Notifications:
    """The YANG notifications of netstackd since this was made, by its debugging log."""

    def __init__(self, router):
        self.router = router
        vtysh(router, "debug northbound notifications")
        self.before = len(self.all())

    def all(self):
        """Their names, of all times."""
        pattern = r"northbound notification: /frr-netstack:(\S+)$"
        return re.findall(pattern, log_of(self.router), re.M)

    def names(self):
        """Their names, since then."""
        return self.all()[self.before :]


def log_of(router, daemon="netstackd"):
    """The daemon's log up to now."""
    path = os.path.join(router.gearlogdir, f"{daemon}.log")
    with open(path, encoding="utf-8", errors="replace") as log:
        return log.read()
