// SPDX-License-Identifier: GPL-2.0-only
/*
 * The legend below the output of a walk: explains the words that occur in the output, and
 * no others.
 */
#include <stdio.h>
#include <linux/kernel-page-flags.h>

#include "walk/walk.h"

#define LEAF		FAULTLAB_PTE_LEAF
#define TABLE		FAULTLAB_PTE_TABLE
#define EVERYWHERE	(~0U)
#define LISTS		(WALK_IN_RUNS | WALK_IN_ENTRIES | WALK_IN_CHAIN | WALK_IN_DIFF | \
			 WALK_IN_KERNEL)
#define BY_NAME		(WALK_IN_COUNTS | WALK_IN_DIFF)
#define MEMTYPE_BITS	(FAULTLAB_PTE_PWT | FAULTLAB_PTE_PCD | FAULTLAB_PTE_PAT)

/*
 * A word is explained if the output has one of its forms (enum walk_form) and an entry has
 * one of its flags.
 */
static const struct {
	unsigned int forms;
	__u64 flags;
	const char *word;	/* NULL: the flag's name */
	const char *text;
} words[] = {
	{ WALK_IN_COUNTS, LEAF, "mapped", "pages that are in memory and have an entry" },
	{ WALK_IN_COUNTS, FAULTLAB_PTE_NONE, NULL,
	  "empty entries; an empty PMD stands for 2 MiB, an empty PUD for 1 GiB" },
	{ WALK_IN_COUNTS, TABLE, "tables",
	  "page tables, 4 KiB each; one that mappings share is counted for the first" },
	{ WALK_IN_RUNS, LEAF, "frames",
	  "page frame numbers; \"A-B\": consecutive, \"A, ...\": scattered" },
	{ WALK_IN_ENTRIES | WALK_IN_CHAIN | WALK_IN_KERNEL | WALK_IN_DIFF, LEAF | TABLE, "pfn",
	  "page frame number: the physical address divided by 4 KiB" },
	{ WALK_IN_ENTRIES | WALK_IN_CHAIN, TABLE, "table",
	  "points to a table of the level below, which is in that frame" },
	{ WALK_IN_RUNS | WALK_IN_ENTRIES, FAULTLAB_PTE_NONE, NULL,
	  "empty: an access faults, and the fault handler of the mapping decides" },
	{ WALK_IN_RUNS | WALK_IN_ENTRIES, FAULTLAB_PTE_NO_VMA, "no VMA",
	  "in no mapping: an access ends in SIGSEGV, unless the stack grows there" },
	{ LISTS, LEAF | TABLE, "rwx", "what the entry allows: read, write, execute" },
	{ WALK_IN_RUNS | WALK_IN_ENTRIES | WALK_IN_CHAIN, WALK_READ_ONLY, "r-- in rw-",
	  "read-only in a writable mapping: the next write faults (CoW, or write tracking)" },
	{ WALK_IN_DIFF, WALK_ALTERED, "~", "still mapped; + flags that were set, - flags cleared" },
	{ WALK_IN_DIFF, WALK_MOVED, "->", "mapped to another frame than before" },
	{ BY_NAME, FAULTLAB_PTE_WRITE, NULL, "the entry allows writing" },
	{ BY_NAME, FAULTLAB_PTE_EXEC, NULL, "the entry allows executing" },
	{ EVERYWHERE, FAULTLAB_PTE_USER, NULL, "accessible from user mode" },
	{ EVERYWHERE, FAULTLAB_PTE_ACCESSED, NULL,
	  "set by the processor at an access, and by Linux in a new entry" },
	{ EVERYWHERE, FAULTLAB_PTE_DIRTY, NULL,
	  "was written to; set by the processor, or by Linux at the fault" },
	{ EVERYWHERE, FAULTLAB_PTE_SOFT_DIRTY, NULL,
	  "written or moved since /proc/PID/clear_refs was used; never cleared in PFN mappings" },
	{ WALK_IN_RUNS | WALK_IN_ENTRIES | WALK_IN_CHAIN | WALK_IN_COUNTS,
	  FAULTLAB_PTE_VMA_SOFT_DIRTY, "(soft-dirty)",
	  "mapping is new or grown since clear_refs: pagemap shows all its pages as soft-dirty" },
	{ WALK_IN_DIFF, FAULTLAB_PTE_VMA_SOFT_DIRTY, NULL,
	  "pagemap shows all pages of the mapping as soft-dirty" },
	{ EVERYWHERE, FAULTLAB_PTE_SPECIAL, NULL,
	  "no reference to a struct page: a PFN mapping, or the zero page" },
	{ EVERYWHERE, FAULTLAB_PTE_GLOBAL, NULL,
	  "stays in the TLB when the address space is switched" },
	{ EVERYWHERE, FAULTLAB_PTE_PROTNONE, NULL,
	  "in memory, but the entry allows no access (PROT_NONE, NUMA hint)" },
	{ EVERYWHERE, FAULTLAB_PTE_UFFD_WP, NULL, "write-protected by userfaultfd" },
	{ EVERYWHERE, FAULTLAB_PTE_WC, NULL,
	  "write-combining memory: not cached, writes are combined" },
	{ EVERYWHERE, FAULTLAB_PTE_UC_MINUS, NULL, "uncached memory, unless an MTRR makes it wc" },
	{ EVERYWHERE, FAULTLAB_PTE_UC, NULL, "uncached memory" },
	{ EVERYWHERE, FAULTLAB_PTE_WT, NULL,
	  "write-through memory: cached, and writes go to memory at once" },
	{ EVERYWHERE, FAULTLAB_PTE_WP, NULL,
	  "write-protected memory: cached for reads, writes are not cached" },
	{ LISTS, MEMTYPE_BITS, "pwt pcd pat", "bits that select the memory type" },
	{ WALK_IN_COUNTS, FAULTLAB_PTE_NONPRESENT, NULL,
	  "entries that are neither present nor empty: swap, migration, markers" },
	{ EVERYWHERE, FAULTLAB_PTE_SWAP, NULL,
	  "swapped out: an access reads it back; the frame is the swap slot" },
	{ EVERYWHERE, FAULTLAB_PTE_MIGRATION, NULL,
	  "being migrated to another frame: an access waits" },
	{ EVERYWHERE, FAULTLAB_PTE_HWPOISON, NULL, "memory error: an access ends in SIGBUS" },
	{ EVERYWHERE, FAULTLAB_PTE_DEVICE, NULL,
	  "in device memory: an access migrates it back to RAM" },
	{ EVERYWHERE, FAULTLAB_PTE_MARKER, NULL,
	  "no page: a marker of userfaultfd, a guard page, or poison" },
	{ EVERYWHERE, FAULTLAB_PTE_HUGETLB, NULL, "a page of hugetlbfs" },
	{ WALK_IN_PAGES, LEAF, "mapped", "how many entries map the page, in all processes" },
	{ WALK_IN_PAGES, LEAF, "references",
	  "references to its folio: of mappings, page cache, swap cache, pins and others" },
};

_Static_assert(0 FAULTLAB_PTE_FLAGS(FAULTLAB_COUNT) == 34, "explain the new flag");

/* Flags of /proc/kpageflags: Documentation/admin-guide/mm/pagemap.rst explains them. */
static const struct {
	__u64 flags;
	const char *word;	/* NULL: the flag's name */
	const char *text;
} page_words[] = {
	{ KPF(COMPOUND_HEAD) | KPF(COMPOUND_TAIL), "folio",
	  "physically contiguous pages that the kernel handles as one" },
	{ KPF(LOCKED), NULL, "page lock is held, as during I/O" },
	{ KPF(REFERENCED), NULL, "used since page reclaim last checked" },
	{ KPF(UPTODATE), NULL, "its contents are valid" },
	{ KPF(DIRTY), NULL, "of the page: newer than its copy on disk or in swap" },
	{ KPF(LRU), NULL, "on an LRU list of page reclaim" },
	{ KPF(ACTIVE), NULL, "on the active LRU list: reclaim takes inactive pages first" },
	{ KPF(WRITEBACK), NULL, "being written to disk or swap" },
	{ KPF(RECLAIM), NULL, "to be reclaimed when its writeback ends" },
	{ KPF(SWAPCACHE), NULL, "in the swap cache: it has a slot in swap, too" },
	{ KPF(SWAPBACKED), NULL, "reclaimed by writing it to swap" },
	{ KPF(UNEVICTABLE), NULL, "page reclaim may not take it" },
	{ KPF(KSM), NULL, "merged by KSM with pages of the same contents" },
	{ KPF(THP), NULL, "part of a transparent huge page" },
	{ 1ULL << 33, NULL, "locked in memory by mlock()" },
};

static void explain(const char *word, const char *text)
{
	printf("%s%12s  %s%s\n", style(STYLE_DIM), word, text, style(STYLE_PLAIN));
}

void walk_legend(unsigned int forms, __u64 flags)
{
	unsigned int i;

	/*
	 * If the memory type is shown by name, faultlab_pte_text() does not show its bits
	 * (PWT, PCD, PAT), so they need no explanation.
	 */
	if (flags & FAULTLAB_PTE_MEMTYPE & ~FAULTLAB_PTE_WB)
		flags &= ~MEMTYPE_BITS;
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if ((words[i].forms & forms) && (words[i].flags & flags))
			explain(words[i].word ?: faultlab_pte_flag_name(words[i].flags),
				words[i].text);
}

void walk_legend_pages(__u64 flags)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(page_words); i++)
		if (page_words[i].flags & flags)
			explain(page_words[i].word ?:
				faultlab_kpf_name(__builtin_ctzll(page_words[i].flags)),
				page_words[i].text);
}
