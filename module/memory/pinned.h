/* SPDX-License-Identifier: GPL-2.0-only */
/* Folios that regions have dropped, but to which others still hold references. */
#ifndef FLAB_PINNED_H
#define FLAB_PINNED_H

#include <linux/mm_types.h>

void flab_pinned_add(struct folio *folio);
void flab_pinned_reap(void);
void flab_pinned_exit(void);

#endif /* FLAB_PINNED_H */
