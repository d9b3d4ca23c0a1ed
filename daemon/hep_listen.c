/* SPDX-License-Identifier: BSD-2-Clause */
#include "hep_listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "now.h"

static socklen_t to_sockaddr(const struct endpoint *at, struct sockaddr_storage *out)
{
	struct sockaddr_in *in = (void *)out;
	struct sockaddr_in6 *in6 = (void *)out;

	memset(out, 0, sizeof(*out));
	if (at->ip.family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(at->port);
		memcpy(&in->sin_addr, at->ip.bytes, sizeof(in->sin_addr));
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(at->port);
	memcpy(&in6->sin6_addr, at->ip.bytes, sizeof(in6->sin6_addr));
	return sizeof(*in6);
}

static int open_socket(
    const struct endpoint *at, int type, const char *key, int *out, struct err *e)
{
	const int on = 1;
	char name[ENDPOINT_TEXT_MAX];
	struct sockaddr_storage sa;
	socklen_t len = to_sockaddr(at, &sa);
	int fd = socket(sa.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = 0;

	if (fd < 0)
		return err_set(e, -errno, "HEP socket: %s", strerror(errno));
	if (type == SOCK_STREAM) /* a restart must not wait for old connections */
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const void *)&sa, len) != 0 ||
	    (type == SOCK_STREAM && listen(fd, HEP_BACKLOG) != 0))
		rc = err_set(e, -errno, "sources.hep.%s %s: %s", key,
		    endpoint_text(at, name), strerror(errno));
	if (rc < 0)
		(void)close(fd);
	else
		*out = fd;
	return rc;
}

static int open_udp(struct hep_listen *h, const struct endpoint *at, struct err *e)
{
	const int on = 1, room = 4 << 20; /* what the kernel grants of it */
	int rc = open_socket(at, SOCK_DGRAM, "listen", &h->fd, e);

	if (rc < 0)
		return rc;
	(void)setsockopt(h->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	(void)setsockopt(h->fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	return 0;
}

int hep_open(struct hep_listen *h, const struct hep_config *c, struct err *e)
{
	int rc = 0;

	h->fd = h->tcp.fd = -1;
	if (c->udp.port != 0)
		rc = open_udp(h, &c->udp, e);
	if (rc < 0 || c->tcp.port == 0)
		return rc;
	h->tcp.limit = c->connections;
	h->tcp.idle_us = c->idle_us;
	rc = open_socket(&c->tcp, SOCK_STREAM, "listen_tcp", &h->tcp.fd, e);
	return rc < 0 ? rc : hep_tcp_init(&h->tcp, e);
}

/* How many the kernel dropped since the socket was made; it counts in 32 bits. */
static void count_drops(struct hep_listen *h, struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
	     c = CMSG_NXTHDR(msg, c)) {
		uint32_t total, more;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
			continue;
		memcpy(&total, CMSG_DATA(c), sizeof(total));
		more = total - (uint32_t)h->dropped;
		if (more == 0)
			continue;
		h->dropped += more;
		analysis_hep_lost(h->analysis, more);
	}
}

static bool take_one(struct hep_listen *h)
{
	char control[CMSG_SPACE(sizeof(uint32_t))];
	struct iovec iov = {h->buffer, sizeof(h->buffer)};
	struct msghdr msg = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(h->fd, &msg, 0);

	if (n < 0)
		return false;
	count_drops(h, &msg);
	(void)analysis_hep(h->analysis, slice_of(h->buffer, (size_t)n));
	return true;
}

static void take(struct hep_listen *h, size_t most)
{
	for (size_t i = 0; i < most && take_one(h); i++)
		;
	store_queue_flush(h->analysis->queue);
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
	(void)loop;
	(void)events;
	take(w->data, HEP_BATCH);
}

void hep_start(struct hep_listen *h, struct analysis *a)
{
	h->analysis = a;
	hep_tcp_start(&h->tcp, a);
	if (h->fd < 0)
		return;
	ev_io_init(&h->readable, on_readable, h->fd, EV_READ);
	h->readable.data = h;
	ev_io_start(a->loop, &h->readable);
}

void hep_tick(struct hep_listen *h)
{
	hep_tcp_tick(&h->tcp, now_steady_us());
}

/* Bounded: more may arrive all the time. */
void hep_drain(struct hep_listen *h)
{
	hep_tcp_drain(&h->tcp);
	if (h->fd < 0)
		return;
	ev_io_stop(h->analysis->loop, &h->readable);
	take(h, (size_t)HEP_BATCH * 64);
}

void hep_close(struct hep_listen *h)
{
	hep_tcp_close(&h->tcp);
	if (h->fd >= 0)
		(void)close(h->fd);
	h->fd = -1;
}
