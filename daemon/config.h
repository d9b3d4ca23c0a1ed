/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config - trunkwatch.yaml to a struct config.
 *
 * In         YAML text (config_parse), or a file (config_load). The keys are
 *            those of config_keys.def; a file may leave out any of them.
 * Out        A struct config with every field set: from the text, else the
 *            default of the table.
 * Ownership  A plain value without pointers.
 * Errors     -EINVAL with one line in *err: "file:line:column: what is wrong",
 *            and the nearest known key for an unknown one. config_load also
 *            gives the negative errno of opening or reading the file.
 * Limits     CONFIG_FILE_MAX bytes; lists as long as their row says. Aliases,
 *            anchors, tags and several documents are refused.
 * Units      Sizes are bytes, durations microseconds.
 * Threads    No state.
 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <stdio.h>

#include "base/err.h"
#include "pipeline/pipeline.h"

enum {
	CONFIG_FILE_MAX = 1 << 20,
	CONFIG_INTERFACES_MAX = 16,
	CONFIG_PORTS_MAX = 32,
	CONFIG_LOCAL_MAX = 64,
	CONFIG_TRUNKS_MAX = 256,
	CONFIG_PHRASES_MAX = 64,
	CONFIG_NAME_MAX = 64,
	CONFIG_FILTER_MAX = 1024,
	CONFIG_PATH_MAX = 1024,
	CONFIG_PATHS_MAX = 8,
};

#define CONFIG_FILE_DEFAULT "/etc/trunkwatch/trunkwatch.yaml"

struct config_names {
	size_t count;
	char name[CONFIG_INTERFACES_MAX][CONFIG_NAME_MAX];
};

struct config_paths {
	size_t count;
	char path[CONFIG_PATHS_MAX][CONFIG_PATH_MAX];
};

struct config_ports {
	size_t count;
	struct port_range range[CONFIG_PORTS_MAX];
};

struct config_nets {
	size_t count;
	struct ip_net net[CONFIG_LOCAL_MAX];
};

struct config_phrases {
	size_t count;
	struct phrase phrase[CONFIG_PHRASES_MAX];
};

struct config_trunks {
	size_t count;
	struct trunk_config trunk[CONFIG_TRUNKS_MAX];
};

struct config {
	struct config_names interfaces;
	struct config_ports ports;
	uint64_t buffer_bytes;
	uint32_t snaplen;
	char filter[CONFIG_FILTER_MAX]; /* empty: built from the ports */
	bool promiscuous;
	uint64_t ring_bytes;
	struct endpoint hep_listen, hep_listen_tcp; /* port 0: not wanted */
	uint32_t hep_connections;
	int64_t hep_idle_us;
	char hep_key[CONFIG_NAME_MAX];
	struct config_nets local;
	char database[CONFIG_PATH_MAX];
	uint64_t queue_bytes;
	struct config_trunks trunks;
	struct config_phrases phrases;
	struct config_paths asterisk_files;
	bool reads_secrets;
	uint32_t attempts_max, dialogs_max, trunks_max, incidents_max;
	uint32_t flows_max, datagrams_max;
	uint64_t flow_bytes, stream_bytes, datagram_bytes;
	int64_t hole_wait_us, fragment_wait_us;
	uint64_t recorder_bytes;
	uint32_t full_per_minute;
	bool keep_credentials;
	int64_t retain_us;
	uint64_t retain_bytes;
	char sensor[CONFIG_NAME_MAX]; /* empty: the host name */
};

void config_default(struct config *c);

/* name stands in front of errors; it is not opened. On error *c is unspecified. */
int config_parse(struct slice text, const char *name, struct config *c, struct err *e);
int config_load(const char *path, struct config *c, struct err *e);

/* The commented sample, etc/trunkwatch.yaml. */
void config_print_sample(FILE *out);

#endif
