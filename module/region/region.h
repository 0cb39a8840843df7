/* SPDX-License-Identifier: GPL-2.0-only */
/* A region: what one open of /dev/faultlab holds. */
#ifndef FLAB_REGION_H
#define FLAB_REGION_H

#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>
#include <linux/percpu-rwsem.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include "memory/memory.h"
#include "region/cell.h"
#include "region/gate.h"
#include "rule/rule.h"

struct dentry;
struct flab_kind;
struct flab_latency;
struct flab_latency_cell;
struct flab_reader;
struct flab_rings;
struct inode;

/**
 * struct flab_counters - the counters of a VMA, on all CPUs
 * @region: the region; the VMA's file keeps it alive
 * @cell: where faults of this VMA are counted
 * @node: in @region->counters
 * @vma: the VMA, which exists as long as @node is in the list
 * @base: value of @cell at the last reset
 *
 * @region->counters_lock protects all but the first two fields. In @region->spare, @node
 * and @vma are unused.
 */
struct flab_counters {
	struct flab_region *region;
	struct flab_cell __percpu *cell;
	struct list_head node;
	struct vm_area_struct *vma;
	struct flab_cell base;
};

/* Memory, rules and counters behind one open file. */
struct flab_region {
	/* Constant from open to release. */
	u32 id;
	struct inode *inode;		/* its i_mapping links all VMAs of the region */
	struct dentry *debugfs;
	pid_t owner;			/* tgid of the opener, shown in debugfs only */
	char comm[TASK_COMM_LEN];

	/*
	 * Written under @lock, and only before the first mmap, so that code that comes
	 * through a VMA reads them without @lock.
	 */
	const struct flab_kind *kind;
	u64 flags;			/* FAULTLAB_REGION_* */
	bool fixed;			/* has a size, does not grow */
	u32 around;			/* kind pfn: pages mapped by a fault, at least 1 */

	/*
	 * @lock serializes configuration, mmap and rule changes. Nests inside
	 * mmap_lock, so no access to user memory while it is held.
	 */
	struct mutex lock;
	bool configuring;		/* CONFIG is running, with @lock released */
	bool mapped;			/* has been mmapped: no more CONFIG */
	u32 nr_filling;			/* mmaps filling their VMA with @lock released */
	pgoff_t nr_unfilled;		/* @nr_pages before the first of these mmaps */
	pgoff_t nr_pages;		/* see flab_region_cover() */
	struct list_head mappers;	/* see evict/mappers.c */

	/*
	 * Faults hold @sem for read while they match rules, look up pages and insert
	 * entries. Evict, unplug and rule changes hold it for write, so that no fault
	 * puts back what they remove. Nests inside mmap_lock and outside the page lock,
	 * so no access to user memory while it is held.
	 */
	struct percpu_rw_semaphore sem;
	bool dead;			/* unplugged: all faults are SIGBUS */
	bool unplugged;			/* unplug is complete: nothing mapped; under @lock */
	struct flab_rules *rules;
	u64 rules_gen;			/* incremented with each change of @rules */
	unsigned long drains;		/* incremented by each drain, @sem held for write */

	u32 nr_pending;			/* entries of @pending; under @pending_lock */

	/* Written under flab_switch_lock; allocations are freed with the region. */
	struct flab_latency_cell __percpu *measured;	/* @latency->cell, NULL while off */
	struct flab_latency *latency;
	struct flab_rings *rings;	/* records of this region */

	struct flab_memory memory;
	struct flab_counters spare;	/* counts where no VMA's cell can be used */

	/* A fault on populated memory uses nothing from here on. */

	/* See kind/huge.c and kind/large_leaf.c. Taken below mmap_lock and @sem. */
	struct mutex huge;
	struct flab_gate gate;

	/* Tasks that got VM_FAULT_RETRY and will fault again: see fault/wait.c. */
	spinlock_t pending_lock;
	DECLARE_HASHTABLE(pending, 6);

	/* The VMAs with a cell of their own, and the sum of those that are gone. */
	struct mutex counters_lock;
	u32 nr_cells;			/* length of @counters */
	struct list_head counters;
	struct flab_cell folded;

	/* Tasks in read() and poll(); used even before there are any rings. */
	wait_queue_head_t readers;
	struct wait_queue_entry forward;	/* wakes @readers for all regions' records */

	/* The file as a reader of records; written under flab_switch_lock. */
	struct flab_reader *reader;	/* record reader used by read() */
	struct flab_reader *observer;	/* @reader, if it reads all regions, else NULL */
	struct flab_reader *own_reader;	/* what @reader was before it became @observer */
	bool observes;			/* keeps recording of all regions on */
};

/* Order of the folio that a PMD maps, and of the largest folio that a region has. */
#define FLAB_PMD_ORDER	(PMD_SHIFT - PAGE_SHIFT)
#define FLAB_MAX_ORDER	min(FLAB_PMD_ORDER, FLAB_ALLOC_ORDER)

struct flab_region *flab_region_create(const struct flab_kind *kind);
void flab_region_destroy(struct flab_region *region);
u64 flab_region_max_pages(void);
int flab_region_cover(struct flab_region *region, pgoff_t end);

int flab_region_init(void);
void flab_region_exit(void);

#endif /* FLAB_REGION_H */
