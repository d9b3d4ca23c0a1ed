#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# verify, lint and ticket on two captures of the lab, in which Asterisk damaged a secret:
# secret=pa;ss2024 was cut at the ';', secret="pa$$w0rd@2024!" was sent with its quotes.
#
#         secrets.sh TRUNKWATCH FOLDER_OF_THE_CAPTURES
set -eu
tw=$(realpath "$1")
cd "$2"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

complain() {
	echo "$1: $(cat "$tmp/out")" >&2
	touch "$tmp/bad" # a file: behind a pipe stands another shell
}

# run STATUS ARGUMENT...: the output, of both kinds, goes to $tmp/out.
run() {
	want=$1
	shift
	status=0
	"$tw" "$@" >"$tmp/out" 2>&1 || status=$?
	[ "$status" = "$want" ] || complain "exit status $status of '$*', expected $want"
}

says() {
	grep -qF -e "$1" "$tmp/out" || complain "does not say '$1'"
}

# Neither the secret in any of its forms, nor what the wire made of it.
hides() {
	grep -a -o 'response="[0-9a-f]*"\|nonce="[^"]*"' secret_*.pcap |
	    sed 's/.*="//; s/"$//' | sort -u >"$tmp/hidden"
	[ "$(wc -l <"$tmp/hidden")" -ge 8 ] || complain 'no digests in the captures'
	# shellcheck disable=SC2016 # the secret holds a '$'
	printf '%s\n' 'pa;ss' 'ss2024' 'pa$$w0rd' >>"$tmp/hidden"
	if grep -qF -f "$tmp/hidden" "$tmp/out"; then complain 'tells a secret'; fi
}

cut=secret_semicolon
quoted=secret_quotes
call=$("$tw" messages $cut.pcap | sed -n 's/.* INVITE .*Call-ID //p' | head -n 1)
[ -n "$call" ]

run 0 verify $cut.pcap --asterisk-config $cut.sip.conf
says 'mangled: cut_at_semicolon' && says "$cut.sip.conf:24 [mytrunksip]" && hides
run 0 verify $quoted.pcap --asterisk-config $quoted.sip.conf --json
says '"verdict":"matches","mangling":"quotes_kept"' && says '"requests":3' && hides
run 0 verify $cut.pcap --call-id "$call" --asterisk-config $cut.sip.conf
says 'Our box sent the configured secret cut at the first' && says '403 Forbidden' && hides
run 0 verify $cut.pcap --asterisk-config $quoted.sip.conf
says no_match && hides

# What was sent is what stands before the ';'.
run 0 verify $cut.pcap --secret-stdin <<-.
	pa
.
says matches
printf 'pa\r\n' | run 0 verify $cut.pcap --secret-stdin --call-id "$call"
says 'Our box sent the given secret, and the provider answered 403'
echo another | run 0 verify $cut.pcap --secret-stdin
says no_match

run 64 verify $cut.pcap
says 'wants a secret'
run 64 verify $cut.pcap --secret-stdin --asterisk-config $cut.sip.conf
says 'one source'

# What was found is stored; the digest itself is not.
run 0 analyze $cut.pcap -d "$tmp/cut.db" --local 203.0.113.45 --asterisk-config $cut.sip.conf
run 0 verify 1 -d "$tmp/cut.db"
says "cut at the first ';'" && hides
run 0 verify 1 -d "$tmp/cut.db" --json
says '"verdict":"mangled","mangling":"cut_at_semicolon"' && hides
run 0 show 1 -d "$tmp/cut.db"
says 'Our secret' && hides
echo pa | run 65 verify 1 -d "$tmp/cut.db" --secret-stdin
says 'no digest was kept'
run 0 analyze $cut.pcap -d "$tmp/plain.db" --local 203.0.113.45
run 65 verify 1 -d "$tmp/plain.db"
says 'was not compared with a secret'
run 66 verify 412 -d "$tmp/cut.db"

run 64 verify - --secret-stdin
says 'cannot be both'
run 64 verify --secret-stdin
says 'wants FILE'
run 65 verify $cut.pcap --call-id nobody --asterisk-config $cut.sip.conf
says "no request with Call-ID 'nobody'"
run 65 verify $cut.sip.conf --asterisk-config $cut.sip.conf
run 66 verify missing.pcap --asterisk-config $cut.sip.conf
run 66 verify $cut.pcap --asterisk-config missing.conf
run 66 verify $cut.pcap --secret-stdin </dev/null
says 'is empty'
head -c 5000 /dev/zero | tr '\0' a | run 65 verify $cut.pcap --secret-stdin
says 'more than'

run 0 lint $cut.sip.conf
says "$cut.sip.conf:24: error: [mytrunksip]" && says '(secret_cut)' && hides
run 0 lint --asterisk-config $quoted.sip.conf $cut.sip.conf --json
says '"finding":"secret_quoted"' && says '"finding":"secret_cut"' && hides
run 0 lint $quoted.sip.conf --csv
says 'file,line,severity,section,finding,text,lines_gone' && says ',24,error,mytrunksip,' && hides
run 64 lint
says 'wants a file'
run 65 lint $cut.pcap
says 'no [section]'
run 66 lint missing.conf

run 0 analyze $cut.pcap --asterisk-config $cut.sip.conf -d "$tmp/db"
TZ=Asia/Tokyo run 0 ticket i1 -d "$tmp/db"
says 'since 2026-11-23 11:40:47 UTC' && says 'letters and digits only for youraccountname'
says 'Refused           3 of 3 attempts' && says '203.0.113.45:5060' && says "$call"
says '403 Forbidden' && hides
[ "$(grep -c 'Call-ID: ' "$tmp/out")" = 3 ] || complain 'not three calls'
run 0 ticket 1 -d "$tmp/db"
says 'Subject: SIP INVITE requests: 403 Forbidden, account youraccountname' && hides
run 64 ticket x -d "$tmp/db"
run 66 ticket 99 -d "$tmp/db"
run 66 ticket i99 -d "$tmp/db"
run 69 ticket 1 -d "$tmp/none"
[ ! -e "$tmp/bad" ]
