// SPDX-License-Identifier: GPL-2.0-only
/*
 * Histograms: each callback is in one bucket, so the sums match the counters; the sum
 * over regions is the total; and a reset loses nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

#define PAGES	64
#define LATENCY	FAULTLAB_DEBUGFS "/latency"
#define RESET	FAULTLAB_DEBUGFS "/reset"

FIXTURE(latency)
{
	int fd;
	char *at;
	struct faultlab_latency l;
};

FIXTURE_SETUP(latency)
{
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, PAGES);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
	tlib_settle();
}

FIXTURE_TEARDOWN(latency)
{
	faultlab_latency_stop(self->fd, FAULTLAB_LATENCY_ALL);
	close(self->fd);
}

static void touch(char *at, size_t first, size_t nr, bool write)
{
	size_t i;

	for (i = first; i < first + nr; i++) {
		if (write)
			faultlab_touch_write(at + i * TLIB_PAGE, 1, NULL);
		else
			faultlab_touch_read(at + i * TLIB_PAGE, NULL);
	}
}

static __u64 counted(int fd, __u32 flags, __u32 access, __u32 results)
{
	struct faultlab_latency l;

	return faultlab_latency(fd, flags, access, results, &l) ? ~0ULL : faultlab_latency_sum(&l);
}

TEST_F(latency, a_new_region_measures_no_latency)
{
	touch(self->at, 0, 3, false);
	ASSERT_EQ(0, faultlab_latency(self->fd, 0, 0, 0, &self->l));
	EXPECT_EQ(0, self->l.running);
	EXPECT_EQ(0, self->l.total_ns);
	EXPECT_EQ(0, faultlab_latency_sum(&self->l));
}

TEST_F(latency, histogram_sums_match_the_counters)
{
	struct faultlab_rule rule = tlib_rule(20, 4, FAULTLAB_VERDICT_RETRY, 0);
	const __u32 again = 1U << FAULTLAB_RESULT_RETRY;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, faultlab_latency_start(self->fd, 0));
	touch(self->at, 0, 5, false);
	touch(self->at, 3, 4, true);
	touch(self->at, 20, 3, false);
	touch(self->at, PAGES, 0, false);
	EXPECT_EQ(tlib_stat(self->fd, FAULTLAB_STAT_FAULT_READ),
		  counted(self->fd, 0, FAULTLAB_ACCESS_READ, 0xffU & ~again));
	EXPECT_EQ(tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE),
		  counted(self->fd, 0, FAULTLAB_ACCESS_WRITE, 0xffU & ~again));
	EXPECT_EQ(tlib_stat(self->fd, FAULTLAB_STAT_FAULT_MKWRITE),
		  counted(self->fd, 0, FAULTLAB_ACCESS_MKWRITE, 0xffU & ~again));
	EXPECT_EQ(3, counted(self->fd, 0, 0, again));
	EXPECT_EQ(tlib_stat(self->fd, FAULTLAB_STAT_MINOR),
		  counted(self->fd, 0, 0, 1U << FAULTLAB_RESULT_MINOR));
	/* The sums over all accesses and results are the same. */
	EXPECT_EQ(5 + 3 + 2 + 4 + 3, counted(self->fd, 0, 0, 0));
}

TEST_F(latency, a_delayed_callback_is_in_the_bucket_of_its_duration)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 5 * TLIB_MS);
	unsigned int i;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, faultlab_latency_start(self->fd, 0));
	touch(self->at, 0, 1, false);
	ASSERT_EQ(0, faultlab_latency(self->fd, 0, 0, 1U << FAULTLAB_RESULT_RETRY, &self->l));
	EXPECT_EQ(1, faultlab_latency_sum(&self->l));
	EXPECT_LE(5 * NSEC_PER_MS, self->l.total_ns);
	for (i = 0; i < FAULTLAB_LATENCY_BUCKETS; i++)
		EXPECT_EQ(faultlab_latency_from(i) <= self->l.total_ns &&
			  self->l.total_ns <= faultlab_latency_to(i), self->l.count[i]);
}

TEST_F(latency, the_total_is_the_sum_over_open_and_closed_regions)
{
	int other = tlib_region(FAULTLAB_KIND_PFN, 0, PAGES), gone;
	struct faultlab_latency l;
	__u64 before;
	char *at;

	ASSERT_EQ(0, faultlab_latency_start(self->fd, FAULTLAB_LATENCY_ALL));
	ASSERT_EQ(0, faultlab_latency_reset(self->fd, FAULTLAB_LATENCY_ALL, &l));
	EXPECT_EQ(1, l.running);
	before = counted(self->fd, FAULTLAB_LATENCY_ALL, 0, 0);
	EXPECT_EQ(0, before);
	/* Regions that are opened later are measured as well. */
	gone = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	at = tlib_map(gone, TLIB_RW, MAP_SHARED, 0, PAGES);
	touch(at, 0, 7, true);
	EXPECT_EQ(7, counted(gone, 0, 0, 0));
	tlib_unmap(at, PAGES);
	close(gone);

	at = tlib_map(other, TLIB_RW, MAP_SHARED, 0, PAGES);
	touch(at, 0, 3, false);
	touch(self->at, 0, 5, false);
	EXPECT_EQ(3, counted(other, 0, 0, 0));
	EXPECT_EQ(5, counted(self->fd, 0, 0, 0));
	EXPECT_EQ(15, counted(self->fd, FAULTLAB_LATENCY_ALL, 0, 0));
	close(other);
	EXPECT_EQ(15, counted(self->fd, FAULTLAB_LATENCY_ALL, 0, 0));
}

TEST_F(latency, reset_returns_the_histogram_and_clears_it)
{
	ASSERT_EQ(0, faultlab_latency_start(self->fd, 0));
	touch(self->at, 0, 4, false);
	ASSERT_EQ(0, faultlab_latency_reset(self->fd, 0, &self->l));
	EXPECT_EQ(4, faultlab_latency_sum(&self->l));
	ASSERT_EQ(0, faultlab_latency(self->fd, 0, 0, 0, &self->l));
	EXPECT_EQ(0, faultlab_latency_sum(&self->l));
	EXPECT_EQ(0, self->l.total_ns);
	touch(self->at, 4, 2, false);
	EXPECT_EQ(2, counted(self->fd, 0, 0, 0));
}

TEST_F(latency, after_stop_the_histogram_stays_and_nothing_is_added)
{
	ASSERT_EQ(0, faultlab_latency_start(self->fd, 0));
	touch(self->at, 0, 4, false);
	ASSERT_EQ(0, faultlab_latency_stop(self->fd, 0));
	touch(self->at, 4, 4, false);
	ASSERT_EQ(0, faultlab_latency(self->fd, 0, 0, 0, &self->l));
	EXPECT_EQ(4, faultlab_latency_sum(&self->l));
	EXPECT_EQ(0, self->l.running);
}

TEST_F(latency, unknown_flags_accesses_and_results_are_einval)
{
	EXPECT_EQ(-EINVAL, faultlab_latency(self->fd, 1U << 1, 0, 0, &self->l));
	EXPECT_EQ(-EINVAL, faultlab_latency(self->fd, 0, FAULTLAB_ACCESS_HUGE, 0, &self->l));
	EXPECT_EQ(-EINVAL, faultlab_latency(self->fd, 0, 0, 1U << FAULTLAB_NR_RESULTS,
					    &self->l));
}

static int ask_as_nobody(void *arg)
{
	struct faultlab_latency l;
	int fd = *(int *)arg;

	if (tlib_become_nobody())
		return 1;
	if (faultlab_latency_start(fd, FAULTLAB_LATENCY_ALL) != -EPERM ||
	    faultlab_latency(fd, FAULTLAB_LATENCY_ALL, 0, 0, &l) != -EPERM)
		return 2;
	return faultlab_latency_start(fd, 0) ? 3 : 0;
}

TEST_F(latency, an_unprivileged_task_may_measure_its_own_region_only)
{
	EXPECT_EQ(0, tlib_reap(tlib_spawn(ask_as_nobody, &self->fd)));
}

TEST_F(latency, debugfs_switches_shows_and_resets_the_histogram)
{
	char text[TLIB_TEXT_MAX], dir[64];
	char path[80];

	if (access(LATENCY, F_OK))
		SKIP(return, "no " LATENCY " (CONFIG_DEBUG_FS, mounted)");
	ASSERT_EQ(0, tlib_region_dir(self->fd, dir, sizeof(dir)));
	snprintf(path, sizeof(path), "%s/latency", dir);
	ASSERT_LT(0, tlib_read_text(path, text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, "off\n", strlen("off\n")));
	ASSERT_EQ(0, tlib_write_text(path, "1"));
	touch(self->at, 0, 4, true);
	ASSERT_LT(0, tlib_read_text(path, text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, "on\n", strlen("on\n")));
	EXPECT_NE(NULL, strstr(text, "\nwrite       part              4 "));
	EXPECT_NE(NULL, strstr(text, "\nmkwrite     minor             4 "));
	ASSERT_EQ(0, tlib_write_text(RESET, "1"));
	ASSERT_LT(0, tlib_read_text(path, text, sizeof(text)));
	EXPECT_EQ(NULL, strstr(text, "\nwrite"));
	EXPECT_EQ(-EINVAL, tlib_write_text(path, "perhaps"));
	ASSERT_EQ(0, tlib_write_text(path, "0"));
}

struct opener {
	pthread_t thread;
	bool stop;
	unsigned long opened;
};

static void *open_and_close(void *arg)
{
	struct opener *o = arg;
	int fd;

	while (!__atomic_load_n(&o->stop, __ATOMIC_RELAXED)) {
		fd = faultlab_open();
		if (fd < 0)
			break;
		o->opened++;
		close(fd);
	}
	return NULL;
}

TEST_F(latency, regions_open_while_measuring_of_all_is_switched_on_and_off)
{
	struct opener o = { 0 };
	int i;

	ASSERT_EQ(0, pthread_create(&o.thread, NULL, open_and_close, &o));
	for (i = 0; i < tlib_scale(50, 500) || !__atomic_load_n(&o.opened, __ATOMIC_RELAXED);
	     i++) {
		EXPECT_EQ(0, faultlab_latency_start(self->fd, FAULTLAB_LATENCY_ALL));
		EXPECT_EQ(0, faultlab_latency_stop(self->fd, FAULTLAB_LATENCY_ALL));
	}
	__atomic_store_n(&o.stop, true, __ATOMIC_RELAXED);
	pthread_join(o.thread, NULL);
	EXPECT_LT(0, o.opened);
}

static struct faultlab_latency of(unsigned int bucket, __u64 nr, unsigned int more, __u64 others)
{
	struct faultlab_latency l = { 0 };

	l.count[bucket] = nr;
	l.count[more] += others;
	return l;
}

TEST_F(latency, quantiles_are_the_upper_end_of_a_bucket)
{
	struct faultlab_latency l = of(10, 99, 20, 1);

	EXPECT_EQ(2047, faultlab_latency_quantile(&l, 500000));
	EXPECT_EQ(2047, faultlab_latency_quantile(&l, 990000));
	EXPECT_EQ((1 << 21) - 1, faultlab_latency_quantile(&l, 990001));
	EXPECT_EQ((1 << 21) - 1, faultlab_latency_quantile(&l, 1000000));
	l = of(0, 0, 0, 0);
	EXPECT_EQ(0, faultlab_latency_quantile(&l, 500000));
}

TEST_HARNESS_MAIN
