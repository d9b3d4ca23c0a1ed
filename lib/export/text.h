/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text - wire bytes made fit for a terminal, and for a spreadsheet.
 *
 * Attitude   Every byte from the wire is hostile on every output (design.md 3.9).
 *            What could move a cursor, hide or turn text becomes visible:
 *            bytes as \x1b, code points as \u202e or \U000e0041, a backslash
 *            as \\, so that what is shown can be told from what was sent.
 * Threads    No state.
 * Cost       One pass; printable ASCII is copied in runs.
 */
#ifndef EXPORT_TEXT_H
#define EXPORT_TEXT_H

#include "export/out.h"

enum text_charset {
	TEXT_ASCII = 0, /* the terminal's locale knows no UTF-8: all else is escaped */
	TEXT_UTF8,
};

/* SLICE_NONE writes nothing. */
void text_escape(struct out *o, struct slice s, enum text_charset charset);

/*
 * One CSV field (RFC 4180), without the separator. Escaped like text_escape(), but
 * for the backslash, so that a row is always one line. A field that a spreadsheet
 * would take for a formula (= + - @ in front) gets an apostrophe.
 */
void text_csv_field(struct out *o, struct slice s);

#endif
