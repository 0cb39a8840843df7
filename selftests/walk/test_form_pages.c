// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries with struct pages: the walk agrees with kpageflags and kpagecount.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kernel-page-flags.h>

#include "lib/walk/forms.h"
#include "lib/walk/oracle.h"
#include "util.h"

/*
 * Compare a page's flags and count with the kernel's files, again if they differ. They can
 * differ for a moment: other tasks map and unmap pages of files, and new pages wait in a
 * per-CPU batch before they are on an LRU list.
 */
static int settle(int fd, pid_t pid, const struct faultlab_walk_entry *e,
		  struct faultlab_walk_page *page, __u64 *flags, __u64 *count)
{
	/* The kernel does not count mappings of the zero page. */
	const bool counted = !(page->flags & (KPF(ZERO_PAGE) | KPF(NOPAGE))) &&
			     !(e->flags & FAULTLAB_PTE_SPECIAL);
	struct faultlab_chain chain;
	unsigned int i;
	int err;

	for (i = 0;; i++) {
		err = faultlab_kpageflags(e->pfn, flags) ?: faultlab_kpagecount(e->pfn, count);
		if (!counted)
			*count = page->mapcount;
		if (err || i == 20 || (!tlib_kpage_differs(page->flags, *flags) &&
				       *count == (__u64)page->mapcount))
			return err;
		usleep(10000);
		err = faultlab_walk_chain(fd, pid, (void *)(uintptr_t)e->addr, &chain);
		if (err)
			return err;
		*page = chain.page;
	}
}

TEST_F(forms, page_flags_and_mapcounts_match_kpageflags_and_kpagecount)
{
	struct faultlab_walk_entry *e = self->got;
	struct faultlab_walk_page *pages = self->expected;
	size_t compared = 0, anon = 0;
	struct faultlab_walk walk = self->walk;
	__u64 flags, count;

	walk.size = sizeof(walk);
	walk.flags = FAULTLAB_WALK_PAGES;
	walk.entries = (uintptr_t)e;
	walk.pages = (uintptr_t)pages;
	walk.nr = TLIB_ROOM;
	/* Compaction first moves pages from the per-CPU batches to the LRU lists. */
	tlib_write_text("/proc/sys/vm/compact_memory", "1");
	ASSERT_EQ(0, ioctl(self->fd, FAULTLAB_IOC_WALK, &walk));
	ASSERT_EQ(walk.end, walk.next);
	for (__u64 i = 0; i < walk.nr; i++) {
		EXPECT_EQ(0, pages[i].pad);
		if (!(e[i].flags & FAULTLAB_PTE_LEAF)) {
			EXPECT_EQ(KPF(NOPAGE), pages[i].flags);
			continue;
		}
		ASSERT_EQ(0, settle(self->fd, self->peer.pid, &e[i], &pages[i], &flags, &count));
		EXPECT_EQ(0, tlib_kpage_differs(pages[i].flags, flags)) {
			TH_LOG("%#llx pfn %#llx: %#llx, kpageflags %#llx", e[i].addr, e[i].pfn,
			       pages[i].flags, flags);
		}
		EXPECT_EQ(count, (__u64)pages[i].mapcount);
		if (!(pages[i].flags & KPF(NOPAGE)))
			EXPECT_LE(1, pages[i].refcount);
		compared++;
		anon += !!(flags & KPF(ANON));
	}
	EXPECT_LT(100, compared);
	EXPECT_LT(30, anon);
}

TEST_F(forms, a_walk_with_pages_returns_the_same_entries_as_one_without)
{
	struct faultlab_walk_entry *e = self->got;
	struct faultlab_walk walk = self->walk;
	size_t done = 0;

	walk.size = sizeof(walk);
	walk.flags = TLIB_WALK_ALL | FAULTLAB_WALK_PAGES;
	do {
		walk.nr = 3;
		walk.entries = (uintptr_t)(e + done);
		walk.pages = (uintptr_t)self->expected;
		ASSERT_EQ(0, ioctl(self->fd, FAULTLAB_IOC_WALK, &walk));
		done += walk.nr;
		walk.start = walk.next;
	} while (walk.start != walk.end && done + 3 < TLIB_ROOM);
	EXPECT_EQ(self->all.nr, done);
	EXPECT_EQ(0, memcmp(self->all.at, e, done * sizeof(*e)));
}

TEST_HARNESS_MAIN
