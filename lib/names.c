// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text for the numbers of the contract.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "faultlab.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const char *const stat_names[] = {
#define FAULTLAB_STAT(NAME, name) \
	[FAULTLAB_STAT_##NAME] = #name
#include <linux/faultlab_stats.h>
#undef FAULTLAB_STAT
};

static const char *const kind_names[] = {
	[FAULTLAB_KIND_PAGE] = "page",
	[FAULTLAB_KIND_PFN] = "pfn",
	[FAULTLAB_KIND_REMAP] = "remap",
	[FAULTLAB_KIND_MIXED] = "mixed",
};

static const char *const verdict_names[] = {
#define FAULTLAB_VERDICT_NAME(NAME, name) \
	[FAULTLAB_VERDICT_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_VERDICT_NAME
};

static const struct {
	__u32 access;
	const char *name;
} access_names[] = {
#define FAULTLAB_ACCESS_NAME(NAME, name) \
	{ FAULTLAB_ACCESS_##NAME, name }
#include <linux/faultlab_names.h>
#undef FAULTLAB_ACCESS_NAME
};

static const char *const level_names[] = {
	[FAULTLAB_LEVEL_PTE] = "PTE",
	[FAULTLAB_LEVEL_PMD] = "PMD",
	[FAULTLAB_LEVEL_PUD] = "PUD",
	[FAULTLAB_LEVEL_P4D] = "P4D",
	[FAULTLAB_LEVEL_PGD] = "PGD",
};

static const struct {
	__u64 flag;
	const char *text;
} pte_words[] = {
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
	{ FAULTLAB_PTE_SWAP, "swap" },
	{ FAULTLAB_PTE_MIGRATION, "migration" },
	{ FAULTLAB_PTE_HWPOISON, "hwpoison" },
	{ FAULTLAB_PTE_FOLDED, "folded" },
};

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

static const char *pick(const char *const *names, size_t nr, unsigned int i)
{
	return i < nr && names[i] ? names[i] : "?";
}

static int find(const char *const *names, size_t nr, const char *name)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (names[i] && !strcmp(names[i], name))
			return i;
	return -ENOENT;
}

const char *faultlab_stat_name(unsigned int stat)
{
	return pick(stat_names, ARRAY_SIZE(stat_names), stat);
}

int faultlab_stat_by_name(const char *name)
{
	return find(stat_names, ARRAY_SIZE(stat_names), name);
}

bool faultlab_stat_is_level(unsigned int stat)
{
	return stat == FAULTLAB_STAT_REGIONS || stat == FAULTLAB_STAT_VMAS ||
	       stat == FAULTLAB_STAT_PAGES || stat == FAULTLAB_STAT_PAGES_PEAK;
}

const char *faultlab_kind_name(unsigned int kind)
{
	return pick(kind_names, ARRAY_SIZE(kind_names), kind);
}

int faultlab_kind_by_name(const char *name)
{
	return find(kind_names, ARRAY_SIZE(kind_names), name);
}

const char *faultlab_verdict_name(unsigned int verdict)
{
	return pick(verdict_names, ARRAY_SIZE(verdict_names), verdict);
}

int faultlab_verdict_by_name(const char *name)
{
	return find(verdict_names, ARRAY_SIZE(verdict_names), name);
}

const char *faultlab_access_name(__u32 access)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(access_names); i++)
		if (access_names[i].access == access)
			return access_names[i].name;
	return "?";
}

__u32 faultlab_access_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(access_names); i++)
		if (!strcmp(access_names[i].name, name))
			return access_names[i].access;
	return 0;
}

const char *faultlab_level_name(unsigned int level)
{
	return pick(level_names, ARRAY_SIZE(level_names), level);
}

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
	if (flags & (FAULTLAB_PTE_LEAF | FAULTLAB_PTE_TABLE))
		used = snprintf(text, size, "r%c%c", flags & FAULTLAB_PTE_WRITE ? 'w' : '-',
				flags & FAULTLAB_PTE_EXEC ? 'x' : '-');
	for (i = 0; i < ARRAY_SIZE(pte_words) && used < size; i++)
		if (flags & pte_words[i].flag)
			used += snprintf(text + used, size - used, "%s%s", used ? " " : "",
					 pte_words[i].text);
	return text;
}
