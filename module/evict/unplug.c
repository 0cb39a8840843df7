// SPDX-License-Identifier: GPL-2.0-only
/* Unplug: mark the region dead, so that each fault is SIGBUS, and zap all its entries. */
#include <linux/mutex.h>
#include "evict/mappers.h"
#include "evict/unplug.h"
#include "evict/zap.h"
#include "kind/kind.h"

static int flab_unplug_lock(struct flab_region *region, bool killable)
{
	if (killable)
		return mutex_lock_killable(&region->lock);
	mutex_lock(&region->lock);
	return 0;
}

/*
 * Mark the region dead: from here on each fault is SIGBUS. Return: 0, -ENODEV if an
 * unplug has finished before, or -EINTR if killed.
 */
static int flab_unplug_begin(struct flab_region *region, bool killable)
{
	/* mmap and CONFIG check `dead` under region->lock, too: all later ones find it set. */
	int err = flab_unplug_lock(region, killable);

	if (err)
		return err;
	if (region->unplugged) {
		err = -ENODEV;
	} else if (!region->dead) {
		percpu_down_write(&region->sem);
		WRITE_ONCE(region->dead, true);
		flab_gate_stir(&region->gate);
		percpu_up_write(&region->sem);
	}
	mutex_unlock(&region->lock);
	return err;
}

/**
 * flab_region_unplug - FAULTLAB_IOC_UNPLUG
 * @region: the region
 * @killable: a fatal signal ends the unplug. False in a fault, which must finish it: once
 *	the region is dead, no rule is matched, so no other fault would do the rest
 *
 * Private copies are zapped, too, as when a GPU is unplugged (drm_dev_unplug()).
 *
 * Return: 0, -ENODEV if it was unplugged before, or -EINTR if killed. After -EINTR the
 * region may be dead with a part still mapped, and the next call does the rest.
 */
int flab_region_unplug(struct flab_region *region, bool killable)
{
	struct flab_zap all = {
		.last = ULONG_MAX - 1, .cows = true, .dying = true, .killable = killable,
	};
	int err = flab_unplug_begin(region, killable);

	if (err)
		return err;
	/*
	 * If the region was ever mapped, CONFIG cannot change its kind, flags and order. Otherwise
	 * flab_config_undo() may still reset kind and flags.
	 */
	all.drop = flab_zap_may_drop(region);
	all.order = region->memory.order;
	err = flab_zap(region, &all);
	/*
	 * An mmap that found the region alive may link its VMA only after this zap, which
	 * then missed it: wait for such mmaps, and zap again.
	 */
	if (!err && READ_ONCE(region->kind)->map) {
		err = flab_mappers_settle(region);
		if (!err)
			err = flab_zap(region, &all);
	}
	if (!err)
		err = flab_unplug_lock(region, killable);
	if (err)
		return err;
	region->unplugged = true;
	mutex_unlock(&region->lock);
	return 0;
}
