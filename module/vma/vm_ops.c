// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vm_operations_struct of a region's VMAs. There are several, since the mere presence
 * of a callback changes what the core does.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "fault/fault.h"
#include "fault/huge.h"
#include "kind/kind.h"
#include "kind/large_leaf.h"
#include "vma/access.h"
#include "vma/open_close.h"
#include "vma/event.h"
#include "vma/vm_ops.h"

static struct flab_region *flab_vma_region(const struct vm_area_struct *vma)
{
	struct flab_counters *counters = vma->vm_private_data;

	return counters->region;
}

/* With WHOLE, a VMA's start, length and pgoff must be folio-aligned. */
static bool flab_is_boundary(const struct flab_region *region, pgoff_t index)
{
	return !(region->flags & FAULTLAB_REGION_WHOLE) ||
	       IS_ALIGNED(index, BIT(region->memory.order));
}

/**
 * flab_vma_is_whole - whether a VMA is as WHOLE requires
 * @region: its region
 * @vma: the VMA
 *
 * Return: true if the VMA begins and ends at folio boundaries; always true without WHOLE.
 */
bool flab_vma_is_whole(const struct flab_region *region, const struct vm_area_struct *vma)
{
	return flab_is_boundary(region, vma->vm_pgoff) &&
	       flab_is_boundary(region, vma_pages((struct vm_area_struct *)vma)) &&
	       flab_is_boundary(region, vma->vm_start >> PAGE_SHIFT);
}

/*
 * The core calls .may_split for munmap, mprotect etc. of a part of a VMA. The end of the
 * region does not count as a folio boundary.
 */
static int flab_vm_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	struct flab_region *region = flab_vma_region(vma);
	int err = flab_is_boundary(region, linear_page_index(vma, addr)) ? 0 : -EINVAL;

	flab_vma_event(vma->vm_private_data, vma, FAULTLAB_VMA_MAY_SPLIT, addr, err);
	if (!err)
		flab_leaf_may_split(region, vma, addr);
	return err;
}

/* Check the new address of a moved VMA. If this fails, the core moves the entries back. */
static int flab_vm_mremap(struct vm_area_struct *vma)
{
	struct flab_counters *counters = vma->vm_private_data;
	int err = flab_vma_is_whole(counters->region, vma) ? 0 : -EINVAL;

	flab_vma_event(counters, vma, FAULTLAB_VMA_MREMAP, 0, err);
	return err;
}

/* The page size of the mapping that smaps shows: with WHOLE the size of a folio. */
static unsigned long flab_vm_pagesize(struct vm_area_struct *vma)
{
	const struct flab_region *region = flab_vma_region(vma);

	return PAGE_SIZE << (region->flags & FAULTLAB_REGION_WHOLE ? region->memory.order : 0);
}

/*
 * A VMA with .close that is not VM_SPECIAL would be half mergeable on 6.12: the core
 * extends it and moves its boundaries without a callback (vma_merge_existing_range()),
 * but never removes it (can_merge_remove_vma()), and userfaultfd_unregister() BUGs if a
 * merge that it expects is refused. So there are two sorts of VMAs. Those that are
 * VM_SPECIAL have .open, .close and .may_split, and the core never merges them. All
 * others have none of the three, and the core may always merge them.
 */
#define FLAB_VM_OPS							\
	.open		= flab_vm_open,					\
	.close		= flab_vm_close,				\
	.may_split	= flab_vm_may_split,				\
	.mremap		= flab_vm_mremap,				\
	.pagesize	= flab_vm_pagesize,				\
	.access		= flab_vm_access

static const struct vm_operations_struct flab_vm_ops_mergeable = {
	.mremap		= flab_vm_mremap,
	.fault		= flab_vm_fault,
	.map_pages	= flab_vm_map_pages,
};

static const struct vm_operations_struct flab_vm_ops_mergeable_mkwrite = {
	.mremap		= flab_vm_mremap,
	.fault		= flab_vm_fault,
	.map_pages	= flab_vm_map_pages,
	.page_mkwrite	= flab_vm_page_mkwrite,
};

static const struct vm_operations_struct flab_vm_ops = {
	FLAB_VM_OPS,
	.fault		= flab_vm_fault,
	.map_pages	= flab_vm_map_pages,
};

/* All pages are mapped at mmap. Without .fault, an access to an empty entry is SIGBUS. */
static const struct vm_operations_struct flab_vm_ops_filled = {
	FLAB_VM_OPS,
};

/*
 * Since .page_mkwrite or .pfn_mkwrite exists, the core makes the entries of shared mappings
 * read-only at first.
 */
static const struct vm_operations_struct flab_vm_ops_mkwrite = {
	FLAB_VM_OPS,
	.fault		= flab_vm_fault,
	.map_pages	= flab_vm_map_pages,
	.page_mkwrite	= flab_vm_page_mkwrite,
	.pfn_mkwrite	= flab_vm_pfn_mkwrite,
};

/* .huge_fault: called before .fault, for every empty PMD and PUD. */
static const struct vm_operations_struct flab_vm_ops_huge = {
	FLAB_VM_OPS,
	.fault		= flab_vm_fault,
	.map_pages	= flab_vm_map_pages,
	FLAB_HUGE_FAULT(flab_vm_huge_fault)
};

/**
 * flab_vm_ops_for - the callbacks of a VMA
 * @region: its region
 * @vma: the VMA, with the flags that the region's kind has given it
 *
 * Return: the table.
 */
const struct vm_operations_struct *flab_vm_ops_for(const struct flab_region *region,
						   const struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SPECIAL))
		return region->flags & FAULTLAB_REGION_MKWRITE ?
			&flab_vm_ops_mergeable_mkwrite : &flab_vm_ops_mergeable;
	if (region->kind->map)
		return &flab_vm_ops_filled;
	if (region->flags & FAULTLAB_REGION_MKWRITE)
		return &flab_vm_ops_mkwrite;
	if (region->flags & FAULTLAB_REGION_HUGE)
		return &flab_vm_ops_huge;
	return &flab_vm_ops;
}
