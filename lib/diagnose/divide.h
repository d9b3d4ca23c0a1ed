/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * divide - two causes under one answer.
 *
 * One caller ID is barred and one country is barred, and the provider says "403
 * Forbidden" to both: neither tells all refused calls from the accepted ones. Callers
 * that do get through elsewhere were refused for what they dialled; what the others
 * dialled besides, they were refused for who they are. Such a group becomes two.
 *
 * Limits     The newest SAMPLES_MAX refusals are looked at.
 * Threads    No state.
 * Cost       O(SAMPLES_MAX^2), per weighing of an unexplained group.
 */
#ifndef DIAGNOSE_DIVIDE_H
#define DIAGNOSE_DIVIDE_H

#include "diagnose/trunks.h"

/* The samples of g by their cause. False: they are not of two. */
bool divide_samples(const struct trunk *t, const struct group *g,
    struct samples *by_called, struct samples *by_caller);

/* Whether a refusal belongs to the part of the called numbers, given that part. */
bool divide_is_by_called(
    const struct trunk *t, const struct samples *by_called, const struct sample *s);

#endif
