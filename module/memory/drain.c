// SPDX-License-Identifier: GPL-2.0-only
/* Waits for faults that returned a page, until the core has mapped it. */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include "memory/pages.h"

/**
 * flab_pages_drain - wait for faults that returned a locked page that is not mapped yet
 * @memory: the memory, its region's sem held
 * @first: first page
 * @last: last page, inclusive
 * @killable: a fatal signal ends the wait
 *
 * .fault releases the region's sem before it returns, and finish_fault() maps the
 * returned page later. The page stays locked in between. So once each page was locked
 * here, faults that returned one earlier have mapped it. Two cases are not waited for:
 * between .fault and .page_mkwrite the core unlocks the page (such a fault starts over,
 * see flab_fault_is_drained()), and with FAULTLAB_RULE_UNLOCKED it is returned unlocked.
 *
 * Return: 0, or -EINTR if killed.
 */
int flab_pages_drain(struct flab_memory *memory, pgoff_t first, pgoff_t last, bool killable)
{
	unsigned int order = READ_ONCE(memory->order);
	unsigned long nr = first >> order;
	struct folio *folio;
	struct page **slot;

	while ((slot = flab_page_index_next(&memory->pages, &nr, last >> order))) {
		folio = page_folio(READ_ONCE(*slot));
		if (!killable)
			folio_lock(folio);
		else if (folio_lock_killable(folio))
			return -EINTR;
		folio_unlock(folio);
		cond_resched();
		nr++;
	}
	return killable && fatal_signal_pending(current) ? -EINTR : 0;
}
