#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A capture that is not perfect must not make the program say what is wrong.

usage: robust.py TRUNKWATCH [--cuts N] [--seed N] [--only KIND] [--min-detect R] [--max-false N] [--min-verdict R]
                 [--max-terrible N] [-v] [FOLDER...]

Every labelled capture of the folders (NAME.pcap + NAME.truth.json, as for score.py; without a folder: those that lie beside this
repository, when they do, and those that the blind lab writes) is damaged: its beginning or its end cut off,
packets lost or doubled, our own addresses not given. Of a damaged capture the truth says less, and so may the program:
  detect   refusals of which request and answer are still there (of silence, ICMP errors and challenges: all that was there) are reported
  false    reported failures of calls that were answered, busy or cancelled: what is missing is no excuse
  verdict  per cause, as in score.py. Where packets are missing, an honest "I do not know" (unknown_refusal, or a confidence below
           0.6) is counted as `unsure`, not as wrong; and where all that ever passed on a trunk is missing, what an expert would
           then think is right, too
  terrible verdicts that the truth forbids, sure or not
"""
import argparse
import collections
import concurrent.futures
import glob
import ipaddress
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import score  # noqa: E402

METHODS = b"INVITE|ACK|BYE|CANCEL|REGISTER|OPTIONS|NOTIFY|SUBSCRIBE|INFO|PRACK|UPDATE|REFER|MESSAGE|PUBLISH"
START = re.compile(rb"(?:SIP/2\.0 (\d{3})[^\r\n]*|(" + METHODS + rb") [^\r\n ]+ SIP/2\.0)\r\n", re.I)
CALL_ID = re.compile(rb"\r\n(?:Call-ID|i)[ \t]*:[ \t]*([^\r\n]+?)[ \t]*\r\n", re.I)
CSEQ = re.compile(rb"\r\nCSeq[ \t]*:[ \t]*(\d+)[ \t]+(\w+)", re.I)
IP_AT = {1: 14, 101: 0, 113: 16, 276: 20}
CUT_MAX, SURE = 24, 0.6
BREATH = 0.005  # seconds: an answer and what it makes a stack send, in one breath

Record = collections.namedtuple("Record", "at head data src dst icmp status method call_id cseq")


# ---- captures ----------------------------------------------------------------------------------------------------------------------
def addresses(link, data):
    """Source, destination, and whether it is an ICMP error."""
    at = IP_AT.get(link, 0)
    if link == 1 and data[12:14] == b"\x81\x00":
        at += 4
    if len(data) > at + 40 and data[at] >> 4 == 4:
        return str(ipaddress.ip_address(data[at + 12:at + 16])), str(ipaddress.ip_address(data[at + 16:at + 20])), data[at + 9] == 1
    if len(data) > at + 40 and data[at] >> 4 == 6:
        return str(ipaddress.ip_address(data[at + 8:at + 24])), str(ipaddress.ip_address(data[at + 24:at + 40])), data[at + 6] == 58
    return None, None, False


def record_of(link, at, head, data):
    src, dst, icmp = addresses(link, data)
    start = START.search(data)
    rest = data[start.end() - 2:] if start else b""
    call_id, cseq = CALL_ID.search(rest), CSEQ.search(rest)
    if not start or not call_id or not cseq:
        return Record(at, head, data, src, dst, icmp, 0, None, None, 0)
    return Record(at, head, data, src, dst, icmp, int(start.group(1) or 0), cseq.group(2).decode().upper() if start.group(1) else start.group(2).decode().upper(),
                  call_id.group(1).decode(errors="replace"), int(cseq.group(1)))


class Capture:
    def __init__(self, path):
        self.name = os.path.basename(path)[:-len(".truth.json")]
        with open(path, encoding="utf-8") as f:
            self.truth = json.load(f)
        with open(path[:-len(".truth.json")] + ".pcap", "rb") as f:
            data = f.read()
        self.header, self.records, at = data[:24], [], 24
        self.per_second = per_second = 10**9 if data[:4] == b"\x4d\x3c\xb2\xa1" else 10**6
        link = struct.unpack_from("<I", data, 20)[0]
        while at + 16 <= len(data):
            seconds, part, kept, _ = struct.unpack_from("<IIII", data, at)
            self.records.append(record_of(link, seconds * per_second + part, data[at:at + 16], data[at + 16:at + 16 + kept]))
            at += 16 + kept

    def write(self, path, records):
        with open(path, "wb") as f:
            f.write(self.header)
            for r in records:
                f.write(r.head + r.data)


# ---- damages -----------------------------------------------------------------------------------------------------------------------
def doubled(records, share, chance):
    return [copy for r in records for copy in ((r, r) if chance.random() < share else (r,))]


def damages(capture, cuts, seed):
    """(kind, records, our addresses are given) of one capture. The same seed damages in the same way."""
    chance, all_ = random.Random("%s/%d" % (capture.name, seed)), capture.records
    lengths = [n for n in range(1, CUT_MAX + 1) if n < len(all_)]
    for n in sorted(chance.sample(lengths, min(cuts, len(lengths)))):
        yield "start cut %d" % n, all_[n:], True
    # Whoever stops a capture of a single call does so at any time, not at any packet.
    lengths = [n for n in lengths if all_[-n].at - all_[-n - 1].at > BREATH * capture.per_second]
    for n in sorted(chance.sample(lengths, min(cuts, len(lengths)))):
        yield "end cut %d" % n, all_[:-n], True
    if len(all_) > 2 * CUT_MAX:
        yield "begins later", all_[chance.randrange(CUT_MAX, len(all_) * 3 // 4):], True
        yield "ends earlier", all_[:chance.randrange(len(all_) // 4, len(all_) - CUT_MAX)], True
    for share in (2, 10, 30):
        for _ in range(max(1, cuts // 4)):
            yield "%d %% lost" % share, [r for r in all_ if chance.random() * 100 >= share], True
    yield "all doubled", doubled(all_, 1, chance), True
    yield "10 % doubled", doubled(all_, .1, chance), True
    yield "no --local", all_, False


# ---- what is left of the truth -------------------------------------------------------------------------------------------------------
def by_call(records):
    out = collections.defaultdict(list)
    for r in records:
        out[r.call_id].append(r)
    return out


def told(records):
    """What the messages of a call say, whatever their number; who acknowledges adds nothing."""
    said = collections.Counter((r.status, r.method, r.cseq, r.icmp) for r in records if r.method != "ACK" and r.status != 100)
    silent = all(r.status in (0, 100) for r in records)
    return said if silent else set(said)


def is_visible(was, left):
    """Is the refusal still on the wire?"""
    asked = {(r.cseq, r.method) for r in left if not r.status and not r.icmp}
    if any(r.status >= 400 and r.status not in (401, 407) and r.method in ("INVITE", "REGISTER") and (r.cseq, r.method) in asked for r in left):
        return True
    return told(was) == told(left)


def has_passed(records, provider, calls):
    """Does anything show that one of these calls, or a registration, was ever let in? A BYE alone may be of a call that the provider made."""
    for r in records:
        if provider not in (r.src, r.dst) or r.call_id not in calls:
            continue
        if (r.method == "INVITE" and (180 <= r.status < 200 or r.status // 100 == 2 or r.status == 486)) or (
                r.method == "REGISTER" and r.status // 100 == 2):
            return True
    return False


# What an expert thinks of a refusal after credentials, or at once, who never saw a call pass.
UNSEEN_AFTER = ["wrong_password", "wrong_username", "from_header_mismatch", "account_suspended"]
UNSEEN_AT_ONCE = ["ip_not_allowed", "account_suspended"]


def left_truth(capture, records):
    """The truth of a damaged capture, and the Call-IDs of which the program must report."""
    truth, was, left = dict(capture.truth), by_call(capture.records), by_call(records)
    gone = [r for r in set(capture.records) - set(records) if r.call_id is None]  # a fragment, a part of a stream: of which call?
    must, extra = set(), collections.defaultdict(set)
    attempts = truth.get("calls", []) + truth.get("registrations", [])
    for one in attempts:
        call_id, provider = one["call_id"], one.get("provider_ip")
        if one["cause"] in score.NOT_FAILURE:
            continue
        if not gone and is_visible(was[call_id], left[call_id]):
            must.add(call_id)
        calls = {a["call_id"] for a in attempts if a.get("auth_user") == one.get("auth_user")}  # with the same account
        if has_passed(capture.records, provider, calls) and not has_passed(records, provider, calls):
            extra[one["cause"]].update(UNSEEN_AFTER if one.get("auth_user") else UNSEEN_AT_ONCE)
    widened = {cause: truth.get("acceptable_by_cause", {}).get(cause, []) + sorted(more) for cause, more in extra.items()}
    truth["acceptable_by_cause"] = {**truth.get("acceptable_by_cause", {}), **widened}
    return truth, must


# ---- running ---------------------------------------------------------------------------------------------------------------------
def analyze(trunkwatch, path, truth, is_given):
    run = [trunkwatch, "analyze", path, "--json"]
    for address in truth.get("dialer_ips", []) if is_given else []:
        run += ["--local", address]
    done = subprocess.run(run, capture_output=True, timeout=120, check=False)
    if done.returncode not in (0, 65) or not done.stdout:
        raise RuntimeError("exit %d: %s" % (done.returncode, done.stderr.decode(errors="replace")[:200]))
    return json.loads(done.stdout)


class Sum:
    def __init__(self):
        self.runs = self.detected = self.wanted = self.false = self.right = self.unsure = self.verdicts = self.terrible = 0
        self.lines = []

    def add(self, name, result, must, is_lossy):
        self.runs += 1
        missed = [c for c in result["missed"] if c in must]
        self.wanted += len(must)
        self.detected += len(must) - len(missed)
        self.false += len(result["false"])
        said = ["missed %s" % c for c in missed] + ["FALSE %s %s" % f for f in result["false"]]
        for v in result["verdicts"]:
            if v["verdict"] is None and (not missed or is_lossy):
                continue  # nothing of it is left, or it is counted as missed
            self.verdicts += 1
            self.terrible += v["terrible"]
            self.right += v["ok"]
            is_unsure = is_lossy and not v["ok"] and not v["terrible"] and (v["verdict"] == "unknown_refusal" or v["sure"] < SURE)
            self.unsure += is_unsure
            if not v["ok"]:
                said.append("%s -> %s %s%s" % (v["cause"], v["verdict"], v["sure"] and "%.2f" % v["sure"],
                                               " TERRIBLE" if v["terrible"] else " unsure" if is_unsure else ""))
        self.lines += ["%s: %s" % (name, "; ".join(said))] if said else []

    def row(self, kind):
        return "%-14s %6d  %.3f (%5d)  %5d  %.3f  %.3f (%5d)  %8d" % (
            kind, self.runs, self.detected / self.wanted if self.wanted else 1, self.wanted, self.false,
            (self.right + self.unsure) / self.verdicts if self.verdicts else 1, self.right / self.verdicts if self.verdicts else 1, self.verdicts, self.terrible)


def play(args, folder, capture, damage):
    kind, records, is_given = damage
    truth, must = left_truth(capture, records)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".pcap") as f:
        capture.write(f.name, records)
        got = analyze(args.trunkwatch, f.name, truth, is_given)
    return "%s, %s" % (capture.name, kind), re.sub(r"cut \d+", "cut", kind), score.compare(capture.name, truth, got), must, len(set(records)) < len(capture.records)


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("trunkwatch")
    p.add_argument("folders", nargs="*")
    p.add_argument("--cuts", type=int, default=2, help="lengths of cuts tried of each capture, of 24")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--only", default="", help="damages whose name begins so")
    p.add_argument("--min-detect", type=float)
    p.add_argument("--max-false", type=int)
    p.add_argument("--min-verdict", type=float, help="right or unsure")
    p.add_argument("--max-terrible", type=int)
    p.add_argument("-v", action="store_true", help="print what is missed and wrong")
    return p.parse_intermixed_args()


def usual_folders(folder):
    shared = os.environ.get("TRUNKWATCH_SHARED") or os.path.join(HERE, "..", "..", "..", "shared")
    beside, made = os.path.join(shared, "captures"), os.path.join(folder, "lab")
    if not os.path.isdir(beside):
        print("no captures in %s (not part of the repository): the lab's alone" % beside)
    subprocess.run([sys.executable, os.path.join(HERE, "blind", "lab.py"), "--seeds", "1", made], check=True, stdout=subprocess.DEVNULL)
    return [beside, made]


def work(args):
    """(name, kind, result, must, is_lossy) of every damage of every capture."""
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path in sorted(p for f in args.folders or usual_folders(folder) for p in glob.glob(os.path.join(f, "*.truth.json"))):
            capture = Capture(path)
            wanted = [d for d in damages(capture, args.cuts, args.seed) if d[0].startswith(args.only) and d[1]]
            yield from pool.map(lambda d, c=capture: play(args, folder, c, d), wanted)


def main():
    args = options()
    kinds, total = collections.defaultdict(Sum), Sum()
    for name, kind, result, must, is_lossy in work(args):
        kinds[kind].add(name, result, must, is_lossy)
        total.add(name, result, must, is_lossy)
    if not total.runs:
        print("no labelled capture in %s" % " ".join(args.folders), file=sys.stderr)
        sys.exit(66)
    if args.v:
        print("\n".join(total.lines))
    print("%-14s %6s  %-13s  %5s  %-5s  %-13s  %8s" % ("damage", "runs", "detect", "false", "verdict", "  certain", "terrible"))
    for kind, one in [*kinds.items(), ("all", total)]:
        print(one.row(kind))
    verdict = (total.right + total.unsure) / total.verdicts if total.verdicts else 1
    short = ((args.min_detect is not None and total.detected < args.min_detect * total.wanted) or (args.max_false is not None and total.false > args.max_false)
             or (args.min_verdict is not None and verdict < args.min_verdict) or (args.max_terrible is not None and total.terrible > args.max_terrible))
    if short and not args.v:
        print("\n".join(total.lines))
    sys.exit(1 if short else 0)


main()
