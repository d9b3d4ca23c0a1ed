/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Properties, beyond "does not crash":
 *   - every slice lies inside the input, head and body do not overlap;
 *   - what is kept is never more than what was seen or what fits;
 *   - first[] points to the first header of its id;
 *   - a message stays what it is when a byte is added behind it;
 *   - a blank in front of each colon changes nothing (it takes lines the long way);
 *   - no prefix makes the parser read behind its end.
 */
#include "sip/sip_msg.h"

#include "sip_fuzz.h"

static void check_headers(struct slice in, const struct sip_msg *msg)
{
	bool seen[SIP_HDR_COUNT] = {false};

	require(msg->hdrs_kept <= SIP_HDRS_MAX && msg->hdrs_kept <= msg->hdrs_seen);
	for (size_t i = 0; i < msg->hdrs_kept; i++) {
		const struct sip_hdr *h = &msg->hdrs[i];

		require_inside(h->name, in);
		require_inside(h->value, in);
		require(h->name.ptr != NULL && h->value.ptr != NULL);
		require(h->id < SIP_HDR_COUNT && h->id == sip_hdr_lookup(h->name));
		require((sip_msg_find(msg, h->id) == h) == !seen[h->id]);
		seen[h->id] = true;
	}
	for (int id = 0; id < SIP_HDR_COUNT; id++)
		require(seen[id] == (sip_msg_find(msg, (enum sip_hdr_id)id) != NULL));
}

static void check(struct slice in, const struct sip_msg *msg)
{
	require_inside(msg->method, in);
	require_inside(msg->uri, in);
	require_inside(msg->reason, in);
	require_inside(msg->head, in);
	require_inside(msg->body, in);
	require(msg->body.ptr == msg->head.ptr + msg->head.len);
	require((msg->status == 0) == (msg->method.ptr != NULL));
	require((msg->status == 0) == (msg->uri.ptr != NULL));
	require((msg->status == 0) == (msg->reason.ptr == NULL));
	require(msg->status == 0 || (msg->status >= 100 && msg->status <= 699));
	require(msg->content_length >= -1 && msg->content_length <= UINT32_MAX);
	require(
	    msg->content_length < 0 || msg->body.len <= (uint64_t)msg->content_length);
	require(msg->oddities >> SIP_ODD_COUNT == 0);
	check_headers(in, msg);
}

static void check_longer(struct slice in, const struct sip_msg *msg)
{
	static struct sip_msg longer;
	char *copy = malloc(in.len + 1);

	require(copy != NULL);
	memcpy(copy, in.ptr, in.len);
	copy[in.len] = 'x';
	require(sip_msg_parse(slice_of(copy, in.len + 1), &longer) == SIP_OK);
	require(longer.hdrs_seen == msg->hdrs_seen);
	require(longer.head.len == msg->head.len);
	require(
	    longer.body.len == msg->body.len || longer.body.len == msg->body.len + 1);
	free(copy);
}

/* A copy of the message with a blank in front of the colon of each header line. 0: a
 * line is folded or has no name, so that a blank would mean something else. */
static size_t space_out(const struct sip_msg *msg, char *to)
{
	const char *at = msg->head.ptr, *end = at + msg->head.len;
	bool is_start_line = true;
	size_t len = 0;

	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		const char *next = lf == NULL ? end : lf + 1;
		const char *colon = memchr(at, ':', (size_t)(next - at));

		if (is_start_line)
			colon = NULL;
		else if (*at == ' ' || *at == '\t' || *at == ':')
			return 0;
		is_start_line = false;
		for (; at < next; at++) {
			if (at == colon)
				to[len++] = ' ';
			to[len++] = *at;
		}
	}
	memcpy(to + len, msg->body.ptr, msg->body.len);
	return len + msg->body.len;
}

static void check_long_way(const struct sip_msg *msg)
{
	static struct sip_msg spaced;
	char *copy = malloc(2 * msg->head.len + msg->body.len + 1);
	size_t len;

	require(copy != NULL);
	len = space_out(msg, copy);
	if (len > 0) {
		const uint64_t behind = UINT64_C(1) << SIP_ODD_TRAILING;

		require(sip_msg_parse(slice_of(copy, len), &spaced) == SIP_OK);
		require((spaced.oddities | behind) == (msg->oddities | behind));
		require(spaced.hdrs_seen == msg->hdrs_seen);
		require(spaced.hdrs_kept == msg->hdrs_kept);
		require(spaced.content_length == msg->content_length);
		require(slice_eq(spaced.body, msg->body));
		for (size_t i = 0; i < msg->hdrs_kept; i++) {
			require(spaced.hdrs[i].id == msg->hdrs[i].id);
			require(slice_eq(spaced.hdrs[i].name, msg->hdrs[i].name));
			require(slice_eq(spaced.hdrs[i].value, msg->hdrs[i].value));
		}
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_msg msg, part;
	char *bytes = exact_copy(data, size);
	char *prefix = exact_copy(data, size / 2);

	memset(&msg, 0xa5, sizeof(msg));
	if (sip_msg_parse(slice_of(bytes, size), &msg) == SIP_OK) {
		check(slice_of(bytes, size), &msg);
		if (msg.head_complete) {
			check_longer(slice_of(bytes, size), &msg);
			check_long_way(&msg);
		}
	}
	if (sip_msg_parse(slice_of(prefix, size / 2), &part) == SIP_OK)
		check(slice_of(prefix, size / 2), &part);
	free(prefix);
	free(bytes);
	return 0;
}
