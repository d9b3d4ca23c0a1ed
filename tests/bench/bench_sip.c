/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one message costs: bench_sip CORPUS [ROUNDS]. The corpus is what
 * gen_sip_pcap.py --corpus writes: u32le length and bytes, again and again.
 *
 * The floor, memchr from line to line; the head alone; and with what every message
 * is asked for (Call-ID, CSeq, both tags, the top Via).
 */
#include <stdint.h>
#include <string.h>

#include "bench.h"
#include "sip/sip_value.h"

enum { MESSAGES_MAX = 65536 };

static struct slice messages[MESSAGES_MAX];
static size_t count, total_bytes;

static bool load(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t l[4];

	if (f == NULL)
		return false;
	while (count < MESSAGES_MAX && fread(l, 1, 4, f) == 4) {
		size_t len = l[0] | (size_t)l[1] << 8 | (size_t)l[2] << 16;
		char *bytes = malloc(len);

		if (bytes == NULL || fread(bytes, 1, len, f) != len)
			break;
		messages[count++] = slice_of(bytes, len);
		total_bytes += len;
	}
	(void)fclose(f);
	return count > 0;
}

static size_t ask_usual(const struct sip_msg *msg)
{
	struct slice via = sip_msg_value(msg, SIP_HDR_VIA);
	struct sip_via top;
	size_t call_id = sip_msg_value(msg, SIP_HDR_CALL_ID).len;
	bool has_via = sip_via_take(&via, &top);

	/* The To tag, which 100 Trying lacks, is there too, but not required. */
	return call_id > 0 && msg->from_tag.len > 0 && msg->has_cseq && has_via &&
	       top.branch.len > 0;
}

static size_t lines(void *ctx)
{
	size_t found = 0;

	(void)ctx;
	for (size_t i = 0; i < count; i++) {
		const char *at = messages[i].ptr, *end = at + messages[i].len;

		while (
		    at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
			at++;
			found++;
		}
	}
	return found > count ? count : 0;
}

static size_t parse(void *ctx)
{
	static struct sip_msg msg;
	bool is_usual = ctx != NULL;

	for (size_t i = 0; i < count; i++) {
		if (sip_msg_parse(messages[i], &msg) != SIP_OK ||
		    (is_usual && !ask_usual(&msg)))
			return 0;
	}
	return count;
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 200;
	static char usual;
	const struct bench parts[] = {
	    {"floor: memchr line split", "message", lines, NULL},
	    {"sip_msg_parse", "message", parse, NULL},
	    {"sip_msg_parse + usual questions", "message", parse, &usual},
	};

	if (argc < 2 || rounds == 0 || !load(argv[1])) {
		(void)fputs("usage: bench_sip CORPUS [ROUNDS]\n", stderr);
		return 64;
	}
	(void)fprintf(stderr, "%zu messages, %zu bytes in the mean, %zu rounds\n",
	    count, total_bytes / count, rounds);
	return bench_run(parts, sizeof(parts) / sizeof(parts[0]), rounds);
}
