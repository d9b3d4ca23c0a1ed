#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Generated traffic on every road it can take: exactly the generator's messages come out."""
import collections
import json
import subprocess

import lab
from lab import check

ROADS = (
    (),
    ("--ipv6",),
    ("--vlan", "42"),
    ("--linktype", "raw"),
    ("--linktype", "sll"),
    ("--linktype", "sll2"),
    ("--linktype", "raw", "--ipv6"),
    ("--linktype", "sll2", "--ipv6"),
    ("--fragment-ratio", "0.3"),
    ("--fragment-ratio", "0.3", "--ipv6"),
    ("--fragment-ratio", "0.3", "--vlan", "42"),
    ("--rtp-ratio", "2"),
    ("--transport", "tcp"),
    ("--transport", "tcp", "--tcp-split", "0.6"),
    ("--transport", "tcp", "--tcp-split", "0.6", "--ipv6"),
    ("--transport", "tcp", "--tcp-split", "0.6", "--vlan", "42"),
)


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
            found = json.loads(subprocess.run([lab.CLI, "analyze", path, "--json", "--local", "10.10.0.5", "--local", "2001:db8:0:1::5"],
                                              capture_output=True, timeout=120, check=False).stdout or "{}")
            check(found.get("messages") == truth["messages"], "%s: analyze counts %s messages" % (name, found.get("messages")))
            check(found.get("malformed") == 0, "%s: malformed %s" % (name, found.get("malformed")))
    lab.finish()


main()
