/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcap_floor - what reading a capture file costs before anybody thinks.
 *
 *         pcap_floor loop|touch|mmap|mmaptouch FILE
 *
 * loop uses libpcap, mmap reads the file itself; touch also reads every captured byte.
 * Prints packets, bytes, how many look like SIP over IPv4/UDP/Ethernet, CPU seconds and
 * the peak memory. The file must be pcap in this machine's byte order.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
	uint64_t packets, bytes, sip, sum;
	int touch;
} seen;

static void one(const uint8_t *p, uint32_t len)
{
	enum { PAYLOAD = 42 }; /* Ethernet, IPv4, UDP */

	seen.packets++;
	seen.bytes += len;
	if (len > PAYLOAD + 4 && p[12] == 8 && p[23] == 17) {
		const uint8_t *m = p + PAYLOAD;

		seen.sip += memcmp(m, "SIP/", 4) == 0 || (m[0] >= 'A' && m[0] <= 'Z');
	}
	for (uint32_t i = 0; seen.touch && i + 8 <= len; i += 8) {
		uint64_t word;

		memcpy(&word, p + i, sizeof(word));
		seen.sum += word;
	}
}

static void callback(u_char *user, const struct pcap_pkthdr *h, const u_char *p)
{
	(void)user;
	one(p, h->caplen);
}

static int with_mmap(const char *path)
{
	enum { FILE_HEADER = 24, RECORD_HEADER = 16 };
	int fd = open(path, O_RDONLY);
	struct stat st;
	const uint8_t *map;

	if (fd < 0 || fstat(fd, &st) != 0)
		return 1;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return 1;
	for (size_t at = FILE_HEADER; at + RECORD_HEADER <= (size_t)st.st_size;) {
		uint32_t len;

		memcpy(&len, map + at + 8, sizeof(len));
		one(map + at + RECORD_HEADER, len);
		at += RECORD_HEADER + len;
	}
	return 0;
}

static int with_libpcap(const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline(path, why);

	if (p == NULL) {
		(void)fprintf(stderr, "%s\n", why);
		return 1;
	}
	(void)pcap_loop(p, -1, callback, NULL);
	pcap_close(p);
	return 0;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

int main(int argc, char **argv)
{
	struct rusage use;
	int rc;

	if (argc != 3)
		return 64;
	seen.touch = strstr(argv[1], "touch") != NULL;
	rc = strncmp(argv[1], "mmap", 4) == 0 ? with_mmap(argv[2])
					      : with_libpcap(argv[2]);
	if (rc != 0)
		return 66;
	(void)getrusage(RUSAGE_SELF, &use);
	(void)printf("packets=%" PRIu64 " bytes=%" PRIu64 " sip=%" PRIu64
		     " sum=%" PRIx64 " cpu=%.3f rss_kb=%ld\n",
	    seen.packets, seen.bytes, seen.sip, seen.sum,
	    seconds(use.ru_utime) + seconds(use.ru_stime), use.ru_maxrss);
	return 0;
}
