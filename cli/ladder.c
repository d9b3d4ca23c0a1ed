/* SPDX-License-Identifier: BSD-2-Clause */
#include "ladder.h"

#include "base/usec.h"
#include "sip/sip_value.h"
#include "when.h"

enum {
	CLOCK_COLUMNS = 15, /* 03:04:05.678901 */
	AFTER_COLUMNS = 11,
	MARGIN_COLUMNS = 2 + CLOCK_COLUMNS + AFTER_COLUMNS + 2,
	ARROW_MIN = 30,
	ARROW_MAX = 58,
	LABEL_MAX = 256,
	VALUE_MAX = 64, /* bytes of one wire value in a label */
};

void ladder_init(struct ladder *l, const struct term *term, struct out *out,
    const struct failure_row *r)
{
	size_t width = term->width == 0 ? 120 : term->width;
	const char *remote = r->remote == NULL ? "?" : r->remote;
	size_t used;

	*l = (struct ladder){.term = term, .out = out, .local = r->local};
	l->arrow = width > MARGIN_COLUMNS + ARROW_MIN + 2 ? width - MARGIN_COLUMNS - 2
							  : ARROW_MIN;
	if (l->arrow > ARROW_MAX)
		l->arrow = ARROW_MAX;
	out_repeat(out, " ", MARGIN_COLUMNS);
	out_text(out, term_color(term, COLOR_BOLD));
	out_text(out, r->local == NULL ? "?" : r->local);
	used = strlen(r->local == NULL ? "?" : r->local) + strlen(remote);
	out_repeat(out, " ", used < l->arrow + 2 ? l->arrow + 2 - used : 2);
	out_text(out, remote);
	out_text(out, term_reset(term));
	out_char(out, '\n');
}

static void put_short(struct ladder *l, struct out *o, struct slice s)
{
	text_escape(o, slice_of(s.ptr, s.len < VALUE_MAX ? s.len : VALUE_MAX),
	    l->term->charset);
}

/* "INVITE 15551234560, with credentials", "407 Proxy Authentication Required". */
static void put_label(struct ladder *l, struct out *o, const struct sip_msg *msg)
{
	struct sip_uri uri;

	if (!sip_msg_is_request(msg)) {
		out_uint(o, msg->status);
		out_char(o, ' ');
		put_short(l, o, msg->reason);
		return;
	}
	put_short(l, o, msg->method);
	if (sip_uri_parse(msg->uri, &uri) && uri.user.len > 0) {
		out_char(o, ' ');
		put_short(l, o, uri.user);
	}
	if (msg->has_cseq) {
		out_text(o, " (");
		out_uint(o, msg->cseq.number);
		out_char(o, ')');
	}
	if (sip_msg_find(msg, SIP_HDR_AUTHORIZATION) != NULL ||
	    sip_msg_find(msg, SIP_HDR_PROXY_AUTHORIZATION) != NULL)
		out_text(o, " with credentials");
}

/* A refusal is red, a challenge yellow, what was granted green. */
static enum color label_color(const struct sip_msg *msg)
{
	if (msg->status == 401 || msg->status == 407)
		return COLOR_YELLOW;
	if (msg->status >= 400)
		return COLOR_RED;
	if (msg->status >= 200 && msg->status < 300)
		return COLOR_GREEN;
	return COLOR_NONE;
}

/* Same address, whatever the port: the provider may answer from another one. */
static bool same_host(const char *a, const char *b)
{
	const char *colon_a = a == NULL ? NULL : strrchr(a, ':');
	const char *colon_b = b == NULL ? NULL : strrchr(b, ':');

	if (colon_a == NULL || colon_b == NULL || colon_a - a != colon_b - b)
		return false;
	return memcmp(a, b, (size_t)(colon_a - a)) == 0;
}

/* Both ends may have one address: then the ports decide. */
static bool goes_right(const struct ladder *l, const struct message_row *m)
{
	if (l->local == NULL || m->src == NULL)
		return true;
	if (strcmp(m->src, l->local) == 0)
		return true;
	if (m->dst != NULL && strcmp(m->dst, l->local) == 0)
		return false;
	return same_host(m->src, l->local);
}

static void put_arrow(struct ladder *l, const char *label, bool right, enum color color)
{
	bool utf8 = l->term->charset == TEXT_UTF8;
	const char *dash = utf8 ? "─" : "-";
	const char *side = utf8 ? "│" : "|";
	size_t room = l->arrow - 6;
	size_t columns = term_columns(l->term, label, strlen(label));
	size_t dashes = columns < room ? room - columns : 0;
	struct out *o = l->out;

	out_text(o, side);
	if (right)
		out_text(o, dash);
	else
		out_text(o, utf8 ? "◀" : "<");
	if (!right)
		out_repeat(o, dash, dashes + 1);
	else
		out_text(o, dash);
	out_char(o, ' ');
	out_text(o, term_color(l->term, color));
	term_fit(l->term, o, label, room, false);
	out_text(o, term_reset(l->term));
	out_char(o, ' ');
	if (right)
		out_repeat(o, dash, dashes + 1);
	else
		out_text(o, dash);
	out_text(o, right ? (utf8 ? "▶" : ">") : dash);
	out_text(o, side);
}

/* Columns in front: when, and how long after the first. */
static void put_margin(struct ladder *l, int64_t at_us)
{
	char after[WHEN_TEXT_MAX + 2] = "+";
	char buf[WHEN_TEXT_MAX];
	size_t len;

	if (l->count == 0)
		l->first_us = at_us;
	out_text(l->out, "  ");
	out_text(l->out, when_clock(at_us, 6, buf));
	memcpy(after + 1, when_span(usec_since(l->first_us, at_us), buf), sizeof(buf));
	len = strlen(after);
	out_repeat(l->out, " ", len < AFTER_COLUMNS ? AFTER_COLUMNS - len : 1);
	out_text(l->out, after);
	out_text(l->out, "  ");
}

void ladder_message(struct ladder *l, const struct message_row *m)
{
	char buf[LABEL_MAX];
	struct out label = {.buf = buf, .cap = sizeof(buf)};
	enum color color = COLOR_DIM;
	bool right = goes_right(l, m);
	struct sip_msg msg;

	put_margin(l, m->at_us);
	l->count++;
	if (sip_msg_parse(m->bytes, &msg) == SIP_OK) {
		put_label(l, &label, &msg);
		color = label_color(&msg);
	} else {
		out_text(&label, "not readable");
	}
	if (m->truncated)
		out_text(&label, ", cut");
	put_arrow(l, out_string(&label), right, color);
	if (m->copies > 1) {
		out_text(l->out, " x");
		out_int(l->out, m->copies);
	}
	out_char(l->out, '\n');
}
