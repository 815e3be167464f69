#!/usr/bin/env python
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Where stacks are network namespaces routes cannot cross: a leak is accepted, kept, not in force, and
says so.
"""

import json
import os
import sys

import pytest

CWD = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(CWD, "../"))

# pylint: disable=wrong-import-position
import netstack_util as util

BACKENDS = ["netns"]

REASON = "stacks are network namespaces here, and routes cannot cross them"


def build(tgen):
    router = tgen.add_router("r1")
    for port in ("svc", "cred", "cgreen"):
        util.add_port(tgen, router, port)


@pytest.fixture(scope="module")
def r1(request):
    with util.router_r1(build, request) as router:
        yield router


def test_a_leak_is_not_in_force(r1):
    "It is kept and pending, no route of the other stack appears, and the stacks are isolated"
    util.wait_up(r1, "services", "red", "green")
    before = {name: view.routes(4) for name, view in util.look(r1, "red", "services").items()}
    util.configure(
        r1,
        """
ip prefix-list ALL seq 5 permit any
netstack red
 leak from services prefix-list ALL
""",
    )
    util.wait_state(r1, {"red": "degraded"})
    assert util.show_json(r1, "show netstack")["red"]["reason"] == f"leak from services: {REASON}"
    shown = util.show_json(r1, "show netstack isolation")
    assert shown["backend"] == "netns"
    red = shown["stacks"]["red"]
    assert [red["state"], red["crossings"]] == ["isolated", []]
    assert [(leak["state"], leak["reason"], leak["routes"]) for leak in red["leaks"]] == [
        ("pending", REASON, [])
    ]
    out = util.vtysh(
        r1,
        "show yang operational-data"
        " /frr-netstack:netstack/stack[name='red']/state/leak netstackd",
    )
    assert json.loads(out)["frr-netstack:netstack"]["stack"][0]["state"]["leak"] == [
        {
            "from": "services",
            "prefix-list": "ALL",
            "state": "pending",
            "reason": REASON,
            "route-count": 0,
        }
    ]
    after = {name: view.routes(4) for name, view in util.look(r1, "red", "services").items()}
    assert after == before
    assert " leak from services prefix-list ALL" in util.running_config(r1)


def test_it_goes_with_the_line(r1):
    "And nothing is amiss any more"
    util.configure(r1, "netstack red\nno leak from services prefix-list ALL")
    util.wait_up(r1, "red")
    assert "leak" not in util.running_config(r1)


if __name__ == "__main__":
    sys.exit(pytest.main(["-s"] + sys.argv[1:]))
