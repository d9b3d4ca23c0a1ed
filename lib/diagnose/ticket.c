/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/ticket.h"

/* Every verdict has its row: a missing one is a NULL that the unit test finds, a
 * second one a warning of the compiler. */
static const char *const questions[VERDICT_COUNT] = {
#define TICKET(verdict, question) [VERDICT_##verdict] = (question),
#include "diagnose/tickets.def"
};

const char *ticket_question(enum verdict v)
{
	return v < VERDICT_COUNT ? questions[v] : NULL;
}
