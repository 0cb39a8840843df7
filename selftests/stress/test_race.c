// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two tasks fault on the same pages at once: each page is allocated only once.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/fault/race.h"

#define RACE_PAGES	256

struct racer {
	char *mem;
	pthread_barrier_t *start;
	bool last;	/* raise max_total_pages by one for each page */
	__u64 full;	/* the pages that were allocated before */
};

/* Each thread adds 1 to each page; the barrier lets both touch it at once. */
static void *add_to_pages(void *arg)
{
	struct racer *r = arg;
	unsigned int i;

	for (i = 0; i < RACE_PAGES; i++) {
		if (pthread_barrier_wait(r->start) && r->last)
			tlib_write_number(TLIB_MAX_TOTAL, r->full + i + 1);
		pthread_barrier_wait(r->start);
		__atomic_fetch_add((__u64 *)(r->mem + i * TLIB_PAGE), 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static pthread_barrier_t *shared_barrier(unsigned int nr)
{
	pthread_barrier_t *barrier = mmap(NULL, sizeof(*barrier), TLIB_RW,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_barrierattr_t attr;

	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(barrier, &attr, nr);
	return barrier;
}

static size_t pages_of_two(const char *mem)
{
	size_t i, n = 0;

	for (i = 0; i < RACE_PAGES; i++)
		n += *(__u64 *)(mem + i * TLIB_PAGE) == 2;
	return n;
}

TEST_F(race, two_threads_that_fault_on_a_page_allocate_it_once)
{
	char *mem = tlib_map_apart(self->fd, TLIB_RW, MAP_SHARED, RACE_PAGES);
	struct racer r = { .mem = mem, .start = shared_barrier(2) };
	struct faultlab_witness seen = { 0 };
	struct faultlab_stats stats;
	pthread_t threads[2];
	int i;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, faultlab_witness_begin(&seen, RUSAGE_SELF));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, add_to_pages, &r));
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	ASSERT_EQ(0, faultlab_witness_end(&seen));
	ASSERT_EQ(0, faultlab_stats(self->fd, &stats));
	EXPECT_EQ(RACE_PAGES, stats.value[FAULTLAB_STAT_PAGES]);
	EXPECT_EQ(RACE_PAGES, stats.value[FAULTLAB_STAT_PAGES_PEAK]);
	EXPECT_EQ(self->before + RACE_PAGES, tlib_all_pages());
	EXPECT_EQ(RACE_PAGES, pages_of_two(mem));
	EXPECT_EQ(RACE_PAGES, tlib_nr_mapped(self->fd, 0, mem, RACE_PAGES));
	/*
	 * The fault of the second thread may find the page mapped. Then the kernel counts a
	 * fault without calling the module.
	 */
	EXPECT_LE(RACE_PAGES, ended(&stats));
	EXPECT_LE(ended(&stats), seen.minflt + seen.majflt);
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_SIGBUS]);
	EXPECT_EQ(called_under_lock(&stats), under_lock(&stats));
}

TEST_F(race, two_processes_that_fault_on_a_page_allocate_it_once)
{
	char *mem = tlib_map_apart(self->fd, TLIB_RW, MAP_SHARED, RACE_PAGES);
	struct racer r = { .mem = mem, .start = shared_barrier(2) };
	struct faultlab_stats stats;
	pid_t pid;

	ASSERT_NE(NULL, mem);
	pid = fork();
	add_to_pages(&r);
	if (!pid)
		_exit(tlib_nr_mapped(self->fd, 0, mem, RACE_PAGES) != RACE_PAGES);
	EXPECT_EQ(0, tlib_reap(pid));
	ASSERT_EQ(0, faultlab_stats(self->fd, &stats));
	EXPECT_EQ(RACE_PAGES, stats.value[FAULTLAB_STAT_PAGES]);
	EXPECT_EQ(RACE_PAGES, stats.value[FAULTLAB_STAT_PAGES_PEAK]);
	EXPECT_EQ(self->before + RACE_PAGES, tlib_all_pages());
	EXPECT_EQ(RACE_PAGES, pages_of_two(mem));
	/*
	 * Each process has page tables of its own, so the module maps each page twice, by
	 * .fault or .map_pages.
	 */
	EXPECT_LE(2 * RACE_PAGES, ended(&stats) + stats.value[FAULTLAB_STAT_PAGES_AROUND]);
	EXPECT_EQ(called_under_lock(&stats), under_lock(&stats));
}

TEST_F(race, two_threads_that_fault_on_the_last_allowed_page_both_succeed)
{
	char *mem = tlib_map_apart(self->fd, TLIB_RW, MAP_SHARED, RACE_PAGES);
	struct racer r = { mem, shared_barrier(2), true, self->before };
	__u64 now;
	pthread_t threads[2];
	int i;

	ASSERT_NE(NULL, mem);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, add_to_pages, &r));
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(RACE_PAGES, pages_of_two(mem));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_SIGBUS));
	EXPECT_EQ(self->before + RACE_PAGES, tlib_all_pages());
	ASSERT_EQ(0, tlib_read_number(TLIB_MAX_TOTAL, &now));
	EXPECT_EQ(self->before + RACE_PAGES, now);
}

TEST_HARNESS_MAIN
