/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_msg.h"

#include "sip/sip_headers.h"
#include "sip/sip_names.h"
#include "sip/sip_scan.h"
#include "sip/sip_value.h"

#define BIT(n) (UINT64_C(1) << (n))

_Static_assert(SIP_HDR_COUNT <= 64, "header ids are bits of a 64-bit set");
_Static_assert(SIP_ODD_COUNT <= 64, "oddities are bits of a 64-bit set");
_Static_assert(SIP_HDRS_MAX < 255, "first[] holds 1 + index in a byte");

static bool is_keepalive(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '\r' && s.ptr[i] != '\n' && s.ptr[i] != '\0')
			return false;
	}
	return true;
}

/* One blank is what the grammar wants; more are read and noted. */
static void skip_start_blanks(struct slice *line, struct sip_msg *msg)
{
	struct slice after = *line;

	sip_skip_blanks(&after);
	if (line->len - after.len > 1 || (line->len > 0 && line->ptr[0] == '\t'))
		sip_note(msg, SIP_ODD_START_BLANKS);
	*line = after;
}

static size_t word_len(struct slice line)
{
	return sip_find2(line, ' ', '\t');
}

static bool is_any_version(struct slice word)
{
	return word.len >= 4 && (memcmp(word.ptr, "SIP/", 4) == 0 ||
				    slice_eq_nocase(sip_head(word, 4), SLICE("SIP/")));
}

static bool is_our_version(struct slice word)
{
	return word.len == 7 && (memcmp(word.ptr, "SIP/2.0", 7) == 0 ||
				    slice_eq_nocase(word, SLICE("SIP/2.0")));
}

/* "SIP/2.0 486 Busy Here", as nearly every stack writes it; false: look closer. */
static bool take_usual_status(struct slice line, struct sip_msg *msg)
{
	const char *p = line.ptr;
	unsigned int a, b, c;

	if (line.len < 14 || memcmp(p, "SIP/2.0 ", 8) != 0 || p[11] != ' ' ||
	    sip_is_blank(p[12]) || sip_is_blank(p[line.len - 1]))
		return false;
	a = (unsigned int)p[8] - '1';
	b = (unsigned int)p[9] - '0';
	c = (unsigned int)p[10] - '0';
	if (a > 5 || b > 9 || c > 9)
		return false;
	msg->status = (uint16_t)(100 + 100 * a + 10 * b + c);
	msg->reason = sip_from(line, 12);
	return true;
}

/* RFC 3261 7.2: SIP-Version SP Status-Code SP Reason-Phrase. */
static enum sip_rc parse_status_line(struct slice line, bool cut, struct sip_msg *msg)
{
	struct slice word = sip_head(line, word_len(line));
	uint32_t status = 0;

	if (!is_our_version(word))
		return cut && word.len == line.len ? SIP_E_NOT_SIP : SIP_E_VERSION;
	sip_advance(&line, word.len);
	skip_start_blanks(&line, msg);

	word = sip_head(line, word_len(line));
	if (cut && word.len == line.len && word.len < 3)
		return SIP_E_NOT_SIP;
	/* Three digits, so that 4294967301 cannot wrap to 5 (RFC 4475 3.1.2.19). */
	if (word.len != 3 || !slice_to_u32(word, 699, &status) || status < 100)
		return SIP_E_STATUS;
	sip_advance(&line, 3);
	if (line.len == 0)
		sip_note(msg, SIP_ODD_NO_REASON);

	msg->status = (uint16_t)status;
	msg->reason = sip_trim(line);
	return SIP_OK;
}

/* What stands between the method and the version. RFC 4475 3.1.2.7 and 3.1.2.8:
 * brackets around it and blanks inside it do not hide who was called. */
static enum sip_rc take_uri(struct slice uri, struct sip_msg *msg)
{
	if (uri.len > 1 && uri.ptr[0] == '<' && uri.ptr[uri.len - 1] == '>') {
		uri = sip_trim(slice_of(uri.ptr + 1, uri.len - 2));
		sip_note(msg, SIP_ODD_URI_BRACKETS);
	}
	if (uri.len == 0)
		return SIP_E_NOT_SIP;
	if (word_len(uri) < uri.len)
		sip_note(msg, SIP_ODD_URI_BLANK);
	msg->uri = uri;
	return SIP_OK;
}

/* The method whose name and blank begin the line; OTHER: none, or look closer. */
static inline enum sip_method_id usual_method(struct slice line, size_t *len)
{
	enum sip_method_id id;
	uint32_t blanks;

	if (line.len < WIDE || (blanks = wide_is(line.ptr, ' ')) == 0)
		return SIP_METHOD_OTHER;
	*len = wide_first(blanks);
	id = sip_method_nominate(SIP_NAME_HASH(line.ptr, *len));
	return sip_name_is(line.ptr, &sip_methods[id]) ? id : SIP_METHOD_OTHER;
}

/* "INVITE sip:... SIP/2.0", likewise. */
static bool take_usual_request(struct slice line, struct sip_msg *msg)
{
	size_t len;
	enum sip_method_id id = usual_method(line, &len);
	struct slice uri;

	if (id == SIP_METHOD_OTHER || line.len < len + 10 ||
	    memcmp(line.ptr + line.len - 8, " SIP/2.0", 8) != 0)
		return false;
	uri = slice_of(line.ptr + len + 1, line.len - len - 9);
	if (uri.ptr[0] == '<' || sip_is_blank(uri.ptr[0]) ||
	    sip_is_blank(uri.ptr[uri.len - 1]) || word_len(uri) < uri.len)
		return false;
	msg->method = sip_head(line, len);
	msg->method_id = id;
	msg->uri = uri;
	return true;
}

/*
 * RFC 3261 7.1: Method SP Request-URI SP SIP-Version. The method is the first
 * word and the version the last one, whatever is between them.
 */
static enum sip_rc parse_request_line(struct slice line, bool cut, struct sip_msg *msg)
{
	struct slice method = sip_head(line, sip_token_len(line));
	struct slice rest = sip_from(line, method.len);
	struct slice version;
	size_t at;

	if (method.len == 0 || rest.len == 0 || !sip_is_blank(rest.ptr[0]))
		return SIP_E_NOT_SIP;
	skip_start_blanks(&rest, msg);
	if (rest.len > 0 && sip_is_blank(rest.ptr[rest.len - 1])) {
		sip_note(msg, SIP_ODD_START_BLANKS);
		rest = sip_trim(rest);
	}

	at = rest.len;
	while (at > 0 && !sip_is_blank(rest.ptr[at - 1]))
		at--;
	version = sip_from(rest, at);
	if (at == 0 || !is_any_version(version))
		return SIP_E_NOT_SIP;
	if (!is_our_version(version))
		return cut ? SIP_E_NOT_SIP : SIP_E_VERSION;

	rest.len = at - 1;
	if (rest.len > 0 && sip_is_blank(rest.ptr[rest.len - 1]))
		sip_note(msg, SIP_ODD_START_BLANKS);
	msg->method = method;
	msg->method_id = sip_method_lookup(method);
	return take_uri(sip_trim(rest), msg);
}

/* Takes the first line. It may be the last one too, when a snap length cut it. */
static enum sip_rc take_start_line(struct sip_lines *lines, struct sip_msg *msg)
{
	struct slice line;
	const char *end;
	bool cut;

	/* RTP, STUN and DTLS share ports with SIP and start with no token. */
	if (!sip_is_token_char(lines->at[0]))
		return SIP_E_NOT_SIP;
	end = sip_lines_find(lines);
	cut = end == lines->end;
	line = slice_of(lines->at, (size_t)(end - lines->at));
	lines->at = cut ? end : end + 1;
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	else if (!cut)
		sip_note(msg, SIP_ODD_BARE_LF);

	if (take_usual_status(line, msg) || take_usual_request(line, msg))
		return SIP_OK;
	return is_any_version(line) ? parse_status_line(line, cut, msg)
				    : parse_request_line(line, cut, msg);
}

/* RFC 3261 18.3: without Content-Length a datagram's body runs to its end. */
static void cut_body(struct slice rest, struct sip_msg *msg)
{
	size_t want = rest.len;

	if (msg->content_length >= 0)
		want = (size_t)msg->content_length;
	else if ((msg->oddities & BIT(SIP_ODD_LENGTH_BAD)) != 0)
		want = 0;

	if (want < rest.len)
		sip_note(msg, SIP_ODD_TRAILING);
	else if (want > rest.len)
		sip_note(msg, SIP_ODD_BODY_SHORT);
	msg->body = sip_head(rest, want < rest.len ? want : rest.len);
}

/* "102 INVITE" where the request is an INVITE, or it is an answer to something known:
 * one blank, up to nine digits; false: look closer. */
static bool take_usual_cseq(struct sip_msg *msg, struct slice value)
{
	struct sip_cseq *c = &msg->cseq;
	uint32_t number = 0;
	size_t i = 0;

	for (; i < value.len && i < 10 && value.ptr[i] != ' '; i++) {
		unsigned int digit = (unsigned int)value.ptr[i] - '0';

		if (digit > 9)
			return false;
		number = number * 10 + digit;
	}
	if (i == 0 || value.len < i + 2 || i == 10)
		return false;
	c->number = number;
	c->method = sip_from(value, i + 1);
	if (!sip_msg_is_request(msg))
		c->method_id = sip_method_lookup(c->method);
	else if (slice_eq(c->method, msg->method))
		c->method_id = msg->method_id;
	else
		return false;
	return c->method_id != SIP_METHOD_OTHER;
}

/* A request's CSeq repeats its method (RFC 3261 8.1.1.5). Where it does not, it
 * must not open or close a transaction (RFC 4475 3.1.2.17). */
static void take_cseq(struct sip_msg *msg)
{
	bool is_cut = (msg->oddities & BIT(SIP_ODD_CUT_HDR)) != 0 &&
		      msg->first[SIP_HDR_CSEQ] == msg->hdrs_kept;
	struct slice value = sip_msg_value(msg, SIP_HDR_CSEQ);

	if (value.ptr == NULL)
		return;
	msg->has_cseq =
	    take_usual_cseq(msg, value) || sip_cseq_parse(value, &msg->cseq);
	if (is_cut)
		return;
	if (!msg->has_cseq)
		sip_note(msg, SIP_ODD_CSEQ_BAD);
	else if (sip_msg_is_request(msg) && !slice_eq(msg->cseq.method, msg->method))
		sip_note(msg, SIP_ODD_CSEQ_METHOD);
}

static void check_mandatory(struct sip_msg *msg)
{
	if (msg->first[SIP_HDR_CALL_ID] == 0 || msg->first[SIP_HDR_CSEQ] == 0 ||
	    msg->first[SIP_HDR_FROM] == 0 || msg->first[SIP_HDR_TO] == 0 ||
	    msg->first[SIP_HDR_VIA] == 0)
		sip_note(msg, SIP_ODD_MISSING_HDR);
}

/* What is not set on the way. Not hdrs[]: hdrs_kept says which of its 4 KiB are live.
 */
static void clear(struct sip_msg *msg)
{
	msg->method = msg->uri = msg->reason = SLICE_NONE;
	msg->oddities = 0;
	msg->content_length = -1;
	msg->status = 0;
	msg->hdrs_seen = msg->hdrs_kept = 0;
	msg->head_complete = msg->has_cseq = false;
	msg->method_id = SIP_METHOD_OTHER;
	memset(msg->first, 0, sizeof(msg->first));
}

enum sip_rc sip_msg_parse(struct slice bytes, struct sip_msg *msg)
{
	struct sip_lines lines;
	size_t at = 0;
	enum sip_rc rc;

	clear(msg);
	/* RFC 3261 7.5: empty lines in front of a start line are skipped. */
	while (at < bytes.len && (bytes.ptr[at] == '\r' || bytes.ptr[at] == '\n'))
		at++;
	sip_advance(&bytes, at);
	if (bytes.len == 0 || (bytes.ptr[0] == '\0' && is_keepalive(bytes)))
		return SIP_E_KEEPALIVE;
	lines = sip_lines_of(bytes);
	rc = take_start_line(&lines, msg);
	if (rc != SIP_OK)
		return rc;

	sip_headers_take(&lines, msg);
	msg->head = slice_of(bytes.ptr, (size_t)(lines.at - bytes.ptr));
	cut_body(sip_lines_rest(&lines), msg);
	take_cseq(msg);
	msg->from_tag = sip_tag(sip_msg_value(msg, SIP_HDR_FROM));
	msg->to_tag = sip_tag(sip_msg_value(msg, SIP_HDR_TO));
	check_mandatory(msg);
	return SIP_OK;
}

const struct sip_hdr *sip_msg_find_next(
    const struct sip_msg *msg, const struct sip_hdr *h)
{
	for (size_t i = (size_t)(h - msg->hdrs) + 1; i < msg->hdrs_kept; i++) {
		if (msg->hdrs[i].id == h->id)
			return &msg->hdrs[i];
	}
	return NULL;
}
