/* SPDX-License-Identifier: BSD-2-Clause */
#include "words.h"

#include "base/usec.h"

#include "decode/packet.h"

const char *words_icmp(int64_t reason)
{
	static const char *const names[] = {
	    [ICMP_REASON_OTHER] = "unreachable",
	    [ICMP_REASON_NET_UNREACHABLE] = "network unreachable",
	    [ICMP_REASON_HOST_UNREACHABLE] = "host unreachable",
	    [ICMP_REASON_PROTOCOL_UNREACHABLE] = "protocol unreachable",
	    [ICMP_REASON_PORT_UNREACHABLE] = "port unreachable",
	    [ICMP_REASON_ADMIN_PROHIBITED] = "administratively prohibited",
	    [ICMP_REASON_TOO_BIG] = "packet too big",
	    [ICMP_REASON_TIME_EXCEEDED] = "time exceeded",
	};

	if (reason < 0 || reason >= (int64_t)(sizeof(names) / sizeof(names[0])))
		reason = 0;
	return names[reason];
}

static bool is(const char *value, const char *word)
{
	return value != NULL && strcmp(value, word) == 0;
}

static void put_silence(struct out *o, const struct failure_row *r)
{
	if (is(r->outcome, "unreachable")) {
		out_text(o, r->tcp_refused ? "TCP refused" : words_icmp(r->icmp));
	} else if (is(r->outcome, "challenge_unanswered") && r->challenge_code != 0) {
		out_int(o, r->challenge_code);
		out_text(o, ", we did not retry");
	} else {
		out_text(o, "no answer");
	}
}

const char *words_answer(
    const struct term *t, const struct failure_row *r, char buf[WORDS_MAX])
{
	struct out o = {.buf = buf, .cap = WORDS_MAX};

	if (r->code == 0) {
		put_silence(&o, r);
		return out_string(&o);
	}
	out_int(&o, r->code);
	if (r->reason.len > 0) {
		out_char(&o, ' ');
		text_escape(&o, r->reason, t->charset);
	}
	return out_string(&o);
}

const char *words_percent(double share, char buf[WORDS_MAX])
{
	struct out o = {.buf = buf, .cap = WORDS_MAX};

	if (!(share >= 0 && share <= 1))
		return "-";
	out_int(&o, (int64_t)(share * 100 + 0.5));
	out_text(&o, " %");
	return out_string(&o);
}

const char *words_trunk_state(const struct trunk_row *r)
{
	if (r->verdict != NULL)
		return "failing";
	if (is(r->registration, "refused") || is(r->registration, "unanswered") ||
	    is(r->registration, "expired") || is(r->reachability, "unreachable"))
		return "degraded";
	return r->attempts == 0 ? "idle" : "ok";
}

const char *words_registration(const struct trunk_row *r, char buf[WORDS_MAX])
{
	struct out o = {.buf = buf, .cap = WORDS_MAX};

	if (r->registration == NULL || is(r->registration, "unknown"))
		return "-";
	out_text(&o, r->registration);
	if (is(r->registration, "refused") && r->registration_code != 0) {
		out_text(&o, " (");
		out_int(&o, r->registration_code);
		out_char(&o, ')');
	}
	return out_string(&o);
}

const char *words_reachability(const struct trunk_row *r, char buf[WORDS_MAX])
{
	struct out o = {.buf = buf, .cap = WORDS_MAX};

	if (r->reachability == NULL || is(r->reachability, "unknown"))
		return "-";
	out_text(&o, r->reachability);
	if (is(r->reachability, "reachable") && r->rtt_us > 0) {
		out_text(&o, r->rtt_us >= 2000 * USEC_PER_MSEC ? ", lagged " : ", ");
		out_fixed(&o, r->rtt_us / 100, 1);
		out_text(&o, " ms");
	}
	return out_string(&o);
}

enum color words_color(double confidence)
{
	return confidence >= 0.7 ? COLOR_RED : COLOR_YELLOW;
}
