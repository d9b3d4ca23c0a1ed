/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * summary - an incident in one sentence:
 *
 *   north: 214 of 214 calls refused since 2026-01-02T10:32:07Z, wrong password or
 *   username for user 5551234, last good call 2026-01-02T10:31:58Z
 *
 * Threads    No state.
 */
#ifndef DIAGNOSE_SUMMARY_H
#define DIAGNOSE_SUMMARY_H

#include "diagnose/trunks.h"

/* Into r->summary; it may hold wire bytes: escape on output. */
void summary_write(const struct trunk *t, struct incident *r);

#endif
