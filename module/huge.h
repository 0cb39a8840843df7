/* SPDX-License-Identifier: GPL-2.0-only */
/* .huge_fault: a PMD or a PUD at once, and what becomes of a PUD when its VMA changes. */
#ifndef FLAB_HUGE_H
#define FLAB_HUGE_H

#include "fault.h"

#ifdef CONFIG_ARCH_SUPPORTS_PMD_PFNMAP
vm_fault_t flab_vm_huge_fault(struct vm_fault *vmf, unsigned int order);
vm_fault_t flab_huge_provide_page(struct flab_fault *f,
				  vm_fault_t (*insert)(struct flab_fault *f));
void flab_huge_widen(const struct flab_region *region, pgoff_t *first, pgoff_t *last);
void flab_huge_may_split(struct flab_region *region, struct vm_area_struct *vma,
			 unsigned long addr);
void flab_huge_open(const struct flab_map *old, struct vm_area_struct *vma);
#else
static inline vm_fault_t
flab_huge_provide_page(struct flab_fault *f, vm_fault_t (*insert)(struct flab_fault *f))
{
	return insert(f);
}

static inline void flab_huge_widen(const struct flab_region *region, pgoff_t *first,
				   pgoff_t *last)
{
}

static inline void flab_huge_may_split(struct flab_region *region, struct vm_area_struct *vma,
				       unsigned long addr)
{
}

static inline void flab_huge_open(const struct flab_map *old, struct vm_area_struct *vma)
{
}
#endif

#endif /* FLAB_HUGE_H */
