/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "capfile/capsource.h"
#include "captures.h"
#include "cmd.h"
#include "decode/decode.h"

struct source {
	struct capsource *file;
	const char *path;
	struct frame frame; /* the next one, while has_frame */
	uint64_t dropped;   /* as it said last */
	bool has_frame;
};

struct captures {
	size_t count;
	size_t current;                /* whose frame was handed out; count: none */
	uint64_t dropped;              /* by all of them */
	uint64_t readable, unreadable; /* frames by link type */
	uint32_t good_linktype;        /* of the last readable one, once there is one */
	uint32_t linktype;             /* the first unreadable one */
	const char *linktype_path;
	bool is_damaged;
	struct err damage;
	struct source sources[];
};

static void fetch(struct captures *c, struct source *s)
{
	struct err e;
	int rc = capsource_next(s->file, &s->frame, &e);
	uint64_t dropped = capsource_dropped(s->file);

	c->dropped += dropped - s->dropped;
	s->dropped = dropped;
	s->has_frame = rc > 0;
	if (rc >= 0 || c->is_damaged)
		return;
	c->is_damaged = true;
	c->damage = e;
	(void)err_wrap(&c->damage, "%s", s->path);
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
	c->current = count;
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

static void count_linktype(struct captures *c, const struct source *s)
{
	bool is_same = c->readable > 0 && s->frame.linktype == c->good_linktype;

	if (is_same || linktype_is_supported(s->frame.linktype)) {
		c->good_linktype = s->frame.linktype;
		c->readable++;
		return;
	}
	if (c->unreadable++ == 0) {
		c->linktype = s->frame.linktype;
		c->linktype_path = s->path;
	}
}

static struct source *earliest(struct captures *c)
{
	struct source *best = NULL;

	for (size_t i = 0; i < c->count; i++) {
		struct source *s = &c->sources[i];

		if (!s->has_frame)
			continue;
		if (best == NULL || s->frame.at_ns < best->frame.at_ns)
			best = s;
	}
	return best;
}

const struct frame *captures_next(struct captures *c)
{
	struct source *best = c->sources;

	if (c->current < c->count) /* only now: its bytes were on loan */
		fetch(c, &c->sources[c->current]);
	if (c->count != 1)
		best = earliest(c);
	if (best == NULL || !best->has_frame)
		return NULL;
	c->current = (size_t)(best - c->sources);
	count_linktype(c, best);
	return &best->frame;
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
