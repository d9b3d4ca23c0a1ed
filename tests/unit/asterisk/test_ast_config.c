/* SPDX-License-Identifier: BSD-2-Clause */
/* Expected values are those of Asterisk 18's main/config.c; domain.md 3.2. */
#include "asterisk_test.h"

#include "asterisk/ast_line.h"

/* One value through the whole reader: what Asterisk has, and what the file shows. */
static const struct value_case {
	const char *name, *line, *value, *raw;
	bool is_cut;
} values[] = {
    /* domain.md 3.2, row by row */
    {"cut at ;", "secret=pa;ss", "pa", "pa;ss", true},
    {"escaped ;", "secret=pa\\;ss", "pa;ss", "pa\\;ss"},
    {"block comment in a secret", "secret=pa;--ss", "pa", "pa;--ss", true},
    {"quotes are kept", "secret=\"pa$$w0rd\"", "\"pa$$w0rd\"", "\"pa$$w0rd\""},
    {"blanks are stripped", "secret = abc \t", "abc", "abc"},
    {"=> is =", "secret=> abc", "abc", "abc"},
    {"dollar, hash, quote, percent", "secret=a$b#c'd%e${f}", "a$b#c'd%e${f}",
	"a$b#c'd%e${f}"},
    {"backslash is literal", "secret=pa\\ss", "pa\\ss", "pa\\ss"},
    {"+= without a first one", "secret+=x", "x", "x"},
    /* and beyond */
    {"empty", "secret=", "", ""},
    {"everything is a comment", "secret=;x", "", ";x", true},
    {"a real comment", "secret=abc ; of 2024", "abc", "abc ; of 2024"},
    {"two escapes", "secret=\\;a\\;b", ";a;b", "\\;a\\;b"},
    {"escape, then a cut", "secret=a\\;b;c", "a;b", "a\\;b;c", true},
    {"= in the value", "secret=a=b", "a=b", "a=b"},
    {"+= is only at the name's end", "secret=a+=b", "a+=b", "a+=b"},
    {"the > of => only once", "secret=>>x", ">x", ">x"},
    {"a ruler is an ordinary comment", "secret=ab;---cd", "ab", "ab;---cd", true},
    {"a block comment inside the line", "secret=a;-- b --;c", "ac", "a;-- b --;c",
	true},
    {"a closed block does not eat its neighbours", "secret=a ;-- b --; c", "a  c",
	"a ;-- b --; c"},
    {"nested blocks", "secret=a;--b;--c--;d--;e", "ae", "a;--b;--c--;d--;e", true},
    {"an escape does not open a block", "secret=a\\;--b", "a;--b", "a\\;--b"},
    {"a stray close is text", "secret=a--;b", "a--;b", "a--;b"},
    {"control bytes are blanks", "secret=\x01 x \x1f\x0b", "x", "x"},
    {"high bytes are not", "secret=\xa0x\xc3\xa4", "\xa0x\xc3\xa4", "\xa0x\xc3\xa4"},
    {"CR LF", "secret=abc\r", "abc", "abc"},
    {"the name is stripped", "  secret \t=x", "x", "x"},
    {"an escaped first byte", "\\secret=x", "x", "x"},
};

PARAMETER_INDEX(ast_config, value_as_asterisk_reads_it, values)
ParameterizedTest(size_t *i, ast_config, value_as_asterisk_reads_it)
{
	const struct value_case *c = &values[*i];
	char text[256];
	struct ast_config *config;
	const struct ast_value *v;

	(void)snprintf(text, sizeof(text), "[general]\n%s", c->line);
	config = read_config(text, NULL);
	cr_assert_not_null(config->sections, "%s", c->name);
	v = ast_value_last(config->sections, SLICE("secret"));
	cr_assert_not_null(v, "%s", c->name);
	EXPECT_TEXT(
	    v->value, c->value, "%s: '" SLICE_FMT "'", c->name, SLICE_ARG(v->value));
	EXPECT_TEXT(
	    v->raw, c->raw, "%s: raw '" SLICE_FMT "'", c->name, SLICE_ARG(v->raw));
	cr_expect_eq(v->is_cut, c->is_cut, "%s", c->name);
	cr_expect_eq(v->line, 2, "%s: line %u", c->name, v->line);
	ast_config_free(config);
}

/* Whole files, written down as "section name=value" lines. */
static const struct file_case {
	const char *name, *text, *want;
} files[] = {
    {"sections keep their order", "[a]\nx=1\n[b]\ny=2\nz=3\n", "a x=1\nb y=2\nb z=3\n"},
    {"a template is marked", "[t](!)\nx=1\n[a](t)\ny=2\n", "t! x=1\na x=1\na y=2\n"},
    {"two templates, in order", "[s](!)\nx=1\n[t](!)\nx=2\n[a](s,t)\n",
	"s! x=1\nt! x=2\na x=1\na x=2\n"},
    {"a template of a template", "[s](!)\nx=1\n[t](!,s)\ny=2\n[a](t)\n",
	"s! x=1\nt! x=1\nt! y=2\na x=1\na y=2\n"},
    {"what a template gets later is not inherited",
	"[t](!)\nx=1\n[a](t)\n[t](+)\ny=2\n", "t! x=1\nt! y=2\na x=1\n"},
    {"names in any case", "[T](!)\nx=1\n[a](t)\n", "T! x=1\na x=1\n"},
    {"an ordinary section is a base, too", "[b]\nx=1\n[a](b)\n", "b x=1\na x=1\n"},
    {"adding to a section", "[a]\nx=1\n[b]\ny=2\n[a](+)\nz=3\n",
	"a x=1\na z=3\nb y=2\n"},
    {"two of one name stay two", "[a]\nx=1\n[a]\nx=2\n", "a x=1\na x=2\n"},
    {"+= appends to the last", "[a]\nx=1\nx=2\nx+=3\n", "a x=1\na x=23\n"},
    {"+= keeps inner blanks", "[a]\nx=1\nx += 2 \n", "a x=1 2\n"},
    {"+= looks at the name's case", "[a]\nx=1\nX+=2\n", "a x=1\na X=2\n"},
    {"+= on an inherited value leaves the template", "[t](!)\nx=1\n[a](t)\nx+=2\n",
	"t! x=1\na x=12\n"},
    {"(+) takes what was inherited along", "[t](!)\nx=1\n[a]\n[a](t,+)\ny=2\n",
	"t! x=1\na x=1\na y=2\n"},
    {"block comment over lines", "[a]\nx=1\n;-- y=2\n[b]\nz=3 --;\nw=4\n",
	"a x=1\na w=4\n"},
    {"text behind a block's end", "[a]\n;--\nx=1\n--; y=2\n", "a y=2\n"},
    {"nested over lines", "[a]\n;--\n;--\n--;\nx=1\n--;\ny=2\n", "a y=2\n"},
    {"an unclosed block swallows the rest", "[a]\nx=1\nsecret=pa;--ss\n[b]\ny=2\n",
	"a x=1\na secret=pa\n"},
    {"a stray close swallows until a block opens", "[a]\nx=1--;\ny=2\n;-- z=3\nw=4\n",
	"a x=1--;\na w=4\n"},
    {"a # line is a directive", "[a]\n#x=1\n # y=2\nz=3\n", "a z=3\n"},
    {"no equals sign", "[a]\nx\ny=2\n", "a y=2\n"},
    {"no name", "[a]\n=1\ny=2\n", "a y=2\n"},
    {"a name with ] in it ends there", "[a]b]\nx=1\n", "a x=1\n"},
    {"blanks in a section name stay", "[ a ]\nx=1\n", " a  x=1\n"},
    {"a ruler opens no block", "[a]\n;--- ruler\nx=1\n", "a x=1\n"},
    {"what opens a block does not close it", "[a]\n;--;\nx=1\n--;\ny=2\n", "a y=2\n"},
    {"a section that inherits from itself", "[a]\nx=1\n[a](+,a)\n", "a x=1\na x=1\n"},
    {"no line end at the end", "[a]\nx=1", "a x=1\n"},
    {"nothing", "", ""},
};

static void dump(const struct ast_config *c, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (const struct ast_section *s = c->sections; s != NULL; s = s->next) {
		for (const struct ast_value *v = s->values; v != NULL; v = v->next)
			n += (size_t)snprintf(out + n, size - n,
			    SLICE_FMT "%s " SLICE_FMT "=" SLICE_FMT "\n",
			    SLICE_ARG(s->name), s->is_template ? "!" : "",
			    SLICE_ARG(v->name), SLICE_ARG(v->value));
	}
}

PARAMETER_INDEX(ast_config, file_as_asterisk_reads_it, files)
ParameterizedTest(size_t *i, ast_config, file_as_asterisk_reads_it)
{
	const struct file_case *c = &files[*i];
	struct ast_config *config = read_config(c->text, NULL);
	char got[1024];

	dump(config, got, sizeof(got));
	cr_expect_str_eq(got, c->want, "%s:\n%s", c->name, got);
	ast_config_free(config);
}

static const struct note_case {
	const char *name, *text;
	enum ast_note_kind kind;
	uint32_t line, lines;
	bool is_refused;
} notes[] = {
    {"value without a section", "x=1\n", AST_NOTE_NO_SECTION, 1, 0, true},
    {"open header", "[a]\n[b\n", AST_NOTE_HEADER_OPEN, 2, 0, true},
    {"open options", "[a](b\n", AST_NOTE_HEADER_OPEN, 1, 0, true},
    {"template missing", "[a]\n\n[b](t)\n", AST_NOTE_TEMPLATE_MISSING, 3, 0, true},
    {"a blank before the name is part of it", "[t](!)\n[u](!)\n[b](t, u)\n",
	AST_NOTE_TEMPLATE_MISSING, 3, 0, true},
    {"section to add to missing", "[b](+)\n", AST_NOTE_APPEND_MISSING, 1, 0, true},
    {"bad escape", "[a]\n\\ =1\n", AST_NOTE_BAD_ESCAPE, 2, 0, true},
    {"include missing", "[a]\n#include \"b\"\n", AST_NOTE_INCLUDE_MISSING, 2, 0, false},
    {"tryinclude missing", "#tryinclude b\n", AST_NOTE_TRYINCLUDE_MISSING, 1, 0, false},
    {"exec", "#exec /bin/true\n", AST_NOTE_EXEC, 1, 0, false},
    {"unknown directive", "#define x\n", AST_NOTE_DIRECTIVE, 1, 0, false},
    {"include without a name", "#include\n", AST_NOTE_DIRECTIVE, 1, 0, false},
    {"no equals", "[a]\nx\n", AST_NOTE_NO_EQUALS, 2, 0, false},
    {"no name", "[a]\n = x\n", AST_NOTE_NO_NAME, 2, 0, false},
    {"block comment in a value", "[a]\nx=1;--2\ny=3\nz=4\n--;\nw=5\n",
	AST_NOTE_COMMENT_IN_VALUE, 2, 3, false},
    {"open block comment", "[a]\n\n;-- x\ny=3\n", AST_NOTE_COMMENT_OPEN, 3, 0, false},
    {"stray close", "[a]\nx=1--;\ny=2\nz=3\n", AST_NOTE_COMMENT_STRAY, 2, 2, false},
};

PARAMETER_INDEX(ast_config, note, notes)
ParameterizedTest(size_t *i, ast_config, note)
{
	const struct note_case *c = &notes[*i];
	struct ast_config *config = read_config(c->text, NULL);
	const struct ast_note *n = config->notes;

	while (n != NULL && n->kind != c->kind)
		n = n->next;
	cr_assert_not_null(n, "%s", c->name);
	cr_expect_eq(n->line, c->line, "%s: line %u", c->name, n->line);
	cr_expect_eq(n->lines, c->lines, "%s: %u lines", c->name, n->lines);
	cr_expect_eq(config->is_refused, c->is_refused, "%s", c->name);
	ast_config_free(config);
}

Test(ast_config, a_nul_ends_its_line)
{
	static const char text[] = "[a]\nx=1\0junk\ny=2\n";
	struct ast_config *c = NULL;
	struct err e;
	char got[64];

	cr_assert_eq(ast_config_read(
			 SLICE("x"), guard_copy(text, sizeof(text) - 1), NULL, &c, &e),
	    0);
	dump(c, got, sizeof(got));
	cr_expect_str_eq(got, "a x=1\na y=2\n", "%s", got);
	ast_config_free(c);
}

Test(ast_config, an_ordinary_block_comment_is_no_finding)
{
	struct ast_config *c = read_config("[a]\n;-- b\nc --;\nx=1\n", NULL);

	cr_expect_null(c->notes);
	ast_config_free(c);
}

Test(ast_config, an_included_file_goes_on_in_the_section_and_gives_it_back)
{
	struct test_files f = {.name = {"sip-vicidial.conf", "more"},
	    .bytes = {"register => u:p@h\n[trunk]\nhost=h\n", "y=2\n"}};
	struct ast_config *c =
	    read_config("[general]\na=1\n#include \"sip-vicidial.conf\"\n"
			"b=2\n#include <more>\n",
		&f);
	char got[256];

	/* b stays in the includer's section; the second include's y goes where the
	 * first one ended: config.c keeps one current section for all files. */
	dump(c, got, sizeof(got));
	cr_expect_str_eq(got,
	    "general a=1\ngeneral register=u:p@h\ngeneral b=2\n"
	    "trunk host=h\ntrunk y=2\n",
	    "%s", got);
	cr_expect_eq(c->file_count, 3);
	EXPECT_TEXT(c->files[1], "sip-vicidial.conf", "file name");
	cr_expect_eq(c->last_section->file, 1);
	cr_expect_eq(c->last_section->line, 2);
	cr_expect_eq(f.opened, 2);
	cr_expect_eq(f.closed, 2);
	ast_config_free(c);
}

Test(ast_config, a_refused_included_file_ends_there_and_the_includer_goes_on)
{
	struct test_files f = {.name = {"b"}, .bytes = {"x=1\n[q](missing)\ny=2\n"}};
	struct ast_config *c = read_config("[a]\n#include b\nz=3\n", &f);
	char got[64];

	dump(c, got, sizeof(got));
	cr_expect_str_eq(got, "a x=1\na z=3\n", "%s", got);
	cr_expect_not(c->is_refused);
	ast_config_free(c);
}

Test(ast_config, files_that_include_each_other_end)
{
	struct test_files f = {.name = {"a", "b"},
	    .bytes = {"#include b\n#include b\n", "#include a\n#include a\n"}};
	struct ast_config *c = read_config("[x]\n#include a\n#include b\n", &f);

	cr_expect_leq(c->file_count, AST_FILES_MAX);
	cr_expect_gt(c->dropped.files, 0);
	cr_expect_eq(f.opened, f.closed);
	ast_config_free(c);
}

Test(ast_config, vicidial_comment_names_the_carrier_of_the_sections_below)
{
	struct test_files f = {.name = {"v"},
	    .bytes = {
		"[none]\nx=1\n; WARNING- THIS FILE IS AUTO-GENERATED BY VICIDIAL\n"
		"register => u:p@h\n; VICIDIAL Carrier: C1 - The - First\n\n[one]\n"
		"x=1\n[one-auth]\n;VICIDIAL Carrier: C2\n[two]\n"}};
	struct ast_config *c = read_config("; VICIDIAL Carrier: C0 - of this file\n"
					   "[general]\n#include v\n[own]\n",
	    &f);
	const struct ast_section *s = c->sections;

	EXPECT_TEXT(s->carrier_id, "C0", "general");
	s = s->next;
	EXPECT_TEXT(s->carrier_id, NULL, "another file");
	s = s->next;
	EXPECT_TEXT(s->carrier_id, "C1", "id");
	EXPECT_TEXT(s->carrier_name, "The - First", "name");
	EXPECT_TEXT(s->next->carrier_id, "C1", "second section of the carrier");
	s = s->next->next;
	EXPECT_TEXT(s->carrier_id, "C2", "id");
	EXPECT_TEXT(s->carrier_name, "", "name");
	EXPECT_TEXT(s->next->carrier_id, "C0", "back in the first file");
	ast_config_free(c);
}

/* All the syntax there is, for the prefixes. */
static const char everything[] =
    "; head\n[general](!)\nsecret=pa\\;ss;x\n;-- block\n;-- in --; --; y => 2\n"
    "[a](general)\nsecret+= z\n#include \"b\"\n#exec x\n\\[q] = 1\n[a](+)\n"
    "; VICIDIAL Carrier: C1 - Name\n[b](!,a)\nx=1--;\n";

Test(ast_config, every_prefix_is_survived)
{
	for (size_t len = 0; len < sizeof(everything); len++) {
		struct ast_config *c = NULL;
		struct err e;

		cr_assert_eq(ast_config_read(
				 SLICE("x"), guard_copy(everything, len), NULL, &c, &e),
		    0);
		ast_config_free(c);
	}
}

static char *repeat(const char *line, size_t times)
{
	const size_t len = strlen(line);
	char *text = malloc(times * len + 16);

	guard_require(text != NULL);
	memcpy(text, "[a]\n", 5);
	for (size_t i = 0; i < times; i++)
		memcpy(text + 4 + i * len, line, len + 1);
	return text;
}

static const struct flood_case {
	const char *name, *line;
	size_t times;
} floods[] = {
    {"values", "x=1\n", 400000},
    {"sections", "[b]\nx=1\n", 400000},
    {"appending", "x+=1\n", 400000},
    {"adding sections", "[b](+)\n", 400000},
    {"inheriting itself", "[a](a,a,a,a,a,a,a,a)\nx=1\n", 200000},
    {"notes", "x\n", 400000},
    {"stray closes", "--;\n", 400000},
    {"blocks", ";--\n", 400000},
    {"carriers", ";VICIDIAL Carrier: a - b\n", 100000},
};

/* A hostile file costs bounded memory and time, and says that it was cut. */
PARAMETER_INDEX(ast_config, flood_is_bounded, floods)
ParameterizedTest(size_t *i, ast_config, flood_is_bounded)
{
	char *text = repeat(floods[*i].line, floods[*i].times);
	struct ast_config *c = NULL;
	struct err e = {0};
	int rc = ast_config_read(SLICE("x"), text_of(text), NULL, &c, &e);

	free(text);
	cr_assert(rc == 0 || rc == -ENOMEM, "%s", floods[*i].name);
	if (rc < 0)
		return;
	cr_expect_leq(c->arena.bytes, AST_ARENA_MAX);
	cr_expect_leq(c->section_count, AST_SECTIONS_MAX);
	cr_expect_leq(c->value_count, AST_VALUES_MAX);
	cr_expect_leq(c->note_count, AST_NOTES_MAX);
	ast_config_free(c);
}

Test(ast_config, what_does_not_fit_is_counted_and_noted)
{
	char *text = repeat("x=1\n", AST_SECTION_VALUES_MAX + 7);
	struct ast_config *c = read_config("", NULL);
	struct err e;

	ast_config_free(c);
	cr_assert_eq(ast_config_read(SLICE("x"), text_of(text), NULL, &c, &e), 0);
	cr_expect_eq(c->value_count, AST_SECTION_VALUES_MAX);
	cr_expect_eq(c->dropped.values, 7);
	cr_assert_not_null(c->notes);
	cr_expect_eq(c->notes->kind, AST_NOTE_LIMIT);
	ast_config_free(c);
	free(text);
}

Test(ast_config, a_line_too_long_is_skipped_alone)
{
	char *text = malloc(AST_LINE_MAX + 64);
	struct ast_config *c = NULL;
	struct err e;

	guard_require(text != NULL);
	memcpy(text, "[a]\n", 4);
	memset(text + 4, 'x', AST_LINE_MAX + 1);
	memcpy(text + 5 + AST_LINE_MAX, "\ny=2\n", 6);
	cr_assert_eq(ast_config_read(SLICE("x"), text_of(text), NULL, &c, &e), 0);
	cr_assert_not_null(c->notes);
	cr_expect_eq(c->notes->kind, AST_NOTE_LINE_TOO_LONG);
	cr_expect_eq(c->value_count, 1);
	ast_config_free(c);
	free(text);
}

Test(ast_config, every_note_has_a_sentence)
{
	for (int k = 0; k < AST_NOTE_COUNT; k++)
		cr_expect_not_null(ast_note_sentence((enum ast_note_kind)k), "%d", k);
}
