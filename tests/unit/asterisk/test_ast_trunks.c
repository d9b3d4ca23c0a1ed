/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk_test.h"

#include <dirent.h>

/* One line a trunk: what matters of it. Clients come behind, marked "phone". */
static void describe(const struct ast_trunks *t, char *out, size_t size)
{
	const struct ast_trunk *lists[] = {t->trunks.first, t->clients.first};
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; i < 2; i++) {
		for (const struct ast_trunk *k = lists[i]; k != NULL; k = k->next) {
			n += (size_t)snprintf(out + n, size - n,
			    "%s" SLICE_FMT " " SLICE_FMT "@" SLICE_FMT ":%u%s nets=%u",
			    i ? "phone " : "", SLICE_ARG(k->name),
			    SLICE_ARG(k->account), SLICE_ARG(k->host), k->port,
			    k->sends_registration ? " registers" : "", k->net_count);
			for (uint8_t h = 0; h < k->host_count; h++)
				n += (size_t)snprintf(out + n, size - n, " +" SLICE_FMT,
				    SLICE_ARG(k->hosts[h]));
			for (const struct ast_secret *s = k->secrets; s != NULL;
			     s = s->next)
				n += (size_t)snprintf(out + n, size - n,
				    " [" SLICE_FMT ":" SLICE_FMT "@" SLICE_FMT "%s%s]",
				    SLICE_ARG(s->username), SLICE_ARG(s->secret),
				    SLICE_ARG(s->realm), s->is_ha1 ? " ha1" : "",
				    s->is_overridden ? " overridden" : "");
			n += (size_t)snprintf(out + n, size - n, "\n");
		}
	}
}

static const struct trunk_case {
	const char *name, *text, *want;
} cases[] = {
    {"peer with username", "[a]\ntype=peer\nhost=sip.p.com\nusername=u\nsecret=p\n",
	"a u@sip.p.com:0 nets=0 [u:p@]\n"},
    {"defaultuser, port, literal host",
	"[a]\ntype=friend\nhost=192.0.2.1\nport=5080\ndefaultuser=u\nsecret=p\n",
	"a u@192.0.2.1:5080 nets=1 [u:p@]\n"},
    {"port in the host", "[a]\ntype=peer\nhost=[2001:db8::1]:5070\n",
	"a @2001:db8::1:5070 nets=1\n"},
    {"the last one wins",
	"[a]\ntype=peer\nhost=x\nhost=y\nsecret=1\nsecret=2\nusername=u\n",
	"a u@y:0 nets=0 [u:2@]\n"},
    {"names in any case", "[a]\nTYPE=Peer\nHOST=y\nUserName=u\nSECRET=p\n",
	"a u@y:0 nets=0 [u:p@]\n"},
    {"a user name without a secret answers with an empty one",
	"[a]\ntype=peer\nhost=h\nusername=u\n", "a u@h:0 nets=0 [u:@]\n"},
    {"by address, no account (ViciDial's example)",
	"[SIPExample]\ndisallow=all\nallow=ulaw\ntype=peer\nhost=sip.example.com\n"
	"dtmfmode=rfc2833\ncontext=trunkinbound\ninsecure = port,invite\nqualify=yes\n"
	"sendrpid=yes\n",
	"SIPExample @sip.example.com:0 nets=0\n"},
    {"remotesecret overrides",
	"[a]\ntype=peer\nhost=h\nusername=u\nsecret=s\nremotesecret=r\n",
	"a u@h:0 nets=0 [u:r@] [u:s@ overridden]\n"},
    {"md5secret overrides both",
	"[a]\ntype=peer\nhost=h\nusername=u\nsecret=s\nremotesecret=r\nmd5secret=0123\n",
	"a u@h:0 nets=0 [u:0123@ ha1] [u:r@ overridden] [u:s@ overridden]\n"},
    {"an empty remotesecret does not",
	"[a]\ntype=peer\nhost=h\nusername=u\nsecret=s\nremotesecret=\n",
	"a u@h:0 nets=0 [u:s@]\n"},
    {"auth= of a realm comes first",
	"[a]\ntype=peer\nhost=h\nusername=u\nsecret=s\nauth=v:w@r\n",
	"a u@h:0 nets=0 [v:w@r] [u:s@]\n"},
    {"auth= with a hash", "[a]\ntype=peer\nhost=h\nauth=v#ab@r\n",
	"a @h:0 nets=0 [v:ab@r ha1]\n"},
    {"phones are told apart",
	"[100]\ntype=friend\nhost=dynamic\nsecret=p\n"
	"[u]\ntype=user\nsecret=q\n[a]\ntype=peer\nhost=h\n",
	"a @h:0 nets=0\nphone 100 100@:0 nets=0 [100:p@]\nphone u u@:0 nets=0 [u:q@]\n"},
    {"outboundproxy is where it goes",
	"[a]\ntype=peer\nhost=h\noutboundproxy=192.0.2.9:5060\n",
	"a @h:0 nets=1 +192.0.2.9\n"},
    {"permit",
	"[a]\ntype=peer\nhost=h\ndeny=0.0.0.0/0.0.0.0\npermit=192.0.2.0/255.255.255.0\n"
	"permit=198.51.100.7\npermit=0.0.0.0/0\npermit=1.2.3.4/255.0.255.0\n",
	"a @h:0 nets=2\n"},
    {"two sections of a name are one peer",
	"[a]\ntype=peer\nhost=h\nusername=u\n[A]\ntype=peer\nsecret=p\n",
	"a u@h:0 nets=0 [u:p@]\n"},
    {"templates", "[t](!)\ntype=peer\nhost=h\n[a](t)\nusername=u\nsecret=p\n",
	"a u@h:0 nets=0 [u:p@]\n"},
    {"no type, no peer", "[a]\nhost=h\nusername=u\n", ""},
    {"register joins its peer by host and account",
	"[general]\nregister => u:p@h/123\n[a]\ntype=peer\nhost=h\nusername=u\nsecret=q\n",
	"a u@h:0 registers nets=0 [u:q@] [u:p@]\n"},
    {"register gives an account to a peer that has none",
	"[general]\nregister => u:p@h\n[a]\ntype=peer\nhost=h\n",
	"a u@h:0 registers nets=0 [u:p@]\n"},
    {"register prefers the peer that has its account",
	"[general]\nregister => u:p@h\n[a]\ntype=peer\nhost=h\n"
	"[b]\ntype=peer\nhost=h\nusername=u\nsecret=q\n",
	"a @h:0 nets=0\nb u@h:0 registers nets=0 [u:q@] [u:p@]\n"},
    {"register by peer name",
	"[general]\nregister => b?u:p@h\n[a]\ntype=peer\nhost=h\n"
	"username=u\n[b]\ntype=peer\nhost=h\nusername=w\nsecret=x\n",
	"a u@h:0 nets=0 [u:@]\nb w@h:0 registers nets=0 [w:x@] [u:p@]\n"},
    {"another account is another trunk",
	"[general]\nregister => v:p@h:5070\n[a]\ntype=peer\nhost=h\nusername=u\nsecret=q\n",
	"a u@h:0 nets=0 [u:q@]\nv@h v@h:5070 registers nets=0 [v:p@]\n"},
    {"the auth user is the account", "[general]\nregister => u:p:v@h\n",
	"v@h v@h:0 registers nets=0 [v:p@]\n"},
    {"register outside [general] is nothing",
	"[a]\ntype=peer\nhost=h\nregister => u:p@h\n", "a @h:0 nets=0\n"},
    {"a second [general] is not read", "[general]\n[general]\nregister => u:p@h\n", ""},
    {"callbackextension registers", "[a]\ntype=peer\nhost=h\ncallbackextension=123\n",
	"a @h:0 registers nets=0\n"},
    /* pjsip.conf */
    {"pjsip, joined by names",
	"[a-auth]\ntype=auth\nauth_type=userpass\nusername=u\npassword=p\n"
	"[a]\ntype=aor\ncontact=sip:h.com:5070\\;transport=tcp\n"
	"[a]\ntype=endpoint\noutbound_auth=a-auth\naors=a\nfrom_user=f\n"
	"[a]\ntype=identify\nendpoint=a\nmatch=h.com,192.0.2.0/24\nmatch=198.51.100.1\n"
	"[a-reg]\ntype=registration\noutbound_auth=a-auth\nserver_uri=sip:h.com\n",
	"a u@h.com:5070 registers nets=2 [u:p@]\n"},
    {"pjsip, md5 and realm",
	"[x]\ntype=auth\nauth_type=md5\nusername=u\nmd5_cred=ab\nrealm=r\n"
	"[a]\ntype=endpoint\noutbound_auth=x\naors=a\n[a]\ntype=aor\ncontact=sip:u@h\n",
	"a u@h:0 nets=0 [u:ab@r ha1]\n"},
    {"pjsip phone",
	"[100]\ntype=endpoint\nauth=100\naors=100\n[100]\ntype=auth\n"
	"username=100\npassword=p\n[100]\ntype=aor\nmax_contacts=1\n",
	"phone 100 100@:0 nets=0 [100:p@]\n"},
    {"pjsip, two auths",
	"[x]\ntype=auth\nusername=u\npassword=p\n[y]\ntype=auth\n"
	"username=v\npassword=q\nrealm=*\n[a]\ntype=endpoint\n"
	"outbound_auth=x, y\naors=a\n[a]\ntype=aor\ncontact=sip:h\n",
	"a u@h:0 nets=0 [u:p@] [v:q@]\n"},
    {"pjsip, a registration of its own",
	"[x]\ntype=auth\nusername=u\npassword=p\n"
	"[r]\ntype=registration\noutbound_auth=x\n"
	"server_uri=sips:h:5061\n",
	"r u@h:5061 registers nets=0 [u:p@]\n"},
    {"pjsip, by address only",
	"[a]\ntype=endpoint\n[i]\ntype=identify\nendpoint=a\n"
	"match=192.0.2.1\n",
	"a @:0 nets=1\n"},
    /* pjsip_wizard.conf */
    {"wizard",
	"[w](!)\ntype=wizard\nsends_auth=yes\nsends_registrations=yes\n"
	"[a](w)\nremote_hosts=h1.com:5070,192.0.2.1\noutbound_auth/username=u\n"
	"outbound_auth/password=p\nendpoint/from_user=f\n",
	"a u@h1.com:5070 registers nets=1 +192.0.2.1 [u:p@]\n"},
    {"wizard without a user name",
	"[a]\ntype=wizard\nremote_hosts=h\nsends_auth=yes\n"
	"outbound_auth/password=p\n",
	"a a@h:0 nets=0 [a:p@]\n"},
    {"wizard that sends no auth",
	"[a]\ntype=wizard\nremote_hosts=h\nsends_auth=no\n"
	"outbound_auth/username=u\n",
	"a @h:0 nets=0\n"},
    {"wizard phone",
	"[100]\ntype=wizard\naccepts_registrations=yes\naccepts_auth=yes\n"
	"inbound_auth/username=100\ninbound_auth/password=p\n",
	"phone 100 100@:0 nets=0 [100:p@]\n"},
};

PARAMETER_INDEX(ast_trunks, found, cases)
ParameterizedTest(size_t *i, ast_trunks, found)
{
	struct ast_trunks t;
	char got[1024];

	read_trunks(&t, cases[*i].text);
	describe(&t, got, sizeof(got));
	cr_expect_str_eq(got, cases[*i].want, "%s:\n%s", cases[*i].name, got);
	ast_trunks_fini(&t);
}

/* As ADMIN_keepalive_ALL.pl writes it: register lines, then accounts, then phones. */
static const char vicidial[] =
    "; WARNING- THIS FILE IS AUTO-GENERATED BY VICIDIAL, ANY EDITS YOU MAKE WILL BE LOST\n"
    "register => 15551230000:Geheim77@sip.one.example:5060/15551230000\n\n"
    "; VICIDIAL Carrier: ONE - First Carrier\n[onetrunk]\ndisallow=all\nallow=ulaw\n"
    "type=peer\nusername=15551230000\nfromuser=15551230000\nsecret=Geheim77\n"
    "host=sip.one.example\ninsecure=port,invite\ncontext=trunkinbound\n\n"
    "; VICIDIAL Carrier: TWO - Second - by address\n[twotrunk]\ntype=peer\n"
    "host=203.0.113.9\nport=5080\ncontext=trunkinbound\n\n\n"
    "[cc100]\nusername=cc100\nsecret=test\naccountcode=cc100\ncallerid=\"\" <0000000000>\n"
    "mailbox=cc100\ncontext=default\ntype=friend\nhost=dynamic\n";

Test(ast_trunks, vicidial_files_become_the_pipelines_trunks)
{
	struct test_files f = {.name = {"sip-vicidial.conf"}, .bytes = {vicidial}};
	struct ast_trunks t = {0};
	struct trunk_config rows[4];
	struct err e;
	struct ip_addr ip;

	cr_assert_eq(ast_trunks_add(&t,
			 read_config("[general]\nbindport=5060\n"
				     "#include \"sip-vicidial.conf\"\n",
			     &f),
			 &e),
	    0);
	cr_expect_eq(t.clients.count, 1);
	cr_assert_eq(ast_trunks_to_config(&t, rows, 4), 2);
	cr_expect_str_eq(rows[0].name, "onetrunk");
	cr_expect_str_eq(rows[0].account, "15551230000");
	cr_expect_str_eq(rows[0].host, "sip.one.example");
	cr_expect_str_eq(rows[0].carrier_id, "ONE");
	cr_expect_eq(rows[0].net_count, 0);
	cr_expect(t.trunks.first->sends_registration);
	EXPECT_TEXT(t.trunks.first->carrier_name, "First Carrier", "carrier name");
	EXPECT_TEXT(t.trunks.first->insecure, "port,invite", "insecure");
	EXPECT_TEXT(t.trunks.first->qualify, NULL, "qualify");
	cr_expect_str_eq(rows[1].name, "twotrunk");
	cr_expect_str_eq(rows[1].carrier_id, "TWO");
	cr_expect_eq(rows[1].port, 5080);
	cr_assert_eq(rows[1].net_count, 1);
	cr_assert(ip_addr_parse(SLICE("203.0.113.9"), &ip));
	cr_expect(ip_net_has(&rows[1].nets[0], &ip));
	cr_assert(ip_addr_parse(SLICE("203.0.113.10"), &ip));
	cr_expect_not(ip_net_has(&rows[1].nets[0], &ip));
	ast_trunks_fini(&t);
}

Test(ast_trunks, to_config_holds_no_secret_and_says_how_many_there_are)
{
	struct ast_trunks t;
	struct trunk_config rows[3];

	memset(rows, 'x', sizeof(rows));
	read_trunks(&t,
	    "[a]\ntype=wizard\nremote_hosts=h1,h2,192.0.2.1\nsends_auth=yes\n"
	    "outbound_auth/password=Geheim77\n[b]\ntype=peer\nhost=h3\n");
	cr_expect_eq(ast_trunks_to_config(&t, rows, 1), 3);
	cr_expect_eq(rows[1].name[0], 'x', "written behind max");
	cr_expect_eq(ast_trunks_to_config(&t, rows, 2), 3);
	cr_expect_str_eq(rows[0].name, "b"); /* chan_sip's are read first */
	cr_expect_str_eq(rows[1].host, "h1");
	cr_expect_eq(rows[2].name[0], 'x', "written behind max");
	cr_expect_eq(ast_trunks_to_config(&t, rows, 3), 3);
	cr_expect_str_eq(rows[2].name, "a");
	cr_expect_str_eq(rows[2].host, "h2");
	cr_expect_eq(rows[2].net_count, 1);
	cr_expect_null(memmem(rows, sizeof(rows), "Geheim77", 8));
	ast_trunks_fini(&t);
}

Test(ast_trunks, names_longer_than_a_row_are_cut)
{
	struct ast_trunks t;
	struct trunk_config row;
	char text[512];

	(void)snprintf(
	    text, sizeof(text), "[a]\ntype=peer\nhost=h\nusername=%0300d\n", 7);
	read_trunks(&t, text);
	cr_assert_eq(ast_trunks_to_config(&t, &row, 1), 1);
	cr_expect_eq(strlen(row.account), TRUNK_NAME_MAX - 1);
	ast_trunks_fini(&t);
}

Test(ast_trunks, too_many_configurations_are_refused_and_freed)
{
	struct ast_trunks t = {0};
	struct err e;

	for (int i = 0; i < AST_CONFIGS_MAX; i++)
		cr_assert_eq(ast_trunks_add(&t, read_config("", NULL), &e), 0);
	cr_expect_eq(ast_trunks_add(&t, read_config("", NULL), &e), -ENOMEM);
	ast_trunks_fini(&t);
}

static const char everything[] =
    "[general]\nregister => p?tcp://u@d:s:a@h:5060/x~60\n[authentication]\nauth=a:b@c\n"
    "[p]\ntype=peer\nhost=h:5060\nport=1\npermit=10.0.0.0/255.0.0.0\nauth=u#h@r\n"
    "username=u\nsecret=\"s\"\nremotesecret=r\nmd5secret=m\n[e]\ntype=endpoint\n"
    "outbound_auth=x\naors=e\n[x]\ntype=auth\nusername=u\npassword=p\n[e]\ntype=aor\n"
    "contact=<sip:u@[::1]:1\\;x>\n[i]\ntype=identify\nendpoint=e\nmatch=1.2.3.4/8,h\n"
    "[g]\ntype=registration\nserver_uri=sip:h\n[w]\ntype=wizard\nremote_hosts=a,b:1\n";

Test(ast_trunks, every_prefix_is_survived)
{
	for (size_t len = 0; len < sizeof(everything); len++) {
		struct ast_trunks t = {0};
		struct ast_config *c = NULL;
		struct trunk_config rows[8];
		struct err e;

		cr_assert_eq(ast_config_read(
				 SLICE("x"), guard_copy(everything, len), NULL, &c, &e),
		    0);
		cr_assert_eq(ast_trunks_add(&t, c, &e), 0);
		(void)ast_trunks_to_config(&t, rows, 8);
		ast_trunks_fini(&t);
	}
}

/* A number goes between the two. */
static const char *const hostile[][2] = {
    {"[e", "]\ntype=endpoint\noutbound_auth=a,b,c,d\naors=e\n"},
    {"[r", "]\ntype=registration\noutbound_auth=a,b,c,d\nserver_uri=sip:h\n"},
    {"[p", "]\ntype=peer\nhost=h\nusername=u\n"},
    {"[e", "]\ntype=identify\nendpoint=e\nmatch=1.2.3.4,h\n[e]\ntype=endpoint\n"},
    {"[general]\nregister => u", ":p@h\n"},
};

PARAMETER_INDEX(ast_trunks, hostile_file_is_bounded, hostile)
ParameterizedTest(size_t *i, ast_trunks, hostile_file_is_bounded)
{
	struct ast_trunks t = {0};
	struct ast_config *c = NULL;
	struct err e;
	char *text = malloc(20000 * 96);
	size_t n = 0;

	guard_require(text != NULL);
	for (int k = 0; k < 20000; k++)
		n += (size_t)sprintf(
		    text + n, "%s%d%s", hostile[*i][0], k, hostile[*i][1]);
	cr_assert_eq(ast_config_read(SLICE("x"), slice_of(text, n), NULL, &c, &e), 0);
	(void)ast_trunks_add(&t, c, &e);
	cr_expect_leq(t.trunks.count, AST_TRUNKS_MAX);
	ast_trunks_fini(&t);
	free(text);
}
