/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * faultlab: a laboratory for page faults. The contract of /dev/faultlab.
 *
 * One open of /dev/faultlab is one region: memory of a kind, rules that say how
 * its faults end, and counts of what happened. Every mapping of that open file,
 * in any process, shows the region from the mapping's file offset on. With no
 * ioctl at all a region is page-backed, zeroed and grows to what is mapped of it,
 * up to the module parameter max_pages. A region of a fixed size can be mapped
 * past its end, as a file can; a fault there is SIGBUS.
 *
 * Every ioctl takes a struct that begins with its own size in bytes: set it to
 * sizeof(struct). Structs grow at their end only; a larger one than the module
 * knows is accepted if the rest is zero (E2BIG otherwise), a smaller one than
 * this first version is EINVAL. Arrays grow in the same way: the size of their records
 * comes with them. What this module and kernel can do FAULTLAB_IOC_FEATURES tells.
 * Offsets and lengths are bytes within the region, multiples of the page size.
 *
 * Errors that every ioctl can give:
 *   EFAULT   the pointer, or one inside the struct, is not accessible; where the struct
 *            comes back and cannot be written to, nothing was done
 *   EINVAL   wrong size, unknown flag or value, unaligned, overflow, past the end
 *   ENODEV   the region was unplugged (INFO, STATS, RULES_READ, WALK, RECORD, OBSERVE,
 *            LATENCY and FEATURES still work)
 *   ENOMEM   the kernel has no memory for it
 *   ENOTTY   unknown ioctl
 *   EINTR    killed while it waited or worked: RULE may be in force, EVICT and UNPLUG
 *            may have done a part, and the next call does the rest
 *
 * Secrets need CAP_SYS_ADMIN (in the initial user namespace) of the caller and of whoever
 * opened the file, as descriptors can be passed on:
 *   of tasks       page tables of another task; records and times of all regions
 *   of the kernel  page frame numbers, raw entries, struct page, the kernel half,
 *                  addresses in stacks, of whatever task. Nobody sees them where the
 *                  kernel is locked down for confidentiality (kernel_lockdown(7))
 * Where a secret is all that was asked for, who may not see it gets EPERM; where there is
 * more to be seen, it reads 0.
 */
#ifndef _UAPI_LINUX_FAULTLAB_H
#define _UAPI_LINUX_FAULTLAB_H

#include <linux/faultlab_record.h>
#include <linux/ioctl.h>
#include <linux/types.h>

#define FAULTLAB_IOC_MAGIC	0xFB

/*
 * The size and the direction in the number are for who watches (strace, valgrind): the
 * module goes by the last 8 bits alone, so that a struct can grow.
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

/* As a length: from the offset to the end of the region, wherever that is. */
#define FAULTLAB_TO_END		(~0ULL)

/*
 * How the region's memory reaches a page table.
 *
 * PAGE   struct pages with a reference per mapping. Without INSERT the handler
 *        returns the page, locked, and the core maps it (finish_fault()).
 * PFN    VM_PFNMAP through vmf_insert_pfn(): special entries, no reference, no
 *        RSS. A private writable mapping is EINVAL at mmap (vmf_insert_pfn()
 *        BUGs on it); a private read-only one loses VM_MAYWRITE.
 * REMAP  VM_PFNMAP through remap_pfn_range(), all of it at mmap, and no .fault:
 *        where an entry is gone (evict, unplug) a touch is SIGBUS, and no rule is
 *        ever asked. Its memory is not freed before the region ends. A private
 *        mapping is as with PFN: remap_pfn_range() would bind one that can be copied
 *        on write to its first frame, where no evict finds it.
 * MIXED  VM_MIXEDMAP through vmf_insert_mixed(): special entries as with PFN in
 *        shared mappings. In private ones pages are returned, as with kind PAGE: to
 *        copy a special entry on write the core reads from the address of whoever
 *        runs (__wp_page_copy_user()), which may be another process. With PHYS there
 *        is no page to return, and private mappings are as with PFN.
 */
enum faultlab_kind {
	FAULTLAB_KIND_PAGE,
	FAULTLAB_KIND_PFN,
	FAULTLAB_KIND_REMAP,
	FAULTLAB_KIND_MIXED,
};

/*
 * INSERT   the handler inserts the page itself (vm_insert_page()) into a
 *          VM_MIXEDMAP mapping, and read faults map their populated neighbours
 *          too (.map_pages, and with an order the rest of the folio); kind PAGE
 *          only. A CoW fault still returns the page.
 * MKWRITE  the mapping has .page_mkwrite and .pfn_mkwrite. Their presence alone
 *          makes entries of a shared writable mapping read-only at first
 *          (vma_wants_writenotify()), so the first write faults again. Not with
 *          REMAP or HUGE.
 * PHYS     the memory is the physical range of the module parameter phys=,
 *          which has no struct page; not with kind PAGE. One region at a time.
 * HUGE     kind PFN only: .huge_fault maps a PMD or PUD at once where frames,
 *          mapping and rules allow it; EOPNOTSUPP where the kernel cannot map
 *          frames so (before 6.12, and on some architectures). Memory that is not
 *          PHYS needs the order of a PMD to be of use.
 * WHOLE    the VMA can be split and moved at folio boundaries only (.may_split
 *          and .mremap give EINVAL elsewhere), is never merged and cannot grow
 *          (VM_DONTEXPAND), and /proc/PID/smaps shows the folio as its page size
 *          (.pagesize), as with device DAX; not with REMAP.
 */
#define FAULTLAB_REGION_INSERT	(1ULL << 0)
#define FAULTLAB_REGION_MKWRITE	(1ULL << 1)
#define FAULTLAB_REGION_PHYS	(1ULL << 2)
#define FAULTLAB_REGION_HUGE	(1ULL << 3)
#define FAULTLAB_REGION_WHOLE	(1ULL << 4)

/*
 * The memory type of PHYS: how it is mapped, in the kernel and in processes. Of
 * memory that has a struct page it is always WB.
 */
enum faultlab_cache {
	FAULTLAB_CACHE_WB,	/* write-back */
	FAULTLAB_CACHE_WC,	/* write-combining */
	FAULTLAB_CACHE_UC,	/* uncached */
};

#define FAULTLAB_MAX_AROUND	512

/*
 * FAULTLAB_IOC_CONFIG: what the region is, before its first mmap.
 *   EBUSY       the region has been mapped, another CONFIG of it is under way, or the
 *               range of PHYS is taken. An mmap while it is under way is EBUSY, too
 *   EINTR       killed
 *   ENOSPC      bytes exceed the module parameter max_pages, or the range of PHYS
 *   ENXIO       PHYS, and the module was loaded without phys=
 *   EOPNOTSUPP  HUGE, and this kernel cannot. Before 6.12 also kind PAGE of a fixed
 *               size whose order is a PMD's, without INSERT, MKWRITE or WHOLE: there
 *               mremap() of a PMD leaf does not survive an evict (move_page_tables()),
 *               and only with WHOLE does the module learn of it in time (.open)
 *   ENOMEM      the kernel has no room to map the range of PHYS
 * Where it fails the region stays what it was. The exception is a region of PHYS that is
 * configured with PHYS again: after ENOMEM, or EINTR while it mapped or zeroed, it has
 * given the range up and is a default region, as one that nobody has configured.
 */
struct faultlab_config {
	__u32 size;
	__u32 kind;	/* enum faultlab_kind */
	__u64 flags;	/* FAULTLAB_REGION_* */
	__u64 bytes;	/* size of the region; 0: grows to what is mapped */
	/*
	 * Memory comes in folios of 2^order pages, which a fault on any of their
	 * pages allocates; 0 to max_order of FAULTLAB_IOC_FEATURES. A page of kind
	 * PAGE that is returned out of a folio as large as a PMD maps (pmd_order
	 * there) becomes a PMD at once (do_set_pmd()) if the VMA has room around it,
	 * the region has a fixed size and no MKWRITE, and no rule is about any of its
	 * pages. Not with PHYS, whose order is that of its alignment. bytes and what
	 * is dropped must be whole folios.
	 */
	__u32 order;
	/*
	 * Kind PFN: a fault maps so many pages, its own among them, as far as the
	 * VMA, its page table and the rules go: a power of two from 1 to
	 * FAULTLAB_MAX_AROUND; 0 is 1. The window is aligned to its size.
	 */
	__u32 around;
	__u32 cache;	/* enum faultlab_cache; not WB with PHYS only */
	__u32 pad;	/* must be 0 */
};

/* FAULTLAB_INFO_*: state of the region */
#define FAULTLAB_INFO_MAPPED	(1U << 0)	/* has been mapped at least once */
#define FAULTLAB_INFO_UNPLUGGED	(1U << 1)

/* FAULTLAB_IOC_INFO: read what the region is. All fields but size are output. */
struct faultlab_info {
	__u32 size;
	__u32 id;	/* its name below debugfs faultlab/region/ */
	__u32 kind;	/* enum faultlab_kind */
	__u32 state;	/* FAULTLAB_INFO_* */
	__u64 flags;	/* FAULTLAB_REGION_* */
	__u64 bytes;	/* its size now */
	__u64 max_bytes;/* what it could grow to (max_pages) */
	__u32 order;	/* this and what follows as in struct faultlab_config */
	__u32 around;	/* 1 where a fault maps a page at a time */
	__u32 cache;
	__u32 pad;
};

/*
 * FAULTLAB_IOC_FEATURES: what this module can do on this kernel and machine, so that
 * nobody needs to try. All fields but size and kind are output; those of a newer module
 * read 0 from an older one.
 */
struct faultlab_features {
	__u32 size;
	__u32 kind;		/* in: of which region_flags, max_around and pmd_needs are */
	__u64 ioctls;		/* 1 << the number of an ioctl, as _IOC_NR() has it */
	__u64 kinds;		/* 1 << enum faultlab_kind */
	__u64 region_flags;	/* FAULTLAB_REGION_* that a region of kind can have here */
	__u64 access;		/* FAULTLAB_ACCESS_* */
	__u64 verdicts;		/* 1 << enum faultlab_verdict */
	__u64 delays;		/* 1 << enum faultlab_delay */
	__u64 rule_flags;	/* FAULTLAB_RULE_* */
	__u64 forms;		/* 1 << enum faultlab_walk_form */
	__u64 walk_flags;	/* FAULTLAB_WALK_* */
	__u64 max_bytes;	/* of a region: the module parameter max_pages */
	__u64 phys_bytes;	/* the range of PHYS; 0: the module was loaded without phys= */
	__u32 stats;		/* how many counters, enum faultlab_stat */
	__u32 caches;		/* 1 << enum faultlab_cache, of PHYS */
	__u32 max_order;	/* of struct faultlab_config */
	__u32 max_around;	/* likewise, of kind */
	__u32 pmd_order;	/* a PMD maps 2^pmd_order pages; a PUD 2^pud_order */
	__u32 pud_order;
	/*
	 * FAULTLAB_REGION_*: of a region of kind with a fixed size and the order of a PMD,
	 * one of these must be set, or CONFIG is EOPNOTSUPP. 0: it can be had without.
	 */
	__u64 pmd_needs;
};

/*
 * Which faults a rule is for: any that has one of these. The first five are the
 * callback, EXEC and REMOTE say more of a .fault for READ, WRITE or COW. AROUND
 * and HUGE are of a page that would be mapped along with another's fault.
 */
#define FAULTLAB_ACCESS_READ		(1U << 0) /* .fault for a read or exec */
#define FAULTLAB_ACCESS_WRITE		(1U << 1) /* .fault for a shared write */
#define FAULTLAB_ACCESS_COW		(1U << 2) /* .fault for a private write */
#define FAULTLAB_ACCESS_MKWRITE		(1U << 3) /* .page_mkwrite */
#define FAULTLAB_ACCESS_PFN_MKWRITE	(1U << 4) /* .pfn_mkwrite */
#define FAULTLAB_ACCESS_EXEC		(1U << 5) /* FAULT_FLAG_INSTRUCTION */
#define FAULTLAB_ACCESS_REMOTE		(1U << 6) /* FAULT_FLAG_REMOTE: another mm */
#define FAULTLAB_ACCESS_AROUND		(1U << 7) /* .map_pages, batch of kind PFN */
#define FAULTLAB_ACCESS_HUGE		(1U << 8) /* part of a PMD or PUD */
#define FAULTLAB_ACCESS_ANY		0x1ffU

/*
 * How a fault ends. Outcomes that the kernel cannot survive have no number or
 * are EINVAL: VM_FAULT_FALLBACK from .fault is a BUG(), 0 without a page oopses,
 * VM_FAULT_DONE_COW leaks the copy, NOPAGE or OOM for ever hangs the task.
 *
 * SERVE           the page is mapped
 * MAJOR           the same, and the fault is major: VM_FAULT_MAJOR, and one
 *                 PGMAJFAULT in /proc/vmstat, as filemap_fault() counts them.
 *                 .fault only: access must not name MKWRITE or PFN_MKWRITE
 * RETRY           drop the lock, wait if there is a delay, VM_FAULT_RETRY; when
 *                 the core comes again the page is mapped. .fault only. Where the
 *                 core allows no retry it is served at once
 * SIGBUS          VM_FAULT_SIGBUS: SIGBUS, BUS_ADRERR; in the kernel EFAULT
 * OOM             VM_FAULT_OOM: a process only faults again
 *                 (pagefault_out_of_memory()), get_user_pages() gives ENOMEM;
 *                 needs times
 * HWPOISON        VM_FAULT_HWPOISON: SIGBUS, BUS_MCEERR_AR, si_addr_lsb a page;
 *                 get_user_pages() gives EFAULT or EHWPOISON (FOLL_HWPOISON)
 * HWPOISON_LARGE  the same of a huge page: arg is the index of its hstate, 0 or 1
 * SIGSEGV         VM_FAULT_SIGSEGV: SIGSEGV, SEGV_MAPERR
 * NOPAGE          VM_FAULT_NOPAGE and nothing mapped: the access faults again;
 *                 needs times. A task that was killed gets SIGBUS instead, since in
 *                 kernel mode nothing else would end it
 * FALLBACK        for AROUND and HUGE alone, and their only verdict but SERVE: the
 *                 page is not mapped along with others; .huge_fault returns
 *                 VM_FAULT_FALLBACK
 * UNPLUG          the device dies in this fault (FAULTLAB_IOC_UNPLUG): SIGBUS
 */
enum faultlab_verdict {
	FAULTLAB_VERDICT_SERVE,
	FAULTLAB_VERDICT_MAJOR,
	FAULTLAB_VERDICT_RETRY,
	FAULTLAB_VERDICT_SIGBUS,
	FAULTLAB_VERDICT_OOM,
	FAULTLAB_VERDICT_HWPOISON,
	FAULTLAB_VERDICT_HWPOISON_LARGE,
	FAULTLAB_VERDICT_SIGSEGV,
	FAULTLAB_VERDICT_NOPAGE,
	FAULTLAB_VERDICT_FALLBACK,
	FAULTLAB_VERDICT_UNPLUG,
	FAULTLAB_NR_VERDICTS
};

/*
 * What a fault waits for before its verdict; not with FALLBACK.
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
};

/*
 * HOLD_LOCK  a delay sleeps under the lock that the core holds, for at most
 *            FAULTLAB_MAX_HOLD_US. Without it the lock is dropped, the wait can
 *            be killed, and the fault comes again (VM_FAULT_RETRY); where the
 *            core allows no retry (.page_mkwrite, .pfn_mkwrite, some callers of
 *            get_user_pages()), the delay is served under the lock after all,
 *            cut to FAULTLAB_MAX_HOLD_US. `retry` counts dropped locks only. Not
 *            with RETRY, whose point is the other.
 * UNLOCKED   the page is returned without VM_FAULT_LOCKED, and the core locks it
 *            (__do_fault()): an evict between the two misses it, and the stale
 *            page is mapped until it is evicted, or until a write to it calls
 *            .page_mkwrite, which unmaps it. SERVE and MAJOR only; no effect where
 *            the handler inserts the entry itself.
 * STACK      the record of the fault comes with the stack of the kernel
 *            (FAULTLAB_RECORD_STACK), a secret of the kernel. Any verdict
 *            but FALLBACK.
 *
 * The kernel may hold locks that others need when it faults on behalf of a task
 * (read() into the mapping, ptrace). As with userfaultfd, such a fault is delayed
 * or gated only if who set the rule had CAP_SYS_PTRACE; so is .page_mkwrite, which
 * cannot tell whose fault it is. A task that exits or dumps core never waits.
 */
#define FAULTLAB_RULE_HOLD_LOCK	(1U << 0)
#define FAULTLAB_RULE_UNLOCKED	(1U << 1)
#define FAULTLAB_RULE_STACK	(1U << 2)

#define FAULTLAB_MAX_DELAY_US	60000000ULL
#define FAULTLAB_MAX_HOLD_US	1000000ULL
#define FAULTLAB_MAX_RULES	1024
#define FAULTLAB_MAX_TIMES	1000ULL		/* of NOPAGE and OOM */
#define FAULTLAB_ALWAYS		1000000U	/* a probability of 1 */

/*
 * A rule: which faults end how. The first that applies wins; without one a fault
 * is served. Of the faults in its range and of its access a rule lets the first
 * `skip` pass, then applies to every Nth (`every`), if the dice say so, and `times`
 * times in all. What it lets pass is for the rules behind it.
 */
struct faultlab_rule {
	__u64 offset;		/* first byte */
	__u64 length;		/* bytes, or FAULTLAB_TO_END */
	__u32 access;		/* mask of FAULTLAB_ACCESS_*; 0: all it can be for */
	__u32 verdict;		/* enum faultlab_verdict */
	__u32 flags;		/* FAULTLAB_RULE_* */
	__u32 delay_kind;	/* enum faultlab_delay */
	__u64 delay_us;		/* microseconds, at most FAULTLAB_MAX_DELAY_US */
	__u64 delay_max_us;	/* UNIFORM, EXPONENTIAL: no longer than that */
	__u64 skip;		/* faults to let pass first */
	__u64 every;		/* then every Nth matching fault; 0 and 1: each */
	__u64 times;		/* at most so often; 0: no limit */
	__u64 seed;		/* of probability and of random delays */
	__u32 probability;	/* in millionths, to FAULTLAB_ALWAYS; 0: always */
	__u32 arg;		/* HWPOISON_LARGE: index of the hstate, 0 or 1 */
	__u64 hits;		/* out: how often it applied; in: must be 0 */
};

enum faultlab_rule_op {
	FAULTLAB_RULE_SET,	/* these rules and no others; none clears */
	FAULTLAB_RULE_ADD,	/* these behind those that are there */
};

/*
 * FAULTLAB_IOC_RULE: when it returns, no fault is under way that was judged by
 * the rules before. One that waits in a delay is judged anew after it, one that
 * waits at the gate at once. ADD keeps the counts of the rules that were there.
 *   ENOSPC  more than FAULTLAB_MAX_RULES, or a range past max_pages
 *
 * FAULTLAB_IOC_RULES_READ: the rules in force, with their hits. nr is the room on
 * the way in and the number of rules there are on the way out; op must be 0.
 */
struct faultlab_rules {
	__u32 size;
	__u32 op;		/* enum faultlab_rule_op */
	__u32 nr;
	__u32 rule_size;	/* sizeof(struct faultlab_rule); grows as structs do */
	__u64 rules;		/* pointer to nr of struct faultlab_rule */
};

/*
 * PASS   let the nr faults pass that have waited longest; fewer may be there, and
 *        then the next that come do not wait
 * OPEN   let all pass, those to come as well, until CLOSE
 * CLOSE  the gate as it was at first; forgets what PASS has left over
 * AWAIT  until nr faults wait, timeout_us at most: ETIMEDOUT, and EINTR after a signal
 *        was handled, whatever SA_RESTART says. Where it was interrupted and there is
 *        nothing to handle, as by SIGSTOP and SIGCONT, the time begins anew
 */
enum faultlab_gate_op {
	FAULTLAB_GATE_PASS,
	FAULTLAB_GATE_OPEN,
	FAULTLAB_GATE_CLOSE,
	FAULTLAB_GATE_AWAIT,
};

/* FAULTLAB_IOC_GATE: the gate at which faults wait whose rule says so. */
struct faultlab_gate {
	__u32 size;
	__u32 op;		/* enum faultlab_gate_op */
	__u32 nr;		/* PASS, AWAIT: how many; else must be 0 */
	__u32 waiting;		/* out, unless it fails: faults that wait now */
	__u64 timeout_us;	/* AWAIT: microseconds, to FAULTLAB_MAX_DELAY_US; else 0 */
};

/*
 * DROP  free the pages as well: the next fault finds a new, zeroed one. Whole
 *       folios only; not with PHYS or REMAP (EINVAL), whose memory is not freed
 * COWS  private copies too (even_cows of unmap_mapping_range()); without it
 *       they stay, as truncation never does but madvise() users may want
 */
#define FAULTLAB_EVICT_DROP	(1U << 0)
#define FAULTLAB_EVICT_COWS	(1U << 1)

/*
 * FAULTLAB_IOC_EVICT: remove the translations of a range from every process.
 * When it returns 0 none remains of those that were there when it was called, and no
 * fault that was under way brings one back. A long range goes part by part (4096
 * pages), and what faults meanwhile in a part that is done stays. With PHYS it goes in
 * one piece, which a signal does not end.
 * A fault that waits in a delay maps the page, if there is to be one, afterwards.
 * So may an mmap of kind REMAP that is under way.
 */
struct faultlab_evict {
	__u32 size;
	__u32 flags;	/* FAULTLAB_EVICT_* */
	__u64 offset;
	__u64 length;	/* FAULTLAB_TO_END: the rest of the region */
};

/*
 * FAULTLAB_IOC_UNPLUG: the device dies while it is mapped, as a GPU or a VFIO
 * device can. All translations go, private copies among them; later faults give
 * SIGBUS, later mmaps and most ioctls ENODEV. There is no way back. As the verdict of a
 * rule it cannot be killed. (Of kind PAGE without INSERT and WHOLE the kernel may serve
 * an mmap next to a mapping of the same file by extending that, without asking the
 * driver: it succeeds, and its pages are SIGBUS.)
 */
struct faultlab_unplug {
	__u32 size;
	__u32 flags;	/* must be 0 */
};

enum faultlab_stat {
#define FAULTLAB_STAT(NAME, name) FAULTLAB_STAT_##NAME
#include <linux/faultlab_stats.h>
#undef FAULTLAB_STAT
	FAULTLAB_NR_STATS
};

/* FAULTLAB_IOC_STATS: the region's counts. RESET: read, then start at 0. */
#define FAULTLAB_STATS_RESET	(1U << 0)

#define FAULTLAB_STATS_VALUES	64	/* room for what later modules count */

struct faultlab_stats {
	__u32 size;
	__u32 flags;				/* FAULTLAB_STATS_* */
	__u64 value[FAULTLAB_STATS_VALUES];	/* by enum faultlab_stat; the rest is 0 */
};

/* Levels of a page table, from the leaves up. */
enum faultlab_level {
	FAULTLAB_LEVEL_PTE,
	FAULTLAB_LEVEL_PMD,
	FAULTLAB_LEVEL_PUD,
	FAULTLAB_LEVEL_P4D,
	FAULTLAB_LEVEL_PGD,
};

/*
 * What an entry is: exactly one of NONE, TABLE, LEAF, NONPRESENT, NO_VMA, BAD.
 */
#define FAULTLAB_PTE_NONE	(1ULL << 0)  /* empty: the walk ends here */
#define FAULTLAB_PTE_TABLE	(1ULL << 1)  /* points to the next table */
#define FAULTLAB_PTE_LEAF	(1ULL << 2)  /* present, maps memory */
#define FAULTLAB_PTE_NONPRESENT	(1ULL << 3)  /* swap, migration or a marker */
#define FAULTLAB_PTE_NO_VMA	(1ULL << 4)  /* in no VMA: not walked */
#define FAULTLAB_PTE_BAD	(1ULL << 5)  /* no valid table (pmd_bad()) */
/*
 * Of any: VM_SOFTDIRTY. The VMA is new, or has grown or been merged with a new one, since
 * /proc/PID/clear_refs was last written; COUNTS has it of the whole VMA. pagemap says
 * soft-dirty of all its pages and holes, and elsewhere what SOFT_DIRTY says, but for
 * hugetlbfs and VM_PFNMAP, whose entries it does not look at.
 */
#define FAULTLAB_PTE_VMA_SOFT_DIRTY (1ULL << 7)
/* Of leaves and tables, where the architecture has them. */
#define FAULTLAB_PTE_WRITE	(1ULL << 8)
#define FAULTLAB_PTE_USER	(1ULL << 9)
#define FAULTLAB_PTE_EXEC	(1ULL << 10)
#define FAULTLAB_PTE_ACCESSED	(1ULL << 11)
#define FAULTLAB_PTE_DIRTY	(1ULL << 12)
/*
 * The entry's own bit: Linux sets it where it makes an entry that is dirty, lets a write
 * pass or moves the entry, and clear_refs clears it. In VM_PFNMAP clear_refs does not: there
 * it only says how the entry was made.
 */
#define FAULTLAB_PTE_SOFT_DIRTY	(1ULL << 13)
#define FAULTLAB_PTE_SPECIAL	(1ULL << 14) /* no struct page (pte_special()) */
#define FAULTLAB_PTE_GLOBAL	(1ULL << 15)
#define FAULTLAB_PTE_PROTNONE	(1ULL << 16)
#define FAULTLAB_PTE_UFFD_WP	(1ULL << 17)
#define FAULTLAB_PTE_PWT	(1ULL << 18) /* x86: bit 0 of the index into the PAT */
#define FAULTLAB_PTE_PCD	(1ULL << 19) /* x86: bit 1 */
#define FAULTLAB_PTE_PAT	(1ULL << 20) /* x86: bit 2 */
/*
 * The memory type that a present leaf asks for: one of these, or none where it is not
 * known, as of an index that Linux does not use. What an MTRR makes of it is not in the
 * entry.
 */
#define FAULTLAB_PTE_WC		(1ULL << 21) /* write-combining */
#define FAULTLAB_PTE_WT		(1ULL << 22) /* write-through */
#define FAULTLAB_PTE_WP		(1ULL << 23) /* x86: write-protected */
/* Of NONPRESENT entries. */
#define FAULTLAB_PTE_SWAP	(1ULL << 24) /* pfn is the swap offset */
#define FAULTLAB_PTE_MIGRATION	(1ULL << 25)
#define FAULTLAB_PTE_HWPOISON	(1ULL << 26)
#define FAULTLAB_PTE_DEVICE	(1ULL << 27) /* memory of a device (device-private) */
#define FAULTLAB_PTE_MARKER	(1ULL << 28) /* pfn: 1 uffd-wp, 2 poison, 4 guard */
/* Memory types, continued. */
#define FAULTLAB_PTE_UC_MINUS	(1ULL << 29) /* x86: uncached, an MTRR can make it WC */
#define FAULTLAB_PTE_UC		(1ULL << 30) /* uncached */
#define FAULTLAB_PTE_WB		(1ULL << 31) /* write-back: cached as memory is */
#define FAULTLAB_PTE_MEMTYPE	(FAULTLAB_PTE_WB | FAULTLAB_PTE_WC | FAULTLAB_PTE_UC_MINUS | \
				 FAULTLAB_PTE_UC | FAULTLAB_PTE_WT | FAULTLAB_PTE_WP)
/* Of any. */
#define FAULTLAB_PTE_FOLDED	(1ULL << 32) /* this machine lacks the level */
#define FAULTLAB_PTE_CONTIG	(1ULL << 33) /* of runs: frames follow each other */
#define FAULTLAB_PTE_HUGETLB	(1ULL << 34) /* in a VMA of hugetlbfs */
#define FAULTLAB_NR_PTE_FLAGS	35	     /* bits above, gaps among them */

struct faultlab_walk_entry {
	__u64 addr;	/* first address that the entry covers */
	__u64 bytes;	/* what it covers; a hole's length for NO_VMA */
	__u64 raw;	/* as in memory; a secret of the kernel */
	__u64 pfn;	/* of the leaf, the next table or the swap slot; likewise */
	__u64 flags;	/* FAULTLAB_PTE_* */
	__u16 index;	/* in its table */
	__u8  level;	/* enum faultlab_level */
	__u8  pkey;	/* x86: protection key of a leaf */
	__u8  pad[4];
};

/* What is behind a leaf's frame: with FAULTLAB_WALK_PAGES, one for each entry. */
struct faultlab_walk_page {
	/*
	 * 1ULL << KPF_* of <linux/kernel-page-flags.h>; of a tail page's head where
	 * the kernel keeps them there. KPF_NOPAGE: not a leaf, or no struct page is
	 * behind the frame.
	 */
	__u64 flags;
	__s32 refcount;	/* of the folio */
	__s32 mapcount;	/* of this page: entries that map it */
	__u32 order;	/* the folio has 2^order pages */
	__u32 pad;
};

/* Ranges of equal flags: neighbours in one VMA, of one level. */
struct faultlab_walk_run {
	__u64 start;
	__u64 end;	/* exclusive */
	__u64 pfn;	/* of the first; a secret of the kernel */
	__u64 flags;	/* FAULTLAB_PTE_*; CONTIG (likewise) if the frames follow each other */
	__u32 level;	/* enum faultlab_level; a hole's is that of its first entry */
	__u32 pkey;	/* x86: protection key */
};

/* A table's entries as they are in memory; nr of __u64 follow the header. */
struct faultlab_walk_raw {
	__u64 addr;	/* that the first entry covers */
	__u16 level;	/* enum faultlab_level */
	__u16 index;	/* of the first entry */
	__u16 nr;
	__u16 pad;
};

/* What a VMA is made of; empty ranges between VMAs are not counted. */
struct faultlab_walk_counts {
	/* Of the VMA, of what was asked for, or from where on it is this VMA. */
	__u64 start;
	__u64 end;
	__u64 vm_flags;	/* as the kernel has them */
	__u64 leaf[5];	/* by enum faultlab_level */
	__u64 none[5];	/* empty entries, one for all that it covers */
	/*
	 * Entries that point to a table, which is of the level below; those that VMAs
	 * share count with the first.
	 */
	__u64 table[5];
	/* Bytes whose leaf or non-present entry has the flag 1ULL << n. */
	__u64 flag[64];
};

/*
 * ENTRIES  struct faultlab_walk_entry, in the order of a walk
 * RUNS     struct faultlab_walk_run; TABLES is EINVAL. None is of two VMAs, nor of what
 *          one was before and after a change of its place, file or flags
 * RAW      struct faultlab_walk_raw and what follows it; nr counts __u64s. Leaf tables,
 *          leaves above them, and with TABLES all else. A secret of the kernel
 * COUNTS   struct faultlab_walk_counts, one a VMA; TABLES and HOLES are EINVAL
 */
enum faultlab_walk_form {
	FAULTLAB_WALK_ENTRIES,
	FAULTLAB_WALK_RUNS,
	FAULTLAB_WALK_RAW,
	FAULTLAB_WALK_COUNTS,
};

/*
 * TABLES  report the entries above the leaves too, each before what is below it
 * HOLES   report NONE and NO_VMA too, each once for the whole range of the entry
 * PAGES   fill pages as well: ENTRIES only, a secret of the kernel
 * KERNEL  the kernel half of the address space, x86 only (EOPNOTSUPP), ENTRIES
 *         only, pid must be 0, a secret of the kernel. Tables can go while they are
 *         read, and nothing can be locked against that: each entry is read safely,
 *         and the whole is best effort
 */
#define FAULTLAB_WALK_TABLES	(1U << 0)
#define FAULTLAB_WALK_HOLES	(1U << 1)
#define FAULTLAB_WALK_PAGES	(1U << 2)
#define FAULTLAB_WALK_KERNEL	(1U << 3)

/*
 * FAULTLAB_IOC_WALK: the page-table entries over [start, end) of a task, in the
 * order of a walk; start and end need not be aligned. addr is where an entry's
 * range begins, which can be before start, and in holes before a NO_VMA that was
 * reported earlier. It stops when the buffer is
 * full: go on with start = next, and resume as it came back, which keeps entries that
 * VMAs share, tables and holes, from being reported twice and knows whose walk it is,
 * until next is end. What was mapped at all times is reported once, whatever else
 * changed. A large leaf that took the place of a table of which a part was reported
 * is reported with all of its range: what counts is the rest of it.
 *   EPERM   another task, PAGES, KERNEL or RAW: secrets that the caller may not see
 *   ESRCH   no such task, or it has no address space (a kernel thread, a zombie)
 *   ESTALE  the walk that resume is of was of another address space: the task has
 *           called exec() since then, or the PID is another's now. Begin anew, or
 *           go on nonetheless with resume = 0
 *   EINVAL  room for less than one record, RAW: than one table and its header
 */
struct faultlab_walk {
	__u32 size;
	__u32 flags;	/* FAULTLAB_WALK_* */
	__s32 pid;	/* 0: the caller; in the caller's PID namespace */
	__u32 resume;	/* 0 to begin; out: to be handed back with next */
	__u64 start;
	__u64 end;	/* exclusive; clamped to the end of user space */
	__u64 next;	/* out: where to go on */
	__u64 entries;	/* pointer to nr of what the form says */
	__u64 nr;	/* in: room; out: filled */
	__u32 form;	/* enum faultlab_walk_form */
	/*
	 * sizeof() of the form's record, RAW: 8. One record follows the other at this
	 * distance; what the module does not know of a larger one reads 0. 0 is the size
	 * in the first version of this contract, whatever it is now. A page at most.
	 */
	__u32 record_size;
	/*
	 * Of ENTRIES and RUNS only those leaves, non-present entries and holes are
	 * reported that have all flags of require and none of exclude, of which CONTIG
	 * cannot be one; COUNTS and RAW take 0 only. Tables are not asked.
	 */
	__u64 require;	/* FAULTLAB_PTE_* */
	__u64 exclude;	/* FAULTLAB_PTE_* */
	__u64 pages;	/* PAGES: pointer to nr of struct faultlab_walk_page */
	__u32 page_size;	/* PAGES: sizeof(struct faultlab_walk_page), as record_size */
	__u32 pad;	/* must be 0 */
};

#endif /* _UAPI_LINUX_FAULTLAB_H */
