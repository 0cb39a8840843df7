// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the caller got, as text. It is put into words when all has been counted: to
 * read a string for the first time is a fault of its own, or is none, as the string
 * happens to lie.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "matrix/way/tools.h"

void matrix_answer_call(const struct matrix_call *call, char *text)
{
	const char *name = call->ret < 0 ? strerrorname_np(-call->ret) : call->way->ok;

	snprintf(text, MATRIX_TEXT, "%s", name ? name : "?");
}

void matrix_answer_bytes(const struct matrix_call *call, char *text)
{
	const size_t page = call->tools->page;
	const size_t all = call->way->span == MATRIX_PART ? page + page / 2 : 2 * page;

	if (call->ret < 0 || (size_t)call->ret == all)
		matrix_answer_call(call, text);
	else
		snprintf(text, MATRIX_TEXT, "short %zd", call->ret);
}

/* What these calls promise is an entry, so that is what they are asked for. */
void matrix_answer_present(const struct matrix_call *call, char *text)
{
	struct faultlab_walk_entry entry;

	matrix_answer_call(call, text);
	if (call->ret < 0 || (!faultlab_walk_page(call->fd, 0, call->second, &entry) &&
			      (entry.flags & FAULTLAB_PTE_LEAF)))
		return;
	strcpy(strchr(text, ','), ", absent");
}

static const struct {
	int signal;
	int code;
	const char *text;
} signals[] = {
	{ SIGSEGV, SEGV_MAPERR, "SIGSEGV/SEGV_MAPERR" },
	{ SIGSEGV, SEGV_ACCERR, "SIGSEGV/SEGV_ACCERR" },
	{ SIGBUS, BUS_ADRERR, "SIGBUS/BUS_ADRERR" },
	{ SIGBUS, BUS_MCEERR_AR, "SIGBUS/BUS_MCEERR_AR" },
};

void matrix_answer_touch(const struct matrix_call *call, char *text)
{
	const struct faultlab_touch *touch = &call->touch;
	unsigned int i;

	if (!touch->signal) {
		matrix_answer_call(call, text);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		if (touch->signal != signals[i].signal || touch->code != signals[i].code)
			continue;
		/* How much is lost is in si_addr_lsb; of huge pages, the machine says. */
		snprintf(text, MATRIX_TEXT, "%s%s", signals[i].text,
			 (size_t)1 << touch->lsb > call->tools->page ? " huge" : "");
		return;
	}
	snprintf(text, MATRIX_TEXT, "signal %d, si_code %d", touch->signal, touch->code);
}
