// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only counter of the kernel that differs from the others: memory.stat of a cgroup
 * counts all faults in pgfault, but in pgmajfault not the major faults of a driver. The
 * driver would count them, but count_memcg_events() is not exported to modules.
 */
#include <errno.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/machine/memcg.h"
#include "lib/sys.h"
#include "lib/record/truth.h"

#define PAGES	256UL

FIXTURE(memcg)
{
	struct tlib_memcg group;
	int fd;
	char *at;
};

FIXTURE_SETUP(memcg)
{
	int err = tlib_memcg_enter(&self->group);

	if (err == -ENOENT)
		SKIP(return, "no memory controller in cgroup2 (CONFIG_MEMCG)");
	ASSERT_EQ(0, err);
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(memcg)
{
	if (!self->at)
		return;
	tlib_unmap(self->at, PAGES);
	close(self->fd);
	tlib_memcg_leave(&self->group);
}

TEST_F(memcg, memory_stat_counts_the_faults_but_no_major_fault_of_a_driver)
{
	struct faultlab_rule rule = tlib_rule(0, PAGES, FAULTLAB_VERDICT_MAJOR, 0);
	__u64 pgfault, pgmajfault;
	struct tlib_mark mark;
	size_t i;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	pgfault = tlib_memcg_stat(&self->group, "pgfault");
	pgmajfault = tlib_memcg_stat(&self->group, "pgmajfault");
	ASSERT_NE(~0ULL, pgmajfault);
	for (i = 0; i < PAGES; i++)
		faultlab_touch_read(tlib_at(self->at, i), NULL);
	tlib_counts_end(&mark);
	EXPECT_EQ(PAGES, mark.witness.majflt);
	EXPECT_LE(PAGES, mark.witness.pgmajfault);
	EXPECT_LE(pgfault + PAGES, tlib_memcg_stat(&self->group, "pgfault"));
	EXPECT_EQ(pgmajfault, tlib_memcg_stat(&self->group, "pgmajfault"));
}

TEST_HARNESS_MAIN
