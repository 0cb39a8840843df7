// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk's page flags: each bit of /proc/kpageflags, for every sort of page that can
 * be mapped. oracle_kpage.c checks the same for random address spaces.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/memory/broken.h"
#include "lib/memory/memory.h"
#include "lib/walk/oracle.h"
#include "lib/walk/random_space.h"
#include "lib/sys.h"
#include "util.h"

#define MLOCKED		(1ULL << 33)
#define KSM_DIR		"/sys/kernel/mm/ksm/"

struct compared {
	int fd;
	size_t leaves;
	__u64 seen;	/* all flags that kpageflags had */
	unsigned int forgiven;	/* how many pages may still differ */
	char why[160];	/* how the first page differs, or "" */
};

/*
 * Compare the walk's flags of a page with kpageflags, again if they differ: new pages wait
 * in a per-CPU batch before they are on an LRU list, and other tasks map and unmap pages of
 * files. Only a difference that stays counts.
 */
static int compare(const struct faultlab_walk_entry *e, const struct faultlab_walk_page *page,
		   void *arg)
{
	struct compared *c = arg;
	struct faultlab_chain chain = { .page = *page };
	__u64 flags = 0, differs = 0;
	unsigned int i;

	if (!(e->flags & FAULTLAB_PTE_LEAF) || *c->why)
		return 0;
	for (i = 0; i < 20; i++) {
		/* A frame beyond all memory has no word in kpageflags. */
		if (faultlab_kpageflags(e->pfn, &flags))
			flags = KPF(NOPAGE);
		differs = tlib_kpage_differs(chain.page.flags, flags);
		if (!differs)
			break;
		usleep(i < 5 ? 0 : 10000);
		if (faultlab_walk_chain(c->fd, 0, (void *)(uintptr_t)e->addr, &chain))
			return -EIO;
		/* Another frame is mapped by now; in the kernel half that can happen. */
		if (chain.entry[chain.last].pfn != e->pfn)
			return 0;
	}
	c->leaves++;
	c->seen |= flags;
	/*
	 * In struct page, the page type (page table, free page) is in the same field as the
	 * mapcount of other pages. The walk must not report a type as a mapcount.
	 */
	if ((int)chain.page.mapcount < 0)
		snprintf(c->why, sizeof(c->why), "%#llx frame %#llx: %#llx mapped %d times",
			 e->addr, e->pfn, chain.page.flags, (int)chain.page.mapcount);
	if (differs && c->forgiven)
		c->forgiven--;
	else if (differs)
		snprintf(c->why, sizeof(c->why),
			 "%#llx frame %#llx: %#llx by the walk, kpageflags %#llx", e->addr,
			 e->pfn, chain.page.flags, flags);
	return 0;
}

#define EXPECT_ALIKE(c, at, bytes, name) do {						\
	EXPECT_EQ(0, faultlab_walk_pages((c)->fd, 0, (uintptr_t)(at),			\
					 (uintptr_t)(at) + (bytes), 0, 0, 0, compare, c));	\
	EXPECT_STREQ("", (c)->why) {							\
		TH_LOG("%s", name);							\
	}										\
	EXPECT_LT(0, (c)->leaves) {							\
		TH_LOG("%s", name);							\
	}										\
} while (0)

FIXTURE(page)
{
	struct compared c;
	struct tlib_ground ground;
};

FIXTURE_SETUP(page)
{
	self->c.fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 1);
	ASSERT_LE(0, self->c.fd);
	ASSERT_EQ(0, tlib_ground_take(&self->ground));
}

FIXTURE_TEARDOWN(page)
{
	tlib_ground_give_back(&self->ground);
	close(self->c.fd);
}

static char *anonymous(size_t pages)
{
	char *at = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, pages);

	if (at)
		madvise(at, pages * TLIB_PAGE, MADV_NOHUGEPAGE);
	return at;
}

static char *make_anon(void)
{
	char *at = anonymous(16);

	tlib_write(at, 16);
	return at;
}

static char *make_mlocked(void)
{
	char *at = make_anon();

	return mlock(at, 16 * TLIB_PAGE) ? NULL : at;
}

static char *make_zero(void)
{
	char *at = anonymous(16);

	for (unsigned int i = 0; i < 16; i++)
		faultlab_touch_read(at + i * TLIB_PAGE, NULL);
	return at;
}

static char *huge(void)
{
	char *at = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 512);

	return madvise(at, TLIB_PMD_SIZE, MADV_HUGEPAGE) ? NULL : at;
}

static char *make_huge_zero(void)
{
	char *at = huge();

	faultlab_touch_read(at, NULL);
	return at;
}

static char *make_thp(void)
{
	char *at = huge();

	*at = 1;
	return at;
}

/* A huge page that is mapped page by page, so that tail pages occur. */
static char *make_thp_split(void)
{
	char *at = make_thp();

	return at && !mprotect(at + 8 * TLIB_PAGE, TLIB_PAGE, PROT_READ) ? at : NULL;
}

static char *make_hugetlb(void)
{
	char *at = mmap(NULL, TLIB_PMD_SIZE, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB,
			-1, 0);

	if (at == MAP_FAILED)
		return NULL;
	*at = 1;
	return at;
}

static char *make_shmem(void)
{
	char *at = tlib_map_apart(-1, TLIB_RW, MAP_SHARED, 16);

	tlib_write(at, 16);
	return at;
}

static char *make_file(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char *at = tlib_map(fd, PROT_READ, MAP_PRIVATE, 0, 8);

	for (unsigned int i = 0; at && i < 8; i++)
		faultlab_touch_read(at + i * TLIB_PAGE, NULL);
	return at;
}

/* Memory of equal pages, merged by KSM. */
static char *make_ksm(void)
{
	char *at = anonymous(16);
	__u64 shared = 0;

	for (unsigned int i = 0; i < 16; i++)
		memset(at + i * TLIB_PAGE, 0x5a, TLIB_PAGE);
	if (madvise(at, 16 * TLIB_PAGE, MADV_MERGEABLE))
		return NULL;
	tlib_write_text(KSM_DIR "run", "1");
	for (unsigned int i = 0; i < 3000 && !shared; i++) {
		usleep(2000);
		/* Pages of this process only: others may have merged pages, too. */
		tlib_read_number("/proc/self/ksm_merging_pages", &shared);
	}
	tlib_write_text(KSM_DIR "run", "0");
	return shared ? at : NULL;
}

TEST_F(page, page_flags_of_every_sort_of_page_match_kpageflags)
{
	static const struct {
		const char *name;
		char *(*make)(void);
		size_t pages;
		__u64 has;	/* flags in kpageflags that prove that it is such a page */
		const char *needs;
	} sorts[] = {
		{ "anonymous", make_anon, 16, KPF(ANON) | KPF(SWAPBACKED), NULL },
		{ "mlocked", make_mlocked, 16, KPF(ANON) | KPF(UNEVICTABLE) | MLOCKED, NULL },
		{ "zero page", make_zero, 16, KPF(ZERO_PAGE), NULL },
		{ "huge zero page", make_huge_zero, 512, KPF(ZERO_PAGE) | KPF(THP),
		  "CONFIG_TRANSPARENT_HUGEPAGE" },
		{ "huge page", make_thp, 512, KPF(THP) | KPF(COMPOUND_HEAD),
		  "CONFIG_TRANSPARENT_HUGEPAGE" },
		{ "huge page in parts", make_thp_split, 512,
		  KPF(THP) | KPF(COMPOUND_HEAD) | KPF(COMPOUND_TAIL),
		  "CONFIG_TRANSPARENT_HUGEPAGE" },
		{ "hugetlb", make_hugetlb, 512, KPF(HUGE) | KPF(COMPOUND_HEAD),
		  "CONFIG_HUGETLBFS" },
		{ "shared memory", make_shmem, 16, KPF(SWAPBACKED) | KPF(MMAP), NULL },
		{ "file", make_file, 8, KPF(UPTODATE) | KPF(MMAP), NULL },
		{ "merged", make_ksm, 16, KPF(ANON) | KPF(KSM), "CONFIG_KSM" },
	};
	unsigned int i;

	/* Compaction first moves pages from the per-CPU batches to the LRU lists. */
	tlib_write_text("/proc/sys/vm/compact_memory", "1");
	for (i = 0; i < ARRAY_SIZE(sorts); i++) {
		char *at = sorts[i].make();

		if (!at && sorts[i].needs) {
			TH_LOG("no %s here, which needs %s", sorts[i].name, sorts[i].needs);
			continue;
		}
		ASSERT_NE(NULL, at);
		self->c.leaves = 0;
		self->c.seen = 0;
		EXPECT_ALIKE(&self->c, at, sorts[i].pages * TLIB_PAGE, sorts[i].name);
		EXPECT_EQ(sorts[i].has, self->c.seen & sorts[i].has) {
			TH_LOG("%s: kpageflags %#llx", sorts[i].name, self->c.seen);
		}
		munmap(at, sorts[i].pages * TLIB_PAGE);
	}
}

/*
 * The walk's flag KSM means that the page was merged. kpageflags of 6.12 sets its flag KSM
 * for all anonymous memory (stable_page_flags()).
 */
TEST_F(page, flag_ksm_is_set_only_for_merged_pages)
{
	char *at = make_anon();
	struct faultlab_chain chain;

	ASSERT_EQ(0, faultlab_walk_chain(self->c.fd, 0, at, &chain));
	ASSERT_EQ(KPF(ANON), chain.page.flags & (KPF(ANON) | KPF(KSM)));
	at = make_ksm();
	if (!at)
		SKIP(return, "no CONFIG_KSM");
	ASSERT_EQ(0, faultlab_walk_chain(self->c.fd, 0, at + TLIB_PAGE, &chain));
	EXPECT_EQ(KPF(ANON) | KPF(KSM), chain.page.flags & (KPF(ANON) | KPF(KSM)));
}

/* All that a process maps: also code, data, vdso and vvar. */
TEST_F(page, page_flags_of_the_whole_process_match_kpageflags)
{
	tlib_write_text("/proc/sys/vm/compact_memory", "1");
	ASSERT_EQ(0, tlib_make_mess());
	EXPECT_ALIKE(&self->c, 0, TLIB_EVERYWHERE, "process");
	EXPECT_LT(100, self->c.leaves);
}

/* Compare so many leaves of the kernel half, which begins with the direct map. */
#define KERNEL_LEAVES	3000

static int compare_some(const struct faultlab_walk_entry *e, const struct faultlab_walk_page *page,
			void *arg)
{
	struct compared *c = arg;

	return compare(e, page, arg) ?: c->leaves >= KERNEL_LEAVES;
}

/* Pages that no process maps: free, slabs, page tables, reserved at boot. */
TEST_F(page, page_flags_at_the_start_of_the_direct_map_match_kpageflags)
{
	static const __u64 starts[] = { 0xff00000000000000, 0xffff800000000000 };
	const __u64 start = starts[!tlib_five_levels()];

	/*
	 * Nine pages may differ: the two buffers of the walk, of four pages each, which
	 * exist only while it walks; and the huge zero page, which the walk does not
	 * recognize in the direct map.
	 */
	self->c.forgiven = 9;
	ASSERT_LE(0, faultlab_walk_pages(self->c.fd, 0, start, 0, FAULTLAB_WALK_KERNEL, 0, 0,
					 compare_some, &self->c));
	EXPECT_STREQ("", self->c.why);
	EXPECT_LT(500, self->c.leaves);
	EXPECT_EQ(KPF(BUDDY), self->c.seen & KPF(BUDDY)) {
		TH_LOG("all flags seen: %#llx", self->c.seen);
	}
}

/* The kinds of memory that a region can have; the short form takes a sample of them. */
FIXTURE(region_memory)
{
	struct compared c;
};

FIXTURE_VARIANT(region_memory)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(region_memory, tlib_memory_sample)

FIXTURE_SETUP(region_memory)
{
	self->c.fd = tlib_memory_region(variant->memory, 2);
	if (faultlab_memory_lacks(self->c.fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->c.fd));
	ASSERT_LE(0, self->c.fd);
}

FIXTURE_TEARDOWN(region_memory)
{
	close(self->c.fd);
}

TEST_F(region_memory, page_flags_of_a_region_match_kpageflags)
{
	const int prot = tlib_memory_private_prot(variant->memory);
	const size_t bytes = tlib_memory_bytes(variant->memory, 2);
	char *at = tlib_memory_map(variant->memory, self->c.fd, TLIB_RW, MAP_SHARED, 0, 2);
	char *copy = tlib_memory_map(variant->memory, self->c.fd, prot, MAP_PRIVATE, 0, 2);

	ASSERT_NE(NULL, at);
	tlib_memory_write(variant->memory, at, 2);
	EXPECT_ALIKE(&self->c, at, bytes, "shared");
	if (!copy)
		return;
	faultlab_touch_read(copy, NULL);
	if (prot & PROT_WRITE)
		faultlab_touch_write(copy + bytes / 2, 1, NULL);
	self->c.leaves = 0;
	EXPECT_ALIKE(&self->c, copy, bytes, "private");
}

/*
 * PFN mappings have no reverse mapping, so memory_failure() leaves the entry: it maps a
 * poisoned frame.
 */
TEST(a_mapped_poisoned_frame_has_page_flag_hwpoison)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN, .bytes = 4 * TLIB_PAGE,
	};
	struct compared c = { .fd = tlib_region_full(&config) };
	char *at = tlib_map(c.fd, TLIB_RW, MAP_SHARED, 0, 4);
	int err;

	ASSERT_NE(NULL, at);
	tlib_write(at, 4);
	err = tlib_poison(TLIB_POISON_OFFLINE, tlib_pfn(c.fd, at + TLIB_PAGE), at + TLIB_PAGE);
	if (err == -ENOENT)
		SKIP(return, "no CONFIG_MEMORY_FAILURE");
	ASSERT_EQ(0, err);
	EXPECT_ALIKE(&c, at, 4 * TLIB_PAGE, "poisoned");
	EXPECT_EQ(4, c.leaves);
	EXPECT_EQ(KPF(HWPOISON), c.seen & KPF(HWPOISON));
	close(c.fd);
}

TEST_HARNESS_MAIN
