/* SPDX-License-Identifier: GPL-2.0-only */
/* .huge_fault: a PMD or a PUD at once. */
#ifndef FLAB_HUGE_H
#define FLAB_HUGE_H

#include "fault/fault.h"

#ifdef CONFIG_ARCH_SUPPORTS_PMD_PFNMAP
vm_fault_t flab_vm_huge_fault(struct vm_fault *vmf, unsigned int order);
vm_fault_t flab_huge_provide_page(struct flab_fault *f,
				  vm_fault_t (*insert)(struct flab_fault *f));
#else
static inline vm_fault_t
flab_huge_provide_page(struct flab_fault *f, vm_fault_t (*insert)(struct flab_fault *f))
{
	return insert(f);
}
#endif

#endif /* FLAB_HUGE_H */
