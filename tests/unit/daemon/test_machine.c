/* SPDX-License-Identifier: BSD-2-Clause */
/* What touches the machine: privileges, own addresses, the log. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/usec.h"
#include "local_addr.h"
#include "log.h"
#include "privdrop.h"

static struct err err;

/* Privileges cannot be taken back, so each case has a process of its own. */
static int in_child(int (*body)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(body());
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int become_nobody(void)
{
	struct privdrop p;

	if (privdrop_find("nobody", true, &p, &err) < 0 || privdrop_do(&p, &err) < 0)
		return 1;
	if (getuid() == 0 || geteuid() == 0 || getgid() == 0 || getegid() == 0)
		return 2;
	if (socket(AF_PACKET, SOCK_RAW, 0) >= 0)
		return 3;
	if (setuid(0) == 0)
		return 4;
	return privdrop_verify(&p, &err) == 0 ? 0 : 5;
}

Test(machine, root_becomes_somebody_without_any_privilege)
{
	if (getuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(in_child(become_nobody), 0);
}

static int keep_root_for_a_file(void)
{
	struct privdrop p;

	if (privdrop_find(NULL, false, &p, &err) < 0 || privdrop_do(&p, &err) < 0)
		return 1;
	if (socket(AF_PACKET, SOCK_RAW, 0) >= 0)
		return 2;
	/* Only CAP_DAC_OVERRIDE or CAP_CHOWN would let us. */
	return chown("/", 1, 1) == 0 ? 3 : 0;
}

Test(machine, root_that_reads_a_file_keeps_no_capability)
{
	if (getuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(in_child(keep_root_for_a_file), 0);
}

/* The check must be able to fail: here nothing was dropped. */
Test(machine, verifying_notices_what_is_left)
{
	const struct privdrop p = {
	    .user = "nobody", .uid = 65534, .changes_user = true};

	if (getuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(privdrop_verify(&p, &err), -EPERM);
}

Test(machine, a_live_capture_as_root_needs_a_user)
{
	struct privdrop p;

	if (getuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(privdrop_find("no-such-user", true, &p, &err), -ENOENT);
	cr_assert_not_null(strstr(err.text, "no user 'no-such-user'"));
	cr_assert_eq(privdrop_find("root", true, &p, &err), -EINVAL);
	cr_assert_eq(privdrop_find("root", false, &p, &err), -EINVAL);
}

static int find_as_nobody(void)
{
	struct privdrop p;

	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 1;
	if (privdrop_find(NULL, true, &p, &err) != 0 || p.changes_user)
		return 2;
	if (privdrop_find("root", true, &p, &err) >= 0)
		return 3;
	if (privdrop_find("nobody", true, &p, &err) != 0)
		return 4;
	return privdrop_do(&p, &err) == 0 ? 0 : 5;
}

Test(machine, an_ordinary_user_stays_who_he_is)
{
	if (getuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(in_child(find_as_nobody), 0);
}

Test(machine, the_loopback_address_is_ours)
{
	struct ip_net nets[256];
	size_t count, found = 0;

	cr_assert_eq(local_addr_list(nets, 256, &count, &err), 0);
	for (size_t i = 0; i < count && i < 256; i++) {
		found += ip_addr_is_loopback(&nets[i].ip) && nets[i].ip.family == 4;
		for (size_t j = 0; j < i; j++)
			cr_assert_not(ip_addr_eq(&nets[i].ip, &nets[j].ip));
	}
	cr_assert_eq(found, 1);
}

Test(machine, addresses_that_do_not_fit_are_counted)
{
	struct ip_net nets[1];
	size_t count, all;

	cr_assert_eq(local_addr_list(nets, 0, &all, &err), 0);
	cr_assert_eq(local_addr_list(nets, 1, &count, &err), 0);
	cr_assert_geq(all, 1);
	cr_assert_geq(count, 1);
}

Test(machine, hostile_bytes_are_escaped)
{
	char buf[40];

	cr_assert_str_eq(log_escape(SLICE("a\x1b[2J\n\"\\\xff"), buf, sizeof(buf)),
	    "a\\x1b[2J\\x0a\\x22\\x5c\\xff");
	cr_assert_str_eq(log_escape(SLICE("abcdefgh"), buf, 8), "abcd");
	cr_assert_str_eq(log_escape(SLICE("\n\n\n"), buf, 8), "\\x0a");
	cr_assert_str_eq(log_escape(SLICE_NONE, buf, 8), "");
}

static int log_to_pipe(void)
{
	static const char want[] = "trunkwatchd: two?lines\n";
	char got[64] = "";
	int fds[2];

	if (pipe(fds) != 0 || dup2(fds[1], STDERR_FILENO) < 0)
		return 1;
	log_init(LOG_LEVEL_INFO);
	log_debug("not this");
	log_info("two%slines", "\n");
	if (read(fds[0], got, sizeof(got) - 1) != (ssize_t)sizeof(want) - 1)
		return 2;
	return strcmp(got, want) == 0 ? 0 : 3;
}

Test(machine, a_line_stays_one_line)
{
	cr_assert_eq(in_child(log_to_pipe), 0);
}

static int log_to_journal(void)
{
	static const char want[] = "<4>careful\n";
	char got[64] = "", name[64];
	struct stat st;
	int fds[2];

	if (pipe(fds) != 0 || dup2(fds[1], STDERR_FILENO) < 0 ||
	    fstat(STDERR_FILENO, &st) != 0)
		return 1;
	(void)snprintf(
	    name, sizeof(name), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	(void)setenv("JOURNAL_STREAM", name, 1);
	log_init(LOG_LEVEL_INFO);
	log_warning("careful");
	if (read(fds[0], got, sizeof(got) - 1) != (ssize_t)sizeof(want) - 1)
		return 2;
	return strcmp(got, want) == 0 ? 0 : 3;
}

Test(machine, the_journal_is_told_the_level)
{
	cr_assert_eq(in_child(log_to_journal), 0);
}

Test(machine, a_flood_of_lines_is_cut)
{
	struct log_limit limit = {0};
	unsigned written = 0;

	log_init(LOG_LEVEL_ERROR);
	for (int64_t t = 1; t <= 1000; t++)
		written += log_allowed(&limit, t);
	cr_assert_eq(written, 10);
	cr_assert_eq(limit.left_out, 990);
	cr_assert(log_allowed(&limit, 61 * USEC_PER_SEC));
	cr_assert_eq(limit.left_out, 0);
}
