// SPDX-License-Identifier: GPL-2.0-only
/* Whether a region still has the page of a fault: before any rule is asked. */
#include "fault/check.h"
#include "region/region.h"

/**
 * flab_fault_check - check that the region is alive and has the page
 * @f: the fault, with region->sem held for read
 *
 * Every .fault must check: mremap can grow a VMA past the region. A region of no fixed
 * size grows here.
 *
 * Return: 0 or VM_FAULT_SIGBUS.
 */
vm_fault_t flab_fault_check(const struct flab_fault *f)
{
	if (unlikely(f->region->dead))
		return VM_FAULT_SIGBUS;
	if (likely(f->index < READ_ONCE(f->region->nr_pages)))
		return 0;
	return flab_region_cover(f->region, f->index + 1) ? VM_FAULT_SIGBUS : 0;
}
