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

static inline void keep_header(
    struct sip_msg *msg, struct slice name, struct slice value, enum sip_hdr_id id)
{
	msg->hdrs[msg->hdrs_kept++] = (struct sip_hdr){name, value, id};
	if (msg->first[id] == 0)
		msg->first[id] = (uint8_t)msg->hdrs_kept;
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
	keep_header(msg, name, value, id);
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

/* --- the usual line --- */

#ifdef __SSE2__
/*
 * "Name: value" CRLF: a token, one blank, no other at either end, nothing folded. Each
 * of these is asked once, and nothing else; false, and nothing taken, when one does not
 * hold. This is where a parser spends its time.
 */
static inline bool take_usual(struct sip_lines *lines, struct sip_msg *msg)
{
	const char *p = lines->all.ptr + lines->at;
	size_t room = lines->all.len - lines->at;
	char tail[SIP_NAME_ROOM] = {0};
	const char *name = p; /* SIP_NAME_ROOM bytes of it can be read */
	const char *lf, *value;
	enum sip_hdr_id id;
	uint32_t colons;
	size_t end, n;

	if (room < SIP_NAME_ROOM)
		name = memcpy(tail, p, room);
	colons = sip_name_colons(name);
	end = sip_lines_peek(lines);
	if (colons == 0 || lines->all.len - end < 2 || msg->hdrs_kept == SIP_HDRS_MAX)
		return false;
	n = (size_t)__builtin_ctz(colons);
	value = p + n + 2;
	lf = lines->all.ptr + end;
	/* Compared as they are: what is not ASCII takes the other way, too. */
	if (value >= lf - 1 || p[n + 1] != ' ' || value[0] <= ' ' || lf[-2] <= ' ' ||
	    lf[-1] != '\r' || lf[1] == ' ' || lf[1] == '\t')
		return false;
	id = sip_name_lookup(name, n);
	if (id == SIP_HDR_OTHER) {
		id = sip_hdr_lookup(slice_of(p, n)); /* compact, or oddly spelt */
		if (id == SIP_HDR_OTHER && !sip_is_token(slice_of(p, n)))
			return false;
	}

	sip_lines_drop(lines);
	lines->at = end + 1;
	msg->hdrs_seen++;
	if (id == SIP_HDR_CONTENT_LENGTH)
		take_content_length(msg, slice_of(value, (size_t)(lf - 1 - value)));
	keep_header(msg, slice_of(p, n), slice_of(value, (size_t)(lf - 1 - value)), id);
	return true;
}
#else
static inline bool take_usual(struct sip_lines *lines, struct sip_msg *msg)
{
	(void)lines;
	(void)msg;
	return false;
}
#endif

void sip_headers_take(struct slice *rest, struct sip_msg *msg)
{
	struct sip_lines lines = sip_lines_of(*rest);

	if (rest->len > 0 && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t'))
		sip_note(msg, SIP_ODD_BLANK_FIRST);

	while (lines.at < lines.all.len) {
		struct sip_lines other;

		if (take_usual(&lines, msg))
			continue;
		if (sip_lines_take_empty(&lines)) {
			msg->head_complete = true;
			break;
		}
		other = lines; /* a copy, so that the loop's own stays in registers */
		take_any(&other, msg);
		lines = other;
	}
	if (!msg->head_complete)
		sip_note(msg, SIP_ODD_NO_EMPTY_LINE);
	sip_advance(rest, lines.at);
}
