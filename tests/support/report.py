#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a meson test run said, for people: the failures in full, then one line.

usage: report.py NAME TESTLOG.json      prints "PASSED FAILED SKIPPED" on file descriptor 3
"""
import json
import os
import sys

GOOD = {"OK", "EXPECTEDFAIL"}


def main():
    name, path = sys.argv[1:3]
    passed, skipped, failed = 0, [], []
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            test = json.loads(line)
            if test["result"] in GOOD:
                passed += 1
            elif test["result"] == "SKIP":
                skipped.append(test)
            else:
                failed.append(test)
    for test in failed:
        title = "---- %s: %s %s (exit %s) " % (name, test["name"], test["result"], test["returncode"])
        print("\n" + title.ljust(78, "-"))
        for stream in ("stdout", "stderr"):
            if test.get(stream):
                print(test[stream].rstrip())
        print("-" * 78)
    for test in skipped:
        why = ((test.get("stderr") or "") + (test.get("stdout") or "")).strip().splitlines()
        print("%s: skipped %s: %s" % (name, test["name"], why[-1] if why else "no reason given"))
    os.write(3, b"%d %d %d\n" % (passed, len(failed), len(skipped)))


main()
