# SPDX-License-Identifier: GPL-2.0-or-later
"""
When the machine's processors were not there: bench/stalls.c, and what it saw.

A virtual machine's processors are now and then the host's, which no figure of its own shows when it
happens. A bench whose single events take milliseconds has to know of it.
"""

import bisect
import os
import subprocess

from frr import Wrong
from harness import program


def can_see_stalls():
    """
    Not within user-mode Linux: it does not interrupt itself, so what its kernel does for those who are
    measured would be taken for the machine's.
    """
    return os.environ.get("LAB_KERNEL") != "uml"


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
            [program("stalls")],
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
