/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_headers.h"

#include "sip/sip_names.h"

#define BIT(n) (UINT64_C(1) << (n))

uint64_t sip_lines_last(const char *begin, const char *end, const char *block)
{
	size_t len = (size_t)(end - 1 - begin), at = (size_t)(block - begin);

	return len > at ? wide_block(begin, len, at, '\n') : 0;
}

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

/* first[] of a header that wants more than its place noted: so that one question does
 * for that and for doubles. */
enum { UNREAD = UINT8_MAX };

/* Content-Length, or the second of its id. */
static void keep_special(struct sip_msg *msg, unsigned int at, enum sip_hdr_id id)
{
	if (msg->first[id] == UNREAD)
		msg->first[id] = (uint8_t)(at + 1);
	else if ((single_hdrs & BIT(id)) != 0)
		sip_note(msg, SIP_ODD_DUP_HDR);
	if (id == SIP_HDR_CONTENT_LENGTH)
		take_content_length(msg, msg->hdrs[at].value);
}

/* at: where in hdrs[]. */
static inline void keep_header(struct sip_msg *msg, unsigned int at, struct slice name,
    struct slice value, enum sip_hdr_id id)
{
	msg->hdrs[at] = (struct sip_hdr){name, value, id};
	if (msg->first[id] == 0)
		msg->first[id] = (uint8_t)(at + 1);
	else
		keep_special(msg, at, id);
}

/* --- any line --- */

static void add_header(struct sip_msg *msg, struct slice name, struct slice value)
{
	enum sip_hdr_id id = sip_hdr_lookup(name);

	if (msg->hdrs_seen < UINT16_MAX)
		msg->hdrs_seen++;
	if (id == SIP_HDR_OTHER && !sip_is_token(name))
		sip_note(msg, SIP_ODD_BAD_NAME);

	if (msg->hdrs_kept == SIP_HDRS_MAX) {
		sip_note(msg, SIP_ODD_MANY_HDRS);
		if (id == SIP_HDR_CONTENT_LENGTH) /* the body depends on it */
			take_content_length(msg, value);
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

enum { NOT_USUAL = -1 };

/* A token, as far as letters, digits, '-' and '.' go. len is up to WIDE. */
static inline bool is_plain_name(const char *p, size_t len)
{
	return (~wide_is_plain(p) & ((1u << len) - 1)) == 0;
}

/* A compact name, an oddly spelt one, or none of ours, which is a name all the same. */
static int odd_name(struct slice name)
{
	enum sip_hdr_id id = sip_hdr_lookup(name);

	return id != SIP_HDR_OTHER || sip_is_token(name) ? (int)id : NOT_USUAL;
}

/* Whose name stands in front of the colon at p[len]. WIDE bytes are readable. */
static inline int short_name(const char *p, size_t len)
{
	size_t id = sip_name_nominate(SIP_NAME_HASH(p, len));
	const struct sip_name *known = &sip_names[id];

	if (sip_name_is(p, known))
		return (int)id;
	/* However it is spelt, a name of ours has the hash and the length of ours. */
	if (known->len != len && len > 1 && is_plain_name(p, len))
		return SIP_HDR_OTHER;
	return odd_name(slice_of(p, len));
}

/* Likewise, the colon is behind WIDE bytes and within SIP_NAME_ROOM. */
static inline int long_name(const char *p, size_t len)
{
	enum sip_hdr_id id = sip_name_nominate(SIP_NAME_HASH(p, len));

	return sip_name_is_long(p, len, &sip_names[id]) ? (int)id
							: odd_name(slice_of(p, len));
}

/*
 * Is it "Name: value" CRLF: one blank, no other at either end? Compared as signed
 * bytes: what is not ASCII takes the other way, too.
 */
static inline bool is_usual(const char *colon, const char *lf)
{
	return lf > colon && colon[1] == ' ' && (signed char)colon[2] > ' ' &&
	       (signed char)lf[-2] > ' ' && lf[-1] == '\r';
}

static inline void keep_usual(struct sip_msg *msg, unsigned int at, const char *p,
    const char *colon, const char *lf, enum sip_hdr_id id)
{
	keep_header(msg, at, slice_of(p, (size_t)(colon - p)),
	    slice_of(colon + 2, (size_t)(lf - colon - 3)), id);
}

/* The name has WIDE bytes or more. One in fifty: not inline, so that the loop is small.
 */
__attribute__((noinline)) static bool take_long(struct sip_msg *msg, unsigned int at,
    const char *p, const char *lf, const char *end)
{
	uint32_t colons = end - p < SIP_NAME_ROOM ? 0 : wide_is(p + WIDE, ':');
	const char *colon;
	int id;

	if (colons == 0)
		return false;
	colon = p + WIDE + wide_first(colons);
	if (!is_usual(colon, lf) ||
	    (id = long_name(p, (size_t)(colon - p))) == NOT_USUAL)
		return false;
	keep_usual(msg, at, p, colon, lf, (enum sip_hdr_id)id);
	return true;
}

/*
 * Takes one line as nearly every stack writes it, from p to its line feed at lf, into
 * hdrs[at]; false, and nothing taken, when it is not such. Each thing is asked once
 * here and nothing else: this is where a parser spends its time. WIDE bytes are
 * readable.
 */
static inline bool take_usual(struct sip_msg *msg, unsigned int at, const char *p,
    const char *lf, const char *end)
{
	uint32_t colons = wide_is(p, ':');
	const char *colon;
	int id;

	if (colons == 0)
		return take_long(msg, at, p, lf, end);
	colon = p + wide_first(colons);
	if (!is_usual(colon, lf) ||
	    (id = short_name(p, (size_t)(colon - p))) == NOT_USUAL)
		return false;
	keep_usual(msg, at, p, colon, lf, (enum sip_hdr_id)id);
	return true;
}

/*
 * Takes usual lines, up to the first that is not, or to the empty line. What is behind
 * each tells whether it goes on there (RFC 3261 7.3.1).
 */
static void take_usual_lines(struct sip_lines *lines, struct sip_msg *msg)
{
	struct sip_lines l = *lines; /* a copy of our own can stay in registers */
	const char *last = l.end - WIDE;
	unsigned int kept = msg->hdrs_kept;

	while (sip_lines_seek(&l) && kept < SIP_HDRS_MAX && l.at <= last) {
		const char *lf = sip_lines_peek(&l);

		if ((signed char)lf[1] <= ' ' && lf[1] != '\r')
			break;
		if (!take_usual(msg, kept, l.at, lf, l.end))
			break;
		kept++;
		sip_lines_drop(&l);
		l.at = lf + 1;
		if (*l.at == '\r') /* the empty line, most likely */
			break;
	}
	*lines = l;
	msg->hdrs_seen = (uint16_t)(msg->hdrs_seen + (kept - msg->hdrs_kept));
	msg->hdrs_kept = (uint16_t)kept;
}

void sip_headers_take(struct sip_lines *lines, struct sip_msg *msg)
{
	struct slice rest = sip_lines_rest(lines);

	if (rest.len > 0 && (rest.ptr[0] == ' ' || rest.ptr[0] == '\t'))
		sip_note(msg, SIP_ODD_BLANK_FIRST);

	msg->first[SIP_HDR_CONTENT_LENGTH] = UNREAD;
	while (lines->at < lines->end) {
		if (lines->end - lines->begin >= WIDE)
			take_usual_lines(lines, msg);
		if (sip_lines_take_empty(lines)) {
			msg->head_complete = true;
			break;
		}
		if (lines->at < lines->end)
			take_any(lines, msg);
	}
	if (!msg->head_complete)
		sip_note(msg, SIP_ODD_NO_EMPTY_LINE);
	if (msg->first[SIP_HDR_CONTENT_LENGTH] == UNREAD)
		msg->first[SIP_HDR_CONTENT_LENGTH] = 0;
}
