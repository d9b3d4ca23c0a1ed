/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * turns - refused and accepted calls that take turns as a limit a second makes them.
 *
 * At a steady rate above a limit no call meets more INVITEs than another; but so many
 * are let in, then the rest of the window is refused, and again. Refusals that have
 * other causes (one number of fifty, one of the provider's servers) fall at random.
 *
 * Threads    No state.
 * Cost       O(SAMPLES_MAX), the samples being nearly in order.
 */
#ifndef DIAGNOSE_TURNS_H
#define DIAGNOSE_TURNS_H

#include "diagnose/history.h"

bool samples_take_turns(const struct samples *refused, const struct samples *accepted);

#endif
