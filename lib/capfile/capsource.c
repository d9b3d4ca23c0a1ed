/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "capfile/capsource.h"
#include "capfile/gunzip.h"

/*
 * A plain file is mapped, which spares a copy of every byte. A page that somebody cut
 * off meanwhile would be a bus error: so the file's size is asked again before each
 * window is looked into, and what is behind us is given back, or all of the file would
 * seem ours.
 */
enum { WINDOW_BYTES = 8 << 20 };

struct capsource {
	int fd;
	bool is_ours; /* the descriptor */
	uint64_t bytes_read;
	char head[2]; /* read to recognise gzip, handed out again first */
	size_t head_len, head_given;
	struct gunzip *gunzip; /* NULL: not compressed */
	struct capfile *file;
	uint8_t *map; /* NULL: read */
	size_t map_len, map_known, map_given;
};

static int64_t read_fd(struct capsource *s, void *buf, size_t len)
{
	ssize_t got = read(s->fd, buf, len);

	if (got < 0)
		return -errno;
	s->bytes_read += (uint64_t)got;
	return got;
}

static int64_t read_raw(void *ctx, void *buf, size_t len)
{
	struct capsource *s = ctx;
	size_t left = s->head_len - s->head_given;

	if (left == 0)
		return read_fd(s, buf, len);
	if (len > left)
		len = left;
	memcpy(buf, s->head + s->head_given, len);
	s->head_given += len;
	return (int64_t)len;
}

static int read_head(struct capsource *s, struct err *e)
{
	while (s->head_len < sizeof(s->head)) {
		int64_t got =
		    read_fd(s, s->head + s->head_len, sizeof(s->head) - s->head_len);

		if (got == -EINTR)
			continue;
		if (got < 0)
			return err_set(e, (int)got, "read: %s", strerror((int)-got));
		if (got == 0)
			break;
		s->head_len += (size_t)got;
	}
	return 0;
}

/* zlib's complaint says more than the errno that its read function can give. */
static int explain(const struct capsource *s, int rc, struct err *e)
{
	const char *why = s->gunzip == NULL ? NULL : gunzip_why(s->gunzip);

	if (rc == -EBADMSG && why != NULL)
		return err_set(e, rc, "%s", why);
	return rc;
}

/* False: no plain file, or no room for it. Then it is read. */
static bool map_file(struct capsource *s)
{
	struct stat st;
	void *map;

	if (!s->is_ours || fstat(s->fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size <= 0 || (uintmax_t)st.st_size > SIZE_MAX / 2)
		return false;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, s->fd, 0);
	if (map == MAP_FAILED)
		return false;
	(void)madvise(map, (size_t)st.st_size, MADV_SEQUENTIAL);
	s->map = map;
	s->map_len = (size_t)st.st_size;
	return true;
}

/* Is the file still that long? Only up to the size it has now may be looked at. */
static int look_ahead(struct capsource *s, struct err *e)
{
	struct stat st;

	if (fstat(s->fd, &st) != 0)
		return err_set(e, -errno, "stat: %s", strerror(errno));
	if ((uintmax_t)st.st_size < s->map_len)
		return err_set(e, -EBADMSG, "somebody cut it short while it was read");
	return 0;
}

static int step_window(struct capsource *s, size_t at, struct err *e)
{
	size_t done = at - at % WINDOW_BYTES;
	int rc = look_ahead(s, e);

	if (rc < 0)
		return rc;
	if (done > s->map_given)
		(void)madvise(
		    s->map + s->map_given, done - s->map_given, MADV_DONTNEED);
	s->map_given = done;
	s->map_known = done + WINDOW_BYTES;
	return 0;
}

static int open_file(struct capsource *s, struct err *e)
{
	int rc = read_head(s, e);

	if (rc < 0)
		return rc;
	if (!gunzip_is_magic(slice_of(s->head, s->head_len))) {
		if (map_file(s))
			return capfile_open_bytes(s->map, s->map_len, &s->file, e);
		return capfile_open(read_raw, s, &s->file, e);
	}
	rc = gunzip_open(read_raw, s, &s->gunzip, e);
	if (rc < 0)
		return rc;
	return explain(s, capfile_open(gunzip_read, s->gunzip, &s->file, e), e);
}

static void close_source(struct capsource **s)
{
	capsource_close(*s);
}

int capsource_open(const char *path, struct capsource **out, struct err *e)
{
	CLEANUP(close_source) struct capsource *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return err_set(e, -ENOMEM, "no memory");
	if (strcmp(path, "-") == 0) {
		s->fd = STDIN_FILENO;
	} else {
		s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (s->fd < 0)
			return err_set(e, -errno, "open: %s", strerror(errno));
		s->is_ours = true;
	}
	rc = open_file(s, e);
	if (rc < 0)
		return rc;
	*out = KEEP(s);
	return 0;
}

int capsource_next(struct capsource *s, struct frame *frame, struct err *e)
{
	int rc;

	/* The frame handed out last is done with now. */
	if (s->map != NULL && capfile_offset(s->file) >= s->map_known) {
		rc = step_window(s, (size_t)capfile_offset(s->file), e);
		if (rc < 0)
			return rc;
	}
	return explain(s, capfile_next(s->file, frame, e), e);
}

/* A new window is capsource_next()'s business. */
size_t capsource_take(struct capsource *s, struct frame *frames, size_t max)
{
	return capfile_take(
	    s->file, frames, max, s->map != NULL ? s->map_known : UINT64_MAX);
}

uint64_t capsource_dropped(const struct capsource *s)
{
	return capfile_dropped(s->file);
}

uint64_t capsource_bytes_read(const struct capsource *s)
{
	return s->map != NULL ? capfile_offset(s->file) : s->bytes_read;
}

void capsource_close(struct capsource *s)
{
	if (s == NULL)
		return;
	capfile_close(s->file);
	gunzip_close(s->gunzip);
	if (s->map != NULL)
		(void)munmap(s->map, s->map_len);
	if (s->is_ours)
		(void)close(s->fd);
	free(s);
}
