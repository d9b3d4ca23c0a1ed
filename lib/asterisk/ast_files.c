/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk/ast_files.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/usec.h"

/* --- what was looked at --- */

/* All that tells a file from what it was: editors write in place, ViciDial copies over,
 * others rename. */
struct identity {
	bool is_there;
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec written, changed;
};

struct ast_watched {
	char *path;
	struct identity identity;
};

static struct identity identify(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct identity){0};
	return (struct identity){.is_there = true,
	    .dev = st.st_dev,
	    .ino = st.st_ino,
	    .size = st.st_size,
	    .written = st.st_mtim,
	    .changed = st.st_ctim};
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_identity(const struct identity *a, const struct identity *b)
{
	return a->is_there == b->is_there && a->dev == b->dev && a->ino == b->ino &&
	       a->size == b->size && same_time(&a->written, &b->written) &&
	       same_time(&a->changed, &b->changed);
}

/* Before it is read: what is written meanwhile will then be seen as a change. */
static int watch_add(struct ast_watch *w, const char *path)
{
	if (w == NULL || w->count == AST_WATCH_MAX)
		return 0;
	if (w->files == NULL) {
		w->files = calloc(AST_WATCH_MAX, sizeof(*w->files));
		if (w->files == NULL)
			return -ENOMEM;
	}
	w->files[w->count].path = strdup(path);
	if (w->files[w->count].path == NULL)
		return -ENOMEM;
	w->files[w->count++].identity = identify(path);
	return 0;
}

bool ast_watch_changed(const struct ast_watch *w)
{
	for (size_t i = 0; i < w->count; i++) {
		struct identity now = identify(w->files[i].path);

		if (!same_identity(&now, &w->files[i].identity))
			return true;
	}
	return false;
}

int64_t ast_watch_newest_us(const struct ast_watch *w)
{
	int64_t newest_us = 0;

	for (size_t i = 0; i < w->count; i++) {
		const struct identity *id = &w->files[i].identity;
		int64_t at_us = (int64_t)id->written.tv_sec * USEC_PER_SEC +
				id->written.tv_nsec / 1000;

		if (id->is_there && at_us > newest_us)
			newest_us = at_us;
	}
	return newest_us;
}

void ast_watch_fini(struct ast_watch *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->files[i].path);
	free(w->files);
	*w = (struct ast_watch){0};
}

/* --- reading --- */

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

/* The folder of the file that was named, with its slash, and who watches. */
struct folder {
	char path[PATH_MAX];
	struct ast_watch *watch;
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

/* Of a pattern the folder too: a file that appears there changes it. */
static int watch_pattern(struct ast_watch *w, const char *pattern, const glob_t *found)
{
	struct folder in;
	int rc = 0;

	folder_of(pattern, &in);
	if (w != NULL && strpbrk(pattern, "*?[") != NULL)
		rc = watch_add(w, in.path[0] == '\0' ? "." : in.path);
	for (size_t i = 0; rc == 0 && i < found->gl_pathc; i++)
		rc = watch_add(w, found->gl_pathv[i]);
	return rc;
}

static int open_include(
    void *ctx, struct slice name, struct slice *bytes, struct err *e)
{
	CLEANUP(buf_wipe) struct text_buf b = {0};
	CLEANUP(globfree) glob_t found = {0};
	struct folder *folder = ctx;
	char pattern[PATH_MAX];
	int rc = resolve(folder, name, pattern);

	if (rc == 0 && glob(pattern, GLOB_NOCHECK, NULL, &found) != 0)
		rc = -ENOENT;
	if (rc == 0)
		rc = watch_pattern(folder->watch, pattern, &found);
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

static int read_one(
    const char *path, struct ast_trunks *trunks, struct ast_watch *watch, struct err *e)
{
	CLEANUP(buf_wipe) struct text_buf b = {0};
	struct folder folder = {.watch = watch};
	struct ast_source source = {
	    .ctx = &folder, .open = open_include, .close = close_include};
	struct ast_config *config = NULL;
	int rc = watch_add(watch, path);

	if (rc == 0)
		rc = append_file(&b, path);
	if (rc != 0)
		return err_set(e, rc, "%s: %s", path, strerror(-rc));
	folder_of(path, &folder);
	rc = ast_config_read(slice_of(path, strlen(path)),
	    slice_of(b.bytes == NULL ? "" : b.bytes, b.len), &source, &config, e);
	if (rc == 0)
		rc = ast_trunks_add(trunks, config, e);
	return rc < 0 ? err_wrap(e, "%s", path) : 0;
}

int ast_files_read(const char *const *paths, size_t count, struct ast_trunks *out,
    struct ast_watch *watch, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < count; i++) {
		struct err one;

		/* One that is missing is watched all the same, and so are the rest. */
		if (read_one(paths[i], out, watch, &one) < 0 && rc == 0) {
			rc = one.code;
			*e = one;
		}
	}
	return rc;
}
