/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/websocket.h"

#include "base/cursor.h"
#include "reassemble/sniff.h"

static bool starts_with(struct slice s, struct slice prefix)
{
	size_t n = s.len < prefix.len ? s.len : prefix.len;

	return slice_eq(slice_of(s.ptr, n), slice_of(prefix.ptr, n));
}

/* Is word one of the values of a comma-separated list? */
static bool has_word(struct slice list, struct slice word)
{
	struct slice item;

	while (slice_take_until(&list, ',', &item)) {
		if (slice_eq_nocase(slice_trim(item), word))
			return true;
	}
	return slice_eq_nocase(slice_trim(list), word);
}

enum ws_rc ws_upgrade(struct slice bytes, size_t *head_len)
{
	struct slice rest = bytes;
	struct slice line, name;
	bool is_websocket = false;
	bool is_sip = false;

	if (!starts_with(bytes, SLICE("GET ")) &&
	    !starts_with(bytes, SLICE("HTTP/1.1 101 ")))
		return WS_NOT;
	if (rest.len > WS_HEAD_MAX)
		rest.len = WS_HEAD_MAX;
	while (slice_take_line(&rest, &line)) {
		if (line.len == 0) {
			*head_len = (size_t)(rest.ptr - bytes.ptr);
			return is_websocket && is_sip ? WS_OK : WS_NOT;
		}
		if (!slice_take_until(&line, ':', &name))
			continue;
		if (slice_eq_nocase(name, SLICE("Upgrade")))
			is_websocket |= has_word(line, SLICE("websocket"));
		else if (slice_eq_nocase(name, SLICE("Sec-WebSocket-Protocol")))
			is_sip |= has_word(line, SLICE("sip"));
	}
	return bytes.len >= WS_HEAD_MAX ? WS_NOT : WS_MORE;
}

static bool is_known(const struct ws_frame *f)
{
	if (f->opcode >= WS_CLOSE) /* 5.5: control frames are short and whole */
		return f->opcode <= 10 && f->is_final && f->payload_len <= 125;
	return f->opcode <= WS_BINARY && f->payload_len >> 63 == 0;
}

enum ws_rc ws_frame_head(struct slice bytes, struct ws_frame *f)
{
	struct cursor c = cursor_of(bytes);
	uint8_t b0 = cursor_u8(&c);
	uint8_t b1 = cursor_u8(&c);
	const uint8_t *mask = NULL;

	*f = (struct ws_frame){.opcode = b0 & 15,
	    .is_final = (b0 & 0x80) != 0,
	    .is_extended = (b0 & 0x70) != 0,
	    .is_masked = (b1 & 0x80) != 0,
	    .payload_len = b1 & 0x7f};
	if (f->payload_len == 126) {
		f->payload_len = cursor_u16(&c);
	} else if (f->payload_len == 127) {
		f->payload_len = (uint64_t)cursor_u32(&c) << 32;
		f->payload_len |= cursor_u32(&c);
	}
	if (f->is_masked)
		mask = cursor_take(&c, sizeof(f->mask));
	if (!cursor_ok(&c))
		return WS_MORE;
	if (mask != NULL)
		memcpy(f->mask, mask, sizeof(f->mask));
	f->head_len = bytes.len - c.left;
	return is_known(f) ? WS_OK : WS_NOT;
}

bool ws_is_message(struct slice bytes)
{
	uint8_t line[512];
	struct ws_frame f;
	size_t len;

	if (ws_frame_head(bytes, &f) != WS_OK || f.is_extended ||
	    (f.opcode != WS_TEXT && f.opcode != WS_BINARY))
		return false;
	len = bytes.len - f.head_len;
	if (len > f.payload_len)
		len = (size_t)f.payload_len;
	if (len > sizeof(line))
		len = sizeof(line);
	if (len == 0)
		return false;
	ws_unmask(&f, line, (const uint8_t *)bytes.ptr + f.head_len, len);
	return sniff_sip(slice_of(line, len), false) == SNIFF_SIP;
}

void ws_unmask(const struct ws_frame *f, uint8_t *to, const uint8_t *from, size_t len)
{
	memmove(to, from, len);
	if (!f->is_masked)
		return;
	for (size_t i = 0; i < len; i++)
		to[i] ^= f->mask[i & 3];
}
