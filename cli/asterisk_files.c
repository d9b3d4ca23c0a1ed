/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk_files.h"

#include <errno.h>
#include <stdlib.h>

#include "asterisk/ast_files.h"

int asterisk_files_read(const struct options *o, struct asterisk_files *out)
{
	struct err e;
	int rc;

	if (o->asterisk_count > AST_CONFIGS_MAX)
		return cli_fail(EXIT_USAGE, "--asterisk-config: more than %d files",
		    AST_CONFIGS_MAX);
	rc = ast_files_read(o->asterisk, o->asterisk_count, &out->trunks, NULL, &e);
	if (rc < 0)
		return cli_fail(rc == -ENOMEM ? EXIT_SOFTWARE : EXIT_NO_INPUT,
		    "--asterisk-config: %s", e.text);
	out->count = ast_trunks_to_config(&out->trunks, NULL, 0);
	if (out->count == 0)
		return EXIT_OK;
	out->rows = calloc(out->count, sizeof(out->rows[0]));
	if (out->rows == NULL)
		return cli_fail(EXIT_SOFTWARE, "out of memory");
	(void)ast_trunks_to_config(&out->trunks, out->rows, out->count);
	return EXIT_OK;
}

void asterisk_files_fini(struct asterisk_files *a)
{
	ast_trunks_fini(&a->trunks);
	free(a->rows);
	*a = (struct asterisk_files){0};
}
