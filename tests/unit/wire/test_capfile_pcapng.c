/* SPDX-License-Identifier: BSD-2-Clause */
#include "capfile_test.h"

/* clang-format off */
/* Blocks of draft-ietf-opsawg-pcapng; each line is one. */
#define SHB_LE  "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000 "
#define SHB_BE  "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c "
/* Ethernet, snap length 65535, microseconds. */
#define IDB_LE  "01000000 14000000 0100 0000 ffff0000 14000000 "
#define IDB_BE  "00000001 00000014 0001 0000 0000ffff 00000014 "
/* Cooked, snap length 2. */
#define IDB_SLL "01000000 14000000 7100 0000 02000000 14000000 "
#define IDB_WITH(len, options) "01000000 " len " 0100 0000 ffff0000 " options " 00000000 " len " "
#define TSRESOL(value) "0900 0100 " value "000000 "
/* 1700000000.000001 s in microseconds is 0x60a24181e4001. */
#define EPB(interface, high_low, data) \
	"06000000 24000000 " interface " " high_low " 04000000 04000000 " data " 24000000 "
#define STAMP   "240a0600 01401e18"
#define EPB_LE  EPB("00000000", STAMP, ABCD)
#define EPB_BE  "00000006 00000024 00000000 00060a24 181e4001 00000004 00000004 " ABCD "00000024 "
#define ABCD    "41424344 "
#define LINE    "1700000000.000001000 link 1 if 1 wire 4 ABCD\n"
#define ISB(interface, options_len, options) \
	"05000000 " options_len " " interface " 00000000 00000000 " options " 00000000 " options_len " "

static const struct file_case files[] = {
	{"little-endian", SHB_LE IDB_LE EPB_LE EPB_LE, LINE LINE "end"},
	{"big-endian", SHB_BE IDB_BE EPB_BE EPB_BE, LINE LINE "end"},
	{"two sections, one in each order", SHB_LE IDB_LE EPB_LE SHB_BE IDB_BE EPB_BE,
		LINE LINE "end"},
	{"a section forgets the interfaces", SHB_LE IDB_LE EPB_LE SHB_LE EPB_LE,
		LINE "damaged at byte 112: a packet of interface 0, which is not described"},
	{"interfaces of several link types", SHB_LE IDB_LE IDB_SLL EPB_LE
		EPB("01000000", STAMP, ABCD),
		LINE "1700000000.000001000 link 113 if 2 wire 4 ABCD\n" "end"},
	{"an interface described between packets", SHB_LE IDB_LE EPB_LE IDB_SLL
		EPB("01000000", STAMP, ABCD),
		LINE "1700000000.000001000 link 113 if 2 wire 4 ABCD\n" "end"},
	{"no packet", SHB_LE IDB_LE, "end"},
	{"no interface", SHB_LE, "end"},
	{"section with a length and options",
		"0a0d0d0a 28000000 4d3c2b1a 0100 0000 3800000000000000 0400 0400 41424344"
		"00000000 28000000" IDB_LE EPB_LE, LINE "end"},
	{"version 1.2", "0a0d0d0a 1c000000 4d3c2b1a 0100 0200 ffffffffffffffff 1c000000"
		IDB_LE EPB_LE, LINE "end"},

	{"if_tsresol 9: nanoseconds", SHB_LE IDB_WITH("20000000", TSRESOL("09"))
		EPB("00000000", "fe9c9717 01cc853d", ABCD),
		"1700000000.123456513 link 1 if 1 wire 4 ABCD\n" "end"},
	{"if_tsresol 3", SHB_LE IDB_WITH("20000000", TSRESOL("03"))
		EPB("00000000", "8b010000 0168e5cf", ABCD),
		"1700000000.001000000 link 1 if 1 wire 4 ABCD\n" "end"},
	{"if_tsresol 0: seconds", SHB_LE IDB_WITH("20000000", TSRESOL("00"))
		EPB("00000000", "00000000 00f15365", ABCD),
		"1700000000.000000000 link 1 if 1 wire 4 ABCD\n" "end"},
	{"if_tsresol 12: picoseconds", SHB_LE IDB_WITH("20000000", TSRESOL("0c"))
		EPB("00000000", "e8000000 b81ba5d4", ABCD),
		"1.000000003 link 1 if 1 wire 4 ABCD\n" "end"},
	{"if_tsresol 2^-10", SHB_LE IDB_WITH("20000000", TSRESOL("8a"))
		EPB("00000000", "95010000 0002c44f", ABCD),
		"1700000000.500000000 link 1 if 1 wire 4 ABCD\n" "end"},
	{"if_tsresol 10^-127: no resolution anybody has", SHB_LE
		IDB_WITH("20000000", TSRESOL("7f")) EPB_LE,
		"0.000170000 link 1 if 1 wire 4 ABCD\n" "end"},
	{"if_tsresol 2^-127", SHB_LE IDB_WITH("20000000", TSRESOL("ff")) EPB_LE,
		"0.000184314 link 1 if 1 wire 4 ABCD\n" "end"},
	{"if_tsoffset", SHB_LE IDB_WITH("28000000", "0e00 0800 64000000 00000000 00000000")
		EPB_LE, "1700000100.000001000 link 1 if 1 wire 4 ABCD\n" "end"},
	{"if_tsoffset before 1970", SHB_LE IDB_WITH("28000000",
		"0e00 0800 00000000 ffffffff 00000000") EPB_LE,
		"0.000000000 link 1 if 1 wire 4 ABCD\n" "end"},
	{"if_tsoffset after all days", SHB_LE IDB_WITH("28000000",
		"0e00 0800 ffffffff ffffff7f 00000000") EPB_LE,
		"9223372036.854775807 link 1 if 1 wire 4 ABCD\n" "end"},
	{"options of a wrong length say nothing", SHB_LE IDB_WITH("24000000",
		"0900 0000 0e00 0400 64000000") EPB_LE
		ISB("00000000", "2c000000", "0500 0400 01000000 0700 0400 01000000")
		"06000000 30000000 00000000" STAMP "04000000 04000000" ABCD
		"0400 0400 05000000 00000000 30000000", LINE LINE "end"},
	{"a time after all days", SHB_LE IDB_LE EPB("00000000", "ffffffff ffffffff", ABCD),
		"9223372036.854775807 link 1 if 1 wire 4 ABCD\n" "end"},
	{"an option longer than its block is none", SHB_LE
		IDB_WITH("20000000", "0900 ff00 09000000") EPB_LE, LINE "end"},

	{"the snap length cut it", SHB_LE IDB_LE
		"06000000 24000000 00000000" STAMP "02000000 2a000000 41420000 24000000",
		"1700000000.000001000 link 1 if 1 wire 42 AB\n" "end"},
	{"simple packets have the time of what came before", SHB_LE IDB_SLL EPB_LE
		"03000000 14000000 2a000000 41420000 14000000",
		"1700000000.000001000 link 113 if 1 wire 4 ABCD\n"
		"1700000000.000001000 link 113 if 1 wire 42 AB\n" "end"},
	{"simple packet, shorter than the snap length", SHB_LE IDB_LE
		"03000000 14000000 03000000 41424300 14000000",
		"0.000000000 link 1 if 1 wire 3 ABC\n" "end"},
	{"obsolete packets count drops", SHB_LE IDB_LE
		"02000000 24000000 0000 0300" STAMP "04000000 04000000" ABCD "24000000"
		"02000000 24000000 0000 ffff" STAMP "04000000 04000000" ABCD "24000000",
		LINE LINE "end", .dropped = 3},
	{"epb_dropcount", SHB_LE IDB_LE
		"06000000 34000000 00000000" STAMP "04000000 04000000" ABCD
		"0400 0800 05000000 00000000 00000000 34000000" EPB_LE,
		LINE LINE "end", .dropped = 5},
	{"interface statistics, the last counts", SHB_LE IDB_LE EPB_LE
		ISB("00000000", "28000000", "0500 0800 02000000 00000000")
		ISB("00000000", "34000000", "0500 0800 03000000 00000000 0700 0800 04000000 00000000"),
		LINE "end", .dropped = 7},
	{"the same loss told twice", SHB_LE IDB_LE
		"06000000 34000000 00000000" STAMP "04000000 04000000" ABCD
		"0400 0800 05000000 00000000 00000000 34000000"
		ISB("00000000", "28000000", "0700 0800 05000000 00000000"),
		LINE "end", .dropped = 5},
	{"two interfaces, two sections", SHB_LE IDB_LE IDB_LE
		ISB("00000000", "28000000", "0700 0800 05000000 00000000")
		ISB("01000000", "28000000", "0700 0800 01000000 00000000")
		SHB_LE IDB_LE ISB("00000000", "28000000", "0700 0800 02000000 00000000"),
		"end", .dropped = 8},
	{"statistics of an interface nobody described", SHB_LE IDB_LE
		ISB("09000000", "28000000", "0700 0800 05000000 00000000") EPB_LE, LINE "end"},
	{"a packet's counter that runs over", SHB_LE IDB_LE
		"06000000 34000000 00000000" STAMP "04000000 04000000" ABCD
		"0400 0800 ffffffff ffffffff 00000000 34000000"
		"06000000 34000000 00000000" STAMP "04000000 04000000" ABCD
		"0400 0800 05000000 00000000 00000000 34000000",
		LINE LINE "end", .dropped = UINT64_MAX},
	{"a wire length below what is there", SHB_LE IDB_LE
		"06000000 24000000 00000000" STAMP "04000000 00000000" ABCD "24000000",
		LINE "end"},
	{"simple packet, no snap length", SHB_LE "01000000 14000000 0100 0000 00000000 14000000"
		"03000000 14000000 04000000" ABCD "14000000",
		"0.000000000 link 1 if 1 wire 4 ABCD\n" "end"},
	{"counters that run over", SHB_LE IDB_LE IDB_LE
		ISB("00000000", "34000000",
			"0500 0800 ffffffff ffffffff 0700 0800 ffffffff ffffffff")
		ISB("01000000", "28000000", "0700 0800 05000000 00000000"),
		"end", .dropped = UINT64_MAX},
	{"unknown, custom, name and secrets blocks are skipped", SHB_LE
		"78563412 0c000000 0c000000" IDB_LE
		"ad0b0000 14000000 0102030405060708 14000000"
		"04000000 10000000 00000000 10000000"
		"0a000000 14000000 4b535354 00000000 14000000" EPB_LE, LINE "end"},

	{"only the block type", "0a0d0d0a",
		"open: damaged at byte 0: cut short, 4 bytes of a block are there"},
	{"no byte order", "0a0d0d0a 1c000000 00000000 0100 0000 ffffffffffffffff 1c000000",
		"open: damaged at byte 0: a section header without its magic"},
	{"version 2.0", "0a0d0d0a 1c000000 4d3c2b1a 0200 0000 ffffffffffffffff 1c000000",
		"damaged at byte 0: pcapng version 2.0 is not known"},
	{"a section header of 24 bytes", "0a0d0d0a 18000000 4d3c2b1a 0100 0000 ffffffff 18000000",
		"open: damaged at byte 0: a block of 24 bytes"},
	{"a block of 8 bytes", SHB_LE IDB_LE EPB_LE "06000000 08000000",
		LINE "damaged at byte 84: a block of 8 bytes"},
	{"a block of 37 bytes", SHB_LE IDB_LE EPB_LE "06000000 25000000",
		LINE "damaged at byte 84: a block of 37 bytes"},
	{"a block of 4 GiB", SHB_LE IDB_LE EPB_LE "06000000 fcffffff",
		LINE "damaged at byte 84: a block of 4294967292 bytes"},
	{"an unknown block of 4 GiB", SHB_LE IDB_LE EPB_LE "ad0b0000 fcffffff 00000000",
		LINE "damaged at byte 96: cut short, 4294967280 bytes of a block are missing"},
	{"a block's second length", SHB_LE IDB_LE EPB_LE
		"06000000 24000000 00000000" STAMP "04000000 04000000" ABCD "20000000",
		LINE "damaged at byte 84: a block's two lengths differ, 36 and 32"},
	{"a packet longer than its block", SHB_LE IDB_LE EPB_LE
		"06000000 24000000 00000000" STAMP "05000000 05000000" ABCD "24000000",
		LINE "damaged at byte 84: a packet of 5 bytes in 4 of a block"},
	{"a packet of 4 GiB in its block", SHB_LE IDB_LE
		"06000000 24000000 00000000" STAMP "ffffffff ffffffff" ABCD "24000000",
		"damaged at byte 48: a packet of 4294967295 bytes in 4 of a block"},
	{"a simple packet longer than its block", SHB_LE IDB_LE
		"03000000 14000000 05000000" ABCD "14000000",
		"damaged at byte 48: a packet of 5 bytes in 4 of a block"},
	{"a packet block without a packet's fields", SHB_LE IDB_LE
		"06000000 10000000 00000000 10000000",
		"damaged at byte 48: a packet block of 4 bytes"},
	{"an interface block without fields", SHB_LE "01000000 0c000000 0c000000",
		"damaged at byte 28: an interface block of 0 bytes"},
	{"a statistics block without fields", SHB_LE IDB_LE "05000000 0c000000 0c000000",
		"damaged at byte 48: a statistics block of 0 bytes"},
	{"a simple packet block without fields", SHB_LE IDB_LE "03000000 0c000000 0c000000",
		"damaged at byte 48: a simple packet block of 0 bytes"},
	{"a simple packet without an interface", SHB_LE "03000000 14000000 04000000" ABCD "14000000",
		"damaged at byte 28: a packet of interface 0, which is not described"},
	{"an interface nobody described", SHB_LE IDB_LE EPB("01000000", STAMP, ABCD),
		"damaged at byte 48: a packet of interface 1, which is not described"},
};
/* clang-format on */

FILE_CASES(capfile_pcapng, files);

/* An endless file of one-line descriptions must not cost endless memory. */
Test(capfile_pcapng, interfaces_are_bounded)
{
	enum { COUNT = 4097, IDB_LEN = 20 };
	static uint8_t bytes[28 + COUNT * IDB_LEN];
	struct memory m = {.bytes = bytes, .len = sizeof(bytes)};
	char text[CAPFILE_TEST_MAX];
	size_t at = hex_bytes(SHB_LE, bytes, sizeof(bytes));

	for (int i = 0; i < COUNT; i++)
		at += hex_bytes(IDB_LE, bytes + at, sizeof(bytes) - at);
	(void)capfile_text(&m, text, sizeof(text), NULL);
	cr_expect_str_eq(
	    text, "damaged at byte 81948: more than 4096 interfaces", "%s", text);

	m = (struct memory){.bytes = bytes, .len = sizeof(bytes) - IDB_LEN};
	(void)capfile_text(&m, text, sizeof(text), NULL);
	cr_expect_str_eq(text, "end", "%s", text);
}

/* Decryption secrets and journals may be larger than any packet. */
Test(capfile_pcapng, an_unknown_block_larger_than_the_limit_is_skipped)
{
	enum { BIG = CAPFILE_RECORD_MAX + 4096 };
	uint8_t *bytes = calloc(1, BIG + 256);
	struct memory m = {.bytes = bytes, .piece = 65536};
	char text[CAPFILE_TEST_MAX];
	size_t at;

	cr_assert_not_null(bytes);
	at = hex_bytes(SHB_LE IDB_LE "ad0b0000 00100001", bytes, 256);
	at += BIG - 8;
	at += hex_bytes(EPB_LE, bytes + at, 64);
	m.len = at;
	(void)capfile_text(&m, text, sizeof(text), NULL);
	cr_expect_str_eq(text, LINE "end", "%s", text);
	free(bytes);
}

Test(capfile_pcapng, goes_on_after_an_interrupted_read)
{
	static uint8_t bytes[CAPFILE_TEST_MAX];
	struct memory m = {.bytes = bytes, .piece = 3};
	struct capfile *file;
	struct frame frame;
	struct err e;
	int frames = 0;
	int rc;

	m.len = hex_bytes(SHB_LE IDB_LE EPB_LE
	    "ad0b0000 14000000 0102030405060708 14000000" EPB_LE,
	    bytes, sizeof(bytes));
	cr_assert_eq(capfile_open(read_memory, &m, &file, &e), 0);
	m.interrupted = true;
	while ((rc = capfile_next(file, &frame, &e)) != 0) {
		cr_assert(rc == 1 || rc == -EINTR, "%d %s", rc, e.text);
		frames += rc == 1;
	}
	cr_expect_eq(frames, 2);
	capfile_close(file);
}
