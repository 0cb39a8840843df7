/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Records, which read() on /dev/faultlab returns: one for each callback, and how long
 * it took. They are off until they are started, and cost nothing while off. Included by
 * <linux/faultlab.h>.
 */
#ifndef _UAPI_LINUX_FAULTLAB_RECORD_H
#define _UAPI_LINUX_FAULTLAB_RECORD_H

#include <linux/types.h>

/*
 * FAULT  a callback has ended, also with RETRY. One fault may have two records (.fault,
 *        then .page_mkwrite). CoW of a page that is already mapped has none, since the
 *        kernel calls no driver
 * STACK  kernel stack of the callback in the FAULT record before it, if its rule has
 *        FAULTLAB_RULE_STACK: one or more, directly after the FAULT record
 * LOST   how many records of this CPU were overwritten before they were read
 * VMA    with FAULTLAB_RECORDING_VMAS: the kernel called .mmap, or .open, .close,
 *        .may_split or .mremap of a VMA
 */
enum faultlab_record_type {
	FAULTLAB_RECORD_FAULT = 1,
	FAULTLAB_RECORD_STACK,
	FAULTLAB_RECORD_LOST,
	FAULTLAB_RECORD_VMA,
};

/* The callback that the core called. */
#define FAULTLAB_CALLBACKS(X)		\
	X(FAULT, "fault")		\
	X(MAP_PAGES, "map_pages")	\
	X(PAGE_MKWRITE, "page_mkwrite")	\
	X(PFN_MKWRITE, "pfn_mkwrite")	\
	X(HUGE_FAULT, "huge_fault")

#define FAULTLAB_ENUM_CALLBACK(NAME, ...)	FAULTLAB_CALLBACK_##NAME,

enum faultlab_callback {
	FAULTLAB_CALLBACKS(FAULTLAB_ENUM_CALLBACK)
	FAULTLAB_NR_CALLBACKS
};

/*
 * The callback that the core called for a VMA. VMAs that the kernel may merge (kind
 * PAGE without INSERT and WHOLE) have MMAP and MREMAP only: the kernel splits, extends
 * and ends them without calling the driver. In the order of the counters mmap,
 * vma_open, vma_close, vma_split and mremap.
 *
 * MMAP       .mmap, before the VMA is linked
 * OPEN       .open of a new VMA that is a copy
 * CLOSE      .close
 * MAY_SPLIT  .may_split: before a split, which may still fail
 * MREMAP     .mremap of the new VMA, after its entries were moved
 */
#define FAULTLAB_VMA_EVENTS(X)		\
	X(MMAP, "mmap")			\
	X(OPEN, "open")			\
	X(CLOSE, "close")		\
	X(MAY_SPLIT, "may_split")	\
	X(MREMAP, "mremap")

#define FAULTLAB_ENUM_VMA_EVENT(NAME, ...)	FAULTLAB_VMA_##NAME,

enum faultlab_vma_event {
	FAULTLAB_VMA_EVENTS(FAULTLAB_ENUM_VMA_EVENT)
	FAULTLAB_NR_VMA_EVENTS
};

/*
 * The reason of OPEN (FORK, SPLIT, MOVE) or CLOSE (UNMAP, END).
 *
 * FORK   the copy is a child's (dup_mmap())
 * SPLIT  the copy is a part of a VMA that was split (__split_vma())
 * MOVE   the copy is the new place of an mremap() (copy_vma())
 * UNMAP  munmap(), an mmap() in its place, or the old place of an mremap(); also the copy
 *        of a split or a move that then failed
 * END    the address space ends (exit_mmap()): the last of its tasks has called exit() or
 *        exec(), or was killed; or a fork() failed, and this was the child's
 */
#define FAULTLAB_WHYS(X)	\
	X(NONE, "-")		\
	X(FORK, "fork")		\
	X(SPLIT, "split")	\
	X(MOVE, "move")		\
	X(UNMAP, "unmap")	\
	X(END, "end")

#define FAULTLAB_ENUM_WHY(NAME, ...)	FAULTLAB_WHY_##NAME,

enum faultlab_vma_why {
	FAULTLAB_WHYS(FAULTLAB_ENUM_WHY)
	FAULTLAB_NR_WHYS
};

/* The lock that the core held. UNKNOWN: .page_mkwrite cannot tell. */
#define FAULTLAB_LOCKS(X)	\
	X(VMA, "vma")		\
	X(MMAP, "mmap")		\
	X(UNKNOWN, "unknown")

#define FAULTLAB_ENUM_LOCK(NAME, ...)	FAULTLAB_LOCK_##NAME,

enum faultlab_lock {
	FAULTLAB_LOCKS(FAULTLAB_ENUM_LOCK)
	FAULTLAB_NR_LOCKS
};

/* How a callback ended. Each row says what it returned, and what that means. */
#define FAULTLAB_RESULTS(X)									\
	X(MINOR, "minor", "0, VM_FAULT_LOCKED or VM_FAULT_NOPAGE",				\
	  "the kernel adds 1 to the task's min_flt")						\
	X(MAJOR, "major", "the same with VM_FAULT_MAJOR, or after a retry (FAULT_FLAG_TRIED)",	\
	  "the kernel adds 1 to the task's maj_flt")						\
	X(RETRY, "retry", "VM_FAULT_RETRY", "the lock was dropped, and the kernel calls again")	\
	X(SIGBUS, "sigbus", "VM_FAULT_SIGBUS",							\
	  "the fault failed, and is in neither min_flt nor maj_flt")				\
	X(OOM, "oom", "VM_FAULT_OOM", "the same")						\
	X(HWPOISON, "hwpoison", "VM_FAULT_HWPOISON or VM_FAULT_HWPOISON_LARGE", "the same")	\
	X(SIGSEGV, "sigsegv", "VM_FAULT_SIGSEGV", "the same")					\
	X(PART, "part", "as minor or major",							\
	  "another callback of the same fault follows and has the fault's "			\
	  "result, as .page_mkwrite after .fault, or .fault after .map_pages")

#define FAULTLAB_ENUM_RESULT(NAME, ...)	FAULTLAB_RESULT_##NAME,

enum faultlab_result {
	FAULTLAB_RESULTS(FAULTLAB_ENUM_RESULT)
	FAULTLAB_NR_RESULTS
};

/*
 * The kernel's FAULT_FLAG_* in the callback. The core replaces those of .page_mkwrite.
 */
#define FAULTLAB_FAULT_FLAGS(X)			\
	X(WRITE, 0, "write")			\
	X(MKWRITE, 1, "mkwrite")		\
	X(ALLOW_RETRY, 2, "allow_retry")	\
	X(RETRY_NOWAIT, 3, "retry_nowait")	\
	X(KILLABLE, 4, "killable")		\
	X(TRIED, 5, "tried")			\
	X(USER, 6, "user")			\
	X(REMOTE, 7, "remote")			\
	X(INSTRUCTION, 8, "instruction")	\
	X(INTERRUPTIBLE, 9, "interruptible")	\
	X(UNSHARE, 10, "unshare")		\
	X(ORIG_PTE_VALID, 11, "orig_pte_valid")	\
	X(VMA_LOCK, 12, "vma_lock")

#define FAULTLAB_ENUM_FLAG(NAME, bit, ...)	FAULTLAB_FLAG_##NAME = 1U << (bit),

enum faultlab_fault_flag {
	FAULTLAB_FAULT_FLAGS(FAULTLAB_ENUM_FLAG)
};

#define FAULTLAB_STACK_ENTRIES	12	/* in one record */
#define FAULTLAB_STACK_MAX	36	/* of one fault */

/* Of FAULTLAB_RECORD_FAULT. */
struct faultlab_record_fault {
	__u64 address;		/* that was accessed */
	__u64 vma_start;	/* of the VMA that it is in */
	__u64 index;		/* page of the region */
	__u64 duration_ns;	/* in the callback, waits included */
	__u64 wait_ns;		/* the part of it spent in a rule's delay */
	__u32 access;		/* FAULTLAB_ACCESS_* that rules were matched with */
	__u32 flags;		/* FAULTLAB_FLAG_* */
	__u32 rule;		/* the rule that applied, from 1; 0: none */
	__u32 pages;		/* pages that this callback mapped; for .page_mkwrite
				 * those of the .fault before it
				 */
	__u8 callback;		/* enum faultlab_callback */
	__u8 lock;		/* enum faultlab_lock */
	__u8 verdict;		/* enum faultlab_verdict */
	__u8 result;		/* enum faultlab_result */
	__u8 order;		/* of the leaf that was mapped: 9 is a PMD, 18 a PUD */
	__u8 stack;		/* how many STACK records follow */
	__u8 pad[34];		/* 0 */
};

/*
 * Of FAULTLAB_RECORD_STACK. A secret of the kernel (see <linux/faultlab.h>): all 0 for
 * a reader that may not see it.
 */
struct faultlab_record_stack {
	__u64 entry[FAULTLAB_STACK_ENTRIES];	/* innermost first; nr of them */
};

/*
 * Of FAULTLAB_RECORD_VMA. pid and tid are those of the task that called the kernel,
 * which need not be one of the VMA's own tasks.
 */
struct faultlab_record_vma {
	__u64 start;		/* of the VMA, as it was when the callback was called */
	__u64 end;
	__u64 index;		/* page of the region at start */
	__u64 vm_flags;		/* the kernel's VM_* */
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
 * read() returns whole structs, in the order of time. Less room than for one is EINVAL.
 * If there is no record, read() waits, or gives EAGAIN with O_NONBLOCK; if recording
 * was never started, it returns 0, and poll() says readable. A waiter that is queued
 * before recording is started, as epoll's, is woken when it starts. In a LOST record
 * region, pid and tid are 0.
 */
struct faultlab_record {
	__u64 time;	/* CLOCK_MONOTONIC in ns, at the end of the callback */
	__u16 type;	/* enum faultlab_record_type */
	__u16 nr;	/* STACK: number of entries */
	__u32 cpu;
	__u32 region;	/* its id */
	__u32 pid;	/* process and thread, in the initial PID namespace */
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
 * START  record from now on; can be repeated to change the watermark
 * STOP   stop recording; records that were made can still be read
 * STATE  only fill the output fields
 */
enum faultlab_record_op {
	FAULTLAB_RECORD_START,
	FAULTLAB_RECORD_STOP,
	FAULTLAB_RECORD_STATE,
};

#define FAULTLAB_MAX_SLOTS	(1U << 20)	/* limit, even if record_slots is higher */

/*
 * FAULTLAB_IOC_RECORD: the records of this region, from all processes that map it.
 *   EBUSY   START with another number of slots than the first START, or on a file that
 *           observes
 *   EINVAL  slots is no power of two, or less than 8
 *   ENOMEM  no memory for the slots
 *   ENOSPC  more slots than the module parameter record_slots
 *
 * FAULTLAB_IOC_OBSERVE: the same for all regions at once. After the first START,
 * read(), poll() and STATE on this file are about the records of all regions. All
 * regions are recorded for as long as any file has OBSERVE started.
 *   EPERM   a secret of tasks; read() of a file that observes gives EPERM, too
 *   EINVAL  slots is not 0: OBSERVE takes the module parameter record_slots
 *   EBUSY   STOP or STATE before the first START
 */
/*
 * Record VMA events, too. With RECORD until STOP or a START without this flag; with
 * OBSERVE for as long as any file has OBSERVE started.
 */
#define FAULTLAB_RECORDING_VMAS	(1U << 0)

struct faultlab_recording {
	__u32 size;
	__u32 op;	 /* enum faultlab_record_op */
	__u32 slots;	 /* records that are kept for each CPU, a power of two; START: 0
			  * means the module parameter record_slots; out: the value used
			  */
	__u32 watermark; /* poll() wakes when so many can be read; START: 0 is 1 */
	__u64 waiting;	 /* out: records that can be read, including lost ones */
	__u64 lost;	 /* out: records that this file lost, as in LOST records */
	__u32 flags;	 /* START: FAULTLAB_RECORDING_*; else must be 0 */
	__u32 pad;	 /* must be 0 */
};

#endif /* _UAPI_LINUX_FAULTLAB_RECORD_H */
