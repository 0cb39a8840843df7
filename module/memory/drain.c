// SPDX-License-Identifier: GPL-2.0-only
/* Waits for faults that returned a page, until the core has mapped it. */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include "memory/pages.h"

/**
 * flab_pages_drain - wait for faults that returned a locked page, not mapped yet
 * @memory: the memory, its region's sem held
 * @first: first page
 * @last: last page, inclusive
 * @killable: a fatal signal ends the wait
 *
 * finish_fault() maps a page that .fault returned after .fault has released the
 * region's sem, but the page stays locked until it is mapped. So once each page was
 * locked here, such faults that began earlier have mapped theirs. The exceptions are a
 * fault between .fault and .page_mkwrite, see flab_fault_is_drained(), and a page that
 * was returned unlocked (FAULTLAB_RULE_UNLOCKED).
 *
 * Return: 0, or -EINTR if killed.
 */
int flab_pages_drain(struct flab_memory *memory, pgoff_t first, pgoff_t last, bool killable)
{
	unsigned long nr = first >> memory->order;
	struct folio *folio;
	struct page **slot;

	while ((slot = flab_page_index_next(&memory->pages, &nr, last >> memory->order))) {
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
