// SPDX-License-Identifier: GPL-2.0-only
/*
 * FAULTLAB_IOC_RECORD: switches the records of one region on and off. Rings and readers
 * are freed only when their region is released, so that faults and read() need no lock to
 * find them.
 */
#include <linux/log2.h>
#include <linux/poll.h>
#include "observe/record.h"
#include "observe/record_control.h"
#include "observe/switch.h"

void flab_record_stir(struct flab_region *region)
{
	wake_up_interruptible_poll(&region->readers, EPOLLIN | EPOLLRDNORM);
}

void flab_recording_get(struct flab_rings *rings)
{
	flab_timing_get();
	static_branch_deferred_inc(&flab_recording);
	flab_rings_run(rings, true);
}

void flab_recording_put(struct flab_rings *rings)
{
	WRITE_ONCE(rings->vmas, false);
	flab_rings_run(rings, false);
	static_branch_slow_dec_deferred(&flab_recording);
	flab_timing_put();
}

void flab_record_state(const struct flab_reader *r, struct faultlab_recording *arg)
{
	arg->slots = r ? r->rings->slots : 0;
	arg->watermark = r ? r->watermark : 0;
	arg->waiting = r ? flab_reader_waiting(r) : 0;
	arg->lost = r ? READ_ONCE(r->lost) : 0;
}

bool flab_recording_is_sane(const struct faultlab_recording *arg)
{
	if (arg->op > FAULTLAB_RECORD_STATE || arg->pad ||
	    arg->flags & ~FAULTLAB_RECORDING_VMAS)
		return false;
	return arg->op == FAULTLAB_RECORD_START ||
	       (!arg->slots && !arg->watermark && !arg->flags);
}

/*
 * Allocate rings and their reader if the region has none and its file never observed. Not
 * under flab_switch_lock, which each open takes: large rings take long to allocate, and a
 * cgroup that is over memory.high sleeps when it is charged.
 */
static int flab_record_make(struct flab_region *region, u32 slots, struct flab_reader **reader)
{
	struct flab_rings *rings;

	if (READ_ONCE(region->rings) || READ_ONCE(region->observer))
		return 0;
	slots = slots ?: flab_rings_default_slots();
	if (!is_power_of_2(slots) || slots < FLAB_MIN_SLOTS)
		return -EINVAL;
	if (slots > flab_rings_default_slots())
		return -ENOSPC;
	rings = flab_rings_create(slots, &region->readers, GFP_KERNEL_ACCOUNT);
	if (!rings)
		return -ENOMEM;
	*reader = flab_reader_create(rings);
	if (!*reader)
		flab_rings_free(rings);
	return *reader ? 0 : -ENOMEM;
}

/*
 * If the region has rings, check that they have @slots slots. Otherwise give it the *reader
 * of flab_record_make(), and set *reader to NULL.
 */
static int flab_record_prepare(struct flab_region *region, u32 slots, struct flab_reader **reader)
{
	if (region->rings) {
		slots = slots ?: region->rings->slots;
		if (!is_power_of_2(slots) || slots < FLAB_MIN_SLOTS)
			return -EINVAL;
		return slots == region->rings->slots ? 0 : -EBUSY;
	}
	smp_store_release(&region->rings, (*reader)->rings);	/* flab_record() */
	smp_store_release(&region->reader, *reader);	/* flab_record_reader() */
	*reader = NULL;
	return 0;
}

static int flab_record_start(struct flab_region *region, const struct faultlab_recording *arg,
			     struct flab_reader **reader)
{
	int err;

	if (region->observer)
		return -EBUSY;
	err = flab_record_prepare(region, arg->slots, reader);
	if (err)
		return err;
	WRITE_ONCE(region->reader->watermark, arg->watermark ?: 1);
	WRITE_ONCE(region->rings->vmas, arg->flags & FAULTLAB_RECORDING_VMAS);
	if (!region->rings->running)
		flab_recording_get(region->rings);
	flab_record_stir(region);
	return 0;
}

static void flab_record_stop(struct flab_region *region)
{
	if (region->rings && region->rings->running)
		flab_recording_put(region->rings);
}

/* The reader of the region's own records, even if read() now uses region->observer. */
static struct flab_reader *flab_record_own(struct flab_region *region)
{
	return region->observer ? region->own_reader : region->reader;
}

/**
 * flab_record_ioctl - start or stop recording a region, or get the state
 * @region: region of the file
 * @arg: in: the operation; out: the state
 *
 * Return: 0, or the errno that uapi/linux/faultlab_record.h documents.
 */
int flab_record_ioctl(struct flab_region *region, struct faultlab_recording *arg)
{
	struct flab_reader *reader = NULL;
	int err = 0;

	if (!flab_recording_is_sane(arg))
		return -EINVAL;
	if (arg->op == FAULTLAB_RECORD_START)
		err = flab_record_make(region, arg->slots, &reader);
	if (err)
		return err;
	mutex_lock(&flab_switch_lock);
	if (arg->op == FAULTLAB_RECORD_START)
		err = flab_record_start(region, arg, &reader);
	else if (arg->op == FAULTLAB_RECORD_STOP)
		flab_record_stop(region);
	flab_record_state(flab_record_own(region), arg);
	mutex_unlock(&flab_switch_lock);
	if (reader) {
		flab_rings_free(reader->rings);
		flab_reader_free(reader);
	}
	return err;
}

/* Called when a region is released: no fault or read() of it is under way. */
void flab_record_release(struct flab_region *region)
{
	mutex_lock(&flab_switch_lock);
	flab_record_stop(region);
	flab_observe_release(region);
	mutex_unlock(&flab_switch_lock);
	flab_reader_free(region->reader);
	flab_reader_free(region->own_reader);
	flab_rings_free(region->rings);
}
