/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>

#include "base/nearest.h"
#include "options.h"

enum { WORDS_MAX = 8 };

static int parse(const char *const words[WORDS_MAX], struct options *o, struct err *e)
{
	static char copies[WORDS_MAX + 1][128];
	static char *argv[WORDS_MAX + 2];
	int argc = 1;

	strcpy(copies[0], "trunkwatch");
	argv[0] = copies[0];
	for (; argc <= WORDS_MAX && words[argc - 1] != NULL; argc++) {
		strcpy(copies[argc], words[argc - 1]);
		argv[argc] = copies[argc];
	}
	argv[argc] = NULL;
	return options_parse(argc, argv, o, e);
}

static const struct {
	const char *words[WORDS_MAX];
	const char *says; /* what the error must name */
} errors[] = {
    {{"--jsno"}, "did you mean '--json'"},
    {{"failures", "--sicne=-1h"}, "did you mean '--since'"},
    {{"--frobnicate"}, "unknown option '--frobnicate'"},
    {{"-x"}, "unknown option '-x'"},
    {{"-vx"}, "unknown option '-x'"},
    {{"--limit"}, "--limit wants a value"},
    {{"-n"}, "--limit wants a value"},
    {{"--limit", "many"}, "not 'many'"},
    {{"-n-5"}, "not '-5'"},
    {{"-n99999999999"}, "not '99999999999'"},
    {{"--trunk="}, "--trunk wants a value"},
    {{"--json=yes"}, "--json takes no value"},
    {{"--json", "--csv"}, "exclude each other"},
    {{"--call-id="}, "--call-id wants a value"},
    {{"--callid", "x"}, "did you mean '--call-id'"},
    {{"--secret-stdin=pa55"}, "--secret-stdin takes no value"},
    {{"--secret", "pa55"}, "--secret"},
    {{"--local", "300.1.2.3"}, "300.1.2.3"},
    {{"--local", "10.0.0.0/33"}, "10.0.0.0/33"},
    {{"--local", "10.0.0.1,"}, "--local"},
    {{"--local", "example.org"}, "example.org"},
    {{"--port", "0"}, "'0'"},
    {{"--port", "65536"}, "65536"},
    {{"--port", "5080-5060"}, "5080-5060"},
    {{"--port", "sip"}, "sip"},
};

ParameterizedTestParameters(options, errors_say_what_is_wrong)
{
	static size_t index[sizeof(errors) / sizeof(errors[0])];

	for (size_t i = 0; i < sizeof(index) / sizeof(index[0]); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, sizeof(index) / sizeof(index[0]));
}

ParameterizedTest(size_t *i, options, errors_say_what_is_wrong)
{
	struct options o;
	struct err e = {0};

	cr_assert_eq(parse(errors[*i].words, &o, &e), -EINVAL, "%s was taken",
	    errors[*i].words[0]);
	cr_assert_not_null(strstr(e.text, errors[*i].says), "'%s' is not in '%s'",
	    errors[*i].says, e.text);
}

Test(options, may_stand_anywhere_and_in_any_form)
{
	const char *const words[WORDS_MAX] = {
	    "-d", "x.db", "show", "-vn5", "--trunk=a=b", "412", "--", "-v"};
	struct options o;
	struct err e;

	cr_assert_eq(parse(words, &o, &e), 0, "%s", e.text);
	cr_assert_str_eq(o.database, "x.db");
	cr_assert_eq(o.limit, 5);
	cr_assert_str_eq(o.trunk, "a=b");
	cr_assert_eq(o.arg_count, 3);
	cr_assert_str_eq(o.args[0], "show");
	cr_assert_str_eq(o.args[1], "412");
	cr_assert_str_eq(o.args[2], "-v");
	cr_assert_eq(o.given,
	    OPT_BIT(DATABASE) | OPT_BIT(VERBOSE) | OPT_BIT(LIMIT) | OPT_BIT(TRUNK));
}

Test(options, a_lone_dash_is_standard_input)
{
	const char *const words[WORDS_MAX] = {"analyze", "-"};
	struct options o;
	struct err e;

	cr_assert_eq(parse(words, &o, &e), 0);
	cr_assert_eq(o.arg_count, 2);
	cr_assert_str_eq(o.args[1], "-");
}

Test(options, lists_may_be_repeated_or_joined)
{
	const char *const words[WORDS_MAX] = {"--local", "192.0.2.1,2001:db8::/32",
	    "--local=10.0.0.0/8", "--port", "5060,5080-5090", "--port=5070"};
	struct ip_addr ip;
	struct options o;
	struct err e;

	cr_assert_eq(parse(words, &o, &e), 0, "%s", e.text);
	cr_assert_eq(o.local_count, 3);
	cr_assert(ip_addr_parse(SLICE("2001:db8::77"), &ip));
	cr_assert(ip_net_has(&o.local[1], &ip));
	cr_assert_eq(o.port_count, 3);
	cr_assert_eq(o.ports[1].first, 5080);
	cr_assert_eq(o.ports[1].last, 5090);
	cr_assert_eq(o.ports[2].first, 5070);
	cr_assert_eq(o.ports[2].last, 5070);
}

Test(options, lists_are_bounded)
{
	struct options o;
	struct err e = {0};
	static char list[1024];
	static char name[] = "t", option[] = "--port";
	char *argv[] = {name, option, list, NULL};

	for (int i = 0; i <= OPTIONS_LIST_MAX; i++)
		strcat(list, i == 0 ? "5060" : ",5060");
	cr_assert_eq(options_parse(3, argv, &o, &e), -EINVAL);
	cr_assert_not_null(strstr(e.text, "more than"), "%s", e.text);
}

Test(options, since_must_not_follow_until)
{
	struct options o = {.since = "now", .until = "-1h"};
	struct err e;

	cr_assert_eq(options_times(&o, 1767323045000000, &e), -EINVAL);
	o.until = "whenever";
	cr_assert_eq(options_times(&o, 1767323045000000, &e), -EINVAL);
	cr_assert_not_null(strstr(e.text, "'whenever'"), "%s", e.text);
	o.until = NULL;
	cr_assert_eq(options_times(&o, 1767323045000000, &e), 0);
	cr_assert_eq(o.since_us, 1767323045000000);
	cr_assert_eq(o.until_us, 0);
}

Test(options, every_letter_and_name_is_there_once)
{
	for (int a = 0; a < OPT_COUNT; a++) {
		cr_assert_not_null(option_help((enum option)a));
		for (int b = 0; b < a; b++) {
			cr_assert_str_neq(
			    option_name((enum option)a), option_name((enum option)b));
			cr_assert(option_letter((enum option)a) == 0 ||
				  option_letter((enum option)a) !=
				      option_letter((enum option)b));
		}
	}
}

Test(nearest, counts_slips_of_the_finger)
{
	cr_expect_eq(nearest_distance("trunks", "trunks"), 0);
	cr_expect_eq(nearest_distance("trunsk", "trunks"), 1); /* swapped */
	cr_expect_eq(nearest_distance("trnks", "trunks"), 1);
	cr_expect_eq(nearest_distance("trunkss", "trunks"), 1);
	cr_expect_eq(nearest_distance("trinks", "trunks"), 1);
	cr_expect_eq(nearest_distance("", "abc"), 3);
	cr_expect_eq(nearest_distance("kitten", "sitting"), 3);
}

Test(nearest, what_is_far_is_no_hint)
{
	struct nearest n = {.wanted = "frobnicate"};

	nearest_try(&n, "failures");
	nearest_try(&n, "trunks");
	cr_assert_null(n.word);
}
