/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/phrases.h"

static const struct {
	uint16_t code;
	const char *words;
	enum sign sign;
} phrases[] = {
#define PHRASE(code, words, sign, source) {code, words, SIGN_##sign},
#include "diagnose/phrases.def"
};

/* '.', '=' and '&' belong to words: e.164, v=analytics1, From=ID. */
static bool is_word(char c)
{
	c = slice_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '=';
}

static bool take_word(struct slice *rest, struct slice *word)
{
	while (rest->len > 0 && !is_word(*rest->ptr)) {
		rest->ptr++;
		rest->len--;
	}
	*word = slice_of(rest->ptr, 0);
	while (rest->len > 0 && is_word(*rest->ptr)) {
		rest->ptr++;
		rest->len--;
		word->len++;
	}
	return word->len > 0;
}

static uint64_t initial_bit(char c)
{
	return UINT64_C(1) << (slice_lower(c) & 63);
}

enum { WORDS_MAX = 64, WHOLE_UP_TO = 5 };

/* The words of one text of the answer. */
struct words {
	struct slice word[WORDS_MAX];
	size_t count;
	uint64_t initials; /* bit by first letter, so that most phrases need no look */
};

static void split_words(struct slice text, struct words *out)
{
	out->count = 0;
	out->initials = 0;
	while (out->count < WORDS_MAX && take_word(&text, &out->word[out->count])) {
		out->initials |= initial_bit(*out->word[out->count].ptr);
		out->count++;
	}
}

/* Short words must be met whole ("cli" is not "client"), long ones may go on
 * ("suspend" is also "suspended"). */
static bool is_same_word(struct slice word, struct slice wanted)
{
	if (slice_lower(*word.ptr) != *wanted.ptr)
		return false;
	if (word.len > wanted.len && wanted.len > WHOLE_UP_TO)
		word.len = wanted.len;
	return slice_eq_nocase(word, wanted);
}

static bool has_all_words(const struct words *text, struct slice phrase)
{
	struct slice wanted;

	while (take_word(&phrase, &wanted)) {
		size_t i = 0;

		while (i < text->count && !is_same_word(text->word[i], wanted))
			i++;
		if (i == text->count)
			return false;
	}
	return true;
}

static void read_own(const struct words *text, uint16_t code, enum phrase_place place,
    const struct phrases *own, struct signs *signs)
{
	for (size_t i = 0; i < own->count; i++) {
		const struct phrase *p = &own->rows[i];

		if ((p->code == 0 || p->code == code) &&
		    (p->place == PHRASE_ANYWHERE || p->place == place) &&
		    has_all_words(text, slice_of(p->words, strlen(p->words))))
			signs_set(signs, (enum sign)p->sign, true);
	}
}

struct reading {
	const struct facts *facts;
	const struct phrases *own;
	struct signs *signs;
};

static void read_text(
    const struct reading *r, struct text text, enum phrase_place place)
{
	uint16_t code = r->facts->code;
	struct words words;

	split_words(TEXT_GET(r->facts, text), &words);
	if (words.count == 0)
		return;
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (phrases[i].code != 0 && phrases[i].code != code)
			continue;
		if ((words.initials & initial_bit(*phrases[i].words)) == 0)
			continue;
		if (has_all_words(
			&words, slice_of(phrases[i].words, strlen(phrases[i].words))))
			signs_set(r->signs, phrases[i].sign, true);
	}
	if (r->own != NULL)
		read_own(&words, code, place, r->own, r->signs);
}

void phrases_read(const struct facts *f, const struct phrases *own, struct signs *signs)
{
	const struct reading r = {f, own, signs};

	read_text(&r, f->reason, PHRASE_IN_STATUS);
	read_text(&r, f->reason_header, PHRASE_IN_REASON);
	read_text(&r, f->warning, PHRASE_IN_WARNING);
	read_text(&r, f->extra, PHRASE_IN_EXTRA);
}

/* SAYS_OTHER is concluded from the others. The table is in capitals, the configuration
 * is not. */
enum sign phrase_meaning(struct slice name)
{
	if (name.len == 0 || slice_lower(*name.ptr) != *name.ptr)
		return SIGN_NONE;
	for (int i = SIGN_NONE + 1; i < SIGN_COUNT; i++) {
		const char *sign = sign_name((enum sign)i);

		if (i != SIGN_SAYS_OTHER && strncmp(sign, "SAYS_", 5) == 0 &&
		    slice_eq_nocase(name, slice_of(sign, strlen(sign))))
			return (enum sign)i;
	}
	return SIGN_NONE;
}

bool phrase_has_words(struct slice words)
{
	struct slice word;

	return take_word(&words, &word);
}
