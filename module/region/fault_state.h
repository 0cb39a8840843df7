/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of one callback of a fault, for the fault path, kinds and observers. */
#ifndef FLAB_FAULT_STATE_H
#define FLAB_FAULT_STATE_H

#include <linux/mm.h>
#include "region/region.h"

/**
 * struct flab_fault - a callback that is running
 *
 * It lives on the callback's stack and is not zeroed. flab_fault_begin() initializes
 * the fields that every callback reads, flab_fault_judge() those of the slow path.
 *
 * @vmf: as the core passed it; must not be accessed once @file is set
 * @region: the region whose page faults
 * @counters: the callback is counted in its cell
 * @index: number of the page in the region
 * @access: which callback it is; for .fault also the access
 * @mask: FAULTLAB_ACCESS_* bits matched by rules
 * @lock: the lock that the core held when it called
 * @verdict: verdict of the rules. Before they are matched it is "serve", and only its
 *	first three fields are set
 * @rules_gen: region->rules_gen when @verdict was given
 * @gate_era: region->gate.era when flab_fault_judge() last checked that @verdict is of
 *	the current rules
 * @judged: the rules have given @verdict; initialized in the slow path only
 * @waited: the delay of @verdict is over; initialized only where @judged is set
 * @hold_end: when waits with mmap_lock or the VMA lock held must end, by ktime_get_ns(); 0
 *	before the first such wait, FLAB_HOLD_NEVER (fault/wait.c) if there must be none.
 *	Initialized in the slow path only, as @keeps_lock
 * @keeps_lock: a wait did not drop the lock, as there was no memory for it
 * @last: no other callback of the same fault follows: the result of this callback is
 *	counted as the result of the fault
 * @special: nonzero if this may not be a plain minor fault, so that counting takes the
 *	slow path: @last is false, or the verdict is to map nothing, or the kernel counts
 *	the fault as major whatever this callback returns (FAULT_FLAG_TRIED is set, or
 *	the .fault before this .page_mkwrite was major)
 * @file: NULL until the fault drops mmap_lock or the VMA lock to wait. Then a reference
 *	to the VMA's file, which keeps the region alive, but not the VMA
 * @order: the entry that the fault mapped has 2^@order pages
 * @extra: pages mapped along with the fault's own. A .page_mkwrite has no page of its
 *	own: @extra is 1 if the page that .fault of the same fault returned gets mapped
 * @wait_ns: time that the callback spent waiting for delays of rules
 * @start: flab_clock_read() when the callback began; 0 if neither histograms nor
 *	records are on
 * @address: address accessed. This and the fields below are for the record. They are
 *	copied from @vmf when @file is set, and are not initialized before
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
	u64 hold_end;
	bool keeps_lock;
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
 * A page that is mapped causes no more read faults, and no write faults either, as its
 * entry is as writable as the VMA. Rules for any of these accesses would be bypassed, so
 * all of them are checked, whatever the access of @f. The answer depends only on the
 * rules, the pages and the VMA. The rules cannot change while region->sem is held for
 * read, so all faults that hold it get the same answer.
 *
 * Return: true if every rule that matches any of the pages is an unconditional plain
 * serve, see flab_rule_is_plain().
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
 * handler: the core uses it for CoW only, and it is NULL when a fault begins. .fault
 * stores in it region->drains and, in the lowest bits, FLAB_FIRST_*: that .fault ran, and
 * whether .fault makes the fault major. .page_mkwrite needs these bits because it counts
 * the result of the whole fault. (@orig_pte cannot tell whether .fault ran: it shares a
 * union with @orig_pmd, and is stale if the page table was removed after @orig_pmd was
 * read.)
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

/*
 * Whether .fault of the same fault ran before this .page_mkwrite. If not, the fault is a
 * write to a read-only entry that an earlier fault made.
 */
static inline bool flab_fault_is_second(const struct flab_fault *f)
{
	return (unsigned long)f->vmf->cow_page & FLAB_FIRST;
}

/*
 * In the .page_mkwrite after .fault: whether the region was drained since .fault. The
 * drain did not wait for this fault, so the fault must start over. region->sem is held
 * for read.
 */
static inline bool flab_fault_is_drained(const struct flab_fault *f)
{
	unsigned long then = (unsigned long)f->vmf->cow_page;

	return (f->region->drains ^ (then >> FLAB_FIRST_SHIFT)) << FLAB_FIRST_SHIFT;
}

/*
 * In the .page_mkwrite after .fault: whether .fault makes the fault major. @ret is what
 * .page_mkwrite returns: if that is VM_FAULT_NOPAGE, do_shared_fault() drops the
 * VM_FAULT_MAJOR that .fault returned.
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
