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

/* A field that begins at s: up to the line end that no folded line follows. */
static struct slice take_field(struct slice s)
{
	const char *end = s.ptr + s.len;
	const char *lf = s.ptr;

	while (lf < end && (lf = memchr(lf, '\n', (size_t)(end - lf))) != NULL) {
		if (lf + 1 == end || (lf[1] != ' ' && lf[1] != '\t'))
			return slice_of(s.ptr, (size_t)(lf - s.ptr));
		lf++;
	}
	return s;
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

/* One pass over a head: its length, or 0 while its end is not there, and its
 * Content-Length. */
static size_t read_head(struct slice s, int64_t *length)
{
	*length = SIPCUT_LENGTH_ABSENT;
	for (size_t block = 0; block < s.len; block += 64) {
		uint64_t lfs = wide_block(s.ptr, s.len, block, '\n');

		for (; lfs != 0; lfs &= lfs - 1) {
			size_t lf = block + (unsigned int)__builtin_ctzll(lfs);
			struct slice line, value;
			size_t end;

			if (lf + 1 == s.len)
				return 0;
			if (s.ptr[lf + 1] <= '\r' && (end = head_end(s, lf)) != 0)
				return end;
			line = slice_of(s.ptr + lf + 1, s.len - lf - 1);
			if (may_be_length(line) &&
			    is_content_length(take_field(line), &value))
				*length = join_lengths(*length, to_length(value));
		}
	}
	return 0;
}

int64_t sipcut_content_length(struct slice head)
{
	int64_t length;

	(void)read_head(head, &length);
	return length;
}

/* The end of the head, looking at nothing before *scanned again: however small the
 * pieces, each byte is searched once. */
static size_t find_end(struct slice s, uint32_t *scanned)
{
	size_t at = *scanned;

	while (at < s.len) {
		const char *lf = memchr(s.ptr + at, '\n', s.len - at);
		size_t next;

		if (lf == NULL) {
			*scanned = (uint32_t)s.len;
			return 0;
		}
		next = (size_t)(lf - s.ptr) + 1;
		if (next < s.len && s.ptr[next] == '\n')
			return next + 1;
		if (next + 1 < s.len && s.ptr[next] == '\r' && s.ptr[next + 1] == '\n')
			return next + 2;
		/* What would end the head is not here yet: this LF counts again. */
		if (next == s.len || (next + 1 == s.len && s.ptr[next] == '\r')) {
			*scanned = (uint32_t)(next - 1);
			return 0;
		}
		at = next;
	}
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

/* The head at the start of s, in whatever state it is. */
static size_t look_for_head(struct sipcut *c, struct slice s, int64_t *length)
{
	size_t head;

	if (c->scanned == 0) { /* most messages are whole when they are first seen */
		head = read_head(s, length);
		if (head != 0)
			return head;
		c->scanned = 1;
	}
	head = find_end(s, &c->scanned);
	if (head != 0)
		*length = sipcut_content_length(slice_of(s.ptr, head));
	return head;
}

/*
 * How long is the message at the start of s? 0: not known yet, or *lost bytes of it
 * have to go because it is longer than max. The answer depends on the first max
 * bytes, not on how many more have arrived.
 */
static void frame(struct sipcut *c, struct slice s, size_t max, size_t *lost)
{
	int64_t length = SIPCUT_LENGTH_ABSENT;
	size_t head = look_for_head(c, s, &length);

	*lost = 0;
	if (head == 0 && s.len <= max)
		return;
	if (head == 0 || head > max) {
		*lost = max;
		return;
	}
	c->has_bad_length = length == SIPCUT_LENGTH_BAD;
	if (length < 0)
		length = 0;
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
