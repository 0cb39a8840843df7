// SPDX-License-Identifier: GPL-2.0-only
/*
 * The totals over all regions (counters and histograms), read while regions and VMAs
 * come and go: no total ever decreases, and in the end each includes all faults of all
 * regions.
 */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/sys.h"

#define PROCESSES	3
#define NR		4	/* pages of a region */

/* The totals over all regions: counters, and histograms by result. */
struct totals {
	struct faultlab_stats stats;
	struct faultlab_latency latency[FAULTLAB_NR_RESULTS];
};

FIXTURE(totals)
{
	int fd;
	struct totals first, last, now;
	unsigned long reads, falls;
};

static int read_totals(int fd, struct totals *t)
{
	int err = tlib_read_stats(TLIB_STATS, &t->stats);
	unsigned int i;

	for (i = 0; i < FAULTLAB_NR_RESULTS && !err; i++)
		err = faultlab_latency(fd, FAULTLAB_LATENCY_ALL, 0, 1U << i, &t->latency[i]);
	return err;
}

FIXTURE_SETUP(totals)
{
	if (access(TLIB_STATS, F_OK))
		SKIP(return, "no " TLIB_STATS " (CONFIG_DEBUG_FS, mounted)");
	self->fd = faultlab_open();
	ASSERT_EQ(0, faultlab_latency_start(self->fd, FAULTLAB_LATENCY_ALL));
	ASSERT_EQ(0, read_totals(self->fd, &self->first));
	self->last = self->first;
}

FIXTURE_TEARDOWN(totals)
{
	faultlab_latency_stop(self->fd, FAULTLAB_LATENCY_ALL);
	close(self->fd);
}

/* How much use_region() adds to each counter, and to each histogram. */
static const struct {
	enum faultlab_stat stat;
	__u64 nr;
} counted[] = {
	{ FAULTLAB_STAT_FAULT_READ, 3 }, { FAULTLAB_STAT_FAULT_WRITE, 2 },
	{ FAULTLAB_STAT_FAULT_MKWRITE, 2 }, { FAULTLAB_STAT_MINOR, 4 },
	{ FAULTLAB_STAT_SIGBUS, 1 }, { FAULTLAB_STAT_MAJOR, 0 },
};

static const __u64 measured[FAULTLAB_NR_RESULTS] = {
	[FAULTLAB_RESULT_MINOR] = 4,
	[FAULTLAB_RESULT_PART] = 2,
	[FAULTLAB_RESULT_SIGBUS] = 1,
};

/* Open and close a region; one of its VMAs ends before. */
static int use_region(void)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SIGBUS, 0);
	int fd = tlib_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, NR);
	const size_t page = tlib_page_size();
	char *at, *other;
	int err;

	if (fd < 0)
		return fd;
	rule.access = FAULTLAB_ACCESS_MKWRITE;
	err = faultlab_rule(fd, FAULTLAB_RULE_SET, &rule);
	at = mmap(NULL, NR * page, TLIB_RW, MAP_SHARED, fd, 0);
	other = mmap(NULL, NR * page, PROT_READ, MAP_SHARED, fd, 0);
	if (err || at == MAP_FAILED || other == MAP_FAILED)
		return -1;
	if (faultlab_touch_write(at, 1, NULL) != -EFAULT ||
	    faultlab_touch_write(at + page, 1, NULL) ||
	    faultlab_touch_read(other + page, NULL) || munmap(other, NR * page) ||
	    faultlab_touch_read(at + 2 * page, NULL) ||
	    faultlab_touch_read(at + 3 * page, NULL) || munmap(at, NR * page))
		return -1;
	return close(fd);
}

static int use_regions(void *arg)
{
	unsigned long left = *(unsigned long *)arg;

	while (left--)
		if (use_region())
			return 1;
	return 0;
}

/* The number of a histogram's figures that have decreased. */
static unsigned int fallen(const struct faultlab_latency *before,
			   const struct faultlab_latency *after)
{
	unsigned int falls = after->total_ns < before->total_ns;
	unsigned int i;

	for (i = 0; i < FAULTLAB_LATENCY_BUCKETS; i++)
		falls += after->count[i] < before->count[i];
	return falls;
}

/* How many of all totals have decreased. */
static unsigned int compare(struct __test_metadata *_metadata, const struct totals *last,
			    const struct totals *now)
{
	unsigned int falls = 0, i;

	for (i = 0; i < FAULTLAB_NR_STATS; i++) {
		if (faultlab_stat_is_level(i) || now->stats.value[i] >= last->stats.value[i])
			continue;
		falls++;
		TH_LOG("%s: %llu, then %lld", faultlab_stat_name(i), last->stats.value[i],
		       (long long)now->stats.value[i]);
	}
	for (i = 0; i < FAULTLAB_NR_RESULTS; i++) {
		const struct faultlab_latency *before = &last->latency[i];
		const struct faultlab_latency *after = &now->latency[i];
		unsigned int fell = fallen(before, after);

		falls += fell;
		if (fell)
			TH_LOG("result %u: %llu in %llu ns, then %llu in %llu ns", i,
			       faultlab_latency_sum(before), before->total_ns,
			       faultlab_latency_sum(after), after->total_ns);
	}
	return falls;
}

/* Whether one of the children still runs. */
static bool some_run(pid_t *pids, int *status)
{
	bool run = false;
	unsigned int i;

	for (i = 0; i < PROCESSES; i++) {
		if (pids[i] && waitpid(pids[i], &status[i], WNOHANG) == pids[i])
			pids[i] = 0;
		run |= pids[i];
	}
	return run;
}

/* 75 regions in the short form, 10,002 in the long form. */
TEST_F_TIMEOUT(totals, totals_never_decrease_while_regions_come_and_go_and_are_exact, 600)
{
	unsigned long each = tlib_scale(25, 3334);
	const __u64 all = PROCESSES * each;
	int status[PROCESSES];
	pid_t pids[PROCESSES];
	unsigned int i;

	for (i = 0; i < PROCESSES; i++) {
		pids[i] = tlib_spawn(use_regions, &each);
		ASSERT_LT(0, pids[i]);
	}
	while (some_run(pids, status)) {
		ASSERT_EQ(0, read_totals(self->fd, &self->now));
		self->falls += compare(_metadata, &self->last, &self->now);
		self->last = self->now;
		self->reads++;
	}
	for (i = 0; i < PROCESSES; i++)
		EXPECT_EQ(0, status[i]);
	EXPECT_EQ(0, self->falls) {
		TH_LOG("in %lu reads", self->reads);
	}
	EXPECT_LT(2, self->reads);

	ASSERT_EQ(0, read_totals(self->fd, &self->now));
	for (i = 0; i < ARRAY_SIZE(counted); i++) {
		enum faultlab_stat stat = counted[i].stat;

		EXPECT_EQ(all * counted[i].nr,
			  self->now.stats.value[stat] - self->first.stats.value[stat]) {
			TH_LOG("%s", faultlab_stat_name(stat));
		}
	}
	for (i = 0; i < FAULTLAB_NR_RESULTS; i++)
		EXPECT_EQ(all * measured[i],
			  faultlab_latency_sum(&self->now.latency[i]) -
			  faultlab_latency_sum(&self->first.latency[i])) {
			TH_LOG("histogram of result %u", i);
		}
}

TEST_HARNESS_MAIN
