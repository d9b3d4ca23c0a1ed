/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ast_config - Asterisk's configuration syntax (main/config.c), read the way
 * Asterisk reads it and not the way it looks.
 *
 *         [name](!)            a template: no section of its own
 *         [name](a,b)          starts with copies of what a and b hold so far
 *         [name](+)            adds to the section of that name
 *         name = value         also "=>"; "+=" appends to the last of that name
 *         #include "file"      #tryinclude, #exec (never run here, only noted)
 *
 * Comments are those of ast_line.h. Quotes are kept, "$" and "'" and "%" mean
 * nothing, blanks are stripped on both sides. An included file goes on in the
 * section its includer was in. `; VICIDIAL Carrier: id - name` is read from the
 * comments: ViciDial writes it above each account (domain.md 3.4).
 *
 * In         The bytes of the top file, and a callback for the included ones.
 * Out        One struct ast_config. Sections and values are in file order, and
 *            each says where it stands.
 * Ownership  Everything points into the configuration's own arena, which is
 *            wiped by ast_config_free(); the bytes may be wiped before that.
 * Errors     -ENOMEM (also: more than AST_ARENA_MAX). What is wrong with the text is a
 * note, never an error: a witness reads on where Asterisk refuses the file
 * (.is_refused). Limits     Below; what did not fit is counted in .dropped, and noted
 * once. Threads    No state. No file is opened here. Cost       Linear, but for (+),
 * (a) and += which search (bounded by the limits).
 */
#ifndef ASTERISK_AST_CONFIG_H
#define ASTERISK_AST_CONFIG_H

#include "asterisk/ast_arena.h"
#include "base/err.h"

enum {
	AST_DEPTH_MAX =
	    10, /* of includes, the top file included: Asterisk's own limit */
	AST_FILES_MAX = 256,
	AST_BYTES_MAX = 16 * 1024 * 1024, /* of all files together */
	AST_SECTIONS_MAX = 16384,
	AST_VALUES_MAX = 262144,
	AST_SECTION_VALUES_MAX = 1024,
	AST_NOTES_MAX = 512,
	AST_STEPS_MAX = 64 * 1024 * 1024, /* of searching for (+), (a) and += */
	AST_SECTION_NAME_MAX =
	    79, /* longer names are cut, as Asterisk's char[80] does */
};

enum ast_note_kind {
#define AST_NOTE(id, fatal, sentence) AST_NOTE_##id,
#include "asterisk/ast_notes.def"
	AST_NOTE_COUNT
};
const char *ast_note_sentence(enum ast_note_kind k);
bool ast_note_is_fatal(enum ast_note_kind k);

struct ast_note {
	struct ast_note *next;
	enum ast_note_kind kind;
	uint16_t file;
	uint32_t line;
	uint32_t lines;    /* COMMENT_*: how many lines vanished after it */
	struct slice what; /* a section's or file's name; never a value */
};

struct ast_value {
	struct ast_value *next;
	struct slice name;
	struct slice value; /* as Asterisk has it */
	struct slice
	    raw; /* as the file has it, from behind the '=' to the line's end */
	uint32_t line;
	uint16_t file;
	bool is_object;    /* "=>" */
	bool is_inherited; /* from a template */
	bool is_cut;       /* text after it fell to a ';' with no blank before it */
};

struct ast_section {
	struct ast_section *next;
	struct slice name;
	struct slice carrier_id,
	    carrier_name; /* SLICE_NONE: no such comment above it */
	struct ast_value *values, *last;
	uint32_t value_count;
	uint32_t line;
	uint16_t file;
	bool is_template;
};

struct ast_dropped {
	uint32_t bytes, files, sections, values, notes;
};

struct ast_config {
	struct ast_arena arena;
	struct ast_section *sections, *last_section;
	struct ast_note *notes, *last_note;
	struct slice files[AST_FILES_MAX]; /* as named; [0] is the top file */
	uint16_t file_count;
	uint32_t section_count, value_count, note_count;
	uint64_t bytes;
	uint32_t steps;
	bool is_refused; /* Asterisk would refuse the top file and keep what it had */
	bool is_partial; /* an include could not be read: absence proves nothing */
	struct ast_dropped dropped;
};

/*
 * Where included files come from. open() is given the name as written, quotes
 * removed: relative names, and patterns, are the caller's to resolve (a pattern's
 * files joined to one run of bytes, which is how Asterisk numbers their lines).
 * It returns 0, or a negative errno: the include is then noted as missing. The
 * bytes stay valid until close(), which may be NULL.
 */
struct ast_source {
	void *ctx;
	int (*open)(void *ctx, struct slice name, struct slice *bytes, struct err *e);
	void (*close)(void *ctx, struct slice bytes);
};

/* src may be NULL: every include is then missing. */
int ast_config_read(struct slice name, struct slice bytes, const struct ast_source *src,
    struct ast_config **out, struct err *e);
void ast_config_free(struct ast_config *c);

/* The first section of that name, in any case; from: where to go on, or NULL. */
const struct ast_section *ast_section_find(
    const struct ast_config *c, const struct ast_section *from, struct slice name);

/* Names in any case. The last one wins in chan_sip and PJSIP, but "type" is
 * taken from the first. NULL: not there. */
const struct ast_value *ast_value_first(const struct ast_section *s, struct slice name);
const struct ast_value *ast_value_last(const struct ast_section *s, struct slice name);

#endif
