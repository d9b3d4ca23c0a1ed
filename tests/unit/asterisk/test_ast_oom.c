/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory runs out at the first, the second, the n-th page that is asked for; only a
 * clean -ENOMEM passes. And what held secrets is wiped before it is given back.
 *
 * mmap() and munmap() of this program stand before the C library's.
 */
#include "asterisk_test.h"

#include <sys/syscall.h>

#include "asterisk/ast_lint.h"

enum { ENTRIES = 1500 };

static struct {
	bool is_on, has_leaked;
	unsigned left;
	unsigned open; /* mappings */
} memory;

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	if (memory.is_on && memory.left-- == 0) {
		memory.left = 0;
		errno = ENOMEM;
		return MAP_FAILED;
	}
	memory.open += memory.is_on;
	return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, off);
}

int munmap(void *addr, size_t len)
{
	if (memory.is_on) {
		memory.open--;
		memory.has_leaked |= memmem(addr, len, "Geheim77", 8) != NULL;
	}
	return (int)syscall(SYS_munmap, addr, len);
}

/* Peers, register lines, PJSIP objects: several chunks of each. */
static struct slice big_config(char *text, size_t size)
{
	size_t n = (size_t)snprintf(text, size, "[general]\n");

	for (int i = 0; i < 500; i++)
		n += (size_t)snprintf(
		    text + n, size - n, "register => r%d:Geheim77@h\n", i);
	for (int i = 0; i < ENTRIES; i++)
		n += (size_t)snprintf(text + n, size - n,
		    "[p%d]\ntype=peer\nhost=h\nusername=u\nsecret=Geheim77;x\n"
		    "[e%d]\ntype=endpoint\noutbound_auth=x\n",
		    i, i);
	return slice_of(text, n);
}

/* True when everything worked. */
static bool run(struct slice text)
{
	struct ast_trunks t = {0};
	struct ast_config *c = NULL;
	struct err e = {0};
	int rc = ast_config_read(SLICE("x"), text, NULL, &c, &e);

	if (rc == 0)
		rc = ast_trunks_add(&t, c, &e);
	if (rc == 0)
		(void)ast_lint(&t, NULL, 0);
	ast_trunks_fini(&t);
	cr_assert(rc == 0 || rc == -ENOMEM, "%d", rc);
	cr_assert(rc == 0 || e.text[0] != '\0');
	return rc == 0;
}

Test(ast_oom, every_failure_is_clean_and_every_page_is_wiped)
{
	enum { TEXT_MAX = 1 << 20 };
	char *bytes = malloc(TEXT_MAX);
	struct slice text;
	unsigned n = 0;
	bool worked = false;

	guard_require(bytes != NULL);
	text = big_config(bytes, TEXT_MAX);
	for (; !worked && n < 1000; n++) {
		memory.left = n;
		memory.open = 0;
		memory.is_on = true;
		worked = run(text);
		memory.is_on = false;
		cr_assert_eq(memory.open, 0, "%u: %u mappings left", n, memory.open);
	}
	cr_expect(worked);
	cr_expect_gt(n, 10, "only %u pages were asked for", n);
	cr_expect_not(memory.has_leaked, "a secret was still there");
	free(bytes);
}
