/* SPDX-License-Identifier: GPL-2.0-only */
/* The fault callbacks, except .huge_fault. */
#ifndef FLAB_FAULT_H
#define FLAB_FAULT_H

#include <linux/mm.h>
#include "region/fault_state.h"

/* Functions that begin and end a callback, and the callbacks. */
void flab_fault_begin(struct flab_fault *f, struct vm_fault *vmf, enum flab_access access);
vm_fault_t flab_fault_end(struct flab_fault *f, vm_fault_t ret);
vm_fault_t flab_fault_skip(struct flab_fault *f, vm_fault_t ret);
vm_fault_t flab_vm_fault(struct vm_fault *vmf);
vm_fault_t flab_vm_map_pages(struct vm_fault *vmf, pgoff_t first, pgoff_t last);
vm_fault_t flab_vm_page_mkwrite(struct vm_fault *vmf);
vm_fault_t flab_vm_pfn_mkwrite(struct vm_fault *vmf);

#endif /* FLAB_FAULT_H */
