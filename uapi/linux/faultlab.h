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
 * sizeof(struct). Structs grow at their end only. A larger struct than the module
 * knows is accepted if the rest is zero (E2BIG otherwise); a smaller one than the
 * struct's first version is EINVAL. Records in arrays grow in the same way: their size
 * is passed with the array. FAULTLAB_IOC_FEATURES tells what this module and kernel can
 * do. Offsets and lengths are bytes within the region, multiples of the page size.
 *
 * The names, numbers and layouts that selftests/abi/v1_table.h lists are version 1: they
 * stay, and a program that was compiled against them (selftests/abi/) goes on working.
 *
 * Errors that every ioctl can give:
 *   EFAULT   the pointer, or one inside the struct, is not accessible. If the ioctl
 *            writes to the struct and it cannot be written, nothing was done
 *   EINVAL   wrong size, unknown flag or value, unaligned, overflow, past the end
 *   ENODEV   the region was unplugged (INFO, STATS, RULES_READ, WALK, RECORD, OBSERVE,
 *            LATENCY and FEATURES still work)
 *   ENOMEM   the kernel has no memory for it
 *   ENOTTY   unknown ioctl
 *   EINTR    killed while it waited or worked: the rules of RULE may be in force; EVICT
 *            and UNPLUG may have done a part, and the next call does the rest
 *
 * Secrets need CAP_SYS_ADMIN (in the initial user namespace) of the caller and of the
 * opener of the file, as descriptors can be passed on:
 *   of tasks       page tables of another task; records and latencies of all regions
 *   of the kernel  page frame numbers, raw entries, struct page, the kernel half,
 *                  addresses in stacks, of the caller's own task as well. Nobody sees
 *                  them where the kernel is locked down for confidentiality
 *                  (kernel_lockdown(7))
 * Without the capability, an ioctl for nothing but a secret fails with EPERM; in the
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
 * Lists of all enumerators or flags of a sort, a row each: FAULTLAB_VERDICTS(X) expands
 * to X(SERVE, "serve", ...) X(MAJOR, "major", ...) and so on. The enums below are made
 * from them, and so are the tables of whoever wants names: a new row is in all of them.
 * The first arguments are the last part of the identifier, for flags the number of the
 * bit, then the name in texts. In some lists strings follow that describe the row; the
 * tables of the documentation are made from them. A macro that is passed as X takes
 * `...` for what it does not use. FAULTLAB_COUNT is for the length of a list.
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

/* As a length: from the offset to the end of the region, even if that grows. */
#define FAULTLAB_TO_END		(~0ULL)

/*
 * How the region's memory reaches a page table.
 *
 * PAGE   struct pages with a reference per mapping. Without INSERT the handler
 *        returns the page, locked, and the core maps it (finish_fault()).
 * PFN    VM_PFNMAP through vmf_insert_pfn(): special entries, no reference, no
 *        RSS. A private writable mapping is EINVAL at mmap (vmf_insert_pfn()
 *        BUGs on it); a private read-only one loses VM_MAYWRITE.
 * REMAP  VM_PFNMAP through remap_pfn_range(), all of it at mmap, and no .fault: an
 *        access where the entry is gone (evict, unplug) is SIGBUS, and rules are never
 *        matched. The memory is not freed before the region ends. Private mappings
 *        are as with PFN: for one that allows CoW, remap_pfn_range() sets vm_pgoff to
 *        the first PFN, and evict would not find the mapping.
 * MIXED  VM_MIXEDMAP through vmf_insert_mixed(): special entries in shared mappings, as
 *        with PFN. In private mappings pages are returned, as with kind PAGE: for CoW
 *        of a special entry the core reads through the user address of the current task
 *        (__wp_page_copy_user()), which may be another process. With PHYS there is no
 *        page to return, and private mappings are as with PFN.
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
 *          VM_MIXEDMAP mapping, and read faults map populated neighbouring pages
 *          too (.map_pages, and with an order the rest of the folio); kind PAGE
 *          only. A CoW fault still returns the page.
 * MKWRITE  the mapping has .page_mkwrite and .pfn_mkwrite. Because it has them, entries
 *          of a shared writable mapping are read-only at first
 *          (vma_wants_writenotify()), and the first write faults again. Not with
 *          REMAP or HUGE.
 * PHYS     the memory is the physical range of the module parameter phys=,
 *          which has no struct page; not with kind PAGE. One region at a time.
 * HUGE     kind PFN only: .huge_fault maps a PMD or PUD at once where PFNs,
 *          mapping and rules allow it; EOPNOTSUPP where the kernel has no PMD leaves
 *          of PFNs (before 6.12, and on some architectures). Without PHYS it has an
 *          effect only with the order of a PMD.
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
 *               region has the range of PHYS. An mmap during CONFIG is EBUSY, too
 *   EINTR       killed
 *   ENOSPC      bytes exceed the module parameter max_pages, or the range of PHYS
 *   ENXIO       PHYS, and the module was loaded without phys=
 *   EOPNOTSUPP  HUGE, and this kernel does not support it. Before 6.12 also kind PAGE
 *               of a fixed size and the order of a PMD, without INSERT, MKWRITE or
 *               WHOLE: there mremap() of a PMD leaf races with evict
 *               (move_page_tables()), and only with WHOLE is the module called in time
 *               (.open)
 *   ENOMEM      the kernel has no room to map the range of PHYS
 * If CONFIG fails, the region stays as it was. The exception is a region with PHYS that
 * is configured with PHYS again: after ENOMEM, or EINTR while it mapped or zeroed the
 * range, it has released the range and is a default region, as without any CONFIG.
 */
struct faultlab_config {
	__u32 size;
	__u32 kind;	/* enum faultlab_kind */
	__u64 flags;	/* FAULTLAB_REGION_* */
	__u64 bytes;	/* size of the region; 0: grows to what is mapped */
	/*
	 * Memory comes in folios of 2^order pages, allocated by a fault on any of
	 * their pages; 0 to max_order of FAULTLAB_IOC_FEATURES. With kind PAGE and
	 * the order of a PMD (pmd_order there) the core maps the whole folio by one
	 * PMD (do_set_pmd()) if the VMA has room around it, the region has a fixed
	 * size and no MKWRITE, and no rule matches any of its pages. Not with PHYS,
	 * whose order is that of its alignment. bytes, and ranges that are dropped,
	 * must be whole folios.
	 */
	__u32 order;
	/*
	 * Kind PFN: how many pages a fault maps, its own among them, as far as the VMA,
	 * its PTE table and the rules allow: a power of two from 1 to
	 * FAULTLAB_MAX_AROUND; 0 is 1. The window is aligned to its size.
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
	__u32 id;	/* its name below debugfs faultlab/region/ */
	__u32 kind;	/* enum faultlab_kind */
	__u32 state;	/* FAULTLAB_INFO_* */
	__u64 flags;	/* FAULTLAB_REGION_* */
	__u64 bytes;	/* its size now */
	__u64 max_bytes;/* what it could grow to (max_pages) */
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
	__u32 kind;		/* in: whose region_flags, max_around and pmd_needs to tell */
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
	 * FAULTLAB_REGION_*: a region of kind with a fixed size and the order of a PMD
	 * must have one of these, or CONFIG is EOPNOTSUPP. 0: it needs none.
	 */
	__u64 pmd_needs;
};

/*
 * A rule matches faults that have any of its FAULTLAB_ACCESS_*. Each row says which
 * callback that is, and for what the core called it. The first five are callbacks; EXEC
 * and REMOTE add to READ, WRITE or COW. AROUND and HUGE are for pages that would be mapped
 * along with the page of a fault.
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
 * How a fault ends. Each row says what it ends in and what a process sees. Outcomes that
 * the kernel cannot survive have no number or are EINVAL: VM_FAULT_FALLBACK from .fault
 * is a BUG(), 0 without a page oopses, VM_FAULT_DONE_COW leaks the copy, NOPAGE or OOM
 * for ever hangs the task.
 *
 * MAJOR           also one PGMAJFAULT in /proc/vmstat, as filemap_fault() counts them.
 *                 .fault only: access must not name MKWRITE or PFN_MKWRITE
 * RETRY           the lock is dropped, and a delay is waited for without it. .fault only.
 *                 Where the core allows no retry, the fault is served at once
 * OOM             needs times. pagefault_out_of_memory() kills no task, and the access
 *                 from user mode faults again
 * HWPOISON_LARGE  arg is the index of the hstate
 * NOPAGE          needs times. A task that was killed gets SIGBUS instead: an access in
 *                 kernel mode would otherwise go on faulting
 * FALLBACK        for AROUND and HUGE only, and their only verdict but SERVE
 * UNPLUG          as FAULTLAB_IOC_UNPLUG
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
 * EXPONENTIAL  delay_us on average, delay_max_us at most (0: the limit)
 * GATE         until FAULTLAB_IOC_GATE lets it pass, delay_us and delay_max_us
 *              must be 0. A fault that may not be retried ends in SIGBUS instead;
 *              with HOLD_LOCK it waits for FAULTLAB_MAX_HOLD_US at most and goes
 *              on. MKWRITE and PFN_MKWRITE can be gated with HOLD_LOCK only
 *
 * Random waits are drawn from seed and the rule's count of faults.
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
 *            cut to FAULTLAB_MAX_HOLD_US. `retry` counts dropped locks only. Not
 *            with RETRY, which is there to drop the lock.
 * UNLOCKED   the page is returned without VM_FAULT_LOCKED, and the core locks it
 *            (__do_fault()). An evict between the two misses the page, which stays
 *            mapped, stale, until the next evict, or until a write calls
 *            .page_mkwrite, which unmaps it. SERVE and MAJOR only; no effect where
 *            the handler inserts the entry itself.
 * STACK      kernel stack records (FAULTLAB_RECORD_STACK) follow the record of the
 *            fault; they are a secret of the kernel. Any verdict but FALLBACK.
 *
 * When the kernel faults on behalf of a task (read() into the mapping, ptrace), it may
 * hold locks that others need. As with userfaultfd, such a fault is delayed or gated
 * only if the task that set the rule had CAP_SYS_PTRACE. So is .page_mkwrite, which
 * cannot tell whose fault it is. A task that exits or dumps core never waits.
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
 * FAULTLAB_IOC_RULE: when it returns, no fault in progress still follows the old rules.
 * The new rules are matched for a fault in a delay when that ends, for a fault at the
 * gate at once. ADD keeps the counts of the present rules.
 *   EPERM   STACK, a secret of the kernel
 *   ENOSPC  more than FAULTLAB_MAX_RULES, or a range past max_pages
 *
 * FAULTLAB_IOC_RULES_READ: the rules in force, with their hits. nr: in: room for rules;
 * out: the number of rules in force. op must be 0.
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
 * CLOSE  close the gate, as it is at first, and forget what PASS has left over
 * AWAIT  wait until nr faults wait at the gate. ETIMEDOUT after timeout_us; EINTR after
 *        a signal was handled, even with SA_RESTART. If it was interrupted without a
 *        signal to handle, as by SIGSTOP and SIGCONT, the timeout begins anew
 */
enum faultlab_gate_op {
	FAULTLAB_GATE_PASS,
	FAULTLAB_GATE_OPEN,
	FAULTLAB_GATE_CLOSE,
	FAULTLAB_GATE_AWAIT,
};

/* FAULTLAB_IOC_GATE: the gate of a region, where faults wait by a rule's delay GATE. */
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
 *       truncation does; without it they stay, as madvise() users may want
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
 * are SIGBUS, later mmaps and most ioctls ENODEV. It cannot be undone. As the verdict
 * of a rule it cannot be interrupted by a fatal signal. (With kind PAGE without INSERT
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

/* FAULTLAB_IOC_STATS: the region's counters. RESET: read, then start at 0. */
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
 * What it is: exactly one of NONE, TABLE, LEAF, NONPRESENT, NO_VMA, BAD.
 *   NONE        empty, at any level
 *   TABLE       points to the next table
 *   LEAF        present, maps memory
 *   NONPRESENT  swap, migration or a marker
 *   NO_VMA      in no VMA: not walked
 *   BAD         no valid table (pmd_bad())
 *
 * In leaves and tables, where the architecture has them:
 *   WRITE, EXEC, USER, ACCESSED, DIRTY, GLOBAL, PROTNONE, UFFD_WP
 *   SOFT_DIRTY  the soft-dirty bit of the entry. Linux sets it when it makes a dirty
 *               entry, makes an entry writable for a write fault, or moves the entry;
 *               clear_refs clears it, but not in VM_PFNMAP VMAs: there it only tells how
 *               the entry was made
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
 *   MIGRATION, HWPOISON
 *   DEVICE      memory of a device (device-private)
 *   MARKER      pfn: 1 uffd-wp, 2 poison, 4 guard
 *
 * In any entry:
 *   FOLDED      the level is folded on this machine
 *   CONTIG      RUNS: PFNs are consecutive
 *   HUGETLB     in a VMA of hugetlbfs
 *   VMA_SOFT_DIRTY  VM_SOFTDIRTY of the VMA, which is new, has grown, or was merged with
 *               a new one since /proc/PID/clear_refs was last written. COUNTS has it for
 *               the whole VMA. pagemap shows all pages and holes of such a VMA as
 *               soft-dirty. In other VMAs it shows SOFT_DIRTY, but for hugetlbfs and
 *               VM_PFNMAP, whose entries it does not look at
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
	__u64 bytes;	/* how many it covers; NO_VMA: the length of the hole */
	__u64 raw;	/* value in memory; a secret of the kernel */
	__u64 pfn;	/* of the leaf or the next table, or swap offset; a secret, too */
	__u64 flags;	/* FAULTLAB_PTE_* */
	__u16 index;	/* in its table */
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
	__u64 pfn;	/* of the first; a secret of the kernel */
	__u64 flags;	/* FAULTLAB_PTE_*; CONTIG (a secret, too): PFNs are consecutive */
	__u32 level;	/* enum faultlab_level; for a hole that of its first entry */
	__u32 pkey;	/* x86: protection key */
};

/* A table's entries as they are in memory; nr of __u64 follow the header. */
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
	 * The range of the VMA, cut to the range of the walk. start is higher if the
	 * VMA changed during the walk: then the counts are from that address on.
	 */
	__u64 start;
	__u64 end;
	__u64 vm_flags;	/* the kernel's VM_* */
	__u64 leaf[5];	/* by enum faultlab_level */
	__u64 none[5];	/* empty entries; an empty PMD counts as one, likewise above */
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
 * RAW      struct faultlab_walk_raw and the words after it; nr counts __u64s. PTE
 *          tables, and entries above them that are leaves or not present; with TABLES
 *          also those that point to tables; HOLES is EINVAL. A secret of the kernel
 * COUNTS   struct faultlab_walk_counts, one a VMA; TABLES and HOLES are EINVAL
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
 * HOLES   report NONE and NO_VMA too, each once for the whole range of the entry
 * PAGES   fill pages as well: ENTRIES only, a secret of the kernel
 * KERNEL  the kernel half of the address space: x86 only (EOPNOTSUPP), ENTRIES only,
 *         pid must be 0, a secret of the kernel. No lock keeps its tables from being
 *         freed while they are read: each entry is read safely, and the whole is best
 *         effort
 */
#define FAULTLAB_WALK_TABLES	(1U << 0)
#define FAULTLAB_WALK_HOLES	(1U << 1)
#define FAULTLAB_WALK_PAGES	(1U << 2)
#define FAULTLAB_WALK_KERNEL	(1U << 3)

/*
 * FAULTLAB_IOC_WALK: the page-table entries over [start, end) of a task, in the order
 * of a walk; start and end need not be aligned. The addr of an entry is where its range
 * begins: that can be before start, and for a hole before a NO_VMA reported earlier.
 *
 * The walk stops when the buffer is full. To go on, set start = next, keep resume as it
 * was returned, and repeat until next is end. resume identifies the address space, and
 * keeps tables and holes that VMAs share from being reported twice. Memory that stays
 * mapped during the walk is reported once, whatever else changes. A large leaf that
 * replaced a partly reported table is reported with its whole range, of which only the
 * rest is new.
 *   EPERM   another task, PAGES, KERNEL or RAW: secrets that the caller may not see
 *   ESRCH   no such task, or it has no address space (a kernel thread, a zombie)
 *   ESTALE  resume is from a walk of another address space: the task has called exec()
 *           since, or the PID belongs to another task now. Begin anew, or go on
 *           nonetheless with resume = 0
 *   EINVAL  room for less than one record; for RAW, than one table and its header
 */
struct faultlab_walk {
	__u32 size;
	__u32 flags;	/* FAULTLAB_WALK_* */
	__s32 pid;	/* 0: the caller; in the caller's PID namespace */
	__u32 resume;	/* 0 to begin; out: pass it back to go on */
	__u64 start;
	__u64 end;	/* exclusive; clamped to the end of user space */
	__u64 next;	/* out: where to go on */
	__u64 entries;	/* pointer to nr records of the form */
	__u64 nr;	/* in: room for records; out: records filled */
	__u32 form;	/* enum faultlab_walk_form */
	/*
	 * sizeof() of the form's record, RAW: 8. Records are this many bytes apart;
	 * fields that the module does not know read 0. 0 means the size in the first
	 * version of this ABI, not the size now. At most a page.
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
