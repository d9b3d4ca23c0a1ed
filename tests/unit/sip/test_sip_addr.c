/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_value.h"

#include "sip_test.h"

static const struct {
	const char *uri;
	bool ok;
	const char *scheme, *user, *password, *host;
	uint16_t port;
	const char *params, *headers;
} uris[] = {
    {"sip:alice@atlanta.com", true, "sip", "alice", NULL, "atlanta.com"},
    {"sips:alice@atlanta.com?subject=project%20x&priority=urgent", true, "sips",
	"alice", NULL, "atlanta.com", 0, NULL, "subject=project%20x&priority=urgent"},
    {"sip:alice:secretword@atlanta.com;transport=tcp", true, "sip", "alice",
	"secretword", "atlanta.com", 0, ";transport=tcp"},
    {"sip:+1-212-555-1212:1234@gateway.com;user=phone", true, "sip", "+1-212-555-1212",
	"1234", "gateway.com", 0, ";user=phone"},
    {"sip:alice@192.0.2.4:5061;lr?x=y", true, "sip", "alice", NULL, "192.0.2.4", 5061,
	";lr", "x=y"},
    {"sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com", true, "sip", NULL, NULL,
	"atlanta.com", 0, ";method=REGISTER", "to=alice%40atlanta.com"},
    {"sip:alice;day=tuesday@atlanta.com", true, "sip", "alice;day=tuesday", NULL,
	"atlanta.com"},
    {"SIP:a@b", true, "SIP", "a", NULL, "b"},
    {" sip:a@b ", true, "sip", "a", NULL, "b"},
    {"sip:user;par=u%40example.net@example.com", true, "sip",
	"user;par=u%40example.net", NULL, "example.com"},
    {"sip:null-%00-null@example.com", true, "sip", "null-%00-null", NULL,
	"example.com"},
    {"sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too."
     "(doesn't-it)@example.com",
	true, "sip", "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
	"&it+has=1,weird!*pas$wo~d_too.(doesn't-it)", "example.com"},
    {"sip:user@corp.com@proxy.net", true, "sip", "user@corp.com", NULL, "proxy.net"},
    {"sip:@b", true, "sip", "", NULL, "b"},
    {"sip:a:@b", true, "sip", "a", "", "b"},
    {"sip:[2001:db8::10]", true, "sip", NULL, NULL, "2001:db8::10"},
    {"sip:[2001:db8::10:5070]", true, "sip", NULL, NULL, "2001:db8::10:5070"},
    {"sip:[2001:db8::10]:5070", true, "sip", NULL, NULL, "2001:db8::10", 5070},
    {"sip:a@[2001:db8:::192.0.2.1]", true, "sip", "a", NULL, "2001:db8:::192.0.2.1"},
    {"sip:2001:db8::10", false},
    {"sip:[2001:db8::10", false},
    {"sip:[]", false},
    {"sip:b:", true, "sip", NULL, NULL, "b"},
    {"sip:b:65535", true, "sip", NULL, NULL, "b", 65535},
    {"sip:b:65536", false},
    {"sip:b:99999999999999999999", false},
    {"sip:b:-1", false},
    {"sip:b:50x", false},
    {"sip:", false},
    {"sip:a@", false},
    {"sip:;lr", false},
    {"", false},
    {"alice@atlanta.com", false},
    {":alice", false},
    {"1sip:a", false},
    {"\"sip:a\"", false},
    {"tel:+15551234567", true, "tel", "+15551234567"},
    {"tel:+1-555-1234;phone-context=example.com", true, "tel", "+1-555-1234", NULL,
	NULL, 0, ";phone-context=example.com"},
    {"tel:", false},
    {"nobodyKnowsThisScheme:totallyopaquecontent", true, "nobodyKnowsThisScheme"},
    {"soap.beep://192.0.2.103:3002", true, "soap.beep"},
    {"urn:service:sos", true, "urn"},
};

ROWS(sip_uri, parse, uris)
{
	const char *in = uris[*row].uri;
	struct sip_uri uri;

	memset(&uri, 0xa5, sizeof(uri));
	cr_assert_eq(sip_uri_parse(guarded(in), &uri), uris[*row].ok, "%s", in);
	expect_text(uri.scheme, uris[*row].scheme, in);
	expect_text(uri.user, uris[*row].user, in);
	expect_text(uri.password, uris[*row].password, in);
	expect_text(uri.host, uris[*row].host, in);
	cr_expect_eq(uri.port, uris[*row].port, "%s: port %u", in, uri.port);
	expect_text(uri.params, uris[*row].params, in);
	expect_text(uri.headers, uris[*row].headers, in);
}

static const struct {
	const char *value;
	bool ok;
	const char *display, *uri, *params, *rest;
} addrs[] = {
    {"\"A. G. Bell\" <sip:agb@b>;tag=a48s", true, "A. G. Bell", "sip:agb@b",
	";tag=a48s", ""},
    {"<sip:a@b>", true, NULL, "sip:a@b", NULL, ""},
    {"Anonymous <sip:c8oqz84zk7z@p.org>;tag=hyh8", true, "Anonymous",
	"sip:c8oqz84zk7z@p.org", ";tag=hyh8", ""},
    {"caller<sip:caller@example.com>;tag=323", true, "caller", "sip:caller@example.com",
	";tag=323", ""},
    {"sip:+12125551212@server.phone2net.com;tag=887s", true, NULL,
	"sip:+12125551212@server.phone2net.com", ";tag=887s", ""},
    {"\"\" <sip:a>", true, "", "sip:a", NULL, ""},
    {"\"a \\\" <x>, b\" <sip:a>", true, "a \\\" <x>, b", "sip:a", NULL, ""},
    {"\"Watson, Thomas\" < sip:t.watson@example.org >", true, "Watson, Thomas",
	"sip:t.watson@example.org", NULL, ""},
    {"Watson, Thomas <sip:t.watson@example.org>", true, "Watson, Thomas",
	"sip:t.watson@example.org", NULL, ""},
    {"Bell, Alexander <sip:a.g.bell@b>;tag=43", true, "Bell, Alexander",
	"sip:a.g.bell@b", ";tag=43", ""},
    {"\"Mr. J. User <sip:j.user@example.com>", true, "Mr. J. User",
	"sip:j.user@example.com", NULL, ""},
    {"\"Mr. J. User <sip:j@b>;x=\"y\"", true, "Mr. J. User", "sip:j@b", ";x=\"y\"", ""},
    {"<sip:a>, <sip:b>", true, NULL, "sip:a", NULL, " <sip:b>"},
    {"<sip:a>;q=1, \"x\" <sip:b>", true, NULL, "sip:a", ";q=1", " \"x\" <sip:b>"},
    {"<sip:a,b@c>;x=\"1,2\", d", true, NULL, "sip:a,b@c", ";x=\"1,2\"", " d"},
    {"sip:a@b, <sip:c@d>", true, NULL, "sip:a@b", NULL, " <sip:c@d>"},
    {"sip:a@b;q=1,sip:c@d", true, NULL, "sip:a@b", ";q=1", "sip:c@d"},
    {", , <sip:b>", true, NULL, "sip:b", NULL, ""},
    {"sip:user@example.com?Route=%3Csip:x%3E", true, NULL,
	"sip:user@example.com?Route=%3Csip:x%3E", NULL, ""},
    {"<sip:a>;;,;,,", true, NULL, "sip:a", ";;", ";,,"},
    {"*", true, NULL, "*", NULL, ""},
    {"<sip:a", true, NULL, "sip:a", NULL, ""},
    {"<>", true, NULL, "", NULL, ""},
    {"<sip:a> garbage ;tag=1", true, NULL, "sip:a", ";tag=1", ""},
    {"isbn:2983792873", true, NULL, "isbn:2983792873", NULL, ""},
    {"\"a\"\r\n <sip:b>\r\n ;tag=1", true, "a", "sip:b", ";tag=1", ""},
    {"", false, .rest = ""},
    {" ,, ", false, .rest = ""},
};

ROWS(sip_addr, take, addrs)
{
	const char *in = addrs[*row].value;
	struct slice rest = guarded(in);
	struct sip_addr addr;

	memset(&addr, 0xa5, sizeof(addr));
	cr_assert_eq(sip_addr_take(&rest, &addr), addrs[*row].ok, "%s", in);
	expect_text(addr.display, addrs[*row].display, in);
	expect_text(addr.uri, addrs[*row].uri, in);
	expect_text(addr.params, addrs[*row].params, in);
	expect_text(rest, addrs[*row].rest, in);
}

static const struct {
	const char *value;
	bool ok;
	const char *transport, *host;
	uint16_t port;
	const char *branch, *received, *rport, *rest;
} vias[] = {
    {"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK87asdks7", true, "UDP", "192.0.2.1",
	5060, "z9hG4bK87asdks7", NULL, NULL, ""},
    {"SIP/2.0/UDP a;received=192.0.2.207;branch=z9hG4bK77", true, "UDP", "a", 0,
	"z9hG4bK77", "192.0.2.207", NULL, ""},
    {"SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 "
     ";branch=z9hG4bKa7c6a8dlze.1",
	true, "UDP", "first.example.com", 4000, "z9hG4bKa7c6a8dlze.1", NULL, NULL, ""},
    {"SIP  / 2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw", true, "UDP", "192.0.2.2",
	0, "390skdjuw", NULL, NULL, ""},
    {"SIP/2.0/UDP a;rport;branch=x", true, "UDP", "a", 0, "x", NULL, "", ""},
    {"SIP/2.0/UDP a;rport=9988;received=10.1.1.1;branch=x", true, "UDP", "a", 0, "x",
	"10.1.1.1", "9988", ""},
    {"sip/2.0/tls a;BRANCH=x", true, "tls", "a", 0, "x", NULL, NULL, ""},
    {"SIP/2.0/UNKNOWN t4.example.com", true, "UNKNOWN", "t4.example.com", 0, NULL, NULL,
	NULL, ""},
    {"SIP/2.0/TCP a;branch=1, SIP/2.0/UDP b;branch=2", true, "TCP", "a", 0, "1", NULL,
	NULL, " SIP/2.0/UDP b;branch=2"},
    {"SIP/2.0/UDP a;x=\"1,2;branch=no\";branch=yes,SIP/2.0/UDP b", true, "UDP", "a", 0,
	"yes", NULL, NULL, "SIP/2.0/UDP b"},
    {"SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=x", true, "UDP",
	"2001:db8::9:1", 0, "x", "2001:db8::9:255", NULL, ""},
    {"SIP/2.0/UDP [2001:db8::9:1]:5070;received=2001:db8::9:255", true, "UDP",
	"2001:db8::9:1", 5070, NULL, "2001:db8::9:255", NULL, ""},
    {"SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19", true, "UDP",
	"::ffff:192.0.2.10", 19823, "z9hG4bKbh19", NULL, NULL, ""},
    {"SIP/2.0/UDP 192.0.2.15;;,;,,", true, "UDP", "192.0.2.15", 0, NULL, NULL, NULL,
	";,,"},
    {"SIP/2.0/UDP a;branch=1;branch=2", true, "UDP", "a", 0, "1", NULL, NULL, ""},
    {"SIP/2.0/UDP a;branch=", true, "UDP", "a", 0, "", NULL, NULL, ""},
    {"SIP/2.0/UDP a:99999;branch=1", true, "UDP", "a", 0, "1", NULL, NULL, ""},
    {"SIP/2.0/UDP a:;branch=1", true, "UDP", "a", 0, "1", NULL, NULL, ""},
    {"SIP/2.0/UDP [2001:db8::1;branch=1", true, "UDP", "[2001:db8::1", 0, "1", NULL,
	NULL, ""},
    {", SIP/2.0/UDP a", true, "UDP", "a", 0, NULL, NULL, NULL, ""},
    {"SIP/2.0/UDP", false, .rest = ""},
    {"SIP/2.0/UDP ;branch=x", false, .rest = ""},
    {"SIP/2.0", false, .rest = ""},
    {"SIP/2.0/", false, .rest = ""},
    {"/2.0/UDP a", false, .rest = ""},
    {";, SIP/2.0/UDP a", false, .rest = " SIP/2.0/UDP a"},
    {"", false, .rest = ""},
};

ROWS(sip_via, take, vias)
{
	const char *in = vias[*row].value;
	struct slice rest = guarded(in);
	struct sip_via via;

	/* OpenSIPS 2022: a Via that could not be read was used uninitialised. */
	memset(&via, 0xa5, sizeof(via));
	cr_assert_eq(sip_via_take(&rest, &via), vias[*row].ok, "%s", in);
	expect_text(via.transport, vias[*row].transport, in);
	expect_text(via.host, vias[*row].host, in);
	cr_expect_eq(via.port, vias[*row].port, "%s: port %u", in, via.port);
	expect_text(via.branch, vias[*row].branch, in);
	expect_text(via.received, vias[*row].received, in);
	expect_text(via.rport, vias[*row].rport, in);
	expect_text(rest, vias[*row].rest, in);
}

/* Kamailio CVE-2018-8828: one byte too many written for a long From tag. */
Test(sip_addr, a_tag_of_sixty_thousand_bytes_is_kept_whole)
{
	static char bytes[61000] = "<sip:a>;tag=";
	size_t len = strlen(bytes);

	memset(bytes + len, 't', 60000);
	cr_expect_eq(sip_tag(guard_copy(bytes, len + 60000)).len, 60000);
}
