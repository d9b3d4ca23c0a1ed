#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Generated traffic on every road it can take: exactly the generator's messages come out."""
import collections
import json
import subprocess

import lab
from lab import check

LINKTYPES = ("en10mb", "raw", "sll", "sll2")
FRAGMENTS, TCP = ("--fragment-ratio", "0.3"), ("--transport", "tcp", "--tcp-split", "0.6")
ROADS = [("--linktype", linktype, *family, *carried) for linktype in LINKTYPES for family in ((), ("--ipv6",))
         for carried in ((), FRAGMENTS, TCP)]
ROADS += [("--vlan", "42", *family, *carried) for family in ((), ("--ipv6",)) for carried in ((), FRAGMENTS, TCP)]
ROADS += [("--transport", "tcp"), ("--rtp-ratio", "2"), ("--rtp-ratio", "2", *FRAGMENTS), ("--rtp-ratio", "2", *TCP)]


def count_alike(path, counters):
    """The daemon that reads the file tells the same counters through its database."""
    db = path + ".db"
    done = subprocess.run([lab.DAEMON, *lab.AS_USER, "-r", path, "-d", db], capture_output=True, timeout=120)
    check(done.returncode == 0, "trunkwatchd -r: exit %d %s" % (done.returncode, done.stderr[-300:]))
    status = json.loads(subprocess.run([lab.CLI, "status", "--json", "-d", db], capture_output=True, timeout=60).stdout or "{}")
    check(status.get("counters") == counters, "status counts %s, analyze %s" % (
        {k: v for k, v in status.get("counters", {}).items() if v}, {k: v for k, v in counters.items() if v}))


def main():
    with lab.workdir() as work:
        for road in ROADS:
            name, path = " ".join(road) or "udp", work + "/road.pcap"
            truth = lab.generate(path, "--calls", "300", *road)
            done = subprocess.run([lab.CLI, "messages", path, "--json"], capture_output=True, timeout=120)
            check(done.returncode == 0 and not done.stderr, "%s: exit %d %s" % (name, done.returncode, done.stderr))
            requests, responses = collections.Counter(), collections.Counter()
            for line in done.stdout.splitlines():
                message = json.loads(line)
                if message["method"]:
                    requests[message["method"]] += 1
                else:
                    responses[str(message["status"])] += 1
            seen = sum(requests.values()) + sum(responses.values())
            check(seen == truth["messages"], "%s: %d messages, sent: %d" % (name, seen, truth["messages"]))
            check(requests == truth["requests"], "%s: %s, sent: %s" % (name, dict(requests), truth["requests"]))
            check(responses == truth["responses"], "%s: %s, sent: %s" % (name, dict(responses), truth["responses"]))
            found = subprocess.run([lab.CLI, "analyze", path, "--json", "--local", "10.10.0.5", "--local", "2001:db8:0:1::5"],
                                   capture_output=True, timeout=120, check=False)
            found = json.loads(found.stdout or "{}")
            # A call is one attempt whatever its rounds; so is a REGISTER with its challenge, and each OPTIONS.
            refused = sum(truth["outcomes"].get(code, 0) for code in ("403", "503", "timeout"))
            for what, want in (("messages", truth["messages"]), ("attempts", truth["call_ids"]), ("malformed", 0), ("dropped", 0)):
                check(found.get(what) == want, "%s: analyze counts %s %s, sent: %d" % (name, found.get(what), what, want))
            failures = collections.Counter(str(failure["code"] or "timeout") for failure in found.get("failures", ()))
            check(sum(failures.values()) == refused and all(truth["outcomes"].get(code) == n for code, n in failures.items()),
                  "%s: failures %s of outcomes %s" % (name, dict(failures), truth["outcomes"]))
            counters = found.get("counters", {})
            for what, want in (("wire.frag_completed", truth["fragmented_datagrams"]),
                               ("wire.messages_" + truth["args"]["transport"], truth["messages"]),
                               ("frames.short", 0), ("frames.ip-header", 0), ("wire.tcp_holes", 0), ("wire.tcp_overlap", 0),
                               ("wire.frag_overlap", 0), ("wire.frag_timeout", 0), ("wire.events_unread", 0)):
                check(counters.get(what) == want, "%s: %s is %s, sent: %d" % (name, what, counters.get(what), want))
            if road == ("--vlan", "42", *FRAGMENTS):
                count_alike(path, counters)
    lab.finish()


main()
