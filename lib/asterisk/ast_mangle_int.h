/* SPDX-License-Identifier: BSD-2-Clause */
/* ast_mangle_int - questions about a secret's text, for ast_secrets.c and ast_lint.c.
 */
#ifndef ASTERISK_AST_MANGLE_INT_H
#define ASTERISK_AST_MANGLE_INT_H

#include "asterisk/ast_secrets.h"

/* In double quotes, which Asterisk keeps. */
bool ast_text_is_quoted(struct slice s);

/* What stands behind the ';' belongs to the secret as far as one can see: no blank
 * before it. (A ';' after a blank is taken for a comment.) */
bool ast_text_is_longer(const struct ast_secret_text *s);

/* The secret its author meant: whole, without quotes. */
struct slice ast_text_meant(const struct ast_secret_text *s);

#endif
