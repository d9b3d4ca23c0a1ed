/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk_files.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Bytes of configuration: passwords, so never left behind in freed memory. */
struct text_buf {
	char *bytes;
	size_t len, cap;
};

static void buf_wipe(struct text_buf *b)
{
	if (b->bytes != NULL)
		explicit_bzero(b->bytes, b->cap);
	free(b->bytes);
	*b = (struct text_buf){0};
}

/* realloc() would leave a copy where it was. */
static int buf_reserve(struct text_buf *b, size_t more)
{
	struct text_buf next = {.len = b->len};

	if (b->cap - b->len >= more)
		return 0;
	if (b->len + more > AST_BYTES_MAX)
		return -EFBIG;
	next.cap = 2 * (b->len + more);
	next.bytes = malloc(next.cap);
	if (next.bytes == NULL)
		return -ENOMEM;
	if (b->len > 0)
		memcpy(next.bytes, b->bytes, b->len);
	buf_wipe(b);
	*b = next;
	return 0;
}

static void fd_close(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static int append_file(struct text_buf *b, const char *path)
{
	enum { STEP = 64 << 10 };
	CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	for (;;) {
		int rc = buf_reserve(b, STEP);
		ssize_t got;

		if (rc != 0)
			return rc;
		got = read(fd, b->bytes + b->len, STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return 0;
		b->len += (size_t)got;
	}
}

/* The folder of the file that was named, with its slash. */
struct folder {
	char path[PATH_MAX];
};

static int resolve(const struct folder *f, struct slice name, char out[PATH_MAX])
{
	bool is_absolute = name.len > 0 && name.ptr[0] == '/';
	size_t front = is_absolute ? 0 : strlen(f->path);

	if (name.len == 0 || memchr(name.ptr, '\0', name.len) != NULL)
		return -ENOENT;
	if (front + name.len >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(out, f->path, front);
	memcpy(out + front, name.ptr, name.len);
	out[front + name.len] = '\0';
	return 0;
}

static int open_include(
    void *ctx, struct slice name, struct slice *bytes, struct err *e)
{
	CLEANUP(buf_wipe) struct text_buf b = {0};
	CLEANUP(globfree) glob_t found = {0};
	char pattern[PATH_MAX];
	int rc = resolve(ctx, name, pattern);

	if (rc == 0 && glob(pattern, GLOB_NOCHECK, NULL, &found) != 0)
		rc = -ENOENT;
	for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++) {
		rc = append_file(&b, found.gl_pathv[i]);
		if (rc == 0 && b.len > 0 && b.bytes[b.len - 1] != '\n') {
			rc = buf_reserve(&b, 1);
			if (rc == 0) /* or the next file would go on in this line */
				b.bytes[b.len++] = '\n';
		}
	}
	if (rc != 0)
		return err_set(e, rc, "%s", strerror(-rc));
	*bytes = slice_of("", 0);
	if (b.len > 0) {
		*bytes = slice_of(b.bytes, b.len);
		b = (struct text_buf){0}; /* close_include() wipes it */
	}
	return 0;
}

static void close_include(void *ctx, struct slice bytes)
{
	char *held;

	(void)ctx;
	if (bytes.len == 0)
		return;
	memcpy(&held, &bytes.ptr, sizeof(held)); /* ours, lent as const */
	explicit_bzero(held, bytes.len);
	free(held);
}

static void folder_of(const char *path, struct folder *f)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;

	f->path[0] = '\0';
	if (len >= sizeof(f->path))
		return;
	memcpy(f->path, path, len);
	f->path[len] = '\0';
}

static int read_one(const char *path, struct ast_trunks *trunks)
{
	CLEANUP(buf_wipe) struct text_buf b = {0};
	struct folder folder;
	struct ast_source source = {
	    .ctx = &folder, .open = open_include, .close = close_include};
	struct ast_config *config = NULL;
	struct err e;
	int rc = append_file(&b, path);

	if (rc != 0)
		return cli_fail(
		    EXIT_NO_INPUT, "--asterisk-config: %s: %s", path, strerror(-rc));
	folder_of(path, &folder);
	rc = ast_config_read(slice_of(path, strlen(path)),
	    slice_of(b.bytes == NULL ? "" : b.bytes, b.len), &source, &config, &e);
	if (rc == 0)
		rc = ast_trunks_add(trunks, config, &e);
	if (rc != 0)
		return cli_fail(
		    EXIT_SOFTWARE, "--asterisk-config: %s: %s", path, e.text);
	return EXIT_OK;
}

int asterisk_files_read(const struct options *o, struct asterisk_files *out)
{
	if (o->asterisk_count > AST_CONFIGS_MAX)
		return cli_fail(EXIT_USAGE, "--asterisk-config: more than %d files",
		    AST_CONFIGS_MAX);
	for (size_t i = 0; i < o->asterisk_count; i++) {
		int status = read_one(o->asterisk[i], &out->trunks);

		if (status != EXIT_OK)
			return status;
	}
	out->count = ast_trunks_to_config(&out->trunks, NULL, 0);
	if (out->count == 0)
		return EXIT_OK;
	out->rows = calloc(out->count, sizeof(out->rows[0]));
	if (out->rows == NULL)
		return cli_fail(EXIT_SOFTWARE, "out of memory");
	(void)ast_trunks_to_config(&out->trunks, out->rows, out->count);
	return EXIT_OK;
}

void asterisk_files_fini(struct asterisk_files *a)
{
	ast_trunks_fini(&a->trunks);
	free(a->rows);
	*a = (struct asterisk_files){0};
}
