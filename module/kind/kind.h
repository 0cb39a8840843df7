/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kinds: how a region's memory reaches a page table. A kind is a struct flab_kind in
 * the file named after it, a number in enum faultlab_kind (FAULTLAB_KINDS) and a line in
 * flab_kinds[] (config.c).
 */
#ifndef FLAB_KIND_H
#define FLAB_KIND_H

#include <linux/mm.h>
#include "region/region.h"

struct flab_fault;

/**
 * struct flab_kind - what is specific to a kind
 * @region_flags: the FAULTLAB_REGION_* that it supports
 * @max_around: the highest `around` in struct faultlab_config; 1 if that is not
 *	supported
 * @special: its entries are special (pte_special()): GUP refuses them, so ptrace needs
 *	.access
 * @check: check whether the kind can map a VMA, and set the VMA's flags. Called at
 *	mmap, under mmap_lock for write
 * @map: map all pages of a VMA at mmap, for kinds without .fault; under mmap_lock for
 *	write. May sleep; leaves nothing mapped if it fails
 * @provide: map the page of a fault, or return it to the core. Called with
 *	region->sem held for read and the index checked; may sleep
 * @provide_around: map the allocated pages of [first, last] for .map_pages. Called under
 *	RCU, must not sleep. Returns how many pages it mapped, and in `own` whether the
 *	fault's page is among them. Only for kinds that support INSERT
 */
struct flab_kind {
	u64 region_flags;
	u32 max_around;
	bool special;
	int (*check)(const struct flab_region *region, struct vm_area_struct *vma);
	int (*map)(struct flab_region *region, struct vm_area_struct *vma);
	vm_fault_t (*provide)(struct flab_fault *f);
	unsigned int (*provide_around)(struct flab_fault *f, pgoff_t first,
				       pgoff_t last, bool *own);
};

const struct flab_kind *flab_kind(u32 nr);
u32 flab_kind_nr(const struct flab_kind *kind);

extern const struct flab_kind flab_kind_page;
extern const struct flab_kind flab_kind_pfn;
extern const struct flab_kind flab_kind_remap;
extern const struct flab_kind flab_kind_mixed;

int flab_pfn_refuse_cow(struct vm_area_struct *vma);
/* .check of kinds pfn and remap: flab_pfn_refuse_cow(), and make the VMA VM_PFNMAP. */
int flab_pfn_check(const struct flab_region *region, struct vm_area_struct *vma);

#endif /* FLAB_KIND_H */
