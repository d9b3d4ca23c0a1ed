#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# ES2021-04 (voipmonitor: a static binary without PIE, RELRO or stack protector): ours have
# all of them, and a stack that nothing runs on.
#
#         hardened.sh PROGRAM...
set -u
command -v readelf >/dev/null || {
	echo "skipped: no readelf (package binutils)" >&2
	exit 77
}
bad=0
# has PROGRAM WHAT PATTERN READELF_OPTION...
has() {
	program=$1 what=$2 pattern=$3
	shift 3
	readelf "$@" "$program" 2>/dev/null | grep -q -- "$pattern" || {
		echo "$program: no $what" >&2
		bad=1
	}
}
for program; do
	has "$program" "position independence (PIE)" 'Type: *DYN' -hW
	has "$program" "RELRO" GNU_RELRO -lW
	has "$program" "immediate binding" 'BIND_NOW\|FLAGS_1.*NOW' -dW
	has "$program" "stack protector" __stack_chk_fail --dyn-syms -W
	has "$program" "stack that is not executable" 'GNU_STACK.* RW ' -lW
done
exit $bad
