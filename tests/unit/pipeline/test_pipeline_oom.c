/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory runs out at the first, the second, the n-th allocation, for every n: only a
 * clean -ENOMEM with a sentence passes, and what was taken before is given back.
 *
 * Linked with --wrap for malloc and its like, so each allocation of the
 * library is seen; those of zlib and the C library are their own.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>

#include "capfile/capfile.h"
#include "capfile/gunzip.h"
#include "diagnose/diagnose.h"
#include "pipeline/pipeline.h"
#include "track/track.h"

void *__real_calloc(size_t n, size_t size);
void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
void __real_free(void *p);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static struct {
	size_t asked;
	size_t fail_at; /* this one and none after it */
	long live;
} heap = {.fail_at = SIZE_MAX};

static bool is_to_fail(void)
{
	return heap.asked++ == heap.fail_at;
}

static void *given(void *p)
{
	heap.live += p != NULL;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return is_to_fail() ? NULL : given(__real_calloc(n, size));
}

void *__wrap_malloc(size_t size)
{
	return is_to_fail() ? NULL : given(__real_malloc(size));
}

void *__wrap_realloc(void *p, size_t size)
{
	void *to;

	if (is_to_fail())
		return NULL;
	to = __real_realloc(p, size);
	heap.live += p == NULL && to != NULL;
	return to;
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return __wrap_realloc(p, n * size);
}

void __wrap_free(void *p)
{
	heap.live -= p != NULL;
	__real_free(p);
}

static const struct hash_key key = {{1, 2}};

static int one_reassembler(struct err *e)
{
	struct reassemble_config c;
	struct reassembler *r = NULL;
	int rc;

	reassemble_config_default(&c);
	rc = reassembler_new(&c, &key, &r, e);
	cr_expect_eq(rc == 0, r != NULL);
	reassembler_free(r);
	return rc;
}

static int one_wire(struct err *e)
{
	struct reassemble_config c;
	struct wire *w = NULL;
	int rc;

	reassemble_config_default(&c);
	rc = wire_new(&c, &key, &w, e);
	cr_expect_eq(rc == 0, w != NULL);
	wire_free(w);
	return rc;
}

static int one_tracker(struct err *e)
{
	const struct tracker_config c = {.attempts_max = 64,
	    .legs_max = 256,
	    .remotes_max = 64,
	    .recorder_bytes = 1 << 20};
	struct tracker *t = NULL;
	int rc = tracker_new(&c, &t, e);

	cr_expect_eq(rc == 0, t != NULL);
	tracker_free(t);
	return rc;
}

static int one_diagnosis(struct err *e)
{
	const struct diagnosis_config c = {
	    .trunks_max = 16, .incidents_max = 16, .strangers_max = 64};
	struct diagnosis *d = NULL;
	int rc = diagnosis_new(&c, &d, e);

	cr_expect_eq(rc == 0, d != NULL);
	diagnosis_free(d);
	return rc;
}

static int one_pipeline(struct err *e)
{
	const struct sink nobody = {0};
	struct pipeline_config c;
	struct pipeline *p = NULL;
	int rc;

	pipeline_config_default(&c);
	rc = pipeline_new(&c, NULL, nobody, &p, e);
	cr_expect_eq(rc == 0, p != NULL);
	pipeline_free(p);
	return rc;
}

/* --- capture files: one packet longer than the first buffer --- */

enum { PACKET_LEN = 600 << 10 };

struct input {
	size_t at, len;
	const uint8_t *bytes;
};

static int64_t read_text(void *ctx, void *buf, size_t len)
{
	struct input *t = ctx;

	if (len > t->len - t->at)
		len = t->len - t->at;
	memcpy(buf, t->bytes + t->at, len);
	t->at += len;
	return (int64_t)len;
}

static void put32(uint8_t *to, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(v >> 8 * i);
}

static int read_capture(struct input *t, struct err *e)
{
	struct capfile *file = NULL;
	struct frame frame;
	int rc = capfile_open(read_text, t, &file, e);

	if (rc < 0) {
		cr_expect_null(file);
		return rc;
	}
	rc = capfile_next(file, &frame, e);
	if (rc == 1) {
		cr_expect_eq(frame.bytes.len, PACKET_LEN);
		rc = 0;
	}
	capfile_close(file);
	return rc;
}

static int one_pcap(struct err *e)
{
	static uint8_t bytes[24 + 16 + PACKET_LEN];
	struct input t = {.bytes = bytes, .len = sizeof(bytes)};

	put32(bytes, 0xa1b2c3d4);
	put32(bytes + 4, 4 << 16 | 2);
	put32(bytes + 16, 1 << 20);
	put32(bytes + 20, 1);
	put32(bytes + 24 + 8, PACKET_LEN);
	put32(bytes + 24 + 12, PACKET_LEN);
	return read_capture(&t, e);
}

static void put_block(uint8_t *at, uint32_t type, uint32_t len)
{
	put32(at, type);
	put32(at + 4, len);
	put32(at + len - 4, len);
}

static int one_pcapng(struct err *e)
{
	enum { SHB = 28, IDB = 20, EPB = 32 + PACKET_LEN };
	static uint8_t bytes[SHB + IDB + EPB];
	struct input t = {.bytes = bytes, .len = sizeof(bytes)};

	put_block(bytes, 0x0a0d0d0a, SHB);
	put32(bytes + 8, 0x1a2b3c4d);
	put32(bytes + 12, 1);
	put32(bytes + 16, UINT32_MAX);
	put32(bytes + 20, UINT32_MAX);
	put_block(bytes + SHB, 1, IDB);
	put32(bytes + SHB + 8, 1);
	put_block(bytes + SHB + IDB, 6, EPB);
	put32(bytes + SHB + IDB + 20, PACKET_LEN);
	put32(bytes + SHB + IDB + 24, PACKET_LEN);
	return read_capture(&t, e);
}

static int one_gunzip(struct err *e)
{
	struct input t = {0};
	struct gunzip *z = NULL;
	int rc = gunzip_open(read_text, &t, &z, e);

	cr_expect_eq(rc == 0, z != NULL);
	gunzip_close(z);
	return rc;
}

static const struct {
	const char *name;
	int (*run)(struct err *e);
	size_t allocations_min;
} parts[] = {
    {"reassembler", one_reassembler, 18},
    {"wire", one_wire, 19},
    {"tracker", one_tracker, 8},
    {"diagnosis", one_diagnosis, 4},
    {"pipeline", one_pipeline, 32},
    {"pcap", one_pcap, 3},
    {"pcapng", one_pcapng, 4},
    {"gunzip", one_gunzip, 1},
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]), TRIES = 1000 };

ParameterizedTestParameters(pipeline_oom, allocation_n)
{
	static int index[PARTS]; /* not pointers: Criterion forks behind them */

	for (int i = 0; i < PARTS; i++)
		index[i] = i;
	return cr_make_param_array(int, index, PARTS);
}

ParameterizedTest(int *i, pipeline_oom, allocation_n)
{
	const char *name = parts[*i].name;
	size_t n;
	int rc = -1;

	for (n = 0; rc != 0 && n < TRIES; n++) {
		struct err e = {0};

		heap.asked = 0;
		heap.live = 0;
		heap.fail_at = n;
		rc = parts[*i].run(&e);
		heap.fail_at = SIZE_MAX;
		cr_assert_eq(
		    heap.live, 0, "%s: allocation %zu: %ld left", name, n, heap.live);
		if (rc == 0)
			break;
		cr_assert_eq(rc, -ENOMEM, "%s: allocation %zu: %d", name, n, rc);
		cr_assert_eq(e.code, -ENOMEM, "%s: allocation %zu", name, n);
		cr_assert_neq(e.text[0], '\0', "%s: allocation %zu", name, n);
	}
	cr_expect_eq(rc, 0, "%s never succeeded", name);
	cr_expect_geq(
	    n, parts[*i].allocations_min, "%s: only %zu allocations", name, n);
}
