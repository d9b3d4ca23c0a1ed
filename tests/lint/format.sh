#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every C file is as .clang-format writes it. Exit 77: no clang-format here, not checked.
#
#         format.sh SOURCE_ROOT
set -eu
cd "$1"
command -v clang-format >/dev/null || {
	echo 'skipped: no clang-format' >&2
	exit 77
}
# What is committed, where there is a repository: nobody's half-written file.
if git rev-parse --git-dir >/dev/null 2>&1; then
	git ls-files '*.c' '*.h'
else
	find lib daemon cli tests -name '*.[ch]'
fi | xargs clang-format --dry-run -Werror
