/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reassemble - packets to whole SIP messages.
 *
 * In         Packets in capture order: UDP, TCP and fragments (ICMP errors that
 *            quote SIP go straight to track/).
 * Out        Events, pulled with reassemble_next() until it says no: SIP
 *            messages of UDP datagrams (one each: RFC 3261 18.3), of TCP streams,
 *            of WebSocket frames (RFC 7118) and of HEPv3; and what TCP itself
 *            says about a trunk (refused, reset, no answer, gap).
 * Ownership  Bytes of an event are borrowed, from the packet or from a buffer
 *            here, until the next call of reassemble_next() or any other that
 *            takes the reassembler.
 * Limits     struct reassemble_config; whatever is thrown away has a counter in
 *            reassemble_stats.def. No eviction order depends on the hash key.
 * Threads    One reassembler, one thread.
 * Cost       UDP: a sniff of the first line, nothing is copied. An in-order TCP
 *            segment that holds whole messages is not copied either.
 */
#ifndef REASSEMBLE_REASSEMBLE_H
#define REASSEMBLE_REASSEMBLE_H

#include "base/err.h"
#include "base/hash.h"
#include "base/usage.h"
#include "decode/packet.h"

enum transport {
	TRANSPORT_UDP = 0,
	TRANSPORT_TCP,
	TRANSPORT_WS,
	TRANSPORT_HEP,
};

const char *transport_name(enum transport t); /* "udp", "tcp", "ws", "hep" */

enum wire_event_kind {
	WIRE_MESSAGE = 0, /* .bytes begins like a SIP start line */
	WIRE_NOT_SIP,     /* on a SIP port, but no SIP: counted, .bytes holds it */
	WIRE_TCP_REFUSED, /* RST answered our SYN: src refused dst */
	WIRE_TCP_RESET,   /* RST inside a connection: src reset it */
	WIRE_TCP_SILENT,  /* a SYN and its repeats were never answered; src asked dst */
	WIRE_GAP,         /* bytes of a stream src -> dst are missing for good */
};

struct wire_event {
	enum wire_event_kind kind;
	enum transport transport;
	int64_t at_us; /* of the packet that completed it; HEP: the stamp it carries */
	struct endpoint src, dst;
	enum packet_direction direction;
	uint32_t ifindex;
	bool truncated; /* the snap length cut it */
	bool is_offer;  /* nobody looked where it ends: reassemble_took() */
	struct slice bytes;
};

struct port_range {
	uint16_t first, last;
};

struct reassemble_config {
	const struct port_range *ports; /* borrowed; none: SIP on any port */
	size_t port_count;
	uint16_t hep_port;         /* HEP datagrams to this port; 0: any port */
	struct slice hep_key;      /* SLICE_NONE: any key is accepted */
	uint32_t datagrams_max;    /* IP datagrams under reassembly */
	uint32_t datagram_bytes;   /* all of them together */
	uint32_t flows_max;        /* TCP directions followed */
	uint32_t flow_bytes;       /* one direction's buffer, bytes */
	uint32_t stream_bytes;     /* all of them together */
	uint32_t hole_wait_ms;     /* how long a hole in a stream is waited for */
	uint32_t fragment_wait_ms; /* 30000: RFC 791 says 15 to 120 s */
	bool may_offer;            /* the caller parses, and says what he took */
};

void reassemble_config_default(struct reassemble_config *c);

enum reassemble_stat {
#define REASSEMBLE_STAT(id, name, help) REASSEMBLE_STAT_##id,
#include "reassemble/reassemble_stats.def"
	REASSEMBLE_STAT_COUNT
};

struct reassembler;

int reassembler_new(const struct reassemble_config *config, const struct hash_key *key,
    struct reassembler **out, struct err *e);
void reassembler_free(struct reassembler *r);

/* Bytes reserved: whatever comes, it is never more. */
uint64_t reassembler_memory(const struct reassembler *r);

/* Datagrams, their bytes, connections, bytes of streams. */
enum { REASSEMBLER_TABLES = 4 };
void reassembler_usage(
    const struct reassembler *r, struct usage out[REASSEMBLER_TABLES]);

/* Events of the packet before must have been taken; what is left is lost. False:
 * reassemble_next() would say so, too. */
bool reassemble_packet(struct reassembler *r, const struct packet *pkt);

/* Would reassemble_packet() do nothing but count a datagram of media (peek.h) between
 * these ports, and say false? Then it is done; else it has to be called. */
bool reassemble_passes_over(
    struct reassembler *r, int64_t at_us, uint16_t src_port, uint16_t dst_port);

/* All packets up to now have been seen: give up holes and fragments. */
void reassemble_tick(struct reassembler *r, int64_t now_us);

bool reassemble_next(struct reassembler *r, struct wire_event *ev);

/*
 * The event given last was an offer: so many of its bytes, from the first on, were one
 * message; of the others, what is in them comes next. 0: it was none, it comes again
 * and cut by its framing. To be said before anything else; unsaid, all of it was one.
 */
void reassemble_took(struct reassembler *r, size_t n);

const uint64_t *reassemble_stats(const struct reassembler *r); /* [STAT_COUNT] */
const char *reassemble_stat_name(enum reassemble_stat s);

/* HEPv3 as it came from a socket, not from a captured packet. */
void reassemble_hep(struct reassembler *r, struct slice datagram, int64_t now_us);

#endif
