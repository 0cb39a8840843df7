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
#include "region/count.h"
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
 * struct flab_map - what one VMA adds to its region
 * @region: the region; the VMA's file keeps it alive
 * @cell: where faults of this VMA are counted
 * @node: in @region->maps
 * @vma: the VMA, which is there as long as this is in the list
 * @base: what of @cell was before the last reset
 *
 * All but the first two is under @region->maps_lock. @node and @vma are unused in
 * @region->spare.
 */
struct flab_map {
	struct flab_region *region;
	struct flab_cell __percpu *cell;
	struct list_head node;
	struct vm_area_struct *vma;
	struct flab_cell base;
};

/* Memory, rules and counts behind one open file. */
struct flab_region {
	/* Constant from open to release. */
	u32 id;
	struct inode *inode;		/* its mapping finds all our VMAs */
	struct dentry *debugfs;
	pid_t owner;			/* who opened it, for people to read */
	char comm[TASK_COMM_LEN];

	/*
	 * Written under @lock before the first mmap only, so that whoever got
	 * here through a VMA reads them without.
	 */
	const struct flab_kind *kind;
	u64 flags;			/* FAULTLAB_REGION_* */
	bool fixed;			/* has a size, does not grow */
	u32 around;			/* pages that a fault of kind pfn maps, from 1 */

	/*
	 * @lock orders configuration, mmap and rule changes. Taken below
	 * mmap_lock: no access to user memory while it is held.
	 */
	struct mutex lock;
	bool configuring;		/* CONFIG is at it, without @lock */
	bool mapped;			/* has been mmapped: config is over */
	u32 nr_filling;			/* mmaps that fill their VMA, without @lock */
	pgoff_t nr_unfilled;		/* @nr_pages before the first of these */
	pgoff_t nr_pages;		/* see flab_region_cover() */
	struct list_head mappers;	/* see evict/settle.c */

	/*
	 * Faults hold @sem for read while they judge, look up and insert; who
	 * takes something away holds it for write, and then no fault can put it
	 * back. Taken below mmap_lock and above the page lock: no access to user
	 * memory while it is held.
	 */
	struct percpu_rw_semaphore sem;
	bool dead;			/* unplugged: all faults are SIGBUS */
	bool unplugged;			/* and nothing is mapped any more; under @lock */
	struct flab_rules *rules;
	u64 rules_gen;			/* how often they were changed */
	unsigned long drains;		/* who drains raises it with @sem for write */

	u32 nr_pending;			/* written under @pending_lock */

	/* Written under flab_observe_lock; memory stays once it is there. */
	struct flab_latency_cell __percpu *measured;	/* of @latency, if faults go there now */
	struct flab_latency *latency;
	struct flab_rings *rings;	/* own records */

	struct flab_memory memory;
	struct flab_map spare;		/* counts where no VMA can */

	/* From here on: nothing that a fault on populated memory touches. */

	/* See kind/huge.c and kind/large_leaf.c. Taken below mmap_lock and @sem. */
	struct mutex huge;
	struct flab_gate gate;

	/* Tasks that have waited and will come again: see fault/wait.c. */
	spinlock_t pending_lock;
	DECLARE_HASHTABLE(pending, 6);

	/* VMAs, and what those that are gone have counted. */
	struct mutex maps_lock;
	u32 nr_cells;			/* in @maps */
	struct list_head maps;
	struct flab_cell folded;

	/* Whoever polls the file, from before there is anything to read. */
	wait_queue_head_t readers;
	struct wait_queue_entry forward;	/* wakes them for all regions' records */

	/* The file as a reader of records; written under flab_observe_lock. */
	struct flab_reader *reader;	/* record reader used by read() */
	struct flab_reader *observer;	/* the same, if it is of all regions */
	struct flab_reader *own_reader;	/* then: what it was before */
	bool observes;			/* keeps recording of all regions on */
};

/* Of the folio that a PMD maps, and of the largest that a region can have. */
#define FLAB_PMD_ORDER	(PMD_SHIFT - PAGE_SHIFT)
#define FLAB_MAX_ORDER	min(FLAB_PMD_ORDER, FLAB_ALLOC_ORDER)

struct flab_region *flab_region_create(const struct flab_kind *kind);
void flab_region_destroy(struct flab_region *region);
u64 flab_region_max_pages(void);
int flab_region_cover(struct flab_region *region, pgoff_t end);

int flab_region_init(void);
void flab_region_exit(void);

#endif /* FLAB_REGION_H */
