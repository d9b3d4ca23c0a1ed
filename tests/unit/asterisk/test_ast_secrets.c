/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Credentials are made here with nettle, as RFC 2617 3.2.2 and chan_sip's
 * build_reply_digest() say, and not with the code under test.
 */
#include "asterisk_test.h"

#include <nettle/md5.h>

#include "asterisk/ast_secrets.h"

struct md5_hex {
	char text[33];
};

static struct md5_hex md5_hex(const char *fmt, ...)
{
	char text[4096];
	uint8_t digest[MD5_DIGEST_SIZE];
	struct md5_ctx md5;
	struct md5_hex hex;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	guard_require(n >= 0 && (size_t)n < sizeof(text));
	md5_init(&md5);
	md5_update(&md5, (size_t)n, (const uint8_t *)text);
	md5_digest(&md5, sizeof(digest), digest);
	for (int i = 0; i < MD5_DIGEST_SIZE; i++)
		(void)snprintf(hex.text + 2 * i, 3, "%02x", digest[i]);
	return hex;
}

/* What `user` sends when it answers realm's challenge with `secret`. */
struct sent {
	struct sip_credentials cred;
	struct digest_input in;
	struct md5_hex response;
};

static void send_ha1(
    struct sent *s, const char *user, const char *realm, const char *ha1)
{
	const struct md5_hex ha2 = md5_hex("INVITE:sip:1@h");

	s->response = md5_hex("%s:n0nce:00000001:c:auth:%s", ha1, ha2.text);
	s->cred = (struct sip_credentials){.scheme = SLICE("Digest"),
	    .username = text_of(user),
	    .realm = text_of(realm),
	    .nonce = SLICE("n0nce"),
	    .uri = SLICE("sip:1@h"),
	    .cnonce = SLICE("c"),
	    .nc = SLICE("00000001"),
	    .qop = SLICE("auth"),
	    .response = text_of(s->response.text),
	    .alg = SIP_ALG_MD5};
	s->in = (struct digest_input){.method = SLICE("INVITE"), .cred = &s->cred};
}

static void send_secret(
    struct sent *s, const char *user, const char *realm, const char *secret)
{
	send_ha1(s, user, realm, md5_hex("%s:%s:%s", user, realm, secret).text);
}

#define PEER(lines) "[t]\ntype=peer\nhost=h\nusername=u\n" lines "\n"
#define HEX32       "0123456789abcdef0123456789abcdef"

static const struct check_case {
	const char *name, *config, *sent;
	enum digest_verdict verdict;
	enum digest_mangling mangling;
	uint32_t line;
} checks[] = {
    {"as configured", PEER("secret=Abc9"), "Abc9", DIGEST_MATCHES, 0, 5},
    {"something else", PEER("secret=Abc9"), "other", DIGEST_NO_MATCH, 0, 5},
    {"quotes are the secret's", PEER("secret=\"Abc9\""), "\"Abc9\"", DIGEST_MATCHES,
	DIGEST_QUOTES_KEPT, 5},
    {"quotes removed", PEER("secret=\"Abc9\""), "Abc9", DIGEST_MANGLED,
	DIGEST_QUOTES_REMOVED, 5},
    {"quotes added", PEER("secret=Abc9"), "\"Abc9\"", DIGEST_MANGLED,
	DIGEST_QUOTES_KEPT, 5},
    {"cut at ;", PEER("secret=pa;ss"), "pa", DIGEST_MANGLED, DIGEST_CUT_AT_SEMICOLON,
	5},
    {"cut to nothing", PEER("secret=;pass"), "", DIGEST_MANGLED,
	DIGEST_CUT_AT_SEMICOLON, 5},
    {"cut by a block comment", PEER("secret=pa;--ss"), "pa", DIGEST_MANGLED,
	DIGEST_CUT_AT_SEMICOLON, 5},
    {"a comment is no cut", PEER("secret=pa ; old"), "pa", DIGEST_MATCHES, 0, 5},
    {"whole, though cut", PEER("secret=pa;ss"), "pa;ss", DIGEST_MANGLED,
	DIGEST_SEMICOLON_KEPT, 5},
    {"whole, though cut, before a comment", PEER("secret=pa;ss ; old"), "pa;ss",
	DIGEST_MANGLED, DIGEST_SEMICOLON_KEPT, 5},
    {"escaped ; as Asterisk reads it", PEER("secret=pa\\;ss"), "pa;ss", DIGEST_MATCHES,
	0, 5},
    {"escaped ; cut nevertheless", PEER("secret=pa\\;ss"), "pa", DIGEST_MANGLED,
	DIGEST_CUT_AT_SEMICOLON, 5},
    {"; removed by the form", PEER("secret=pa\\;ss"), "pass", DIGEST_MANGLED,
	DIGEST_SEMICOLON_REMOVED, 5},
    {"backslash kept", PEER("secret=pa\\;ss"), "pa\\;ss", DIGEST_MANGLED,
	DIGEST_BACKSLASH_KEPT, 5},
    {"backslash removed", PEER("secret=pa\\ss"), "pass", DIGEST_MANGLED,
	DIGEST_BACKSLASH_REMOVED, 5},
    {"cut at a quote", PEER("secret=pa\"ss"), "pa", DIGEST_MANGLED, DIGEST_CUT_AT_QUOTE,
	5},
    {"quote marks removed", PEER("secret=p'a\"ss"), "pass", DIGEST_MANGLED,
	DIGEST_MARKS_REMOVED, 5},
    {"cut at :", PEER("secret=pa:ss"), "pa", DIGEST_MANGLED, DIGEST_CUT_AT_COLON, 5},
    {"cut at @", PEER("secret=pa@ss"), "pa", DIGEST_MANGLED, DIGEST_CUT_AT_AT, 5},
    {"cut at /", PEER("secret=pa/ss"), "pa", DIGEST_MANGLED, DIGEST_CUT_AT_SLASH, 5},
    {"cut at ?", PEER("secret=pa?ss"), "pa", DIGEST_MANGLED, DIGEST_CUT_AT_QUESTION, 5},
    {"cut at ~", PEER("secret=pa~ss"), "pa", DIGEST_MANGLED, DIGEST_CUT_AT_TILDE, 5},
    {"lower case", PEER("secret=aBc9"), "abc9", DIGEST_MANGLED, DIGEST_LOWER_CASE, 5},
    {"upper case", PEER("secret=aBc9"), "ABC9", DIGEST_MANGLED, DIGEST_UPPER_CASE, 5},
    {"first letter", PEER("secret=aBc9"), "ABc9", DIGEST_MANGLED, DIGEST_FIRST_CASE, 5},
    {"Caps Lock", PEER("secret=aBc9"), "AbC9", DIGEST_MANGLED, DIGEST_SWAPPED_CASE, 5},
    {"leading blank", PEER("secret=aBc9"), " aBc9", DIGEST_MANGLED,
	DIGEST_LEADING_BLANK, 5},
    {"trailing blank", PEER("secret=aBc9"), "aBc9 ", DIGEST_MANGLED,
	DIGEST_TRAILING_BLANK, 5},
    {"blanks removed", PEER("secret=a B c9"), "aBc9", DIGEST_MANGLED,
	DIGEST_BLANKS_REMOVED, 5},
    {"empty", PEER("secret=aBc9"), "", DIGEST_MANGLED, DIGEST_EMPTY, 5},
    {"user name", PEER("secret=aBc9"), "u", DIGEST_MANGLED, DIGEST_USER_NAME, 5},
    {"no secret configured, none sent", PEER(""), "", DIGEST_MATCHES, 0, 4},
    {"remotesecret", PEER("secret=s\nremotesecret=r"), "r", DIGEST_MATCHES, 0, 6},
    {"secret beside a remotesecret", PEER("secret=s\nremotesecret=r"), "s",
	DIGEST_MANGLED, DIGEST_OVERRIDDEN, 5},
    {"auth= of the realm", PEER("secret=s\nauth=u:p@r.com"), "p", DIGEST_MATCHES, 0, 6},
    {"auth= of another realm", PEER("secret=s\nauth=u:p@other"), "p", DIGEST_MANGLED,
	DIGEST_OTHER_REALM, 6},
    {"another section's",
	PEER("secret=s") "[x]\ntype=peer\nhost=x\nusername=v\nsecret=w\n", "w",
	DIGEST_MANGLED, DIGEST_OTHER_SECTION, 10},
    {"a phone's", PEER("secret=s") "[100]\ntype=friend\nhost=dynamic\nsecret=w\n", "w",
	DIGEST_MANGLED, DIGEST_OTHER_SECTION, 9},
    {"register line", "[general]\nregister => u:p@h\n", "p", DIGEST_MATCHES, 0, 2},
    {"[authentication]", "[authentication]\nauth=u:p@r.com\n", "p", DIGEST_MATCHES, 0,
	2},
    {"nobody knows that user", "[t]\ntype=peer\nhost=h\nusername=v\nsecret=s\n", "x",
	DIGEST_NO_SECRET, 0, 0},
    {"nothing configured", "", "x", DIGEST_NO_SECRET, 0, 0},
};

PARAMETER_INDEX(ast_secrets, sent_against_configured, checks)
ParameterizedTest(size_t *i, ast_secrets, sent_against_configured)
{
	const struct check_case *c = &checks[*i];
	struct ast_trunks t;
	struct sent s;
	struct digest_result r;

	read_trunks(&t, c->config);
	send_secret(&s, "u", "r.com", c->sent);
	cr_expect_eq(ast_digest_check(&t, &s.in, SLICE("h"), &r), c->verdict, "%s: %s",
	    c->name, digest_verdict_name(r.verdict));
	cr_expect_eq(r.mangling, c->mangling, "%s: %s", c->name,
	    digest_mangling_slug(r.mangling));
	cr_expect_eq(r.line, c->line, "%s: line %u", c->name, r.line);
	cr_expect_gt(r.tried + (c->verdict == DIGEST_NO_SECRET), 0, "%s", c->name);
	ast_trunks_fini(&t);
}

Test(ast_secrets, md5secret_is_the_hash_itself)
{
	struct ast_trunks t;
	struct sent s;
	struct digest_result r;

	read_trunks(&t, PEER("md5secret=" HEX32 "\nsecret=s"));
	send_ha1(&s, "u", "r.com", HEX32);
	cr_expect_eq(ast_digest_check(&t, &s.in, SLICE_NONE, &r), DIGEST_MATCHES);
	cr_expect_eq(r.line, 5);
	send_secret(&s, "u", "r.com", "s");
	cr_expect_eq(ast_digest_check(&t, &s.in, SLICE_NONE, &r), DIGEST_MANGLED);
	cr_expect_eq(r.mangling, DIGEST_OVERRIDDEN);
	ast_trunks_fini(&t);
}

Test(ast_secrets, chan_sip_keeps_255_bytes_of_user_realm_and_secret)
{
	struct ast_trunks t;
	struct sent s;
	struct digest_result r;
	char config[512], secret[301];

	memset(secret, 'p', 300);
	secret[300] = '\0';
	(void)snprintf(config, sizeof(config), PEER("secret=%s"), secret);
	read_trunks(&t, config);
	secret[255 - strlen("u:r.com:")] = '\0';
	send_secret(&s, "u", "r.com", secret);
	cr_expect_eq(ast_digest_check(&t, &s.in, SLICE_NONE, &r), DIGEST_MANGLED);
	cr_expect_eq(
	    r.mangling, DIGEST_CUT_AT_255, "%s", digest_mangling_slug(r.mangling));
	ast_trunks_fini(&t);
}

Test(ast_secrets, the_host_decides_between_two_trunks_of_one_account)
{
	static const char two[] =
	    "[a]\ntype=peer\nhost=h1\nusername=u\nsecret=s\n"
	    "[b]\ntype=peer\nhost=192.0.2.0\nusername=u\nsecret=s\n";
	struct ast_trunks t;
	struct sent s;
	struct digest_result r;

	read_trunks(&t, two);
	send_secret(&s, "u", "r", "s");
	(void)ast_digest_check(&t, &s.in, SLICE("H1"), &r);
	EXPECT_TEXT(r.trunk, "a", "by name");
	(void)ast_digest_check(&t, &s.in, SLICE("192.0.2.0"), &r);
	EXPECT_TEXT(r.trunk, "b", "by address");
	cr_expect_eq(ast_digest_check(&t, &s.in, SLICE_NONE, &r), DIGEST_MATCHES);
	EXPECT_TEXT(r.file, "sip.conf", "file");
	ast_trunks_fini(&t);
}

Test(ast_secrets, what_cannot_be_recomputed_is_not_checked)
{
	struct ast_trunks t;
	struct sent s;
	struct digest_result r;

	read_trunks(&t, PEER("secret=s"));
	send_secret(&s, "u", "r", "s");
	s.cred.nonce = SLICE_NONE;
	cr_expect_eq(ast_digest_check(&t, &s.in, SLICE_NONE, &r), DIGEST_NOT_CHECKED);
	cr_expect_eq(
	    ast_digest_check_secret(&s.in, SLICE("s"), &r), DIGEST_NOT_CHECKED);
	ast_trunks_fini(&t);
}

static const struct typed_case {
	const char *typed, *sent;
	enum digest_verdict verdict;
	enum digest_mangling mangling;
} typed[] = {
    {"pa;ss", "pa;ss", DIGEST_MATCHES, 0},
    {"pa;ss", "pa", DIGEST_MANGLED, DIGEST_CUT_AT_SEMICOLON},
    {"pa;ss", "pass", DIGEST_MANGLED, DIGEST_SEMICOLON_REMOVED},
    {"pass", "\"pass\"", DIGEST_MANGLED, DIGEST_QUOTES_KEPT},
    {"p:a@s", "p", DIGEST_MANGLED, DIGEST_CUT_AT_COLON},
    {"pass", "else", DIGEST_NO_MATCH, 0},
    {"", "", DIGEST_MATCHES, 0},
};

PARAMETER_INDEX(ast_secrets, typed_secret, typed)
ParameterizedTest(size_t *i, ast_secrets, typed_secret)
{
	struct sent s;
	struct digest_result r;

	send_secret(&s, "u", "r", typed[*i].sent);
	cr_expect_eq(ast_digest_check_secret(&s.in, text_of(typed[*i].typed), &r),
	    typed[*i].verdict, "%s: %s", typed[*i].typed,
	    digest_verdict_name(r.verdict));
	cr_expect_eq(r.mangling, typed[*i].mangling, "%s: %s", typed[*i].typed,
	    digest_mangling_slug(r.mangling));
	EXPECT_TEXT(r.trunk, NULL, "no trunk");
}

/* A row that no case above reaches is dead, or untested. */
Test(ast_secrets, every_mangling_is_reached)
{
	bool seen[DIGEST_MANGLING_COUNT] = {
	    [DIGEST_AS_CONFIGURED] = true, [DIGEST_CUT_AT_255] = true};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		seen[checks[i].mangling] = true;
	for (int m = 0; m < DIGEST_MANGLING_COUNT; m++) {
		const char *slug = digest_mangling_slug((enum digest_mangling)m);

		cr_expect(seen[m], "%s", slug);
		cr_expect_eq(digest_mangling_lookup(text_of(slug)), m);
		cr_expect_not_null(digest_mangling_sentence((enum digest_mangling)m));
	}
	cr_expect_eq(digest_mangling_lookup(SLICE("nonsense")), DIGEST_MANGLING_COUNT);
}

/* The result may be stored; nothing of the secret may be in it. */
Test(ast_secrets, the_result_holds_no_secret)
{
	struct ast_trunks t;
	struct sent s;
	struct digest_result r;

	read_trunks(&t, PEER("secret=Geheim77"));
	send_secret(&s, "u", "r", "GEHEIM77");
	cr_expect_eq(ast_digest_check(&t, &s.in, SLICE_NONE, &r), DIGEST_MANGLED);
	cr_expect_null(memmem(&r, sizeof(r), "Geheim77", 8));
	EXPECT_TEXT(r.trunk, "t", "trunk");
	EXPECT_TEXT(r.file, "sip.conf", "file");
	ast_trunks_fini(&t);
}
