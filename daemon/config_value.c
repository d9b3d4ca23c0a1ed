/* SPDX-License-Identifier: BSD-2-Clause */
#include "config_value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/usec.h"
#include "diagnose/phrases.h"

#define CONFIG_KEY(path, type, field, min, max, def, help) \
	{path, CONFIG_##type, offsetof(struct config, field), min, max, def, help},
const struct config_key config_keys[] = {
#include "config_keys.def"
};
const size_t config_key_count = sizeof(config_keys) / sizeof(config_keys[0]);

#define CONFIG_TRUNK_KEY(path, type, field, min, max, def, help)                   \
	{path, CONFIG_##type, offsetof(struct trunk_config, field), min, max, def, \
	    help},
const struct config_key config_trunk_keys[] = {
#include "config_keys.def"
};
const size_t config_trunk_key_count =
    sizeof(config_trunk_keys) / sizeof(config_trunk_keys[0]);

#define CONFIG_PHRASE_KEY(path, type, field, min, max, def, help) \
	{path, CONFIG_##type, offsetof(struct phrase, field), min, max, def, help},
const struct config_key config_phrase_keys[] = {
#include "config_keys.def"
};
const size_t config_phrase_key_count =
    sizeof(config_phrase_keys) / sizeof(config_phrase_keys[0]);

struct unit {
	const char *name;
	uint64_t factor;
};

bool config_type_is_list(enum config_type t)
{
	return t == CONFIG_NAMES || t == CONFIG_PATHS || t == CONFIG_PORTS ||
	       t == CONFIG_NETS || t == CONFIG_TRUNK_NETS || config_type_is_table(t);
}

bool config_type_is_table(enum config_type t)
{
	return t == CONFIG_TRUNKS || t == CONFIG_PHRASES;
}

const char *config_type_help(enum config_type t)
{
	switch (t) {
	case CONFIG_BOOL:
		return "true or false";
	case CONFIG_NUMBER:
	case CONFIG_NUMBER16:
		return "a number";
	case CONFIG_SIZE:
		return "a size such as 16MiB";
	case CONFIG_DURATION:
		return "a duration such as 30s";
	case CONFIG_STRING:
	case CONFIG_WORDS:
		return "a text";
	case CONFIG_PLACE:
		return "phrase, reason, warning or extra";
	case CONFIG_MEANING:
		return "one of says_credentials, says_address, says_funds, ... "
		       "(trunkwatch.yaml(5))";
	case CONFIG_PHRASES:
		return "a list of phrases";
	case CONFIG_ENDPOINT:
		return "an address and a port such as 127.0.0.1:9060 or [::1]:9060";
	case CONFIG_NAMES:
		return "a list of names";
	case CONFIG_PATHS:
		return "a list of paths such as [/etc/asterisk/sip.conf]";
	case CONFIG_PORTS:
		return "a list of ports such as [5060-5061, 5080]";
	case CONFIG_NETS:
	case CONFIG_TRUNK_NETS:
		return "a list of addresses such as [192.0.2.1, 198.51.100.0/24]";
	case CONFIG_TRUNKS:
		return "a list of trunks";
	}
	return "?";
}

static int wrong_type(const struct config_key *key, struct err *e)
{
	return err_set(
	    e, -EINVAL, "%s must be %s", key->path, config_type_help(key->type));
}

/* Digits at the front, then the unit that is left in *text. */
static bool take_number(struct slice *text, uint64_t *out)
{
	uint64_t n = 0;
	size_t digits = 0;

	while (digits < text->len && text->ptr[digits] >= '0' &&
	       text->ptr[digits] <= '9') {
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(text->ptr[digits] - '0'), &n))
			return false;
		digits++;
	}
	*text = slice_of(text->ptr + digits, text->len - digits);
	*out = n;
	return digits > 0;
}

static const struct unit size_units[] = {{"", 1}, {"B", 1}, {"KiB", UINT64_C(1) << 10},
    {"MiB", UINT64_C(1) << 20}, {"GiB", UINT64_C(1) << 30}, {"TiB", UINT64_C(1) << 40},
    {NULL, 0}};

/* No bare numbers: whoever writes 30 may mean seconds or milliseconds. */
static const struct unit duration_units[] = {{"ms", USEC_PER_MSEC}, {"s", USEC_PER_SEC},
    {"m", USEC_PER_MIN}, {"h", 60 * USEC_PER_MIN},
    {"d", INT64_C(24) * 60 * USEC_PER_MIN}, {NULL, 0}};

/* A number and one of the units (a NULL name ends them); "" may be one. */
static bool parse_unit(struct slice text, const struct unit *units, uint64_t *out)
{
	uint64_t n;

	if (!take_number(&text, &n))
		return false;
	text = slice_trim(text);
	for (; units->name != NULL; units++) {
		if (slice_eq(text, slice_of(units->name, strlen(units->name))))
			return !__builtin_mul_overflow(n, units->factor, out);
	}
	return false;
}

/* "16MiB": in the largest unit that divides it. Units are in rising order. */
static void show(char out[32], uint64_t n, const struct unit *units)
{
	const struct unit *best = units;

	for (; units->name != NULL; units++) {
		if (n >= units->factor && n % units->factor == 0)
			best = units;
	}
	(void)snprintf(out, 32, "%ju%s", (uintmax_t)(n / best->factor), best->name);
}

static int out_of_range(const struct config_key *key, struct err *e)
{
	static const struct unit plain[] = {{"", 1}, {NULL, 0}};
	const struct unit *units = plain;
	const char *what = "";
	char min[32], max[32];

	if (key->type == CONFIG_SIZE)
		units = size_units;
	else if (key->type == CONFIG_DURATION)
		units = duration_units;
	else if (key->type == CONFIG_STRING || key->type == CONFIG_WORDS)
		what = " characters long";
	show(min, key->min, units);
	show(max, key->max, units);
	return err_set(e, -EINVAL, "%s must be %s to %s%s", key->path, min, max, what);
}

static int set_bool(
    const struct config_key *key, struct slice text, bool *out, struct err *e)
{
	if (slice_eq(text, SLICE("true")) || slice_eq(text, SLICE("yes")))
		*out = true;
	else if (slice_eq(text, SLICE("false")) || slice_eq(text, SLICE("no")))
		*out = false;
	else
		return wrong_type(key, e);
	return 0;
}

static int parse_ranged(
    const struct config_key *key, struct slice text, uint64_t *out, struct err *e)
{
	bool is_good;

	if (key->type == CONFIG_SIZE)
		is_good = parse_unit(text, size_units, out);
	else if (key->type == CONFIG_DURATION)
		is_good = parse_unit(text, duration_units, out);
	else
		is_good = take_number(&text, out) && text.len == 0;
	if (!is_good)
		return wrong_type(key, e);
	if (*out < key->min || *out > key->max)
		return out_of_range(key, e);
	return 0;
}

/* Control characters would break every line the value is printed in. */
static bool is_plain_text(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
			return false;
	}
	return true;
}

static int set_text(const struct config_key *key, struct slice text, char *out,
    size_t most, struct err *e)
{
	if (!is_plain_text(text))
		return err_set(e, -EINVAL, "%s holds control characters", key->path);
	if (text.len > most)
		return key->type == CONFIG_STRING || key->type == CONFIG_WORDS
			   ? out_of_range(key, e)
			   : err_set(e, -EINVAL,
				 "%s: a name is longer than %zu characters", key->path,
				 most);
	memcpy(out, text.ptr, text.len);
	out[text.len] = '\0';
	return 0;
}

static int set_words(
    const struct config_key *key, struct slice text, char *out, struct err *e)
{
	if (!phrase_has_words(text))
		return err_set(
		    e, -EINVAL, "%s holds no letter and no digit", key->path);
	return set_text(key, text, out, key->max, e);
}

static int set_place(
    const struct config_key *key, struct slice text, uint8_t *out, struct err *e)
{
	static const struct {
		const char *name;
		enum phrase_place place;
	} places[] = {{"phrase", PHRASE_IN_STATUS}, {"reason", PHRASE_IN_REASON},
	    {"warning", PHRASE_IN_WARNING}, {"extra", PHRASE_IN_EXTRA}};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (slice_eq(text, slice_of(places[i].name, strlen(places[i].name)))) {
			*out = (uint8_t)places[i].place;
			return 0;
		}
	}
	return wrong_type(key, e);
}

static int set_meaning(
    const struct config_key *key, struct slice text, uint8_t *out, struct err *e)
{
	*out = (uint8_t)phrase_meaning(text);
	return *out == SIGN_NONE ? wrong_type(key, e) : 0;
}

/* "192.0.2.1:9060", "[2001:db8::1]:9060"; empty: none. */
static int set_endpoint(const struct config_key *key, struct slice text,
    struct endpoint *out, struct err *e)
{
	const char *colon = text.len == 0 ? NULL : memrchr(text.ptr, ':', text.len);
	struct endpoint at = {0};
	struct slice ip, port;
	uint32_t n;

	if (text.len == 0) {
		*out = at;
		return 0;
	}
	if (colon == NULL)
		return wrong_type(key, e);
	ip = slice_of(text.ptr, (size_t)(colon - text.ptr));
	port = slice_of(colon + 1, text.len - ip.len - 1);
	if (!ip_addr_parse(ip, &at.ip) || !slice_to_u32(port, UINT16_MAX, &n) || n == 0)
		return wrong_type(key, e);
	/* "::1:9060" may be an address without a port. */
	if (at.ip.family == 6 && ip.ptr[0] != '[')
		return wrong_type(key, e);
	at.port = (uint16_t)n;
	*out = at;
	return 0;
}

int config_port_range(struct slice text, struct port_range *out, struct err *e)
{
	struct slice first = text, last = text;
	uint32_t from, to;

	if (slice_take_until(&last, '-', &first)) {
		first = slice_trim(first);
		last = slice_trim(last);
	}
	if (!slice_to_u32(first, UINT16_MAX, &from) ||
	    !slice_to_u32(last, UINT16_MAX, &to) || from == 0 || to < from)
		return err_set(e, -EINVAL,
		    "a port is 1 to 65535, a range is two of them with the smaller first: "
		    "5060-5061");
	*out = (struct port_range){(uint16_t)from, (uint16_t)to};
	return 0;
}

static int add_port(struct slice text, struct config_ports *ports, struct err *e)
{
	int rc = config_port_range(text, &ports->range[ports->count], e);

	if (rc == 0)
		ports->count++;
	return rc;
}

static int parse_net(
    const struct config_key *key, struct slice text, struct ip_net *out, struct err *e)
{
	if (!ip_net_parse(text, out))
		return err_set(e, -EINVAL,
		    "%s: not an address or network such as 192.0.2.1 or 2001:db8::/32",
		    key->path);
	return 0;
}

static int add_name(const struct config_key *key, struct slice text,
    struct config_names *names, struct err *e)
{
	int rc;

	if (text.len == 0)
		return err_set(e, -EINVAL, "%s: a name is empty", key->path);
	rc = set_text(key, text, names->name[names->count], CONFIG_NAME_MAX - 1, e);
	names->count += rc == 0;
	return rc;
}

/* Whoever starts the daemon, it stands in another folder. */
static int add_path(const struct config_key *key, struct slice text,
    struct config_paths *paths, struct err *e)
{
	int rc;

	if (text.len == 0 || text.ptr[0] != '/')
		return err_set(e, -EINVAL, "%s: a path begins with a slash", key->path);
	rc = set_text(key, text, paths->path[paths->count], CONFIG_PATH_MAX - 1, e);
	paths->count += rc == 0;
	return rc;
}

/* There is room: config_list_count() was asked. */
static int add_to_list(
    const struct config_key *key, struct slice text, void *record, struct err *e)
{
	void *field = (char *)record + key->offset;
	struct config_nets *nets = field;
	struct trunk_config *trunk = record;
	int rc;

	if (key->type == CONFIG_PORTS)
		return add_port(text, field, e);
	if (key->type == CONFIG_NAMES)
		return add_name(key, text, field, e);
	if (key->type == CONFIG_PATHS)
		return add_path(key, text, field, e);
	if (key->type == CONFIG_NETS) {
		rc = parse_net(key, text, &nets->net[nets->count], e);
		nets->count += rc == 0;
		return rc;
	}
	rc = parse_net(key, text, &trunk->nets[trunk->net_count], e);
	trunk->net_count = (uint8_t)(trunk->net_count + (rc == 0));
	return rc;
}

size_t config_list_count(const struct config_key *key, const void *record)
{
	const void *field = (const char *)record + key->offset;

	if (key->type == CONFIG_TRUNK_NETS)
		return ((const struct trunk_config *)record)->net_count;
	/* The lists of struct config all begin with their count. */
	return *(const size_t *)field;
}

int config_value_set(
    const struct config_key *key, struct slice text, void *record, struct err *e)
{
	void *field = (char *)record + key->offset;
	uint64_t n = 0;
	int rc;

	if (config_type_is_list(key->type)) {
		if (config_list_count(key, record) >= key->max)
			return err_set(e, -EINVAL, "%s has more than %ju entries",
			    key->path, (uintmax_t)key->max);
		return add_to_list(key, text, record, e);
	}
	if (key->type == CONFIG_BOOL)
		return set_bool(key, text, field, e);
	if (key->type == CONFIG_ENDPOINT)
		return set_endpoint(key, text, field, e);
	if (key->type == CONFIG_WORDS)
		return set_words(key, text, field, e);
	if (key->type == CONFIG_PLACE)
		return set_place(key, text, field, e);
	if (key->type == CONFIG_MEANING)
		return set_meaning(key, text, field, e);
	if (key->type == CONFIG_STRING) {
		if (text.len < key->min)
			return out_of_range(key, e);
		return set_text(key, text, field, key->max, e);
	}

	rc = parse_ranged(key, text, &n, e);
	if (rc < 0)
		return rc;
	if (key->type == CONFIG_NUMBER)
		*(uint32_t *)field = (uint32_t)n;
	else if (key->type == CONFIG_NUMBER16)
		*(uint16_t *)field = (uint16_t)n;
	else if (key->type == CONFIG_SIZE)
		*(uint64_t *)field = n;
	else
		*(int64_t *)field = (int64_t)n;
	return 0;
}
