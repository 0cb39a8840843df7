/* SPDX-License-Identifier: GPL-2.0-only */
/* The VMAs that show a region, in all processes. */
#ifndef FLAB_VMAS_H
#define FLAB_VMAS_H

#include <linux/mm_types.h>

struct address_space;

typedef void (*flab_vma_fn)(const struct vm_area_struct *vma, void *arg);
void flab_vmas_visit(struct address_space *mapping, flab_vma_fn fn, void *arg);
u32 flab_nr_vmas(struct address_space *mapping);

#endif /* FLAB_VMAS_H */
