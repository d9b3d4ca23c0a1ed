# SPDX-License-Identifier: BSD-2-Clause
"""Packets and the pcap file: UDP, TCP and ICMP over IPv4 and IPv6, four link types, VLAN tags, snap length."""
import ipaddress
import struct

LINK = {"en10mb": 1, "raw": 101, "sll": 113, "sll2": 276}
US, THEM = b"\x02\x42\x0a\x0a\x00\x05", b"\x02\x42\x0a\x0a\x00\x01"


def csum(data):
    if len(data) % 2:
        data += b"\0"
    s = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return ~s & 0xFFFF


def ip_packet(src, dst, proto, payload, ident):
    s, d = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    if s.version == 6:
        return struct.pack(">IHBB", 0x60000000, len(payload), proto, 64) + s.packed + d.packed + payload
    h = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), ident & 0xFFFF, 0, 64, proto, 0) + s.packed + d.packed
    return h[:10] + struct.pack(">H", csum(h)) + h[12:] + payload


def transport(src, dst, proto, head, data, at):
    """Fill in the checksum field at offset `at` of head, over the pseudo header."""
    s, d = ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed
    pseudo = s + d + struct.pack(">II", len(head) + len(data), proto)
    c = csum(pseudo + head + data) or 0xFFFF
    return head[:at] + struct.pack(">H", c) + head[at + 2:] + data


def udp(src, sport, dst, dport, data):
    return transport(src, dst, 17, struct.pack(">HHHH", sport, dport, 8 + len(data), 0), data, 6)


def tcp(src, sport, dst, dport, seq, ack, flags, data=b""):
    h = struct.pack(">HHIIHHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x5000 | flags, 64240, 0, 0)
    return transport(src, dst, 6, h, data, 16)


def icmp_error(src, dst, kind, code, original):
    """An ICMP (or ICMPv6) error that quotes the head of `original`, an IP packet."""
    body = struct.pack(">BBHI", kind, code, 0, 0) + original[:576]
    if ":" in src:
        return transport(src, dst, 58, body, b"", 2)
    return body[:2] + struct.pack(">H", csum(body)) + body[4:]


class Pcap:
    """Collects packets in any order, writes them sorted by time."""

    def __init__(self, local, link="sll2", vlan=0, snaplen=262144):
        self.local, self.link, self.vlan, self.snaplen = set(local), link, vlan, snaplen
        self.packets, self.ident, self.seq = [], 0, {}

    def add(self, t, src, dst, proto, payload):
        self.ident += 1
        ip = ip_packet(src, dst, proto, payload, self.ident)
        self.packets.append((t, len(self.packets), src, ip))
        return ip

    def udp(self, t, src, sport, dst, dport, data):
        return self.add(t, src, dst, 17, udp(src, sport, dst, dport, data))

    def tcp_open(self, t, src, sport, dst, dport, answer="syn-ack"):
        """A handshake; answer None leaves the SYN alone, "rst" resets it."""
        a, b = (src, sport, dst, dport), (dst, dport, src, sport)
        self.add(t, src, dst, 6, tcp(*a, 1000, 0, 0x02))
        if answer == "rst":
            self.add(t + .001, dst, src, 6, tcp(*b, 0, 1001, 0x14))
        elif answer == "syn-ack":
            self.add(t + .001, dst, src, 6, tcp(*b, 5000, 1001, 0x12))
            self.add(t + .0011, src, dst, 6, tcp(*a, 1001, 5001, 0x10))
        self.seq[a], self.seq[b] = 1001, 5001

    def tcp_data(self, t, src, sport, dst, dport, data):
        """Data of one stream must be handed over in time order."""
        a, b = (src, sport, dst, dport), (dst, dport, src, sport)
        if a not in self.seq:
            self.tcp_open(t - .003, *a)
        self.add(t, src, dst, 6, tcp(*a, self.seq[a], self.seq[b], 0x18, data))
        self.seq[a] += len(data)

    def frame(self, src, ip):
        et, out = (0x86DD if ip[0] >> 4 == 6 else 0x0800), src in self.local
        if self.link == "raw":
            return ip
        if self.link == "sll":
            return struct.pack(">HHH", 4 if out else 0, 1, 6) + US + b"\0\0" + struct.pack(">H", et) + ip
        if self.link == "sll2":
            return struct.pack(">HHIHBB", et, 0, 2, 1, 4 if out else 0, 6) + US + b"\0\0" + ip
        tag = struct.pack(">HH", 0x8100, self.vlan) if self.vlan else b""
        return (THEM + US if out else US + THEM) + tag + struct.pack(">H", et) + ip

    def write(self, path, keep=lambda t, src, ip: True):
        self.packets.sort()
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, self.snaplen, LINK[self.link]))
            for t, _, src, ip in self.packets:
                if keep(t, src, ip):
                    data, us = self.frame(src, ip), int(round(t * 1e6))
                    n = min(len(data), self.snaplen)
                    f.write(struct.pack("<IIII", us // 10**6, us % 10**6, n, len(data)) + data[:n])
