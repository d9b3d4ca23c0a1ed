/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>

#include "base/endpoint.h"

_Static_assert(sizeof(struct endpoint) == 20, "endpoints are hashed as bytes");
_Static_assert(sizeof(struct ip_addr_words) == sizeof(((struct ip_addr *)0)->bytes),
    "addresses are compared as numbers");

/* No snprintf(), and no inet_ntop() for IPv4: each failure's row has five of these. */
static char *put_number(char *to, unsigned value)
{
	char digits[5];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0 && n < sizeof(digits));
	while (n > 0)
		*to++ = digits[--n];
	return to;
}

static char *put_ip4(char *to, const uint8_t bytes[4])
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*to++ = '.';
		to = put_number(to, bytes[i]);
	}
	return to;
}

/* All of these return where the text ends; there is no NUL. */
static char *put_ip(char *to, const struct ip_addr *ip)
{
	if (ip->family == 4)
		return put_ip4(to, ip->bytes);
	if (ip->family == 0 ||
	    inet_ntop(AF_INET6, ip->bytes, to, IP_ADDR_TEXT_MAX) == NULL)
		memcpy(to, "-", 2);
	return to + strlen(to);
}

const char *ip_addr_text(const struct ip_addr *ip, char buf[IP_ADDR_TEXT_MAX])
{
	*put_ip(buf, ip) = '\0';
	return buf;
}

const char *endpoint_text(const struct endpoint *e, char buf[ENDPOINT_TEXT_MAX])
{
	char *to = buf;

	if (e->ip.family == 6)
		*to++ = '[';
	to = put_ip(to, &e->ip);
	if (e->ip.family == 6)
		*to++ = ']';
	*to++ = ':';
	*put_number(to, e->port) = '\0';
	return buf;
}

/* What inet_pton() takes: four numbers, and 010 is none. */
static bool parse_v4(struct slice s, struct ip_addr *out)
{
	struct ip_addr ip = {.family = 4};
	size_t i = 0;

	for (size_t part = 0; part < 4; part++) {
		size_t first = i;
		unsigned int n = 0;

		for (; i < s.len && i - first < 3 && s.ptr[i] >= '0' && s.ptr[i] <= '9';
		     i++)
			n = n * 10 + (unsigned int)(s.ptr[i] - '0');
		if (i == first || n > 255 || (s.ptr[first] == '0' && i - first > 1))
			return false;
		ip.bytes[part] = (uint8_t)n;
		if (part < 3 && (i == s.len || s.ptr[i++] != '.'))
			return false;
	}
	if (i != s.len)
		return false;
	*out = ip;
	return true;
}

bool ip_addr_parse(struct slice s, struct ip_addr *out)
{
	char text[IP_ADDR_TEXT_MAX];
	struct ip_addr ip = {.family = 6};

	if (s.len >= 2 && s.ptr[0] == '[' && s.ptr[s.len - 1] == ']')
		s = slice_of(s.ptr + 1, s.len - 2);
	if (s.len == 0 || s.len >= sizeof(text) || memchr(s.ptr, '\0', s.len) != NULL)
		return false;
	if (memchr(s.ptr, ':', s.len) == NULL)
		return parse_v4(s, out);
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';

	if (inet_pton(AF_INET6, text, ip.bytes) != 1)
		return false;
	*out = ip;
	return true;
}

bool ip_net_parse(struct slice s, struct ip_net *out)
{
	struct slice ip = s;
	struct ip_net net = {0};
	uint32_t bits, most;
	bool has_prefix = slice_take_until(&s, '/', &ip);

	if (!ip_addr_parse(ip, &net.ip))
		return false;
	most = net.ip.family == 6 ? 128 : 32;
	bits = most;
	if (has_prefix && !slice_to_u32(s, most, &bits))
		return false;
	net.prefix_bits = (uint8_t)bits;
	*out = net;
	return true;
}

bool ip_net_has(const struct ip_net *net, const struct ip_addr *ip)
{
	size_t whole = net->prefix_bits / 8;
	unsigned rest = net->prefix_bits % 8;
	unsigned mask = 0xff00u >> rest & 0xff;

	if (net->ip.family != ip->family)
		return false;
	if (memcmp(net->ip.bytes, ip->bytes, whole) != 0)
		return false;
	return rest == 0 || ((net->ip.bytes[whole] ^ ip->bytes[whole]) & mask) == 0;
}

bool ip_addr_is_loopback(const struct ip_addr *ip)
{
	static const uint8_t v6[16] = {[15] = 1};

	if (ip->family == 4)
		return ip->bytes[0] == 127;
	return ip->family == 6 && memcmp(ip->bytes, v6, sizeof(v6)) == 0;
}

bool ip_addr_is_private(const struct ip_addr *ip)
{
	static const struct ip_net nets[] = {{{{10}, 4}, 8}, {{{172, 16}, 4}, 12},
	    {{{192, 168}, 4}, 16}, {{{100, 64}, 4}, 10}, {{{127}, 4}, 8},
	    {{{169, 254}, 4}, 16}, {{{0xfc}, 6}, 7}, {{{0xfe, 0x80}, 6}, 10}};

	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		if (ip_net_has(&nets[i], ip))
			return true;
	}
	return ip_addr_is_loopback(ip);
}

bool endpoint_parse(struct slice s, struct endpoint *out)
{
	struct endpoint ep = {0};
	uint32_t port;
	size_t at = s.len;

	while (at > 0 && s.ptr[at - 1] != ':')
		at--;
	if (at == 0 || !ip_addr_parse(slice_of(s.ptr, at - 1), &ep.ip) ||
	    !slice_to_u32(slice_of(s.ptr + at, s.len - at), UINT16_MAX, &port))
		return false;
	ep.port = (uint16_t)port;
	*out = ep;
	return true;
}
