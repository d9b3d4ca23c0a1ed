/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/sipcut.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "reassemble/sniff.h"

/* The next LF from at on, or end. A head is a dozen short lines: 16 bytes at a time
 * beat a call of memchr() for each of them. */
static inline const char *find_lf(const char *at, const char *end)
{
#ifdef __SSE2__
	const __m128i lf = _mm_set1_epi8('\n');

	for (; end - at >= 16; at += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
		unsigned int hit =
		    (unsigned int)_mm_movemask_epi8(_mm_cmpeq_epi8(v, lf));

		if (hit != 0)
			return at + __builtin_ctz(hit);
	}
#endif
	while (at < end && *at != '\n')
		at++;
	return at;
}

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

/* One pass over a head: its length, or 0 while its end is not there, and its
 * Content-Length. */
static size_t read_head(struct slice s, int64_t *length)
{
	const char *at = s.ptr;
	const char *end = s.ptr + s.len;

	*length = SIPCUT_LENGTH_ABSENT;
	while ((at = find_lf(at, end)) < end) {
		struct slice rest = slice_of(at + 1, (size_t)(end - at - 1));
		struct slice value;

		at++;
		if (rest.len == 0)
			break;
		switch (*at) {
		case '\n':
			return (size_t)(at - s.ptr) + 1;
		case '\r':
			if (rest.len > 1 && at[1] == '\n')
				return (size_t)(at - s.ptr) + 2;
			break;
		case 'C':
		case 'c':
		case 'L':
		case 'l':
			if (is_content_length(take_field(rest), &value))
				*length = join_lengths(*length, to_length(value));
			break;
		default:
			break;
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
