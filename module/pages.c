// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a region. Pages are allocated at first touch, zeroed, charged to
 * the task that touches, and counted against max_total_pages. The region holds
 * one reference to each until evict or release drops it.
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
	xa_init_flags(&region->pages, XA_FLAGS_ACCOUNT);
}

static int flab_page_charge(struct flab_region *region)
{
	if (atomic_long_inc_return(&flab_total_pages) > READ_ONCE(flab_max_total_pages)) {
		atomic_long_dec(&flab_total_pages);
		return -ENOSPC;
	}
	atomic_long_inc(&region->nr_populated);
	return 0;
}

static void flab_page_uncharge(struct flab_region *region)
{
	atomic_long_dec(&region->nr_populated);
	atomic_long_dec(&flab_total_pages);
}

/*
 * Store a page and charge for it, or find the one of a task that was faster. In
 * one hold of the lock, or both would be charged and the slower refused for the
 * last page of room, which it does not need. (For lack of memory __xa_cmpxchg()
 * may let go of the lock, and does not lose the page by it.)
 */
static struct page *flab_page_store(struct flab_region *region, pgoff_t index,
				    struct page *page)
{
	struct page *old;
	int err;

	xa_lock(&region->pages);
	old = xa_load(&region->pages, index);
	if (old)
		goto unlock;
	err = flab_page_charge(region);
	if (err) {
		old = ERR_PTR(err);
		goto unlock;
	}
	old = __xa_cmpxchg(&region->pages, index, NULL, page, GFP_KERNEL);
	if (old)
		flab_page_uncharge(region);
	if (xa_is_err(old))
		old = ERR_PTR(xa_err(old));
unlock:
	xa_unlock(&region->pages);
	return old;
}

static struct page *flab_page_add(struct flab_region *region, pgoff_t index)
{
	struct page *page, *old;

	page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!page)
		return ERR_PTR(-ENOMEM);
	old = flab_page_store(region, index, page);
	if (old) {
		__free_page(page);
		return old;
	}
	flab_raise(&flab_total_peak, atomic_long_read(&flab_total_pages));
	flab_raise(&region->peak, atomic_long_read(&region->nr_populated));
	return page;
}

/**
 * flab_page_peek - a page that is there already
 * @region: the region, its sem held for read
 * @index: which page
 *
 * Return: the page, without a reference of its own, or NULL.
 */
struct page *flab_page_peek(struct flab_region *region, pgoff_t index)
{
	return xa_load(&region->pages, index);
}

/**
 * flab_page_get - a page, allocated and zeroed if it was never touched
 * @region: the region, its sem held for read
 * @index: which page
 *
 * Return: the page, without a reference of its own; ERR_PTR(-ENOMEM) or
 * ERR_PTR(-ENOSPC) past max_total_pages.
 */
struct page *flab_page_get(struct flab_region *region, pgoff_t index)
{
	struct page *page = flab_page_peek(region, index);

	return likely(page) ? page : flab_page_add(region, index);
}

/*
 * Leave a mark on a locked page that .fault returns, for the .page_mkwrite of the
 * same fault: between the two the core unlocks it (do_shared_fault()), and
 * flab_pages_drain() takes the mark away. PG_checked is its owner's to use.
 */
void flab_page_offer(struct page *page)
{
	SetPageChecked(page);
}

bool flab_page_is_offered(struct page *page)
{
	return PageChecked(page);
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
 * Return: 0 or an error of flab_page_get().
 */
int flab_page_copy(struct flab_region *region, loff_t offset, void *buf,
		   size_t len, bool write)
{
	pgoff_t index = offset >> PAGE_SHIFT;
	size_t in_page = offset_in_page(offset);
	struct page *page;

	if (region->flags & FAULTLAB_REGION_PHYS) {
		void *kaddr = flab_phys_addr(index) + in_page;

		if (write)
			memcpy(kaddr, buf, len);
		else
			memcpy(buf, kaddr, len);
		return 0;
	}
	page = flab_page_get(region, index);
	if (IS_ERR(page))
		return PTR_ERR(page);
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
 * those between .fault and .page_mkwrite, which find the mark gone.
 */
void flab_pages_drain(struct flab_region *region, pgoff_t first, pgoff_t last)
{
	struct page *page;
	unsigned long index;

	percpu_rwsem_assert_held(&region->sem);
	xa_for_each_range(&region->pages, index, page, first, last) {
		lock_page(page);
		ClearPageChecked(page);
		unlock_page(page);
		cond_resched();
	}
}

/**
 * flab_pages_drop - give pages back
 * @region: the region; its sem held for write, or nobody else is left
 * @first: first page
 * @last: last page, inclusive; no translation of ours is left in the range
 */
void flab_pages_drop(struct flab_region *region, pgoff_t first, pgoff_t last)
{
	struct page *page;
	unsigned long index;

	xa_for_each_range(&region->pages, index, page, first, last) {
		xa_erase(&region->pages, index);
		put_page(page);
		flab_page_uncharge(region);
		cond_resched();
	}
}
