/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of one callback of a fault, for the fault path, kinds and observers. */
#ifndef FLAB_FAULT_STATE_H
#define FLAB_FAULT_STATE_H

#include <linux/mm.h>
#include "region/region.h"

/**
 * struct flab_fault - one callback under way
 *
 * It lives on the callback's stack and is not zeroed. flab_fault_begin() initializes
 * the fields that every callback reads, flab_fault_judge() those of the slow path.
 *
 * @vmf: as the core passed it; must not be accessed once @file is set
 * @region: the region whose page faults
 * @counters: the callback is counted in its cell
 * @index: page of the region
 * @access: which callback
 * @mask: FAULTLAB_ACCESS_* bits matched by rules
 * @lock: the lock that the core held when it called
 * @verdict: verdict of the rules; before they are matched, only its first three fields
 *	are set
 * @rules_gen: region->rules_gen when @verdict was given
 * @gate_era: era of the gate when @verdict was given
 * @judged: @verdict has been given; initialized in the slow path only
 * @waited: the delay of @verdict is over; initialized only where @judged is set
 * @last: no other callback of the same fault follows, so this one counts for the fault
 * @special: nonzero if this may not be a plain minor fault, so that counting takes the
 *	slow path: it is not the @last, or its verdict is to map nothing, or
 *	FAULT_FLAG_TRIED is set and the kernel counts the fault as major whatever the
 *	callback returns
 * @file: set once the fault has dropped mmap_lock or the VMA lock: a reference that
 *	keeps the region, but not the VMA
 * @order: one entry mapped 2^@order pages
 * @extra: pages mapped along with the fault's own. A mkwrite has no page of its own:
 *	its one extra page is the one that .fault of the same fault returned
 * @wait_ns: how much of the duration was spent waiting
 * @start: flab_clock_read() at the begin; 0 if neither histograms nor records are on
 * @address: address accessed. This and the fields below are copied from @vmf when @file
 *	is set, for the record; they are not set before
 * @vma_start: start of the VMA
 * @flags: FAULT_FLAG_*
 */
struct flab_fault {
	struct vm_fault *vmf;
	struct flab_region *region;
	struct flab_counters *counters;
	pgoff_t index;
	enum flab_access access;
	u32 mask;
	enum flab_lock lock;
	struct flab_verdict verdict;
	u64 rules_gen;
	u64 gate_era;
	bool judged;
	bool waited;
	bool last;
	unsigned int special;
	struct file *file;
	unsigned int order;
	unsigned int extra;
	u64 wait_ns;
	u64 start;
	unsigned long address;
	unsigned long vma_start;
	unsigned int flags;
};

/**
 * flab_fault_plain - whether pages may be mapped along with a fault's own
 * @f: the fault
 * @first: first page
 * @last: last page, inclusive
 * @extra: more FAULTLAB_ACCESS_* to check
 *
 * A page that is mapped causes no more read faults. It causes no write faults either,
 * as its entry is as writable as the VMA. So rules for all of these accesses are
 * checked, whatever the access of @f. The answer depends on the rules, the pages and
 * the VMA only: while region->sem is held for read the rules cannot change, and all
 * faults get the same answer.
 *
 * Return: true if no rule but an unconditional plain serve matches any of the pages.
 */
static inline bool flab_fault_plain(const struct flab_fault *f, pgoff_t first,
				    pgoff_t last, u32 extra)
{
	u32 write = f->vmf->vma->vm_flags & VM_SHARED ? FAULTLAB_ACCESS_WRITE :
							FAULTLAB_ACCESS_COW;

	return flab_rules_plain(f->region->rules, first, last,
				FAULTLAB_ACCESS_READ | FAULTLAB_ACCESS_EXEC |
				FAULTLAB_ACCESS_REMOTE | FAULTLAB_ACCESS_AROUND |
				write | extra);
}

/*
 * State that .fault passes to the .page_mkwrite of the same fault (do_shared_fault()).
 * The two share only the struct vm_fault. Of its fields @cow_page is free for the
 * handler: the core uses it for CoW only, and it is NULL when a fault begins. It stores
 * region->drains and, in the lowest bits, that .fault ran and whether that makes the
 * fault major: the result of the fault is counted by .page_mkwrite. (@orig_pte cannot
 * tell whether .fault ran: it shares a union with @orig_pmd, and is stale if the page
 * table was removed after @orig_pmd was read.)
 */
#define FLAB_FIRST		BIT(0)	/* .fault ran */
#define FLAB_FIRST_MAJOR	BIT(1)	/* .fault returned VM_FAULT_MAJOR */
#define FLAB_FIRST_TRIED	BIT(2)	/* .fault had FAULT_FLAG_TRIED */
#define FLAB_FIRST_SHIFT	3

/* .fault returns a page and .page_mkwrite will follow. region->sem is held for read. */
static inline void flab_fault_mark_first(struct flab_fault *f)
{
	f->last = false;
	f->special |= 1;
	f->vmf->cow_page = (struct page *)(f->region->drains << FLAB_FIRST_SHIFT | FLAB_FIRST);
}

static inline void flab_fault_note_first(const struct flab_fault *f, vm_fault_t ret)
{
	unsigned long first = (unsigned long)f->vmf->cow_page;

	if (ret & VM_FAULT_MAJOR)
		first |= FLAB_FIRST_MAJOR;
	if (f->vmf->flags & FAULT_FLAG_TRIED)
		first |= FLAB_FIRST_TRIED;
	f->vmf->cow_page = (struct page *)first;
}

/* Whether .fault ran before this .page_mkwrite; else a write hit a read-only entry. */
static inline bool flab_fault_is_second(const struct flab_fault *f)
{
	return (unsigned long)f->vmf->cow_page & FLAB_FIRST;
}

/*
 * In the .page_mkwrite after .fault: whether the region was drained since .fault.
 * region->sem is held for read.
 */
static inline bool flab_fault_is_drained(const struct flab_fault *f)
{
	unsigned long then = (unsigned long)f->vmf->cow_page;

	return (f->region->drains ^ (then >> FLAB_FIRST_SHIFT)) << FLAB_FIRST_SHIFT;
}

/*
 * In the .page_mkwrite after .fault: whether .fault makes the fault major.
 * do_shared_fault() drops .fault's return value if .page_mkwrite returns
 * VM_FAULT_NOPAGE.
 */
static inline bool flab_fault_first_is_major(const struct flab_fault *f, vm_fault_t ret)
{
	unsigned long first = (unsigned long)f->vmf->cow_page;

	return (first & FLAB_FIRST_TRIED) ||
	       ((first & FLAB_FIRST_MAJOR) && !(ret & VM_FAULT_NOPAGE));
}

/*
 * Whether the PTE holds a userfaultfd marker. Then no entry can be inserted:
 * vm_insert_page() returns -EBUSY, vmf_insert_pfn() maps nothing and returns
 * VM_FAULT_NOPAGE. Newer kernels refuse to set a marker in a VM_SPECIAL VMA.
 */
static inline bool flab_fault_has_marker(const struct flab_fault *f)
{
	return (f->vmf->flags & FAULT_FLAG_ORIG_PTE_VALID) && !pte_none(f->vmf->orig_pte);
}

#endif /* FLAB_FAULT_STATE_H */
