// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every failure point of loading the module, and of what is allocated once for each load: see
 * test_fail_nth. What comes before the module's init is left out: it is the kernel's, which
 * warns if static keys and static calls of a module get no memory.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/machine/fail_nth.h"
#include "lib/machine/image.h"
#include "lib/sys.h"
#include "lib/tier.h"
#include "lib/tlib.h"

struct load {
	struct tlib_module kept;
	char stops[600];	/* parameters with which init fails before it allocates */
	int fd;
};

static int unload(void *arg)
{
	return tlib_module_is_loaded() ? tlib_module_unload() : 0;
}

static int load(void *arg)
{
	return tlib_module_reload(&((struct load *)arg)->kept);
}

static int load_anew(void *arg)
{
	return unload(arg) ?: load(arg);
}

static int load_and_stop(void *arg)
{
	struct load *l = arg;

	return tlib_module_load(&l->kept.image, l->stops);
}

static int load_and_open(void *arg)
{
	struct load *l = arg;
	int err = load_anew(l);

	l->fd = err ? -1 : faultlab_open();
	return err ?: l->fd < 0 ? l->fd : 0;
}

static int observe_first(void *arg)
{
	return faultlab_observe_start(((struct load *)arg)->fd, 0);
}

static void close_fd(void *arg)
{
	struct load *l = arg;

	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

static const struct tlib_fail_fallback of_load[] = {
	TLIB_FAIL_WITHOUT("flab_debugfs_init", "a file is missing in debugfs"),
	TLIB_FAIL_WITHOUT("devtmpfs_create_node", "there is no node in /dev"),
	TLIB_FAIL_WITHOUT("kobject_uevent_env", "udev is not told"),
	TLIB_FAIL_WITHOUT("mod_sysfs_setup", "a file is missing in /sys/module"),
	TLIB_FAIL_WITHOUT("ftrace_free_mem", "a filter of ftrace may be stale"),
	TLIB_FAIL_WITHOUT(TLIB_FAIL_QUIET, "xa_alloc() and the like try without waiting first"),
	TLIB_FAIL_END
};

static const struct tlib_fail_fallback of_observe[] = {
	TLIB_FAIL_WITHOUT(TLIB_FAIL_QUIET, "kvmalloc() of more than a page has vmalloc()"),
	TLIB_FAIL_END
};

/* The number of a minor that misc_register() has no memory for is EBUSY. */
static const struct tlib_fail_op load_op = {
	"load", unload, load, NULL, -ENOMEM, -EBUSY, of_load, NULL,
};

static const struct tlib_fail_op stop_op = {
	"load until init", unload, load_and_stop, NULL, -EINVAL, 0, NULL, NULL,
};

static const struct tlib_fail_op unload_op = {
	"unload", load_anew, unload, NULL, 0, 0, NULL, NULL,
};

/* The rings of all regions are allocated once, until the module is unloaded. */
static const struct tlib_fail_op observe_op = {
	"observe, the first time", load_and_open, observe_first, close_fd, -ENOMEM, 0, of_observe,
	NULL,
};

FIXTURE(load)
{
	struct load load;
};

FIXTURE_SETUP(load)
{
	int err;

	ASSERT_EQ(0, tlib_module_keep(&self->load.kept));
	self->load.fd = -1;
	/* Of parameters that are there twice the last one counts. */
	snprintf(self->load.stops, sizeof(self->load.stops), "%s phys=x",
		 self->load.kept.parameters);
	err = tlib_fail_begin();
	if (err == -ENOENT)
		SKIP(return, "no CONFIG_FAULT_INJECTION (/proc/thread-self/fail-nth)");
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN_PARENT(load)
{
	tlib_fail_end();
	tlib_module_restore(&self->load.kept);
}

/*
 * The points before init are counted by a load that fails at its beginning. That also counts
 * what is allocated on the way back, about as much as by unloading (with GCOV, all counters are
 * saved), and for a parameter more. So begin somewhat earlier: with files of /sys/module, of
 * which there are some hundred.
 */
#define ONE_MORE_PARAMETER	16

TEST_F_TIMEOUT(load, init_fails_cleanly_at_each_point, 1700)
{
	const unsigned int step = tlib_scale(7, 1);
	struct tlib_fail_report report;
	unsigned int before, less;

	before = tlib_fail_count(&stop_op, &self->load);
	less = tlib_fail_count(&unload_op, &self->load) + ONE_MORE_PARAMETER;
	ASSERT_LT(less, before);
	/* The next try shows that the module can be loaded. */
	EXPECT_EQ(0, tlib_fail_each(&load_op, &self->load, before - less, step, UINT32_MAX,
				    &report)) {
		TH_LOG("%s", report.why);
	}
	EXPECT_LT(ONE_MORE_PARAMETER / step, report.points);
	TH_LOG("points: %u", report.points);
	TH_LOG("survived: %u", report.survived);
	TH_LOG("unexplained: %u", report.unexplained);
}

TEST_F_TIMEOUT(load, the_first_to_observe_all_regions_fails_cleanly_at_each_point, 1700)
{
	struct tlib_fail_report report;

	EXPECT_EQ(0, tlib_fail_each(&observe_op, &self->load, 1, 1, tlib_scale(4, 1), &report)) {
		TH_LOG("%s", report.why);
	}
	EXPECT_LT(0, report.points);
	TH_LOG("points: %u", report.points);
	TH_LOG("survived: %u", report.survived);
	TH_LOG("unexplained: %u", report.unexplained);
	EXPECT_EQ(0, unload(NULL));
}

TEST_HARNESS_MAIN
