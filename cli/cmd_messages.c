/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/usec.h"
#include "captures.h"
#include "export/json.h"
#include "sip/sip_value.h"
#include "when.h"
#include "wire_files.h"

enum {
	ENDPOINTS = 256, /* of the cache; a power of two */
	LINE_BYTES = 8192,
	SHOWN_MAX = 200,       /* bytes of one value in the table */
	DATE_BYTES = 10,       /* 2026-01-02 */
	CLOCK_BYTES = 8,       /* 03:04:05 */
	ENDPOINT_COLUMNS = 21, /* 255.255.255.255:65535 */
};

/* Endpoints as text: a capture has few of them and says them a million times. */
struct endpoint_cache {
	struct {
		struct endpoint endpoint;
		char text[ENDPOINT_TEXT_MAX];
	} slots[ENDPOINTS];
};

static const char *endpoint_cached(struct endpoint_cache *c, const struct endpoint *e)
{
	uint32_t h = 0;

	for (size_t i = 0; i < sizeof(e->ip.bytes); i++)
		h = h * 31 + e->ip.bytes[i];
	h = (h * 31 + e->port) % ENDPOINTS;
	if (!endpoint_eq(&c->slots[h].endpoint, e) || c->slots[h].text[0] == '\0') {
		c->slots[h].endpoint = *e;
		(void)endpoint_text(e, c->slots[h].text);
	}
	return c->slots[h].text;
}

struct message_list {
	struct cli *cli;
	struct out *out;
	struct json json;
	bool is_json, is_verbose;
	uint64_t messages, malformed, not_sip;
	struct endpoint_cache endpoints;
	int64_t second; /* that .clock says */
	char clock[WHEN_TEXT_MAX];
	char day[WHEN_TEXT_MAX]; /* of the last line */
};

static void print_oddities_json(struct message_list *l, const struct sip_msg *msg)
{
	json_put_key(&l->json, "oddities");
	json_begin_array(&l->json);
	for (int i = 0; i < SIP_ODD_COUNT; i++) {
		if ((msg->oddities & UINT64_C(1) << i) != 0)
			json_put_cstring(&l->json, sip_oddity_name((enum sip_oddity)i));
	}
	json_end_array(&l->json);
}

static void print_json(
    struct message_list *l, const struct wire_event *ev, const struct sip_msg *msg)
{
	struct json *j = &l->json;
	bool is_request = sip_msg_is_request(msg);

	j->need_comma = false;
	json_begin_object(j);
	json_put_key(j, "at");
	json_put_time(j, ev->at_us);
	json_put_key(j, "src");
	json_put_cstring(j, endpoint_cached(&l->endpoints, &ev->src));
	json_put_key(j, "dst");
	json_put_cstring(j, endpoint_cached(&l->endpoints, &ev->dst));
	json_put_key(j, "transport");
	json_put_cstring(j, transport_name(ev->transport));
	json_put_key(j, "method");
	json_put_string(j, is_request ? msg->method : SLICE_NONE);
	json_put_key(j, "status");
	if (is_request)
		json_put_null(j);
	else
		json_put_int(j, msg->status);
	json_put_key(j, "call_id");
	json_put_string(j, sip_msg_value(msg, SIP_HDR_CALL_ID));
	json_put_key(j, "cseq");
	if (msg->has_cseq)
		json_put_int(j, msg->cseq.number);
	else
		json_put_null(j);
	json_put_key(j, "cseq_method");
	json_put_string(j, msg->has_cseq ? msg->cseq.method : SLICE_NONE);
	if (l->is_verbose)
		print_oddities_json(l, msg);
	json_end_object(j);
	out_char(l->out, '\n');
}

/*
 * A pipe gets date and zone in each line, so that a line alone can be understood; a
 * terminal has no room for them and gets a line of its own for each day.
 * Local time costs more than a message: a second is formatted once.
 */
static void put_time(struct message_list *l, struct out *o, int64_t at_us)
{
	int64_t second = at_us / USEC_PER_SEC;
	int64_t rest = at_us % USEC_PER_SEC;

	if (rest < 0) {
		rest += USEC_PER_SEC;
		second--;
	}
	if (second != l->second || l->clock[0] == '\0') {
		(void)when_text(second * USEC_PER_SEC, 0, l->clock);
		l->second = second;
	}
	if (strlen(l->clock) < DATE_BYTES + CLOCK_BYTES + 2) { /* beyond all years */
		out_iso_time(o, at_us);
		return;
	}
	if (l->cli->term.width == 0)
		out_bytes(o, l->clock, DATE_BYTES + 1);
	out_bytes(o, l->clock + DATE_BYTES + 1, CLOCK_BYTES);
	out_char(o, '.');
	out_padded(o, (uint64_t)rest, 6);
	if (l->cli->term.width == 0)
		out_text(o, l->clock + DATE_BYTES + 1 + CLOCK_BYTES);
}

/* "2026-01-02 CET", when it is another day than that of the line before. */
static void put_day(struct message_list *l, int64_t at_us)
{
	char when[WHEN_TEXT_MAX];
	const struct term *t = &l->cli->term;

	if (t->width == 0 || at_us / USEC_PER_SEC == l->second)
		return;
	(void)when_text(at_us, 0, when);
	if (strlen(when) < DATE_BYTES + CLOCK_BYTES + 2 ||
	    memcmp(when, l->day, DATE_BYTES) == 0)
		return;
	memcpy(l->day, when, DATE_BYTES);
	out_text(l->out, term_color(t, COLOR_BOLD));
	out_bytes(l->out, when, DATE_BYTES);
	out_text(l->out, when + DATE_BYTES + 1 + CLOCK_BYTES);
	out_text(l->out, term_reset(t));
	out_char(l->out, '\n');
}

static void put_value(struct message_list *l, struct out *o, struct slice s)
{
	size_t len = s.len < SHOWN_MAX ? s.len : SHOWN_MAX;

	if (s.len == 0)
		out_char(o, '-');
	text_escape(o, slice_of(s.ptr, len), l->cli->term.charset);
	if (len < s.len)
		out_text(o, "...");
}

static void put_start_line(
    struct message_list *l, struct out *o, const struct sip_msg *msg)
{
	if (sip_msg_is_request(msg)) {
		put_value(l, o, msg->method);
		out_char(o, ' ');
		put_value(l, o, msg->uri);
		return;
	}
	out_uint(o, msg->status);
	out_char(o, ' ');
	put_value(l, o, msg->reason);
}

static void put_padded(struct out *o, const char *text, size_t columns)
{
	size_t len = strlen(text);

	out_bytes(o, text, len);
	out_repeat(o, " ", len < columns ? columns - len : 0);
}

static void put_head(struct message_list *l, struct out *o, const struct wire_event *ev)
{
	put_day(l, ev->at_us);
	put_time(l, o, ev->at_us);
	out_char(o, ' ');
	put_padded(o, transport_name(ev->transport), 4);
	put_padded(o, endpoint_cached(&l->endpoints, &ev->src), ENDPOINT_COLUMNS);
	out_text(o, " > ");
	put_padded(o, endpoint_cached(&l->endpoints, &ev->dst), ENDPOINT_COLUMNS);
	out_char(o, ' ');
}

/* One line, cut where the terminal ends: a line that wraps is hard to scan. */
static void put_line(struct message_list *l, struct out *line)
{
	const char *text = out_string(line);
	const struct term *term = &l->cli->term;

	if (term->width == 0)
		out_text(l->out, text);
	else
		term_fit(term, l->out, text, term->width, false);
	out_char(l->out, '\n');
}

static void put_oddities(struct out *o, const struct sip_msg *msg)
{
	const char *before = "  (";

	for (int i = 0; i < SIP_ODD_COUNT; i++) {
		if ((msg->oddities & UINT64_C(1) << i) == 0)
			continue;
		out_text(o, before);
		out_text(o, sip_oddity_name((enum sip_oddity)i));
		before = ", ";
	}
	if (before[0] == ',')
		out_char(o, ')');
}

static void print_text(
    struct message_list *l, const struct wire_event *ev, const struct sip_msg *msg)
{
	char buf[LINE_BYTES];
	struct out line = {.buf = buf, .cap = sizeof(buf)};

	put_head(l, &line, ev);
	put_start_line(l, &line, msg);
	if (msg->has_cseq) {
		out_text(&line, "  CSeq ");
		out_uint(&line, msg->cseq.number);
		out_char(&line, ' ');
		put_value(l, &line, msg->cseq.method);
	}
	out_text(&line, "  Call-ID ");
	put_value(l, &line, sip_msg_value(msg, SIP_HDR_CALL_ID));
	if (l->is_verbose)
		put_oddities(&line, msg);
	put_line(l, &line);
}

/* What is no message, with -v: why, and how it begins. */
static void print_other(
    struct message_list *l, const struct wire_event *ev, const char *why)
{
	char buf[LINE_BYTES];
	struct out line = {.buf = buf, .cap = sizeof(buf)};

	if (!l->is_verbose || l->is_json)
		return;
	put_head(l, &line, ev);
	out_text(&line, why);
	out_text(&line, ": ");
	put_value(l, &line, ev->bytes);
	put_line(l, &line);
}

static void take_event(
    void *ctx, const struct wire_event *ev, const struct sip_msg *msg, enum sip_rc rc)
{
	struct message_list *l = ctx;

	if (ev->kind == WIRE_NOT_SIP) {
		l->not_sip++;
		print_other(l, ev, "not SIP");
		return;
	}
	if (ev->kind != WIRE_MESSAGE || rc == SIP_E_KEEPALIVE)
		return;
	if (rc != SIP_OK) {
		l->malformed++;
		print_other(l, ev, sip_rc_name(rc));
		return;
	}
	l->messages++;
	if (l->is_json)
		print_json(l, ev, msg);
	else
		print_text(l, ev, msg);
}

static int run_messages(struct cli *cli)
{
	struct message_list l = {
	    .cli = cli,
	    .out = &cli->out,
	    .json = {.out = &cli->out},
	    .is_json = cli_given(cli, OPT_BIT(JSON)),
	    .is_verbose = cli_given(cli, OPT_BIT(VERBOSE)),
	};
	struct err e;
	int status = wire_files_read(
	    cli, (struct wire_taker){.ctx = &l, .take = take_event}, &e);

	if (!l.is_json && (status == EXIT_OK || l.messages + l.malformed > 0))
		cli_hint(cli,
		    "%llu messages, %llu malformed, %llu on SIP's ports but no SIP.",
		    (unsigned long long)l.messages, (unsigned long long)l.malformed,
		    (unsigned long long)l.not_sip);
	if (status == EXIT_OK)
		return EXIT_OK;
	(void)out_flush(&cli->out);
	return cli_fail(status, "%s", e.text);
}

const struct cmd cmd_messages = {
    .name = "messages",
    .arguments = "FILE...",
    .summary = "every SIP message of capture files, one line each",
    .help =
	"Lists every SIP message in capture files (pcap, pcapng, also gzipped; '-' is\n"
	"standard input), in capture order and as often as it was seen. Several files\n"
	"are read as one, merged by time.\n\n"
	"Examples\n"
	"  trunkwatch messages call.pcap\n"
	"  trunkwatch messages eth0.pcap eth1.pcap --port 5060-5080\n"
	"  trunkwatch messages -v odd.pcapng               what is odd, what is malformed\n"
	"  tcpdump -i any -w - port 5060 | trunkwatch messages -\n"
	"  trunkwatch messages call.pcap --json | jq -r 'select(.status >= 400) | .call_id'\n",
    .options = OPTIONS_COMMON | OPT_BIT(JSON) | OPT_BIT(PORT) | OPT_BIT(VERBOSE),
    .args_min = 1,
    .args_max = CAPTURES_MAX,
    .run = run_messages,
};
