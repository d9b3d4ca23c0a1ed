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

const char *incomplete_words(uint8_t why, char buf[INCOMPLETE_TEXT_MAX])
{
	static const char *const words[] = {"packets_lost", "stream_gap", "cut_short",
	    "request_unseen", "challenge_unseen", "answer_unseen", "capture_ended",
	    "losses_nearby"};
	size_t used = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);

		if ((why >> i & 1) == 0)
			continue;
		if (used > 0)
			buf[used++] = ' ';
		memcpy(buf + used, words[i], len);
		used += len;
	}
	buf[used] = '\0';
	return used > 0 ? buf : NULL;
}
