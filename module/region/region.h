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
	 * Written under @lock, and only before the first mmap. So code that runs for a
	 * VMA (faults, for example) reads them without @lock. Evict, unplug,
	 * .get_unmapped_area and debugfs may run before that, and use READ_ONCE().
	 */
	const struct flab_kind *kind;
	u64 flags;			/* FAULTLAB_REGION_* */
	bool fixed;			/* its size was configured: does not grow */
	u32 around;			/* kind pfn: pages mapped by a fault, at least 1 */

	/*
	 * @lock serializes configuration, mmap and rule changes. Nests inside
	 * mmap_lock, so user memory must not be accessed while @lock is held: a fault
	 * there takes mmap_lock.
	 */
	struct mutex lock;
	bool configuring;		/* CONFIG is running, with @lock released */
	bool mapped;			/* has been mmapped: no more CONFIG */
	u32 nr_filling;			/* mmaps that run @kind->map, with @lock released */
	pgoff_t nr_unfilled;		/* @nr_pages to restore if all of them fail */
	pgoff_t nr_pages;		/* see flab_region_cover() */
	struct list_head mappers;	/* see evict/mappers.c */

	/*
	 * Faults hold @sem for read while they match rules, look up pages and insert
	 * entries. Evict, unplug and rule changes hold it for write, so that no fault
	 * maps again what they remove. Nests inside mmap_lock and outside the page lock,
	 * so user memory must not be accessed while @sem is held: a fault there takes
	 * mmap_lock.
	 */
	struct percpu_rw_semaphore sem;
	bool dead;			/* unplugged: all faults are SIGBUS */
	bool unplugged;			/* unplug is complete: nothing mapped; under @lock */
	struct flab_rules *rules;
	u64 rules_gen;			/* incremented with each change of @rules */
	unsigned long drains;		/* number of drains; written with @sem held for write */

	u32 nr_pending;			/* entries of @pending; under @pending_lock */

	/* Pointers written under flab_switch_lock; the objects are freed with the region. */
	struct flab_latency_cell __percpu *measured;	/* @latency->cell; NULL: off */
	struct flab_latency *latency;
	struct flab_rings *rings;	/* records of this region */

	struct flab_memory memory;
	/* Counts for VMAs without a cell, and for faults that have dropped their lock. */
	struct flab_counters spare;

	/* A fault on populated memory that need not wait uses none of the fields below. */

	/*
	 * Held to look at a PMD or PUD entry and to fill it (kind/huge.c,
	 * kind/large_leaf.c). Nests inside mmap_lock and @sem.
	 */
	struct mutex huge;
	struct flab_gate gate;

	/* Tasks that got VM_FAULT_RETRY and will fault again: see fault/wait.c. */
	spinlock_t pending_lock;
	DECLARE_HASHTABLE(pending, 6);

	/* @counters: of VMAs with a cell of their own. @folded: sum of VMAs that are gone. */
	struct mutex counters_lock;
	u32 nr_cells;			/* length of @counters */
	struct list_head counters;
	struct flab_cell folded;

	/* Tasks in read() and poll(); poll() queues here even before recording starts. */
	wait_queue_head_t readers;
	struct wait_queue_entry forward;	/* wakes @readers when any region has records */

	/* For reading records from the file; written under flab_switch_lock. */
	struct flab_reader *reader;	/* record reader used by read() */
	struct flab_reader *observer;	/* @reader, if it reads all regions, else NULL */
	struct flab_reader *own_reader;	/* what @reader was before it became @observer */
	bool observes;			/* counted as a user of the records of all regions */
};

/* Order of the folio that a PMD maps, and of the largest folio that a region can have. */
#define FLAB_PMD_ORDER	(PMD_SHIFT - PAGE_SHIFT)
#define FLAB_MAX_ORDER	min(FLAB_PMD_ORDER, FLAB_ALLOC_ORDER)

struct flab_region *flab_region_create(const struct flab_kind *kind);
void flab_region_destroy(struct flab_region *region);
u64 flab_region_max_pages(void);
int flab_region_cover(struct flab_region *region, pgoff_t end);

int flab_region_init(void);
void flab_region_exit(void);

#endif /* FLAB_REGION_H */
