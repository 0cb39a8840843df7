/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between kernel versions. The module is written for the newest
 * interface; Kbuild finds out what the kernel's headers lack. This file is
 * force-included, so that no other file tests for a version.
 */
#ifndef FLAB_COMPAT_H
#define FLAB_COMPAT_H

#undef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/pgtable.h>

#ifndef FAULTLAB_HAVE_RELEASE_FAULT_LOCK
/* Before 6.4 there is no per-VMA lock: a fault holds mmap_lock. */
static inline void release_fault_lock(struct vm_fault *vmf)
{
	mmap_read_unlock(vmf->vma->vm_mm);
}

enum { FAULT_FLAG_VMA_LOCK = 0 };
#endif

/* Newer kernels, and later releases of 6.1, define __counted_by(). */
#ifndef __counted_by
#define __counted_by(member)
#endif

#ifndef FAULTLAB_HAVE_VMA_START_WRITE
static inline void vma_start_write(struct vm_area_struct *vma)
{
}
#endif

/*
 * Since 6.12 move_page_tables() checks under the page-table lock that a PMD entry still
 * points to a table. Before, it takes an entry for a table that was a leaf and has been
 * zapped meanwhile (kind/large_leaf.c). No header shows this: Kbuild tests the version.
 */
#ifdef FAULTLAB_IS_6_12
#define FLAB_MOVE_SEES_EMPTY_PMD	true
#else
#define FLAB_MOVE_SEES_EMPTY_PMD	false
#endif

/*
 * Removed in 6.2. In older kernels VM_FAULT_RESULT_TRACE, which our trace events print with,
 * names it, so they need TRACE_DEFINE_ENUM(VM_FAULT_WRITE). This lets it compile in newer ones.
 */
#ifndef FAULTLAB_HAVE_VM_FAULT_WRITE
enum { VM_FAULT_WRITE = 0 };
#endif

#ifndef FAULTLAB_HAVE_VM_FLAGS_SET
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

#ifndef FAULTLAB_HAVE_PMDP_GET_LOCKLESS
#define pmdp_get_lockless(pmdp)	READ_ONCE(*(pmdp))
#endif

#ifndef FAULTLAB_HAVE_PMD_SPECIAL
static inline bool pmd_special(pmd_t pmd)
{
	return false;
}

static inline bool pud_special(pud_t pud)
{
	return false;
}
#endif

#ifndef FAULTLAB_HAVE_MM_GET_UNMAPPED_AREA
#include <linux/sched/mm.h>
#define mm_get_unmapped_area(mm, ...)	((mm)->get_unmapped_area(__VA_ARGS__))
#endif

/* How many entries map a page, by itself or together with its whole folio. */
static inline int flab_page_mappings(struct page *page)
{
#ifdef FAULTLAB_HAVE___PAGE_MAPCOUNT
	/* Until 6.2 a mapping of a file's whole large folio counts in each page, too. */
	return PageSlab(page) || page_has_type(page) ? 0 : page_mapcount(page);
#else
	struct folio *folio = page_folio(page);
	int n = page_has_type(page) ? 0 : atomic_read(&page->_mapcount) + 1;

	return folio_test_large(folio) ? n + folio_entire_mapcount(folio) : n;
#endif
}

/* 6.12 renamed KPF_MAPPEDTODISK, removed PG_error, and has PG_arch_2 on some architectures only. */
#include <linux/kernel-page-flags.h>
#ifndef KPF_OWNER_2
#define KPF_OWNER_2	KPF_MAPPEDTODISK
#endif
#ifdef FAULTLAB_HAVE_PG_ERROR
#define FLAB_PG_ERROR	PG_error
#endif
#ifdef FAULTLAB_HAVE_CONFIG_ARCH_USES_PG_ARCH_2
#ifdef CONFIG_ARCH_USES_PG_ARCH_2
#define FLAB_PG_ARCH_2	PG_arch_2
#endif
#elif defined(CONFIG_64BIT)
#define FLAB_PG_ARCH_2	PG_arch_2
#endif

/*
 * Whether a large folio that is not hugetlb's is a THP, tested as /proc/kpageflags does.
 * Before 6.10 it is one if it is on the LRU or anonymous, which drivers' folios are not.
 */
static inline bool flab_folio_is_thp(struct folio *folio)
{
#ifdef FAULTLAB_HAVE_LARGE_RMAPPABLE
	return folio_test_large_rmappable(folio);
#else
	return folio_test_lru(folio) || folio_test_anon(folio);
#endif
}

/* With PT_RECLAIM (since 6.14) MADV_DONTNEED can free PTE tables while a fault uses them. */
#define FLAB_TABLES_STAY	(!IS_ENABLED(CONFIG_PT_RECLAIM))

/* Up to 6.16 vmf_insert_mixed() and the like take a pfn_t. */
#ifdef FAULTLAB_HAVE_PFN_T
#include <linux/pfn_t.h>
#define flab_pfn_arg(pfn)	__pfn_to_pfn_t(pfn, PFN_DEV)
#else
#define flab_pfn_arg(pfn)	(pfn)
#endif

/* The page allocator's highest order; until 6.4 MAX_ORDER was one above it. */
#ifdef MAX_PAGE_ORDER
#define FLAB_ALLOC_ORDER	MAX_PAGE_ORDER
#else
#define FLAB_ALLOC_ORDER	(MAX_ORDER - 1)
#endif

/* Before 6.12 .huge_fault is for DAX only; before 6.6 it has another signature, too. */
#ifdef CONFIG_ARCH_SUPPORTS_PMD_PFNMAP
#include <linux/huge_mm.h>
#define FLAB_CAN_HUGE		true
#define FLAB_HUGE_FAULT(fn)	.huge_fault = fn,
#else
#define FLAB_CAN_HUGE		false
#define FLAB_HUGE_FAULT(fn)
#endif
#if defined(CONFIG_ARCH_SUPPORTS_PMD_PFNMAP) && !defined(CONFIG_ARCH_SUPPORTS_PUD_PFNMAP)
#define vmf_insert_pfn_pud(vmf, pfn, write)	VM_FAULT_FALLBACK
#endif

#endif /* FLAB_COMPAT_H */
