#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
frr-reload.py, for an FRR with netstack.

FRR's own frr-reload.py knows the blocks of the configuration by a list in its source.
This one stands in its place (by dpkg-divert; FRR's is beside it as frr-reload.py.frr
and is updated with its package), loads it, and adds what is true of stacks:

- the block `netstack NAME` and in it the block `interface IFNAME`;
- a stack that goes takes its interfaces along: `no interface` for them afterwards
  would make the stack again;
- the stack `default` cannot be removed, so its lines are;
- stacks that go do so by one vtysh: FRR's starts one for each, which takes minutes for
  hundreds;
- what has one value is overwritten and not first removed: `no table 5` before
  `table 6` would take the stack down twice, and a gateway whose distance changes
  would be gone for a moment;
- `no description` needs no text, which could be anything, a question mark included;
- FRR's clean-up of IPv6 addresses makes a network of an address with a prefix length,
  which is right for its routes and wrong for an interface's address.
"""

import ast
import ipaddress
import os
import re
import socket
import sys
import tempfile

STACK = "netstack "
DEFAULT = "netstack default"
CONTEXTS = {STACK: {"interface ": {}}}

# Lines of which there is one at most: a new one replaces the old one.
ONE_OF_A_KIND = {
    0: ("netstack-global table-range",),
    1: (
        "description",
        "vrf",
        "table",
        "memory heap-max",
        "max-connections",
        "congestion-control",
        "ecn",
        "limit routes",
        "limit neighbors",
        "vni",
    ),
    2: ("description", "link", "mac", "mtu"),
}

# Lines of which there is one at most for what stands before these words.
NEXT_HOP = re.compile(r"(default-gateway|route) ")
SETTINGS = re.compile(r" (distance|track) .*")
# What netstackd does not print, as it is so anyway.
DEFAULTS = re.compile(r" (distance 1|interval 1000|multiplier 3|hold-down 3)(?= |$)")

MAC = re.compile(r"([0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}$")

# A line that FRR's clean-up shall not see the words of.
SEALED = "\x01"


def load(path):
    """FRR's frr-reload.py in two parts: its definitions, executed, and its main program"""
    with open(path) as file:
        tree = ast.parse(file.read(), path)
    main = [node for node in tree.body if is_main(node)]
    if len(main) != 1:
        sys.exit("frr-reload.py: %s has no main program that can be told apart" % path)
    tree.body.remove(main[0])
    names = {"__name__": "__main__", "__file__": path, "__builtins__": __builtins__}
    exec(compile(tree, path, "exec"), names)  # pylint: disable=exec-used
    return names, compile(ast.Module(main, []), path, "exec")


def is_main(node):
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and isinstance(node.test.left, ast.Name)
        and node.test.left.id == "__name__"
    )


def canonical_word(word, keep_host):
    """a word as netstackd prints it"""
    if MAC.match(word):
        return word.lower()
    try:
        if "/" not in word:
            return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, word))
        address, length = word.split("/")
        if not keep_host:
            return str(ipaddress.ip_network(word, strict=False))
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        address = socket.inet_ntop(family, socket.inet_pton(family, address))
        return "%s/%d" % (address, int(length))
    except (OSError, ValueError):
        return word


def canonical_line(line):
    """a line inside a stack as netstackd prints it"""
    words = line.split()
    if not words or words[0] in ("description", "interface"):
        return " ".join(words)
    keep_host = words[0] == "address"
    line = " ".join([words[0]] + [canonical_word(word, keep_host) for word in words[1:]])
    return DEFAULTS.sub("", line) if NEXT_HOP.match(line) else line


def seal(text):
    """hide what is inside stacks from FRR's clean-up, but for the lines that leave a block"""
    sealed = []
    depth = 0
    for line in text.split("\n"):
        words = " ".join(line.split())
        if words == "end":
            depth = 0
        elif depth and words.startswith("exit"):
            depth -= 1
        elif not depth and words.startswith(STACK):
            depth = 1
        elif depth and words and words[0] not in "!#":
            depth = 2 if words.startswith("interface ") else depth
            line = SEALED + canonical_line(words).encode().hex()
        sealed.append(line)
    return "\n".join(sealed)


def unseal(line):
    if line.startswith(SEALED):
        return bytes.fromhex(line[len(SEALED) :]).decode()
    return line


def kind(keys, line):
    """what a line is one of a kind of, or None"""
    depth = len(keys) if line else len(keys) - 1
    text = line or keys[-1]
    if depth and not keys[0].startswith(STACK):
        return None
    if depth == 1 and NEXT_HOP.match(text):
        return keys[:depth], SETTINGS.sub("", text)
    for prefix in ONE_OF_A_KIND.get(depth, ()):
        if text == prefix or text.startswith(prefix + " "):
            return keys[:depth], prefix
    return None


def removals(lines, running, added):
    """what is to be removed, as netstackd needs it"""
    gone = {keys[0] for keys, line in lines if len(keys) == 1 and not line}
    replaced = {kind(keys, line) for keys, line in added} - {None}
    for keys, line in lines:
        if kind(keys, line) in replaced:
            continue
        if keys == (DEFAULT,) and not line:
            for each in running.contexts[keys].lines:
                yield from removals([(keys, each)], running, ())
        elif keys[0].startswith(STACK) and len(keys) > 1 and keys[0] in gone:
            continue
        elif keys[0].startswith(STACK) and line and line.startswith("description "):
            yield keys, "description"
        else:
            yield keys, line


class Removals:
    """the stacks that go: their commands come one by one, and are executed with the last one"""

    def __init__(self, names):
        self.error = names["VtyshException"]
        self.call = names["Vtysh"].__call__
        self.commands = []
        self.waiting = set()

    def expect(self, lines):
        """what is going to be removed, as removals() says"""
        self.commands = ["no " + keys[0] for keys, line in lines if self.is_stack(keys, line)]
        self.waiting = set(self.commands)

    @staticmethod
    def is_stack(keys, line):
        return len(keys) == 1 and not line and keys[0].startswith(STACK)

    def execute(self, vtysh, command, stdouts=None):
        """in the place of Vtysh.__call__()"""
        removal = command[1] if len(command) == 2 and command[0] == "configure" else None
        if removal not in self.waiting:
            return self.call(vtysh, command, stdouts)
        self.waiting.remove(removal)
        if not self.waiting:
            self.remove_all(vtysh, stdouts)
        return ""

    def remove_all(self, vtysh, stdouts):
        with tempfile.NamedTemporaryFile("w", prefix="reload-", suffix=".txt") as file:
            file.write("".join(command + "\n" for command in self.commands))
            file.flush()
            try:
                vtysh.exec_file(file.name)
            except self.error:
                self.remove_each(vtysh, stdouts)

    def remove_each(self, vtysh, stdouts):
        """one of them is refused: say which, and remove the others"""
        failed = None
        for command in self.commands:
            said = []
            try:
                self.call(vtysh, ["configure", command], said)
            except self.error as error:
                if "there is no netstack" not in said[0]:
                    failed = error
                    stdouts += said
        if failed:
            raise failed


def extend(names):
    """put what is true of stacks into FRR's frr-reload.py"""
    names["ctx_keywords"].update(CONTEXTS)

    vtysh = names["Vtysh"]
    mark_file, mark_show_run = vtysh.mark_file, vtysh.mark_show_run
    vtysh.mark_file = lambda *args, **kwargs: seal(mark_file(*args, **kwargs))
    vtysh.mark_show_run = lambda *args, **kwargs: seal(mark_show_run(*args, **kwargs))

    stacks = Removals(names)
    vtysh.__call__ = lambda self, *args: stacks.execute(self, *args)

    config = names["Config"]
    load_contexts = config.load_contexts

    def load_contexts_unsealed(self):
        self.lines = [unseal(line) if isinstance(line, str) else line for line in self.lines]
        load_contexts(self)

    config.load_contexts = load_contexts_unsealed

    compare = names["compare_context_objects"]

    def compare_context_objects(newconf, running):
        to_add, to_del = compare(newconf, running)
        to_del = list(removals(to_del, running, to_add))
        stacks.expect(to_del)
        return to_add, to_del

    names["compare_context_objects"] = compare_context_objects
    return names


def main():
    path = os.path.realpath(__file__) + ".frr"
    if not os.path.exists(path):
        sys.exit("frr-reload.py: FRR's own is not there as %s: apt-get install frr-pythontools" % path)
    names, program = load(path)
    extend(names)
    exec(program, names)  # pylint: disable=exec-used


if __name__ == "__main__":
    main()
