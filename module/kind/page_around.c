// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind `page` with INSERT: maps the allocated neighbours of a fault's page. .map_pages does
 * so for fault-around, and .fault, at an order above 0, for pages of the same folio.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "kind/page_around.h"
#include "memory/pages.h"

/* Pages looked up at a time. vm_insert_pages() locks the page table for 8 at a time. */
#define FLAB_AROUND_BATCH 16

/*
 * How many pages from the first on are allocated, not broken and in @want (NULL: all). @pages
 * may be a part of the page index, where another fault may store a page meanwhile.
 */
static unsigned int flab_page_run(struct page * const *pages, unsigned int nr,
				  const unsigned long *want, unsigned int bit)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!flab_page_is_sound(READ_ONCE(pages[i])) || (want && !test_bit(bit + i, want)))
			break;
	return i;
}

/*
 * Insert pages, of one folio if it is a large one. Its lock is taken because
 * page_add_file_rmap() of 6.1 requires it for a large folio with a ->mapping. If another
 * task holds the folio lock, map nothing: these pages have their own faults later.
 */
static int flab_page_insert_run(struct flab_fault *f, pgoff_t index, struct page **pages,
				unsigned long *nr)
{
	unsigned long addr = flab_window_addr(f, index);
	struct folio *folio;
	int err;

	if (likely(!f->region->memory.order))
		return vm_insert_pages(f->vmf->vma, addr, pages, nr);
	folio = page_folio(pages[0]);
	if (!folio_trylock(folio))
		return -EBUSY;
	err = vm_insert_pages(f->vmf->vma, addr, pages, nr);
	folio_unlock(folio);
	return err;
}

/* Insert those of @nr pages from @index on that @want selects; @bit is that of @index. */
static int flab_page_insert_some(struct flab_fault *f, pgoff_t index, struct page **pages,
				 unsigned int nr, const unsigned long *want, unsigned int bit,
				 struct flab_inserted *done)
{
	unsigned int i = 0;

	while (i < nr) {
		unsigned long there = flab_page_run(pages + i, nr - i, want, bit + i);
		unsigned long left;
		int err;

		if (!there) {
			i++;
			continue;
		}
		if (f->region->memory.order)
			there = min(there, BIT(f->region->memory.order) -
					   ((index + i) & (BIT(f->region->memory.order) - 1)));
		left = there;
		err = flab_page_insert_run(f, index + i, pages + i, &left);
		done->nr += there - left;
		done->own |= f->index - index - i < there - left;
		if (err && err != -EBUSY)
			return err;
		/* -EBUSY: skip the page, which is mapped already or in a locked folio. */
		i += there - left + (err ? 1 : 0);
	}
	return 0;
}

/* Map the allocated pages of a window that flab_window_select() permits. */
struct flab_inserted flab_page_insert_around(struct flab_fault *f, struct flab_window w)
{
	DECLARE_BITMAP(bits, FAULTLAB_MAX_AROUND);
	const unsigned long *want = flab_window_select(f, &w, bits);
	struct page *room[FLAB_AROUND_BATCH], **pages;
	struct flab_inserted done = { 0 };
	unsigned int nr;
	pgoff_t index;

	for (index = w.first; index <= w.last; index += nr) {
		nr = min_t(pgoff_t, w.last - index + 1, ARRAY_SIZE(room));
		pages = flab_pages_peek(&f->region->memory, index, &nr, room);
		if (flab_page_insert_some(f, index, pages, nr, want, index - w.first, &done))
			break;
	}
	return done;
}

/* Fault-around for .map_pages: @provide_around of struct flab_kind. */
unsigned int flab_page_provide_around(struct flab_fault *f, pgoff_t first, pgoff_t last,
				      bool *own)
{
	struct flab_inserted done;

	/*
	 * Under RCU vm_insert_pages() must not allocate a page table. So if there is
	 * none, or it can be freed at any time, leave the fault to .fault.
	 */
	if (!FLAB_TABLES_STAY || pmd_none(pmdp_get_lockless(f->vmf->pmd)) ||
	    !flab_fault_plain(f, f->index, f->index, 0))
		return 0;
	done = flab_page_insert_around(f, (struct flab_window) { first, last });
	*own = done.own;
	return done.nr;
}
