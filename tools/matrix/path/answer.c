// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the caller got, as text. It is formatted after all counters were read: the first
 * read of a string constant may fault or not, depending on where the string lies.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "matrix/path/tools.h"

void matrix_answer_call(const struct matrix_call *call, char *text)
{
	const char *name = call->ret < 0 ? strerrorname_np(-call->ret) : call->path->ok;

	snprintf(text, MATRIX_TEXT, "%s", name ? name : "?");
}

void matrix_answer_bytes(const struct matrix_call *call, char *text)
{
	const size_t page = call->tools->page;
	const size_t all = call->path->span == MATRIX_PART ? page + page / 2 : 2 * page;

	if (call->ret < 0 || (size_t)call->ret == all)
		matrix_answer_call(call, text);
	else
		snprintf(text, MATRIX_TEXT, "short %zd", call->ret);
}

/* mlock() and MAP_POPULATE should fault the page in: also says whether its entry is a leaf. */
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
		/*
		 * si_addr_lsb is log2 of the bytes lost. For huge pages it depends on
		 * the machine, so the text only says that it is more than a page.
		 */
		snprintf(text, MATRIX_TEXT, "%s%s", signals[i].text,
			 (size_t)1 << touch->lsb > call->tools->page ? " huge" : "");
		return;
	}
	snprintf(text, MATRIX_TEXT, "signal %d, si_code %d", touch->signal, touch->code);
}
