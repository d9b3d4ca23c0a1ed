/* SPDX-License-Identifier: BSD-2-Clause */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/usec.h"

enum { LINE_MAX_BYTES = 1024, LINES_PER_MINUTE = 10 };

static struct {
	enum log_level most;
	bool is_journal;
} log_state = {LOG_LEVEL_INFO, false};

/* JOURNAL_STREAM is inherited by whatever a service starts, also with its
 * standard error sent elsewhere; systemd.exec(5) says to compare. */
static bool stderr_is_journal(void)
{
	const char *text = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	if (text == NULL || sscanf(text, "%ju:%ju", &device, &inode) != 2)
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

void log_init(enum log_level most)
{
	log_state.most = most;
	log_state.is_journal = stderr_is_journal();
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	size_t len;
	va_list ap;
	int n;

	if (level > log_state.most)
		return;
	if (log_state.is_journal)
		n = snprintf(line, sizeof(line), "<%d>", (int)level);
	else
		n = snprintf(line, sizeof(line), "trunkwatchd: ");
	len = (size_t)n;

	va_start(ap, fmt);
	n = vsnprintf(line + len, sizeof(line) - len, fmt, ap);
	va_end(ap);
	if (n > 0)
		len += (size_t)n;
	if (len > sizeof(line) - 1)
		len = sizeof(line) - 1; /* cut; the newline takes the NUL's place */

	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	}
	line[len] = '\n';
	n = (int)write(STDERR_FILENO, line, len + 1);
	(void)n; /* nowhere left to say it */
}

const char *log_escape(struct slice s, char *buf, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;

	for (size_t i = 0; i < s.len && used + 4 < size; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c >= ' ' && c < 0x7f && c != '\\' && c != '"') {
			buf[used++] = (char)c;
			continue;
		}
		buf[used++] = '\\';
		buf[used++] = 'x';
		buf[used++] = hex[c >> 4];
		buf[used++] = hex[c & 15];
	}
	if (size > 0)
		buf[used] = '\0';
	return buf;
}

bool log_allowed(struct log_limit *limit, int64_t now_us)
{
	if (limit->count == 0 || usec_since(limit->since_us, now_us) >= USEC_PER_MIN) {
		if (limit->left_out > 0)
			log_warning("left out lines=%u", limit->left_out);
		*limit = (struct log_limit){.since_us = now_us};
	}
	limit->count++;
	if (limit->count <= LINES_PER_MINUTE)
		return true;
	limit->left_out++;
	return false;
}
