#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Plants, in a small tree of its own, every violation that the lint scripts promise to
# find, and wants each complaint. A check that cannot fail is none.
#
#         selftest.sh SOURCE_ROOT
set -eu
lint=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cp "$1/.clang-format" "$tree/"
spdx='/* SPDX-License-Identifier: BSD-2-Clause */'
bad=0
count=0

clean_tree() {
	rm -rf "${tree:?}/lib" "$tree/daemon" "$tree/cli" "$tree/tests"
	mkdir -p "$tree/lib/base" "$tree/lib/capfile" "$tree/lib/decode" "$tree/lib/track" \
	    "$tree/lib/store" "$tree/daemon"
	printf '%s\n#ifndef DECODE_PACKET_H\n#define DECODE_PACKET_H\n\n#include "base/err.h"\n\n#endif\n' \
	    "$spdx" >"$tree/lib/decode/packet.h"
	printf '%s\n#include "decode/packet.h"\n' "$spdx" >"$tree/lib/capfile/capfile.c"
	printf '%s\n#include <sqlite3.h>\n' "$spdx" >"$tree/lib/store/store.c"
	printf '%s\n#include <pthread.h>\n' "$spdx" >"$tree/daemon/ring.c"
}

# expect SCRIPT TEXT: SCRIPT fails on the tree and says TEXT; TEXT 'ok': it passes.
expect() {
	count=$((count + 1))
	status=0
	said=$("$lint/$1" "$tree" 2>&1) || status=$?
	[ "$status" != 77 ] || { echo "$1: $said" >&2; return; }
	case "$2:$status:$said" in
	ok:0:*) ;;
	ok:*) bad=1 && echo "$1 complains about a clean tree: $said" >&2 ;;
	*:0:*) bad=1 && echo "$1 misses: $2" >&2 ;;
	"$2":*"$2"*) ;;
	*) bad=1 && echo "$1 should say '$2', but says: $said" >&2 ;;
	esac
}

# plant SCRIPT TEXT FILE LINE...: a clean tree but for FILE, which gets the lines.
plant() {
	clean_tree
	script=$1 text=$2 file=$3
	shift 3
	mkdir -p "$(dirname "$tree/$file")"
	{ echo "$spdx"; printf '%s\n' "$@"; } >"$tree/$file"
	expect "$script" "$text"
}

clean_tree
expect layers.sh ok
expect sizes.sh ok
expect format.sh ok
plant layers.sh 'lib/decode/ip.c includes track/track.h' lib/decode/ip.c '#include "track/track.h"'
plant layers.sh 'lib/capfile/x.c includes decode/decode.h' lib/capfile/x.c '# include "decode/decode.h"'
plant layers.sh 'lib/base/x.h includes decode/packet.h' lib/base/x.h '#ifndef BASE_X_H' \
    '#define BASE_X_H' '#include "decode/packet.h"' '#endif'
plant layers.sh 'names a header without its stage' lib/decode/ip.c '#include "packet.h"'
plant layers.sh 'no stage of the order' lib/magic/x.c ''
plant layers.sh 'only lib/store includes sqlite3.h' lib/track/t.c '#include <sqlite3.h>'
plant layers.sh 'only lib/store includes sqlite3.h' daemon/t.c '#include "sqlite3.h"'
for header in pcap.h pcap/pcap.h pthread.h threads.h ev.h yaml.h syslog.h; do
	plant layers.sh 'lib/ knows no capture handle' lib/store/s.c "#include <$header>"
done
plant layers.sh 'has no clock' lib/track/t.c 'long f(void) { return time(NULL); }'
plant layers.sh 'has no clock' lib/track/t.c 'int f(void) { return clock_gettime(0, 0); }'
plant layers.sh 'never logs' lib/track/t.c 'void f(void) { (void)printf("x"); }'
plant layers.sh 'never logs' lib/track/t.c 'void f(void) { fputs("x", stderr); }'
plant layers.sh 'know no bound' cli/t.c 'void f(char *a) { strcpy(a, "x"); }'
plant layers.sh 'know no bound' lib/sip/t.c 'int f(char *a) { return atoi(a); }'
plant layers.sh 'include guards' lib/sip/msg.h '#ifndef MSG_H' '#define MSG_H' '#endif'
plant layers.sh 'include guards' lib/sip/msg.h '#ifndef SIP_MSG_H' '#define SIP_MGS_H' '#endif'
plant layers.sh 'include guards' lib/sip/msg.h 'int f(void);'
plant layers.sh 'include guards' tests/sip/msg.h '#ifndef SIP_OTHER_H' '#define SIP_OTHER_H' '#endif'
clean_tree
echo 'int f(void);' >"$tree/lib/sip.c"
expect layers.sh 'the first line is not the SPDX line'
plant sizes.sh 'f() takes 7 parameters' lib/sip/t.c \
    'int f(int a, int b, int c, int d, int e, int g, int h)' '{' '	return 0;' '}'
plant sizes.sh 'f() has 61 lines' lib/sip/t.c 'int f(void)' '{' \
    "$(awk 'BEGIN { for (i = 0; i < 60; i++) print "\tg();" }')" '	return 0;' '}'
plant sizes.sh 'lib/sip/t.c: 601 lines' lib/sip/t.c "$(awk 'BEGIN { for (i = 0; i < 600; i++) print "int a;" }')"
plant format.sh 'should be clang-formatted' lib/sip/t.c 'int   f( void );'

if command -v gcc >/dev/null; then
	count=$((count + 2))
	echo 'static int n; int f(void) { return n++; } static const char *const s[] = {"a"};
	const char *g(int i) { return s[i]; }' | gcc -fPIC -xc -c - -o "$tree/m.o"
	echo 'static const char *const s[] = {"a"}; const char *g(int i) { return s[i]; }' |
	    gcc -fPIC -xc -c - -o "$tree/c.o"
	"$lint/globals.sh" "$tree/c.o" || { bad=1; echo 'globals.sh takes constants for state' >&2; }
	count=$((count + 1))
	echo 'int main(void) { return 0; }' | gcc -no-pie -fno-stack-protector -Wl,-z,norelro,-z,lazy -xc - -o "$tree/weak"
	[ "$("$lint/hardened.sh" "$tree/weak" 2>&1 | grep -c 'no ')" -ge 4 ] ||
	    { bad=1; echo 'hardened.sh misses a program without PIE' >&2; }
	! "$lint/globals.sh" "$tree/m.o" 2>/dev/null || { bad=1; echo 'globals.sh misses a counter' >&2; }
fi
[ $bad != 0 ] || echo "$count violations planted, all found"
exit $bad
