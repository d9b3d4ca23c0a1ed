/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hidden - refusals behind an answer that is usually telephony.
 *
 * A 404 is an unassigned number, until it is always the numbers with a digit too many:
 * a dial prefix that was not cut off, a missing '+'. Or until nothing else ever came
 * from a trunk: it is not known there. One such call says nothing, the next ones say it
 * of all of them; so the first ones are held until then.
 *
 * Limits     HELD_MAX facts per trunk; what is not confirmed within an hour stays
 *            normal.
 * Threads    One.
 * Cost       A walk over the accepted samples per unknown number.
 */
#ifndef DIAGNOSE_HIDDEN_H
#define DIAGNOSE_HIDDEN_H

#include "diagnose/trunks.h"

/* A normal outcome came: is it a refusal after all? Those held become ones with it. */
bool hidden_is_refusal(struct trunk *t, const struct facts *f);

/* A call was accepted: are those held oddly formed, now that its form is known? */
bool hidden_shows(struct trunk *t);

/* The next of those held that turned out to be refusals, oldest first. */
bool hidden_take(struct trunk *t, struct facts *out);

#endif
