// SPDX-License-Identifier: GPL-2.0-only
/* .huge_fault: the core calls it before .fault, for every empty PMD and PUD. */
#include <linux/mm.h>
#include "fault/fault.h"
#include "fault/huge.h"
#include "kind/huge.h"

/**
 * flab_vm_huge_fault - .huge_fault
 * @vmf: the fault; the entry of this level is empty, or a read-only leaf
 * @order: order of the entry; other than that of a PMD or a PUD: VM_FAULT_FALLBACK
 *
 * Return: VM_FAULT_NOPAGE if a leaf serves the fault, else VM_FAULT_FALLBACK. A fallback
 * is not counted as a fault, since the core then calls .fault, which is;
 * flab_huge_provide() counts the reasons of fallbacks.
 */
vm_fault_t flab_vm_huge_fault(struct vm_fault *vmf, unsigned int order)
{
	struct flab_fault f;
	vm_fault_t ret;

	if (order != FLAB_PMD_ORDER && order != PUD_SHIFT - PAGE_SHIFT)
		return VM_FAULT_FALLBACK;

	/* A write fault is in a shared mapping: flab_pfn_refuse_cow() refuses all others. */
	flab_fault_begin(&f, vmf, vmf->flags & FAULT_FLAG_WRITE ? FLAB_WRITE : FLAB_READ);
	f.mask |= FAULTLAB_ACCESS_HUGE;
	percpu_down_read(&f.region->sem);
	ret = flab_huge_provide(&f, order);
	percpu_up_read(&f.region->sem);
	return ret & VM_FAULT_FALLBACK ? flab_fault_skip(&f, ret) : flab_fault_end(&f, ret);
}
