/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "config_value.h"
#include "diagnose/phrases.h"

static struct config config;
static struct err err;

static int parse(const char *text)
{
	err = (struct err){0};
	return config_parse(slice_of(text, strlen(text)), "f.yaml", &config, &err);
}

static const struct {
	const char *text, *want;
} bad[] = {
    {"capture:\n  prots: 5060\n",
	"f.yaml:2:3: unknown key 'capture.prots'; did you mean 'capture.ports'?"},
    {"ports: 5060\n", "f.yaml:1:1: unknown key 'ports'; did you mean 'capture.ports'?"},
    {"captur:\n  ports: 5060\n",
	"f.yaml:1:1: unknown key 'captur'; did you mean 'capture'?"},
    {"nothing_like_it: 1\n", "f.yaml:1:1: unknown key 'nothing_like_it'"},
    {"? {a: 1}\n: 2\n", "f.yaml:1:3: a key must be a word"},
    {"\"a\\nb\": 1\n", "f.yaml:1:1: unknown key 'a?b'"},

    {"capture:\n  snaplen: many\n", "f.yaml:2:12: capture.snaplen must be a number"},
    {"capture:\n  snaplen: 100\n",
	"f.yaml:2:12: capture.snaplen must be 512 to 262144"},
    {"capture:\n  snaplen: -1\n", "f.yaml:2:12: capture.snaplen must be a number"},
    {"capture:\n  snaplen: 99999999999999999999999\n",
	"f.yaml:2:12: capture.snaplen must be a number"},
    {"capture:\n  snaplen:\n", "f.yaml:2:11: capture.snaplen must be a number"},
    {"capture:\n  snaplen: [1]\n", "f.yaml:2:12: capture.snaplen must be a number"},
    {"capture:\n  snaplen: {a: 1}\n", "f.yaml:2:12: capture.snaplen must be a number"},
    {"capture:\n  promiscuous: maybe\n",
	"f.yaml:2:16: capture.promiscuous must be true or false"},
    {"capture:\n  buffer: 16MB\n",
	"f.yaml:2:11: capture.buffer must be a size such as 16MiB"},
    {"capture:\n  buffer: 2GiB\n", "f.yaml:2:11: capture.buffer must be 1MiB to 1GiB"},
    {"capture:\n  buffer: 20000000000GiB\n",
	"f.yaml:2:11: capture.buffer must be a size such as 16MiB"},
    {"limits:\n  flow_buffer: 1\n",
	"f.yaml:2:16: limits.flow_buffer must be 16KiB to 4MiB"},
    {"limits:\n  hole_wait: 1\n",
	"f.yaml:2:14: limits.hole_wait must be a duration such as 30s"},
    {"limits:\n  hole_wait: 2h\n", "f.yaml:2:14: limits.hole_wait must be 1ms to 1m"},
    {"database:\n  path: \"\"\n",
	"f.yaml:2:9: database.path must be 1 to 1023 characters long"},
    {"sensor: \"a\\tb\"\n", "f.yaml:1:9: sensor holds control characters"},
    {"sensor: 0123456789012345678901234567890123456789012345678901234567890123\n",
	"f.yaml:1:9: sensor must be 0 to 63 characters long"},

    {"sources:\n  hep:\n    listen: 9060\n",
	"f.yaml:3:13: sources.hep.listen must be an address and a port such as "
	"127.0.0.1:9060 or [::1]:9060"},
    {"sources: {hep: {listen: '::1:9060'}}\n",
	"f.yaml:1:25: sources.hep.listen must be an address and a port such as "
	"127.0.0.1:9060 or [::1]:9060"},
    {"sources: {hep: {listen: '127.0.0.1:0'}}\n",
	"f.yaml:1:25: sources.hep.listen must be an address and a port such as "
	"127.0.0.1:9060 or [::1]:9060"},
    {"sources:\n  hpe:\n    listen: 1\n",
	"f.yaml:2:3: unknown key 'sources.hpe'; did you mean 'sources.hep'?"},
    {"retention:\n  age: 5m\n", "f.yaml:2:8: retention.age must be 1h to 36500d"},
    {"capture:\n  ports: [5060, 70000]\n",
	"f.yaml:2:17: a port is 1 to 65535, a range is two of them with the smaller first: "
	"5060-5061"},
    {"capture:\n  ports: [5061-5060]\n",
	"f.yaml:2:11: a port is 1 to 65535, a range is two of them with the smaller first: "
	"5060-5061"},
    {"capture:\n  ports: []\n", "f.yaml:2:10: the list is empty"},
    {"capture:\n  ports: {a: 1}\n",
	"f.yaml:2:10: capture.ports must be a list of ports such as [5060-5061, 5080]"},
    {"capture:\n  ports: [[5060]]\n",
	"f.yaml:2:11: capture.ports must be a list of ports such as [5060-5061, 5080]"},
    {"capture:\n  interfaces: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q]\n",
	"f.yaml:2:48: capture.interfaces has more than 16 entries"},
    {"capture:\n  interfaces: ['']\n",
	"f.yaml:2:16: capture.interfaces: a name is empty"},
    {"local: [10.0.0.0/33]\n",
	"f.yaml:1:9: local: not an address or network such as 192.0.2.1 or 2001:db8::/32"},

    {"sensor: a\nsensor: b\n", "f.yaml:2:1: 'sensor' stands here twice"},
    {"capture:\n  snaplen: 1000\n  snaplen: 1000\n",
	"f.yaml:3:3: 'capture.snaplen' stands here twice"},
    {"capture:\n  snaplen: 1000\ncapture:\n  ports: 1\n",
	"f.yaml:3:1: 'capture' stands here twice"},
    {"capture: 5060\n",
	"f.yaml:1:10: a section holds keys, one on each line, indented"},
    {"capture: [a]\n", "f.yaml:1:10: a section holds keys, one on each line, indented"},

    {"phrases:\n  - x\n",
	"f.yaml:2:5: a phrase is a mapping with a phrase and a meaning"},
    {"phrases:\n  - phrase: a\n", "f.yaml:2:5: a phrase needs a meaning"},
    {"phrases:\n  - meaning: says_funds\n",
	"f.yaml:2:5: a phrase needs its words: phrase"},
    {"phrases:\n  - phrase: '-- !'\n",
	"f.yaml:2:13: phrase holds no letter and no digit"},
    {"phrases:\n  - phrase: a\n    code: 99\n", "f.yaml:3:11: code must be 300 to 699"},
    {"phrases:\n  - phrase: a\n    header: from\n",
	"f.yaml:3:13: header must be phrase, reason, warning or extra"},
    {"phrases:\n  - phrase: a\n    meaning: direct\n",
	"f.yaml:3:14: meaning must be one of says_credentials, says_address, says_funds, "
	"... (trunkwatch.yaml(5))"},
    {"phrases:\n  - phrase: a\n    meaning: SAYS_FUNDS\n",
	"f.yaml:3:14: meaning must be one of says_credentials, says_address, says_funds, "
	"... (trunkwatch.yaml(5))"},
    {"phrases:\n  - phrase: a\n    colour: 3\n", "f.yaml:3:5: unknown key 'colour'"},
    {"phrases:\n  - phrase: a\n    weight: 0\n",
	"f.yaml:3:13: weight must be 1 to 100"},

    {"trunks: north\n", "f.yaml:1:9: trunks must be a list of trunks"},
    {"trunks:\n  - north\n", "f.yaml:2:5: a trunk is a mapping with at least a name"},
    {"trunks:\n  - account: a\n", "f.yaml:2:5: a trunk needs a name"},
    {"trunks:\n  - name: a\n",
	"f.yaml:2:5: a trunk needs an account, a host or addresses"},
    {"trunks:\n  - name: a\n    host: h\n  - name: a\n    host: i\n",
	"f.yaml:4:5: another trunk has this name already"},
    {"trunks:\n  - name: a\n    hots: h\n",
	"f.yaml:3:5: unknown key 'hots'; did you mean 'host'?"},
    {"trunks:\n  - name: a\n    port: 65536\n", "f.yaml:3:11: port must be 1 to 65535"},
    {"trunks:\n  - name: a\n    name: b\n", "f.yaml:3:5: 'name' stands here twice"},
    {"trunks:\n  - name: a\n    addresses: [x]\n",
	"f.yaml:3:17: addresses: not an address or network such as 192.0.2.1 or "
	"2001:db8::/32"},

    {"- a\n", "f.yaml:1:1: expected keys such as 'capture:'"},
    {"word\n", "f.yaml:1:1: expected keys such as 'capture:'"},
    {"sensor: a\n---\nsensor: b\n", "f.yaml:2:1: a second document begins here"},
    {"a: &x 1\nb: *x\n", "f.yaml:1:1: unknown key 'a'"},
    {"sensor: &x s\n", "f.yaml:1:9: anchors and tags are not used here"},
    {"local: *x\n", "f.yaml:1:8: aliases are not used here"},
    {"sensor: !!str s\n", "f.yaml:1:9: anchors and tags are not used here"},
    {"capture: &a\n  ports: 1\n", "f.yaml:1:10: anchors and tags are not used here"},
    {"sensor: 'a\n", "f.yaml:2:1: found unexpected end of stream"},
    {"capture:\n\tports: 1\n",
	"f.yaml:2:1: found character that cannot start any token"},
    {"sensor: \xff\n", "f.yaml: byte 8: invalid leading UTF-8 octet"},
};

/* The parameter is an index: a pointer would not survive Criterion's fork. */
ParameterizedTestParameters(config, what_is_wrong_is_said_with_its_place)
{
	static size_t rows[sizeof(bad) / sizeof(bad[0])];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		rows[i] = i;
	return cr_make_param_array(size_t, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(size_t *row, config, what_is_wrong_is_said_with_its_place)
{
	cr_assert_eq(parse(bad[*row].text), -EINVAL, "%s", bad[*row].text);
	cr_assert_str_eq(err.text, bad[*row].want);
}

Test(config, an_empty_file_gives_the_defaults)
{
	static const char *const empty[] = {"", "\n", "# nothing\n", "---\n", "~\n",
	    "capture:\n", "capture:\nring:\n", "capture: {}\n"};

	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		cr_assert_eq(parse(empty[i]), 0, "%s: %s", empty[i], err.text);
		cr_assert_eq(config.interfaces.count, 1);
		cr_assert_str_eq(config.interfaces.name[0], "any");
		cr_assert_eq(config.ports.count, 1);
		cr_assert_eq(config.ports.range[0].first, 5060);
		cr_assert_eq(config.ports.range[0].last, 5061);
		cr_assert_eq(config.buffer_bytes, 16 << 20);
		cr_assert_eq(config.ring_bytes, 16 << 20);
		cr_assert_eq(config.snaplen, 65535);
		cr_assert_not(config.promiscuous);
		cr_assert_str_eq(config.filter, "");
		cr_assert_str_eq(config.database, "/var/lib/trunkwatch/trunkwatch.db");
		cr_assert_eq(config.recorder_bytes, 8 << 20);
		cr_assert_eq(config.fragment_wait_us, 30000000);
		cr_assert_eq(config.trunks.count, 0);
		cr_assert_eq(config.local.count, 0);
	}
}

Test(config, every_kind_of_value_is_read)
{
	cr_assert_eq(parse("capture:\n"
			   "  interfaces: [eth0, wg0]\n"
			   "  ports: [5060, 5070 - 5080]\n"
			   "  buffer: 64MiB\n"
			   "  promiscuous: yes\n"
			   "  filter: udp port 5060\n"
			   "ring:\n"
			   "  size: 1048576\n"
			   "local: [192.0.2.1, \"2001:db8::/32\"]\n"
			   "limits:\n"
			   "  hole_wait: 250ms\n"
			   "  fragment_wait: 1 m\n"
			   "sensor: box 1\n"
			   "sources:\n"
			   "  hep:\n"
			   "    listen: '[::1]:9060'\n"
			   "    key: geheim\n"
			   "retention: {age: 30d, size: 2GiB}\n"),
	    0, "%s", err.text);
	cr_assert_eq(config.interfaces.count, 2);
	cr_assert_str_eq(config.interfaces.name[1], "wg0");
	cr_assert_eq(config.ports.count, 2);
	cr_assert_eq(config.ports.range[0].last, 5060);
	cr_assert_eq(config.ports.range[1].first, 5070);
	cr_assert_eq(config.ports.range[1].last, 5080);
	cr_assert_eq(config.buffer_bytes, 64 << 20);
	cr_assert(config.promiscuous);
	cr_assert_str_eq(config.filter, "udp port 5060");
	cr_assert_eq(config.ring_bytes, 1 << 20);
	cr_assert_eq(config.local.count, 2);
	cr_assert_eq(config.local.net[0].prefix_bits, 32);
	cr_assert_eq(config.local.net[1].prefix_bits, 32);
	cr_assert_eq(config.local.net[1].ip.family, 6);
	cr_assert_eq(config.hole_wait_us, 250000);
	cr_assert_eq(config.fragment_wait_us, 60000000);
	cr_assert_str_eq(config.sensor, "box 1");
	cr_assert_eq(config.hep_listen.port, 9060);
	cr_assert_eq(config.hep_listen.ip.bytes[15], 1);
	cr_assert_str_eq(config.hep_key, "geheim");
	cr_assert_eq(config.retain_us, INT64_C(30) * 24 * 3600 * 1000000);
	cr_assert_eq(config.retain_bytes, UINT64_C(2) << 30);
}

Test(config, one_entry_may_stand_without_brackets)
{
	cr_assert_eq(
	    parse("capture: {interfaces: eth0, ports: 5080}\n"), 0, "%s", err.text);
	cr_assert_eq(config.interfaces.count, 1);
	cr_assert_str_eq(config.interfaces.name[0], "eth0");
	cr_assert_eq(config.ports.range[0].first, 5080);
}

Test(config, trunks_are_read)
{
	cr_assert_eq(parse("trunks:\n"
			   "  - name: north\n"
			   "    account: user1001\n"
			   "    host: sip.example.com\n"
			   "    addresses: [192.0.2.10, 198.51.100.0/28]\n"
			   "    port: 5080\n"
			   "  - {name: south, addresses: 203.0.113.5}\n"),
	    0, "%s", err.text);
	cr_assert_eq(config.trunks.count, 2);
	cr_assert_str_eq(config.trunks.trunk[0].name, "north");
	cr_assert_str_eq(config.trunks.trunk[0].account, "user1001");
	cr_assert_str_eq(config.trunks.trunk[0].host, "sip.example.com");
	cr_assert_eq(config.trunks.trunk[0].net_count, 2);
	cr_assert_eq(config.trunks.trunk[0].nets[1].prefix_bits, 28);
	cr_assert_eq(config.trunks.trunk[0].port, 5080);
	cr_assert_str_eq(config.trunks.trunk[1].name, "south");
	cr_assert_eq(config.trunks.trunk[1].net_count, 1);
	cr_assert_eq(config.trunks.trunk[1].port, 0);
}

Test(config, a_file_too_large_is_refused)
{
	static char text[CONFIG_FILE_MAX + 1];

	memset(text, '\n', sizeof(text));
	cr_assert_eq(
	    config_parse(slice_of(text, sizeof(text)), "f", &config, &err), -EFBIG);
	cr_assert_eq(
	    config_parse(slice_of(text, CONFIG_FILE_MAX), "f", &config, &err), 0);
}

/* libyaml's own limit would be reached first otherwise; ours is shallower. */
Test(config, deep_nesting_ends_early)
{
	static char text[200001];

	memset(text, '[', sizeof(text) - 1);
	cr_assert_eq(parse(text), -EINVAL);
	memset(text, '{', sizeof(text) - 1);
	cr_assert_eq(parse(text), -EINVAL);
}

Test(config, a_missing_file_is_told_from_a_bad_one)
{
	cr_assert_eq(config_load("/nonexistent/f.yaml", &config, &err), -ENOENT);
	cr_assert_str_eq(err.text, "/nonexistent/f.yaml: No such file or directory");
}

static char *sample(size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	config_print_sample(f);
	(void)fclose(f);
	return text;
}

Test(config, the_sample_in_etc_is_what_the_table_prints)
{
	static char file[CONFIG_FILE_MAX];
	FILE *f = fopen(SOURCE_ROOT "/etc/trunkwatch.yaml", "r");
	size_t len, file_len;
	char *text = sample(&len);

	cr_assert_not_null(f);
	file_len = fread(file, 1, sizeof(file), f);
	(void)fclose(f);
	cr_assert(slice_eq(slice_of(text, len), slice_of(file, file_len)),
	    "run: trunkwatchd --print-config-sample > etc/trunkwatch.yaml");
	free(text);
}

/* In the manual a key stands at the beginning of a line: ".B capture.ports". */
Test(config, the_manual_has_every_key_with_its_default)
{
	static char manual[CONFIG_FILE_MAX];
	FILE *f = fopen(SOURCE_ROOT "/docs/trunkwatch.yaml.5", "r");
	char want[256];

	cr_assert_not_null(f);
	manual[fread(manual, 1, sizeof(manual) - 1, f)] = '\0';
	(void)fclose(f);
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];

		(void)snprintf(want, sizeof(want), "\n.B %s \\fR(default: %.4s",
		    key->path, key->def);
		cr_expect_not_null(strstr(manual, want), "%s", want + 1);
	}
	for (size_t i = 0; i < config_trunk_key_count; i++) {
		(void)snprintf(
		    want, sizeof(want), "\n.B %s\n", config_trunk_keys[i].path);
		cr_expect_not_null(strstr(manual, want), "%s", want + 1);
	}
	for (size_t i = 0; i < config_phrase_key_count; i++) {
		(void)snprintf(
		    want, sizeof(want), "\n.B %s\n", config_phrase_keys[i].path);
		cr_expect_not_null(strstr(manual, want), "%s", want + 1);
	}
	/* What it calls a meaning is one. */
	for (const char *at = strstr(manual, "says_"); at != NULL;
	     at = strstr(at + 1, "says_")) {
		size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz_");

		cr_expect_neq(
		    phrase_meaning(slice_of(at, len)), SIGN_NONE, "%.*s", (int)len, at);
	}
}

/* "#key: value" and "#  - name:" are keys, "# Text" and "#    # text" are not. */
static void uncomment(char *text)
{
	char *to = text;

	for (char *line = text; *line != '\0';) {
		size_t len = strcspn(line, "\n") + 1;
		size_t blanks = strspn(line, " ");
		bool is_key = line[blanks] == '#' &&
			      (line[blanks + 1] != ' ' || line[blanks + 2] == ' ');

		if (is_key) {
			memmove(line + blanks, line + blanks + 1, len - blanks - 1);
			memmove(to, line, len - 1);
			to += len - 1;
		} else {
			memmove(to, line, len);
			to += len;
		}
		line += len;
	}
	*to = '\0';
}

Test(config, the_sample_with_every_key_uncommented_gives_the_defaults)
{
	static struct config want;
	size_t len;
	char *text = sample(&len);

	uncomment(text);
	cr_assert_eq(parse(text), 0, "%s\n%s", err.text, text);
	cr_assert_eq(config.trunks.count, 1);
	cr_assert_str_eq(config.trunks.trunk[0].name, "north");

	config_default(&want);
	memset(&config.trunks, 0, sizeof(config.trunks));
	cr_assert_eq(config.phrases.count, 1);
	cr_assert_str_eq(config.phrases.phrase[0].words, "no active plan");
	cr_assert_eq(config.phrases.phrase[0].code, 403);
	cr_assert_eq(config.phrases.phrase[0].place, PHRASE_IN_STATUS);
	cr_assert_eq(config.phrases.phrase[0].sign, SIGN_SAYS_FUNDS);
	memset(&config.phrases, 0, sizeof(config.phrases));
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];
		const char *next = strstr(text, strrchr(key->path, '.') == NULL
						    ? key->path
						    : strrchr(key->path, '.') + 1);

		cr_assert_not_null(next, "%s is not in the sample", key->path);
	}
	cr_assert_eq(memcmp(&config, &want, sizeof(want)), 0);
	free(text);
}
