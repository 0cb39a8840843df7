/* SPDX-License-Identifier: GPL-2.0-only */
/* Zaps large leaves before their VMA is split or moved. */
#ifndef FLAB_LARGE_LEAF_H
#define FLAB_LARGE_LEAF_H

#include "region/region.h"

u64 flab_leaf_needs(const struct flab_kind *kind);
void flab_leaf_widen(const struct flab_region *region, pgoff_t *first, pgoff_t *last);
void flab_leaf_may_split(struct flab_region *region, struct vm_area_struct *vma,
			 unsigned long addr);
void flab_leaf_open(const struct flab_counters *old, struct vm_area_struct *vma);

#endif /* FLAB_LARGE_LEAF_H */
