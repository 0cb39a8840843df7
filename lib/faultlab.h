/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libfaultlab: the API for /dev/faultlab, and readers of the kernel's own counters
 * (getrusage(), /proc/vmstat, pagemap), which do not depend on the module.
 *
 * A function that can fail returns 0 or -errno unless its comment says otherwise.
 * Nothing here prints. Only faultlab_vma(), faultlab_vma_each() and
 * faultlab_symbols_open() allocate: a program that counts faults can call any other
 * function once to fault it in, and then call it without further faults.
 */
#ifndef LIBFAULTLAB_H
#define LIBFAULTLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/faultlab.h>
#include <faultlab_check.h>
#include <faultlab_names.h>

#define FAULTLAB_VERSION	"0.1"
#define FAULTLAB_DEVICE		"/dev/faultlab"
#define FAULTLAB_DEBUGFS	"/sys/kernel/debug/faultlab"

/*
 * device.c: the ioctls
 */

/*
 * Opens a new region: returns a descriptor (close-on-exec); -ENOENT without the module.
 */
int faultlab_open(void);

/* Only before the first mmap(). bytes 0: the region grows to what is mapped. */
int faultlab_config(int fd, enum faultlab_kind kind, __u64 flags, __u64 bytes);
/* faultlab_config() with all fields of the struct; config->size need not be set. */
int faultlab_configure(int fd, const struct faultlab_config *config);
int faultlab_info(int fd, struct faultlab_info *info);
/*
 * What the module and the machine support. Of the fields, region_flags, max_around and
 * pmd_needs are about regions of this kind.
 */
int faultlab_features(int fd, enum faultlab_kind kind, struct faultlab_features *features);

/*
 * faultlab_rule() is faultlab_rules() for one rule. FAULTLAB_RULE_SET with nr 0 removes
 * all rules.
 */
int faultlab_rules(int fd, enum faultlab_rule_op op, const struct faultlab_rule *rules,
		   size_t nr);
int faultlab_rule(int fd, enum faultlab_rule_op op, const struct faultlab_rule *rule);

/*
 * Reads the rules in force, with their hits. Before the call, *nr is how many fit into
 * rules[]; after it, *nr is how many rules are in force, which may be more.
 */
int faultlab_rules_read(int fd, struct faultlab_rule *rules, size_t *nr);

/* nr and timeout_us are those of struct faultlab_gate; waiting may be NULL. */
int faultlab_gate(int fd, enum faultlab_gate_op op, __u32 nr, __u64 timeout_us,
		  __u32 *waiting);

/* length may be FAULTLAB_TO_END; flags are FAULTLAB_EVICT_*. */
int faultlab_evict(int fd, __u64 offset, __u64 length, __u32 flags);
int faultlab_unplug(int fd);

/* Reads the counters, indexed by enum faultlab_stat. _reset() then restarts them at 0. */
int faultlab_stats(int fd, struct faultlab_stats *stats);
int faultlab_stats_reset(int fd, struct faultlab_stats *stats);

/*
 * Whether the counter is a level: what exists now (regions, vmas, pages) or its peak,
 * and not a count of events.
 */
bool faultlab_stat_is_level(unsigned int stat);

/*
 * What was counted between before and after. Levels (regions, vmas, pages) and the peak
 * are copied from after. So is a counter that is lower in after than in before: it was
 * reset in between.
 */
void faultlab_stats_diff(const struct faultlab_stats *before,
			 const struct faultlab_stats *after, struct faultlab_stats *diff);

/*
 * text.c: rules as text, as in debugfs faultlab/region/ID/rules; docs/reference/rules.md has
 * the grammar. *why is set to a sentence about what is wrong, valid until the thread's
 * next call; why may be NULL.
 */

/* -EINVAL if the line is no rule, -ENODATA if it is blank or a comment. */
int faultlab_rule_parse(const char *text, struct faultlab_rule *rule, const char **why);

/* Whether text begins with a word of a rule that can only follow the verdict: pages=1, ... */
bool faultlab_rule_continues(const char *text);

/* Writes the rule in canonical form, without its hits, to text. Returns text. */
#define FAULTLAB_RULE_TEXT_MAX	384
char *faultlab_rule_text(const struct faultlab_rule *rule, char *text, size_t size);

/*
 * walk.c: page tables. pid 0 is the caller, flags are FAULTLAB_WALK_*. Functions with
 * require and exclude (FAULTLAB_PTE_*) pass only entries to fn that have all flags of
 * require and none of exclude. If fn does not return 0, the walk ends and returns that
 * value. The address space can change between two chunks.
 */
typedef int (*faultlab_walk_fn)(const struct faultlab_walk_entry *entry, void *arg);

/* Calls fn for each entry of [start, end), in order, however many there are. */
int faultlab_walk_each(int fd, pid_t pid, __u64 start, __u64 end, __u32 flags,
		       faultlab_walk_fn fn, void *arg);
int faultlab_walk_entries(int fd, pid_t pid, __u64 start, __u64 end, __u32 flags,
			  __u64 require, __u64 exclude, faultlab_walk_fn fn, void *arg);

/* Runs: neighbouring entries that differ only in their PFN are passed to fn as one run. */
typedef int (*faultlab_runs_fn)(const struct faultlab_walk_run *run, void *arg);
int faultlab_walk_runs(int fd, pid_t pid, __u64 start, __u64 end, __u32 flags,
		       __u64 require, __u64 exclude, faultlab_runs_fn fn, void *arg);

/* Counts of each VMA's entries. */
typedef int (*faultlab_counts_fn)(const struct faultlab_walk_counts *counts, void *arg);
int faultlab_walk_counts(int fd, pid_t pid, __u64 start, __u64 end, faultlab_counts_fn fn,
			 void *arg);

/* Tables as they are in memory: table->nr words; needs CAP_SYS_ADMIN. */
typedef int (*faultlab_raw_fn)(const struct faultlab_walk_raw *table, const __u64 *entries,
			       void *arg);
int faultlab_walk_raw(int fd, pid_t pid, __u64 start, __u64 end, __u32 flags,
		      faultlab_raw_fn fn, void *arg);

/* Entries, and the struct page of each one's PFN; needs CAP_SYS_ADMIN. */
typedef int (*faultlab_pages_fn)(const struct faultlab_walk_entry *entry,
				 const struct faultlab_walk_page *page, void *arg);
int faultlab_walk_pages(int fd, pid_t pid, __u64 start, __u64 end, __u32 flags,
			__u64 require, __u64 exclude, faultlab_pages_fn fn, void *arg);

/*
 * walk_chain.c: the walk for one address, which may be in the kernel half.
 */
struct faultlab_chain {
	__u64 addr;
	struct faultlab_walk_entry entry[5];	/* by enum faultlab_level */
	unsigned int last;	/* level where the walk ends: entries below it are all 0 */
	__u64 allows;		/* FAULTLAB_PTE_WRITE, _USER, _EXEC: granted by all levels */
	bool has_page;		/* page is valid (needs CAP_SYS_ADMIN) */
	struct faultlab_walk_page page;	/* the page that the last entry maps */
};

int faultlab_walk_chain(int fd, pid_t pid, const void *addr, struct faultlab_chain *chain);

/*
 * The entry where the walk for one address ends: a leaf, a non-present entry, a
 * hole (of any level) or NO_VMA.
 */
int faultlab_walk_page(int fd, pid_t pid, const void *addr,
		       struct faultlab_walk_entry *entry);

/*
 * entry_text.c: text for entries and pages.
 */

/* What an entry is: "none", "table", "page", "2 MiB page", "no VMA", ... */
const char *faultlab_entry_what(const struct faultlab_walk_entry *entry);

/* The bits of an entry: "rw- user accessed dirty". Returns text. */
#define FAULTLAB_PTE_TEXT_MAX	192
char *faultlab_pte_text(__u64 flags, char *text, size_t size);

/*
 * The FAULTLAB_PTE_* bit with this name, or 0 if there is none. Accepts _ for -, and
 * upper and lower case.
 */
__u64 faultlab_pte_by_name(const char *name);

/* Page flags, 1 << KPF_*: "anon lru uptodate swapbacked". Returns text. */
#define FAULTLAB_KPF_TEXT_MAX	256
char *faultlab_kpf_text(__u64 flags, char *text, size_t size);
const char *faultlab_kpf_name(unsigned int bit);	/* NULL: no such flag */

/*
 * touch.c: exactly one access to one byte. SIGSEGV and SIGBUS are caught during the
 * access, in any thread; at any other time they act as before. A handler that the
 * program installs after the first touch replaces the one of this file. After a touch
 * that ended in a signal, the thread keeps the protection-key rights that a signal
 * handler begins with (pkeys(7)): siglongjmp() does not restore the earlier ones.
 */
struct faultlab_touch {
	int signal;		/* 0, SIGSEGV or SIGBUS */
	int code;		/* si_code: SEGV_MAPERR, BUS_ADRERR, ... */
	uintptr_t addr;		/* si_addr */
	short lsb;		/* si_addr_lsb of BUS_MCEERR_AR: log2 of the lost bytes */
	__u8 value;		/* the byte that was read */
	__u64 ns;		/* time that the access took, by CLOCK_MONOTONIC */
};

/* 0, or -EFAULT if the access ended in a signal. touch may be NULL. */
int faultlab_touch_read(const void *addr, struct faultlab_touch *touch);
int faultlab_touch_write(void *addr, __u8 value, struct faultlab_touch *touch);
/* Calls the code at addr, which must return at once. */
int faultlab_touch_exec(const void *addr, struct faultlab_touch *touch);

/*
 * witness.c: the kernel's own counters, to compare with the module's.
 */
struct faultlab_witness {
	int who;		/* RUSAGE_SELF or RUSAGE_THREAD */
	long minflt;		/* getrusage() of the task */
	long majflt;
	__u64 pgfault;	/* /proc/vmstat: of the whole machine */
	__u64 pgmajfault;
};

/*
 * faultlab_witness_begin() stores the counts, and faultlab_witness_end() replaces them by
 * what was added since. _begin() reads getrusage() last and _end() reads it first, so that
 * the task's counts do not include the faults of reading /proc/vmstat.
 */
int faultlab_witness_begin(struct faultlab_witness *witness, int who);
int faultlab_witness_end(struct faultlab_witness *witness);

/*
 * proc.c: what /proc shows of an address or a PFN. pid 0 is the caller.
 */
struct faultlab_pagemap {
	bool present;
	bool swapped;
	bool file;		/* file page or shared anonymous */
	bool exclusive;		/* mapped exactly once */
	bool soft_dirty;
	bool uffd_wp;
	__u64 pfn;		/* 0 without CAP_SYS_ADMIN */
};

int faultlab_pagemap(pid_t pid, const void *addr, struct faultlab_pagemap *map);

/*
 * *flags: bits 1 << KPF_* of <linux/kernel-page-flags.h>. *count: how often the PFN is
 * mapped.
 */
int faultlab_kpageflags(__u64 pfn, __u64 *flags);
int faultlab_kpagecount(__u64 pfn, __u64 *count);

struct faultlab_vma {
	__u64 start;
	__u64 end;
	__u64 offset;	/* file offset of start */
	char perms[5];		/* "rw-p" */
	char line[320];		/* the line of /proc/PID/maps, cut if it is longer */
};

/*
 * Calls fn for all VMAs in order of address. If fn does not return 0, this ends and
 * returns that value.
 */
typedef int (*faultlab_vma_fn)(const struct faultlab_vma *vma, void *arg);
int faultlab_vma_each(pid_t pid, faultlab_vma_fn fn, void *arg);

/* The VMA of an address; -ENOENT if there is none. */
int faultlab_vma(pid_t pid, const void *addr, struct faultlab_vma *vma);

#include <faultlab_record.h>

#endif /* LIBFAULTLAB_H */
