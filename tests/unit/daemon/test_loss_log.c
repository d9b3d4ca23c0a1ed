/* SPDX-License-Identifier: BSD-2-Clause */
/* When the journal hears of losses: what stands on standard error is counted. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/usec.h"
#include "log.h"
#include "loss_log.h"

static struct loss_log losses;
static int from_log;

static void listen_to_log(void)
{
	int fds[2];

	cr_assert_eq(pipe2(fds, O_NONBLOCK), 0);
	cr_assert_geq(dup2(fds[1], STDERR_FILENO), 0);
	from_log = fds[0];
	log_init(LOG_LEVEL_INFO);
}

/* What was written since the last call. */
static const char *heard(void)
{
	static char text[4096];
	ssize_t n = read(from_log, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static bool look(uint64_t kernel, uint64_t ring, uint64_t rows, int64_t at_us)
{
	const struct loss_counts now = {kernel, ring, rows};

	return loss_log_look(&losses, &now, at_us);
}

TestSuite(loss_log, .init = listen_to_log);

Test(loss_log, a_loss_is_told_at_once_and_its_end_too)
{
	cr_expect_not(look(0, 0, 0, 1));
	cr_expect_str_eq(heard(), "");
	cr_expect(look(7, 0, 0, USEC_PER_SEC));
	cr_expect_not_null(strstr(heard(), "kernel=7 ring=0 rows=0"));
	cr_expect(look(9, 3, 0, 2 * USEC_PER_SEC));
	cr_expect_str_eq(heard(), "", "one line a minute");
	cr_expect_not(look(9, 3, 0, 2 * USEC_PER_SEC + LOSS_CALM_US - 1));
	cr_expect_str_eq(heard(), "");
	cr_expect_not(look(9, 3, 0, 2 * USEC_PER_SEC + LOSS_CALM_US));
	cr_expect_not_null(strstr(heard(), "lost: kernel=9 ring=3 rows=0 seconds=1.0"));
	cr_expect_not(look(9, 3, 0, 60 * USEC_PER_SEC));
	cr_expect_str_eq(heard(), "");
}

Test(loss_log, the_next_loss_is_counted_by_itself)
{
	cr_expect(look(100, 0, 0, USEC_PER_SEC));
	cr_expect_not(look(100, 0, 0, 10 * USEC_PER_SEC));
	(void)heard();
	cr_expect(look(101, 0, 0, 20 * USEC_PER_SEC));
	cr_expect_not_null(strstr(heard(), "kernel=1 ring=0"));
}

Test(loss_log, a_loss_without_an_end_is_told_once_a_minute)
{
	unsigned lines = 0;

	for (uint64_t i = 1; i <= 4 * 180; i++) { /* three minutes */
		cr_expect(look(i, 0, 0, (int64_t)i * USEC_PER_SEC / 4));
		lines += heard()[0] != '\0';
	}
	cr_expect_eq(lines, 3);
}

Test(loss_log, findings_that_find_no_room_are_a_loss)
{
	cr_expect(look(0, 0, 5, USEC_PER_SEC));
	cr_expect_not_null(strstr(heard(), "rows=5"));
}
