/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one message costs: bench_sip CORPUS [ROUNDS]. The corpus is what
 * gen_sip_pcap.py --corpus writes: u32le length and bytes, again and again.
 *
 * Two figures: the head alone, and with what every message is asked for (Call-ID,
 * CSeq, both tags, the top Via). Each is the median of the rounds.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

static double now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static size_t ask_usual(const struct sip_msg *msg)
{
	struct slice via = sip_msg_value(msg, SIP_HDR_VIA);
	struct sip_cseq cseq;
	struct sip_via top;
	size_t sum = sip_msg_value(msg, SIP_HDR_CALL_ID).len;

	sum +=
	    sip_cseq_parse(sip_msg_value(msg, SIP_HDR_CSEQ), &cseq) ? cseq.number : 0;
	sum += sip_tag(sip_msg_value(msg, SIP_HDR_FROM)).len;
	sum += sip_tag(sip_msg_value(msg, SIP_HDR_TO)).len;
	sum += sip_via_take(&via, &top) ? top.branch.len : 0;
	return sum;
}

static size_t one_round(bool usual)
{
	static struct sip_msg msg;
	size_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		if (sip_msg_parse(messages[i], &msg) != SIP_OK)
			continue;
		sum += msg.hdrs_kept;
		if (usual)
			sum += ask_usual(&msg);
	}
	return sum;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const char *what, bool usual, size_t rounds)
{
	double *ns = calloc(rounds, sizeof(*ns));
	size_t sum = 0;

	if (ns == NULL)
		exit(1);
	for (size_t r = 0; r < rounds; r++) {
		double t = now_ns();

		sum += one_round(usual);
		ns[r] = (now_ns() - t) / (double)count;
	}
	qsort(ns, rounds, sizeof(*ns), by_value);
	printf("%-24s %7.1f ns/msg median, %7.1f best  (checksum %zu)\n", what,
	    ns[rounds / 2], ns[0], sum / rounds);
	free(ns);
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 200;

	if (argc < 2 || rounds == 0 || !load(argv[1])) {
		(void)fputs("usage: bench_sip CORPUS [ROUNDS]\n", stderr);
		return 64;
	}
	printf("%zu messages, %zu bytes in the mean, %zu rounds\n", count,
	    total_bytes / count, rounds);
	measure("sip_msg_parse", false, rounds);
	measure("+ the usual questions", true, rounds);
	return 0;
}
