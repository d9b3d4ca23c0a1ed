/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * differs - what a refused request has in common with no accepted one: what an admin
 * looks for first.
 *
 * In         The trunk's last accepted calls, and the last of them in words.
 * Out        "our address 203.0.113.99 (was 203.0.113.45); ..."; empty: nothing that is
 *            looked at. Wire bytes inside.
 * Threads    No state.
 */
#ifndef DIAGNOSE_DIFFERS_H
#define DIAGNOSE_DIFFERS_H

#include "diagnose/trunks.h"

void good_call_of(const struct facts *f, struct good_call *out);
void differs_write(const struct trunk *t, const struct facts *f, char out[DIFFERS_MAX]);

#endif
