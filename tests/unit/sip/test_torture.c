/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The torture tests of RFC 4475 and RFC 5118. Their messages are not ours to give
 * away: they are read where they are (TRUNKWATCH_SHARED, else ../shared beside the
 * source tree), and the test says so when they are not there.
 *
 * What is expected comes from TORTURE.tsv beside them, column "monitor", and its
 * details from the two RFCs.
 */
#include <stdio.h>

#include "sip/sip_auth.h"
#include "sip/sip_value.h"
#include "sip_test.h"

#define BIT(o) (UINT64_C(1) << SIP_ODD_##o)

enum monitor {
	PARSE,   /* must be read, and nothing is wrong with it */
	LENIENT, /* something is wrong; must be read all the same */
	REFUSE,  /* an error of the parser */
	NO_TRACK /* read, but nothing to track it by */
};

static const struct {
	const char *file;
	enum monitor monitor;
	uint64_t odd; /* exactly these */
	enum sip_rc rc;
	const char *method; /* or the status */
	uint32_t cseq;
	const char *from_tag;
	const char *via_host;
	const char *branch; /* NULL: none */
	size_t body_len;
} messages[] = {
    {"rfc4475-badaspec", LENIENT, 0, 0, "OPTIONS", 3923239, "433423",
	"host4.example.com", "z9hG4bKkdju43234", 0},
    {"rfc4475-badbranch", PARSE, 0, 0, "OPTIONS", 8, "33242", "192.0.2.1", "z9hG4bK",
	0},
    {"rfc4475-baddate", LENIENT, 0, 0, "INVITE", 1392934, "2234923", "host.example.com",
	"z9hG4bKkdjuw", 150},
    {"rfc4475-baddn", LENIENT, BIT(NO_EMPTY_LINE), 0, "OPTIONS", 3923239, "43",
	"c.example.com", "z9hG4bKkdjuw", 0},
    {"rfc4475-badinv01", LENIENT, 0, 0, "INVITE", 8, "134161461246", "192.0.2.15", NULL,
	152},
    {"rfc4475-badvers", REFUSE, .rc = SIP_E_VERSION},
    {"rfc4475-bcast", PARSE, 0, 0, "200", 35, "11141343", "192.0.2.198",
	"z9hG4bK1324923", 154},
    {"rfc4475-bext01", PARSE, 0, 0, "OPTIONS", 8, "242etr",
	"fold-and-staple.example.com", "z9hG4bKkdjuw", 0},
    {"rfc4475-bigcode", REFUSE, .rc = SIP_E_STATUS},
    {"rfc4475-clerr", LENIENT, BIT(BODY_SHORT), 0, "INVITE", 8, "93942939o2",
	"host5.example.com", "z9hG4bK-39234-23523", 154},
    {"rfc4475-cparam01", PARSE, 0, 0, "REGISTER", 2, "DkfVgjkrtMwaerKKpe",
	"saturn.example.com", "z9hG4bKkdjuw", 0},
    {"rfc4475-cparam02", PARSE, 0, 0, "REGISTER", 3, "838293", "saturn.example.com",
	"z9hG4bKkdjuw", 0},
    {"rfc4475-dblreq", PARSE, BIT(TRAILING), 0, "REGISTER", 8, "43251j3j324",
	"192.0.2.125", "z9hG4bKkdjuw23492", 0},
    {"rfc4475-esc01", PARSE, 0, 0, "INVITE", 234234, "938", "host5.example.net",
	"z9hG4bKkdjuw", 150},
    {"rfc4475-esc02", PARSE, 0, 0, "RE%47IST%45R", 29344, "f232jadfj23",
	"host.example.com", "z9hG4bK209%fzsnel234", 0},
    {"rfc4475-escnull", PARSE, 0, 0, "REGISTER", 14398234, "839923423",
	"host5.example.com", "z9hG4bKkdjuw", 0},
    {"rfc4475-escruri", LENIENT, 0, 0, "INVITE", 149209342, "341518",
	"host-of-the-hour.example.com", "z9hG4bKkdjuw", 150},
    {"rfc4475-insuf", NO_TRACK, BIT(MISSING_HDR), 0, "INVITE", 193942, NULL,
	"192.0.2.95", "z9hG4bKkdj.insuf", 152},
    {"rfc4475-intmeth", PARSE, 0, 0, "!interesting-Method0123456789_*+`.%indeed'~",
	139122385, "_token~1'+`*%!-.", "host1.example.com", "z9hG4bK-.!%66*_+`'~", 0},
    {"rfc4475-inv2543", PARSE, 0, 0, "INVITE", 56, NULL, "iftgw.example.com", NULL,
	105},
    {"rfc4475-invut", PARSE, 0, 0, "INVITE", 235448, "8392034", "somehost.example.com",
	"z9hG4bKkdjuw", 40},
    {"rfc4475-ltgtruri", LENIENT, BIT(URI_BRACKETS), 0, "INVITE", 1, "39291",
	"192.0.2.5", NULL, 159},
    {"rfc4475-lwsdisp", PARSE, 0, 0, "OPTIONS", 60, "323", "funky.example.com",
	"z9hG4bKkdjuw", 0},
    {"rfc4475-lwsruri", LENIENT, BIT(URI_BLANK), 0, "INVITE", 2130706432, "231413434",
	"192.0.2.1", "z9hG4bKkdjuw2395", 159},
    {"rfc4475-lwsstart", LENIENT, BIT(START_BLANKS), 0, "INVITE", 1893884, "8814",
	"host1.example.com", "z9hG4bKkdjuw3923", 150},
    {"rfc4475-mcl01", LENIENT, BIT(DUP_HDR) | BIT(LENGTH_CONFLICT) | BIT(TRAILING), 0,
	"OPTIONS", 15932, "3923942", "host5.example.net", "z9hG4bK293423", 13},
    {"rfc4475-mismatch01", LENIENT, BIT(CSEQ_METHOD), 0, "OPTIONS", 8, "34525",
	"host.example.com", "z9hG4bKkdjuw", 0},
    {"rfc4475-mismatch02", LENIENT, BIT(CSEQ_METHOD), 0, "NEWMETHOD", 8, "34525",
	"host.example.net", "z9hG4bKkdjuw", 138},
    {"rfc4475-mpart01", PARSE, 0, 0, "MESSAGE", 1, "2fb0dcc9", "127.0.0.1",
	"z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-", 553},
    {"rfc4475-multi01", LENIENT, BIT(DUP_HDR), 0, "INVITE", 5, "3413415", "192.0.2.25",
	"z9hG4bKkdjuw", 154},
    {"rfc4475-ncl", LENIENT, BIT(LENGTH_BAD) | BIT(TRAILING), 0, "INVITE", 0,
	"32394234", "192.0.2.53", "z9hG4bKkdjuw", 0},
    {"rfc4475-noreason", PARSE, 0, 0, "100", 35, "39ansfi3", "192.0.2.105",
	"z9hG4bK2398ndaoe", 0},
    {"rfc4475-novelsc", PARSE, 0, 0, "OPTIONS", 3923423, "384", "host9.example.com",
	"z9hG4bKkdjuw39234", 0},
    {"rfc4475-quotbal", LENIENT, 0, 0, "INVITE", 8, "93334", "192.0.2.59",
	"z9hG4bKkdjuw39234", 152},
    {"rfc4475-regaut01", PARSE, 0, 0, "REGISTER", 9338, "87321hj23128", "192.0.2.253",
	"z9hG4bKkdjuw", 0},
    {"rfc4475-regbadct", LENIENT, 0, 0, "REGISTER", 1, "998332", "135.180.130.133",
	"z9hG4bKkdjuw", 0},
    {"rfc4475-regescrt", PARSE, 0, 0, "REGISTER", 14398234, "8", "host5.example.com",
	"z9hG4bKkdjuw", 0},
    {"rfc4475-scalar02", NO_TRACK, BIT(CSEQ_BAD), 0, "REGISTER", 0, "239232jh3",
	"host129.example.com", "z9hG4bK342sdfoi3", 0},
    {"rfc4475-scalarlg", NO_TRACK, BIT(CSEQ_BAD), 0, "503", 0, "2easdjfejw",
	"host129.example.com", "z9hG4bKzzxdiwo34sw", 0},
    {"rfc4475-sdp01", PARSE, 0, 0, "INVITE", 8, "234", "192.0.2.15", "z9hG4bKkdjuw",
	150},
    {"rfc4475-semiuri", PARSE, 0, 0, "OPTIONS", 8, "33242", "192.0.2.1", "z9hG4bKkdjuw",
	0},
    {"rfc4475-transports", PARSE, 0, 0, "OPTIONS", 60, "323", "t1.example.com",
	"z9hG4bKkdjuw", 0},
    {"rfc4475-trws", LENIENT, BIT(START_BLANKS), 0, "OPTIONS", 238923, "329429089",
	"host1.examle.com", "z9hG4bK299342093", 0},
    {"rfc4475-unkscm", PARSE, 0, 0, "OPTIONS", 3923423, "384", "host9.example.com",
	"z9hG4bKkdjuw39234", 0},
    {"rfc4475-unksm2", PARSE, 0, 0, "REGISTER", 234902, "3234233", "192.0.2.21",
	"z9hG4bKkdjuw", 0},
    {"rfc4475-unreason", PARSE, 0, 0, "200", 35, "11141343", "192.0.2.198",
	"z9hG4bK1324923", 154},
    {"rfc4475-wsinv", PARSE, 0, 0, "INVITE", 9, "98asjd8", "192.0.2.2", "390skdjuw",
	150},
    {"rfc4475-zeromf", PARSE, 0, 0, "OPTIONS", 39234321, "3ghsd41", "host1.example.com",
	"z9hG4bKkdjuw2349i", 0},
    {"rfc5118-ipv4-mapped-ipv6", PARSE, BIT(TRAILING), 0, "INVITE", 612, "81x2",
	"::ffff:192.0.2.10", "z9hG4bKbh19", 236},
    {"rfc5118-ipv6-bad", LENIENT, 0, 0, "REGISTER", 98176, "81x2", "2001:db8::9:1",
	"z9hG4bKas3-111", 0},
    {"rfc5118-ipv6-bug-abnf-3-colons", LENIENT, 0, 0, "OPTIONS", 689, "810x2",
	"lab1.east.example.com", "z9hG4bKas3-111", 0},
    {"rfc5118-ipv6-correct-abnf-2-colons", PARSE, 0, 0, "OPTIONS", 689, "810x2",
	"lab1.east.example.com", "z9hG4bKas3-111", 0},
    {"rfc5118-ipv6-good", PARSE, 0, 0, "REGISTER", 98176, "81x2", "2001:db8::9:1",
	"z9hG4bKas3-111", 0},
    {"rfc5118-ipv6-in-sdp", PARSE, BIT(TRAILING), 0, "INVITE", 8612, "81x2",
	"2001:db8::20", "z9hG4bKas3-111", 241},
    {"rfc5118-mult-ip-in-header", PARSE, 0, 0, "BYE", 89187, "81x2", "2001:db8::9:1",
	"z9hG4bKas3-111", 0},
    {"rfc5118-mult-ip-in-sdp", PARSE, BIT(TRAILING), 0, "INVITE", 8912, "81x2",
	"2001:db8::9:1", "z9hG4bKas3-111", 181},
    {"rfc5118-port-ambiguous", PARSE, 0, 0, "REGISTER", 98176, "81x2", "2001:db8::9:1",
	"z9hG4bKas3-111", 0},
    {"rfc5118-port-unambiguous", PARSE, 0, 0, "REGISTER", 98176, "81x2",
	"2001:db8::9:1", "z9hG4bKas3-111", 0},
    {"rfc5118-via-received-param-no-delim", PARSE, 0, 0, "OPTIONS", 921, "81x2",
	"2001:db8::9:1", "z9hG4bKas3", 0},
    {"rfc5118-via-received-param-with-delim", PARSE, 0, 0, "BYE", 321, "81x2",
	"2001:db8::9:1", "z9hG4bKas3-111", 0},
};

static FILE *open_shared(const char *name)
{
	const char *shared = getenv("TRUNKWATCH_SHARED");
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/corpus/torture/%s",
	    shared != NULL ? shared : TRUNKWATCH_SHARED_DEFAULT, name);
	return fopen(path, "rb");
}

static struct slice load(const char *name)
{
	static char bytes[65536];
	char file[128];
	FILE *f;
	size_t len;

	(void)snprintf(file, sizeof(file), "%s.dat", name);
	f = open_shared(file);
	if (f == NULL)
		cr_skip_test("%s: the torture messages are not here", file);
	len = fread(bytes, 1, sizeof(bytes), f);
	(void)fclose(f);
	return guard_copy(bytes, len);
}

static struct sip_msg parse(const char *name)
{
	struct sip_msg msg;

	cr_assert_eq(sip_msg_parse(load(name), &msg), SIP_OK, "%s", name);
	return msg;
}

ROWS(torture, message, messages)
{
	const char *name = messages[*row].file;
	struct slice in = load(name), vias;
	struct sip_msg msg;
	struct sip_via via;
	enum sip_rc rc = sip_msg_parse(in, &msg);
	char start[64];

	cr_assert_eq(rc, messages[*row].rc, "%s: %s", name, sip_rc_name(rc));
	if (rc != SIP_OK)
		return;
	cr_expect_eq(msg.oddities, messages[*row].odd, "%s: oddities %#lx", name,
	    (unsigned long)msg.oddities);
	if (messages[*row].monitor == PARSE)
		cr_expect_eq(msg.oddities & ~BIT(TRAILING), 0, "%s", name);

	(void)snprintf(start, sizeof(start), "%u", msg.status);
	expect_text(sip_msg_is_request(&msg) ? msg.method : text(start),
	    messages[*row].method, name);
	if (msg.has_cseq)
		cr_expect_eq(msg.cseq.number, messages[*row].cseq, "%s: %u", name,
		    msg.cseq.number);
	else
		cr_expect_eq(messages[*row].monitor, NO_TRACK, "%s", name);
	expect_text(msg.from_tag, messages[*row].from_tag, name);
	cr_expect_eq(
	    msg.body.len, messages[*row].body_len, "%s: body %zu", name, msg.body.len);

	vias = sip_msg_value(&msg, SIP_HDR_VIA);
	cr_assert(sip_via_take(&vias, &via), "%s", name);
	expect_text(via.host, messages[*row].via_host, name);
	expect_text(via.branch, messages[*row].branch, name);
}

/* Every prefix of every message, against an unmapped page. */
ROWS(torture, prefixes, messages)
{
	struct slice whole = load(messages[*row].file);
	static char copy[65536];
	struct sip_msg msg;

	memcpy(copy, whole.ptr, whole.len);
	for (size_t len = 0; len < whole.len; len++) {
		if (sip_msg_parse(guard_copy(copy, len), &msg) != SIP_OK)
			continue;
		for (size_t i = 0; i < msg.hdrs_kept; i++) {
			struct slice rest = msg.hdrs[i].value;
			struct sip_addr addr;
			struct sip_uri uri;
			struct sip_via via;
			struct sip_challenge challenge;

			while (sip_addr_take(&rest, &addr))
				(void)sip_uri_parse(addr.uri, &uri);
			for (rest = msg.hdrs[i].value; sip_via_take(&rest, &via);)
				;
			for (rest = msg.hdrs[i].value;
			     sip_challenge_take(&rest, &challenge);)
				;
			(void)sip_tag(msg.hdrs[i].value);
		}
	}
}

/* The table above must not fall behind the one it was made from. */
Test(torture, every_row_of_the_table_beside_the_messages_is_tested)
{
	FILE *f = open_shared("TORTURE.tsv");
	char line[4096], rfc[32], class[32], well[32], kind[32], monitor[32], file[128];
	size_t seen = 0;

	if (f == NULL)
		cr_skip_test("the torture messages are not here");
	while (fgets(line, sizeof(line), f) != NULL) {
		size_t i;

		if (sscanf(line,
			"%127[^.].dat\t%31[^\t]\t%*[^\t]\t%*[^\t]\t%31[^\t]\t%31[^\t]\t%31["
			"^\t]\t%31[^\t]",
			file, rfc, class, well, kind, monitor) != 6)
			continue;
		if (strcmp(file, "rfc4475-longreq") == 0) {
			seen++;
			continue; /* has a test of its own */
		}
		for (i = 0; i < COUNT(messages); i++) {
			if (strcmp(messages[i].file, file) == 0)
				break;
		}
		cr_assert_lt(i, COUNT(messages), "%s is not tested", file);
		seen++;
		if (strcmp(monitor, "REJECT") == 0)
			cr_expect(messages[i].monitor == REFUSE ||
				      messages[i].monitor == NO_TRACK,
			    "%s", file);
		else
			cr_expect_eq(messages[i].monitor,
			    strcmp(monitor, "PARSE") == 0 ? PARSE : LENIENT, "%s",
			    file);
	}
	(void)fclose(f);
	cr_expect_eq(seen, 61, "%zu rows", seen);
}

/* RFC 4475 3.1.1.7: 34 Vias, values of some hundred bytes. */
Test(torture, longreq_keeps_every_value_whole)
{
	struct sip_msg msg = parse("rfc4475-longreq");
	const struct sip_hdr *h = sip_msg_find(&msg, SIP_HDR_VIA);
	struct slice rest = h->value;
	struct sip_via via;
	size_t vias = 0;

	cr_assert(sip_via_take(&rest, &via));
	expect_text(via.host, "sip33.example.com", "top");
	expect_text(via.branch, NULL, "top");
	for (; h != NULL; h = sip_msg_find_next(&msg, h)) {
		for (rest = h->value; sip_via_take(&rest, &via);)
			vias++;
	}
	cr_expect_eq(vias, 34, "%zu", vias);
	cr_expect_eq(msg.oddities, 0);
	cr_expect_eq(sip_msg_value(&msg, SIP_HDR_CALL_ID).len,
	    strlen("longreq.one") + 20 * strlen("really") + strlen("longcallid"));
	cr_expect_eq(msg.body.len, 150);
}

Test(torture, wsinv_has_three_vias_in_two_headers)
{
	struct sip_msg msg = parse("rfc4475-wsinv");
	const struct sip_hdr *h = sip_msg_find(&msg, SIP_HDR_VIA);
	static const char *const branches[] = {
	    "390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"};
	struct sip_via via;
	size_t n = 0;

	for (; h != NULL; h = sip_msg_find_next(&msg, h)) {
		for (struct slice rest = h->value; sip_via_take(&rest, &via); n++) {
			cr_assert_lt(n, COUNT(branches));
			expect_text(via.branch, branches[n], "wsinv");
		}
	}
	cr_expect_eq(n, 3);
	expect_text(sip_msg_value(&msg, SIP_HDR_SUBJECT), "", "wsinv");
}

static struct sip_uri uri_of(struct slice s)
{
	struct sip_uri uri;

	cr_assert(sip_uri_parse(s, &uri), SLICE_FMT, SLICE_ARG(s));
	return uri;
}

static struct sip_addr addr_of(const struct sip_msg *msg, enum sip_hdr_id id)
{
	struct slice rest = sip_msg_value(msg, id);
	struct sip_addr addr;

	cr_assert(sip_addr_take(&rest, &addr));
	return addr;
}

Test(torture, semiuri_has_its_parameters_in_the_user_part)
{
	struct sip_msg msg = parse("rfc4475-semiuri");
	struct sip_uri uri = uri_of(msg.uri);

	expect_text(uri.user, "user;par=u%40example.net", "semiuri");
	expect_text(uri.host, "example.com", "semiuri");
}

Test(torture, cparam01_and_cparam02_differ_in_whose_parameter_it_is)
{
	struct sip_msg msg = parse("rfc4475-cparam01");
	struct sip_addr addr = addr_of(&msg, SIP_HDR_CONTACT);

	expect_text(addr.params, ";unknownparam", "cparam01");
	msg = parse("rfc4475-cparam02");
	addr = addr_of(&msg, SIP_HDR_CONTACT);
	expect_text(addr.params, NULL, "cparam02");
	expect_text(uri_of(addr.uri).params, ";unknownparam", "cparam02");
}

Test(torture, baddn_is_one_value_whatever_commas_its_name_has)
{
	struct sip_msg msg = parse("rfc4475-baddn");
	struct slice rest = sip_msg_value(&msg, SIP_HDR_FROM);
	struct sip_addr addr;

	cr_assert(sip_addr_take(&rest, &addr));
	expect_text(addr.display, "Bell, Alexander", "baddn");
	expect_text(addr.uri, "sip:a.g.bell@example.com", "baddn");
	cr_expect_eq(rest.len, 0);
}

Test(torture, quotbal_does_not_lose_the_called_party)
{
	struct sip_msg msg = parse("rfc4475-quotbal");

	expect_text(addr_of(&msg, SIP_HDR_TO).uri, "sip:j.user@example.com", "quotbal");
}

Test(torture, badaspec_loses_the_blanks_around_its_uri)
{
	struct sip_msg msg = parse("rfc4475-badaspec");

	expect_text(
	    addr_of(&msg, SIP_HDR_TO).uri, "sip:t.watson@example.org", "badaspec");
}

Test(torture, regaut01_has_credentials_without_a_user)
{
	struct sip_msg msg = parse("rfc4475-regaut01");
	struct sip_credentials cred;

	cr_assert(
	    sip_credentials_parse(sip_msg_value(&msg, SIP_HDR_AUTHORIZATION), &cred));
	expect_text(cred.scheme, "NoOneKnowsThisScheme", "regaut01");
	expect_text(cred.username, NULL, "regaut01");
}

Test(torture, esc02_does_not_unescape_names)
{
	struct sip_msg msg = parse("rfc4475-esc02");
	size_t contacts = 0;

	for (const struct sip_hdr *h = sip_msg_find(&msg, SIP_HDR_CONTACT); h != NULL;
	     h = sip_msg_find_next(&msg, h))
		contacts++;
	cr_expect_eq(contacts, 2); /* C%6Fntact is none */
	cr_expect_eq(msg.method_id, SIP_METHOD_OTHER);
}

Test(torture, a_port_in_brackets_belongs_to_the_address)
{
	struct sip_msg msg = parse("rfc5118-port-ambiguous");
	struct sip_uri uri = uri_of(msg.uri);

	expect_text(uri.host, "2001:db8::10:5070", "port-ambiguous");
	cr_expect_eq(uri.port, 0);
	msg = parse("rfc5118-port-unambiguous");
	uri = uri_of(msg.uri);
	expect_text(uri.host, "2001:db8::10", "port-unambiguous");
	cr_expect_eq(uri.port, 5070);
}

Test(torture, ipv6_without_brackets_is_no_host)
{
	struct sip_msg msg = parse("rfc5118-ipv6-bad");
	struct sip_uri uri;

	cr_expect_not(sip_uri_parse(msg.uri, &uri));
	cr_expect_null(uri.host.ptr);
}

Test(torture, received_is_read_with_and_without_brackets)
{
	static const char *const names[] = {"rfc5118-via-received-param-no-delim",
	    "rfc5118-via-received-param-with-delim"};

	for (size_t i = 0; i < COUNT(names); i++) {
		struct sip_msg msg = parse(names[i]);
		struct slice rest = sip_msg_value(&msg, SIP_HDR_VIA);
		struct sip_via via;

		cr_assert(sip_via_take(&rest, &via));
		expect_text(via.received, "2001:db8::9:255", names[i]);
	}
}
