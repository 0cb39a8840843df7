// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for mmaps under way. A kind with .map maps the pages in .mmap, before the core
 * links the VMA into i_mmap, where unmap_mapping_pages() finds it. Both happen under one
 * hold of mmap_lock for write. So each mm in such an mmap is added to region->mappers.
 * Once unplug has taken and released the mmap_lock of each of them, all VMAs are linked.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "evict/mappers.h"

/* An mm that may still be in an mmap of a region; mmgrab() keeps the mm_struct. */
struct flab_mapper {
	struct list_head node;	/* in region->mappers */
	struct mm_struct *mm;
};

static void flab_mapper_free(struct flab_mapper *m)
{
	list_del(&m->node);
	mmdrop(m->mm);
	kfree(m);
}

/* Remove mms whose mmap_lock can be taken: their mmap() of the region has finished. */
static void flab_mappers_prune(struct flab_region *region)
{
	struct flab_mapper *m, *next;

	list_for_each_entry_safe(m, next, &region->mappers, node) {
		if (!mmap_read_trylock(m->mm))
			continue;
		mmap_read_unlock(m->mm);
		flab_mapper_free(m);
	}
}

/**
 * flab_mapper_note - add an mm whose .mmap is about to map pages, for unplug to wait for
 * @region: the region, its lock held
 * @mm: the mm, its mmap_lock held for write
 *
 * Return: 0 or -ENOMEM.
 */
int flab_mapper_note(struct flab_region *region, struct mm_struct *mm)
{
	struct flab_mapper *m;

	lockdep_assert_held(&region->lock);
	flab_mappers_prune(region);
	list_for_each_entry(m, &region->mappers, node)
		if (m->mm == mm)
			return 0;

	m = kmalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);
	if (!m)
		return -ENOMEM;
	mmgrab(mm);
	m->mm = mm;
	list_add(&m->node, &region->mappers);
	return 0;
}

/**
 * flab_mappers_settle - wait until the mmaps in all region->mappers have finished
 * @region: the region. It is dead, so that no mm is added any more. The caller must not
 *	hold a lock of the region, an mmap_lock or a per-VMA lock
 *
 * Return: 0, or -EINTR if killed.
 */
int flab_mappers_settle(struct flab_region *region)
{
	struct flab_mapper *m;
	int err;

	list_for_each_entry(m, &region->mappers, node) {
		err = mmap_read_lock_killable(m->mm);
		if (err)
			return err;
		mmap_read_unlock(m->mm);
	}
	return 0;
}

/* At the release of the region: free all region->mappers. */
void flab_mappers_free(struct flab_region *region)
{
	struct flab_mapper *m, *next;

	list_for_each_entry_safe(m, next, &region->mappers, node)
		flab_mapper_free(m);
}
