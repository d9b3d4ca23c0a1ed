#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""asterisk.files in the real daemon: names and carrier ids, the digest proof, and a file
that is written anew while it runs. A real call of a real Asterisk, whose secret was cut at
a ';', comes in over HEP."""
import os
import socket
import struct
import sys
import time

import lab
from lab import Net, check

PORT = 9060
PCAP = os.path.join(lab.SOURCE, "tests/unit/cli/secret_semicolon.pcap")
DIALER = "203.0.113.45"
SLL2, IPV4, UDP = 20, 20, 8
CONFIG = """
capture: {interfaces: []}
sources: {hep: {listen: '%s:%d'}}
local: [%s]
asterisk: {files: [%s/sip.conf], secrets: true}
"""
SIP_CONF = "[general]\ncontext=public\n#include sip-vicidial.conf\n"
ACCOUNT = """; VICIDIAL Carrier: %s - the morning trunk
[%s]
type=peer
host=sip.provider.com
username=youraccountname
secret=%s
"""


def chunk(kind, body):
    return struct.pack(">HHH", 0, kind, 6 + len(body)) + body


def packets():
    """(source, target, SIP) of the capture, which is SLL2 and UDP over IPv4 throughout."""
    with open(PCAP, "rb") as f:
        data = f.read()
    at = 24
    while at < len(data):
        caplen = struct.unpack("<I", data[at + 8:at + 12])[0]
        ip = data[at + 16 + SLL2:at + 16 + caplen]
        yield ip[12:16], ip[16:20], ip[IPV4 + UDP:]
        at += 16 + caplen


def send_call(s, tag):
    """All of it, with Call-IDs of its own."""
    for source, target, sip in packets():
        now = time.time()
        sip = sip.replace(b"\r\nCall-ID: ", b"\r\nCall-ID: " + tag)
        body = b"".join((chunk(1, b"\2"), chunk(2, b"\x11"), chunk(3, source), chunk(4, target), chunk(7, struct.pack(">H", 5060)),
                         chunk(8, struct.pack(">H", 5060)), chunk(9, struct.pack(">I", int(now))),
                         chunk(10, struct.pack(">I", int(now % 1 * 1e6))), chunk(11, b"\1"), chunk(15, sip)))
        s.sendto(b"HEP3" + struct.pack(">H", 6 + len(body)) + body, (Net.OURS, PORT))
        time.sleep(0.01)


def write(work, name, text):
    """As ViciDial does: somewhere else, then over the old one."""
    with open(work + "/new", "w") as f:
        f.write(text)
    os.rename(work + "/new", work + "/" + name)


def newest(daemon, tag):
    return [f for f in lab.failures(daemon.db) if f["call_id"].startswith(tag.decode())]


def main():
    lab.need_root("ip")
    with lab.workdir() as work, Net() as net:
        with open(work + "/tw.yaml", "w") as f:
            f.write(CONFIG % (Net.OURS, PORT, DIALER, work))
        write(work, "sip.conf", SIP_CONF)
        write(work, "sip-vicidial.conf", ACCOUNT % ("MORNING", "mytrunksip", "pa;ss2024"))
        with lab.Daemon(net, work + "/tw.db", "-c", work + "/tw.yaml") as daemon:
            udp = net.socket(net.theirs, socket.AF_INET, socket.SOCK_DGRAM)
            send_call(udp, b"first-")
            lab.wait_for(lambda: newest(daemon, b"first-"), 10 * lab.SLOW, 0.2)
            for f in newest(daemon, b"first-")[-1:]:
                for key, value in (("trunk", "mytrunksip"), ("carrier_id", "MORNING"), ("verdict", "secret_mismatch"),
                                   ("digest", "mangled"), ("mangling", "cut_at_semicolon")):
                    check(f.get(key) == value, "before the change: %s is %r, expected %r" % (key, f.get(key), value))
            check(newest(daemon, b"first-"), "no failure: %s" % daemon.said())

            write(work, "sip-vicidial.conf", ACCOUNT % ("NOON", "othername", "entirely-else"))
            took = lab.wait_for(lambda: daemon.said().count("asterisk.files read") >= 2, 10)
            check(took is not None, "a file that was written anew is not noticed within 10 s: %s" % daemon.said())
            time.sleep(0.5 * lab.SLOW)
            send_call(udp, b"second-")
            lab.wait_for(lambda: newest(daemon, b"second-"), 10 * lab.SLOW, 0.2)
            for f in newest(daemon, b"second-")[-1:]:
                for key, value in (("carrier_id", "NOON"), ("trunk", "othername"), ("digest", "no_match"), ("mangling", None)):
                    check(f.get(key) == value, "after the change: %s is %r, expected %r" % (key, f.get(key), value))
            check(newest(daemon, b"second-"), "no failure after the change: %s" % daemon.said())

            os.unlink(work + "/sip.conf")
            check(lab.wait_for(lambda: "sip.conf: No such file" in daemon.said(), 10) is not None,
                  "a file that is gone is not told: %s" % daemon.said())
            check(daemon.stop() == 0, "SIGTERM: %s" % daemon.said())
            with open(daemon.db, "rb") as f:
                stored = f.read()
            for secret in (b"pa;ss2024", b"entirely-else", b"ss2024"):
                check(secret not in stored and secret.decode() not in daemon.said(), "a secret was written: %r" % secret)
        if lab.failed:
            print(daemon.said(), file=sys.stderr)
    lab.finish()


main()
