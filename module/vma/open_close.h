/* SPDX-License-Identifier: GPL-2.0-only */
/* .open and .close: allocate and free the per-CPU counters (cell) of a VMA. */
#ifndef FLAB_OPEN_CLOSE_H
#define FLAB_OPEN_CLOSE_H

#include "region/region.h"

void flab_counters_attach(struct flab_region *region, struct vm_area_struct *vma);
void flab_vm_open(struct vm_area_struct *vma);
void flab_vm_close(struct vm_area_struct *vma);

#endif /* FLAB_OPEN_CLOSE_H */
