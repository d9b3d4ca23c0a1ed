/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_auth_param - cuts a challenge or credentials into their parameters.
 *
 * Private to lib/sip: the parser and the mask must agree on where a value begins
 * and ends, or the mask would leave visible what the parser can read.
 */
#ifndef SIP_SIP_AUTH_PARAM_H
#define SIP_SIP_AUTH_PARAM_H

#include "base/slice.h"

struct sip_auth_param {
	struct slice name;
	struct slice value; /* without quotes; SLICE_NONE: a word without '=' */
	bool is_quoted;
	bool is_unclosed; /* the closing quote never came: the value is all the rest */
	bool follows_comma;
};

/* Takes name=value, name="value" or a lone word, with the blanks and commas in
 * front of it. Some stacks forget the comma: a blank separates too. */
bool sip_auth_param_take(struct slice *s, struct sip_auth_param *p);

/* Takes the scheme; empty when the value does not begin with a token. */
struct slice sip_auth_scheme_take(struct slice *s);

#endif
