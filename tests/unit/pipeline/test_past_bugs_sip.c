/* SPDX-License-Identifier: BSD-2-Clause */
/* Bugs in what a message says: headers, bodies, credentials. */
#include "past_bugs.h"
#include "sip/sip_auth.h"
#include "sip/sip_digest.h"
#include "sip/sip_value.h"

/* --- a call that is refused, through the whole pipeline --- */

struct refusal {
	struct pipeline *pipeline;
	int64_t now_us;
	size_t count;
	struct failure last;
};

static void on_failure(void *ctx, const struct failure *f,
    const struct failure_message *msgs, size_t count)
{
	struct refusal *r = ctx;

	(void)msgs;
	(void)count;
	r->count++;
	memcpy(&r->last, f, failure_bytes(f));
}

static struct refusal *refusal_new(void)
{
	static const struct ip_net local = {{{203, 0, 113, 45}, 4}, 32};
	struct refusal *r = calloc(1, sizeof(*r));
	struct sink sink = {.ctx = r, .failure = on_failure};
	struct pipeline_config c;
	struct err e = {0};

	guard_require(r != NULL);
	pipeline_config_default(&c);
	c.local = &local;
	c.local_count = 1;
	c.attempts_max = c.dialogs_max =
	    64; /* one pipeline for each case: small ones */
	c.trunks_max = c.incidents_max = 16;
	c.recorder_bytes = 1 << 20;
	c.reassemble.stream_bytes = 1 << 20;
	c.reassemble.datagram_bytes = 1 << 20;
	c.reassemble.flows_max = c.reassemble.datagrams_max = 64;
	cr_assert_eq(pipeline_new(&c, NULL, sink, &r->pipeline, &e), 0, "%s", e.text);
	r->now_us = 1700000000 * USEC_PER_SEC;
	return r;
}

static void refusal_free(struct refusal *r)
{
	pipeline_free(r->pipeline);
	free(r);
}

static void say(struct refusal *r, const struct ip_flow *flow, struct slice text)
{
	static struct ip_frame f;
	struct frame frame;

	ip_udp(&f, flow, text.ptr, text.len);
	frame = ip_frame_at(&f, r->now_us += 10000);
	frame.bytes = guard_copy(f.bytes, f.len);
	pipeline_frame(r->pipeline, &frame);
}

#define ANSWER(line) "SIP/2.0 " line "\r\n" BUG_HEAD

/* The request, then a 403; '#' in either of them is n times c. */
static const struct facts *refused(
    struct refusal *r, const char *request, const char *answer, char c, size_t n)
{
	struct pipeline_counters counters;

	say(r, &bug_out,
	    strchr(request, '#') ? bug_text(request, c, n)
				 : slice_of(request, strlen(request)));
	say(r, &bug_in,
	    strchr(answer, '#') ? bug_text(answer, c, n)
				: slice_of(answer, strlen(answer)));
	pipeline_finish(r->pipeline);
	pipeline_counters(r->pipeline, &counters);
	cr_assert_eq(counters.messages, 2, "%zu: not two messages", n);
	cr_assert_eq(r->count, 1, "%zu: the refused call was not found", n);
	cr_expect_eq(r->last.facts.code, 403);
	return &r->last.facts;
}

static const size_t sizes[] = {0, 1, 9, 10, 11, 63, 64, 99, 100, 127, 128, 254, 255,
    256, 511, 512, 1023, 1024, 1025, 4095, 10240, 50000};
enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

#define FOR_ALL_SIZES(request, answer, c, check)                                  \
	for (size_t i = 0; i < SIZES; i++) {                                      \
		struct refusal *r = refusal_new();                                \
		const struct facts *f = refused(r, request, answer, c, sizes[i]); \
                                                                                  \
		check;                                                            \
		refusal_free(r);                                                  \
	}

#define FORBIDDEN ANSWER("403 Forbidden") "l: 0\r\n\r\n"

/* sngrep: the media type of an SDP m= line was copied with strcpy(). */
Test(past_bugs_sip, es2020_03_sngrep_sdp_media_type){
    FOR_ALL_SIZES(BUG_INVITE "\r\nv=0\r\nm=# 4000 RTP/AVP 0\r\n", FORBIDDEN, 'a',
	(void)f) FOR_ALL_SIZES(BUG_INVITE "\r\nv=0\r\nm=audio #\r\n", FORBIDDEN, '8',
	cr_expect_leq(f->sdp_codecs.len, FACT_SHORT_MAX))}

/* sngrep: the address of an SDP c= line was copied without a bound. */
Test(past_bugs_sip, es2020_04_sngrep_sdp_connection_address){FOR_ALL_SIZES(
    BUG_INVITE "\r\nv=0\r\nc=IN IP4 #\r\nm=audio 1 RTP/AVP 0\r\n", FORBIDDEN, '1',
    cr_expect(slice_eq(TEXT_GET(f, f->sdp_codecs), SLICE("1 RTP/AVP 0"))))}

/* OpenSIPS: a last line of SDP without a line end. */
Test(past_bugs_sip, opensips_sdp_last_line_without_lf)
{
	FOR_ALL_SIZES(BUG_INVITE "\r\nv=0\r\nm=audio 4000 RTP/AVP #", FORBIDDEN, '0',
	    cr_expect_geq(f->sdp_codecs.len, 13))
}

#define INVITE_CALL_ID                                                 \
	"INVITE sip:1@h SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z\r\n"    \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:1@b>\r\nCSeq: 1 INVITE\r\n" \
	"X-Call-ID: #\r\nCall-ID: "
#define ANSWER_CALL_ID                                             \
	"SIP/2.0 403 Forbidden\r\nVia: SIP/2.0/UDP a;branch=z\r\n" \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:1@b>\r\nCSeq: 1 INVITE\r\nCall-ID: "

/* sngrep: Call-ID and X-Call-ID of any length went into fixed arrays. */
Test(past_bugs_sip, cve_2024_3119_sngrep_x_call_id)
{
	FOR_ALL_SIZES(INVITE_CALL_ID "c1\r\n\r\n", ANSWER_CALL_ID "c1\r\n\r\n", 'c',
	    cr_expect(slice_eq(TEXT_GET(f, f->call_id), SLICE("c1"))))
}

#define CALL_ID(start)                                                       \
	start "\r\nVia: SIP/2.0/UDP a;branch=z\r\nFrom: <sip:a@b>;tag=1\r\n" \
	      "To: <sip:1@b>\r\nCSeq: 1 INVITE\r\nCall-ID: c#\r\n\r\n"

/* The same, and sngrep 1ff74ee: Call-ID printed into 255 bytes. */
Test(past_bugs_sip, cve_2024_3119_and_1ff74ee_sngrep_call_id){FOR_ALL_SIZES(
    CALL_ID("INVITE sip:1@h SIP/2.0"), CALL_ID("SIP/2.0 403 Forbidden"), 'c',
    cr_expect_eq(f->call_id.len,
	sizes[i] + 1 < FACT_CALL_ID_MAX ? sizes[i] + 1 : FACT_CALL_ID_MAX))}

/* sngrep 1ff74ee: and Reason. */
Test(past_bugs_sip, sngrep_1ff74ee_reason)
{
	FOR_ALL_SIZES(BUG_INVITE "\r\n",
		      ANSWER("403 #") "Reason: Q.850;cause=21;text=\"x\"\r\n\r\n", 'r',
		      cr_expect_leq(f->reason.len, FACT_VALUE_MAX);
		      cr_expect_eq(f->q850_cause, 21))
	FOR_ALL_SIZES(
	    BUG_INVITE "\r\n",
	    ANSWER("403 Forbidden") "Reason: Q.850;cause=21;text=\"#\"\r\n\r\n", 'r',
	    cr_expect_leq(f->reason_header.len, 2 * FACT_VALUE_MAX);
	    cr_expect_eq(f->q850_cause, 21))
}

/* sngrep: the digits of Content-Length and of a Warning's code were copied to 10 bytes.
 */
Test(past_bugs_sip, cve_2024_3120_sngrep_content_length_and_warning_digits){
    FOR_ALL_SIZES(BUG_INVITE "Content-Length: #0\r\n\r\n",
	ANSWER("403 Forbidden") "l: #0\r\n\r\n", '0', (void)f)
	FOR_ALL_SIZES(BUG_INVITE "Content-Length: #\r\n\r\n",
	    ANSWER("403 Forbidden") "l: #\r\n\r\n", '9', (void)f)
	    FOR_ALL_SIZES(BUG_INVITE "\r\n",
		ANSWER("403 Forbidden") "Warning: #399 h \"x\"\r\n\r\n", '3',
		cr_expect_leq(f->warning.len, FACT_VALUE_MAX))}

/* sngrep #541, #550: a Warning that is empty or no number made a length of 0 - 1. */
Test(past_bugs_sip, sngrep_541_550_warning_without_a_number)
{
	static const char *const values[] = {"", " ", "\"", "\"\"", ",", ",,", "abc",
	    "3", "399", "399 ", "399 a", "399 a ", "399 a \"", "399 a \"\"",
	    "399 a \"\\", "-1 a \"x\"", "x a \"x\""};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct refusal *r = refusal_new();
		char answer[512];

		(void)snprintf(answer, sizeof(answer), "%sWarning:%s\r\n\r\n",
		    ANSWER("403 Forbidden"), values[i]);
		(void)refused(r, BUG_INVITE "\r\n", answer, ' ', 0);
		(void)snprintf(answer, sizeof(answer), "%sWarning:%s",
		    ANSWER("403 Forbidden"), values[i]);
		refusal_free(r);
		r = refusal_new(); /* and the datagram ends right there */
		(void)refused(r, BUG_INVITE "\r\n", answer, ' ', 0);
		refusal_free(r);
	}
}

/* Wireshark: an empty line, and a quoted string without an end, were read for ever. */
Test(past_bugs_sip, cve_2013_7112_wireshark_loops_without_progress, .timeout = 20)
{
	static const char *const patterns[] = {
	    BUG_INVITE "\r\n#",
	    BUG_INVITE "#\r\n",
	    BUG_INVITE "P-Charging-Vector: icid-value=\"#\r\n\r\n",
	    BUG_INVITE "P-Charging-Function-Addresses: ccf=\"a\"#\r\n\r\n",
	    BUG_INVITE "Contact: <#\r\n\r\n",
	    BUG_INVITE "Warning: 399 a \"#\r\n\r\n",
	    BUG_INVITE "Proxy-Authenticate: Digest realm=\"#\r\n\r\n",
	    BUG_INVITE "\r\na=crypto:1 #\r\n",
	};
	static const char fillers[] = "\n\r \t,;\"=\\<:\0a";

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		for (size_t c = 0; c < sizeof(fillers); c++) {
			struct refusal *r = refusal_new();

			say(r, &bug_out, bug_text(patterns[i], fillers[c], 60000));
			pipeline_finish(r->pipeline);
			refusal_free(r);
		}
	}
}

/* Kamailio: a From tag of a certain length wrote one byte too far. */
Test(past_bugs_sip, cve_2018_8828_kamailio_from_tag)
{
	static struct sip_msg msg;

	for (size_t i = 0; i < SIZES; i++) {
		struct slice s = bug_text(
		    "BYE sip:a SIP/2.0\r\nFrom: <sip:a@b>;tag=#", 't', sizes[i]);

		cr_assert_eq(sip_msg_parse(guard_copy(s.ptr, s.len), &msg), SIP_OK);
		cr_expect_eq(sip_tag(sip_msg_value(&msg, SIP_HDR_FROM)).len, sizes[i]);
	}
	for (size_t i = 0; i < SIZES; i++) {
		struct refusal *r = refusal_new();
		struct slice s =
		    bug_text("INVITE sip:1@h SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n"
			     "From: <sip:a@b>;tag=#\r\nTo: <sip:1@b>\r\n"
			     "Call-ID: c\r\nCSeq: 1 INVITE\r\n\r\n",
			't', sizes[i]);

		say(r, &bug_out, s);
		s = bug_text("SIP/2.0 403 No\r\nVia: SIP/2.0/UDP a\r\n"
			     "From: <sip:a@b>;tag=#\r\nTo: <sip:1@b>\r\n"
			     "Call-ID: c\r\nCSeq: 1 INVITE\r\n\r\n",
		    't', sizes[i]);
		say(r, &bug_in, s);
		pipeline_flush(r->pipeline);
		cr_expect_eq(r->count, 1, "%zu", sizes[i]);
		refusal_free(r);
	}
}

/* OpenSIPS: the name of a header overflowed the stack; captagent 2019: so did a header.
 */
Test(past_bugs_sip, cve_2026_45538_opensips_and_captagent_2019_long_header)
{
	FOR_ALL_SIZES(BUG_INVITE "X-#: 1\r\n\r\n",
	    ANSWER("403 Forbidden") "X-#: 1\r\n\r\n", 'n', (void)f)
	FOR_ALL_SIZES(
	    BUG_INVITE "#\r\n\r\n", ANSWER("403 Forbidden") "#\r\n\r\n", 'n', (void)f)
	FOR_ALL_SIZES(BUG_INVITE "Subject: #\r\nUser-Agent: #\r\n\r\n",
	    ANSWER("403 Forbidden") "Server: #\r\n\r\n", 'v',
	    cr_expect_leq(f->server.len, FACT_SHORT_MAX))
}

/* A struct after a parser said false: untouched, or wholly written. */
#define LEFT_DEFINED(type, call)                                                      \
	do {                                                                          \
		type out;                                                             \
		uint8_t raw[sizeof(out)];                                             \
		size_t marks = 0;                                                     \
                                                                                      \
		memset(&out, 0xa5, sizeof(out));                                      \
		if (call)                                                             \
			break;                                                        \
		memcpy(raw, &out, sizeof(out));                                       \
		for (size_t at = 0; at + 8 <= sizeof(raw); at += 8)                   \
			marks += memcmp(raw + at, "\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5", \
				     8) == 0;                                         \
		cr_expect(marks == 0 || marks == sizeof(raw) / 8,                     \
		    #call ": half written for '%s'", texts[i]);                       \
	} while (0)

/* OpenSIPS: parse_via() and parse_uri() failed and left the struct as it was found on
 * the stack, and the caller read it. */
Test(past_bugs_sip, opensips_2022_struct_left_unset_on_failure)
{
	static const char *const texts[] = {"", " ", ",", ";", "<", ">", "\"", "\"\"",
	    "a", ":", "sip:", "sip:@", "sip:a@", "sip:a:b@", "sip:h:", "sip:h:99999",
	    "sip:[", "sip:[::1", "sip:[::1]:x", "<sip:", "<sip:a", "SIP", "SIP/",
	    "SIP/2.0/", "SIP/2.0/UDP", "SIP/2.0/UDP ",
	    "SIP/2.0/UDP a:", "SIP/2.0/UDP [::1", "SIP/2.0/UDP ;branch=1", "Digest",
	    "Digest ,", "=", "x=\"", "1", "1 ", "INVITE", "4294967296 A",
	    "Q.850;cause=", ";cause=1"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct slice s = guard_copy(texts[i], strlen(texts[i])), rest = s;

		LEFT_DEFINED(struct sip_uri, sip_uri_parse(s, &out));
		LEFT_DEFINED(struct sip_via, sip_via_take((rest = s, &rest), &out));
		LEFT_DEFINED(struct sip_addr, sip_addr_take((rest = s, &rest), &out));
		LEFT_DEFINED(struct sip_cseq, sip_cseq_parse(s, &out));
		LEFT_DEFINED(
		    struct sip_reason, sip_reason_take((rest = s, &rest), &out));
		LEFT_DEFINED(
		    struct sip_warning, sip_warning_take((rest = s, &rest), &out));
		LEFT_DEFINED(
		    struct sip_challenge, sip_challenge_take((rest = s, &rest), &out));
		LEFT_DEFINED(struct sip_credentials, sip_credentials_parse(s, &out));
	}
}

/* Asterisk: an Authorization of another scheme than Digest crashed PJSIP. */
Test(past_bugs_sip, ghsa_64qc_9x89_rx5j_asterisk_authorization_of_another_scheme)
{
	static const char *const values[] = {"", "Basic", "Basic dXNlcjpwYXNz",
	    "Bearer", "Bearer eyJ.eyJ.x", "Digest", "Digest ", "Digest,", "NoScheme=1",
	    "=\"", "\"", "Digest username", "Digest username=", "Digest username=\""};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct refusal *r = refusal_new();
		char request[512];
		const struct facts *f;

		(void)snprintf(request, sizeof(request),
		    "%sAuthorization: %s\r\nProxy-Authorization: %s\r\n\r\n",
		    BUG_INVITE, values[i], values[i]);
		f = refused(r, request, FORBIDDEN, ' ', 0);
		cr_expect_leq(f->auth_user.len, 0, "%s", values[i]);
		refusal_free(r);
	}
}

/* pjproject: the fields of credentials were copied into a digest's fixed buffers;
 * chan_sip reads 511 bytes of a challenge and hashes 255 of A1. */
Test(past_bugs_sip, ghsa_73f7_pjproject_and_chan_sip_fields_of_a_digest)
{
	static const char *const fields[] = {"username", "realm", "nonce", "uri",
	    "response", "cnonce", "nc", "qop", "algorithm", "opaque"};
	char pattern[512];

	for (size_t n = 0; n < sizeof(fields) / sizeof(fields[0]); n++) {
		(void)snprintf(pattern, sizeof(pattern),
		    "Digest %s=\"#\", username=\"u\", realm=\"r\", nonce=\"n\", "
		    "uri=\"sip:h\", response=\"00112233445566778899aabbccddeeff\", "
		    "cnonce=\"c\", nc=00000001, qop=auth",
		    fields[n]);
		for (size_t i = 0; i < SIZES; i++) {
			struct slice s = bug_text(pattern, 'f', sizes[i]);
			struct sip_credentials cred;
			struct sip_challenge challenge;
			struct digest_input in = {
			    .method = SLICE("INVITE"), .cred = &cred};

			s = guard_copy(s.ptr, s.len);
			cr_assert(sip_credentials_parse(s, &cred));
			if (n == 0)
				cr_expect_eq(cred.username.len, sizes[i]);
			if (sip_digest_is_checkable(&in))
				cr_expect_not(sip_digest_matches(&in, SLICE("x")));
			cr_assert(sip_challenge_take(&s, &challenge));
			if (n == 1)
				cr_expect_eq(challenge.realm.len, sizes[i]);
			if (sizes[i] > 511) /* noted, for chan_sip will not see all */
				cr_expect_gt(challenge.offset, 511);
		}
	}
}

#define SECOND                                                       \
	"Via: SIP/2.0/UDP 203.0.113.45;branch=z9hG4bK2\r\n"          \
	"From: <sip:acct@198.51.100.20>;tag=f1\r\nTo: <sip:1@b>\r\n" \
	"Call-ID: c1\r\nCSeq: 2 INVITE\r\n"

/* FreeSWITCH: the user agent answered the challenge of whoever sent one. To be seen
 * from the wire: our box sends its credentials to another address than the trunk's. */
Test(past_bugs_sip, cve_2021_41158_freeswitch_credentials_for_a_fake_peer)
{
	static const struct ip_flow to_fake = {0xcb00712d, 0xc0000209, 5060, 5060};
	static const struct ip_flow from_fake = {0xc0000209, 0xcb00712d, 5060, 5060};
	struct refusal *r = refusal_new();

	say(r, &bug_out, SLICE(BUG_INVITE "\r\n"));
	say(r, &bug_in,
	    SLICE(ANSWER("407 Auth") "Proxy-Authenticate: Digest realm=\"r\", "
				     "nonce=\"n\"\r\n\r\n"));
	say(r, &to_fake,
	    SLICE("INVITE sip:1@198.51.100.20 SIP/2.0\r\n" SECOND
		  "Proxy-Authorization: Digest username=\"u\", realm=\"r\", "
		  "nonce=\"n\", uri=\"sip:x\", response=\"0\"\r\n\r\n"));
	say(r, &from_fake, SLICE("SIP/2.0 403 Thanks\r\n" SECOND "\r\n"));
	pipeline_finish(r->pipeline);
	cr_assert_eq(r->count, 1);
	cr_expect(r->last.facts.nonce_answered_elsewhere);
	refusal_free(r);
}
