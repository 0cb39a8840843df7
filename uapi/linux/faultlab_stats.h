/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The counters of faultlab, one line each, in the order of the ABI: a new one
 * goes to the end. This list is included several times, each time with another
 * FAULTLAB_STAT(), so it has no include guard on purpose.
 *
 * A callback that returns VM_FAULT_RETRY is counted in `retry` only: all other counters
 * count the retried fault.
 */

/* .fault: read, shared write, write to a private mapping (CoW of a page not mapped) */
FAULTLAB_STAT(FAULT_READ, fault_read),
FAULTLAB_STAT(FAULT_WRITE, fault_write),
FAULTLAB_STAT(FAULT_COW, fault_cow),
/* .page_mkwrite and .pfn_mkwrite: write to an entry that is read-only */
FAULTLAB_STAT(FAULT_MKWRITE, fault_mkwrite),
FAULTLAB_STAT(FAULT_PFN_MKWRITE, fault_pfn_mkwrite),
/* calls of .map_pages that mapped something, and the pages that they mapped */
FAULTLAB_STAT(FAULT_AROUND, fault_around),
FAULTLAB_STAT(PAGES_AROUND, pages_around),
/* .access: ptrace and /proc/PID/mem where GUP is refused (VM_PFNMAP, VM_IO) */
FAULTLAB_STAT(ACCESS, access),
/*
 * How faults ended. minor and major agree with the task's min_flt and maj_flt
 * (mm_account_fault()). If .page_mkwrite follows .fault within one fault, only
 * .page_mkwrite is counted here. The module does not see what the core does after the
 * last callback. So a fault that then fails for lack of memory is in minor here. And
 * these are major to the kernel and minor here: a retried .page_mkwrite without a
 * .fault before it, and (6.1) a retried fault that another thread's entry served before
 * .page_mkwrite.
 */
FAULTLAB_STAT(MINOR, minor),
FAULTLAB_STAT(MAJOR, major),
FAULTLAB_STAT(RETRY, retry),
FAULTLAB_STAT(SIGBUS, sigbus),
FAULTLAB_STAT(OOM, oom),
/*
 * The lock that the core held over .fault, .map_pages and .pfn_mkwrite. .page_mkwrite
 * is in neither: it cannot tell, since do_page_mkwrite() replaces the flags.
 */
FAULTLAB_STAT(UNDER_VMA_LOCK, under_vma_lock),
FAULTLAB_STAT(UNDER_MMAP_LOCK, under_mmap_lock),
/* time spent in delays that rules asked for, in nanoseconds */
FAULTLAB_STAT(DELAY_NS, delay_ns),
/* what exists now: levels, which a reset does not change */
FAULTLAB_STAT(REGIONS, regions),
FAULTLAB_STAT(VMAS, vmas),
FAULTLAB_STAT(PAGES, pages),
/* the highest `pages` since load or reset */
FAULTLAB_STAT(PAGES_PEAK, pages_peak),
/* a verdict of a rule, or a page that the kernel has marked as broken (PG_hwpoison) */
FAULTLAB_STAT(HWPOISON, hwpoison),
/* a verdict of a rule: SIGSEGV, NOPAGE (which is in minor or major, too) */
FAULTLAB_STAT(SIGSEGV, sigsegv),
FAULTLAB_STAT(NOPAGE, nopage),
/* .huge_fault that mapped a PMD, a PUD */
FAULTLAB_STAT(FAULT_HUGE_PMD, fault_huge_pmd),
FAULTLAB_STAT(FAULT_HUGE_PUD, fault_huge_pud),
/*
 * .huge_fault that returned VM_FAULT_FALLBACK, by the first check that failed: the
 * entry would begin before the VMA; it would end after the VMA or the region; the PFNs
 * are not aligned or not there; a rule matches one of the pages
 */
FAULTLAB_STAT(FALLBACK_START, fallback_start),
FAULTLAB_STAT(FALLBACK_END, fallback_end),
FAULTLAB_STAT(FALLBACK_PFN, fallback_pfn),
FAULTLAB_STAT(FALLBACK_RULE, fallback_rule),
/* pages that .fault mapped along with its own (around, order) */
FAULTLAB_STAT(PAGES_BATCH, pages_batch),
/* calls of .mremap */
FAULTLAB_STAT(MREMAP, mremap),
/* calls of .mmap, and of .open, .close and .may_split if the VMA has them */
FAULTLAB_STAT(MMAP, mmap),
FAULTLAB_STAT(VMA_OPEN, vma_open),
FAULTLAB_STAT(VMA_CLOSE, vma_close),
FAULTLAB_STAT(VMA_SPLIT, vma_split),
