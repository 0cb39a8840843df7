/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The counters of faultlab, one line each, in the order of the ABI: a new one
 * goes to the end. This list is included several times, each time with another
 * FAULTLAB_STAT(), so it has no include guard on purpose.
 *
 * A callback that asks the kernel to come again (VM_FAULT_RETRY) counts as
 * `retry` alone: the pass that ends it counts in all the others.
 */

/* .fault: read, shared write, write to a private mapping (CoW through us) */
FAULTLAB_STAT(FAULT_READ, fault_read),
FAULTLAB_STAT(FAULT_WRITE, fault_write),
FAULTLAB_STAT(FAULT_COW, fault_cow),
/* .page_mkwrite and .pfn_mkwrite: write to an entry that is read-only */
FAULTLAB_STAT(FAULT_MKWRITE, fault_mkwrite),
FAULTLAB_STAT(FAULT_PFN_MKWRITE, fault_pfn_mkwrite),
/* .map_pages that mapped something, and the pages that it mapped */
FAULTLAB_STAT(FAULT_AROUND, fault_around),
FAULTLAB_STAT(PAGES_AROUND, pages_around),
/* .access: ptrace and /proc/PID/mem where GUP is refused (VM_PFNMAP, VM_IO) */
FAULTLAB_STAT(ACCESS, access),
/*
 * How faults ended. minor and major are those that the kernel adds to the
 * task's min_flt and maj_flt (mm_account_fault()). Where .page_mkwrite follows a
 * .fault within one fault, it counts for both, and the .fault is in none of these.
 * What the core does after the last callback is not seen: a fault that fails for
 * want of memory there is in minor all the same, and a
 * .page_mkwrite of its own that was retried is major to the kernel, minor here,
 * as it is where another thread's entry served the fault that was retried, before
 * .page_mkwrite came (6.1).
 */
FAULTLAB_STAT(MINOR, minor),
FAULTLAB_STAT(MAJOR, major),
FAULTLAB_STAT(RETRY, retry),
FAULTLAB_STAT(SIGBUS, sigbus),
FAULTLAB_STAT(OOM, oom),
/*
 * The lock that the core held over .fault, .map_pages and .pfn_mkwrite. The
 * kernel hides it from .page_mkwrite (do_page_mkwrite() replaces the flags),
 * so that is in neither.
 */
FAULTLAB_STAT(UNDER_VMA_LOCK, under_vma_lock),
FAULTLAB_STAT(UNDER_MMAP_LOCK, under_mmap_lock),
/* time spent in delays that rules asked for, in nanoseconds */
FAULTLAB_STAT(DELAY_NS, delay_ns),
/* what exists now: these are levels, which a reset leaves alone */
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
 * .huge_fault that returned VM_FAULT_FALLBACK, by the first check that failed:
 * the entry would begin before the VMA, end after it or after the region, the
 * frames are not aligned or not there, a rule is about one of the pages
 */
FAULTLAB_STAT(FALLBACK_START, fallback_start),
FAULTLAB_STAT(FALLBACK_END, fallback_end),
FAULTLAB_STAT(FALLBACK_PFN, fallback_pfn),
FAULTLAB_STAT(FALLBACK_RULE, fallback_rule),
/* pages that .fault mapped along with its own (around, order) */
FAULTLAB_STAT(PAGES_BATCH, pages_batch),
/* calls of .mremap */
FAULTLAB_STAT(MREMAP, mremap),
/* calls of .mmap, and of .open, .close and .may_split where the VMA has them */
FAULTLAB_STAT(MMAP, mmap),
FAULTLAB_STAT(VMA_OPEN, vma_open),
FAULTLAB_STAT(VMA_CLOSE, vma_close),
FAULTLAB_STAT(VMA_SPLIT, vma_split),
