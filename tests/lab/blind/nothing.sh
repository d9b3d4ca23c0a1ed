#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A trunkwatch that sees nothing: proves that check.sh can fail.
echo '{"failures": [], "incidents": []}'
