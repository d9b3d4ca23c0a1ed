/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "config_value.h"

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

		consider(&best, nearest_distance(path, key), key, strlen(key));
		consider(&best, 1 + nearest_distance(last_part(path), last_part(key)),
		    key, strlen(key));
		/* Its sections: "sources", "sources.hep". */
		for (const char *dot = strchr(key, '.'); dot != NULL;
		     dot = strchr(dot + 1, '.')) {
			copy_front(out, key, (size_t)(dot - key));
			consider(&best, nearest_distance(path, out), key,
			    (size_t)(dot - key));
		}
	}
	if (best.path == NULL)
		return false;
	copy_front(out, best.path, best.len);
	return true;
}
