// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reasons: what does the caller get?
 */
#include "matrix/expect/reasons.h"

static const struct matrix_reason result[] = {
	/* mmap() itself */
	{ .paths = P(MMAP), .all = FACT_RDONLY | FACT_WRITABLE, .none = FACT_PRIVATE,
	  .gives = FACT_SILENT, .text = "EACCES", .function = "do_mmap",
	  .why = "MAP_SHARED with PROT_WRITE needs a descriptor that is open for writing." },
	{ .paths = P(MMAP), .all = FACT_ATMMAP | FACT_PRIVATE | FACT_WRITABLE,
	  .gives = FACT_SILENT, .text = "EINVAL", .function = "remap_pfn_range",
	  .why =
	  "It sets vm_pgoff of a CoW mapping to the first PFN, so evict could not find the VMA by its offset. So .mmap refuses.",
	},
	{ .paths = P(MMAP), .all = FACT_ATMMAP, .gives = FACT_SILENT,
	  .function = "remap_pfn_range", .why = ".mmap calls it to make all entries." },
	{ .paths = P(MMAP), .all = FACT_PFNMAP | FACT_PRIVATE | FACT_WRITABLE,
	  .gives = FACT_SILENT, .text = "EINVAL", .function = "vmf_insert_pfn",
	  .why =
	  "It has a BUG_ON() for VM_PFNMAP in a CoW mapping, so .mmap refuses.",
	},
	{ .paths = P(MMAP), .all = FACT_MIXED | FACT_PHYS | FACT_PRIVATE | FACT_WRITABLE,
	  .gives = FACT_SILENT, .text = "EINVAL", .function = "vmf_insert_mixed",
	  .why =
	  "CoW of a special entry copies from the running task's mm, which may be another process's. PHYS memory can have no other entries, so .mmap refuses.",
	},
	{ .paths = P(MMAP), .gives = FACT_SILENT, .function = "do_mmap",
	  .why = "No check refuses the mapping, and without MAP_POPULATE no page is faulted in." },

	/* what the protection of the mapping forbids */
	{ .all = FACT_CPU | FACT_WRITES, .none = FACT_WRITABLE, .gives = FACT_SILENT,
	  .text = "SIGSEGV/SEGV_ACCERR", .function = "access_error",
	  .why = "The VMA lacks VM_WRITE: the handler is not called." },
	{ .all = FACT_COPY | FACT_WRITES, .none = FACT_WRITABLE, .gives = FACT_SILENT,
	  .text = "EFAULT", .function = "access_error",
	  .why =
	  "The VMA lacks VM_WRITE: the kernel's copy faults, fixup_exception() ends it, and the handler is not called.",
	},

	/*
	 * Kind remap: all entries are made at mmap(), and there is no .fault that could
	 * make one that is missing: evicted, or past the end of the region.
	 */
	{ .all = FACT_ATMMAP | FACT_CPU, .outcomes = O_GONE, .gives = FACT_SILENT,
	  .text = "SIGBUS/BUS_ADRERR", .function = "do_fault",
	  .why = "There is no entry and no .fault, so the core returns VM_FAULT_SIGBUS." },
	{ .all = FACT_ATMMAP | FACT_FETCH, .none = FACT_EXEC, .gives = FACT_SILENT,
	  .text = "SIGSEGV/SEGV_ACCERR", .function = "access_error",
	  .why = "The entry is present, without execute permission." },
	{ .all = FACT_ATMMAP | FACT_CPU, .gives = FACT_SILENT, .function = "remap_pfn_range",
	  .why = "The entry is present since mmap(), so no fault occurs and no rule applies." },
	{ .all = FACT_ATMMAP | FACT_COPY | FACT_TWO, .outcomes = O_GONE, .gives = FACT_SILENT,
	  .text = "short 4096", .function = "do_fault",
	  .why =
	  "There is no entry and no .fault, so the core returns VM_FAULT_SIGBUS, which ends the copy.",
	},
	{ .all = FACT_ATMMAP | FACT_COPY, .outcomes = O_GONE, .gives = FACT_SILENT,
	  .text = "EFAULT", .function = "do_fault",
	  .why =
	  "There is no entry and no .fault, so the core returns VM_FAULT_SIGBUS, which ends the copy.",
	},
	{ .all = FACT_ATMMAP | FACT_COPY, .gives = FACT_SILENT, .function = "remap_pfn_range",
	  .why = "The entry is present since mmap(), so no fault occurs and no rule applies." },
	{ .all = FACT_ATMMAP, .paths = P(POPULATE), .outcomes = ~O(PAST_END),
	  .gives = FACT_SILENT, .function = "remap_pfn_range",
	  .why = ".mmap has already made the entries; MAP_POPULATE skips the VMA." },
	{ .all = FACT_ATMMAP, .paths = P(MLOCK), .outcomes = ~O_GONE, .gives = FACT_SILENT,
	  .function = "mlock_fixup",
	  .why = "VM_PFNMAP is skipped without an error; the entry was present before." },

	/* VM_PFNMAP and VM_IO: no get_user_pages() */
	{ .all = FACT_PFNMAP | FACT_FORCE | FACT_WRITES, .none = FACT_WRITABLE,
	  .gives = FACT_SILENT, .text = "EIO", .function = "__access_remote_vm",
	  .why =
	  "GUP refuses VM_PFNMAP, and .access refuses to write where VM_WRITE is missing, as generic_access_phys() does.",
	},
	{ .all = FACT_PFNMAP | FACT_FORCE | FACT_TWO, .outcomes = O(PAST_END),
	  .gives = FACT_ACCESS, .text = "short 4096", .function = "__access_remote_vm",
	  .why =
	  "GUP refuses VM_PFNMAP, so .access is called: it copies the first page, and fails past the region's end.",
	},
	{ .all = FACT_PFNMAP | FACT_FORCE, .outcomes = O(PAST_END),
	  .gives = FACT_ACCESS, .text = "EIO", .function = "__access_remote_vm",
	  .why =
	  "GUP refuses VM_PFNMAP, so .access is called, which fails past the region's end.",
	},
	{ .all = FACT_PFNMAP | FACT_FORCE, .gives = FACT_ACCESS,
	  .function = "__access_remote_vm",
	  .why =
	  "GUP refuses VM_PFNMAP, so .access is called: no page fault occurs, and no verdict applies.",
	},
	{ .all = FACT_PFNMAP, .paths = P_MADVISE, .gives = FACT_SILENT, .text = "EINVAL",
	  .function = "check_vma_flags",
	  .why = "MADV_POPULATE refuses VM_PFNMAP and VM_IO." },
	{ .all = FACT_PFNMAP, .paths = P(POPULATE), .gives = FACT_SILENT,
	  .text = "mapped, absent", .function = "__mm_populate",
	  .why = "It skips VM_PFNMAP and VM_IO, and mmap() reports no error." },
	{ .all = FACT_PFNMAP, .paths = P(MLOCK), .outcomes = O(PRESENT), .gives = FACT_SILENT,
	  .function = "mlock_fixup",
	  .why = "VM_PFNMAP is skipped without an error; the entry was present before." },
	{ .all = FACT_PFNMAP, .paths = P(MLOCK), .gives = FACT_SILENT,
	  .text = "locked, absent", .function = "mlock_fixup",
	  .why =
	  "VM_PFNMAP is skipped without an error: no page is faulted in or locked.",
	},
	{ .all = FACT_PFNMAP | FACT_GUP, .gives = FACT_SILENT, .text = "EFAULT",
	  .function = "check_vma_flags",
	  .why = "get_user_pages() refuses VM_PFNMAP and VM_IO before it looks for a page." },

	/* get_user_pages() and the protection */
	{ .all = FACT_GUP | FACT_WRITES, .none = FACT_WRITABLE | FACT_FORCE,
	  .paths = P(MADV_WRITE), .gives = FACT_SILENT, .text = "EINVAL",
	  .function = "check_vma_flags", .why = "The VMA lacks VM_WRITE." },
	{ .all = FACT_GUP | FACT_WRITES, .none = FACT_WRITABLE | FACT_FORCE,
	  .gives = FACT_SILENT, .text = "EFAULT", .function = "check_vma_flags",
	  .why = "FOLL_WRITE where the VMA lacks VM_WRITE." },
	{ .all = FACT_FORCE | FACT_WRITES, .none = FACT_WRITABLE | FACT_PRIVATE,
	  .gives = FACT_SILENT, .text = "EIO", .function = "check_vma_flags",
	  .why =
	  "FOLL_FORCE writes to a mapping without VM_WRITE only if that makes a copy (is_cow_mapping()).",
	},

	{ .all = FACT_NOTIFY | FACT_REGISTERS, .none = FACT_PRIVATE, .paths = P(URING_REGISTER),
	  .gives = FACT_SILENT, .text = "EFAULT", .function = "writable_file_mapping_allowed",
	  .why =
	  "A long-term pin allows writes without .page_mkwrite or .pfn_mkwrite, so it is refused where the VMA has one.",
	},

	{ .all = FACT_FORCE | FACT_WRITES | FACT_MIXED, .none = FACT_WRITABLE,
	  .gives = FACT_SILENT, .text = "EIO", .function = "check_vma_flags",
	  .why =
	  "The mapping can never become writable (no VM_MAYWRITE), so FOLL_FORCE gets no copy to write to.",
	},

	/* VM_MIXEDMAP with special entries: GUP faults, but finds no page */
	{ .all = FACT_MIXED, .paths = P(VM_READV) | P(VM_WRITEV),
	  .gives = FACT_SILENT, .text = "EFAULT", .function = "process_vm_rw_single_vec",
	  .why =
	  "The first page has a special entry, without a struct page to pin; any error of GUP becomes EFAULT.",
	},
	{ .all = FACT_MIXED, .paths = P_TRANSFER | P_URING_PINS,
	  .gives = FACT_SILENT, .text = "EEXIST", .function = "follow_pfn_pte",
	  .why =
	  "The first page has a special entry, without a struct page to pin: -EEXIST, meant for GUP itself, is returned to the user.",
	},
	{ .all = FACT_MIXED | FACT_FORCE | FACT_TWO, .outcomes = O(UNPLUG) | O(PAST_END),
	  .gives = FACT_FAILS | FACT_AND_ACCESS,
	  .text = "short 4096", .function = "__access_remote_vm",
	  .why =
	  "GUP finds no struct page, so .access is called, which fails for the second page.",
	},
	{ .all = FACT_MIXED | FACT_FORCE, .outcomes = O(UNPLUG) | O(PAST_END),
	  .gives = FACT_FAILS | FACT_AND_ACCESS,
	  .text = "EIO", .function = "__access_remote_vm",
	  .why = "GUP finds no struct page, so .access is called, which fails as well." },
	{ .all = FACT_MIXED | FACT_FORCE, .outcomes = O_ERROR | O(OOM) | O(GATE),
	  .gives = FACT_FAILS | FACT_AND_ACCESS, .function = "__access_remote_vm",
	  .why = "The fault fails, and then .access is called, to which no rule applies." },
	{ .all = FACT_MIXED | FACT_FORCE, .gives = FACT_AND_ACCESS,
	  .function = "__access_remote_vm",
	  .why =
	  "GUP faults in the entry but finds no struct page to pin, so .access is called.",
	},

	/* shared futexes */
	{ .paths = P(FUTEX_SHARED), .outcomes = O_ERROR, .gives = FACT_FAILS, .text = "EFAULT",
	  .function = "get_futex_key", .why = "It pins the page, and that fails." },
	{ .paths = P(FUTEX_SHARED), .outcomes = O(OOM), .gives = FACT_FAILS, .text = "ENOMEM",
	  .function = "get_futex_key",
	  .why = "It pins the page, and returns the error of get_user_pages()." },
	{ .paths = P(FUTEX_SHARED), .all = FACT_PRIVATE | FACT_WRITABLE,
	  .function = "get_futex_key",
	  .why =
	  "It pins with write access, so the key is that of the private copy. The futex word was read, and differs: EAGAIN.",
	},
	{ .paths = P(FUTEX_SHARED), .all = FACT_MIXED, .text = "EEXIST",
	  .function = "follow_pfn_pte",
	  .why =
	  "The special entry has no struct page to pin: -EEXIST, meant for GUP itself, is returned to the user.",
	},
	{ .paths = P(FUTEX_SHARED), .function = "get_futex_key",
	  .why =
	  "The key of a shared futex is the page's ->mapping, here the region's. The futex word was read, and differs: EAGAIN.",
	},

	/* an instruction of the task */
	{ .all = FACT_CPU, .outcomes = O_BUS, .gives = FACT_FAILS,
	  .text = "SIGBUS/BUS_ADRERR", .function = "do_sigbus",
	  .why = "The fault ended in VM_FAULT_SIGBUS." },
	{ .all = FACT_CPU, .outcomes = O(SIGSEGV), .gives = FACT_FAILS,
	  .text = "SIGSEGV/SEGV_MAPERR", .function = "bad_area_nosemaphore",
	  .why = "VM_FAULT_SIGSEGV is reported as if no VMA were there." },
	{ .all = FACT_CPU, .outcomes = O(HWPOISON), .gives = FACT_FAILS,
	  .text = "SIGBUS/BUS_MCEERR_AR", .function = "do_sigbus",
	  .why = "The fault ended in VM_FAULT_HWPOISON; si_addr_lsb says that one page is lost." },
	{ .all = FACT_CPU, .outcomes = O(HWPOISON_LARGE), .gives = FACT_FAILS,
	  .text = "SIGBUS/BUS_MCEERR_AR huge", .function = "do_sigbus",
	  .why =
	  "The fault ended in VM_FAULT_HWPOISON_LARGE; si_addr_lsb is the shift of the hstate whose index is in the code.",
	},
	{ .all = FACT_FETCH, .none = FACT_EXEC, .text = "SIGSEGV/SEGV_ACCERR",
	  .function = "access_error",
	  .why =
	  "x86 checks execute permission only of a present entry: the page is mapped first, without it, and the next try fails.",
	},
	{ .all = FACT_CPU, .outcomes = O(OOM), .function = "pagefault_out_of_memory",
	  .why =
	  "VM_FAULT_OOM at most logs a line, and the instruction runs again: if the OOM persists, the task loops.",
	},

	/* a user copy of the kernel: fixup_exception() ends it after any error of .fault */
	{ .all = FACT_BIG_WRITES, .paths = P(WRITE), .outcomes = O(UNPLUG), .gives = FACT_FAILS,
	  .text = "EFAULT", .function = "generic_perform_write",
	  .why =
	  "It faults in all pages of a chunk before it copies: by then the device is unplugged, and the first page is unmapped as well.",
	},
	{ .all = FACT_BIG_WRITES, .paths = P(WRITE), .outcomes = O(OOM),
	  .function = "generic_perform_write",
	  .why =
	  "fault_in_iov_iter_readable() fails for only a part of a chunk, which is no error; the rest is faulted in again.",
	},
	{ .all = FACT_STOS_TWICE, .paths = P(ZERO_READ), .outcomes = O(OOM),
	  .function = "rep_stos_alternative",
	  .why =
	  "clear_user() retries the rest, from the address that faulted, and then the fault is served.",
	},
	{ .all = FACT_MOVS_TWICE, .paths = P(READ) | P(URING_READ) | P(URING_WRITE),
	  .outcomes = O(OOM), .function = "copy_user_handle_tail",
	  .why =
	  "The copy retries the rest, from the address that faulted, and then the fault is served.",
	},
	{ .all = FACT_COPY | FACT_TWO, .outcomes = O_ERROR | O(OOM), .gives = FACT_FAILS,
	  .text = "short 4096", .function = "kernelmode_fixup_or_oops",
	  .why =
	  "In kernel mode every error of .fault ends the copy; the result is what was copied before.",
	},
	{ .all = FACT_COPY, .outcomes = O_ERROR | O(OOM), .gives = FACT_FAILS,
	  .text = "EFAULT", .function = "kernelmode_fixup_or_oops",
	  .why =
	  "In kernel mode every error of .fault ends the copy, and becomes EFAULT.",
	},

	/* buffers of io_uring */
	{ .paths = P(URING_REGISTER), .outcomes = O_ERROR | O(OOM), .gives = FACT_FAILS,
	  .text = "EFAULT", .function = "io_pin_pages",
	  .why =
	  "It returns EFAULT if it gets fewer pages than it requested, whatever the reason.",
	},
	{ .paths = P(URING_REGISTER), .none = FACT_UNLOCKS, .outcomes = O(GATE),
	  .gives = FACT_FAILS, .text = "EFAULT", .function = "io_pin_pages",
	  .why = "It does not allow a retry, so a gate ends in SIGBUS, which becomes EFAULT." },
	{ .paths = P(URING_REGISTER), .none = FACT_REGISTERS, .text = "EOPNOTSUPP",
	  .function = "io_pin_pages",
	  .why = "It pins the pages, finds that they belong to a file, and unpins them." },

	/* get_user_pages() */
	{ .all = FACT_FORCE | FACT_TWO, .outcomes = O_ERROR | O(OOM) | O(GATE),
	  .gives = FACT_FAILS, .text = "short 4096", .function = "__access_remote_vm",
	  .why =
	  "It copies page by page, and ends at the first that fails. It does not allow a retry, so a gate ends in SIGBUS.",
	},
	{ .all = FACT_FORCE, .outcomes = O_ERROR | O(OOM) | O(GATE), .gives = FACT_FAILS,
	  .text = "EIO", .function = "generic_ptrace_peekdata",
	  .why =
	  "Nothing was copied, and ptrace() returns EIO whatever the reason. GUP does not allow a retry here, so a gate ends in SIGBUS.",
	},
	{ .paths = P(POPULATE), .outcomes = O_ERROR | O(OOM), .gives = FACT_FAILS,
	  .text = "mapped, absent", .function = "mm_populate",
	  .why = "MAP_POPULATE fails, and mmap() reports no error." },
	{ .paths = P(MLOCK), .outcomes = O_ERROR, .gives = FACT_FAILS, .text = "ENOMEM",
	  .function = "__mlock_posix_error_return",
	  .why =
	  "EFAULT of get_user_pages() becomes ENOMEM, as POSIX requires. The VMA stays locked.",
	},
	{ .paths = P_MADVISE, .outcomes = O_POISON, .gives = FACT_FAILS, .text = "EHWPOISON",
	  .function = "vm_fault_to_errno",
	  .why = "MADV_POPULATE passes FOLL_HWPOISON, so a poisoned page is EHWPOISON." },
	{ .paths = P_MADVISE, .outcomes = O_ERROR, .gives = FACT_FAILS, .text = "EFAULT",
	  .function = "vm_fault_to_errno",
	  .why = "It converts VM_FAULT_SIGBUS and VM_FAULT_SIGSEGV to EFAULT." },
	{ .all = FACT_GUP, .outcomes = O(OOM), .function = "__get_user_pages",
	  .why =
	  "It returned the first page; when it was called for the rest, the fault was served.",
	},
	{ .all = FACT_GUP | FACT_TWO, .outcomes = O_ERROR, .gives = FACT_FAILS,
	  .text = "short 4096", .function = "__get_user_pages",
	  .why = "It returns the pages that it got before the error, and these are transferred." },

	{ .function = "handle_mm_fault", .why = "The page is mapped, or already was." },
};

const struct matrix_reasons matrix_reasons_result = { result, ARRAY_SIZE(result) };
