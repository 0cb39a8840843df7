// SPDX-License-Identifier: GPL-2.0-only
/*
 * Switches recording on and off. Rings and readers are freed with their region only,
 * the rings of all regions with the module, so that faults and read() need no lock to
 * find them.
 */
#include <linux/log2.h>
#include <linux/poll.h>
#include <linux/wait.h>
#include "may_see.h"
#include "observe/record.h"
#include "observe/switch.h"

struct flab_rings *flab_all_rings;
static DECLARE_WAIT_QUEUE_HEAD(flab_all_readers);

static DEFINE_MUTEX(flab_all_making); /* to allocate flab_all_rings; not with flab_switch_lock */

/* Both under flab_switch_lock. */
static unsigned int flab_all_users;	/* files that observe, + 1 if flab_all_people */
static bool flab_all_people;		/* switched on through debugfs */

/*
 * Wakes region->readers when flab_all_readers is woken. Tasks that poll an observing
 * file are in region->readers, perhaps since before it observed.
 */
static int flab_all_forward(struct wait_queue_entry *entry, unsigned int mode, int flags,
			    void *key)
{
	struct flab_region *region = container_of(entry, struct flab_region, forward);

	wake_up_interruptible_poll(&region->readers, key_to_poll(key));
	return 0;
}

/* Wake tasks in read() and poll() to check again: other records are to be read now. */
static void flab_record_stir(struct flab_region *region)
{
	wake_up_interruptible_poll(&region->readers, EPOLLIN | EPOLLRDNORM);
}

static void flab_recording_get(struct flab_rings *rings)
{
	flab_timing_get();
	static_branch_deferred_inc(&flab_recording);
	flab_rings_run(rings, true);
}

static void flab_recording_put(struct flab_rings *rings)
{
	WRITE_ONCE(rings->vmas, false);
	flab_rings_run(rings, false);
	static_branch_slow_dec_deferred(&flab_recording);
	flab_timing_put();
}

static void flab_all_get(void)
{
	if (!flab_all_users++)
		flab_recording_get(flab_all_rings);
}

static void flab_all_put(void)
{
	if (!--flab_all_users)
		flab_recording_put(flab_all_rings);
}

/*
 * Allocate the rings of all regions if there are none. Return: 0, -ENOMEM, or -EINTR if
 * killed. Large rings take long to allocate, and each open takes flab_switch_lock, so
 * this is done without it, under a lock of its own. The rings are not charged to the
 * task, since they outlive it.
 */
static int flab_all_make(void)
{
	struct flab_rings *rings;
	int err = 0;

	if (READ_ONCE(flab_all_rings))
		return 0;
	if (mutex_lock_killable(&flab_all_making))
		return -EINTR;
	if (!flab_all_rings) {
		rings = flab_rings_create(flab_rings_default_slots(), &flab_all_readers,
					  GFP_KERNEL);
		/* Pairs with the READ_ONCE() of flab_record(). */
		smp_store_release(&flab_all_rings, rings);
		err = rings ? 0 : -ENOMEM;
	}
	mutex_unlock(&flab_all_making);
	return err;
}

static void flab_record_state(const struct flab_reader *r, struct faultlab_recording *arg)
{
	arg->slots = r ? r->rings->slots : 0;
	arg->watermark = r ? r->watermark : 0;
	arg->waiting = r ? flab_reader_waiting(r) : 0;
	arg->lost = r ? READ_ONCE(r->lost) : 0;
}

/* Only START may set slots, watermark and flags. */
static bool flab_recording_is_sane(const struct faultlab_recording *arg)
{
	if (arg->op > FAULTLAB_RECORD_STATE || arg->pad ||
	    arg->flags & ~FAULTLAB_RECORDING_VMAS)
		return false;
	return arg->op == FAULTLAB_RECORD_START ||
	       (!arg->slots && !arg->watermark && !arg->flags);
}

/* Allocate rings for a region without any; not under the lock, see flab_all_make(). */
static int flab_record_make(struct flab_region *region, u32 slots, struct flab_rings **rings)
{
	if (READ_ONCE(region->rings) || READ_ONCE(region->observer))
		return 0;
	slots = slots ?: flab_rings_default_slots();
	if (!is_power_of_2(slots) || slots < FLAB_MIN_SLOTS)
		return -EINVAL;
	if (slots > flab_rings_default_slots())
		return -ENOSPC;
	*rings = flab_rings_create(slots, &region->readers, GFP_KERNEL_ACCOUNT);
	return *rings ? 0 : -ENOMEM;
}

/* Check @slots against the region's rings, or give it those of flab_record_make(). */
static int flab_record_prepare(struct flab_region *region, u32 slots, struct flab_rings **rings)
{
	struct flab_reader *reader;

	if (region->rings) {
		slots = slots ?: region->rings->slots;
		if (!is_power_of_2(slots) || slots < FLAB_MIN_SLOTS)
			return -EINVAL;
		return slots == region->rings->slots ? 0 : -EBUSY;
	}
	reader = flab_reader_create(*rings);
	if (!reader)
		return -ENOMEM;
	smp_store_release(&region->rings, *rings);	/* flab_record() */
	smp_store_release(&region->reader, reader);	/* flab_record_reader() */
	*rings = NULL;
	return 0;
}

static int flab_record_start(struct flab_region *region, const struct faultlab_recording *arg,
			     struct flab_rings **rings)
{
	int err;

	if (region->observer)
		return -EBUSY;
	err = flab_record_prepare(region, arg->slots, rings);
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

/* The reader of the region's own records, also while the file reads those of all. */
static struct flab_reader *flab_record_own(struct flab_region *region)
{
	return region->observer ? region->own_reader : region->reader;
}

/**
 * flab_record_ioctl - FAULTLAB_IOC_RECORD
 * @region: of the file
 * @arg: in: the operation; out: the state
 *
 * Return: 0, or the errno that uapi/linux/faultlab_record.h documents.
 */
int flab_record_ioctl(struct flab_region *region, struct faultlab_recording *arg)
{
	struct flab_rings *rings = NULL;
	int err = 0;

	if (!flab_recording_is_sane(arg))
		return -EINVAL;
	if (arg->op == FAULTLAB_RECORD_START)
		err = flab_record_make(region, arg->slots, &rings);
	if (err)
		return err;
	mutex_lock(&flab_switch_lock);
	if (arg->op == FAULTLAB_RECORD_START)
		err = flab_record_start(region, arg, &rings);
	else if (arg->op == FAULTLAB_RECORD_STOP)
		flab_record_stop(region);
	flab_record_state(flab_record_own(region), arg);
	mutex_unlock(&flab_switch_lock);
	flab_rings_free(rings);
	return err;
}

/* The file reads the records of all regions from now on. */
static int flab_observe_start(struct flab_region *region, const struct faultlab_recording *arg)
{
	struct flab_reader *reader = region->observer;

	if (!region->observes) {
		flab_all_get();
		region->observes = true;
	}
	if (!reader) {
		reader = flab_reader_create(flab_all_rings);
		if (!reader) {
			region->observes = false;
			flab_all_put();
			return -ENOMEM;
		}
		/* The old reader is not freed: a read() may be using it. */
		region->own_reader = region->reader;
		region->observer = reader;
		smp_store_release(&region->reader, reader);	/* flab_record_reader() */
		init_waitqueue_func_entry(&region->forward, flab_all_forward);
		add_wait_queue(&flab_all_readers, &region->forward);
	}
	WRITE_ONCE(reader->watermark, arg->watermark ?: 1);
	/* Set until the last file stops observing, as another one may want VMAs. */
	if (arg->flags & FAULTLAB_RECORDING_VMAS)
		WRITE_ONCE(flab_all_rings->vmas, true);
	flab_record_stir(region);
	return 0;
}

static int flab_observe_stop(struct flab_region *region)
{
	if (!region->observer)
		return -EBUSY;
	if (region->observes)
		flab_all_put();
	region->observes = false;
	return 0;
}

/**
 * flab_observe_ioctl - FAULTLAB_IOC_OBSERVE
 * @file: file of the region that is to observe
 * @arg: in: the operation; out: the state
 *
 * Return: 0, or the errno that uapi/linux/faultlab_record.h documents.
 */
int flab_observe_ioctl(const struct file *file, struct faultlab_recording *arg)
{
	struct flab_region *region = file->private_data;
	int err = 0;

	if (!flab_recording_is_sane(arg) || arg->slots)
		return -EINVAL;
	if (!flab_may_see(file, FLAB_SECRET_TASKS))
		return -EPERM;
	if (arg->op == FAULTLAB_RECORD_START)
		err = flab_all_make();
	if (err)
		return err;
	mutex_lock(&flab_switch_lock);
	if (arg->op == FAULTLAB_RECORD_START)
		err = flab_observe_start(region, arg);
	else if (arg->op == FAULTLAB_RECORD_STOP)
		err = flab_observe_stop(region);
	else if (!region->observer)
		err = -EBUSY;
	flab_record_state(region->observer, arg);
	mutex_unlock(&flab_switch_lock);
	return err;
}

/* Recording of all regions, for debugfs. Return: 0, -ENOMEM, or -EINTR if killed. */
int flab_record_people(bool run)
{
	int err;

	/* It was never on: do not allocate rings to switch it off. */
	if (!run && !READ_ONCE(flab_all_rings))
		return 0;
	err = flab_all_make();
	if (err)
		return err;
	mutex_lock(&flab_switch_lock);
	if (run && !flab_all_people)
		flab_all_get();
	if (!run && flab_all_people)
		flab_all_put();
	flab_all_people = run;
	mutex_unlock(&flab_switch_lock);
	return 0;
}

/*
 * Return: a reader that begins at the oldest record of all regions; NULL if there are
 * no rings; ERR_PTR(-ENOMEM).
 */
struct flab_reader *flab_record_history(void)
{
	struct flab_rings *rings = READ_ONCE(flab_all_rings);
	struct flab_reader *reader;

	if (!rings)
		return NULL;
	reader = flab_reader_create(rings);
	if (!reader)
		return ERR_PTR(-ENOMEM);
	flab_reader_rewind(reader);
	return reader;
}

void flab_record_forget(void)
{
	struct flab_rings *rings = READ_ONCE(flab_all_rings);

	if (rings)
		flab_rings_forget(rings);
}

/* A region is released: no fault or read() of it is under way. */
void flab_record_release(struct flab_region *region)
{
	mutex_lock(&flab_switch_lock);
	flab_record_stop(region);
	if (region->observes)
		flab_all_put();
	if (region->observer)
		remove_wait_queue(&flab_all_readers, &region->forward);
	mutex_unlock(&flab_switch_lock);
	flab_reader_free(region->reader);
	flab_reader_free(region->own_reader);
	flab_rings_free(region->rings);
}

void flab_record_exit(void)
{
	if (flab_all_people)
		flab_record_people(false);
	flab_rings_free(flab_all_rings);
	flab_switch_exit();
}
