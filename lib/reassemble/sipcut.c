/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/sipcut.h"

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

int64_t sipcut_content_length(struct slice head)
{
	const char *at = head.ptr;
	const char *end = head.ptr + head.len;
	int64_t found = SIPCUT_LENGTH_ABSENT;

	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		struct slice value;
		int64_t n;

		if (lf == NULL)
			break;
		at = lf + 1;
		if (at == end || (slice_lower(*at) != 'c' && slice_lower(*at) != 'l'))
			continue;
		/* To the end of the field: lines that begin with a blank belong to it.
		 */
		for (lf = at; lf < end; lf++) {
			lf = memchr(lf, '\n', (size_t)(end - lf));
			if (lf == NULL || lf + 1 == end ||
			    (lf[1] != ' ' && lf[1] != '\t'))
				break;
		}
		if (lf == NULL)
			lf = end;
		if (!is_content_length(slice_of(at, (size_t)(lf - at)), &value))
			continue;
		n = to_length(value);
		if (found != SIPCUT_LENGTH_ABSENT && found != n)
			return SIPCUT_LENGTH_BAD;
		found = n;
	}
	return found;
}

/* Length of the head in s, or 0; looks at nothing before *scanned again. */
static size_t head_length(struct slice s, uint32_t *scanned)
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

/* The head is whole: how long is the message? False: longer than max. */
static bool frame(struct sipcut *c, struct slice head, size_t max)
{
	int64_t length = sipcut_content_length(head);

	c->has_bad_length = length == SIPCUT_LENGTH_BAD;
	if (length < 0)
		length = 0;
	if (head.len > max || (uint64_t)length > max - head.len)
		return false;
	c->need = (uint32_t)(head.len + (size_t)length);
	return true;
}

enum sipcut_rc sipcut_next(
    struct sipcut *c, struct slice data, size_t max, struct sipcut_found *f)
{
	*f = (struct sipcut_found){0};
	for (;;) {
		struct slice s;
		size_t head;

		if (c->scanned == 0 && !find_start(c, data, f))
			return SIPCUT_MORE;
		s = slice_of(data.ptr + f->skip, data.len - f->skip);
		if (c->need == 0) {
			head = head_length(s, &c->scanned);
			if (head == 0 && s.len <= max) {
				c->scanned += c->scanned == 0;
				return SIPCUT_MORE;
			}
			/* As far as max, whatever else has arrived: the answer must not
			 * depend on it. */
			if (head == 0 || !frame(c, slice_of(s.ptr, head), max)) {
				size_t lost = head == 0 || head > max ? max : head;

				lose(c, lost != head);
				f->skip += lost;
				f->garbage += lost;
				f->too_long++;
				continue;
			}
			c->scanned = (uint32_t)head;
		}
		if (s.len < c->need)
			return SIPCUT_MORE;
		f->len = c->need;
		f->bad_length += c->has_bad_length;
		sipcut_reset(c, false);
		return SIPCUT_MESSAGE;
	}
}
