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

int hep_open(struct hep_listen *h, const struct endpoint *at, struct err *e)
{
	const int on = 1, room = 4 << 20; /* what the kernel grants of it */
	char name[ENDPOINT_TEXT_MAX];
	struct sockaddr_storage sa;
	socklen_t len = to_sockaddr(at, &sa);

	h->fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (h->fd < 0)
		return err_set(e, -errno, "HEP socket: %s", strerror(errno));
	(void)setsockopt(h->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	(void)setsockopt(h->fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	if (bind(h->fd, (const void *)&sa, len) != 0)
		return err_set(e, -errno, "sources.hep.listen %s: %s",
		    endpoint_text(at, name), strerror(errno));
	return 0;
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
		pipeline_lost(h->analysis->pipeline, LOSS_KERNEL, more, now_us());
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
	h->datagrams++;
	pipeline_hep(h->analysis->pipeline, slice_of(h->buffer, (size_t)n), now_us());
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
	if (h->fd < 0)
		return;
	ev_io_init(&h->readable, on_readable, h->fd, EV_READ);
	h->readable.data = h;
	ev_io_start(a->loop, &h->readable);
}

/* Bounded: more may arrive all the time. */
void hep_drain(struct hep_listen *h)
{
	if (h->fd < 0)
		return;
	ev_io_stop(h->analysis->loop, &h->readable);
	take(h, (size_t)HEP_BATCH * 64);
}

void hep_close(struct hep_listen *h)
{
	if (h->fd >= 0)
		(void)close(h->fd);
	h->fd = -1;
}
