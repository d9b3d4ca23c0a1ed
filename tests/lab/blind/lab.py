#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write labelled captures: lab.py [--seeds 1,2] [--held] OUTDIR [SCENARIO...]

Each scenario and seed gives OUTDIR/SCENARIO-SEED.pcap and .truth.json, in the format of the shared captures.  --held takes other
phrases, provider dialects and user agents, and adds the scenarios that nobody tunes to."""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sim
import scenarios
import scenarios_mix  # noqa: F401  (adds to the table)
import scenarios_traps  # noqa: F401


def write_all(out, names, seeds, held):
    """Write the captures one after the other; yields the path of each without its ending."""
    for name, (play, kw) in sorted(scenarios.SCENARIOS.items()):
        if (name not in names) if names else (name in scenarios.HELD and not held):
            continue
        for seed in seeds:
            one = sim.Lab(name, seed, held, **kw)
            play(one)
            base = os.path.join(out, "%s-%d" % (name, seed))
            one.write(base)
            yield base


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("out")
    p.add_argument("names", nargs="*")
    p.add_argument("--seeds", default="1,2")
    p.add_argument("--held", action="store_true")
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    print("%d captures in %s" % (len(list(write_all(a.out, a.names, [int(s) for s in a.seeds.split(",")], a.held))), a.out))


if __name__ == "__main__":
    main()
