// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is behind a leaf's frame, as /proc/kpageflags and kpagecount would say. The
 * entry is there and its table locked, so the page is in use for as long as it takes.
 */
#include <linux/kernel-page-flags.h>
#include <linux/ksm.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include "walk.h"

/* stable_page_flags() is not exported. Bits of the page itself, or of its folio. */
static u64 flab_page_flags(struct page *page)
{
	struct folio *folio = page_folio(page);
	u64 flags = 0;

#define FLAB_KPF(cond, name) (flags |= (cond) ? 1ULL << KPF_##name : 0)
	FLAB_KPF(folio_test_locked(folio), LOCKED);
	FLAB_KPF(folio_test_referenced(folio), REFERENCED);
	FLAB_KPF(folio_test_uptodate(folio), UPTODATE);
	FLAB_KPF(folio_test_dirty(folio), DIRTY);
	FLAB_KPF(folio_test_lru(folio), LRU);
	FLAB_KPF(folio_test_active(folio), ACTIVE);
	FLAB_KPF(folio_test_writeback(folio), WRITEBACK);
	FLAB_KPF(folio_test_reclaim(folio), RECLAIM);
	FLAB_KPF(folio_test_swapbacked(folio), SWAPBACKED);
	FLAB_KPF(folio_test_swapcache(folio), SWAPCACHE);
	FLAB_KPF(folio_test_unevictable(folio), UNEVICTABLE);
	FLAB_KPF(folio_test_mlocked(folio), MLOCKED);
	FLAB_KPF(folio_test_anon(folio), ANON);
	FLAB_KPF(folio_test_ksm(folio), KSM);
	FLAB_KPF(folio_test_hugetlb(folio), HUGE);
	FLAB_KPF(PageHWPoison(page), HWPOISON);
	if (folio_test_large(folio)) {
		FLAB_KPF(page == &folio->page, COMPOUND_HEAD);
		FLAB_KPF(page != &folio->page, COMPOUND_TAIL);
	}
#undef FLAB_KPF
	return flags;
}

/* How many entries map this page, with and without the rest of its folio. */
static s32 flab_page_mapcount(struct page *page)
{
	struct folio *folio = page_folio(page);
	s32 n = 0;

	if (!page_has_type(page))
		n = atomic_read(&page->_mapcount) + 1;
	if (folio_test_large(folio))
		n += folio_entire_mapcount(folio);
	return n;
}

/**
 * flab_walk_page - what is behind the frame of an entry
 * @to: where it goes
 * @flags: of the entry: FAULTLAB_PTE_*
 * @pfn: its frame; the table is locked, or its VMA cannot change
 */
void flab_walk_page(struct faultlab_walk_page *to, u64 flags, u64 pfn)
{
	struct page *page = NULL;
	struct folio *folio;

	*to = (struct faultlab_walk_page) { .flags = 1ULL << KPF_NOPAGE };
	if (flags & FAULTLAB_PTE_LEAF)
		page = pfn_to_online_page(pfn);
	if (!page)
		return;
	to->flags = 0;
	if (is_zero_pfn(pfn))
		to->flags = 1ULL << KPF_ZERO_PAGE;
	folio = page_folio(page);
	to->flags |= flab_page_flags(page);
	to->refcount = folio_ref_count(folio);
	to->mapcount = flab_page_mapcount(page);
	to->order = folio_order(folio);
}
