/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/finding.h"

const char *registration_name(enum registration r)
{
	static const char *const names[] = {
	    [REGISTRATION_UNKNOWN] = "unknown",
	    [REGISTRATION_REGISTERED] = "registered",
	    [REGISTRATION_REFUSED] = "refused",
	    [REGISTRATION_UNANSWERED] = "unanswered",
	    [REGISTRATION_EXPIRED] = "expired",
	    [REGISTRATION_NONE] = "none",
	};

	return names[r];
}

const char *reachability_name(enum reachability r)
{
	static const char *const names[] = {
	    [REACHABILITY_UNKNOWN] = "unknown",
	    [REACHABILITY_REACHABLE] = "reachable",
	    [REACHABILITY_UNREACHABLE] = "unreachable",
	};

	return names[r];
}
