// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text for what a walk finds: entries, their flags, and the pages that they map.
 */
#include <stdio.h>
#include <string.h>
#include <linux/kernel-page-flags.h>

#include "walk/walk.h"

static const char *const leaf_names[] = {
	[FAULTLAB_LEVEL_PTE] = "page",
	[FAULTLAB_LEVEL_PMD] = "2 MiB page",
	[FAULTLAB_LEVEL_PUD] = "1 GiB page",
};

static const struct {
	__u64 flag;
	const char *text;
} whats[] = {
	{ FAULTLAB_PTE_NONE, "none" },
	{ FAULTLAB_PTE_NO_VMA, "no VMA" },
	{ FAULTLAB_PTE_TABLE, "table" },
	{ FAULTLAB_PTE_BAD, "bad entry" },
	{ FAULTLAB_PTE_SWAP, "in swap" },
	{ FAULTLAB_PTE_MIGRATION, "migrating" },
	{ FAULTLAB_PTE_HWPOISON, "poisoned" },
	{ FAULTLAB_PTE_DEVICE, "on device" },
	{ FAULTLAB_PTE_MARKER, "marker" },
	{ FAULTLAB_PTE_NONPRESENT, "not present" },
};

_Static_assert(0 FAULTLAB_PTE_FLAGS(FAULTLAB_COUNT) == 34, "is an entry what the new flag says?");

const char *walk_what(__u64 flags, unsigned int level)
{
	unsigned int i;

	if (flags & FAULTLAB_PTE_LEAF)
		return level < ARRAY_SIZE(leaf_names) ? leaf_names[level] : "page";
	for (i = 0; i < ARRAY_SIZE(whats); i++)
		if (flags & whats[i].flag)
			return whats[i].text;
	return "?";
}

char *walk_flags(__u64 flags, unsigned int pkey, char *text)
{
	size_t used;

	faultlab_pte_text(flags & ~FAULTLAB_PTE_CONTIG, text, WALK_TEXT_MAX);
	used = strlen(text);
	if (pkey)
		snprintf(text + used, WALK_TEXT_MAX - used, "%spkey %u", used ? " " : "", pkey);
	return text;
}

/* What a page is, by its flags in /proc/kpageflags; the first flag that is set decides. */
static const struct {
	__u64 flag;
	const char *text;
} sorts[] = {
	{ KPF(HWPOISON), "poisoned memory" },
	{ KPF(ZERO_PAGE), "the zero page" },
	{ KPF(HUGE), "hugetlb page" },
	{ KPF(BUDDY), "free memory" },
	{ KPF(SLAB), "slab memory" },
	{ KPF(PGTABLE), "page table" },
	{ KPF(OFFLINE), "offline memory" },
	{ KPF(KSM), "merged by KSM" },
	{ KPF(ANON), "anonymous" },
	{ KPF(SWAPBACKED), "shared memory" },
	{ KPF(LRU), "page of a file" },
	{ KPF(UNEVICTABLE), "unevictable page of a file" },
};

static const char *sort_of(__u64 flags)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sorts); i++)
		if (flags & sorts[i].flag)
			return sorts[i].text;
	return "page of a driver or the kernel";
}

/* Page flags whose meaning the page's owner defines, "owner-2" to "arch-3": only in JSON. */
#define OWNERS	(0x1ffULL << 34)

/*
 * Page flags that are not shown by name: what the page is (the table above) implies them,
 * or only JSON shows them.
 */
#define SAID	(KPF(ANON) | KPF(MMAP) | KPF(ZERO_PAGE) | KPF(COMPOUND_HEAD) | \
		 KPF(COMPOUND_TAIL) | KPF(HUGE) | KPF(BUDDY) | KPF(SLAB) | KPF(PGTABLE) | \
		 KPF(OFFLINE) | OWNERS)

char *walk_page_facts(const struct faultlab_walk_page *page, __u64 flags, char *text)
{
	char names[FAULTLAB_KPF_TEXT_MAX];
	char size[FIGURE_MAX];
	size_t used;

	*text = '\0';
	if (!(flags & FAULTLAB_PTE_LEAF))
		return text;
	if (page->flags & KPF(NOPAGE)) {
		snprintf(text, WALK_TEXT_MAX, "no struct page");
		return text;
	}
	used = snprintf(text, WALK_TEXT_MAX, "%s, mapped %d, references %d",
			sort_of(page->flags), page->mapcount, page->refcount);
	if (page->order)
		used += snprintf(text + used, WALK_TEXT_MAX - used, ", folio of %s",
				 figure_size(size, 4096ULL << page->order));
	faultlab_kpf_text(page->flags & ~SAID, names, sizeof(names));
	if (*names)
		snprintf(text + used, WALK_TEXT_MAX - used, " (%s)", names);
	return text;
}

char *walk_pfn(__u64 flags, __u64 pfn, char *text)
{
	const __u64 has = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_TABLE | FAULTLAB_PTE_NONPRESENT;

	if ((flags & has) && pfn)
		snprintf(text, FIGURE_MAX, "0x%llx", pfn);
	else
		snprintf(text, FIGURE_MAX, "-");
	return text;
}

char *walk_entry_pfn(const struct faultlab_walk_entry *e, char *text)
{
	if (!e->raw || !(e->flags & FAULTLAB_PTE_LEAF))
		return walk_pfn(e->flags, e->pfn, text);
	snprintf(text, FIGURE_MAX, "0x%llx", e->pfn);
	return text;
}

__u64 walk_read_only(const struct faultlab_vma *vma, __u64 flags)
{
	const __u64 others = FAULTLAB_PTE_WRITE | FAULTLAB_PTE_PROTNONE;

	return vma && vma->perms[1] == 'w' && (flags & FAULTLAB_PTE_LEAF) && !(flags & others) ?
	       WALK_READ_ONLY : 0;
}

char *walk_number(__u64 number, const char *one, char *text)
{
	const int len = strlen(one);
	const bool is_y = number != 1 && one[len - 1] == 'y';
	char figure[FIGURE_MAX];

	snprintf(text, WALK_TEXT_MAX, "%s %.*s%s", figure_grouped(figure, number), len - is_y, one,
		 number == 1 ? "" : is_y ? "ies" : "s");
	return text;
}

__u64 walk_span(unsigned int level)
{
	/* x86: each table has 512 entries, whatever the level. */
	return level > FAULTLAB_LEVEL_PGD ? 0 : 4096ULL << (9 * level);
}
