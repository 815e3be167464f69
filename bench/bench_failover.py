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
from awake import keep_awake
from frr import Frr, Wrong, wait_for
from harness import SETTLE_SECONDS, File, clear, run_vtysh_file, say
from report import percentile
from stalls import Stalls, can_see_stalls
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


def add_stalls(sample, stalls):
    """
    How long of its times a processor was away, in seconds:
        stalled          of `seconds`
        stalled_late     of `seconds`, and of what bfdd was late: it counts from when it reads the gateway's
                         last packet, and acts when it is woken
    """
    down, late = sample["at"], sample["detection"] - DETECT_MSEC / 1000
    heard = down - sample["detection"]
    sample["stalled"] = sample["stalled_late"] = stalls.within(down, down + sample["seconds"])
    if late > 0:
        reading, waking = stalls.within(heard, heard + late), stalls.within(down - late, down)
        sample["stalled_late"] += min(reading + waking, late)


def measure(frr, far, probe, which, runs, loaded):
    """The samples of one side, and CPU; all is as before afterwards."""
    others = stacks.stacks(len(which), first=len(which) + 1)
    before, start = machine.Cpu(), machine.now()
    watched = can_see_stalls()
    with Stalls() if watched else contextlib.nullcontext() as stalls:
        with Load(others) if loaded else contextlib.nullcontext() as load:
            samples = failures(frr, far, probe, which, runs)
        after, seconds = machine.Cpu(), machine.now() - start
    if loaded and not load.rounds:
        raise Wrong("the others were never made and removed as a whole")
    result = {
        "failures": samples,
        "cpu": after.since(before),
        "seconds": seconds,
        "stolen": after.stolen - before.stolen,
        "rounds": load.rounds if loaded else 0,
    }
    if watched:
        result["stalls"] = [round(length, 4) for length in stalls.lengths()]
        for sample in samples:
            add_stalls(sample, stalls)
    wait_all_first(frr, which)
    return result


def after_due(sample):
    """Seconds from the end of BFD's detection time to the route."""
    return sample["seconds"] + sample["detection"] - DETECT_MSEC / 1000


def machine_values(side, result):
    """How much of the machine was not there while a side was measured, for report.py."""
    per_minute = 60 / result["seconds"]
    processor_seconds = result["seconds"] * machine.processors()

    def share(seconds):
        return round(100 * seconds / processor_seconds, 1)

    values = [(f"{side}: taken by the host (steal)", share(result["stolen"]), "% of the processors")]
    if "stalls" in result:
        away = share(sum(result["stalls"]))
        values.append((f"{side}: a processor was away", away, "% of the processors"))
        values += [
            (
                f"{side}: for {msec} ms or more at a time",
                round(per_minute * sum(1000 * length >= msec for length in result["stalls"]), 1),
                "times a minute",
            )
            for msec in (1, 5, 10)
        ]
    return values


def distributions(found):
    """What report.py makes tables and the plot of."""
    detected = "route in the FIB after bfdd's detection"
    due = f"route in the FIB after BFD's detection time, {DETECT_MSEC} ms"
    times = [
        (detected, lambda sample: sample["seconds"], TARGET_MSEC),
        (due, after_due, TARGET_MSEC),
    ]
    if all("stalls" in result for result in found.values()):
        less = "less what a processor was away"
        times += [
            (f"{detected}, {less}", lambda s: s["seconds"] - s["stalled"], TARGET_MSEC),
            (f"{due}, {less}", lambda s: after_due(s) - s["stalled_late"], TARGET_MSEC),
        ]
    times.append(("route in the FIB after the failure", lambda s: s["failure_to_route"], None))

    return [
        {
            "what": what,
            "unit": "ms",
            "target": target,
            "sides": {
                side: [round(1000 * seconds(sample), 3) for sample in result["failures"]]
                for side, result in found.items()
            },
        }
        for what, seconds, target in times
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
            with tracked_stacks(frr, which) as (far, probe), contextlib.ExitStack() as undo:
                awake = can_see_stalls() and not options.may_sleep and keep_awake(undo)
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
            "processors that have nothing to do": "are kept awake" if awake else "sleep",
        },
        "sides": {},
        "distributions": distributions(found),
        "values": [
            (f"rounds of {options.stacks} others made and removed", result["rounds"], "")
            for result in found.values()
            if result["rounds"]
        ]
        + [value for side, result in found.items() for value in machine_values(side, result)],
        "ratios": [],
        # how often the processors were away is among the values: in a bad hour that is 100,000 times
        "samples": {
            side: {key: value for key, value in result.items() if key != "stalls"}
            for side, result in found.items()
        },
    }
