/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows reg1 .. reg13 are the cases of Asterisk's own unit test
 * (channels/sip/config_parser.c, sip_parse_register_line_test).
 */
#include "asterisk_test.h"

#include "asterisk/ast_register.h"

static const struct register_case {
	const char *name, *line;
	const char *peer, *transport, *user, *domain, *secret, *authuser, *host,
	    *extension, *expiry, *domain_port;
	uint16_t port;
	bool is_rejected;
} lines[] = {
    {"reg1", "name@domain", .user = "name", .host = "domain"},
    {"reg2", "name:pass@domain", .user = "name", .secret = "pass", .host = "domain"},
    {"reg3", "name@namedomain:pass:authuser@domain", .user = "name",
	.domain = "namedomain", .secret = "pass", .authuser = "authuser",
	.host = "domain"},
    {"reg4", "name@namedomain:pass:authuser@domain/extension", .user = "name",
	.domain = "namedomain", .secret = "pass", .authuser = "authuser",
	.host = "domain", .extension = "extension"},
    {"reg5", "tcp://name@namedomain:pass:authuser@domain/extension", .transport = "tcp",
	.user = "name", .domain = "namedomain", .secret = "pass",
	.authuser = "authuser", .host = "domain", .extension = "extension"},
    {"reg6", "tls://name@namedomain:pass:authuser@domain/extension~111",
	.transport = "tls", .user = "name", .domain = "namedomain", .secret = "pass",
	.authuser = "authuser", .host = "domain", .extension = "extension",
	.expiry = "111"},
    {"reg7", "peer?tcp://name@namedomain:pass:authuser@domain:1234/extension~111",
	.peer = "peer", .transport = "tcp", .user = "name", .domain = "namedomain",
	.secret = "pass", .authuser = "authuser", .host = "domain", .port = 1234,
	.extension = "extension", .expiry = "111"},
    {"reg8", "peer?name@namedomain:pass:authuser@domain:1234/extension~111",
	.peer = "peer", .user = "name", .domain = "namedomain", .secret = "pass",
	.authuser = "authuser", .host = "domain", .port = 1234,
	.extension = "extension", .expiry = "111"},
    {"reg9", "peer?name:pass:authuser:1234/extension~111", .is_rejected = true},
    {"reg10", "@domin:1234", .is_rejected = true},
    {"reg12", "name@namedomain:4321:pass:authuser@domain", .user = "name",
	.domain = "namedomain", .domain_port = "4321", .secret = "pass",
	.authuser = "authuser", .host = "domain"},
    {"reg13", "name@namedomain:4321::@domain", .user = "name", .domain = "namedomain",
	.domain_port = "4321", .secret = "", .authuser = "", .host = "domain"},
    {"no host", "name:pass@", .is_rejected = true},
    {"nothing", "", .is_rejected = true},
    {"@ in the secret is harmless", "u:p@ss@h", .user = "u", .secret = "p@ss",
	.host = "h"},
    {": in the secret tears it", "u:pa:ss@h", .user = "u", .secret = "pa",
	.authuser = "ss", .host = "h"},
    {"two : in the secret shift it", "u:pa:s:s@h", .user = "u", .domain_port = "pa",
	.secret = "s", .authuser = "s", .host = "h"},
    {"/ in the secret: rejected", "u:pa/ss@h", .is_rejected = true},
    {"? in the secret: a peer", "u:pa?ss@h", .peer = "u:pa", .user = "ss", .host = "h"},
    {"~ in the secret is harmless", "u:pa~ss@h", .user = "u", .secret = "pa~ss",
	.host = "h"},
    {"quotes protect, and are removed", "u:\"pa:s/s?\"@h", .user = "u",
	.secret = "pa:s/s?", .host = "h"},
    {"quotes do not protect the @", "u:p@h\"@\"x", .user = "u", .secret = "p@h\"",
	.host = "\"x"},
    {"a backslash protects and stays", "u:pa\\:ss@h", .user = "u", .secret = "pa\\:ss",
	.host = "h"},
    {"IPv6 host", "u:p@[2001:db8::1]:5070/x", .user = "u", .secret = "p",
	.host = "[2001:db8::1]", .port = 5070, .extension = "x"},
    {"empty peer is none", "?u:p@h", .peer = "", .user = "u", .secret = "p",
	.host = "h"},
    {"port that is no number", "u:p@h:sip", .user = "u", .secret = "p", .host = "h"},
};

PARAMETER_INDEX(ast_register, line, lines)
ParameterizedTest(size_t *i, ast_register, line)
{
	const struct register_case *c = &lines[*i];
	struct ast_register r = {0};
	bool ok = ast_register_parse(guard_copy(c->line, strlen(c->line)), &r);

	cr_assert_eq(ok, !c->is_rejected, "%s", c->name);
	if (!ok)
		return;
	EXPECT_TEXT(r.peer, c->peer, "%s: peer", c->name);
	EXPECT_TEXT(r.transport, c->transport, "%s: transport", c->name);
	EXPECT_TEXT(r.user, c->user, "%s: user", c->name);
	EXPECT_TEXT(r.domain, c->domain, "%s: domain", c->name);
	EXPECT_TEXT(r.secret, c->secret, "%s: secret '" SLICE_FMT "'", c->name,
	    SLICE_ARG(r.secret));
	EXPECT_TEXT(r.authuser, c->authuser, "%s: authuser", c->name);
	EXPECT_TEXT(r.host, c->host, "%s: host", c->name);
	EXPECT_TEXT(r.extension, c->extension, "%s: extension", c->name);
	EXPECT_TEXT(r.expiry, c->expiry, "%s: expiry", c->name);
	EXPECT_TEXT(r.domain_port, c->domain_port, "%s: domain port", c->name);
	cr_expect_eq(r.port, c->port, "%s: port %u", c->name, r.port);
}

Test(ast_register, is_cut_at_255_bytes)
{
	char line[300];
	struct ast_register r;

	memset(line, 'p', sizeof(line));
	memcpy(line, "u:", 2);
	memcpy(line + 290, "@h", 2);
	cr_expect_not(ast_register_parse(slice_of(line, sizeof(line)), &r));
	memcpy(line + 200, "@h", 2);
	cr_assert(ast_register_parse(slice_of(line, sizeof(line)), &r));
	cr_expect(r.is_cut);
	cr_expect_eq(r.host.len, 255 - 201);
}

static const struct auth_case {
	const char *line, *user, *secret, *realm;
	bool is_ha1, is_rejected;
} auths[] = {
    {"u:p@r", "u", "p", "r"},
    {"u@r", "u", NULL, "r"},
    {"u#abc@r", "u", "abc", "r", true},
    {"u:p@x@r", "u", "p@x", "r"},
    {"u:p#q@r", "u", "p#q", "r"},
    {"u:p", .is_rejected = true},
    {"@r", .is_rejected = true},
};

PARAMETER_INDEX(ast_register, auth, auths)
ParameterizedTest(size_t *i, ast_register, auth)
{
	const struct auth_case *c = &auths[*i];
	struct ast_realm_auth a = {0};
	bool ok = ast_realm_auth_parse(guard_copy(c->line, strlen(c->line)), &a);

	cr_assert_eq(ok, !c->is_rejected, "%s", c->line);
	if (!ok)
		return;
	EXPECT_TEXT(a.user, c->user, "%s", c->line);
	EXPECT_TEXT(a.secret, c->secret, "%s", c->line);
	EXPECT_TEXT(a.realm, c->realm, "%s", c->line);
	cr_expect_eq(a.is_ha1, c->is_ha1, "%s", c->line);
}
