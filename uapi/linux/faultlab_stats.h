/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The counters of faultlab, in the order of the ABI: a new one goes to the end.
 * <linux/faultlab.h> says how such a list is used.
 */
#ifndef _UAPI_LINUX_FAULTLAB_STATS_H
#define _UAPI_LINUX_FAULTLAB_STATS_H

/*
 * A callback that returns VM_FAULT_RETRY is counted in `retry` only: all other counters
 * count the retried fault.
 *
 * fault_read, fault_write, fault_cow
 *        .fault: read, shared write, write to a private mapping (CoW of a page that is
 *        not mapped)
 * fault_mkwrite, fault_pfn_mkwrite
 *        .page_mkwrite and .pfn_mkwrite: write to an entry that is read-only
 * fault_around, pages_around
 *        calls of .map_pages that mapped something, and the pages that they mapped
 * access
 *        .access: ptrace and /proc/PID/mem where GUP is refused (VM_PFNMAP, VM_IO)
 * minor, major, retry, sigbus, oom
 *        how faults ended. minor and major agree with the task's min_flt and maj_flt
 *        (mm_account_fault()). If .page_mkwrite follows .fault within one fault, only
 *        .page_mkwrite is counted here. The module does not see what the core does after
 *        the last callback. So a fault that then fails for lack of memory is in minor
 *        here. And these are major to the kernel and minor here: a retried .page_mkwrite
 *        without a .fault before it, and (6.1) a retried fault that another thread's
 *        entry served before .page_mkwrite
 * under_vma_lock, under_mmap_lock
 *        the lock that the core held over .fault, .map_pages and .pfn_mkwrite.
 *        .page_mkwrite is in neither: it cannot tell, since do_page_mkwrite() replaces
 *        the flags
 * delay_ns
 *        time spent in delays that rules asked for, in nanoseconds
 * regions, vmas, pages
 *        what exists now: levels, which a reset does not change
 * pages_peak
 *        the highest `pages` since load or reset
 * hwpoison
 *        a verdict of a rule, or a page that the kernel has marked as broken
 *        (PG_hwpoison)
 * sigsegv, nopage
 *        a verdict of a rule; nopage is in minor or major, too
 * fault_huge_pmd, fault_huge_pud
 *        .huge_fault that mapped a PMD, a PUD
 * fallback_start, fallback_end, fallback_pfn, fallback_rule
 *        .huge_fault that returned VM_FAULT_FALLBACK, by the first check that failed: the
 *        entry would begin before the VMA; it would end after the VMA or the region; the
 *        PFNs are not aligned or not there; a rule matches one of the pages
 * pages_batch
 *        pages that .fault mapped along with its own (around, order)
 * mremap, mmap, vma_open, vma_close, vma_split
 *        calls of .mremap and .mmap, and of .open, .close and .may_split if the VMA has
 *        them
 */
#define FAULTLAB_STATS(X)			\
	X(FAULT_READ, "fault_read")		\
	X(FAULT_WRITE, "fault_write")		\
	X(FAULT_COW, "fault_cow")		\
	X(FAULT_MKWRITE, "fault_mkwrite")	\
	X(FAULT_PFN_MKWRITE, "fault_pfn_mkwrite") \
	X(FAULT_AROUND, "fault_around")		\
	X(PAGES_AROUND, "pages_around")		\
	X(ACCESS, "access")			\
	X(MINOR, "minor")			\
	X(MAJOR, "major")			\
	X(RETRY, "retry")			\
	X(SIGBUS, "sigbus")			\
	X(OOM, "oom")				\
	X(UNDER_VMA_LOCK, "under_vma_lock")	\
	X(UNDER_MMAP_LOCK, "under_mmap_lock")	\
	X(DELAY_NS, "delay_ns")			\
	X(REGIONS, "regions")			\
	X(VMAS, "vmas")				\
	X(PAGES, "pages")			\
	X(PAGES_PEAK, "pages_peak")		\
	X(HWPOISON, "hwpoison")			\
	X(SIGSEGV, "sigsegv")			\
	X(NOPAGE, "nopage")			\
	X(FAULT_HUGE_PMD, "fault_huge_pmd")	\
	X(FAULT_HUGE_PUD, "fault_huge_pud")	\
	X(FALLBACK_START, "fallback_start")	\
	X(FALLBACK_END, "fallback_end")		\
	X(FALLBACK_PFN, "fallback_pfn")		\
	X(FALLBACK_RULE, "fallback_rule")	\
	X(PAGES_BATCH, "pages_batch")		\
	X(MREMAP, "mremap")			\
	X(MMAP, "mmap")				\
	X(VMA_OPEN, "vma_open")			\
	X(VMA_CLOSE, "vma_close")		\
	X(VMA_SPLIT, "vma_split")

#endif /* _UAPI_LINUX_FAULTLAB_STATS_H */
