// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explains below an answer the words that occur in it, and no others.
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
 * A word is explained if the answer has one of its forms and an entry one of its flags.
 */
static const struct {
	unsigned int forms;
	__u64 flags;
	const char *word;	/* NULL: the flag's name */
	const char *text;
} words[] = {
	{ WALK_IN_COUNTS, LEAF, "mapped", "pages that are in memory and have an entry" },
	{ WALK_IN_COUNTS, FAULTLAB_PTE_NONE, NULL,
	  "entries that lead to no page; of a PMD one is 2 MiB, of a PUD 1 GiB" },
	{ WALK_IN_COUNTS, TABLE, "tables",
	  "4 KiB each; one that mappings share is counted for the first" },
	{ WALK_IN_RUNS, LEAF, "frames",
	  "where in physical memory, by 4 KiB; \"A-B\": in a row, \"A, ...\": scattered" },
	{ WALK_IN_ENTRIES | WALK_IN_CHAIN | WALK_IN_KERNEL | WALK_IN_DIFF, LEAF | TABLE, "pfn",
	  "page frame number: where in physical memory, by 4 KiB" },
	{ WALK_IN_ENTRIES | WALK_IN_CHAIN, TABLE, "table",
	  "leads to the table of the level below, which is in that frame" },
	{ WALK_IN_RUNS | WALK_IN_ENTRIES, FAULTLAB_PTE_NONE, NULL,
	  "nothing there: an access faults, and the mapping decides" },
	{ WALK_IN_RUNS | WALK_IN_ENTRIES, FAULTLAB_PTE_NO_VMA, "no VMA",
	  "in no mapping: an access is SIGSEGV" },
	{ LISTS, LEAF | TABLE, "rwx", "what the entry allows: read, write, execute" },
	{ WALK_IN_RUNS | WALK_IN_ENTRIES | WALK_IN_CHAIN, WALK_READ_ONLY, "r-- in rw-",
	  "the next write faults: it copies the page, or is noted" },
	{ WALK_IN_DIFF, WALK_ALTERED, "~", "is still there; + says what was set, - what cleared" },
	{ WALK_IN_DIFF, WALK_MOVED, "->", "is in another frame now" },
	{ BY_NAME, FAULTLAB_PTE_WRITE, NULL, "the entry allows writing" },
	{ BY_NAME, FAULTLAB_PTE_EXEC, NULL, "the entry allows executing" },
	{ EVERYWHERE, FAULTLAB_PTE_USER, NULL, "user mode may use it" },
	{ EVERYWHERE, FAULTLAB_PTE_ACCESSED, NULL,
	  "was read or written; the processor notes that" },
	{ EVERYWHERE, FAULTLAB_PTE_DIRTY, NULL, "was written; the processor notes that, too" },
	{ EVERYWHERE, FAULTLAB_PTE_SOFT_DIRTY, NULL,
	  "made, moved or written since /proc/PID/clear_refs; of PFN mappings, how it was made" },
	{ WALK_IN_RUNS | WALK_IN_ENTRIES | WALK_IN_CHAIN | WALK_IN_COUNTS,
	  FAULTLAB_PTE_VMA_SOFT_DIRTY, "(soft-dirty)",
	  "pagemap says it of the whole mapping: new, or grown, since clear_refs" },
	{ WALK_IN_DIFF, FAULTLAB_PTE_VMA_SOFT_DIRTY, NULL,
	  "the whole mapping is soft-dirty to pagemap" },
	{ EVERYWHERE, FAULTLAB_PTE_SPECIAL, NULL,
	  "uncounted: of a device, a driver, the kernel, or the page of zeroes" },
	{ EVERYWHERE, FAULTLAB_PTE_GLOBAL, NULL, "stays in the TLB when the process changes" },
	{ EVERYWHERE, FAULTLAB_PTE_PROTNONE, NULL, "in memory, but no access may reach it now" },
	{ EVERYWHERE, FAULTLAB_PTE_UFFD_WP, NULL, "a write is told to userfaultfd first" },
	{ EVERYWHERE, FAULTLAB_PTE_WC, NULL,
	  "write-combining memory: not cached, writes are gathered" },
	{ EVERYWHERE, FAULTLAB_PTE_UC_MINUS, NULL, "uncached memory, unless an MTRR makes it wc" },
	{ EVERYWHERE, FAULTLAB_PTE_UC, NULL, "uncached memory" },
	{ EVERYWHERE, FAULTLAB_PTE_WT, NULL, "write-through memory: cached for reading" },
	{ EVERYWHERE, FAULTLAB_PTE_WP, NULL,
	  "write-protected memory: cached for reading, writes are not" },
	{ LISTS, MEMTYPE_BITS, "pwt pcd pat", "bits that choose the memory type" },
	{ WALK_IN_COUNTS, FAULTLAB_PTE_NONPRESENT, NULL,
	  "an entry that is no page: swap and the like" },
	{ EVERYWHERE, FAULTLAB_PTE_SWAP, NULL,
	  "swapped out: an access reads it back; the frame is the slot" },
	{ EVERYWHERE, FAULTLAB_PTE_MIGRATION, NULL,
	  "on its way to another frame: an access waits" },
	{ EVERYWHERE, FAULTLAB_PTE_HWPOISON, NULL, "broken memory: an access is SIGBUS" },
	{ EVERYWHERE, FAULTLAB_PTE_DEVICE, NULL,
	  "lives in a device: an access brings it back" },
	{ EVERYWHERE, FAULTLAB_PTE_MARKER, NULL,
	  "no page: a note to userfaultfd, a guard page, or poison" },
	{ EVERYWHERE, FAULTLAB_PTE_HUGETLB, NULL, "of hugetlbfs: from the pool of large pages" },
	{ WALK_IN_PAGES, LEAF, "mapped", "how many entries map it, in all processes" },
	{ WALK_IN_PAGES, LEAF, "references",
	  "how many hold it: mappings, caches, who works on it" },
};

/* Documentation/admin-guide/mm/pagemap.rst */
static const struct {
	__u64 flags;
	const char *word;	/* NULL: the flag's name */
	const char *text;
} page_words[] = {
	{ KPF(COMPOUND_HEAD) | KPF(COMPOUND_TAIL), "folio",
	  "neighbouring pages that the kernel handles as one" },
	{ KPF(LOCKED), NULL, "the kernel works on it just now" },
	{ KPF(REFERENCED), NULL, "was used since reclaim looked" },
	{ KPF(UPTODATE), NULL, "its contents are valid" },
	{ KPF(DIRTY), NULL, "newer than what is on disk or in swap" },
	{ KPF(LRU), NULL, "on a list of what reclaim may take" },
	{ KPF(ACTIVE), NULL, "in use: reclaim takes others first" },
	{ KPF(WRITEBACK), NULL, "being written to disk or swap" },
	{ KPF(RECLAIM), NULL, "goes as soon as it is written" },
	{ KPF(SWAPCACHE), NULL, "has a slot in swap, too" },
	{ KPF(SWAPBACKED), NULL, "goes to swap when memory is short" },
	{ KPF(UNEVICTABLE), NULL, "reclaim may not take it" },
	{ KPF(KSM), NULL, "one for all who have the same contents" },
	{ KPF(THP), NULL, "of a transparent huge page" },
	{ 1ULL << 33, NULL, "somebody called mlock()" },
};

static void explain(const char *word, const char *text)
{
	printf("%s%12s  %s%s\n", style(STYLE_DIM), word, text, style(STYLE_PLAIN));
}

void walk_legend(unsigned int forms, __u64 flags)
{
	unsigned int i;

	/*
	 * Where the memory type has a name, its bits are not shown
	 * (faultlab_pte_text()).
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
