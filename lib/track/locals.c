/* SPDX-License-Identifier: BSD-2-Clause */
#include "track/locals.h"

void locals_init(struct locals *l, const struct ip_net *nets, size_t count)
{
	memset(l, 0, sizeof(*l));
	l->infers = count == 0;
	if (count > LOCALS_NETS_MAX)
		count = LOCALS_NETS_MAX;
	if (count > 0)
		memcpy(l->nets, nets, count * sizeof(*nets));
	l->net_count = count;
}

static struct locals_candidate *find(struct locals *l, const struct ip_addr *ip)
{
	for (size_t i = 0; i < l->candidate_count; i++) {
		if (ip_addr_eq(&l->candidates[i].ip, ip))
			return &l->candidates[i];
	}
	if (l->candidate_count == LOCALS_CANDIDATES)
		return NULL;
	l->candidates[l->candidate_count].ip = *ip;
	return &l->candidates[l->candidate_count++];
}

/* Not keyed: it only tells a handful of partners of one address apart. */
static uint32_t fold(const struct ip_addr *ip)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < sizeof(ip->bytes); i++)
		h = (h ^ ip->bytes[i]) * 16777619u;
	return h;
}

static void add_partner(struct locals_candidate *c, uint32_t partner)
{
	for (size_t i = 0; i < c->partner_count; i++) {
		if (c->partners[i] == partner)
			return;
	}
	if (c->partner_count < LOCALS_PARTNERS)
		c->partners[c->partner_count++] = partner;
}

void locals_observe(struct locals *l, const struct endpoint *src,
    const struct endpoint *dst, enum packet_direction seen, bool src_is_dialer)
{
	struct locals_candidate *from, *to;

	if (!l->infers || ip_addr_eq(&src->ip, &dst->ip))
		return;
	from = find(l, &src->ip);
	to = find(l, &dst->ip);
	if (from == NULL || to == NULL)
		return;
	from->is_dialer |= src_is_dialer;
	if (seen == PACKET_DIR_OUT) {
		from->is_certain = true;
		to->is_remote = true;
	} else if (seen == PACKET_DIR_IN) {
		to->is_certain = true;
		from->is_remote = true;
	}
}

void locals_note_request(struct locals *l, const struct endpoint *src,
    const struct endpoint *dst, bool is_call)
{
	struct locals_candidate *from, *to;

	if (!l->infers || ip_addr_eq(&src->ip, &dst->ip))
		return;
	from = find(l, &src->ip);
	to = find(l, &dst->ip);
	if (from == NULL || to == NULL)
		return;
	add_partner(from, fold(&dst->ip));
	add_partner(to, fold(&src->ip));
	from->calls += is_call;
}

static uint32_t calls_of(const struct locals *l, const struct ip_addr *ip)
{
	for (size_t i = 0; i < l->candidate_count; i++) {
		if (ip_addr_eq(&l->candidates[i].ip, ip))
			return l->candidates[i].calls;
	}
	return 0;
}

static int weigh(const struct locals *l, const struct ip_addr *ip)
{
	for (size_t i = 0; i < l->candidate_count; i++) {
		const struct locals_candidate *c = &l->candidates[i];

		if (!ip_addr_eq(&c->ip, ip))
			continue;
		/* Both: we forward for it (NAT, a bridge), and neither says anything.
		 */
		if (c->is_certain && !c->is_remote)
			return 1000;
		if (c->is_remote && !c->is_certain)
			return -1000;
		return c->partner_count + (c->is_dialer ? 100 : 0);
	}
	return 0;
}

static bool is_configured(const struct locals *l, const struct ip_addr *ip)
{
	for (size_t i = 0; i < l->net_count; i++) {
		if (ip_net_has(&l->nets[i], ip))
			return true;
	}
	return false;
}

unsigned locals_sides(
    const struct locals *l, const struct ip_addr *src, const struct ip_addr *dst)
{
	bool src_local = ip_addr_is_loopback(src);
	bool dst_local = ip_addr_is_loopback(dst);
	int a, b;

	if (!l->infers) {
		src_local |= is_configured(l, src);
		dst_local |= is_configured(l, dst);
		return (src_local ? LOCALS_SRC : 0u) | (dst_local ? LOCALS_DST : 0u);
	}
	if (src_local || dst_local || ip_addr_eq(src, dst))
		return LOCALS_SRC | LOCALS_DST;
	a = weigh(l, src);
	b = weigh(l, dst);
	if (a == 1000 && b == 1000)
		return LOCALS_SRC | LOCALS_DST;
	/* With nothing else to tell them apart, who calls more is ours: a capture is
	 * mostly taken where the calls are placed. */
	if (a == b)
		return calls_of(l, src) >= calls_of(l, dst) ? LOCALS_SRC : LOCALS_DST;
	return a > b ? LOCALS_SRC : LOCALS_DST;
}
