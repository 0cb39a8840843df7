// SPDX-License-Identifier: GPL-2.0-only
/* Compare a walk's pages with /proc/kpageflags and /proc/kpagecount. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/walk/oracle.h"
#include "util.h"

/* Since 6.10 kpageflags sets KSM for all anonymous memory; the walk does not. */
#define UNCOMPARED_ANON	KPF(KSM)

/*
 * Before 6.10 kpageflags took all other bits from the tail page itself, where most are
 * never set. The walk takes them from the folio.
 */
#define COMPARED_OF_TAIL (KPF(MMAP) | KPF(ANON) | KPF(COMPOUND_HEAD) | KPF(COMPOUND_TAIL) | \
			  KPF(HUGE) | KPF(NOPAGE) | KPF(THP) | KPF(ZERO_PAGE) | KPF(BUDDY) | \
			  KPF(SLAB) | KPF(OFFLINE) | KPF(PGTABLE) | KPF(HWPOISON))

__u64 tlib_kpage_differs(__u64 walk, __u64 kpageflags)
{
	__u64 mask = ~0ULL;

	if (tlib_kernel_since(6, 10) && (kpageflags & KPF(ANON)))
		mask &= ~UNCOMPARED_ANON;
	if (!tlib_kernel_since(6, 10) && (kpageflags & KPF(COMPOUND_TAIL)))
		mask &= COMPARED_OF_TAIL;
	return (walk ^ kpageflags) & mask;
}

/* Descriptors of both files, opened once for all frames of a VMA. */
struct files {
	int flags, count;
};

static int read_word(int fd, __u64 pfn, __u64 *word)
{
	ssize_t n = pread(fd, word, sizeof(*word), pfn * sizeof(*word));

	return n == sizeof(*word) ? 0 : n < 0 ? -errno : -ENODATA;
}

static int page_differs(struct tlib_view *view, size_t i, const struct files *files)
{
	const struct faultlab_walk_entry *e = &view->entries[i];
	const struct faultlab_walk_page *page = &view->pages[i];
	__u64 flags, count;
	int err;

	err = read_word(files->flags, e->pfn, &flags) ?: read_word(files->count, e->pfn, &count);
	if (err)
		return err;
	/* The zero page and frames without a page have no mapcount. */
	if (page->flags & (KPF(ZERO_PAGE) | KPF(NOPAGE)))
		count = page->mapcount;
	if (!tlib_kpage_differs(page->flags, flags) && (__u64)page->mapcount == count)
		return 0;
	snprintf(view->why, sizeof(view->why),
		 "%#llx: frame %#llx is %#llx mapped %d by the walk, %#llx mapped %lld by kpageflags and kpagecount, %.80s",
		 e->addr, e->pfn, page->flags, page->mapcount, flags, count,
		 view->vma->line);
	return 1;
}

static int kpage_differs(struct tlib_view *view)
{
	const struct files files = {
		.flags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC),
		.count = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC),
	};
	size_t i;
	int err = 0;

	for (i = 0; i < view->nr && !err; i++) {
		if (!(view->entries[i].flags & FAULTLAB_PTE_LEAF))
			continue;
		err = page_differs(view, i, &files);
		view->compared++;
	}
	close(files.flags);
	close(files.count);
	return err;
}

static bool kpage_is_there(void)
{
	return !access("/proc/kpageflags", R_OK) && !access("/proc/kpagecount", R_OK);
}

const struct tlib_oracle tlib_oracle_kpage = {
	.name = "kpageflags", .needs = "CONFIG_PROC_PAGE_MONITOR",
	.is_there = kpage_is_there, .differs = kpage_differs,
};
