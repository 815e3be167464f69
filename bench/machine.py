# SPDX-License-Identifier: GPL-2.0-or-later
"""
Time, processor time by process, memory, and what machine this is.
"""

import os
import re
import statistics
import subprocess
import time

TICK = 1 / os.sysconf("SC_CLK_TCK")
KERNEL = "kernel threads"
REST = "interrupts and rest"

now = time.monotonic


class Cpu:
    """
    Processor time that each program has used, as of when this was made, in seconds; and what the host
    of a virtual machine kept of it for others (`stolen`).
    """

    def __init__(self):
        self.used = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                self._add_process(entry)
        self.ended = _children_seconds()
        self.busy = _busy_seconds()
        self.stolen = _stolen_seconds()

    def _add_process(self, pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                name, fields = re.fullmatch(r"\d+ \((.*)\) (.*)\n", file.read(), re.S).groups()
        except (FileNotFoundError, ProcessLookupError):
            return
        fields = fields.split()
        if fields[0] == "Z":
            return  # it has ended, and would be missing the next time
        name = KERNEL if fields[1] == "2" or pid == "2" else name
        seconds = (int(fields[11]) + int(fields[12])) * TICK
        self.used[name] = self.used.get(name, 0) + seconds

    def since(self, earlier, ended="commands"):
        """
        {program: seconds} from `earlier` to this, largest first. `ended`: the name of what our own
        children, which have ended in between, are. Where the whole machine is ours, what no
        process accounts for is there too.
        """
        used = {
            name: seconds - earlier.used.get(name, 0)
            for name, seconds in self.used.items()
            if name not in ("python3", "run")
        }
        used[ended] = used.get(ended, 0) + self.ended - earlier.ended
        ours = sum(seconds - earlier.used.get(name, 0) for name, seconds in self.used.items())
        if self.busy is not None:
            used[REST] = self.busy - earlier.busy - ours - (self.ended - earlier.ended)
        used = {name: round(seconds, 3) for name, seconds in used.items() if seconds >= TICK / 2}
        return dict(sorted(used.items(), key=lambda item: -item[1]))


def _children_seconds():
    times = os.times()
    return times.children_user + times.children_system


def _busy_seconds():
    """All but idle; None: this /proc is that of a host with other guests."""
    if os.environ.get("LAB_KERNEL") == "host":
        return None
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _idle, _iowait, irq, softirq = map(int, file.readline().split()[1:8])
    return (user + nice + system + irq + softirq) * TICK


def _stolen_seconds():
    with open("/proc/stat", encoding="ascii") as file:
        return int(file.readline().split()[8]) * TICK


def processors():
    return len(os.sched_getaffinity(0))


def memory_kb(pid):
    """{VmRSS, RssAnon, VmData, ...} of a process, kB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return {m[1]: int(m[2]) for m in re.finditer(r"^(\w+):\s+(\d+) kB$", file.read(), re.M)}


def describe():
    """What the figures were measured on."""

    def says(*command):
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    def debian(package):
        return says("dpkg-query", "-Wf", "${Version}", package)

    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        processor = re.search(r"(?:model name|host)\s*: (.*)", file.read())
    kinds = {"uml": "user-mode Linux", "host": "the host's Linux", "qemu": "Linux in QEMU"}
    return {
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "kernel": f"{kinds.get(os.environ.get('LAB_KERNEL'), 'Linux')} {os.uname().release}",
        "backend": os.environ.get("LAB_BACKEND", "vrf"),
        "processor": os.environ.get("LAB_PROCESSOR") or (processor[1] if processor else "unknown"),
        "processors": processors(),
        "frr": debian("frr"),
        "libyang": debian("libyang3"),
        "iproute2": debian("iproute2"),
        "commit": os.environ.get("LAB_COMMIT", "unknown"),
    }


def spread(values):
    """Median, smallest and largest."""
    return statistics.median(values), min(values), max(values)
