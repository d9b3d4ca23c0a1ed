/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_value.h"

#include "sip/sip_scan.h"

size_t sip_step_over_quotes(struct slice s, char c, bool *open)
{
	size_t i = 0;

	while (!*open) {
		size_t end;

		i += sip_find2(sip_from(s, i), c, '"');
		if (i == s.len || s.ptr[i] == c)
			return i;
		end = sip_quoted_end(sip_head_upto(sip_from(s, i), SIP_QUOTED_MAX));
		*open = end == 0;
		i += end;
	}
	return i + sip_find(sip_from(s, i), c);
}

bool sip_cseq_parse(struct slice value, struct sip_cseq *out)
{
	*out = (struct sip_cseq){0};
	if (!sip_cseq_split(value, &out->number, &out->method))
		return false;
	out->method_id = sip_method_lookup(out->method);
	return out->method_id != SIP_METHOD_OTHER || sip_is_token(out->method);
}

/* Takes the bytes before the first comma outside quotes, and the comma. Empty
 * elements are skipped (RFC 4475 3.1.2.1 sends them). */
static bool take_element(struct slice *rest, struct slice *element)
{
	bool open = false;

	while (rest->len > 0) {
		*element = sip_trim(sip_take_unquoted(rest, ',', &open));
		if (element->len > 0)
			return true;
	}
	return false;
}

/* The parameters of an element: from its first ';' on. The rest stays in *s. */
static struct slice split_params(struct slice *s)
{
	bool open = false;
	size_t semi = sip_find_unquoted(*s, ';', &open);
	struct slice params = semi < s->len ? sip_from(*s, semi) : SLICE_NONE;

	*s = sip_trim(sip_head(*s, semi));
	return params;
}

bool sip_param(struct slice params, struct slice name, struct slice *value)
{
	bool open = false;

	*value = SLICE_NONE;
	while (params.len > 0) {
		struct slice p = sip_take_unquoted(&params, ';', &open);
		struct slice found;

		if (!slice_eq_nocase(sip_split_param(p, &found), name))
			continue;
		*value =
		    found.ptr == NULL ? slice_of(p.ptr + p.len, 0) : sip_unquote(found);
		return true;
	}
	return false;
}

bool sip_reason_take(struct slice *rest, struct sip_reason *out)
{
	struct slice s, params, cause;

	*out = (struct sip_reason){0};
	if (!take_element(rest, &s))
		return false;
	params = split_params(&s);
	if (s.len == 0)
		return false;
	out->protocol = s;
	if (sip_param(params, SLICE("cause"), &cause))
		(void)slice_to_u32(cause, UINT32_MAX, &out->cause);
	(void)sip_param(params, SLICE("text"), &out->text);
	return true;
}

bool sip_warning_take(struct slice *rest, struct sip_warning *out)
{
	struct slice s;
	size_t end = 0;
	uint32_t code;

	*out = (struct sip_warning){0};
	if (!take_element(rest, &s))
		return false;
	while (end < s.len && !sip_is_blank(s.ptr[end]) && s.ptr[end] != '"')
		end++;
	if (!slice_to_u32(sip_head(s, end), 999, &code))
		return false;
	sip_advance(&s, end);
	sip_skip_blanks(&s);

	end = 0;
	while (end < s.len && !sip_is_blank(s.ptr[end]) && s.ptr[end] != '"')
		end++;
	out->code = code;
	if (end > 0)
		out->agent = sip_head(s, end);
	s = sip_trim(sip_from(s, end));
	if (s.len > 0)
		out->text = sip_unquote(s);
	return true;
}
