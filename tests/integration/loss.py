#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Packets are lost: it is counted, said within a second, stored with its time, held against
the calls it may have touched and no others, and it ends.

The daemon is stopped (SIGSTOP) while a flood fills the kernel's buffer: a loss that needs no
fast machine.
"""
import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time

import lab
from lab import Net, check

CONFIG = "capture: {interfaces: [trunk0], buffer: 1MiB}\nring: {size: 1MiB}\n"
FLOOD = 6000  # datagrams of 1.2 kB: several times the buffer


def refuse(net, a, b, call_id, between=lambda: None):
    """A call that is refused, and what happens before the answer comes."""
    invite = lab.request("INVITE", call_id, 102, net.OURS, net.PROVIDER)
    a.sendto(invite, (net.PROVIDER, 5060))
    b.recv(65535)
    between()
    b.sendto(lab.reply(invite, 403, "Forbidden"), (net.OURS, 5060))
    a.recv(65535)
    a.sendto(lab.request("ACK", call_id, 102, net.OURS, net.PROVIDER), (net.PROVIDER, 5060))
    b.recv(65535)


def status(db):
    done = subprocess.run([lab.CLI, "status", "--json", "-d", db], capture_output=True, timeout=60, check=True)
    return json.loads(done.stdout)


def flood(net, daemon):
    """More than the kernel can keep while the daemon is stopped; the seconds until the loss was told."""
    filler = net.udp(net.ours, net.OURS, 5061)
    time.sleep(0.5 * lab.SLOW)  # the daemon reads what came before
    daemon.trunkwatchd_signal(signal.SIGSTOP)
    for i in range(FLOOD):
        filler.sendto(b"OPTIONS sip:x SIP/2.0\r\n" + b"x" * 1200, (net.PROVIDER, 5061))
    filler.close()
    daemon.trunkwatchd_signal(signal.SIGCONT)
    told = lab.wait_for(lambda: "being lost" in daemon.said(), 10 * lab.SLOW, 0.01)
    shown = lab.wait_for(lambda: (status(daemon.db)["dropped_kernel"] or 0) > 0, 10 * lab.SLOW, 0.01)
    for what, seconds in (("the journal", told), ("status", shown)):
        if check(seconds is not None, "%s never told of the loss" % what):
            check(seconds < 1.0 * lab.SLOW, "%s told of the loss after %.2f s" % (what, seconds))
    return told, shown


def judge(daemon, net):
    rows = {f["call_id"]: f for f in lab.failures(daemon.db)}
    check(set(rows) >= {"before", "during", "after"}, "stored: %s" % sorted(rows))
    for call_id, why in (("before", []), ("during", ["packets_lost"]), ("after", [])):
        row = rows.get(call_id, {})
        check(row.get("incomplete") == bool(why) and (row.get("incomplete_why") or []) == why,
              "%s: incomplete %s because of %s, expected %s" % (call_id, row.get("incomplete"), row.get("incomplete_why"), why))
    told = status(daemon.db)
    with contextlib.closing(sqlite3.connect(daemon.db)) as c:
        kernel, ring, when = c.execute("SELECT sum(dropped_kernel), sum(dropped_ring), max(minute_us) FROM capture_minutes "
                                       "WHERE dropped_kernel + dropped_ring > 0").fetchone()
    check((kernel, ring) == (told["dropped_kernel"], told["dropped_ring"]), "stored %s + %s, status %s" % (kernel, ring, told))
    check(kernel > 0 and abs(when / 1e6 - time.time()) < 180, "%s lost in minute %s" % (kernel, when))
    check(told["lost_at"] is not None, "status has no time of the loss")
    if "during" in rows:
        page = subprocess.run([lab.CLI, "show", str(rows["during"]["id"]), "-d", daemon.db], capture_output=True, timeout=60).stdout.decode()
        check("Evidence incomplete" in page and "The capture lost packets while this call ran" in " ".join(page.split()),
              "show does not say it: %s" % page)
        check("%d packets in the kernel" % kernel in " ".join(page.split()), "show does not say how many: %s" % page)


def locked(net, work):
    """An admin's sqlite3 holds the database: findings wait, capture does not, and nothing is lost."""
    a, b = net.udp(net.ours, net.OURS), net.udp(net.theirs, net.PROVIDER)
    with lab.Daemon(net, work + "/locked.db", "-i", "trunk0") as daemon:
        refuse(net, a, b, "first")
        check(lab.wait_for(lambda: lab.count_rows(daemon.db) == 1, 10 * lab.SLOW) is not None, "locked: no first row")
        with contextlib.closing(sqlite3.connect(daemon.db, isolation_level=None)) as admin:
            admin.execute("BEGIN IMMEDIATE")
            for i in range(300):
                refuse(net, a, b, "locked-%d" % i)
            time.sleep(1)
            check(admin.execute("SELECT count(*) FROM failures").fetchone()[0] == 1, "locked: somebody wrote nevertheless")
            admin.execute("ROLLBACK")
        stored = lab.wait_for(lambda: lab.count_rows(daemon.db) == 301, 10 * lab.SLOW)
        check(stored is not None, "locked: %s rows of 301" % lab.count_rows(daemon.db))
        check(daemon.stop() == 0, "locked, SIGTERM: %s" % daemon.said())
        told = status(daemon.db)
        for key, value in (("dropped_kernel", 0), ("dropped_ring", 0), ("dropped_rows", 0), ("messages", 301 * 3), ("failures", 301)):
            check(told[key] == value, "locked: %s is %s, expected %s" % (key, told[key], value))
    a.close(), b.close()


class Loser(lab.Daemon):
    def trunkwatchd_signal(self, how):
        """`ip netns exec` becomes the program it runs: it is the daemon."""
        self.process.send_signal(how)


def main():
    lab.need_root("ip")
    with lab.workdir() as work, Net() as net:
        with open(work + "/loss.yaml", "w") as f:
            f.write(CONFIG)
        a, b = net.udp(net.ours, net.OURS), net.udp(net.theirs, net.PROVIDER)
        sink = net.udp(net.theirs, net.PROVIDER, 5061)
        with Loser(net, work + "/loss.db", "-c", work + "/loss.yaml") as daemon:
            refuse(net, a, b, "before")
            time.sleep(1.5)
            refuse(net, a, b, "during", lambda: print("told after %s s, shown after %s s" % flood(net, daemon)))
            ended = lab.wait_for(lambda: "nothing is lost any more" in daemon.said(), 15 * lab.SLOW)
            check(ended is not None, "its end was not told: %s" % daemon.said())
            refuse(net, a, b, "after")
            lab.wait_for(lambda: (lab.count_rows(daemon.db) or 0) >= 3, 5 * lab.SLOW)
            check(daemon.stop() == 0, "SIGTERM: %s" % daemon.said())
            judge(daemon, net)
            if lab.failed:
                print(daemon.said(), file=sys.stderr)
        a.close(), b.close(), sink.close()
        locked(net, work)
    lab.finish()


main()
