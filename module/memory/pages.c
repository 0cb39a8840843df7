// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a region. Folios of memory->order are allocated at first touch of
 * one of their pages, zeroed, charged to the memcg of the mm in which it is touched,
 * and counted against max_total_pages. The region holds references to each folio
 * until evict or release drops it. If others still hold references then, the folio
 * goes on counting against max_total_pages (pinned.c).
 */
#include <linux/highmem.h>
#include <linux/memcontrol.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>
#include "memory/pages.h"
#include "memory/phys.h"
#include "memory/pinned.h"
#include "param.h"

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

void flab_pages_init(struct flab_memory *memory, struct address_space *mapping)
{
	memory->mapping = mapping;
	spin_lock_init(&memory->pages.lock);
}

static int flab_folio_charge(struct flab_memory *memory)
{
	long nr = 1L << memory->order;

	if (atomic_long_add_return(nr, &flab_total_pages) > flab_param(flab_max_total_pages)) {
		atomic_long_sub(nr, &flab_total_pages);
		return -ENOSPC;
	}
	atomic_long_add(nr, &memory->nr_populated);
	return 0;
}

/**
 * flab_folio_free - free a dropped folio, to which no others hold references
 * @folio: the folio, with the region's references still held and ->mapping NULL
 *
 * A hwpoisoned page of order 0 can be freed: free_pages_prepare() keeps it from being
 * reused. A larger folio would be reused with the hwpoisoned page in it, so it is
 * leaked here on purpose.
 */
void flab_folio_free(struct folio *folio)
{
	unsigned int order = flab_folio_order(folio);

	if (!order || !flab_folio_is_broken(folio))
		folio_put_refs(folio, flab_folio_refs(order));
	atomic_long_sub(1L << order, &flab_total_pages);
}

/*
 * Store a folio and charge it. The slot is checked, charged and filled in one hold of
 * pages.lock: otherwise two tasks could be charged for the same slot, and the slower one
 * fail with -ENOSPC although its folio is not needed. Return: NULL if stored, the page
 * that another task has stored first, or an ERR_PTR.
 */
static struct page *flab_folio_store(struct flab_memory *memory, unsigned long nr,
				     struct page *page)
{
	struct page **slot = flab_page_index_slot(&memory->pages, nr);
	struct page *old;
	int err;

	/* No memory for a node, but another task may have made it and stored a folio. */
	if (!slot)
		return flab_page_index_load(&memory->pages, nr) ?: ERR_PTR(-ENOMEM);
	spin_lock(&memory->pages.lock);
	old = *slot;
	if (old)
		goto unlock;
	err = flab_folio_charge(memory);
	if (err)
		old = ERR_PTR(err);
	else
		/* Release: a task that reads the slot also sees the folio's content and fields. */
		smp_store_release(slot, page);
unlock:
	spin_unlock(&memory->pages.lock);
	return old;
}

static struct page *flab_folio_alloc(u32 order)
{
	gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_ZERO;
	struct page *page;

	/* mmap_lock or the VMA lock is held: do not reclaim and compact for long. */
	if (order > PAGE_ALLOC_COSTLY_ORDER)
		gfp |= __GFP_NORETRY;
	/* A driver's page: neither in the page cache nor on an LRU list. */
	if (!order)
		page = alloc_page(gfp);
	else
		page = alloc_pages(gfp | __GFP_COMP | __GFP_NOWARN, order);
	if (page)
		return page;
	/*
	 * For a costly order no OOM killer is started, so a fault that returned
	 * VM_FAULT_OOM could repeat for ever: -ENOSPC makes it SIGBUS instead.
	 */
	return ERR_PTR(order > PAGE_ALLOC_COSTLY_ORDER ? -ENOSPC : -ENOMEM);
}

/*
 * Give a folio ->mapping and ->index, as in the page cache, and one reference more than
 * the page cache would hold. memory_failure() can mark a page after .fault has checked
 * it. __do_fault() then unmaps the page by its ->mapping, which must not be NULL, and
 * calls mapping_evict_folio() to remove it from the page cache. The additional reference
 * makes mapping_evict_folio() refuse.
 */
static void flab_folio_adopt(struct flab_memory *memory, struct folio *folio, pgoff_t index)
{
	folio_ref_add(folio, flab_folio_refs(memory->order) - 1);
	folio->index = index;
	folio->mapping = memory->mapping;
}

/*
 * Clear ->mapping under the folio lock: code that holds a reference to the folio uses
 * ->mapping under that lock, or under RCU (get_futex_key()).
 */
static void flab_folio_disown(struct flab_memory *memory, struct folio *folio)
{
	folio_lock(folio);
	WRITE_ONCE(folio->mapping, NULL);
	folio_unlock(folio);
	atomic_long_sub(1L << memory->order, &memory->nr_populated);
}

static struct page *flab_folio_add(struct flab_memory *memory, unsigned long nr)
{
	struct page *page, *old;

	page = flab_folio_alloc(memory->order);
	/* Another fault may have allocated and stored this folio meanwhile. */
	if (IS_ERR(page))
		return flab_page_index_load(&memory->pages, nr) ?: page;
	flab_folio_adopt(memory, page_folio(page), nr << memory->order);
	old = flab_folio_store(memory, nr, page);
	/* Make room: free dropped folios whose other references were put since. */
	if (old == ERR_PTR(-ENOSPC)) {
		flab_pinned_reap();
		old = flab_folio_store(memory, nr, page);
	}
	if (old) {
		page_folio(page)->mapping = NULL;
		folio_put_refs(page_folio(page), flab_folio_refs(memory->order));
		return old;
	}
	flab_raise(&flab_total_peak, atomic_long_read(&flab_total_pages));
	flab_raise(&memory->peak, atomic_long_read(&memory->nr_populated));
	return page;
}

/* Slow case of flab_pages_peek(): order above 0, or no leaf node. */
struct page **flab_pages_look(const struct flab_memory *memory, pgoff_t index, unsigned int nr,
			      struct page **room)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		room[i] = flab_page_peek(memory, index + i);
	return room;
}

/* Whether the processes that used @mm have all ended, so that nobody is charged for it. */
static bool flab_mm_is_orphan(struct mm_struct *mm)
{
#ifdef CONFIG_MEMCG
	return !READ_ONCE(mm->owner);
#else
	return false;
#endif
}

/*
 * Add a folio that a task touches in the mm of others (GUP, ptrace, /proc/PID/mem). Charge it to
 * the memcg of that mm, as the core does with anonymous and shmem pages. Otherwise a user
 * could have a task fill its own memcg, such as one that reads /proc/PID/cmdline.
 */
static struct page *flab_folio_add_remote(struct flab_memory *memory, unsigned long nr,
					  struct mm_struct *mm)
{
	struct mem_cgroup *memcg = get_mem_cgroup_from_mm(mm), *old;
	struct page *page;

	/*
	 * The mm of processes that have all ended has no owner, and then @memcg is the root:
	 * whoever keeps such an mm in use pays, unless that is a kernel thread. It never gets an
	 * owner again, so look only now.
	 */
	if (flab_mm_is_orphan(mm)) {
		page = flab_folio_add(memory, nr);
	} else {
		old = set_active_memcg(memcg);
		page = flab_folio_add(memory, nr);
		set_active_memcg(old);
	}
	mem_cgroup_put(memcg);
	return page;
}

/* For flab_page_get(), if the page does not exist: allocate it. */
struct page *flab_page_add(struct flab_memory *memory, pgoff_t index, struct mm_struct *mm)
{
	unsigned long nr = index >> memory->order;
	struct page *page;

	/* The kernel charges nothing to a kernel thread, also if it uses the mm of a process. */
	page = likely(mm == current->mm && !(current->flags & PF_KTHREAD)) ?
	       flab_folio_add(memory, nr) : flab_folio_add_remote(memory, nr, mm);
	return IS_ERR(page) ? page : flab_page_of(memory, page, index);
}

/**
 * flab_page_pfn - get the PFN of a page of a folio, or of the physical range (phys=)
 * @memory: the memory, its region's sem held for read
 * @index: which page
 * @mm: as for flab_page_get()
 * @pfn: out: the PFN
 *
 * Return: 0, -EHWPOISON or an error of flab_page_get().
 */
int flab_page_pfn(struct flab_memory *memory, pgoff_t index, struct mm_struct *mm,
		  unsigned long *pfn)
{
	struct page *page;

	if (memory->is_phys) {
		*pfn = flab_phys_pfn(index);
		return 0;
	}
	page = flab_page_get(memory, index, mm);
	if (IS_ERR(page))
		return PTR_ERR(page);
	if (PageHWPoison(page))
		return -EHWPOISON;
	*pfn = page_to_pfn(page);
	return 0;
}

/* copy_mc_to_kernel() returns on a memory error in the page; memcpy() could panic. */
static int flab_page_read(struct page *page, size_t offset, void *buf, size_t len)
{
	void *from = kmap_local_page(page);
	unsigned long left = copy_mc_to_kernel(buf, from + offset, len);

	kunmap_local(from);
	return left ? -EHWPOISON : 0;
}

/**
 * flab_page_copy - read or write a region's memory from the kernel
 * @memory: the memory, its region's sem held for read
 * @mm: as for flab_page_get()
 * @offset: byte within the region
 * @buf: kernel memory
 * @len: bytes, not across the end of a page
 * @write: true to write to the region
 *
 * Return: 0, -EHWPOISON or an error of flab_page_get().
 */
int flab_page_copy(struct flab_memory *memory, struct mm_struct *mm, loff_t offset,
		   void *buf, size_t len, bool write)
{
	pgoff_t index = offset >> PAGE_SHIFT;
	size_t in_page = offset_in_page(offset);
	struct page *page;

	if (memory->is_phys)
		return flab_phys_copy(offset, buf, len, write);
	page = flab_page_get(memory, index, mm);
	if (IS_ERR(page))
		return PTR_ERR(page);
	if (PageHWPoison(page))
		return -EHWPOISON;
	if (write) {
		memcpy_to_page(page, in_page, buf, len);
		return 0;
	}
	return flab_page_read(page, in_page, buf, len);
}

/**
 * flab_pages_drop - drop the region's references to pages, and free those not pinned
 * @memory: the memory; its region's sem held for write, or the region is being
 *	destroyed
 * @first: first page, which must be the first of its folio
 * @last: last page, inclusive; its folio is dropped as a whole
 *
 * The caller has zapped all entries of the range.
 */
void flab_pages_drop(struct flab_memory *memory, pgoff_t first, pgoff_t last)
{
	unsigned int order = READ_ONCE(memory->order);
	unsigned long nr = first >> order;
	struct folio *folio;
	struct page **slot;

	while ((slot = flab_page_index_next(&memory->pages, &nr, last >> order))) {
		folio = page_folio(*slot);
		*slot = NULL;
		flab_folio_disown(memory, folio);
		if (flab_folio_is_pinned(folio))
			flab_pinned_add(folio);
		else
			flab_folio_free(folio);
		cond_resched();
		nr++;
	}
	flab_page_index_trim(&memory->pages, first >> order, last >> order);
}
