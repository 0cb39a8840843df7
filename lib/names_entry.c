// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text for page-table entries, and for the flags of their pages.
 */
#include <stdio.h>
#include <string.h>
#include <linux/kernel-page-flags.h>

#include "faultlab.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* In the order in which they are printed. */
static const struct {
	__u64 flag;
	const char *name;
} pte_flags[] = {
	{ FAULTLAB_PTE_NONE, "none" },
	{ FAULTLAB_PTE_TABLE, "table" },
	{ FAULTLAB_PTE_LEAF, "leaf" },
	{ FAULTLAB_PTE_NONPRESENT, "nonpresent" },
	{ FAULTLAB_PTE_NO_VMA, "no-vma" },
	{ FAULTLAB_PTE_BAD, "bad" },
	{ FAULTLAB_PTE_WRITE, "write" },
	{ FAULTLAB_PTE_EXEC, "exec" },
	{ FAULTLAB_PTE_USER, "user" },
	{ FAULTLAB_PTE_ACCESSED, "accessed" },
	{ FAULTLAB_PTE_DIRTY, "dirty" },
	{ FAULTLAB_PTE_SOFT_DIRTY, "soft-dirty" },
	{ FAULTLAB_PTE_SPECIAL, "special" },
	{ FAULTLAB_PTE_GLOBAL, "global" },
	{ FAULTLAB_PTE_PROTNONE, "protnone" },
	{ FAULTLAB_PTE_UFFD_WP, "uffd-wp" },
	{ FAULTLAB_PTE_PWT, "PWT" },
	{ FAULTLAB_PTE_PCD, "PCD" },
	{ FAULTLAB_PTE_PAT, "PAT" },
	{ FAULTLAB_PTE_WB, "WB" },
	{ FAULTLAB_PTE_WC, "WC" },
	{ FAULTLAB_PTE_UC_MINUS, "UC-" },
	{ FAULTLAB_PTE_UC, "UC" },
	{ FAULTLAB_PTE_WT, "WT" },
	{ FAULTLAB_PTE_WP, "WP" },
	{ FAULTLAB_PTE_SWAP, "swap" },
	{ FAULTLAB_PTE_MIGRATION, "migration" },
	{ FAULTLAB_PTE_HWPOISON, "hwpoison" },
	{ FAULTLAB_PTE_DEVICE, "device" },
	{ FAULTLAB_PTE_MARKER, "marker" },
	{ FAULTLAB_PTE_FOLDED, "folded" },
	{ FAULTLAB_PTE_CONTIG, "contig" },
	{ FAULTLAB_PTE_HUGETLB, "hugetlb" },
	{ FAULTLAB_PTE_VMA_SOFT_DIRTY, "vma-soft-dirty" },
};

/*
 * Flags without a word in faultlab_pte_text(): what sort of entry it is; WRITE and
 * EXEC, shown as "rwx"; the VMA's flag; and WB, which is the default.
 */
#define NO_WORD	(FAULTLAB_PTE_NONE | FAULTLAB_PTE_TABLE | FAULTLAB_PTE_LEAF | \
		 FAULTLAB_PTE_NONPRESENT | FAULTLAB_PTE_NO_VMA | FAULTLAB_PTE_BAD | \
		 FAULTLAB_PTE_WRITE | FAULTLAB_PTE_EXEC | FAULTLAB_PTE_WB | \
		 FAULTLAB_PTE_VMA_SOFT_DIRTY)

/* The bits that select the memory type, left out if the type has a name. */
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
	 * From the kernel's internal <linux/kernel-page-flags.h>: used by a page's
	 * owner.
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
	size_t used = 0;
	unsigned int i;

	if (!size)
		return text;
	text[0] = '\0';
	if (flags & FAULTLAB_PTE_MEMTYPE)
		flags &= ~MEMTYPE_BITS;
	if (flags & (FAULTLAB_PTE_LEAF | FAULTLAB_PTE_TABLE))
		used = snprintf(text, size, "r%c%c", flags & FAULTLAB_PTE_WRITE ? 'w' : '-',
				flags & FAULTLAB_PTE_EXEC ? 'x' : '-');
	for (i = 0; i < ARRAY_SIZE(pte_flags) && used < size; i++)
		if (flags & pte_flags[i].flag & ~NO_WORD)
			used += snprintf(text + used, size - used, "%s%s", used ? " " : "",
					 pte_flags[i].name);
	return text;
}

const char *faultlab_pte_name(__u64 flag)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pte_flags); i++)
		if (pte_flags[i].flag == flag)
			return pte_flags[i].name;
	return "?";
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

	for (i = 0; i < ARRAY_SIZE(pte_flags); i++)
		if (same_name(pte_flags[i].name, name))
			return pte_flags[i].flag;
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
