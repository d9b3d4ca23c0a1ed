#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The manual page knows every command and every option that the program knows.
#
#         manual.sh TRUNKWATCH trunkwatch.1
set -eu
page=$(sed 's/\\-/-/g' "$2")
missing=

commands=$("$1" help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\).*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 8 ] || missing='the list of commands'
for command in $commands; do
	echo "$page" | grep -q "^\.B[IR]* *$command\b" || missing="$missing $command"
	options=$("$1" help "$command" | sed -n 's/^ .*\(--[a-z-]*\)  *.*/\1/p' | sort -u)
	[ -n "$options" ] || missing="$missing (no options in 'help $command')"
	for option in $options; do
		echo "$page" | grep -q -e "$option\b" || missing="$missing $option"
	done
done
[ -z "$missing" ] || {
	echo "not in $2:$missing" >&2
	exit 1
}
