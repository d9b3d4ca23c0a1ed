#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Plays the blind scenarios and holds the program to a floor.
#
#         check.sh TRUNKWATCH 'SCORE OPTIONS' [LAB.PY ARGUMENT...]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$1 floor=$2
shift 2
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
python3 "$here/lab.py" "$@" "$made"
# shellcheck disable=SC2086
python3 "$here/../../support/score.py" --trunkwatch "$program" $floor "$made"
