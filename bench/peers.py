# SPDX-License-Identifier: GPL-2.0-or-later
"""
What else makes stacks of this kind from a configuration: systemd-networkd and ifupdown2. The same
objects, in the language of each, and nothing that they could leave out.
"""

import contextlib
import glob
import os
import shutil
import signal
import subprocess

from frr import Wrong
from harness import run
from stacks import UNREACHABLE_METRIC

# ---- systemd-networkd ------------------------------------------------------------------------------

NETWORKD = "/usr/lib/systemd/systemd-networkd"
NETWORKD_FILES = "/run/systemd/network"
NETWORKD_LOG = "/tmp/networkd.log"

VRF_DEVICE = """\
[NetDev]
Name={s.name}
Kind=vrf

[VRF]
Table={s.table}
"""

VRF_NETWORK = """\
[Match]
Name={s.name}

[Network]
LinkLocalAddressing=no
LLDP=no

[Route]
Destination=0.0.0.0/0
Type=unreachable
Table={s.table}
Metric={metric}

[Route]
Destination=::/0
Type=unreachable
Table={s.table}
Metric={metric}
"""

MEMBER_DEVICE = """\
[NetDev]
Name={s.member}
Kind=dummy
"""

MEMBER_NETWORK = """\
[Match]
Name={s.member}

[Network]
VRF={s.name}
IPv6AcceptRA=no
LLDP=no
Address={s.address}/24

[Route]
Gateway={s.gateway}
Metric=20
"""

NEIGHBOR = """
[Neighbor]
Address={address}
LinkLayerAddress={mac}
"""


def networkd_files(s):
    """{name: text}"""
    neighbors = (NEIGHBOR.format(address=a, mac=mac) for a, mac in s.neighbors.items())
    return {
        f"{s.name}.netdev": VRF_DEVICE.format(s=s),
        f"{s.name}.network": VRF_NETWORK.format(s=s, metric=UNREACHABLE_METRIC),
        f"{s.member}.netdev": MEMBER_DEVICE.format(s=s),
        f"{s.member}.network": MEMBER_NETWORK.format(s=s) + "".join(neighbors),
    }


class Networkd:
    """
    systemd-networkd with these stacks in its files, which it makes from its start on: as at boot. It
    runs without systemd, udevd and D-Bus here, which would have their share of the time: of /sys that
    cannot be written it takes that there is no udevd to wait for. Use as a context.
    """

    process = None

    def __init__(self, which):
        self.which = which

    def __enter__(self):
        os.makedirs(NETWORKD_FILES, exist_ok=True)
        for s in self.which:
            for name, text in networkd_files(s).items():
                with open(os.path.join(NETWORKD_FILES, name), "w", encoding="ascii") as file:
                    file.write(text)
        state = "/run/systemd/netif"
        os.makedirs(state, exist_ok=True)
        shutil.chown(state, "systemd-network", "systemd-network")
        return self

    def start(self):
        alone = "mount --bind /sys /sys && mount -o remount,bind,ro /sys && exec " + NETWORKD
        with open(NETWORKD_LOG, "w", encoding="utf-8") as log:
            # pylint: disable=consider-using-with
            self.process = subprocess.Popen(
                ["unshare", "-m", "sh", "-c", alone], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def expect_alive(self):
        if self.process.poll() is not None:
            with open(NETWORKD_LOG, encoding="utf-8", errors="replace") as log:
                raise Wrong(f"systemd-networkd ended: {log.read()[-1000:]}")

    def __exit__(self, *_):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
        shutil.rmtree(NETWORKD_FILES)
        shutil.rmtree("/run/systemd/netif")


# ---- ifupdown2 -------------------------------------------------------------------------------------

IFUP = "/usr/sbin/ifup"
IPROUTE_TABLES = "/etc/iproute2/rt_tables.d"
IFUPDOWN_TABLES = (1001, 5000)  # others it refuses (/etc/network/ifupdown2/policy.d, vrf)

# Neighbours and unreachable defaults it does not know.
INTERFACES = """\
auto {s.name}
iface {s.name}
    vrf-table {s.table}
    post-up ip route replace unreachable default table {s.table} metric {metric}
    post-up ip -6 route replace unreachable default table {s.table} metric {metric}

auto {s.member}
iface {s.member}
    link-type dummy
    vrf {s.name}
    address {s.address}/24
    gateway {s.gateway}
    metric 20
{neighbors}
"""


def interfaces(which):
    """For /etc/network/interfaces."""
    return "".join(
        INTERFACES.format(
            s=s,
            metric=UNREACHABLE_METRIC,
            neighbors="".join(
                f"    post-up ip neigh replace {a} lladdr {mac} dev {s.member} nud permanent\n"
                for a, mac in s.neighbors.items()
            ),
        )
        for s in which
    )


class Ifupdown:
    """
    ifup -a, of these stacks, until it succeeds: where one processor is all there is, it looks for some of
    the dummies that it has made before it has read that they are there ('device not found'), and has
    to be called again. Use as a context: what it remembers of them is gone after it.
    """

    TRIES = 10

    def __init__(self, which):
        self.which = which

    def __enter__(self):
        if not os.path.exists(IFUP):
            raise Wrong(f"there is no {IFUP}")
        last = max(s.table for s in self.which)
        if last > IFUPDOWN_TABLES[1]:
            raise Wrong(f"ifupdown2 refuses a VRF with the table {last}")
        # for the VRFs' names as tables, without which it makes none; Debian 13's iproute2 has it not
        os.makedirs(IPROUTE_TABLES, exist_ok=True)
        os.makedirs("/run/network", exist_ok=True)
        with open("/tmp/interfaces", "w", encoding="ascii") as file:
            file.write(interfaces(self.which))
        return self

    def start(self):
        """How often it was called."""
        for number in range(1, self.TRIES + 1):
            try:
                run(IFUP, "-a", "-i", "/tmp/interfaces")
                return number
            except Wrong:
                if number == self.TRIES:
                    raise
        return None

    def __exit__(self, *_):
        for path in glob.glob(f"{IPROUTE_TABLES}/ifupdown2*"):
            os.unlink(path)
        shutil.rmtree("/run/network", ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink("/tmp/interfaces")
