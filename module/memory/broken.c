// SPDX-License-Identifier: GPL-2.0-only
/* Pages that memory_failure() has marked, PG_hwpoison. */
#include <linux/mm.h>
#include "memory/broken.h"

/**
 * flab_folio_is_broken - whether any page of a folio is hwpoisoned
 * @folio: the folio
 *
 * Checks 32 pages at a time, since this takes most of the time of mapping a folio as a
 * whole.
 *
 * Return: true if a page has been hit by a memory failure.
 */
bool flab_folio_is_broken(struct folio *folio)
{
	const struct page *p = folio_page(folio, 0);
	unsigned long i, nr = folio_nr_pages(folio);
	unsigned long flags = 0;

	for (; nr >= 32; nr -= 32, p += 32) {
#pragma GCC unroll 32
		for (i = 0; i < 32; i++)
			flags |= p[i].flags;
	}
	for (i = 0; i < nr; i++)
		flags |= p[i].flags;
	return flags & __PG_HWPOISON;
}
