/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture_thread.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "capture_open.h"
#include "now.h"

enum { STATS_EVERY_MS = 250, SLEEP_MS = 1000, LAST_BLOCK_MS = CAPTURE_BLOCK_MS + 20 };

struct reader {
	struct source *source;
	pcap_t *pcap;
	uint32_t linktype;
	uint32_t ifindex;
	int64_t ns_per_fraction; /* of a packet's tv_usec, which may hold nanoseconds */
	uint32_t kernel_drops;   /* as pcap_stats() counted last; it wraps */
	int64_t asked_us;
	uint64_t packets; /* there had been when it was asked */
};

static void add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static void on_packet(u_char *ctx, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct reader *r = (void *)ctx;
	const struct frame frame = {.at_ns = h->ts.tv_sec * INT64_C(1000000000) +
					     h->ts.tv_usec * r->ns_per_fraction,
	    .linktype = r->linktype,
	    .ifindex = r->ifindex,
	    .wire_len = h->len,
	    .bytes = slice_of(bytes, h->caplen)};

	add(&r->source->packets, 1);
	if (!source_put(r->source, &frame))
		add(&r->source->dropped_ring, 1);
}

static void count_drops(struct reader *r)
{
	struct pcap_stat now;

	if (pcap_stats(r->pcap, &now) != 0)
		return;
	add(&r->source->dropped_kernel, (uint32_t)(now.ps_drop - r->kernel_drops));
	r->kernel_drops = now.ps_drop;
}

/*
 * libpcap goes on waiting when a device goes down, and we would be blind without
 * knowing it. Any socket can be asked for a device's flags; `any` has none.
 */
static bool is_down(const struct reader *r, struct err *e)
{
	struct ifreq device = {0};
	int rc;

	if (r->ifindex == 0)
		return false;
	(void)snprintf(
	    device.ifr_name, sizeof(device.ifr_name), "%.15s", r->source->name);
	rc = ioctl(pcap_fileno(r->pcap), SIOCGIFFLAGS, &device);
	if (rc == 0 && (device.ifr_flags & IFF_UP) != 0)
		return false;
	(void)err_set(e, -ENETDOWN, "%s: the device %s", r->source->name,
	    rc == 0 ? "went down" : "is gone");
	return true;
}

/* Four times a second under load, once when idle: what is lost is known within a
 * second. False: the source is lost. */
static bool look_around(struct reader *r, struct err *e)
{
	if (usec_since(r->asked_us, now_steady_us()) < STATS_EVERY_MS * USEC_PER_MSEC)
		return true;
	r->asked_us = now_steady_us();
	r->packets = atomic_load(&r->source->packets);
	count_drops(r);
	return !is_down(r, e);
}

/* All that the kernel has; false: the source is lost. */
static bool drain(struct reader *r, struct err *e)
{
	int n;

	do {
		n = pcap_dispatch(r->pcap, -1, on_packet, (u_char *)r);
		ring_wake(r->source->ring);
		if (!look_around(r, e))
			return false;
	} while (n > 0 && !source_is_stopped(r->source));
	if (n < 0) {
		(void)err_set(
		    e, -ENODEV, "%s: %s", r->source->name, pcap_geterr(r->pcap));
		return false;
	}
	return true;
}

/* What came just before the stop is still in the kernel's open block, which is
 * handed over when its time is up. */
static void take_last(struct reader *r, struct err *e)
{
	struct pollfd fd = {.fd = pcap_get_selectable_fd(r->pcap), .events = POLLIN};
	int64_t until = now_steady_us() + LAST_BLOCK_MS * USEC_PER_MSEC;
	int64_t left;

	while ((left = usec_since(now_steady_us(), until)) > 0) {
		(void)poll(&fd, 1, (int)(left / USEC_PER_MSEC) + 1);
		if (!drain(r, e))
			break;
	}
}

/* The last packets of a burst may have been more than the kernel could keep. */
static int sleep_ms(const struct reader *r)
{
	return r->packets == atomic_load(&r->source->packets) ? SLEEP_MS
							      : STATS_EVERY_MS;
}

static void *run(void *ctx)
{
	struct source *s = ctx;
	struct reader r = {.source = s, .pcap = s->input};
	struct pollfd fds[] = {{.fd = pcap_get_selectable_fd(r.pcap), .events = POLLIN},
	    {.fd = s->stop_fd, .events = POLLIN}};
	struct err e = {0};

	r.linktype = capture_linktype(pcap_datalink(r.pcap));
	r.ifindex = if_nametoindex(s->name); /* 0 for `any`; SLL2 says it itself */
	r.ns_per_fraction =
	    pcap_get_tstamp_precision(r.pcap) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;

	while ((fds[1].revents & POLLIN) == 0) {
		if ((fds[0].revents & POLLERR) != 0)
			r.asked_us = 0; /* look at once */
		atomic_store(&s->is_idle, false);
		if (!drain(&r, &e))
			break;
		atomic_store(&s->drained_at_us, now_us());
		atomic_store(&s->is_idle, true);
		(void)poll(fds, 2, sleep_ms(&r)); /* EINTR: look and sleep again */
	}
	if (e.code == 0)
		take_last(&r, &e);
	count_drops(&r);
	source_finish(s, e.code == 0 ? SOURCE_ENDED : SOURCE_LOST, &e);
	return NULL;
}

static void close_pcap(void *pcap)
{
	pcap_close(pcap);
}

int capture_thread_start(struct source *s, pcap_t *pcap, struct err *e)
{
	s->input = pcap;
	s->close_input = close_pcap;
	return source_start(s, run, e);
}
