/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * faultlab: a laboratory for page faults. The ABI of /dev/faultlab.
 *
 * One open of /dev/faultlab is one region: memory of a kind, rules for how its faults
 * end, and counters. Every mapping of that open file, in any process, shows the region
 * from the mapping's file offset on. Without any ioctl a region is of kind PAGE,
 * zeroed, and grows to what is mapped of it, up to the module parameter max_pages. A
 * region of a fixed size can be mapped past its end, as a file can; a fault there is
 * SIGBUS.
 *
 * Every ioctl takes a struct that begins with its own size in bytes: set it to
 * sizeof(struct). Structs grow at their end only. A struct larger than the module's own
 * is accepted if the bytes that the module does not know are zero (E2BIG otherwise); one
 * smaller than the struct's first version is EINVAL. Records in arrays grow in the same
 * way: their size is passed with the array. FAULTLAB_IOC_FEATURES tells what this module
 * and kernel can do. Offsets and lengths are bytes within the region, multiples of the
 * page size.
 *
 * The names, numbers and layouts that selftests/abi/v1_table.h lists are version 1: they
 * stay, and a program that was compiled against them (selftests/abi/) goes on working.
 *
 * Errors that every ioctl can give:
 *   EFAULT   the pointer, or one inside the struct, is not accessible. If the ioctl
 *            writes to the struct and it cannot be written, nothing was done
 *   EINVAL   wrong size of the struct, unknown flag or value, or a range that is not
 *            aligned, overflows, or goes past the end of the region
 *   ENODEV   the region was unplugged (INFO, STATS, RULES_READ, WALK, RECORD, OBSERVE,
 *            LATENCY and FEATURES still work)
 *   ENOMEM   the kernel has no memory for the request
 *   ENOTTY   unknown ioctl
 *   EINTR    the caller was killed during the ioctl. The new rules of RULE may be in force
 *            already; EVICT and UNPLUG may have done a part, and the next call does the rest
 *
 * Secrets are data that is shown only if both the caller and the opener of the file have
 * CAP_SYS_ADMIN (in the initial user namespace): both, as descriptors can be passed on.
 *   of tasks       page tables of another task; records and latencies of all regions
 *   of the kernel  page frame numbers, raw entries, struct page, the kernel half, and
 *                  addresses in stacks, even if they are those of the caller's own task.
 *                  No caller sees them where the kernel is locked down for
 *                  confidentiality (kernel_lockdown(7))
 * Without the capability, an ioctl whose only purpose is a secret fails with EPERM; in the
 * result of any other ioctl the secret reads 0.
 */
#ifndef _UAPI_LINUX_FAULTLAB_H
#define _UAPI_LINUX_FAULTLAB_H

#include <linux/faultlab_latency.h>
#include <linux/faultlab_record.h>
#include <linux/faultlab_stats.h>
#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * Each set of enumerators or flags is a list macro with one row for each of them:
 * FAULTLAB_VERDICTS(X) expands to X(SERVE, "serve", ...) X(MAJOR, "major", ...) and so on.
 * The enums below are made from these lists, and programs make their tables of names from
 * them, so a new row is added in one place. The arguments of a row are the last part of
 * the identifier; for flags, the number of the bit; and the name in texts. In some lists
 * strings follow that describe the row; the tables of the documentation are made from
 * them. A macro that is passed as X takes `...` for the arguments that it does not use.
 * 0 LIST(FAULTLAB_COUNT) is the length of a list.
 */
#define FAULTLAB_COUNT(NAME, ...)	+ 1

#define FAULTLAB_IOC_MAGIC	0xFB

/*
 * The module looks only at the last 8 bits of the number (and the magic), so that
 * structs can grow. Size and direction are for strace, valgrind and the like.
 */
#define FAULTLAB_IOC_INFO	_IOWR(FAULTLAB_IOC_MAGIC, 0x00, struct faultlab_info)
#define FAULTLAB_IOC_CONFIG	_IOW(FAULTLAB_IOC_MAGIC, 0x01, struct faultlab_config)
#define FAULTLAB_IOC_RULE	_IOW(FAULTLAB_IOC_MAGIC, 0x02, struct faultlab_rules)
#define FAULTLAB_IOC_EVICT	_IOW(FAULTLAB_IOC_MAGIC, 0x03, struct faultlab_evict)
#define FAULTLAB_IOC_UNPLUG	_IOW(FAULTLAB_IOC_MAGIC, 0x04, struct faultlab_unplug)
#define FAULTLAB_IOC_STATS	_IOWR(FAULTLAB_IOC_MAGIC, 0x05, struct faultlab_stats)
#define FAULTLAB_IOC_WALK	_IOWR(FAULTLAB_IOC_MAGIC, 0x06, struct faultlab_walk)
#define FAULTLAB_IOC_GATE	_IOWR(FAULTLAB_IOC_MAGIC, 0x07, struct faultlab_gate)
#define FAULTLAB_IOC_RULES_READ	_IOWR(FAULTLAB_IOC_MAGIC, 0x08, struct faultlab_rules)
#define FAULTLAB_IOC_RECORD	_IOWR(FAULTLAB_IOC_MAGIC, 0x09, struct faultlab_recording)
#define FAULTLAB_IOC_OBSERVE	_IOWR(FAULTLAB_IOC_MAGIC, 0x0a, struct faultlab_recording)
#define FAULTLAB_IOC_LATENCY	_IOWR(FAULTLAB_IOC_MAGIC, 0x0b, struct faultlab_latency)
#define FAULTLAB_IOC_FEATURES	_IOWR(FAULTLAB_IOC_MAGIC, 0x0c, struct faultlab_features)

/* As a length: from the offset to the end of the region, even if the region grows later. */
#define FAULTLAB_TO_END		(~0ULL)

/*
 * How the region's memory reaches a page table.
 *
 * PAGE   struct pages; each entry holds a reference to its page. Without INSERT the
 *        handler returns the page, locked, and the core maps it (finish_fault()).
 * PFN    VM_PFNMAP through vmf_insert_pfn(): special entries, no reference, no
 *        RSS. A private writable mapping is EINVAL at mmap (vmf_insert_pfn()
 *        BUGs on it); a private read-only one loses VM_MAYWRITE.
 * REMAP  VM_PFNMAP through remap_pfn_range(), all of it at mmap, and no .fault: an
 *        access where the entry is gone (evict, unplug) is SIGBUS, and rules are never
 *        matched. The memory is not freed before the region ends. Private mappings
 *        are refused or restricted as with PFN: for one that allows CoW,
 *        remap_pfn_range() sets vm_pgoff to the first PFN, and evict, which looks up
 *        mappings by vm_pgoff, would not find it.
 * MIXED  VM_MIXEDMAP through vmf_insert_mixed(): special entries in shared mappings, as
 *        with PFN. In private mappings pages are returned, as with kind PAGE. Special
 *        entries would be wrong there: for CoW of one, the core reads the old contents
 *        at the user address in the mm of the running task (__wp_page_copy_user()),
 *        which may be a debugger's. With PHYS there is no page to return, and private
 *        mappings are refused or restricted as with PFN.
 */
#define FAULTLAB_KINDS(X)	\
	X(PAGE, "page")		\
	X(PFN, "pfn")		\
	X(REMAP, "remap")	\
	X(MIXED, "mixed")

#define FAULTLAB_ENUM_KIND(NAME, ...)	FAULTLAB_KIND_##NAME,

enum faultlab_kind {
	FAULTLAB_KINDS(FAULTLAB_ENUM_KIND)
	FAULTLAB_NR_KINDS
};

/*
 * INSERT   the handler inserts the page itself (vm_insert_page()) into a
 *          VM_MIXEDMAP mapping. Read faults also map neighbouring pages that are
 *          allocated already (.map_pages), and with an order above 0 the rest of the
 *          folio. Kind PAGE only. A CoW fault still returns the page.
 * MKWRITE  the mapping has .page_mkwrite and .pfn_mkwrite. Because it has them, entries
 *          of a shared writable mapping are read-only at first
 *          (vma_wants_writenotify()), and the first write faults again. Not with
 *          REMAP or HUGE.
 * PHYS     the memory is the physical range of the module parameter phys=,
 *          which has no struct page; not with kind PAGE. One region at a time.
 * HUGE     kind PFN only: .huge_fault maps a whole PMD or PUD by one entry where the
 *          alignment of PFNs and mapping and the rules allow it. CONFIG gives EOPNOTSUPP
 *          where the kernel has no PMD leaves of PFNs (before 6.12, and on some
 *          architectures). Without PHYS, HUGE has an effect only with the order of a PMD.
 * WHOLE    the VMA can be split and moved at folio boundaries only (.may_split
 *          and .mremap give EINVAL elsewhere), is never merged and cannot grow
 *          (VM_DONTEXPAND), and /proc/PID/smaps shows the folio size as its page size
 *          (.pagesize), as with device DAX; not with REMAP.
 */
#define FAULTLAB_REGION_FLAGS(X)	\
	X(INSERT, 0, "insert")		\
	X(MKWRITE, 1, "mkwrite")	\
	X(PHYS, 2, "phys")		\
	X(HUGE, 3, "huge")		\
	X(WHOLE, 4, "whole")

#define FAULTLAB_ENUM_REGION(NAME, bit, ...)	FAULTLAB_REGION_##NAME = 1ULL << (bit),

enum faultlab_region_flag {
	FAULTLAB_REGION_FLAGS(FAULTLAB_ENUM_REGION)
};

#define FAULTLAB_NR_REGION_FLAGS	(0 FAULTLAB_REGION_FLAGS(FAULTLAB_COUNT))
#define FAULTLAB_REGION_ANY		((1ULL << FAULTLAB_NR_REGION_FLAGS) - 1)

/*
 * The memory type with which PHYS is mapped, in the kernel and in processes: write-back,
 * write-combining, uncached. Memory that has a struct page is always WB.
 */
#define FAULTLAB_CACHES(X)	\
	X(WB, "wb")		\
	X(WC, "wc")		\
	X(UC, "uc")

#define FAULTLAB_ENUM_CACHE(NAME, ...)	FAULTLAB_CACHE_##NAME,

enum faultlab_cache {
	FAULTLAB_CACHES(FAULTLAB_ENUM_CACHE)
	FAULTLAB_NR_CACHES
};

#define FAULTLAB_MAX_AROUND	512

/*
 * FAULTLAB_IOC_CONFIG: configure the region, before its first mmap. Errors that follow
 * from the configuration and the module's parameters come before those that follow from
 * the region's state.
 *   EBUSY       the region has been mapped, another CONFIG of it is running, or another
 *               region uses the range of PHYS. An mmap during CONFIG is EBUSY, too
 *   EINTR       the caller was killed
 *   ENOSPC      bytes is larger than the module parameter max_pages allows, or than the
 *               range of PHYS
 *   ENXIO       PHYS is set, but the module was loaded without phys=
 *   EOPNOTSUPP  HUGE is set, and this kernel does not support it. Before 6.12 also for
 *               kind PAGE with a fixed size and the order of a PMD, if none of INSERT,
 *               MKWRITE and WHOLE is set. Then the core maps PMD leaves, and before 6.12
 *               move_page_tables() (mremap()) takes an entry for a table if an evict has
 *               zapped the leaf in it meanwhile. So the module must zap the leaves before
 *               the move, in .open, which is called before move_page_tables(). Without
 *               WHOLE there is no .open; with INSERT or MKWRITE there are no PMD leaves
 *   ENOMEM      the kernel has no memory, or no address range, to map the range of PHYS
 * If CONFIG fails, the region stays as it was, with one exception: a region with PHYS that
 * is configured with PHYS again. If that fails with ENOMEM, or with EINTR while it mapped
 * or zeroed the range, the region has released the range and is a default region, as
 * without any CONFIG.
 */
struct faultlab_config {
	__u32 size;
	__u32 kind;	/* enum faultlab_kind */
	__u64 flags;	/* FAULTLAB_REGION_* */
	__u64 bytes;	/* size of the region; 0: grows to what is mapped */
	/*
	 * Memory comes in folios of 2^order pages, allocated by a fault on any of
	 * their pages. order is 0 to max_order of struct faultlab_features. With kind
	 * PAGE and the order of a PMD (pmd_order of that struct) the core maps the
	 * whole folio by one PMD (do_set_pmd()) if the VMA covers all of it, the region
	 * has a fixed size and neither INSERT nor MKWRITE, and no rule matches any page
	 * of the folio. order must be 0 with PHYS, where the alignment of the range
	 * decides. bytes, and ranges that are dropped, must be whole folios.
	 */
	__u32 order;
	/*
	 * Kind PFN: how many pages a fault maps, the one that was accessed included, as
	 * far as the VMA, the PTE table and the rules allow. A power of two from 1 to
	 * FAULTLAB_MAX_AROUND; 0 means 1. The range that is mapped is aligned to this
	 * number of pages.
	 */
	__u32 around;
	__u32 cache;	/* enum faultlab_cache; WC and UC with PHYS only */
	__u32 pad;	/* must be 0 */
};

/* FAULTLAB_INFO_*: state of the region */
#define FAULTLAB_INFO_MAPPED	(1U << 0)	/* has been mapped at least once */
#define FAULTLAB_INFO_UNPLUGGED	(1U << 1)

/* FAULTLAB_IOC_INFO: read the configuration. All fields but size are output. */
struct faultlab_info {
	__u32 size;
	__u32 id;	/* the name of the region's directory below debugfs faultlab/region/ */
	__u32 kind;	/* enum faultlab_kind */
	__u32 state;	/* FAULTLAB_INFO_* */
	__u64 flags;	/* FAULTLAB_REGION_* */
	__u64 bytes;	/* size of the region now */
	__u64 max_bytes;/* size that the region could grow to (max_pages) */
	__u32 order;	/* this and the fields below as in struct faultlab_config */
	__u32 around;	/* 1 where a fault maps a page at a time */
	__u32 cache;
	__u32 pad;
};

/*
 * FAULTLAB_IOC_FEATURES: what this module supports on this kernel and machine. All
 * fields but size and kind are output; fields that the module does not know read 0.
 */
struct faultlab_features {
	__u32 size;
	__u32 kind;		/* in: the kind that region_flags, max_around, pmd_needs are for */
	__u64 ioctls;		/* 1 << the number of an ioctl, as _IOC_NR() has it */
	__u64 kinds;		/* 1 << enum faultlab_kind */
	__u64 region_flags;	/* FAULTLAB_REGION_* that a region of kind can have */
	__u64 access;		/* FAULTLAB_ACCESS_* */
	__u64 verdicts;		/* 1 << enum faultlab_verdict */
	__u64 delays;		/* 1 << enum faultlab_delay */
	__u64 rule_flags;	/* FAULTLAB_RULE_* */
	__u64 forms;		/* 1 << enum faultlab_walk_form */
	__u64 walk_flags;	/* FAULTLAB_WALK_* */
	__u64 max_bytes;	/* of a region: the module parameter max_pages */
	__u64 phys_bytes;	/* the range of PHYS; 0: the module was loaded without phys= */
	__u32 stats;		/* number of counters, enum faultlab_stat */
	__u32 caches;		/* 1 << enum faultlab_cache, of PHYS */
	__u32 max_order;	/* of struct faultlab_config */
	__u32 max_around;	/* of struct faultlab_config, for kind */
	__u32 pmd_order;	/* a PMD maps 2^pmd_order pages; a PUD 2^pud_order */
	__u32 pud_order;
	/*
	 * FAULTLAB_REGION_*: a region of this kind with a fixed size and the order of a
	 * PMD must have at least one of these flags, or FAULTLAB_IOC_CONFIG gives
	 * EOPNOTSUPP (described there). 0: no flag is needed.
	 */
	__u64 pmd_needs;
};

/*
 * A rule matches faults that have any of the FAULTLAB_ACCESS_* in its member access. Each
 * row says which callback the core called, and for what. A fault has exactly one of the
 * first five; one with READ, WRITE or COW may have EXEC or REMOTE as well. AROUND and HUGE
 * are for pages that would be mapped along with the page of a fault.
 */
#define FAULTLAB_ACCESSES(X)									\
	X(READ, 0, "read", ".fault", "a read or an instruction fetch")				\
	X(WRITE, 1, "write", ".fault", "a write to a shared mapping")				\
	X(COW, 2, "cow", ".fault", "a write to a private mapping")				\
	X(MKWRITE, 3, "mkwrite", ".page_mkwrite", "a write to a read-only entry of a page")	\
	X(PFN_MKWRITE, 4, "pfn_mkwrite", ".pfn_mkwrite",					\
	  "a write to a read-only special entry")						\
	X(EXEC, 5, "exec", ".fault", "an instruction fetch (FAULT_FLAG_INSTRUCTION)")		\
	X(REMOTE, 6, "remote", ".fault", "an access to another mm (FAULT_FLAG_REMOTE)")		\
	X(AROUND, 7, "around", ".map_pages, .fault",						\
	  "a page that would be mapped along with another")					\
	X(HUGE, 8, "huge", ".huge_fault, .fault", "a page that a PMD or PUD would map")

#define FAULTLAB_ENUM_ACCESS(NAME, bit, ...)	FAULTLAB_ACCESS_##NAME = 1U << (bit),

enum faultlab_access {
	FAULTLAB_ACCESSES(FAULTLAB_ENUM_ACCESS)
};

#define FAULTLAB_NR_ACCESSES	(0 FAULTLAB_ACCESSES(FAULTLAB_COUNT))
#define FAULTLAB_ACCESS_ANY	((1U << FAULTLAB_NR_ACCESSES) - 1)

/*
 * How a fault ends. Each row says what the fault ends in and what a process sees. Outcomes
 * that the kernel does not survive have no enumerator, or FAULTLAB_IOC_RULE gives EINVAL:
 * VM_FAULT_FALLBACK from .fault is a BUG(), 0 without a page oopses, VM_FAULT_DONE_COW
 * leaks the copy, and NOPAGE or OOM without a limit (times) hangs the task.
 *
 * MAJOR           also adds 1 to pgmajfault in /proc/vmstat, as filemap_fault() does.
 *                 .fault only: access must not name MKWRITE or PFN_MKWRITE
 * RETRY           the lock is dropped, and a delay is waited for without it. .fault only.
 *                 Where the core allows no retry, the fault is served at once
 * OOM             times must not be 0. pagefault_out_of_memory() kills no task, and an
 *                 access from user mode faults again
 * HWPOISON_LARGE  arg is the index of the hstate (size of huge pages)
 * NOPAGE          times must not be 0. For a task that was killed the fault is SIGBUS
 *                 instead: an access in kernel mode would otherwise go on faulting
 * FALLBACK        for AROUND and HUGE only, where it and SERVE are the only verdicts
 * UNPLUG          unplugs the region, as FAULTLAB_IOC_UNPLUG does
 */
#define FAULTLAB_VERDICTS(X)									\
	X(SERVE, "serve", "the page, mapped", "nothing")					\
	X(MAJOR, "major", "the same, with VM_FAULT_MAJOR", "a major fault")			\
	X(RETRY, "retry", "VM_FAULT_RETRY; the retried fault maps the page", "nothing")		\
	X(SIGBUS, "sigbus", "VM_FAULT_SIGBUS",							\
	  "SIGBUS, BUS_ADRERR; EFAULT in kernel mode and from get_user_pages()")		\
	X(OOM, "oom", "VM_FAULT_OOM",								\
	  "the access faults again; EFAULT in kernel mode, ENOMEM from get_user_pages()")	\
	X(HWPOISON, "hwpoison", "VM_FAULT_HWPOISON",						\
	  "SIGBUS, BUS_MCEERR_AR, si_addr_lsb 12; EFAULT in kernel mode and from "		\
	  "get_user_pages(), EHWPOISON with FOLL_HWPOISON (MADV_POPULATE_*)")			\
	X(HWPOISON_LARGE, "hwpoison-large",							\
	  "VM_FAULT_HWPOISON_LARGE with the hstate of the argument, 0 or 1",			\
	  "the same, but si_addr_lsb 21 or 30")							\
	X(SIGSEGV, "sigsegv", "VM_FAULT_SIGSEGV",						\
	  "SIGSEGV, SEGV_MAPERR, though it is mapped; EFAULT as with sigbus")			\
	X(NOPAGE, "nopage", "VM_FAULT_NOPAGE, nothing mapped",					\
	  "the access faults again, and each time is counted as a fault")			\
	X(FALLBACK, "fallback",									\
	  "the page not mapped along with others; .huge_fault: VM_FAULT_FALLBACK", "nothing")	\
	X(UNPLUG, "unplug", "VM_FAULT_SIGBUS, and the region is unplugged",			\
	  "as with sigbus, for every later fault, too")

#define FAULTLAB_ENUM_VERDICT(NAME, ...)	FAULTLAB_VERDICT_##NAME,

enum faultlab_verdict {
	FAULTLAB_VERDICTS(FAULTLAB_ENUM_VERDICT)
	FAULTLAB_NR_VERDICTS
};

/*
 * How long a fault waits before its verdict; not with FALLBACK.
 *
 * FIXED        delay_us microseconds; 0 is no wait
 * UNIFORM      between delay_us and delay_max_us, evenly
 * EXPONENTIAL  delay_us on average, delay_max_us at most (0: FAULTLAB_MAX_DELAY_US)
 * GATE         until FAULTLAB_IOC_GATE lets the fault pass; delay_us and delay_max_us
 *              must be 0. Where the core allows no retry, the lock cannot be dropped
 *              for the wait, and the fault ends in SIGBUS instead. With HOLD_LOCK a
 *              fault waits under the lock, for FAULTLAB_MAX_HOLD_US at most, and then
 *              gets its verdict. A gate for MKWRITE or PFN_MKWRITE needs HOLD_LOCK
 *
 * A random wait is a hash of the rule's seed and of how many faults the rule has matched,
 * so the same seed gives the same waits.
 */
enum faultlab_delay {
	FAULTLAB_DELAY_FIXED,
	FAULTLAB_DELAY_UNIFORM,
	FAULTLAB_DELAY_EXPONENTIAL,
	FAULTLAB_DELAY_GATE,
	FAULTLAB_NR_DELAYS
};

/*
 * HOLD_LOCK  a delay sleeps under the lock that the core holds, for at most
 *            FAULTLAB_MAX_HOLD_US. Without it the lock is dropped, a fatal signal
 *            ends the wait, and the fault is retried (VM_FAULT_RETRY). Where the
 *            core allows no retry (.page_mkwrite, .pfn_mkwrite, some callers of
 *            get_user_pages()), the delay is spent under the lock nevertheless,
 *            cut to FAULTLAB_MAX_HOLD_US. The counter `retry` counts only faults whose
 *            lock was dropped. Not with the verdict RETRY, whose purpose is to drop the
 *            lock.
 * UNLOCKED   the page is returned without VM_FAULT_LOCKED, and the core locks it
 *            afterwards (__do_fault()). An evict between the two does not wait for this
 *            fault. The evicted page is then mapped nevertheless and stays mapped until
 *            the next evict, or until a write calls .page_mkwrite, which unmaps it.
 *            SERVE and MAJOR only; no effect where the handler inserts the entry itself.
 * STACK      kernel stack records (FAULTLAB_RECORD_STACK) follow the record of the
 *            fault; they are a secret of the kernel. Any verdict but FALLBACK.
 *
 * When the kernel faults on behalf of a task (read() into the mapping, ptrace), it may
 * hold locks that others need. As with userfaultfd, such a fault is delayed or gated
 * only if the task that set the rule had CAP_SYS_PTRACE. The same holds for every call of
 * .page_mkwrite, where the module cannot tell whether the fault is such a one. A task
 * that exits or dumps core is never delayed.
 */
#define FAULTLAB_RULE_FLAGS(X)		\
	X(HOLD_LOCK, 0, "hold-lock")	\
	X(UNLOCKED, 1, "unlocked")	\
	X(STACK, 2, "stack")

#define FAULTLAB_ENUM_RULE(NAME, bit, ...)	FAULTLAB_RULE_##NAME = 1U << (bit),

enum faultlab_rule_flag {
	FAULTLAB_RULE_FLAGS(FAULTLAB_ENUM_RULE)
};

#define FAULTLAB_NR_RULE_FLAGS	(0 FAULTLAB_RULE_FLAGS(FAULTLAB_COUNT))
#define FAULTLAB_RULE_ANY	((1U << FAULTLAB_NR_RULE_FLAGS) - 1)

#define FAULTLAB_MAX_DELAY_US	60000000ULL
#define FAULTLAB_MAX_HOLD_US	1000000ULL
#define FAULTLAB_MAX_RULES	1024
#define FAULTLAB_MAX_TIMES	1000ULL		/* of NOPAGE and OOM */
#define FAULTLAB_ALWAYS		1000000U	/* a probability of 1 */

/*
 * A rule: which faults get which verdict. The first rule that applies decides; without
 * one a fault is served. Of the faults that match its range and access, a rule lets the
 * first `skip` pass, then applies to every Nth (`every`), with `probability`, `times`
 * times in all. Faults that it lets pass are matched against the rules after it.
 */
struct faultlab_rule {
	__u64 offset;		/* first byte */
	__u64 length;		/* bytes, or FAULTLAB_TO_END */
	__u32 access;		/* FAULTLAB_ACCESS_*; 0: all that the rule can match */
	__u32 verdict;		/* enum faultlab_verdict */
	__u32 flags;		/* FAULTLAB_RULE_* */
	__u32 delay_kind;	/* enum faultlab_delay */
	__u64 delay_us;		/* microseconds, at most FAULTLAB_MAX_DELAY_US */
	__u64 delay_max_us;	/* UNIFORM, EXPONENTIAL: the longest delay */
	__u64 skip;		/* faults to let pass first */
	__u64 every;		/* then every Nth matching fault; 0 and 1: each */
	__u64 times;		/* applies at most so many times; 0: no limit */
	__u64 seed;		/* of probability and of random delays */
	__u32 probability;	/* in millionths, to FAULTLAB_ALWAYS; 0: always */
	__u32 arg;		/* HWPOISON_LARGE: index of the hstate, 0 or 1 */
	__u64 hits;		/* out: how often it applied; in: must be 0 */
};

enum faultlab_rule_op {
	FAULTLAB_RULE_SET,	/* replace all rules; nr 0 clears them */
	FAULTLAB_RULE_ADD,	/* add rules after the present ones */
};

/*
 * FAULTLAB_IOC_RULE: set or add rules. When it returns, no fault in progress still follows
 * the old rules. A fault that waits at the gate is matched against the new rules at once,
 * a fault in another delay when the delay ends. ADD keeps the counts of the present rules.
 *   EPERM   a rule has FAULTLAB_RULE_STACK, and the caller or the opener of the file may
 *           not see secrets of the kernel, which addresses in stacks are
 *   ENOSPC  there would be more than FAULTLAB_MAX_RULES rules, or a rule's range goes past
 *           the module parameter max_pages
 *
 * FAULTLAB_IOC_RULES_READ: read the rules in force, with their hits. nr: in: room for so
 * many rules; out: the number of rules in force. op must be 0.
 */
struct faultlab_rules {
	__u32 size;
	__u32 op;		/* enum faultlab_rule_op */
	__u32 nr;
	__u32 rule_size;	/* sizeof(struct faultlab_rule); grows as structs do */
	__u64 rules;		/* pointer to nr of struct faultlab_rule */
};

/*
 * PASS   let the nr faults pass that have waited longest; if fewer wait, the rest of nr
 *        is kept for the next faults
 * OPEN   let all faults pass, later ones as well, until CLOSE
 * CLOSE  close the gate, as it is at first, and cancel passes that PASS has left over
 * AWAIT  wait until nr faults wait at the gate. ETIMEDOUT after timeout_us; EINTR after
 *        a signal handler has run, even with SA_RESTART. If AWAIT was interrupted and no
 *        handler runs, as by SIGSTOP and SIGCONT, it goes on, and the timeout begins anew
 */
enum faultlab_gate_op {
	FAULTLAB_GATE_PASS,
	FAULTLAB_GATE_OPEN,
	FAULTLAB_GATE_CLOSE,
	FAULTLAB_GATE_AWAIT,
};

/* FAULTLAB_IOC_GATE: control a region's gate, where faults wait whose rule has delay GATE. */
struct faultlab_gate {
	__u32 size;
	__u32 op;		/* enum faultlab_gate_op */
	__u32 nr;		/* PASS, AWAIT: how many faults; else must be 0 */
	__u32 waiting;		/* out, on success: faults that wait now */
	__u64 timeout_us;	/* AWAIT: microseconds, to FAULTLAB_MAX_DELAY_US; else 0 */
};

/*
 * DROP  free the pages as well: the next fault allocates a new, zeroed one. Whole
 *       folios only; not with PHYS or REMAP (EINVAL), whose memory is not freed
 * COWS  unmap private CoW copies, too (even_cows of unmap_mapping_range()), as
 *       truncation does. Without COWS they stay, as they hold a process's private data
 */
#define FAULTLAB_EVICT_DROP	(1U << 0)
#define FAULTLAB_EVICT_COWS	(1U << 1)

/*
 * FAULTLAB_IOC_EVICT: remove the translations of a range from every process.
 * When it returns 0, none of the translations from before the call remains, and no
 * fault that was in progress brings one back. A long range is evicted in parts of 4096
 * pages; pages that fault in a finished part meanwhile stay mapped. With PHYS the range
 * is evicted in one piece, which a signal does not interrupt.
 * A fault that waits in a delay may map its page after the evict. So may an mmap of
 * kind REMAP that is in progress.
 */
struct faultlab_evict {
	__u32 size;
	__u32 flags;	/* FAULTLAB_EVICT_* */
	__u64 offset;
	__u64 length;	/* FAULTLAB_TO_END: the rest of the region */
};

/*
 * FAULTLAB_IOC_UNPLUG: the device is removed while it is mapped, as can happen to a GPU
 * or a VFIO device. All translations are removed, private copies included; later faults
 * are SIGBUS, later mmaps and most ioctls ENODEV. It cannot be undone. An unplug by the
 * verdict of a rule is not interrupted by a fatal signal. (With kind PAGE without INSERT
 * and WHOLE, an mmap next to a mapping of the same file still succeeds if the kernel
 * merges the two without calling the driver; its pages are SIGBUS.)
 */
struct faultlab_unplug {
	__u32 size;
	__u32 flags;	/* must be 0 */
};

#define FAULTLAB_ENUM_STAT(NAME, ...)	FAULTLAB_STAT_##NAME,

/* <linux/faultlab_stats.h> has the list. */
enum faultlab_stat {
	FAULTLAB_STATS(FAULTLAB_ENUM_STAT)
	FAULTLAB_NR_STATS
};

/* FAULTLAB_IOC_STATS: read the region's counters. RESET: read, then set them to 0. */
#define FAULTLAB_STATS_RESET	(1U << 0)

#define FAULTLAB_STATS_VALUES	64	/* room for counters of later modules */

struct faultlab_stats {
	__u32 size;
	__u32 flags;				/* FAULTLAB_STATS_* */
	__u64 value[FAULTLAB_STATS_VALUES];	/* by enum faultlab_stat; the rest is 0 */
};

/* Levels of a page table, from the leaves up. */
#define FAULTLAB_LEVELS(X)	\
	X(PTE, "PTE")		\
	X(PMD, "PMD")		\
	X(PUD, "PUD")		\
	X(P4D, "P4D")		\
	X(PGD, "PGD")

#define FAULTLAB_ENUM_LEVEL(NAME, ...)	FAULTLAB_LEVEL_##NAME,

enum faultlab_level {
	FAULTLAB_LEVELS(FAULTLAB_ENUM_LEVEL)
	FAULTLAB_NR_LEVELS
};

/*
 * Flags of an entry, in the order in which they are written as text.
 *
 * What the entry is: exactly one of NONE, TABLE, LEAF, NONPRESENT, NO_VMA, BAD.
 *   NONE        empty, at any level
 *   TABLE       points to the next table
 *   LEAF        present, maps memory
 *   NONPRESENT  neither empty nor present: swap, migration, a marker, ... (see below)
 *   NO_VMA      not an entry, but a range in no VMA, whose tables are not walked
 *   BAD         no valid table (pmd_bad())
 *
 * In leaves and tables, where the architecture has them:
 *   WRITE, EXEC, USER, ACCESSED, DIRTY, GLOBAL, PROTNONE, UFFD_WP
 *   SOFT_DIRTY  the soft-dirty bit of the entry. Linux sets it when it makes a dirty
 *               entry, makes an entry writable for a write fault, or moves the entry
 *               (mremap()). A write to /proc/PID/clear_refs clears it, but not in
 *               VM_PFNMAP VMAs: there the bit only tells how the entry was made
 *   SPECIAL     no struct page (pte_special())
 *   PWT, PCD, PAT  x86: bits 0 to 2 of the index into the PAT
 *
 * The memory type in a present leaf: one of these, or none if it is unknown, as for a
 * PAT index that Linux does not use. An MTRR may change the effective type, which an
 * entry does not show.
 *   WB          write-back: cached as memory is
 *   WC          write-combining
 *   UC_MINUS    x86: uncached; an MTRR can make it WC
 *   UC          uncached
 *   WT          write-through
 *   WP          x86: write-protected
 *
 * In NONPRESENT entries:
 *   SWAP        pfn is the swap offset
 *   MIGRATION   the page is being migrated; pfn is the page's
 *   HWPOISON    the page is broken; pfn is the page's
 *   DEVICE      memory of a device (device-private)
 *   MARKER      a marker of the kernel, no page; pfn: 1 uffd-wp, 2 poison, 4 guard
 *
 * In any entry:
 *   FOLDED      the level is folded on this machine
 *   CONTIG      form RUNS only: the PFNs of the run are consecutive
 *   HUGETLB     in a VMA of hugetlbfs
 *   VMA_SOFT_DIRTY  VM_SOFTDIRTY of the VMA, which is new, has grown, or was merged with
 *               a new one since /proc/PID/clear_refs was last written. COUNTS has it for
 *               the whole VMA. /proc/PID/pagemap shows all pages and holes of such a VMA
 *               as soft-dirty. In other VMAs pagemap shows SOFT_DIRTY of the entry,
 *               except in VMAs of hugetlbfs and VM_PFNMAP, whose entries' bit it does
 *               not read
 */
#define FAULTLAB_PTE_FLAGS(X)		\
	X(NONE, 0, "none")		\
	X(TABLE, 1, "table")		\
	X(LEAF, 2, "leaf")		\
	X(NONPRESENT, 3, "nonpresent")	\
	X(NO_VMA, 4, "no-vma")		\
	X(BAD, 5, "bad")		\
	X(WRITE, 8, "write")		\
	X(EXEC, 10, "exec")		\
	X(USER, 9, "user")		\
	X(ACCESSED, 11, "accessed")	\
	X(DIRTY, 12, "dirty")		\
	X(SOFT_DIRTY, 13, "soft-dirty")	\
	X(SPECIAL, 14, "special")	\
	X(GLOBAL, 15, "global")		\
	X(PROTNONE, 16, "protnone")	\
	X(UFFD_WP, 17, "uffd-wp")	\
	X(PWT, 18, "pwt")		\
	X(PCD, 19, "pcd")		\
	X(PAT, 20, "pat")		\
	X(WB, 31, "wb")			\
	X(WC, 21, "wc")			\
	X(UC_MINUS, 29, "uc-")		\
	X(UC, 30, "uc")			\
	X(WT, 22, "wt")			\
	X(WP, 23, "wp")			\
	X(SWAP, 24, "swap")		\
	X(MIGRATION, 25, "migration")	\
	X(HWPOISON, 26, "hwpoison")	\
	X(DEVICE, 27, "device")		\
	X(MARKER, 28, "marker")		\
	X(FOLDED, 32, "folded")		\
	X(CONTIG, 33, "contig")		\
	X(HUGETLB, 34, "hugetlb")	\
	X(VMA_SOFT_DIRTY, 7, "vma-soft-dirty")

#define FAULTLAB_ENUM_PTE(NAME, bit, ...)	FAULTLAB_PTE_##NAME = 1ULL << (bit),

__extension__ enum faultlab_pte_flag {
	FAULTLAB_PTE_FLAGS(FAULTLAB_ENUM_PTE)
};

#define FAULTLAB_PTE_MEMTYPE	(FAULTLAB_PTE_WB | FAULTLAB_PTE_WC | FAULTLAB_PTE_UC_MINUS | \
				 FAULTLAB_PTE_UC | FAULTLAB_PTE_WT | FAULTLAB_PTE_WP)
#define FAULTLAB_NR_PTE_FLAGS	35	/* bits above, with gaps */

struct faultlab_walk_entry {
	__u64 addr;	/* first address that the entry covers */
	__u64 bytes;	/* how many bytes the entry covers; NO_VMA: the length of the hole */
	__u64 raw;	/* value in memory; a secret of the kernel */
	__u64 pfn;	/* of the leaf or the next table, or swap offset; a secret, too */
	__u64 flags;	/* FAULTLAB_PTE_* */
	__u16 index;	/* of the entry in its table */
	__u8  level;	/* enum faultlab_level */
	__u8  pkey;	/* x86: protection key of a leaf */
	__u8  pad[4];
};

/* The struct page of a leaf's PFN: with FAULTLAB_WALK_PAGES, one for each entry. */
struct faultlab_walk_page {
	/*
	 * 1ULL << KPF_* of <linux/kernel-page-flags.h>. For a tail page, flags that the
	 * kernel keeps in the head page are those of the head. KPF_NOPAGE: not a leaf,
	 * or the PFN has no struct page.
	 */
	__u64 flags;
	__s32 refcount;	/* of the folio */
	__s32 mapcount;	/* how many entries map this page */
	__u32 order;	/* the folio has 2^order pages */
	__u32 pad;
};

/* A run: neighbouring entries of one VMA and level that differ in the PFN only. */
struct faultlab_walk_run {
	__u64 start;
	__u64 end;	/* exclusive */
	__u64 pfn;	/* of the first entry; a secret of the kernel */
	__u64 flags;	/* FAULTLAB_PTE_*; CONTIG (a secret, too): PFNs are consecutive */
	__u32 level;	/* enum faultlab_level; for a hole that of its first entry */
	__u32 pkey;	/* x86: protection key */
};

/* Header of neighbouring entries of one table. Their raw values follow it: nr of __u64. */
struct faultlab_walk_raw {
	__u64 addr;	/* first address that the first entry covers */
	__u16 level;	/* enum faultlab_level */
	__u16 index;	/* of the first entry */
	__u16 nr;
	__u16 pad;
};

/* Counts of a VMA's entries; ranges in no VMA are not counted. */
struct faultlab_walk_counts {
	/*
	 * The range of the VMA, cut to the range of the walk. If the VMA changed during
	 * the walk, start may be higher: the counts are of the part from start on.
	 */
	__u64 start;
	__u64 end;
	__u64 vm_flags;	/* the kernel's VM_* */
	__u64 leaf[5];	/* by enum faultlab_level */
	/* Empty entries. An empty PMD counts as one PMD and as no PTEs, likewise above. */
	__u64 none[5];
	/*
	 * Entries that point to a table of the level below. A table that VMAs share is
	 * counted for the first of them only.
	 */
	__u64 table[5];
	/* Bytes whose leaf or non-present entry has the flag 1ULL << n. */
	__u64 flag[64];
};

/*
 * ENTRIES  struct faultlab_walk_entry, in the order of a walk
 * RUNS     struct faultlab_walk_run; TABLES is EINVAL. A run ends at the end of its
 *          VMA, and where the VMA's place, file or flags changed during the walk
 * RAW      struct faultlab_walk_raw, each followed by its raw entries; nr of struct
 *          faultlab_walk counts __u64s. Reported are all PTEs of the tables (as far as
 *          range and VMA reach), and entries above PTEs that are leaves or not present;
 *          with TABLES also entries that point to tables. HOLES is EINVAL. All of it is a
 *          secret of the kernel
 * COUNTS   struct faultlab_walk_counts, one for each VMA; TABLES and HOLES are EINVAL
 */
enum faultlab_walk_form {
	FAULTLAB_WALK_ENTRIES,
	FAULTLAB_WALK_RUNS,
	FAULTLAB_WALK_RAW,
	FAULTLAB_WALK_COUNTS,
	FAULTLAB_NR_WALK_FORMS
};

/*
 * TABLES  report entries that point to tables, too, each before the entries below it
 * HOLES   report NONE and NO_VMA, too, each once for the whole range of the entry
 * PAGES   fill the array `pages`, too: ENTRIES only; a secret of the kernel
 * KERNEL  the kernel half of the address space: x86 only (EOPNOTSUPP), ENTRIES only,
 *         pid must be 0; a secret of the kernel. The tables may be freed while they are
 *         read, as no lock prevents it. Each entry is read safely, but what is reported
 *         may be out of date
 */
#define FAULTLAB_WALK_TABLES	(1U << 0)
#define FAULTLAB_WALK_HOLES	(1U << 1)
#define FAULTLAB_WALK_PAGES	(1U << 2)
#define FAULTLAB_WALK_KERNEL	(1U << 3)

/*
 * FAULTLAB_IOC_WALK: the page-table entries over [start, end) of a task, in the order
 * of a walk: an entry that points to a table comes before the entries of that table. start
 * and end need not be aligned. The addr of an entry is where its range begins. That can be
 * below start, and for a hole even below the addr of a NO_VMA that was reported before it.
 *
 * The walk stops when the buffer is full. To go on, set start = next, keep resume as it
 * was returned, and repeat until next is end. resume identifies the address space, and
 * keeps tables and holes that VMAs share from being reported twice. Memory that stays
 * mapped during the walk is reported once, whatever else changes. A large leaf that
 * replaced a partly reported table is reported with its whole range, of which only the
 * rest is new.
 *   EPERM   pid is another task, or PAGES, KERNEL or RAW is requested, and the caller or
 *           the opener of the file may not see the secret that the walk would report
 *   ESRCH   no such task, or it has no address space (a kernel thread, a zombie)
 *   ESTALE  resume is from a walk of another address space: the task has called exec()
 *           since, or the PID belongs to another task now. Begin anew, or go on
 *           nonetheless with resume = 0
 *   EINVAL  nr is less than one record; for RAW, less than one PTE table with its header
 */
struct faultlab_walk {
	__u32 size;
	__u32 flags;	/* FAULTLAB_WALK_* */
	__s32 pid;	/* the task, in the caller's PID namespace; 0: the caller */
	__u32 resume;	/* 0 to begin; out: pass it back to go on */
	__u64 start;
	__u64 end;	/* exclusive; clamped to the end of user space */
	__u64 next;	/* out: where to go on */
	__u64 entries;	/* pointer to nr records of the form */
	__u64 nr;	/* in: room for records; out: records filled */
	__u32 form;	/* enum faultlab_walk_form */
	/*
	 * sizeof() the form's record; RAW: 8; at most a page. The module writes records
	 * this many bytes apart, and zeros for fields that it does not know. 0 means
	 * the size that the record had in the first version of this ABI, not its size
	 * now.
	 */
	__u32 record_size;
	/*
	 * ENTRIES and RUNS report only leaves, non-present entries and holes that have
	 * all flags of require and none of exclude. CONTIG is EINVAL in both. COUNTS
	 * and RAW take 0 only. Entries that point to tables are not filtered.
	 */
	__u64 require;	/* FAULTLAB_PTE_* */
	__u64 exclude;	/* FAULTLAB_PTE_* */
	__u64 pages;	/* PAGES: pointer to nr of struct faultlab_walk_page */
	__u32 page_size;	/* PAGES: sizeof(struct faultlab_walk_page), as record_size */
	__u32 pad;	/* must be 0 */
};

#endif /* _UAPI_LINUX_FAULTLAB_H */
