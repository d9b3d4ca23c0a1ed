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

/* clang-format off */
static const struct shape {
	const char *name;
	unsigned type;         /* of the link header */
	uint8_t next;          /* protocol or next header */
	unsigned offset_field; /* IPv4: flags and fragment offset */
	unsigned src, dst;     /* ports; 0: no transport header follows */
	bool passes;
} shapes[] = {
	{"udp",                      0x0800, 17, 0,            40000, 5060,  true},
	{"udp, the range's end",     0x0800, 17, 0,            40000, 5061,  true},
	{"udp, source port",         0x0800, 17, 0,            5060,  40000, true},
	{"udp, single port",         0x0800, 17, 0,            40000, 5080,  true},
	{"udp, do not fragment",     0x0800, 17, 0x4000,       40000, 5060,  true},
	{"tcp",                      0x0800, 6,  0,            40000, 5060,  true},
	{"udp over IPv6",            0x86dd, 17, 0,            40000, 5060,  true},
	{"tcp over IPv6",            0x86dd, 6,  0,            40000, 5060,  true},
	{"first IPv4 fragment",      0x0800, 17, 0x2000,       40000, 5060,  true},
	{"middle IPv4 fragment",     0x0800, 17, 0x2000 | 185, 1,     2,     true},
	{"last IPv4 fragment",       0x0800, 17, 1,            1,     2,     true},
	{"IPv6 fragment",            0x86dd, 44, 0,            0,     0,     true},
	{"IPv6 hop-by-hop options",  0x86dd, 0,  0,            0,     0,     true},
	{"IPv6 routing header",      0x86dd, 43, 0,            0,     0,     true},
	{"IPv6 destination options", 0x86dd, 60, 0,            0,     0,     true},
	{"icmp",                     0x0800, 1,  0,            0,     0,     true},
	{"icmp6",                    0x86dd, 58, 0,            0,     0,     true},
	/* What a second tag looks like once the kernel took the first off. */
	{"second tag 0x8100",        0x8100, 0,  0,            0,     0,     true},
	{"second tag 0x88a8",        0x88a8, 0,  0,            0,     0,     true},
	{"another port",             0x0800, 17, 0x4000,       40000, 5062,  false},
	{"another port over IPv6",   0x86dd, 17, 0,            40000, 5079,  false},
	{"sctp",                     0x0800, 132, 0,           5060,  5060,  false},
	{"rtp",                      0x0800, 17, 0,            12000, 14000, false},
	{"arp",                      0x0806, 0,  0,            0,     0,     false},
};
/* clang-format on */

enum { SHAPE_COUNT = sizeof(shapes) / sizeof(shapes[0]) };

static bool is_ip(const struct shape *s)
{
	return s->type == 0x0800 || s->type == 0x86dd;
}

static void build(const struct shape *s, int dlt, struct bytes *b)
{
	b->len = 0;
	put_link(b, dlt, s->type);
	if (s->type == 0x0800)
		put_ip4(b, s->next, s->offset_field);
	else if (s->type == 0x86dd)
		put_ip6(b, s->next);
	else
		PUT(b, 0, 5, 8, 0, 6, 4, 0, 1); /* a tag's rest, an ARP's beginning */
	if (s->src != 0)
		put_ports(b, s->src, s->dst);
	else /* an extension header that says UDP, or an ICMP error's head */
		PUT(b, 17, 0, 0, 1, 0, 0, 0, 1, 0x9c, 0x40, 0x13, 0xc4, 0, 20, 0, 0);
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

		if (!is_ip(&shapes[s]) && !links[*row].has_type_field)
			continue;
		build(&shapes[s], dlt, &b);
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
