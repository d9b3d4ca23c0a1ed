/* SPDX-License-Identifier: BSD-2-Clause */
/* Real sockets on loopback into a real pipeline: framing, and what strangers do. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hep_listen.h"
#include "now.h"

enum { PLACES = 3, IDLE_MS = 300, PACKET_ROOM = 70000 };

static struct ev_loop *loop;
static struct store_queue queue;
static struct analysis analysis;
static struct hep_listen hep = {.fd = -1, .tcp = {.fd = -1}};
static struct sockaddr_in tcp_at, udp_at;
static struct err err;
static char packet[PACKET_ROOM];

static void on_tick(struct analysis *a)
{
	hep_tick(&hep);
	(void)a;
}

/* Free a moment ago: other tests hunt for ports, too. */
static uint16_t free_port(int type)
{
	struct sockaddr_in sa = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, type, 0);

	cr_assert_eq(bind(fd, (void *)&sa, len), 0);
	cr_assert_eq(getsockname(fd, (void *)&sa, &len), 0);
	(void)close(fd);
	return ntohs(sa.sin_port);
}

static struct endpoint loopback(uint16_t port)
{
	return (struct endpoint){
	    .ip = {.family = 4, .bytes = {127, 0, 0, 1}}, .port = port};
}

static struct sockaddr_in sockaddr_of(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void start(const char *key)
{
	struct pipeline_config c;
	struct hep_config want = {
	    .connections = PLACES, .idle_us = IDLE_MS * USEC_PER_MSEC};
	int rc = -EADDRINUSE;

	pipeline_config_default(&c);
	if (key != NULL)
		c.reassemble.hep_key = slice_of(key, strlen(key));
	loop = ev_loop_new(EVFLAG_AUTO);
	cr_assert_eq(store_queue_init(&queue, 1 << 20, false, &err), 0);
	analysis = (struct analysis){.loop = loop, .queue = &queue, .on_tick = on_tick};
	cr_assert_eq(
	    pipeline_new(&c, NULL, store_queue_sink(&queue), &analysis.pipeline, &err),
	    0);
	for (int i = 0; rc == -EADDRINUSE && i < 50; i++) {
		hep_close(&hep);
		want.udp = loopback(free_port(SOCK_DGRAM));
		want.tcp = loopback(free_port(SOCK_STREAM));
		rc = hep_open(&hep, &want, &err);
	}
	cr_assert_eq(rc, 0, "%s", err.text);
	udp_at = sockaddr_of(want.udp.port);
	tcp_at = sockaddr_of(want.tcp.port);
	analysis_init(&analysis);
	analysis_start(&analysis);
	hep_start(&hep, &analysis);
}

static void stop(void)
{
	analysis_stop(&analysis);
	hep_drain(&hep);
	hep_close(&hep);
	pipeline_free(analysis.pipeline);
	store_queue_fini(&queue);
	ev_loop_destroy(loop);
}

/* Turns the loop until *counter has that value; gives up after many seconds. */
static bool reaches(const uint64_t *counter, uint64_t value)
{
	int64_t until = now_steady_us() + 20 * USEC_PER_SEC;

	while (*counter < value && now_steady_us() < until)
		ev_run(loop, EVRUN_ONCE); /* the tick ends every wait */
	return *counter == value;
}

static const uint64_t *counter(enum reassemble_stat s)
{
	return &pipeline_reassemble_stats(analysis.pipeline)[s];
}

/* --- the sender --- */

static size_t chunk(size_t at, uint16_t type, const void *body, size_t len)
{
	uint16_t head[3] = {0, htons(type), htons((uint16_t)(6 + len))};

	memcpy(packet + at, head, sizeof(head));
	memcpy(packet + at + sizeof(head), body, len);
	return at + sizeof(head) + len;
}

/* A packet as res_hep writes it, with a payload of any length; its length. */
static size_t build(const char *key, const char *sip, size_t sip_len)
{
	static const uint8_t src[] = {203, 0, 113, 45}, dst[] = {198, 51, 100, 20};
	const uint16_t port = htons(5061);
	const uint32_t seconds = htonl((uint32_t)(now_us() / USEC_PER_SEC)), us = 0;
	uint16_t total;
	size_t at = 6;

	at = chunk(at, 0x01, "\x02", 1);
	at = chunk(at, 0x02, "\x06", 1);
	at = chunk(at, 0x03, src, sizeof(src));
	at = chunk(at, 0x04, dst, sizeof(dst));
	at = chunk(at, 0x07, &port, sizeof(port));
	at = chunk(at, 0x08, &port, sizeof(port));
	at = chunk(at, 0x09, &seconds, sizeof(seconds));
	at = chunk(at, 0x0a, &us, sizeof(us));
	at = chunk(at, 0x0b, "\x01", 1);
	if (key != NULL)
		at = chunk(at, 0x0e, key, strlen(key));
	at = chunk(at, 0x0f, sip, sip_len);
	memcpy(packet, "HEP3", 4);
	total = htons((uint16_t)at);
	memcpy(packet + 4, &total, sizeof(total));
	return at;
}

static const char options[] =
    "OPTIONS sip:198.51.100.20 SIP/2.0\r\n"
    "Via: SIP/2.0/TLS 203.0.113.45:5061;branch=z9hG4bK1\r\n"
    "From: <sip:a@198.51.100.20>;tag=1\r\nTo: <sip:198.51.100.20>\r\n"
    "Call-ID: one@203.0.113.45\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

static size_t build_options(const char *key)
{
	return build(key, options, sizeof(options) - 1);
}

static int dial(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(connect(fd, (void *)&tcp_at, sizeof(tcp_at)), 0);
	return fd;
}

static void put(int fd, const void *bytes, size_t len)
{
	cr_assert_eq(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* Closed by the other side, once the loop had its turn. */
static bool is_hung_up(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno == ECONNRESET);
}

Test(hep_listen, datagrams_and_streams_bring_the_same_messages)
{
	const uint64_t *messages;
	int udp = socket(AF_INET, SOCK_DGRAM, 0), tcp;
	size_t len;

	start(NULL);
	messages = counter(REASSEMBLE_STAT_MESSAGES_HEP);
	len = build_options(NULL);
	cr_assert_eq(
	    sendto(udp, packet, len, 0, (void *)&udp_at, sizeof(udp_at)), (ssize_t)len);
	cr_assert(reaches(messages, 1));
	tcp = dial();
	put(tcp, packet, len);
	cr_assert(reaches(messages, 2));
	cr_assert_eq(hep.tcp.open, 1);
	cr_assert_eq(analysis_drops(&analysis).packets, 2);
	(void)close(udp);
	(void)close(tcp);
	stop();
}

Test(hep_listen, packets_are_cut_at_their_length_wherever_the_segments_end)
{
	char stream[8 * 1024];
	size_t len, used = 0;
	int fd;

	start("key");
	len = build_options("key");
	while (used + len <= sizeof(stream)) {
		memcpy(stream + used, packet, len);
		used += len;
	}
	fd = dial();
	for (size_t at = 0, step = 1; at < used; at += step, step = step % 97 + 7) {
		put(fd, stream + at, at + step < used ? step : used - at);
		ev_run(loop, EVRUN_NOWAIT);
	}
	cr_assert(reaches(counter(REASSEMBLE_STAT_MESSAGES_HEP), used / len));
	cr_assert_eq(hep.tcp.stats.packets, used / len);
	cr_assert_eq(hep.tcp.open, 1);
	(void)close(fd);
	stop();
}

Test(hep_listen, the_largest_packet_fits)
{
	static char sip[66000];
	size_t head, len;
	int fd;

	start(NULL);
	memset(sip, 'x', sizeof(sip));
	memcpy(sip, options, sizeof(options) - 1);
	head = build(NULL, sip, 0);
	len = build(NULL, sip, HEP_PACKET_MAX - head);
	cr_assert_eq(len, HEP_PACKET_MAX);
	fd = dial();
	for (int i = 0; i < 2; i++) { /* the loop must read meanwhile */
		put(fd, packet, 30000);
		put(fd, packet + 30000, len - 30000);
		cr_assert(
		    reaches(counter(REASSEMBLE_STAT_MESSAGES_HEP), (uint64_t)i + 1));
	}
	(void)close(fd);
	stop();
}

Test(hep_listen, a_stranger_is_hung_up_on)
{
	int garbage, wrong_key, short_length;
	size_t len;

	start("right");
	garbage = dial();
	put(garbage, "GET / HTTP/1.1\r\n\r\n", 18);
	cr_assert(reaches(&hep.tcp.stats.garbage, 1));
	cr_assert(is_hung_up(garbage));

	short_length = dial();
	put(short_length, "HEP3\0\5", 6);
	cr_assert(reaches(&hep.tcp.stats.garbage, 2));
	cr_assert(is_hung_up(short_length));

	wrong_key = dial();
	len = build_options("wrong");
	put(wrong_key, packet, len);
	cr_assert(reaches(&hep.tcp.stats.unproven, 1));
	cr_assert(is_hung_up(wrong_key));
	cr_assert_eq(*counter(REASSEMBLE_STAT_HEP_KEY), 1);
	cr_assert_eq(*counter(REASSEMBLE_STAT_MESSAGES_HEP), 0);
	cr_assert_eq(hep.tcp.open, 0);
	(void)close(garbage);
	(void)close(wrong_key);
	(void)close(short_length);
	stop();
}

Test(hep_listen, one_bad_packet_does_not_cost_a_good_sender_its_connection)
{
	size_t len;
	int fd;

	start(NULL);
	fd = dial();
	len = build_options(NULL);
	put(fd, packet, len);
	packet[13] = 99; /* the first chunk's length points beyond all */
	packet[10] = 99;
	put(fd, packet, len);
	cr_assert(reaches(counter(REASSEMBLE_STAT_HEP_BAD), 1));
	len = build_options(NULL);
	put(fd, packet, len);
	cr_assert(reaches(counter(REASSEMBLE_STAT_MESSAGES_HEP), 2));
	cr_assert_eq(hep.tcp.open, 1);
	(void)close(fd);
	stop();
}

/* All places are taken by strangers: the oldest of them goes, the sender stays. */
Test(hep_listen, places_are_for_those_who_send)
{
	int good, strangers[PLACES], late;
	size_t len;

	start(NULL);
	good = dial();
	len = build_options(NULL);
	put(good, packet, len);
	cr_assert(reaches(counter(REASSEMBLE_STAT_MESSAGES_HEP), 1));
	for (int i = 0; i < PLACES; i++) {
		strangers[i] = dial();
		cr_assert(reaches(&hep.tcp.stats.accepted, 2 + (uint64_t)i));
	}
	cr_assert_eq(hep.tcp.stats.evicted, 1);
	cr_assert(is_hung_up(strangers[0]));
	cr_assert_not(is_hung_up(good));
	cr_assert_eq(hep.tcp.open, PLACES);

	for (int i = 1; i < PLACES; i++)
		put(strangers[i], packet, len);
	cr_assert(reaches(counter(REASSEMBLE_STAT_MESSAGES_HEP), PLACES));
	late = dial();
	cr_assert(reaches(&hep.tcp.stats.turned, 1));
	cr_assert(is_hung_up(late));
	cr_assert_eq(hep.tcp.open, PLACES);
	for (int i = 0; i < PLACES; i++)
		(void)close(strangers[i]);
	(void)close(good);
	(void)close(late);
	stop();
}

Test(hep_listen, silence_ends_a_connection)
{
	size_t len;
	int fd;

	start(NULL);
	fd = dial();
	len = build_options(NULL);
	put(fd, packet, len);
	put(fd, packet, len / 2); /* a slow sender is no better than a silent one */
	cr_assert(reaches(&hep.tcp.stats.idle, 1));
	cr_assert(is_hung_up(fd));
	cr_assert_eq(*counter(REASSEMBLE_STAT_MESSAGES_HEP), 1);
	(void)close(fd);
	stop();
}

Test(hep_listen, who_never_sends_a_packet_has_less_time)
{
	int64_t before;

	start(NULL);
	int fd = dial();
	cr_assert(reaches(&hep.tcp.stats.accepted, 1));
	before = hep.tcp.conns[0].alive_at_us;
	hep_tcp_tick(&hep.tcp, before + HEP_PROVE_US);
	cr_assert_eq(hep.tcp.open, 1);
	hep_tcp_tick(&hep.tcp, before + HEP_PROVE_US + 1);
	cr_assert_eq(hep.tcp.open, 0);
	cr_assert_eq(hep.tcp.stats.idle, 1);
	(void)close(fd);
	stop();
}

Test(hep_listen, an_end_in_the_middle_of_a_packet_is_counted)
{
	size_t len;
	int fd;

	start(NULL);
	fd = dial();
	len = build_options(NULL);
	put(fd, packet, len - 1);
	(void)close(fd);
	cr_assert(reaches(&hep.tcp.stats.cut_short, 1));
	cr_assert_eq(hep.tcp.open, 0);
	stop();
}

Test(hep_listen, what_lies_in_the_sockets_at_the_end_is_read)
{
	size_t len;
	int fd;

	start(NULL);
	fd = dial();
	cr_assert(reaches(&hep.tcp.stats.accepted, 1));
	len = build_options(NULL);
	put(fd, packet, len);
	put(fd, packet, len);
	hep_drain(&hep);
	cr_assert_eq(*counter(REASSEMBLE_STAT_MESSAGES_HEP), 2);
	(void)close(fd);
	stop();
}

Test(hep_listen, a_taken_port_is_an_error_that_names_the_key)
{
	struct hep_config want = {.connections = 1, .idle_us = 1};
	struct hep_listen second;

	start(NULL);
	memset(&second, 0, sizeof(second));
	want.tcp = loopback(ntohs(tcp_at.sin_port));
	cr_assert_eq(hep_open(&second, &want, &err), -EADDRINUSE);
	cr_assert_not_null(strstr(err.text, "sources.hep.listen_tcp 127.0.0.1:"));
	hep_close(&second);
	want.tcp.port = 0;
	want.udp = loopback(ntohs(udp_at.sin_port));
	cr_assert_eq(hep_open(&second, &want, &err), -EADDRINUSE);
	cr_assert_not_null(strstr(err.text, "sources.hep.listen 127.0.0.1:"));
	hep_close(&second);
	stop();
}
