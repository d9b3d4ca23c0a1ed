/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An Asterisk configuration that includes itself, from bytes to trunks, lint and
 * manglings.
 *
 * Properties, beyond "does not crash":
 *   - nothing exceeds its limit, and what was opened is closed;
 *   - names are not empty, values are stripped, sections and files exist;
 *   - rows for the pipeline are terminated and hold no more than fits;
 *   - a register line's parts lie inside the line;
 *   - a mangling fits its buffer and changes something;
 *   - a secret whose ';' are escaped is read back as it was written.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "asterisk/ast_line.h"
#include "asterisk/ast_lint.h"
#include "asterisk/ast_register.h"
#include "asterisk/ast_secrets.h"

enum { ROWS_MAX = 8, FINDINGS_MAX = 8, SECRET_BYTES_MAX = 512 };

static void require(int ok)
{
	if (!ok)
		abort(); /* not assert(): must hold in release builds too */
}

static void require_inside(struct slice part, struct slice whole)
{
	if (part.len == 0)
		return;
	require(part.ptr >= whole.ptr);
	require(part.len <= whole.len);
	require((size_t)(part.ptr - whole.ptr) <= whole.len - part.len);
}

/* "#include whole" gives the input again, any other name its second half. */
struct files {
	struct slice input;
	unsigned opened, closed;
};

static int open_file(void *ctx, struct slice name, struct slice *bytes, struct err *e)
{
	struct files *f = ctx;
	const size_t half = f->input.len / 2;

	if (slice_eq(name, SLICE("missing")))
		return err_set(e, -2, "missing");
	*bytes = slice_eq(name, SLICE("whole"))
		     ? f->input
		     : slice_of(f->input.ptr + half, f->input.len - half);
	f->opened++;
	return 0;
}

static void close_file(void *ctx, struct slice bytes)
{
	struct files *f = ctx;

	require_inside(bytes, f->input);
	f->closed++;
}

static void check_config(const struct ast_config *c)
{
	uint32_t sections = 0, values = 0;

	require(c->section_count <= AST_SECTIONS_MAX && c->note_count <= AST_NOTES_MAX);
	require(c->value_count <= AST_VALUES_MAX && c->bytes <= AST_BYTES_MAX);
	require(c->file_count >= 1 && c->file_count <= AST_FILES_MAX);
	for (const struct ast_section *s = c->sections; s != NULL; s = s->next) {
		uint32_t here = 0;

		sections++;
		require(s->file < c->file_count && s->name.len <= AST_SECTION_NAME_MAX);
		for (const struct ast_value *v = s->values; v != NULL; v = v->next) {
			here++;
			require(v->file < c->file_count && v->line > 0);
			require(v->name.len > 0 && v->value.ptr != NULL &&
				v->raw.ptr != NULL);
			require(ast_strip(v->name).len == v->name.len);
			require(ast_strip(v->value).len == v->value.len);
			require(v->value.len <= AST_LINE_MAX);
		}
		require(here == s->value_count && here <= AST_SECTION_VALUES_MAX);
		values += here;
	}
	require(sections == c->section_count && values <= c->value_count);
}

static void check_secret(const struct ast_secret *s)
{
	const struct ast_secret_text text = {.secret = s->secret,
	    .raw = s->raw,
	    .username = s->username,
	    .realm = s->realm,
	    .is_cut = s->is_cut};
	static char buf[AST_SECRET_MAX];

	require(s->secret.ptr != NULL && s->config != NULL);
	for (int m = 0; m < DIGEST_MANGLING_COUNT; m++) {
		struct slice out;

		if (!ast_mangle(&text, (enum digest_mangling)m, buf, &out))
			continue;
		require(out.len <= AST_SECRET_MAX && !slice_eq(out, s->secret));
	}
}

static void check_trunks(const struct ast_trunks *t)
{
	struct trunk_config rows[ROWS_MAX];
	struct ast_finding findings[FINDINGS_MAX];
	size_t n = ast_trunks_to_config(t, rows, ROWS_MAX);

	require(t->trunks.count <= AST_TRUNKS_MAX && n >= t->trunks.count);
	for (size_t i = 0; i < n && i < ROWS_MAX; i++) {
		require(memchr(rows[i].name, '\0', sizeof(rows[i].name)) != NULL);
		require(memchr(rows[i].account, '\0', sizeof(rows[i].account)) != NULL);
		require(memchr(rows[i].host, '\0', sizeof(rows[i].host)) != NULL);
		require(rows[i].net_count <= TRUNK_REMOTES_MAX);
	}
	n = ast_lint(t, findings, FINDINGS_MAX);
	for (size_t i = 0; i < n && i < FINDINGS_MAX; i++)
		require(findings[i].sentence != NULL && findings[i].slug != NULL);
	for (const struct ast_trunk *k = t->trunks.first; k != NULL; k = k->next) {
		require(!k->is_dynamic && k->config != NULL);
		for (const struct ast_secret *s = k->secrets; s != NULL; s = s->next)
			check_secret(s);
	}
}

static void check_digest(const struct ast_trunks *t, struct slice input)
{
	const struct ast_trunk *k = t->trunks.first;
	struct sip_credentials cred = {
	    .username = k == NULL || k->account.len == 0 ? input : k->account,
	    .realm = input,
	    .nonce = input,
	    .uri = input,
	    .response = SLICE("0123456789abcdef0123456789abcdef")};
	const struct digest_input in = {.method = SLICE("INVITE"), .cred = &cred};
	struct digest_result r;

	(void)ast_digest_check(t, &in, input, &r);
	require(r.verdict == DIGEST_NO_MATCH || r.verdict == DIGEST_NO_SECRET);
}

static void check_register(struct slice in)
{
	struct ast_register r;
	struct ast_realm_auth a;

	require_inside(ast_register_written_secret(in), in);
	if (ast_realm_auth_parse(in, &a)) {
		require_inside(a.user, in);
		require_inside(a.secret, in);
		require_inside(a.realm, in);
	}
	if (!ast_register_parse(in, &r))
		return;
	if (in.len > AST_REGISTER_MAX)
		in.len = AST_REGISTER_MAX;
	require_inside(r.peer, in);
	require_inside(r.transport, in);
	require_inside(r.user, in);
	require_inside(r.domain, in);
	require_inside(r.secret, in);
	require_inside(r.authuser, in);
	require_inside(r.host, in);
	require_inside(r.extension, in);
	require_inside(r.expiry, in);
}

/* Asterisk can hold any secret without line ends and outer blanks, if one knows how. */
static void check_round_trip(struct slice secret)
{
	char text[2 * SECRET_BYTES_MAX + 32] = "[a]\nsecret=>";
	size_t n = strlen(text);
	struct ast_config *c = NULL;
	struct err e;

	if (secret.len > SECRET_BYTES_MAX)
		secret.len = SECRET_BYTES_MAX;
	for (size_t i = 0; i < secret.len; i++) {
		if (secret.ptr[i] == '\n' || secret.ptr[i] == '\0') {
			secret.len = i;
			break;
		}
		if (secret.ptr[i] == ';')
			text[n++] = '\\';
		text[n++] = secret.ptr[i];
	}
	require(ast_config_read(SLICE("x"), slice_of(text, n), NULL, &c, &e) == 0);
	require(c->value_count == 1 && c->notes == NULL);
	require(slice_eq(c->sections->values->value, ast_strip(secret)));
	ast_config_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice input = slice_of(data, size);
	struct files files = {.input = input};
	const struct ast_source src = {&files, open_file, close_file};
	struct ast_config *c = NULL;
	struct ast_trunks t = {0};
	struct err e;

	check_register(input);
	check_round_trip(input);
	if (ast_config_read(SLICE("sip.conf"), input, &src, &c, &e) < 0)
		return 0;
	require(files.opened == files.closed);
	check_config(c);
	if (ast_trunks_add(&t, c, &e) == 0) {
		check_trunks(&t);
		check_digest(&t, input);
	}
	ast_trunks_fini(&t);
	return 0;
}
