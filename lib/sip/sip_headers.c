/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_headers.h"

#include "sip/sip_lines.h"
#include "sip/sip_names.h"

#define BIT(n) (UINT64_C(1) << (n))

/*
 * RFC 3261 18.3. Negative, not a number or too big: the headers are usable, but
 * nobody knows where the body ends (RFC 4475 3.1.2.3), so it has none.
 */
static void take_content_length(struct sip_msg *msg, struct slice value)
{
	uint32_t n = 0;
	bool usable;

	if ((msg->oddities & BIT(SIP_ODD_CUT_HDR)) != 0)
		return; /* "15" may be the beginning of "154" */
	while (value.len > 1 && value.ptr[0] == '0')
		sip_advance(&value, 1);
	usable = slice_to_u32(value, UINT32_MAX, &n);

	if (msg->content_length < 0 && (msg->oddities & BIT(SIP_ODD_LENGTH_BAD)) == 0) {
		if (usable)
			msg->content_length = n;
		else
			sip_note(msg, SIP_ODD_LENGTH_BAD);
	} else if (!usable || msg->content_length != n) {
		sip_note(msg, SIP_ODD_LENGTH_CONFLICT);
	}
}

/* Headers of which a message has one (RFC 3261 20): the first is believed. */
static const uint64_t single_hdrs =
    BIT(SIP_HDR_CALL_ID) | BIT(SIP_HDR_FROM) | BIT(SIP_HDR_TO) | BIT(SIP_HDR_CSEQ) |
    BIT(SIP_HDR_CONTENT_LENGTH) | BIT(SIP_HDR_CONTENT_TYPE) | BIT(SIP_HDR_MAX_FORWARDS);

/* at: where in hdrs[]. */
static inline void keep_header(struct sip_msg *msg, unsigned int at, struct slice name,
    struct slice value, enum sip_hdr_id id)
{
	msg->hdrs[at] = (struct sip_hdr){name, value, id};
	if (msg->first[id] == 0)
		msg->first[id] = (uint8_t)(at + 1);
	else if ((single_hdrs & BIT(id)) != 0)
		sip_note(msg, SIP_ODD_DUP_HDR);
}

/* --- any line --- */

static void add_header(struct sip_msg *msg, struct slice name, struct slice value)
{
	enum sip_hdr_id id = sip_hdr_lookup(name);

	if (msg->hdrs_seen < UINT16_MAX)
		msg->hdrs_seen++;
	/* Even where no header is kept any more: the body depends on it. */
	if (id == SIP_HDR_CONTENT_LENGTH)
		take_content_length(msg, value);
	else if (id == SIP_HDR_OTHER && !sip_is_token(name))
		sip_note(msg, SIP_ODD_BAD_NAME);

	if (msg->hdrs_kept == SIP_HDRS_MAX) {
		sip_note(msg, SIP_ODD_MANY_HDRS);
		return;
	}
	keep_header(msg, msg->hdrs_kept++, name, value, id);
}

/* Takes a header line; there must be bytes left. */
static void take_any(struct sip_lines *lines, struct sip_msg *msg)
{
	struct sip_line line = sip_lines_take(lines);
	size_t len = line.all.len;

	if (line.is_cut)
		sip_note(msg, SIP_ODD_CUT_HDR);
	else if (len == 0 || line.all.ptr[len - 1] != '\r')
		sip_note(msg, SIP_ODD_BARE_LF);
	if (line.has_colon)
		add_header(msg, sip_trim(sip_head(line.all, line.colon)),
		    sip_trim(sip_from(line.all, line.colon + 1)));
	else
		sip_note(msg, SIP_ODD_NO_COLON);
}

/* --- the usual lines --- */

/* The colon behind a name of WIDE bytes or more, or 0: none near enough. */
static size_t long_name_len(const char *p, const char *end)
{
	uint32_t colons;

	if (end - p < SIP_NAME_ROOM)
		return 0;
	colons = wide_is(p + WIDE, ':');
	return colons == 0 ? 0 : WIDE + wide_first(colons);
}

/* The colon behind the name that begins at p, or 0. WIDE bytes are readable. */
static inline size_t name_len(const char *p, const char *end)
{
	uint32_t colons = wide_is(p, ':');

	return colons != 0 ? wide_first(colons) : long_name_len(p, end);
}

/*
 * Is it "Name: value" CRLF: one blank, no other at either end, nothing folded? lf[1] is
 * readable. Compared as signed bytes: what is not ASCII takes the other way, too.
 */
static inline bool is_usual(const char *colon, const char *lf)
{
	return lf - colon > 3 && colon[1] == ' ' && (signed char)colon[2] > ' ' &&
	       (signed char)lf[-2] > ' ' && lf[-1] == '\r' &&
	       ((signed char)lf[1] > ' ' || lf[1] == '\r');
}

/* A token, as far as letters, digits, '-' and '.' go. Readable as for sip_name_is(). */
static inline bool is_plain_name(const char *p, size_t len)
{
	uint32_t first = UINT32_C(0xffff) >> (len < WIDE ? WIDE - len : 0);

	return (~wide_is_plain(p) & first) == 0 &&
	       (len <= WIDE || (~wide_is_plain(p + len - WIDE) & 0xffff) == 0);
}

/* The compact names and the oddly spelt ones; false: it is none. */
static bool look_up_odd(struct slice name, enum sip_hdr_id *id)
{
	*id = sip_hdr_lookup(name);
	return *id != SIP_HDR_OTHER || is_plain_name(name.ptr, name.len) ||
	       sip_is_token(name);
}

/*
 * Takes one line as nearly every stack writes it, from p to its line feed at lf; false,
 * and nothing taken, when it is not such. Each thing is asked once here and nothing
 * else: this is where a parser spends its time.
 */
static inline bool take_usual(struct sip_msg *msg, unsigned int at, const char *p,
    const char *lf, const char *end)
{
	enum sip_hdr_id id;
	struct slice value;
	size_t n;

	if (end - p < WIDE)
		return false;
	n = name_len(p, end);
	if (n == 0 || lf >= end - 1 || !is_usual(p + n, lf))
		return false;
	id = sip_name_nominate(SIP_NAME_HASH(p, n));
	if (!sip_name_is(p, n, id) && !look_up_odd(slice_of(p, n), &id))
		return false;
	value = slice_of(p + n + 2, (size_t)(lf - 1 - (p + n + 2)));
	keep_header(msg, at, slice_of(p, n), value, id);
	if (id == SIP_HDR_CONTENT_LENGTH)
		take_content_length(msg, value);
	return true;
}

/* Takes usual lines, up to the first that is not. */
static void take_usual_lines(struct sip_lines *l, struct sip_msg *msg)
{
	const char *p = l->all.ptr + l->at;
	const char *end = l->all.ptr + l->all.len;
	unsigned int kept = msg->hdrs_kept;
	bool is_usual_line = true;

	while (is_usual_line && (l->lf != 0 || sip_lines_load(l))) {
		const char *block = l->all.ptr + l->block;
		uint64_t lfs = l->lf;

		for (; lfs != 0; lfs &= lfs - 1) {
			const char *lf = block + (unsigned int)__builtin_ctzll(lfs);

			is_usual_line =
			    kept < SIP_HDRS_MAX && take_usual(msg, kept, p, lf, end);
			if (!is_usual_line)
				break;
			kept++;
			p = lf + 1;
		}
		l->lf = lfs;
	}
	l->at = (size_t)(p - l->all.ptr);
	msg->hdrs_seen = (uint16_t)(msg->hdrs_seen + (kept - msg->hdrs_kept));
	msg->hdrs_kept = (uint16_t)kept;
}

void sip_headers_take(struct slice *rest, struct sip_msg *msg)
{
	struct sip_lines lines = sip_lines_of(*rest);

	if (rest->len > 0 && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t'))
		sip_note(msg, SIP_ODD_BLANK_FIRST);

	while (lines.at < lines.all.len) {
		take_usual_lines(&lines, msg);
		if (sip_lines_take_empty(&lines)) {
			msg->head_complete = true;
			break;
		}
		if (lines.at < lines.all.len)
			take_any(&lines, msg);
	}
	if (!msg->head_complete)
		sip_note(msg, SIP_ODD_NO_EMPTY_LINE);
	sip_advance(rest, lines.at);
}
