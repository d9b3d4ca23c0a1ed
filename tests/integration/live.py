#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The real daemon, a real interface, a real refusal: two network namespaces joined by a
veth, a dialer on one side and a provider on the other, and the rows they leave behind.

usage: live.py any|trunk0       the interface to capture on
"""
import json
import re
import signal
import socket
import subprocess
import sys
import time

import lab
from lab import Net, check

ETH_ALL, VLAN, QINQ = 0x0003, 0x8100, 0x88A8


def sipp(net, ns, scenario, *options):
    return net.popen(ns, "sipp", "-sf", lab.HERE + "/sipp/" + scenario, "-nostdin", "-m", "1", "-timeout", "20s", *options,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def sipp_call(net, daemon):
    """INVITE, 407, INVITE with credentials, 403: within a second it is a row with a verdict."""
    provider = sipp(net, net.theirs, "provider.xml", "-i", net.PROVIDER, "-p", "5060")
    time.sleep(0.5)
    before = lab.count_rows(daemon.db)
    dialer = sipp(net, net.ours, "dialer.xml", "-i", net.OURS, "-p", "5060", "-s", "15551234567", "-au", "account", "-ap", "wrong", "-key", "user", "account",
                  "-key", "dom", "sip.provider.example", net.PROVIDER + ":5060")
    stored = lab.wait_for(lambda: (lab.count_rows(daemon.db) or 0) > before, 20 * lab.SLOW)
    now = time.time()
    check(dialer.wait(timeout=30) == 0 and provider.wait(timeout=30) == 0, "SIPp: the call did not go as written")
    if not check(stored is not None, "the refused call is no row"):
        return
    rows = [f for f in lab.failures(daemon.db) if f["called"] == "15551234567"]
    if not check(len(rows) == 1, "one refused call, %d rows" % len(rows)):
        return
    row = rows[0]
    hour, minute, second = re.match(r"\d{4}-\d\d-\d\dT(\d\d):(\d\d):([\d.]+)Z$", row["at"]).groups()
    delay = (now - (int(hour) * 3600 + int(minute) * 60 + float(second))) % 86400
    check(delay < 1.0 * lab.SLOW, "stored %.2f s after the 403, promised: one second" % delay)
    print("row after %.2f s: %s %s" % (delay, row["verdict"], row["confidence"]))
    for key, value in (("verdict", "credentials_rejected"), ("code", 403), ("challenge_code", 407), ("direction", "outbound"),
                       ("method", "INVITE"), ("transport", "udp"), ("realm", "sip.provider.example"), ("auth_user", "account"),
                       ("caller_name", "V1123114500000012345"), ("outcome", "refused"), ("remote", net.PROVIDER + ":5060"),
                       ("local", net.OURS + ":5060"), ("rounds", 1)):
        check(row[key] == value, "%s: %r, expected %r" % (key, row[key], value))


def datagrams(net, daemon, name, ours, theirs, pad):
    """An INVITE of that size (the kernel fragments it) is refused; we see both."""
    a, b = net.udp(net.ours, ours), net.udp(net.theirs, theirs)
    call_id = "%s-%d" % (name, time.time_ns())
    invite = lab.request("INVITE", call_id, 102, ours, theirs, pad=pad)
    a.sendto(invite, (theirs, 5060))
    got, source = b.recvfrom(65535)
    check(got == invite, "%s: %d bytes sent, %d arrived" % (name, len(invite), len(got)))
    b.sendto(lab.reply(invite, 403, "Forbidden"), source)
    a.recvfrom(65535)
    a.sendto(lab.request("ACK", call_id, 102, ours, theirs), (theirs, 5060))
    a.close(), b.close()
    _, row = daemon.expect_row(call_id, name)
    if row:
        check(row["code"] == 403 and row["called"] == "15551230000", "%s: %s %s" % (name, row["code"], row["called"]))
        check(row["user_agent"] == "Asterisk PBX 18.21.0-vici", "%s: the request's head is not whole: %s" % (name, row["user_agent"]))


def tagged(net, daemon, name, tags):
    """Frames with 802.1Q tags, which no VLAN device of ours takes off, both ways."""
    ends = []
    for ns, dev in ((net.ours, "trunk0"), (net.theirs, "trunk1")):
        s = net.socket(ns, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_ALL))
        s.bind((dev, 0))
        ends.append(s)
    call_id = "%s-%d" % (name, time.time_ns())
    invite = lab.request("INVITE", call_id, 102, net.OURS, net.PROVIDER)
    ends[0].send(lab.frame(tags, net.OURS, net.PROVIDER, invite))
    time.sleep(0.05)
    ends[1].send(lab.frame(tags, net.PROVIDER, net.OURS, lab.reply(invite, 403, "Forbidden")))
    time.sleep(0.05)
    ends[0].send(lab.frame(tags, net.OURS, net.PROVIDER, lab.request("ACK", call_id, 102, net.OURS, net.PROVIDER)))
    for s in ends:
        s.close()
    _, row = daemon.expect_row(call_id, name)
    if row:
        check(row["code"] == 403, "%s: code %s" % (name, row["code"]))


def closed_port(net, daemon):
    """Nobody listens at the provider: its kernel answers with an ICMP error that quotes our INVITE."""
    a = net.udp(net.ours, net.OURS)
    call_id = "icmp-%d" % time.time_ns()
    for wait in (0, 0.5, 1.0):  # as chan_sip repeats it
        time.sleep(wait)
        a.sendto(lab.request("INVITE", call_id, 102, net.OURS, net.SILENT), (net.SILENT, 5060))
    a.close()
    _, row = daemon.expect_row(call_id, "ICMP", 45)
    if row:
        check(row["outcome"] == "unreachable" and row["code"] is None, "ICMP: outcome %s, code %s" % (row["outcome"], row["code"]))


def drains(net, daemon):
    """What was refused just before SIGTERM is stored, and the exit status is 0."""
    a, b = net.udp(net.ours, net.OURS), net.udp(net.theirs, net.PROVIDER)
    calls = ["last-%d-%d" % (i, time.time_ns()) for i in range(20)]
    for call_id in calls:
        invite = lab.request("INVITE", call_id, 102, net.OURS, net.PROVIDER)
        a.sendto(invite, (net.PROVIDER, 5060))
        b.sendto(lab.reply(b.recv(65535), 403, "Forbidden"), (net.OURS, 5060))
        a.recv(65535)
    a.close(), b.close()
    start = time.monotonic()
    status = daemon.stop(signal.SIGTERM)
    check(status == 0, "SIGTERM: exit %s instead of 0: %s" % (status, daemon.said()))
    check(time.monotonic() - start < 5 * lab.SLOW, "SIGTERM: took %.1f s" % (time.monotonic() - start))
    stored = {f["call_id"] for f in lab.failures(daemon.db)}
    check(stored.issuperset(calls), "SIGTERM: %d of the last 20 calls are stored" % len(stored.intersection(calls)))
    check(lab.integrity(daemon.db) == "ok", "integrity_check after SIGTERM")
    tables = json.loads(subprocess.run([lab.CLI, "status", "--json", "-d", daemon.db], capture_output=True, check=True).stdout)["tables"]
    check(tables["attempts"]["limit"] == 32768 and tables["trunks"]["used"] >= 1 and tables["legs"]["used"] >= 20
          and tables["recorder_bytes"]["used"] > 20 * 500, "status: tables %s" % tables)
    check("drop" in daemon.said(), "no totals and drops at the end: %s" % daemon.said())


def main():
    interface = sys.argv[1]
    lab.need_root("ip", "sipp")
    with lab.workdir() as work, Net() as net:
        with lab.Daemon(net, work + "/live.db", "-i", interface) as daemon:
            sipp_call(net, daemon)
            datagrams(net, daemon, "small", net.OURS, net.PROVIDER, 0)
            datagrams(net, daemon, "fragments", net.OURS, net.PROVIDER, 3000)
            datagrams(net, daemon, "fragments6", net.OURS6, net.PROVIDER6, 3000)
            tagged(net, daemon, "vlan", [(VLAN, 42)])
            tagged(net, daemon, "qinq", [(QINQ, 7), (VLAN, 42)])
            closed_port(net, daemon)
            drains(net, daemon)
        if lab.failed:
            print(daemon.said(), file=sys.stderr)
    lab.finish()


main()
