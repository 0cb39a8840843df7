// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only witness that must differ: memory.stat of a cgroup counts all faults, but not
 * a driver's major faults, since count_memcg_events() is not exported to modules.
 */
#include <errno.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/flab_memcg.h"
#include "lib/flab_sys.h"
#include "lib/record/flab_truth.h"

#define PAGES	256UL

FIXTURE(memcg)
{
	struct flab_memcg group;
	int fd;
	char *at;
};

FIXTURE_SETUP(memcg)
{
	int err = flab_memcg_enter(&self->group);

	if (err == -ENOENT)
		SKIP(return, "no memory controller in cgroup2 (CONFIG_MEMCG)");
	ASSERT_EQ(0, err);
	self->fd = flab_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_LE(0, self->fd);
	self->at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(memcg)
{
	if (!self->at)
		return;
	flab_unmap(self->at, PAGES);
	close(self->fd);
	flab_memcg_leave(&self->group);
}

TEST_F(memcg, counts_the_faults_and_none_as_major)
{
	struct faultlab_rule rule = flab_rule(0, PAGES, FAULTLAB_VERDICT_MAJOR, 0);
	__u64 pgfault, pgmajfault;
	struct flab_mark mark;
	size_t i;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	pgfault = flab_memcg_stat(&self->group, "pgfault");
	pgmajfault = flab_memcg_stat(&self->group, "pgmajfault");
	ASSERT_NE(~0ULL, pgmajfault);
	for (i = 0; i < PAGES; i++)
		faultlab_touch_read(flab_at(self->at, i), NULL);
	flab_end(&mark);
	EXPECT_EQ(PAGES, mark.witness.majflt);
	EXPECT_LE(PAGES, mark.witness.pgmajfault);
	EXPECT_LE(pgfault + PAGES, flab_memcg_stat(&self->group, "pgfault"));
	EXPECT_EQ(pgmajfault, flab_memcg_stat(&self->group, "pgmajfault"));
}

TEST_HARNESS_MAIN
