# SPDX-License-Identifier: GPL-2.0-or-later
"""
boot: `vtysh -b`, with which FRR's start ends, of full stacks, some of which speak BGP.
"""

import json
import statistics

import machine
import stacks
from frr import wait_for, write_config
from harness import SETTLE_SECONDS, alternate, check_all, fresh_frr, run, timed_create, wait_idle

TITLE = "'vtysh -b', from exec to everything in kernel, zebra and bgpd"
BACKENDS = ("vrf",)
ONE_IN = 20  # stacks has BGP
ASN = 65000


def with_bgp(which):
    """Spread over all of them."""
    return which[::ONE_IN]


def bgp_config(which):
    lines = []
    for s in which:
        lines += [
            f"router bgp {ASN} vrf {s.name}",
            f" bgp router-id {s.address}",
            f" neighbor {s.gateway} remote-as {ASN + 1}",
            " !",
            " address-family ipv4 unicast",
            f"  network {s.prefix}.0/24",
            " exit-address-family",
            "exit",
            "!",
        ]
    return "\n".join(lines) + "\n"


def problems_in_bgp(shown, which):
    """What bgpd lacks: an instance, its VRF, or its neighbour. `shown`: 'show bgp vrfs json'."""
    instances = json.loads(shown).get("vrfs", {})
    problems = []
    for s in which:
        instance = instances.get(s.name, {})
        # as long as zebra has not told of the VRF, bgpd has -1 in its place
        if instance.get("vrfId", -1) <= 0:
            problems.append(f"{s.name}: no VRF in bgpd")
        elif instance.get("routerId") != s.address or instance.get("numConfiguredPeers") != 1:
            problems.append(f"{s.name}: not as configured in bgpd")
    return problems


def boot(count):
    which = stacks.stacks(count)
    speakers = with_bgp(which)
    with fresh_frr("bgpd", "netstackd") as frr:
        write_config(stacks.netstack_config(which) + bgp_config(speakers))
        start = machine.now()
        sample = timed_create(frr, which, lambda: run("vtysh", "-b"))
        vty = frr.vty("bgpd")
        bgp = wait_for(
            lambda: not problems_in_bgp(vty("show bgp vrfs json"), speakers) and machine.now(),
            "bgpd to know its VRFs",
            SETTLE_SECONDS,
        )
        # bgpd asks zebra for each network whether there is one, and zebra tells it later
        for speaker in speakers:
            networks = wait_for(
                lambda s=speaker: has_network(vty, s) and machine.now(),
                f"bgpd to have the network of {speaker.name}",
                SETTLE_SECONDS,
            )
        sample["parts"]["bgpd"] = round(bgp - start, 4)
        sample["parts"]["networks"] = round(networks - start, 4)
        sample["seconds"] = max(sample["seconds"], networks - start)
        wait_idle(frr)
        check_all(frr, which)
        return sample


def has_network(vty, stack):
    """
    Whether bgpd has a stack's network as a valid route of its own. One stack a look: wait_for() rests
    nine times as long as a look takes, which is long if bgpd still reads what zebra told it.
    """
    shown = json.loads(vty(f"show bgp vrf {stack.name} ipv4 unicast {stack.prefix}.0/24 json"))
    return any(path.get("valid") for path in shown.get("paths", []))


def bench(options):
    samples = alternate({"vtysh -b": lambda: boot(options.stacks)}, options.runs)
    return {
        "parameters": {
            "stacks": options.stacks,
            "with BGP": len(with_bgp(stacks.stacks(options.stacks))),
        },
        "sides": samples,
        "values": [
            (f"until {part} was complete, median", round(median_part(samples["vtysh -b"], part), 2), "s")
            for part in ("command", "route", "zebra", "bgpd", "networks")
        ],
        "ratios": [],
    }


def median_part(samples, part):
    return statistics.median(sample["parts"][part] for sample in samples)
