// SPDX-License-Identifier: GPL-2.0-only
/* The window of a fault: which neighbours it may map along with its own page. */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include "kind/window.h"

/**
 * flab_window_around - the pages that a fault may map along with its own
 * @f: the fault
 * @size: of the window in pages, a power of two
 *
 * Return: the window that contains the faulting page and begins at a multiple of @size in
 * the region, cut to the VMA, to the region and to one page table.
 */
struct flab_window flab_window_around(const struct flab_fault *f, unsigned long size)
{
	struct vm_area_struct *vma = f->vmf->vma;
	unsigned long addr = f->vmf->address & PAGE_MASK;
	pgoff_t before, behind;

	before = f->index & (size - 1);
	before = min3(before, (addr - vma->vm_start) >> PAGE_SHIFT, (pgoff_t)pte_index(addr));

	behind = size - 1 - (f->index & (size - 1));
	behind = min3(behind, (vma->vm_end - 1 - addr) >> PAGE_SHIFT,
		      (pgoff_t)(PTRS_PER_PTE - 1 - pte_index(addr)));
	behind = min(behind, READ_ONCE(f->region->nr_pages) - 1 - f->index);

	return (struct flab_window) { f->index - before, f->index + behind };
}

/**
 * flab_window_select - which pages of a window a fault may map
 * @f: the fault
 * @w: the window, of at most FAULTLAB_MAX_AROUND pages
 * @want: bitmap; gets a bit for the fault's own page, and for each page that no rule but
 *	an unconditional "serve" can match (flab_fault_plain())
 *
 * Checks the rules once for each page, not more often: a FALLBACK rule counts a hit each
 * time it keeps a page out.
 *
 * Return: @want; or NULL, with @want not set, if there are no rules: map all pages.
 */
const unsigned long *flab_window_select(const struct flab_fault *f, const struct flab_window *w,
					unsigned long *want)
{
	unsigned int i, nr = w->last - w->first + 1;

	if (!f->region->rules)
		return NULL;
	for (i = 0; i < nr; i++)
		__assign_bit(i, want, w->first + i == f->index ||
			     flab_fault_plain(f, w->first + i, w->first + i, 0));
	return want;
}
