# SPDX-License-Identifier: GPL-2.0-or-later
"""
failover: gateways that are tracked by BFD and fail, one at a time, until the kernel has the route by
the second one; alone, and while as many other stacks are made and removed without a pause.
"""

import contextlib
import random
import threading
import time

import machine
import stacks
from frr import Frr, Wrong, wait_for
from harness import SETTLE_SECONDS, File, clear, run_vtysh_file, say
from report import percentile
from wan import (
    DETECT_MSEC,
    TRUNK,
    exists,
    removal_config,
    standby,
    tracked_stacks,
    wait_all_first,
    wait_first,
)

TITLE = "a tracked gateway fails, until the kernel has the route by the other one"
# Namespaces first: some milliseconds are to be measured, on the host's kernel and with its processors.
BACKENDS = ("netns", "vrf")
# of bench/run, without --stacks and --runs; each run lets each stack's gateway fail once
STACKS, RUNS = 100, 2
SIDES = ("alone", "others configured")
TARGET_MSEC = 10
NICE = -5  # of FRR's unit for systemd
# Seconds that the stream runs before a failure, at the least and at the most, and after the new route:
# long enough for a packet of BFD from the gateway
BEFORE, AFTER = (0.4, 0.8), 0.2
CLOCK_SET = 0.0005  # seconds: a step of the clock by more is no measurement


class Load:
    """
    Other stacks are made by one vtysh -f, and removed by another when they are all there, again and
    again. Use as a context: they are gone after it.
    """

    def __init__(self, which):
        self.add = stacks.netstack_config(which, link=f"macvlan parent {TRUNK}")
        self.remove = removal_config(which)
        self.names = [s.name for s in which]
        self.rounds = 0
        self.error = None
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._work)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        self.stop.set()
        self.thread.join()
        if self.error and not kind:
            raise self.error

    def _work(self):
        try:
            with File(self.add) as add, File(self.remove) as remove:
                while not self.stop.is_set():
                    run_vtysh_file(add)
                    self._wait(all, "to be made")
                    run_vtysh_file(remove)
                    self._wait(lambda there: not any(there), "to be gone")
                    self.rounds += 1
        except Wrong as wrong:
            self.error = wrong

    def _wait(self, is_done, what):
        """By the kernel: a daemon that is asked is a daemon that does something else meanwhile."""
        wait_for(
            lambda: is_done(exists(name) for name in self.names),
            f"the other stacks {what}",
            SETTLE_SECONDS,
            interval=0.1,
        )


def first(events, **wanted):
    """The first event with these values; None: there is none."""
    for event in events:
        if all(event.get(key) == value for key, value in wanted.items()):
            return event
    return None


def evaluate(events, gateway):
    """
    A sample, of what the probe saw of one failure, in seconds:
        at               bfdd's detection, since 1970
        seconds          from bfdd's detection to the route by `gateway` in the kernel
        detection        from the gateway's last packet of BFD to bfdd's detection
        failure_to_route from the first packet of the stream that was lost
        lost             packets of the stream, all in all
        lost_beyond      those of them that were sent after bfdd's detection
    """
    end = first(events, event="end")
    down = first(events, event="bfd", side="stack", state="down")
    route = first(events, event="route", gateway=gateway)
    lost = [at for at, received in zip(end["sent"], end["received"]) if received is None]
    if not lost or end["received"][-1] is None:
        raise Wrong(f"{len(lost)} of {len(end['sent'])} packets lost, and the last one was")
    heard = max(
        event["at"]
        for event in events
        if event["event"] == "bfd" and event["side"] == "gateway" and event["at"] < down["at"]
    )
    return {
        "at": down["at"],
        "seconds": route["at"] - down["at"],
        "detection": down["at"] - heard,
        "failure_to_route": route["at"] - lost[0],
        "lost": len(lost),
        "lost_beyond": sum(at > down["at"] for at in lost),
    }


def fail(far, probe, which, index, pause):
    """
    The first gateway of one stack fails, and is back afterwards: a sample. None: somebody set the clock
    meanwhile, as a virtual machine's after a pause.
    """
    stack = which[index]
    probe.command({"stream": index})
    time.sleep(pause)
    far.fail(stack)
    events = probe.wait(
        lambda event: event["event"] == "route" and event["gateway"] == standby(stack),
        seconds=min(SETTLE_SECONDS, 60),
    )
    time.sleep(AFTER)  # the stream goes on
    probe.command({"end": True})
    events += probe.wait(lambda event: event["event"] == "end")
    far.heal(stack)
    clock_set = first(events, event="end")["clock_set"]
    if abs(clock_set) > CLOCK_SET:
        say(f"  {stack.name}: not counted: the clock was set by {clock_set:.3f} s")
        return None
    return {"stack": stack.name, **evaluate(events, standby(stack))}


def failures(frr, far, probe, which, runs):
    """Each stack's first gateway once a run, in another order each time."""
    samples, chance = [], random.Random(1)
    for number in range(1, runs + 1):
        order = list(range(len(which)))
        chance.shuffle(order)
        for index in order:
            sample = None
            while not sample:
                wait_first(frr, which[index])
                sample = fail(far, probe, which, index, chance.uniform(*BEFORE))
                frr.expect_alive()
            samples.append(sample)
        times = [1000 * sample["seconds"] for sample in samples]
        say(f"  run {number}/{runs}  median {percentile(times, 50):.1f} ms, max {max(times):.1f} ms")
    return samples


def measure(frr, far, probe, which, runs, loaded):
    """The samples of one side, and CPU; all is as before afterwards."""
    others = stacks.stacks(len(which), first=len(which) + 1)
    before = machine.Cpu()
    with Load(others) if loaded else contextlib.nullcontext() as load:
        samples = failures(frr, far, probe, which, runs)
    if loaded and not load.rounds:
        raise Wrong("the others were never made and removed as a whole")
    cpu = machine.Cpu().since(before)
    wait_all_first(frr, which)
    return {"failures": samples, "cpu": cpu, "rounds": load.rounds if loaded else 0}


def distributions(found):
    """What report.py makes tables and the plot of."""
    times = (
        ("route in the FIB after bfdd's detection", "seconds", 0, TARGET_MSEC),
        (f"route in the FIB after BFD's detection time, {DETECT_MSEC} ms", None, DETECT_MSEC, TARGET_MSEC),
        ("route in the FIB after the failure", "failure_to_route", 0, None),
    )

    def msec(sample, key, less):
        seconds = sample[key] if key else sample["seconds"] + sample["detection"]
        return round(1000 * seconds - less, 3)

    return [
        {
            "what": what,
            "unit": "ms",
            "target": target,
            "sides": {
                side: [msec(sample, key, less) for sample in result["failures"]]
                for side, result in found.items()
            },
        }
        for what, key, less, target in times
    ] + [
        {
            "what": what,
            "unit": "packets",
            "target": None,
            "sides": {
                side: [sample[key] for sample in result["failures"]]
                for side, result in found.items()
            },
        }
        for what, key in (
            ("packets lost, one sent each ms", "lost"),
            ("of these, sent after bfdd's detection", "lost_beyond"),
        )
    ]


def bench(options):
    chosen = options.sides or SIDES
    which = stacks.stacks(options.stacks)
    clear()
    found = {}
    try:
        with Frr(("netstackd", "bfdd"), nice=NICE) as frr:
            for command in ("configure terminal", "zebra work-queue 0", "end"):
                frr.vty("zebra")(command)
            with tracked_stacks(frr, which) as (far, probe):
                real_time = probe.real_time
                for side in (side for side in SIDES if side in chosen):
                    say(f"  {side}")
                    found[side] = measure(
                        frr, far, probe, which, options.runs, loaded=side != SIDES[0]
                    )
            frr.expect_alive()
    finally:
        clear()
    return {
        "parameters": {
            "stacks": options.stacks,
            "failures": options.stacks * options.runs,
            "zebra work-queue": 0,
            "BFD": "300 ms, 3 times, the gateways' by BIRD",
            "the probe's priority": "real time" if real_time else "like all",
        },
        "sides": {},
        "distributions": distributions(found),
        "values": [
            (f"rounds of {options.stacks} others made and removed", result["rounds"], "")
            for result in found.values()
            if result["rounds"]
        ],
        "ratios": [],
        "samples": found,
    }
