/* SPDX-License-Identifier: BSD-2-Clause */
#include "inputs.h"

#include <string.h>

#include "capture_file.h"
#include "capture_open.h"
#include "capture_thread.h"
#include "log.h"

_Static_assert(
    (int)SOURCES_MAX >= (int)CONFIG_INTERFACES_MAX, "a source for each device");
_Static_assert((int)SOURCES_MAX >= (int)OPTIONS_FILES_MAX, "a source for each file");

static int open_file(
    const char *path, const struct config *c, struct input *input, struct err *e)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	int rc = source_init(&input->source, name, c->ring_bytes, e);

	if (rc == 0)
		rc = capsource_open(path, &input->file, e);
	return rc < 0 ? err_wrap(e, "%.120s", name) : 0;
}

static int open_device(
    const char *device, const struct config *c, struct input *input, struct err *e)
{
	const struct capture_config how = {.device = device,
	    .snaplen = c->snaplen,
	    .buffer_bytes = c->buffer_bytes,
	    .promiscuous = c->promiscuous,
	    .filter = c->filter,
	    .ports = c->ports.range,
	    .port_count = c->ports.count};
	int rc = source_init(&input->source, device, c->ring_bytes, e);

	if (rc == 0)
		rc = capture_open(&how, &input->pcap, e);
	if (rc == 0)
		log_info("capture device=%s linktype=%s stamps=%s", device,
		    pcap_datalink_val_to_name(pcap_datalink(input->pcap)),
		    pcap_get_tstamp_precision(input->pcap) == PCAP_TSTAMP_PRECISION_NANO
			? "ns"
			: "us");
	return rc;
}

int inputs_open(
    const struct options *o, const struct config *c, struct inputs *in, struct err *e)
{
	int rc = 0;

	in->are_files = o->file_count > 0;
	for (size_t i = 0; rc == 0 && i < o->file_count; i++)
		rc = open_file(o->files[i], c, &in->input[in->count++], e);
	for (size_t i = 0; rc == 0 && !in->are_files && i < c->interfaces.count; i++)
		rc = open_device(c->interfaces.name[i], c, &in->input[in->count++], e);
	return rc;
}

int inputs_start(struct inputs *in, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < in->count; i++) {
		struct input *input = &in->input[i];

		if (input->file != NULL)
			rc = capture_file_start(&input->source, input->file, e);
		else
			rc = capture_thread_start(&input->source, input->pcap, e);
		input->file = NULL; /* the source's now */
		input->pcap = NULL;
	}
	return rc;
}

void inputs_stop(struct inputs *in)
{
	for (size_t i = 0; i < in->count; i++)
		source_stop(&in->input[i].source);
}

void inputs_close(struct inputs *in)
{
	for (size_t i = 0; i < in->count; i++) {
		struct input *input = &in->input[i];

		if (input->file != NULL)
			capsource_close(input->file);
		if (input->pcap != NULL)
			pcap_close(input->pcap);
		source_fini(&input->source);
	}
	memset(in, 0, sizeof(*in));
}
