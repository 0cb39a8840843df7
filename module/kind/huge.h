/* SPDX-License-Identifier: GPL-2.0-only */
/* PMD and PUD leaves of PFNs. */
#ifndef FLAB_HUGE_H
#define FLAB_HUGE_H

#include "region/fault_state.h"

#ifdef CONFIG_ARCH_SUPPORTS_PMD_PFNMAP
vm_fault_t flab_huge_provide(struct flab_fault *f, unsigned int order);
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
