/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config_value - one scalar of the configuration (or of the command line) to a
 * value, and the table of keys.
 *
 * Errors     -EINVAL; *err says what was expected, without file and line.
 * Threads    No state.
 */
#ifndef DAEMON_CONFIG_VALUE_H
#define DAEMON_CONFIG_VALUE_H

#include "config.h"

enum config_type {
	CONFIG_BOOL = 0,   /* bool */
	CONFIG_NUMBER,     /* uint32_t */
	CONFIG_NUMBER16,   /* uint16_t */
	CONFIG_SIZE,       /* uint64_t: bytes, KiB, MiB, GiB */
	CONFIG_DURATION,   /* int64_t: ms, s, m, h, d */
	CONFIG_STRING,     /* char[max + 1] */
	CONFIG_ENDPOINT,   /* struct endpoint: 127.0.0.1:9060, [::1]:9060 */
	CONFIG_NAMES,      /* struct config_names */
	CONFIG_PATHS,      /* struct config_paths: absolute */
	CONFIG_PORTS,      /* struct config_ports: 5060, 5060-5080 */
	CONFIG_NETS,       /* struct config_nets */
	CONFIG_TRUNK_NETS, /* of one struct trunk_config */
	CONFIG_TRUNKS,     /* struct config_trunks */
	CONFIG_PHRASES,    /* struct config_phrases */
	CONFIG_WORDS,      /* char[max + 1], of one struct phrase */
	CONFIG_PLACE,      /* uint8_t: enum phrase_place */
	CONFIG_MEANING,    /* uint8_t: enum sign */
};

struct config_key {
	const char *path; /* "capture.ports" */
	enum config_type type;
	size_t offset; /* into struct config, trunk_config or phrase */
	uint64_t min, max;
	const char *def;
	const char *help;
};

extern const struct config_key config_keys[];
extern const size_t config_key_count;
extern const struct config_key config_trunk_keys[];
extern const size_t config_trunk_key_count;
extern const struct config_key config_phrase_keys[];
extern const size_t config_phrase_key_count;

bool config_type_is_list(enum config_type t);
/* Its entries are mappings, not scalars. */
bool config_type_is_table(enum config_type t);

/* For a message: "a size such as 16MiB". */
const char *config_type_help(enum config_type t);

/* Sets a scalar, or adds one entry to a list. record: what key->offset counts from. */
int config_value_set(
    const struct config_key *key, struct slice text, void *record, struct err *e);

/* How many entries a list has; record as above. Not for tables. */
size_t config_list_count(const struct config_key *key, const void *record);

/* "5060", "5060-5080" */
int config_port_range(struct slice text, struct port_range *out, struct err *e);

/* The key or section nearest to what somebody wrote; false: none is near. */
enum { CONFIG_NEAREST_MAX = 64 };
bool config_nearest(const struct config_key *keys, size_t count, const char *path,
    char out[CONFIG_NEAREST_MAX]);

#endif
