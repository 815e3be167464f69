#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
That the benches work, at a small size, and that a wrong end state is seen. No time is asserted.

The parts that need FRR and VRF devices run in the lab only: `lab/lab check unit`.
"""

import contextlib
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
os.environ["BENCH_SECONDS"] = "60"
os.environ["BENCH_STEADY_SECONDS"] = "1"
os.environ["BENCH_PROGRAMS"] = os.path.join(
    os.path.abspath(os.environ.get("top_builddir", "build/obj")), "bench"
)

# pylint: disable=wrong-import-position
import awake
import bench_boot
import bench_create
import bench_failover
import bench_routes
import frr
import harness
import machine
import peers
import probe
import report
import spaces
import stacks
import stalls

BACKEND = os.environ.get("LAB_BACKEND") if os.path.exists("/run/lab-backend") else None
IN_LAB = BACKEND == "vrf"
RUN = os.path.join(os.path.dirname(os.path.realpath(__file__)), "run")


def sample(seconds, **cpu):
    return {"seconds": seconds, "cpu": cpu}


class Reports(unittest.TestCase):
    RESULT = {
        "bench": "create",
        "title": "a < b",
        "parameters": {"stacks": 5},
        "machine": {},
        "sides": {
            "one": [sample(3, zebra=1), sample(1, zebra=3), sample(2, zebra=2)],
            "other": [sample(4), sample(4), sample(4)],
        },
        "values": [("slowest", 3.0, "s")],
        "ratios": [("one / other", 0.5, "at most 1.25")],
    }

    def test_ratio_is_of_medians(self):
        self.assertEqual(report.ratio(self.RESULT["sides"], "one", "other"), 0.5)

    def test_cpu_is_the_median_of_all_runs(self):
        self.assertEqual(report.median_cpu([sample(1, a=1), sample(1, a=3), sample(1)]), {"a": 1})

    def test_table(self):
        text = report.markdown(self.RESULT)
        self.assertIn("| one | 2.00 s | 1.00 s to 3.00 s | 3 |", text)
        self.assertIn("| one / other | 0.50 | at most 1.25 |", text)

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            report.write(self.RESULT, folder)
            with open(os.path.join(folder, "create.json"), encoding="utf-8") as file:
                self.assertEqual(json.load(file)["sides"]["one"][0]["seconds"], 3)
            title = ET.parse(os.path.join(folder, "create.svg")).find("{*}text").text
            self.assertEqual(title, "create: a < b")

    def test_plot_of_what_takes_no_tick_of_cpu(self):
        sides = {"quick": [sample(0.002), sample(0.002, netstackd=0.01), sample(0.002)]}
        plot = ET.fromstring(report.svg({**self.RESULT, "sides": sides}))
        bars = [each for each in plot.findall("{*}rect") if each.find("{*}title") is not None]
        self.assertEqual([each.get("width") for each in bars], ["0.0"])


class Distributions(unittest.TestCase):
    RESULT = {
        "bench": "failover",
        "title": "t",
        "parameters": {},
        "sides": {},
        "ratios": [],
        "distributions": [
            {
                "what": "time",
                "unit": "ms",
                "target": 10,
                "sides": {"alone": [0.5] * 98 + [20, 300], "others": [1000, 1]},
            }
        ],
    }

    def test_percentile(self):
        """By rank: always one of the values, and p99 of a hundred is the last but one."""
        values = list(range(100, 0, -1))
        self.assertEqual([report.percentile(values, p) for p in (1, 50, 99, 100)], [1, 50, 99, 100])
        self.assertEqual([report.percentile([7, 8], p) for p in (50, 51)], [7, 8])

    def test_table(self):
        text = report.markdown(self.RESULT)
        self.assertIn("| alone | 0.5 ms | 0.5 ms | 20 ms | 300 ms | 100 | p99 10 ms |", text)

    def test_plot(self):
        """Further right and lower for a longer time, and all of it within the frame."""
        plot = ET.fromstring(report.svg_distribution(self.RESULT))
        lines = [p.get("d") for p in plot.findall("{*}path") if p.get("fill") == "none"]
        self.assertEqual(len(lines), 2)
        for line in lines:
            x = [float(number) for number in re.findall(r"[HM]([\d.]+)", line)]
            y = [float(number) for number in re.findall(r"V([\d.]+)", line)]
            self.assertEqual((x, y), (sorted(x), sorted(y)))
            self.assertLessEqual(max(x), report.WIDTH)
            self.assertLessEqual(max(y), report.TOP + report.PLOT_HEIGHT)

    def test_file(self):
        with tempfile.TemporaryDirectory() as folder:
            report.write(self.RESULT, folder)
            self.assertEqual(
                set(os.listdir(folder)), {"failover.json", "failover.md", "failover.svg"}
            )


class MachineLine(unittest.TestCase):
    """What it was measured on is told with the table."""

    def test_line(self):
        described = machine.describe()
        text = report.markdown({**Bars.RESULT, "machine": described})
        last = text.splitlines()[-1]
        for word in (described["date"], described["kernel"], described["processor"], "FRR", "libyang"):
            self.assertIn(word, last)
        self.assertNotIn("FRR", report.markdown(Bars.RESULT))


class Bars(unittest.TestCase):
    """Of a bench without times."""

    RESULT = {
        "bench": "memory",
        "title": "memory of netstackd",
        "parameters": {"stacks": 10},
        "sides": {},
        "values": [("zebra, a stack", 30.0, "kB")],
        "ratios": [],
        "bars": {"unit": "kB a stack", "values": {"zebra": 30.0, "mgmtd": 0.0, "netstackd": 7.5}},
    }

    def test_lengths(self):
        plot = ET.fromstring(report.svg_bars(self.RESULT))
        bars = [float(bar.get("width")) for bar in plot.findall("{*}rect")[1:]]
        self.assertEqual(bars[1], 0)
        self.assertAlmostEqual(bars[0] / bars[2], 4, delta=0.01)
        words = [text.text for text in plot.findall("{*}text")]
        for word in ("memory: memory of netstackd", "kB a stack", "zebra", "30", "mgmtd", "0", "7.5"):
            self.assertIn(word, words)

    def test_nothing_at_all(self):
        bars = {"unit": "wake-ups", "values": {"netstackd": 0}}
        plot = ET.fromstring(report.svg_bars({**self.RESULT, "bars": bars}))
        self.assertEqual(float(plot.findall("{*}rect")[1].get("width")), 0)

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            report.write(self.RESULT, folder)
            self.assertEqual(set(os.listdir(folder)), {"memory.json", "memory.md", "memory.svg"})


class Failover(unittest.TestCase):
    """What the bench makes of what its probe has seen."""

    @staticmethod
    def events(received):
        def bfd(at, side, state):
            return {"event": "bfd", "at": at, "side": side, "state": state}

        return [
            bfd(9.7, "gateway", "up"),
            bfd(9.95, "gateway", "up"),
            bfd(10.1, "stack", "up"),
            {"event": "route", "at": 10.2, "gateway": "10.0.1.254"},
            bfd(10.86, "stack", "down"),
            {"event": "route", "at": 10.864, "gateway": "10.0.1.253"},
            bfd(10.9, "gateway", "down"),
            {"event": "end", "sent": [9.9, 10.0, 10.861, 10.862, 10.9], "received": received},
        ]

    def test_sample(self):
        sample = bench_failover.evaluate(self.events([9.9, None, None, 10.87, 10.9]), "10.0.1.253")
        self.assertEqual(
            {key: round(value, 6) for key, value in sample.items()},
            {
                "at": 10.86,
                "seconds": 0.004,
                "detection": 0.91,
                "failure_to_route": 0.864,
                "lost": 2,
                "lost_beyond": 1,
            },
        )

    def test_no_failure(self):
        """Nothing was lost, or the stream did not go on: that is no failover."""
        for received in ([9.9, 10, 10.861, 10.862, 10.9], [9.9, None, None, None, None]):
            with self.assertRaisesRegex(frr.Wrong, "packets lost"):
                bench_failover.evaluate(self.events(received), "10.0.1.253")

    def test_distributions(self):
        sample = {"seconds": 0.004, "detection": 0.91, "failure_to_route": 0.864}
        sample.update(lost=865, lost_beyond=5)
        found = bench_failover.distributions({"alone": {"failures": [sample]}})
        self.assertEqual([each["sides"]["alone"] for each in found], [[4], [14], [864], [865], [5]])

    def test_what_the_machine_took(self):
        """What was before the detection counts where it made bfdd late, and no more than it was late."""
        for stalls_seen, from_detection, from_time in (
            ("1 10862000000 10865000000\n", 2, 12),
            ("1 10858000000 10859000000\n1 10862000000 10865000000\n", 2, 11),
            ("0 9951000000 9953000000\n1 10858000000 10859000000\n", 4, 11),
            ("0 9900000000 9990000000\n1 10858000000 10859000000\n", 4, 4),
            ("0 9970000000 9990000000\n", 4, 14),
        ):
            seen = stalls.Stalls()
            seen.take(stalls_seen)
            sample = bench_failover.evaluate(
                self.events([9.9, None, None, 10.87, 10.9]), "10.0.1.253"
            )
            bench_failover.add_stalls(sample, seen)
            found = bench_failover.distributions({"alone": {"failures": [sample], "stalls": []}})
            self.assertEqual(
                [each["sides"]["alone"] for each in found],
                [[4], [14], [from_detection], [from_time], [864], [2], [1]],
            )

    def test_stalls(self):
        """Of two processors at the same time only once, and what is in part within counts in part."""
        seen = stalls.Stalls()
        seen.take("0 1000000000 3000000000\n0 6000000000 7000000000\n1 2000000000 4000000000\n")
        self.assertEqual(seen.merged, [(1, 4), (6, 7)])
        for start, end, expected in ((0, 9, 4), (2, 6.5, 2.5), (4, 6, 0), (1.5, 2, 0.5), (8, 9, 0)):
            self.assertEqual(seen.within(start, end), expected)
        self.assertEqual(sorted(seen.lengths()), [1, 2, 2])

    def test_bfd_packet(self):
        """As bfdd sends it: version 1, diagnostic 1, state Down."""
        ether = b"\x02" * 12 + b"\x08\x00"
        address = bytes((10, 0, 1, 1)), bytes((10, 0, 1, 254))
        ip_header = struct.pack("!BBHHHBBH", 0x45, 0, 52, 0, 0, 255, 17, 0) + b"".join(address)
        bfd = struct.pack("!BBBB", 0x21, 0x48, 3, 24) + bytes(20)
        udp = struct.pack("!HHHH", 49152, 3784, 32, 0)
        frame = ether + ip_header + udp + bfd
        self.assertEqual(probe.bfd_packet(frame), ("10.0.1.1", "10.0.1.254", "down"))
        other = ether + ip_header + struct.pack("!HHHH", 49152, 4789, 32, 0) + bfd
        self.assertIsNone(probe.bfd_packet(other))
        self.assertIsNone(probe.bfd_packet(frame[:60]))
        self.assertIsNone(probe.bfd_packet(b"\x02" * 12 + b"\x08\x06" + bytes(46)))

    def test_default_routes(self):
        def message(kind, prefix_length, gateway):
            attributes = struct.pack("=HHI", 8, 4, 7)  # RTA_OIF
            if gateway:
                attributes += struct.pack("=HH", 8, 5) + bytes(gateway)
            body = struct.pack("=BBBBBBBBI", 2, prefix_length, 0, 0, 254, 196, 0, 1, 0)
            length = 16 + len(body) + len(attributes)
            return struct.pack("=IHHII", length, kind, 0, 0, 0) + body + attributes

        data = (
            message(24, 24, (10, 0, 1, 1))
            + message(25, 0, (10, 0, 1, 254))
            + message(24, 0, None)
            + message(24, 0, (10, 0, 1, 253))
        )
        self.assertEqual(
            probe.default_routes(data), [(False, "10.0.1.254"), (True, "10.0.1.253")]
        )
        self.assertEqual(probe.default_routes(data[:-4] + b"\0\0\0\0")[0], (False, "10.0.1.254"))


class Turns(unittest.TestCase):
    def test_alternate(self):
        """In turns, but for a side that takes long."""
        order = []
        sides = {name: lambda name=name: order.append(name) or sample(1) for name in "abc"}
        taken = harness.alternate(sides, 3, once=("b",))
        self.assertEqual("".join(order), "abcacac")
        self.assertEqual({name: len(samples) for name, samples in taken.items()}, {"a": 3, "b": 1, "c": 3})


class Peers(unittest.TestCase):
    """The same stack in the peers' languages."""

    def test_networkd(self):
        files = peers.networkd_files(stacks.Stack(7))
        self.assertEqual(
            set(files), {"s00007.netdev", "s00007.network", "d00007.netdev", "d00007.network"}
        )
        self.assertIn("\nTable=1007\n", files["s00007.netdev"])
        self.assertIn("\nVRF=s00007\n", files["d00007.network"])
        self.assertEqual(files["d00007.network"].count("[Neighbor]"), 2)

    def test_ifupdown(self):
        text = peers.interfaces(stacks.stacks(3))
        self.assertEqual(text.count("\niface "), 6)
        self.assertIn("    vrf-table 1003\n", text)
        self.assertIn("    gateway 10.0.3.254\n", text)


class Parsing(unittest.TestCase):
    def test_routes_of_zebra(self):
        """Only those that are selected and in the FIB."""
        text = """
IPv4 unicast VRF s00001:
K   0.0.0.0/0 [255/8192] unreachable (ICMP unreachable), weight 1, 00:00:04
S[78]>* 0.0.0.0/0 [1/0] via 10.0.1.254, d00001, weight 1, 00:00:06
S>q 10.1.0.0/16 [1/0] via 10.0.1.254, d00001, weight 1, 00:00:06
C>* 10.0.1.0/24 is directly connected, d00001, weight 1, 00:00:29
"""
        self.assertEqual(
            stacks.zebra_routes(text),
            {
                "s00001": {
                    ("S", "0.0.0.0/0", "10.0.1.254", "d00001"),
                    ("C", "10.0.1.0/24", None, "d00001"),
                }
            },
        )


    def test_static_and_kernel_routes_in_the_fib(self):
        """Not those that zebra has and the kernel has not, nor others."""
        text = """
Route Source         Routes               FIB  (vrf s00001)
kernel               2                    1
connected            1                    1
local                1                    1
static               301                  300
------
Totals               305                  303
"""
        self.assertEqual(bench_routes.in_fib(text.replace("\n", "  \n")), 301)
        self.assertEqual(bench_routes.in_fib(""), 0)

    def test_bgp(self):
        """An instance whose VRF bgpd does not know yet, or that is not as configured, is a problem."""
        which = stacks.stacks(3)
        shown = {
            "vrfs": {
                "s00001": {"vrfId": 7, "routerId": "10.0.1.1", "numConfiguredPeers": 1},
                "s00002": {"vrfId": -1, "routerId": "10.0.2.1", "numConfiguredPeers": 1},
                "s00003": {"vrfId": 9, "routerId": "10.0.3.1", "numConfiguredPeers": 0},
            }
        }
        self.assertEqual(
            bench_boot.problems_in_bgp(json.dumps(shown), which),
            ["s00002: no VRF in bgpd", "s00003: not as configured in bgpd"],
        )
        self.assertEqual(len(bench_boot.problems_in_bgp("{}", which)), 3)


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


@unittest.skipUnless(IN_LAB, "not in the lab")
class EndStates(unittest.TestCase):
    """Each way to be wrong is found, of one object among others that are right."""

    STACKS = stacks.stacks(3)
    # what is done to a stack that is right, and the word that is to be in the complaint
    FAULTS = (
        ("table", "link del s00002", "VRF"),
        ("VRF is down", "link set s00002 down", "VRF up"),
        ("not enslaved", "link set d00002 nomaster", "master"),
        ("link is down", "link set d00002 down", "member up"),
        ("no link", "link del d00002", "member"),
        ("no address", "addr flush dev d00002", "addresses"),
        ("one address more", "addr add 192.0.2.1/24 dev d00002", "addresses"),
        ("no gateway", "route del default via 10.0.2.254 table 1002", "default routes"),
        ("another metric", "route add default via 10.0.2.9 dev d00002 metric 9 table 1002", "default"),
        ("no guard", "route del unreachable default table 1002 metric 4278198272", "default routes"),
        ("no IPv6 guard", "-6 route flush table 1002 type unreachable", "IPv6 default"),
        ("no neighbour", "neigh del 10.0.2.11 dev d00002", "neighbours"),
        ("another MAC", "neigh replace 10.0.2.10 lladdr 2:0:0:0:0:99 dev d00002", "neighbours"),
        ("dynamic", "neigh replace 10.0.2.10 lladdr 2:0:0:0:0:10 dev d00002 nud stale", "neighbours"),
        ("no mark", "link set d00002 alias x", "alias"),
        ("one link more", "link add d00099 type dummy", "should not be there"),
    )

    def setUp(self):
        harness.clear()
        self.addCleanup(harness.clear)
        for part in ("links", "gateways"):
            harness.run(harness.program("floor"), part, "1", "3")

    def test_right(self):
        stacks.check_kernel(self.STACKS)

    def test_wrong(self):
        for what, command, complaint in self.FAULTS:
            with self.subTest(what):
                self.setUp()
                ip(*command.split())
                with self.assertRaisesRegex(frr.Wrong, complaint):
                    stacks.check_kernel(self.STACKS)

    def test_one_too_few(self):
        with self.assertRaisesRegex(frr.Wrong, "s00004: VRF"):
            stacks.check_kernel(stacks.stacks(4))

    def test_removed(self):
        """All is gone, the guards in the tables too, which belong to no link."""
        harness.run(harness.program("floor"), "remove", "1", "3")
        stacks.check_kernel([])
        self.assertFalse([key for key in stacks.Kernel().routes if key[1].startswith("100")])

    def test_settle(self):
        """It waits for what is not there, and counts what comes back once."""
        with harness.Settle(vrf=3, member=3, address=3, route=3, neighbor=6) as settle:
            self.assertEqual(set(settle.wait()), {"vrf", "member", "address", "route", "neighbor"})
        ip("link", "set", "d00002", "down")
        with harness.Settle(member=3) as settle:
            with self.assertRaises(subprocess.TimeoutExpired):
                settle.process.wait(0.3)
            ip("link", "set", "d00002", "up")
            settle.wait()


@unittest.skipUnless(BACKEND == "netns", "not in the lab with namespaces")
class Namespaces(unittest.TestCase):
    """Each way to be wrong is found, in one namespace among others that are right."""

    STACKS = stacks.stacks(3)
    FAULTS = (
        ("no namespace", "netns del s00002", "should be there"),
        ("one namespace more", "netns add s00099", "should be there"),
        ("no link", "-n s00002 link del d00002", "members"),
        ("one link more", "-n s00002 link add v0 type veth", "members"),
        ("link is down", "-n s00002 link set d00002 down", "up"),
        ("lo is down", "-n s00002 link set lo down", "up"),
        ("no address", "-n s00002 addr flush dev d00002", "addresses"),
        ("no gateway", "-n s00002 route del default", "default routes"),
        ("one gateway more", "-n s00002 route add default via 10.0.2.9 metric 9", "default routes"),
        ("no neighbour", "-n s00002 neigh flush nud permanent", "neighbours"),
        ("another MAC", "-n s00002 neigh replace 10.0.2.10 lladdr 2:0:0:0:0:99 dev d00002", "neighb"),
    )

    def test_wrong(self):
        for what, command, complaint in self.FAULTS:
            with self.subTest(what), spaces.parent(), spaces.IpBatch(self.STACKS) as batch:
                batch.create()
                spaces.check_kernel(self.STACKS, marked=False)
                ip(*command.split())
                with self.assertRaisesRegex(frr.Wrong, f"s000[0-9]{{2}}: .*{complaint}"):
                    spaces.check_kernel(self.STACKS, marked=False)
        self.assertFalse(spaces.names())

    def test_not_marked(self):
        with spaces.parent(), spaces.IpBatch(self.STACKS) as batch:
            batch.create()
            with self.assertRaisesRegex(frr.Wrong, "alias"):
                spaces.check_kernel(self.STACKS)

    def test_bench(self):
        result = run_bench(self, "namespaces", "--stacks", "4")
        self.assertEqual(len(result["sides"]), 10)


def run_bench(test, name, *options):
    """What it has written, of one run."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [RUN, name, "--runs", "1", "--out", folder, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        test.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(os.path.join(folder, f"{name}.json"), encoding="utf-8") as file:
            return json.load(file)


class Looks(unittest.TestCase):
    """How long routes waits before it asks zebra again."""

    def test_pace(self):
        """Half of the time that is left, by the last two; less the nearer the end, and always some."""
        seconds = bench_routes.until_next_look
        self.assertEqual(seconds([(0, 0), (7, 0), (8, 20000)], 100000), 2)
        self.assertEqual(seconds([(0, 0), (8, 90000)], 100000), 4 / 9)
        self.assertEqual(seconds([(7, 99990), (8, 99999)], 100000), 1 / 18)
        self.assertEqual(seconds([(7, 90000), (8, 99999)], 100000), 0.03)
        self.assertGreater(seconds([(7, 5), (8, 5)], 100), 0)


@unittest.skipUnless(
    BACKEND == "netns" and stalls.can_see_stalls(), "not in the lab on the host's kernel"
)
class Awake(unittest.TestCase):
    def test_awake(self):
        """Each processor has one that is idle to all others, and nothing is left of it afterwards."""
        with contextlib.ExitStack() as undo:
            if not awake.keep_awake(undo):
                self.skipTest("no control groups with cpu.idle")
            with open("/proc/mounts", encoding="ascii") as file:
                (top,) = (line.split()[1] for line in file if "/cgroup-" in line)
            group = os.path.join(top, awake.IdleGroup.NAME)
            with open(os.path.join(group, "cgroup.procs"), encoding="ascii") as file:
                pids = [int(pid) for pid in file]
            frr.wait_for(
                lambda: [os.sched_getscheduler(pid) for pid in pids]
                == [os.SCHED_IDLE] * machine.processors(),
                "their priority",
            )
            frr.wait_for(
                lambda: sorted(cpu for pid in pids for cpu in os.sched_getaffinity(pid))
                == sorted(os.sched_getaffinity(0)),
                "one for each processor",
            )
        self.assertFalse([pid for pid in pids if os.path.exists(f"/proc/{pid}")])
        self.assertFalse(os.path.exists(top))
        with self.assertRaisesRegex(frr.Wrong, "has ended"):
            with awake.Awake() as spinning:
                spinning.processes[0].kill()
                spinning.processes[0].wait()


@unittest.skipUnless(IN_LAB, "not in the lab")
class Benches(unittest.TestCase):
    def test_create(self):
        result = run_bench(self, "create", "--stacks", "5")
        self.assertEqual(set(result["sides"]), set(bench_create.SIDES))
        for samples in result["sides"].values():
            self.assertGreater(samples[0]["seconds"], 0)
            # of five stacks zebra's part may be less than a tick of the clock
            self.assertTrue(samples[0]["cpu"])

    def test_remove(self):
        run_bench(self, "remove", "--stacks", "5")

    def test_restart(self):
        result = run_bench(self, "restart", "--stacks", "5")
        self.assertEqual(result["sides"]["netstackd"][0]["operations"], 0)

    def test_routes(self):
        result = run_bench(self, "routes", "--routes", "20")
        self.assertEqual(set(result["sides"]), set(bench_routes.SIDES))

    def test_wrong_routes(self):
        """One too few, one too many, and one by another way are seen, in the kernel and in zebra."""
        with bench_routes.stack_without_netstackd() as (running, s):
            index = str(socket.if_nametoindex(s.member))
            harness.run(harness.program("floor"), "routes", str(s.table), "5", index, s.gateway)
            bench_routes.wait_for_all_in_zebra(running, s, 5)
            bench_routes.check(running, s, 5)
            for count in (4, 6):
                with self.assertRaisesRegex(frr.Wrong, "1 routes are wrong in the kernel"):
                    bench_routes.check(running, s, count)
            route = f"172.16.0.2 table {s.table} metric 20 dev {s.member}"
            ip("route", "replace", *route.split(), "via", f"{s.prefix}.7")
            with self.assertRaisesRegex(frr.Wrong, "172.16.0.2"):
                bench_routes.check(running, s, 5)

    def test_others(self):
        """Those that a small size is enough for. What they find is theirs."""
        for name in ("change", "show", "memory", "scale", "reload", "boot"):
            with self.subTest(name):
                result = run_bench(self, name, "--stacks", "4")
                self.assertTrue(result.get("values"))

    def test_failover(self):
        result = run_bench(self, "failover", "--stacks", "2")
        for side in ("alone", "others configured"):
            samples = result["samples"][side]["failures"]
            self.assertEqual({each["stack"] for each in samples}, {"s00001", "s00002"})
            self.assertTrue(all(each["lost"] for each in samples))

    def test_zebra_that_does_not_know(self):
        """What is in the kernel, and was in zebra once, is not enough."""
        with harness.fresh_frr() as running:
            harness.floor_create(running, 2)
            vty = running.vty("zebra")
            frr.wait_for(lambda: not stacks.problems_in_zebra(vty, stacks.stacks(2)), "zebra")
            with self.assertRaisesRegex(frr.Wrong, "s00003: no VRF"):
                stacks.check_zebra(vty, stacks.stacks(3))
            ip("link", "set", "d00002", "down")
            frr.wait_for(lambda: stacks.problems_in_zebra(vty, stacks.stacks(2)), "zebra to see")
            with self.assertRaisesRegex(frr.Wrong, "s00002: 10.0.2.0/24 is not connected"):
                stacks.check_zebra(vty, stacks.stacks(2))


if __name__ == "__main__":
    unittest.main()
