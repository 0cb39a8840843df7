// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything at once: workers that each own every third page, and one task for each
 * other operation on the mapping. Invariants are checked when all have stopped.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/fault/race.h"

#define WORKERS		3
#define STRESS_PAGES	64

struct stress {
	int fd;
	bool grows;
	char *mem;
	bool stop;
	__u64 wrong;		/* reads that did not return what was written */
	__u64 failed;		/* calls that failed but should not */
};

static bool goes_on(struct stress *s)
{
	return !__atomic_load_n(&s->stop, __ATOMIC_RELAXED);
}

static void count(__u64 *n, bool yes)
{
	__atomic_fetch_add(n, yes, __ATOMIC_RELAXED);
}

struct worker {
	struct stress *s;
	unsigned int nr;
	__u8 last[STRESS_PAGES];	/* the value written last; 0 if never */
};

/*
 * Touch pages. SIGSEGV is fine: mprotect() forbade the access, and nothing was written.
 */
static void *work(void *arg)
{
	struct worker *w = arg;
	struct faultlab_touch touch;
	unsigned int page, round = 0;

	do {
		round++;
		for (page = w->nr; page < STRESS_PAGES; page += WORKERS) {
			char *at = w->s->mem + page * TLIB_PAGE;

			if (!faultlab_touch_write(at, round, &touch))
				w->last[page] = round;
			else
				count(&w->s->failed, touch.signal != SIGSEGV);
			if (!faultlab_touch_read(at, &touch))
				count(&w->s->wrong, touch.value != w->last[page]);
			else
				count(&w->s->failed, touch.signal != SIGSEGV);
		}
	} while (goes_on(w->s));
	return NULL;
}

static void do_map(struct stress *s)
{
	char *mem = tlib_map(s->fd, TLIB_RW, MAP_SHARED, 8, 32);

	count(&s->failed, !mem || faultlab_touch_read(mem + 3 * TLIB_PAGE, NULL));
	munmap(mem, 16 * TLIB_PAGE);
	munmap(mem + 16 * TLIB_PAGE, 16 * TLIB_PAGE);
}

static void do_mremap(struct stress *s)
{
	size_t size = (s->grows ? 16 : 8) * TLIB_PAGE;
	char *to = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *mem = tlib_map(s->fd, PROT_READ, MAP_SHARED, 0, 8);

	faultlab_touch_read(mem, NULL);
	mem = mremap(mem, 8 * TLIB_PAGE, size, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	count(&s->failed, mem == MAP_FAILED);
	if (mem == MAP_FAILED)
		return;
	faultlab_touch_read(mem, NULL);
	faultlab_touch_read(mem + size - TLIB_PAGE, NULL);
	munmap(mem, size);
}

static void do_fork(struct stress *s)
{
	pid_t pid = fork();

	if (!pid) {
		faultlab_touch_read(s->mem + 7 * TLIB_PAGE, NULL);
		_exit(0);
	}
	count(&s->failed, pid < 0 || tlib_reap(pid));
}

static void do_mprotect(struct stress *s)
{
	count(&s->failed, mprotect(s->mem + 16 * TLIB_PAGE, 8 * TLIB_PAGE, PROT_READ));
	count(&s->failed, mprotect(s->mem + 20 * TLIB_PAGE, 8 * TLIB_PAGE, PROT_NONE));
	sched_yield();
	count(&s->failed, mprotect(s->mem, STRESS_PAGES * TLIB_PAGE, TLIB_RW));
}

static void do_evict(struct stress *s)
{
	count(&s->failed, faultlab_evict(s->fd, 0, FAULTLAB_TO_END, 0));
}

static void do_rules(struct stress *s)
{
	const struct faultlab_rule rules[] = {
		tlib_rule(0, 16, FAULTLAB_VERDICT_MAJOR, 0),
		tlib_rule(10, 20, FAULTLAB_VERDICT_SERVE, 50),
	};

	count(&s->failed, faultlab_rules(s->fd, FAULTLAB_RULE_SET, rules, 2));
	sched_yield();
	count(&s->failed, faultlab_rules(s->fd, FAULTLAB_RULE_SET, NULL, 0));
}

static void do_stats(struct stress *s)
{
	struct faultlab_stats stats;

	count(&s->failed, faultlab_stats(s->fd, &stats));
	count(&s->failed, called_under_lock(&stats) > 1ULL << 60);
}

static void (*const disturb[])(struct stress *s) = {
	do_map, do_mremap, do_fork, do_mprotect, do_evict, do_rules, do_stats,
};

/*
 * A fixed number of rounds, not a fixed time: a slow machine tests as much as a fast
 * one.
 */
static void *disturb_all(void *arg)
{
	unsigned long round, rounds = tlib_scale(8, 25);
	struct stress *s = arg;
	unsigned int i;

	for (round = 0; round < rounds; round++)
		for (i = 0; i < ARRAY_SIZE(disturb); i++)
			disturb[(i + round) % ARRAY_SIZE(disturb)](s);
	__atomic_store_n(&s->stop, true, __ATOMIC_RELAXED);
	return NULL;
}

static size_t pages_kept(const struct worker *workers, const char *mem)
{
	unsigned int page;
	size_t n = 0;

	for (page = 0; page < STRESS_PAGES; page++)
		n += (__u8)mem[page * TLIB_PAGE] == workers[page % WORKERS].last[page];
	return n;
}

TEST_F_TIMEOUT(race, concurrent_faults_and_vma_operations_lose_no_page_write_or_count, 300)
{
	static struct worker workers[WORKERS];
	static struct stress s;
	struct faultlab_stats stats;
	pthread_t threads[WORKERS + 1];
	struct rusage self_usage, child_usage;
	int i;

	s.fd = self->fd;
	s.grows = variant->grows;
	s.mem = tlib_map_apart(self->fd, TLIB_RW, MAP_SHARED, STRESS_PAGES);
	ASSERT_NE(NULL, s.mem);
	faultlab_touch_read(NULL, NULL);
	for (i = 0; i < WORKERS; i++) {
		workers[i] = (struct worker) { .s = &s, .nr = i };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, work, &workers[i]));
	}
	ASSERT_EQ(0, pthread_create(&threads[WORKERS], NULL, disturb_all, &s));
	for (i = 0; i < WORKERS + 1; i++)
		pthread_join(threads[i], NULL);

	EXPECT_EQ(0, s.wrong);
	EXPECT_EQ(0, s.failed);
	EXPECT_EQ(STRESS_PAGES, pages_kept(workers, s.mem));
	ASSERT_EQ(0, munmap(s.mem, STRESS_PAGES * TLIB_PAGE));
	ASSERT_EQ(0, faultlab_stats(self->fd, &stats));
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_VMAS]);
	EXPECT_EQ(STRESS_PAGES, stats.value[FAULTLAB_STAT_PAGES]);
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_SIGBUS]);
	EXPECT_EQ(called_under_lock(&stats), under_lock(&stats));
	if (variant->exact) {
		EXPECT_EQ(called_under_lock(&stats), ended(&stats));
	}
	getrusage(RUSAGE_SELF, &self_usage);
	getrusage(RUSAGE_CHILDREN, &child_usage);
	EXPECT_LE(ended(&stats), self_usage.ru_minflt + self_usage.ru_majflt +
				 child_usage.ru_minflt + child_usage.ru_majflt);
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(self->before, tlib_all_pages());
}

TEST_HARNESS_MAIN
