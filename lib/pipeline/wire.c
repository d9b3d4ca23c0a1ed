/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "decode/peek.h"
#include "pipeline/offer.h"
#include "pipeline/pipeline.h"
#include "sip/sip_msg.h"

struct wire {
	struct reassembler *reassembler;
	uint64_t decode[DECODE_RC_COUNT];
	struct packet packet;
	struct sip_msg msg;
};

int wire_new(const struct reassemble_config *c, const struct hash_key *key,
    struct wire **out, struct err *e)
{
	struct wire *w = calloc(1, sizeof(*w));
	struct reassemble_config config = *c;
	int rc;

	if (w == NULL)
		return err_set(e, -ENOMEM, "wire: out of memory");
	config.may_offer = true;
	rc = reassembler_new(&config, key, &w->reassembler, e);
	if (rc < 0) {
		free(w);
		return rc;
	}
	*out = w;
	return 0;
}

void wire_free(struct wire *w)
{
	if (w == NULL)
		return;
	reassembler_free(w->reassembler);
	free(w);
}

uint64_t wire_memory(const struct wire *w)
{
	return sizeof(*w) + reassembler_memory(w->reassembler);
}

const struct packet *wire_frame(struct wire *w, const struct frame *frame)
{
	enum decode_rc rc;
	struct peek media;

	if (peek_media(frame, &media) &&
	    reassemble_passes_over(
		w->reassembler, frame->at_ns / 1000, media.src_port, media.dst_port)) {
		w->decode[DECODE_OK]++;
		return NULL;
	}
	rc = decode_frame(frame, &w->packet);
	w->decode[rc]++;
	if (rc != DECODE_OK)
		return NULL;
	if (w->packet.kind == PACKET_ICMP)
		return &w->packet;
	return reassemble_packet(w->reassembler, &w->packet) ? &w->packet : NULL;
}

void wire_hep(struct wire *w, struct slice datagram, int64_t now_us)
{
	reassemble_hep(w->reassembler, datagram, now_us);
}

void wire_tick(struct wire *w, int64_t now_us)
{
	reassemble_tick(w->reassembler, now_us);
}

bool wire_next_event(struct wire *w, struct wire_event *ev)
{
	return reassemble_next(w->reassembler, ev);
}

void wire_took(struct wire *w, size_t n)
{
	reassemble_took(w->reassembler, n);
}

/* Parsed. False: it was offered and is no message. */
static bool take_message(struct wire *w, struct wire_event *ev, enum sip_rc *rc)
{
	*rc = sip_msg_parse(ev->bytes, &w->msg);
	if (!ev->is_offer)
		return true;
	ev->bytes.len = offer_take(ev->bytes, &w->msg, *rc);
	wire_took(w, ev->bytes.len);
	return ev->bytes.len > 0;
}

bool wire_next(
    struct wire *w, struct wire_event *ev, const struct sip_msg **msg, enum sip_rc *rc)
{
	*msg = &w->msg;
	*rc = SIP_E_NOT_SIP;
	while (wire_next_event(w, ev)) {
		if (ev->kind != WIRE_MESSAGE || take_message(w, ev, rc))
			return true;
		*rc = SIP_E_NOT_SIP;
	}
	return false;
}

const uint64_t *wire_decode_counts(const struct wire *w)
{
	return w->decode;
}

const uint64_t *wire_reassemble_stats(const struct wire *w)
{
	return reassemble_stats(w->reassembler);
}

void wire_usage(const struct wire *w, struct usage out[REASSEMBLER_TABLES])
{
	reassembler_usage(w->reassembler, out);
}
