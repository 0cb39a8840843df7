/* SPDX-License-Identifier: GPL-2.0-only */
/* The vm_operations_struct of a region's VMAs. */
#ifndef FLAB_VM_OPS_H
#define FLAB_VM_OPS_H

#include "region/region.h"

const struct vm_operations_struct *flab_vm_ops_for(const struct flab_region *region,
						   const struct vm_area_struct *vma);
bool flab_vma_is_whole(const struct flab_region *region, const struct vm_area_struct *vma);

#endif /* FLAB_VM_OPS_H */
