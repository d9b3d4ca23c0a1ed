#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# docs/verdicts.md says what the tables of lib/diagnose say.
#
#         verdicts.sh verdicts_md SOURCE_ROOT [--write]
set -eu
file=$2/docs/verdicts.md
if [ "${3:-}" = --write ]; then
	"$1" >"$file"
	exit
fi
"$1" | diff -u "$file" - >&2 || {
	echo "docs/verdicts.md is out of step: tests/lint/verdicts.sh $1 $2 --write" >&2
	exit 1
}
