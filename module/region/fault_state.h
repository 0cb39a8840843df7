/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of one callback of a fault, for the fault path, kinds and observers. */
#ifndef FLAB_FAULT_STATE_H
#define FLAB_FAULT_STATE_H

#include <linux/mm.h>
#include "region/region.h"

/**
 * struct flab_fault - one callback under way
 *
 * It is filled in place and not zeroed by us: flab_fault_begin() sets
 * what is read of a fault whatever becomes of it, flab_fault_judge() the rest.
 *
 * @vmf: as the core gave it; not to be touched once @file is set
 * @region: whose memory it is
 * @map: where it counts
 * @index: page of the region
 * @access: which callback
 * @mask: FAULTLAB_ACCESS_* bits matched by rules
 * @lock: what the core held when it called
 * @verdict: what the rules say; until then only its first three fields are set
 * @rules_gen: which rules said so
 * @gate_era: of the gate when it was judged
 * @judged: @verdict has been given; this, too, is set only where there is one to give
 * @waited: and its wait is over; not set before
 * @last: no other callback of the same fault follows, so this one counts for the fault
 * @special: something tells it from a plain minor fault, so that counting has to look
 *	closer: it is not the @last, its verdict is to map nothing, or with the bit
 *	FAULT_FLAG_TRIED the kernel will count it as major whatever the callback returns
 * @file: set once the fault lock was dropped: keeps the region, not the VMA
 * @order: of what it mapped at once
 * @extra: pages that it mapped along with its own; a mkwrite has none of its own, and
 *	maps one where it ends what .fault began
 * @wait_ns: of the time that it took, spent waiting
 * @start: when it began, by flab_clock_read(); 0 if nobody wants to know
 * @address: that was accessed; this and what follows is set along with @file, for
 *	records, and until then @vmf says it
 * @vma_start: of the VMA
 * @flags: FAULT_FLAG_*
 */
struct flab_fault {
	struct vm_fault *vmf;
	struct flab_region *region;
	struct flab_map *map;
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
 * @extra: FAULTLAB_ACCESS_* to ask for as well
 *
 * Once a page is mapped, no fault for reading it is seen, and none for writing
 * either: the entries are as writable as the VMA. The answer depends on the rules,
 * the pages and the VMA alone, not on what kind of fault @f is: as long as nobody
 * can change the rules (region->sem is held for read) all faults agree on it.
 *
 * Return: true if no rule is about any of them.
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
 * From .fault to the .page_mkwrite of the same fault (do_shared_fault()). The two share
 * nothing but the struct vm_fault, of which @cow_page is the handler's to use, and the
 * core's for CoW alone: NULL when a fault begins. It takes how often the region had been
 * drained, and in the lowest bits that there was a .fault, and what that adds to the result
 * of the fault, which .page_mkwrite counts. (@orig_pte does not tell: it shares its place
 * with @orig_pmd, and is stale where the page table went after that was read.)
 */
#define FLAB_FIRST		BIT(0)
#define FLAB_FIRST_MAJOR	BIT(1)	/* it returned VM_FAULT_MAJOR */
#define FLAB_FIRST_TRIED	BIT(2)	/* it had FAULT_FLAG_TRIED */
#define FLAB_FIRST_SHIFT	3

/* .fault has a page for the core, and .page_mkwrite follows. With region->sem held for read. */
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

/* Whether this .page_mkwrite follows a .fault: else there was an entry that is read-only. */
static inline bool flab_fault_is_second(const struct flab_fault *f)
{
	return (unsigned long)f->vmf->cow_page & FLAB_FIRST;
}

/* In the second: whether anybody has drained since the first. As above, with region->sem. */
static inline bool flab_fault_is_drained(const struct flab_fault *f)
{
	unsigned long then = (unsigned long)f->vmf->cow_page;

	return (f->region->drains ^ (then >> FLAB_FIRST_SHIFT)) << FLAB_FIRST_SHIFT;
}

/*
 * In the second: whether the first makes the fault major. do_shared_fault() gives up what
 * .fault returned where .page_mkwrite returns VM_FAULT_NOPAGE.
 */
static inline bool flab_fault_first_is_major(const struct flab_fault *f, vm_fault_t ret)
{
	unsigned long first = (unsigned long)f->vmf->cow_page;

	return (first & FLAB_FIRST_TRIED) ||
	       ((first & FLAB_FIRST_MAJOR) && !(ret & VM_FAULT_NOPAGE));
}

/*
 * Whether a marker of userfaultfd stands where an entry is to go. Who inserts entries then
 * finds the place taken: vm_insert_page() says EBUSY, vmf_insert_pfn() maps nothing and
 * says NOPAGE. Late kernels let nobody set one in a VMA that is VM_SPECIAL.
 */
static inline bool flab_fault_has_marker(const struct flab_fault *f)
{
	return (f->vmf->flags & FAULT_FLAG_ORIG_PTE_VALID) && !pte_none(f->vmf->orig_pte);
}

#endif /* FLAB_FAULT_STATE_H */
