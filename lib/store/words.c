/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/words.h"

static const char *const icmp_words[] = {
    [ICMP_REASON_OTHER] = "other",
    [ICMP_REASON_NET_UNREACHABLE] = "net_unreachable",
    [ICMP_REASON_HOST_UNREACHABLE] = "host_unreachable",
    [ICMP_REASON_PROTOCOL_UNREACHABLE] = "protocol_unreachable",
    [ICMP_REASON_PORT_UNREACHABLE] = "port_unreachable",
    [ICMP_REASON_ADMIN_PROHIBITED] = "admin_prohibited",
    [ICMP_REASON_TOO_BIG] = "too_big",
    [ICMP_REASON_TIME_EXCEEDED] = "time_exceeded",
};

enum { ICMP_WORDS = sizeof(icmp_words) / sizeof(icmp_words[0]) };

const char *icmp_word(enum icmp_reason r)
{
	return icmp_words[r];
}

const char *verdict_word(enum verdict v)
{
	return v != VERDICT_NONE ? verdict_slug(v) : NULL;
}

const char *digest_word(enum digest_verdict v)
{
	return v != DIGEST_NOT_CHECKED ? digest_verdict_name(v) : NULL;
}

const char *mangling_word(enum digest_mangling m)
{
	return m != DIGEST_AS_CONFIGURED ? digest_mangling_slug(m) : NULL;
}

enum icmp_reason icmp_of_word(const char *word)
{
	for (int r = 0; word != NULL && r < ICMP_WORDS; r++) {
		if (strcmp(word, icmp_words[r]) == 0)
			return (enum icmp_reason)r;
	}
	return ICMP_REASON_OTHER;
}

enum verdict verdict_of_word(const char *word)
{
	if (word == NULL)
		return VERDICT_NONE;
	return verdict_lookup(slice_of(word, strlen(word)));
}

enum registration registration_of_word(const char *word)
{
	for (int r = 0; word != NULL && r <= REGISTRATION_NONE; r++) {
		if (strcmp(word, registration_name((enum registration)r)) == 0)
			return (enum registration)r;
	}
	return REGISTRATION_UNKNOWN;
}

enum reachability reachability_of_word(const char *word)
{
	for (int r = 0; word != NULL && r <= REACHABILITY_UNREACHABLE; r++) {
		if (strcmp(word, reachability_name((enum reachability)r)) == 0)
			return (enum reachability)r;
	}
	return REACHABILITY_UNKNOWN;
}
