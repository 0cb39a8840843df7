// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reasons: which callbacks run, and how often?
 */
#include "matrix/expect/reasons.h"

/* No rule matches the second page: .map_pages or .huge_fault can map it. */
#define O_PLAIN		(O(SERVE) | O(EVICTED))

/*
 * MAP_POPULATE and mlock(): populate_vma_page_range() asks for write access (FOLL_WRITE) in
 * a private writable mapping, where that makes a copy, and else for read access.
 */
#define P_LOCK		(P(POPULATE) | P(MLOCK))
#define P_MAY_WRITE	(P(FUTEX_SHARED) | P_LOCK)

static const struct matrix_reason callback[] = {
	{ .all = FACT_SILENT, .text = "", .function = "",
	  .why = "No callback runs; the reason of the result says why." },
	{ .all = FACT_ACCESS, .text = "access", .function = "__access_remote_vm",
	  .why = "It calls .access, and no page fault occurs." },

	/* the entry is present */
	{ .outcomes = O(PRESENT), .none = FACT_MAPS | FACT_WRITES,
	  .all = FACT_LEAF | FACT_PRIVATE | FACT_WRITABLE,
	  .paths = P(FUTEX_SHARED) | P(MLOCK), .gives = FACT_COW, .text = "cow",
	  .function = "wp_huge_pmd",
	  .why =
	  "The core removes the present PMD and does not copy it, so .fault returns the page that is copied.",
	},
	{ .outcomes = O(PRESENT), .none = FACT_MAPS, .all = FACT_LEAF | FACT_PRIVATE | FACT_WRITES,
	  .gives = FACT_COW, .text = "cow", .function = "wp_huge_pmd",
	  .why =
	  "The core removes the present PMD and does not copy it, so .fault returns the page that is copied.",
	},
	{ .outcomes = O(PRESENT), .none = FACT_MAPS | FACT_WRITES,
	  .all = FACT_PRIVATE | FACT_WRITABLE,
	  .paths = P(FUTEX_SHARED) | P(MLOCK), .gives = FACT_THERE | FACT_COPIES, .text = "",
	  .function = "do_wp_page",
	  .why = "The page is mapped: the core copies it on write, without a driver callback." },
	{ .outcomes = O(PRESENT), .none = FACT_MAPS, .all = FACT_PRIVATE | FACT_WRITES,
	  .gives = FACT_THERE | FACT_COPIES, .text = "", .function = "do_wp_page",
	  .why = "The page is mapped: the core copies it on write, without a driver callback." },
	{ .outcomes = O(PRESENT), .none = FACT_MAPS, .gives = FACT_THERE, .text = "",
	  .function = "handle_pte_fault", .why = "The entry is present, so no callback runs." },

	/* fault-around: for reads, of pages that exist in the region and that no rule matches */
	{ .all = FACT_AROUND | FACT_FETCH | FACT_EXEC | FACT_APART, .outcomes = O(SERVE),
	  .text = "read", .function = "do_fault_around",
	  .why = "There is no page table yet, and .map_pages must not allocate one." },
	{ .all = FACT_AROUND | FACT_FETCH | FACT_EXEC, .outcomes = O_PLAIN,
	  .text = "around", .function = "do_fault_around",
	  .why = "The page exists in the region: .map_pages maps it, and .fault is not called." },
	{ .all = FACT_AROUND | FACT_PRIVATE | FACT_WRITABLE, .paths = P_MAY_WRITE,
	  .outcomes = O(EVICTED), .gives = FACT_COW, .text = "cow", .function = "do_cow_fault",
	  .why = "Write access to a private mapping is requested, so the page is copied." },
	{ .all = FACT_AROUND, .none = FACT_WRITES | FACT_MAPS, .outcomes = O(EVICTED),
	  .paths = ~P(FUTEX_SHARED), .text = "around", .function = "do_fault_around",
	  .why = "The page exists in the region: .map_pages maps it, and .fault is not called." },
	{ .all = FACT_AROUND, .none = FACT_WRITABLE, .outcomes = O(EVICTED),
	  .paths = P(FUTEX_SHARED), .text = "around", .function = "do_fault_around",
	  .why =
	  "GUP refuses write access; for the read access tried next, .map_pages maps the page.",
	},

	/* get_futex_key() asks for write access first, and after EFAULT for read access */
	{ .paths = P(FUTEX_SHARED), .all = FACT_WRITABLE | FACT_PRIVATE, .outcomes = O_ERROR,
	  .text = "read, cow", .function = "get_futex_key",
	  .why = "It requests write access first and, if that fails, read access." },
	{ .paths = P(FUTEX_SHARED), .all = FACT_WRITABLE, .outcomes = O_ERROR,
	  .text = "read, write", .function = "get_futex_key",
	  .why = "It requests write access first and, if that fails, read access." },
	{ .paths = P(FUTEX_SHARED), .all = FACT_WRITABLE, .none = FACT_PRIVATE,
	  .text = "write", .function = "get_futex_key", .why = "It requests write access." },

	{ .paths = P_MAY_WRITE, .all = FACT_PRIVATE | FACT_WRITABLE, .gives = FACT_COW,
	  .text = "cow", .function = "do_cow_fault",
	  .why =
	  "Write access to a private mapping is requested, so the page is copied.",
	},
	{ .all = FACT_WRITES | FACT_PRIVATE, .gives = FACT_COW, .text = "cow",
	  .function = "do_cow_fault",
	  .why = ".fault returns the page that is copied." },
	{ .all = FACT_WRITES, .text = "write", .function = "do_shared_fault",
	  .why = "It calls .fault with FAULT_FLAG_WRITE." },
	{ .text = "read", .function = "do_read_fault",
	  .why = "It calls .fault without FAULT_FLAG_WRITE." },
};

static const struct matrix_reason times[] = {
	{ .all = FACT_SILENT, .text = "", .function = "", .why = "" },
	{ .all = FACT_THERE, .text = "", .function = "", .why = "" },
	{ .all = FACT_LEAF | FACT_PRIVATE, .none = FACT_WRITABLE, .paths = P(MEM_WRITE),
	  .outcomes = O(NOPAGE), .text = " x3", .function = "wp_huge_pmd",
	  .why =
	  "Once for the first page, whose PMD is read-only, and twice for the second.",
	},
	{ .all = FACT_LEAF | FACT_PRIVATE, .none = FACT_WRITABLE, .paths = P(MEM_WRITE),
	  .text = " x2", .function = "wp_huge_pmd",
	  .why =
	  "For the first page, too: its read-only PMD is removed, and .fault returns the page that is copied.",
	},
	{ .all = FACT_ACCESS | FACT_TWO, .text = " x2", .function = "__access_remote_vm",
	  .why = "It calls .access once for each page." },
	{ .all = FACT_ACCESS, .text = "", .function = "", .why = "" },
	{ .outcomes = O(NOPAGE), .text = " x2", .function = "handle_mm_fault",
	  .why =
	  "VM_FAULT_NOPAGE claims that the handler made the entry; there is none, so the access faults again.",
	},
	{ .all = FACT_CPU, .outcomes = O(OOM), .text = " x2",
	  .function = "pagefault_out_of_memory",
	  .why = "The instruction runs again, and faults again." },
	{ .paths = P(DIRECT_READ), .all = FACT_MOVS_TWICE, .outcomes = O_ERROR, .text = " x4",
	  .function = "blkdev_read_iter",
	  .why =
	  "bio_iov_iter_get_pages() faults twice; then the rest is read through the page cache, whose copy faults and retries its tail.",
	},
	{ .paths = P(DIRECT_READ), .outcomes = O_ERROR, .text = " x3",
	  .function = "blkdev_read_iter",
	  .why =
	  "bio_iov_iter_get_pages() faults twice; then the rest is read through the page cache, whose copy faults.",
	},
	{ .paths = P(DIRECT_WRITE), .outcomes = O_ERROR, .text = " x3",
	  .function = "blkdev_write_iter",
	  .why =
	  "bio_iov_iter_get_pages() faults twice; then the rest, to be written through the page cache, is faulted in.",
	},
	{ .paths = P(URING_REGISTER), .outcomes = O_ERROR | O(OOM), .text = "",
	  .function = "io_pin_pages",
	  .why = "It does not retry the pages that could not be pinned." },
	{ .all = FACT_GUP | FACT_TWO, .none = FACT_FORCE, .outcomes = O_ERROR | O(OOM),
	  .text = " x2", .function = "__get_user_pages",
	  .why =
	  "It returned the first page and dropped the error, so the caller requests the second page again.",
	},
	{ .all = FACT_BIG_WRITES, .paths = P(WRITE), .outcomes = O_ERROR | O(OOM), .text = " x2",
	  .function = "generic_perform_write",
	  .why =
	  "The chunk is larger than a page: after a partial copy its rest is faulted in again.",
	},
	{ .all = FACT_STOS_TWICE, .paths = P(ZERO_READ), .outcomes = O_ERROR | O(OOM),
	  .text = " x2", .function = "rep_stos_alternative",
	  .why = "clear_user() retries the rest, from the address that faulted." },
	{ .all = FACT_MOVS_TWICE, .paths = P(READ) | P(URING_READ) | P(URING_WRITE),
	  .outcomes = O_ERROR | O(OOM), .text = " x2", .function = "copy_user_handle_tail",
	  .why = "The copy retries the rest, from the address that faulted." },
	{ .text = "", .function = "handle_mm_fault", .why = "The callback runs once." },
};

static const struct matrix_reason retry[] = {
	{ .all = FACT_SILENT, .text = "", .function = "", .why = "" },
	{ .all = FACT_ACCESS, .text = "", .function = "", .why = "" },
	{ .all = FACT_FORCE, .outcomes = O_AGAIN, .text = "",
	  .function = "get_user_page_vma_remote",
	  .why =
	  "It does not allow mmap_lock to be dropped (no FOLL_UNLOCKABLE), so a delay holds it.",
	},
	{ .paths = P(URING_REGISTER), .none = FACT_UNLOCKS, .outcomes = O_AGAIN, .text = "",
	  .function = "io_pin_pages",
	  .why =
	  "It does not allow mmap_lock to be dropped (pin_user_pages()), so a delay holds it.",
	},
	{ .outcomes = O_AGAIN, .gives = FACT_RETRIED, .text = "retry",
	  .function = "release_fault_lock",
	  .why =
	  "The lock is dropped during the delay (VM_FAULT_RETRY), and the fault is retried.",
	},
	{ .text = "", .function = "", .why = "" },
};

static const struct matrix_reason notify[] = {
	{ .none = FACT_NOTIFY, .text = "", .function = "", .why = "" },
	{ .all = FACT_PRIVATE, .text = "", .function = "vma_wants_writenotify",
	  .why = "It is false for private mappings, so no mkwrite callback runs." },
	{ .all = FACT_SILENT, .text = "", .function = "", .why = "" },
	{ .all = FACT_ACCESS, .text = "", .function = "", .why = "" },
	{ .all = FACT_FAILS, .text = "", .function = "do_shared_fault",
	  .why = ".fault failed, so no mkwrite callback runs." },
	{ .all = FACT_SPECIAL | FACT_WRITES, .gives = FACT_NOTIFIED, .text = "pfn_mkwrite",
	  .function = "wp_pfn_shared",
	  .why = "The entry is read-only at first, and special (no struct page)." },
	{ .all = FACT_WRITES, .gives = FACT_NOTIFIED, .text = "mkwrite",
	  .function = "do_page_mkwrite", .why = "The entry is read-only at first." },
	{ .all = FACT_SPECIAL | FACT_WRITABLE, .paths = P(FUTEX_SHARED), .gives = FACT_NOTIFIED,
	  .text = "pfn_mkwrite", .function = "wp_pfn_shared",
	  .why = "The page is to be pinned with write access." },
	{ .all = FACT_WRITABLE, .paths = P(FUTEX_SHARED), .gives = FACT_NOTIFIED,
	  .text = "mkwrite", .function = "do_page_mkwrite",
	  .why = "The page is pinned with write access." },
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
	  .why = "It calls .access, as GUP found no struct page." },
	{ .text = "access x2", .function = "__access_remote_vm",
	  .why = "It calls .access, as GUP found no struct page." },
};

const struct matrix_reasons matrix_reasons_callback = { callback, ARRAY_SIZE(callback) };
const struct matrix_reasons matrix_reasons_times = { times, ARRAY_SIZE(times) };
const struct matrix_reasons matrix_reasons_huge = { huge, ARRAY_SIZE(huge) };
const struct matrix_reasons matrix_reasons_retry = { retry, ARRAY_SIZE(retry) };
const struct matrix_reasons matrix_reasons_notify = { notify, ARRAY_SIZE(notify) };
const struct matrix_reasons matrix_reasons_access = { access_after, ARRAY_SIZE(access_after) };
