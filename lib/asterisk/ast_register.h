/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ast_register - chan_sip's `register =>` line.
 *
 *         [peer?][transport://]user[@domain[:port]][:secret[:authuser]]
 *                 @host[:port][/extension][~expiry]
 *
 * What sip/config_parser.c really does (Asterisk 18), which is not what the
 * picture says:
 *   - the line is cut at 255 bytes;
 *   - the host begins after the LAST '@', so a '@' in the secret is harmless;
 *   - then the rest is split at '?', at '/', at ':', in this order, so each of
 *     them in a secret tears the line apart; '~' only counts behind the host;
 *   - with three ':' the fields shift: domain port, secret, auth user;
 *   - a delimiter between double quotes, in () or [], or behind a backslash does
 *     not split; the backslash stays, one pair of outer quotes is taken off;
 *   - secret and auth user may each be empty.
 *
 * In/Out     A value as Asterisk has it; slices point into it.
 * Errors     False: Asterisk rejects the line and registers nowhere.
 */
#ifndef ASTERISK_AST_REGISTER_H
#define ASTERISK_AST_REGISTER_H

#include "base/slice.h"

enum { AST_REGISTER_MAX = 255, AST_A1_MAX = 255 };

struct ast_register {
	struct slice peer, transport, user, domain, secret, authuser, host, extension,
	    expiry;
	struct slice domain_port;
	uint16_t port;   /* 0: none, or not a number */
	bool is_cut;     /* longer than 255 bytes */
	bool is_shifted; /* three ':': the first field was taken for a port */
	bool is_quoted;  /* the secret stood in quotes, which were removed */
};

bool ast_register_parse(struct slice value, struct ast_register *out);

/* The user name in the digest: the auth user, or else the user. */
struct slice ast_register_account(const struct ast_register *r);

/* What a person takes for the secret: from the first ':' behind the transport to the
 * last '@'. SLICE_NONE: there is none. */
struct slice ast_register_written_secret(struct slice value);

/* `auth = user[:secret | #md5]@realm`, split at the last '@'. */
struct ast_realm_auth {
	struct slice user, secret, realm;
	bool is_ha1;
};
bool ast_realm_auth_parse(struct slice value, struct ast_realm_auth *out);

#endif
