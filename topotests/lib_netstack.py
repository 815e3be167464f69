# SPDX-License-Identifier: GPL-2.0-or-later
"""
A pytest plugin: FRR's topotest library as it is, with netstackd as one more daemon.

The library knows its daemons by two tables. `TopoRouter.RD` names them for load_config() and
load_frr_config(); `Router.daemons`, in each router, says which are to be started. netstackd is put
in both, as `TopoRouter.RD_NETSTACK`, and is started wherever zebra is in a test of ours, as the
library does it with mgmtd and staticd. zebra gets our module, as where netstack is installed.

On the backend netns, all daemons of a test of ours are started with `-w`, and each router has a
/run/netns of its own: the library's routers share it.

It also closes a race in the library that shows on slow machines: wait_for_nodes().

Used as `pytest -p lib_netstack`, see lab/topotest.
"""

import builtins
import os

import netstack_util as util
import time

DAEMON = "netstackd"
# as FRR's package and tools/netstack-setup have it: zebra ends when its buffer overflows
BUFFER = "-s 90000000"
MODULE = "-M netstack --v6-rr-semantics"


def give_modules():
    """A kernel without modules has no /proc/modules; the library wants to read it."""
    if os.path.exists("/proc/modules"):
        return
    opened = builtins.open

    def open_or_empty(file, *args, **kwargs):
        return opened("/dev/null" if file == "/proc/modules" else file, *args, **kwargs)

    builtins.open = open_or_empty


def register_daemon():
    # The library can be imported only once FRR's conftest.py is in place.
    # pylint: disable=import-outside-toplevel,import-error
    from lib.topogen import TopoRouter
    from lib.topotest import Router

    TopoRouter.RD_NETSTACK = max(TopoRouter.RD) + 1
    TopoRouter.RD[TopoRouter.RD_NETSTACK] = DAEMON

    init = Router.__init__
    load = Router.loadConf

    def init_with_netstackd(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.daemons[DAEMON] = 0
        if util.BACKEND == "netns" and is_ours():
            self.tmpfs_mount("/run/netns")
            self.useNetnsVRF()

    def load_with_netstackd(self, daemon, *args, **kwargs):
        result = load(self, daemon, *args, **kwargs)
        if daemon == "zebra" and is_ours():
            self.daemons[DAEMON] = 1
            self.daemons_options.setdefault(DAEMON, "")
            options = self.daemons_options.get(daemon, "")
            if MODULE not in options:
                self.daemons_options[daemon] = f"{options} {BUFFER} {MODULE}"
        return result

    Router.__init__ = init_with_netstackd
    Router.loadConf = load_with_netstackd


def is_ours():
    """Upstream's tests, which run here too, are to see FRR without us."""
    folder = os.environ.get("PYTEST_TOPOTEST_SCRIPTDIR", "")
    return os.path.basename(folder).startswith("netstack_")


def wait_for_nodes():
    """
    A node of munet is a process, mutini, that nsenter starts in the network's namespaces and that
    unshares those of its own. munet takes it for ready as soon as its namespaces are not the
    network's, which is also so while nsenter has not entered them: then all that is done to the
    node is done to the network, until mutini gets there, and a link for the node may end up in the
    network. So munet is to see the process only when nsenter has entered them.
    """
    # pylint: disable=import-outside-toplevel,import-error
    from munet.base import Commander

    popen = Commander.popen

    def popen_entered(self, cmd, **kwargs):
        process = popen(self, cmd, **kwargs)
        if "mutini" in cmd[0] and "-F" in process.args:  # -F: nsenter itself becomes the command
            wait_until_entered(process)
        return process

    Commander.popen = popen_entered


def namespaces(pid):
    """Those that a node has for itself."""
    return {os.readlink(f"/proc/{pid}/ns/{kind}") for kind in ("mnt", "net", "uts")}


def wait_until_entered(process, seconds=60):
    """
    Waits until a process is in none of our namespaces any more, or has ended.

    What it is called is no sign: /proc/PID/cmdline is empty for a moment while it becomes nsenter.
    """
    ours, end = namespaces("self"), time.monotonic() + seconds
    while process.poll() is None and ours & namespaces(process.pid):
        assert time.monotonic() < end, f"{process.args} does not enter its namespaces"
        time.sleep(0.01)


def pytest_configure(config):
    # pylint: disable=unused-argument
    register_daemon()
    wait_for_nodes()


give_modules()
