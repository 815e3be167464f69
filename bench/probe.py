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

The first line that it reads says what there is; then each line is a command. It writes a line for
each event of the stack that the stream runs through, all of them JSON.
    {"stream": INDEX}    starts the stream;
    {"end": true}        ends it: what was sent and received is the answer.
"""

import contextlib
import ctypes
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


def only_bfd(sock):
    """The kernel drops all that is not UDP over IPv4 to BFD's port."""
    program = (
        (0x28, 0, 0, 12),  # EtherType
        (0x15, 0, 6, 0x0800),
        (0x30, 0, 0, 23),  # protocol
        (0x15, 0, 4, socket.IPPROTO_UDP),
        (0xB1, 0, 0, 14),  # x = length of the IP header
        (0x48, 0, 0, 16),  # destination port
        (0x15, 0, 1, BFD_PORT),
        (0x06, 0, 0, 0xFFFF),
        (0x06, 0, 0, 0),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    fprog = struct.pack("@HP", len(program), ctypes.addressof(code))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, fprog)


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
    sock.bind((0, RTMGRP_IPV4_ROUTE))
    return sock


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
        self.sent, self.received = [], {}
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
        packets = socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(ETH_P_ALL)
        )
        only_bfd(packets)
        packets.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        packets.bind((port, ETH_P_ALL))
        self.watch(packets, self.read_bfd)
        target = stream_socket()
        target.bind(TARGET)
        target.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        self.watch(target, self.read_stream)

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

    def read_bfd(self, sock):
        frame, ancillary, _, sender = sock.recvmsg(2048, 64)
        if self.current is None:
            return
        stack, packet = self.stacks[self.current], bfd_packet(frame)
        if not packet or stack["gateway"] not in packet[:2]:
            return
        seconds, nanoseconds = struct.unpack("@qq", ancillary[0][2])
        side = "gateway" if sender[2] == PACKET_OUTGOING else "stack"
        self.tell(event="bfd", at=seconds + nanoseconds / 1e9, side=side, state=packet[2])

    def read_stream(self, sock):
        now = time.time()
        while True:
            try:
                index, number = struct.unpack("!II", sock.recv(64))
            except BlockingIOError:
                return
            if index == self.current:
                self.received[number] = now

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
            self.current = command["stream"]
            self.sent, self.received = [], {}
            os.timerfd_settime(self.timer, initial=1 / RATE, interval=1 / RATE)
            return
        os.timerfd_settime(self.timer, initial=0)
        self.serve(time.monotonic() + LINGER)
        received = [self.received.get(number) for number in range(len(self.sent))]
        self.tell(event="end", sent=self.sent, received=received)
        self.current = None

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
