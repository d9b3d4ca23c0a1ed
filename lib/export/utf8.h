/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * utf8 - code points out of bytes that may be anything (RFC 3629).
 *
 * Attitude   Overlong forms, surrogates and values above U+10FFFF are invalid,
 *            as are cut sequences. An invalid run is taken as Unicode 3.9 advises
 *            ("maximal subpart"), so that every tool shows the same number of
 *            replacement characters.
 * Threads    No state.
 */
#ifndef EXPORT_UTF8_H
#define EXPORT_UTF8_H

#include "base/slice.h"

enum { UTF8_INVALID = -1 };

/* Takes one code point from the front of *rest, which must not be empty, and
 * gives its bytes. UTF8_INVALID: *bytes are no UTF-8. */
int32_t utf8_take(struct slice *rest, struct slice *bytes);

/*
 * Characters that change what a reader sees without being seen: controls (C0,
 * DEL and C1, which some terminals obey), bidi marks, overrides and isolates
 * (CVE-2021-42574), zero-width characters, line separators, tags, fillers.
 */
bool utf8_is_deceptive(int32_t code_point);

#endif
