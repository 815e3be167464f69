# SPDX-License-Identifier: GPL-2.0-or-later
"""
Two routers with two stacks each, for the tests of routing protocols in stacks.

    r1 [red up1] ------ [up1 red] r2
       [blue up2] ----- [up2 blue]

red and blue use the very same subnets on the links, and r2 has something behind each of them that
the other has not: a packet, or a route, that ends up in the wrong stack is noticed.

r1 is what is tested; r2 is there all the time. A test says what makes up a protocol's instance
(Protocol), and this module has the ways in which stacks, instances and daemons come and go.
"""

import contextlib
import re

import netstack_monitor_lib as monitor
import netstack_util as util

NAMES = ("red", "blue")
PORTS = {"red": "up1", "blue": "up2"}
# What r2 has behind a stack, {stack: {family: (prefix, address of r2 in it)}}; and what both have.
BEHIND = {
    "red": {4: ("10.50.0.0/24", "10.50.0.1"), 6: ("fd00:50::/64", "fd00:50::1")},
    "blue": {4: ("10.60.0.0/24", "10.60.0.1"), 6: ("fd00:60::/64", "fd00:60::1")},
}
R1 = {4: "10.1.0.1", 6: "fd00:1::1"}
R2 = {4: "10.1.0.2", 6: "fd00:1::2"}
FAMILIES = (4, 6)
# Neighbours find each other again, after a dead interval at worst.
CONVERGED = 60


def build(tgen):
    r1, r2 = tgen.add_router("r1"), tgen.add_router("r2")
    for port in PORTS.values():
        util.add_port(tgen, r1, port)
        tgen.add_link(tgen.gears[f"s-{port}"], r2, f"s-{port}1", port)


@contextlib.contextmanager
def running(request, daemons):
    """The network with FRR on both routers, and these daemons (TopoRouter.RD_…) beside zebra."""
    # pylint: disable=import-outside-toplevel,import-error
    from lib.topogen import TopoRouter

    with util.topology(build, request) as tgen:
        for router in ("r1", "r2"):
            tgen.gears[router].load_frr_config(
                "frr.conf", [(daemon, "") for daemon in [TopoRouter.RD_ZEBRA, *daemons]]
            )
        tgen.start_router()
        util.wait_up(tgen.gears["r2"], *NAMES, timeout=CONVERGED)
        yield tgen


def stack_lines(name):
    """A stack of r1, as it is in r1/frr.conf."""
    return f"""
netstack {name}
 interface {PORTS[name]}
  address {R1[4]}/24
  address {R1[6]}/64
 exit
exit
"""


# ---- routes -------------------------------------------------------------------------------------


def gateways_to(router, name, destination):
    """How a stack reaches a prefix; None: there is no such stack."""
    view = util.look(router, name)[name]
    return view and view.next_hops(destination, 6 if ":" in destination else 4)


def seen_routes(router, name):
    """{prefix: is there a way to it} of all that r2 has behind its stacks."""
    view = util.look(router, name)[name]
    return {
        prefix: bool(view and view.next_hops(prefix, family))
        for behind in BEHIND.values()
        for family, (prefix, _) in behind.items()
    }


def wanted_routes(name):
    return {
        prefix: other == name
        for other, behind in BEHIND.items()
        for prefix, _ in behind.values()
    }


def wait_learned(router, *names):
    """What is behind a stack is reached through it, in both families, and nothing else is."""
    for name in names:
        util.wait_for(
            f"{router.name}: {name} has learned its routes and no others",
            lambda name=name: util.differs(wanted_routes(name), seen_routes(router, name)),
            CONVERGED,
        )
        for family in FAMILIES:
            util.wait_answer(router, name, BEHIND[name][family][1])


# ---- daemons ------------------------------------------------------------------------------------


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def kill(router, daemon, signal="KILL"):
    """Ends a daemon and waits until it has."""
    pid = util.pid_of(router, daemon)
    util.sh(router, f"kill -{signal} {pid}")
    util.wait_for(
        f"{daemon} is dead", lambda: "still there" if is_alive(pid) else None, timeout=30
    )


def start(router, *daemons):
    """Starts daemons and gives them their configuration, as FRR's scripts do."""
    result = router.startDaemons(list(daemons))
    assert result == "", result
    only = f" -d {daemons[0]}" if len(daemons) == 1 else ""
    status, out = util.sh_status(router, "vtysh -b" + only)
    assert status == 0, out


def restart(router, daemon):
    kill(router, daemon)
    start(router, daemon)


def all_but_zebra(router):
    return [name for name, on in router.net.daemons.items() if on == 1 and name != "zebra"]


def bring_zebra_back(router):
    """
    After zebra has died. As watchfrr does it: all others are stopped and started too. FRR 10.3's
    daemons do not tell a new zebra what they have in other VRFs than the default one.
    """
    others = all_but_zebra(router)
    for daemon in others:
        kill(router, daemon, "TERM")
    start(router, "zebra", *others)


def save(router):
    """For daemons that are restarted; each keeps its own log, which the library has set."""
    util.vtysh(router, "write memory")
    path = "/etc/frr/frr.conf"
    lines = util.sh(router, f"cat {path}").splitlines(True)
    util.sh(
        router,
        f"cat > {path}",
        stdin="".join(line for line in lines if not line.startswith("log ")),
    )


# ---- gateways -----------------------------------------------------------------------------------


def gateway(router, name, address):
    """A configured gateway as shown in JSON: (state, reason); None: it is not shown."""
    for entry in util.show_json(router, f"show netstack {name} gateway")["gateways"]:
        if entry["configured"] and entry["address"] == address:
            return entry["state"], entry["reason"]
    return None


def wait_gateway(router, name, address, state, reason):
    """Waits until a configured gateway is in this state for a reason (a pattern); the text says so too."""

    def probe():
        seen = gateway(router, name, address)
        if seen and seen[0] == state and re.fullmatch(reason, seen[1]):
            return None
        return {"expected": (state, reason), "seen": seen}

    util.wait_for(f"{router.name}: gateway {address} of {name} is {state}", probe, CONVERGED)
    text = util.vtysh(router, f"show netstack {name} gateway")
    lines = [line.rstrip() for line in text.splitlines() if line.split()[:1] == [address]]
    # another protocol may have one by the same address
    assert [bool(re.search(rf" {state} +- *{reason}$", line)) for line in lines].count(True) == 1, text


def learned_gateways(router, name):
    """What is shown of defaults that are not configured: [(address, interface, protocol, distance)]."""
    shown = util.show_json(router, f"show netstack {name} gateway")["gateways"]
    assert all(entry["state"] == "active" for entry in shown if not entry["configured"]), shown
    return [
        (entry["address"], entry["interface"], entry["protocol"], entry.get("distance"))
        for entry in shown
        if not entry["configured"]
    ]


def wait_learned_gateway(router, name, protocol, distance, hops):
    """Waits until this default of a protocol, and no other, is shown: in JSON, in text, and in the line."""
    want = [(hop, PORTS[name], protocol, distance) for hop in hops]
    util.wait_for(
        f"{router.name}: defaults of {name} that are shown as learned: {want}",
        lambda: util.differs(want, learned_gateways(router, name)),
        CONVERGED,
    )
    text = util.vtysh(router, f"show netstack {name} gateway")
    line = util.vtysh(router, f"show netstack {name}")
    detail = util.vtysh(router, f"show netstack {name} detail")
    for hop, port, _, _ in want:
        row = rf"^{hop} +{port} +{distance} +active +- +route of {protocol}$"
        assert re.search(row, text, re.M), text
        assert f" {hop} active" in line, line
        said = f"  Gateway {hop} on {port}, distance {distance}, is active: route of {protocol}"
        assert said in detail.splitlines(), detail


# ---- what every protocol has to do --------------------------------------------------------------


class Protocol:
    """A routing protocol in stacks."""

    name = ""  # as the kernel's table has it
    names = {}  # {family: as FRR has it}
    distance = 0  # of what it learns here
    next_hop = {}  # {family: how the next hop of what it learns begins}

    def instance(self, name):
        """Lines that make its instance in a stack of r1."""
        raise NotImplementedError

    def no_instance(self, name):
        """Lines that remove it."""
        raise NotImplementedError

    def default(self, name, family, on):
        """Lines for r2: it announces a default in a stack, or no longer does."""
        raise NotImplementedError

    def behind(self, name, on):
        """Lines for r2: it announces what it has behind a stack, or no longer does."""
        raise NotImplementedError

    def is_up(self, router, name):
        """Are the sessions with r2, of both families, established?"""
        raise NotImplementedError

    def sessions(self, router, name):
        """Something that is another value once a session has been lost, or a neighbour."""
        raise NotImplementedError


def stack_first(router, protocol):
    """The stacks are there; then the instances come."""
    util.wait_up(router, *NAMES, timeout=CONVERGED)
    for name in NAMES:
        util.configure(router, protocol.instance(name))
    wait_learned(router, *NAMES)


def instance_first(router, protocol, name="red"):
    """The instance is configured while there is no such stack, nor anything of its name."""
    util.configure(router, protocol.no_instance(name) + f"\nno netstack {name}")
    util.wait_gone(router, name)
    util.configure(router, protocol.instance(name))
    util.configure(router, stack_lines(name))
    wait_learned(router, *NAMES)


def mixed_order(router, protocol, name="red"):
    """The stack, then the instance, then the interface that the stack is to have."""
    util.configure(router, protocol.no_instance(name) + f"\nno netstack {name}")
    util.wait_gone(router, name)
    util.configure(router, f"netstack {name}")
    util.configure(router, protocol.instance(name))
    util.configure(router, stack_lines(name))
    wait_learned(router, *NAMES)


def one_transaction(router, protocol, name="red"):
    """All of it from a file, the instance in front of the stack."""
    util.configure(router, protocol.no_instance(name) + f"\nno netstack {name}")
    util.wait_gone(router, name)
    util.configure_file(router, protocol.instance(name) + stack_lines(name))
    wait_learned(router, *NAMES)


def wait_sessions(router, protocol):
    """
    Waits until all sessions are up, and what they have brought is there. Routes alone prove nothing
    after a restart: they may be those from before.
    """
    for name in NAMES:
        util.wait_for(
            f"{router.name}: sessions of {name} are up",
            lambda name=name: None if protocol.is_up(router, name) else "not yet",
            CONVERGED,
        )
    wait_learned(router, *NAMES)


def same_sessions(router, protocol, before):
    """No session of these stacks was lost: {stack: what sessions() was}."""
    now = {name: protocol.sessions(router, name) for name in before}
    assert now == before, f"{router.name}: sessions were {before}, and are {now}"


def stack_made_again(router, protocol, times=3):
    """The stack goes and returns, the instance stays, and the other stack's notices nothing."""
    wait_sessions(router, protocol)
    other = protocol.sessions(router, "blue")
    for _ in range(times):
        util.configure(router, "no netstack red")
        util.wait_gone(router, "red")
        assert seen_routes(router, "blue") == wanted_routes("blue")
        util.configure(router, stack_lines("red"))
        wait_learned(router, *NAMES)
    same_sessions(router, protocol, {"blue": other})


def another_table(router, protocol):
    """Another table is another device: what was learned is learned again, into that."""
    wait_sessions(router, protocol)
    other = protocol.sessions(router, "blue")
    util.configure(router, "netstack red\ntable 4711")
    if util.BACKEND == "vrf":
        util.wait_for(
            "red has table 4711",
            lambda: util.differs(4711, (view := util.look(router, "red")["red"]) and view.table),
        )
    wait_learned(router, *NAMES)
    util.configure(router, "netstack red\nno table 4711")
    wait_learned(router, *NAMES)
    same_sessions(router, protocol, {"blue": other})


def netstackd_restarted(router, protocol):
    """No session is lost, and no route changes."""
    wait_sessions(router, protocol)
    save(router)
    before = {name: protocol.sessions(router, name) for name in NAMES}
    kernel = util.snapshot(router)
    restart(router, "netstackd")
    util.wait_up(router, *NAMES)
    wait_learned(router, *NAMES)
    same_sessions(router, protocol, before)
    assert util.difference(kernel, util.snapshot(router)) is None


def daemon_restarted(router, protocol, daemon):
    """The protocol's own: all is as it was in the end."""
    save(router)
    restart(router, daemon)
    wait_sessions(router, protocol)


def another_daemon_restarted(tgen, protocol, daemon):
    """
    staticd or mgmtd alone, of which neither the protocol nor netstackd is a client: sessions, gateways
    and routes stay as they are, and afterwards what is learned is followed, and what is typed is done,
    by netstackd and by staticd.
    """
    r1, r2 = tgen.gears["r1"], tgen.gears["r2"]
    # nobody has these addresses
    own, later = "10.1.0.3", "10.1.0.4"
    static, static_later = "10.80.0.0/16", "10.81.0.0/16"
    util.configure(
        r1,
        f"""
netstack red
 default-gateway {own}
exit
vrf red
 ip route {static} {R2[4]}
exit-vrf
""",
    )
    try:
        wait_gateway(r1, "red", own, "active", "")
        util.wait_next_hops(r1, "red", [R2[4]], static)
        wait_sessions(r1, protocol)
        save(r1)
        log = len(util.log_of(r1))
        before = {name: protocol.sessions(r1, name) for name in NAMES}
        kernel = util.snapshot(r1)
        with monitor.no_default_lost(r1, "red"):
            kill(r1, daemon)
            # a client's routes go with it: staticd's own alone
            util.wait_next_hops(r1, "red", [] if daemon == "staticd" else [R2[4]], static)
            util.wait_next_hops(r1, "red", [own])
            assert gateway(r1, "red", own) == ("active", "")
            start(r1, daemon)
            util.wait_as_before(r1, kernel)
        same_sessions(r1, protocol, before)
        assert gateway(r1, "red", own) == ("active", "")
        assert "netstack red: gateway" not in util.log_of(r1)[log:]

        util.configure(r2, protocol.behind("red", False))
        for family, (prefix, _) in BEHIND["red"].items():
            util.wait_next_hops(r1, "red", [], prefix, family)
        util.configure(r2, protocol.behind("red", True))
        wait_learned(r1, *NAMES)
        same_sessions(r1, protocol, before)

        util.configure(
            r1,
            f"""
netstack red
 default-gateway {later}
exit
vrf red
 ip route {static_later} {R2[4]}
 no ip route {static} {R2[4]}
exit-vrf
""",
        )
        util.wait_next_hops(r1, "red", [own, later])
        util.wait_next_hops(r1, "red", [R2[4]], static_later)
        util.wait_next_hops(r1, "red", [], static)
        util.configure(
            r1,
            f"""
netstack red
 no default-gateway {own}
exit
vrf red
 no ip route {static_later} {R2[4]}
exit-vrf
""",
        )
        util.wait_next_hops(r1, "red", [later])
        util.wait_next_hops(r1, "red", [], static_later)
        shown = util.vtysh(r1, "show running-config")
        assert f" default-gateway {later}" in shown and f"ip route {static}" not in shown, shown
    finally:
        util.configure(r2, protocol.behind("red", True))
        own_lines = re.findall(r"^ (default-gateway .*)", util.running_config(r1), re.M)
        util.configure(r1, "netstack red\n" + "\n".join(f"no {line}" for line in own_lines))
    util.wait_next_hops(r1, "red", [])
    save(r1)


def zebra_restarted(router, protocol):
    """All is as it was in the end."""
    save(router)
    kill(router, "zebra")
    bring_zebra_back(router)
    util.wait_up(router, *NAMES, timeout=CONVERGED)
    wait_sessions(router, protocol)


def made_again_while_zebra_is_away(router, protocol):
    """A stack that goes and returns while zebra is dead: what it is told then is not out of date."""
    save(router)
    kill(router, "zebra")
    util.configure(router, "no netstack red")
    util.configure(router, stack_lines("red"))
    bring_zebra_back(router)
    util.wait_up(router, *NAMES, timeout=CONVERGED)
    wait_sessions(router, protocol)


def default_by_distance(tgen, protocol, family):
    """
    A default that a protocol has learned, and `default-gateway`, by their distances: the one of the
    lower distance carries the traffic, and the other takes over when that goes.
    """
    r1, r2 = tgen.gears["r1"], tgen.gears["r2"]
    # nobody has this address: whom a packet is sent to is seen in the kernel's table
    gate = {4: "10.1.0.3", 6: "fd00:1::3"}[family]
    learned = protocol.next_hop[family]
    standby = ("standby", rf"{protocol.name} has a route of lower distance, via [0-9a-f:.]+")

    def wait_default(hop):
        """Only `hop` carries traffic, a link-local one is r2's own; and that is shown."""

        def probe():
            hops = util.look(r1, "red")["red"].next_hops("default", family)
            fits = len(hops) == 1 and hops[0].startswith(hop) and (hop == gate) == (hops[0] == gate)
            return None if fits else {"expected": hop, "seen": hops}

        util.wait_for(f"default, IPv{family}, by {hop}", probe, CONVERGED)
        hops = [] if hop == gate else util.look(r1, "red")["red"].next_hops("default", family)
        wait_learned_gateway(r1, "red", protocol.names[family], protocol.distance, hops)

    util.configure(r2, protocol.default("red", family, True))
    wait_default(learned)
    try:
        # farther away: it stands by, takes over, and stands by again
        util.configure(
            r1, f"netstack red\ndefault-gateway {gate} distance {protocol.distance + 1}"
        )
        wait_gateway(r1, "red", gate, *standby)
        wait_default(learned)
        util.configure(r2, protocol.default("red", family, False))
        wait_gateway(r1, "red", gate, "active", "")
        wait_default(gate)
        util.configure(r2, protocol.default("red", family, True))
        wait_gateway(r1, "red", gate, *standby)
        wait_default(learned)
        # nearer
        util.configure(
            r1, f"netstack red\ndefault-gateway {gate} distance {protocol.distance - 1}"
        )
        wait_gateway(r1, "red", gate, "active", "")
        wait_default(gate)
        util.configure(r1, f"netstack red\nno default-gateway {gate}")
        wait_default(learned)
        # it was all in red
        assert util.look(r1, "blue")["blue"].next_hops("default", family) == []
    finally:
        util.configure(r2, protocol.default("red", family, False))
    util.wait_next_hops(r1, "red", [], family=family)
    wait_learned_gateway(r1, "red", protocol.names[family], protocol.distance, [])


def default_of_staticd(r1):
    """
    The same with a default of staticd's. To zebra it is of the same kind as ours, and zebra does not
    say of either that the other has won.
    """
    own, other = "10.1.0.3", "10.1.0.2"
    on = f"vrf red\nip route 0.0.0.0/0 {other}\nexit-vrf"
    off = f"vrf red\nno ip route 0.0.0.0/0 {other}\nexit-vrf"
    standby = ("standby", f"static has a route of lower distance, via {other}")
    util.configure(r1, on)
    try:
        wait_learned_gateway(r1, "red", "static", 1, [other])
        util.configure(r1, f"netstack red\ndefault-gateway {own} distance 7")
        wait_gateway(r1, "red", own, *standby)
        util.configure(r1, off)
        wait_gateway(r1, "red", own, "active", "")
        wait_learned_gateway(r1, "red", "static", 1, [])
        util.wait_next_hops(r1, "red", [own])
        # and taken away again from one that is active
        util.configure(r1, on)
        wait_gateway(r1, "red", own, *standby)
        wait_learned_gateway(r1, "red", "static", 1, [other])
        util.wait_next_hops(r1, "red", [other])
        util.wait_up(r1, "red")
        # to the letter the same
        util.configure(r1, f"netstack red\ndefault-gateway {other}\nno default-gateway {own}")
        wait_gateway(r1, "red", other, "standby", "static has the same route")
        wait_learned_gateway(r1, "red", "static", 1, [other])
        util.wait_up(r1, "red")
    finally:
        util.configure(r1, off)
    wait_gateway(r1, "red", other, "active", "")
    wait_learned_gateway(r1, "red", "static", 1, [])
    util.configure(r1, f"netstack red\nno default-gateway {other}")
    util.wait_next_hops(r1, "red", [])


# ---- leaks --------------------------------------------------------------------------------------


def hops_to(router, name, prefix):
    """How a stack reaches a prefix: [(next hop, interface)]; interfaces can be another stack's."""
    view = util.look(router, name)[name]
    return [
        (hop.get("gateway"), hop.get("dev"))
        for route in view.routes(6 if ":" in prefix else 4)
        if route["dst"] == prefix
        for hop in route.get("nexthops", [route])
    ]


def learned_leaks(tgen, protocol, instance=True):
    """
    What a protocol has learned in one stack leaks into another, by the very next hop, and is followed
    when it is withdrawn and announced again; and, unless that takes too long, when the protocol's
    instance goes and returns.
    """
    r1, r2 = tgen.gears["r1"], tgen.gears["r2"]
    prefixes = [prefix for prefix, _ in BEHIND["red"].values()]
    nothing = {prefix: [] for prefix in prefixes}

    def wait_leaked(is_there):
        def probe():
            red = {prefix: hops_to(r1, "red", prefix) for prefix in prefixes}
            blue = {prefix: hops_to(r1, "blue", prefix) for prefix in prefixes}
            if not is_there:
                return util.differs([nothing, nothing], [red, blue])
            fits = all(
                len(hops) == 1
                and hops[0][0].startswith(protocol.next_hop[family])
                and hops[0][1] == PORTS["red"]
                for family, hops in zip(BEHIND["red"], red.values())
            )
            return None if fits and blue == red else {"red": red, "blue": blue}

        util.wait_for(f"what red has learned is {'' if is_there else 'not '}in blue", probe, CONVERGED)
        want = {prefix: "installed" for prefix in prefixes} if is_there else {}

        def is_shown():
            leak = util.show_json(r1, "show netstack isolation")["stacks"]["blue"]["leaks"][0]
            return util.differs(want, {route["prefix"]: route["state"] for route in leak["routes"]})

        util.wait_for("it is shown", is_shown)  # zebra tells when the kernel has it already
        # blue's own is as it was
        for prefix, _ in BEHIND["blue"].values():
            assert [dev for _, dev in hops_to(r1, "blue", prefix)] == [PORTS["blue"]], prefix

    wait_sessions(r1, protocol)
    util.configure(
        r1,
        f"""
ip prefix-list BEHIND seq 5 permit {prefixes[0]}
ipv6 prefix-list BEHIND seq 5 permit {prefixes[1]}
netstack blue
 leak from red prefix-list BEHIND
""",
    )
    try:
        wait_leaked(True)
        before = {name: protocol.sessions(r1, name) for name in NAMES}
        util.configure(r2, protocol.behind("red", False))
        wait_leaked(False)
        util.configure(r2, protocol.behind("red", True))
        wait_leaked(True)
        same_sessions(r1, protocol, before)
        if instance:
            util.configure(r1, protocol.no_instance("red"))
            wait_leaked(False)
            util.configure(r1, protocol.instance("red"))
            wait_leaked(True)
    finally:
        util.configure(
            r1,
            """
netstack blue
 no leak from red prefix-list BEHIND
exit
no ip prefix-list BEHIND
no ipv6 prefix-list BEHIND
""",
        )
        util.configure(r2, protocol.behind("red", True))
    wait_learned(r1, *NAMES)
