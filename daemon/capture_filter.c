/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture_filter.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"

struct text_out {
	char *at;
	size_t left;
	bool is_full;
};

__attribute__((format(printf, 2, 3))) static void add(
    struct text_out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(o->at, o->left, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= o->left) {
		o->is_full = true;
		return;
	}
	o->at += n;
	o->left -= (size_t)n;
}

/* "udp portrange" and "tcp portrange": a bare one would take SCTP as well. */
static void add_ports(struct text_out *o, const struct port_range *r)
{
	static const char *const protocols[] = {"udp", "tcp"};

	for (size_t i = 0; i < 2; i++) {
		if (r->first == r->last)
			add(o, "%s port %u or ", protocols[i], r->first);
		else
			add(o, "%s portrange %u-%u or ", protocols[i], r->first,
			    r->last);
	}
}

/*
 * Ethernet has the tag in its type field. SLL and SLL2 have a protocol field,
 * which libpcap's `ether proto` reads there, in the kernel too.
 */
static bool has_type_field(int dlt)
{
	return dlt == DLT_EN10MB || dlt == DLT_LINUX_SLL || dlt == DLT_LINUX_SLL2;
}

int capture_filter_build(int dlt, const struct port_range *ports, size_t count,
    char out[CAPTURE_FILTER_MAX], struct err *e)
{
	struct text_out o = {out, CAPTURE_FILTER_MAX, false};

	for (size_t i = 0; i < count; i++)
		add_ports(&o, &ports[i]);
	/* 0x1fff: the fragment offset, RFC 791 3.1. */
	add(&o, "(ip[6:2] & 0x1fff != 0) or ip6[6] = 44 or ");
	add(&o, "ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 60 or icmp or icmp6");
	if (has_type_field(dlt))
		add(&o, " or ether proto 0x8100 or ether proto 0x88a8");
	if (o.is_full)
		return err_set(e, -ENOSPC, "filter: too many ports");
	return 0;
}

static void close_pcap(pcap_t **p)
{
	if (*p != NULL)
		pcap_close(*p);
}

int capture_filter_check(const char *expression, struct err *e)
{
	CLEANUP(close_pcap) pcap_t *p = pcap_open_dead(DLT_EN10MB, 65535);
	CLEANUP(pcap_freecode) struct bpf_program prog = {0};

	if (p == NULL)
		return err_set(e, -ENOMEM, "out of memory");
	if (pcap_compile(p, &prog, expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
		return err_set(
		    e, -EINVAL, "filter '%.120s': %s", expression, pcap_geterr(p));
	return 0;
}
