// SPDX-License-Identifier: GPL-2.0-only
/*
 * Folios that regions have dropped and others still hold: pins of get_user_pages(),
 * pages in a pipe. They are memory that the module has given out, so they count
 * against max_total_pages until the last holder is gone. Nobody tells us when that
 * is; we look when room is needed, when more is dropped, and when counters are read.
 */
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include "pages.h"
#include "pinned.h"

/* By folio->lru, which only folios on the lists of reclaim use otherwise. */
static LIST_HEAD(flab_pinned);
static DEFINE_SPINLOCK(flab_pinned_lock);	/* of the list */

/* How many are looked at in one hold of the lock. */
#define FLAB_PINNED_BATCH 64

/**
 * flab_pinned_add - a region has dropped a folio that somebody else holds
 * @folio: the folio; the region's references come along
 */
void flab_pinned_add(struct folio *folio)
{
	spin_lock(&flab_pinned_lock);
	list_add_tail(&folio->lru, &flab_pinned);
	spin_unlock(&flab_pinned_lock);
}

/*
 * Move what nobody else holds any more from @list to @freed. Once it is so, it stays
 * so: references are taken by those who have one.
 */
static void flab_pinned_pick(struct list_head *list, struct list_head *freed)
{
	struct folio *folio, *next;
	unsigned int i = 0;

	lockdep_assert_held(&flab_pinned_lock);
	list_for_each_entry_safe(folio, next, list, lru) {
		if (i++ == FLAB_PINNED_BATCH)
			break;
		list_move_tail(&folio->lru, flab_folio_is_pinned(folio) ? &flab_pinned : freed);
	}
}

static void flab_pinned_free(struct list_head *freed)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, freed, lru) {
		list_del(&folio->lru);
		flab_folio_free(folio);
	}
}

/**
 * flab_pinned_reap - give back what nobody else holds any more
 *
 * Return: whether there was any.
 */
bool flab_pinned_reap(void)
{
	LIST_HEAD(look);
	bool any = false;

	/* The usual case, without writing to the lock. */
	if (list_empty(&flab_pinned))
		return false;
	spin_lock(&flab_pinned_lock);
	list_splice_init(&flab_pinned, &look);
	while (!list_empty(&look)) {
		LIST_HEAD(freed);

		flab_pinned_pick(&look, &freed);
		spin_unlock(&flab_pinned_lock);
		any |= !list_empty(&freed);
		flab_pinned_free(&freed);
		cond_resched();
		spin_lock(&flab_pinned_lock);
	}
	spin_unlock(&flab_pinned_lock);
	return any;
}

/* The module goes. What is held still goes with its last holder, as any page does. */
void flab_pinned_exit(void)
{
	flab_pinned_free(&flab_pinned);
}
