/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "capfile/capsource.h"
#include "captures.h"
#include "cmd.h"
#include "decode/decode.h"

/* A few at once: what it takes to ask the file for one is more than a packet without
 * SIP may cost in all. */
enum { FRAMES = 8 };

struct source {
	struct capsource *file;
	const char *path;
	struct frame frames[FRAMES]; /* the next one is frames[at], while at < count */
	size_t at, count;
	uint64_t dropped; /* as it said last */
};

struct captures {
	size_t count;
	struct source *current;        /* whose frame was handed out */
	uint64_t dropped;              /* by all of them */
	uint64_t readable, unreadable; /* frames by link type */
	uint32_t good_linktype;        /* of the last readable one, once there is one */
	uint32_t linktype;             /* the first unreadable one */
	const char *linktype_path;
	bool is_damaged;
	struct err damage;
	struct source sources[];
};

static void fetch_one(struct captures *c, struct source *s)
{
	struct err e;
	int rc = capsource_next(s->file, &s->frames[0], &e);
	uint64_t dropped = capsource_dropped(s->file);

	c->dropped += dropped - s->dropped;
	s->dropped = dropped;
	s->count = rc > 0;
	if (rc >= 0 || c->is_damaged)
		return;
	c->is_damaged = true;
	c->damage = e;
	(void)err_wrap(&c->damage, "%s", s->path);
}

static void fetch(struct captures *c, struct source *s)
{
	s->at = 0;
	s->count = capsource_take(s->file, s->frames, FRAMES);
	if (s->count == 0)
		fetch_one(c, s);
}

/* What cannot be opened is another matter than what can and is no capture. */
static int open_status(int rc)
{
	switch (rc) {
	case -EBADMSG:
		return EXIT_DATA;
	case -ENOMEM:
		return EXIT_SOFTWARE;
	default:
		return EXIT_NO_INPUT;
	}
}

int captures_open(
    char *const *paths, size_t count, struct captures **out, struct err *e)
{
	CLEANUP(captures_cleanup) struct captures *c = NULL;
	int rc;

	if (count > CAPTURES_MAX) {
		(void)err_set(e, -E2BIG, "more than %d files", CAPTURES_MAX);
		return EXIT_USAGE;
	}
	c = calloc(1, sizeof(*c) + count * sizeof(c->sources[0]));
	if (c == NULL) {
		(void)err_set(e, -ENOMEM, "out of memory");
		return EXIT_SOFTWARE;
	}
	for (; c->count < count; c->count++) {
		struct source *s = &c->sources[c->count];

		s->path = paths[c->count];
		rc = capsource_open(s->path, &s->file, e);
		if (rc != 0) {
			(void)err_wrap(e, "%s", s->path);
			return open_status(rc);
		}
	}
	for (size_t i = 0; i < count; i++)
		fetch(c, &c->sources[i]);
	*out = KEEP(c);
	return EXIT_OK;
}

void captures_close(struct captures *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->count; i++)
		capsource_close(c->sources[i].file);
	free(c);
}

void captures_cleanup(struct captures **c)
{
	captures_close(*c);
}

static void count_linktype(
    struct captures *c, const struct source *s, uint32_t linktype)
{
	bool is_same = c->readable > 0 && linktype == c->good_linktype;

	if (is_same || linktype_is_supported(linktype)) {
		c->good_linktype = linktype;
		c->readable++;
		return;
	}
	if (c->unreadable++ == 0) {
		c->linktype = linktype;
		c->linktype_path = s->path;
	}
}

static struct source *earliest(struct captures *c)
{
	struct source *best = NULL;

	for (size_t i = 0; i < c->count; i++) {
		struct source *s = &c->sources[i];

		if (s->at == s->count)
			continue;
		if (best == NULL ||
		    s->frames[s->at].at_ns < best->frames[best->at].at_ns)
			best = s;
	}
	return best;
}

/*
 * Mapped bytes come from memory, not from a copy that is warm in a cache, and a parser
 * that jumps about gives the processor no stream to follow: as much as this frame has
 * is asked for, as far ahead as the frames that are fetched at once may reach. Where
 * nothing is mapped, nothing happens.
 */
static inline void fetch_ahead(const struct frame *f)
{
	enum { LINE = 64, AHEAD = 6144, MOST = 2048 };
	uintptr_t at = (uintptr_t)f->bytes.ptr + AHEAD;
	uintptr_t end = at + (f->bytes.len < MOST ? f->bytes.len : MOST);

	for (; at < end; at += LINE)
		__builtin_prefetch((const void *)at);
}

const struct frame *captures_next(struct captures *c)
{
	struct source *s = c->current;
	const struct frame *f;

	if (s != NULL && ++s->at >= s->count) /* only now: its bytes were on loan */
		fetch(c, s);
	if (c->count != 1 || s == NULL)
		c->current = s = earliest(c);
	if (s == NULL || s->at == s->count)
		return NULL;
	f = &s->frames[s->at];
	count_linktype(c, s, f->linktype);
	fetch_ahead(f);
	return f;
}

uint64_t captures_dropped(const struct captures *c)
{
	return c->dropped;
}

int captures_verdict(const struct captures *c, struct err *e)
{
	const char *name = linktype_name(c->linktype);

	if (c->is_damaged) {
		*e = c->damage;
		return EXIT_DATA;
	}
	if (c->unreadable > 0 && c->readable == 0) {
		(void)err_set(e, -EBADMSG,
		    "%s: link type %u%s%s%s cannot be read; capture with "
		    "'tcpdump -i any'",
		    c->linktype_path, c->linktype, name == NULL ? "" : " (",
		    name == NULL ? "" : name, name == NULL ? "" : ")");
		return EXIT_DATA;
	}
	return EXIT_OK;
}
