// SPDX-License-Identifier: GPL-2.0-only
/*
 * Poisoned frames (PG_hwpoison) of kinds with special entries: an access to a poisoned
 * page is an error, its neighbours are served.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <linux/kernel-page-flags.h>
#include <signal.h>
#include <unistd.h>
#include "lib/tlib.h"
#include "lib/sys.h"

#define NR		4
#define HARD_OFFLINE	"/sys/devices/system/memory/hard_offline_page"

FIXTURE(hwpoison)
{
	int fd;
	char *at;	/* NR pages, written to; the second is broken, and none is mapped */
	__u64 pfn;
};

FIXTURE_VARIANT(hwpoison)
{
	struct faultlab_config config;
	const char *others;	/* what a fault on another page counts */
};

FIXTURE_VARIANT_ADD(hwpoison, pfn)
{
	.config = { .kind = FAULTLAB_KIND_PFN, .bytes = NR * 4096 },
	.others = "fault_read 1 minor 1 locked 1 minflt 1",
};

FIXTURE_VARIANT_ADD(hwpoison, pfn_around)
{
	.config = { .kind = FAULTLAB_KIND_PFN, .bytes = NR * 4096, .around = NR },
	.others = "fault_read 1 minor 1 locked 1 pages_batch 2 minflt 1",
};

FIXTURE_VARIANT_ADD(hwpoison, mixed)
{
	.config = { .kind = FAULTLAB_KIND_MIXED, .bytes = NR * 4096 },
	.others = "fault_read 1 minor 1 locked 1 minflt 1",
};

FIXTURE_SETUP(hwpoison)
{
	__u64 flags;
	size_t i;

	self->fd = tlib_region_full(&variant->config);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	for (i = 0; i < NR; i++)
		ASSERT_EQ(0, faultlab_touch_write(tlib_at(self->at, i), 'a' + i, NULL));
	self->pfn = tlib_pfn(self->fd, tlib_at(self->at, 1));
	ASSERT_NE(0, self->pfn);
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	/*
	 * The page is on no LRU list. So the kernel sets PG_hwpoison, does no more, and
	 * returns EBUSY.
	 */
	if (tlib_write_text(HARD_OFFLINE, tlib_text("0x%llx", self->pfn << 12)) == -ENOENT)
		SKIP(return, "no " HARD_OFFLINE " (CONFIG_MEMORY_FAILURE)");
	flags = tlib_kpageflags(self->pfn);
	ASSERT_NE(~0ULL, flags);
	ASSERT_NE(0, flags & 1ULL << KPF_HWPOISON);
}

FIXTURE_TEARDOWN(hwpoison)
{
	close(self->fd);
}

TEST_F(hwpoison, access_to_a_poisoned_frame_is_sigbus_until_the_page_is_dropped)
{
	char *at = tlib_at(self->at, 1);
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(at, &touch));
	EXPECT_COUNTS("fault_read 1 locked 1 hwpoison 1", &mark);
	EXPECT_EQ(SIGBUS, touch.signal);
	EXPECT_EQ(BUS_MCEERR_AR, touch.code);
	EXPECT_FALSE(tlib_mapped(self->fd, at));

	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, faultlab_touch_read(at, &touch));
	EXPECT_EQ(0, touch.value);
	EXPECT_NE(self->pfn, tlib_pfn(self->fd, at));
}

TEST_F(hwpoison, a_fault_on_a_neighbour_does_not_map_the_poisoned_frame)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 2), NULL));
	EXPECT_COUNTS(variant->others, &mark);
	EXPECT_FALSE(tlib_mapped(self->fd, tlib_at(self->at, 1)));
	EXPECT_TRUE(tlib_mapped(self->fd, tlib_at(self->at, 2)));
}

/* .access (debuggers) must not read a poisoned frame: the kernel would crash. */
TEST_F(hwpoison, proc_mem_reads_and_writes_of_a_poisoned_frame_are_eio)
{
	off_t at = (off_t)(uintptr_t)tlib_at(self->at, 1);
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	struct tlib_mark mark;
	char text[4] = "x";

	ASSERT_LE(0, mem);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-1, pread(mem, text, 1, at));
	EXPECT_EQ(EIO, errno);
	EXPECT_EQ(-1, pwrite(mem, text, 1, at));
	EXPECT_EQ(EIO, errno);
	tlib_counts_end(&mark);
	EXPECT_EQ(2, tlib_moved(&mark, FAULTLAB_STAT_ACCESS));
	EXPECT_EQ(1, pread(mem, text, 2, at - 1));
	EXPECT_EQ(0, text[0]);
	close(mem);
}

TEST_HARNESS_MAIN
