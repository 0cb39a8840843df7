// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reasons: what does the caller get?
 */
#include "matrix/expect/reasons.h"

static const struct matrix_reason result[] = {
	/* mmap() itself */
	{ .paths = P(MMAP), .all = FACT_RDONLY | FACT_WRITABLE, .none = FACT_PRIVATE,
	  .gives = FACT_SILENT, .text = "EACCES", .function = "do_mmap",
	  .why = "MAP_SHARED with PROT_WRITE wants a descriptor that can write." },
	{ .paths = P(MMAP), .all = FACT_ATMMAP | FACT_PRIVATE | FACT_WRITABLE,
	  .gives = FACT_SILENT, .text = "EINVAL", .function = "remap_pfn_range",
	  .why =
	  "It would bind a VMA that can be copied on write to its first frame, where no evict finds it, so .mmap refuses.",
	},
	{ .paths = P(MMAP), .all = FACT_ATMMAP, .gives = FACT_SILENT,
	  .function = "remap_pfn_range", .why = "It makes all entries, in .mmap." },
	{ .paths = P(MMAP), .all = FACT_PFNMAP | FACT_PRIVATE | FACT_WRITABLE,
	  .gives = FACT_SILENT, .text = "EINVAL", .function = "vmf_insert_pfn",
	  .why =
	  "It is a BUG() for VM_PFNMAP where pages could be copied on write, so .mmap refuses.",
	},
	{ .paths = P(MMAP), .all = FACT_MIXED | FACT_PHYS | FACT_PRIVATE | FACT_WRITABLE,
	  .gives = FACT_SILENT, .text = "EINVAL", .function = "vmf_insert_mixed",
	  .why =
	  "Its entries are special, and of those the core makes no right copy for another process; frames without a page can have no others. So .mmap refuses.",
	},
	{ .paths = P(MMAP), .gives = FACT_SILENT, .function = "do_mmap",
	  .why = "Nothing forbids it, and without MAP_POPULATE no page is asked for." },

	/* what the protection of the mapping forbids */
	{ .all = FACT_CPU | FACT_WRITES, .none = FACT_WRITABLE, .gives = FACT_SILENT,
	  .text = "SIGSEGV/SEGV_ACCERR", .function = "access_error",
	  .why = "The VMA lacks VM_WRITE: the handler is not asked." },
	{ .all = FACT_COPY | FACT_WRITES, .none = FACT_WRITABLE, .gives = FACT_SILENT,
	  .text = "EFAULT", .function = "access_error",
	  .why =
	  "The VMA lacks VM_WRITE: the kernel's copy faults, fixup_exception() ends it, and the handler is not asked.",
	},

	/*
	 * all entries are made at mmap: one that is gone cannot come back, without
	 * .fault
	 */
	{ .all = FACT_ATMMAP | FACT_CPU, .outcomes = O_GONE, .gives = FACT_SILENT,
	  .text = "SIGBUS/BUS_ADRERR", .function = "do_fault",
	  .why = "There is no entry and no .fault: the core itself says SIGBUS." },
	{ .all = FACT_ATMMAP | FACT_FETCH, .none = FACT_EXEC, .gives = FACT_SILENT,
	  .text = "SIGSEGV/SEGV_ACCERR", .function = "access_error",
	  .why = "The entry is there, without execute permission." },
	{ .all = FACT_ATMMAP | FACT_CPU, .gives = FACT_SILENT, .function = "remap_pfn_range",
	  .why = "The entry is there since mmap(): no rule is ever asked." },
	{ .all = FACT_ATMMAP | FACT_COPY | FACT_TWO, .outcomes = O_GONE, .gives = FACT_SILENT,
	  .text = "short 4096", .function = "do_fault",
	  .why =
	  "There is no entry and no .fault: the core itself says SIGBUS, which ends the copy.",
	},
	{ .all = FACT_ATMMAP | FACT_COPY, .outcomes = O_GONE, .gives = FACT_SILENT,
	  .text = "EFAULT", .function = "do_fault",
	  .why =
	  "There is no entry and no .fault: the core itself says SIGBUS, which ends the copy.",
	},
	{ .all = FACT_ATMMAP | FACT_COPY, .gives = FACT_SILENT, .function = "remap_pfn_range",
	  .why = "The entry is there since mmap(): no rule is ever asked." },
	{ .all = FACT_ATMMAP, .paths = P(POPULATE), .outcomes = ~O(PAST_END),
	  .gives = FACT_SILENT, .function = "remap_pfn_range",
	  .why = "The entries are there anyway; what MAP_POPULATE asks for is skipped." },
	{ .all = FACT_ATMMAP, .paths = P(MLOCK), .outcomes = ~O_GONE, .gives = FACT_SILENT,
	  .function = "mlock_fixup",
	  .why = "VM_PFNMAP is left alone, without an error; the entry was there before." },

	/* VM_PFNMAP and VM_IO: no get_user_pages() */
	{ .all = FACT_PFNMAP | FACT_FORCE | FACT_WRITES, .none = FACT_WRITABLE,
	  .gives = FACT_SILENT, .text = "EIO", .function = "__access_remote_vm",
	  .why =
	  "GUP refuses VM_PFNMAP, and .access refuses to write where VM_WRITE is missing, as generic_access_phys() does.",
	},
	{ .all = FACT_PFNMAP | FACT_FORCE | FACT_TWO, .outcomes = O(PAST_END),
	  .gives = FACT_ACCESS, .text = "short 4096", .function = "__access_remote_vm",
	  .why =
	  "GUP refuses VM_PFNMAP and .access is called: for the first page it copies, past the end it does not.",
	},
	{ .all = FACT_PFNMAP | FACT_FORCE, .outcomes = O(PAST_END),
	  .gives = FACT_ACCESS, .text = "EIO", .function = "__access_remote_vm",
	  .why = "GUP refuses VM_PFNMAP and .access is called, which finds nothing past the end." },
	{ .all = FACT_PFNMAP | FACT_FORCE, .gives = FACT_ACCESS,
	  .function = "__access_remote_vm",
	  .why =
	  "GUP refuses VM_PFNMAP and .access is called: it is no fault, so no verdict applies.",
	},
	{ .all = FACT_PFNMAP, .paths = P_MADVISE, .gives = FACT_SILENT, .text = "EINVAL",
	  .function = "check_vma_flags",
	  .why = "MADV_POPULATE does not do VM_PFNMAP and VM_IO." },
	{ .all = FACT_PFNMAP, .paths = P(POPULATE), .gives = FACT_SILENT,
	  .text = "mapped, absent", .function = "__mm_populate",
	  .why = "It skips VM_PFNMAP and VM_IO, and mmap() does not tell." },
	{ .all = FACT_PFNMAP, .paths = P(MLOCK), .outcomes = O(PRESENT), .gives = FACT_SILENT,
	  .function = "mlock_fixup",
	  .why = "VM_PFNMAP is left alone, without an error; the entry was there before." },
	{ .all = FACT_PFNMAP, .paths = P(MLOCK), .gives = FACT_SILENT,
	  .text = "locked, absent", .function = "mlock_fixup",
	  .why =
	  "VM_PFNMAP is left alone, without an error: nothing is locked, nothing is there.",
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
	  "FOLL_FORCE writes to what is not writable only where it gets a copy (is_cow_mapping()).",
	},

	{ .all = FACT_NOTIFY | FACT_REGISTERS, .none = FACT_PRIVATE, .paths = P(URING_REGISTER),
	  .gives = FACT_SILENT, .text = "EFAULT", .function = "writable_file_mapping_allowed",
	  .why =
	  "Who pins for long writes without notice: refused where .page_mkwrite or .pfn_mkwrite wants to be told.",
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
	  "The first page is there by a special entry, which has no page to pin; whatever GUP says is EFAULT.",
	},
	{ .all = FACT_MIXED, .paths = P_TRANSFER | P_URING_PINS,
	  .gives = FACT_SILENT, .text = "EEXIST", .function = "follow_pfn_pte",
	  .why =
	  "The first page is there by a special entry, which has no page to pin: -EEXIST, meant for GUP itself, gets out to the user.",
	},
	{ .all = FACT_MIXED | FACT_FORCE | FACT_TWO, .outcomes = O(UNPLUG) | O(PAST_END),
	  .gives = FACT_FAILS | FACT_AND_ACCESS,
	  .text = "short 4096", .function = "__access_remote_vm",
	  .why =
	  "Where GUP finds no page .access is called, and for the second page has none either.",
	},
	{ .all = FACT_MIXED | FACT_FORCE, .outcomes = O(UNPLUG) | O(PAST_END),
	  .gives = FACT_FAILS | FACT_AND_ACCESS,
	  .text = "EIO", .function = "__access_remote_vm",
	  .why = "Where GUP finds no page .access is called, and has none either." },
	{ .all = FACT_MIXED | FACT_FORCE, .outcomes = O_ERROR | O(OOM) | O(GATE),
	  .gives = FACT_FAILS | FACT_AND_ACCESS, .function = "__access_remote_vm",
	  .why = "The fault fails, and .access is called all the same, which asks no rule." },
	{ .all = FACT_MIXED | FACT_FORCE, .gives = FACT_AND_ACCESS,
	  .function = "__access_remote_vm",
	  .why = "GUP has the page faulted in and finds none to pin: .access is called." },

	/* shared futexes */
	{ .paths = P(FUTEX_SHARED), .outcomes = O_ERROR, .gives = FACT_FAILS, .text = "EFAULT",
	  .function = "get_futex_key", .why = "It pins the page, and that fails." },
	{ .paths = P(FUTEX_SHARED), .outcomes = O(OOM), .gives = FACT_FAILS, .text = "ENOMEM",
	  .function = "get_futex_key",
	  .why = "It pins the page, and hands on what get_user_pages() says." },
	{ .paths = P(FUTEX_SHARED), .all = FACT_PRIVATE | FACT_WRITABLE,
	  .function = "get_futex_key",
	  .why =
	  "It pins for writing, so the key is of the private copy. The word was read, and differs: EAGAIN.",
	},
	{ .paths = P(FUTEX_SHARED), .all = FACT_MIXED, .text = "EEXIST",
	  .function = "follow_pfn_pte",
	  .why =
	  "The special entry has no page to pin: -EEXIST, meant for GUP itself, gets out to the user.",
	},
	{ .paths = P(FUTEX_SHARED), .function = "get_futex_key",
	  .why =
	  "The key of a shared futex is the page's ->mapping, the region's. The word was read, and differs: EAGAIN.",
	},

	/* an instruction of the task */
	{ .all = FACT_CPU, .outcomes = O_BUS, .gives = FACT_FAILS,
	  .text = "SIGBUS/BUS_ADRERR", .function = "do_sigbus", .why = "VM_FAULT_SIGBUS." },
	{ .all = FACT_CPU, .outcomes = O(SIGSEGV), .gives = FACT_FAILS,
	  .text = "SIGSEGV/SEGV_MAPERR", .function = "bad_area_nosemaphore",
	  .why = "VM_FAULT_SIGSEGV, as if nothing were mapped." },
	{ .all = FACT_CPU, .outcomes = O(HWPOISON), .gives = FACT_FAILS,
	  .text = "SIGBUS/BUS_MCEERR_AR", .function = "do_sigbus",
	  .why = "VM_FAULT_HWPOISON; si_addr_lsb says that a page is lost." },
	{ .all = FACT_CPU, .outcomes = O(HWPOISON_LARGE), .gives = FACT_FAILS,
	  .text = "SIGBUS/BUS_MCEERR_AR huge", .function = "do_sigbus",
	  .why =
	  "VM_FAULT_HWPOISON_LARGE; si_addr_lsb is the shift of the hstate whose index it carries.",
	},
	{ .all = FACT_FETCH, .none = FACT_EXEC, .text = "SIGSEGV/SEGV_ACCERR",
	  .function = "access_error",
	  .why =
	  "x86 asks VM_EXEC only by the entry: the page is served first, without execute permission, and the next try faults on that.",
	},
	{ .all = FACT_CPU, .outcomes = O(OOM), .function = "pagefault_out_of_memory",
	  .why =
	  "VM_FAULT_OOM logs a line at most, and the instruction runs again: an OOM that lasts is a task that spins.",
	},

	/* an instruction of the kernel: fixup_exception(), whatever the error is */
	{ .all = FACT_BIG_WRITES, .paths = P(WRITE), .outcomes = O(UNPLUG), .gives = FACT_FAILS,
	  .text = "EFAULT", .function = "generic_perform_write",
	  .why =
	  "It looks at all pages of a chunk before it copies: when it comes to copy, the device is dead, and the first page gone as well.",
	},
	{ .all = FACT_BIG_WRITES, .paths = P(WRITE), .outcomes = O(OOM),
	  .function = "generic_perform_write",
	  .why =
	  "fault_in_iov_iter_readable() fails for part of a chunk only, which is no error; the rest of the chunk is asked for again.",
	},
	{ .all = FACT_STOS_TWICE, .paths = P(ZERO_READ), .outcomes = O(OOM),
	  .function = "rep_stos_alternative",
	  .why =
	  "clear_user() tries the rest again where it faulted, and then the page is served.",
	},
	{ .all = FACT_MOVS_TWICE, .paths = P(READ) | P(URING_READ) | P(URING_WRITE),
	  .outcomes = O(OOM), .function = "copy_user_handle_tail",
	  .why = "The copy tries the rest again where it faulted, and then the page is served." },
	{ .all = FACT_COPY | FACT_TWO, .outcomes = O_ERROR | O(OOM), .gives = FACT_FAILS,
	  .text = "short 4096", .function = "kernelmode_fixup_or_oops",
	  .why =
	  "In the kernel every error of .fault ends the copy: what was copied before counts.",
	},
	{ .all = FACT_COPY, .outcomes = O_ERROR | O(OOM), .gives = FACT_FAILS,
	  .text = "EFAULT", .function = "kernelmode_fixup_or_oops",
	  .why =
	  "In the kernel every error of .fault ends the copy, and there is only EFAULT for it.",
	},

	/* buffers of io_uring */
	{ .paths = P(URING_REGISTER), .outcomes = O_ERROR | O(OOM), .gives = FACT_FAILS,
	  .text = "EFAULT", .function = "io_pin_pages",
	  .why = "Fewer pages than were asked for are EFAULT, whatever was the reason." },
	{ .paths = P(URING_REGISTER), .none = FACT_UNLOCKS, .outcomes = O(GATE),
	  .gives = FACT_FAILS, .text = "EFAULT", .function = "io_pin_pages",
	  .why = "It never lets a fault be retried: a gate is SIGBUS, and EFAULT to it." },
	{ .paths = P(URING_REGISTER), .none = FACT_REGISTERS, .text = "EOPNOTSUPP",
	  .function = "io_pin_pages",
	  .why = "It pins the pages, then sees that they are of a file, and lets them go." },

	/* get_user_pages() */
	{ .all = FACT_FORCE | FACT_TWO, .outcomes = O_ERROR | O(OOM) | O(GATE),
	  .gives = FACT_FAILS, .text = "short 4096", .function = "__access_remote_vm",
	  .why =
	  "It takes page by page, and ends at the first that fails. It never lets a fault be retried: a gate is SIGBUS.",
	},
	{ .all = FACT_FORCE, .outcomes = O_ERROR | O(OOM) | O(GATE), .gives = FACT_FAILS,
	  .text = "EIO", .function = "generic_ptrace_peekdata",
	  .why =
	  "Nothing was copied, and ptrace() says EIO to whatever was the reason. GUP never lets this fault be retried: a gate is SIGBUS.",
	},
	{ .paths = P(POPULATE), .outcomes = O_ERROR | O(OOM), .gives = FACT_FAILS,
	  .text = "mapped, absent", .function = "mm_populate",
	  .why = "MAP_POPULATE tries, and mmap() does not tell." },
	{ .paths = P(MLOCK), .outcomes = O_ERROR, .gives = FACT_FAILS, .text = "ENOMEM",
	  .function = "__mlock_posix_error_return",
	  .why = "EFAULT of get_user_pages() becomes ENOMEM, for POSIX. The VMA stays locked." },
	{ .paths = P_MADVISE, .outcomes = O_POISON, .gives = FACT_FAILS, .text = "EHWPOISON",
	  .function = "vm_fault_to_errno", .why = "MADV_POPULATE asks with FOLL_HWPOISON." },
	{ .paths = P_MADVISE, .outcomes = O_ERROR, .gives = FACT_FAILS, .text = "EFAULT",
	  .function = "vm_fault_to_errno", .why = "SIGBUS and SIGSEGV are EFAULT to GUP." },
	{ .all = FACT_GUP, .outcomes = O(OOM), .function = "__get_user_pages",
	  .why = "It had the first page, so it returned that; asked for the rest, it was served." },
	{ .all = FACT_GUP | FACT_TWO, .outcomes = O_ERROR, .gives = FACT_FAILS,
	  .text = "short 4096", .function = "__get_user_pages",
	  .why = "It returns the pages it got before the error, and they are transferred." },

	{ .function = "handle_mm_fault", .why = "The page is mapped, or already was." },
};

const struct matrix_reasons matrix_reasons_result = { result, ARRAY_SIZE(result) };
