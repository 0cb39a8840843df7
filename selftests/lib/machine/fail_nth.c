// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/machine/fail_nth.h"
#include "lib/sys.h"
#include "util.h"

#define POINTS_MAX	5000	/* an operation that never ends is a mistake of the test */

/* What may fail: by default no allocation that may sleep. Quietly, as it is meant. */
static const struct {
	const char *path, *value, *usual;
} settings[] = {
	{ "/sys/kernel/debug/failslab/ignore-gfp-wait", "N", "Y" },
	{ "/sys/kernel/debug/failslab/verbose", "0", "2" },
	{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N", "Y" },
	{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N", "Y" },
	{ "/sys/kernel/debug/fail_page_alloc/min-order", "0", "1" },
	{ "/sys/kernel/debug/fail_page_alloc/verbose", "0", "2" },
};

int tlib_fail_begin(void)
{
	unsigned int i;
	int err = 0;

	if (access("/proc/thread-self/fail-nth", W_OK))
		return -ENOENT;
	for (i = 0; i < ARRAY_SIZE(settings) && !err; i++)
		if (tlib_write_text(settings[i].path, settings[i].value))
			err = -EIO;
	if (err)
		tlib_fail_end();
	return err;
}

void tlib_fail_end(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(settings); i++)
		tlib_write_text(settings[i].path, settings[i].usual);
}

static int arm(int fd, unsigned int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", nth);

	return pwrite(fd, text, n, 0) == n ? 0 : -errno;
}

/* Whether the point was reached: it is 0 then. Reading it can be the point, and fail. */
static bool disarm(int fd)
{
	char text[16] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	arm(fd, 0);
	return n > 0 && atoi(text) == 0;
}

static bool is_allowed(const struct tlib_fail_op *op, int err)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(op->errors) && op->errors[i]; i++)
		if (err == op->errors[i])
			return true;
	return !err || err == -ENOMEM;
}

/* One try: the result of the operation, or of what prepares it in *prepared. */
static int try_once(const struct tlib_fail_op *op, void *arg, int fd, unsigned int nth,
		    bool *reached, int *prepared)
{
	int err;

	*prepared = op->prepare ? op->prepare(arg) : 0;
	if (*prepared)
		return 0;
	if (nth)
		arm(fd, nth);
	err = op->run(arg);
	*reached = nth && disarm(fd);
	if (op->undo)
		op->undo(arg);
	return err;
}

int tlib_fail_each(const struct tlib_fail_op *op, void *arg, char *why)
{
	int fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	bool reached = true;
	unsigned int nth;
	int err, prepared;

	*why = '\0';
	if (fd < 0)
		snprintf(why, TLIB_FAIL_TEXT, "fail-nth: %s", strerror(errno));
	/* The first time everything is allocated that stays, as tables of the page index. */
	for (nth = 0; !*why && reached && nth < POINTS_MAX; nth++) {
		err = try_once(op, arg, fd, nth, &reached, &prepared);
		reached = reached || !nth;
		if (prepared)
			snprintf(why, TLIB_FAIL_TEXT, "%s, point %u: not prepared: %s", op->name,
				 nth, strerror(-prepared));
		else if (!is_allowed(op, err) || (err && !reached) || (err && !nth))
			snprintf(why, TLIB_FAIL_TEXT, "%s, point %u%s: %s", op->name, nth,
				 reached ? "" : " (not reached)", strerror(-err));
		if (*why || !nth || !reached)
			continue;
		err = try_once(op, arg, fd, 0, &reached, &prepared);
		reached = true;
		if (err || prepared)
			snprintf(why, TLIB_FAIL_TEXT, "%s, after point %u failed: %s", op->name,
				 nth, strerror(-(err ?: prepared)));
	}
	if (fd >= 0)
		close(fd);
	if (!*why && nth == POINTS_MAX)
		snprintf(why, TLIB_FAIL_TEXT, "%s: more than %d points", op->name, POINTS_MAX);
	/* The last try reached none, and the first was without. */
	return *why ? -1 : (int)nth - 2;
}
