/* SPDX-License-Identifier: BSD-2-Clause */
#include "track/facts.h"

const char *direction_name(enum direction d)
{
	static const char *const names[] = {
	    [DIRECTION_OUTBOUND] = "outbound",
	    [DIRECTION_INBOUND] = "inbound",
	    [DIRECTION_INTERNAL] = "internal",
	    [DIRECTION_TRANSIT] = "transit",
	};

	return names[d];
}

const char *outcome_name(enum outcome o)
{
	static const char *const names[OUTCOME_COUNT] = {
	    [OUTCOME_ANSWERED] = "answered",
	    [OUTCOME_REFUSED] = "refused",
	    [OUTCOME_CHALLENGE_UNANSWERED] = "challenge_unanswered",
	    [OUTCOME_TIMED_OUT] = "timed_out",
	    [OUTCOME_UNREACHABLE] = "unreachable",
	    [OUTCOME_CANCELLED] = "cancelled",
	    [OUTCOME_NORMAL] = "normal",
	    [OUTCOME_OPEN] = "open",
	};

	return names[o];
}
