// SPDX-License-Identifier: GPL-2.0-only
/*
 * Below an answer: what the words in it mean. Only those that it has.
 */
#include <stdio.h>

#include "walk.h"

static const struct {
	__u64 flag;
	const char *text;
} words[] = {
	{ FAULTLAB_PTE_USER, "user mode may use it, as r, w and x say" },
	{ FAULTLAB_PTE_ACCESSED, "was read or written; the processor notes that" },
	{ FAULTLAB_PTE_DIRTY, "was written; the processor notes that, too" },
	{ FAULTLAB_PTE_SOFT_DIRTY, "written since it was mapped or /proc/PID/clear_refs reset" },
	{ FAULTLAB_PTE_SPECIAL, "memory of a device, a driver or the kernel: not counted" },
	{ FAULTLAB_PTE_GLOBAL, "stays in the TLB when the process changes" },
	{ FAULTLAB_PTE_PROTNONE, "in memory, but no access may reach it now" },
	{ FAULTLAB_PTE_UFFD_WP, "a write is told to userfaultfd first" },
	{ FAULTLAB_PTE_PWT, "write-through; with PCD and PAT, another memory type" },
	{ FAULTLAB_PTE_PCD, "not cached; with PWT and PAT, another memory type" },
	{ FAULTLAB_PTE_PAT, "with PWT and PCD, another memory type" },
	{ FAULTLAB_PTE_SWAP, "swapped out: an access reads it back; frame is the slot" },
	{ FAULTLAB_PTE_MIGRATION, "on its way to another frame: an access waits" },
	{ FAULTLAB_PTE_HWPOISON, "broken memory: an access is SIGBUS" },
	{ FAULTLAB_PTE_DEVICE, "lives in a device: an access brings it back" },
	{ FAULTLAB_PTE_MARKER, "no page: a note to userfaultfd, a guard page, or poison" },
	{ FAULTLAB_PTE_HUGETLB, "of hugetlbfs: from the pool of large pages" },
};

void walk_legend(__u64 flags)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (flags & words[i].flag)
			printf("%s%12s  %s%s\n", style(STYLE_DIM),
			       faultlab_pte_name(words[i].flag), words[i].text,
			       style(STYLE_PLAIN));
}
