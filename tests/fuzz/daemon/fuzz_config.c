/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration is an admin's own, but a typing error must not crash the
 * daemon either. Properties:
 *   - an error is one printable line that begins with the file's name;
 *   - what was accepted is within the table's ranges;
 *   - the same text gives the same result.
 */
#include <stdint.h>
#include <stdlib.h>

#include "config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int ok)
{
	if (!ok)
		abort(); /* not assert(): must hold in release builds too */
}

static void check_error(const struct err *e)
{
	size_t len = strnlen(e->text, sizeof(e->text));

	require(e->code < 0);
	require(len > 2 && len < sizeof(e->text));
	require(memcmp(e->text, "f:", 2) == 0);
	for (size_t i = 0; i < len; i++)
		require(e->text[i] >= ' ' && e->text[i] < 0x7f);
}

static void check_config(const struct config *c)
{
	/* None at all is for the daemon to judge: HEP may be its only source. */
	require(c->interfaces.count <= CONFIG_INTERFACES_MAX);
	require(c->ports.count >= 1 && c->ports.count <= CONFIG_PORTS_MAX);
	for (size_t i = 0; i < c->ports.count; i++) {
		require(c->ports.range[i].first >= 1);
		require(c->ports.range[i].first <= c->ports.range[i].last);
	}
	require(c->local.count <= CONFIG_LOCAL_MAX);
	require(c->trunks.count <= CONFIG_TRUNKS_MAX);
	for (size_t i = 0; i < c->trunks.count; i++)
		require(c->trunks.trunk[i].name[0] != '\0');
	require(c->buffer_bytes >= 1 << 20 && c->buffer_bytes <= 1 << 30);
	require(c->ring_bytes >= 1 << 20 && c->ring_bytes <= 1 << 30);
	require(c->hole_wait_us >= 1000);
	require(strnlen(c->database, sizeof(c->database)) < sizeof(c->database));
	require(c->database[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config config, again;
	struct err e = {0}, e_again = {0};
	/* An exact-size heap copy: ASan then sees the first byte past the end. */
	char *copy = malloc(size > 0 ? size : 1);
	int rc;

	require(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	rc = config_parse(slice_of(copy, size), "f", &config, &e);
	if (rc < 0)
		check_error(&e);
	else
		check_config(&config);
	require(config_parse(slice_of(copy, size), "f", &again, &e_again) == rc);
	require(rc < 0 ? strcmp(e.text, e_again.text) == 0
		       : memcmp(&config, &again, sizeof(config)) == 0);
	free(copy);
	return 0;
}
