/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "config_value.h"

enum { KEY_MAX = 64 };

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance, one row at a time. */
static size_t distance(const char *a, const char *b)
{
	size_t row[KEY_MAX + 1];
	size_t width = strnlen(b, KEY_MAX);
	size_t height = strnlen(a, KEY_MAX);

	for (size_t i = 0; i <= width; i++)
		row[i] = i;
	for (size_t j = 0; j < height; j++) {
		size_t diagonal = row[0];

		row[0] = j + 1;
		for (size_t i = 0; i < width; i++) {
			size_t above = row[i + 1];

			row[i + 1] = least(
			    above + 1, row[i] + 1, diagonal + (size_t)(a[j] != b[i]));
			diagonal = above;
		}
	}
	return row[width];
}

static const char *last_part(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot == NULL ? path : dot + 1;
}

struct candidate {
	size_t distance;
	const char *path;
	size_t len;
};

static void consider(struct candidate *best, size_t d, const char *path, size_t len)
{
	if (d < best->distance)
		*best = (struct candidate){d, path, len};
}

/* The first len bytes of a path, as text. */
static void copy_front(char out[CONFIG_NEAREST_MAX], const char *path, size_t len)
{
	(void)snprintf(out, CONFIG_NEAREST_MAX, "%.*s", (int)len, path);
}

/*
 * Two mistakes are common: a slip of the finger, and the right key in the wrong
 * section ("ports:" at the top). The second counts as one slip more.
 */
bool config_nearest(const struct config_key *keys, size_t count, const char *path,
    char out[CONFIG_NEAREST_MAX])
{
	/* Farther is no hint. */
	struct candidate best = {3 + strlen(last_part(path)) / 4, NULL, 0};

	for (size_t i = 0; i < count; i++) {
		const char *key = keys[i].path;

		consider(&best, distance(path, key), key, strlen(key));
		consider(&best, 1 + distance(last_part(path), last_part(key)), key,
		    strlen(key));
		/* Its sections: "sources", "sources.hep". */
		for (const char *dot = strchr(key, '.'); dot != NULL;
		     dot = strchr(dot + 1, '.')) {
			copy_front(out, key, (size_t)(dot - key));
			consider(&best, distance(path, out), key, (size_t)(dot - key));
		}
	}
	if (best.path == NULL)
		return false;
	copy_front(out, best.path, best.len);
	return true;
}
