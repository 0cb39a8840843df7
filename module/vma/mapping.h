/* SPDX-License-Identifier: GPL-2.0-only */
/* .mmap and .get_unmapped_area of /dev/faultlab. */
#ifndef FLAB_MAPPING_H
#define FLAB_MAPPING_H

#include <linux/mm_types.h>

int flab_mmap(struct file *file, struct vm_area_struct *vma);
unsigned long flab_get_unmapped_area(struct file *file, unsigned long addr,
				     unsigned long len, unsigned long pgoff,
				     unsigned long flags);

#endif /* FLAB_MAPPING_H */
