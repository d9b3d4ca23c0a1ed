/* SPDX-License-Identifier: BSD-2-Clause */
#include "local_addr.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

static bool to_net(const struct sockaddr *sa, struct ip_net *out)
{
	*out = (struct ip_net){0};
	if (sa == NULL)
		return false;
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		memcpy(out->ip.bytes, &in->sin_addr, sizeof(in->sin_addr));
		out->ip.family = 4;
		out->prefix_bits = 32;
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)sa;

		memcpy(out->ip.bytes, &in->sin6_addr, sizeof(in->sin6_addr));
		out->ip.family = 6;
		out->prefix_bits = 128;
		return true;
	}
	return false;
}

static bool is_known(const struct ip_net *list, size_t count, const struct ip_net *net)
{
	for (size_t i = 0; i < count; i++) {
		if (ip_addr_eq(&list[i].ip, &net->ip))
			return true;
	}
	return false;
}

int local_addr_list(struct ip_net *out, size_t max, size_t *count, struct err *e)
{
	struct ifaddrs *all = NULL;

	*count = 0;
	if (getifaddrs(&all) != 0)
		return err_set(
		    e, -errno, "addresses of this machine: %s", strerror(errno));
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
		struct ip_net net;

		if (!to_net(i->ifa_addr, &net) ||
		    is_known(out, *count < max ? *count : max, &net))
			continue;
		if (*count < max)
			out[*count] = net;
		(*count)++;
	}
	freeifaddrs(all);
	return 0;
}
