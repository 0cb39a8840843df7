/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kinds: how a region's memory reaches a page table. A kind is a table in the
 * file named after it, its number in the contract (FLAB_NR_KINDS) and a line in
 * flab_kinds[] (config.c).
 */
#ifndef FLAB_KIND_H
#define FLAB_KIND_H

#include <linux/mm.h>
#include "region/region.h"

struct flab_fault;

/**
 * struct flab_kind - a kind's table
 * @name: as people write it
 * @region_flags: the FAULTLAB_REGION_* that make sense for it
 * @max_around: of struct faultlab_config's around; 1 if it maps a page at a time
 * @special: entries have no page to the core (pte_special()), so that .access is
 *	needed where GUP is refused
 * @check: whether a VMA can be had; sets the VMA's flags. Called at mmap, under
 *	mmap_lock for write
 * @map: fill a VMA at mmap, for kinds that have no faults; under mmap_lock for write.
 *	May sleep; leaves nothing mapped where it fails
 * @provide: map the page of a fault, or hand it to the core. Called with
 *	region->sem held for read and the index checked; may sleep
 * @provide_around: map populated pages of [first, last], as .map_pages: under
 *	RCU, must not sleep. Returns how many, and whether the fault's own page is
 *	among them. For kinds that know INSERT
 */
struct flab_kind {
	const char *name;
	u64 region_flags;
	u32 max_around;
	bool special;
	int (*check)(const struct flab_region *region, struct vm_area_struct *vma);
	int (*map)(struct flab_region *region, struct vm_area_struct *vma);
	vm_fault_t (*provide)(struct flab_fault *f);
	unsigned int (*provide_around)(struct flab_fault *f, pgoff_t first,
				       pgoff_t last, bool *own);
};

#define FLAB_NR_KINDS (FAULTLAB_KIND_MIXED + 1)

const struct flab_kind *flab_kind(u32 nr);

extern const struct flab_kind flab_kind_page;
extern const struct flab_kind flab_kind_pfn;
extern const struct flab_kind flab_kind_remap;
extern const struct flab_kind flab_kind_mixed;

int flab_pfn_refuse_cow(struct vm_area_struct *vma);
/* The same, and makes the rest VM_PFNMAP. */
int flab_pfn_check(const struct flab_region *region, struct vm_area_struct *vma);

#endif /* FLAB_KIND_H */
