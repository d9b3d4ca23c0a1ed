/* SPDX-License-Identifier: BSD-2-Clause */
/* What an address looks like: as inet_ntop(3) and RFC 3986 3.2.2 have it. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/endpoint.h"

TestSuite(endpoint);

static void check(const struct endpoint *ep)
{
	int family = ep->ip.family == 6 ? AF_INET6 : AF_INET;
	char ip[INET6_ADDRSTRLEN], want[ENDPOINT_TEXT_MAX + 8];
	char got[ENDPOINT_TEXT_MAX], got_ip[IP_ADDR_TEXT_MAX];
	struct endpoint back;

	cr_assert_not_null(inet_ntop(family, ep->ip.bytes, ip, sizeof(ip)));
	snprintf(
	    want, sizeof(want), family == AF_INET6 ? "[%s]:%u" : "%s:%u", ip, ep->port);
	cr_expect_eq(ip_addr_text(&ep->ip, got_ip), got_ip);
	cr_expect_str_eq(got_ip, ip);
	cr_expect_eq(endpoint_text(ep, got), got);
	cr_expect_str_eq(got, want);
	cr_assert(endpoint_parse(slice_of(got, strlen(got)), &back), "%s", got);
	cr_expect(endpoint_eq(&back, ep), "%s", got);
}

Test(endpoint, every_octet_at_every_place)
{
	for (int place = 0; place < 4; place++) {
		for (int octet = 0; octet < 256; octet++) {
			struct endpoint ep = {.ip.family = 4, .port = 5060};

			ep.ip.bytes[place] = (uint8_t)octet;
			check(&ep);
		}
	}
}

Test(endpoint, every_port)
{
	for (uint32_t port = 0; port <= UINT16_MAX; port++) {
		struct endpoint ep = {
		    .ip = {{192, 0, 2, 255}, 4}, .port = (uint16_t)port};

		check(&ep);
	}
}

Test(endpoint, ipv6)
{
	static const uint8_t addresses[][16] = {{0}, {[15] = 1},
	    {0x20, 0x01, 0x0d, 0xb8, [15] = 1}, {[10] = 0xff, 0xff, 255, 255, 255, 255},
	    {[0 ... 15] = 0xff}};

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct endpoint ep = {.ip.family = 6, .port = 65535};

		memcpy(ep.ip.bytes, addresses[i], sizeof(ep.ip.bytes));
		check(&ep);
	}
}

Test(endpoint, the_longest_text_fits)
{
	static const char longest[] =
	    "[2001:db8:ffff:ffff:ffff:ffff:255.255.255.255]:65535";

	cr_expect_leq(sizeof(longest), ENDPOINT_TEXT_MAX);
}

Test(endpoint, no_address_is_a_dash)
{
	const struct endpoint none = {0};
	char text[ENDPOINT_TEXT_MAX];

	cr_expect_str_eq(ip_addr_text(&none.ip, text), "-");
	cr_expect_str_eq(endpoint_text(&none, text), "-:0");
}
