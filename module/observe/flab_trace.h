/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events: faultlab:flab_fault_enter, flab_fault_exit, flab_evict, flab_mmap,
 * flab_vma.
 * Fault flags and return values are printed with the kernel's own tables
 * (FAULT_FLAG_TRACE, VM_FAULT_RESULT_TRACE). TRACE_DEFINE_ENUM() has the kernel replace
 * enumerators by their numbers in an event's `format` file, for programs that parse it.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM faultlab

#if !defined(FLAB_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define FLAB_TRACE_H

#include <linux/mm.h>
#include <linux/tracepoint.h>
#include "region/fault_state.h"

/*
 * Lists of values and names for __print_symbolic(). Its last row must have no comma after
 * it, but FLAB_*_ROW() end each row with one. So each list has a last row "?", with a value
 * that is not in the list.
 */
#define FLAB_ACCESS_ROW(NAME, bit, name, ...)	{ FAULTLAB_ACCESS_##NAME, name },
#define FLAB_TRACE_ACCESS	FAULTLAB_ACCESSES(FLAB_ACCESS_ROW) { 0, "?" }
#define FLAB_LOCK_ROW(NAME, name, ...)	{ FAULTLAB_LOCK_##NAME, name },
#define FLAB_TRACE_LOCK		FAULTLAB_LOCKS(FLAB_LOCK_ROW) { FAULTLAB_NR_LOCKS, "?" }
#define FLAB_VERDICT_ROW(NAME, name, ...)	{ FAULTLAB_VERDICT_##NAME, name },
#define FLAB_TRACE_VERDICT	FAULTLAB_VERDICTS(FLAB_VERDICT_ROW) { FAULTLAB_NR_VERDICTS, "?" }
#define FLAB_VMA_EVENT_ROW(NAME, name, ...)	{ FAULTLAB_VMA_##NAME, name },
#define FLAB_TRACE_VMA_EVENT \
	FAULTLAB_VMA_EVENTS(FLAB_VMA_EVENT_ROW) { FAULTLAB_NR_VMA_EVENTS, "?" }
#define FLAB_WHY_ROW(NAME, name, ...)	{ FAULTLAB_WHY_##NAME, name },
#define FLAB_TRACE_WHY		FAULTLAB_WHYS(FLAB_WHY_ROW) { FAULTLAB_NR_WHYS, "?" }

#define FLAB_DEFINE_ACCESS(NAME, ...)		TRACE_DEFINE_ENUM(FAULTLAB_ACCESS_##NAME);
#define FLAB_DEFINE_LOCK(NAME, ...)		TRACE_DEFINE_ENUM(FAULTLAB_LOCK_##NAME);
#define FLAB_DEFINE_VERDICT(NAME, ...)		TRACE_DEFINE_ENUM(FAULTLAB_VERDICT_##NAME);
#define FLAB_DEFINE_VMA_EVENT(NAME, ...)	TRACE_DEFINE_ENUM(FAULTLAB_VMA_##NAME);
#define FLAB_DEFINE_WHY(NAME, ...)		TRACE_DEFINE_ENUM(FAULTLAB_WHY_##NAME);

FAULTLAB_ACCESSES(FLAB_DEFINE_ACCESS)
FAULTLAB_LOCKS(FLAB_DEFINE_LOCK)
FAULTLAB_VERDICTS(FLAB_DEFINE_VERDICT)
FAULTLAB_VMA_EVENTS(FLAB_DEFINE_VMA_EVENT)
FAULTLAB_WHYS(FLAB_DEFINE_WHY)

TRACE_DEFINE_ENUM(FAULTLAB_NR_LOCKS);
TRACE_DEFINE_ENUM(FAULTLAB_NR_VERDICTS);
TRACE_DEFINE_ENUM(FAULTLAB_NR_VMA_EVENTS);
TRACE_DEFINE_ENUM(FAULTLAB_NR_WHYS);

TRACE_DEFINE_ENUM(FAULT_FLAG_WRITE);
TRACE_DEFINE_ENUM(FAULT_FLAG_MKWRITE);
TRACE_DEFINE_ENUM(FAULT_FLAG_ALLOW_RETRY);
TRACE_DEFINE_ENUM(FAULT_FLAG_RETRY_NOWAIT);
TRACE_DEFINE_ENUM(FAULT_FLAG_KILLABLE);
TRACE_DEFINE_ENUM(FAULT_FLAG_TRIED);
TRACE_DEFINE_ENUM(FAULT_FLAG_USER);
TRACE_DEFINE_ENUM(FAULT_FLAG_REMOTE);
TRACE_DEFINE_ENUM(FAULT_FLAG_INSTRUCTION);
TRACE_DEFINE_ENUM(FAULT_FLAG_INTERRUPTIBLE);
TRACE_DEFINE_ENUM(FAULT_FLAG_VMA_LOCK);

TRACE_DEFINE_ENUM(VM_FAULT_OOM);
TRACE_DEFINE_ENUM(VM_FAULT_SIGBUS);
TRACE_DEFINE_ENUM(VM_FAULT_MAJOR);
TRACE_DEFINE_ENUM(VM_FAULT_WRITE);
TRACE_DEFINE_ENUM(VM_FAULT_HWPOISON);
TRACE_DEFINE_ENUM(VM_FAULT_HWPOISON_LARGE);
TRACE_DEFINE_ENUM(VM_FAULT_SIGSEGV);
TRACE_DEFINE_ENUM(VM_FAULT_NOPAGE);
TRACE_DEFINE_ENUM(VM_FAULT_LOCKED);
TRACE_DEFINE_ENUM(VM_FAULT_RETRY);
TRACE_DEFINE_ENUM(VM_FAULT_FALLBACK);
TRACE_DEFINE_ENUM(VM_FAULT_DONE_COW);
TRACE_DEFINE_ENUM(VM_FAULT_NEEDDSYNC);
TRACE_DEFINE_ENUM(VM_FAULT_COMPLETED);

TRACE_EVENT(flab_fault_enter,
	TP_PROTO(const struct flab_fault *f, const struct vm_fault *vmf),
	TP_ARGS(f, vmf),
	TP_STRUCT__entry(
		__field(u32, region)
		__field(u32, access)
		__field(u64, index)
		__field(u64, address)
		__field(u32, flags)
	),
	TP_fast_assign(
		__entry->region = f->region->id;
		__entry->access = flab_access_mask[f->access];
		__entry->index = f->index;
		__entry->address = vmf->real_address;
		__entry->flags = vmf->flags;
	),
	TP_printk("region=%u page=%llu address=0x%llx access=%s flags=%s",
		  __entry->region, __entry->index, __entry->address,
		  __print_symbolic(__entry->access, FLAB_TRACE_ACCESS),
		  __print_flags(__entry->flags, "|", FAULT_FLAG_TRACE))
);

/* The callback may have dropped mmap_lock or the VMA lock: do not access its VMA here. */
TRACE_EVENT(flab_fault_exit,
	TP_PROTO(const struct flab_fault *f, vm_fault_t ret),
	TP_ARGS(f, ret),
	TP_STRUCT__entry(
		__field(u32, region)
		__field(u32, access)
		__field(u64, index)
		__field(u32, lock)
		__field(u32, verdict)
		__field(u32, rule)
		__field(u32, order)
		__field(u32, extra)
		__field(u32, ret)
	),
	TP_fast_assign(
		__entry->region = f->region->id;
		__entry->access = flab_access_mask[f->access];
		__entry->index = f->index;
		__entry->lock = f->lock;
		__entry->verdict = f->verdict.verdict;
		__entry->rule = f->verdict.rule;
		__entry->order = f->order;
		__entry->extra = f->extra;
		__entry->ret = (__force u32)ret;
	),
	TP_printk("region=%u page=%llu access=%s lock=%s verdict=%s rule=%u order=%u extra=%u ret=%s",
		  __entry->region, __entry->index,
		  __print_symbolic(__entry->access, FLAB_TRACE_ACCESS),
		  __print_symbolic(__entry->lock, FLAB_TRACE_LOCK),
		  __print_symbolic(__entry->verdict, FLAB_TRACE_VERDICT),
		  __entry->rule, __entry->order, __entry->extra,
		  __print_flags(__entry->ret, "|", VM_FAULT_RESULT_TRACE))
);

/*
 * Emitted after the entries of pages @first to @last were zapped, for an unplug those of
 * all pages. @cows: the entries of CoW copies were zapped, too.
 */
TRACE_EVENT(flab_evict,
	TP_PROTO(u32 region, u64 first, u64 last, bool cows),
	TP_ARGS(region, first, last, cows),
	TP_STRUCT__entry(
		__field(u32, region)
		__field(u32, cows)
		__field(u64, first)
		__field(u64, last)
	),
	TP_fast_assign(
		__entry->region = region;
		__entry->cows = cows;
		__entry->first = first;
		__entry->last = last;
	),
	TP_printk("region=%u pages=%llu-%llu cows=%u",
		  __entry->region, __entry->first, __entry->last, __entry->cows)
);

TRACE_EVENT(flab_mmap,
	TP_PROTO(u32 region, const struct vm_area_struct *vma, int err),
	TP_ARGS(region, vma, err),
	TP_STRUCT__entry(
		__field(u32, region)
		__field(s32, err)
		__field(u64, start)
		__field(u64, end)
		__field(u64, index)
		__field(u64, vm_flags)
	),
	TP_fast_assign(
		__entry->region = region;
		__entry->err = err;
		__entry->start = vma->vm_start;
		__entry->end = vma->vm_end;
		__entry->index = vma->vm_pgoff;
		__entry->vm_flags = vma->vm_flags;
	),
	TP_printk("region=%u page=%llu range=0x%llx-0x%llx vm_flags=0x%llx err=%d",
		  __entry->region, __entry->index, __entry->start, __entry->end,
		  __entry->vm_flags, __entry->err)
);

/*
 * Emitted by .mmap, .open, .close, .may_split and .mremap: @event is which of them, @why
 * the reason for which the kernel called .open or .close.
 */
TRACE_EVENT(flab_vma,
	TP_PROTO(u32 region, const struct faultlab_record_vma *vma),
	TP_ARGS(region, vma),
	TP_STRUCT__entry(
		__field(u32, region)
		__field(u32, event)
		__field(u32, why)
		__field(s32, err)
		__field(u64, start)
		__field(u64, end)
		__field(u64, index)
		__field(u64, at)
	),
	TP_fast_assign(
		__entry->region = region;
		__entry->event = vma->event;
		__entry->why = vma->why;
		__entry->err = vma->err;
		__entry->start = vma->start;
		__entry->end = vma->end;
		__entry->index = vma->index;
		__entry->at = vma->at;
	),
	TP_printk("region=%u page=%llu range=0x%llx-0x%llx event=%s why=%s at=0x%llx err=%d",
		  __entry->region, __entry->index, __entry->start, __entry->end,
		  __print_symbolic(__entry->event, FLAB_TRACE_VMA_EVENT),
		  __print_symbolic(__entry->why, FLAB_TRACE_WHY),
		  __entry->at, __entry->err)
);

#endif /* FLAB_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH observe
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE flab_trace
#include <trace/define_trace.h>
