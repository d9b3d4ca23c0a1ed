/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Challenges, credentials and the digest check. Properties:
 *   - every slice lies inside the input;
 *   - a list of challenges ends, and offset says where each did;
 *   - only Digest has fields;
 *   - nothing matches that says it cannot be checked, and no digest matches two
 *     secrets.
 */
#include "sip/sip_digest.h"

#include "sip_fuzz.h"

static bool is_digest(struct slice scheme)
{
	return slice_eq_nocase(scheme, SLICE("Digest"));
}

static void check_challenges(struct slice in)
{
	struct slice rest = in;
	struct sip_challenge c;
	size_t left = rest.len;

	while (sip_challenge_take(&rest, &c)) {
		require(rest.len < left);
		require(c.offset == left - rest.len || c.offset == UINT16_MAX);
		left = rest.len;
		require(c.scheme.len > 0);
		require_inside(c.scheme, in);
		require_inside(c.realm, in);
		require_inside(c.nonce, in);
		require_inside(c.opaque, in);
		require_inside(c.qop, in);
		require_inside(c.domain, in);
		require_inside(c.algorithm, in);
		require(is_digest(c.scheme) ||
			(c.realm.ptr == NULL && c.nonce.ptr == NULL));
		require(c.alg <= SIP_ALG_OTHER);
	}
	require(rest.len == 0);
}

static void check_digest(const struct sip_credentials *c, struct slice body)
{
	struct digest_input in = {SLICE("INVITE"), body, c};
	bool a = sip_digest_matches(&in, SLICE("a"));
	bool b = sip_digest_matches(&in, SLICE("b"));

	require(!a || !b);
	require(sip_digest_is_checkable(&in) || (!a && !b));
	require(!sip_digest_matches_ha1(&in, SLICE("xyz")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = exact_copy(data, size);
	struct slice in = slice_of(bytes, size);
	struct sip_credentials c;

	check_challenges(in);
	memset(&c, 0xa5, sizeof(c));
	if (sip_credentials_parse(in, &c)) {
		require_inside(c.scheme, in);
		require_inside(c.username, in);
		require_inside(c.realm, in);
		require_inside(c.nonce, in);
		require_inside(c.uri, in);
		require_inside(c.response, in);
		require_inside(c.algorithm, in);
		require_inside(c.cnonce, in);
		require_inside(c.opaque, in);
		require_inside(c.qop, in);
		require_inside(c.nc, in);
		require(is_digest(c.scheme) || c.response.ptr == NULL);
		check_digest(&c, in);
	} else {
		require(c.scheme.ptr == NULL && c.response.ptr == NULL);
	}
	free(bytes);
	return 0;
}
