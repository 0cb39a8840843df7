// SPDX-License-Identifier: GPL-2.0-only
/* Check that a region is alive and has the page of a fault, before rules are matched. */
#include "fault/check.h"
#include "region/region.h"

/**
 * flab_fault_check - check that the region is alive and has the page
 * @f: the fault, with region->sem held for read
 *
 * Every .fault must call this: mremap() can extend a VMA past the end of its region
 * without asking the driver. A region without a fixed size then grows to have the page.
 *
 * Return: 0, or VM_FAULT_SIGBUS if the region is dead or cannot grow to have the page.
 */
vm_fault_t flab_fault_check(const struct flab_fault *f)
{
	if (unlikely(f->region->dead))
		return VM_FAULT_SIGBUS;
	if (likely(f->index < READ_ONCE(f->region->nr_pages)))
		return 0;
	return flab_region_cover(f->region, f->index + 1) ? VM_FAULT_SIGBUS : 0;
}
