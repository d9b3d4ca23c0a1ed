/* SPDX-License-Identifier: BSD-2-Clause */
#include "pipeline_setup.h"

#include <errno.h>
#include <sys/random.h>

#include "local_addr.h"
#include "log.h"

static int list_own(
    const struct pipeline_setup *in, struct own_addresses *own, struct err *e)
{
	size_t room, found = 0;

	own->count = 0;
	for (size_t i = 0; i < in->config->local.count; i++)
		own->net[own->count++] = in->config->local.net[i];
	if (in->are_files)
		return 0; /* inferred: the file may come from another machine */
	room = OWN_ADDRESSES_MAX - own->count;
	if (local_addr_list(own->net + own->count, room, &found, e) < 0)
		return e->code;
	if (found > room) {
		log_warning(
		    "this machine has more addresses than are known count=%zu", found);
		found = room;
	}
	own->count += found;
	return 0;
}

static void set_reassemble(const struct pipeline_setup *in, struct reassemble_config *r)
{
	const struct config *c = in->config;
	/* A file may hold SIP on any port, unless --port narrows it. */
	const struct config_ports *ports =
	    in->are_files ? &in->options->ports : &c->ports;

	r->ports = ports->count == 0 ? NULL : ports->range;
	r->port_count = ports->count;
	if (c->hep_key[0] != '\0')
		r->hep_key = slice_of(c->hep_key, strlen(c->hep_key));
	r->datagrams_max = c->datagrams_max;
	r->datagram_bytes = (uint32_t)c->datagram_bytes;
	r->flows_max = c->flows_max;
	r->flow_bytes = (uint32_t)c->flow_bytes;
	r->stream_bytes = (uint32_t)c->stream_bytes;
	r->hole_wait_ms = (uint32_t)(c->hole_wait_us / USEC_PER_MSEC);
	r->fragment_wait_ms = (uint32_t)(c->fragment_wait_us / USEC_PER_MSEC);
}

int pipeline_setup(
    const struct pipeline_setup *in, struct pipeline **out, struct err *e)
{
	struct own_addresses *own = in->own;
	const struct store_start *found = in->found;
	const struct pipeline_start start = {.next_failure_id = found->next_failure_id,
	    .next_incident_id = found->next_incident_id,
	    .next_trunk_id = found->next_trunk_id,
	    .trunks = found->trunks,
	    .trunk_count = found->trunk_count,
	    .past = found->past,
	    .past_count = found->past_count,
	    .incidents = found->incidents,
	    .incident_count = found->incident_count};
	const struct config *c = in->config;
	struct pipeline_config p;
	int rc;

	rc = list_own(in, own, e);
	if (rc < 0)
		return rc;
	pipeline_config_default(&p);
	set_reassemble(in, &p.reassemble);
	if (getrandom(&p.key, sizeof(p.key), 0) != sizeof(p.key))
		return err_set(e, -EIO, "no random numbers: %s", strerror(errno));
	p.local = own->net;
	p.local_count = own->count;
	p.trunks = c->trunks.trunk;
	p.trunk_count = c->trunks.count;
	p.phrases = (struct phrases){c->phrases.phrase, c->phrases.count};
	p.attempts_max = c->attempts_max;
	p.dialogs_max = c->dialogs_max;
	p.recorder_bytes = (uint32_t)c->recorder_bytes;
	p.trunks_max = c->trunks_max;
	p.incidents_max = c->incidents_max;
	p.full_per_minute = c->full_per_minute;
	p.keep_credentials = c->keep_credentials;
	return pipeline_new(&p, &start, in->sink, out, e);
}
