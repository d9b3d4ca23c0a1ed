/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "diagnose/summary.h"

/* The largest group it holds: what it says of the refusals is said of all. */
static const struct group *leading_group(
    const struct trunk *t, const struct incident *i)
{
	const struct group *most = NULL;

	for (size_t n = 0; n < TRUNK_GROUPS_MAX; n++) {
		const struct group *g = &t->groups[n];

		if (g->is_used && g->incident_id == i->id &&
		    (most == NULL || g->count > most->count))
			most = g;
	}
	return most;
}

static const char *noun(const struct group *g)
{
	if (g == NULL || g->method == SIP_METHOD_INVITE)
		return g != NULL && g->is_in_dialog ? "requests within calls" : "calls";
	return g->method == SIP_METHOD_REGISTER ? "registrations" : "requests";
}

static const char *verb(const struct group *g)
{
	if (g != NULL && g->stage == STAGE_SILENT)
		return "unanswered";
	if (g != NULL && g->stage == STAGE_UNREACHABLE)
		return "failed";
	return "refused";
}

/* Machines read it so; the CLI shows people their local time in its place. */
static const char *iso(int64_t at_us, char buf[32])
{
	time_t seconds = (time_t)(at_us / USEC_PER_SEC);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return "?";
	return buf;
}

struct sentence {
	char *out;
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void say(
    struct sentence *s, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(s->out + s->used, SUMMARY_MAX - s->used, format, args);
	va_end(args);
	if (len > 0)
		s->used = s->used + (size_t)len < SUMMARY_MAX ? s->used + (size_t)len
							      : SUMMARY_MAX - 1;
}

/* "Wrong password" goes on after a comma; a header's name stays as it is. */
static void say_title(struct sentence *s, enum verdict v)
{
	const char *title = verdict_title(v);
	bool is_word = title[0] >= 'A' && title[0] <= 'Z' && title[1] >= 'a' &&
		       strncmp(title, "From ", 5) != 0;

	say(s, ", %c%s", is_word ? title[0] + ('a' - 'A') : title[0], title + 1);
}

static void say_user(struct sentence *s, const struct group *g, enum verdict v)
{
	struct slice user =
	    g == NULL ? SLICE_NONE : TEXT_GET(&g->last, g->last.auth_user);

	if (user.len > 0 &&
	    (v == VERDICT_CREDENTIALS_REJECTED || v == VERDICT_SECRET_MISMATCH ||
		v == VERDICT_LOCKED_OUT))
		say(s, " for user %.*s", (int)user.len, user.ptr);
}

static void say_good_call(
    struct sentence *s, const struct incident *r, const struct trunk *t)
{
	char at[32];

	if (t->accepted_at_us == USEC_NEVER)
		say(s, ", no call accepted so far");
	else if (t->accepted_at_us < r->opened_at_us)
		say(s, ", last good call %s", iso(t->accepted_at_us, at));
	else if (r->closed_at_us == USEC_NEVER)
		say(s, ", other calls pass");
}

void summary_write(const struct trunk *t, struct incident *r)
{
	struct sentence s = {r->summary, 0};
	const struct group *g = leading_group(t, r);
	char at[32];

	say(&s, "%s: %llu", t->state.name, (unsigned long long)r->failures);
	if (g == NULL || (g->method == SIP_METHOD_INVITE && !g->is_in_dialog))
		say(&s, " of %llu", (unsigned long long)r->attempts);
	say(&s, " %s %s since %s", noun(g), verb(g), iso(r->opened_at_us, at));
	say_title(&s, r->verdict);
	say_user(&s, g, r->verdict);
	say_good_call(&s, r, t);
	if (r->closed_at_us != USEC_NEVER)
		say(&s, ", over since %s", iso(r->closed_at_us, at));
}
