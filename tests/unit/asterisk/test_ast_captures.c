/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The labelled captures with the configuration of the box that made them: every
 * digest on the wire is compared with what the truth file says was sent.
 *
 * They are not ours to ship: they lie in captures/ of TRUNKWATCH_SHARED, or of the
 * folder "shared" beside this repository; else each test is skipped, and says so.
 */
#include "asterisk_test.h"

#include <dirent.h>
#include <jansson.h>

#include "asterisk/ast_secrets.h"
#include "capfile/capfile.h"
#include "decode/decode.h"
#include "sip/sip_value.h"

enum { FILE_MAX = 16 << 20, USERS_MAX = 256 };

static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *bytes = f == NULL ? NULL : malloc(FILE_MAX);

	if (f == NULL)
		return NULL;
	guard_require(bytes != NULL);
	*len = fread(bytes, 1, FILE_MAX, f);
	(void)fclose(f);
	return bytes;
}

static int64_t read_capture(void *ctx, void *buf, size_t len)
{
	size_t n = fread(buf, 1, len, ctx);

	return n == 0 && ferror((FILE *)ctx) ? -EIO : (int64_t)n;
}

/* What the truth allows for a user name: a set of (verdict, mangling). */
struct expected {
	char user[64];
	unsigned verdicts; /* bits of enum digest_verdict */
	unsigned seen;
};

struct capture {
	const char *name;
	struct ast_trunks trunks;
	struct expected users[USERS_MAX];
	size_t user_count;
	size_t checked, wrong;
};

/* The truth's own words for what matched, see captures/README. */
static unsigned verdict_of(const char *secret)
{
	if (strstr(secret, "conf:") != NULL)
		return 1u << DIGEST_MATCHES;
	if (strstr(secret, "conf-cut-at-semicolon:") != NULL ||
	    strstr(secret, "conf-stripped:") != NULL)
		return 1u << DIGEST_MANGLED;
	return 1u << DIGEST_NO_MATCH | 1u << DIGEST_NO_SECRET;
}

static void read_truth(struct capture *c, const char *path)
{
	json_t *root = json_load_file(path, 0, NULL);
	json_t *row;
	size_t i;

	cr_assert_not_null(root, "%s", path);
	json_array_foreach(
	    json_object_get(json_object_get(root, "wire"), "digests"), i, row)
	{
		const char *user = json_string_value(json_object_get(row, "username"));
		const char *secret = json_string_value(json_object_get(row, "secret"));
		struct expected *e = NULL;

		if (user == NULL || secret == NULL)
			continue;
		for (size_t k = 0; k < c->user_count; k++) {
			if (strcmp(c->users[k].user, user) == 0)
				e = &c->users[k];
		}
		if (e == NULL) {
			cr_assert_lt(c->user_count, USERS_MAX);
			e = &c->users[c->user_count++];
			(void)snprintf(e->user, sizeof(e->user), "%s", user);
		}
		e->verdicts |= verdict_of(secret);
	}
	json_decref(root);
}

static void check_credentials(
    struct capture *c, const struct sip_msg *msg, struct slice value)
{
	struct sip_credentials cred;
	struct digest_input in = {
	    .method = msg->method, .body = msg->body, .cred = &cred};
	struct sip_uri uri = {0};
	struct digest_result r;

	if (!sip_credentials_parse(value, &cred) || !sip_digest_is_checkable(&in))
		return;
	(void)sip_uri_parse(msg->uri, &uri);
	(void)ast_digest_check(&c->trunks, &in, uri.host, &r);
	for (size_t k = 0; k < c->user_count; k++) {
		struct expected *e = &c->users[k];

		if (!slice_eq(cred.username, text_of(e->user)))
			continue;
		c->checked++;
		e->seen |= 1u << r.verdict;
		/* The truth tried the trunks' secrets only, not the phones'. */
		if (r.is_client && (e->verdicts & 1u << DIGEST_NO_MATCH))
			return;
		cr_expect(e->verdicts & 1u << r.verdict, "%s: %s: %s (%s)", c->name,
		    e->user, digest_verdict_name(r.verdict),
		    digest_mangling_slug(r.mangling));
		return;
	}
	cr_expect(false, "%s: the truth knows no user " SLICE_FMT, c->name,
	    SLICE_ARG(cred.username));
}

static void check_payload(struct capture *c, struct slice payload)
{
	static struct sip_msg msg;

	if (sip_msg_parse(payload, &msg) != SIP_OK || !sip_msg_is_request(&msg))
		return;
	for (uint32_t i = 0; i < msg.hdrs_kept; i++) {
		if (msg.hdrs[i].id == SIP_HDR_AUTHORIZATION ||
		    msg.hdrs[i].id == SIP_HDR_PROXY_AUTHORIZATION)
			check_credentials(c, &msg, msg.hdrs[i].value);
	}
}

static void check_capture(struct capture *c, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct capfile *file = NULL;
	struct frame frame;
	struct packet packet;
	struct err e;

	cr_assert_not_null(f, "%s", path);
	cr_assert_eq(
	    capfile_open(read_capture, f, &file, &e), 0, "%s: %s", path, e.text);
	while (capfile_next(file, &frame, &e) == 1) {
		if (decode_frame(&frame, &packet) == DECODE_OK && !packet.truncated)
			check_payload(c, packet.payload);
	}
	capfile_close(file);
	(void)fclose(f);
}

static bool load(struct capture *c, const char *dir, const char *conf)
{
	char path[2048];
	size_t len = 0;
	char *bytes;
	struct ast_config *config = NULL;
	struct err e;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, conf);
	bytes = read_file(path, &len);
	if (bytes == NULL)
		return false;
	cr_assert_eq(
	    ast_config_read(text_of(conf), slice_of(bytes, len), NULL, &config, &e), 0);
	cr_expect_null(config->notes, "%s: line %u: %s", conf,
	    config->notes == NULL ? 0 : config->notes->line,
	    config->notes == NULL ? "" : ast_note_sentence(config->notes->kind));
	cr_assert_eq(ast_trunks_add(&c->trunks, config, &e), 0, "%s", e.text);
	cr_expect_gt(c->trunks.trunks.count, 0, "%s: no trunk", conf);
	free(bytes);
	return true;
}

/* "ok_udp.sip.conf": the capture is "ok_udp". */
static bool stem(const char *file, char *out, size_t size)
{
	static const char *const ends[] = {".sip.conf", ".pjsip.conf"};
	const size_t len = strlen(file);

	for (int i = 0; i < 2; i++) {
		const size_t end = strlen(ends[i]);

		if (len <= end || strcmp(file + len - end, ends[i]) != 0)
			continue;
		(void)snprintf(out, size, "%.*s", (int)(len - end), file);
		return true;
	}
	return false;
}

/* Meson runs tests in the build folder, which __FILE__ is relative to. */
static DIR *captures(char dir[1024])
{
	const char *shared = getenv("TRUNKWATCH_SHARED");
	const char *slash = strrchr(__FILE__, '/');
	DIR *d;

	if (shared != NULL)
		(void)snprintf(dir, 1024, "%s/captures", shared);
	else
		(void)snprintf(dir, 1024, "%.*s/../../../../shared/captures",
		    (int)(slash - __FILE__), __FILE__);
	d = opendir(dir);
	if (d == NULL)
		cr_skip_test("no captures in %s (not part of the repository)", dir);
	return d;
}

Test(ast_captures, digests_are_what_the_truth_says, .timeout = 100)
{
	char dir[1024];
	DIR *d = captures(dir);
	struct dirent *entry;
	size_t files = 0, checked = 0, unseen = 0;

	while ((entry = readdir(d)) != NULL) {
		static struct capture c;
		char name[256], path[2048];

		if (!stem(entry->d_name, name, sizeof(name)))
			continue;
		c = (struct capture){.name = name};
		cr_assert(load(&c, dir, entry->d_name));
		(void)snprintf(path, sizeof(path), "%s/%s.truth.json", dir, name);
		read_truth(&c, path);
		(void)snprintf(path, sizeof(path), "%s/%s.pcap", dir, name);
		check_capture(&c, path);
		for (size_t k = 0; k < c.user_count; k++)
			unseen += (c.users[k].seen & c.users[k].verdicts) == 0;
		checked += c.checked;
		files++;
		ast_trunks_fini(&c.trunks);
	}
	(void)closedir(d);
	/* Fragments and split TCP segments are not put together here. */
	cr_expect_gt(files, 50);
	cr_expect_gt(checked, 200);
	cr_expect_lt(
	    unseen, 4, "%zu user names without a digest that could be checked", unseen);
	(void)fprintf(stderr, "%zu files, %zu digests, %zu users unseen\n", files,
	    checked, unseen);
}

static const struct named {
	const char *capture;
	enum digest_verdict verdict;
	enum digest_mangling mangling;
} secrets[] = {
    {"secret_quotes", DIGEST_MATCHES, DIGEST_QUOTES_KEPT},
    {"secret_semicolon", DIGEST_MANGLED, DIGEST_CUT_AT_SEMICOLON},
    {"secret_wrong_case", DIGEST_MATCHES, DIGEST_AS_CONFIGURED},
};

static void expect_named(
    const struct named *n, struct ast_trunks *t, struct slice payload)
{
	static struct sip_msg msg;
	struct sip_credentials cred;
	struct digest_input in = {.cred = &cred};
	struct digest_result r;
	struct slice value;

	if (sip_msg_parse(payload, &msg) != SIP_OK)
		return;
	value = sip_msg_value(&msg, SIP_HDR_PROXY_AUTHORIZATION);
	if (value.ptr == NULL || !sip_credentials_parse(value, &cred))
		return;
	in.method = msg.method;
	cr_expect_eq(ast_digest_check(t, &in, SLICE_NONE, &r), n->verdict, "%s: %s",
	    n->capture, digest_verdict_name(r.verdict));
	cr_expect_eq(r.mangling, n->mangling, "%s: %s", n->capture,
	    digest_mangling_slug(r.mangling));
	EXPECT_TEXT(r.trunk, "mytrunksip", "trunk");
}

PARAMETER_INDEX(ast_captures, mangling_is_named, secrets)
ParameterizedTest(size_t *i, ast_captures, mangling_is_named)
{
	const struct named *n = &secrets[*i];
	char dir[1024];
	DIR *d = captures(dir);
	struct capture c = {.name = n->capture};
	char name[2048];
	struct capfile *file = NULL;
	struct frame frame;
	struct packet packet;
	struct err e;
	FILE *f;

	(void)closedir(d);
	(void)snprintf(name, sizeof(name), "%s.sip.conf", n->capture);
	cr_assert(load(&c, dir, name));
	(void)snprintf(name, sizeof(name), "%s/%s.pcap", dir, n->capture);
	f = fopen(name, "rb");
	cr_assert_not_null(f, "%s", name);
	cr_assert_eq(capfile_open(read_capture, f, &file, &e), 0);
	while (capfile_next(file, &frame, &e) == 1) {
		if (decode_frame(&frame, &packet) == DECODE_OK)
			expect_named(n, &c.trunks, packet.payload);
	}
	capfile_close(file);
	(void)fclose(f);
	ast_trunks_fini(&c.trunks);
}
