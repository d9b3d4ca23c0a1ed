/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture_open.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "capture_filter.h"
#include "decode/decode.h"

static void close_pcap(pcap_t **p)
{
	if (*p != NULL)
		pcap_close(*p);
}

uint32_t capture_linktype(int dlt)
{
	switch (dlt) {
	case DLT_RAW:
		return 101;
	case DLT_LOOP:
		return 108;
	case DLT_PPP_SERIAL:
		return 50;
	default: /* the same number in both registries, on Linux */
		return (uint32_t)dlt;
	}
}

static int fail_activate(pcap_t *p, const char *device, int rc, struct err *e)
{
	switch (rc) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return err_set(e, -EPERM,
		    "%s: no permission to capture: CAP_NET_RAW is missing; start it from its "
		    "systemd unit or as root, or grant it: setcap cap_net_raw+ep "
		    "/path/to/trunkwatchd",
		    device);
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return err_set(
		    e, -ENODEV, "%s: no such device; `ip link` lists them", device);
	case PCAP_ERROR_IFACE_NOT_UP:
		return err_set(e, -ENETDOWN,
		    "%s: the device is down; ip link set %s up", device, device);
	default:
		return err_set(e, -EIO, "%s: %s", device,
		    rc == PCAP_ERROR ? pcap_geterr(p) : pcap_statustostr(rc));
	}
}

/* The kernel hides VLAN tags in `any`'s older header, and the interface. */
static void prefer_sll2(pcap_t *p)
{
	if (pcap_datalink(p) == DLT_LINUX_SLL)
		(void)pcap_set_datalink(
		    p, DLT_LINUX_SLL2); /* before libpcap 1.10: none */
}

static int set_filter(pcap_t *p, const struct capture_config *c, struct err *e)
{
	CLEANUP(pcap_freecode) struct bpf_program prog = {0};
	char built[CAPTURE_FILTER_MAX];
	const char *text = c->filter;
	int rc;

	if (text[0] == '\0') {
		rc = capture_filter_build(
		    pcap_datalink(p), c->ports, c->port_count, built, e);
		if (rc < 0)
			return rc;
		text = built;
	}
	if (pcap_compile(p, &prog, text, 1, PCAP_NETMASK_UNKNOWN) != 0)
		return err_set(e, -EINVAL, "filter '%.120s': %s", text, pcap_geterr(p));
	if (pcap_setfilter(p, &prog) != 0)
		return err_set(e, -EIO, "attach filter: %s", pcap_geterr(p));
	return 0;
}

/* From here on a parser bug cannot widen what we are allowed to see. */
static int lock_filter(pcap_t *p, struct err *e)
{
	const int on = 1;

	if (setsockopt(pcap_fileno(p), SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)) !=
	    0)
		return err_set(e, -errno, "lock filter: %s", strerror(errno));
	return 0;
}

static int activate(pcap_t *p, const struct capture_config *c, struct err *e)
{
	int rc;

	/* These fail only on a handle that is active already. */
	(void)pcap_set_snaplen(p, (int)c->snaplen);
	(void)pcap_set_promisc(p, c->promiscuous);
	(void)pcap_set_timeout(p, CAPTURE_BLOCK_MS);
	(void)pcap_set_buffer_size(p, (int)c->buffer_bytes);
	/* Not offered everywhere; what came of it is asked per packet source. */
	(void)pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);

	rc = pcap_activate(p);
	if (rc < 0)
		return fail_activate(p, c->device, rc, e);
	prefer_sll2(p);
	if (!linktype_is_supported(capture_linktype(pcap_datalink(p))))
		return err_set(e, -EINVAL, "%s: link type %s cannot be read", c->device,
		    pcap_datalink_val_to_name(pcap_datalink(p)));
	return 0;
}

int capture_open(const struct capture_config *c, pcap_t **out, struct err *e)
{
	CLEANUP(close_pcap) pcap_t *p = NULL;
	char why[PCAP_ERRBUF_SIZE] = "";
	int rc;

	p = pcap_create(c->device, why);
	if (p == NULL)
		return err_set(e, -ENODEV, "%s: %s", c->device, why);
	rc = activate(p, c, e);
	if (rc < 0)
		return rc;
	rc = set_filter(p, c, e);
	if (rc == 0)
		rc = lock_filter(p, e);
	if (rc < 0)
		return err_wrap(e, "%s", c->device);
	/* The thread waits in poll() instead: with TPACKET_V3 pcap_dispatch() does
	 * not come back from an idle wait, not even for a signal. */
	if (pcap_setnonblock(p, 1, why) != 0)
		return err_set(e, -EIO, "%s: %s", c->device, why);
	*out = KEEP(p);
	return 0;
}
