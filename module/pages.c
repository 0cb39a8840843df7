// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a region. Folios of region->order are allocated at first touch of
 * one of their pages, zeroed, charged to the task that touches, and counted
 * against max_total_pages. The region holds one reference to each until evict or
 * release drops it.
 */
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include "pages.h"
#include "phys.h"

static ulong flab_max_total_pages = 1UL << 18;
module_param_named(max_total_pages, flab_max_total_pages, ulong, 0644);
MODULE_PARM_DESC(max_total_pages, "pages that all regions together may hold (default 262144)");

static atomic_long_t flab_total_pages;
static atomic_long_t flab_total_peak;

static void flab_raise(atomic_long_t *peak, long value)
{
	long old = atomic_long_read(peak);

	while (value > old && !atomic_long_try_cmpxchg(peak, &old, value))
		;
}

long flab_pages_total(long *peak)
{
	*peak = atomic_long_read(&flab_total_peak);
	return atomic_long_read(&flab_total_pages);
}

void flab_pages_reset_peak(void)
{
	atomic_long_set(&flab_total_peak, atomic_long_read(&flab_total_pages));
}

void flab_pages_init(struct flab_region *region)
{
	spin_lock_init(&region->pages.lock);
}

static int flab_folio_charge(struct flab_region *region)
{
	long nr = 1L << region->order;

	if (atomic_long_add_return(nr, &flab_total_pages) > READ_ONCE(flab_max_total_pages)) {
		atomic_long_sub(nr, &flab_total_pages);
		return -ENOSPC;
	}
	atomic_long_add(nr, &region->nr_populated);
	return 0;
}

static void flab_folio_uncharge(struct flab_region *region)
{
	long nr = 1L << region->order;

	atomic_long_sub(nr, &region->nr_populated);
	atomic_long_sub(nr, &flab_total_pages);
}

/*
 * Store a folio and charge for it, or find the one of a task that was faster. In
 * one hold of the lock, or both would be charged and the slower refused for the
 * last page of room, which it does not need.
 */
static struct page *flab_folio_store(struct flab_region *region, unsigned long nr,
				     struct page *page)
{
	struct page **slot = flab_page_index_slot(&region->pages, nr);
	struct page *old;
	int err;

	if (!slot)
		return ERR_PTR(-ENOMEM);
	spin_lock(&region->pages.lock);
	old = *slot;
	if (old)
		goto unlock;
	err = flab_folio_charge(region);
	if (err)
		old = ERR_PTR(err);
	else
		/* With what has been written to it. */
		smp_store_release(slot, page);
unlock:
	spin_unlock(&region->pages.lock);
	return old;
}

static struct page *flab_folio_alloc(u32 order)
{
	gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_ZERO;
	struct page *page;

	/* As drivers get theirs: not from the page cache, nor of the LRU lists. */
	if (!order)
		page = alloc_page(gfp);
	else
		page = alloc_pages(gfp | __GFP_COMP | __GFP_NOWARN, order);
	if (page)
		return page;
	/* For these nobody is killed, so VM_FAULT_OOM could repeat for ever. */
	return ERR_PTR(order > PAGE_ALLOC_COSTLY_ORDER ? -ENOSPC : -ENOMEM);
}

static struct page *flab_folio_add(struct flab_region *region, unsigned long nr)
{
	struct page *page, *old;

	page = flab_folio_alloc(region->order);
	if (IS_ERR(page))
		return page;
	/* finish_fault() compares it with i_size. */
	page->index = nr << region->order;
	old = flab_folio_store(region, nr, page);
	if (old) {
		put_page(page);
		return old;
	}
	flab_raise(&flab_total_peak, atomic_long_read(&flab_total_pages));
	flab_raise(&region->peak, atomic_long_read(&region->nr_populated));
	return page;
}

/* See flab_pages_peek(): of folios of more than a page, or none there. */
struct page **flab_pages_look(const struct flab_region *region, pgoff_t index, unsigned int nr,
			      struct page **room)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		room[i] = flab_page_peek(region, index + i);
	return room;
}

/**
 * flab_folio_is_broken - whether any page of a folio is
 * @head: its first page
 * @order: its size, 5 or more
 *
 * For what maps it as a whole, many at a time, since that is all it does.
 *
 * Return: true if one has been hit by a memory failure.
 */
bool flab_folio_is_broken(struct page *head, unsigned int order)
{
	const struct page *p = head, *end = nth_page(head, BIT(order));
	unsigned long flags = 0;

	do {
#pragma GCC unroll 32
		for (int i = 0; i < 32; i++)
			flags |= p[i].flags;
		p += 32;
	} while (p != end);
	return flags & __PG_HWPOISON;
}

/* See flab_page_get(); the page is not there yet. */
struct page *flab_page_add(struct flab_region *region, pgoff_t index)
{
	struct page *page = flab_folio_add(region, index >> region->order);

	return IS_ERR(page) ? page : flab_page_of(region, page, index);
}

/**
 * flab_page_pfn - the frame behind a page, with or without struct page
 * @region: the region, its sem held for read
 * @index: which page
 * @pfn: where it goes
 *
 * Return: 0, -EHWPOISON or an error of flab_page_get().
 */
int flab_page_pfn(struct flab_region *region, pgoff_t index, unsigned long *pfn)
{
	struct page *page;

	if (region->flags & FAULTLAB_REGION_PHYS) {
		*pfn = flab_phys_pfn(index);
		return 0;
	}
	page = flab_page_get(region, index);
	if (IS_ERR(page))
		return PTR_ERR(page);
	if (PageHWPoison(page))
		return -EHWPOISON;
	*pfn = page_to_pfn(page);
	return 0;
}

/**
 * flab_page_copy - read or write a region's memory from the kernel
 * @region: the region, its sem held for read
 * @offset: byte within the region
 * @buf: kernel memory
 * @len: bytes, not across the end of a page
 * @write: into the region
 *
 * Return: 0, -EHWPOISON or an error of flab_page_get().
 */
int flab_page_copy(struct flab_region *region, loff_t offset, void *buf,
		   size_t len, bool write)
{
	pgoff_t index = offset >> PAGE_SHIFT;
	size_t in_page = offset_in_page(offset);
	struct page *page;

	if (region->flags & FAULTLAB_REGION_PHYS)
		return flab_phys_copy(offset, buf, len, write);
	page = flab_page_get(region, index);
	if (IS_ERR(page))
		return PTR_ERR(page);
	/* A machine check in the kernel is the end of it. */
	if (PageHWPoison(page))
		return -EHWPOISON;
	if (write)
		memcpy_to_page(page, in_page, buf, len);
	else
		memcpy_from_page(buf, page, in_page, len);
	return 0;
}

/**
 * flab_pages_drain - wait for faults that have a page in hand
 * @region: the region, its sem held for write
 * @first: first page
 * @last: last page, inclusive
 *
 * A page that .fault returned is mapped by finish_fault() after the handler is
 * gone and region->sem with it, but it stays locked until it is mapped. So
 * whoever has locked each page once knows that no such fault is left, but for
 * those between .fault and .page_mkwrite, which find that there has been a drain.
 */
void flab_pages_drain(struct flab_region *region, pgoff_t first, pgoff_t last)
{
	unsigned long nr = first >> region->order;
	struct page **slot, *page;

	percpu_rwsem_assert_held(&region->sem);
	region->drains++;
	while ((slot = flab_page_index_next(&region->pages, &nr, last >> region->order))) {
		page = *slot;
		lock_page(page);
		unlock_page(page);
		cond_resched();
		nr++;
	}
}

/**
 * flab_pages_drop - give pages back
 * @region: the region; its sem held for write, or nobody else is left
 * @first: first page, of a folio too
 * @last: last page, inclusive, and the folio it is in goes as a whole; no
 *	translation of ours is left in the range
 */
void flab_pages_drop(struct flab_region *region, pgoff_t first, pgoff_t last)
{
	unsigned long nr = first >> region->order;
	struct page **slot;

	while ((slot = flab_page_index_next(&region->pages, &nr, last >> region->order))) {
		put_page(*slot);
		*slot = NULL;
		flab_folio_uncharge(region);
		cond_resched();
		nr++;
	}
	flab_page_index_trim(&region->pages, first >> region->order, last >> region->order);
}
