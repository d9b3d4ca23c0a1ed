/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Via, Reason, Warning and CSeq. Properties:
 *   - every slice lies inside the input;
 *   - a list ends, also when a value of it cannot be read;
 *   - what cannot be read leaves nothing behind.
 */
#include "sip/sip_value.h"

#include "sip_fuzz.h"

static void check_vias(struct slice in)
{
	struct slice rest = in;

	while (rest.len > 0) {
		struct sip_via via;
		size_t left = rest.len;

		memset(&via, 0xa5, sizeof(via));
		if (sip_via_take(&rest, &via)) {
			require(via.transport.len > 0 && via.host.len > 0);
			require_inside(via.transport, in);
			require_inside(via.host, in);
			require_inside(via.branch, in);
			require_inside(via.received, in);
			require_inside(via.rport, in);
			require_inside(via.params, in);
		} else {
			require(via.branch.ptr == NULL && via.host.ptr == NULL);
		}
		require(rest.len < left);
	}
}

static void check_reasons(struct slice in)
{
	struct slice rest = in;

	while (rest.len > 0) {
		struct sip_reason reason;
		size_t left = rest.len;

		if (sip_reason_take(&rest, &reason))
			require(reason.protocol.len > 0);
		require_inside(reason.protocol, in);
		require_inside(reason.text, in);
		require(rest.len < left);
	}
}

static void check_warnings(struct slice in)
{
	struct slice rest = in;

	while (rest.len > 0) {
		struct sip_warning warning;
		size_t left = rest.len;

		(void)sip_warning_take(&rest, &warning);
		require(warning.code <= 999);
		require_inside(warning.agent, in);
		require_inside(warning.text, in);
		require(rest.len < left);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = exact_copy(data, size);
	struct slice in = slice_of(bytes, size);
	struct sip_cseq cseq;

	check_vias(in);
	check_reasons(in);
	check_warnings(in);
	if (sip_cseq_parse(in, &cseq)) {
		require_inside(cseq.method, in);
		require(cseq.method.len > 0);
	}
	free(bytes);
	return 0;
}
