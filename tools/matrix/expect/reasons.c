// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reasons: minor or major, and under which lock? Also all reasons, indexed by question.
 */
#include "matrix/expect/reasons.h"

static const struct matrix_reason served[] = {
	{ .all = FACT_SILENT, .text = "", .function = "", .why = "" },
	{ .all = FACT_ACCESS, .text = "", .function = "", .why = "" },
	{ .all = FACT_THERE, .text = "", .function = "", .why = "" },
	{ .all = FACT_FAILS, .text = "", .function = "mm_account_fault",
	  .why = "Failed faults count neither as minor nor as major." },
	{ .outcomes = O(MAJOR), .text = "M", .function = "mm_account_fault",
	  .why = "The handler returned VM_FAULT_MAJOR." },
	{ .all = FACT_RETRIED | FACT_CPU | FACT_VMA_LOCK, .text = "m",
	  .function = "do_user_addr_fault",
	  .why =
	  "The first try was under the VMA's lock, so the second lacks FAULT_FLAG_TRIED: it is minor, however long the delay.",
	},
	{ .all = FACT_RETRIED | FACT_PREFAULT, .paths = P(POPULATE) | P(MLOCK), .text = "m",
	  .function = "__mm_populate",
	  .why =
	  "It retries from the missing page without FAULT_FLAG_TRIED, so the fault is minor.",
	},
	{ .all = FACT_RETRIED, .none = FACT_MADV_TRIED, .paths = P_MADVISE, .text = "m",
	  .function = "faultin_vma_page_range",
	  .why =
	  "It retries from the missing page without FAULT_FLAG_TRIED, so the fault is minor.",
	},
	{ .all = FACT_RETRIED, .text = "M", .function = "mm_account_fault",
	  .why =
	  "A fault that is retried under mmap_lock has FAULT_FLAG_TRIED, and so is major.",
	},
	{ .text = "m", .function = "mm_account_fault",
	  .why = "The fault is served without a retry, so it is minor." },
};

static const struct matrix_reason nopage[] = {
	{ .all = FACT_SILENT, .text = "", .function = "", .why = "" },
	{ .all = FACT_ACCESS, .text = "", .function = "", .why = "" },
	{ .outcomes = O(NOPAGE), .text = "m", .function = "mm_account_fault",
	  .why = "The kernel counts VM_FAULT_NOPAGE as a fault that was served." },
	{ .text = "", .function = "", .why = "" },
};

static const struct matrix_reason notified[] = {
	{ .none = FACT_NOTIFIED, .text = "", .function = "", .why = "" },
	{ .all = FACT_THERE, .text = "m", .function = "do_wp_page",
	  .why = "The entry was present but read-only: the write is a separate fault." },
	{ .none = FACT_INSERTS, .text = "", .function = "do_shared_fault",
	  .why = "The mkwrite callback runs in the same fault as .fault." },
	{ .none = FACT_MADV_TRIED, .paths = P(MADV_WRITE), .text = "m", .function = "do_wp_page",
	  .why = "The handler inserted a read-only entry, so the write faults again." },
	{ .all = FACT_RETRIED | FACT_GUP | FACT_SPECIAL, .text = "M",
	  .function = "__get_user_pages_locked",
	  .why =
	  "A separate fault, with FOLL_TRIED still set by the first one's retry: it is major.",
	},
	{ .all = FACT_RETRIED | FACT_GUP, .text = "x", .function = "__get_user_pages_locked",
	  .why =
	  "A separate fault, with FOLL_TRIED still set by the first one's retry: the kernel counts it as major, which .page_mkwrite cannot see.",
	},
	{ .text = "m", .function = "do_wp_page",
	  .why = "The handler inserted a read-only entry, so the write faults again." },
};

static const struct matrix_reason core[] = {
	{ .all = FACT_COPIES | FACT_WRITES, .none = FACT_WRITABLE, .paths = P(MEM_WRITE),
	  .text = "kk", .function = "do_wp_page", .why = "Both pages are copied." },
	{ .all = FACT_COPIES, .text = "k", .function = "do_wp_page",
	  .why = "The core copies a page that is present, without a driver callback." },
	{ .all = FACT_LEAF | FACT_PRIVATE, .none = FACT_WRITABLE | FACT_SILENT,
	  .paths = P(MEM_WRITE), .text = "m", .function = "wp_huge_pmd",
	  .why =
	  "The first page's entry was read-only: .fault returns the page that is copied.",
	},
	{ .all = FACT_PRIVATE, .none = FACT_WRITABLE | FACT_SILENT, .paths = P(MEM_WRITE),
	  .text = "k", .function = "do_wp_page",
	  .why = "The first page's entry was read-only: FOLL_FORCE makes a copy." },
	{ .text = "", .function = "", .why = "" },
};

static const struct matrix_reason lock[] = {
	{ .all = FACT_SILENT, .text = "-", .function = "", .why = "" },
	{ .all = FACT_ACCESS, .text = "-", .function = "__access_remote_vm",
	  .why = "mmap_lock is held, but the module counts the lock only for faults." },
	{ .all = FACT_THERE, .none = FACT_NOTIFIED, .text = "-", .function = "",
	  .why = "No callback ran." },
	{ .all = FACT_THERE, .none = FACT_SPECIAL, .text = "-", .function = "do_page_mkwrite",
	  .why = "The flags that it passes to .page_mkwrite do not tell which lock is held." },
	{ .all = FACT_CPU | FACT_VMA_LOCK | FACT_RETRIED | FACT_NOTIFIED | FACT_SPECIAL,
	  .text = "VMA + mmap", .function = "do_user_addr_fault",
	  .why =
	  "The first try was under the VMA's lock, the second under mmap_lock; .pfn_mkwrite runs in a separate fault.",
	},
	{ .all = FACT_CPU | FACT_VMA_LOCK | FACT_RETRIED, .text = "mmap",
	  .function = "do_user_addr_fault",
	  .why = "After a retry the core takes mmap_lock." },
	{ .all = FACT_CPU | FACT_VMA_LOCK, .text = "VMA", .function = "lock_vma_under_rcu",
	  .why = "Faults from user mode run under the VMA's own lock." },
	{ .all = FACT_CPU, .text = "mmap", .function = "do_user_addr_fault",
	  .why = "This kernel has no per-VMA lock, so faults run under mmap_lock." },
	{ .all = FACT_GUP, .text = "mmap", .function = "__get_user_pages",
	  .why = "get_user_pages() is called under mmap_lock." },
	{ .text = "mmap", .function = "do_user_addr_fault",
	  .why = "Faults in kernel mode run under mmap_lock." },
};

static const struct matrix_reasons tables[] = {
	{ served, ARRAY_SIZE(served) },
	{ nopage, ARRAY_SIZE(nopage) },
	{ notified, ARRAY_SIZE(notified) },
	{ core, ARRAY_SIZE(core) },
	{ lock, ARRAY_SIZE(lock) },
};

const struct matrix_reasons *const matrix_reasons[MATRIX_NR_QUESTIONS] = {
	[ASK(RESULT)] = &matrix_reasons_result,
	[ASK(CALLBACK)] = &matrix_reasons_callback,
	[ASK(TIMES)] = &matrix_reasons_times,
	[ASK(HUGE)] = &matrix_reasons_huge,
	[ASK(RETRY)] = &matrix_reasons_retry,
	[ASK(NOTIFY)] = &matrix_reasons_notify,
	[ASK(ACCESS)] = &matrix_reasons_access,
	[ASK(SERVED)] = &tables[0],
	[ASK(NOPAGE)] = &tables[1],
	[ASK(NOTIFIED)] = &tables[2],
	[ASK(CORE)] = &tables[3],
	[ASK(LOCK)] = &tables[4],
};
