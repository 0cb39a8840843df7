// SPDX-License-Identifier: GPL-2.0-only
/*
 * Latency histograms: switching on and off, adding up, and reset. latency.h has the
 * fast path. A region's histogram is allocated when it is first switched on and freed
 * with the region. All of this is under flab_switch_lock, which no fault takes. What one
 * region needs is allocated before that: a task whose cgroup is over memory.high sleeps when it
 * is charged, for seconds maybe, and each open takes the lock. flab_latency_start_all(), for
 * root only, allocates under it.
 */
#include <linux/percpu.h>
#include <linux/slab.h>
#include "observe/latency.h"
#include "observe/switch.h"
#include "region/registry.h"

#define FLAB_LATENCY_WORDS (sizeof(struct flab_latency_cell) / sizeof(u64))

static bool flab_latency_all;			/* all regions are measured */
static struct flab_latency_cell flab_latency_ended;	/* sum over released regions */

/*
 * Add to @sum what a region measured since its last reset. @reset: reset the region's
 * histogram, too, so that the next call starts from here.
 */
static void flab_latency_add(struct flab_latency_cell *sum, struct flab_region *region,
			     bool reset)
{
	struct flab_latency *latency = region->latency;

	lockdep_assert_held(&flab_switch_lock);
	if (latency)
		flab_words_add_since((u64 *)sum, (const u64 __percpu *)latency->cell,
				     (u64 *)&latency->base, FLAB_LATENCY_WORDS, reset);
}

static void flab_latency_free(struct flab_latency *latency)
{
	if (!latency)
		return;
	free_percpu(latency->cell);
	kvfree(latency);
}

/* Allocate *latency if the region has no histogram yet. */
static int flab_latency_make(struct flab_region *region, struct flab_latency **latency)
{
	struct flab_latency *new;

	if (READ_ONCE(region->latency))
		return 0;
	new = kvzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	new->cell = alloc_percpu_gfp(struct flab_latency_cell, GFP_KERNEL_ACCOUNT);
	if (!new->cell) {
		kvfree(new);
		return -ENOMEM;
	}
	*latency = new;
	return 0;
}

/* Give the region *latency, set to NULL then; does nothing if the region has a histogram. */
static void flab_latency_give(struct flab_region *region, struct flab_latency **latency)
{
	lockdep_assert_held(&flab_switch_lock);
	if (region->latency)
		return;
	WRITE_ONCE(region->latency, *latency);	/* flab_latency_make() */
	*latency = NULL;
}

static void flab_latency_apply(struct flab_region *region)
{
	const struct flab_latency *latency = region->latency;
	/*
	 * NULL if the region was never measured. Also if it is being opened, and was added to
	 * the list after flab_latency_start_all() prepared all regions: flab_latency_adopt()
	 * will prepare it once it gets flab_switch_lock.
	 */
	bool on = latency && (flab_latency_all || latency->started);

	/* Pairs with the READ_ONCE() of flab_latency_count(). */
	smp_store_release(&region->measured, on ? latency->cell : NULL);
}

/*
 * Called when a region is opened: measure it if all regions are measured. Many regions may be
 * opened while flab_latency_start_all() holds the lock, so none of them allocates under it.
 */
int flab_latency_adopt(struct flab_region *region)
{
	struct flab_latency *latency = NULL;
	int err;

	mutex_lock(&flab_switch_lock);
	while (flab_latency_all && !region->latency && !latency) {
		mutex_unlock(&flab_switch_lock);
		err = flab_latency_make(region, &latency);
		if (err)
			return err;
		mutex_lock(&flab_switch_lock);
	}
	flab_latency_give(region, &latency);
	flab_latency_apply(region);
	mutex_unlock(&flab_switch_lock);
	flab_latency_free(latency);
	return 0;
}

/**
 * flab_latency_release - remove a region from the list, and keep its counts for totals
 * @region: the region; no fault of it is under way
 *
 * Code that sums up all regions holds flab_regions_lock for counters, or
 * flab_switch_lock for histograms. The region is removed from the list under both locks
 * (flab_registry_remove() takes flab_regions_lock). Before flab_regions_lock is released,
 * its counters are added to the sum over released regions; before flab_switch_lock is, its
 * histograms. So each total includes the region exactly once.
 */
void flab_latency_release(struct flab_region *region)
{
	flab_latency_stop(region);
	mutex_lock(&flab_switch_lock);
	flab_registry_remove(region);
	flab_latency_add(&flab_latency_ended, region, false);
	mutex_unlock(&flab_switch_lock);
	flab_latency_free(region->latency);
}

int flab_latency_start(struct flab_region *region)
{
	struct flab_latency *latency = NULL;
	int err = flab_latency_make(region, &latency);

	if (err)
		return err;
	mutex_lock(&flab_switch_lock);
	flab_latency_give(region, &latency);
	if (!region->latency->started) {
		flab_timing_get();
		region->latency->started = true;
		flab_latency_apply(region);
	}
	mutex_unlock(&flab_switch_lock);
	flab_latency_free(latency);
	return 0;
}

void flab_latency_stop(struct flab_region *region)
{
	mutex_lock(&flab_switch_lock);
	if (region->latency && region->latency->started) {
		region->latency->started = false;
		flab_latency_apply(region);
		flab_timing_put();
	}
	mutex_unlock(&flab_switch_lock);
}

static int flab_latency_prepare_one(struct flab_region *region, void *arg)
{
	struct flab_latency *latency = NULL;
	int err = flab_latency_make(region, &latency);

	if (!err)
		flab_latency_give(region, &latency);
	return err;
}

static int flab_latency_apply_one(struct flab_region *region, void *arg)
{
	flab_latency_apply(region);
	return 0;
}

int flab_latency_start_all(void)
{
	int err = 0;

	mutex_lock(&flab_switch_lock);
	if (!flab_latency_all) {
		err = flab_regions_visit(flab_latency_prepare_one, NULL);
		if (!err) {
			flab_timing_get();
			WRITE_ONCE(flab_latency_all, true);
			flab_regions_visit(flab_latency_apply_one, NULL);
		}
	}
	mutex_unlock(&flab_switch_lock);
	return err;
}

void flab_latency_stop_all(void)
{
	mutex_lock(&flab_switch_lock);
	if (flab_latency_all) {
		WRITE_ONCE(flab_latency_all, false);
		flab_regions_visit(flab_latency_apply_one, NULL);
		flab_timing_put();
	}
	mutex_unlock(&flab_switch_lock);
}

struct flab_latency_visit {
	struct flab_latency_cell *sum;
	bool reset;
};

static int flab_latency_add_one(struct flab_region *region, void *arg)
{
	struct flab_latency_visit *visit = arg;

	flab_latency_add(visit->sum, region, visit->reset);
	return 0;
}

/**
 * flab_latency_snapshot - get the histogram of callbacks since the last reset
 * @region: the region, or NULL for all regions, released ones included
 * @reset: start at 0 afterwards. Each callback is counted exactly once: in this histogram
 *	or in the next one
 *
 * Return: the sum, to be freed with kvfree(), or NULL if there is no memory for it.
 */
struct flab_latency_cell *flab_latency_snapshot(struct flab_region *region, bool reset)
{
	struct flab_latency_visit visit = { .reset = reset };

	visit.sum = kvzalloc(sizeof(*visit.sum), GFP_KERNEL);
	if (!visit.sum)
		return NULL;
	mutex_lock(&flab_switch_lock);
	if (region) {
		flab_latency_add_one(region, &visit);
	} else {
		*visit.sum = flab_latency_ended;
		if (reset)
			memset(&flab_latency_ended, 0, sizeof(flab_latency_ended));
		flab_regions_visit(flab_latency_add_one, &visit);
	}
	mutex_unlock(&flab_switch_lock);
	return visit.sum;
}

/* Whether @region is measured; if @region is NULL, whether all regions are. */
bool flab_latency_runs(const struct flab_region *region)
{
	return READ_ONCE(flab_latency_all) || (region && READ_ONCE(region->measured));
}
