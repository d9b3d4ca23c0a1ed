/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "capfile/capsource.h"
#include "capfile/gunzip.h"
#include "capfile_test.h"

/* clang-format off */
/* 1700000000 s, "ABCD", twice. */
#define RECORD "00f15365 01000000 04000000 04000000 41424344"
#define PCAP   "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000" RECORD RECORD
#define LINE   "1700000000.000001000 link 1 if 0 wire 4 ABCD\n"
/* clang-format on */

enum { WINDOW_BITS_GZIP = 31 };

/* One gzip member (RFC 1952), by zlib itself. */
static size_t gzip(uint8_t *bytes, size_t len, uint8_t *out, size_t room)
{
	z_stream z = {
	    .next_in = bytes,
	    .avail_in = (uInt)len,
	    .next_out = out,
	    .avail_out = (uInt)room,
	};

	cr_assert_eq(
	    deflateInit2(&z, 9, Z_DEFLATED, WINDOW_BITS_GZIP, 8, Z_DEFAULT_STRATEGY),
	    Z_OK);
	cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	len = room - z.avail_out;
	(void)deflateEnd(&z);
	return len;
}

static size_t gzip_hex(const char *hex, uint8_t *out, size_t room)
{
	uint8_t plain[CAPFILE_TEST_MAX];

	return gzip(plain, hex_bytes(hex, plain, sizeof(plain)), out, room);
}

/* A file of these bytes that is gone when the test is over. */
static char *file_of(const uint8_t *bytes, size_t len)
{
	static char path[64];
	int fd = memfd_create("capture", 0);

	cr_assert(fd >= 0);
	cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

static int source_text(const char *path, char *out, size_t room)
{
	struct capsource *source;
	struct frame frame;
	struct err e;
	int n = 0;
	int rc = capsource_open(path, &source, &e);

	if (rc < 0) {
		(void)snprintf(out, room, "open: %s", e.text);
		return rc;
	}
	while ((rc = capsource_next(source, &frame, &e)) == 1)
		n += put_frame(out + n, room - (size_t)n, &frame);
	(void)snprintf(out + n, room - (size_t)n, "%s", rc == 0 ? "end" : e.text);
	capsource_close(source);
	return rc;
}

static void expect_file(const uint8_t *bytes, size_t len, int rc, const char *want)
{
	char text[CAPFILE_TEST_MAX];

	cr_expect_eq(
	    source_text(file_of(bytes, len), text, sizeof(text)), rc, "%s", text);
	cr_expect_str_eq(text, want, "got %s", text);
}

Test(capsource, reads_a_plain_file)
{
	uint8_t bytes[CAPFILE_TEST_MAX];

	expect_file(bytes, hex_bytes(PCAP, bytes, sizeof(bytes)), 0, LINE LINE "end");
}

/* A mapped page that is gone would be a bus error. */
Test(capsource, a_file_that_is_cut_short_meanwhile_says_so)
{
	uint8_t bytes[CAPFILE_TEST_MAX];
	const char *path = file_of(bytes, hex_bytes(PCAP, bytes, sizeof(bytes)));
	struct capsource *source;
	struct frame frame;
	struct err e;

	cr_assert_eq(capsource_open(path, &source, &e), 0);
	cr_assert_eq(truncate(path, 0), 0);
	cr_expect_eq(capsource_next(source, &frame, &e), -EBADMSG);
	cr_expect(strstr(e.text, "cut it short") != NULL, "%s", e.text);
	capsource_close(source);
}

Test(capsource, sees_through_gzip)
{
	uint8_t bytes[CAPFILE_TEST_MAX];

	expect_file(bytes, gzip_hex(PCAP, bytes, sizeof(bytes)), 0, LINE LINE "end");
}

/* RFC 1952 2.2: a file may have several members; `cat a.gz b.gz` makes one. */
Test(capsource, members_are_one_stream)
{
	uint8_t bytes[CAPFILE_TEST_MAX];
	size_t len = gzip_hex(PCAP, bytes, sizeof(bytes));

	len += gzip_hex(RECORD, bytes + len, sizeof(bytes) - len);
	len += gzip_hex("", bytes + len, sizeof(bytes) - len);
	len += gzip_hex(RECORD, bytes + len, sizeof(bytes) - len);
	expect_file(bytes, len, 0, LINE LINE LINE LINE "end");
	memset(bytes + len, 0, 7); /* tape padding, which gzip(1) ignores too */
	expect_file(bytes, len + 7, 0, LINE LINE LINE LINE "end");
}

/* Cut anywhere, the frames before the cut are given and the cut is reported. */
Test(capsource, gzip_that_is_cut_short_gives_what_it_holds)
{
	uint8_t plain[CAPFILE_TEST_MAX], bytes[CAPFILE_TEST_MAX];
	size_t plain_len = hex_bytes(PCAP, plain, sizeof(plain));
	size_t len = gzip(plain, plain_len, bytes, sizeof(bytes));
	char text[CAPFILE_TEST_MAX];

	for (size_t cut = 2; cut < len; cut++) {
		int rc = source_text(file_of(bytes, cut), text, sizeof(text));

		cr_expect_eq(rc, -EBADMSG, "cut at %zu: %d", cut, rc);
		cr_expect_not_null(strstr(text, "the compressed data is cut short"),
		    "%zu: %s", cut, text);
	}
	/* Eight bytes of check sum and length behind the data. */
	cr_expect_eq(
	    source_text(file_of(bytes, len - 8), text, sizeof(text)), -EBADMSG);
	cr_expect_str_eq(
	    text, LINE LINE "the compressed data is cut short", "%s", text);
}

Test(capsource, gzip_that_is_damaged_says_so)
{
	uint8_t bytes[CAPFILE_TEST_MAX];
	size_t len = gzip_hex(PCAP, bytes, sizeof(bytes));

	bytes[len - 1] ^= 1; /* the length in the trailer */
	expect_file(bytes, len, -EBADMSG, LINE LINE "the compressed data is damaged");
	bytes[2] = 9; /* no method but deflate */
	expect_file(bytes, len, -EBADMSG, "open: the compressed data is damaged");
}

Test(capsource, gzip_around_something_else_is_no_capture)
{
	uint8_t bytes[CAPFILE_TEST_MAX];

	expect_file(bytes, gzip_hex("23212f62696e2f7368", bytes, sizeof(bytes)),
	    -EBADMSG, "open: no capture file (neither pcap nor pcapng)");
	expect_file(bytes, gzip_hex("", bytes, sizeof(bytes)), -EBADMSG, "open: empty");
}

/* 64 MiB of zeros are 64 kB of gzip. Nothing of it is kept: records of nothing. */
Test(capsource, a_compression_bomb_is_only_read)
{
	enum { PLAIN = 64 << 20, ROOM = 256 << 10 };
	uint8_t *plain = calloc(1, PLAIN);
	uint8_t *bytes = malloc(ROOM);
	struct capsource *source;
	struct frame frame;
	struct err e;
	uint64_t frames = 0;

	cr_assert(plain != NULL && bytes != NULL);
	(void)hex_bytes(PCAP, plain, 64);
	cr_assert_eq(capsource_open(
			 file_of(bytes, gzip(plain, PLAIN, bytes, ROOM)), &source, &e),
	    0, "%s", e.text);
	free(plain);
	while (capsource_next(source, &frame, &e) == 1)
		frames++;
	cr_expect_eq(frames, 2 + (PLAIN - 64) / 16);
	cr_expect_lt(capsource_bytes_read(source), ROOM);
	capsource_close(source);
	free(bytes);
}

Test(capsource, says_what_the_system_says)
{
	char text[CAPFILE_TEST_MAX];

	cr_expect_eq(source_text("/nonexistent/x.pcap", text, sizeof(text)), -ENOENT);
	cr_expect_str_eq(text, "open: open: No such file or directory", "%s", text);
	cr_expect_eq(source_text("/", text, sizeof(text)), -EISDIR, "%s", text);
	cr_expect_eq(source_text("/dev/null", text, sizeof(text)), -EBADMSG);
	cr_expect_str_eq(text, "open: empty", "%s", text);
}

Test(capsource, reads_standard_input_from_a_pipe)
{
	uint8_t bytes[CAPFILE_TEST_MAX];
	size_t len = hex_bytes(PCAP, bytes, sizeof(bytes));
	char text[CAPFILE_TEST_MAX];
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], bytes, len), (ssize_t)len);
	(void)close(ends[1]);
	cr_assert(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
	cr_expect_eq(source_text("-", text, sizeof(text)), 0);
	cr_expect_str_eq(text, LINE LINE "end", "%s", text);
	cr_expect(fcntl(STDIN_FILENO, F_GETFD) >= 0, "standard input stays open");
}

/* In pieces of any size, the same bytes come out. */
Test(capsource, gunzip_does_not_care_about_pieces)
{
	enum { PLAIN = 100000 };
	static uint8_t plain[PLAIN], packed[2 * PLAIN], out[PLAIN + 1];
	size_t packed_len;

	for (size_t i = 0; i < PLAIN; i++)
		plain[i] = (uint8_t)(i * i >> 3);
	packed_len = gzip(plain, PLAIN, packed, sizeof(packed));
	for (size_t piece = 1; piece < 70000; piece = piece * 3 + 1) {
		struct memory m = {.bytes = packed, .len = packed_len, .piece = piece};
		struct gunzip *z;
		struct err e;
		size_t at = 0;
		int64_t got;

		cr_assert_eq(gunzip_open(read_memory, &m, &z, &e), 0);
		while ((got = gunzip_read(
			    z, out + at, 1 + piece % (sizeof(out) - at))) > 0)
			at += (size_t)got;
		cr_expect_eq(got, 0);
		cr_expect_eq(at, PLAIN, "%zu", at);
		cr_expect_eq(memcmp(out, plain, PLAIN), 0);
		cr_expect_null(gunzip_why(z));
		gunzip_close(z);
	}
}
