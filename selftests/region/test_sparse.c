// SPDX-License-Identifier: GPL-2.0-only
/*
 * A region of 1 TiB of which little is touched: it uses memory only for what is
 * touched, and gives it back.
 */
#include <errno.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/machine/memcg.h"
#include "lib/space.h"
#include "lib/sys.h"

#define MAX_PAGES	TLIB_PARAMETERS "max_pages"
#define PAGES		(1ULL << 28)	/* 1 TiB */
#define TOUCHED		256ULL
#define STEP		(PAGES / TOUCHED)

FIXTURE(sparse)
{
	__u64 max_pages;
	int fd;
	char *mem;
};

FIXTURE_VARIANT(sparse)
{
	enum faultlab_kind kind;
	__u64 flags;
};

#define VARIANT(name, k, f) FIXTURE_VARIANT_ADD(sparse, name) \
	{ .kind = FAULTLAB_KIND_##k, .flags = f }

VARIANT(page, PAGE, 0);
VARIANT(insert, PAGE, FAULTLAB_REGION_INSERT);
VARIANT(pfn, PFN, 0);

FIXTURE_SETUP(sparse)
{
	ASSERT_EQ(0, tlib_read_number(MAX_PAGES, &self->max_pages));
	ASSERT_EQ(0, tlib_write_number(MAX_PAGES, PAGES));
	self->fd = tlib_region(variant->kind, variant->flags, PAGES);
	ASSERT_LE(0, self->fd);
	self->mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->mem);
}

/* In the parent: also if the test crashed. */
FIXTURE_TEARDOWN_PARENT(sparse)
{
	tlib_write_number(MAX_PAGES, self->max_pages);
}

static void touch_all(char *mem)
{
	__u64 i;

	for (i = 0; i < TOUCHED; i++)
		*(volatile char *)(mem + i * STEP * TLIB_PAGE) = 1;
}

/*
 * The touched pages are far from each other, so each takes five pages of memory: the page,
 * two pages of the module's index and two page tables. A flat table instead of the index
 * would take 512 MiB or more.
 */
TEST_F(sparse, memory_use_follows_the_touched_pages_not_the_region_size)
{
	struct tlib_memcg group;
	__u64 before;
	int err;

	err = tlib_memcg_enter(&group);
	if (err == -ENOENT)
		SKIP(return, "no memory controller in cgroup2 (CONFIG_MEMCG)");
	ASSERT_EQ(0, err);
	before = tlib_memcg_pages(&group);
	touch_all(self->mem);
	EXPECT_EQ(TOUCHED, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_LE(before + 5 * TOUCHED, tlib_memcg_pages(&group) + tlib_memcg_slack());
	EXPECT_GE(before + 5 * TOUCHED + 16 + tlib_memcg_slack(), tlib_memcg_pages(&group));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	/* The process keeps its page tables. */
	EXPECT_TRUE(tlib_memcg_settles(&group, before + 2 * TOUCHED + 16 + tlib_memcg_slack()));
	tlib_memcg_leave(&group);
}

TEST_F(sparse, each_touched_page_keeps_its_content_until_it_is_dropped)
{
	__u64 i;

	touch_all(self->mem);
	for (i = 0; i < TOUCHED; i++) {
		EXPECT_EQ(1, self->mem[i * STEP * TLIB_PAGE]);
		EXPECT_EQ(0, self->mem[(i * STEP + STEP - 1) * TLIB_PAGE]);
	}
	EXPECT_EQ(2 * TOUCHED, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(0, self->mem[STEP * TLIB_PAGE]);
}

TEST_HARNESS_MAIN
