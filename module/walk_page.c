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
#include <linux/page_idle.h>
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
	FLAB_KPF(folio_test_idle(folio), IDLE);
	FLAB_KPF(folio_test_reserved(folio), RESERVED);
	FLAB_KPF(folio_mapped(folio), MMAP);
	FLAB_KPF(PageHWPoison(page), HWPOISON);
	if (folio_test_large(folio)) {
		/* Of other large folios those of drivers are neither. */
		FLAB_KPF(!folio_test_hugetlb(folio) &&
			 (folio_test_lru(folio) || folio_test_anon(folio)), THP);
		FLAB_KPF(page == &folio->page, COMPOUND_HEAD);
		FLAB_KPF(page != &folio->page, COMPOUND_TAIL);
	}
#undef FLAB_KPF
	return flags;
}

/*
 * huge_zero_pfn is not exported. But nothing else that a task has in a PMD is nobody's
 * and mapped by nobody, unless it is special.
 */
static bool flab_is_huge_zero(struct folio *folio, const struct flab_leaf *leaf)
{
	return leaf->level == FAULTLAB_LEVEL_PMD &&
	       (leaf->flags & (FAULTLAB_PTE_USER | FAULTLAB_PTE_PROTNONE)) &&
	       !(leaf->flags & FAULTLAB_PTE_SPECIAL) &&
	       folio_order(folio) == HPAGE_PMD_ORDER && !folio->mapping &&
	       !folio_test_hugetlb(folio) && !folio_mapped(folio);
}

/**
 * flab_walk_page - what is behind the frame of an entry
 * @to: where it goes
 * @leaf: the entry; its table is locked, or its VMA cannot change
 */
void flab_walk_page(struct faultlab_walk_page *to, const struct flab_leaf *leaf)
{
	struct page *page = NULL;
	struct folio *folio;

	*to = (struct faultlab_walk_page) { .flags = 1ULL << KPF_NOPAGE };
	if (leaf->flags & FAULTLAB_PTE_LEAF)
		page = pfn_to_online_page(leaf->pfn);
	if (!page)
		return;
	folio = page_folio(page);
	to->flags = flab_page_flags(page);
	if (is_zero_pfn(leaf->pfn))
		to->flags |= 1ULL << KPF_ZERO_PAGE;
	else if (flab_is_huge_zero(folio, leaf))
		to->flags |= 1ULL << KPF_ZERO_PAGE | 1ULL << KPF_THP;
	to->refcount = folio_ref_count(folio);
	to->mapcount = flab_page_mappings(page);
	to->order = folio_order(folio);
}
