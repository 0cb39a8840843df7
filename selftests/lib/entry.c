// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-table entries and frames as values: see tlib.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/tlib.h"

struct faultlab_walk_entry tlib_entry(int fd, pid_t pid, const void *addr)
{
	struct faultlab_walk_entry entry = { 0 };

	if (faultlab_walk_page(fd, pid, addr, &entry))
		return (struct faultlab_walk_entry) { 0 };
	return entry;
}

bool tlib_mapped(int fd, const void *addr)
{
	return tlib_entry(fd, 0, addr).flags & FAULTLAB_PTE_LEAF;
}

const char *tlib_show(int fd, const void *addr)
{
	struct faultlab_walk_entry entry = tlib_entry(fd, 0, addr);

	if (!(entry.flags & FAULTLAB_PTE_LEAF))
		return faultlab_entry_what(&entry);
	return tlib_text("%s r%s%s%s", faultlab_entry_what(&entry),
			 entry.flags & FAULTLAB_PTE_WRITE ? "w" : "",
			 entry.flags & FAULTLAB_PTE_DIRTY ? " dirty" : "",
			 entry.flags & FAULTLAB_PTE_SPECIAL ? " special" : "");
}

__u64 tlib_pfn(int fd, const void *addr)
{
	struct faultlab_walk_entry entry = tlib_entry(fd, 0, addr);

	return entry.flags & FAULTLAB_PTE_LEAF ? entry.pfn : 0;
}

struct faultlab_pagemap tlib_pagemap(const void *addr)
{
	struct faultlab_pagemap map = { 0 };

	if (faultlab_pagemap(0, addr, &map))
		map = (struct faultlab_pagemap) { .swapped = true };
	return map;
}

__u64 tlib_kpageflags(__u64 pfn)
{
	__u64 flags;

	return faultlab_kpageflags(pfn, &flags) ? ~0ULL : flags;
}

__u64 tlib_kpagecount(__u64 pfn)
{
	__u64 count;

	return faultlab_kpagecount(pfn, &count) ? ~0ULL : count;
}

long tlib_smaps(const void *addr, const char *name)
{
	unsigned long at = (unsigned long)addr, start, end;
	size_t len = strlen(name);
	bool inside = false;
	char line[512];
	long kib = -1;
	FILE *smaps;

	smaps = fopen("/proc/self/smaps", "re");
	if (!smaps)
		return -1;
	while (kib < 0 && fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = at >= start && at < end;
		else if (inside && !strncmp(line, name, len) && line[len] == ':')
			kib = strtol(line + len + 1, NULL, 10);
	}
	fclose(smaps);
	return kib;
}

static int count_leaf(const struct faultlab_walk_entry *entry, void *arg)
{
	*(size_t *)arg += !!(entry->flags & FAULTLAB_PTE_LEAF);
	return 0;
}

size_t tlib_nr_mapped(int fd, pid_t pid, const void *addr, size_t pages)
{
	__u64 start = (uintptr_t)addr;
	size_t nr = 0;

	if (faultlab_walk_each(fd, pid, start, start + pages * tlib_page_size(), 0, count_leaf,
			       &nr))
		return ~0UL;
	return nr;
}
