/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_names.h"

const struct sip_name sip_names[SIP_HDR_COUNT] = {
#define SIP_HDR(id, name, compact) [SIP_HDR_##id] = {name ":", sizeof(name) - 1},
#include "sip/sip_hdrs.def"
};

#define SIP_HDR(id, name, compact) \
	_Static_assert(sizeof(name ":") <= SIP_NAME_ROOM - 1, "make room for " name);
#include "sip/sip_hdrs.def"

static const char *const plain_names[SIP_HDR_COUNT] = {
    [SIP_HDR_OTHER] = "",
#define SIP_HDR(id, name, compact) [SIP_HDR_##id] = name,
#include "sip/sip_hdrs.def"
};

static const struct slice methods[SIP_METHOD_COUNT] = {
    [SIP_METHOD_OTHER] = SLICE_INIT(""),
#define SIP_METHOD(id, name) [SIP_METHOD_##id] = SLICE_INIT(name),
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
	return slice_eq_nocase(name, slice_of(sip_names[id].name, sip_names[id].len));
}

/* A hash may nominate a header; only a full comparison elects it. */
enum sip_hdr_id sip_hdr_lookup(struct slice name)
{
	enum sip_hdr_id id;

	if (name.len <= 1)
		return name.len == 0 ? SIP_HDR_OTHER
				     : lookup_compact(slice_lower(name.ptr[0]));
	id = sip_name_nominate(SIP_NAME_HASH(name.ptr, name.len));
	if (sip_names[id].len != name.len)
		return SIP_HDR_OTHER;
	/* Nearly every stack sends the names as the RFC writes them. */
	return same_bytes(name.ptr, sip_names[id].name, name.len) || same_name(name, id)
		   ? id
		   : SIP_HDR_OTHER;
}

const char *sip_hdr_name(enum sip_hdr_id id)
{
	return id < SIP_HDR_COUNT ? plain_names[id] : "";
}

static enum sip_method_id nominate_method(unsigned int hash)
{
#define SIP_METHOD(id, name)                               \
	if (hash == SIP_NAME_HASH(name, sizeof(name) - 1)) \
		return SIP_METHOD_##id;
#include "sip/sip_methods.def"
	return SIP_METHOD_OTHER;
}

/* RFC 3261 7.1: methods are case-sensitive; "invite" is an extension method. */
enum sip_method_id sip_method_lookup(struct slice method)
{
	enum sip_method_id id;

	if (method.len == 0)
		return SIP_METHOD_OTHER;
	id = nominate_method(SIP_NAME_HASH(method.ptr, method.len));
	return methods[id].len == method.len &&
		       same_bytes(method.ptr, methods[id].ptr, method.len)
		   ? id
		   : SIP_METHOD_OTHER;
}

const char *sip_method_name(enum sip_method_id id)
{
	return id < SIP_METHOD_COUNT ? methods[id].ptr : "";
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
