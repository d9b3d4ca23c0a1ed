/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints docs/verdicts.md from the tables that decide: verdicts.def, rules.def,
 * tickets.def and phrases.def. verdicts.sh compares, or writes the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/rules.h"
#include "diagnose/ticket.h"

static const struct {
	const char *title, *what;
} groups[] = {
    [VERDICT_GROUP_CREDENTIALS] = {"Our credentials", NULL},
    [VERDICT_GROUP_ADDRESS] = {"Our address", NULL},
    [VERDICT_GROUP_ACCOUNT] = {"Our account", NULL},
    [VERDICT_GROUP_REQUEST] = {"Our request", NULL},
    [VERDICT_GROUP_NETWORK] = {"The provider or the network", NULL},
    [VERDICT_GROUP_OURS] = {"Refused by our own box", NULL},
    [VERDICT_GROUP_NOT_A_FAILURE] = {"Not a trunk failure",
	"Counted, and listed only with `--all`."},
    [VERDICT_GROUP_UNDECIDED] = {"Undecided", NULL},
};

static const struct {
	int code;
	const char *place, *words, *sign;
	int weight;
	const char *source;
} phrases[] = {
#define PHRASE(code, place, words, sign, weight, source) \
	{code, #place, words, #sign, weight, source},
#include "diagnose/phrases.def"
};

/* In a table, '|' ends the cell. */
static void put_cell(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

/* SAYS_CHANNELS as `says channels`: what a rule's signs read like. */
static void put_sign(const char *name)
{
	for (; *name != '\0'; name++)
		putchar(*name == '_'                   ? ' '
			: *name >= 'A' && *name <= 'Z' ? *name + ('a' - 'A')
						       : *name);
}

static void put_terms(const int16_t *terms)
{
	for (size_t i = 0; terms[i] != 0; i++) {
		fputs(i == 0 ? "" : ", ", stdout);
		if (terms[i] < 0)
			fputs("not ", stdout);
		put_sign(sign_name((enum sign)abs(terms[i])));
	}
}

/* The heaviest first; equal ones in the table's order. */
static void put_rules_weighing(enum verdict v, int weight, size_t *printed)
{
	for (size_t i = 0; i < rules_count(); i++) {
		struct rule_view r = rules_row(i);

		if (r.verdict != v || r.weight != weight)
			continue;
		if ((*printed)++ == 0)
			puts("\n| weight | what is told | when |\n|---:|---|---|");
		printf("| %+d | ", r.weight);
		put_cell(r.sentence);
		fputs(" | ", stdout);
		put_terms(r.terms);
		puts(" |");
	}
}

static void put_rules(enum verdict v)
{
	enum { HEAVIEST = 1000 };
	size_t printed = 0;

	for (int weight = HEAVIEST; weight >= -HEAVIEST; weight--)
		put_rules_weighing(v, weight, &printed);
	if (printed == 0)
		puts("\nIt is not found by weighing evidence.");
}

/* What holds everywhere, then a list of the places to change it in. */
static void put_advice(const char *advice)
{
	for (size_t n; *advice != '\0'; advice += n + (advice[n] == '\n')) {
		n = strcspn(advice, "\n");
		printf("%.*s\n", (int)n, advice);
		if (advice[n] == '\n')
			printf("- ");
	}
}

static void put_verdict(enum verdict v)
{
	printf("\n### `%s`: %s\n\n%s\n\n**What to change.** ", verdict_slug(v),
	    verdict_title(v), verdict_why(v));
	put_advice(verdict_advice(v));
	if (ticket_question(v) != NULL)
		printf("\n**What to ask the provider.** %s\n", ticket_question(v));
	put_rules(v);
}

static void put_verdicts(void)
{
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		printf("\n## %s\n", groups[g].title);
		if (groups[g].what != NULL)
			printf("\n%s\n", groups[g].what);
		for (int v = VERDICT_NONE + 1; v < VERDICT_COUNT; v++) {
			if (verdict_group((enum verdict)v) == (enum verdict_group)g)
				put_verdict((enum verdict)v);
		}
	}
}

static void put_phrases(void)
{
	puts(
	    "\n## What providers write\n\n"
	    "All words of a row must occur, in any order and case, in the phrase, "
	    "Reason, Warning or an X- header of the\nanswer; of words joined by | one "
	    "will do, and one of more than five letters may go on. A phrase is a sign\n"
	    "among others: it decides nothing alone. The weight is a percentage of what "
	    "the rules give to the sign.\n\n"
	    "| code | where | words | sign | weight | seen at |\n|---|---|---|---|---|---|");
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (phrases[i].code == 0)
			fputs("| any", stdout);
		else
			printf("| %d", phrases[i].code);
		fputs(strcmp(phrases[i].place, "ANYWHERE") == 0 ? " | | `"
								: " | X- header | `",
		    stdout);
		put_cell(phrases[i].words);
		fputs("` | ", stdout);
		put_sign(phrases[i].sign);
		printf(" | %d | ", phrases[i].weight);
		put_cell(phrases[i].source);
		puts(" |");
	}
}

int main(void)
{
	puts(
	    "<!-- Made by tests/lint/verdicts.sh from lib/diagnose/*.def: change those. -->\n"
	    "# What trunkwatch concludes, and from what\n\n"
	    "Each refusal is described by signs: plain yes or no observations of the "
	    "exchange, of its trunk's past, and of what\nhappened meanwhile. Each row "
	    "below counts when all its signs are there. The verdict with the most "
	    "weight wins; its\nmargin over the next one makes the confidence.");
	printf(
	    "Below a weight of %d the verdict is `unknown_refusal`.\n\n"
	    "A weight of about 10 is a hint, 30 what usually means it, 60 what hardly "
	    "means anything else; a negative one speaks\nagainst. Words in {} are "
	    "filled in with what was seen.\n",
	    RULES_ENOUGH);
	put_verdicts();
	put_phrases();
	return ferror(stdout) != 0 || fflush(stdout) != 0;
}
