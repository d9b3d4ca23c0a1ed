/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/hep.h"

#define ZLIB_CONST /* next_in points to what we may not write */
#include <zlib.h>

#include "base/cursor.h"
#include "base/usec.h"

enum hep_chunk {
	CHUNK_PROTO = 0x02,
	CHUNK_SRC4 = 0x03,
	CHUNK_DST4 = 0x04,
	CHUNK_SRC6 = 0x05,
	CHUNK_DST6 = 0x06,
	CHUNK_SRC_PORT = 0x07,
	CHUNK_DST_PORT = 0x08,
	CHUNK_SECONDS = 0x09,
	CHUNK_USECONDS = 0x0a,
	CHUNK_TYPE = 0x0b,
	CHUNK_KEY = 0x0e,
	CHUNK_PAYLOAD = 0x0f,
	CHUNK_PACKED = 0x10,
};

struct stamp {
	uint32_t s, us;
};

enum hep_rc hep_length(struct slice bytes, size_t *len)
{
	struct cursor c = cursor_of(bytes);

	if (bytes.len >= 4 && !hep_is(bytes))
		return HEP_BAD;
	cursor_skip(&c, 4);
	*len = cursor_u16(&c);
	if (!cursor_ok(&c))
		return HEP_MORE;
	return *len < HEP_HEAD ? HEP_BAD : HEP_OK;
}

static bool take_address(struct slice body, uint8_t family, struct ip_addr *out)
{
	size_t want = family == 4 ? 4 : 16;

	if (body.len != want)
		return false;
	*out = (struct ip_addr){.family = family};
	memcpy(out->bytes, body.ptr, want);
	return true;
}

static bool take_numbers(
    uint16_t type, struct slice body, struct hep_packet *p, struct stamp *stamp)
{
	struct cursor c = cursor_of(body);

	switch (type) {
	case CHUNK_PROTO:
		p->proto = cursor_u8(&c);
		break;
	case CHUNK_TYPE:
		p->type = cursor_u8(&c);
		break;
	case CHUNK_SRC_PORT:
		p->src.port = cursor_u16(&c);
		break;
	case CHUNK_DST_PORT:
		p->dst.port = cursor_u16(&c);
		break;
	case CHUNK_SECONDS:
		stamp->s = cursor_u32(&c);
		break;
	case CHUNK_USECONDS:
		stamp->us = cursor_u32(&c);
		break;
	default:
		return true; /* a chunk we have no use for */
	}
	return cursor_ok(&c) && c.left == 0;
}

static bool take_chunk(
    uint16_t type, struct slice body, struct hep_packet *p, struct stamp *stamp)
{
	switch (type) {
	case CHUNK_SRC4:
		return take_address(body, 4, &p->src.ip);
	case CHUNK_DST4:
		return take_address(body, 4, &p->dst.ip);
	case CHUNK_SRC6:
		return take_address(body, 6, &p->src.ip);
	case CHUNK_DST6:
		return take_address(body, 6, &p->dst.ip);
	case CHUNK_KEY:
		p->key = body;
		return true;
	case CHUNK_PAYLOAD:
	case CHUNK_PACKED:
		p->payload = body;
		p->is_compressed = type == CHUNK_PACKED;
		return true;
	default:
		return take_numbers(type, body, p, stamp);
	}
}

enum hep_rc hep_decode(struct slice bytes, bool is_cut, struct hep_packet *out)
{
	struct hep_packet p = {0};
	struct stamp stamp = {0};
	struct cursor c = cursor_of(bytes);
	size_t total;

	if (hep_length(bytes, &total) != HEP_OK || (total > bytes.len && !is_cut))
		return HEP_BAD;
	if (total < bytes.len)
		c.left = total;
	cursor_skip(&c, HEP_HEAD);
	while (c.left > 0) {
		uint16_t vendor = cursor_u16(&c);
		uint16_t type = cursor_u16(&c);
		uint16_t len = cursor_u16(&c);
		struct slice body;
		size_t want;

		if (!cursor_ok(&c))
			break; /* not even a chunk's head is left */
		if (len < HEP_HEAD)
			return HEP_BAD;
		want = (size_t)len - HEP_HEAD;
		p.is_cut = want > c.left;
		if (p.is_cut && !is_cut)
			return HEP_BAD;
		body = cursor_take_upto(&c, want);
		if (vendor == 0 && !take_chunk(type, body, &p, &stamp))
			return HEP_BAD;
	}
	if (!cursor_ok(&c) && !is_cut)
		return HEP_BAD;
	if (p.payload.ptr == NULL || p.src.ip.family == 0 ||
	    p.src.ip.family != p.dst.ip.family)
		return HEP_BAD;
	if (stamp.s != 0 && stamp.us < USEC_PER_SEC)
		p.at_us = (int64_t)stamp.s * USEC_PER_SEC + stamp.us;
	*out = p;
	return HEP_OK;
}

bool hep_key_matches(struct slice want, struct slice got)
{
	size_t diff = want.len ^ got.len;

	if (got.len == 0 || want.len == 0)
		return want.len == got.len;
	/* As long as what the sender chose: our key's length is not told either. */
	for (size_t i = 0; i < got.len; i++)
		diff |= (uint8_t)(got.ptr[i] ^ want.ptr[i % want.len]);
	return diff == 0;
}

static void *arena_take(void *opaque, unsigned int items, unsigned int size)
{
	struct hep_inflater *inf = opaque;
	size_t want = ((size_t)items * size + 15) & ~(size_t)15;
	void *at = inf->arena + inf->arena_used;

	if (want > sizeof(inf->arena) - inf->arena_used)
		return NULL;
	inf->arena_used += want;
	return at;
}

static void arena_give(void *opaque, void *at)
{
	(void)opaque;
	(void)at; /* all at once, at the next packet */
}

struct slice hep_inflate(struct hep_inflater *inf, struct slice packed)
{
	enum { GZIP_OR_ZLIB = 32 };
	z_stream z = {.zalloc = arena_take, .zfree = arena_give, .opaque = inf};
	int rc;

	inf->arena_used = 0;
	if (packed.len == 0 || packed.len > HEP_INFLATED_MAX ||
	    inflateInit2(&z, MAX_WBITS + GZIP_OR_ZLIB) != Z_OK)
		return SLICE_NONE;
	z.next_in = (const Bytef *)packed.ptr;
	z.avail_in = (uInt)packed.len;
	z.next_out = inf->out;
	z.avail_out = sizeof(inf->out);
	rc = inflate(&z, Z_FINISH);
	(void)inflateEnd(&z);
	if (rc != Z_STREAM_END)
		return SLICE_NONE;
	return slice_of(inf->out, sizeof(inf->out) - z.avail_out);
}
