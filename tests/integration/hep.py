#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""HEPv3 over TCP and UDP into the real daemon, while strangers knock at the same port."""
import json
import socket
import struct
import subprocess
import sys
import time

import lab
from lab import Net, check

PORT, KEY, PLACES = 9060, b"an open secret", 4
CONFIG = """
capture: {interfaces: []}
sources:
  hep: {listen: '%s:%d', listen_tcp: '%s:%d', key: '%s', connections: %d}
local: [%s]
""" % (Net.OURS, PORT, Net.OURS, PORT, KEY.decode(), PLACES, Net.OURS)


def chunk(kind, body):
    return struct.pack(">HHH", 0, kind, 6 + len(body)) + body


def hep(sip, source, target, key=KEY):
    now = time.time()
    body = b"".join((chunk(1, b"\2"), chunk(2, b"\6"), chunk(3, socket.inet_aton(source)), chunk(4, socket.inet_aton(target)),
                     chunk(7, struct.pack(">H", 5061)), chunk(8, struct.pack(">H", 5061)),
                     chunk(9, struct.pack(">I", int(now))), chunk(10, struct.pack(">I", int(now % 1 * 1e6))),
                     chunk(11, b"\1"), chunk(14, key), chunk(15, sip)))
    return b"HEP3" + struct.pack(">H", 6 + len(body)) + body


def refused_call(call_id, key=KEY):
    invite = lab.request("INVITE", call_id, 102, Net.OURS, Net.PROVIDER)
    return [hep(invite, Net.OURS, Net.PROVIDER, key), hep(lab.reply(invite, 403, "Forbidden"), Net.PROVIDER, Net.OURS, key),
            hep(lab.request("ACK", call_id, 102, Net.OURS, Net.PROVIDER), Net.OURS, Net.PROVIDER, key)]


def dial(net):
    s = net.socket(net.theirs, socket.AF_INET, socket.SOCK_STREAM)
    s.settimeout(10 * lab.SLOW)
    s.connect((Net.OURS, PORT))
    return s


def hung_up(s):
    try:
        return s.recv(1) == b""
    except ConnectionResetError:
        return True
    except socket.timeout:
        return False


def send_cut(s, data, size):
    """In segments of that size."""
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for at in range(0, len(data), size):
        s.sendall(data[at:at + size])
        time.sleep(0.002)


def expect(daemon, call_id, what):
    _, row = daemon.expect_row(call_id, what)
    if row:
        for key, value in (("code", 403), ("transport", "hep"), ("direction", "outbound"), ("remote", Net.PROVIDER + ":5061")):
            check(row[key] == value, "%s: %s is %r, expected %r" % (what, key, row[key], value))


def strangers(net):
    """Garbage, a wrong key, and silence on more connections than there are places."""
    garbage = dial(net)
    garbage.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    check(hung_up(garbage), "bytes that are no HEP: the connection stays open")
    wrong = dial(net)
    wrong.sendall(b"".join(refused_call("wrong-key", b"a wrong guess")))
    check(hung_up(wrong), "a wrong key: the connection stays open")
    return [dial(net) for _ in range(3 * PLACES)]


def main():
    lab.need_root("ip")
    with lab.workdir() as work, Net() as net:
        with open(work + "/hep.yaml", "w") as f:
            f.write(CONFIG)
        with lab.Daemon(net, work + "/hep.db", "-c", work + "/hep.yaml") as daemon:
            good = dial(net)
            send_cut(good, b"".join(refused_call("tcp-whole")), 100000)
            expect(daemon, "tcp-whole", "TCP, one segment")
            silent = strangers(net)
            send_cut(good, b"".join(refused_call("tcp-cut")), 37)
            expect(daemon, "tcp-cut", "TCP, segments of 37 bytes, strangers around")
            late = dial(net)
            send_cut(late, b"".join(refused_call("tcp-late")), 100000)
            expect(daemon, "tcp-late", "TCP, a sender that comes when all places are taken")
            udp = net.socket(net.theirs, socket.AF_INET, socket.SOCK_DGRAM)
            for packet in refused_call("udp") + refused_call("udp-wrong-key", b"a wrong guess"):
                udp.sendto(packet, (Net.OURS, PORT))
            expect(daemon, "udp", "UDP")
            good.close(), late.close()
            check(daemon.stop() == 0, "SIGTERM: %s" % daemon.said())
            done = subprocess.run([lab.CLI, "status", "--json", "-d", daemon.db], capture_output=True, timeout=60)
            status = json.loads(done.stdout)
            check({f["call_id"] for f in lab.failures(daemon.db)} == {"tcp-whole", "tcp-cut", "tcp-late", "udp"},
                  "other calls than those with the right key: %s" % lab.failures(daemon.db))
            # Of the wrong sender's three packets the first ended its connection.
            for key, value in (("hep_packets", 4 * 3 + 1 + 3), ("hep_wrong_key", 1 + 3), ("hep_closed_garbage", 1),
                               ("hep_closed_unproven", 1), ("hep_evicted", 2 * PLACES + 1 + 1), ("hep_turned_away", 0),
                               ("packets", 16), ("messages", 12)):
                check(status.get(key) == value, "status: %s is %r, expected %r" % (key, status.get(key), value))
            for s in silent:
                s.close()
        if lab.failed:
            print(daemon.said(), file=sys.stderr)
    lab.finish()


main()
