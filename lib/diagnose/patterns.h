/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * patterns - busy or declined, but by a rule of the provider's.
 *
 * People are busy and decline whoever calls, whatever else is up. When every call of
 * one caller ID, to one range of numbers, or beyond so many calls up or a second is
 * turned away at once, while all others pass, the provider does it, whatever code it
 * picked. A handful of calls shows that; until then they are held, and told with the
 * one that proves it.
 *
 * Limits     HELD_MAX facts and SAMPLES_MAX samples per trunk, the newest.
 * Threads    One.
 * Cost       A walk over the samples per such call, and per accepted one while some
 *            are held.
 */
#ifndef DIAGNOSE_PATTERNS_H
#define DIAGNOSE_PATTERNS_H

#include "diagnose/trunks.h"

/* Busy, unavailable or declined within a second, without ringing. */
bool pattern_may_hide(const struct facts *f);

/* Such a call came: is it one of a pattern? Otherwise it is held. */
bool pattern_is_refusal(struct trunk *t, const struct facts *f);

/* A call was accepted: is there a pattern in those held now? */
bool pattern_shows(struct trunk *t);

/* The next of those held that belong to a pattern. */
bool pattern_take(struct trunk *t, struct facts *out);

#endif
