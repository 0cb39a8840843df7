/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds pages that memory_failure() has marked with PG_hwpoison. */
#ifndef FLAB_BROKEN_H
#define FLAB_BROKEN_H

#include <linux/mm.h>

bool flab_folio_is_broken(struct folio *folio);

/* Whether a batch or fault-around may map a page: it is allocated and not hwpoisoned. */
static __always_inline bool flab_page_is_sound(struct page *page)
{
	return likely(page && !PageHWPoison(page));
}

#endif /* FLAB_BROKEN_H */
