/* SPDX-License-Identifier: BSD-2-Clause */
#include "capfile_test.h"

/* clang-format off */
/* Version, zone, accuracy, snap length 65535, link type. */
#define HEAD_LE(magic, link) magic " 0200 0400 00000000 00000000 ffff0000 " link " "
#define HEAD_BE(magic, link) magic " 0002 0004 00000000 00000000 0000ffff " link " "
#define USEC_LE "d4c3b2a1"
#define USEC_BE "a1b2c3d4"
#define NSEC_LE "4d3cb2a1"
#define NSEC_BE "a1b23c4d"
#define MODIFIED_LE "34cdb2a1"
#define MODIFIED_BE "a1b2cd34"
/* 1700000000 s, fraction 1, caplen 4 of 4. */
#define RECORD_LE "00f15365 01000000 04000000 04000000 "
#define RECORD_BE "6553f100 00000001 00000004 00000004 "
#define ABCD "41424344 "
#define USEC_LINE "1700000000.000001000 link 1 if 0 wire 4 ABCD\n"
#define NSEC_LINE "1700000000.000000001 link 1 if 0 wire 4 ABCD\n"

/* draft-ietf-opsawg-pcap, and Wireshark's list of what deviates from it. */
static const struct file_case files[] = {
	{"microseconds, little-endian", HEAD_LE(USEC_LE, "01000000") RECORD_LE ABCD RECORD_LE ABCD,
		USEC_LINE USEC_LINE "end"},
	{"microseconds, big-endian", HEAD_BE(USEC_BE, "00000001") RECORD_BE ABCD RECORD_BE ABCD,
		USEC_LINE USEC_LINE "end"},
	{"nanoseconds, little-endian", HEAD_LE(NSEC_LE, "01000000") RECORD_LE ABCD,
		NSEC_LINE "end"},
	{"nanoseconds, big-endian", HEAD_BE(NSEC_BE, "00000001") RECORD_BE ABCD,
		NSEC_LINE "end"},
	{"modified, little-endian: interface 7", HEAD_LE(MODIFIED_LE, "01000000")
		RECORD_LE "07000000 0800 00 00" ABCD RECORD_LE "08000000 0800 00 00" ABCD,
		"1700000000.000001000 link 1 if 7 wire 4 ABCD\n"
		"1700000000.000001000 link 1 if 8 wire 4 ABCD\n" "end"},
	{"modified, big-endian", HEAD_BE(MODIFIED_BE, "00000001")
		RECORD_BE "00000007 0008 00 00" ABCD,
		"1700000000.000001000 link 1 if 7 wire 4 ABCD\n" "end"},
	{"no packet", HEAD_LE(USEC_LE, "01000000"), "end"},
	{"an empty packet", HEAD_LE(USEC_LE, "01000000") "00f15365 01000000 00000000 2a000000",
		"1700000000.000001000 link 1 if 0 wire 42 \n" "end"},
	{"snap length", HEAD_LE(USEC_LE, "71000000") "00f15365 01000000 04000000 dc050000" ABCD,
		"1700000000.000001000 link 113 if 0 wire 1500 ABCD\n" "end"},
	{"a wire length below what is there", HEAD_LE(USEC_LE, "01000000")
		"00f15365 01000000 04000000 00000000" ABCD, USEC_LINE "end"},
	{"frame check sequences announced above the link type", HEAD_LE(USEC_LE, "01000044")
		RECORD_LE ABCD, USEC_LINE "end"},
	{"the year 2106", HEAD_LE(USEC_LE, "01000000") "ffffffff 3f420f00 04000000 04000000" ABCD,
		"4294967295.999999000 link 1 if 0 wire 4 ABCD\n" "end"},
	{"version 2.2: lengths the other way round", USEC_LE "0200 0200 00000000 00000000"
		"ffff0000 01000000" "00f15365 01000000 2a000000 04000000" ABCD,
		"1700000000.000001000 link 1 if 0 wire 42 ABCD\n" "end"},
	{"version 2.3: perhaps", USEC_LE "0200 0300 00000000 00000000 ffff0000 01000000"
		"00f15365 01000000 2a000000 04000000" ABCD
		"00f15365 01000000 04000000 2a000000" ABCD,
		"1700000000.000001000 link 1 if 0 wire 42 ABCD\n"
		"1700000000.000001000 link 1 if 0 wire 42 ABCD\n" "end"},

	{"empty", "", "open: empty"},
	{"three bytes", "d4c3b2", "open: no capture file (neither pcap nor pcapng)"},
	{"text", "23212f62696e2f7368", "open: no capture file (neither pcap nor pcapng)"},
	{"half a header", "d4c3b2a1 0200 0400", "open: cut short in the pcap file header"},
	{"version 1.4", USEC_LE "0100 0400 00000000 00000000 ffff0000 01000000",
		"open: pcap version 1.4 is not known"},
	{"cut in a record's header", HEAD_LE(USEC_LE, "01000000") RECORD_LE ABCD "00f15365",
		USEC_LINE "damaged at byte 44: cut short in a record's header"},
	{"cut in a packet", HEAD_LE(USEC_LE, "01000000") RECORD_LE ABCD RECORD_LE "4142",
		USEC_LINE "damaged at byte 44: cut short, 2 of 4 bytes of the packet are there"},
	{"a length nobody writes", HEAD_LE(USEC_LE, "01000000") RECORD_LE ABCD
		"00f15365 01000000 01000400 01000400" ABCD,
		USEC_LINE "damaged at byte 44: a record of 262145 bytes"},
	{"a length of 4 GiB", HEAD_LE(USEC_LE, "01000000")
		"00f15365 01000000 ffffffff ffffffff" ABCD,
		"damaged at byte 24: a record of 4294967295 bytes"},
	{"a snap length of 4 GiB allows 16 MiB", USEC_LE "0200 0400 00000000 00000000"
		"ffffffff 01000000" "00f15365 01000000 01000001 01000001" ABCD,
		"damaged at byte 24: a record of 16777217 bytes"},
};

/* Written with longer record headers under the usual magic. One byte at a time
 * there is nothing to tell them by, so these are read whole. */
static const struct file_case disguised[] = {
	{"modified headers (Red Hat 6.1)", HEAD_LE(USEC_LE, "01000000")
		RECORD_LE "07000000 0800 00 00" ABCD RECORD_LE "07000000 0800 00 00" ABCD,
		"1700000000.000001000 link 1 if 7 wire 4 ABCD\n"
		"1700000000.000001000 link 1 if 7 wire 4 ABCD\n" "end"},
	{"modified, as SuSE 6.3 wrote it", HEAD_LE(MODIFIED_LE, "01000000")
		RECORD_LE "07000000 0800 00 00 00000000" ABCD
		RECORD_LE "07000000 0800 00 00 00000000" ABCD,
		"1700000000.000001000 link 1 if 7 wire 4 ABCD\n"
		"1700000000.000001000 link 1 if 7 wire 4 ABCD\n" "end"},
	{"Nokia", HEAD_LE(USEC_LE, "01000000") RECORD_LE "ffffffff" ABCD RECORD_LE "ffffffff" ABCD,
		USEC_LINE USEC_LINE "end"},
	{"damage is no disguise", HEAD_LE(USEC_LE, "01000000") RECORD_LE ABCD
		"ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff",
		USEC_LINE "damaged at byte 44: a record of 4294967295 bytes"},
};
/* clang-format on */

FILE_CASES(capfile_pcap, files);

Test(capfile_pcap, longer_headers_in_disguise)
{
	static uint8_t bytes[CAPFILE_TEST_MAX];
	char text[CAPFILE_TEST_MAX];

	for (size_t i = 0; i < sizeof(disguised) / sizeof(disguised[0]); i++) {
		struct memory m = {.bytes = bytes};

		m.len = hex_bytes(disguised[i].hex, bytes, sizeof(bytes));
		(void)capfile_text(&m, text, sizeof(text), NULL);
		cr_expect_str_eq(
		    text, disguised[i].want, "%s: %s", disguised[i].name, text);
	}
}

Test(capfile_pcap, goes_on_after_an_interrupted_read)
{
	static uint8_t bytes[CAPFILE_TEST_MAX];
	char text[CAPFILE_TEST_MAX];
	struct memory m = {.bytes = bytes, .piece = 3};
	struct capfile *file;
	struct frame frame;
	struct err e;
	int frames = 0;
	int rc;

	m.len = hex_bytes(files[0].hex, bytes, sizeof(bytes));
	cr_assert_eq(capfile_open(read_memory, &m, &file, &e), 0);
	m.interrupted = true;
	while ((rc = capfile_next(file, &frame, &e)) != 0) {
		cr_assert(rc == 1 || rc == -EINTR, "%d %s", rc, e.text);
		if (rc != 1)
			continue;
		(void)put_frame(text, sizeof(text), &frame);
		cr_expect_str_eq(text, USEC_LINE);
		frames++;
	}
	cr_expect_eq(frames, 2);
	capfile_close(file);
}

/* One packet of a megabyte between small ones: the buffer grows and moves. */
Test(capfile_pcap, a_packet_larger_than_the_buffer)
{
	enum { BIG = 1 << 20, COUNT = 3 };
	static uint8_t bytes[24 + COUNT * (16 + BIG)];
	struct memory m = {.bytes = bytes, .len = sizeof(bytes), .piece = 100001};
	struct capfile *file;
	struct frame frame;
	struct err e;
	size_t at = hex_bytes(USEC_LE "0200 0400 00000000 00000000 00001000 01000000",
	    bytes, sizeof(bytes));

	for (int i = 0; i < COUNT; i++) {
		at += hex_bytes("00f15365 01000000 00001000 00001000", bytes + at, 16);
		memset(bytes + at, 'a' + i, BIG);
		at += BIG;
	}
	cr_assert_eq(capfile_open(read_memory, &m, &file, &e), 0, "%s", e.text);
	for (int i = 0; i < COUNT; i++) {
		cr_assert_eq(capfile_next(file, &frame, &e), 1, "%s", e.text);
		cr_assert_eq(frame.bytes.len, BIG);
		cr_expect_eq(frame.bytes.ptr[0], 'a' + i);
		cr_expect_eq(frame.bytes.ptr[BIG - 1], 'a' + i);
	}
	cr_expect_eq(capfile_next(file, &frame, &e), 0);
	capfile_close(file);
}

/* Frames of several at once are those of one by one, up to an offset, and what is odd
 * is left to capfile_next(). */
Test(capfile_pcap, takes_several_at_once)
{
	enum { HEAD = 24, RECORD = 20 };
	static uint8_t bytes[CAPFILE_TEST_MAX];
	struct frame frames[4], frame;
	struct capfile *file;
	struct err e;
	char line[256];
	size_t len = hex_bytes(USEC_LE "0200 0400 00000000 00000000 00001000 01000000"
				       "00f15365 01000000 04000000 04000000 41424344"
				       "00f15365 01000000 04000000 04000000 41424344"
				       "00f15365 01000000 04000000 04000000 41424344"
				       "00f15365 01000000 05000000 05000000 41424344",
	    bytes, sizeof(bytes));

	cr_assert_eq(capfile_open_bytes(bytes, len, &file, &e), 0, "%s", e.text);
	cr_expect_eq(capfile_take(file, frames, 0, UINT64_MAX), 0);
	cr_expect_eq(capfile_take(file, frames, 4, HEAD), 0);
	cr_expect_eq(capfile_take(file, frames, 4, HEAD + 1), 1);
	(void)put_frame(line, sizeof(line), &frames[0]);
	cr_expect_str_eq(line, USEC_LINE);
	cr_expect_eq(capfile_offset(file), HEAD + RECORD);
	cr_expect_eq(capfile_take(file, frames, 4, UINT64_MAX), 2, "not the one cut");
	(void)put_frame(line, sizeof(line), &frames[1]);
	cr_expect_str_eq(line, USEC_LINE);
	cr_expect_eq(capfile_take(file, frames, 4, UINT64_MAX), 0);
	cr_expect_eq(capfile_next(file, &frame, &e), -EBADMSG);
	capfile_close(file);
}
