/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The live filter against frames as the kernel's BPF sees them: on Ethernet the
 * outer VLAN tag is gone already.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <pcap/pcap.h>

#include "capture_filter.h"
#include "capture_open.h"

static const struct port_range ports[] = {{5060, 5061}, {5080, 5080}};

enum { FRAME_MAX = 256 };

struct bytes {
	uint8_t at[FRAME_MAX];
	size_t len;
};

static void put(struct bytes *b, const void *bytes, size_t len)
{
	memcpy(b->at + b->len, bytes, len);
	b->len += len;
}

#define PUT(b, ...) \
	put((b), (const uint8_t[]){__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__}))

static void put_u16(struct bytes *b, unsigned v)
{
	PUT(b, (uint8_t)(v >> 8), (uint8_t)v);
}

/* The header up to where IP begins; type: 0x0800, 0x86dd, 0x8100, ... */
static void put_link(struct bytes *b, int dlt, unsigned type)
{
	static const uint8_t zeros[16];

	switch (dlt) {
	case DLT_EN10MB:
		put(b, zeros, 12);
		put_u16(b, type);
		break;
	case DLT_LINUX_SLL:
		PUT(b, 0, 0, 0, 1, 0, 6);
		put(b, zeros, 8);
		put_u16(b, type);
		break;
	case DLT_LINUX_SLL2:
		put_u16(b, type);
		PUT(b, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6);
		put(b, zeros, 8);
		break;
	case DLT_NULL: /* the address family in host order: AF_INET, AF_INET6 */
		put(b, &(uint32_t){type == 0x0800 ? 2 : 10}, 4);
		break;
	case DLT_LOOP: /* the same in network order */
		PUT(b, 0, 0, 0, type == 0x0800 ? 2 : 10);
		break;
	default: /* raw: IP at once */
		break;
	}
}

static void put_ip4(struct bytes *b, uint8_t proto, unsigned offset_field)
{
	PUT(b, 0x45, 0, 0, 60, 0, 1);
	put_u16(b, offset_field);
	PUT(b, 64, proto, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2);
}

static void put_ip6(struct bytes *b, uint8_t next)
{
	static const uint8_t address[16] = {0x20, 0x01, 0x0d, 0xb8};

	PUT(b, 0x60, 0, 0, 0, 0, 40, next, 64);
	put(b, address, 16);
	put(b, address, 16);
}

static void put_ports(struct bytes *b, unsigned src, unsigned dst)
{
	put_u16(b, src);
	put_u16(b, dst);
	PUT(b, 0, 20, 0, 0, 'S', 'I', 'P', '/', '2', '.', '0', ' ', '2', '0', '0', ' ',
	    0, 0, 0, 0);
}

enum shape {
	UDP4,
	UDP4_RANGE,
	UDP4_REPLY,
	UDP4_SINGLE,
	TCP4,
	UDP6,
	TCP6,
	FRAGMENT4_FIRST,
	FRAGMENT4_LATER,
	FRAGMENT4_LAST,
	FRAGMENT6,
	OPTIONS6,
	ROUTING6,
	DESTINATION6,
	ICMP4,
	ICMP6,
	INNER_TAG,
	INNER_TAG_88A8, /* what a second tag looks like to the filter */
	OTHER_PORT4,
	OTHER_PORT6,
	SCTP4,
	RTP4,
	ARP,
	SHAPE_COUNT
};

static const struct {
	const char *name;
	bool passes, needs_type_field;
} shapes[SHAPE_COUNT] = {
    [UDP4] = {"udp", true, false},
    [UDP4_RANGE] = {"udp, the range's end", true, false},
    [UDP4_REPLY] = {"udp, source port", true, false},
    [UDP4_SINGLE] = {"udp, single port", true, false},
    [TCP4] = {"tcp", true, false},
    [UDP6] = {"udp over IPv6", true, false},
    [TCP6] = {"tcp over IPv6", true, false},
    [FRAGMENT4_FIRST] = {"first IPv4 fragment", true, false},
    [FRAGMENT4_LATER] = {"middle IPv4 fragment", true, false},
    [FRAGMENT4_LAST] = {"last IPv4 fragment", true, false},
    [FRAGMENT6] = {"IPv6 fragment", true, false},
    [OPTIONS6] = {"IPv6 hop-by-hop options", true, false},
    [ROUTING6] = {"IPv6 routing header", true, false},
    [DESTINATION6] = {"IPv6 destination options", true, false},
    [ICMP4] = {"icmp", true, false},
    [ICMP6] = {"icmp6", true, false},
    [INNER_TAG] = {"second tag 0x8100", true, true},
    [INNER_TAG_88A8] = {"second tag 0x88a8", true, true},
    [OTHER_PORT4] = {"another port", false, false},
    [OTHER_PORT6] = {"another port over IPv6", false, false},
    [SCTP4] = {"sctp", false, false},
    [RTP4] = {"rtp", false, false},
    [ARP] = {"arp", false, true},
};

static void build(enum shape s, int dlt, struct bytes *b)
{
	bool is_6 = s == UDP6 || s == TCP6 || s == FRAGMENT6 || s == OPTIONS6 ||
		    s == ROUTING6 || s == DESTINATION6 || s == ICMP6 ||
		    s == OTHER_PORT6;

	b->len = 0;
	if (s == ARP) {
		put_link(b, dlt, 0x0806);
		PUT(b, 0, 1, 8, 0, 6, 4, 0, 1);
		return;
	}
	if (s == INNER_TAG || s == INNER_TAG_88A8) {
		put_link(b, dlt, s == INNER_TAG ? 0x8100 : 0x88a8);
		PUT(b, 0, 5, 8, 0);
		put_ip4(b, 17, 0);
		put_ports(b, 5060, 5060);
		return;
	}
	put_link(b, dlt, is_6 ? 0x86dd : 0x0800);
	switch (s) {
	case UDP4_RANGE:
		put_ip4(b, 17, 0);
		put_ports(b, 40000, 5061);
		break;
	case UDP4_REPLY:
		put_ip4(b, 17, 0);
		put_ports(b, 5060, 40000);
		break;
	case UDP4_SINGLE:
		put_ip4(b, 17, 0);
		put_ports(b, 40000, 5080);
		break;
	case TCP4:
		put_ip4(b, 6, 0);
		put_ports(b, 40000, 5060);
		break;
	case UDP6:
		put_ip6(b, 17);
		put_ports(b, 40000, 5060);
		break;
	case TCP6:
		put_ip6(b, 6);
		put_ports(b, 40000, 5060);
		break;
	case FRAGMENT4_FIRST:
		put_ip4(b, 17, 0x2000);
		put_ports(b, 40000, 5060);
		break;
	case FRAGMENT4_LATER:
		put_ip4(b, 17, 0x2000 | 185);
		put_ports(b, 1, 2);
		break;
	case FRAGMENT4_LAST:
		put_ip4(b, 17, 1);
		put_ports(b, 1, 2);
		break;
	case FRAGMENT6:
		put_ip6(b, 44);
		PUT(b, 17, 0, 0, 1, 0, 0, 0, 1);
		put_ports(b, 40000, 5060);
		break;
	case OPTIONS6:
		put_ip6(b, 0);
		PUT(b, 17, 0, 1, 4, 0, 0, 0, 0);
		put_ports(b, 40000, 5060);
		break;
	case ROUTING6:
		put_ip6(b, 43);
		PUT(b, 17, 0, 1, 4, 0, 0, 0, 0);
		put_ports(b, 40000, 5060);
		break;
	case DESTINATION6:
		put_ip6(b, 60);
		PUT(b, 17, 0, 1, 4, 0, 0, 0, 0);
		put_ports(b, 40000, 5060);
		break;
	case ICMP4:
		put_ip4(b, 1, 0);
		PUT(b, 3, 3, 0, 0, 0, 0, 0, 0);
		break;
	case ICMP6:
		put_ip6(b, 58);
		PUT(b, 1, 4, 0, 0, 0, 0, 0, 0);
		break;
	case OTHER_PORT4:
		put_ip4(b, 17, 0x4000);
		put_ports(b, 40000, 5062);
		break;
	case OTHER_PORT6:
		put_ip6(b, 17);
		put_ports(b, 40000, 5079);
		break;
	case SCTP4:
		put_ip4(b, 132, 0);
		put_ports(b, 5060, 5060);
		break;
	case RTP4:
		put_ip4(b, 17, 0);
		put_ports(b, 12000, 14000);
		break;
	default:
		put_ip4(b, 17, 0);
		put_ports(b, 40000, 5060);
		break;
	}
}

static const struct {
	int dlt;
	bool has_type_field;
} links[] = {
    {DLT_EN10MB, true},
    {DLT_LINUX_SLL, true},
    {DLT_LINUX_SLL2, true},
    {DLT_RAW, false},
    {DLT_NULL, false},
    {DLT_LOOP, false},
};

ParameterizedTestParameters(capture_filter, passes_what_it_must_on_each_link_type)
{
	static size_t rows[sizeof(links) / sizeof(links[0])];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		rows[i] = i;
	return cr_make_param_array(size_t, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(size_t *row, capture_filter, passes_what_it_must_on_each_link_type)
{
	int dlt = links[*row].dlt;
	pcap_t *p = pcap_open_dead(dlt, 65535);
	char text[CAPTURE_FILTER_MAX];
	struct bpf_program prog;
	struct err e;

	cr_assert_eq(capture_filter_build(dlt, ports, 2, text, &e), 0);
	cr_assert_eq(pcap_compile(p, &prog, text, 1, PCAP_NETMASK_UNKNOWN), 0, "%s: %s",
	    text, pcap_geterr(p));
	for (int s = 0; s < SHAPE_COUNT; s++) {
		struct pcap_pkthdr h = {0};
		struct bytes b;
		bool passes;

		if (shapes[s].needs_type_field && !links[*row].has_type_field)
			continue;
		build((enum shape)s, dlt, &b);
		h.caplen = h.len = (bpf_u_int32)b.len;
		passes = pcap_offline_filter(&prog, &h, b.at) != 0;
		cr_expect_eq(passes, shapes[s].passes, "%s on %s", shapes[s].name,
		    pcap_datalink_val_to_name(dlt));
	}
	pcap_freecode(&prog);
	pcap_close(p);
}

/* A packet filter in the kernel has 4096 instructions. */
Test(capture_filter, the_most_ports_fit_and_compile)
{
	struct port_range many[32];
	pcap_t *p = pcap_open_dead(DLT_LINUX_SLL2, 65535);
	char text[CAPTURE_FILTER_MAX];
	struct bpf_program prog;
	struct err e;

	for (size_t i = 0; i < 32; i++)
		many[i] = (struct port_range){
		    (uint16_t)(50000 + 10 * i), (uint16_t)(50005 + 10 * i)};
	cr_assert_eq(capture_filter_build(DLT_LINUX_SLL2, many, 32, text, &e), 0);
	cr_assert_eq(pcap_compile(p, &prog, text, 1, PCAP_NETMASK_UNKNOWN), 0);
	cr_assert_leq(prog.bf_len, 4096);
	pcap_freecode(&prog);
	pcap_close(p);
}

Test(capture_filter, too_many_ports_are_refused)
{
	static struct port_range many[200];
	char text[CAPTURE_FILTER_MAX];
	struct err e;

	for (size_t i = 0; i < 200; i++)
		many[i] = (struct port_range){10000, 20000};
	cr_assert_eq(capture_filter_build(DLT_EN10MB, many, 200, text, &e), -ENOSPC);
}

Test(capture_filter, a_bad_expression_is_said)
{
	struct err e;

	cr_assert_eq(capture_filter_check("udp port 5060", &e), 0);
	cr_assert_eq(capture_filter_check("no such thing", &e), -EINVAL);
	cr_assert_not_null(strstr(e.text, "filter 'no such thing'"));
}

Test(capture_filter, link_types_are_those_of_files)
{
	cr_assert_eq(capture_linktype(DLT_EN10MB), 1);
	cr_assert_eq(capture_linktype(DLT_RAW), 101);
	cr_assert_eq(capture_linktype(DLT_LINUX_SLL), 113);
	cr_assert_eq(capture_linktype(DLT_LINUX_SLL2), 276);
	cr_assert_eq(capture_linktype(DLT_NULL), 0);
}
