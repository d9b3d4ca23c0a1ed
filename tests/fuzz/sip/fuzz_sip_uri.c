/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From, To, Contact and what is in them. Properties:
 *   - every slice lies inside the input;
 *   - a list ends: each take moves on, and what is left is the end of the input;
 *   - the tag is the parameter "tag" of the first value;
 *   - what cannot be read leaves nothing behind.
 */
#include "sip/sip_value.h"

#include "sip_fuzz.h"

static void check_uri(struct slice in)
{
	struct sip_uri uri;

	memset(&uri, 0xa5, sizeof(uri));
	if (!sip_uri_parse(in, &uri)) {
		require(
		    uri.scheme.ptr == NULL && uri.host.ptr == NULL && uri.port == 0);
		return;
	}
	require(uri.scheme.len > 0);
	require_inside(uri.scheme, in);
	require_inside(uri.user, in);
	require_inside(uri.password, in);
	require_inside(uri.host, in);
	require_inside(uri.params, in);
	require_inside(uri.headers, in);
	require(uri.host.ptr == NULL || uri.host.len > 0);
	require(uri.password.ptr == NULL || uri.user.ptr != NULL);
}

static void check_list(struct slice in)
{
	struct slice rest = in;
	struct sip_addr addr;
	size_t left = in.len + 1;

	while (sip_addr_take(&rest, &addr)) {
		require(rest.len < left);
		left = rest.len;
		require(rest.len == 0 || rest.ptr + rest.len == in.ptr + in.len);
		require_inside(addr.display, in);
		require_inside(addr.uri, in);
		require_inside(addr.params, in);
		require(addr.params.len == 0 || addr.params.ptr[0] == ';');
		check_uri(addr.uri);
	}
	require(rest.len == 0);
}

static void check_tag(struct slice in)
{
	struct slice rest = in, tag = sip_tag(in), found;
	struct sip_addr addr;

	require_inside(tag, in);
	if (!sip_addr_take(&rest, &addr) ||
	    !sip_param(addr.params, SLICE("tag"), &found))
		found = SLICE_NONE;
	require((tag.ptr == NULL) == (found.ptr == NULL) && slice_eq(tag, found));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = exact_copy(data, size);
	struct slice in = slice_of(bytes, size);
	struct slice value;

	check_uri(in);
	check_list(in);
	check_tag(in);
	if (sip_param(in, SLICE("branch"), &value))
		require_inside(value, in);
	else
		require(value.ptr == NULL);
	free(bytes);
	return 0;
}
