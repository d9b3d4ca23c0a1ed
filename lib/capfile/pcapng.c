/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcapng: blocks of {type, length, body, length again}. A section header sets
 * the byte order and forgets all interfaces; interface descriptions carry link
 * type and time resolution; packets name an interface by its number.
 * draft-ietf-opsawg-pcapng.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "capfile/capfile_int.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET_OLD = 2, /* obsolete, but Wireshark 1.2 wrote it */
	BLOCK_PACKET_SIMPLE = 3,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
};

enum {
	BLOCK_HEAD_LEN = 8,
	BLOCK_TAIL_LEN = 4,
	SECTION_LEN_MIN = 28,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
};

enum {
	OPT_END = 0,
	OPT_IF_TSRESOL = 9,
	OPT_IF_TSOFFSET = 14,
	OPT_EPB_DROPCOUNT = 4,
	OPT_ISB_IFDROP = 5,
	OPT_ISB_OSDROP = 7,
};

/* A block's body, or what is left of it. */
struct body {
	const uint8_t *at;
	size_t left;
};

static bool body_take(struct body *b, size_t n, const uint8_t **out)
{
	if (n > b->left)
		return false;
	*out = b->at;
	b->at += n;
	b->left -= n;
	return true;
}

struct option {
	uint16_t code;
	uint16_t len;
	const uint8_t *value;
};

/* False at the end of the options, and where they stop making sense: nothing
 * that an option says is worth giving up a packet for. */
static bool option_next(const struct capfile *f, struct body *b, struct option *o)
{
	const uint8_t *p;
	size_t pad;

	if (!body_take(b, 4, &p))
		return false;
	o->code = capfile_u16(f, p);
	o->len = capfile_u16(f, p + 2);
	if (o->code == OPT_END || !body_take(b, o->len, &o->value))
		return false;
	pad = -(size_t)o->len % 4;
	(void)body_take(b, pad < b->left ? pad : b->left, &p);
	return true;
}

/* if_tsresol: 10^-n, or 2^-n with the top bit set. More than 64 bits can hold is
 * a resolution nobody has: the finest that fits then stands for it. */
static uint64_t units_per_second(uint8_t resolution)
{
	unsigned exponent = resolution & 0x7f;
	uint64_t units = 1;

	if ((resolution & 0x80) != 0)
		return UINT64_C(1) << (exponent < 63 ? exponent : 63);
	for (unsigned i = 0; i < exponent && i < 19; i++)
		units *= 10;
	return units;
}

/* The part of a second in ns. Digit by digit where one product would not fit into 64
 * bits: 128 are not on every machine. Of units finer than 2^-60 s the last four bits
 * go, which may make it one ns less. */
static uint64_t rest_ns(uint64_t rest, uint64_t units_per_s)
{
	uint64_t ns = 0;

	if (units_per_s == 1000000)
		return rest * 1000;
	if (units_per_s <= UINT64_MAX / 1000000000)
		return rest * 1000000000 / units_per_s;
	if (units_per_s > UINT64_C(1) << 60) {
		rest >>= 4;
		units_per_s >>= 4;
	}
	for (int digit = 0; digit < 9; digit++) {
		rest *= 10;
		ns = ns * 10 + rest / units_per_s;
		rest %= units_per_s;
	}
	return ns;
}

static int64_t stamp_ns(const struct interface *i, uint64_t stamp)
{
	const int64_t last_s = INT64_MAX / 1000000000 - 1;
	uint64_t seconds = stamp / i->units_per_s;
	uint64_t rest = stamp % i->units_per_s;
	int64_t at_s;

	if (seconds > (uint64_t)last_s ||
	    __builtin_add_overflow((int64_t)seconds, i->offset_s, &at_s) ||
	    at_s > last_s)
		return INT64_MAX;
	if (at_s < 0)
		return 0;
	rest = rest_ns(rest, i->units_per_s);
	return at_s * 1000000000 + (int64_t)rest;
}

static struct interface *add_interface(struct capfile *f, struct err *e)
{
	struct interface *more;
	uint32_t room;

	if (f->interface_count == CAPFILE_INTERFACES_MAX) {
		(void)capfile_damaged(
		    f, e, "more than %d interfaces", CAPFILE_INTERFACES_MAX);
		return NULL;
	}
	if (f->interface_count == f->interface_room) {
		room = f->interface_room == 0 ? 16 : 2 * f->interface_room;
		more = reallocarray(f->interfaces, room, sizeof(*more));
		if (more == NULL) {
			(void)err_set(e, -ENOMEM, "no memory for %u interfaces", room);
			return NULL;
		}
		f->interfaces = more;
		f->interface_room = room;
	}
	more = &f->interfaces[f->interface_count++];
	*more = (struct interface){.units_per_s = 1000000};
	return more;
}

static int read_interface(struct capfile *f, struct body body, struct err *e)
{
	struct interface *i;
	struct option o;
	const uint8_t *p;

	if (!body_take(&body, 8, &p))
		return capfile_damaged(
		    f, e, "an interface block of %zu bytes", body.left);
	i = add_interface(f, e);
	if (i == NULL)
		return e->code;
	i->linktype = capfile_u16(f, p);
	i->snaplen = capfile_u32(f, p + 4);
	while (option_next(f, &body, &o)) {
		if (o.code == OPT_IF_TSRESOL && o.len >= 1)
			i->units_per_s = units_per_second(o.value[0]);
		else if (o.code == OPT_IF_TSOFFSET && o.len >= 8)
			i->offset_s = (int64_t)capfile_u64(f, o.value);
	}
	return 0;
}

static uint64_t interface_dropped(const struct interface *i)
{
	return i->dropped_isb > i->dropped_packets ? i->dropped_isb
						   : i->dropped_packets;
}

/* A file may say the same loss twice, with the packets and in the statistics:
 * the greater of the two counts. */
static void count_dropped(
    struct capfile *f, struct interface *i, uint64_t isb, uint64_t packets)
{
	uint64_t before = interface_dropped(i);
	uint64_t after;

	if (isb > i->dropped_isb)
		i->dropped_isb = isb;
	if (__builtin_add_overflow(i->dropped_packets, packets, &i->dropped_packets))
		i->dropped_packets = UINT64_MAX;
	after = interface_dropped(i);
	if (__builtin_add_overflow(f->dropped, after - before, &f->dropped))
		f->dropped = UINT64_MAX;
}

static int read_statistics(struct capfile *f, struct body body, struct err *e)
{
	uint64_t by_interface = 0, by_system = 0, sum;
	struct option o;
	const uint8_t *p;

	if (!body_take(&body, 12, &p))
		return capfile_damaged(
		    f, e, "a statistics block of %zu bytes", body.left);
	if (capfile_u32(f, p) >= f->interface_count)
		return 0; /* says nothing about a packet we deliver */
	while (option_next(f, &body, &o)) {
		if (o.code == OPT_ISB_IFDROP && o.len == 8)
			by_interface = capfile_u64(f, o.value);
		else if (o.code == OPT_ISB_OSDROP && o.len == 8)
			by_system = capfile_u64(f, o.value);
	}
	if (__builtin_add_overflow(by_interface, by_system, &sum))
		sum = UINT64_MAX;
	count_dropped(f, &f->interfaces[capfile_u32(f, p)], sum, 0);
	return 0;
}

static int fill_frame(struct capfile *f, struct body *body, uint32_t number,
    const struct frame *draft, struct frame *frame, struct err *e)
{
	const uint8_t *p;
	size_t caplen = draft->bytes.len;

	if (!body_take(body, caplen, &p))
		return capfile_damaged(f, e, "a packet of %zu bytes in %zu of a block",
		    caplen, body->left);
	*frame = *draft;
	frame->linktype = f->interfaces[number].linktype;
	frame->ifindex = number + 1;
	frame->bytes = slice_of(p, caplen);
	if (frame->wire_len < caplen)
		frame->wire_len = (uint32_t)caplen;
	f->last_at_ns = frame->at_ns;
	return 1;
}

/* The enhanced block, and the obsolete one that differs in its first 4 bytes. */
static int read_packet(struct capfile *f, uint32_t type, struct body body,
    struct frame *frame, struct err *e)
{
	struct frame draft = {0};
	struct option o;
	const uint8_t *p;
	uint64_t dropped = 0;
	uint32_t number;
	int rc;

	if (!body_take(&body, 20, &p))
		return capfile_damaged(f, e, "a packet block of %zu bytes", body.left);
	number = capfile_u32(f, p);
	if (type == BLOCK_PACKET_OLD) {
		number = capfile_u16(f, p);
		dropped = capfile_u16(f, p + 2);
		if (dropped == UINT16_MAX) /* not known */
			dropped = 0;
	}
	if (number >= f->interface_count)
		return capfile_damaged(
		    f, e, "a packet of interface %u, which is not described", number);
	draft.at_ns = stamp_ns(&f->interfaces[number],
	    (uint64_t)capfile_u32(f, p + 4) << 32 | capfile_u32(f, p + 8));
	draft.bytes.len = capfile_u32(f, p + 12);
	draft.wire_len = capfile_u32(f, p + 16);
	rc = fill_frame(f, &body, number, &draft, frame, e);
	if (rc < 0)
		return rc;

	(void)body_take(&body, -draft.bytes.len % 4, &p);
	while (type == BLOCK_PACKET && option_next(f, &body, &o)) {
		if (o.code == OPT_EPB_DROPCOUNT && o.len == 8)
			dropped = capfile_u64(f, o.value);
	}
	if (dropped > 0)
		count_dropped(f, &f->interfaces[number], 0, dropped);
	return 1;
}

/* No time and no caplen of its own: the length and the snap length of the first
 * interface say how much is there, and it came after what came before. */
static int read_simple_packet(
    struct capfile *f, struct body body, struct frame *frame, struct err *e)
{
	struct frame draft = {.at_ns = f->last_at_ns};
	const uint8_t *p;
	uint32_t snaplen;

	if (!body_take(&body, 4, &p))
		return capfile_damaged(
		    f, e, "a simple packet block of %zu bytes", body.left);
	if (f->interface_count == 0)
		return capfile_damaged(
		    f, e, "a packet of interface 0, which is not described");
	draft.wire_len = capfile_u32(f, p);
	draft.bytes.len = draft.wire_len;
	snaplen = f->interfaces[0].snaplen;
	if (snaplen != 0 && draft.bytes.len > snaplen)
		draft.bytes.len = snaplen;
	return fill_frame(f, &body, 0, &draft, frame, e);
}

/* peek_block() has seen to the byte order and to the length. */
static int read_section(struct capfile *f, struct body body, struct err *e)
{
	const uint8_t *p = body.at;

	if (capfile_u16(f, p + 4) != 1)
		return capfile_damaged(f, e, "pcapng version %u.%u is not known",
		    capfile_u16(f, p + 4), capfile_u16(f, p + 6));
	f->interface_count = 0;
	return 0;
}

/* 1: *frame is filled; 0: a block that is no packet. */
static int read_block(struct capfile *f, uint32_t type, struct body body,
    struct frame *frame, struct err *e)
{
	switch (type) {
	case BLOCK_SECTION:
		return read_section(f, body, e);
	case BLOCK_INTERFACE:
		return read_interface(f, body, e);
	case BLOCK_STATISTICS:
		return read_statistics(f, body, e);
	case BLOCK_PACKET_SIMPLE:
		return read_simple_packet(f, body, frame, e);
	case BLOCK_PACKET:
	case BLOCK_PACKET_OLD:
		return read_packet(f, type, body, frame, e);
	default:
		return 0;
	}
}

static bool is_known(uint32_t type)
{
	return type == BLOCK_SECTION || type == BLOCK_INTERFACE ||
	       type == BLOCK_PACKET_OLD || type == BLOCK_PACKET_SIMPLE ||
	       type == BLOCK_STATISTICS || type == BLOCK_PACKET;
}

/* The head of the next block, 0 at the end. A section header brings its own byte
 * order, in which its own length is written too. */
static int peek_block(struct capfile *f, uint32_t *type, uint32_t *len, struct err *e)
{
	size_t left;
	int rc = capbuf_need(&f->buf, BLOCK_HEAD_LEN, e);

	if (rc < 0)
		return rc;
	left = capbuf_left(&f->buf);
	if (rc == 0 && left == 0)
		return 0;
	if (rc == 0)
		return capfile_damaged(
		    f, e, "cut short, %zu bytes of a block are there", left);
	*type = capfile_u32(f, capbuf_at(&f->buf));
	if (*type == BLOCK_SECTION) {
		rc = capbuf_need(&f->buf, BLOCK_HEAD_LEN + 4, e);
		if (rc < 0)
			return rc;
		if (rc == 0)
			return capfile_damaged(f, e, "cut short in a section header");
		f->big_endian = capbuf_at(&f->buf)[8] == BYTE_ORDER_MAGIC >> 24;
		if (capfile_u32(f, capbuf_at(&f->buf) + 8) != BYTE_ORDER_MAGIC)
			return capfile_damaged(
			    f, e, "a section header without its magic");
	}
	*len = capfile_u32(f, capbuf_at(&f->buf) + 4);
	if (*len < BLOCK_HEAD_LEN + BLOCK_TAIL_LEN || *len % 4 != 0 ||
	    (*type == BLOCK_SECTION && *len < SECTION_LEN_MIN))
		return capfile_damaged(f, e, "a block of %u bytes", *len);
	return 1;
}

/* Drops what is pending, in pieces: a block that we skip may be longer than any
 * buffer (decryption secrets, a journal). Interrupted, it goes on next time. */
static int drop_pending(struct capfile *f, struct err *e)
{
	while (f->pending > 0) {
		size_t left;
		int rc = capbuf_need(&f->buf, 1, e);

		if (rc < 0)
			return rc;
		if (rc == 0)
			return capfile_damaged(f, e,
			    "cut short, %zu bytes of a block are missing", f->pending);
		left = capbuf_left(&f->buf);
		if (left > f->pending)
			left = f->pending;
		capbuf_consume(&f->buf, left);
		f->pending -= left;
	}
	return 0;
}

/* One block. 1: a frame; 2: some other block; 0: the end. */
static int next_block(struct capfile *f, struct frame *frame, struct err *e)
{
	const uint8_t *p;
	uint32_t type = 0, len = 0; /* gcc -O3 does not see that 1 means filled in */
	int rc;

	rc = drop_pending(f, e);
	if (rc == 0)
		rc = peek_block(f, &type, &len, e);
	if (rc <= 0)
		return rc;
	if (!is_known(type)) {
		f->pending = len;
		return 2;
	}
	if (len > CAPFILE_RECORD_MAX)
		return capfile_damaged(f, e, "a block of %u bytes", len);

	rc = capbuf_need(&f->buf, len, e);
	if (rc < 0)
		return rc;
	p = capbuf_at(&f->buf);
	if (rc == 0)
		return capfile_damaged(f, e,
		    "cut short, %zu of %u bytes of a block are there",
		    capbuf_left(&f->buf), len);
	if (capfile_u32(f, p + len - BLOCK_TAIL_LEN) != len)
		return capfile_damaged(f, e, "a block's two lengths differ, %u and %u",
		    len, capfile_u32(f, p + len - BLOCK_TAIL_LEN));
	rc = read_block(f, type,
	    (struct body){p + BLOCK_HEAD_LEN, len - BLOCK_HEAD_LEN - BLOCK_TAIL_LEN},
	    frame, e);
	if (rc < 0)
		return rc;
	f->pending = len;
	return rc == 1 ? 1 : 2;
}

static int pcapng_next(struct capfile *f, struct frame *frame, struct err *e)
{
	int rc;

	do
		rc = next_block(f, frame, e);
	while (rc == 2);
	return rc;
}

int pcapng_open(struct capfile *f, struct err *e)
{
	uint32_t type, len;
	int rc = peek_block(f, &type, &len, e);

	f->next = pcapng_next;
	return rc < 0 ? rc : 0;
}
