# SPDX-License-Identifier: GPL-2.0-or-later
"""
What keeps the machine's processors from sleeping, for a bench whose single events take milliseconds.
"""

import contextlib
import os
import subprocess
import tempfile

import harness
from frr import Wrong


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
        self.undo = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as undo:
            undo.enter_context(self.group)
            undo.callback(self._end)
            for processor in os.sched_getaffinity(0):
                command = ["chrt", "--idle", "0", "taskset", "-c", str(processor), "sh", "-c", self.SPIN]
                # pylint: disable=consider-using-with
                self.processes.append(subprocess.Popen(command))
                self.group.add(self.processes[-1].pid)
            self.undo = undo.pop_all()
        return self

    def _end(self):
        for process in self.processes:
            process.kill()
            process.wait()

    def __exit__(self, kind, *_):
        ended = [process for process in self.processes if process.poll() is not None]
        self.undo.close()
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
