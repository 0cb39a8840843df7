// SPDX-License-Identifier: GPL-2.0-only
/*
 * Folios that regions have dropped, but to which others still hold references: pins of
 * get_user_pages(), pages in a pipe. Their memory is still in use, so they count against
 * max_total_pages until the last reference of others is put. The kernel does not tell the
 * module when that happens. So flab_pinned_reap() checks the folios when room is needed,
 * when counters are read, and once a second as long as there are such folios.
 */
#include <linux/kcsan-checks.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "memory/pages.h"
#include "memory/pinned.h"

/* Linked by folio->lru, which only folios on reclaim's LRU lists use otherwise. */
static LIST_HEAD(flab_pinned);
static DEFINE_SPINLOCK(flab_pinned_lock);	/* protects the list */
static DEFINE_MUTEX(flab_pinned_reaper);	/* one flab_pinned_reap() at a time */

static void flab_pinned_look(struct work_struct *work);
static DECLARE_DELAYED_WORK(flab_pinned_work, flab_pinned_look);

/* Pages checked in one hold of flab_pinned_lock, to the end of the last folio. */
#define FLAB_PINNED_BATCH 512

/*
 * Take the lock to change lists. The functions of list.h use plain stores, and two places read
 * what these write without the lock. flab_pinned_reap() compares flab_pinned.next with the
 * list's own address. page_folio() looks at bit 0 of lru.next, which is page->compound_head as
 * well; that bit stays 0. Neither read can go wrong, so KCSAN must not report them.
 */
static void flab_pinned_begin(void)
	__acquires(&flab_pinned_lock)
{
	spin_lock(&flab_pinned_lock);
	kcsan_disable_current();
}

static void flab_pinned_end(void)
	__releases(&flab_pinned_lock)
{
	kcsan_enable_current();
	spin_unlock(&flab_pinned_lock);
}

static void flab_pinned_look_later(void)
{
	lockdep_assert_held(&flab_pinned_lock);
	queue_delayed_work(system_unbound_wq, &flab_pinned_work, HZ);
}

/**
 * flab_pinned_add - keep a dropped folio until others have put their references
 * @folio: the folio; flab_pinned_reap() later puts the region's references to it
 */
void flab_pinned_add(struct folio *folio)
{
	flab_pinned_begin();
	list_add_tail(&folio->lru, &flab_pinned);
	flab_pinned_look_later();
	flab_pinned_end();
}

/*
 * Move some folios of @list: those still pinned back to flab_pinned, the others to
 * @freed. Once others have put all their references, no new one can be taken, since that
 * needs an existing reference or a mapping. Only memory_failure() takes one by PFN: then
 * the folio is freed when memory_failure() puts it.
 */
static void flab_pinned_sort(struct list_head *list, struct list_head *freed)
{
	struct folio *folio, *next;
	long pages = 0;

	flab_pinned_begin();
	list_for_each_entry_safe(folio, next, list, lru) {
		if (pages >= FLAB_PINNED_BATCH)
			break;
		pages += folio_nr_pages(folio);
		list_move_tail(&folio->lru, flab_folio_is_pinned(folio) ? &flab_pinned : freed);
	}
	flab_pinned_end();
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
 * flab_pinned_reap - free dropped folios to which others hold no reference any more
 *
 * If the calling task is killed, it stops early, and the next call frees the rest.
 */
void flab_pinned_reap(void)
{
	LIST_HEAD(look);

	/*
	 * Usual case: there are no such folios. Then write to no lock. But if another
	 * task reaps, it has moved the folios to a list of its own: wait for it.
	 */
	if (list_empty(&flab_pinned) && !mutex_is_locked(&flab_pinned_reaper))
		return;
	if (mutex_lock_killable(&flab_pinned_reaper))
		return;
	flab_pinned_begin();
	list_splice_init(&flab_pinned, &look);
	flab_pinned_end();
	while (!list_empty(&look) && !fatal_signal_pending(current)) {
		LIST_HEAD(freed);

		flab_pinned_sort(&look, &freed);
		flab_pinned_free(&freed);
		cond_resched();
	}
	flab_pinned_begin();
	list_splice(&look, &flab_pinned);
	if (!list_empty(&flab_pinned))
		flab_pinned_look_later();
	flab_pinned_end();
	mutex_unlock(&flab_pinned_reaper);
}

static void flab_pinned_look(struct work_struct *work)
{
	flab_pinned_reap();
}

/* Module exit. If others hold references to a folio, the last put frees it. */
void flab_pinned_exit(void)
{
	cancel_delayed_work_sync(&flab_pinned_work);
	flab_pinned_free(&flab_pinned);
}
