// SPDX-License-Identifier: GPL-2.0-only
/* Finds pages that memory_failure() has marked with PG_hwpoison. */
#include <linux/mm.h>
#include "memory/broken.h"

/**
 * flab_folio_is_broken - whether any page of a folio is hwpoisoned
 * @folio: the folio
 *
 * The loop is unrolled 32 times and tests the flags once at the end: when a whole folio
 * is mapped, most of the time is spent here. Other flags, such as PG_locked, may change
 * meanwhile, but only PG_hwpoison is looked at: data_race(). READ_ONCE() would take two
 * instructions for each page instead of one.
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
			flags |= data_race(p[i].flags); /* see above */
	}
	for (i = 0; i < nr; i++)
		flags |= data_race(p[i].flags); /* see above */
	return flags & __PG_HWPOISON;
}
