#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A restart in the middle changes no verdict: each capture is cut in two, the first part
is analysed into a database and the second one into the same. Incidents and failures must
be those of the whole capture. Cut where nothing is under way, since an attempt in flight
is lost with the program: in the longest silences between attempts.

        restart.py TRUNKWATCH CAPTURE_OR_FOLDER... [--cuts N] [--verbose]
"""
import argparse
import datetime
import glob
import gzip
import json
import os
import struct
import subprocess
import sys
import tempfile


def records(path):
    """The file's header, and (time, bytes) of each record of a pcap file."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
        data = f.read()
    magic = data[:4]
    order = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    if magic not in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d"):
        return None, []
    unit = 1e9 if b"\x3c" in magic else 1e6
    found, at = [], 24
    while at + 16 <= len(data):
        s, sub, caplen, _ = struct.unpack_from(order + "IIII", data, at)
        found.append((s + sub / unit, data[at:at + 16 + caplen]))
        at += 16 + caplen
    return data[:24], found


def spans(trunkwatch, capture, failures):
    """From the first to the last packet, or give-up time, of each attempt."""
    out = subprocess.run([trunkwatch, "messages", capture, "--json"], stdout=subprocess.PIPE, timeout=60)
    seen = {}
    for line in out.stdout.splitlines():
        m = json.loads(line)
        if m["cseq_method"] in ("INVITE", "REGISTER", "OPTIONS", "CANCEL"):
            # a registration keeps its Call-ID; what follows soon belongs together
            at = seconds(m["at"])
            times = seen.setdefault((m["call_id"], m["cseq_method"]), [[at, at]])
            if at - times[-1][1] > 8:
                times.append([at, at])
            times[-1][1] = at
    for times in seen.values():
        yield from times
    for f in failures:
        waits = 40 if f["outcome"] == "challenge_unanswered" else 0  # for the credentials
        yield [seconds(f["started_at"]), seconds(f["at"]) + waits]


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def cuts(found, busy, most):
    """Places between records, in the longest silences outside of attempts."""
    busy = sorted(busy)
    gaps = []
    until, b = 0.0, 0
    for i in range(1, len(found)):
        before, after = found[i - 1][0], found[i][0]
        while b < len(busy) and busy[b][0] <= before:
            until, b = max(until, busy[b][1]), b + 1
        if until <= before + 1e-5 < after:
            gaps.append((after - before, i))
    gaps.sort(reverse=True)
    return sorted(i for _, i in gaps[:most])


def analyse(trunkwatch, database, capture, more):
    subprocess.run([trunkwatch, "analyze", capture, "-d", database, "--json"] + more,
                   stdout=subprocess.DEVNULL, check=True, timeout=60)


def ask(trunkwatch, database, what):
    out = subprocess.run([trunkwatch, what, "-d", database, "--json"],
                         stdout=subprocess.PIPE, check=True, timeout=60)
    return json.loads(out.stdout)


def findings(trunkwatch, database):
    """What must not depend on the restart. An incident's attempts do, by one or two: what
    was counted of them is a maximum of two counts."""
    failures = sorted((f["call_id"] or "", f["at"], f["trunk"] or "", f["verdict"])
                      for f in ask(trunkwatch, database, "failures"))
    incidents = sorted((i["trunk"] or "", i["verdict"], i["failures"], i["closed_at"] is None)
                       for i in ask(trunkwatch, database, "incidents"))
    return failures, incidents


def compare(args, capture, work):
    head, found = records(capture)
    more = []
    truth = os.path.join(os.path.dirname(capture), os.path.basename(capture).split(".pcap")[0] + ".truth.json")
    if os.path.exists(truth):
        with open(truth) as f:
            for ip in json.load(f).get("dialer_ips", []):
                more += ["--local", ip]
    whole = os.path.join(work, "whole.db")
    for name in glob.glob(work + "/*"):
        os.unlink(name)
    analyse(args.trunkwatch, whole, capture, more)
    want = findings(args.trunkwatch, whole)
    busy = spans(args.trunkwatch, capture, ask(args.trunkwatch, whole, "failures"))
    places = cuts(found, busy, args.cuts)
    bad = 0
    for place in places:
        for name in glob.glob(work + "/split.db*"):
            os.unlink(name)
        for part in (found[:place], found[place:]):
            with open(os.path.join(work, "part.pcap"), "wb") as f:
                f.write(head + b"".join(r for _, r in part))
            analyse(args.trunkwatch, os.path.join(work, "split.db"), os.path.join(work, "part.pcap"), more)
        got = findings(args.trunkwatch, os.path.join(work, "split.db"))
        if got == want:
            continue
        bad += 1
        print(f"{os.path.basename(capture)} cut before record {place} at {found[place][0]:.3f}:")
        for kind, w, g in zip(("failures", "incidents"), want, got):
            for row in w:
                if row not in g:
                    print(f"  {kind} whole: {row}")
            for row in g:
                if row not in w:
                    print(f"  {kind} split: {row}")
    return len(places), bad


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("trunkwatch")
    p.add_argument("captures", nargs="+")
    p.add_argument("--cuts", type=int, default=3)
    args = p.parse_args()
    files = []
    for name in args.captures:
        files += sorted(glob.glob(name + "/*.pcap*")) if os.path.isdir(name) else [name]
    done = bad = captures = 0
    with tempfile.TemporaryDirectory() as work:
        for f in files:
            n, b = compare(args, f, work)
            done, bad, captures = done + n, bad + b, captures + (n > 0)
    print(f"{captures} captures, {done} cuts, {bad} different")
    return 1 if bad or done == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
