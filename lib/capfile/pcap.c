/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcap: 24 bytes of file header, then records of 16 bytes of header (or more,
 * see below) and caplen bytes of packet. draft-ietf-opsawg-pcap.
 */
#include <errno.h>

#include "capfile/capfile_int.h"

enum {
	FILE_HEADER_LEN = 24,
	RECORD_HEADER_LEN = 16,   /* seconds, fraction, caplen, length */
	MODIFIED_HEADER_LEN = 24, /* and ifindex, protocol, packet type, pad */
	SS990915_HEADER_LEN = 28, /* SuSE 6.3: and the number of a CPU, twice */
	NOKIA_HEADER_LEN = 20,    /* and four bytes nobody has explained */
	PROBE_RECORDS = 3,
};

enum {
	MAGIC_USEC = 0xa1b2c3d4,
	MAGIC_NSEC = 0xa1b23c4d,
	MAGIC_MODIFIED = 0xa1b2cd34, /* Alexey Kuznetzov's patched libpcap */
};

/*
 * Some writers put longer record headers under a magic that does not say so. The
 * kind whose first records make sense is the right one: Wireshark's probe too.
 */
static const uint8_t usec_kinds[] = {
    RECORD_HEADER_LEN, MODIFIED_HEADER_LEN, NOKIA_HEADER_LEN, 0};
static const uint8_t nsec_kinds[] = {RECORD_HEADER_LEN, 0};
static const uint8_t modified_kinds[] = {MODIFIED_HEADER_LEN, SS990915_HEADER_LEN, 0};

struct record {
	uint32_t seconds, fraction;
	uint32_t caplen, wire_len;
};

static struct record record_at(const struct capfile *f, const uint8_t *p)
{
	struct record r = {
	    .seconds = capfile_u32(f, p),
	    .fraction = capfile_u32(f, p + 4),
	    .caplen = capfile_u32(f, p + 8),
	    .wire_len = capfile_u32(f, p + 12),
	};

	/* Up to version 2.2 the lengths stood the other way round; in 2.3 it
	 * depends on who wrote it. */
	if (f->version_minor < 3 || (f->version_minor == 3 && r.caplen > r.wire_len)) {
		uint32_t caplen = r.wire_len;

		r.wire_len = r.caplen;
		r.caplen = caplen;
	}
	return r;
}

static bool record_is_plausible(const struct capfile *f, const struct record *r)
{
	return r->caplen <= f->record_max && r->caplen <= r->wire_len &&
	       r->wire_len <= CAPFILE_SNAPLEN_MAX &&
	       r->fraction < (f->nanoseconds ? 1000000000u : 1000000u);
}

/*
 * How many of the first records look right with that header, or -1 when one does
 * not. Only what is in the buffer already is asked, so that a pipe's first packet
 * never waits for the second.
 */
static int probe_kind(const struct capfile *f, size_t header_len)
{
	size_t left = capbuf_left(&f->buf);
	size_t at = 0;
	int count = 0;

	while (count < PROBE_RECORDS && at <= left && left - at >= header_len) {
		struct record r = record_at(f, capbuf_at(&f->buf) + at);

		if (!record_is_plausible(f, &r))
			return -1;
		at += header_len + r.caplen;
		count++;
	}
	return count;
}

/* The usual kind unless it is contradicted and another one confirmed: by two
 * records, as the first says the same in every kind. Damage is no disguise. */
static uint8_t choose_kind(const struct capfile *f, const uint8_t *kinds)
{
	if (probe_kind(f, kinds[0]) >= 0)
		return kinds[0];
	for (const uint8_t *kind = kinds + 1; *kind != 0; kind++) {
		if (probe_kind(f, *kind) >= 2)
			return *kind;
	}
	return kinds[0];
}

static int64_t stamp_ns(const struct capfile *f, const struct record *r)
{
	int64_t fraction = r->fraction;

	return (int64_t)r->seconds * 1000000000 +
	       (f->nanoseconds ? fraction : 1000 * fraction);
}

static int pcap_next(struct capfile *f, struct frame *frame, struct err *e)
{
	struct record r;
	const uint8_t *p;
	int rc;

	rc = capbuf_need(&f->buf, f->header_len, e);
	if (rc < 0)
		return rc;
	if (rc == 0 && capbuf_left(&f->buf) == 0)
		return 0;
	if (rc == 0)
		return capfile_damaged(f, e, "cut short in a record's header");
	r = record_at(f, capbuf_at(&f->buf));
	if (r.caplen > f->record_max)
		return capfile_damaged(f, e, "a record of %u bytes", r.caplen);

	rc = capbuf_need(&f->buf, f->header_len + (size_t)r.caplen, e);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return capfile_damaged(f, e,
		    "cut short, %zu of %u bytes of the packet are there",
		    capbuf_left(&f->buf) - f->header_len, r.caplen);
	p = capbuf_at(&f->buf);
	*frame = (struct frame){
	    .at_ns = stamp_ns(f, &r),
	    .linktype = f->linktype,
	    .ifindex =
		f->header_len >= MODIFIED_HEADER_LEN ? capfile_u32(f, p + 16) : 0,
	    .wire_len = r.wire_len > r.caplen ? r.wire_len : r.caplen,
	    .bytes = slice_of(p + f->header_len, r.caplen),
	};
	capbuf_consume(&f->buf, f->header_len + (size_t)r.caplen);
	return 1;
}

/* Whatever is odd about a record, or behind the last whole one, pcap_next() says. */
static size_t pcap_take(
    struct capfile *f, struct frame *frames, size_t max, uint64_t before)
{
	size_t n = 0;

	for (; n < max && f->buf.offset < before; n++) {
		size_t left = capbuf_left(&f->buf);
		const uint8_t *p = capbuf_at(&f->buf);
		struct record r;

		if (left < RECORD_HEADER_LEN)
			break;
		r = record_at(f, p);
		if (r.caplen > f->record_max || r.caplen > r.wire_len ||
		    r.caplen > left - RECORD_HEADER_LEN)
			break;
		frames[n] = (struct frame){
		    .at_ns = stamp_ns(f, &r),
		    .linktype = f->linktype,
		    .wire_len = r.wire_len,
		    .bytes = slice_of(p + RECORD_HEADER_LEN, r.caplen),
		};
		capbuf_consume(&f->buf, RECORD_HEADER_LEN + (size_t)r.caplen);
	}
	return n;
}

/* The kinds of record header this magic allows, or NULL. Sets the byte order. */
static const uint8_t *take_magic(struct capfile *f, const uint8_t *p)
{
	for (int big = 0; big <= 1; big++) {
		f->big_endian = big != 0;
		switch (capfile_u32(f, p)) {
		case MAGIC_USEC:
			return usec_kinds;
		case MAGIC_MODIFIED:
			return modified_kinds;
		case MAGIC_NSEC:
			f->nanoseconds = true;
			return nsec_kinds;
		}
	}
	return NULL;
}

int pcap_open(struct capfile *f, struct err *e)
{
	const uint8_t *kinds = take_magic(f, capbuf_at(&f->buf));
	const uint8_t *p;
	uint32_t snaplen;
	int rc;

	if (kinds == NULL)
		return err_set(
		    e, -EBADMSG, "no capture file (neither pcap nor pcapng)");
	rc = capbuf_need(&f->buf, FILE_HEADER_LEN, e);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return err_set(e, -EBADMSG, "cut short in the pcap file header");
	p = capbuf_at(&f->buf);
	if (capfile_u16(f, p + 4) != 2)
		return err_set(e, -EBADMSG, "pcap version %u.%u is not known",
		    capfile_u16(f, p + 4), capfile_u16(f, p + 6));
	f->version_minor =
	    (uint8_t)(capfile_u16(f, p + 6) > 4 ? 4 : capfile_u16(f, p + 6));
	snaplen = capfile_u32(f, p + 16);
	f->record_max = CAPFILE_SNAPLEN_MAX;
	if (snaplen > f->record_max)
		f->record_max =
		    snaplen < CAPFILE_RECORD_MAX ? snaplen : CAPFILE_RECORD_MAX;
	/* Above: the length of the frame check sequence, and reserved bits. */
	f->linktype = capfile_u32(f, p + 20) & 0xffff;
	capbuf_consume(&f->buf, FILE_HEADER_LEN);

	f->header_len = choose_kind(f, kinds);
	f->next = pcap_next;
	if (f->header_len == RECORD_HEADER_LEN && f->version_minor == 4)
		f->take = pcap_take;
	return 0;
}
