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
	  .why = "Errors are neither minor nor major." },
	{ .outcomes = O(MAJOR), .text = "M", .function = "mm_account_fault",
	  .why = "VM_FAULT_MAJOR." },
	{ .all = FACT_RETRIED | FACT_CPU | FACT_VMA_LOCK, .text = "m",
	  .function = "do_user_addr_fault",
	  .why =
	  "The first try was under the VMA's lock, so the second is not FAULT_FLAG_TRIED: minor, however long it took.",
	},
	{ .all = FACT_RETRIED | FACT_PREFAULT, .paths = P(POPULATE) | P(MLOCK), .text = "m",
	  .function = "__mm_populate",
	  .why = "It starts over from the page that was missing, without FAULT_FLAG_TRIED." },
	{ .all = FACT_RETRIED, .none = FACT_MADV_TRIED, .paths = P_MADVISE, .text = "m",
	  .function = "faultin_vma_page_range",
	  .why = "It starts over from the page that was missing, without FAULT_FLAG_TRIED." },
	{ .all = FACT_RETRIED, .text = "M", .function = "mm_account_fault",
	  .why = "FAULT_FLAG_TRIED: what took a second try under mmap_lock is major." },
	{ .text = "m", .function = "mm_account_fault", .why = "Served at once." },
};

static const struct matrix_reason nopage[] = {
	{ .all = FACT_SILENT, .text = "", .function = "", .why = "" },
	{ .all = FACT_ACCESS, .text = "", .function = "", .why = "" },
	{ .outcomes = O(NOPAGE), .text = "m", .function = "mm_account_fault",
	  .why = "To the kernel VM_FAULT_NOPAGE is a fault that was served." },
	{ .text = "", .function = "", .why = "" },
};

static const struct matrix_reason notified[] = {
	{ .none = FACT_NOTIFIED, .text = "", .function = "", .why = "" },
	{ .all = FACT_THERE, .text = "m", .function = "do_wp_page",
	  .why = "A fault of its own, as the entry was there." },
	{ .none = FACT_INSERTS, .text = "", .function = "do_shared_fault",
	  .why = "The callback is part of the fault that .fault began." },
	{ .none = FACT_MADV_TRIED, .paths = P(MADV_WRITE), .text = "m", .function = "do_wp_page",
	  .why = "The handler made the entry itself, read-only: the write faults again." },
	{ .all = FACT_RETRIED | FACT_GUP | FACT_SPECIAL, .text = "M",
	  .function = "__get_user_pages_locked",
	  .why = "A fault of its own, and still FOLL_TRIED from the first." },
	{ .all = FACT_RETRIED | FACT_GUP, .text = "x", .function = "__get_user_pages_locked",
	  .why =
	  "A fault of its own, and still FOLL_TRIED from the first: major to the kernel, and .page_mkwrite is not told.",
	},
	{ .text = "m", .function = "do_wp_page",
	  .why = "The handler made the entry itself, read-only: the write faults again." },
};

static const struct matrix_reason core[] = {
	{ .all = FACT_COPIES | FACT_WRITES, .none = FACT_WRITABLE, .paths = P(MEM_WRITE),
	  .text = "kk", .function = "do_wp_page", .why = "Both pages are copied." },
	{ .all = FACT_COPIES, .text = "k", .function = "do_wp_page",
	  .why = "The copy of a page that is there: no driver sees it." },
	{ .all = FACT_LEAF | FACT_PRIVATE, .none = FACT_WRITABLE | FACT_SILENT,
	  .paths = P(MEM_WRITE), .text = "m", .function = "wp_huge_pmd",
	  .why =
	  "The first page could only be read before: .fault gives the page that is copied.",
	},
	{ .all = FACT_PRIVATE, .none = FACT_WRITABLE | FACT_SILENT, .paths = P(MEM_WRITE),
	  .text = "k", .function = "do_wp_page",
	  .why = "The first page could only be read before: FOLL_FORCE makes a copy." },
	{ .text = "", .function = "", .why = "" },
};

static const struct matrix_reason lock[] = {
	{ .all = FACT_SILENT, .text = "-", .function = "", .why = "" },
	{ .all = FACT_ACCESS, .text = "-", .function = "__access_remote_vm",
	  .why = "mmap_lock, but the module counts it for faults only." },
	{ .all = FACT_THERE, .none = FACT_NOTIFIED, .text = "-", .function = "",
	  .why = "No callback ran." },
	{ .all = FACT_THERE, .none = FACT_SPECIAL, .text = "-", .function = "do_page_mkwrite",
	  .why = "It hides from .page_mkwrite which lock is held." },
	{ .all = FACT_CPU | FACT_VMA_LOCK | FACT_RETRIED | FACT_NOTIFIED | FACT_SPECIAL,
	  .text = "VMA + mmap", .function = "do_user_addr_fault",
	  .why =
	  "The first try was under the VMA's lock, the second under mmap_lock; .pfn_mkwrite is a fault of its own.",
	},
	{ .all = FACT_CPU | FACT_VMA_LOCK | FACT_RETRIED, .text = "mmap",
	  .function = "do_user_addr_fault",
	  .why = "After a retry the core takes mmap_lock." },
	{ .all = FACT_CPU | FACT_VMA_LOCK, .text = "VMA", .function = "lock_vma_under_rcu",
	  .why = "Faults of user mode run under the VMA's own lock." },
	{ .all = FACT_CPU, .text = "mmap", .function = "do_user_addr_fault",
	  .why = "This kernel has no other lock." },
	{ .all = FACT_GUP, .text = "mmap", .function = "__get_user_pages",
	  .why = "get_user_pages() is called under mmap_lock." },
	{ .text = "mmap", .function = "do_user_addr_fault",
	  .why = "Faults of the kernel itself are under mmap_lock." },
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
