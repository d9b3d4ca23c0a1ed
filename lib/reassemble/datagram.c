/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * datagram - SIP in UDP datagrams and in HEP packets.
 *
 * One datagram is one message: its end is the end of the message, and bytes behind
 * Content-Length are to be discarded (RFC 3261 18.3; RFC 4475 3.1.1.8 puts a whole
 * INVITE there that is noise). So nothing but the first line is read here.
 */
#include "reassemble/reassemble_int.h"
#include "reassemble/sniff.h"

static struct wire_event event_of(const struct packet *pkt)
{
	return (struct wire_event){.transport = TRANSPORT_UDP,
	    .at_us = pkt->at_us,
	    .src = pkt->src,
	    .dst = pkt->dst,
	    .direction = pkt->direction,
	    .ifindex = pkt->ifindex,
	    .truncated = pkt->truncated};
}

void datagram_packet(struct reassembler *r, const struct packet *pkt)
{
	bool is_watched;
	struct slice sip;

	if (hep_is(pkt->payload) && reassemble_is_hep_port(r, &pkt->dst, &pkt->dst)) {
		struct wire_event base = event_of(pkt);

		datagram_hep(r, pkt->payload, pkt->truncated, &base);
		return;
	}
	is_watched = reassemble_is_watched(r, &pkt->src, &pkt->dst);
	if (!is_watched && !r->is_any_port) {
		r->stats[REASSEMBLE_STAT_OTHER_PORT]++;
		return;
	}
	/* RTP and its like, of which there is more than of SIP. */
	if (!is_watched && pkt->payload.len > 0 && (pkt->payload.ptr[0] & 0x80) != 0)
		return;
	sip = sniff_skip_crlf(pkt->payload);
	if (sniff_sip(sip, true) == SNIFF_SIP) {
		struct wire_event ev = event_of(pkt);

		ev.kind = WIRE_MESSAGE;
		ev.bytes = sip;
		r->stats[REASSEMBLE_STAT_MESSAGES_UDP]++;
		reassemble_push(r, &ev);
	} else if (is_watched && sniff_keepalive(pkt->payload)) {
		r->stats[REASSEMBLE_STAT_KEEPALIVE]++;
	} else if (is_watched) {
		struct wire_event ev = event_of(pkt);

		ev.kind = WIRE_NOT_SIP;
		ev.bytes = pkt->payload;
		reassemble_count_foreign(r, pkt->payload);
		reassemble_push(r, &ev);
	}
}

static bool unpack(
    struct reassembler *r, struct slice bytes, bool is_cut, struct hep_packet *hep)
{
	if (hep_decode(bytes, is_cut, hep) != HEP_OK) {
		r->stats[REASSEMBLE_STAT_HEP_BAD]++;
		return false;
	}
	if (r->config.hep_key.ptr != NULL &&
	    !hep_key_matches(r->config.hep_key, hep->key)) {
		r->stats[REASSEMBLE_STAT_HEP_KEY]++;
		return false;
	}
	r->stats[REASSEMBLE_STAT_HEP_PACKETS]++;
	if (hep->type != HEP_TYPE_SIP) {
		r->stats[REASSEMBLE_STAT_HEP_NOT_SIP]++;
		return false;
	}
	if (!hep->is_compressed)
		return true;
	hep->payload =
	    hep->is_cut ? SLICE_NONE : hep_inflate(r->inflater, hep->payload);
	r->stats[hep->payload.ptr == NULL ? REASSEMBLE_STAT_HEP_INFLATE_BAD
					  : REASSEMBLE_STAT_HEP_INFLATED]++;
	return hep->payload.ptr != NULL;
}

void datagram_hep(struct reassembler *r, struct slice bytes, bool is_cut,
    const struct wire_event *base)
{
	struct wire_event ev = *base;
	struct hep_packet hep;

	if (!unpack(r, bytes, is_cut, &hep))
		return;
	ev.kind = WIRE_MESSAGE;
	ev.transport = TRANSPORT_HEP;
	ev.src = hep.src;
	ev.dst = hep.dst;
	ev.truncated = hep.is_cut;
	if (hep.at_us != 0)
		ev.at_us = hep.at_us;
	r->hep_event = ev;
	r->hep_rest = hep.payload;
	/* A mirrored datagram is one message; mirrored TCP may hold several. */
	r->hep_is_stream = hep.proto == 6;
}

/* The next message of a HEP payload. */
bool datagram_next(struct reassembler *r, struct wire_event *ev)
{
	struct slice sip = sniff_skip_crlf(r->hep_rest);
	struct sipcut_found found = {0};
	struct sipcut cut = {0};

	r->hep_rest = SLICE_NONE;
	if (sip.len == 0) {
		r->stats[REASSEMBLE_STAT_KEEPALIVE]++;
		return false;
	}
	*ev = r->hep_event;
	ev->bytes = sip;
	if (sniff_sip(sip, true) != SNIFF_SIP) {
		r->stats[REASSEMBLE_STAT_HEP_NOT_SIP]++;
		return false;
	}
	if (r->hep_is_stream &&
	    sipcut_next(&cut, sip, sip.len, &found) == SIPCUT_MESSAGE) {
		struct slice rest = slice_of(
		    sip.ptr + found.skip + found.len, sip.len - found.skip - found.len);

		ev->bytes = slice_of(sip.ptr + found.skip, found.len);
		r->hep_rest = sniff_skip_crlf(rest);
	}
	r->stats[REASSEMBLE_STAT_MESSAGES_HEP]++;
	return true;
}
