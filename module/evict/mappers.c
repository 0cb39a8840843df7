// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for mmaps under way. A kind with .map fills a VMA in .mmap, before the core
 * links it where unmap_mapping_pages() looks. Both happen under one hold of mmap_lock
 * for write. So each such mm is noted here; after taking the mmap_lock of all of them,
 * unplug finds every VMA linked.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "evict/mappers.h"

/* An mm that may be in an mmap of a region; referenced by mmgrab(). */
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

/* If mmap_lock can be taken, that mm's mmap() has finished. */
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
 * flab_mapper_note - note the mm of an mmap that is about to fill its VMA
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
 * flab_mappers_settle - wait until all noted mmaps have finished
 * @region: the region. It is dead, so no mm is noted any more. The caller holds none of
 *	its locks, no mmap_lock and no per-VMA lock
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

/* At the end of the region: forget all noted mms. */
void flab_mappers_free(struct flab_region *region)
{
	struct flab_mapper *m, *next;

	list_for_each_entry_safe(m, next, &region->mappers, node)
		flab_mapper_free(m);
}
