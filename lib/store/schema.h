/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * schema - the SQL of schema/, built into the program by schema/embed.py.
 *
 * Migration n (from 1) brings PRAGMA user_version from n-1 to n. The views are
 * no part of the numbering: whoever writes the file makes them anew.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stddef.h>

/* "TWDB": what `file` and we know our databases by. */
#define SCHEMA_APPLICATION_ID 0x54574442

extern const char *const schema_migrations[]; /* NULL at the end */
extern const char schema_views[];

#endif
