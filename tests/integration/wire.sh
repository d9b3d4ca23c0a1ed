#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The judges that live beside this repository, when they are there: other people's
# captures, message by message, and the labelled ones, refusal by refusal.
set -u
shared=${TRUNKWATCH_SHARED:-$(dirname "$0")/../../../shared}
[ -f "$shared/tools/score.py" ] || {
	echo "skipped: no captures in $shared (not part of the repository)" >&2
	exit 77
}
status=0
python3 "$shared/tools/wire_score.py" --trunkwatch "$TRUNKWATCH" --min 0.90 "$shared/corpus" || status=1
python3 "$shared/tools/score.py" --trunkwatch "$TRUNKWATCH" --min-detect 0.95 --max-false 0 \
    "$shared/captures" || status=1
exit $status
