/* SPDX-License-Identifier: BSD-2-Clause */
/* phrases - what a provider's own words hint at; the table is phrases.def. */
#ifndef DIAGNOSE_PHRASES_H
#define DIAGNOSE_PHRASES_H

#include "diagnose/signs.h"

/* Adds the sign of each row whose words all occur in the final answer's phrase,
 * Reason, Warning or X- header. */
void phrases_read(const struct facts *f, struct signs *signs);

#endif
