/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/digest_proof.h"

static const struct {
	const char *slug, *sentence;
} manglings[DIGEST_MANGLING_COUNT] = {
    [DIGEST_AS_CONFIGURED] = {"as_configured", "as it is configured"},
#define DIGEST_MANGLING(id, slug, sentence) [DIGEST_##id] = {slug, sentence},
#include "sip/digest_manglings.def"
};

const char *digest_verdict_name(enum digest_verdict v)
{
	static const char *const names[DIGEST_VERDICT_COUNT] = {
	    [DIGEST_NOT_CHECKED] = "not_checked",
	    [DIGEST_NO_SECRET] = "no_secret",
	    [DIGEST_MATCHES] = "matches",
	    [DIGEST_MANGLED] = "mangled",
	    [DIGEST_NO_MATCH] = "no_match",
	};

	return names[v];
}

const char *digest_mangling_slug(enum digest_mangling m)
{
	return manglings[m].slug;
}

const char *digest_mangling_sentence(enum digest_mangling m)
{
	return manglings[m].sentence;
}

enum digest_mangling digest_mangling_lookup(struct slice slug)
{
	int m = 0;

	while (m < DIGEST_MANGLING_COUNT &&
	       !slice_eq(slug, slice_of(manglings[m].slug, strlen(manglings[m].slug))))
		m++;
	return (enum digest_mangling)m;
}
