// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads fault on a folio of the order of a PMD while the rules about it change. Under
 * some rules the core may map the folio by a PMD leaf. Under others it must not, and the
 * module gives the PMD a page table by apply_to_page_range(). It may do that only if no
 * fault under the earlier rules is about to map the leaf: if apply_to_page_range() finds a
 * leaf, it writes a warning to the kernel log, for which `make test` fails the test.
 */
#include <kselftest_harness.h>
#include "lib/memory/memory.h"
#include "lib/space.h"
#include "lib/sys.h"

#define AT		((char *)(1UL << 42))
#define NR_THREADS	3
#define RULED		3	/* the page of the rule; no thread touches it */

FIXTURE(race)
{
	int fd;
	bool stop;
	unsigned long rounds[NR_THREADS];
	unsigned long wrong;
	int signal;		/* the first one */
	unsigned int started;
};

FIXTURE_VARIANT(race)
{
	const struct faultlab_memory *memory;
};

static bool core_maps_pmds(const struct faultlab_memory *memory)
{
	return memory->kind == FAULTLAB_KIND_PAGE && memory->leaf == FAULTLAB_LEAF_PMD;
}

TLIB_MEMORIES(race, core_maps_pmds)

FIXTURE_SETUP(race)
{
	self->fd = faultlab_memory_open(variant->memory, TLIB_PMD_SIZE);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(race)
{
	munmap(AT, TLIB_PMD_SIZE);
	if (self->fd >= 0)
		close(self->fd);
}

/*
 * The new mapping has no page table: mmap() frees that of the old one, which it
 * replaces.
 */
static int map_anew(struct _test_data_race *self)
{
	return mmap(AT, TLIB_PMD_SIZE, TLIB_RW, MAP_SHARED | MAP_FIXED, self->fd, 0) == AT ? 0 : -1;
}

/* Each thread touches one page of its own, which no rule matches. */
static void *toucher(void *arg)
{
	struct _test_data_race *self = arg;
	unsigned int me = __atomic_fetch_add(&self->started, 1, __ATOMIC_RELAXED);
	char *at = AT + (RULED + 1 + me * 7) * TLIB_PAGE;
	struct faultlab_touch touch;

	while (!__atomic_load_n(&self->stop, __ATOMIC_ACQUIRE)) {
		if (me % 2)
			faultlab_touch_write(at, 'a' + me, &touch);
		else
			faultlab_touch_read(at, &touch);
		if (touch.signal && !__atomic_fetch_add(&self->wrong, 1, __ATOMIC_RELAXED))
			self->signal = touch.signal;
		__atomic_fetch_add(&self->rounds[me], 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static bool has_leaf(struct _test_data_race *self)
{
	struct faultlab_walk_entry e = tlib_entry(self->fd, 0, AT + RULED * TLIB_PAGE);

	return e.level == FAULTLAB_LEVEL_PMD && (e.flags & FAULTLAB_PTE_LEAF);
}

/* First allow a PMD leaf (no rules), then forbid it (a rule for one page). */
static int change_rules(struct _test_data_race *self)
{
	const struct faultlab_rule rule = tlib_rule(RULED, 1, FAULTLAB_VERDICT_SIGBUS, 0);

	return faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0) ?:
	       map_anew(self) ?:
	       faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0) ?:
	       faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule);
}

TEST_F_TIMEOUT(race, faults_stay_correct_while_rules_switch_between_pmd_leaf_and_page_table, 600)
{
	const unsigned int rounds = tlib_scale(60, 1500);
	unsigned int i, round, leaves = 0;
	pthread_t thread[NR_THREADS];
	int err = 0;

	ASSERT_EQ(0, map_anew(self));
	/*
	 * One thread allocates the folio: three threads at once might allocate three.
	 */
	ASSERT_EQ(0, faultlab_touch_read(AT, NULL));
	for (i = 0; i < NR_THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, toucher, self));
	for (i = 0; i < NR_THREADS; i++)
		tlib_hammer_await(&self->rounds[i]);
	for (round = 0; !err && round < rounds; round++) {
		err = change_rules(self);
		leaves += has_leaf(self);
	}
	__atomic_store_n(&self->stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(thread[i], NULL);
	EXPECT_EQ(0, err);
	EXPECT_EQ(0, self->wrong) {
		TH_LOG("the first failed access got signal %d", self->signal);
	}
	/*
	 * If apply_to_page_range() finds a leaf, it warns only the first time, but fails
	 * each time. The fault then counts as out of memory.
	 */
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_OOM));
	TH_LOG("%u of %u rounds ended with a PMD leaf", leaves, round);

	/*
	 * After the race the rules still decide how the folio is mapped: with a rule by a
	 * page table, without one by a PMD leaf. The content is still there.
	 */
	ASSERT_EQ(0, map_anew(self));
	EXPECT_EQ('b', AT[(RULED + 1 + 7) * TLIB_PAGE]);
	EXPECT_FALSE(has_leaf(self));
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0));
	ASSERT_EQ(0, map_anew(self));
	EXPECT_EQ('b', AT[(RULED + 1 + 7) * TLIB_PAGE]);
	EXPECT_TRUE(has_leaf(self));
}

TEST_HARNESS_MAIN
