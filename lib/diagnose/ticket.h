/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ticket - the question for the provider that a verdict leads to; the table is
 * tickets.def.
 *
 * Out        A constant with {names} for whoever prints it to fill in.
 * Threads    No state.
 */
#ifndef DIAGNOSE_TICKET_H
#define DIAGNOSE_TICKET_H

#include "diagnose/verdict.h"

/* NULL: nothing to ask, the cause is not the provider's. */
const char *ticket_question(enum verdict v);

#endif
