#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every call refused: each is a row, the first of a minute and incident have their evidence
and messages, and the daemon and `analyze` agree on which.
"""
import contextlib
import sqlite3
import subprocess

import lab
from lab import check

DEFAULT, FEW = 10, 3
QUERY = """SELECT f.id, f.at_us / 60000000, f.incident_id, f.verdict, f.thinned,
    (SELECT count(*) FROM evidence e WHERE e.failure_id = f.id), (SELECT count(*) FROM messages m WHERE m.failure_id = f.id)
    FROM failures f ORDER BY f.id"""


def rows(db):
    with contextlib.closing(sqlite3.connect(db)) as c:
        return c.execute(QUERY).fetchall()


def judge(name, found, truth, per_minute):
    refused = sum(truth["outcomes"].get(code, 0) for code in ("403", "503", "timeout"))
    check(len(found) == refused, "%s: %d rows, %d calls failed" % (name, len(found), refused))
    seen, full, reasons = {}, 0, 0
    for id_, minute, incident, verdict, thinned, evidence, messages in found:
        budget = (minute, incident or verdict)
        seen[budget] = seen.get(budget, 0) + 1
        full += not thinned
        reasons += evidence > 0
        if thinned:
            check(evidence == messages == 0, "%s: failure %d is thinned and has %d + %d" % (name, id_, evidence, messages))
        else:
            check(messages > 1, "%s: failure %d has %d messages" % (name, id_, messages))
    most = sum(min(per_minute, n) for n in seen.values())
    check(reasons > full // 2, "%s: %d of %d in full have evidence" % (name, reasons, full))
    # Those decided late count for the minute after theirs. The first of an incident may have waited for a second one, in full.
    waited = len({row[2] for row in found})
    check(most - per_minute * len(seen) // 4 <= full <= most + waited, "%s: %d in full, the policy gives %d" % (name, full, most))
    check(full < len(found) // 2, "%s: nothing to thin out: the test proves nothing" % name)


def main():
    with lab.workdir() as work:
        capture = work + "/storm.pcap"
        truth = lab.generate(capture, "--calls", "4000", "--cps", "200", "--fail-ratio", "1")
        subprocess.run([lab.CLI, "analyze", "-d", work + "/a.db", capture], check=True, capture_output=True, timeout=120)
        judge("analyze", rows(work + "/a.db"), truth, DEFAULT)
        for per_minute in (DEFAULT, FEW):
            config, db = work + "/thin.yaml", "%s/d%d.db" % (work, per_minute)
            with open(config, "w") as f:
                f.write("evidence: {full_per_minute: %d}\n" % per_minute)
            done = subprocess.run([lab.DAEMON, *lab.AS_USER, "-c", config, "-r", capture, "-d", db], capture_output=True, timeout=120)
            check(done.returncode == 0, "trunkwatchd -r: %s" % done.stderr)
            judge("trunkwatchd -r, %d a minute" % per_minute, rows(db), truth, per_minute)
        check([r[:5] for r in rows(work + "/a.db")] == [r[:5] for r in rows(work + "/d%d.db" % DEFAULT)],
              "analyze and trunkwatchd -r thinned out differently")
        thinned = next(r[0] for r in rows(work + "/a.db") if r[4])
        page = subprocess.run([lab.CLI, "show", str(thinned), "-d", work + "/a.db"], capture_output=True, timeout=60).stdout
        check(b"Left out" in page, "show does not say what was left out: %s" % page.decode())
    lab.finish()


main()
