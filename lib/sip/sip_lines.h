/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_lines - cuts the head of a message into lines.
 *
 * Private to lib/sip. A search for each line feed would end in a branch that the
 * processor cannot predict. So the line feeds of 64 bytes become a bit set at once,
 * and the next one is a bit scan away.
 *
 * In         All bytes of a message, at least one. A block is looked at only when a
 * line reaches into it, so the body is not read. Folding    A continuation line belongs
 * to its line (RFC 3261 7.3.1). Threads    No state but the caller's struct. Cost
 * Linear, also where no line has a colon.
 */
#ifndef SIP_SIP_LINES_H
#define SIP_SIP_LINES_H

#include "sip/sip_scan.h"

struct sip_lines {
	const char *begin, *end;
	const char *at;    /* where the next line begins */
	const char *block; /* 64 bytes, or what is left of them */
	uint64_t lf; /* its line feeds that are not behind us; not the last byte */
};

struct sip_line {
	struct slice all; /* with its continuation lines, without its last line feed */
	size_t colon;     /* the first one of the first physical line */
	bool has_colon;
	bool is_cut; /* no line feed: the bytes ended in it */
};

/*
 * The line feeds of the last block, which has up to 64 bytes. Not of the very last
 * byte: so there is a next byte behind each that is in the set, and nobody has to ask.
 * Not inline: it comes once in a message, and in the loop it would only be in the way.
 */
uint64_t sip_lines_last(const char *begin, const char *end, const char *block);

static inline struct sip_lines sip_lines_of(struct slice all)
{
	struct sip_lines l = {.begin = all.ptr,
	    .end = all.ptr + all.len,
	    .at = all.ptr,
	    .block = all.ptr};

	l.lf = all.len > 64 ? wide_is64(l.block, '\n')
			    : sip_lines_last(l.begin, l.end, l.block);
	return l;
}

static inline struct slice sip_lines_rest(const struct sip_lines *l)
{
	return slice_of(l->at, (size_t)(l->end - l->at));
}

/* Goes on to a block that has one, if none is left in this; false when there is none.
 */
static inline bool sip_lines_seek(struct sip_lines *l)
{
	while (l->lf == 0) {
		ptrdiff_t left = l->end - l->block - 64;

		if (left <= 0)
			return false;
		l->block += 64;
		l->lf = left > 64 ? wide_is64(l->block, '\n')
				  : sip_lines_last(l->begin, l->end, l->block);
	}
	return true;
}

/* Where the next line feed is; after sip_lines_seek(). */
static inline const char *sip_lines_peek(const struct sip_lines *l)
{
	return l->block + (unsigned int)__builtin_ctzll(l->lf);
}

static inline void sip_lines_drop(struct sip_lines *l)
{
	l->lf &= l->lf - 1;
}

/* Takes it; the end when there is none. There must be bytes left. */
static inline const char *sip_lines_find(struct sip_lines *l)
{
	const char *at;

	if (!sip_lines_seek(l))
		return l->end - (l->end[-1] == '\n');
	at = sip_lines_peek(l);
	sip_lines_drop(l);
	return at;
}

/* There must be bytes left. */
static inline struct sip_line sip_lines_take(struct sip_lines *l)
{
	struct sip_line line;
	const char *end = sip_lines_find(l);

	/* Up to the line feed, but 16 bytes at a time also in a short line. */
	line.colon = sip_find2(sip_lines_rest(l), ':', '\n');
	line.has_colon = l->at + line.colon < end;
	while (l->end - end > 1 && (end[1] == ' ' || end[1] == '\t'))
		end = sip_lines_find(l);

	line.is_cut = end == l->end;
	line.all = slice_of(l->at, (size_t)(end - l->at));
	l->at = line.is_cut ? end : end + 1;
	return line;
}

/* Takes an empty line, if that is what comes next. */
static inline bool sip_lines_take_empty(struct sip_lines *l)
{
	size_t n = 0;

	if (l->at < l->end && l->at[0] == '\n')
		n = 1;
	else if (l->end - l->at > 1 && l->at[0] == '\r' && l->at[1] == '\n')
		n = 2;
	l->at += n;
	return n > 0;
}

#endif
