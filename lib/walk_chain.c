// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk for one address: the entry of each level, and the permissions that all
 * levels together grant.
 */
#include <errno.h>
#include <string.h>

#include "faultlab.h"

#define PERMISSIONS	(FAULTLAB_PTE_WRITE | FAULTLAB_PTE_USER | FAULTLAB_PTE_EXEC)
#define PRESENT		(FAULTLAB_PTE_TABLE | FAULTLAB_PTE_LEAF)

static int chain_page(const struct faultlab_walk_entry *entry,
		      const struct faultlab_walk_page *page, void *arg)
{
	struct faultlab_chain *chain = arg;

	if (page) {
		chain->page = *page;
		chain->has_page = true;
	}
	chain->entry[entry->level] = *entry;
	chain->last = entry->level;
	/* The processor allows an access only if the entries of all levels allow it. */
	chain->allows &= entry->flags & PRESENT ? entry->flags : 0;
	return 0;
}

static int chain_entry(const struct faultlab_walk_entry *entry, void *arg)
{
	return chain_page(entry, NULL, arg);
}

int faultlab_walk_chain(int fd, pid_t pid, const void *addr, struct faultlab_chain *chain)
{
	__u64 start = (uintptr_t)addr;
	__u32 flags = FAULTLAB_WALK_TABLES | FAULTLAB_WALK_HOLES;
	int err;

	/* Addresses of the kernel half are negative as signed numbers. */
	if ((__s64)start < 0) {
		flags |= FAULTLAB_WALK_KERNEL;
		pid = 0;
	}
	memset(chain, 0, sizeof(*chain));
	chain->addr = start;
	chain->allows = PERMISSIONS;
	err = faultlab_walk_pages(fd, pid, start, start + 1, flags, 0, 0, chain_page, chain);
	if (err == -EPERM)
		err = faultlab_walk_each(fd, pid, start, start + 1, flags, chain_entry, chain);
	if (err)
		return err;
	return chain->entry[chain->last].flags ? 0 : -ENODATA;
}

static int keep_last(const struct faultlab_walk_entry *entry, void *arg)
{
	*(struct faultlab_walk_entry *)arg = *entry;
	return 0;
}

int faultlab_walk_page(int fd, pid_t pid, const void *addr,
		       struct faultlab_walk_entry *entry)
{
	struct faultlab_walk_entry last = { 0 };
	__u64 start = (uintptr_t)addr;
	int err;

	err = faultlab_walk_each(fd, pid, start, start + 1, FAULTLAB_WALK_HOLES, keep_last,
				 &last);
	if (err)
		return err;
	if (!last.flags)
		return -ENODATA;
	*entry = last;
	return 0;
}
