/* SPDX-License-Identifier: BSD-2-Clause */
#include "secret_input.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "cmd.h"

static int page_open(struct secret_input *s)
{
	long size = sysconf(_SC_PAGESIZE);
	void *page;

	if (size < SECRET_INPUT_MAX + 1)
		size = 2 * SECRET_INPUT_MAX;
	page = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return cli_fail(EXIT_SOFTWARE, "out of memory");
	s->page = page;
	s->page_bytes = (size_t)size;
	(void)madvise(page, s->page_bytes, MADV_DONTDUMP);
	(void)madvise(page, s->page_bytes, MADV_WIPEONFORK);
	if (mlock(page, s->page_bytes) != 0)
		return cli_fail(EXIT_SOFTWARE,
		    "cannot lock memory for the secret: %s; see 'ulimit -l'",
		    strerror(errno));
	return EXIT_OK;
}

/* Byte for byte up to the line's end: what follows is not ours to read. */
static int read_line(struct secret_input *s)
{
	size_t used = 0;

	for (;;) {
		ssize_t got = read(STDIN_FILENO, s->page + used, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return cli_fail(EXIT_NO_INPUT,
			    "--secret-stdin: cannot read standard input: %s",
			    strerror(errno));
		if (got == 0 && used == 0)
			return cli_fail(EXIT_NO_INPUT,
			    "--secret-stdin: standard input is empty; write the "
			    "secret on one line");
		if (got == 0 || s->page[used] == '\n')
			break;
		if (++used > SECRET_INPUT_MAX)
			return cli_fail(EXIT_DATA,
			    "--secret-stdin: a line of more than %d bytes",
			    SECRET_INPUT_MAX);
	}
	if (used > 0 && s->page[used - 1] == '\r')
		used--;
	s->secret = slice_of(s->page, used);
	return EXIT_OK;
}

/* What would end or stop us while the terminal has no echo. */
static const int enders[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { ENDERS = sizeof(enders) / sizeof(enders[0]) };

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

/*
 * A whole line is there, or a signal came. The signals are blocked but for this wait,
 * so that none is lost between the look and the sleep.
 */
static void wait_for_line(const sigset_t *open_mask)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

	while (caught == 0 && ppoll(&in, 1, NULL, open_mask) < 0 && errno == EINTR)
		continue;
}

static int ask_silently(struct secret_input *s, const sigset_t *open_mask)
{
	struct termios with_echo, silent;
	int status = EXIT_NO_INPUT;

	if (tcgetattr(STDIN_FILENO, &with_echo) != 0)
		return read_line(s);
	silent = with_echo;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	silent.c_lflag |= ECHONL;
	(void)fputs("Secret: ", stderr);
	(void)fflush(stderr);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	wait_for_line(open_mask);
	if (caught == 0)
		status = read_line(s);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &with_echo);
	return status;
}

/* A signal is obeyed once the terminal has its echo again. */
static int ask(struct secret_input *s)
{
	struct sigaction ours = {.sa_handler = on_signal};
	struct sigaction before[ENDERS];
	sigset_t mask, open_mask;
	int status;

	(void)sigemptyset(&mask);
	for (size_t i = 0; i < ENDERS; i++)
		(void)sigaddset(&mask, enders[i]);
	(void)sigprocmask(SIG_BLOCK, &mask, &open_mask);
	for (size_t i = 0; i < ENDERS; i++)
		(void)sigaction(enders[i], &ours, &before[i]);
	status = ask_silently(s, &open_mask);
	for (size_t i = 0; i < ENDERS; i++)
		(void)sigaction(enders[i], &before[i], NULL);
	if (caught != 0) {
		secret_input_close(s);
		(void)fputc('\n', stderr);
		(void)raise(caught);
	}
	(void)sigprocmask(SIG_SETMASK, &open_mask, NULL);
	return status;
}

int secret_input_read(struct secret_input *s)
{
	int status = page_open(s);

	if (status != EXIT_OK)
		return status;
	return isatty(STDIN_FILENO) ? ask(s) : read_line(s);
}

void secret_input_close(struct secret_input *s)
{
	if (s->page == NULL)
		return;
	explicit_bzero(s->page, s->page_bytes);
	(void)munlock(s->page, s->page_bytes);
	(void)munmap(s->page, s->page_bytes);
	*s = (struct secret_input){0};
}
