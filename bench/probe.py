# SPDX-License-Identifier: GPL-2.0-or-later
"""
What sees a failure from outside, for bench_failover.py: a process of its own, before all others on
the processor where that is allowed, and one clock.

It watches
    the kernel's notifications of default routes, in each stack;
    BFD's packets where they arrive at the gateways. The first one with the state Down leaves bfdd
    when it has detected the failure, right before it tells its clients (bfdd/bfd.c,
    ptm_bfd_sess_dn()), and has a timestamp of the kernel's;
and sends a stream of packets, one a millisecond, out of one stack at a time, which it receives
behind the gateways.

With user-mode Linux all that it does is taken from the only processor there is, and so from whom it
measures: the kernel leaves out what nobody asked for, and what has a timestamp of the kernel's waits
in its socket until the stream has ended.

The first line that it reads says what there is; then each line is a command. It writes a line for
each event of the stack that the stream runs through, all of them JSON.
    {"stream": INDEX}    starts the stream;
    {"end": true}        ends it: BFD's packets, and what was sent and received, are the answer; and by
                         how much the clock was set meanwhile, in seconds.
"""

import contextlib
import ctypes
import gc
import json
import os
import select
import socket
import struct
import sys
import time

TARGET = ("198.18.0.1", 4789)  # behind the gateways
RATE = 1000  # packets a second
LINGER = 0.05  # seconds that the last packets may take

RTM_NEWROUTE, RTM_DELROUTE = 24, 25
RTMGRP_IPV4_ROUTE = 0x40
RTA_GATEWAY = 5
SO_RCVBUFFORCE = 33
SO_ATTACH_FILTER = 26
SO_TIMESTAMPNS = 35
ETH_P_ALL = 3
PACKET_OUTGOING = 4
BFD_PORT = 3784
BFD_STATES = ("admin-down", "down", "init", "up")
CLONE_NEWNET = 0x40000000


# ---- what is in a message -------------------------------------------------------------------------


def default_routes(data):
    """[(added, gateway)] of the IPv4 default routes by a gateway in a buffer of netlink messages."""
    found, offset = [], 0
    while offset + 16 <= len(data):
        length, kind = struct.unpack_from("=IH", data, offset)
        if length < 16:
            break
        if kind in (RTM_NEWROUTE, RTM_DELROUTE):
            family, prefix_length = struct.unpack_from("=BB", data, offset + 16)
            gateway = _gateway(data, offset + 28, offset + length)
            if family == socket.AF_INET and prefix_length == 0 and gateway:
                found.append((kind == RTM_NEWROUTE, gateway))
        offset += (length + 3) & ~3
    return found


def _gateway(data, offset, end):
    while offset + 4 <= end:
        length, kind = struct.unpack_from("=HH", data, offset)
        if length < 4:
            return None
        if kind == RTA_GATEWAY:
            return socket.inet_ntoa(data[offset + 4 : offset + 8])
        offset += (length + 3) & ~3
    return None


def bfd_packet(frame):
    """(from, to, state) of an Ethernet frame with BFD over IPv4 (RFC 5880, 4.1); None: it is none."""
    if len(frame) < 34 or frame[12:14] != b"\x08\x00" or frame[23] != socket.IPPROTO_UDP:
        return None
    udp = 14 + 4 * (frame[14] & 15)
    if len(frame) < udp + 8 + 24 or struct.unpack_from("!H", frame, udp + 2)[0] != BFD_PORT:
        return None
    state = BFD_STATES[frame[udp + 9] >> 6]
    return socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34]), state


def attach_filter(sock, program):
    """The kernel drops what a program of classic BPF does not want: [(code, jump if, jump if not, k)]."""
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    fprog = struct.pack("@HP", len(program), ctypes.addressof(code))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, fprog)


NOTHING = ((0x06, 0, 0, 0),)

# Of netlink's messages about routes, one by one: those that have a prefix length of 0
DEFAULT_ROUTES = (
    (0x30, 0, 0, 17),
    (0x15, 0, 1, 0),
    (0x06, 0, 0, 0xFFFF),
    (0x06, 0, 0, 0),
)


def bfd_of(gateway):
    """UDP over IPv4 to BFD's port, from this gateway or to it."""
    address = int.from_bytes(socket.inet_aton(gateway), "big")
    return (
        (0x28, 0, 0, 12),  # EtherType
        (0x15, 0, 10, 0x0800),
        (0x30, 0, 0, 23),  # protocol
        (0x15, 0, 8, socket.IPPROTO_UDP),
        (0xB1, 0, 0, 14),  # x = length of the IP header
        (0x48, 0, 0, 16),  # destination port
        (0x15, 0, 5, BFD_PORT),
        (0x20, 0, 0, 26),  # from
        (0x15, 2, 0, address),
        (0x20, 0, 0, 30),  # to
        (0x15, 0, 1, address),
        (0x06, 0, 0, 0xFFFF),
        (0x06, 0, 0, 0),
    )


def received(read):
    """What read() gives, until the socket is empty."""
    with contextlib.suppress(BlockingIOError):
        while True:
            yield read()


# ---- the process ----------------------------------------------------------------------------------


class Inside:
    """As a context: this process is in another network namespace."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        # pylint: disable=attribute-defined-outside-init
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self._enter(self.path)

    def __exit__(self, *_):
        os.setns(self.home, CLONE_NEWNET)
        os.close(self.home)

    @staticmethod
    def _enter(path):
        fd = os.open(path, os.O_RDONLY)
        os.setns(fd, CLONE_NEWNET)
        os.close(fd)


def route_socket():
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    attach_filter(sock, DEFAULT_ROUTES)
    sock.bind((0, RTMGRP_IPV4_ROUTE))
    return sock


def kernel_time(ancillary):
    """Seconds since 1970, of SO_TIMESTAMPNS."""
    seconds, nanoseconds = struct.unpack("@qq", ancillary[0][2])
    return seconds + nanoseconds / 1e9


def stream_socket(device=None):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    if device:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode() + b"\0")
    return sock


class Probe:
    """`what`: {"far": path of the gateways' namespace, "port": device there, "stacks": [...]}"""

    def __init__(self, what):
        self.stacks = what["stacks"]  # {"name", "netns" or null, "address", "gateway", "standby"}
        self.epoll = select.epoll()
        self.readers = {}
        self.current = None
        self.sent, self.clock = [], 0
        self.senders = [self.open_stack(stack) for stack in self.stacks]
        if not all(stack["netns"] for stack in self.stacks):
            self.watch(route_socket(), self.read_routes)
        with Inside(what["far"]):
            self.open_far(what["port"])
        self.timer = os.timerfd_create(time.CLOCK_MONOTONIC, flags=os.TFD_NONBLOCK)
        self.epoll.register(self.timer, select.EPOLLIN)
        self.epoll.register(0, select.EPOLLIN)

    def open_stack(self, stack):
        if not stack["netns"]:
            return stream_socket(stack["name"])
        with Inside(stack["netns"]):
            self.watch(route_socket(), self.read_routes)
            return stream_socket()

    def open_far(self, port):
        self.packets = socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(ETH_P_ALL)
        )
        attach_filter(self.packets, NOTHING)
        self.packets.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.packets.bind((port, ETH_P_ALL))
        self.target = stream_socket()
        self.target.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        self.target.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.target.bind(TARGET)

    def watch(self, sock, read):
        self.readers[sock.fileno()] = (sock, read)
        self.epoll.register(sock.fileno(), select.EPOLLIN)

    @staticmethod
    def tell(**event):
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()

    def read_routes(self, sock):
        data, now = sock.recv(1 << 16), time.time()
        if self.current is None:
            return
        stack = self.stacks[self.current]
        for added, gateway in default_routes(data):
            if added and gateway in (stack["gateway"], stack["standby"]):
                self.tell(event="route", at=now, gateway=gateway)

    def tell_bfd(self):
        """Of the gateway of the stream's stack, all that came since its start."""
        for frame, ancillary, _, sender in received(lambda: self.packets.recvmsg(2048, 64)):
            packet = bfd_packet(frame)
            if packet:
                side = "gateway" if sender[2] == PACKET_OUTGOING else "stack"
                self.tell(event="bfd", at=kernel_time(ancillary), side=side, state=packet[2])

    def received_stream(self):
        """When each packet of the stream came: None for one that did not."""
        times = [None] * len(self.sent)
        for data, ancillary, _, _ in received(lambda: self.target.recvmsg(64, 64)):
            index, number = struct.unpack("!II", data)
            if index == self.current:
                times[number] = kernel_time(ancillary)
        return times

    def send(self):
        """One packet for each millisecond that has passed; one that cannot be sent is lost."""
        for _ in range(int.from_bytes(os.read(self.timer, 8), sys.byteorder)):
            try:
                packet = struct.pack("!II", self.current, len(self.sent))
                self.sent.append(time.time())
                self.senders[self.current].sendto(packet, TARGET)
            except OSError:
                pass

    def command(self, line):
        command = json.loads(line)
        if "stream" in command:
            self.start(command["stream"])
        else:
            self.end()

    def start(self, index):
        self.current, self.sent = index, []
        for sock in (self.packets, self.target):  # what came late
            for _ in received(lambda sock=sock: sock.recv(2048)):
                pass
        attach_filter(self.packets, bfd_of(self.stacks[index]["gateway"]))
        self.clock = time.time() - time.monotonic()
        os.timerfd_settime(self.timer, initial=1 / RATE, interval=1 / RATE)

    def end(self):
        os.timerfd_settime(self.timer, initial=0)
        self.serve(time.monotonic() + LINGER)
        attach_filter(self.packets, NOTHING)
        self.tell_bfd()
        times = self.received_stream()
        clock_set = time.time() - time.monotonic() - self.clock
        self.tell(event="end", sent=self.sent, received=times, clock_set=clock_set)
        self.current = None
        gc.collect()

    def serve(self, until=None):
        """Until a moment, without commands, or for ever: until there are no more commands."""
        while until is None or time.monotonic() < until:
            for fd, _ in self.epoll.poll(None if until is None else LINGER / 10):
                if fd != 0:
                    self.read(fd)
                elif until is None:
                    line = sys.stdin.readline()
                    if not line:
                        return
                    self.command(line)

    def read(self, fd):
        """A command before it may have read all that there was."""
        with contextlib.suppress(BlockingIOError):
            if fd == self.timer:
                self.send()
            else:
                sock, read = self.readers[fd]
                read(sock)


def main():
    gc.disable()  # not in the midst of a stream
    first = True
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
    except PermissionError:
        first = False
    probe = Probe(json.loads(sys.stdin.readline()))
    probe.tell(event="ready", real_time=first)
    probe.serve()


if __name__ == "__main__":
    main()
