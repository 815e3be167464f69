#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
hook.py FRR-VTYSH-DIR OUTPUT-DIR

Writes the source of a vtysh that knows netstackd: FRR's own files with a few lines
hooked in.  Ours is in netstack_vtysh.c; what is here is what has to stand inside
FRR's files.  Each hook has an anchor that must be found exactly once, so that an FRR
which moved them fails the build and not, silently, the product.
"""

import os
import re
import sys

DAEMON = "netstackd"
FLAG = "VTYSH_NETSTACKD"
# The flags are given out from below; this is the highest that a C enum can hold.
FLAG_VALUE = 0x40000000


def one_more(match):
    return "%s%d%s" % (match[1], int(match[2]) + 1, match[3])


# file: [(what it is for, anchor, replacement)]
HOOKS = {
    "vtysh.h": [
        (
            "the flag of the daemon",
            r"(?m)^(?=#define VTYSH_RCV_BUF_MAX)",
            "#define %s %#x\n\n" % (FLAG, FLAG_VALUE),
        ),
        (
            "commands that every daemon has",
            r"(#define VTYSH_ALL\b[\s\\]*)",
            r"\g<1>%s | " % FLAG,
        ),
        (
            "prefix-lists and access-lists",
            r"(#define VTYSH_ACL_CONFIG\b[\s\\]*)",
            r"\g<1>%s | " % FLAG,
        ),
        (
            "the size of the table of daemons",
            r"(extern struct vtysh_client vtysh_client\[)(\d+)(\];)",
            one_more,
        ),
    ],
    "vtysh.c": [
        (
            "the row in the table of daemons",
            r"(?s)(struct vtysh_client vtysh_client\[\] = \{.*?)(?=\n\};)",
            r'\g<1>' + '\n\t{.name = "%s", .flag = %s},' % (DAEMON, FLAG),
        ),
        (
            "how lines of a file are sent",
            r"(?m)^(?=int vtysh_config_from_file\()",
            '#include "vtysh/netstack_vtysh_ahead.c"\n\n',
        ),
        (
            "a line of a file that is no business of this process's",
            r"(?m)^(?=\t\tret = command_config_read_one_line\(vty, &cmd, lineno, 1\);$)",
            "\t\tif (netstack_vtysh_passes_over(vty) ||\n"
            "\t\t    netstack_vtysh_sends_plain(vty, lineno, &retcode))\n"
            "\t\t\tcontinue;\n",
        ),
        (
            "a line of a file that need not wait for the answers to those before",
            r"(\n\t\tret = command_config_read_one_line\(vty, &cmd, lineno, 1\);\n)",
            r"\g<1>"
            "\t\tif (netstack_vtysh_sends_ahead(ret, cmd, vty->buf, lineno, &retcode)) {\n"
            "\t\t\tif (cmd->func)\n"
            "\t\t\t\t(*cmd->func)(cmd, vty, 0, NULL);\n"
            "\t\t\tcontinue;\n"
            "\t\t}\n",
        ),
        (
            "the answers to the last lines of a file",
            r"(?m)^(?=\tXFREE\(MTYPE_VTYSH_CMD, vty_buf_copy\);\n\n\treturn \(retcode\);$)",
            "\tnetstack_vtysh_take_answers(&retcode);\n",
        ),
        (
            "our own file",
            r"(?m)^(?=void vtysh_init_vty\(void\)$)",
            '#include "vtysh/netstack_vtysh.c"\n\n',
        ),
        (
            "nodes and commands",
            r"(?m)^(\tvtysh_init_cmd\(\);)$",
            "\tnetstack_vtysh_install_nodes();\n"
            r"\g<1>"
            "\n\tnetstack_vtysh_install_commands();",
        ),
    ],
    "vtysh_config.c": [
        (
            "the number of the node",
            r'(?m)^(?=#include "vtysh/vtysh\.h"$)',
            '#include "netstackd/netstack_nodes.h"\n',
        ),
        (
            "the block of a stack in the running configuration",
            r'(?=else if \(strncmp\(line, "pseudowire", strlen\("pseudowire"\)\) == 0\))',
            'else if (strncmp(line, "netstack ", strlen("netstack ")) == 0)\n'
            "\t\t\tconfig = config_get(NETSTACK_NODE, line);\n\t\t",
        ),
    ],
    "vtysh_main.c": [],
    "vtysh_user.c": [],
    "vtysh_user.h": [],
}


def hook(name, text):
    for what, anchor, replacement in HOOKS[name]:
        text, count = re.subn(anchor, replacement, text)
        if count != 1:
            sys.exit(
                "hook.py: %s: %s: the anchor is there %d times and not once; "
                "this FRR's vtysh differs from the one that the hook was written for:\n  %s"
                % (name, what, count, anchor)
            )
    return text


def check_flag(header):
    used = 0
    for value in re.findall(r"(?m)^#define VTYSH_\w+\s+(0x[0-9a-fA-F]+)\s*$", header):
        used |= int(value, 16)
    if used & FLAG_VALUE:
        sys.exit("hook.py: vtysh.h: FRR uses the flag %#x itself" % FLAG_VALUE)


def write_if_changed(path, text):
    try:
        with open(path) as old:
            if old.read() == text:
                return
    except FileNotFoundError:
        pass
    with open(path + ".tmp", "w") as new:
        new.write(text)
    os.rename(path + ".tmp", path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    source, output = sys.argv[1:]
    for name in HOOKS:
        with open(os.path.join(source, name)) as file:
            text = file.read()
        if name == "vtysh.h":
            check_flag(text)
        write_if_changed(os.path.join(output, name), hook(name, text))


if __name__ == "__main__":
    main()
