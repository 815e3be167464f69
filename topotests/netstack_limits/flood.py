# SPDX-License-Identifier: GPL-2.0-or-later
"""
A host that pretends to be many: `flood.py IFNAME MAC arp|nd COUNT`.

It asks for the stack's MAC address (10.0.0.1, or fd00::1 at MAC) from so many addresses of its
subnet, as fast as it can. The stack learns each of them. At the end it prints how many seconds it took.
"""

import socket
import struct
import sys
import time

SOURCE_MAC = bytes.fromhex("020000000abc")


def arp(number, _):
    "RFC 826: a request, broadcast"
    source = struct.pack("!I", (10 << 24) + (1 << 16) + number)
    request = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
    request += SOURCE_MAC + source + bytes(6) + bytes([10, 0, 0, 1])
    return b"\xff" * 6 + SOURCE_MAC + b"\x08\x06" + request


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def neighbor_solicitation(number, mac):
    "RFC 4861, section 4.3, to the address itself, as for one that is known already"
    target = socket.inet_pton(socket.AF_INET6, "fd00::1")
    source = socket.inet_pton(socket.AF_INET6, "fd00::1:0:0")[:12] + struct.pack("!I", number + 1)
    body = struct.pack("!BBHI", 135, 0, 0, 0) + target + b"\x01\x01" + SOURCE_MAC
    pseudo = source + target + struct.pack("!II", len(body), 58)
    body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
    header = struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + source + target
    return mac + SOURCE_MAC + b"\x86\xdd" + header + body


def main():
    ifname, mac, kind, count = sys.argv[1:]
    packet = arp if kind == "arp" else neighbor_solicitation
    mac = bytes.fromhex(mac.replace(":", ""))
    packets = [packet(number, mac) for number in range(int(count))]
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    port.bind((ifname, 0))
    start = time.monotonic()
    for each in packets:
        port.send(each)
    print(time.monotonic() - start)


if __name__ == "__main__":
    main()
