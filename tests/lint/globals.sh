#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The library has no mutable state of its own: nothing of it lands in .data or .bss.
#
#         globals.sh LIBCORE.A
set -eu
# .data.rel.ro is constant once relocated; names with a dot are the compiler's own.
symbols=$(objdump -t "$1" | awk '
	/file format/ { object = $1 }
	NF > 4 && $(NF-2) ~ /^(\.data|\.data\.rel|\.data\.rel\.local|\.bss|\.tdata|\.tbss|\*COM\*)$/ &&
	    $NF !~ /^\./ { print "    " object, $NF, "in", $(NF-2) }')
if [ -n "$symbols" ]; then
	printf 'mutable globals in the library:\n%s\n' "$symbols" >&2
	exit 1
fi
