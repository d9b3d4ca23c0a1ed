/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * asterisk_files - the files behind --asterisk-config.
 *
 * Includes are looked for beside the file that was named, as Asterisk looks in its
 * own folder; patterns are expanded. An include that cannot be read is noted by
 * lib/asterisk and is no error.
 *
 * Secrets    The bytes are wiped before their memory is given back; what stays is in
 *            struct ast_trunks, and wiped by asterisk_files_fini().
 * Errors     The exit status, after one line on stderr.
 * Limits     AST_BYTES_MAX a file, AST_TRUNKS_MAX rows.
 */
#ifndef CLI_ASTERISK_FILES_H
#define CLI_ASTERISK_FILES_H

#include "asterisk/ast_trunks.h"
#include "cmd.h"

struct asterisk_files {
	struct ast_trunks trunks;
	struct trunk_config *rows;
	size_t count;
};

/* Zeroed before; to be ended with _fini() also when this fails. */
int asterisk_files_read(const struct options *o, struct asterisk_files *out);
void asterisk_files_fini(struct asterisk_files *a);

#endif
