# SPDX-License-Identifier: GPL-2.0-or-later
"""
When the machine's processors were not there: bench/stalls.c, and what it saw. And what keeps them there.

A virtual machine's processors are now and then the host's, which no figure of its own shows when it
happens. A bench whose single events take milliseconds has to know of it.
"""

import bisect
import contextlib
import os
import subprocess
import tempfile

import harness
from frr import Wrong


def can_see_stalls():
    """
    Not within user-mode Linux: it does not interrupt itself, so what its kernel does for those who are
    measured would be taken for the machine's.
    """
    return os.environ.get("LAB_KERNEL") != "uml"


class IdleGroup:
    """
    A control group whose processes get a processor only when nobody else wants it (cpu.idle,
    Documentation/admin-guide/cgroup-v2.rst; of version 1 as well). SCHED_IDLE alone gives way to those of the
    same group, and with autogroups (sched(7)) each session is one. Use as a context.
    """

    NAME = "netstack-bench-idle"

    def __init__(self):
        self.undo = contextlib.ExitStack()
        self.group = None

    def __enter__(self):
        with open("/proc/self/cgroup", encoding="ascii") as file:
            controllers = [line.split(":")[1].split(",") for line in file]
        version1 = any("cpu" in each for each in controllers)
        kind = ("cgroup", "-o", "cpu") if version1 else ("cgroup2",)
        with contextlib.ExitStack() as undo:
            top = tempfile.mkdtemp(prefix="cgroup-")
            undo.callback(os.rmdir, top)
            harness.run("mount", "-t", *kind, "none", top)
            undo.callback(harness.run, "umount", top)
            if not version1:
                self._write(top, "cgroup.subtree_control", "+cpu")
            self.group = os.path.join(top, self.NAME)
            os.makedirs(self.group, exist_ok=True)
            undo.callback(os.rmdir, self.group)
            self._write(self.group, "cpu.idle", 1)
            self.undo = undo.pop_all()
        return self

    def add(self, pid):
        self._write(self.group, "cgroup.procs", pid)

    def __exit__(self, *_):
        self.undo.close()

    @staticmethod
    def _write(folder, name, value):
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(f"{value}\n")


class Awake:
    """
    No processor sleeps while this is in use as a context: each has a process that gives way to all
    others at once. The host of a virtual machine has another use for a processor that sleeps, and
    does not always give it back when it is to wake. cyclictest(8) does the like by
    /dev/cpu_dma_latency, and the kernel by idle=poll, which are the machine's.
    """

    SPIN = "while :; do :; done"

    def __init__(self):
        self.processes = []
        self.group = IdleGroup()

    def __enter__(self):
        self.group.__enter__()
        for processor in os.sched_getaffinity(0):
            command = ["chrt", "--idle", "0", "taskset", "-c", str(processor), "sh", "-c", self.SPIN]
            # pylint: disable=consider-using-with
            self.processes.append(subprocess.Popen(command))
            self.group.add(self.processes[-1].pid)
        return self

    def __exit__(self, kind, *_):
        ended = [process for process in self.processes if process.poll() is not None]
        for process in self.processes:
            process.kill()
            process.wait()
        self.group.__exit__()
        if ended and not kind:
            raise Wrong("what keeps the processors awake has ended")


def keep_awake(undo):
    """
    Awake until `undo`, an ExitStack, is closed. False, and said: this machine has no such groups, and its
    processors may sleep.
    """
    try:
        undo.enter_context(Awake())
    except (OSError, Wrong) as error:
        harness.say(f"  processors may sleep: {error}")
        return False
    return True


def merge(intervals):
    """[(from, to)] in order, none of which overlap, of any."""
    merged = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


class Stalls:
    """
    What bench/stalls.c sees. Use as a context; the answers are there after it. Seconds since 1970.
    """

    def __init__(self):
        self.by_processor = {}
        self.merged = []

    def __enter__(self):
        # pylint: disable=consider-using-with,attribute-defined-outside-init
        self.process = subprocess.Popen(
            [harness.program("stalls")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if self.process.stdout.readline() != "ready\n":
            raise Wrong(self.process.communicate()[1])
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.take(self.process.stdout.read())
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def take(self, text):
        """What the program has printed."""
        for line in text.splitlines():
            processor, start, end = map(int, line.split())
            self.by_processor.setdefault(processor, []).append((start / 1e9, end / 1e9))
        self.merged = merge(stall for stalls in self.by_processor.values() for stall in stalls)

    def within(self, start, end):
        """For how long of this time any of the processors was away."""
        total = 0
        for since, until in self.merged[max(bisect.bisect(self.merged, (start,)) - 1, 0) :]:
            if since >= end:
                break
            total += max(min(until, end) - max(since, start), 0)
        return total

    def lengths(self):
        """Of all stalls, whichever processor's, in seconds."""
        return [until - since for stalls in self.by_processor.values() for since, until in stalls]
