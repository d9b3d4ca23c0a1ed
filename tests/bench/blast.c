/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * blast - a capture file's frames out of an interface, at a rate, for a time.
 *
 *         blast IFACE FILE.pcap RATE SECONDS       RATE 0: as fast as it goes
 *
 * The file is sent over and over; each round has Call-IDs of its own (the first letters
 * of each are replaced), so that a small file is as many calls as are wanted. Prints
 * how many frames went out, and after how long. For namespaces that a test made.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 32, ROUND_LETTERS = 4, RECORD_HEAD = 16, FILE_HEAD = 24 };

struct frame {
	uint8_t *bytes;
	uint32_t len;
	uint32_t call_id; /* where the Call-ID's value begins; 0: none */
};

static void die(const char *what)
{
	(void)fprintf(stderr, "blast: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* The value of Call-ID or i, at least as long as what is replaced; 0: none. */
static uint32_t find_call_id(const uint8_t *b, uint32_t len)
{
	for (uint32_t i = 0; i + 16 < len; i++) {
		uint32_t at;

		if (b[i] != '\n')
			continue;
		if (strncasecmp((const char *)b + i + 1, "Call-ID", 7) == 0)
			at = i + 8;
		else if ((b[i + 1] | 0x20) == 'i' &&
			 (b[i + 2] == ':' || b[i + 2] == ' '))
			at = i + 2;
		else
			continue;
		while (at + ROUND_LETTERS < len && (b[at] == ' ' || b[at] == ':'))
			at++;
		return at + ROUND_LETTERS < len ? at : 0;
	}
	return 0;
}

/* The frames of a little-endian pcap file, in memory that may be written. */
static size_t load(const char *path, struct frame **out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t count = 0, room = 0, at = FILE_HEAD;
	struct frame *frames = NULL;
	uint8_t *file;

	if (fd < 0 || fstat(fd, &st) != 0)
		die(path);
	file = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (file == MAP_FAILED)
		die(path);
	while (at + RECORD_HEAD <= (size_t)st.st_size) {
		uint32_t len;

		memcpy(&len, file + at + 8, sizeof(len));
		at += RECORD_HEAD;
		if (at + len > (size_t)st.st_size)
			break;
		if (count == room) {
			room = room == 0 ? 4096 : room * 2;
			frames = realloc(frames, room * sizeof(*frames));
			if (frames == NULL)
				die("memory");
		}
		frames[count++] =
		    (struct frame){file + at, len, find_call_id(file + at, len)};
		at += len;
	}
	*out = frames;
	return count;
}

static int open_interface(const char *name)
{
	struct sockaddr_ll at = {
	    .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
	const int on = 1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const void *)&at, sizeof(at)) != 0)
		die(name);
	(void)setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
	return fd;
}

static void prepare(
    const struct frame *f, uint64_t round, struct mmsghdr *msg, struct iovec *iov)
{
	for (int i = 0; i < ROUND_LETTERS && f->call_id != 0; i++, round /= 26)
		f->bytes[f->call_id + (uint32_t)i] = (uint8_t)('a' + round % 26);
	*iov = (struct iovec){f->bytes, f->len};
	*msg = (struct mmsghdr){.msg_hdr = {.msg_iov = iov, .msg_iovlen = 1}};
}

static void send_all(int fd, struct mmsghdr *msgs, unsigned count)
{
	unsigned done = 0;

	while (done < count) {
		int n = sendmmsg(fd, msgs + done, count - done, 0);

		if (n < 0 && errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			die("send");
		done += n > 0 ? (unsigned)n : 0;
	}
}

/* Sleeps until the frames sent so far are due. */
static void pace(int64_t start, uint64_t sent, uint64_t rate)
{
	int64_t ahead = start + (int64_t)(sent * 1000000000 / rate) - now_ns();
	struct timespec t = {0, ahead};

	if (ahead > 100000 && ahead < 1000000000)
		(void)nanosleep(&t, NULL);
}

int main(int argc, char **argv)
{
	struct mmsghdr msgs[BATCH];
	struct iovec iovs[BATCH];
	uint64_t sent = 0, rate, round = 0;
	struct frame *frames;
	size_t count, at = 0;
	int64_t start, end;
	int fd;

	if (argc != 5) {
		(void)fprintf(stderr, "usage: blast IFACE FILE.pcap RATE SECONDS\n");
		return 64;
	}
	fd = open_interface(argv[1]);
	count = load(argv[2], &frames);
	rate = strtoull(argv[3], NULL, 10);
	start = now_ns();
	end = start + (int64_t)(strtod(argv[4], NULL) * 1e9);
	while (count > 0 && now_ns() < end) {
		for (unsigned i = 0; i < BATCH; i++) {
			prepare(&frames[at], round, &msgs[i], &iovs[i]);
			at = (at + 1) % count;
			round += at == 0;
		}
		send_all(fd, msgs, BATCH);
		sent += BATCH;
		if (rate > 0)
			pace(start, sent, rate);
	}
	(void)printf("{\"sent\": %ju, \"seconds\": %.3f}\n", (uintmax_t)sent,
	    (double)(now_ns() - start) / 1e9);
	return 0;
}
