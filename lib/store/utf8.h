/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * utf8 - whether bytes may be stored as SQL text.
 *
 * SQLite believes what it is told: TEXT that is not UTF-8, or has a NUL inside,
 * makes its functions and everybody's tools do undefined things.
 *
 * Cost       Eight bytes a step while they are ASCII, which SIP nearly always is.
 */
#ifndef STORE_UTF8_H
#define STORE_UTF8_H

#include "base/slice.h"

/* RFC 3629 (no surrogates, nothing overlong, at most U+10FFFF) and no NUL. */
bool utf8_is_text(struct slice s);

#endif
