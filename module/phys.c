// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory without struct page: a physical range that the machine was booted
 * without (memmap=SIZE$START on x86) and that the module parameter phys= names.
 * One region has it at a time.
 */
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/module.h>
#include <linux/sched.h>
#include "phys.h"

static char *flab_phys_param;
module_param_named(phys, flab_phys_param, charp, 0444);
MODULE_PARM_DESC(phys, "START,SIZE of a reserved physical range without struct page");

static phys_addr_t flab_phys_start;
static u64 flab_phys_size;
static void *flab_phys_base;
static struct flab_region *flab_phys_owner;

unsigned long flab_phys_pfn(pgoff_t index)
{
	return PHYS_PFN(flab_phys_start) + index;
}

void *flab_phys_addr(pgoff_t index)
{
	return flab_phys_base + (index << PAGE_SHIFT);
}

/**
 * flab_phys_claim - give the range to a region, zeroed
 * @region: the region
 * @max_pages: what a region may span
 * @nr_pages: how many it wants, 0 for all that it may; how many it has
 *
 * Return: 0, also if the region has it already; -ENXIO without phys=, -ENOSPC if
 * the range is smaller, -EBUSY if another region has it.
 */
int flab_phys_claim(struct flab_region *region, u64 max_pages, u64 *nr_pages)
{
	u64 all = flab_phys_size >> PAGE_SHIFT;
	struct flab_region *owner;
	pgoff_t index;

	if (!all)
		return -ENXIO;
	if (!*nr_pages)
		*nr_pages = min(all, max_pages);
	if (*nr_pages > all)
		return -ENOSPC;
	owner = cmpxchg(&flab_phys_owner, NULL, region);
	if (owner && owner != region)
		return -EBUSY;

	for (index = 0; index < *nr_pages; index++) {
		memset(flab_phys_addr(index), 0, PAGE_SIZE);
		cond_resched();
	}
	return 0;
}

/* Give the range back; does nothing for a region that does not have it. */
void flab_phys_unclaim(struct flab_region *region)
{
	cmpxchg(&flab_phys_owner, region, NULL);
}

/*
 * The kernel must know nothing of the range: not as RAM, and not by a struct
 * page, or vmf_insert_pfn() and the memory types of the two would disagree.
 */
static int flab_phys_check(void)
{
	unsigned long pfn;

	if (!flab_phys_size || !PAGE_ALIGNED(flab_phys_start) ||
	    !PAGE_ALIGNED(flab_phys_size) ||
	    flab_phys_start + flab_phys_size < flab_phys_start) {
		pr_err("phys=%s: START,SIZE must be multiples of the page size\n",
		       flab_phys_param);
		return -EINVAL;
	}
	if (region_intersects(flab_phys_start, flab_phys_size, IORESOURCE_SYSTEM_RAM,
			      IORES_DESC_NONE) != REGION_DISJOINT) {
		pr_err("phys=%s: this is RAM; keep it back at boot (memmap=)\n",
		       flab_phys_param);
		return -EBUSY;
	}
	for (pfn = PHYS_PFN(flab_phys_start);
	     pfn < PHYS_PFN(flab_phys_start + flab_phys_size); pfn++) {
		if (pfn_valid(pfn)) {
			pr_err("phys=%s: pfn %#lx has a struct page; reserve whole memory sections\n",
			       flab_phys_param, pfn);
			return -EINVAL;
		}
	}
	return 0;
}

int flab_phys_init(void)
{
	char *rest;
	int err;

	if (!flab_phys_param)
		return 0;

	flab_phys_start = memparse(flab_phys_param, &rest);
	if (*rest == ',')
		flab_phys_size = memparse(rest + 1, &rest);
	if (*rest)
		flab_phys_size = 0;

	err = flab_phys_check();
	if (err)
		return err;

	if (!request_mem_region(flab_phys_start, flab_phys_size, KBUILD_MODNAME)) {
		pr_err("phys=%s: in use by another driver\n", flab_phys_param);
		return -EBUSY;
	}
	/* Its memory type is what vmf_insert_pfn() will look up. */
	flab_phys_base = memremap(flab_phys_start, flab_phys_size, MEMREMAP_WB);
	if (!flab_phys_base) {
		err = -ENOMEM;
		goto release_region;
	}
	return 0;

release_region:
	release_mem_region(flab_phys_start, flab_phys_size);
	return err;
}

void flab_phys_exit(void)
{
	if (!flab_phys_base)
		return;
	memunmap(flab_phys_base);
	release_mem_region(flab_phys_start, flab_phys_size);
}
