// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory without struct page: a physical range that the machine was booted
 * without (memmap=SIZE$START on x86) and that the module parameter phys= names.
 * One region has it at a time, and so it has one memory type at a time.
 */
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/iosys-map.h>
#include <linux/libnvdimm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/faultlab.h>
#include "memory/memory.h"
#include "memory/phys.h"

static char *flab_phys_param;
module_param_named(phys, flab_phys_param, charp, 0400);
MODULE_PARM_DESC(phys, "START,SIZE of a reserved physical range without struct page");

static phys_addr_t flab_phys_start;
static u64 flab_phys_size;
static struct flab_memory *flab_phys_owner;

/* For the owner to write, while it is configured or ends. */
static struct iosys_map flab_phys_map;	/* not set without an owner */
static u32 flab_phys_cache;		/* enum faultlab_cache */
static u64 flab_phys_mapped;		/* pages from the start */
static u64 flab_phys_dirty;		/* of these: nobody has written to the others */

/* The size of the range; 0 without phys=. */
u64 flab_phys_bytes(void)
{
	return flab_phys_size;
}

unsigned long flab_phys_pfn(pgoff_t index)
{
	return PHYS_PFN(flab_phys_start) + index;
}

/**
 * flab_phys_copy - read or write the range from the kernel
 * @offset: byte within the range
 * @buf: kernel memory
 * @len: bytes, not across the end of a page
 * @write: into the range
 *
 * Return: 0, or -ENOMEM where the kernel has lost its mapping.
 */
int flab_phys_copy(loff_t offset, void *buf, size_t len, bool write)
{
	if (iosys_map_is_null(&flab_phys_map) || offset >> PAGE_SHIFT >= flab_phys_mapped)
		return -ENOMEM;
	if (write)
		iosys_map_memcpy_to(&flab_phys_map, offset, buf, len);
	else
		iosys_map_memcpy_from(buf, &flab_phys_map, offset, len);
	return 0;
}

/**
 * flab_phys_pgprot - the memory type of a region, in the bits of an entry
 * @memory: of the region
 * @prot: the other bits
 *
 * vmf_insert_pfn() and vmf_insert_mixed() find the type by the frame, if an
 * architecture keeps book of it; who makes entries otherwise has to say it.
 *
 * Return: @prot with the type.
 */
pgprot_t flab_phys_pgprot(const struct flab_memory *memory, pgprot_t prot)
{
	if (memory->cache == FAULTLAB_CACHE_WC)
		return pgprot_writecombine(prot);
	if (memory->cache == FAULTLAB_CACHE_UC)
		return pgprot_noncached(prot);
	return prot;
}

/*
 * What the next type does not see must not be left in the caches, to be written
 * back some day over what that one has written.
 */
static void flab_phys_flush(void)
{
	u64 index;

	for (index = 0; index < flab_phys_dirty; index++) {
		arch_wb_cache_pmem(flab_phys_map.vaddr + (index << PAGE_SHIFT), PAGE_SIZE);
		cond_resched();
	}
}

static void flab_phys_unmap(void)
{
	if (iosys_map_is_null(&flab_phys_map))
		return;
	if (flab_phys_map.is_iomem) {
		iounmap(flab_phys_map.vaddr_iomem);
	} else {
		flab_phys_flush();
		memunmap(flab_phys_map.vaddr);
	}
	iosys_map_clear(&flab_phys_map);
	flab_phys_mapped = 0;
	flab_phys_dirty = 0;
}

/* This is what enters the type into the kernel's book. */
static bool flab_phys_map_as(u32 cache, u64 nr_pages)
{
	u64 size = nr_pages << PAGE_SHIFT;

	if (cache == FAULTLAB_CACHE_WB)
		iosys_map_set_vaddr(&flab_phys_map,
				    memremap(flab_phys_start, size, MEMREMAP_WB));
	else
		iosys_map_set_vaddr_iomem(&flab_phys_map, cache == FAULTLAB_CACHE_WC ?
					  ioremap_wc(flab_phys_start, size) :
					  ioremap(flab_phys_start, size));
	if (!iosys_map_is_set(&flab_phys_map))
		return false;
	flab_phys_cache = cache;
	flab_phys_mapped = nr_pages;
	return true;
}

/* No more than the region has: tables for all of a large range take long to make. */
static int flab_phys_change(u32 cache, u64 nr_pages)
{
	if (flab_phys_mapped == nr_pages && flab_phys_cache == cache)
		return 0;
	/* Two types at once are refused. */
	flab_phys_unmap();
	return flab_phys_map_as(cache, nr_pages) ? 0 : -ENOMEM;
}

bool flab_phys_is_claimed(const struct flab_memory *memory)
{
	return READ_ONCE(flab_phys_owner) == memory;
}

/* Give the range back; does nothing for a region that does not have it. */
void flab_phys_unclaim(struct flab_memory *memory)
{
	if (READ_ONCE(flab_phys_owner) != memory)
		return;
	flab_phys_unmap();
	/* Pairs with the cmpxchg() of the next. */
	smp_store_release(&flab_phys_owner, NULL);
}

/* Zeroing is what takes long: seconds a GiB where it is uncached. */
static int flab_phys_zero(u64 nr_pages)
{
	u64 index;

	for (index = 0; index < nr_pages; index++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		iosys_map_memset(&flab_phys_map, index << PAGE_SHIFT, 0, PAGE_SIZE);
		flab_phys_dirty = max(flab_phys_dirty, index + 1);
		cond_resched();
	}
	return 0;
}

/**
 * flab_phys_claim - give the range to a region, zeroed
 * @memory: the memory, whose region is being configured, so that nobody else is here for it
 * @cache: enum faultlab_cache
 * @max_pages: what a region may span
 * @nr_pages: how many it wants, 0 for all that it may; how many it has
 *
 * Return: 0, also if the region has it already; -ENXIO without phys=, -ENOSPC if
 * the range is smaller, -EBUSY if another region has it, -ENOMEM if it cannot be
 * mapped, -EINTR if killed; after these two it has lost the range if it had it.
 */
int flab_phys_claim(struct flab_memory *memory, u32 cache, u64 max_pages,
		    u64 *nr_pages)
{
	u64 all = flab_phys_size >> PAGE_SHIFT;
	struct flab_memory *owner;
	int err;

	if (!all)
		return -ENXIO;
	if (!*nr_pages)
		*nr_pages = min(all, max_pages);
	if (!*nr_pages || *nr_pages > all)
		return -ENOSPC;
	owner = cmpxchg(&flab_phys_owner, NULL, memory);
	if (owner && owner != memory)
		return -EBUSY;

	err = flab_phys_change(cache, *nr_pages);
	if (!err)
		err = flab_phys_zero(*nr_pages);
	if (err)
		flab_phys_unclaim(memory);
	return err;
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
	return 0;
}

void flab_phys_exit(void)
{
	if (flab_phys_param)
		release_mem_region(flab_phys_start, flab_phys_size);
}
