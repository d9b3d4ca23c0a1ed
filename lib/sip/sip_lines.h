/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_lines - cuts the head of a message into lines.
 *
 * Private to lib/sip. A search for each line feed would end in a branch that the
 * processor cannot predict. So the line feeds of 64 bytes become a bit set at once,
 * and the next one is a bit scan away.
 *
 * In         All bytes behind the start line. A block is looked at only when a line
 *            reaches into it, so the body is not read.
 * Folding    A continuation line belongs to its line (RFC 3261 7.3.1).
 * Threads    No state but the caller's struct.
 * Cost       Linear, also where no line has a colon.
 */
#ifndef SIP_SIP_LINES_H
#define SIP_SIP_LINES_H

#include "sip/sip_scan.h"

struct sip_lines {
	struct slice all;
	size_t at;    /* where the next line begins */
	size_t block; /* where this block begins */
	size_t next;  /* where the next one begins */
	uint64_t lf;  /* line feeds of this block that are not behind us */
};

struct sip_line {
	struct slice all; /* with its continuation lines, without its last line feed */
	size_t colon;     /* the first one of the first physical line */
	bool has_colon;
	bool is_cut; /* no line feed: the bytes ended in it */
};

static inline struct sip_lines sip_lines_of(struct slice all)
{
	return (struct sip_lines){.all = all};
}

static inline struct slice sip_lines_rest(const struct sip_lines *l)
{
	return slice_of(l->all.ptr + l->at, l->all.len - l->at);
}

/* Looks at the next block; false when there is none. */
static inline bool sip_lines_load(struct sip_lines *l)
{
	size_t left = l->all.len - l->next;

	if (left == 0)
		return false;
	l->block = l->next;
	l->lf = wide_block(l->all.ptr, l->all.len, l->block, '\n');
	l->next += left < 64 ? left : 64;
	return true;
}

/* Where the next line feed is, or all.len. */
static inline size_t sip_lines_peek(struct sip_lines *l)
{
	while (l->lf == 0) {
		if (!sip_lines_load(l))
			return l->all.len;
	}
	return l->block + (unsigned int)__builtin_ctzll(l->lf);
}

static inline void sip_lines_drop(struct sip_lines *l)
{
	l->lf &= l->lf - 1;
}

/* Takes it. */
static inline size_t sip_lines_find(struct sip_lines *l)
{
	size_t at = sip_lines_peek(l);

	if (at < l->all.len)
		sip_lines_drop(l);
	return at;
}

/* There must be bytes left. */
static inline struct sip_line sip_lines_take(struct sip_lines *l)
{
	const char *p = l->all.ptr;
	size_t len = l->all.len;
	struct sip_line line;
	size_t end = sip_lines_find(l);

	/* Up to the line feed, but 16 bytes at a time also in a short line. */
	line.colon = sip_find2(sip_lines_rest(l), ':', '\n');
	line.has_colon = l->at + line.colon < end;
	while (len - end > 1 && (p[end + 1] == ' ' || p[end + 1] == '\t'))
		end = sip_lines_find(l);

	line.is_cut = end == len;
	line.all = slice_of(p + l->at, end - l->at);
	l->at = line.is_cut ? end : end + 1;
	return line;
}

/* Takes an empty line, if that is what comes next. */
static inline bool sip_lines_take_empty(struct sip_lines *l)
{
	const char *p = l->all.ptr + l->at;
	size_t len = l->all.len - l->at;
	size_t n = 0;

	if (len > 0 && p[0] == '\n')
		n = 1;
	else if (len > 1 && p[0] == '\r' && p[1] == '\n')
		n = 2;
	l->at += n;
	return n > 0;
}

#endif
