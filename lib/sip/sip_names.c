/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_names.h"

const struct sip_name sip_names[SIP_HDR_COUNT] = {
    [SIP_HDR_OTHER] = SIP_NAME("", ""),
#define SIP_HDR(id, name, compact) [SIP_HDR_##id] = SIP_NAME(name, ":"),
#include "sip/sip_hdrs.def"
};

#define SIP_HDR(id, name, compact) \
	_Static_assert(            \
	    sizeof(name ":") <= sizeof(sip_names[0].text), "make room for " name);
#include "sip/sip_hdrs.def"

static const char *const plain_names[SIP_HDR_COUNT] = {
    [SIP_HDR_OTHER] = "",
#define SIP_HDR(id, name, compact) [SIP_HDR_##id] = name,
#include "sip/sip_hdrs.def"
};

const struct sip_name sip_methods[SIP_METHOD_COUNT] = {
    [SIP_METHOD_OTHER] = SIP_NAME("", ""),
#define SIP_METHOD(id, name) [SIP_METHOD_##id] = SIP_NAME(name, " "),
#include "sip/sip_methods.def"
};

static const char *const plain_methods[SIP_METHOD_COUNT] = {
    [SIP_METHOD_OTHER] = "",
#define SIP_METHOD(id, name) [SIP_METHOD_##id] = name,
#include "sip/sip_methods.def"
};

static enum sip_hdr_id lookup_compact(char letter)
{
#define SIP_HDR(id, name, compact)                       \
	if (sizeof(compact) > 1 && letter == compact[0]) \
		return SIP_HDR_##id;
#include "sip/sip_hdrs.def"
	return SIP_HDR_OTHER;
}

static inline uint64_t load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t load4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/*
 * memcmp() for names: loads that overlap instead of a loop, because the processor
 * cannot guess how often a loop over a name runs.
 */
static inline bool same_bytes(const char *a, const char *b, size_t len)
{
	if (len > 24)
		return memcmp(a, b, len) == 0;
	if (len > 16 && load8(a + 8) != load8(b + 8))
		return false;
	if (len >= 8)
		return ((load8(a) ^ load8(b)) |
			   (load8(a + len - 8) ^ load8(b + len - 8))) == 0;
	if (len >= 4)
		return ((load4(a) ^ load4(b)) |
			   (load4(a + len - 4) ^ load4(b + len - 4))) == 0;
	/* 1 to 3 bytes: the first, the middle and the last are all of them. */
	return ((a[0] ^ b[0]) | (a[len / 2] ^ b[len / 2]) |
		   (a[len - 1] ^ b[len - 1])) == 0;
}

static bool same_name(struct slice name, enum sip_hdr_id id)
{
	return slice_eq_nocase(name, slice_of(sip_names[id].text, sip_names[id].len));
}

/* SIP_NAME_HASH() of a name behind which nothing is readable. */
static unsigned int hash_of(struct slice name, char end)
{
	char text[3] = {name.ptr[0], name.ptr[1], name.len > 2 ? name.ptr[2] : end};

	return SIP_NAME_HASH(text, name.len);
}

/* A hash may nominate a header; only a full comparison elects it. */
enum sip_hdr_id sip_hdr_lookup(struct slice name)
{
	enum sip_hdr_id id;

	if (name.len <= 1)
		return name.len == 0 ? SIP_HDR_OTHER
				     : lookup_compact(slice_lower(name.ptr[0]));
	id = sip_name_nominate(hash_of(name, ':'));
	if (sip_names[id].len != name.len)
		return SIP_HDR_OTHER;
	/* Nearly every stack sends the names as the RFC writes them. */
	return same_bytes(name.ptr, sip_names[id].text, name.len) || same_name(name, id)
		   ? id
		   : SIP_HDR_OTHER;
}

const char *sip_hdr_name(enum sip_hdr_id id)
{
	return id < SIP_HDR_COUNT ? plain_names[id] : "";
}

/* RFC 3261 7.1: methods are case-sensitive; "invite" is an extension method. */
enum sip_method_id sip_method_lookup(struct slice method)
{
	enum sip_method_id id;

	if (method.len < 2)
		return SIP_METHOD_OTHER;
	id = sip_method_nominate(hash_of(method, ' '));
	return sip_methods[id].len == method.len &&
		       same_bytes(method.ptr, sip_methods[id].text, method.len)
		   ? id
		   : SIP_METHOD_OTHER;
}

const char *sip_method_name(enum sip_method_id id)
{
	return id < SIP_METHOD_COUNT ? plain_methods[id] : "";
}

const char *sip_rc_name(enum sip_rc rc)
{
	static const char *const names[SIP_RC_COUNT] = {
	    [SIP_OK] = "ok",
	    [SIP_E_KEEPALIVE] = "keep-alive",
	    [SIP_E_NOT_SIP] = "not SIP",
	    [SIP_E_VERSION] = "unknown SIP version",
	    [SIP_E_STATUS] = "bad status code",
	};

	return rc < SIP_RC_COUNT ? names[rc] : "?";
}

const char *sip_oddity_name(enum sip_oddity o)
{
	static const char *const names[SIP_ODD_COUNT] = {
#define SIP_ODDITY(id, name, help) [SIP_ODD_##id] = name,
#include "sip/sip_oddities.def"
	};

	return o < SIP_ODD_COUNT ? names[o] : "?";
}
