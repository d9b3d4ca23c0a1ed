#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""SIP below headers stacked at random: link types, tags, labels, sessions, tunnels in tunnels, extension
headers, fragments out of order, in one pcapng file with an interface for each link type.

The truth is known by construction: each message bears its number, and each number has to come out once."""
import json
import random
import struct
import subprocess

import lab
from lab import check

MESSAGES = 3000
TUNNELS = 3  # of the 4 that are looked into: one more may be an Ethernet pseudowire


class Stack:
    """Builds a frame from the inside out; tunnels counts what has to be unwrapped."""

    def __init__(self, rng):
        self.rng = rng
        self.tunnels = 0

    def ipv4(self, proto, body, ident=None, offset=0, more=False):
        options = self.rng.choice((b"", b"", b"\x94\x04\0\0", b"\1" * 8))
        words = 5 + len(options) // 4
        head = struct.pack(">BBHHHBBH4s4s", 0x40 | words, 0, 4 * words + len(body), ident if ident is not None else 7,
                           (0x2000 if more else 0) | offset // 8, 64, proto, 0, bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]))
        return 4, head + options + body

    def ipv6(self, proto, body):
        for extension in self.rng.sample((0, 60, 43), self.rng.choice((0, 0, 1, 2))):
            if extension == 0 and proto in (60, 43):
                pass  # hop-by-hop stands first: what is wrapped later stands before
            body = struct.pack(">BBHI", proto, 0, 0, 0) + body
            proto = extension
        return 6, struct.pack(">IHBB", 6 << 28, len(body), proto, 64) + lab6(1) + lab6(2) + body

    def fragments(self, proto, body):
        """The IP payload as several IP packets, in any order, some twice."""
        # In no more than 17 pieces: 24 with holes between them are kept of one datagram.
        cut = 8 * self.rng.randint(len(body) // 128 + 1, max(len(body) // 128 + 1, len(body) // 16))
        ident, out = self.rng.getrandbits(16), []
        six = self.rng.random() < 0.5
        for at in range(0, len(body), cut):
            piece, more = body[at:at + cut], at + cut < len(body)
            if six:
                head = struct.pack(">BBHI", proto, 0, at | more, ident)
                out.append((6, struct.pack(">IHBB", 6 << 28, 8 + len(piece), 44, 64) + lab6(1) + lab6(2) + head + piece))
            else:
                out.append(self.ipv4(proto, piece, ident, at, more))
        out += self.rng.sample(out, min(len(out) - 1, self.rng.choice((0, 0, 1))))
        self.rng.shuffle(out)
        return out

    def ip(self, proto, body):
        return self.ipv4(proto, body) if self.rng.random() < 0.5 else self.ipv6(proto, body)

    def udp(self, port, body):
        return struct.pack(">HHHH", port, port, 8 + len(body), 0) + body

    def ethernet(self, version, packet):
        kind = self.rng.choice(("plain", "plain", "vlan", "qinq", "mpls", "pppoe"))
        ethertype = 0x0800 if version == 4 else 0x86dd
        if kind == "mpls":
            packet = struct.pack(">I", 17 << 12 | 64) + struct.pack(">I", 18 << 12 | 0x100 | 64) + packet
            ethertype = 0x8847
        elif kind == "pppoe":
            packet = struct.pack(">BBHH", 0x11, 0, 9, 2 + len(packet)) + struct.pack(">H", 0x21 if version == 4 else 0x57) + packet
            ethertype = 0x8864
        elif kind in ("vlan", "qinq"):
            packet = struct.pack(">HH", 42, ethertype) + packet
            ethertype = 0x8100
            if kind == "qinq":
                packet, ethertype = struct.pack(">HH", 7, ethertype) + packet, self.rng.choice((0x88a8, 0x9100))
        padding = b"\0" * self.rng.choice((0, 0, 6))
        return b"\2" * 12 + struct.pack(">H", ethertype) + packet + padding

    def ppp(self, version, packet):
        return self.rng.choice((b"\xff\x03", b"")) + struct.pack(">H", 0x21 if version == 4 else 0x57) + packet

    def gre(self, ethertype, body):
        flags, fields = 0, b""
        for flag, field in ((0x8000, b"\0\0\0\0"), (0x2000, b"key!"), (0x1000, b"\0\0\0\5")):
            if self.rng.random() < 0.3:
                flags |= flag
                fields += field
        return struct.pack(">HH", flags, ethertype) + fields + body

    def wrap(self, version, packet):
        """One tunnel around a packet: the next IP payload and its protocol."""
        self.tunnels += 1
        kind = self.rng.choice(("ipip", "gre", "gre-eth", "pptp", "vxlan", "gtpu", "geneve", "etherip", "mpls"))
        if kind == "ipip":
            return 4 if version == 4 else 41, packet
        if kind == "gre":
            return 47, self.gre(0x0800 if version == 4 else 0x86dd, packet)
        if kind == "gre-eth":
            return 47, self.gre(0x6558, self.ethernet(version, packet))
        if kind == "pptp":
            inner = self.ppp(version, packet)
            return 47, struct.pack(">HHHHI", 0x3001, 0x880b, len(inner), 9, 1) + inner
        if kind == "vxlan":
            return 17, self.udp(4789, b"\x08\0\0\0\0\0\x2a\0" + self.ethernet(version, packet))
        if kind == "gtpu":
            return 17, self.udp(2152, struct.pack(">BBHI", 0x30, 255, len(packet), 5) + packet)
        if kind == "geneve":
            return 17, self.udp(6081, struct.pack(">BBHI", 0, 0, 0x6558, 5 << 8) + self.ethernet(version, packet))
        if kind == "etherip":
            return 97, b"\x30\0" + self.ethernet(version, packet)
        return 137, struct.pack(">I", 19 << 12 | 0x100 | 64) + packet

    def frames(self, sip):
        proto, body = 17, self.udp(5060, sip)
        for _ in range(self.rng.choice((0, 0, 1, 1, 2, TUNNELS))):
            proto, body = self.wrap(*self.ip(proto, body))
        if self.rng.random() < 0.3:
            return self.fragments(proto, body)
        return [self.ip(proto, body)]


def lab6(host):
    return b"\x20\x01\x0d\xb8" + b"\0" * 11 + bytes([host])


def sll(version, packet):
    return struct.pack(">HHHQH", 0, 1, 6, 0, 0x0800 if version == 4 else 0x86dd) + packet


def sll2(version, packet):
    return struct.pack(">HHIHBB8s", 0x0800 if version == 4 else 0x86dd, 0, 3, 1, 0, 6, b"") + packet


def erf(stack, version, packet):
    inner = b"\0\0" + stack.ethernet(version, packet)
    return struct.pack("<Q", 1700000000 << 32) + struct.pack(">BBHHH", 2, 4, 16 + len(inner), 0, len(inner)) + inner


LINKS = (
    (1, lambda s, v, p: s.ethernet(v, p)), (101, lambda s, v, p: p), (113, lambda s, v, p: sll(v, p)), (276, lambda s, v, p: sll2(v, p)),
    (0, lambda s, v, p: struct.pack("<I", 2 if v == 4 else 10) + p), (108, lambda s, v, p: struct.pack(">I", 2 if v == 4 else 30) + p),
    (9, lambda s, v, p: s.ppp(v, p)), (50, lambda s, v, p: b"\xff\x03" + struct.pack(">H", 0x21 if v == 4 else 0x57) + p), (197, erf),
    (104, lambda s, v, p: b"\x0f\0" + struct.pack(">H", 0x0800 if v == 4 else 0x86dd) + p),
)


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def sip(number, pad):
    return ("OPTIONS sip:a@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%d\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\n"
            "Call-ID: %d\r\nCSeq: 1 OPTIONS\r\nX-Pad: %s\r\nContent-Length: 0\r\n\r\n" % (number, number, "p" * pad)).encode()


def write(path, rng):
    with open(path, "wb") as f:
        f.write(block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)))
        for linktype, _ in LINKS:
            f.write(block(1, struct.pack("<HHI", linktype, 0, 0)))
        micros = 1700000000 * 10 ** 6
        for number in range(MESSAGES):
            stack = Stack(rng)
            for version, packet in stack.frames(sip(number, rng.choice((0, 100, 900)))):
                interface = rng.randrange(len(LINKS))
                frame = LINKS[interface][1](stack, version, packet)
                micros += 1000
                f.write(block(6, struct.pack("<IIIII", interface, micros >> 32, micros & 0xffffffff, len(frame), len(frame)) + frame))


def main():
    with lab.workdir() as work:
        for seed in (1, 2, 3):
            path = "%s/stacks%d.pcapng" % (work, seed)
            write(path, random.Random(seed))
            done = subprocess.run([lab.CLI, "messages", path, "--json"], capture_output=True, timeout=120)
            check(done.returncode == 0 and not done.stderr, "seed %d: exit %d %s" % (seed, done.returncode, done.stderr[:200]))
            seen = [int(json.loads(line)["call_id"]) for line in done.stdout.splitlines()]
            missing = sorted(set(range(MESSAGES)) - set(seen))
            check(not missing, "seed %d: %d messages missing, the first is %s" % (seed, len(missing), missing[:5]))
            check(len(seen) == len(set(seen)), "seed %d: %d came twice" % (seed, len(seen) - len(set(seen))))
    lab.finish()


main()
