/* SPDX-License-Identifier: BSD-2-Clause */
#include "hep_tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "now.h"
#include "reassemble/hep.h"

enum { DRAIN_READS = 64 }; /* per connection: more may arrive all the time */

int hep_tcp_init(struct hep_tcp *t, struct err *e)
{
	t->conns = calloc(t->limit, sizeof(*t->conns));
	t->memory = malloc(t->limit * HEP_PACKET_MAX);
	if (t->conns == NULL || t->memory == NULL)
		return err_set(
		    e, -ENOMEM, "HEP: no memory for %zu connections", t->limit);
	for (size_t i = 0; i < t->limit; i++)
		t->conns[i] = (struct hep_conn){
		    .fd = -1, .buffer = t->memory + i * HEP_PACKET_MAX, .owner = t};
	return 0;
}

static void hang_up(struct hep_conn *c)
{
	struct hep_tcp *t = c->owner;

	if (c->used > 0)
		t->stats.cut_short++;
	ev_io_stop(t->analysis->loop, &c->readable);
	(void)close(c->fd);
	c->fd = -1;
	t->open--;
}

static void hang_up_for(struct hep_conn *c, uint64_t *reason)
{
	(*reason)++;
	c->used = 0; /* counted already */
	hang_up(c);
}

/* True: the pipeline took it for one of ours. */
static bool pass_packet(struct hep_tcp *t, struct slice packet)
{
	t->stats.packets++;
	return analysis_hep(t->analysis, packet);
}

/* Whole packets at the front of the buffer. False: the connection is closed. */
static bool cut(struct hep_conn *c)
{
	struct hep_tcp *t = c->owner;
	size_t at = 0, len = 0;
	enum hep_rc rc;

	for (;;) {
		struct slice rest = slice_of(c->buffer + at, c->used - at);

		rc = hep_length(rest, &len);
		if (rc != HEP_OK || len > rest.len)
			break;
		if (pass_packet(t, slice_of(rest.ptr, len))) {
			c->is_proven = true;
			c->alive_at_us = now_steady_us();
		} else if (!c->is_proven) {
			hang_up_for(c, &t->stats.unproven);
			return false;
		}
		at += len;
	}
	if (rc == HEP_BAD) {
		hang_up_for(c, &t->stats.garbage);
		return false;
	}
	c->used -= at;
	memmove(c->buffer, c->buffer + at, c->used);
	return true;
}

/* One read. False: nothing is there, or the connection is closed. */
static bool take(struct hep_conn *c)
{
	/* A packet is never longer than the buffer, so there is always room. */
	ssize_t n = recv(c->fd, c->buffer + c->used, HEP_PACKET_MAX - c->used, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		hang_up(c);
		return false;
	}
	c->used += (size_t)n;
	return cut(c);
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
	struct hep_conn *c = w->data;

	(void)loop;
	(void)events;
	(void)take(c);
	store_queue_flush(c->owner->analysis->queue);
}

/* A free place, or that of the oldest connection that proved nothing; or NULL. */
static struct hep_conn *find_place(struct hep_tcp *t)
{
	struct hep_conn *oldest = NULL;

	for (size_t i = 0; i < t->limit; i++) {
		struct hep_conn *c = &t->conns[i];

		if (c->fd < 0)
			return c;
		if (!c->is_proven &&
		    (oldest == NULL || c->alive_at_us < oldest->alive_at_us))
			oldest = c;
	}
	if (oldest != NULL)
		hang_up_for(oldest, &t->stats.evicted);
	return oldest;
}

static void welcome(struct hep_tcp *t, int fd)
{
	struct hep_conn *c = find_place(t);

	if (c == NULL) {
		t->stats.turned++;
		(void)close(fd);
		return;
	}
	t->stats.accepted++;
	t->open++;
	c->fd = fd;
	c->used = 0;
	c->is_proven = false;
	c->alive_at_us = now_steady_us();
	ev_io_init(&c->readable, on_readable, fd, EV_READ);
	c->readable.data = c;
	ev_io_start(t->analysis->loop, &c->readable);
}

static void listen_again(struct hep_tcp *t)
{
	if (!t->is_listening)
		ev_io_start(t->analysis->loop, &t->acceptable);
	t->is_listening = true;
}

static void on_acceptable(struct ev_loop *loop, ev_io *w, int events)
{
	struct hep_tcp *t = w->data;
	int fd;

	(void)events;
	for (int i = 0; i < HEP_BACKLOG; i++) {
		fd = accept4(t->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			welcome(t, fd);
			continue;
		}
		/* Out of descriptors or memory: asking at once again would be a busy
		 * loop. The next tick listens again. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM) {
			ev_io_stop(loop, &t->acceptable);
			t->is_listening = false;
		}
		return;
	}
}

void hep_tcp_start(struct hep_tcp *t, struct analysis *a)
{
	t->analysis = a;
	if (t->fd < 0)
		return;
	ev_io_init(&t->acceptable, on_acceptable, t->fd, EV_READ);
	t->acceptable.data = t;
	listen_again(t);
}

void hep_tcp_tick(struct hep_tcp *t, int64_t now_steady)
{
	if (t->fd < 0)
		return;
	listen_again(t);
	for (size_t i = 0; i < t->limit && t->open > 0; i++) {
		struct hep_conn *c = &t->conns[i];

		if (c->fd >= 0 && usec_since(c->alive_at_us, now_steady) >
				      (c->is_proven ? t->idle_us : HEP_PROVE_US))
			hang_up_for(c, &t->stats.idle);
	}
}

void hep_tcp_drain(struct hep_tcp *t)
{
	if (t->fd < 0)
		return;
	ev_io_stop(t->analysis->loop, &t->acceptable);
	for (size_t i = 0; i < t->limit; i++) {
		for (int n = 0; n < DRAIN_READS && t->conns[i].fd >= 0; n++) {
			if (!take(&t->conns[i]))
				break;
		}
	}
}

void hep_tcp_close(struct hep_tcp *t)
{
	for (size_t i = 0; t->conns != NULL && i < t->limit; i++) {
		if (t->conns[i].fd >= 0)
			(void)close(t->conns[i].fd);
	}
	if (t->fd >= 0)
		(void)close(t->fd);
	t->fd = -1;
	free(t->conns);
	free(t->memory);
	t->conns = NULL;
	t->memory = NULL;
}

uint64_t hep_tcp_memory(const struct hep_tcp *t)
{
	return t->fd < 0 ? 0 : t->limit * (sizeof(*t->conns) + HEP_PACKET_MAX);
}
