#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A trunk whose SIP is encrypted: Kamailio on the dialer's box speaks TLS to the provider
and mirrors what it decrypted (siptrace, HEPv3) to trunkwatchd, which cannot read the wire.

    dialer (SIPp) --UDP, loopback--> Kamailio --TLS--> provider (Kamailio in another namespace)
                                        |
                                        +--HEPv3 over UDP or TCP--> trunkwatchd
"""
import contextlib
import json
import os
import subprocess
import sys
import time

import lab
from lab import Net, check

KEY, MODULES = "an open secret", "/usr/lib/x86_64-linux-gnu/kamailio/modules"
DAEMON_CONFIG = """
capture: {interfaces: [%s], ports: [5060-5061, 5080]}
sources:
  hep: {listen: '127.0.0.1:9060', listen_tcp: '127.0.0.1:9060', key: '%s'}
"""


def modules():
    for folder in (MODULES, "/usr/lib/%s-linux-gnu/kamailio/modules" % os.uname().machine, "/usr/lib64/kamailio/modules"):
        if os.path.exists(folder + "/siptrace.so") and os.path.exists(folder + "/tls.so"):
            return folder
    return lab.skip("no siptrace.so or tls.so of Kamailio")


def certificate(work):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=sip.provider.example", "-keyout", work + "/key.pem", "-out", work + "/cert.pem"],
                   check=True, capture_output=True)


@contextlib.contextmanager
def kamailio(net, ns, work, role, words):
    """Kamailio with that configuration; it runs when entered."""
    name = "%s/%s-%s" % (work, role, words["TRANSPORT"])
    os.makedirs(name, exist_ok=True)
    with open("%s/kamailio/%s.cfg" % (lab.HERE, role), encoding="utf-8") as f:
        text = f.read()
    for word, value in words.items():
        text = text.replace("@%s@" % word, value)
    with open(name + "/kamailio.cfg", "w", encoding="utf-8") as f:
        f.write(text)
    with open(name + "/log", "wb") as log:
        process = net.popen(ns, "kamailio", "-f", name + "/kamailio.cfg", "-DD", "-E", "-m", "32", "-M", "4", "-Y", name, "-w", name,
                            stdout=log, stderr=log)
    try:
        yield process, name + "/log"
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def listens(net, ns, transport, address):
    """True when something in that namespace has the socket."""
    kind = "-Hunl" if transport == "udp" else "-Htnl"
    done = subprocess.run(["ip", "netns", "exec", ns, "ss", kind], capture_output=True, text=True, check=False)
    return address in done.stdout


def call(net):
    """One call from the dialer through the edge: challenged, and refused."""
    done = net.popen(net.ours, "sipp", "-sf", lab.HERE + "/sipp/dialer.xml", "-nostdin", "-m", "1", "-timeout", "15s",
                     "-i", "127.0.0.1", "-p", "5060", "-s", "15551234567", "-au", "account", "-ap", "wrong", "-key", "user", "account",
                     "-key", "dom", "sip.provider.example", "127.0.0.1:5080", stdin=subprocess.DEVNULL,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return done.wait(timeout=20)
    except subprocess.TimeoutExpired:
        done.kill()
        done.wait()
        return None


def status(db):
    return json.loads(subprocess.run([lab.CLI, "status", "--json", "-d", db], capture_output=True, timeout=60, check=True).stdout)


def judge(net, name, daemon, words):
    stored = lab.wait_for(lambda: (lab.count_rows(daemon.db) or 0) > 0, 10 * lab.SLOW)
    if not check(stored is not None, "%s: the refused call is no row" % name):
        return
    time.sleep(0.5)  # a second row would be a failure counted twice
    rows = lab.failures(daemon.db)
    check(len(rows) == 1, "%s: one call, %d failures: %s" % (name, len(rows), [(f["local"], f["remote"]) for f in rows]))
    row = rows[0]
    for key, value in (("code", 403), ("challenge_code", 407), ("verdict", "credentials_rejected"), ("direction", "outbound"),
                       ("realm", "sip.provider.example"), ("auth_user", "account"), ("rounds", 1), ("called", "15551234567"),
                       ("remote", "%s:%s" % (net.PROVIDER, words["PORT"])), ("caller_name", "V1123114500000012345")):
        check(row[key] == value, "%s: %s is %r, expected %r" % (name, key, row[key], value))
    check((row["trunk"] or "").startswith("account@"), "%s: trunk %r" % (name, row["trunk"]))
    print("%s: %s %s on trunk %s, seen over %s" % (name, row["code"], row["verdict"], row["trunk"], row["transport"]))


def case(net, work, name, interfaces, words):
    with open(work + "/daemon.yaml", "w", encoding="utf-8") as f:
        f.write(DAEMON_CONFIG % (interfaces, KEY))
    db = "%s/%s.db" % (work, name.replace(" ", "-"))
    with lab.Daemon(net, db, "-c", work + "/daemon.yaml") as daemon, \
            kamailio(net, net.theirs, work, "provider", words) as (provider, provider_log), \
            kamailio(net, net.ours, work, "edge", words) as (edge, edge_log):
        up = lab.wait_for(lambda: edge.poll() is not None or provider.poll() is not None or
                          listens(net, net.theirs, words["TRANSPORT"], "%s:%s" % (net.PROVIDER, words["PORT"])) and
                          listens(net, net.ours, "udp", "127.0.0.1:5080"), 20 * lab.SLOW, 0.1)
        went = up is not None and call(net) == 0
        if check(went, "%s: the call did not go as written" % name):
            judge(net, name, daemon, words)
            told = status(daemon.db) if daemon.stop() == 0 else {}
            # INVITE, 100, 407, ACK, INVITE, 100, 403, ACK on the dialer's leg; 100 may lack on the provider's.
            check((told.get("hep_packets") or 0) >= 12, "%s: HEP packets: %s" % (name, told))
            for key in ("hep_malformed", "hep_wrong_key", "hep_closed_garbage", "hep_closed_unproven", "malformed"):
                check(told.get(key) == 0, "%s: %s is %s" % (name, key, told.get(key)))
        if lab.failed:
            for path in (provider_log, edge_log, daemon.err):
                with open(path, encoding="utf-8", errors="replace") as f:
                    print("---- %s\n%s" % (path, f.read()[-4000:]), file=sys.stderr)


def main():
    lab.need_root("ip", "ss", "sipp", "kamailio", "openssl")
    with lab.workdir() as work, Net() as net:
        certificate(work)
        tls = {"MODULES": modules(), "WORK": work, "OURS": net.OURS, "PROVIDER": net.PROVIDER, "KEY": KEY, "TRANSPORT": "tls",
               "PORT": "5061", "HEP_TRANSPORT": ""}
        case(net, work, "TLS mirrored over UDP", "", tls)
        case(net, work, "TLS mirrored over TCP", "", {**tls, "HEP_TRANSPORT": ";transport=tcp"})
        # The wire shows the same call that is mirrored, one leg of it twice.
        case(net, work, "UDP captured and mirrored", "any", {**tls, "TRANSPORT": "udp", "PORT": "5060"})
    lab.finish()


main()
