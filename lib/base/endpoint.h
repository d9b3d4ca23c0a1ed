/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * endpoint - an IP address, and an address with a port.
 *
 * Contents   IPv4 lives in the first 4 bytes, the rest is zero, so that two
 *            addresses can be compared and hashed as 20 plain bytes.
 *            A v4-mapped IPv6 address stays IPv6: it is what was on the wire.
 */
#ifndef BASE_ENDPOINT_H
#define BASE_ENDPOINT_H

#include "base/slice.h"

struct ip_addr {
	uint8_t bytes[16];
	uint8_t family; /* 0 none, 4, 6 */
};

struct endpoint {
	struct ip_addr ip;
	uint8_t pad; /* always 0: endpoints are compared as bytes */
	uint16_t port;
};

/* "[2001:db8:ffff:ffff:ffff:ffff:255.255.255.255]:65535" and the NUL. */
enum { IP_ADDR_TEXT_MAX = 46, ENDPOINT_TEXT_MAX = 56 };

struct ip_net {
	struct ip_addr ip;
	uint8_t prefix_bits;
};

/* As numbers: each packet is compared with something, and a call of memcmp() for 17 or
 * 20 bytes costs more than they do. */
struct ip_addr_words {
	uint64_t a, b;
};

static inline struct ip_addr_words ip_addr_words(const struct ip_addr *ip)
{
	struct ip_addr_words w;

	memcpy(&w, ip->bytes, sizeof(w));
	return w;
}

static inline bool ip_addr_eq(const struct ip_addr *a, const struct ip_addr *b)
{
	struct ip_addr_words x = ip_addr_words(a), y = ip_addr_words(b);

	return ((x.a ^ y.a) | (x.b ^ y.b)) == 0 && a->family == b->family;
}

static inline bool endpoint_eq(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && ip_addr_eq(&a->ip, &b->ip);
}

/* One of two different endpoints comes first, on this machine always the same one. */
static inline bool endpoint_is_before(
    const struct endpoint *a, const struct endpoint *b)
{
	struct ip_addr_words x = ip_addr_words(&a->ip), y = ip_addr_words(&b->ip);

	if (x.a != y.a)
		return x.a < y.a;
	if (x.b != y.b)
		return x.b < y.b;
	if (a->ip.family != b->ip.family)
		return a->ip.family < b->ip.family;
	return a->port < b->port;
}

/* "192.0.2.1", "2001:db8::1" (no brackets). Returns buf. */
const char *ip_addr_text(const struct ip_addr *ip, char buf[IP_ADDR_TEXT_MAX]);

/* "192.0.2.1:5060", "[2001:db8::1]:5060". Returns buf. */
const char *endpoint_text(const struct endpoint *e, char buf[ENDPOINT_TEXT_MAX]);

/* Accepts IPv4, IPv6, IPv6 in brackets; nothing after it. */
bool ip_addr_parse(struct slice s, struct ip_addr *out);

/* What endpoint_text() writes. */
bool endpoint_parse(struct slice s, struct endpoint *out);

/* "192.0.2.0/24", or one address. */
bool ip_net_parse(struct slice s, struct ip_net *out);
bool ip_net_has(const struct ip_net *net, const struct ip_addr *ip);

/* 10/8, 172.16/12, 192.168/16, 100.64/10, 127/8, 169.254/16, fc00::/7, fe80::/10, ::1.
 */
bool ip_addr_is_private(const struct ip_addr *ip);
bool ip_addr_is_loopback(const struct ip_addr *ip);

#endif
