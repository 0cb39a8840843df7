// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes records to the rings: of the callbacks of a fault, and of callbacks for a VMA
 * (.mmap, .open, .close, .may_split, .mremap).
 */
#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <linux/timekeeping.h>
#include "observe/record.h"

/* Translates FAULT_FLAG_* of this kernel to the ABI's FAULTLAB_FLAG_*: bits may differ. */
#define FLAB_SAME(flags, NAME) \
	((flags) & FAULT_FLAG_##NAME ? FAULTLAB_FLAG_##NAME : 0)

static inline u32 flab_record_flags(unsigned int flags)
{
	static_assert(0 FAULTLAB_FAULT_FLAGS(FAULTLAB_COUNT) == 13, "translate the new flag");

	return FLAB_SAME(flags, WRITE) | FLAB_SAME(flags, MKWRITE) |
	       FLAB_SAME(flags, ALLOW_RETRY) | FLAB_SAME(flags, RETRY_NOWAIT) |
	       FLAB_SAME(flags, KILLABLE) | FLAB_SAME(flags, TRIED) |
	       FLAB_SAME(flags, USER) | FLAB_SAME(flags, REMOTE) |
	       FLAB_SAME(flags, INSTRUCTION) | FLAB_SAME(flags, INTERRUPTIBLE) |
	       FLAB_SAME(flags, UNSHARE) | FLAB_SAME(flags, ORIG_PTE_VALID) |
	       FLAB_SAME(flags, VMA_LOCK);
}

/*
 * The callback for each enum flab_access. .huge_fault is not in it, as its accesses are
 * those of .fault: FAULTLAB_ACCESS_HUGE is set in @mask of its struct flab_fault.
 */
static const u8 flab_callbacks[] = {
	[FLAB_READ]		= FAULTLAB_CALLBACK_FAULT,
	[FLAB_WRITE]		= FAULTLAB_CALLBACK_FAULT,
	[FLAB_COW]		= FAULTLAB_CALLBACK_FAULT,
	[FLAB_MKWRITE]		= FAULTLAB_CALLBACK_PAGE_MKWRITE,
	[FLAB_PFN_MKWRITE]	= FAULTLAB_CALLBACK_PFN_MKWRITE,
	[FLAB_AROUND]		= FAULTLAB_CALLBACK_MAP_PAGES,
};

static_assert(ARRAY_SIZE(flab_callbacks) == FLAB_NR_ACCESS, "add the new access");

/*
 * Results with which .fault and .huge_fault map nothing. For PART the core maps the page
 * after .page_mkwrite, whose record counts it.
 */
#define FLAB_UNMAPPED	(BIT(FLAB_RETRY) | BIT(FLAB_SIGBUS) | BIT(FLAB_OOM) | \
			 BIT(FLAB_HWPOISON) | BIT(FLAB_SIGSEGV) | BIT(FLAB_PART))
static_assert(FAULTLAB_NR_RESULTS == 8, "is anything mapped with the new result?");

/*
 * How many pages the callback mapped. For .fault and .huge_fault: the 2^@order pages of
 * the entry that the fault is about, and the @extra ones mapped along with them; 0 with a
 * result in FLAB_UNMAPPED, and after a NOPAGE verdict. For .page_mkwrite, .pfn_mkwrite and
 * .map_pages @extra counts all pages.
 */
static __always_inline u32 flab_record_pages(const struct flab_fault *f,
					     enum flab_result result)
{
	if (unlikely(f->access > FLAB_COW))
		return f->extra;
	if (likely(result == FLAB_MINOR && !f->special))
		return BIT(f->order) + f->extra;
	if ((BIT(result) & FLAB_UNMAPPED) || f->verdict.verdict == FAULTLAB_VERDICT_NOPAGE)
		return 0;
	return BIT(f->order) + f->extra;
}

/*
 * Write the fields that all types of records have, but for @time. @cpu and @pad are not
 * written: flab_rings_create() has set @cpu and zeroed @pad in all slots.
 */
static __always_inline void flab_record_task(struct faultlab_record *r, u16 type,
					     const struct flab_region *region)
{
	r->type = type;
	r->nr = 0;
	r->region = region->id;
	r->pid = current->tgid;
	r->tid = current->pid;
}

/*
 * Write the address, the VMA's start and the fault flags. If the fault has dropped its lock
 * (@file is set), @vmf must not be accessed, and flab_record_save() has copied them.
 */
static __always_inline void flab_record_place(struct faultlab_record *r,
					      const struct flab_fault *f)
{
	const struct vm_fault *vmf = f->vmf;
	bool left = f->file;

	r->fault.address = left ? f->address : vmf->real_address;
	r->fault.vma_start = left ? f->vma_start : vmf->vma->vm_start;
	r->fault.flags = flab_record_flags(left ? f->flags : vmf->flags);
}

static __always_inline void flab_record_fault(struct faultlab_record *r,
					      const struct flab_fault *f,
					      enum flab_result result, u64 ns)
{
	flab_record_place(r, f);
	r->fault.index = f->index;
	r->fault.duration_ns = ns;
	r->fault.wait_ns = f->wait_ns;
	r->fault.access = f->mask;
	r->fault.rule = f->verdict.rule;
	r->fault.pages = flab_record_pages(f, result);
	r->fault.callback = f->mask & FAULTLAB_ACCESS_HUGE ? FAULTLAB_CALLBACK_HUGE_FAULT :
							     flab_callbacks[f->access];
	r->fault.lock = f->lock;
	r->fault.verdict = f->verdict.verdict;
	r->fault.result = result;
	r->fault.order = f->order;
	r->fault.stack = 0;
}

/* Write the STACK records of a fault, after its FAULT record, which has number @at in @ring. */
static void flab_record_entries(struct flab_rings *rings, struct flab_ring *ring, u64 at,
				const struct flab_fault *f, const unsigned long *entries,
				unsigned int nr)
{
	struct faultlab_record *fault = flab_ring_slot(rings, ring, at);
	struct faultlab_record *r;
	unsigned int i;

	fault->fault.stack = DIV_ROUND_UP(nr, FAULTLAB_STACK_ENTRIES);
	for (i = 0; i < nr; i++) {
		r = flab_ring_slot(rings, ring, at + 1 + i / FAULTLAB_STACK_ENTRIES);
		if (i % FAULTLAB_STACK_ENTRIES == 0) {
			flab_record_task(r, FAULTLAB_RECORD_STACK, f->region);
			r->time = fault->time;
			memset(&r->stack, 0, sizeof(r->stack));
		}
		r->stack.entry[r->nr++] = entries[i];
	}
}

/* Write the FAULT record of a callback, and STACK records if it has a stack. */
static __always_inline void flab_record_to(struct flab_rings *rings, const struct flab_fault *f,
					   enum flab_result result, u64 ns,
					   const unsigned long *entries, unsigned int nr)
{
	unsigned int more = DIV_ROUND_UP(nr, FAULTLAB_STACK_ENTRIES);
	struct faultlab_record *r;
	struct flab_ring *ring;
	u64 at;

	BUILD_BUG_ON(sizeof(*r) != 128);
	at = flab_ring_begin(rings, &ring, 1 + more);
	r = flab_ring_slot(rings, ring, at);
	flab_record_fault(r, f, result, ns);
	flab_record_task(r, FAULTLAB_RECORD_FAULT, f->region);
	/* Read last, so that few values must be kept across the call. */
	r->time = ktime_get_ns();
	if (nr)
		flab_record_entries(rings, ring, at, f, entries, nr);
	flab_ring_end(rings, ring, at + 1 + more);
}

static bool flab_rings_want(const struct flab_rings *rings)
{
	return rings && READ_ONCE(rings->running);
}

static noinline void flab_record_to_one(struct flab_rings *rings, const struct flab_fault *f,
					enum flab_result result, u64 ns)
{
	if (flab_rings_want(rings))
		flab_record_to(rings, f, result, ns, NULL, 0);
}

static noinline void flab_record_to_both(const struct flab_fault *f, enum flab_result result,
					 u64 ns)
{
	flab_record_to_one(READ_ONCE(flab_all_rings), f, result, ns);
	flab_record_to_one(READ_ONCE(f->region->rings), f, result, ns);
}

/**
 * flab_record - record a callback in the rings of its region and of all regions
 * @f: the fault
 * @result: how it ended
 * @ns: how long it took
 */
void flab_record(const struct flab_fault *f, enum flab_result result, u64 ns)
{
	struct flab_rings *own = READ_ONCE(f->region->rings);

	if (unlikely(flab_rings_want(READ_ONCE(flab_all_rings))))
		flab_record_to_both(f, result, ns);
	else if (flab_rings_want(own))
		flab_record_to(own, f, result, ns, NULL, 0);
}

/**
 * flab_record_with_stack - record a callback and its kernel stack
 * @f: the fault
 * @result: how it ended
 * @ns: how long it took
 *
 * Writes to the same rings as flab_record(). The stack is saved before flab_ring_begin()
 * disables preemption. Its first entry is the caller of this function.
 */
void flab_record_with_stack(const struct flab_fault *f, enum flab_result result, u64 ns)
{
	unsigned long entries[FAULTLAB_STACK_MAX];
	unsigned int nr = stack_trace_save(entries, ARRAY_SIZE(entries), 1);
	struct flab_rings *rings[] = { READ_ONCE(flab_all_rings), READ_ONCE(f->region->rings) };
	unsigned int i;

	BUILD_BUG_ON(1 + FAULTLAB_STACK_MAX / FAULTLAB_STACK_ENTRIES > FLAB_MIN_SLOTS / 2);
	for (i = 0; i < ARRAY_SIZE(rings); i++)
		if (flab_rings_want(rings[i]))
			flab_record_to(rings[i], f, result, ns, entries, nr);
}

static void flab_record_vma_to(struct flab_rings *rings, const struct flab_region *region,
			       const struct faultlab_record_vma *vma)
{
	struct faultlab_record *r;
	struct flab_ring *ring;
	u64 at;

	BUILD_BUG_ON(sizeof(*r) != offsetof(struct faultlab_record, vma) + sizeof(*vma));
	at = flab_ring_begin(rings, &ring, 1);
	r = flab_ring_slot(rings, ring, at);
	r->vma = *vma;
	flab_record_task(r, FAULTLAB_RECORD_VMA, region);
	r->time = ktime_get_ns();
	flab_ring_end(rings, ring, at + 1);
}

/**
 * flab_record_vma - record a callback for a VMA, in the rings that have @vmas set
 * @region: region of the VMA
 * @vma: the part of the record that is about the VMA
 */
void flab_record_vma(const struct flab_region *region, const struct faultlab_record_vma *vma)
{
	struct flab_rings *rings[] = { READ_ONCE(flab_all_rings), READ_ONCE(region->rings) };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rings); i++)
		if (flab_rings_want(rings[i]) && READ_ONCE(rings[i]->vmas))
			flab_record_vma_to(rings[i], region, vma);
}
