# SPDX-License-Identifier: GPL-2.0-or-later
"""
FRR's daemons as the package and netstack-setup would start them, but by hand: no watchfrr, whose
polling would be measured along, and no more daemons than a side of a bench has.
"""

import contextlib
import math
import os
import signal
import socket
import subprocess
import time

SBIN = "/usr/lib/frr"
RUN = "/run/frr"
LOG = "/var/log/frr/bench.log"
STATE = "/var/lib/frr"
CONFIG = "/etc/frr/frr.conf"
MAX_FDS = 65536

# What frrinit.sh starts at the least. zebra first: the others wait for it otherwise.
BASE = ("zebra", "mgmtd", "staticd")


class Wrong(Exception):
    """The end state is not what it should be, or does not come: no figure."""


class Vty:
    """Commands to one daemon by its own socket, without vtysh's start."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(120)
        self.socket.connect(f"{RUN}/{daemon}.vty")
        self("enable")

    def __call__(self, command):
        """What the daemon says. Answers end with three zero bytes and a status (lib/vty.c)."""
        answer = bytearray()
        try:
            self.socket.sendall(command.encode() + b"\0")
            while not (len(answer) >= 4 and answer[-4:-1] == b"\0\0\0"):
                answer += self.socket.recv(1 << 20) or _closed()
        except OSError as error:
            raise Wrong(f"{self.daemon} at '{command}': {error}: {_end_of_log()}") from error
        return answer[:-4].decode(errors="replace")

    def close(self):
        self.socket.close()


def _closed():
    raise ConnectionResetError("has closed its vty")


class Frr:
    """Running daemons. Use as a context: they end with it."""

    def __init__(self, extra=(), base=BASE, nice=0):
        self.daemons = list(base) + list(extra)
        self.nice = nice
        self.pids = {}
        self.vtys = {}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        prepare()
        options = _options()
        for daemon in self.daemons:
            self.start_daemon(daemon, options)

    def start_daemon(self, daemon, options=None):
        """In the foreground's place it returns when the daemon has its sockets."""
        options = options or _options()
        command = [f"{SBIN}/{daemon}", "-d", "-F", "traditional", *options.get(daemon, "").split()]
        subprocess.run(
            command + ["--log", f"file:{LOG}", "--log-level", "warnings"],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: _set_limits(self.nice),
        )
        wait_for(lambda: os.path.exists(f"{RUN}/{daemon}.vty"), f"{daemon} to start")
        with open(f"{RUN}/{daemon}.pid", encoding="ascii") as file:
            self.pids[daemon] = int(file.read())

    def stop_daemon(self, daemon, how=signal.SIGTERM):
        pid = self.pids.pop(daemon)
        vty = self.vtys.pop(daemon, None)
        if vty:
            vty.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        wait_for(lambda: not _lives(pid), f"{daemon} to end", seconds=120)

    def stop(self):
        for daemon in reversed(self.daemons):
            if daemon in self.pids:
                self.stop_daemon(daemon)

    def vty(self, daemon):
        if daemon not in self.vtys:
            self.vtys[daemon] = Vty(daemon)
        return self.vtys[daemon]

    def expect_alive(self):
        dead = [daemon for daemon, pid in self.pids.items() if not _lives(pid)]
        if dead:
            raise Wrong(f"{', '.join(dead)} died: {_end_of_log()}")


def _lives(pid):
    """A daemon that has ended may wait for a parent that reaps it."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _end_of_log():
    with open(LOG, encoding="utf-8", errors="replace") as file:
        return "".join(file.readlines()[-12:])


def _set_limits(nice):
    """Nice= of the unit, and as many files as in /etc/frr/daemons, or as a container's root may have."""
    import resource  # pylint: disable=import-outside-toplevel

    os.setpriority(os.PRIO_PROCESS, 0, nice)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for limit in (MAX_FDS, hard):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            return


def prepare():
    """What is to be there before any daemon starts: as netstack-setup and the package leave it."""
    subprocess.run([f"{SBIN}/netstack-setup", "enable"], check=True, stdout=subprocess.DEVNULL)
    for folder in (RUN, os.path.dirname(LOG), STATE):
        subprocess.run(["install", "-d", "-o", "frr", "-g", "frr", folder], check=True)
    subprocess.run(["install", "-o", "frr", "-g", "frr", "/dev/null", LOG], check=True)
    with open("/etc/frr/vtysh.conf", "w", encoding="ascii") as file:
        file.write("service integrated-vtysh-config\n")
    write_config("")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{STATE}/netstackd.json")


def write_config(text):
    """For who reads it: vtysh -b and frr-reload.py. Each run begins with an empty one."""
    with open(CONFIG, "w", encoding="ascii") as file:
        file.write(text)


def _options():
    """{daemon: options} as /etc/frr/daemons has them, with -w on namespaces."""
    script = """
        . /etc/frr/daemons
        for name in zebra mgmtd staticd netstackd bgpd ospfd ospf6d bfdd; do
            options=${name}_options
            echo "$name ${!options}"
        done
    """
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    options = dict(line.partition(" ")[::2] for line in said.splitlines())
    if os.environ.get("LAB_BACKEND") == "netns":
        options["zebra"] += " -w"
    return options


def wait_for(condition, what, seconds=60, interval=0.01, longest=math.inf):
    """
    Until a condition holds: what it returned, when it was true. Looking takes at most a tenth of the
    time: a daemon that is asked for a long list again and again does little else. But for a short answer
    one may wait long, where a daemon is busy: between two looks there are at most `longest` seconds.
    """
    end = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        result = condition()
        now = time.monotonic()
        if result:
            return result
        if now > end:
            raise Wrong(f"after {seconds} s still waiting for {what}")
        time.sleep(min(longest, max(interval, 9 * (now - asked))))
