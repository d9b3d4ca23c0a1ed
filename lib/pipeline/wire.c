/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "decode/peek.h"
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
	int rc;

	if (w == NULL)
		return err_set(e, -ENOMEM, "wire: out of memory");
	rc = reassembler_new(c, key, &w->reassembler, e);
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

bool wire_next(
    struct wire *w, struct wire_event *ev, const struct sip_msg **msg, enum sip_rc *rc)
{
	if (!wire_next_event(w, ev))
		return false;
	*rc = SIP_E_NOT_SIP;
	if (ev->kind == WIRE_MESSAGE)
		*rc = sip_msg_parse(ev->bytes, &w->msg);
	*msg = &w->msg;
	return true;
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
