/* SPDX-License-Identifier: GPL-2.0-only */
/* .huge_fault, on kernels with PMD leaves of PFNs (ARCH_SUPPORTS_PMD_PFNMAP). */
#ifndef FLAB_HUGE_FAULT_H
#define FLAB_HUGE_FAULT_H

#include <linux/mm_types.h>

vm_fault_t flab_vm_huge_fault(struct vm_fault *vmf, unsigned int order);

#endif /* FLAB_HUGE_FAULT_H */
