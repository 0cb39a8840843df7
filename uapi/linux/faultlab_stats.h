/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The counters of faultlab, in the order of the ABI: a new one goes to the end.
 * <linux/faultlab.h> says how such a list is used (above FAULTLAB_COUNT).
 */
#ifndef _UAPI_LINUX_FAULTLAB_STATS_H
#define _UAPI_LINUX_FAULTLAB_STATS_H

/*
 * Each row says what is counted. A callback that returns VM_FAULT_RETRY is counted in
 * `retry` only: all other counters count the retried fault.
 *
 * fault_cow
 *        For a write to a page that is already mapped by a private mapping, the core calls
 *        no callback (CoW). Such a write is in no counter.
 * minor, major, retry, sigbus, oom, hwpoison, sigsegv
 *        How faults ended. minor and major agree with the task's min_flt and maj_flt
 *        (mm_account_fault()). If .page_mkwrite follows .fault within one fault, only
 *        .page_mkwrite is counted here. The module does not see what the core does after
 *        the last callback. So a fault that then fails for lack of memory is in minor
 *        here. Nor does .page_mkwrite see FAULT_FLAG_TRIED, which do_page_mkwrite() clears.
 *        So a retried fault for which the core calls only .page_mkwrite, without .fault,
 *        is major to the kernel and minor here. There are two sorts: get_user_pages() sets
 *        FAULT_FLAG_TRIED in all its faults on a page after the first that was retried; and
 *        (6.1) another thread may have made the entry before .fault was called again.
 * under_vma_lock, under_mmap_lock
 *        .page_mkwrite is in neither: it cannot tell which lock is held, since
 *        do_page_mkwrite() replaces FAULT_FLAG_VMA_LOCK and all other flags of the fault.
 * regions, vmas, pages
 *        Not sums of events, but how many exist now; a reset does not change them. The
 *        pages of all regions include pages that were dropped, but are not freed because
 *        a pin or a pipe still holds a reference.
 * fallback_start, fallback_end, fallback_pfn, fallback_rule
 *        Why .huge_fault returned VM_FAULT_FALLBACK: counted is the first check that
 *        failed. The core then calls .fault.
 */
#define FAULTLAB_STATS(X)									\
	X(FAULT_READ, "fault_read", ".fault for a read or an instruction fetch")		\
	X(FAULT_WRITE, "fault_write", ".fault for a write to a shared mapping")			\
	X(FAULT_COW, "fault_cow",								\
	  ".fault for a write to a private mapping whose page was not mapped")			\
	X(FAULT_MKWRITE, "fault_mkwrite", ".page_mkwrite, for a write to a read-only entry")	\
	X(FAULT_PFN_MKWRITE, "fault_pfn_mkwrite",						\
	  ".pfn_mkwrite, for a write to a read-only special entry")				\
	X(FAULT_AROUND, "fault_around", ".map_pages that mapped at least one page")		\
	X(PAGES_AROUND, "pages_around", "pages that .map_pages mapped")				\
	X(ACCESS, "access",									\
	  ".access: ptrace and /proc/PID/mem where VM_PFNMAP or VM_IO keeps GUP out")		\
	X(MINOR, "minor", "faults that the kernel adds to the task's min_flt")			\
	X(MAJOR, "major", "faults that the kernel adds to the task's maj_flt")			\
	X(RETRY, "retry", "callbacks that returned VM_FAULT_RETRY")				\
	X(SIGBUS, "sigbus", "faults that ended in VM_FAULT_SIGBUS")				\
	X(OOM, "oom", "faults that ended in VM_FAULT_OOM")					\
	X(UNDER_VMA_LOCK, "under_vma_lock",							\
	  "callbacks over which the core held the VMA's lock")					\
	X(UNDER_MMAP_LOCK, "under_mmap_lock", "callbacks over which the core held mmap_lock")	\
	X(DELAY_NS, "delay_ns", "nanoseconds spent in delays of rules")				\
	X(REGIONS, "regions", "open regions, now")						\
	X(VMAS, "vmas", "mappings, now")							\
	X(PAGES, "pages", "pages that are allocated now, without those of PHYS")		\
	X(PAGES_PEAK, "pages_peak", "the highest value of pages since load or reset")		\
	X(HWPOISON, "hwpoison",									\
	  "faults that ended in VM_FAULT_HWPOISON or _LARGE, by a verdict or PG_hwpoison")	\
	X(SIGSEGV, "sigsegv", "faults that ended in VM_FAULT_SIGSEGV")				\
	X(NOPAGE, "nopage", "faults that the verdict nopage ended; in minor or major, too")	\
	X(FAULT_HUGE_PMD, "fault_huge_pmd",							\
	  ".huge_fault that mapped a PMD; in fault_read or fault_write, too")			\
	X(FAULT_HUGE_PUD, "fault_huge_pud",							\
	  ".huge_fault that mapped a PUD; in fault_read or fault_write, too")			\
	X(FALLBACK_START, "fallback_start",							\
	  "VM_FAULT_FALLBACK of .huge_fault: the entry would begin before the VMA")		\
	X(FALLBACK_END, "fallback_end",								\
	  "VM_FAULT_FALLBACK: the entry would end after the VMA or the region")			\
	X(FALLBACK_PFN, "fallback_pfn",								\
	  "VM_FAULT_FALLBACK: the PFNs are not aligned or not there")				\
	X(FALLBACK_RULE, "fallback_rule", "VM_FAULT_FALLBACK: a rule matches one of the pages")	\
	X(PAGES_BATCH, "pages_batch",								\
	  "pages that .fault mapped along with its own (around, order)")			\
	X(MREMAP, "mremap", "calls of .mremap, for a VMA that was moved")			\
	X(MMAP, "mmap", "calls of .mmap, failed ones included")					\
	X(VMA_OPEN, "vma_open", "calls of .open, of VMAs that have it")				\
	X(VMA_CLOSE, "vma_close", "calls of .close, of VMAs that have it")			\
	X(VMA_SPLIT, "vma_split", "calls of .may_split, of VMAs that have it")

#endif /* _UAPI_LINUX_FAULTLAB_STATS_H */
