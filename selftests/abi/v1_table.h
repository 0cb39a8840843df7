/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Version 1 of the ABI: each enumerator, flag, constant, ioctl, struct and field of
 * <linux/faultlab.h>, with the number it had. A program that was written for version 1
 * compiles against a later header only if all of this still holds.
 *
 * Later versions may append fields, enumerators and flags, and raise limits, so sizes,
 * limits and the lengths of lists are lower bounds. Two structs cannot grow, since
 * nobody tells the module their size: read() returns an array of struct faultlab_record,
 * and entries follow struct faultlab_walk_raw. Fields called pad are left out: a later
 * version may give them a name and a meaning.
 */
#ifndef V1_TABLE_H
#define V1_TABLE_H

#include <stddef.h>
#include <linux/faultlab.h>

#define VALUE(name, number) \
	_Static_assert((name) == (number), #name " is " #number " in version 1")
#define LEAST(name, number) \
	_Static_assert((name) >= (number), #name " is at least " #number " in version 1")
#define HAS(name, bits) \
	_Static_assert(((name) & (bits)) == (bits), #name " has the bits " #bits " in version 1")
#define LIST(list, nr) \
	_Static_assert((0 list(FAULTLAB_COUNT)) >= (nr), #list " has " #nr " rows in version 1")
#define IOCTL(name, dir, nr, bytes)							\
	_Static_assert(_IOC_TYPE(name) == 0xfb && _IOC_DIR(name) == (dir) &&		\
		       _IOC_NR(name) == (nr) && _IOC_SIZE(name) >= (bytes),		\
		       #name " is " #dir ", " #nr ", at least " #bytes " in version 1")
#define SIZE(type, bytes)								\
	_Static_assert(sizeof(struct type) >= (bytes),					\
		       "struct " #type " has at least " #bytes " bytes in version 1")
#define FIXED(type, bytes)								\
	_Static_assert(sizeof(struct type) == (bytes),					\
		       "struct " #type " has " #bytes " bytes in every version")
#define LAYOUT(type, field, at, bytes)							\
	_Static_assert(offsetof(struct type, field) == (at) &&				\
		       sizeof(((struct type *)0)->field) == (bytes),			\
		       "struct " #type ": " #field " is at " #at " and has " #bytes	\
		       " bytes in version 1")

/* enum faultlab_kind */
LIST(FAULTLAB_KINDS, 4);
VALUE(FAULTLAB_KIND_PAGE, 0);
VALUE(FAULTLAB_KIND_PFN, 1);
VALUE(FAULTLAB_KIND_REMAP, 2);
VALUE(FAULTLAB_KIND_MIXED, 3);
LEAST(FAULTLAB_NR_KINDS, 4);

/* enum faultlab_region_flag */
LIST(FAULTLAB_REGION_FLAGS, 5);
VALUE(FAULTLAB_REGION_INSERT, 0x1);
VALUE(FAULTLAB_REGION_MKWRITE, 0x2);
VALUE(FAULTLAB_REGION_PHYS, 0x4);
VALUE(FAULTLAB_REGION_HUGE, 0x8);
VALUE(FAULTLAB_REGION_WHOLE, 0x10);
LEAST(FAULTLAB_NR_REGION_FLAGS, 5);
HAS(FAULTLAB_REGION_ANY, 0x1f);

/* enum faultlab_cache */
LIST(FAULTLAB_CACHES, 3);
VALUE(FAULTLAB_CACHE_WB, 0);
VALUE(FAULTLAB_CACHE_WC, 1);
VALUE(FAULTLAB_CACHE_UC, 2);
LEAST(FAULTLAB_NR_CACHES, 3);

/* enum faultlab_access */
LIST(FAULTLAB_ACCESSES, 9);
VALUE(FAULTLAB_ACCESS_READ, 0x1);
VALUE(FAULTLAB_ACCESS_WRITE, 0x2);
VALUE(FAULTLAB_ACCESS_COW, 0x4);
VALUE(FAULTLAB_ACCESS_MKWRITE, 0x8);
VALUE(FAULTLAB_ACCESS_PFN_MKWRITE, 0x10);
VALUE(FAULTLAB_ACCESS_EXEC, 0x20);
VALUE(FAULTLAB_ACCESS_REMOTE, 0x40);
VALUE(FAULTLAB_ACCESS_AROUND, 0x80);
VALUE(FAULTLAB_ACCESS_HUGE, 0x100);
LEAST(FAULTLAB_NR_ACCESSES, 9);
HAS(FAULTLAB_ACCESS_ANY, 0x1ff);

/* enum faultlab_verdict */
LIST(FAULTLAB_VERDICTS, 11);
VALUE(FAULTLAB_VERDICT_SERVE, 0);
VALUE(FAULTLAB_VERDICT_MAJOR, 1);
VALUE(FAULTLAB_VERDICT_RETRY, 2);
VALUE(FAULTLAB_VERDICT_SIGBUS, 3);
VALUE(FAULTLAB_VERDICT_OOM, 4);
VALUE(FAULTLAB_VERDICT_HWPOISON, 5);
VALUE(FAULTLAB_VERDICT_HWPOISON_LARGE, 6);
VALUE(FAULTLAB_VERDICT_SIGSEGV, 7);
VALUE(FAULTLAB_VERDICT_NOPAGE, 8);
VALUE(FAULTLAB_VERDICT_FALLBACK, 9);
VALUE(FAULTLAB_VERDICT_UNPLUG, 10);
LEAST(FAULTLAB_NR_VERDICTS, 11);

/* enum faultlab_delay */
VALUE(FAULTLAB_DELAY_FIXED, 0);
VALUE(FAULTLAB_DELAY_UNIFORM, 1);
VALUE(FAULTLAB_DELAY_EXPONENTIAL, 2);
VALUE(FAULTLAB_DELAY_GATE, 3);
LEAST(FAULTLAB_NR_DELAYS, 4);

/* enum faultlab_rule_flag */
LIST(FAULTLAB_RULE_FLAGS, 3);
VALUE(FAULTLAB_RULE_HOLD_LOCK, 0x1);
VALUE(FAULTLAB_RULE_UNLOCKED, 0x2);
VALUE(FAULTLAB_RULE_STACK, 0x4);
LEAST(FAULTLAB_NR_RULE_FLAGS, 3);
HAS(FAULTLAB_RULE_ANY, 0x7);

/* enum faultlab_rule_op */
VALUE(FAULTLAB_RULE_SET, 0);
VALUE(FAULTLAB_RULE_ADD, 1);

/* enum faultlab_gate_op */
VALUE(FAULTLAB_GATE_PASS, 0);
VALUE(FAULTLAB_GATE_OPEN, 1);
VALUE(FAULTLAB_GATE_CLOSE, 2);
VALUE(FAULTLAB_GATE_AWAIT, 3);

/* enum faultlab_stat */
LIST(FAULTLAB_STATS, 35);
VALUE(FAULTLAB_STAT_FAULT_READ, 0);
VALUE(FAULTLAB_STAT_FAULT_WRITE, 1);
VALUE(FAULTLAB_STAT_FAULT_COW, 2);
VALUE(FAULTLAB_STAT_FAULT_MKWRITE, 3);
VALUE(FAULTLAB_STAT_FAULT_PFN_MKWRITE, 4);
VALUE(FAULTLAB_STAT_FAULT_AROUND, 5);
VALUE(FAULTLAB_STAT_PAGES_AROUND, 6);
VALUE(FAULTLAB_STAT_ACCESS, 7);
VALUE(FAULTLAB_STAT_MINOR, 8);
VALUE(FAULTLAB_STAT_MAJOR, 9);
VALUE(FAULTLAB_STAT_RETRY, 10);
VALUE(FAULTLAB_STAT_SIGBUS, 11);
VALUE(FAULTLAB_STAT_OOM, 12);
VALUE(FAULTLAB_STAT_UNDER_VMA_LOCK, 13);
VALUE(FAULTLAB_STAT_UNDER_MMAP_LOCK, 14);
VALUE(FAULTLAB_STAT_DELAY_NS, 15);
VALUE(FAULTLAB_STAT_REGIONS, 16);
VALUE(FAULTLAB_STAT_VMAS, 17);
VALUE(FAULTLAB_STAT_PAGES, 18);
VALUE(FAULTLAB_STAT_PAGES_PEAK, 19);
VALUE(FAULTLAB_STAT_HWPOISON, 20);
VALUE(FAULTLAB_STAT_SIGSEGV, 21);
VALUE(FAULTLAB_STAT_NOPAGE, 22);
VALUE(FAULTLAB_STAT_FAULT_HUGE_PMD, 23);
VALUE(FAULTLAB_STAT_FAULT_HUGE_PUD, 24);
VALUE(FAULTLAB_STAT_FALLBACK_START, 25);
VALUE(FAULTLAB_STAT_FALLBACK_END, 26);
VALUE(FAULTLAB_STAT_FALLBACK_PFN, 27);
VALUE(FAULTLAB_STAT_FALLBACK_RULE, 28);
VALUE(FAULTLAB_STAT_PAGES_BATCH, 29);
VALUE(FAULTLAB_STAT_MREMAP, 30);
VALUE(FAULTLAB_STAT_MMAP, 31);
VALUE(FAULTLAB_STAT_VMA_OPEN, 32);
VALUE(FAULTLAB_STAT_VMA_CLOSE, 33);
VALUE(FAULTLAB_STAT_VMA_SPLIT, 34);
LEAST(FAULTLAB_NR_STATS, 35);

/* enum faultlab_level */
LIST(FAULTLAB_LEVELS, 5);
VALUE(FAULTLAB_LEVEL_PTE, 0);
VALUE(FAULTLAB_LEVEL_PMD, 1);
VALUE(FAULTLAB_LEVEL_PUD, 2);
VALUE(FAULTLAB_LEVEL_P4D, 3);
VALUE(FAULTLAB_LEVEL_PGD, 4);
LEAST(FAULTLAB_NR_LEVELS, 5);

/* enum faultlab_pte_flag */
LIST(FAULTLAB_PTE_FLAGS, 34);
VALUE(FAULTLAB_PTE_NONE, 0x1);
VALUE(FAULTLAB_PTE_TABLE, 0x2);
VALUE(FAULTLAB_PTE_LEAF, 0x4);
VALUE(FAULTLAB_PTE_NONPRESENT, 0x8);
VALUE(FAULTLAB_PTE_NO_VMA, 0x10);
VALUE(FAULTLAB_PTE_BAD, 0x20);
VALUE(FAULTLAB_PTE_WRITE, 0x100);
VALUE(FAULTLAB_PTE_EXEC, 0x400);
VALUE(FAULTLAB_PTE_USER, 0x200);
VALUE(FAULTLAB_PTE_ACCESSED, 0x800);
VALUE(FAULTLAB_PTE_DIRTY, 0x1000);
VALUE(FAULTLAB_PTE_SOFT_DIRTY, 0x2000);
VALUE(FAULTLAB_PTE_SPECIAL, 0x4000);
VALUE(FAULTLAB_PTE_GLOBAL, 0x8000);
VALUE(FAULTLAB_PTE_PROTNONE, 0x10000);
VALUE(FAULTLAB_PTE_UFFD_WP, 0x20000);
VALUE(FAULTLAB_PTE_PWT, 0x40000);
VALUE(FAULTLAB_PTE_PCD, 0x80000);
VALUE(FAULTLAB_PTE_PAT, 0x100000);
VALUE(FAULTLAB_PTE_WB, 0x80000000U);
VALUE(FAULTLAB_PTE_WC, 0x200000);
VALUE(FAULTLAB_PTE_UC_MINUS, 0x20000000);
VALUE(FAULTLAB_PTE_UC, 0x40000000);
VALUE(FAULTLAB_PTE_WT, 0x400000);
VALUE(FAULTLAB_PTE_WP, 0x800000);
VALUE(FAULTLAB_PTE_SWAP, 0x1000000);
VALUE(FAULTLAB_PTE_MIGRATION, 0x2000000);
VALUE(FAULTLAB_PTE_HWPOISON, 0x4000000);
VALUE(FAULTLAB_PTE_DEVICE, 0x8000000);
VALUE(FAULTLAB_PTE_MARKER, 0x10000000);
VALUE(FAULTLAB_PTE_FOLDED, 0x100000000ULL);
VALUE(FAULTLAB_PTE_CONTIG, 0x200000000ULL);
VALUE(FAULTLAB_PTE_HUGETLB, 0x400000000ULL);
VALUE(FAULTLAB_PTE_VMA_SOFT_DIRTY, 0x80);
LEAST(FAULTLAB_NR_PTE_FLAGS, 35);
HAS(FAULTLAB_PTE_MEMTYPE, 0xe0e00000U);

/* enum faultlab_walk_form */
VALUE(FAULTLAB_WALK_ENTRIES, 0);
VALUE(FAULTLAB_WALK_RUNS, 1);
VALUE(FAULTLAB_WALK_RAW, 2);
VALUE(FAULTLAB_WALK_COUNTS, 3);
LEAST(FAULTLAB_NR_WALK_FORMS, 4);

/* enum faultlab_record_type */
VALUE(FAULTLAB_RECORD_FAULT, 1);
VALUE(FAULTLAB_RECORD_STACK, 2);
VALUE(FAULTLAB_RECORD_LOST, 3);
VALUE(FAULTLAB_RECORD_VMA, 4);

/* enum faultlab_callback */
LIST(FAULTLAB_CALLBACKS, 5);
VALUE(FAULTLAB_CALLBACK_FAULT, 0);
VALUE(FAULTLAB_CALLBACK_MAP_PAGES, 1);
VALUE(FAULTLAB_CALLBACK_PAGE_MKWRITE, 2);
VALUE(FAULTLAB_CALLBACK_PFN_MKWRITE, 3);
VALUE(FAULTLAB_CALLBACK_HUGE_FAULT, 4);
LEAST(FAULTLAB_NR_CALLBACKS, 5);

/* enum faultlab_vma_event */
LIST(FAULTLAB_VMA_EVENTS, 5);
VALUE(FAULTLAB_VMA_MMAP, 0);
VALUE(FAULTLAB_VMA_OPEN, 1);
VALUE(FAULTLAB_VMA_CLOSE, 2);
VALUE(FAULTLAB_VMA_MAY_SPLIT, 3);
VALUE(FAULTLAB_VMA_MREMAP, 4);
LEAST(FAULTLAB_NR_VMA_EVENTS, 5);

/* enum faultlab_vma_why */
LIST(FAULTLAB_WHYS, 6);
VALUE(FAULTLAB_WHY_NONE, 0);
VALUE(FAULTLAB_WHY_FORK, 1);
VALUE(FAULTLAB_WHY_SPLIT, 2);
VALUE(FAULTLAB_WHY_MOVE, 3);
VALUE(FAULTLAB_WHY_UNMAP, 4);
VALUE(FAULTLAB_WHY_END, 5);
LEAST(FAULTLAB_NR_WHYS, 6);

/* enum faultlab_lock */
LIST(FAULTLAB_LOCKS, 3);
VALUE(FAULTLAB_LOCK_VMA, 0);
VALUE(FAULTLAB_LOCK_MMAP, 1);
VALUE(FAULTLAB_LOCK_UNKNOWN, 2);
LEAST(FAULTLAB_NR_LOCKS, 3);

/* enum faultlab_result */
LIST(FAULTLAB_RESULTS, 8);
VALUE(FAULTLAB_RESULT_MINOR, 0);
VALUE(FAULTLAB_RESULT_MAJOR, 1);
VALUE(FAULTLAB_RESULT_RETRY, 2);
VALUE(FAULTLAB_RESULT_SIGBUS, 3);
VALUE(FAULTLAB_RESULT_OOM, 4);
VALUE(FAULTLAB_RESULT_HWPOISON, 5);
VALUE(FAULTLAB_RESULT_SIGSEGV, 6);
VALUE(FAULTLAB_RESULT_PART, 7);
LEAST(FAULTLAB_NR_RESULTS, 8);

/* enum faultlab_fault_flag */
LIST(FAULTLAB_FAULT_FLAGS, 13);
VALUE(FAULTLAB_FLAG_WRITE, 0x1);
VALUE(FAULTLAB_FLAG_MKWRITE, 0x2);
VALUE(FAULTLAB_FLAG_ALLOW_RETRY, 0x4);
VALUE(FAULTLAB_FLAG_RETRY_NOWAIT, 0x8);
VALUE(FAULTLAB_FLAG_KILLABLE, 0x10);
VALUE(FAULTLAB_FLAG_TRIED, 0x20);
VALUE(FAULTLAB_FLAG_USER, 0x40);
VALUE(FAULTLAB_FLAG_REMOTE, 0x80);
VALUE(FAULTLAB_FLAG_INSTRUCTION, 0x100);
VALUE(FAULTLAB_FLAG_INTERRUPTIBLE, 0x200);
VALUE(FAULTLAB_FLAG_UNSHARE, 0x400);
VALUE(FAULTLAB_FLAG_ORIG_PTE_VALID, 0x800);
VALUE(FAULTLAB_FLAG_VMA_LOCK, 0x1000);

/* enum faultlab_record_op */
VALUE(FAULTLAB_RECORD_START, 0);
VALUE(FAULTLAB_RECORD_STOP, 1);
VALUE(FAULTLAB_RECORD_STATE, 2);

/* enum faultlab_latency_op */
VALUE(FAULTLAB_LATENCY_SHOW, 0);
VALUE(FAULTLAB_LATENCY_START, 1);
VALUE(FAULTLAB_LATENCY_STOP, 2);
VALUE(FAULTLAB_LATENCY_RESET, 3);

/* Flags and constants that are macros */
VALUE(FAULTLAB_INFO_MAPPED, 0x1);
VALUE(FAULTLAB_INFO_UNPLUGGED, 0x2);
VALUE(FAULTLAB_EVICT_DROP, 0x1);
VALUE(FAULTLAB_EVICT_COWS, 0x2);
VALUE(FAULTLAB_STATS_RESET, 0x1);
VALUE(FAULTLAB_WALK_TABLES, 0x1);
VALUE(FAULTLAB_WALK_HOLES, 0x2);
VALUE(FAULTLAB_WALK_PAGES, 0x4);
VALUE(FAULTLAB_WALK_KERNEL, 0x8);
VALUE(FAULTLAB_RECORDING_VMAS, 0x1);
VALUE(FAULTLAB_LATENCY_ALL, 0x1);
VALUE(FAULTLAB_TO_END, ~0ULL);
VALUE(FAULTLAB_ALWAYS, 1000000);
VALUE(FAULTLAB_STATS_VALUES, 64);
VALUE(FAULTLAB_STACK_ENTRIES, 12);
VALUE(FAULTLAB_STACK_MAX, 36);
VALUE(FAULTLAB_LATENCY_BUCKETS, 32);
LEAST(FAULTLAB_MAX_AROUND, 512);
LEAST(FAULTLAB_MAX_DELAY_US, 60000000);
LEAST(FAULTLAB_MAX_HOLD_US, 1000000);
LEAST(FAULTLAB_MAX_RULES, 1024);
LEAST(FAULTLAB_MAX_TIMES, 1000);
LEAST(FAULTLAB_MAX_SLOTS, 1048576);

/* Ioctls: direction, number, size of the struct */
VALUE(FAULTLAB_IOC_MAGIC, 0xfb);
IOCTL(FAULTLAB_IOC_INFO, _IOC_READ | _IOC_WRITE, 0x00, 56);
IOCTL(FAULTLAB_IOC_CONFIG, _IOC_WRITE, 0x01, 40);
IOCTL(FAULTLAB_IOC_RULE, _IOC_WRITE, 0x02, 24);
IOCTL(FAULTLAB_IOC_EVICT, _IOC_WRITE, 0x03, 24);
IOCTL(FAULTLAB_IOC_UNPLUG, _IOC_WRITE, 0x04, 8);
IOCTL(FAULTLAB_IOC_STATS, _IOC_READ | _IOC_WRITE, 0x05, 520);
IOCTL(FAULTLAB_IOC_WALK, _IOC_READ | _IOC_WRITE, 0x06, 96);
IOCTL(FAULTLAB_IOC_GATE, _IOC_READ | _IOC_WRITE, 0x07, 24);
IOCTL(FAULTLAB_IOC_RULES_READ, _IOC_READ | _IOC_WRITE, 0x08, 24);
IOCTL(FAULTLAB_IOC_RECORD, _IOC_READ | _IOC_WRITE, 0x09, 40);
IOCTL(FAULTLAB_IOC_OBSERVE, _IOC_READ | _IOC_WRITE, 0x0a, 40);
IOCTL(FAULTLAB_IOC_LATENCY, _IOC_READ | _IOC_WRITE, 0x0b, 288);
IOCTL(FAULTLAB_IOC_FEATURES, _IOC_READ | _IOC_WRITE, 0x0c, 128);

/* Structs: size, and of each field offset and size */
SIZE(faultlab_config, 40);
LAYOUT(faultlab_config, size, 0, 4);
LAYOUT(faultlab_config, kind, 4, 4);
LAYOUT(faultlab_config, flags, 8, 8);
LAYOUT(faultlab_config, bytes, 16, 8);
LAYOUT(faultlab_config, order, 24, 4);
LAYOUT(faultlab_config, around, 28, 4);
LAYOUT(faultlab_config, cache, 32, 4);

SIZE(faultlab_info, 56);
LAYOUT(faultlab_info, size, 0, 4);
LAYOUT(faultlab_info, id, 4, 4);
LAYOUT(faultlab_info, kind, 8, 4);
LAYOUT(faultlab_info, state, 12, 4);
LAYOUT(faultlab_info, flags, 16, 8);
LAYOUT(faultlab_info, bytes, 24, 8);
LAYOUT(faultlab_info, max_bytes, 32, 8);
LAYOUT(faultlab_info, order, 40, 4);
LAYOUT(faultlab_info, around, 44, 4);
LAYOUT(faultlab_info, cache, 48, 4);

SIZE(faultlab_features, 128);
LAYOUT(faultlab_features, size, 0, 4);
LAYOUT(faultlab_features, kind, 4, 4);
LAYOUT(faultlab_features, ioctls, 8, 8);
LAYOUT(faultlab_features, kinds, 16, 8);
LAYOUT(faultlab_features, region_flags, 24, 8);
LAYOUT(faultlab_features, access, 32, 8);
LAYOUT(faultlab_features, verdicts, 40, 8);
LAYOUT(faultlab_features, delays, 48, 8);
LAYOUT(faultlab_features, rule_flags, 56, 8);
LAYOUT(faultlab_features, forms, 64, 8);
LAYOUT(faultlab_features, walk_flags, 72, 8);
LAYOUT(faultlab_features, max_bytes, 80, 8);
LAYOUT(faultlab_features, phys_bytes, 88, 8);
LAYOUT(faultlab_features, stats, 96, 4);
LAYOUT(faultlab_features, caches, 100, 4);
LAYOUT(faultlab_features, max_order, 104, 4);
LAYOUT(faultlab_features, max_around, 108, 4);
LAYOUT(faultlab_features, pmd_order, 112, 4);
LAYOUT(faultlab_features, pud_order, 116, 4);
LAYOUT(faultlab_features, pmd_needs, 120, 8);

SIZE(faultlab_rule, 96);
LAYOUT(faultlab_rule, offset, 0, 8);
LAYOUT(faultlab_rule, length, 8, 8);
LAYOUT(faultlab_rule, access, 16, 4);
LAYOUT(faultlab_rule, verdict, 20, 4);
LAYOUT(faultlab_rule, flags, 24, 4);
LAYOUT(faultlab_rule, delay_kind, 28, 4);
LAYOUT(faultlab_rule, delay_us, 32, 8);
LAYOUT(faultlab_rule, delay_max_us, 40, 8);
LAYOUT(faultlab_rule, skip, 48, 8);
LAYOUT(faultlab_rule, every, 56, 8);
LAYOUT(faultlab_rule, times, 64, 8);
LAYOUT(faultlab_rule, seed, 72, 8);
LAYOUT(faultlab_rule, probability, 80, 4);
LAYOUT(faultlab_rule, arg, 84, 4);
LAYOUT(faultlab_rule, hits, 88, 8);

SIZE(faultlab_rules, 24);
LAYOUT(faultlab_rules, size, 0, 4);
LAYOUT(faultlab_rules, op, 4, 4);
LAYOUT(faultlab_rules, nr, 8, 4);
LAYOUT(faultlab_rules, rule_size, 12, 4);
LAYOUT(faultlab_rules, rules, 16, 8);

SIZE(faultlab_gate, 24);
LAYOUT(faultlab_gate, size, 0, 4);
LAYOUT(faultlab_gate, op, 4, 4);
LAYOUT(faultlab_gate, nr, 8, 4);
LAYOUT(faultlab_gate, waiting, 12, 4);
LAYOUT(faultlab_gate, timeout_us, 16, 8);

SIZE(faultlab_evict, 24);
LAYOUT(faultlab_evict, size, 0, 4);
LAYOUT(faultlab_evict, flags, 4, 4);
LAYOUT(faultlab_evict, offset, 8, 8);
LAYOUT(faultlab_evict, length, 16, 8);

SIZE(faultlab_unplug, 8);
LAYOUT(faultlab_unplug, size, 0, 4);
LAYOUT(faultlab_unplug, flags, 4, 4);

SIZE(faultlab_stats, 520);
LAYOUT(faultlab_stats, size, 0, 4);
LAYOUT(faultlab_stats, flags, 4, 4);
LAYOUT(faultlab_stats, value, 8, 512);

SIZE(faultlab_walk, 96);
LAYOUT(faultlab_walk, size, 0, 4);
LAYOUT(faultlab_walk, flags, 4, 4);
LAYOUT(faultlab_walk, pid, 8, 4);
LAYOUT(faultlab_walk, resume, 12, 4);
LAYOUT(faultlab_walk, start, 16, 8);
LAYOUT(faultlab_walk, end, 24, 8);
LAYOUT(faultlab_walk, next, 32, 8);
LAYOUT(faultlab_walk, entries, 40, 8);
LAYOUT(faultlab_walk, nr, 48, 8);
LAYOUT(faultlab_walk, form, 56, 4);
LAYOUT(faultlab_walk, record_size, 60, 4);
LAYOUT(faultlab_walk, require, 64, 8);
LAYOUT(faultlab_walk, exclude, 72, 8);
LAYOUT(faultlab_walk, pages, 80, 8);
LAYOUT(faultlab_walk, page_size, 88, 4);

SIZE(faultlab_walk_entry, 48);
LAYOUT(faultlab_walk_entry, addr, 0, 8);
LAYOUT(faultlab_walk_entry, bytes, 8, 8);
LAYOUT(faultlab_walk_entry, raw, 16, 8);
LAYOUT(faultlab_walk_entry, pfn, 24, 8);
LAYOUT(faultlab_walk_entry, flags, 32, 8);
LAYOUT(faultlab_walk_entry, index, 40, 2);
LAYOUT(faultlab_walk_entry, level, 42, 1);
LAYOUT(faultlab_walk_entry, pkey, 43, 1);

SIZE(faultlab_walk_page, 24);
LAYOUT(faultlab_walk_page, flags, 0, 8);
LAYOUT(faultlab_walk_page, refcount, 8, 4);
LAYOUT(faultlab_walk_page, mapcount, 12, 4);
LAYOUT(faultlab_walk_page, order, 16, 4);

SIZE(faultlab_walk_run, 40);
LAYOUT(faultlab_walk_run, start, 0, 8);
LAYOUT(faultlab_walk_run, end, 8, 8);
LAYOUT(faultlab_walk_run, pfn, 16, 8);
LAYOUT(faultlab_walk_run, flags, 24, 8);
LAYOUT(faultlab_walk_run, level, 32, 4);
LAYOUT(faultlab_walk_run, pkey, 36, 4);

FIXED(faultlab_walk_raw, 16);
LAYOUT(faultlab_walk_raw, addr, 0, 8);
LAYOUT(faultlab_walk_raw, level, 8, 2);
LAYOUT(faultlab_walk_raw, index, 10, 2);
LAYOUT(faultlab_walk_raw, nr, 12, 2);

SIZE(faultlab_walk_counts, 656);
LAYOUT(faultlab_walk_counts, start, 0, 8);
LAYOUT(faultlab_walk_counts, end, 8, 8);
LAYOUT(faultlab_walk_counts, vm_flags, 16, 8);
LAYOUT(faultlab_walk_counts, leaf, 24, 40);
LAYOUT(faultlab_walk_counts, none, 64, 40);
LAYOUT(faultlab_walk_counts, table, 104, 40);
LAYOUT(faultlab_walk_counts, flag, 144, 512);

FIXED(faultlab_record, 128);
LAYOUT(faultlab_record, time, 0, 8);
LAYOUT(faultlab_record, type, 8, 2);
LAYOUT(faultlab_record, nr, 10, 2);
LAYOUT(faultlab_record, cpu, 12, 4);
LAYOUT(faultlab_record, region, 16, 4);
LAYOUT(faultlab_record, pid, 20, 4);
LAYOUT(faultlab_record, tid, 24, 4);
LAYOUT(faultlab_record, fault, 32, 96);
LAYOUT(faultlab_record, stack, 32, 96);
LAYOUT(faultlab_record, lost, 32, 96);
LAYOUT(faultlab_record, vma, 32, 96);

SIZE(faultlab_record_fault, 96);
LAYOUT(faultlab_record_fault, address, 0, 8);
LAYOUT(faultlab_record_fault, vma_start, 8, 8);
LAYOUT(faultlab_record_fault, index, 16, 8);
LAYOUT(faultlab_record_fault, duration_ns, 24, 8);
LAYOUT(faultlab_record_fault, wait_ns, 32, 8);
LAYOUT(faultlab_record_fault, access, 40, 4);
LAYOUT(faultlab_record_fault, flags, 44, 4);
LAYOUT(faultlab_record_fault, rule, 48, 4);
LAYOUT(faultlab_record_fault, pages, 52, 4);
LAYOUT(faultlab_record_fault, callback, 56, 1);
LAYOUT(faultlab_record_fault, lock, 57, 1);
LAYOUT(faultlab_record_fault, verdict, 58, 1);
LAYOUT(faultlab_record_fault, result, 59, 1);
LAYOUT(faultlab_record_fault, order, 60, 1);
LAYOUT(faultlab_record_fault, stack, 61, 1);

SIZE(faultlab_record_stack, 96);
LAYOUT(faultlab_record_stack, entry, 0, 96);

SIZE(faultlab_record_lost, 96);
LAYOUT(faultlab_record_lost, records, 0, 8);

SIZE(faultlab_record_vma, 96);
LAYOUT(faultlab_record_vma, start, 0, 8);
LAYOUT(faultlab_record_vma, end, 8, 8);
LAYOUT(faultlab_record_vma, index, 16, 8);
LAYOUT(faultlab_record_vma, vm_flags, 24, 8);
LAYOUT(faultlab_record_vma, at, 32, 8);
LAYOUT(faultlab_record_vma, err, 40, 4);
LAYOUT(faultlab_record_vma, event, 44, 1);
LAYOUT(faultlab_record_vma, why, 45, 1);

SIZE(faultlab_recording, 40);
LAYOUT(faultlab_recording, size, 0, 4);
LAYOUT(faultlab_recording, op, 4, 4);
LAYOUT(faultlab_recording, slots, 8, 4);
LAYOUT(faultlab_recording, watermark, 12, 4);
LAYOUT(faultlab_recording, waiting, 16, 8);
LAYOUT(faultlab_recording, lost, 24, 8);
LAYOUT(faultlab_recording, flags, 32, 4);

SIZE(faultlab_latency, 288);
LAYOUT(faultlab_latency, size, 0, 4);
LAYOUT(faultlab_latency, op, 4, 4);
LAYOUT(faultlab_latency, flags, 8, 4);
LAYOUT(faultlab_latency, access, 12, 4);
LAYOUT(faultlab_latency, results, 16, 4);
LAYOUT(faultlab_latency, running, 20, 4);
LAYOUT(faultlab_latency, total_ns, 24, 8);
LAYOUT(faultlab_latency, count, 32, 256);

#undef VALUE
#undef LEAST
#undef HAS
#undef LIST
#undef IOCTL
#undef SIZE
#undef FIXED
#undef LAYOUT

#endif /* V1_TABLE_H */
