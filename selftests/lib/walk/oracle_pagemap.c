// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/PID/pagemap and its ioctl(PAGEMAP_SCAN): the kernel's own walkers. Their result
 * for a page follows from the entry, its page and its VMA (pte_to_pagemap_entry() and
 * pagemap_page_category()).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>
#include <unistd.h>

#include <pagemap.h>
#include "lib/walk/oracle.h"
#include "util.h"

/* Whether vm_normal_page() finds a page. The zero page's PTE is special. */
static bool has_normal_page(const struct faultlab_walk_entry *e,
			    const struct faultlab_walk_page *page)
{
	return (e->flags & FAULTLAB_PTE_LEAF) && !(e->flags & FAULTLAB_PTE_SPECIAL) &&
	       !(page->flags & KPF(NOPAGE));
}

static __u64 word_of_page(const struct faultlab_walk_entry *e,
			  const struct faultlab_walk_page *page)
{
	__u64 word = 0;

	if (!has_normal_page(e, page))
		return 0;
	if (!(page->flags & KPF(ANON)))
		word |= PM_FILE;
	if (page->mapcount == 1)
		word |= PM_EXCLUSIVE;
	return word;
}

/* pagemap's word for a non-present entry. x86 has the swap type in bits 59 to 63. */
static __u64 swap_word(const struct faultlab_walk_entry *e)
{
	return PM_SWAP | e->raw >> 59 | e->pfn << 5;
}

static __u64 word_of(const struct tlib_view *view, size_t i, __u64 addr)
{
	const struct faultlab_walk_entry *e = &view->entries[i];
	bool hugetlb = e->flags & FAULTLAB_PTE_HUGETLB;
	__u64 word = 0;

	if (e->flags & FAULTLAB_PTE_VMA_SOFT_DIRTY)
		word |= PM_SOFT_DIRTY;
	/* walk_page_test() treats VM_PFNMAP as a hole. */
	if (tlib_vma_is(view->vma, "pf"))
		return word;
	if (e->flags & FAULTLAB_PTE_LEAF)
		word |= PM_PRESENT | (e->pfn + (addr - e->addr) / TLIB_PAGE) |
			word_of_page(e, &view->pages[i]);
	else if ((e->flags & FAULTLAB_PTE_NONPRESENT) && !hugetlb)
		word |= swap_word(e);
	if (e->flags & FAULTLAB_PTE_UFFD_WP)
		word |= PM_UFFD_WP;
	/* pagemap_hugetlb_range() ignores the entry's soft-dirty bit. */
	if ((e->flags & FAULTLAB_PTE_SOFT_DIRTY) && !hugetlb)
		word |= PM_SOFT_DIRTY;
	return word;
}

static int tell(struct tlib_view *view, __u64 addr, __u64 ours, __u64 raw, __u64 theirs)
{
	snprintf(view->why, sizeof(view->why),
		 "%#llx: %#llx by the walk (raw %#llx), pagemap %#llx, %.80s", addr, ours, raw,
		 theirs, view->vma->line);
	return 1;
}

static int pagemap_differs(struct tlib_view *view)
{
	const struct tlib_vma *vma = view->vma;
	size_t pages = (vma->end - vma->start) / TLIB_PAGE, i, at;
	__u64 addr = vma->start, end, ours;
	ssize_t n;

	if (pages > view->nr_words)
		return -ENOSPC;
	n = tlib_pagemap_words(view->pid, addr, view->words, pages);
	if (n != (ssize_t)pages)
		return n < 0 ? n : -EIO;
	for (i = 0, at = 0; at < view->nr; at++) {
		const struct faultlab_walk_entry *e = &view->entries[at];
		const __u64 step = e->flags & FAULTLAB_PTE_LEAF && !tlib_vma_is(vma, "pf");

		if (e->addr > addr)
			return tell(view, addr, 0, 0, view->words[i]);
		end = e->addr + e->bytes < vma->end ? e->addr + e->bytes : vma->end;
		for (ours = word_of(view, at, addr); addr < end; addr += TLIB_PAGE, ours += step)
			if (ours != view->words[i++])
				return tell(view, addr, ours, e->raw, view->words[i - 1]);
	}
	if (addr != vma->end)
		return tell(view, addr, 0, 0, view->words[i]);
	view->compared += pages;
	return 0;
}

static bool pagemap_is_there(void)
{
	return !access("/proc/self/pagemap", R_OK);
}

const struct tlib_oracle tlib_oracle_pagemap = {
	.name = "pagemap", .needs = "CONFIG_PROC_PAGE_MONITOR",
	.is_there = pagemap_is_there, .differs = pagemap_differs,
};

static __u64 categories_of(const struct tlib_view *view, size_t i)
{
	const struct faultlab_walk_entry *e = &view->entries[i];
	const struct faultlab_walk_page *page = &view->pages[i];
	__u64 is = e->flags & FAULTLAB_PTE_VMA_SOFT_DIRTY ? IS_SOFT_DIRTY : 0;

	if (e->flags & FAULTLAB_PTE_LEAF) {
		is |= IS_PRESENT | (page->flags & KPF(ZERO_PAGE) ? IS_ZERO : 0);
		if (has_normal_page(e, page) && !(page->flags & (KPF(ANON) | KPF(ZERO_PAGE))))
			is |= IS_FILE;
	} else {
		is |= IS_SWAPPED;
	}
	if (!(e->flags & FAULTLAB_PTE_UFFD_WP))
		is |= IS_WRITTEN;
	if (e->level != FAULTLAB_LEVEL_PTE)
		is |= IS_HUGE;
	if (e->flags & FAULTLAB_PTE_SOFT_DIRTY)
		is |= IS_SOFT_DIRTY;
	return is;
}

static int scan_regions(const struct tlib_view *view, size_t *nr)
{
	struct scan scan = {
		.size = sizeof(scan),
		.start = view->vma->start, .end = view->vma->end,
		.vec = (uintptr_t)view->words,
		.vec_len = view->nr_words * sizeof(__u64) / sizeof(struct scan_region),
		.category_anyof_mask = IS_PRESENT | IS_SWAPPED,
		.return_mask = IS_ALL,
	};
	char path[32];
	int fd, n;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", view->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = ioctl(fd, SCAN, &scan);
	*nr = n;
	close(fd);
	/* walk_end is not reliable for more than 512 regions (do_pagemap_scan()). */
	return n < 0 ? -errno : (size_t)n < scan.vec_len ? 0 : -ENOSPC;
}

/*
 * PAGEMAP_SCAN returns what it calls regions: adjacent pages, present or swapped, that
 * have the same categories.
 */
static int scan_differs(struct tlib_view *view)
{
	const struct scan_region *region = (const void *)view->words;
	size_t nr = 0, i, at = 0;
	int err;

	/* pagemap_scan_test_walk() skips VM_PFNMAP. */
	if (tlib_vma_is(view->vma, "pf"))
		return 0;
	err = scan_regions(view, &nr);
	if (err)
		return err;
	for (i = 0; i < view->nr; i++) {
		const struct faultlab_walk_entry *e = &view->entries[i];
		__u64 addr = e->addr > view->vma->start ? e->addr : view->vma->start;
		__u64 end = e->addr + e->bytes;
		__u64 theirs = 0, ours = 0;

		if (end > view->vma->end)
			end = view->vma->end;
		while (at < nr && region[at].end <= addr)
			at++;
		if (at < nr && region[at].start < end)
			theirs = region[at].categories;
		if (e->flags & (FAULTLAB_PTE_LEAF | FAULTLAB_PTE_NONPRESENT))
			ours = categories_of(view, i);
		if (ours != theirs ||
		    (theirs && (region[at].start > addr || region[at].end < end))) {
			snprintf(view->why, sizeof(view->why),
				 "%#llx: %#llx by the walk (raw %#llx), PAGEMAP_SCAN %#llx, %.80s",
				 addr, ours, e->raw, theirs, view->vma->line);
			return 1;
		}
	}
	view->compared += view->nr;
	return 0;
}

static bool scan_is_there(void)
{
	struct scan scan = { .size = sizeof(scan), .end = TLIB_PAGE };
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int err = ioctl(fd, SCAN, &scan);

	close(fd);
	return err >= 0;
}

const struct tlib_oracle tlib_oracle_scan = {
	.name = "PAGEMAP_SCAN", .needs = "PAGEMAP_SCAN, which is of 6.7",
	.is_there = scan_is_there, .differs = scan_differs,
};
