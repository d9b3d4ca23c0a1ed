#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Hostile text from the wire on every output that there is.

CVE-2021-1000004 (voipmonitor: stored unescaped, so scripts ran in the browser), ViciDial's
FastAGI_log.pl (a reason phrase put into SQL: a quote loses the row, or worse), sngrep's
"bigger than the UI column": whatever a provider or a stranger writes is stored as it was,
and shown so that it does nothing.

        hostile.py TRUNKWATCH
"""
import json
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unicodedata

CLI = sys.argv[1]
US, TRUNK = (203, 0, 113, 45), (198, 51, 100, 20)
NASTY = ("'); DROP TABLE failures;--", '"><script>alert(1)</script>&amp;', "\x1b[2J\x1b]0;owned\x07",
         "\x9b31m", "\u202etxt.exe\u2066", "=cmd|'/C calc'!A0", "%s%n%x", "\\u0000\\", "a" * 6000, "\x7f\x08\x08")
failed = 0


def check(condition, text):
    global failed
    if not condition:
        failed += 1
        print("FAILED: " + text, file=sys.stderr)


def frame(at, src, dst, sip):
    udp = struct.pack(">HHHH", 5060, 5060, 8 + len(sip), 0) + sip
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes(src), bytes(dst)) + udp
    return struct.pack("<IIII", 1700000000 + at, 0, len(ip), len(ip)) + ip


def call(n, nasty):
    """A refused INVITE with that text wherever a message has room for one."""
    head = ("Via: SIP/2.0/UDP 203.0.113.45;branch=z9hG4bK%d\r\nFrom: \"%s\" <sip:acct@198.51.100.20>;tag=%s\r\n"
            "To: <sip:1%s@h>\r\nCall-ID: %d%s\r\nCSeq: 1 INVITE\r\nUser-Agent: %s\r\nServer: %s\r\n"
            "Reason: Q.850;cause=21;text=\"%s\"\r\nWarning: 399 h \"%s\"\r\n\r\n"
            % (n, nasty, nasty, nasty[:200], n, nasty, nasty, nasty, nasty, nasty))
    ask = "INVITE sip:1%s@198.51.100.20 SIP/2.0\r\n" % nasty[:200].replace(" ", "")
    return (frame(2 * n, US, TRUNK, (ask + head).encode()),
            frame(2 * n + 1, TRUNK, US, ("SIP/2.0 403 %s\r\n" % nasty + head).encode()))


def does_nothing(text, what):
    """No control character but line ends, nothing that turns or hides text."""
    for c in text.replace("\r\n", "\n"):  # RFC 4180 ends a line of CSV so
        if c not in "\n" and (unicodedata.category(c) in ("Cc", "Cf") or "\ud800" <= c <= "\udfff"):
            check(False, "%s writes %r" % (what, c))
            return


def run(locale, *args):
    done = subprocess.run([CLI, *args], capture_output=True, timeout=60, env={**os.environ, "LC_ALL": locale, "COLUMNS": "100"})
    check(done.returncode in (0, 1) and not done.stderr, "%s: exit %d %s" % (args, done.returncode, done.stderr[:200]))
    return done.stdout


def main():
    with tempfile.TemporaryDirectory() as work:
        capture, db = work + "/hostile.pcap", work + "/hostile.db"
        with open(capture, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))
            for n, nasty in enumerate(NASTY):
                f.write(b"".join(call(n, nasty)))
        found = json.loads(run("C.UTF-8", "analyze", capture, "--json", "--local", "203.0.113.45", "-d", db))
        reasons = [failure["reason"] for failure in found["failures"]]
        check(len(reasons) == len(NASTY), "%d failures of %d" % (len(reasons), len(NASTY)))
        for got, sent in zip(reasons, NASTY):
            check(sent.startswith(got) and len(got) >= min(len(sent), 64), "json has %r, sent: %r" % (got[:80], sent[:80]))
        with sqlite3.connect("file:%s?mode=ro" % db, uri=True) as c:
            stored = [row[0] for row in c.execute("SELECT reason FROM failures ORDER BY id")]
        check(stored == reasons, "the database holds %r" % stored)

        for locale in ("C.UTF-8", "C"):
            for args in (("messages", "-v", capture), ("analyze", capture, "--local", "203.0.113.45"), ("failures", "-d", db),
                         ("failures", "-d", db, "--csv"), ("trunks", "-d", db), ("incidents", "-d", db),
                         *(("show", str(n + 1), "-d", db) for n in range(len(NASTY))),
                         *(("ticket", str(n + 1), "-d", db) for n in range(len(NASTY)))):
                does_nothing(run(locale, *args).decode("utf-8", "surrogateescape"), " ".join(args[:2]) + " in " + locale)
        # A spreadsheet takes no field for a formula.
        for line in run("C.UTF-8", "failures", "-d", db, "--csv").decode().splitlines():
            check(",=" not in line and ',"=' not in line, "csv: " + line[:80])
    sys.exit(1 if failed else 0)


main()
