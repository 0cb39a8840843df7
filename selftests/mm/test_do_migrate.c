// SPDX-License-Identifier: GPL-2.0-only
/*
 * Things done to a mapping's pages: migration, compaction, soft offlining, merging.
 * The pages are on no LRU list, so none of these moves them.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <linux/kernel-page-flags.h>
#include <sys/syscall.h>
#include <time.h>
#include "lib/sys.h"
#include "lib/memory/memory.h"
#include "lib/newer.h"

#define NR	4
#define KSM	"/sys/kernel/mm/ksm/"

FIXTURE(migrate)
{
	int fd;
	char *at;
	size_t step;
	size_t bytes;
};

FIXTURE_VARIANT(migrate)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(migrate, tlib_memory_usual)

FIXTURE_SETUP(migrate)
{
	self->step = tlib_memory_bytes(variant->memory, 1);
	self->bytes = NR * self->step;
	self->fd = tlib_memory_region(variant->memory, NR);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_memory_map(variant->memory, self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(migrate)
{
	close(self->fd);
}

/* Move a page to *node, or with NULL only ask. Returns the page's node, or -errno. */
static int move_page(void *page, const int *node)
{
	int status = -ENODATA;

	if (syscall(SYS_move_pages, 0, 1L, &page, node, &status, 0))
		return -errno;
	return status;
}

/*
 * folio_walk_start() finds no page for a special entry; before 6.12 that was
 * follow_page(FOLL_DUMP), whose error was another one.
 */
TEST_F(migrate, move_pages_reports_the_node_except_of_special_entries)
{
	int none = tlib_kernel_since(6, 12) ? -ENOENT : -EFAULT;
	struct tlib_mark mark;

	tlib_memory_write(variant->memory, self->at, 1);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(variant->memory->special ? none : 0, move_page(self->at, NULL));
	if (!variant->memory->at_mmap)
		EXPECT_EQ(-ENOENT, move_page(self->at + self->step, NULL));
	EXPECT_COUNTS("", &mark);
}

/* vma_migratable() refuses VM_PFNMAP and VM_IO. */
TEST_F(migrate, move_pages_is_efault_on_pfnmap_and_moves_nothing)
{
	__u64 pfn;

	tlib_memory_write(variant->memory, self->at, 1);
	pfn = tlib_pfn(self->fd, self->at);
	if (variant->memory->pfnmap || !variant->memory->special)
		EXPECT_EQ(variant->memory->pfnmap ? -EFAULT : 0,
			  move_page(self->at, &(int){ 0 }));
	EXPECT_EQ(pfn, tlib_pfn(self->fd, self->at));
}

TEST_F(migrate, compaction_leaves_the_pages_where_they_are)
{
	__u64 pfn[NR];
	size_t i;

	tlib_memory_write(variant->memory, self->at, NR);
	for (i = 0; i < NR; i++)
		pfn[i] = tlib_pfn(self->fd, self->at + i * self->step);
	if (tlib_write_number("/proc/sys/vm/compact_memory", 1))
		SKIP(return, "the kernel has no CONFIG_COMPACTION");
	for (i = 0; i < NR; i++)
		EXPECT_EQ(pfn[i], tlib_pfn(self->fd, self->at + i * self->step));
	EXPECT_EQ('d', self->at[3 * self->step]);
}

/*
 * get_any_page() fails for a page that is on no LRU list: EIO. If the memory refuses GUP,
 * get_any_page() is not called, and the error is that of GUP.
 */
TEST_F(migrate, soft_offline_gives_up_and_leaves_the_page)
{
	int err;
	__u64 pfn;

	tlib_memory_write(variant->memory, self->at, 1);
	pfn = tlib_pfn(self->fd, self->at);
	err = madvise(self->at, tlib_page_size(), MADV_SOFT_OFFLINE) ? errno : 0;
	if (err == EINVAL)
		SKIP(return, "the kernel has no CONFIG_MEMORY_FAILURE");
	EXPECT_EQ(tlib_memory_gup(variant->memory) ?: EIO, err);
	EXPECT_EQ(pfn, tlib_pfn(self->fd, self->at));
	EXPECT_EQ(0, tlib_kpageflags(pfn) & 1ULL << KPF_HWPOISON);
	EXPECT_EQ('a', *self->at);
}

/*
 * KSM
 */
static __u64 full_scans(void)
{
	__u64 scans = 0;

	tlib_read_number(KSM "full_scans", &scans);
	return scans;
}

/* Wait until ksmd has scanned all memory three times, or for a minute. */
static bool scan(void)
{
	struct timespec nap = { .tv_nsec = 10 * NSEC_PER_MS };
	__u64 until = full_scans() + 3, end = tlib_now() + 60000 * NSEC_PER_MS;
	__u64 usual = 20;

	tlib_read_number(KSM "sleep_millisecs", &usual);
	tlib_write_number(KSM "sleep_millisecs", 1);
	tlib_write_number(KSM "run", 1);
	while (full_scans() < until && tlib_now() < end)
		nanosleep(&nap, NULL);
	tlib_write_number(KSM "run", 0);
	tlib_write_number(KSM "sleep_millisecs", usual);
	return full_scans() >= until;
}

/* CoW copies are ordinary anonymous memory, unless the VMA is VM_SPECIAL. */
TEST_F(migrate, ksm_merges_only_cow_pages_of_vmas_that_are_not_vm_special)
{
	bool merges = variant->memory->merges;
	char *control, *at;
	__u64 scans;

	if (tlib_read_number(KSM "full_scans", &scans))
		SKIP(return, "the kernel has no CONFIG_KSM");
	if (!tlib_memory_copies(variant->memory)) {
		EXPECT_TRUE(tlib_refuses_private(variant->memory, self->fd));
		return;
	}
	at = tlib_memory_map(variant->memory, self->fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	ASSERT_NE(NULL, at);
	memset(at, 'k', 2 * tlib_page_size());			/* two copies */
	memset(tlib_at(self->at, 2), 'k', 2 * tlib_page_size());	/* the region's */
	EXPECT_EQ('k', *tlib_at(at, 2));
	/* A pair of pages that must merge, so that ksmd has something to do. */
	control = mmap(NULL, 2 * tlib_page_size(), TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, control);
	memset(control, 'c', 2 * tlib_page_size());
	ASSERT_EQ(0, madvise(control, 2 * tlib_page_size(), MADV_MERGEABLE));
	ASSERT_EQ(0, madvise(at, self->bytes, MADV_MERGEABLE));
	ASSERT_EQ(0, madvise(self->at, self->bytes, MADV_MERGEABLE));
	ASSERT_TRUE(scan());

	EXPECT_EQ(tlib_pfn(self->fd, control), tlib_pfn(self->fd, tlib_at(control, 1)));
	EXPECT_EQ(merges, tlib_pfn(self->fd, at) == tlib_pfn(self->fd, tlib_at(at, 1)));
	EXPECT_NE(tlib_pfn(self->fd, at), tlib_pfn(self->fd, tlib_at(at, 2)));
	EXPECT_NE(tlib_pfn(self->fd, tlib_at(at, 2)), tlib_pfn(self->fd, tlib_at(at, 3)));
	/* Do not check KPF_KSM: 6.12 sets it for every anonymous page. */
	EXPECT_ENTRY(merges ? "page r" : "page rw dirty", self->fd, at);

	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_COWS));
	EXPECT_EQ(0, *at);
	EXPECT_EQ('k', *tlib_at(at, 2));
}

TEST_HARNESS_MAIN
