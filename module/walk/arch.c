// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes the bits of an entry: by the kernel's helpers (pte_write() and others) where
 * they exist. Bits that have no helper depend on the architecture, and all code for them
 * is in this file.
 */
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include "walk/walk.h"

#ifdef CONFIG_X86
/* FAULTLAB_PTE_* by PAT index; 0 for an index with no memory type that Linux uses. */
static u64 flab_memtypes[8] __ro_after_init;

static unsigned int flab_memtype_index(u64 raw, u64 pat)
{
	return (raw & _PAGE_PWT ? 1 : 0) | (raw & _PAGE_PCD ? 2 : 0) | (raw & pat ? 4 : 0);
}

/*
 * The kernel exports the table from a memory type to the bits of an entry
 * (cachemode2protval()), but not the reverse. For a type that this machine's PAT lacks,
 * cachemode2protval() gives the bits of a stricter type: UC- for WP and WT, WT or UC-
 * for WC. So where types have the same index, only the last of them in this list is in
 * the PAT: its flag overwrites those of the others.
 */
void __init flab_walk_arch_init(void)
{
	static const struct {
		enum page_cache_mode mode;
		u64 flag;
	} types[] = {
		{ _PAGE_CACHE_MODE_WP, FAULTLAB_PTE_WP },
		{ _PAGE_CACHE_MODE_WC, FAULTLAB_PTE_WC },
		{ _PAGE_CACHE_MODE_WT, FAULTLAB_PTE_WT },
		{ _PAGE_CACHE_MODE_UC_MINUS, FAULTLAB_PTE_UC_MINUS },
		{ _PAGE_CACHE_MODE_UC, FAULTLAB_PTE_UC },
		{ _PAGE_CACHE_MODE_WB, FAULTLAB_PTE_WB },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		flab_memtypes[flab_memtype_index(cachemode2protval(types[i].mode), _PAGE_PAT)] =
			types[i].flag;
}

/* Memory type of a leaf, if it is present. @pat: the PAT bit of the leaf's level. */
static u64 flab_memtype(u64 raw, u64 pat)
{
	return raw & _PAGE_PRESENT ? flab_memtypes[flab_memtype_index(raw, pat)] : 0;
}

static u64 flab_arch_flags(u64 raw, u64 pat)
{
	u64 flags = 0;

	/* PROT_NONE keeps the entry, but clears its present bit. */
	if (!(raw & _PAGE_PRESENT))
		return raw & _PAGE_PROTNONE ? FAULTLAB_PTE_PROTNONE : 0;
	if (raw & _PAGE_USER)
		flags |= FAULTLAB_PTE_USER;
	if (!(raw & _PAGE_NX))
		flags |= FAULTLAB_PTE_EXEC;
	if (raw & _PAGE_GLOBAL)
		flags |= FAULTLAB_PTE_GLOBAL;
	if (raw & _PAGE_PWT)
		flags |= FAULTLAB_PTE_PWT;
	if (raw & _PAGE_PCD)
		flags |= FAULTLAB_PTE_PCD;
	if (raw & pat)
		flags |= FAULTLAB_PTE_PAT;
	return flags;
}

/* In an entry that points to a table, bits 6 (dirty) and 8 (global) mean nothing. */
u64 flab_table_flags(u64 raw)
{
	u64 flags = flab_arch_flags(raw & ~(u64)_PAGE_GLOBAL, 0);

	if (raw & _PAGE_RW)
		flags |= FAULTLAB_PTE_WRITE;
	if (raw & _PAGE_ACCESSED)
		flags |= FAULTLAB_PTE_ACCESSED;
	return flags;
}

/* In a PTE, bit 7 is PAT. At levels above, bit 7 says that the entry is a leaf; PAT is bit 12. */
#define FLAB_PAT_PTE	_PAGE_PAT
#define FLAB_PAT_LARGE	_PAGE_PAT_LARGE

/* The protection key: bits 59 to 62 (pte_flags_pkey()), even if the processor ignores them. */
u8 flab_pkey(u64 raw)
{
	return (raw & _PAGE_PKEY_MASK) >> _PAGE_BIT_PKEY_BIT0;
}

/* Mask of the PFN in a leaf. Below it, a large leaf has the PAT bit and zeros. */
u64 flab_raw_frame(u8 level)
{
	return PTE_PFN_MASK & ~(flab_level_size(level) - 1);
}

/*
 * The difference between the values of two leaves that map consecutive memory with the same
 * flags. 0 if unknown: a leaf of PROT_NONE has the PFN inverted, and under Xen PV
 * the entries in memory hold machine frames, which need not be consecutive.
 */
u64 flab_raw_stride(u64 raw, u8 level)
{
	if (!(raw & _PAGE_PRESENT) || cpu_feature_enabled(X86_FEATURE_XENPV))
		return 0;
	return flab_level_size(level);
}

/*
 * The kernel half is above the non-canonical addresses. Where it begins depends on the
 * number of page-table levels (__VIRTUAL_MASK_SHIFT).
 */
bool flab_has_kernel_half(void)
{
	return true;
}

bool flab_is_kernel_half(u64 addr)
{
	return (s64)addr >> __VIRTUAL_MASK_SHIFT == -1;
}
#else
void __init flab_walk_arch_init(void)
{
}

static u64 flab_memtype(u64 raw, u64 pat)
{
	return 0;
}

static u64 flab_arch_flags(u64 raw, u64 pat)
{
	return 0;
}

bool flab_has_kernel_half(void)
{
	return false;
}

bool flab_is_kernel_half(u64 addr)
{
	return false;
}

u8 flab_pkey(u64 raw)
{
	return 0;
}

u64 flab_raw_frame(u8 level)
{
	return 0;
}

u64 flab_raw_stride(u64 raw, u8 level)
{
	return 0;
}

u64 flab_table_flags(u64 raw)
{
	return 0;
}

#define FLAB_PAT_PTE	0
#define FLAB_PAT_LARGE	0
#endif

u64 flab_pte_flags(pte_t pte)
{
	return flab_arch_flags(pte_val(pte), FLAB_PAT_PTE) |
	       flab_memtype(pte_val(pte), FLAB_PAT_PTE) |
	       (pte_write(pte) ? FAULTLAB_PTE_WRITE : 0) |
	       (pte_young(pte) ? FAULTLAB_PTE_ACCESSED : 0) |
	       (pte_dirty(pte) ? FAULTLAB_PTE_DIRTY : 0) |
	       (pte_soft_dirty(pte) ? FAULTLAB_PTE_SOFT_DIRTY : 0) |
	       (pte_special(pte) ? FAULTLAB_PTE_SPECIAL : 0) |
	       (pte_protnone(pte) ? FAULTLAB_PTE_PROTNONE : 0) |
	       (pte_uffd_wp(pte) ? FAULTLAB_PTE_UFFD_WP : 0);
}

u64 flab_pmd_flags(pmd_t pmd)
{
	return flab_arch_flags(pmd_val(pmd), FLAB_PAT_LARGE) |
	       flab_memtype(pmd_val(pmd), FLAB_PAT_LARGE) |
	       (pmd_write(pmd) ? FAULTLAB_PTE_WRITE : 0) |
	       (pmd_young(pmd) ? FAULTLAB_PTE_ACCESSED : 0) |
	       (pmd_dirty(pmd) ? FAULTLAB_PTE_DIRTY : 0) |
	       (pmd_soft_dirty(pmd) ? FAULTLAB_PTE_SOFT_DIRTY : 0) |
	       (pmd_special(pmd) ? FAULTLAB_PTE_SPECIAL : 0) |
	       (pmd_protnone(pmd) ? FAULTLAB_PTE_PROTNONE : 0) |
	       (pmd_uffd_wp(pmd) ? FAULTLAB_PTE_UFFD_WP : 0);
}

u64 flab_pud_flags(pud_t pud)
{
	return flab_arch_flags(pud_val(pud), FLAB_PAT_LARGE) |
	       flab_memtype(pud_val(pud), FLAB_PAT_LARGE) |
	       (pud_write(pud) ? FAULTLAB_PTE_WRITE : 0) |
	       (pud_young(pud) ? FAULTLAB_PTE_ACCESSED : 0) |
	       (pud_dirty(pud) ? FAULTLAB_PTE_DIRTY : 0) |
	       (pud_special(pud) ? FAULTLAB_PTE_SPECIAL : 0) |
	       /* Only hugetlb sets these, and it treats all its entries as PTEs. */
	       (pte_soft_dirty(__pte(pud_val(pud))) ? FAULTLAB_PTE_SOFT_DIRTY : 0) |
	       (pte_uffd_wp(__pte(pud_val(pud))) ? FAULTLAB_PTE_UFFD_WP : 0);
}

static u64 flab_swap_flags(swp_entry_t entry, u64 *pfn)
{
	*pfn = 0;
	if (!non_swap_entry(entry)) {
		*pfn = swp_offset(entry);
		return FAULTLAB_PTE_SWAP;
	}
	if (is_migration_entry(entry)) {
		*pfn = swp_offset_pfn(entry);
		return FAULTLAB_PTE_MIGRATION;
	}
	if (is_device_private_entry(entry) || is_device_exclusive_entry(entry)) {
		*pfn = swp_offset_pfn(entry);
		return FAULTLAB_PTE_DEVICE;
	}
	if (is_hwpoison_entry(entry)) {
		*pfn = swp_offset_pfn(entry);
		return FAULTLAB_PTE_HWPOISON;
	}
	if (is_pte_marker_entry(entry)) {
		*pfn = pte_marker_get(entry);
		return FAULTLAB_PTE_MARKER |
		       (*pfn & PTE_MARKER_UFFD_WP ? FAULTLAB_PTE_UFFD_WP : 0);
	}
	return 0;
}

/**
 * flab_swap_pte_flags - decode an entry that is neither empty nor present
 * @pte: the entry
 * @pfn: out: the PFN that it stands for, the offset in the swap area, the bits of a
 *	marker, or 0
 *
 * Return: FAULTLAB_PTE_*
 */
u64 flab_swap_pte_flags(pte_t pte, u64 *pfn)
{
	return flab_swap_flags(pte_to_swp_entry(pte), pfn) |
	       (pte_swp_soft_dirty(pte) ? FAULTLAB_PTE_SOFT_DIRTY : 0) |
	       (pte_swp_uffd_wp(pte) ? FAULTLAB_PTE_UFFD_WP : 0);
}

/* As flab_swap_pte_flags(), for a PMD: a migration entry, or in hugetlb whatever a PTE can be. */
u64 flab_swap_pmd_flags(pmd_t pmd, u64 *pfn)
{
	return flab_swap_flags(pmd_to_swp_entry(pmd), pfn) |
	       (pmd_swp_soft_dirty(pmd) ? FAULTLAB_PTE_SOFT_DIRTY : 0) |
	       (pmd_swp_uffd_wp(pmd) ? FAULTLAB_PTE_UFFD_WP : 0);
}
