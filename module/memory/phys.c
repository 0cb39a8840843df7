// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory without struct page: the physical range of the module parameter phys=, which
 * was reserved at boot (memmap=SIZE$START on x86). One region owns the range at a time, so
 * that the range has one memory type at a time.
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

/* Written only while the owner, a region, is configured or released. */
static struct iosys_map flab_phys_map;	/* kernel mapping of the range; null without an owner */
static u32 flab_phys_cache;		/* enum faultlab_cache */
static u64 flab_phys_mapped;		/* pages in that mapping, from @flab_phys_start */
static u64 flab_phys_dirty;		/* pages zeroed so far; later ones were not written */

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
 * @write: true to write to the range
 *
 * Return: 0, or -ENOMEM if the page is not (any more) in the kernel mapping of the range.
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
 * flab_phys_pgprot - add the memory type of a region to page protection bits
 * @memory: memory of the region
 * @prot: the other bits
 *
 * vmf_insert_pfn() and vmf_insert_mixed() look up the memory type by PFN if the
 * architecture keeps a list of types (x86's PAT memtype list). Entries that are made by
 * other functions need the type in their protection bits.
 *
 * Return: @prot with the memory type.
 */
pgprot_t flab_phys_pgprot(const struct flab_memory *memory, pgprot_t prot)
{
	static_assert(FAULTLAB_NR_CACHES == 3, "here and below, add the new memory type");

	if (memory->cache == FAULTLAB_CACHE_WC)
		return pgprot_writecombine(prot);
	if (memory->cache == FAULTLAB_CACHE_UC)
		return pgprot_noncached(prot);
	return prot;
}

/*
 * Write back the CPU caches before the memory type changes. Accesses through an uncached
 * mapping do not see dirty cache lines, and if such a line were written back later, it
 * would overwrite what was written through the uncached mapping.
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

/* memremap() and ioremap() also enter the memory type into x86's PAT memtype list. */
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

/* Map only the region's pages: page tables for a large range take long to make. */
static int flab_phys_change(u32 cache, u64 nr_pages)
{
	if (flab_phys_mapped == nr_pages && flab_phys_cache == cache)
		return 0;
	/* The kernel refuses a mapping of another type while the old one exists. */
	flab_phys_unmap();
	return flab_phys_map_as(cache, nr_pages) ? 0 : -ENOMEM;
}

bool flab_phys_is_claimed(const struct flab_memory *memory)
{
	return READ_ONCE(flab_phys_owner) == memory;
}

/* Release the range; does nothing if the region does not own it. */
void flab_phys_unclaim(struct flab_memory *memory)
{
	if (READ_ONCE(flab_phys_owner) != memory)
		return;
	flab_phys_unmap();
	/* Pairs with the cmpxchg() of the next owner in flab_phys_claim(). */
	smp_store_release(&flab_phys_owner, NULL);
}

/* Zeroing an uncached mapping takes seconds per GiB, so a fatal signal ends it. */
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
 * @memory: the memory; its region is being configured, which excludes a second call
 * @cache: enum faultlab_cache
 * @max_pages: the largest size of a region
 * @nr_pages: in: pages wanted, 0 for as many as possible; out: pages claimed
 *
 * Return: 0, also if the region owns the range already; -ENXIO without phys=, -ENOSPC
 * if the range is smaller, -EBUSY if another region owns it, -ENOMEM if it cannot be
 * mapped, -EINTR if killed. After -ENOMEM and -EINTR the region does not own the range,
 * even if it did before.
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
 * Check that the range has no other user and no other memory type, since a page frame
 * must not be mapped with two types. So it must not be RAM, which the kernel maps as
 * write-back, nor memory with struct pages, which has users and a memory type of its own.
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
