// SPDX-License-Identifier: GPL-2.0-only
/*
 * The struct page of a leaf's PFN, as /proc/kpageflags and /proc/kpagecount show it. The
 * page table of a task is locked while its entry is reported, so a page to which the
 * entry holds a reference is not freed. The page of a special entry, or of an entry of
 * the kernel half, may be in any state. Such a page is read without a lock, as
 * /proc/kpageflags does. If its folio is split or freed meanwhile, the checks of
 * CONFIG_DEBUG_VM_PGFLAGS can BUG(), as they can in /proc/kpageflags.
 */
#include <linux/kcsan-checks.h>
#include <linux/kernel-page-flags.h>
#include <linux/ksm.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/page_idle.h>
#include "walk/walk.h"

/* Bits of folio->flags (PG_*), and the KPF_* bit as which kpageflags shows each, unchanged. */
static const struct {
	u8 bit;
	u8 kpf;
} flab_page_bits[] = {
	{ PG_locked, KPF_LOCKED },
	{ PG_referenced, KPF_REFERENCED },
	{ PG_uptodate, KPF_UPTODATE },
	{ PG_dirty, KPF_DIRTY },
	{ PG_lru, KPF_LRU },
	{ PG_active, KPF_ACTIVE },
	{ PG_writeback, KPF_WRITEBACK },
	{ PG_reclaim, KPF_RECLAIM },
	{ PG_swapbacked, KPF_SWAPBACKED },
	{ PG_unevictable, KPF_UNEVICTABLE },
	{ PG_mlocked, KPF_MLOCKED },
	{ PG_reserved, KPF_RESERVED },
	{ PG_mappedtodisk, KPF_OWNER_2 },
	{ PG_private, KPF_PRIVATE },
	{ PG_private_2, KPF_PRIVATE_2 },
	{ PG_owner_priv_1, KPF_OWNER_PRIVATE },
	{ PG_arch_1, KPF_ARCH },
#ifdef FLAB_PG_ERROR
	{ FLAB_PG_ERROR, KPF_ERROR },
#endif
#ifdef CONFIG_ARCH_USES_PG_UNCACHED
	{ PG_uncached, KPF_UNCACHED },
#endif
#ifdef FLAB_PG_ARCH_2
	{ FLAB_PG_ARCH_2, KPF_ARCH_2 },
#endif
#ifdef CONFIG_ARCH_USES_PG_ARCH_3
	{ PG_arch_3, KPF_ARCH_3 },
#endif
};

/*
 * The KPF_* bits of a page. This does what stable_page_flags() does, which is not
 * exported, with two differences. Before 6.10 stable_page_flags() took the flags of a
 * tail page from the tail page itself, where most are never set; here they are the
 * folio's on every kernel. In 6.12 it sets KPF_KSM for all anonymous pages; here KPF_KSM
 * is set for merged pages only.
 */
static u64 flab_page_flags(struct page *page)
{
	struct folio *folio = page_folio(page);
	const bool hugetlb = folio_test_hugetlb(folio), large = folio_test_large(folio);
	const unsigned long bits = READ_ONCE(folio->flags);
	u64 flags = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flab_page_bits); i++)
		flags |= (u64)(bits >> flab_page_bits[i].bit & 1) << flab_page_bits[i].kpf;
#define FLAB_KPF(cond, name) (flags |= (cond) ? 1ULL << KPF_##name : 0)
	FLAB_KPF(folio_test_swapcache(folio), SWAPCACHE);
	FLAB_KPF(folio_test_anon(folio), ANON);
	FLAB_KPF(folio_test_ksm(folio), KSM);
	FLAB_KPF(folio_test_idle(folio), IDLE);
	FLAB_KPF(folio_test_slab(folio), SLAB);
	FLAB_KPF(!folio_test_slab(folio) && folio_mapped(folio), MMAP);
	FLAB_KPF(hugetlb, HUGE);
	FLAB_KPF(hugetlb ? folio_test_hwpoison(folio) : PageHWPoison(page), HWPOISON);
	FLAB_KPF(!hugetlb && folio_test_large(folio) && flab_folio_is_thp(folio), THP);
	FLAB_KPF(large && page == &folio->page, COMPOUND_HEAD);
	FLAB_KPF(page != &folio->page, COMPOUND_TAIL);
	/* Free pages: no process maps them, but the kernel half does (direct mapping). */
	FLAB_KPF(PageBuddy(page) || (!page_count(page) && is_free_buddy_page(page)), BUDDY);
	FLAB_KPF(PageOffline(page), OFFLINE);
	FLAB_KPF(PageTable(page), PGTABLE);
#undef FLAB_KPF
	return flags;
}

/*
 * huge_zero_pfn is not exported, so the huge zero folio is recognised by what it lacks:
 * it has neither folio->mapping nor a mapcount. Every other folio that a user PMD leaf
 * maps has one of them, unless the leaf is special.
 */
static bool flab_is_huge_zero(struct folio *folio, const struct flab_leaf *leaf)
{
	return leaf->level == FAULTLAB_LEVEL_PMD &&
	       (leaf->flags & (FAULTLAB_PTE_USER | FAULTLAB_PTE_PROTNONE)) &&
	       !(leaf->flags & FAULTLAB_PTE_SPECIAL) &&
	       folio_order(folio) == PMD_SHIFT - PAGE_SHIFT && !folio->mapping &&
	       !folio_test_hugetlb(folio) && !folio_mapped(folio);
}

static void flab_page_describe(struct faultlab_walk_page *to, struct page *page,
			       const struct flab_leaf *leaf)
{
	struct folio *folio = page_folio(page);

	to->flags = flab_page_flags(page);
	if (is_zero_pfn(leaf->pfn))
		to->flags |= 1ULL << KPF_ZERO_PAGE;
	else if (flab_is_huge_zero(folio, leaf))
		to->flags |= 1ULL << KPF_ZERO_PAGE | 1ULL << KPF_THP;
	to->refcount = folio_ref_count(folio);
	to->mapcount = flab_page_mappings(page);
	to->order = folio_order(folio);
}

/**
 * flab_walk_page - describe the struct page of an entry's PFN
 * @to: out: the description
 * @leaf: the entry. If it is a leaf of a task, the caller holds the lock of its table.
 *	(For the kernel half there is no lock that could be taken.)
 */
void flab_walk_page(struct faultlab_walk_page *to, const struct flab_leaf *leaf)
{
	struct page *page = NULL;

	*to = (struct faultlab_walk_page) { .flags = 1ULL << KPF_NOPAGE };
	if (leaf->flags & FAULTLAB_PTE_LEAF)
		page = pfn_to_online_page(leaf->pfn);
	if (!page)
		return;
	/* The page may be in any state: KCSAN would report the core's plain stores to it. */
	kcsan_disable_current();
	flab_page_describe(to, page, leaf);
	kcsan_enable_current();
}
