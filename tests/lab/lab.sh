#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Captures of providers that nobody recorded: made by the simulator, diagnosed by the real
# program, and held against what the scenarios say.
#
#         lab.sh TRUNKWATCH [SCENARIO-PREFIX]
set -eu
lab=$(cd "$(dirname "$0")" && pwd)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
python3 "$lab/scenarios.py" "$made" "${2:-}"
python3 "$lab/../support/score.py" --trunkwatch "$1" --min-detect 1 --max-false 0 --min-verdict 0.97 --max-terrible 0 "$made"
