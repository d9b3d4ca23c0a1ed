#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""All 61 messages of RFC 4475 and RFC 5118, as TORTURE.tsv says what a monitor must do with each:
in UDP, in UDP over IPv6, one TCP connection for each, and pipelined in one TCP stream.

They are not ours to give away: read where they are, skipped when they are not there. What is
expected is read from the messages themselves, with nothing of ours but a few lines of Python."""
import collections
import csv
import json
import os
import re
import subprocess

import lab
from lab import check

SHARED = os.environ.get("TRUNKWATCH_SHARED", os.path.join(lab.SOURCE, "../shared"))
FOLDER = os.path.join(SHARED, "corpus/torture")

# What a stream makes of bytes that a datagram's end would have forgiven (column "what").
IN_TCP = {
    "rfc4475-baddn": 0,   # no empty line: never complete
    "rfc4475-clerr": 0,   # Content-Length 9999: never complete
    "rfc4475-dblreq": 2,  # the second request is no noise here
}
NO_SIP_2_0 = {"rfc4475-badvers", "rfc4475-bigcode"}


def table(name):
    with open(os.path.join(FOLDER, name), newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def first_message(stem):
    """Start line's method or status, CSeq number (None: unusable), Call-ID (None: there is none)."""
    with open(os.path.join(FOLDER, stem + ".dat"), "rb") as f:
        head = f.read().split(b"\r\n\r\n")[0].decode("latin-1")
    lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
    call_id = cseq = None
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name.strip().lower() in ("call-id", "i") and call_id is None:
            call_id = value.strip()
        if name.strip().lower() == "cseq" and cseq is None:
            cseq = int(value.split()[0])
    word = lines[0].split()
    start = int(word[1]) if word[0] == "SIP/2.0" else word[0]
    return start, cseq if cseq is not None and cseq < 2 ** 32 else None, call_id


def run(*args):
    done = subprocess.run([lab.CLI, *args], capture_output=True, timeout=60)
    check(done.returncode == 0 and not done.stderr, "%s: exit %d %s" % (args, done.returncode, done.stderr))
    return done.stdout


def heard(capture):
    """Messages of a capture by source port, in order."""
    found = collections.defaultdict(list)
    for line in run("messages", capture, "--json").splitlines():
        m = json.loads(line)
        found[m["src"].rsplit(":", 1)[1]].append((m["method"] or m["status"], m["cseq"], m["call_id"]))
    return found


def malformed(capture):
    return json.loads(run("analyze", capture, "--json"))["malformed"]


def each(prefix, wrapping, rows, rejected):
    capture = os.path.join(FOLDER, "%s-%s.pcap" % (prefix, wrapping))
    found = heard(capture)
    for row in rows:
        stem, where = row["file"][:-4], "%s-%s %s" % (prefix, wrapping, row["file"])
        got = found.pop(row["source_port"], [])
        want = IN_TCP.get(stem, 1) if wrapping.startswith("tcp") else 1
        want = 0 if stem in NO_SIP_2_0 else want
        if check(len(got) == want, "%s: %d messages, want %d" % (where, len(got), want)) and want:
            check(got[0] == first_message(stem), "%s: %s, sent: %s" % (where, got[0], first_message(stem)))
    check(not found, "%s-%s: messages nobody sent: %s" % (prefix, wrapping, dict(found)))
    # REJECT: counted, whether it is no SIP/2.0 or names nothing that could be tracked.
    bad = sum(row["file"] in rejected for row in rows)
    check(malformed(capture) == bad, "%s-%s: malformed %d, want %d" % (prefix, wrapping, malformed(capture), bad))
    return len(rows)


def pipelined(prefix, monitor):
    """One stream holds those whose framing a stream can follow; the oracle gives their order."""
    capture = os.path.join(FOLDER, prefix + "-tcp-stream.pcap")
    with open(capture + ".oracle.json", encoding="utf-8") as f:
        order = json.load(f)["order"]
    want = [first_message(name[:-4]) for name in order]
    got = [m for messages in heard(capture).values() for m in messages]
    check(got == want, "%s: %s, sent: %s" % (capture, got, want))
    check(all(monitor[name] != "REJECT" for name in order) and malformed(capture) == 0, capture + ": malformed")


def main():
    if not os.path.exists(os.path.join(FOLDER, "WRAPPED.tsv")):
        lab.skip("no torture messages in " + FOLDER)
    monitor = {row["file"]: row["monitor"] for row in table("TORTURE.tsv")}
    rejected = {name for name, what in monitor.items() if what == "REJECT"}
    wrapped = collections.defaultdict(list)
    for row in table("WRAPPED.tsv"):
        wrapped[row["capture"]].append(row)
    check(len(monitor) == 61, "%d messages in TORTURE.tsv" % len(monitor))
    for wrapping in ("udp", "udp6", "tcp-each"):
        seen = sum(each(prefix, wrapping, rows, rejected) for prefix, rows in wrapped.items())
        check(seen == 61, "%s: %d messages wrapped" % (wrapping, seen))
    for prefix in wrapped:
        pipelined(prefix, monitor)
    lab.finish()


main()
