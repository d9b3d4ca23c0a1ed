/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Properties, beyond "does not crash":
 *   - no secret of credentials or a challenge that our parser can read, and no
 *     password of a URI in a header, is left;
 *   - nothing but 'x' is written, line ends stay.
 */
#include "sip/sip_mask.h"

#include "sip/sip_auth.h"
#include "sip/sip_value.h"
#include "sip_fuzz.h"

struct both {
	struct slice before;
	const char *after;
};

static void require_gone(const struct both *b, struct slice secret)
{
	const char *p;

	if (secret.ptr == NULL)
		return;
	p = b->after + (secret.ptr - b->before.ptr);
	for (size_t i = 0; i < secret.len; i++)
		require(p[i] == 'x' || p[i] == '\r' || p[i] == '\n');
}

static void check_credentials(const struct both *b, struct slice value)
{
	struct sip_credentials c;

	if (!sip_credentials_parse(value, &c))
		return;
	require_gone(b, c.response);
	require_gone(b, c.nonce);
	require_gone(b, c.cnonce);
	require_gone(b, c.opaque);
}

static void check_challenges(const struct both *b, struct slice value)
{
	struct sip_challenge c;

	while (sip_challenge_take(&value, &c)) {
		require_gone(b, c.nonce);
		require_gone(b, c.opaque);
	}
}

static bool is_plain(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (memchr("<>\"\r\n", s.ptr[i], 5) != NULL)
			return false;
	}
	return true;
}

static void check_uris(const struct both *b, struct slice value)
{
	struct sip_addr addr;
	struct sip_uri uri;

	for (size_t i = 0; i < 16 && sip_addr_take(&value, &addr); i++) {
		if (sip_uri_parse(addr.uri, &uri) && is_plain(addr.uri))
			require_gone(b, uri.password);
	}
}

static void check_header(const struct both *b, const struct sip_hdr *h)
{
	if (h->id == SIP_HDR_AUTHORIZATION || h->id == SIP_HDR_PROXY_AUTHORIZATION)
		check_credentials(b, h->value);
	else if (h->id == SIP_HDR_WWW_AUTHENTICATE ||
		 h->id == SIP_HDR_PROXY_AUTHENTICATE)
		check_challenges(b, h->value);
	else
		check_uris(b, h->value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_msg msg;
	char *before = exact_copy(data, size);
	char *after = exact_copy(data, size);
	struct both b = {slice_of(before, size), after};

	sip_mask(after, size);
	for (size_t i = 0; i < size; i++)
		require(after[i] == before[i] ||
			(after[i] == 'x' && before[i] != '\r' && before[i] != '\n'));

	if (sip_msg_parse(b.before, &msg) == SIP_OK) {
		for (size_t i = 0; i < msg.hdrs_kept; i++)
			check_header(&b, &msg.hdrs[i]);
	}
	free(after);
	free(before);
	return 0;
}
