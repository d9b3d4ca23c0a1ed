/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ast_trunks - who our box talks to, according to Asterisk's files.
 *
 *   sip.conf            peers with a fixed host, `register =>` lines, auth= lines
 *   pjsip.conf          endpoint, auth, aor, identify and registration, joined
 *   pjsip_wizard.conf   type=wizard
 *
 * What a section is, its type says; the files may be read in any order, and one
 * file may hold all of it. A section whose address is learned from a registration
 * (host=dynamic; an endpoint without a fixed contact) is one of our own phones: it
 * stands in .clients, so that its digests can be told from a trunk's.
 *
 * In         Configurations (ast_config.h), taken over one by one.
 * Out        Lists in file order.
 * Ownership  ast_trunks_add() takes the configuration over, also when it fails;
 *            ast_trunks_fini() frees and wipes them all. Slices point into them.
 * Errors     -ENOMEM.
 * Limits     AST_CONFIGS_MAX configurations, AST_TRUNKS_MAX trunks; per trunk
 *            AST_HOSTS_MAX names and TRUNK_REMOTES_MAX nets. What is more is
 *            counted in .dropped. The rest is bounded as the configuration is.
 * Secrets    Everything but ast_trunks_to_config()'s output is as secret as the
 *            files: compare it, never print it.
 * Threads    No state. Read-only use from any thread.
 */
#ifndef ASTERISK_AST_TRUNKS_H
#define ASTERISK_AST_TRUNKS_H

#include "asterisk/ast_config.h"
#include "base/hash.h"
#include "diagnose/trunk_config.h"

enum { AST_CONFIGS_MAX = 8, AST_HOSTS_MAX = 16, AST_TRUNKS_MAX = 4096 };

enum ast_protocol { AST_CHAN_SIP = 0, AST_PJSIP, AST_PJSIP_WIZARD };
const char *ast_protocol_name(enum ast_protocol p);

enum ast_secret_kind {
	AST_SECRET_PLAIN = 0, /* secret, password */
	AST_SECRET_REMOTE,    /* remotesecret: what chan_sip sends instead of secret */
	AST_SECRET_REALM,     /* auth=...@realm */
	AST_SECRET_REGISTER,  /* register => */
	AST_SECRET_NONE, /* a user name without any: Asterisk answers with an empty one
			  */
};

/* One pair that Asterisk may answer a challenge with. */
struct ast_secret {
	struct ast_secret *next; /* of the same trunk */
	const struct ast_config *config;
	struct slice username;
	struct slice realm;  /* empty: any */
	struct slice secret; /* as Asterisk has it */
	struct slice raw;    /* as people read it in the file */
	enum ast_secret_kind kind;
	bool is_ha1;        /* md5secret, auth_type=md5: MD5(user:realm:password) */
	bool is_overridden; /* by remotesecret or md5secret of the same section */
	bool is_cut;        /* raw holds more than secret because of a ';' */
	uint16_t file;
	uint32_t line;
};

struct ast_trunk {
	struct ast_trunk *next;
	const struct ast_config *config;
	struct slice name;    /* the section; "user@host" for a lone register line */
	struct slice account; /* user name for digests, or empty */
	struct slice host;    /* name or literal, without port; empty: unknown */
	struct slice hosts[AST_HOSTS_MAX]; /* further names: wizard, identify, proxy */
	struct slice fromuser, fromdomain, realm;
	struct slice insecure, qualify; /* chan_sip, as written: "port,invite", "yes" */
	struct slice carrier_id, carrier_name;    /* from ViciDial, or SLICE_NONE */
	struct ast_secret *secrets, *last_secret; /* the effective one first */
	struct ip_net nets[TRUNK_REMOTES_MAX];    /* literal hosts, match=, permit= */
	uint8_t host_count, net_count;
	uint16_t port; /* 0: not said */
	enum ast_protocol protocol;
	bool sends_registration, is_register_only, is_dynamic;
	uint16_t file;
	uint32_t line;
};

struct ast_trunk_list {
	struct ast_trunk *first, *last;
	uint32_t count;
};

struct ast_trunks {
	struct ast_arena arena;
	struct ast_config *configs[AST_CONFIGS_MAX];
	uint32_t config_count;
	struct ast_trunk_list trunks, clients;
	struct ast_secret *globals, *last_global; /* [authentication], any trunk's */
	struct hash_key key;         /* of revisions; the caller's, random */
	uint32_t rejected_registers; /* register lines chan_sip cannot read */
	uint32_t dropped;            /* trunks, hosts and nets beyond the limits */
};

int ast_trunks_add(struct ast_trunks *t, struct ast_config *c, struct err *e);
void ast_trunks_fini(struct ast_trunks *t);

/*
 * Fills out with at most max rows, without secrets; returns how many there are,
 * which may be more than max. A trunk that names several hosts gives several rows
 * of the same name; rows of one name are one trunk.
 */
size_t ast_trunks_to_config(
    const struct ast_trunks *t, struct trunk_config *out, size_t max);

#endif
