/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Records, which read() on /dev/faultlab returns: one for each callback, with its
 * duration. Recording is off until it is started, and costs nothing while it is off.
 * Included by <linux/faultlab.h>.
 */
#ifndef _UAPI_LINUX_FAULTLAB_RECORD_H
#define _UAPI_LINUX_FAULTLAB_RECORD_H

#include <linux/types.h>

/*
 * FAULT  a callback has ended, even if it returned VM_FAULT_RETRY. One fault may have two
 *        records (.fault, then .page_mkwrite). CoW of a page that is already mapped has no
 *        record, since the kernel copies it without calling the driver
 * STACK  kernel stack of a callback: one or more directly after its FAULT record, if the
 *        rule that applied has FAULTLAB_RULE_STACK
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
 * and ends them without calling the driver. The order is that of the counters mmap,
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
 *        exec(), or was killed; or fork() failed, and the address space was the child's
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

/*
 * The lock that the core held. UNKNOWN in .page_mkwrite: do_page_mkwrite() replaces the
 * FAULT_FLAG_* from which the module could tell.
 */
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
 * The kernel's FAULT_FLAG_* that the callback was called with. Those of .page_mkwrite are
 * not the fault's: do_page_mkwrite() replaces them.
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

/* What a FAULT record holds. */
struct faultlab_record_fault {
	__u64 address;		/* the address that was accessed */
	__u64 vma_start;	/* vm_start of the VMA that address is in */
	__u64 index;		/* page of the region */
	__u64 duration_ns;	/* in the callback, waits included */
	__u64 wait_ns;		/* the part of duration_ns spent in a rule's delay */
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
 * What a STACK record holds. It is a secret of the kernel (see <linux/faultlab.h>): a
 * reader that may not see it gets zeros.
 */
struct faultlab_record_stack {
	__u64 entry[FAULTLAB_STACK_ENTRIES];	/* innermost first; nr of them */
};

/*
 * What a VMA record holds. pid and tid of such a record are those of the running task
 * (current), which need not belong to the VMA's process: in fork() the parent runs when
 * .open is called for the child's VMA.
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

/* What a LOST record holds: how many records were lost. */
struct faultlab_record_lost {
	__u64 records;
	__u64 pad[11];		/* 0 */
};

/*
 * A record. read() returns whole structs, in the order of time; a buffer smaller than one
 * struct is EINVAL. If there is no record, read() waits, or gives EAGAIN with O_NONBLOCK.
 * If recording was never started, read() returns 0 (end of file), and poll() reports the
 * file as readable. A waiter that was queued on the file before recording is started
 * (epoll keeps one) is woken when recording starts. In a LOST record, region, pid and tid
 * are 0.
 */
struct faultlab_record {
	__u64 time;	/* CLOCK_MONOTONIC in ns, at the end of the callback */
	__u16 type;	/* enum faultlab_record_type */
	__u16 nr;	/* STACK: number of entries */
	__u32 cpu;
	__u32 region;	/* id of the region (struct faultlab_info) */
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

#define FAULTLAB_MAX_SLOTS	(1U << 20)	/* most slots, even if record_slots is higher */

/*
 * FAULTLAB_IOC_RECORD: the records of this region, from all processes that map it.
 *   EBUSY   START with another number of slots than the first START, or on a file on
 *           which OBSERVE was started
 *   EINVAL  slots is no power of two, or less than 8
 *   ENOMEM  no memory for the slots
 *   ENOSPC  slots is more than the module parameter record_slots allows
 *
 * FAULTLAB_IOC_OBSERVE: the same for all regions at once. After the first START,
 * read(), poll() and STATE on this file are about the records of all regions. All
 * regions are recorded for as long as any file has OBSERVE started; read() returns these
 * records also from a file on which OBSERVE was stopped, or started again since.
 *   EPERM   the caller or the opener of the file lacks CAP_SYS_ADMIN: records of all
 *           regions are a secret of tasks. After START, read() gives EPERM likewise
 *   EINVAL  slots is not 0: OBSERVE takes the module parameter record_slots
 *   EBUSY   STOP or STATE before the first START of OBSERVE on this file
 */
/*
 * START: record VMA events, too. With RECORD, this lasts until STOP or a START without
 * this flag; with OBSERVE, for as long as any file has OBSERVE started.
 */
#define FAULTLAB_RECORDING_VMAS	(1U << 0)

struct faultlab_recording {
	__u32 size;
	__u32 op;	 /* enum faultlab_record_op */
	__u32 slots;	 /* records that are kept for each CPU, a power of two; START: 0
			  * means the module parameter record_slots; out: the value used
			  */
	__u32 watermark; /* poll() wakes when so many can be read; START: 0 means 1 */
	__u64 waiting;	 /* out: records that can be read, including lost ones */
	__u64 lost;	 /* out: records that this file lost, as in LOST records */
	__u32 flags;	 /* START: FAULTLAB_RECORDING_*; else must be 0 */
	__u32 pad;	 /* must be 0 */
};

#endif /* _UAPI_LINUX_FAULTLAB_RECORD_H */
