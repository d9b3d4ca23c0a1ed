/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "captures.h"
#include "cmd.h"

enum { ETHERNET = 1, IEEE802_15_4 = 195 };

/* A little-endian pcap file with one-byte frames at these seconds; the byte is the
 * frame's name. cut: bytes missing at the end. */
static void write_pcap(const char *path, uint32_t linktype, const char *names,
    const uint32_t *at_s, size_t cut)
{
	uint32_t head[] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, linktype};
	char bytes[4096];
	size_t len = sizeof(head);
	FILE *f = fopen(path, "wb");

	memcpy(bytes, head, sizeof(head));
	for (size_t i = 0; names[i] != '\0'; i++) {
		uint32_t record[] = {at_s[i], 0, 1, 1};

		memcpy(bytes + len, record, sizeof(record));
		bytes[len + sizeof(record)] = names[i];
		len += sizeof(record) + 1;
	}
	cr_assert_not_null(f);
	cr_assert_eq(fwrite(bytes, 1, len - cut, f), len - cut);
	cr_assert_eq(fclose(f), 0);
}

static char a_path[64], b_path[64];

static void setup(void)
{
	(void)snprintf(a_path, sizeof(a_path), "captures-a-%d.pcap", (int)getpid());
	(void)snprintf(b_path, sizeof(b_path), "captures-b-%d.pcap", (int)getpid());
}

static void teardown(void)
{
	(void)unlink(a_path);
	(void)unlink(b_path);
}

TestSuite(captures, .init = setup, .fini = teardown);

/* The frames' names in the order in which they come. */
static void read_names(struct captures *c, char *names, size_t size)
{
	const struct frame *frame;
	size_t n = 0;

	while ((frame = captures_next(c)) != NULL) {
		cr_assert_eq(frame->bytes.len, 1);
		cr_assert_lt(n + 1, size);
		names[n++] = frame->bytes.ptr[0];
	}
	names[n] = '\0';
}

Test(captures, files_are_merged_by_time)
{
	char *paths[] = {a_path, b_path};
	struct captures *c = NULL;
	char names[32];
	struct err e;

	/* 'c' steps back: inside a file the order stays the file's. */
	write_pcap(a_path, ETHERNET, "abcd", (const uint32_t[]){10, 20, 15, 40}, 0);
	write_pcap(b_path, ETHERNET, "ABC", (const uint32_t[]){10, 19, 30}, 0);
	cr_assert_eq(captures_open(paths, 2, &c, &e), EXIT_OK, "%s", e.text);
	read_names(c, names, sizeof(names));
	cr_assert_str_eq(names, "aABbcCd");
	cr_assert_eq(captures_verdict(c, &e), EXIT_OK);
	captures_close(c);
}

Test(captures, damage_ends_one_file_and_not_the_other)
{
	char *paths[] = {a_path, b_path};
	struct captures *c = NULL;
	char names[32];
	struct err e;

	write_pcap(a_path, ETHERNET, "abc", (const uint32_t[]){1, 3, 5}, 1);
	write_pcap(b_path, ETHERNET, "ABC", (const uint32_t[]){2, 4, 6}, 0);
	cr_assert_eq(captures_open(paths, 2, &c, &e), EXIT_OK, "%s", e.text);
	read_names(c, names, sizeof(names));
	cr_assert_str_eq(names, "aAbBC");
	cr_assert_eq(captures_verdict(c, &e), EXIT_DATA);
	cr_assert_not_null(strstr(e.text, a_path), "%s", e.text);
	captures_close(c);
}

Test(captures, what_cannot_be_opened_is_another_matter_than_no_capture)
{
	char *missing[] = {a_path};
	char *text[] = {b_path};
	struct captures *c = NULL;
	struct err e = {0};
	FILE *f = fopen(b_path, "wb");

	cr_assert_eq(captures_open(missing, 1, &c, &e), EXIT_NO_INPUT);
	cr_assert_not_null(strstr(e.text, a_path), "%s", e.text);
	cr_assert_not_null(f);
	cr_assert_gt(fputs("this is a text and no capture at all\n", f), 0);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(captures_open(text, 1, &c, &e), EXIT_DATA);
	cr_assert_not_null(strstr(e.text, b_path), "%s", e.text);
	cr_assert_null(c);
}

Test(captures, nothing_but_unreadable_link_types_is_an_error_that_names_them)
{
	char *paths[] = {a_path, b_path};
	struct captures *c = NULL;
	char names[32];
	struct err e = {0};

	write_pcap(a_path, IEEE802_15_4, "ab", (const uint32_t[]){1, 2}, 0);
	cr_assert_eq(captures_open(paths, 1, &c, &e), EXIT_OK, "%s", e.text);
	read_names(c, names, sizeof(names));
	cr_assert_eq(captures_verdict(c, &e), EXIT_DATA);
	cr_assert_not_null(strstr(e.text, "195"), "%s", e.text);
	captures_close(c);

	/* Beside a readable file it is none. */
	write_pcap(b_path, ETHERNET, "x", (const uint32_t[]){1}, 0);
	cr_assert_eq(captures_open(paths, 2, &c, &e), EXIT_OK, "%s", e.text);
	read_names(c, names, sizeof(names));
	cr_assert_eq(captures_verdict(c, &e), EXIT_OK);
	captures_close(c);
}
