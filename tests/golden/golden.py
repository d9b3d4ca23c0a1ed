#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""One golden test: a labelled capture in, findings out, compared with the truth file.

usage: golden.py TRUNKWATCH NAME [METHOD_OR_STATUS=COUNT...]
"""
import collections
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# What the lab calls a cause -> the verdicts (README: slugs) that say it.
SLUGS = {
    "wrong_password": ["credentials_rejected"],
    "wrong_username": ["credentials_rejected"],
    "no_credentials": ["challenge_unanswered"],
    "icmp_unreachable": ["unreachable"],
    "unknown": ["unknown_refusal"],
}
NO_FAILURE = {"ok", "normal_outcome", "challenge", "nonce_expired", "interval_too_brief"}
NO_TRUNK_FAILURE = {"scanner", "client_rejected_by_us"}

FAILURE_KEYS = """id at started_at trunk direction method transport local remote call_id caller called
    from_domain request_uri code reason outcome challenge_code realm auth_user rounds user_agent server
    verdict confidence runner_up evidence advice incident caller_name incomplete""".split()
INCIDENT_KEYS = """id trunk verdict confidence opened_at last_at closed_at failures attempts
    first_failure last_failure summary""".split()
TRUNK_KEYS = """name remote account registration reachability rtt_ms attempts answered refused
    last_success_at last_failure_at active_calls verdict""".split()

problems = []


def want(condition, text, *args):
    if not condition:
        problems.append(text % args if args else text)
    return condition


def run(*command):
    done = subprocess.run(command, capture_output=True, timeout=120)
    want(done.returncode == 0, "%s: exit %d: %s", " ".join(command[1:3]), done.returncode,
         done.stderr.decode(errors="replace").strip())
    want(not done.stderr, "stderr: %s", done.stderr.decode(errors="replace").strip())
    return done.stdout.decode("utf-8")


def slugs(labels):
    return {slug for label in labels for slug in SLUGS.get(label, [label])}


def check_keys(found):
    for kind, keys in (("failures", FAILURE_KEYS), ("incidents", INCIDENT_KEYS), ("trunks", TRUNK_KEYS)):
        for row in found[kind]:
            missing = [k for k in keys if k not in row]
            want(not missing, "%s: keys missing: %s", kind, " ".join(missing))
    for f in found["failures"]:
        want(0 <= f.get("confidence", -1) <= 1, "confidence of failure %s", f.get("id"))
        want(f.get("evidence") and f.get("advice"), "failure %s without evidence or advice", f.get("id"))


def expected(truth):
    """Call-ID -> cause, for what a trunk (or our box, inbound) refused; and the rest."""
    cause_of = {}
    for record in truth.get("calls", []) + truth.get("registrations", []):
        if cause_of.get(record["call_id"], "ok") in NO_FAILURE:
            cause_of[record["call_id"]] = record["cause"]
    refused = {c: cause for c, cause in cause_of.items() if cause not in NO_FAILURE}
    return refused, set(cause_of)


def check_findings(truth, found):
    refused, listed = expected(truth)
    reported = collections.defaultdict(list)
    for f in found["failures"]:
        if f["verdict"] not in NO_TRUNK_FAILURE:
            reported[f["call_id"]].append(f)
    if truth.get("undetectable"):  # what the capture cannot show; only inventing something would be wrong
        refused = {}
    for call_id, cause in refused.items():
        want(call_id in reported, "not reported: %s (%s)", call_id, cause)

    own = truth.get("acceptable", []) + [truth["cause"]]
    anywhere = slugs(own + list(refused.values()) + [a for t in truth["trunks"] for a in t.get("acceptable", [])])
    for call_id, fs in reported.items():
        # A dialog that the truth file does not list (OPTIONS, NOTIFY) may fail for the capture's cause only.
        real = call_id in refused or (call_id not in listed and all(f["verdict"] in anywhere for f in fs))
        want(real, "no failure, but reported: %s as %s", call_id, fs[0]["verdict"])

    incident = {i["id"]: i for i in found["incidents"]}
    for call_id, cause in refused.items():
        good = slugs([cause] + truth.get("acceptable_by_cause", {}).get(cause, []) + (own if cause == truth["cause"] else []) +
                     [a for t in truth["trunks"] if t["cause"] == cause for a in t.get("acceptable", [])])
        for f in reported[call_id]:
            verdict = incident.get(f["incident"], f)["verdict"]
            want(verdict in good, "%s (%s): verdict %s, acceptable: %s", call_id, cause, verdict, " ".join(sorted(good)))
    held = {f["incident"] for f in found["failures"]}
    for i in found["incidents"]:
        want(i["id"] in held or i["verdict"] in NO_TRUNK_FAILURE | {"abnormal_outcomes"},
             "incident %s (%s) without a failure", i["id"], i["verdict"])


def main():
    trunkwatch, name = sys.argv[1:3]
    wire = {k: int(v) for k, v in (pair.split("=") for pair in sys.argv[3:])}
    capture = os.path.join(HERE, name + ".pcap")
    if not os.path.exists(capture):
        capture += ".gz"
    with open(os.path.join(HERE, name + ".truth.json"), encoding="utf-8") as f:
        truth = json.load(f)

    analyze = [trunkwatch, "analyze", capture, "--json"]
    for address in truth["dialer_ips"]:
        analyze += ["--local", address]
    text = run(*analyze)
    want(text == run(*analyze), "the same capture gave two different answers")
    found = json.loads(text)
    check_keys(found)
    check_findings(truth, found)
    want(found["malformed"] == 0 and found["dropped"] == 0, "malformed %(malformed)s, dropped %(dropped)s" % found)
    want(found["messages"] == sum(wire.values()), "messages %s, tshark %s", found["messages"], sum(wire.values()))

    seen = collections.Counter()
    for line in run(trunkwatch, "messages", capture, "--json").splitlines():
        message = json.loads(line)
        seen[str(message["method"] or message["status"])] += 1
    want(seen == wire, "messages: %s, tshark: %s", dict(sorted(seen.items())), wire)

    for problem in problems:
        print("%s: %s" % (name, problem), file=sys.stderr)
    sys.exit(1 if problems else 0)


main()
