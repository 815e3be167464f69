# SPDX-License-Identifier: GPL-2.0-or-later
"""
A pytest plugin: FRR's topotest library as it is, with netstackd as one more daemon.

The library knows its daemons by two tables. `TopoRouter.RD` names them for load_config() and
load_frr_config(); `Router.daemons`, in each router, says which are to be started. netstackd is put
in both, as `TopoRouter.RD_NETSTACK`, and is started wherever zebra is in a test of ours, as the
library does it with mgmtd and staticd.

Used as `pytest -p lib_netstack`, see lab/topotest.
"""

import builtins
import os

DAEMON = "netstackd"


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

    def load_with_netstackd(self, daemon, *args, **kwargs):
        if daemon == "zebra" and is_ours():
            self.daemons[DAEMON] = 1
            self.daemons_options.setdefault(DAEMON, "")
        return load(self, daemon, *args, **kwargs)

    Router.__init__ = init_with_netstackd
    Router.loadConf = load_with_netstackd


def is_ours():
    """Upstream's tests, which run here too, are to see FRR without us."""
    folder = os.environ.get("PYTEST_TOPOTEST_SCRIPTDIR", "")
    return os.path.basename(folder).startswith("netstack_")


def pytest_configure(config):
    # pylint: disable=unused-argument
    register_daemon()


give_modules()
