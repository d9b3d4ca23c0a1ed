/* SPDX-License-Identifier: BSD-2-Clause */
#include "incomplete.h"

#include "base/usec.h"
#include "page.h"
#include "when.h"

enum { TEXT_MAX = 1024 };

/* The words of the column incomplete_why (track/facts.h). */
static const struct {
	const char *word, *sentence;
} reasons[] = {
    {"packets_lost", "The capture lost packets while this call ran."},
    {"stream_gap", "Bytes of its TCP stream are missing."},
    {"cut_short", "The capture kept only the beginning of a message."},
    {"request_unseen", "The request was not seen, only its answer."},
    {"challenge_unseen", "The challenge that the credentials answer was not seen."},
    {"answer_unseen", "It was not repeated, so somebody answered; that was not seen."},
    {"capture_ended", "The capture ended before the call did."},
    {"losses_nearby", "Messages of other calls are missing from the capture."},
};

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	while (words != NULL && *words != '\0') {
		size_t end = strcspn(words, " ");

		if (end == len && memcmp(words, word, len) == 0)
			return true;
		words += end + (words[end] == ' ');
	}
	return false;
}

static void put_reasons(struct out *o, const char *words)
{
	bool is_first = true;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (!has_word(words, reasons[i].word))
			continue;
		out_text(o, is_first ? "" : " ");
		out_text(o, reasons[i].sentence);
		is_first = false;
	}
	if (is_first) /* written before the reason was kept */
		out_text(o, "Evidence around this call may be missing.");
	out_text(o, " What is missing below may have been there.");
}

static void put_losses(struct out *o, const struct loss_row *l)
{
	char buf[WHEN_TEXT_MAX];

	out_text(o, "Lost between ");
	out_text(o, when_text(l->from_us, 0, buf));
	out_text(o, " and ");
	out_text(o, when_text(l->until_us, 0, buf));
	out_text(o, ": ");
	out_int(o, l->packets_kernel);
	out_text(o, " packets in the kernel, ");
	out_int(o, l->packets_ring);
	out_text(o, " in the ring, ");
	out_int(o, l->stream_gaps);
	out_text(o, l->stream_gaps == 1 ? " gap" : " gaps");
	out_text(o, " in TCP streams (of all traffic).");
}

int incomplete_show(
    struct cli *cli, struct query *q, const struct failure_row *r, struct err *e)
{
	char text[TEXT_MAX];
	struct out o = {.buf = text, .cap = sizeof(text)};
	struct loss_row l;
	int rc = query_losses(q, r->sensor,
	    r->started_at_us != USEC_NEVER ? r->started_at_us : r->at_us, r->at_us, &l,
	    e);
	bool were_lost = l.packets_kernel + l.packets_ring > 0 || l.stream_gaps > 0;

	if (rc != 0 || (!r->incomplete && l.packets_kernel + l.packets_ring == 0))
		return rc;
	page_heading(&cli->term, &cli->out,
	    r->incomplete ? "Evidence incomplete" : "Losses nearby");
	if (r->incomplete) {
		put_reasons(&o, r->incomplete_why);
		term_paragraph(&cli->term, &cli->out, out_string(&o), 2, 0);
		o.used = 0;
	}
	if (were_lost) {
		put_losses(&o, &l);
		term_paragraph(&cli->term, &cli->out, out_string(&o), 2, 0);
	}
	return 0;
}
