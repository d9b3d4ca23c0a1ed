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

/* Short words must be met whole ("cli" is not "client"), long ones may go on
 * ("suspend" is also "suspended"). */
static bool has_word(struct slice text, struct slice wanted)
{
	enum { WHOLE_UP_TO = 5 };
	struct slice word;

	while (take_word(&text, &word)) {
		if (word.len > wanted.len && wanted.len > WHOLE_UP_TO)
			word.len = wanted.len;
		if (slice_eq_nocase(word, wanted))
			return true;
	}
	return false;
}

static bool has_all_words(struct slice text, struct slice words)
{
	struct slice word;

	if (text.len == 0)
		return false;
	while (take_word(&words, &word)) {
		if (!has_word(text, word))
			return false;
	}
	return true;
}

void phrases_read(const struct facts *f, struct signs *signs)
{
	const struct slice texts[] = {TEXT_GET(f, f->reason),
	    TEXT_GET(f, f->reason_header), TEXT_GET(f, f->warning),
	    TEXT_GET(f, f->extra)};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		struct slice words =
		    slice_of(phrases[i].words, strlen(phrases[i].words));

		if (phrases[i].code != 0 && phrases[i].code != f->code)
			continue;
		for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
			signs_set(
			    signs, phrases[i].sign, has_all_words(texts[t], words));
	}
}
