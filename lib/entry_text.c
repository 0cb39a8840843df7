// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text for page-table entries, and for the flags of their pages.
 */
#include <stdio.h>
#include <string.h>
#include <linux/kernel-page-flags.h>

#include "faultlab.h"
#include "text.h"

/*
 * Flags for which faultlab_pte_text() adds no word: those that faultlab_entry_what()
 * shows (none, table, leaf, ...); WRITE and EXEC, which are the "w" and "x" of "rwx";
 * VMA_SOFT_DIRTY, a flag of the VMA and not of the entry; and WB, the default memory type.
 */
#define NO_WORD	(FAULTLAB_PTE_NONE | FAULTLAB_PTE_TABLE | FAULTLAB_PTE_LEAF | \
		 FAULTLAB_PTE_NONPRESENT | FAULTLAB_PTE_NO_VMA | FAULTLAB_PTE_BAD | \
		 FAULTLAB_PTE_WRITE | FAULTLAB_PTE_EXEC | FAULTLAB_PTE_WB | \
		 FAULTLAB_PTE_VMA_SOFT_DIRTY)

_Static_assert(0 FAULTLAB_PTE_FLAGS(FAULTLAB_COUNT) == 34, "is the new flag a word?");

/* The bits that select the memory type: not shown if FAULTLAB_PTE_MEMTYPE names the type. */
#define MEMTYPE_BITS	(FAULTLAB_PTE_PWT | FAULTLAB_PTE_PCD | FAULTLAB_PTE_PAT)

static const struct {
	__u64 flag;
	const char *text;
} entry_kinds[] = {
	{ FAULTLAB_PTE_NONE, "none" },
	{ FAULTLAB_PTE_TABLE, "table" },
	{ FAULTLAB_PTE_NONPRESENT, "not present" },
	{ FAULTLAB_PTE_NO_VMA, "no VMA" },
	{ FAULTLAB_PTE_BAD, "bad" },
};

static const char *const kpf_names[] = {
	[KPF_LOCKED] = "locked", [KPF_ERROR] = "error", [KPF_REFERENCED] = "referenced",
	[KPF_UPTODATE] = "uptodate", [KPF_DIRTY] = "dirty", [KPF_LRU] = "lru",
	[KPF_ACTIVE] = "active", [KPF_SLAB] = "slab", [KPF_WRITEBACK] = "writeback",
	[KPF_RECLAIM] = "reclaim", [KPF_BUDDY] = "buddy", [KPF_MMAP] = "mmap",
	[KPF_ANON] = "anon", [KPF_SWAPCACHE] = "swapcache", [KPF_SWAPBACKED] = "swapbacked",
	[KPF_COMPOUND_HEAD] = "head", [KPF_COMPOUND_TAIL] = "tail", [KPF_HUGE] = "hugetlb",
	[KPF_UNEVICTABLE] = "unevictable", [KPF_HWPOISON] = "hwpoison",
	[KPF_NOPAGE] = "nopage", [KPF_KSM] = "ksm", [KPF_THP] = "thp",
	[KPF_OFFLINE] = "offline", [KPF_ZERO_PAGE] = "zero-page", [KPF_IDLE] = "idle",
	[KPF_PGTABLE] = "pgtable", [32] = "reserved", [33] = "mlocked",
	/*
	 * Bits from 32 on are in the kernel's internal <linux/kernel-page-flags.h>
	 * only. What 34 to 37 mean is up to the owner of the page.
	 */
	[34] = "owner-2", [35] = "private", [36] = "private-2", [37] = "owner-private",
	[38] = "arch", [39] = "uncached", [41] = "arch-2", [42] = "arch-3",
};

const char *faultlab_entry_what(const struct faultlab_walk_entry *entry)
{
	unsigned int i;

	if (entry->flags & FAULTLAB_PTE_LEAF)
		return entry->bytes == 1ULL << 30 ? "1 GiB page" :
		       entry->bytes == 1ULL << 21 ? "2 MiB page" : "page";
	for (i = 0; i < ARRAY_SIZE(entry_kinds); i++)
		if (entry->flags & entry_kinds[i].flag)
			return entry_kinds[i].text;
	return "?";
}

char *faultlab_pte_text(__u64 flags, char *text, size_t size)
{
	struct flab_text to = { .at = text, .room = size };

	if (size)
		*text = '\0';
	if (flags & FAULTLAB_PTE_MEMTYPE)
		flags &= ~MEMTYPE_BITS;
	if (flags & (FAULTLAB_PTE_LEAF | FAULTLAB_PTE_TABLE))
		flab_text_add(&to, "r%c%c%s", flags & FAULTLAB_PTE_WRITE ? 'w' : '-',
			      flags & FAULTLAB_PTE_EXEC ? 'x' : '-', flags & ~NO_WORD ? " " : "");
	flab_add_bits(&to, flags & ~NO_WORD, &flab_pte_bits, " ");
	return text;
}

static bool same_name(const char *name, const char *typed)
{
	char plain[16];
	size_t i;

	for (i = 0; typed[i] && i < sizeof(plain) - 1; i++)
		plain[i] = typed[i] == '_' ? '-' : typed[i];
	plain[i] = '\0';
	return !typed[i] && !strcasecmp(name, plain);
}

__u64 faultlab_pte_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < flab_pte_bits.nr; i++)
		if (same_name(flab_pte_bits.bit[i].name, name))
			return flab_pte_bits.bit[i].bit;
	return 0;
}

const char *faultlab_kpf_name(unsigned int bit)
{
	return bit < ARRAY_SIZE(kpf_names) ? kpf_names[bit] : NULL;
}

char *faultlab_kpf_text(__u64 flags, char *text, size_t size)
{
	size_t used = 0;
	unsigned int i;

	if (!size)
		return text;
	text[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(kpf_names) && used < size; i++)
		if ((flags & 1ULL << i) && kpf_names[i])
			used += snprintf(text + used, size - used, "%s%s", used ? " " : "",
					 kpf_names[i]);
	return text;
}
