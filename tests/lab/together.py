#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Captures of different trunks, merged in time, must tell of each trunk what it tells alone.

usage: together.py TRUNKWATCH

The lab plays scenarios on trunks of different hosts and addresses; one of each is put on a common
clock and their packets are interleaved, nothing else is changed. Then packets that are less than
half a millisecond apart change places. Incidents are compared by trunk: verdict and failures.
"""
import collections
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
NEAR_US = 500


def read(path):
    """The header of a little-endian pcap file, and its records as (microseconds, rest)."""
    with open(path, "rb") as f:
        data = f.read()
    records, at = [], 24
    while at + 16 <= len(data):
        seconds, us, length = struct.unpack_from("<III", data, at)
        records.append((seconds * 1000000 + us, data[at + 8:at + 16 + length]))
        at += 16 + length
    return data[:24], records


def write(path, header, records):
    with open(path, "wb") as f:
        f.write(header)
        for us, rest in records:
            f.write(struct.pack("<II", us // 1000000, us % 1000000) + rest)


def incidents(trunkwatch, path, local):
    run = [trunkwatch, "analyze", path, "--json"]
    for address in local:
        run += ["--local", address]
    found = json.loads(subprocess.run(run, capture_output=True, timeout=120, check=True).stdout)
    by_trunk = collections.defaultdict(list)
    for i in found["incidents"]:
        by_trunk[i["trunk"]].append((i["verdict"], i["failures"]))
    return {trunk: sorted(rows) for trunk, rows in by_trunk.items()}


def swapped(records, seed):
    """Neighbours closer than NEAR_US change places; the times stay in order."""
    chance, out = random.Random(seed), list(records)
    for i in range(len(out) - 1):
        if out[i + 1][0] - out[i][0] < NEAR_US and chance.random() < 0.5:
            out[i], out[i + 1] = (out[i][0], out[i + 1][1]), (out[i + 1][0], out[i][1])
    return out


def different_trunks(folder, names):
    """One capture per trunk host and address; they are taken out of the names."""
    chosen, hosts, addresses = [], set(), set()
    for name in list(names):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            truth = json.load(f)
        its_hosts = {t["host"] for t in truth["trunks"]}
        its_addresses = {t["provider_ip"] for t in truth["trunks"]}
        if hosts & its_hosts or addresses & its_addresses:
            continue
        names.remove(name)
        hosts |= its_hosts
        addresses |= its_addresses
        chosen.append((os.path.join(folder, name.replace(".truth.json", ".pcap")), truth["dialer_ips"]))
    return chosen


def compare(trunkwatch, folder, chosen):
    """Each alone, then all of them together."""
    problems, alone, merged, local = [], {}, [], set()
    for n, (path, ours) in enumerate(chosen):
        local |= set(ours)
        alone.update(incidents(trunkwatch, path, ours))
        header, records = read(path)
        shift = 1800000000000000 + 137777 * n - records[0][0]
        merged += [(us + shift, rest) for us, rest in records]
    merged.sort(key=lambda r: r[0])
    path = os.path.join(folder, "together.pcap")
    for what, records in [("merged", merged)] + [("swapped %d" % s, swapped(merged, s)) for s in range(3)]:
        write(path, header, records)
        found = incidents(trunkwatch, path, local)
        for trunk in sorted(set(alone) | set(found)):
            if alone.get(trunk) != found.get(trunk):
                problems.append("%s, %s: %s, alone %s" % (what, trunk, found.get(trunk), alone.get(trunk)))
        if problems:
            problems.append("of " + " ".join(os.path.basename(path) for path, _ in chosen))
            break
    return problems


def main():
    problems, sets = [], 0
    with tempfile.TemporaryDirectory() as made:
        subprocess.run([sys.executable, os.path.join(HERE, "scenarios.py"), made], check=True, stdout=subprocess.DEVNULL)
        names = sorted(name for name in os.listdir(made) if name.endswith(".truth.json"))
        while names:
            chosen = different_trunks(made, names)
            if len(chosen) > 1:
                problems += compare(sys.argv[1], made, chosen)
                sets += 1
    if sets < 3:
        problems.append("%d sets of captures: too few to say anything" % sets)
    for problem in problems:
        print(problem, file=sys.stderr)
    print("%d sets of captures of different trunks, together as alone" % sets)
    sys.exit(1 if problems else 0)


main()
