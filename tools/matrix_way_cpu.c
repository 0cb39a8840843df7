// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways in: the task itself, and how a way says what came of it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "matrix_tools.h"

void matrix_answer_errno(struct matrix_call *call, int err)
{
	const char *name = strerrorname_np(err);

	snprintf(call->answer, MATRIX_TEXT, "%s", name ? name : "?");
}

void matrix_answer_bytes(struct matrix_call *call, ssize_t bytes)
{
	if (bytes < 0)
		matrix_answer_errno(call, errno);
	else if ((size_t)bytes == 2 * call->tools->page)
		snprintf(call->answer, MATRIX_TEXT, "%zd bytes", bytes);
	else
		snprintf(call->answer, MATRIX_TEXT, "short %zd", bytes);
}

void matrix_answer_ok(struct matrix_call *call, const char *ok, int ret)
{
	if (ret < 0)
		matrix_answer_errno(call, errno);
	else
		snprintf(call->answer, MATRIX_TEXT, "%s", ok);
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

static void answer_touch(struct matrix_call *call, const char *ok,
			 const struct faultlab_touch *touch)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		if (touch->signal != signals[i].signal || touch->code != signals[i].code)
			continue;
		/* How much is lost is in si_addr_lsb; of huge pages, the machine says. */
		snprintf(call->answer, MATRIX_TEXT, "%s%s", signals[i].text,
			 (size_t)1 << touch->lsb > call->tools->page ? " huge" : "");
		return;
	}
	if (touch->signal)
		snprintf(call->answer, MATRIX_TEXT, "signal %d, si_code %d", touch->signal,
			 touch->code);
	else
		snprintf(call->answer, MATRIX_TEXT, "%s", ok);
}

void matrix_way_load(struct matrix_call *call)
{
	struct faultlab_touch touch;

	faultlab_touch_read(call->second, &touch);
	answer_touch(call, "1 byte", &touch);
}

void matrix_way_store(struct matrix_call *call)
{
	struct faultlab_touch touch;

	faultlab_touch_write(call->second, 1, &touch);
	answer_touch(call, "1 byte", &touch);
}

void matrix_way_exec(struct matrix_call *call)
{
	struct faultlab_touch touch;

	faultlab_touch_exec(call->second, &touch);
	answer_touch(call, "returned", &touch);
}
