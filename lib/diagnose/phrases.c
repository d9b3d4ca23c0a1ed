/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/phrases.h"

static const struct phrase_row {
	uint16_t code;
	enum phrase_place place;
	const char *words;
	enum sign sign;
	uint8_t weight;
} phrases[] = {
#define PHRASE(code, place, words, sign, weight, source) \
	{code, PHRASE_##place, words, SIGN_##sign, weight},
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

static bool has_word(const struct words *text, struct slice wanted)
{
	size_t i = 0;

	if ((text->initials & initial_bit(*wanted.ptr)) == 0)
		return false;
	while (i < text->count && !is_same_word(text->word[i], wanted))
		i++;
	return i < text->count;
}

static bool has_words(const struct words *text, struct slice wanted)
{
	struct slice word;

	while (take_word(&wanted, &word)) {
		if (!has_word(text, word))
			return false;
	}
	return true;
}

static bool take_part(struct slice *rest, char stop, struct slice *part)
{
	if (rest->len == 0)
		return false;
	if (!slice_take_until(rest, stop, part)) {
		*part = *rest;
		*rest = SLICE_NONE;
	}
	return true;
}

/* "a|b": one of them. */
static bool has_one_of(const struct words *text, struct slice choices)
{
	struct slice choice;

	while (take_part(&choices, '|', &choice)) {
		if (has_words(text, choice))
			return true;
	}
	return false;
}

static bool has_all(const struct words *text, const char *phrase)
{
	struct slice rest = slice_of(phrase, strlen(phrase)), choices;

	while (take_part(&rest, ' ', &choices)) {
		if (choices.len > 0 && !has_one_of(text, choices))
			return false;
	}
	return true;
}

/* Of our table, or of the configuration. */
struct row {
	const char *words;
	uint16_t code;
	enum phrase_place place;
};

static bool is_met(const struct row *row, const struct words *text, uint16_t code,
    enum phrase_place place)
{
	return (row->code == 0 || row->code == code) &&
	       (row->place == PHRASE_ANYWHERE || row->place == place) &&
	       has_all(text, row->words);
}

static void read_text(struct slice text, uint16_t code, enum phrase_place place,
    const struct phrases *own, struct signs *signs)
{
	struct words words;

	split_words(text, &words);
	if (words.count == 0)
		return;
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		const struct phrase_row *p = &phrases[i];
		struct row row = {p->words, p->code, p->place};

		if (is_met(&row, &words, code, place))
			signs_say(signs, p->sign, p->weight);
	}
	for (size_t i = 0; i < own->count; i++) {
		const struct phrase *p = &own->rows[i];
		struct row row = {p->words, p->code, (enum phrase_place)p->place};

		if (is_met(&row, &words, code, place))
			signs_say(signs, (enum sign)p->sign, (uint8_t)p->weight);
	}
}

/* --- an answer that was read before --- */

static const enum phrase_place places[PHRASE_TEXTS] = {
    PHRASE_IN_STATUS, PHRASE_IN_REASON, PHRASE_IN_WARNING, PHRASE_IN_EXTRA};

static bool is_memo(
    const struct phrase_memo *m, uint16_t code, const struct slice texts[PHRASE_TEXTS])
{
	const char *bytes = m->bytes;

	if (m->code != code)
		return false;
	for (size_t i = 0; i < PHRASE_TEXTS; i++) {
		if (!slice_eq(slice_of(bytes, m->len[i]), texts[i]))
			return false;
		bytes += m->len[i];
	}
	return true;
}

static const struct phrase_memo *find_memo(const struct phrase_reader *r, uint16_t code,
    const struct slice texts[PHRASE_TEXTS])
{
	for (size_t i = 0; i < PHRASE_MEMOS; i++) {
		if (is_memo(&r->memos[i], code, texts))
			return &r->memos[i];
	}
	return NULL;
}

/* In place of the one kept longest. */
static void keep_memo(struct phrase_reader *r, uint16_t code,
    const struct slice texts[PHRASE_TEXTS], const struct signs *signs)
{
	struct phrase_memo *m = &r->memos[r->kept % PHRASE_MEMOS];
	char *bytes = m->bytes;
	size_t all = 0;

	for (size_t i = 0; i < PHRASE_TEXTS; i++)
		all += texts[i].len;
	if (all > sizeof(m->bytes))
		return;
	r->kept++;
	m->code = code;
	m->signs = *signs;
	for (size_t i = 0; i < PHRASE_TEXTS; i++) {
		m->len[i] = (uint8_t)texts[i].len;
		if (texts[i].len > 0)
			memcpy(bytes, texts[i].ptr, texts[i].len);
		bytes += texts[i].len;
	}
}

void phrases_read(const struct facts *f, struct phrase_reader *r, struct signs *signs)
{
	const struct slice texts[PHRASE_TEXTS] = {TEXT_GET(f, f->reason),
	    TEXT_GET(f, f->reason_header), TEXT_GET(f, f->warning),
	    TEXT_GET(f, f->extra)};
	const struct phrase_memo *m = find_memo(r, f->code, texts);
	struct signs found = {0};

	if (m == NULL) {
		for (size_t i = 0; i < PHRASE_TEXTS; i++)
			read_text(texts[i], f->code, places[i], &r->own, &found);
		keep_memo(r, f->code, texts, &found);
	}
	signs_add(signs, m != NULL ? &m->signs : &found);
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
