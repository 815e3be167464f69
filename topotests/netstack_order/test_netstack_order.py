#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
The order of configuration does not matter. The lines of three stacks, shuffled in 50 ways, come to
one and the same state, in the kernel and in what is shown: a gateway before any address, an
interface before its parent exists, a neighbour before its interface.

r1/frr.conf has the stacks in the order in which a person would write them. Each leaf line is
shuffled by itself, with the lines that lead to it repeated in front of it.
"""

import json
import os
import random
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_util as util

SHUFFLES = 50
SEED = int(os.environ.get("NETSTACK_SEED", "1"))
STACKS = {"alpha": "alpha", "beta": "beta", "a-stack-of-a-long-name": "gamma"}


def build(tgen):
    router = tgen.add_router("r1")
    util.add_port(tgen, router, "trunk", vlans=(10, 11))


def leaf_lines(text):
    """[(lines that lead there, leaf)] of a configuration of stacks."""
    leaves, path = [], []
    for line in util.lines_of(text):
        word = line.strip()
        if word.startswith("hostname "):
            continue
        if word == "exit":
            path.pop()
        elif word.startswith("netstack ") or word.startswith("interface "):
            path.append(word)
        else:
            leaves.append((tuple(path), word))
    return leaves


def typed(leaves):
    """The lines to type for these leaves, in this order."""
    lines = []
    for path, leaf in leaves:
        lines += [*path, leaf] + ["exit"] * len(path)
    return lines


def configuration():
    """Of r1/frr.conf. A link's parent cannot be inside a namespace: there it is the trunk."""
    text = util.read_conf(os.path.join(CWD, "r1", "frr.conf"))
    inside = util.as_possible("link vlan 11 parent gamma0")
    assert inside in text
    if util.BACKEND == "netns":
        text = text.replace(inside, util.as_possible("link vlan 11 parent trunk"))
    return text


LEAVES = leaf_lines(configuration())


def state(router):
    """
    What it has come to, without what is chance: indexes, MACs that the kernel made up, which of
    the free tables a stack got.
    """
    views = util.look(router, *STACKS.values())
    out = util.vtysh(router, "show netstack json", "show running-config")
    end = out.index("\n}") + 2
    shown = json.loads(out[:end])
    shown.pop("default")
    for stack in shown.values():
        stack.pop("neighborCount")
        # those of duplicate address detection come a second later
        stack.pop("routeCount")
        stack["table"] = stack["table"] if stack["vrf"] == "beta" else "allocated"
        for entry in stack["interfaces"]:
            entry["mac"] = entry["mac"] if entry["mac"].startswith("02:00:00") else "made up"
            entry["addresses"] = sorted(
                address for address in entry["addresses"] if not address.startswith("fe80:")
            )
    kernel = {}
    for vrf, view in views.items():
        if view is None:
            kernel[vrf] = None
            continue
        kernel[vrf] = {
            "addresses": view.addresses(),
            "links": {
                name: [
                    view.link(name),
                    view.kernel.links[name]["mtu"],
                    "UP" in view.kernel.links[name]["flags"],
                ]
                for name in view.members
            },
            "routes": {
                str(family): {
                    destination: view.next_hops(destination, family)
                    for destination in sorted({route["dst"] for route in view.routes(family)})
                    if not destination.startswith(("fe80:", "ff00:"))
                }
                for family in (4, 6)
            },
            "guards": view.guards(),
            "neighbors": sorted(map(str, view.neighbors(permanent=True).items())),
        }
    return {"kernel": kernel, "shown": shown, "config": out[end:].strip()}


def type_lines(router, lines):
    """Types the lines. A stack with a long name says that it needs a VRF, until it has one."""
    status, out = util.vtysh_status(router, "configure terminal", *lines)
    errors = [line for line in out.splitlines() if 'enter "vrf VRFNAME" first' not in line]
    assert status == 0 and errors == [], errors


def remove_all(router):
    util.configure(router, "\n".join(f"no netstack {name}" for name in STACKS))


def wait_gone(router):
    util.wait_as_before(router, Reference.before, "all stacks are gone, without a trace")


class Reference:
    """The state of the configuration in its natural order, and the router before it."""

    state = None
    before = None


@pytest.fixture(scope="module")
def r1(request):
    with util.router_r1(build, request, os.path.join(CWD, "empty.conf")) as router:
        Reference.before = util.snapshot(router)
        yield router


def test_natural_order(r1):
    "All is up, and this is what the others are compared with"
    type_lines(r1, typed(LEAVES))
    util.wait_up(r1, *STACKS, timeout=30)

    seen = []

    def settled():
        seen.append(state(r1))
        return None if seen[-2:-1] == seen[-1:] else "still changing"

    util.wait_for("the state stays as it is", settled, interval=0.5)
    kernel = seen[-1]["kernel"]
    assert all(kernel[vrf] and kernel[vrf]["guards"] == util.GUARDS for vrf in kernel), kernel
    assert kernel["alpha"]["routes"]["4"]["default"] == ["10.1.0.1", "10.1.0.2"], kernel
    remove_all(r1)
    wait_gone(r1)
    Reference.state = seen[-1]


@pytest.mark.parametrize("number", range(SHUFFLES))
def test_shuffled(r1, number):
    "Odd ones are typed line by line, even ones are read from a file"
    if Reference.state is None:
        pytest.skip("there is nothing to compare with: test_natural_order failed")
    leaves = list(LEAVES)
    random.Random(SEED * 1000 + number).shuffle(leaves)
    # a stack whose name is no VRF's has to be given one first
    leaves.sort(key=lambda leaf: 0 if leaf[1].startswith("vrf ") else 1)
    lines = typed(leaves)
    if number % 2:
        type_lines(r1, lines)
    else:
        util.configure_file(r1, "\n".join(lines) + "\n")
    try:
        util.wait_for(
            f"shuffle {number} of seed {SEED} comes to the same state",
            lambda: util.difference(flat(Reference.state), flat(state(r1))),
        )
    except AssertionError as error:
        raise AssertionError(str(error) + "\nThe lines:\n" + "\n".join(lines)) from None
    finally:
        remove_all(r1)
    wait_gone(r1)


def flat(tree):
    """A state in small parts, so that a difference is shown as one."""
    parts = {"config": tree["config"].splitlines()}
    for name, stack in tree["kernel"].items():
        parts[f"kernel {name}"] = stack if stack else {"there": False}
    for name, stack in tree["shown"].items():
        parts[f"shown {name}"] = stack
    for name in STACKS:
        parts.setdefault(f"shown {name}", {})
    return parts


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
