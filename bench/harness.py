# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the benches have in common: sides that take turns, a clock that stops when kernel and zebra have
everything, and an end state that is checked before its time counts.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time

import machine
import stacks
from frr import Frr, Wrong, wait_for

TOP = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..")
PROGRAMS = os.path.join(TOP, "build", "obj", "bench")
# How long anything may take before it counts as wrong.
SETTLE_SECONDS = int(os.environ.get("BENCH_SECONDS", "900"))

# Longer than netstackd keeps what commands took (netstackd/netstack_trim.c), but for tests.
STEADY_SECONDS = float(os.environ.get("BENCH_STEADY_SECONDS", "12"))


def program(name):
    return os.path.join(os.environ.get("BENCH_PROGRAMS", PROGRAMS), name)


def say(text):
    print(text, file=sys.stderr, flush=True)


class Settle:
    """
    bench/settle.c: waits until the kernel has so many objects. `within` goes before the command: "ip netns
    exec NAME". Use as a context.
    """

    def __init__(self, within=(), **counts):
        self.within = within
        self.counts = [f"{kind}={count}" for kind, count in counts.items()]

    def __enter__(self):
        # pylint: disable=consider-using-with,attribute-defined-outside-init
        self.process = subprocess.Popen(
            [*self.within, program("settle"), str(SETTLE_SECONDS), *self.counts],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if self.process.stdout.readline() != "ready\n":
            raise Wrong(f"settle: {self.process.communicate()[1]}")
        return self

    def wait(self):
        """{kind: when it was complete}, by the clock of machine.now()."""
        # not communicate(), which would miss what readline() has read ahead
        out, err = self.process.stdout.read(), self.process.stderr.read()
        if self.process.wait():
            raise Wrong(f"the kernel has not all of it after {SETTLE_SECONDS} s: {err}")
        return {k: int(t) / 1e9 for k, t in (line.split() for line in out.splitlines())}

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def floor_create(frr, count, first=1):
    """
    Stacks by bench/floor.c: links and all that is theirs, and routes when zebra knows all VRFs. A
    route that zebra reads before its VRF it does not take for one of the VRF's
    (doc/developer/upstream.md, "zebra dies after a route of a VRF was read before the VRF").
    """
    run(program("floor"), "links", str(first), str(count))
    vrfs = {s.name for s in stacks.stacks(count, first)}
    wait_for(
        lambda: vrfs <= stacks.vrfs_in_zebra(frr.vty("zebra")),
        "zebra to know all VRFs",
        SETTLE_SECONDS,
        interval=0.02,
    )
    run(program("floor"), "gateways", str(first), str(count))


def clear():
    """No VRF and no dummy device is left, and no guard of a VRF."""
    subprocess.run([program("floor"), "clear"], check=True)


@contextlib.contextmanager
def fresh_frr(*extra, base=None):
    """FRR on an empty kernel; both are empty again afterwards."""
    clear()
    try:
        with Frr(extra, **({"base": base} if base else {})) as frr:
            yield frr
            frr.expect_alive()
    finally:
        clear()


def run(*command, text=None):
    """A command that is measured, with a text to read: its output; a failure is the side's."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, input=text, timeout=SETTLE_SECONDS
        )
    except subprocess.TimeoutExpired as late:
        raise Wrong(f"{' '.join(command)}: not done after {SETTLE_SECONDS} s") from late
    if done.returncode:
        raise Wrong(f"{' '.join(command)}: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    return done.stdout


def run_vtysh_file(path):
    """vtysh -f, which says what it is refused and ends well all the same."""
    said = run("vtysh", "-f", path)
    # its children, one a daemon, wait for each other and tell so (vtysh_read_file())
    said = said.replace("% Can't enter config; running datastore locked by another session\n", "")
    if re.search(r"^%|line \d+: ", said, re.M):
        raise Wrong(f"vtysh -f: {said[-1500:]}")


class File:
    """A text in a file, which is gone after the context."""

    def __init__(self, text, suffix=".conf"):
        with tempfile.NamedTemporaryFile("w", suffix=suffix, delete=False) as file:
            file.write(text)
            self.name = file.name

    def __enter__(self):
        return self.name

    def __exit__(self, *_):
        os.unlink(self.name)


def wait_for_zebra(frr, which):
    """When zebra knew all of these stacks."""
    return wait_for(
        lambda: not stacks.problems_in_zebra(frr.vty("zebra"), which) and machine.now(),
        "zebra to know everything",
        seconds=SETTLE_SECONDS,
        interval=0.02,
    )


def timed_create(frr, which, make, watcher=None):
    """
    Runs make(), which is to bring these stacks about. A sample: seconds from its start to all of it
    in kernel and zebra, when each part was complete, and CPU up to then.
    """
    n = len(which)
    counts = {"vrf": n, "member": n, "address": n, "route": n, "neighbor": 2 * n}
    with Settle(**counts) as settle:
        before = machine.Cpu()
        start = machine.now()
        make()
        returned = machine.now()
        complete = settle.wait()
        zebra = wait_for_zebra(frr, which)
    end = max(zebra, returned, *complete.values())
    parts = {kind: at - start for kind, at in complete.items()}
    parts.update(command=returned - start, zebra=zebra - start)
    return {
        "seconds": end - start,
        "parts": {kind: round(seconds, 4) for kind, seconds in parts.items()},
        "cpu": machine.Cpu().since(before),
    }


def wait_idle(frr):
    """netstackd has nothing left to do, and has heard from zebra of all that it asked for."""

    def idle():
        said = frr.vty("netstackd")("show netstack summary")
        stacks_up = re.search(r"^Stacks: +(\d+) \((\d+) up\)$", said, re.M)
        return bool(re.search(r"^Work: +0 queued", said, re.M) and stacks_up)

    wait_for(idle, "netstackd to have nothing to do", seconds=SETTLE_SECONDS, interval=0.05)


@contextlib.contextmanager
def running_stacks(count):
    """FRR with netstackd, that many full stacks in force, and nothing left to do."""
    which = stacks.stacks(count)
    with fresh_frr("netstackd") as frr, File(stacks.netstack_config(which)) as config:
        timed_create(frr, which, lambda: run_vtysh_file(config))
        wait_idle(frr)
        check_all(frr, which)
        yield frr, which, config


def settled_memory(frr):
    """{daemon: kB that are its own}, once none has changed by more than 64 kB for STEADY_SECONDS."""
    used, since, start = {}, machine.now(), machine.now()
    while machine.now() - since < STEADY_SECONDS:
        if machine.now() - start > SETTLE_SECONDS:
            raise Wrong("memory never settles")
        now = {daemon: machine.memory_kb(pid)["RssAnon"] for daemon, pid in frr.pids.items()}
        if any(abs(kb - used.get(daemon, 0)) > 64 for daemon, kb in now.items()):
            used, since = now, machine.now()
        time.sleep(0.1)
    return now


def wait_quiet(program, share=0.03, seconds=5):
    """
    Until the program uses no more than that share of a processor. zebra looks at the speed of each link
    that has none every five seconds, up to four minutes after it came (zebra/interface.c).
    """
    start = machine.now()
    while True:
        before = machine.Cpu()
        time.sleep(seconds)
        if machine.Cpu().since(before).get(program, 0) <= share * seconds:
            return
        if machine.now() - start > SETTLE_SECONDS:
            raise Wrong(f"{program} is never quiet")


def check_all(frr, which):
    """Object by object, by the kernel, zebra and netstackd."""
    stacks.check_kernel(which)
    stacks.check_zebra(frr.vty("zebra"), which)
    stacks.check_netstackd(frr.vty("netstackd"), which)


def timed(command):
    """A sample of one command, which is not to fail."""
    before, start = machine.Cpu(), machine.now()
    run(*command)
    return {"seconds": machine.now() - start, "cpu": machine.Cpu().since(before)}


def alternate(sides, runs, once=()):
    """
    sides: {name: function that runs the side once and returns a sample}. All of them in turn, `runs`
    times over; `once`: those that take minutes, of which one run has to do.
    {name: [sample, ...]}; a side that goes wrong ends the bench.
    """
    samples = {name: [] for name in sides}
    for number in range(1, runs + 1):
        for name, side in sides.items():
            if number > 1 and name in once:
                continue
            try:
                sample = side()
            except Wrong as wrong:
                raise Wrong(f"{name}, run {number}: {wrong}") from wrong
            samples[name].append(sample)
            say(f"  run {number}/{runs}  {name:<24} {sample['seconds']:8.3f} s  {short_cpu(sample)}")
    return samples


def short_cpu(sample):
    return "  ".join(f"{name} {seconds:.2f}" for name, seconds in list(sample["cpu"].items())[:5])
