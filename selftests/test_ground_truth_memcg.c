// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one witness that must differ: memory.stat of a cgroup counts all faults, and
 * no major fault of a driver, since count_memcg_events() is not exported to it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "flab_sys.h"
#include "flab_truth.h"

/* So many that the kernel adds them up at once (MEMCG_CHARGE_BATCH for each CPU). */
#define PAGES	2048UL

FIXTURE(memcg)
{
	char root[32];
	char group[64];
	int fd;
	char *at;
};

FIXTURE_SETUP(memcg)
{
	snprintf(self->root, sizeof(self->root), "/tmp/flab-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->root));
	if (mount("cgroup2", self->root, "cgroup2", 0, NULL))
		SKIP(return, "no cgroup2 (CONFIG_CGROUPS)");
	if (flab_write_text(flab_text("%s/cgroup.subtree_control", self->root), "+memory"))
		SKIP(return, "no memory controller in cgroup2 (CONFIG_MEMCG)");
	snprintf(self->group, sizeof(self->group), "%s/flab-%d", self->root, getpid());
	ASSERT_EQ(0, mkdir(self->group, 0700));
	ASSERT_EQ(0, flab_write_text(flab_text("%s/cgroup.procs", self->group), "0"));
	self->fd = flab_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_LE(0, self->fd);
	self->at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(memcg)
{
	if (self->group[0]) {
		flab_write_text(flab_text("%s/cgroup.procs", self->root), "0");
		flab_unmap(self->at, PAGES);
		close(self->fd);
		rmdir(self->group);
	}
	umount(self->root);
	rmdir(self->root);
}

static __u64 in_group(const char *group, const char *name)
{
	__u64 value = ~0ULL;

	flab_read_field(flab_text("%s/memory.stat", group), name, &value);
	return value;
}

TEST_F(memcg, counts_the_faults_and_none_as_major)
{
	struct faultlab_rule rule = flab_rule(0, PAGES, FAULTLAB_VERDICT_MAJOR, 0);
	__u64 pgfault, pgmajfault;
	struct flab_mark mark;
	size_t i;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	pgfault = in_group(self->group, "pgfault");
	pgmajfault = in_group(self->group, "pgmajfault");
	ASSERT_NE(~0ULL, pgmajfault);
	for (i = 0; i < PAGES; i++)
		faultlab_touch_read(flab_at(self->at, i), NULL);
	flab_end(&mark);
	EXPECT_EQ(PAGES, mark.witness.majflt);
	EXPECT_LE(PAGES, mark.witness.pgmajfault);
	/* What is not yet added up is less than a batch for each CPU. */
	EXPECT_LE(pgfault + PAGES / 2, in_group(self->group, "pgfault"));
	EXPECT_EQ(pgmajfault, in_group(self->group, "pgmajfault"));
}

TEST_HARNESS_MAIN
