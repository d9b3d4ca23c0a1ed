#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Score trunkwatch's diagnosis against labelled captures.

usage: score.py [--trunkwatch PATH] [--with-config] [--min-detect R] [--max-false N] [--min-verdict R] [--max-terrible N] [-v] DIR [NAME...]

DIR holds NAME.pcap + NAME.truth.json (and NAME.sip.conf / NAME.pjsip.conf). For each capture it runs
    trunkwatch analyze NAME.pcap --json --local ADDR...        [--asterisk-config NAME.sip.conf with --with-config]
and compares with the truth file:
  detect   refused attempts (by Call-ID) that are reported as trunk failures
  false    reported failures whose Call-ID was no trunk failure (answered, busy, cancelled, a scanner, our own phone), or whose
           Call-ID is no listed call or registration (OPTIONS, NOTIFY) and whose verdict is none of the capture's
  verdict  per cause (no two trunks of a capture share one): does the verdict that most of its refusals bear count as acceptable
           (`acceptable` of the truth file and of its trunk, `acceptable_by_cause` for further causes; a cause of which nothing
           is reported counts as wrong; `best` counts those that name the true cause itself)
  terrible incidents whose verdict is plainly wrong (`must_not` of the truth file)
An incident that holds none of the reported failures is a false alarm too (but for abnormal_outcomes).
The last lines tell how often verdicts of each confidence were right. Exit 65 of trunkwatch (damaged file) with valid JSON is no error.
Exit status: 0 passed, 1 a threshold was missed or a capture could not be analysed, 66 no capture found.
"""
import argparse, collections, glob, json, os, subprocess, sys

SLUG = {  # truth label -> verdict slugs of design.md 6.4 (the first is the best)
    "wrong_password": ["credentials_rejected"], "wrong_username": ["credentials_rejected"],
    "wrong_realm": ["wrong_realm", "credentials_rejected"], "no_credentials": ["challenge_unanswered"],
    "unsupported_algorithm": ["algorithm_unsupported"], "stale_nonce_loop": ["stale_nonce_loop"],
    "ip_not_allowed": ["ip_not_allowed"], "rate_limited": ["rate_limited"], "channel_limit": ["channel_limit"],
    "blocked_after_success": ["blocked_after_success"], "account_suspended": ["account_suspended"],
    "caller_id_not_allowed": ["caller_id_not_allowed"], "destination_not_allowed": ["destination_not_allowed"],
    "from_header_mismatch": ["from_header_mismatch"], "payment_required": ["payment_required"], "stir_shaken": ["stir_shaken"],
    "inbound_rejected_by_us": ["inbound_rejected_by_us"], "scanner_attack": ["scanner"], "carrier_outage": ["carrier_outage"],
    "no_response": ["no_response"], "icmp_unreachable": ["unreachable"], "number_format": ["number_format"],
    "codec": ["codec_rejected"], "codec_rejected": ["codec_rejected"], "local_client_rejected": ["client_rejected_by_us"],
    "registration_not_allowed": ["registration_not_allowed"], "in_dialog_refused": ["in_dialog_refused"], "analytics_blocked": ["analytics_blocked"],
    "media_not_acceptable": ["codec_rejected"], "unknown": ["unknown_refusal"],
}
NEEDS_CONFIG = {"wrong_password": ["secret_mismatch"]}  # verdicts that only the dialer's own configuration can prove
NO_TRUNK_FAILURE = {"scanner", "client_rejected_by_us"}  # verdicts that count no trunk failure (design.md 6.4)
NOT_FAILURE = {"ok", "normal_outcome", "challenge", "nonce_expired", "interval_too_brief", "scanner_attack", "local_client_rejected", None}


def slugs(labels, with_config=False):
    out = []
    for label in labels:
        names = SLUG.get(label, [label]) + (NEEDS_CONFIG.get(label, []) if with_config else [])
        out += [s for s in names if s not in out]
    return out


def analyze(args, pcap, truth):
    cmd = [args.trunkwatch, "analyze", pcap, "--json"]
    for ip in truth.get("dialer_ips", []):
        cmd += ["--local", ip]
    if args.with_config:
        for ext in (".sip.conf", ".pjsip.conf"):
            if os.path.exists(pcap[:-5] + ext):
                cmd += ["--asterisk-config", pcap[:-5] + ext]
    run = subprocess.run(cmd, capture_output=True, timeout=120)
    if run.returncode not in (0, 65) or not run.stdout:
        raise RuntimeError("exit %d: %s" % (run.returncode, run.stderr.decode(errors="replace")[:200]))
    return json.loads(run.stdout)


def score(args, pcap):
    truth = json.load(open(pcap[:-5] + ".truth.json"))
    return compare(os.path.basename(pcap)[:-5], truth, analyze(args, pcap, truth), args.with_config)


def compare(name, truth, got, with_config=False):
    """What the program said of a capture, against its truth."""
    incident = {i["id"]: i for i in got["incidents"]}
    by_call = collections.defaultdict(list)
    for f in got["failures"]:
        if f["verdict"] not in NO_TRUNK_FAILURE:
            by_call[f["call_id"]].append(f)

    if truth.get("undetectable"):  # the capture cannot show the refusals' Call-IDs: only a crash counts against us
        return {"name": name, "detect": [0, 0], "false": [], "missed": [], "verdicts": []}

    cause_of = {}
    for rec in truth.get("calls", []) + truth.get("registrations", []):
        prev = cause_of.get(rec["call_id"])
        if prev in NOT_FAILURE:
            cause_of[rec["call_id"]] = rec["cause"]
    hostile = set(truth.get("hostile_dialogues") and [h["call_id"] for h in truth["hostile_dialogues"] if "call_id" in h] or [])
    local = set(truth.get("local_client_dialogues") and [h["call_id"] for h in truth["local_client_dialogues"] if "call_id" in h] or [])

    r = {"name": name, "detect": [0, 0], "false": [], "missed": [], "verdicts": []}
    groups = collections.defaultdict(list)
    for call_id, cause in cause_of.items():
        if cause in NOT_FAILURE or call_id in hostile or call_id in local:
            continue
        r["detect"][1] += 1
        if by_call.get(call_id):
            r["detect"][0] += 1
            groups[cause] += by_call[call_id]
        else:
            r["missed"].append(call_id)
            groups[cause] += []
    trunks, by_cause = truth.get("trunks", []), truth.get("acceptable_by_cause", {})
    accept, bad = truth.get("acceptable", [truth["cause"]]), slugs(truth.get("must_not", []), True)
    anywhere = slugs(accept + sum([t.get("acceptable", []) for t in trunks], []) + list(groups), with_config)
    for f in got["failures"]:
        call_id, verdict = f["call_id"], f["verdict"]
        if call_id in hostile or call_id in local:
            wrong = verdict not in NO_TRUNK_FAILURE
        elif call_id not in cause_of:  # no listed call or registration: OPTIONS, NOTIFY, a Call-ID that the capture cut off
            wrong = verdict not in NO_TRUNK_FAILURE and verdict not in anywhere
        else:  # an answered call may still hold a refused re-INVITE
            wrong = cause_of[call_id] in NOT_FAILURE and not (verdict == "in_dialog_refused" and verdict in accept)
        if wrong:
            r["false"].append((call_id, verdict))
    held = {f.get("incident") for f in got["failures"]}
    r["false"] += [("incident %s" % i["id"], i["verdict"]) for i in got["incidents"]
                   if i["id"] not in held and i["verdict"] not in NO_TRUNK_FAILURE | {"abnormal_outcomes"}]

    for cause, fs in groups.items():
        acc = [cause] + by_cause.get(cause, []) + (accept if cause == truth["cause"] else [])
        for t in trunks:
            if t.get("cause") == cause:
                acc += t.get("acceptable", [])
        acc = slugs(acc, with_config)
        digests = [d for d in truth.get("wire", {}).get("digests", []) if d.get("secret")]
        if digests and all("conf:" in d["secret"] for d in digests):  # the wire holds what the configuration says: no mismatch to prove
            acc = [a for a in acc if a != "secret_mismatch"]
        votes = collections.Counter(incident.get(f.get("incident"), f)["verdict"] for f in fs)
        verdict = votes.most_common(1)[0][0] if votes else None
        sure = [incident.get(f.get("incident"), f).get("confidence") for f in fs]
        sure = [c for c in sure if isinstance(c, (int, float))]
        best = SLUG.get(cause, [cause])[:1] + (NEEDS_CONFIG.get(cause, []) if with_config else [])
        r["verdicts"].append({"cause": cause, "n": len(fs), "verdict": verdict, "ok": verdict in acc, "sure": sum(sure) / len(sure) if sure else None,
                              "best": verdict in best, "terrible": verdict in bad and verdict not in acc})
    return r


def main():
    p = argparse.ArgumentParser()
    p.add_argument("dir"); p.add_argument("names", nargs="*")
    p.add_argument("--trunkwatch", default="trunkwatch"); p.add_argument("--with-config", action="store_true")
    p.add_argument("--min-detect", type=float); p.add_argument("--max-false", type=int); p.add_argument("--min-verdict", type=float); p.add_argument("--max-terrible", type=int)
    p.add_argument("-v", action="store_true")
    args = p.parse_args()
    det, tot, false, ok, best, terrible, n, errors = 0, 0, 0, 0, 0, 0, 0, 0
    seen, bucket = set(), collections.defaultdict(lambda: [0, 0])
    for truth in sorted(glob.glob(os.path.join(args.dir, "*.truth.json"))):
        pcap = truth[:-len(".truth.json")] + ".pcap"
        name = os.path.basename(pcap)[:-5]
        if args.names and name not in args.names:
            continue
        seen.add(name)
        try:
            r = score(args, pcap)
        except Exception as e:  # a crash, a timeout or output that is not the contract's JSON
            errors += 1
            print("%-32s ERROR %s" % (name, str(e)[:160]))
            n += 1; tot += 1
            continue
        det += r["detect"][0]; tot += r["detect"][1]; false += len(r["false"])
        for v in r["verdicts"]:
            n += 1; ok += v["ok"]; best += v["best"]; terrible += v["terrible"]
            if v["sure"] is not None:
                b = bucket[min(int(v["sure"] * 10), 9)]; b[0] += v["ok"]; b[1] += 1
        wrong = [v for v in r["verdicts"] if not v["ok"]]
        if args.v or wrong or r["missed"] or r["false"]:
            print("%-32s detect %d/%d  false %d  %s" % (name, *r["detect"], len(r["false"]), "; ".join(
                "%s -> %s%s" % (v["cause"], v["verdict"], "" if v["ok"] else " TERRIBLE" if v["terrible"] else " WRONG") for v in r["verdicts"])))
            if args.v:
                for c in r["missed"][:3]: print("    missed", c)
                for c, v in r["false"][:3]: print("    false", c, v)
    if not seen or set(args.names) - seen:
        print("score.py: no such capture in %s: %s" % (args.dir, ", ".join(sorted(set(args.names) - seen)) or "*.truth.json"), file=sys.stderr)
        sys.exit(66)
    for k in sorted(bucket, reverse=True):
        print("confidence %.1f to %.1f: right %d of %d" % (k / 10, (k + 1) / 10, *bucket[k]))
    rate = lambda a, b: a / b if b else 1.0
    print("detect %d/%d (%.3f)  false %d  verdict %d/%d (%.3f)  best %d  terrible %d  errors %d" % (
        det, tot, rate(det, tot), false, ok, n, rate(ok, n), best, terrible, errors))
    short = ((args.min_detect is not None and rate(det, tot) < args.min_detect) or (args.max_false is not None and false > args.max_false)
             or (args.min_verdict is not None and rate(ok, n) < args.min_verdict)
             or (args.max_terrible is not None and terrible > args.max_terrible) or errors > 0)
    sys.exit(1 if short else 0)


if __name__ == "__main__":
    main()
