#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A function fits on a screen (60 lines), a file is read in one sitting (600), and a
# call is understood at a glance (6 parameters). Tables are data and do not count.
#
#         sizes.sh SOURCE_ROOT
set -eu
cd "$1"
for folder in lib daemon cli; do
	[ ! -d $folder ] || find $folder -name '*.[ch]'
done | sort | xargs awk '
	function params(head,   n) {
		sub(/^[^(]*\(/, "", head)
		n = gsub(/,/, ",", head)
		return n + 1
	}
	FNR == 1 { head = ""; start = 0 }
	# clang-format puts the braces of a function, and of nothing else, alone in column 1.
	/^[a-z]/ { head = $0; next_line = FNR + 1 }
	/^[\t ]+[^\t ]/ && next_line == FNR { head = head $0; next_line = FNR + 1 }
	/^\{/ { start = FNR; name = head; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
		if (params(head) > 6) { print FILENAME ":" FNR ": " name "() takes " params(head) " parameters"; bad = 1 } }
	/^\}/ && start { if (FNR - start - 1 > 60) {
		print FILENAME ":" start ": " name "() has " FNR - start - 1 " lines"; bad = 1 }
		start = 0 }
	{ lines[FILENAME] = FNR }
	END {
		for (f in lines)
			if (lines[f] > 600) { print f ": " lines[f] " lines"; bad = 1 }
		exit bad
	}' >&2
