// SPDX-License-Identifier: GPL-2.0-only
/*
 * A region of 1 TiB of which little is touched: it takes memory for what is touched,
 * and gives it back.
 */
#include <errno.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "flab_space.h"
#include "flab_sys.h"

#define MAX_PAGES	FLAB_PARAMETERS "max_pages"
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
	ASSERT_EQ(0, flab_read_number(MAX_PAGES, &self->max_pages));
	ASSERT_EQ(0, flab_write_number(MAX_PAGES, PAGES));
	self->fd = flab_region(variant->kind, variant->flags, PAGES);
	ASSERT_LE(0, self->fd);
	self->mem = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->mem);
}

FIXTURE_TEARDOWN(sparse)
{
	close(self->fd);
	EXPECT_EQ(0, flab_write_number(MAX_PAGES, self->max_pages));
}

static __u64 free_kib(void)
{
	__u64 kib;

	return flab_read_field("/proc/meminfo", "MemFree:", &kib) ? 0 : kib;
}

static void touch_all(char *mem)
{
	__u64 i;

	for (i = 0; i < TOUCHED; i++)
		*(volatile char *)(mem + i * STEP * FLAB_PAGE) = 1;
}

/*
 * A page, a page of the index and tables of two levels for each page that is touched,
 * and three times as much for others in the machine. A flat table would be 512 MiB and more.
 */
TEST_F(sparse, takes_memory_for_pages_that_are_touched)
{
	__u64 before = free_kib(), after;

	touch_all(self->mem);
	after = free_kib();
	EXPECT_EQ(TOUCHED, flab_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_LT(before, after + 4 * 4 * TOUCHED * FLAB_PAGE / 1024);
}

TEST_F(sparse, finds_each_page_again_and_loses_them_by_an_evict)
{
	__u64 i;

	touch_all(self->mem);
	for (i = 0; i < TOUCHED; i++) {
		EXPECT_EQ(1, self->mem[i * STEP * FLAB_PAGE]);
		EXPECT_EQ(0, self->mem[(i * STEP + STEP - 1) * FLAB_PAGE]);
	}
	EXPECT_EQ(2 * TOUCHED, flab_stat(self->fd, FAULTLAB_STAT_PAGES));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(0, self->mem[STEP * FLAB_PAGE]);
}

TEST_HARNESS_MAIN
