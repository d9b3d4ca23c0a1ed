/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * normal - which outcomes are telephony and no fault, and which prove that a trunk and
 * its credentials work (domain.md 2.2, 2.3 F).
 *
 * Threads    No state.
 */
#ifndef DIAGNOSE_NORMAL_H
#define DIAGNOSE_NORMAL_H

#include "diagnose/trunks.h"

/* A refused attempt that is none of the trunk's fault: busy, no answer, unassigned. */
bool attempt_is_normal(const struct trunk *t, const struct facts *f);

/* The provider let the call through, whatever became of it. */
bool attempt_is_accepted(const struct facts *f);

/* The credentials were found good. A 100 proves nothing. */
bool attempt_proves_credentials(const struct facts *f);

#endif
