/* SPDX-License-Identifier: BSD-2-Clause */
#include <langinfo.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "base/usec.h"
#include "term.h"
#include "when.h"

enum { WIDTH_DEFAULT = 80, WIDTH_MIN = 40, WIDTH_MAX = 1000 };

static unsigned terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint32_t width;

	if (columns != NULL &&
	    slice_to_u32(slice_of(columns, strlen(columns)), WIDTH_MAX, &width) &&
	    width > 0)
		return width < WIDTH_MIN ? WIDTH_MIN : width;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return WIDTH_DEFAULT;
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
}

enum text_charset term_charset(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? TEXT_UTF8 : TEXT_ASCII;
}

void term_init(struct term *t)
{
	const char *no_color = getenv("NO_COLOR");
	const char *name = getenv("TERM");

	*t = (struct term){.is_tty = isatty(STDOUT_FILENO) == 1};
	t->charset = term_charset();
	if (!t->is_tty)
		return;
	t->width = terminal_width();
	t->color = (no_color == NULL || *no_color == '\0') && name != NULL &&
		   strcmp(name, "dumb") != 0;
}

const char *term_color(const struct term *t, enum color c)
{
	static const char *const sequences[] = {
	    [COLOR_NONE] = "",
	    [COLOR_BOLD] = "\033[1m",
	    [COLOR_DIM] = "\033[2m",
	    [COLOR_RED] = "\033[31m",
	    [COLOR_GREEN] = "\033[32m",
	    [COLOR_YELLOW] = "\033[33m",
	    [COLOR_CYAN] = "\033[36m",
	};

	return t->color ? sequences[c] : "";
}

const char *term_reset(const struct term *t)
{
	return t->color ? "\033[0m" : "";
}

/* One character: its bytes, and in *columns the cells it takes. */
static size_t one_character(const char *text, size_t len, size_t *columns)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t bytes = mbrtowc(&wide, text, len, &state);
	int cells;

	*columns = 1;
	if (bytes == 0 || bytes > len)
		return 1;
	cells = wcwidth(wide);
	*columns = cells < 0 ? 1 : (size_t)cells;
	return bytes;
}

size_t term_prefix(const struct term *t, const char *text, size_t len, size_t columns)
{
	size_t at = 0;
	size_t used = 0;

	if (t->charset == TEXT_ASCII)
		return len < columns ? len : columns;
	while (at < len) {
		size_t cells;
		size_t bytes = one_character(text + at, len - at, &cells);

		if (used + cells > columns)
			break;
		used += cells;
		at += bytes;
	}
	return at;
}

size_t term_columns(const struct term *t, const char *text, size_t len)
{
	size_t used = 0;

	if (t->charset == TEXT_ASCII)
		return len;
	for (size_t at = 0; at < len;) {
		size_t cells;

		at += one_character(text + at, len - at, &cells);
		used += cells;
	}
	return used;
}

void term_fit(
    const struct term *t, struct out *o, const char *text, size_t columns, bool pad)
{
	const char *ellipsis = t->charset == TEXT_UTF8 ? "…" : "~";
	size_t len = strlen(text);
	size_t used = term_columns(t, text, len);

	if (used > columns && columns > 0) {
		size_t part = term_prefix(t, text, len, columns - 1);

		out_bytes(o, text, part);
		out_text(o, ellipsis);
		used = term_columns(t, text, part) + 1;
	} else {
		out_bytes(o, text, len);
	}
	if (pad && used < columns)
		out_repeat(o, " ", columns - used);
}

enum { PARAGRAPH_MAX = 100 }; /* longer lines are hard to read */

/* The next word; a blank or a newline ends it. */
static bool take_word(struct slice *rest, struct slice *word, bool *ends_line)
{
	size_t n = 0;

	if (rest->len == 0)
		return false;
	while (n < rest->len && rest->ptr[n] != ' ' && rest->ptr[n] != '\n')
		n++;
	*word = slice_of(rest->ptr, n);
	*ends_line = n < rest->len && rest->ptr[n] == '\n';
	n += n < rest->len;
	*rest = slice_of(rest->ptr + n, rest->len - n);
	return true;
}

void term_paragraph(
    const struct term *t, struct out *o, const char *text, unsigned indent, unsigned at)
{
	size_t width = t->width > PARAGRAPH_MAX ? PARAGRAPH_MAX : t->width;
	struct slice rest = slice_of(text, strlen(text));
	struct slice word;
	size_t column = at;
	bool is_first = true, ends_line;

	while (take_word(&rest, &word, &ends_line)) {
		size_t cells;

		cells = term_columns(t, word.ptr, word.len);
		if (!is_first && width != 0 && column + 1 + cells > width) {
			out_char(o, '\n');
			column = 0;
			is_first = true;
		}
		if (is_first && column < indent) {
			out_repeat(o, " ", indent - column);
			column = indent;
		} else if (!is_first) {
			out_char(o, ' ');
			column++;
		}
		out_slice(o, word);
		column += cells;
		is_first = false;
		if (ends_line && rest.len > 0) {
			out_char(o, '\n');
			column = 0;
			is_first = true;
		}
	}
	out_char(o, '\n');
}

static int64_t monotonic_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

void progress_init(struct progress *p)
{
	*p = (struct progress){
	    .is_on = isatty(STDERR_FILENO) == 1, .started_us = monotonic_us()};
}

bool progress_is_due(struct progress *p)
{
	int64_t now;

	/* The clock costs more than a packet: one look in 4096. */
	if (!p->is_on || (++p->calls & 0xfff) != 0)
		return false;
	now = monotonic_us();
	if (now - p->started_us < 2 * USEC_PER_SEC ||
	    now - p->shown_us < USEC_PER_SEC / 4)
		return false;
	p->shown_us = now;
	return true;
}

void progress_show(struct progress *p, uint64_t packets, uint64_t messages)
{
	char span[WHEN_TEXT_MAX];

	p->is_shown = true;
	(void)fprintf(stderr, "\r%llu packets, %llu messages read in %s \033[K",
	    (unsigned long long)packets, (unsigned long long)messages,
	    when_span(p->shown_us - p->started_us, span));
	(void)fflush(stderr);
}

void progress_clear(struct progress *p)
{
	if (p->is_shown)
		(void)fputs("\r\033[K", stderr);
	p->is_shown = false;
}
