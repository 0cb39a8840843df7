// SPDX-License-Identifier: GPL-2.0-only
/* Disturbances of the whole machine: see disturb.h. */
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/machine/disturb.h"
#include "lib/newer.h"
#include "lib/space.h"
#include "lib/sys.h"

#define PAUSE_US	5000	/* so that the test gets on between two disturbances */
#define MIB		(1UL << 20)

static int nothing(struct tlib_disturber *d)
{
	return 0;
}

/* The processor must go as well as come, so a pause after each. */
static int take_cpu_offline(struct tlib_disturber *d)
{
	int err = tlib_write_number(TLIB_CPU1_ONLINE, 0);

	usleep(PAUSE_US);
	return err ?: tlib_write_number(TLIB_CPU1_ONLINE, 1);
}

/* With pm_test=freezer all tasks but the one that writes are frozen, and thawed at once. */
static int suspend(struct tlib_disturber *d)
{
	return tlib_write_text("/sys/power/state", "freeze");
}

static int drop_caches(struct tlib_disturber *d)
{
	return tlib_write_number("/proc/sys/vm/drop_caches", 1 + d->tried % 3);
}

static int compact(struct tlib_disturber *d)
{
	return tlib_write_number("/proc/sys/vm/compact_memory", 1);
}

static char *map_anonymous(size_t bytes)
{
	char *at = mmap(NULL, bytes, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* Small pages become a large one, in the address space of the test (mm/khugepaged.c). */
static int collapse(struct tlib_disturber *d)
{
	char *map = map_anonymous(2 * TLIB_PMD_SIZE), *at;
	int err = 0;
	size_t i;

	if (!map)
		return -errno;
	at = (char *)(((uintptr_t)map + TLIB_PMD_SIZE - 1) & ~(TLIB_PMD_SIZE - 1));
	madvise(at, TLIB_PMD_SIZE, MADV_NOHUGEPAGE);
	for (i = 0; i < TLIB_PMD_SIZE; i += TLIB_PAGE)
		*(volatile char *)(at + i) = 1;
	madvise(at, TLIB_PMD_SIZE, MADV_HUGEPAGE);
	if (madvise(at, TLIB_PMD_SIZE, MADV_COLLAPSE))
		err = -errno;
	munmap(map, 2 * TLIB_PMD_SIZE);
	return err;
}

static int move_task(struct tlib_disturber *d)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(d->tried % sysconf(_SC_NPROCESSORS_ONLN), &set);
	return sched_setaffinity(d->victim, sizeof(set), &set) ? -errno : 0;
}

static __u64 times_at_limit(const struct tlib_disturber *d)
{
	__u64 max = 0;

	tlib_read_field(tlib_text("%s/memory.events", d->group.group), "max", &max);
	return max;
}

#define LIMIT		(24 * MIB)
#define CHURN		(32 * MIB)

/*
 * Take more than the limit, by memory that the kernel may take back (MADV_FREE) when the
 * limit is reached, by this thread or by a fault of the test.
 */
static int reach_limit(struct tlib_disturber *d)
{
	__u64 before = times_at_limit(d);
	char *at = map_anonymous(CHURN);
	size_t i, k;

	if (!at)
		return -errno;
	madvise(at, CHURN, MADV_NOHUGEPAGE);
	for (i = 0; i < CHURN; i += MIB) {
		for (k = 0; k < MIB; k += TLIB_PAGE)
			*(volatile char *)(at + i + k) = 1;
		madvise(at + i, MIB, MADV_FREE);
	}
	munmap(at, CHURN);
	return times_at_limit(d) > before ? 0 : -EAGAIN;
}

/*
 * For all: no page of the test is migrated or collapsed, as the accesses that wait for that
 * are faults to the kernel.
 */
#define STEADY											\
	{ "/proc/sys/vm/compact_unevictable_allowed", "0" },					\
	{ "/sys/kernel/mm/transparent_hugepage/enabled", "madvise" }

const struct tlib_disturbance tlib_disturbances[] = {
	{ "nothing", .setting = { STEADY }, .once = nothing },
	{ "a_cpu_goes_offline", TLIB_CPU1_ONLINE, "CPU hotplug (CONFIG_HOTPLUG_CPU, two CPUs)",
	  .setting = { STEADY, { TLIB_CPU1_ONLINE, "1" } }, .once = take_cpu_offline },
	/*
	 * Only the first stage of suspend, since further ones reset virtio devices, and 9p,
	 * which has the root file system, does not survive that (no .freeze and .restore).
	 */
	{ "tasks_are_frozen_for_suspend", "/sys/power/pm_test", "CONFIG_PM_SLEEP_DEBUG",
	  .setting = { STEADY, { "/sys/power/pm_test", "freezer" },
		       { "/sys/module/suspend/parameters/pm_test_delay", "0" },
		       { "/sys/power/sync_on_suspend", "0" } },
	  .once = suspend },
	{ "caches_are_dropped", .setting = { STEADY }, .once = drop_caches },
	{ "memory_is_compacted", "/proc/sys/vm/compact_memory", "CONFIG_COMPACTION",
	  .setting = { STEADY }, .once = compact },
	{ "memory_is_collapsed", "/sys/kernel/mm/transparent_hugepage",
	  "CONFIG_TRANSPARENT_HUGEPAGE", .setting = { STEADY }, .once = collapse },
	{ "the_task_moves", .setting = { STEADY }, .once = move_task },
	/* flab_folio_alloc() gives up early on large folios (__GFP_NORETRY). */
	{ "the_cgroup_is_full", .setting = { STEADY }, .limit = LIMIT, .once = reach_limit,
	  .no_large = true },
};

const unsigned int tlib_nr_disturbances = ARRAY_SIZE(tlib_disturbances);

/* The value of a file; of a list of values, the one in brackets. */
static int read_setting(const char *path, char *value, size_t size)
{
	char text[256], *from = text;
	ssize_t n = tlib_read_text(path, text, sizeof(text));

	if (n < 0)
		return n;
	if (strchr(text, '[')) {
		from = strchr(text, '[') + 1;
		from[strcspn(from, "]")] = '\0';
	}
	snprintf(value, size, "%.*s", (int)size - 1, from);
	return 0;
}

static int change_settings(struct tlib_disturber *d)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < TLIB_SETTINGS && d->what->setting[i].path && !err; i++) {
		if (access(d->what->setting[i].path, F_OK))
			continue;
		err = read_setting(d->what->setting[i].path, d->saved[i], sizeof(d->saved[i]));
		err = err ?: tlib_write_text(d->what->setting[i].path, d->what->setting[i].value);
	}
	return err;
}

void tlib_disturb_restore(const struct tlib_disturber *d, const struct tlib_disturbance *what)
{
	unsigned int i;

	for (i = 0; i < TLIB_SETTINGS && what->setting[i].path; i++)
		if (d->saved[i][0])
			tlib_write_text(what->setting[i].path, d->saved[i]);
}

/* Enter a cgroup that may be charged so much more than it is now. */
static int set_limit(struct tlib_disturber *d)
{
	__u64 now;
	int err;

	if (!d->what->limit)
		return 0;
	err = tlib_memcg_enter(&d->group);
	if (err)
		return err;
	err = tlib_read_number(tlib_text("%s/memory.current", d->group.group), &now);
	err = err ?: tlib_write_number(tlib_text("%s/memory.max", d->group.group),
				       now + d->what->limit);
	if (err)
		tlib_memcg_leave(&d->group);
	return err;
}

static void *disturb(void *arg)
{
	struct tlib_disturber *d = arg;

	while (!__atomic_load_n(&d->stop, __ATOMIC_RELAXED)) {
		int err = d->what->once(d);

		d->tried++;
		if (err)
			d->err = err;
		else
			__atomic_add_fetch(&d->done, 1, __ATOMIC_RELEASE);
		usleep(PAUSE_US);
	}
	return NULL;
}

int tlib_disturb_start(struct tlib_disturber *d, const struct tlib_disturbance *what)
{
	int err;

	d->what = what;
	d->victim = syscall(SYS_gettid);
	if (mlockall(MCL_CURRENT))
		return -errno;
	err = change_settings(d) ?: set_limit(d);
	if (err)
		goto restore;
	err = -pthread_create(&d->thread, NULL, disturb, d);
	if (err)
		goto leave;
	return 0;

leave:
	if (what->limit)
		tlib_memcg_leave(&d->group);
restore:
	tlib_disturb_restore(d, what);
	return err;
}

unsigned long tlib_disturb_done(const struct tlib_disturber *d)
{
	return __atomic_load_n(&d->done, __ATOMIC_ACQUIRE);
}

int tlib_disturb_await(struct tlib_disturber *d, unsigned long times, unsigned int seconds)
{
	const unsigned long want = tlib_disturb_done(d) + times;
	const __u64 end = tlib_now() + seconds * NSEC_PER_SEC;

	while (tlib_disturb_done(d) < want) {
		if (tlib_now() > end)
			return -ETIMEDOUT;
		usleep(1000);
	}
	return 0;
}

void tlib_disturb_stop(struct tlib_disturber *d)
{
	__atomic_store_n(&d->stop, true, __ATOMIC_RELAXED);
	pthread_join(d->thread, NULL);
	if (d->what->limit)
		tlib_memcg_leave(&d->group);
}
