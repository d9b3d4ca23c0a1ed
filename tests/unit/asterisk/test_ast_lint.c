/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk_test.h"

#include "asterisk/ast_lint.h"

enum { FINDINGS_MAX = 32 };

#define PEER "[t]\ntype=peer\nhost=h\nusername=u\nfromuser=u\nfromdomain=r\n"
#define R    "[general]\nregister => "
/* MD5("u:r:pass") and MD5("u:asterisk:pass"), by md5sum. */
#define HA1_R        "8db38c2657dfe9cfd4667580fc341df3"
#define HA1_ASTERISK "590c8472a0f54fb13c35901f3e3c7d36"

/* want: the slugs in order, each with its line; empty: nothing to say. */
static const struct lint_case {
	const char *name, *text, *want;
} cases[] = {
    {"nothing wrong", PEER "secret=abc\n", ""},
    {"a real comment is fine", PEER "secret=abc ; of 2024\n", ""},
    {"an escaped ; is fine", PEER "secret=a\\;bc\n", ""},
    {"secret cut", PEER "secret=a;bc\n", "secret_cut:7 "},
    {"password cut", "[x]\ntype=auth\nusername=u\npassword=a;b\n", "secret_cut:4 "},
    {"block comment swallows lines", PEER "secret=a;--bc\nx=1\n",
	"syntax:7 syntax:7 secret_cut:7 "},
    {"secret in quotes", PEER "secret=\"abc\"\n", "secret_quoted:7 "},
    {"quoted user", "[t]\ntype=peer\nhost=h\nusername=\"u\"\nfromuser=u\nsecret=p\n",
	"value_quoted:4 "},
    {"contact cut", "[x]\ntype=aor\ncontact=sip:h;transport=tcp\n", "value_cut:3 "},
    {"template missing", "[t](x)\n", "syntax:1 "},
    {"duplicate section", PEER "secret=p\n[t]\ntype=peer\n", "duplicate_section:8 "},
    {"pjsip objects may share a name", "[a]\ntype=aor\n[a]\ntype=auth\n", ""},
    {"a template may share a name", "[t](!)\ntype=peer\n[t]\ntype=peer\n", ""},
    {"adding is no duplicate", "[a]\ntype=aor\n[a](+)\nx=1\n", ""},
    {"no type", "[t]\nhost=h\n", "no_type:1 "},
    {"no fromuser", "[t]\ntype=peer\nhost=h\nusername=u\nsecret=p\n", "no_fromuser:1 "},
    {"by address needs none", "[t]\ntype=peer\nhost=h\n", ""},
    {"no user name", "[t]\ntype=peer\nhost=h\nsecret=p\n", "no_username:4 "},
    {"no secret", PEER, "no_secret:4 "},
    {"remotesecret", PEER "secret=p\nremotesecret=q\n", "remotesecret_overrides:7 "},
    {"a phone needs no fromuser", "[1]\ntype=friend\nhost=dynamic\nsecret=p\n", ""},
    {"md5secret of the domain", PEER "secret=pass\nmd5secret=" HA1_R "\n",
	"md5secret_bound:8 md5secret_overrides:7 "},
    {"md5secret of another realm", PEER "secret=pass\nmd5secret=" HA1_ASTERISK "\n",
	"md5secret_bound:8 md5secret_realm:8 md5secret_overrides:7 "},
    {"md5secret in upper case", PEER "md5secret=0123456789ABCDEF0123456789ABCDEF\n",
	"md5secret_format:7 "},
    {"register", R "u:p@h\n", ""},
    {"register with its own auth user", R "u:p:v@h\n", "register_colon:2 "},
    {"register, : in the secret", R "u:p:q@h\n", "register_colon:2 "},
    {"register, @ in the secret", R "u:p@q@h\n", "register_at:2 "},
    {"register, / in the secret", R "u:p/q@h\n",
	"register_rejected:2 register_slash:2 "},
    {"register, ? in the secret", R "u:p?q@h\n", "register_question:2 "},
    {"register, ~ in the secret", R "u:p~q@h\n", "register_tilde:2 "},
    {"register, quotes protect", R "u:\"p:/?~\"@h\n", ""},
    {"register, everything used rightly", R "p?tcp://u@d:s@h:5060/x~60\n", ""},
    {"register cut", R "u:p;q@h\n", "register_cut:2 register_rejected:2 "},
    {"register rejected", R "u:p\n", "register_rejected:2 "},
    {"outbound_auth missing", "[e]\ntype=endpoint\noutbound_auth=x\n",
	"outbound_auth_missing:3 "},
    {"sends_auth off", "[w]\ntype=wizard\nremote_hosts=h\noutbound_auth/password=p\n",
	"sends_auth_off:1 "},
    {"ViciDial's form", "; VICIDIAL Carrier: C - N\n" PEER "secret=a\\b\n",
	"vicidial_form:8 "},
    {"said once, in the template", "[t](!)\nsecret=\"p\"\n[a](t)\n[b](t)\n",
	"secret_quoted:2 "},
};

static void run(const char *text, char *out, size_t size)
{
	struct ast_finding f[FINDINGS_MAX];
	struct ast_trunks t;
	size_t count, n = 0;

	read_trunks(&t, text);
	count = ast_lint(&t, f, FINDINGS_MAX);
	cr_assert_leq(count, FINDINGS_MAX);
	out[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		cr_expect_not_null(f[i].sentence);
		cr_expect_not_null(ast_severity_name(f[i].severity));
		EXPECT_TEXT(f[i].file, "sip.conf", "file");
		n +=
		    (size_t)snprintf(out + n, size - n, "%s:%u ", f[i].slug, f[i].line);
	}
	ast_trunks_fini(&t);
}

PARAMETER_INDEX(ast_lint, finding, cases)
ParameterizedTest(size_t *i, ast_lint, finding)
{
	char got[512];

	run(cases[*i].text, got, sizeof(got));
	cr_expect_str_eq(got, cases[*i].want, "%s: %s", cases[*i].name, got);
}

Test(ast_lint, user_realm_and_secret_over_255_bytes)
{
	char text[512], got[64];

	(void)snprintf(text, sizeof(text), PEER "secret=%0252d\n", 1);
	run(text, got, sizeof(got));
	cr_expect_str_eq(got, "secret_too_long:7 ", "%s", got);
	(void)snprintf(text, sizeof(text), PEER "secret=%0251d\n", 1);
	run(text, got, sizeof(got));
	cr_expect_str_eq(got, "", "%s", got);
	(void)snprintf(text, sizeof(text), R "u:%0255d@h\n", 1);
	run(text, got, sizeof(got));
	cr_expect_str_eq(got, "register_too_long:2 register_rejected:2 ", "%s", got);
}

Test(ast_lint, says_how_many_lines_vanish)
{
	struct ast_finding f[FINDINGS_MAX];
	struct ast_trunks t;

	read_trunks(&t, PEER "secret=a;--bc\nx=1\n[v]\ny=2\n");
	cr_assert_gt(ast_lint(&t, f, FINDINGS_MAX), 0);
	cr_expect_eq(f[0].lines, 3);
	cr_expect_eq(f[0].severity, AST_ERROR);
	ast_trunks_fini(&t);
}

Test(ast_lint, counts_what_does_not_fit)
{
	struct ast_finding one;
	struct ast_trunks t;

	read_trunks(&t, "[x]\nsecret=\"p\"\nsecret=\"q\"\n");
	cr_expect_eq(ast_lint(&t, NULL, 0), 2);
	cr_expect_eq(ast_lint(&t, &one, 1), 2);
	cr_expect_eq(one.line, 2);
	ast_trunks_fini(&t);
}
