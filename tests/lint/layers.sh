#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Data flows one way, and lib/ only thinks. What breaks that fails the build here
# rather than in review.
#
#         layers.sh SOURCE_ROOT
set -eu
cd "$1"
found=$(mktemp)
trap 'rm -f "$found"' EXIT
bad=0

# Complains when the check before it wrote anything into $found.
verdict() {
	[ -s "$found" ] || return 0
	echo "$1:" >&2
	sed 's/^/    /' "$found" >&2
	bad=1
}

sources() { # sources PATTERN FOLDER...
	pattern=$1
	shift
	for folder in "$@"; do
		[ ! -d "$folder" ] || find "$folder" -name "$pattern"
	done | sort
}

includes() { # the quoted includes of the files named on stdin, as "FILE HEADER"
	xargs -r grep -Ho '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[^"]*"' |
	    sed 's/:[^"]*"/ /; s/"$//'
}

# A stage includes itself, base/ and the stages to its left. capfile stands left of
# decode because it delivers what decode takes: struct frame of decode/packet.h.
order='base capfile decode reassemble sip track diagnose asterisk store export pipeline'
left=
for stage in $order; do
	left="$left $stage"
	sources '*.[chd]*' "lib/$stage" | includes | while read -r file header; do
		case "$stage $header" in "capfile decode/packet.h") continue ;; esac
		case " $left " in
		*" ${header%%/*} "*) ;;
		*) echo "$file includes $header" ;;
		esac
	done >"$found"
	verdict "lib/$stage looks to its right, or names a header without its stage"
done
for folder in lib/*/; do
	case " $order " in
	*" $(basename "$folder") "*) ;;
	*) echo "$folder" ;;
	esac
done >"$found"
verdict 'no stage of the order in layers.sh'

search() { # search PATTERN, in the files named on stdin
	xargs -r grep -nHE -- "$1" >"$found" || true
}
include='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]'
call='(^|[^A-Za-z0-9_.>])'

sources '*.[ch]' lib daemon cli | grep -v '^lib/store/' | search "${include}sqlite3"
verdict 'only lib/store includes sqlite3.h'
sources '*.[ch]' lib | search "$include(pcap|pthread|threads|ev|yaml|syslog)[/.]"
verdict 'lib/ knows no capture handle, thread, event loop, YAML or log'
sources '*.[ch]' lib | search "$call(time|clock|gettimeofday|clock_gettime)\("
verdict 'lib/ has no clock: time comes with the packet'
sources '*.[ch]' lib | search "$call(printf|vprintf|puts|putchar|perror)\(|std(out|err)"
verdict 'lib/ never logs'
sources '*.[ch]' lib daemon cli |
    search "$call(str(cpy|cat|ncpy|ncat|tok)|stpcpy|v?sprintf|gets|ato[ifl]l?|alloca)\("
verdict 'functions that know no bound, or cannot fail'

sources '*.[ch]' lib daemon cli tests | while read -r file; do
	[ "$(head -n 1 "$file")" = '/* SPDX-License-Identifier: BSD-2-Clause */' ] ||
	    echo "$file"
done >"$found"
verdict 'the first line is not the SPDX line'

# lib/sip/sip_msg.h is SIP_SIP_MSG_H: the last folder and the file; in tests/ any name
# that ends with the file's.
sources '*.h' lib daemon cli tests | while read -r file; do
	name=$(basename "$file" | tr 'a-z.-' 'A-Z__')
	case $file in
	tests/*) want="*_$name" ;;
	*) want=$(basename "$(dirname "$file")" | tr 'a-z-' 'A-Z_')_$name ;;
	esac
	got=$(sed -n 's/^#\(ifndef\|define\) \([A-Z0-9_]*\)$/\2/p' "$file" | head -n 2 | uniq)
	# shellcheck disable=SC2254 # a pattern
	case $got in
	$want) ;;
	*) echo "$file: $(echo "${got:-none}" | tr '\n' ' '), expected $want" ;;
	esac
done >"$found"
verdict 'include guards'
exit $bad
