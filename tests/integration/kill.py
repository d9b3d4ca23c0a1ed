#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Killed at any moment the database is whole, and the next start goes on with it.

A capture flows into `trunkwatchd -r -` until failures are being committed, then comes
SIGKILL, in the middle of writing. Five times on one database.
"""
import subprocess
import sys
import threading
import time

import lab
from lab import check

ROUNDS = 5


def feed(pipe, capture, slice_bytes, pause):
    """The file in small pieces, so that there is a middle."""
    try:
        with open(capture, "rb") as f:
            while piece := f.read(slice_bytes):
                pipe.write(piece)
                pipe.flush()
                time.sleep(pause)
        pipe.close()
    except OSError:
        pass  # the reader is dead: that is the test


def killed_while_writing(capture, db, round_number):
    before = lab.count_rows(db) or 0
    reader = subprocess.Popen([lab.DAEMON, *lab.AS_USER, "-r", "-", "-d", db], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    feeder = threading.Thread(target=feed, args=(reader.stdin, capture, 65536, 0.005), daemon=True)
    feeder.start()
    grew = lab.wait_for(lambda: (lab.count_rows(db) or 0) > before or reader.poll() is not None, 30 * lab.SLOW, 0.002)
    time.sleep(0.013 * round_number)  # not always at the same place between two commits
    alive = reader.poll() is None
    reader.kill()
    reader.wait()
    check(grew is not None, "round %d: nothing was committed in time: %s" % (round_number, reader.stderr.read().decode()))
    check(alive, "round %d: the reader ended before it was killed: %s" % (round_number, reader.stderr.read().decode()))
    feeder.join(timeout=10)
    check(lab.integrity(db) == "ok", "round %d: integrity_check: %s" % (round_number, lab.integrity(db)))
    rows = lab.count_rows(db) or 0
    check(rows > before, "round %d: %d rows, %d before: what was committed is gone" % (round_number, rows, before))
    check(len(lab.failures(db)) > 0, "round %d: the CLI reads nothing" % round_number)


def main():
    with lab.workdir() as work:
        capture, db = work + "/load.pcap", work + "/killed.db"
        lab.generate(capture, "--calls", "6000", "--cps", "100")
        for round_number in range(1, ROUNDS + 1):
            killed_while_writing(capture, db, round_number)
        before = lab.count_rows(db)
        done = subprocess.run([lab.DAEMON, *lab.AS_USER, "-r", lab.GOLDEN + "/wrongpw_udp_407_403.pcap", "-d", db],
                              capture_output=True, timeout=60 * lab.SLOW)
        check(done.returncode == 0, "after the kills: exit %d %s" % (done.returncode, done.stderr.decode(errors="replace")))
        check(lab.count_rows(db) == before + 3, "after the kills: %s rows, expected %d and 3 more" % (lab.count_rows(db), before))
        check(lab.integrity(db) == "ok", "after the kills: integrity_check")
        ids = [f["id"] for f in lab.failures(db)]
        check(len(ids) == len(set(ids)), "a failure's id was given twice")
    lab.finish()


main()
