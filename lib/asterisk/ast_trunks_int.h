/* SPDX-License-Identifier: BSD-2-Clause */
/* ast_trunks_int - what the readers of sip.conf and pjsip.conf share. */
#ifndef ASTERISK_AST_TRUNKS_INT_H
#define ASTERISK_AST_TRUNKS_INT_H

#include "asterisk/ast_trunks.h"

/* NULL: out of memory. Not in a list yet. */
struct ast_trunk *ast_trunk_new(struct ast_trunks *t, const struct ast_config *c,
    const struct ast_section *s, enum ast_protocol protocol);
/* Into .clients or .trunks, as .is_dynamic says; false when there is no room. */
bool ast_trunk_list(struct ast_trunks *t, struct ast_trunk *k);

/* trunk NULL: a global one. */
struct ast_secret *ast_secret_add(struct ast_trunks *t, struct ast_trunk *k,
    const struct ast_config *c, const struct ast_value *v);

/* "host", "host:port", "[v6]:port", "v6"; a comma list of them. The first becomes
 * the trunk's host if it has none. Literals are nets as well. */
void ast_trunk_add_hosts(struct ast_trunks *t, struct ast_trunk *k, struct slice list);
/* A comma list of addresses, nets ("a/24", "a/255.255.255.0") and names. */
void ast_trunk_add_nets(struct ast_trunks *t, struct ast_trunk *k, struct slice list);
/* "sip:user@host:port;params", quoted or in <>. */
void ast_trunk_add_uri(struct ast_trunks *t, struct ast_trunk *k, struct slice uri);

bool ast_is_true(struct slice s);
struct slice ast_get(const struct ast_section *s, struct slice name);
/* The next item of a comma list, stripped. False at its end. */
bool ast_list_take(struct slice *rest, struct slice *item);

bool ast_read_sip(struct ast_trunks *t, const struct ast_config *c);
bool ast_read_pjsip(struct ast_trunks *t, const struct ast_config *c);

#endif
