// SPDX-License-Identifier: GPL-2.0-only
/* A record is made of a callback. */
#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <linux/timekeeping.h>
#include "record.h"

/* Bits that are the kernel's own get their numbers here, if they differ at all. */
#define FLAB_SAME(flags, NAME) \
	((flags) & FAULT_FLAG_##NAME ? FAULTLAB_FLAG_##NAME : 0)

static inline u32 flab_record_flags(unsigned int flags)
{
	return FLAB_SAME(flags, WRITE) | FLAB_SAME(flags, MKWRITE) |
	       FLAB_SAME(flags, ALLOW_RETRY) | FLAB_SAME(flags, RETRY_NOWAIT) |
	       FLAB_SAME(flags, KILLABLE) | FLAB_SAME(flags, TRIED) |
	       FLAB_SAME(flags, USER) | FLAB_SAME(flags, REMOTE) |
	       FLAB_SAME(flags, INSTRUCTION) | FLAB_SAME(flags, INTERRUPTIBLE) |
	       FLAB_SAME(flags, UNSHARE) | FLAB_SAME(flags, ORIG_PTE_VALID) |
	       FLAB_SAME(flags, VMA_LOCK);
}

/* By enum flab_access; .huge_fault says so in the mask. */
static const u8 flab_callbacks[FLAB_NR_ACCESS] = {
	[FLAB_READ]		= FAULTLAB_CALLBACK_FAULT,
	[FLAB_WRITE]		= FAULTLAB_CALLBACK_FAULT,
	[FLAB_COW]		= FAULTLAB_CALLBACK_FAULT,
	[FLAB_MKWRITE]		= FAULTLAB_CALLBACK_PAGE_MKWRITE,
	[FLAB_PFN_MKWRITE]	= FAULTLAB_CALLBACK_PFN_MKWRITE,
	[FLAB_AROUND]		= FAULTLAB_CALLBACK_MAP_PAGES,
};

/* Results that leave nothing mapped. */
#define FLAB_UNMAPPED	(BIT(FLAB_RETRY) | BIT(FLAB_SIGBUS) | BIT(FLAB_OOM) | \
			 BIT(FLAB_HWPOISON) | BIT(FLAB_SIGSEGV))

/* Its own page and others, but a mkwrite maps none, nor does a NOPAGE on purpose. */
static inline u32 flab_record_pages(const struct flab_fault *f, enum flab_result result)
{
	if (f->access > FLAB_COW)
		return f->extra;
	if ((BIT(result) & FLAB_UNMAPPED) || f->verdict.verdict == FAULTLAB_VERDICT_NOPAGE)
		return 0;
	return BIT(f->order) + f->extra;
}

static void flab_record_task(struct faultlab_record *r, u64 time, u16 type,
			     const struct flab_fault *f)
{
	r->time = time;
	r->type = type;
	r->nr = 0;
	r->cpu = smp_processor_id();
	r->region = f->region->id;
	r->pid = current->tgid;
	r->tid = current->pid;
	r->pad = 0;
}

static __always_inline void flab_record_fault(struct faultlab_record *r,
					      const struct flab_fault *f,
					      enum flab_result result, u64 ns)
{
	r->fault.address = f->address;
	r->fault.vma_start = f->vma_start;
	r->fault.index = f->index;
	r->fault.duration_ns = ns;
	r->fault.wait_ns = f->wait_ns;
	r->fault.access = f->mask;
	r->fault.flags = flab_record_flags(f->flags);
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

/* The records of a stack behind that of its fault, which is number @at. */
static void flab_record_stack(struct flab_rings *rings, struct flab_ring *ring, u64 at,
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
			flab_record_task(r, fault->time, FAULTLAB_RECORD_STACK, f);
			memset(&r->stack, 0, sizeof(r->stack));
		}
		r->stack.entry[r->nr++] = entries[i];
	}
}

/* With the stack of the kernel, which is found before preemption goes off. */
static noinline void flab_record_with_stack(struct flab_rings *rings,
					    const struct flab_fault *f,
					    enum flab_result result, u64 ns)
{
	unsigned long entries[FAULTLAB_STACK_MAX];
	unsigned int nr = stack_trace_save(entries, ARRAY_SIZE(entries), 2);
	unsigned int more = DIV_ROUND_UP(nr, FAULTLAB_STACK_ENTRIES);
	struct faultlab_record *r;
	struct flab_ring *ring;
	u64 at;

	BUILD_BUG_ON(1 + FAULTLAB_STACK_MAX / FAULTLAB_STACK_ENTRIES > FLAB_MIN_SLOTS / 2);
	at = flab_ring_begin(rings, &ring, 1 + more);
	r = flab_ring_slot(rings, ring, at);
	flab_record_task(r, ktime_get_ns(), FAULTLAB_RECORD_FAULT, f);
	flab_record_fault(r, f, result, ns);
	flab_record_stack(rings, ring, at, f, entries, nr);
	flab_ring_end(rings, ring, at + 1 + more);
}

/* See flab_record(); the rings are there and recording is on. */
void __flab_record(struct flab_rings *rings, const struct flab_fault *f,
		   enum flab_result result, u64 ns)
{
	struct faultlab_record *r;
	struct flab_ring *ring;
	u64 at;

	BUILD_BUG_ON(sizeof(*r) != 128);
	if (unlikely(f->verdict.flags & FAULTLAB_RULE_STACK)) {
		flab_record_with_stack(rings, f, result, ns);
		return;
	}
	at = flab_ring_begin(rings, &ring, 1);
	r = flab_ring_slot(rings, ring, at);
	flab_record_task(r, ktime_get_ns(), FAULTLAB_RECORD_FAULT, f);
	flab_record_fault(r, f, result, ns);
	flab_ring_end(rings, ring, at + 1);
}
