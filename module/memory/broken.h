/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages that memory_failure() has marked, PG_hwpoison. */
#ifndef FLAB_BROKEN_H
#define FLAB_BROKEN_H

#include <linux/mm.h>

bool flab_folio_is_broken(struct folio *folio);

/* Whether a page can be mapped along with others: allocated and not hwpoisoned. */
static __always_inline bool flab_page_is_sound(struct page *page)
{
	return likely(page && !PageHWPoison(page));
}

#endif /* FLAB_BROKEN_H */
