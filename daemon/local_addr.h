/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * local_addr - the addresses of this machine's devices.
 *
 * Errors     Negative errno of getifaddrs(3). More than max addresses: the rest
 *            is left out; *count says how many there are.
 */
#ifndef DAEMON_LOCAL_ADDR_H
#define DAEMON_LOCAL_ADDR_H

#include "base/endpoint.h"
#include "base/err.h"

/* Fills out[0..min(max, *count)). Each address once. */
int local_addr_list(struct ip_net *out, size_t max, size_t *count, struct err *e);

#endif
