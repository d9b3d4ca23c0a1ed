/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capture_thread - a device's packets into its source's ring.
 *
 * Never waits for the analysis: when the ring is full the packet is dropped and
 * counted. Kernel drops are asked for four times a second. When the device goes down or
 * away the source is lost; the daemon exits and is started again.
 */
#ifndef DAEMON_CAPTURE_THREAD_H
#define DAEMON_CAPTURE_THREAD_H

#include <pcap/pcap.h>

#include "source.h"

/* The source takes the handle over, also on error. */
int capture_thread_start(struct source *s, pcap_t *pcap, struct err *e);

#endif
