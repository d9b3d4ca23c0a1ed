#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Prints the last column of TESTLIST for a capture: how many messages of each method or
# status tshark sees, SIP quoted in ICMP errors not counted. The numbers in TESTLIST come
# from here and never from trunkwatch.
#
#         tshark.sh FILE...
set -eu
for file in "$@"; do
	printf '%s' "$(basename "$file" | sed 's/\.pcap.*//')"
	tshark -r "$file" -Y 'sip and not icmp and not icmpv6' -T fields -E aggregator=' ' \
	    -e sip.Method -e sip.Status-Code 2>/dev/null |
	    tr '\t ' '\n\n' | grep . | sort | uniq -c | awk '{ printf " %s=%s", $2, $1 }'
	echo
done
