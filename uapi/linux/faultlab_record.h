/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What happened, callback by callback, and how long it took: records, which read()
 * on /dev/faultlab gives, and histograms. Included by <linux/faultlab.h>.
 *
 * Both are off until somebody asks for them, and cost nothing while they are.
 */
#ifndef _UAPI_LINUX_FAULTLAB_RECORD_H
#define _UAPI_LINUX_FAULTLAB_RECORD_H

#include <linux/types.h>

/*
 * FAULT  one callback that ended, be it one that will come again (RETRY). One
 *        fault may be two (.fault, then .page_mkwrite); the copy on write of a page
 *        that is already mapped is none, since the kernel asks no driver
 * STACK  how the kernel got to the callback of the FAULT before it, if its rule
 *        says so (FAULTLAB_RULE_STACK): follows it at once, as many as it takes
 * LOST   so many records of this CPU were overwritten before this reader came
 * VMA    the kernel called .mmap, or .open, .close, .may_split or .mremap of a VMA, if
 *        that is wanted (FAULTLAB_RECORDING_VMAS)
 */
enum faultlab_record_type {
	FAULTLAB_RECORD_FAULT = 1,
	FAULTLAB_RECORD_STACK,
	FAULTLAB_RECORD_LOST,
	FAULTLAB_RECORD_VMA,
};

/* What the core called. */
enum faultlab_callback {
	FAULTLAB_CALLBACK_FAULT,
	FAULTLAB_CALLBACK_MAP_PAGES,
	FAULTLAB_CALLBACK_PAGE_MKWRITE,
	FAULTLAB_CALLBACK_PFN_MKWRITE,
	FAULTLAB_CALLBACK_HUGE_FAULT,
	FAULTLAB_NR_CALLBACKS
};

/*
 * What the core called for a VMA; in the order of the counters mmap, vma_open, vma_close,
 * vma_split and mremap. VMAs that the kernel may merge (kind PAGE without INSERT and
 * WHOLE) have MMAP and MREMAP only: it splits, extends and ends them without a word.
 */
enum faultlab_vma_event {
	FAULTLAB_VMA_MMAP,	/* .mmap, before the VMA is linked */
	FAULTLAB_VMA_OPEN,	/* .open of a copy */
	FAULTLAB_VMA_CLOSE,	/* .close */
	FAULTLAB_VMA_MAY_SPLIT,	/* .may_split: before a split, which may still fail */
	FAULTLAB_VMA_MREMAP,	/* .mremap of the new place, after its pages were moved */
	FAULTLAB_NR_VMA_EVENTS
};

/*
 * Why, of OPEN and CLOSE.
 *
 * FORK   the copy is a child's (dup_mmap())
 * SPLIT  it is a part of the VMA that it was made of (__split_vma())
 * MOVE   mremap() moves to it (copy_vma())
 * UNMAP  munmap(), an mmap() in its place, or the old place of an mremap(); also the copy
 *        of a split or a move that then failed
 * END    the address space ends (exit_mmap()): the last of its tasks has called exit() or
 *        exec(), or was killed; or it is that of a fork() that failed
 */
enum faultlab_vma_why {
	FAULTLAB_WHY_NONE,
	FAULTLAB_WHY_FORK,
	FAULTLAB_WHY_SPLIT,
	FAULTLAB_WHY_MOVE,
	FAULTLAB_WHY_UNMAP,
	FAULTLAB_WHY_END,
	FAULTLAB_NR_WHYS
};

/* The lock that the core held. It hides from .page_mkwrite which: UNKNOWN. */
enum faultlab_lock {
	FAULTLAB_LOCK_VMA,
	FAULTLAB_LOCK_MMAP,
	FAULTLAB_LOCK_UNKNOWN,
	FAULTLAB_NR_LOCKS
};

/*
 * How a callback ended. MINOR and MAJOR are those that the kernel counts as a
 * fault; PART is a callback after which another one of the same fault follows, whose
 * result is that of the fault: .fault before .page_mkwrite, .map_pages before .fault.
 */
enum faultlab_result {
	FAULTLAB_RESULT_MINOR,
	FAULTLAB_RESULT_MAJOR,
	FAULTLAB_RESULT_RETRY,
	FAULTLAB_RESULT_SIGBUS,
	FAULTLAB_RESULT_OOM,
	FAULTLAB_RESULT_HWPOISON,
	FAULTLAB_RESULT_SIGSEGV,
	FAULTLAB_RESULT_PART,
	FAULTLAB_NR_RESULTS
};

/* The kernel's FAULT_FLAG_* as the callback got them; .page_mkwrite gets its own. */
#define FAULTLAB_FLAG_WRITE		(1U << 0)
#define FAULTLAB_FLAG_MKWRITE		(1U << 1)
#define FAULTLAB_FLAG_ALLOW_RETRY	(1U << 2)
#define FAULTLAB_FLAG_RETRY_NOWAIT	(1U << 3)
#define FAULTLAB_FLAG_KILLABLE		(1U << 4)
#define FAULTLAB_FLAG_TRIED		(1U << 5)
#define FAULTLAB_FLAG_USER		(1U << 6)
#define FAULTLAB_FLAG_REMOTE		(1U << 7)
#define FAULTLAB_FLAG_INSTRUCTION	(1U << 8)
#define FAULTLAB_FLAG_INTERRUPTIBLE	(1U << 9)
#define FAULTLAB_FLAG_UNSHARE		(1U << 10)
#define FAULTLAB_FLAG_ORIG_PTE_VALID	(1U << 11)
#define FAULTLAB_FLAG_VMA_LOCK		(1U << 12)

#define FAULTLAB_STACK_ENTRIES	12	/* in one record */
#define FAULTLAB_STACK_MAX	36	/* of one fault */

/* Of FAULTLAB_RECORD_FAULT. */
struct faultlab_record_fault {
	__u64 address;		/* that was accessed */
	__u64 vma_start;	/* of the VMA that it is in */
	__u64 index;		/* page of the region */
	__u64 duration_ns;	/* in the callback, waits included */
	__u64 wait_ns;		/* of these, waited because a rule said so */
	__u32 access;		/* FAULTLAB_ACCESS_*: what rules went by */
	__u32 flags;		/* FAULTLAB_FLAG_* */
	__u32 rule;		/* the rule that applied, from 1; 0: none */
	__u32 pages;		/* mapped by this callback; by .page_mkwrite what
				 * the .fault before it brought
				 */
	__u8 callback;		/* enum faultlab_callback */
	__u8 lock;		/* enum faultlab_lock */
	__u8 verdict;		/* enum faultlab_verdict */
	__u8 result;		/* enum faultlab_result */
	__u8 order;		/* of what was mapped: 9 is a PMD, 18 a PUD */
	__u8 stack;		/* how many STACK records follow */
	__u8 pad[34];		/* 0 */
};

/* Of FAULTLAB_RECORD_STACK. A secret of the kernel, see <linux/faultlab.h>: or all 0. */
struct faultlab_record_stack {
	__u64 entry[FAULTLAB_STACK_ENTRIES];	/* innermost first; nr of them */
};

/* Of FAULTLAB_RECORD_VMA. pid and tid are who did it, not always whose VMA it is. */
struct faultlab_record_vma {
	__u64 start;		/* of the VMA, as it was when the callback was called */
	__u64 end;
	__u64 index;		/* page of the region at start */
	__u64 vm_flags;		/* as the kernel has them */
	__u64 at;		/* MAY_SPLIT: where it is to be split; else 0 */
	__s32 err;		/* what the callback returned */
	__u8 event;		/* enum faultlab_vma_event */
	__u8 why;		/* enum faultlab_vma_why */
	__u8 pad[50];		/* 0 */
};

/* Of FAULTLAB_RECORD_LOST. */
struct faultlab_record_lost {
	__u64 records;
	__u64 pad[11];		/* 0 */
};

/*
 * What read() gives: whole structs, in the order of time. read() into less room
 * than one is EINVAL; without a record it waits, or gives EAGAIN with O_NONBLOCK,
 * or 0 where recording was never started. poll() is ready there, too; whoever waits
 * already, as epoll does, is told of what is started later. In a LOST record region,
 * pid and tid are 0.
 */
struct faultlab_record {
	__u64 time;	/* CLOCK_MONOTONIC in ns, at the end of the callback */
	__u16 type;	/* enum faultlab_record_type */
	__u16 nr;	/* STACK: of which entries */
	__u32 cpu;
	__u32 region;	/* its id */
	__u32 pid;	/* process and thread, in the first PID namespace */
	__u32 tid;
	__u32 pad;	/* 0 */
	union {
		struct faultlab_record_fault fault;
		struct faultlab_record_stack stack;
		struct faultlab_record_lost lost;
		struct faultlab_record_vma vma;
	};
};

/*
 * START  record from now on; again, to change the watermark
 * STOP   do not; what has been recorded can still be read
 * STATE  only say how things are
 */
enum faultlab_record_op {
	FAULTLAB_RECORD_START,
	FAULTLAB_RECORD_STOP,
	FAULTLAB_RECORD_STATE,
};

#define FAULTLAB_MAX_SLOTS	(1U << 20)	/* whatever record_slots says */

/*
 * FAULTLAB_IOC_RECORD: the records of this region, from all processes that map it.
 *   EBUSY   START with another number of slots than the first one had, or on a file
 *           that observes
 *   EINVAL  slots is no power of two, or less than 8
 *   ENOMEM  no memory for the slots
 *   ENOSPC  more slots than the module parameter record_slots
 *
 * FAULTLAB_IOC_OBSERVE: the same for all regions at once, from the time of the first
 * START. From then on read(), poll() and STATE on this file are about those;
 * recording of all regions goes on for as long as any file has it started.
 *   EPERM   a secret of tasks; likewise read() of a file that observes
 *   EINVAL  slots is not 0: the module parameter record_slots goes for all
 *   EBUSY   STOP or STATE before the first START
 */
/*
 * VMAs, too, and not only faults. Of RECORD until a START without it or STOP; of OBSERVE
 * for as long as any file has recording of all regions started.
 */
#define FAULTLAB_RECORDING_VMAS	(1U << 0)

struct faultlab_recording {
	__u32 size;
	__u32 op;	 /* enum faultlab_record_op */
	__u32 slots;	 /* a CPU keeps so many records, a power of two; START: 0 is
			  * the module parameter record_slots; out: what it is
			  */
	__u32 watermark; /* poll() wakes when so many can be read; START: 0 is 1 */
	__u64 waiting;	 /* out: records to be read, the lost ones included */
	__u64 lost;	 /* out: so many were lost to this reader, as LOST records say */
	__u32 flags;	 /* START: FAULTLAB_RECORDING_*; else must be 0 */
	__u32 pad;	 /* must be 0 */
};

#define FAULTLAB_LATENCY_BUCKETS	32

/*
 * SHOW   read
 * START  begin to measure: what was measured before stays
 * STOP   measure no more: what was measured can still be read
 * RESET  read, then start at 0
 */
enum faultlab_latency_op {
	FAULTLAB_LATENCY_SHOW,
	FAULTLAB_LATENCY_START,
	FAULTLAB_LATENCY_STOP,
	FAULTLAB_LATENCY_RESET,
};

/* All regions, those that are gone and those to come: a secret of tasks. */
#define FAULTLAB_LATENCY_ALL	(1U << 0)

/*
 * FAULTLAB_IOC_LATENCY: how long callbacks took, waits included. Bucket n counts
 * those of 2^n to 2^(n+1) - 1 ns, the first one also 0 ns, the last one all that
 * were longer. A region is measured if it was started itself or all are.
 *   EPERM   ALL, a secret of tasks
 */
struct faultlab_latency {
	__u32 size;
	__u32 op;	/* enum faultlab_latency_op */
	__u32 flags;	/* FAULTLAB_LATENCY_* */
	__u32 access;	/* SHOW, RESET: the first five of FAULTLAB_ACCESS_*, and AROUND; 0: all */
	__u32 results;	/* SHOW, RESET: 1 << enum faultlab_result; 0: all */
	__u32 running;	/* out: 1 if it is being measured */
	__u64 total_ns;	/* out: of all that were counted */
	__u64 count[FAULTLAB_LATENCY_BUCKETS];	/* out */
};

#endif /* _UAPI_LINUX_FAULTLAB_RECORD_H */
