#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""One call, seen several times: `any` on a box with a bridge, with NAT besides, and a mirror
port that delivers what enters and what leaves the switch. It is counted once, and the leg to
the trunk is the one that is told.
"""
import json
import socket
import subprocess
import sys
import time

import lab
from lab import Net, check

INSIDE, GATEWAY = "172.30.0.2", "172.30.0.1"
CALLS = 3


class Box(Net):
    """Our machine with a container behind a bridge: eth0 - c0 (br0) - trunk0 - provider."""

    def __init__(self):
        super().__init__()
        self.inside = self.ours + "c"

    def make(self):
        super().make()
        self.ip("netns", "add", self.inside)
        self.ip("-n", self.ours, "link", "add", "br0", "type", "bridge")
        self.ip("-n", self.ours, "link", "add", "c0", "type", "veth", "peer", "name", "eth0", "netns", self.inside)
        self.ip("-n", self.ours, "link", "set", "c0", "master", "br0")
        self.ip("-n", self.ours, "address", "add", GATEWAY + "/24", "dev", "br0")
        self.ip("-n", self.inside, "address", "add", INSIDE + "/24", "dev", "eth0")
        for ns, devices in ((self.ours, ("c0", "br0")), (self.inside, ("lo", "eth0"))):
            for dev in devices:
                self.ip("-n", ns, "link", "set", dev, "up")
        self.ip("-n", self.inside, "route", "add", "default", "via", GATEWAY)
        self.ip("-n", self.theirs, "route", "add", "172.30.0.0/24", "dev", "trunk1")
        # The veth has no gateway: our end answers ARP for the container.
        self.run(self.ours, "sh", "-c",
                 "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv4/conf/trunk0/proxy_arp")

    def run(self, ns, *words):
        subprocess.run(["ip", "netns", "exec", ns, *words], check=True, capture_output=True)

    def masquerade(self):
        self.run(self.ours, "nft", "add table ip nat; add chain ip nat post { type nat hook postrouting priority 100; }; "
                 "add rule ip nat post oifname trunk0 masquerade")

    def __exit__(self, *_):
        super().__exit__()
        subprocess.run(["ip", "netns", "del", self.inside], stderr=subprocess.DEVNULL, check=False)


def refused_calls(net, name):
    """Calls out of the container, each challenged and refused by a provider that answers where it was asked from."""
    a, b = net.udp(net.inside, INSIDE), net.udp(net.theirs, net.PROVIDER)
    calls = []
    for i in range(CALLS):
        call_id = "%s-%d-%d" % (name, i, time.time_ns())
        calls.append(call_id)
        for cseq, auth, code, reason, more in (
                (102, "", 407, "Proxy Authentication Required", 'Proxy-Authenticate: Digest realm="r", nonce="n%d"\r\n' % i),
                (103, 'Proxy-Authorization: Digest username="account", realm="r", nonce="n%d", uri="sip:x", response="%032x"\r\n' % (i, i),
                 403, "Forbidden", "")):
            invite = lab.request("INVITE", call_id, cseq, INSIDE, net.PROVIDER, auth=auth)
            a.sendto(invite, (net.PROVIDER, 5060))
            got, source = b.recvfrom(65535)
            b.sendto(lab.reply(got, code, reason).replace(b"Server:", more.encode() + b"Server:"), source)
            a.recvfrom(65535)
            a.sendto(lab.request("ACK", call_id, cseq, INSIDE, net.PROVIDER), (net.PROVIDER, 5060))
            b.recvfrom(65535)
    a.close(), b.close()
    return calls


def judge(net, name, daemon, calls, copies, local):
    lab.wait_for(lambda: (lab.count_rows(daemon.db) or 0) >= len(calls), 10 * lab.SLOW)
    check(daemon.stop() == 0, "%s: SIGTERM: %s" % (name, daemon.said()))
    status = json.loads(subprocess.run([lab.CLI, "status", "--json", "-d", daemon.db], capture_output=True, timeout=60, check=True).stdout)
    rows = lab.failures(daemon.db)
    check(sorted(f["call_id"] for f in rows) == sorted(calls), "%s: %d calls, rows of %s" % (name, len(calls), [f["call_id"] for f in rows]))
    check(status["attempts"] == len(calls), "%s: %d attempts of %d calls" % (name, status["attempts"], len(calls)))
    seen = status["messages"] / (6 * len(calls))
    check(seen == copies, "%s: each message was seen %.2f times instead of %d: the test proves nothing" % (name, seen, copies))
    for f in rows:
        for key, value in (("code", 403), ("verdict", "credentials_rejected"), ("rounds", 1), ("direction", "outbound"),
                           ("remote", net.PROVIDER + ":5060"), ("local", local), ("incomplete", False)):
            check(f[key] == value, "%s: %s is %r, expected %r" % (name, key, f[key], value))


def container(net, work, name, local, *options):
    """c0, br0 and trunk0 each show the packet."""
    with lab.Daemon(net, "%s/%s.db" % (work, name), "-i", "any", *options) as daemon:
        judge(net, name, daemon, refused_calls(net, name), 3, local)
        if lab.failed:
            print(daemon.said(), file=sys.stderr)


def mirror(net, work):
    """The switch copies what enters and what leaves its ports: every frame twice, of machines that are not ours."""
    wire = net.socket(net.theirs, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    wire.bind(("trunk1", 0))
    with lab.Daemon(net, work + "/mirror.db", "-i", "trunk0", "--local", "192.0.2.5") as daemon:
        calls = []
        for i in range(CALLS):
            call_id = "mirror-%d-%d" % (i, time.time_ns())
            calls.append(call_id)
            one = lab.request("INVITE", call_id, 102, "192.0.2.5", net.PROVIDER)
            two = lab.request("INVITE", call_id, 103, "192.0.2.5", net.PROVIDER, auth='Proxy-Authorization: Digest username="account", '
                              'realm="r", nonce="n%d", uri="sip:x", response="%032x"\r\n' % (i, i))
            challenge = lab.reply(one, 407, "Proxy Authentication Required").replace(
                b"Server:", b'Proxy-Authenticate: Digest realm="r", nonce="n%d"\r\nServer:' % i)
            for source, target, sip in (
                    ("192.0.2.5", net.PROVIDER, one), (net.PROVIDER, "192.0.2.5", challenge),
                    ("192.0.2.5", net.PROVIDER, lab.request("ACK", call_id, 102, "192.0.2.5", net.PROVIDER)),
                    ("192.0.2.5", net.PROVIDER, two), (net.PROVIDER, "192.0.2.5", lab.reply(two, 403, "Forbidden")),
                    ("192.0.2.5", net.PROVIDER, lab.request("ACK", call_id, 103, "192.0.2.5", net.PROVIDER))):
                # One port of the switch is a trunk of VLANs, the other is not.
                for tags in ([], [(0x8100, 42)]):
                    wire.send(lab.frame(tags, source, target, sip))
                time.sleep(0.02)
        judge(net, "mirror", daemon, calls, 2, "192.0.2.5:5060")
        if lab.failed:
            print(daemon.said(), file=sys.stderr)
    wire.close()


def main():
    lab.need_root("ip", "nft")
    with lab.workdir() as work, Box() as net:
        container(net, work, "bridge", INSIDE + ":5060", "--local", INSIDE)
        net.masquerade()
        container(net, work, "nat", net.OURS + ":5060")
        mirror(net, work)
    lab.finish()


main()
