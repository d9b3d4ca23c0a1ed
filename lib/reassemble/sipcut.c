/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/sipcut.h"

#include "base/wide.h"
#include "reassemble/sniff.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The value, with the lines folded into it; false: another header. */
static bool is_content_length(struct slice line, struct slice *value)
{
	static const struct slice names[] = {
	    SLICE_INIT("Content-Length"), SLICE_INIT("l")};

	for (size_t i = 0; i < 2; i++) {
		size_t n = names[i].len;

		if (line.len <= n || !slice_eq_nocase(slice_of(line.ptr, n), names[i]))
			continue;
		while (n < line.len && (line.ptr[n] == ' ' || line.ptr[n] == '\t'))
			n++;
		if (n == line.len || line.ptr[n] != ':')
			continue;
		*value = slice_of(line.ptr + n + 1, line.len - n - 1);
		return true;
	}
	return false;
}

static int64_t to_length(struct slice v)
{
	int64_t n = 0;

	while (v.len > 0 && is_blank(*v.ptr)) {
		v.ptr++;
		v.len--;
	}
	while (v.len > 0 && is_blank(v.ptr[v.len - 1]))
		v.len--;
	if (v.len == 0)
		return SIPCUT_LENGTH_BAD;
	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] < '0' || v.ptr[i] > '9')
			return SIPCUT_LENGTH_BAD;
		if (n < INT32_MAX) /* "huge" needs no exact value */
			n = n * 10 + (v.ptr[i] - '0');
	}
	return n;
}

static int64_t join_lengths(int64_t before, int64_t now)
{
	return before == SIPCUT_LENGTH_ABSENT || before == now ? now
							       : SIPCUT_LENGTH_BAD;
}

/* May it be "Content-Length" or "l"? It is not for most of the lines that begin so. */
static inline bool may_be_length(struct slice line)
{
	if ((line.ptr[0] | 0x20) == 'c')
		return line.len > 14 && (line.ptr[8] | 0x20) == 'l' &&
		       (line.ptr[13] | 0x20) == 'h';
	return (line.ptr[0] | 0x20) == 'l';
}

/* The length of the head whose line feed stands at lf, if that ends it, else 0: an
 * empty line follows. */
static inline size_t head_end(struct slice s, size_t lf)
{
	if (s.len - lf > 1 && s.ptr[lf + 1] == '\n')
		return lf + 2;
	if (s.len - lf > 2 && s.ptr[lf + 1] == '\r' && s.ptr[lf + 2] == '\n')
		return lf + 3;
	return 0;
}

/* The field that ends with the line feed at lf: is it a Content-Length? */
static inline void end_field(struct sipcut *c, struct slice s, size_t lf)
{
	struct slice field = slice_of(s.ptr + c->field, lf - c->field);
	bool is_start_line = c->field == 0;
	struct slice value;

	c->field = (uint32_t)lf + 1;
	if (!is_start_line && field.len > 0 && may_be_length(field) &&
	    is_content_length(field, &value))
		c->length = join_lengths(c->length, to_length(value));
}

/*
 * Reads on where it stopped: the length of the head, or 0 while its end is not there.
 * Each byte is looked at once, however small the pieces; a field once, when it has
 * ended. A line feed whose next bytes have to tell more is left for the next time.
 */
static size_t read_head(struct sipcut *c, struct slice s)
{
	for (size_t block = c->scanned; block < s.len; block += 64) {
		uint64_t lfs = wide_block(s.ptr, s.len, block, '\n');

		for (; lfs != 0; lfs &= lfs - 1) {
			size_t lf = block + (unsigned int)__builtin_ctzll(lfs);
			size_t left = s.len - lf - 1;
			char next = left > 0 ? s.ptr[lf + 1] : '\0';
			size_t end;

			if (left == 0 || (left == 1 && next == '\r')) {
				c->scanned = (uint32_t)lf;
				return 0;
			}
			if (next == ' ' || next == '\t') /* folded */
				continue;
			end_field(c, s, lf);
			if (next <= '\r' && (end = head_end(s, lf)) != 0)
				return end;
		}
	}
	c->scanned = (uint32_t)s.len;
	return 0;
}

static void lose(struct sipcut *c, bool is_mid_line)
{
	*c = (struct sipcut){.is_seeking = true, .is_mid_line = is_mid_line};
}

/* To the next byte that begins a line, or past everything. */
static size_t skip_line(struct sipcut *c, struct slice s)
{
	const char *lf = s.len > 0 ? memchr(s.ptr, '\n', s.len) : NULL;

	c->is_mid_line = lf == NULL;
	return lf == NULL ? s.len : (size_t)(lf - s.ptr) + 1;
}

/* Between messages: throws away what cannot begin one. True: a start line stands at
 * f->skip. */
static bool find_start(struct sipcut *c, struct slice data, struct sipcut_found *f)
{
	for (;;) {
		struct slice s = slice_of(data.ptr + f->skip, data.len - f->skip);
		size_t n = 0;

		if (!c->is_mid_line) {
			while (n < s.len && (s.ptr[n] == '\r' || s.ptr[n] == '\n'))
				n++;
		}
		if (n > 0) {
			if (!c->is_seeking)
				f->keepalives++;
			f->skip += n;
			continue;
		}
		if (s.len == 0)
			return false;
		switch (c->is_mid_line ? SNIFF_NOT : sniff_sip(s, false)) {
		case SNIFF_SIP:
			c->is_seeking = false;
			return true;
		case SNIFF_MORE:
			return false;
		case SNIFF_NOT:
			c->is_seeking = true;
			n = skip_line(c, s);
			f->skip += n;
			f->garbage += n;
			break;
		}
	}
}

/*
 * How long is the message at the start of s? 0: not known yet, or *lost bytes of it
 * have to go because it is longer than max. The answer depends on the first max
 * bytes, not on how many more have arrived.
 */
static void frame(struct sipcut *c, struct slice s, size_t max, size_t *lost)
{
	int64_t length;
	size_t head;

	*lost = 0;
	if (c->scanned == 0) {
		c->field = 0;
		c->length = SIPCUT_LENGTH_ABSENT;
	}
	head = read_head(c, s);
	if (head == 0 && s.len <= max)
		return;
	if (head == 0 || head > max) {
		*lost = max;
		return;
	}
	c->has_bad_length = c->length == SIPCUT_LENGTH_BAD;
	length = c->length < 0 ? 0 : c->length;
	if ((uint64_t)length > max - head) {
		*lost = head;
		return;
	}
	c->scanned = (uint32_t)head;
	c->need = (uint32_t)(head + (size_t)length);
}

enum sipcut_rc sipcut_next(
    struct sipcut *c, struct slice data, size_t max, struct sipcut_found *f)
{
	*f = (struct sipcut_found){0};
	for (;;) {
		struct slice s;
		size_t lost = 0;

		if (c->scanned == 0 && !find_start(c, data, f))
			return SIPCUT_MORE;
		s = slice_of(data.ptr + f->skip, data.len - f->skip);
		if (c->need == 0)
			frame(c, s, max, &lost);
		if (lost > 0) {
			lose(c, lost == max);
			f->skip += lost;
			f->garbage += lost;
			f->too_long++;
			continue;
		}
		if (c->need == 0 || s.len < c->need)
			return SIPCUT_MORE;
		f->len = c->need;
		f->bad_length += c->has_bad_length;
		sipcut_reset(c, false);
		return SIPCUT_MESSAGE;
	}
}
