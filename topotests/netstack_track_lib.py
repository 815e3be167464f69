# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the tests of gateways have in common: a router with two ways out, `one` and `two`, and a
gateway at the far end of each that can fall silent without a link going down.
"""

import re
import time

import netstack_routing_lib as routing
import netstack_util as util

WAYS = ("one", "two")
# The router is .2, the gateway .1.
GATEWAYS = {
    4: {"one": "10.1.0.1", "two": "10.2.0.1"},
    6: {"one": "fd01::1", "two": "fd02::1"},
}
LINK_LOCAL = {"one": "fe80::1:1", "two": "fe80::2:1"}

STACK = """
netstack wan
 interface one
  address 10.1.0.2/24
  address fd01::2/64
 exit
 interface two
  address 10.2.0.2/24
  address fd02::2/64
 exit
exit
"""

# the gateways of each way, of both families
ONE = [GATEWAYS[family]["one"] for family in (4, 6)]
TWO = [GATEWAYS[family]["two"] for family in (4, 6)]

# One that is back has to answer for so many seconds.
HOLD = 3


def build(tgen):
    """r1 with the ports `one` and `two`, and p-one and p-two, which route for it."""
    router = tgen.add_router("r1")
    for way in WAYS:
        util.add_port(tgen, router, way)
        add_gateway(tgen, way)


def add_gateway(tgen, way):
    """The gateway at the far end of a way, p-WAY."""
    number = WAYS.index(way) + 1
    addresses = (GATEWAYS[4][way] + "/24", GATEWAYS[6][way] + "/64", LINK_LOCAL[way] + "/64")
    util.add_peer(tgen, way, addresses)
    node = tgen.net[f"p-{way}"]
    # what both ways lead to
    run(node, "ip link set lo up; ip addr add 10.99.0.1/32 dev lo; ip addr add fd99::1/128 dev lo")
    run(node, f"ip route add 10.{3 - number}.0.0/24 via 10.{number}.0.2")
    keep_addresses(tgen.net[f"p-{way}"])


def keep_addresses(node):
    run(node, "sysctl -qw net.ipv6.conf.all.keep_addr_on_down=1 net.ipv6.conf.eth0.keep_addr_on_down=1")


def run(node, command):
    status, out, err = node.cmd_status(command)
    assert status == 0, f"{node.name}: {command}: {out}{err}"
    return out


def peer(way):
    """The gateway at the far end of a way, as a node of munet."""
    # pylint: disable=import-outside-toplevel,import-error
    from lib.topogen import get_topogen

    return get_topogen().net[f"p-{way}"]


def unplug(way):
    """The gateway is gone, and no link of the router has gone down."""
    run(peer(way), "ip link set eth0 down")


def plug(way):
    # the kernel keeps addresses, but not link-local ones
    run(peer(way), f"ip link set eth0 up; ip addr replace {LINK_LOCAL[way]}/64 dev eth0 nodad")


def carrier(way, on):
    """The cable is pulled: the router's port stays set up, and has no carrier."""
    # pylint: disable=import-outside-toplevel,import-error
    from lib.topogen import get_topogen

    run(get_topogen().net[f"s-{way}"], f"ip link set s-{way}0 {'up' if on else 'down'}")


def gateways(router, stack="wan"):
    """{address: what is shown of the gateway}"""
    entries = util.show_json(router, f"show netstack {stack} gateway")["gateways"]
    return {entry["address"]: entry for entry in entries}


def wait_gateways(router, states, stack="wan", timeout=util.TIMEOUT):
    """Waits for {address: (state, state of its tracker)}; the entries."""
    seen = {}

    def probe():
        seen.update(gateways(router, stack))
        have = {
            address: (seen[address]["state"], seen[address].get("track", {}).get("state"))
            for address in states
            if address in seen
        }
        if have == states:
            return None
        return {"expected": states, "seen": {address: seen.get(address) for address in states}}

    util.wait_for(f"gateways of {stack}", probe, timeout)
    return seen


def wait_returning(router, addresses):
    """
    Waits until these gateways answer again: they are in their hold-down, or, if this test did not have the
    processor for so long, after it.
    """

    def probe():
        seen = gateways(router)
        have = {address: (seen[address]["state"], seen[address]["track"]["state"]) for address in addresses}
        answers = {("unreachable", "returning"), ("active", "up")}
        return None if set(have.values()) <= answers else have

    util.wait_for("the gateways answer again", probe)


def wait_ways(router, way, stack="wan"):
    """Waits until the kernel's IPv4 and IPv6 default lead by these ways: "one", ("one", "two")."""
    ways = [way] if isinstance(way, str) else list(way)
    for family in (4, 6):
        util.wait_next_hops(
            router, stack, sorted(GATEWAYS[family][each] for each in ways), family=family
        )


def wait_used(router):
    """The gateways of way one are tracked and used, those of way two stand by, wherever their VRF is."""
    states = {address: ("active", "up") for address in ONE}
    states.update({address: ("standby", None) for address in TWO})
    wait_gateways(router, states, timeout=60)


def wait_working(router):
    """The same, and the kernel has it so."""
    wait_used(router)
    wait_ways(router, "one")


def told(router, address, stack="wan"):
    """What the log has of a gateway: ["down: reason", "up", …]; the reason of "up" is left out."""
    pattern = rf"netstack {stack}: gateway {re.escape(address)} is (down: .+$|up(?=: .+$))"
    return re.findall(pattern, util.log_of(router), re.M)


class Silence:
    """How many things were told of the gateways when it began, and since."""

    def __init__(self, router, addresses):
        self.router = router
        self.before = {address: len(told(router, address)) for address in addresses}

    def told(self):
        return {address: told(self.router, address)[n:] for address, n in self.before.items()}


def link_local_fails_over(router, address, how, fail, recover):
    """
    A link-local gateway at the far end of way one, which is tracked like that, in place of the other
    IPv6 gateway there: it fails, the standby takes over, and it is used again after the hold-down.
    What is told of it.
    """
    standby = GATEWAYS[6]["two"]
    util.configure(
        router,
        f"""
        netstack wan
         no default-gateway fd01::1
         default-gateway {address} interface one track {how}
        """,
    )
    working = {address: ("active", "up"), standby: ("standby", None)}
    wait_gateways(router, working, timeout=60)
    util.wait_next_hops(router, "wan", [address], family=6)
    name = f"{address} on one"
    silence = Silence(router, [name])
    fail()
    util.wait_next_hops(router, "wan", [standby], family=6)
    wait_gateways(router, {address: ("unreachable", "down"), standby: ("active", None)})
    start = time.monotonic()
    recover()
    wait_gateways(router, working, timeout=60)
    assert time.monotonic() - start >= HOLD
    util.wait_next_hops(router, "wan", [address], family=6)
    util.configure(
        router,
        f"""
        netstack wan
         no default-gateway {address} interface one
         default-gateway fd01::1 track {how}
        """,
    )
    wait_working(router)
    return silence.told()[name]


def zebra_restarted(router, fail, recover):
    """
    zebra dies, and all daemons are started anew: the trackers are there again, what fails then is
    noticed, and what is back, too.
    """
    routing.save(router)
    routing.kill(router, "zebra")
    routing.bring_zebra_back(router)
    util.wait_up(router, "wan", timeout=60)
    wait_working(router)
    silence = Silence(router, ONE)
    fail()
    wait_ways(router, "two")
    wait_gateways(router, {address: ("unreachable", "down") for address in ONE})
    recover()
    wait_working(router)
    for told in silence.told().values():
        assert [line.split(":")[0] for line in told] == ["down", "up"], told


def restart(router, *daemons):
    """Ends daemons of the router, netstackd if none is named, and starts them again."""
    # pylint: disable=import-outside-toplevel,import-error
    from lib.common_config import kill_router_daemons, start_router_daemons
    from lib.topogen import get_topogen

    names = list(daemons) or ["netstackd"]
    kill_router_daemons(get_topogen(), router.name, names)
    start_router_daemons(get_topogen(), router.name, names)
    for name in names:  # as watchfrr does it
        util.sh(router, f"vtysh -b -d {name}")
