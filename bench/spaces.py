# SPDX-License-Identifier: GPL-2.0-or-later
"""
The stacks of the benches as network namespaces, by iproute2: made, removed, and whether they are there.

The host's kernel, on which they are measured, has no dummy devices: the members are macvlans, on a veth
whose other end nobody uses.
"""

import contextlib
import json
import os
import subprocess
import tempfile

import stacks
from frr import Wrong
from harness import run

PARENT = "base0"
LINK = f"macvlan parent {PARENT}"


def names():
    return os.listdir("/run/netns") if os.path.isdir("/run/netns") else []


@contextlib.contextmanager
def parent():
    """What the members are put on; no namespace is left before and after."""
    clear()
    run("ip", "link", "add", PARENT, "type", "veth", "peer", "base1")
    try:
        for link in (PARENT, "base1"):
            run("ip", "link", "set", link, "up")
        yield
    finally:
        clear()
        run("ip", "link", "del", PARENT)


def _batch(lines, *options):
    return run("ip", *options, "-batch", "-", text="".join(f"{line}\n" for line in lines))


def clear():
    _batch(f"netns del {name}" for name in names())


class IpBatch:
    """
    One `ip -batch` for the namespaces and their links, and one in each namespace for what is in it, as
    iproute2 cannot change to another amid a batch. The files are there before the clock starts. Use as a
    context.
    """

    def __init__(self, which):
        self.folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        outside = []
        for s in which:
            outside += [
                f"netns add {s.name}",
                f"link add link {PARENT} name {s.member} netns {s.name} type macvlan mode bridge",
            ]
            self._write(s.name, _inside(s))
        self._write("outside", outside)
        self._write("remove", [f"netns del {s.name}" for s in which])
        inside = [f"ip -n {s.name} -batch {s.name} || exit" for s in which]
        self._write("create.sh", ["ip -batch outside || exit", *inside])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def _write(self, name, lines):
        with open(os.path.join(self.folder.name, name), "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")

    def create(self):
        run("sh", "-c", f"cd {self.folder.name} && . ./create.sh")

    def remove(self):
        run("ip", "-batch", os.path.join(self.folder.name, "remove"))


def _inside(s):
    return [
        "link set lo up",
        f"link set {s.member} up",
        f"addr add {s.address}/24 brd + dev {s.member}",
        f"route add default via {s.gateway} dev {s.member} metric 20",
        *(f"neigh add {a} lladdr {mac} dev {s.member} nud permanent" for a, mac in s.neighbors.items()),
    ]


# ---- is it there? ---------------------------------------------------------------------------------


def check_kernel(which, marked=True):
    """Object by object, and no other namespace. `marked`: with netstackd's marks. Raises Wrong."""
    odd = {s.name for s in which} ^ set(names())
    problems = [f"{name}: the namespace should be there, or should not" for name in sorted(odd)]
    for s in which:
        if s.name not in odd:
            problems += [f"{s.name}: {problem}" for problem in _problems_of(s, marked)]
    if problems:
        raise Wrong(f"{len(problems)} wrong in the kernel: {'; '.join(problems[:5])}")


QUESTIONS = ("link show", "addr show", "route show", "neigh show nud permanent")


def _ask(s):
    """iproute2's answers to QUESTIONS; it says nothing at all where there is no neighbour."""
    said = _batch(QUESTIONS, "-d", "-j", "-4", "-n", s.name)
    answers = [json.loads(line) for line in said.splitlines() if line.strip()]
    return answers + [[]] * (len(QUESTIONS) - len(answers))


def _problems_of(s, marked):
    links, addresses, routes, neighbors = _ask(s)
    links = {link["ifname"]: link for link in links}
    member = links.get(s.member, {})
    has = {link["ifname"]: link["addr_info"] for link in addresses if link}
    checks = [
        ("members", {s.member}, {name for name, link in links.items() if link.get("linkinfo")}),
        ("member", "macvlan", member.get("linkinfo", {}).get("info_kind")),
        ("up", True, all("UP" in links[name]["flags"] for name in {"lo", s.member} & set(links))),
        (
            "addresses",
            {f"{s.address}/24"},
            {f"{a['local']}/{a['prefixlen']}" for a in has.get(s.member, ())},
        ),
        (
            "default routes",
            [(s.gateway, s.member, 20)],
            [(r.get("gateway"), r["dev"], r.get("metric", 0)) for r in routes if r["dst"] == "default"],
        ),
        ("neighbours", s.neighbors, {n["dst"]: n["lladdr"] for n in neighbors if n["dev"] == s.member}),
    ]
    if marked:
        checks.append(("alias", f"netstack {s.name}", member.get("ifalias")))
    return [f"{what}: {want} wanted, is {got}" for what, want, got in checks if want != got]


def config(which):
    """For vtysh -f."""
    return stacks.netstack_config(which, LINK)
