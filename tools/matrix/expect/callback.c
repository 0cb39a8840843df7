// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reasons: which callbacks run, and how often?
 */
#include "matrix/expect/reasons.h"

/* The page is in the region and no rule is about it: fault-around maps it. */
#define O_PLAIN		(O(SERVE) | O(EVICTED))

/*
 * populate_vma_page_range() asks for writing where that makes a copy, else for reading.
 */
#define P_LOCK		(P(POPULATE) | P(MLOCK))
#define P_MAY_WRITE	(P(FUTEX_SHARED) | P_LOCK)

static const struct matrix_reason callback[] = {
	{ .all = FACT_SILENT, .text = "", .function = "",
	  .why = "It ended before." },
	{ .all = FACT_ACCESS, .text = "access", .function = "__access_remote_vm",
	  .why = ".access, which is no fault." },

	/* the entry is present */
	{ .outcomes = O(PRESENT), .none = FACT_MAPS | FACT_WRITES,
	  .all = FACT_LEAF | FACT_PRIVATE | FACT_WRITABLE,
	  .paths = P(FUTEX_SHARED) | P(MLOCK), .gives = FACT_COW, .text = "cow",
	  .function = "wp_huge_pmd",
	  .why =
	  "A PMD is there, which the core takes away and does not copy: .fault gives the page that is copied.",
	},
	{ .outcomes = O(PRESENT), .none = FACT_MAPS, .all = FACT_LEAF | FACT_PRIVATE | FACT_WRITES,
	  .gives = FACT_COW, .text = "cow", .function = "wp_huge_pmd",
	  .why =
	  "A PMD is there, which the core takes away and does not copy: .fault gives the page that is copied.",
	},
	{ .outcomes = O(PRESENT), .none = FACT_MAPS | FACT_WRITES,
	  .all = FACT_PRIVATE | FACT_WRITABLE,
	  .paths = P(FUTEX_SHARED) | P(MLOCK), .gives = FACT_THERE | FACT_COPIES, .text = "",
	  .function = "do_wp_page",
	  .why = "The page is there: the core copies it on write, and no driver is asked." },
	{ .outcomes = O(PRESENT), .none = FACT_MAPS, .all = FACT_PRIVATE | FACT_WRITES,
	  .gives = FACT_THERE | FACT_COPIES, .text = "", .function = "do_wp_page",
	  .why = "The page is there: the core copies it on write, and no driver is asked." },
	{ .outcomes = O(PRESENT), .none = FACT_MAPS, .gives = FACT_THERE, .text = "",
	  .function = "handle_pte_fault", .why = "The entry is there." },

	/* fault-around: for reads, of pages in the region that no rule is about */
	{ .all = FACT_AROUND | FACT_FETCH | FACT_EXEC | FACT_APART, .outcomes = O(SERVE),
	  .text = "read", .function = "do_fault_around",
	  .why = "There is no page table yet, and .map_pages must not allocate one." },
	{ .all = FACT_AROUND | FACT_FETCH | FACT_EXEC, .outcomes = O_PLAIN,
	  .text = "around", .function = "do_fault_around",
	  .why = "The page is in the region, so .map_pages has mapped it before .fault is asked." },
	{ .all = FACT_AROUND | FACT_PRIVATE | FACT_WRITABLE, .paths = P_MAY_WRITE,
	  .outcomes = O(EVICTED), .gives = FACT_COW, .text = "cow", .function = "do_cow_fault",
	  .why = "It is asked for writing, into a private mapping." },
	{ .all = FACT_AROUND, .none = FACT_WRITES | FACT_MAPS, .outcomes = O(EVICTED),
	  .paths = ~P(FUTEX_SHARED), .text = "around", .function = "do_fault_around",
	  .why = "The page is in the region, so .map_pages has mapped it before .fault is asked." },
	{ .all = FACT_AROUND, .none = FACT_WRITABLE, .outcomes = O(EVICTED),
	  .paths = P(FUTEX_SHARED), .text = "around", .function = "do_fault_around",
	  .why = "For writing it is refused, for reading .map_pages maps it." },

	/* shared futexes ask for writing first, and after EFAULT for reading */
	{ .paths = P(FUTEX_SHARED), .all = FACT_WRITABLE | FACT_PRIVATE, .outcomes = O_ERROR,
	  .text = "read, cow", .function = "get_futex_key",
	  .why = "It asks for writing first, and when that fails for reading." },
	{ .paths = P(FUTEX_SHARED), .all = FACT_WRITABLE, .outcomes = O_ERROR,
	  .text = "read, write", .function = "get_futex_key",
	  .why = "It asks for writing first, and when that fails for reading." },
	{ .paths = P(FUTEX_SHARED), .all = FACT_WRITABLE, .none = FACT_PRIVATE,
	  .text = "write", .function = "get_futex_key", .why = "It asks for writing." },

	{ .paths = P_MAY_WRITE, .all = FACT_PRIVATE | FACT_WRITABLE, .gives = FACT_COW,
	  .text = "cow", .function = "do_cow_fault",
	  .why =
	  "It is asked for writing, into a private mapping.",
	},
	{ .all = FACT_WRITES | FACT_PRIVATE, .gives = FACT_COW, .text = "cow",
	  .function = "do_cow_fault",
	  .why = ".fault gives the page that is copied." },
	{ .all = FACT_WRITES, .text = "write", .function = "do_shared_fault",
	  .why = ".fault with FAULT_FLAG_WRITE." },
	{ .text = "read", .function = "do_read_fault", .why = ".fault without FAULT_FLAG_WRITE." },
};

static const struct matrix_reason times[] = {
	{ .all = FACT_SILENT, .text = "", .function = "", .why = "" },
	{ .all = FACT_THERE, .text = "", .function = "", .why = "" },
	{ .all = FACT_LEAF | FACT_PRIVATE, .none = FACT_WRITABLE, .paths = P(MEM_WRITE),
	  .outcomes = O(NOPAGE), .text = " x3", .function = "wp_huge_pmd",
	  .why =
	  "Once for the first page, whose PMD could only be read, and twice for the second.",
	},
	{ .all = FACT_LEAF | FACT_PRIVATE, .none = FACT_WRITABLE, .paths = P(MEM_WRITE),
	  .text = " x2", .function = "wp_huge_pmd",
	  .why =
	  "For the first page, too, whose PMD could only be read: it goes, and .fault gives the page that is copied.",
	},
	{ .all = FACT_ACCESS | FACT_TWO, .text = " x2", .function = "__access_remote_vm",
	  .why = "Once for each page." },
	{ .all = FACT_ACCESS, .text = "", .function = "", .why = "" },
	{ .outcomes = O(NOPAGE), .text = " x2", .function = "handle_mm_fault",
	  .why =
	  "VM_FAULT_NOPAGE claims that the entry is there; it is not, and the access faults again.",
	},
	{ .all = FACT_CPU, .outcomes = O(OOM), .text = " x2",
	  .function = "pagefault_out_of_memory", .why = "The instruction runs again." },
	{ .paths = P(DIRECT_READ), .all = FACT_MOVS_TWICE, .outcomes = O_ERROR, .text = " x4",
	  .function = "blkdev_read_iter",
	  .why =
	  "Twice by bio_iov_iter_get_pages(); then it reads the rest through the page cache, whose copy faults, and tries its tail again.",
	},
	{ .paths = P(DIRECT_READ), .outcomes = O_ERROR, .text = " x3",
	  .function = "blkdev_read_iter",
	  .why =
	  "Twice by bio_iov_iter_get_pages(); then it reads the rest through the page cache, whose copy faults.",
	},
	{ .paths = P(DIRECT_WRITE), .outcomes = O_ERROR, .text = " x3",
	  .function = "blkdev_write_iter",
	  .why =
	  "Twice by bio_iov_iter_get_pages(); then it writes the rest through the page cache, and faults that in.",
	},
	{ .paths = P(URING_REGISTER), .outcomes = O_ERROR | O(OOM), .text = "",
	  .function = "io_pin_pages", .why = "It does not ask again for what is missing." },
	{ .all = FACT_GUP | FACT_TWO, .none = FACT_FORCE, .outcomes = O_ERROR | O(OOM),
	  .text = " x2", .function = "__get_user_pages",
	  .why =
	  "It returned the first page and dropped the error, so the caller asks for the second again.",
	},
	{ .all = FACT_BIG_WRITES, .paths = P(WRITE), .outcomes = O_ERROR | O(OOM), .text = " x2",
	  .function = "generic_perform_write",
	  .why = "The chunk is more than a page: what is missing of it is asked for again." },
	{ .all = FACT_STOS_TWICE, .paths = P(ZERO_READ), .outcomes = O_ERROR | O(OOM),
	  .text = " x2", .function = "rep_stos_alternative",
	  .why = "clear_user() tries the rest again where it faulted." },
	{ .all = FACT_MOVS_TWICE, .paths = P(READ) | P(URING_READ) | P(URING_WRITE),
	  .outcomes = O_ERROR | O(OOM), .text = " x2", .function = "copy_user_handle_tail",
	  .why = "The copy tries the rest again where it faulted." },
	{ .text = "", .function = "handle_mm_fault", .why = "Once." },
};

static const struct matrix_reason retry[] = {
	{ .all = FACT_SILENT, .text = "", .function = "", .why = "" },
	{ .all = FACT_ACCESS, .text = "", .function = "", .why = "" },
	{ .all = FACT_FORCE, .outcomes = O_AGAIN, .text = "",
	  .function = "get_user_page_vma_remote",
	  .why =
	  "It does not let the lock go (no FOLL_UNLOCKABLE): delays are served under mmap_lock.",
	},
	{ .paths = P(URING_REGISTER), .none = FACT_UNLOCKS, .outcomes = O_AGAIN, .text = "",
	  .function = "io_pin_pages",
	  .why =
	  "It does not let the lock go (pin_user_pages()): delays are served under mmap_lock.",
	},
	{ .outcomes = O_AGAIN, .gives = FACT_RETRIED, .text = "retry",
	  .function = "release_fault_lock",
	  .why = "The lock is dropped for the wait, VM_FAULT_RETRY, and the fault comes again." },
	{ .text = "", .function = "", .why = "" },
};

static const struct matrix_reason notify[] = {
	{ .none = FACT_NOTIFY, .text = "", .function = "", .why = "" },
	{ .all = FACT_PRIVATE, .text = "", .function = "vma_wants_writenotify",
	  .why = "Private mappings are not notified." },
	{ .all = FACT_SILENT, .text = "", .function = "", .why = "" },
	{ .all = FACT_ACCESS, .text = "", .function = "", .why = "" },
	{ .all = FACT_FAILS, .text = "", .function = "do_shared_fault",
	  .why = ".fault failed, so it does not get there." },
	{ .all = FACT_SPECIAL | FACT_WRITES, .gives = FACT_NOTIFIED, .text = "pfn_mkwrite",
	  .function = "wp_pfn_shared", .why = "The entry is read-only at first, and has no page." },
	{ .all = FACT_WRITES, .gives = FACT_NOTIFIED, .text = "mkwrite",
	  .function = "do_page_mkwrite", .why = "The entry is read-only at first." },
	{ .all = FACT_SPECIAL | FACT_WRITABLE, .paths = P(FUTEX_SHARED), .gives = FACT_NOTIFIED,
	  .text = "pfn_mkwrite", .function = "wp_pfn_shared",
	  .why = "The page is to be pinned for writing." },
	{ .all = FACT_WRITABLE, .paths = P(FUTEX_SHARED), .gives = FACT_NOTIFIED,
	  .text = "mkwrite", .function = "do_page_mkwrite",
	  .why = "The page is pinned for writing." },
	{ .text = "", .function = "", .why = "" },
};

static const struct matrix_reason huge[] = {
	{ .none = FACT_HUGE, .text = "", .function = "", .why = "" },
	{ .all = FACT_SILENT, .text = "", .function = "", .why = "" },
	{ .all = FACT_ACCESS, .text = "", .function = "", .why = "" },
	{ .all = FACT_THERE, .text = "", .function = "", .why = "" },
	{ .outcomes = O_PLAIN, .text = "huge", .function = "create_huge_pmd",
	  .why = ".huge_fault maps a PMD." },
	{ .text = "", .function = "", .why = "" },
};

static const struct matrix_reason access_after[] = {
	{ .none = FACT_AND_ACCESS, .text = "", .function = "", .why = "" },
	{ .none = FACT_TWO, .text = "access", .function = "__access_remote_vm",
	  .why = ".access, where GUP found no page." },
	{ .text = "access x2", .function = "__access_remote_vm",
	  .why = ".access, where GUP found no page." },
};

const struct matrix_reasons matrix_reasons_callback = { callback, ARRAY_SIZE(callback) };
const struct matrix_reasons matrix_reasons_times = { times, ARRAY_SIZE(times) };
const struct matrix_reasons matrix_reasons_huge = { huge, ARRAY_SIZE(huge) };
const struct matrix_reasons matrix_reasons_retry = { retry, ARRAY_SIZE(retry) };
const struct matrix_reasons matrix_reasons_notify = { notify, ARRAY_SIZE(notify) };
const struct matrix_reasons matrix_reasons_access = { access_after, ARRAY_SIZE(access_after) };
