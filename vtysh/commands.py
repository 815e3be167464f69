#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
The commands of vtysh, read out of the daemons' binaries.  Runs under FRR's clippy:

  clippy commands.py packaged FRR-BUILD SBINDIR LIBDIR MODULEDIR OUTPUT.json
      all commands of the packaged daemons, libraries and modules

  clippy commands.py merge FRR-BUILD PACKAGED.json DAEMON OUTPUT.c...
      vtysh's source of those and of our daemon's.  An output is replaced only if it
      differs, and nothing is done at all if the daemon's commands are as they were.

FRR's extractor names a command's daemon by the path of the binary and decides by the
path of the source file, as compiled into the binary relative to a folder one below
the top of FRR's source.  So both run in such a folder, with links to the binaries
that are named as in FRR's tree.
"""

import glob
import json
import os
import re
import sys


def load_extractor(frr):
    sys.path.insert(0, os.path.join(frr, "python"))
    import xrelfo  # pylint: disable=import-error

    return xrelfo.Xrelfo()


def enter_farm(frr):
    farm = os.path.join(frr, "xref")
    os.makedirs(farm, exist_ok=True)
    os.chdir(farm)


def link(binary, folder, name):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    try:
        os.remove(path)
    except FileNotFoundError:
        pass
    os.symlink(binary, path)
    return path


def daemons(frr, sbindir):
    """(binary, folder, name) of each packaged daemon that vtysh talks to"""
    with open(os.path.join(frr, "vtysh", "vtysh.c")) as file:
        names = re.findall(r'\{\s*\.name = "(\w+)", \.flag', file.read())
    folders = {"fabricd": "isisd", "pim6d": "pimd"}
    for name in names:
        binary = os.path.join(sbindir, name)
        if os.path.exists(binary):
            yield binary, folders.get(name, name), name


def libraries(libdir):
    folders = {"libmgmt_be_nb": "mgmtd", "libfrrospfapiclient": "ospfclient"}
    for binary in sorted(glob.glob(os.path.join(libdir, "lib*.so.0"))):
        stem = os.path.basename(binary).split(".")[0]
        yield binary, folders.get(stem, "lib"), stem + ".so"


def modules(frr, moduledir):
    for binary in sorted(glob.glob(os.path.join(moduledir, "*.so"))):
        name = os.path.basename(binary)
        folder = name.split("_")[0]
        if not os.path.isdir(os.path.join(frr, folder)):
            folder = "zebra"
        yield binary, folder, name


def packaged(frr, sbindir, libdir, moduledir, output):
    extractor = load_extractor(frr)
    enter_farm(frr)
    for binary, folder, name in [
        *daemons(frr, sbindir),
        *libraries(libdir),
        *modules(frr, moduledir),
    ]:
        path = link(binary, folder, name)
        with open(path, "rb") as file:
            if b"FRRouting" not in file.read():
                continue
        extractor.load_file(path)
    if "show_version_cmd" not in extractor["cli"]:
        sys.exit("commands.py: no commands in the packaged binaries of %s" % sbindir)
    with open(output + ".tmp", "w") as file:
        json.dump({"refs": {}, "cli": extractor["cli"]}, file, sort_keys=True, indent=1)
    os.rename(output + ".tmp", output)


def without_positions(cli):
    """what of the commands matters to vtysh: not the lines where they stand"""
    return {
        name: {
            origin: {
                "string": spec.get("string"),
                "doc": spec.get("doc"),
                "attr": spec.get("attr"),
                "nodes": sorted(node["node"] for node in spec.get("nodes", [])),
            }
            for origin, spec in origins.items()
        }
        for name, origins in cli.items()
    }


def replace_if_changed(path):
    temporary = path + ".tmp"
    try:
        with open(path) as old, open(temporary) as new:
            if old.read() == new.read():
                os.remove(temporary)
                return
    except FileNotFoundError:
        pass
    os.rename(temporary, path)


def merge(frr, packaged_json, daemon, *outputs):
    extractor = load_extractor(frr)
    from xref2vtysh import CommandEntry  # pylint: disable=import-error

    enter_farm(frr)
    name = os.path.basename(daemon)
    extractor.load_file(link(daemon, name, name))

    key = json.dumps(
        [without_positions(extractor["cli"]), os.stat(packaged_json).st_mtime_ns],
        sort_keys=True,
    )
    key_path = outputs[0] + ".key"
    try:
        with open(key_path) as file:
            if file.read() == key and all(map(os.path.exists, outputs)):
                return
    except FileNotFoundError:
        pass

    with open(packaged_json) as file:
        extractor.load_json(file)
    files = [open(path + ".tmp", "w") for path in outputs]
    CommandEntry.run(extractor, list(files))
    for file in files:
        file.close()
    for path in outputs:
        replace_if_changed(path)
    with open(key_path, "w") as file:
        file.write(key)


def main():
    verbs = {"packaged": packaged, "merge": merge}
    if len(sys.argv) < 6 or sys.argv[1] not in verbs:
        sys.exit(__doc__.strip())
    verbs[sys.argv[1]](*sys.argv[2:])


main()
