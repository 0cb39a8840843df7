// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/machine/fail_nth.h"
#include "lib/machine/fail_trace.h"
#include "lib/sys.h"
#include "lib/tlib.h"
#include "util.h"

#define POINTS_MAX	5000	/* an operation that never ends is a mistake of the test */
#define TRIES		20

#define SLAB		"/sys/kernel/debug/failslab/"
#define PAGES		"/sys/kernel/debug/fail_page_alloc/"

/*
 * What may fail: by default no allocation that may sleep. Failures are logged only to find
 * out which allocation it was.
 */
static const struct {
	const char *path, *value, *usual;
} settings[] = {
	{ SLAB "ignore-gfp-wait", "N", "Y" },
	{ SLAB "verbose", "0", "2" },
	{ SLAB "cache-filter", "Y", "N" },
	{ PAGES "ignore-gfp-wait", "N", "Y" },
	{ PAGES "ignore-gfp-highmem", "N", "Y" },
	{ PAGES "min-order", "0", "1" },
	{ PAGES "verbose", "0", "2" },
};

static void log_failures(bool on)
{
	tlib_write_text(SLAB "verbose", on ? "2" : "0");
	tlib_write_text(PAGES "verbose", on ? "2" : "0");
}

/*
 * With cache-filter only the caches fail that are chosen here: all but those of kmemleak and
 * debugobjects. These allocate along with others, and do without if they fail. (Other files
 * say EINVAL: names of merged caches.) Returns how many were chosen.
 */
static unsigned int choose_caches(void)
{
	unsigned int chosen = 0;
	glob_t found;
	size_t i;

	if (glob("/sys/kernel/slab/*/failslab", 0, NULL, &found))
		return 0;
	for (i = 0; i < found.gl_pathc; i++)
		if (!strstr(found.gl_pathv[i], "/kmemleak_") &&
		    !strstr(found.gl_pathv[i], "/debug_objects"))
			chosen += !tlib_write_text(found.gl_pathv[i], "1");
	globfree(&found);
	return chosen;
}

int tlib_fail_begin(void)
{
	unsigned int i;
	int err = 0;

	if (access("/proc/thread-self/fail-nth", W_OK))
		return -ENOENT;
	if (!choose_caches())
		return -EIO;
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

static int open_fail_nth(void)
{
	return open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
}

static int arm(int fd, unsigned int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", nth);

	return pwrite(fd, text, n, 0) == n ? 0 : -errno;
}

/* Returns how many points were left; 0: the last of them was reached, and has failed. */
static unsigned int disarm(int fd)
{
	char text[16] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	arm(fd, 0);
	/* Reading it can itself be the point, and fail: the operation has not reached it. */
	return n > 0 ? strtoul(text, NULL, 10) : 1;
}

/**
 * struct try - one try of the operation
 * @prepared: result of what prepares it. If that failed, the operation was not run
 * @err: result of the operation
 * @left: see disarm()
 */
struct try {
	int prepared;
	int err;
	unsigned int left;
};

static struct try try_once(const struct tlib_fail_op *op, void *arg, int fd, unsigned int nth)
{
	struct try try = { .left = 1 };

	try.prepared = op->prepare ? op->prepare(arg) : 0;
	if (!try.prepared) {
		arm(fd, nth);
		try.err = op->run(arg);
		if (nth)
			try.left = disarm(fd);
	}
	if (op->undo)
		op->undo(arg);
	return try;
}

static bool is_expected(const struct tlib_fail_op *op, int err)
{
	return err && (err == op->error || err == op->other);
}

static bool has_fallback(const struct tlib_fail_op *op, void *arg,
			 const struct tlib_fail_trace *trace)
{
	const struct tlib_fail_fallback *f;

	if (tlib_fail_trace_is_user_fault(trace))
		return true;
	for (f = op->fallbacks; f && f->function; f++) {
		if (f->applies && !f->applies(arg))
			continue;
		if (trace->nr ? tlib_fail_trace_has(trace, f->function) :
				!strcmp(f->function, TLIB_FAIL_QUIET))
			return true;
	}
	return false;
}

/* Names the innermost functions, but for those of fault injection itself. */
static void name_functions(const struct tlib_fail_trace *trace, char *text, size_t size)
{
	size_t used = 0;
	unsigned int i;

	*text = '\0';
	for (i = 0; i < trace->nr && used < size; i++)
		if (!strstr(trace->function[i], "fail") && !strstr(trace->function[i], "dump"))
			used += snprintf(text + used, size - used, " < %s", trace->function[i]);
}

/*
 * The operation has succeeded although point nth failed. Find out which allocation it was,
 * by failing it again. It may be another one then: a slab cache that has no free objects
 * tries to get larger slabs than it needs, for instance, or kmemleak a slab for what it keeps
 * of each allocation, which is in every second try. That is right if it does not happen
 * again and again although the operation has run undisturbed between the tries. Returns
 * whether it is right; *survived: by a fallback. Without one, nothing is known about the
 * first success: an error that the operation ignores now and then looks the same.
 */
static bool explain(const struct tlib_fail_op *op, void *arg, int fd, unsigned int nth,
		    bool *survived, struct tlib_fail_trace *trace)
{
	bool right = false;
	unsigned int i;
	struct try try;
	int log;

	*survived = false;
	log_failures(true);
	for (i = 0; i < TRIES && !right; i++) {
		log = tlib_fail_trace_begin();
		try = try_once(op, arg, fd, nth);
		if (log < 0)
			break;
		tlib_fail_trace_end(log, trace);
		if (try.prepared || (try.err && !is_expected(op, try.err)))
			break;
		*survived = !try.err && !try.left && has_fallback(op, arg, trace);
		right = *survived || try.err || try.left;
		if (!right)
			try_once(op, arg, fd, 0);
	}
	log_failures(false);
	return right;
}

static void complain(const struct tlib_fail_op *op, unsigned int nth, const char *what, int err,
		     struct tlib_fail_report *report)
{
	snprintf(report->why, sizeof(report->why), "%s, point %u: %s%s", op->name, nth, what,
		 err ? strerror(-err) : "");
}

/* Judges a try in which a point was reached or not. */
static void judge(const struct tlib_fail_op *op, void *arg, int fd, unsigned int nth,
		  const struct try *try, struct tlib_fail_report *report)
{
	struct tlib_fail_trace trace = { 0 };
	char functions[TLIB_FAIL_TEXT / 2];
	bool survived = false;

	if (try->prepared)
		complain(op, nth, "not prepared: ", try->prepared, report);
	else if (try->left && try->err)
		complain(op, nth, "was not reached: ", try->err, report);
	else if (try->err && !is_expected(op, try->err))
		complain(op, nth, "the wrong error: ", try->err, report);
	if (*report->why || try->left)
		return;
	report->points++;
	if (try->err)
		return;
	if (explain(op, arg, fd, nth, &survived, &trace)) {
		report->survived += survived;
		report->unexplained += !survived;
		return;
	}
	name_functions(&trace, functions, sizeof(functions));
	complain(op, nth, tlib_text("succeeds without %.200s", *functions ? functions :
				    TLIB_FAIL_QUIET), 0, report);
}

static bool applies(const struct tlib_fail_op *op, void *arg)
{
	return !op->applies || op->applies(arg);
}

int tlib_fail_each(const struct tlib_fail_op *op, void *arg, unsigned int first,
		   unsigned int step, unsigned int every, struct tlib_fail_report *report)
{
	unsigned int nth, i;
	struct try try;
	int fd;

	memset(report, 0, sizeof(*report));
	if (!applies(op, arg))
		return 0;
	fd = open_fail_nth();
	if (fd < 0) {
		complain(op, 0, "fail-nth: ", -errno, report);
		return -1;
	}
	/* The first time all is allocated that stays, as rings of records. */
	try = try_once(op, arg, fd, 0);
	if (try.prepared || try.err)
		complain(op, 0, "", try.prepared ?: try.err, report);
	for (nth = first, i = 1; !*report->why; nth += step, i++) {
		try = try_once(op, arg, fd, nth);
		judge(op, arg, fd, nth, &try, report);
		if (*report->why || try.left)
			break;
		if (i > POINTS_MAX)
			complain(op, nth, "and still no end", 0, report);
		if (i % every)
			continue;
		try = try_once(op, arg, fd, 0);
		if (try.prepared || try.err)
			complain(op, nth, "after it: ", try.prepared ?: try.err, report);
	}
	close(fd);
	return *report->why ? -1 : 0;
}

void tlib_fail_again(const struct tlib_fail_op *op, void *arg, unsigned int points,
		     unsigned int times)
{
	int fd = open_fail_nth();
	unsigned int i;

	for (i = 0; i < times && points && fd >= 0; i++)
		try_once(op, arg, fd, 1 + i % points);
	if (fd >= 0)
		close(fd);
}

unsigned int tlib_fail_count(const struct tlib_fail_op *op, void *arg)
{
	const unsigned int many = 1000000;
	struct try try;
	int fd;

	if (!applies(op, arg))
		return 0;
	fd = open_fail_nth();
	if (fd < 0)
		return 0;
	try = try_once(op, arg, fd, many);
	close(fd);
	return try.prepared ? 0 : many - try.left;
}
