// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recording, switched on and off. Rings and readers stay for as long as their
 * region, those of all regions for as long as the module, so that faults and
 * read() need no lock to find them.
 */
#include <linux/log2.h>
#include <linux/poll.h>
#include <linux/wait.h>
#include "may_see.h"
#include "observe.h"
#include "record.h"

struct flab_rings *flab_all_rings;
static DECLARE_WAIT_QUEUE_HEAD(flab_all_readers);

/* All under flab_observe_lock. */
static unsigned int flab_all_users;	/* files that observe, and people */
static bool flab_all_people;		/* switched on through debugfs */

/* Those who poll a file that observes wait in its own queue, and may have before. */
static int flab_all_forward(struct wait_queue_entry *entry, unsigned int mode, int flags,
			    void *key)
{
	struct flab_region *region = container_of(entry, struct flab_region, forward);

	wake_up_interruptible_poll(&region->readers, key_to_poll(key));
	return 0;
}

/* What they wait for is another thing now: they look again. */
static void flab_record_stir(struct flab_region *region)
{
	wake_up_interruptible_poll(&region->readers, EPOLLIN | EPOLLRDNORM);
}

static void flab_recording_get(struct flab_rings *rings)
{
	flab_observe_get();
	static_branch_inc(&flab_recording);
	flab_rings_run(rings, true);
}

static void flab_recording_put(struct flab_rings *rings)
{
	flab_rings_run(rings, false);
	static_branch_dec(&flab_recording);
	flab_observe_put();
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

/* The module lives longer than anybody whom they could be charged to. */
static int flab_all_prepare(void)
{
	struct flab_rings *rings;

	if (flab_all_rings)
		return 0;
	rings = flab_rings_create(flab_rings_default_slots(), &flab_all_readers, GFP_KERNEL);
	if (!rings)
		return -ENOMEM;
	/* Pairs with the READ_ONCE() of flab_record(), as do the next. */
	smp_store_release(&flab_all_rings, rings);
	return 0;
}

static void flab_record_state(const struct flab_reader *r, struct faultlab_recording *arg)
{
	arg->slots = r ? r->rings->slots : 0;
	arg->watermark = r ? r->watermark : 0;
	arg->waiting = r ? flab_reader_waiting(r) : 0;
	arg->lost = r ? READ_ONCE(r->lost) : 0;
}

static int flab_record_prepare(struct flab_region *region, u32 slots)
{
	struct flab_reader *reader;
	struct flab_rings *rings;

	if (!slots)
		slots = region->rings ? region->rings->slots : flab_rings_default_slots();
	if (!is_power_of_2(slots) || slots < FLAB_MIN_SLOTS)
		return -EINVAL;
	if (region->rings)
		return slots == region->rings->slots ? 0 : -EBUSY;
	if (slots > flab_rings_default_slots())
		return -ENOSPC;
	rings = flab_rings_create(slots, &region->readers, GFP_KERNEL_ACCOUNT);
	if (!rings)
		return -ENOMEM;
	reader = flab_reader_create(rings);
	if (!reader) {
		flab_rings_free(rings);
		return -ENOMEM;
	}
	smp_store_release(&region->rings, rings);	/* flab_record() */
	smp_store_release(&region->reader, reader);	/* flab_record_reader() */
	return 0;
}

static int flab_record_start(struct flab_region *region, const struct faultlab_recording *arg)
{
	int err;

	if (region->observer)
		return -EBUSY;
	err = flab_record_prepare(region, arg->slots);
	if (err)
		return err;
	WRITE_ONCE(region->reader->watermark, arg->watermark ?: 1);
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

/* Of its own records, also where it reads those of all. */
static struct flab_reader *flab_record_own(struct flab_region *region)
{
	return region->observer ? region->own_reader : region->reader;
}

/**
 * flab_record_ioctl - FAULTLAB_IOC_RECORD
 * @region: of the file
 * @arg: what is asked for, and the answer
 *
 * Return: 0, or the errno that uapi/linux/faultlab_record.h documents.
 */
int flab_record_ioctl(struct flab_region *region, struct faultlab_recording *arg)
{
	int err = 0;

	if (arg->op > FAULTLAB_RECORD_STATE ||
	    (arg->op != FAULTLAB_RECORD_START && (arg->slots || arg->watermark)))
		return -EINVAL;
	mutex_lock(&flab_observe_lock);
	if (arg->op == FAULTLAB_RECORD_START)
		err = flab_record_start(region, arg);
	else if (arg->op == FAULTLAB_RECORD_STOP)
		flab_record_stop(region);
	flab_record_state(flab_record_own(region), arg);
	mutex_unlock(&flab_observe_lock);
	return err;
}

/* The file reads the records of all regions from now on. */
static int flab_observe_start(struct flab_region *region, const struct faultlab_recording *arg)
{
	struct flab_reader *reader = region->observer;
	int err = flab_all_prepare();

	if (err)
		return err;
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
		/* The old one stays: somebody may be reading. */
		region->own_reader = region->reader;
		region->observer = reader;
		smp_store_release(&region->reader, reader);	/* flab_record_reader() */
		init_waitqueue_func_entry(&region->forward, flab_all_forward);
		add_wait_queue(&flab_all_readers, &region->forward);
	}
	WRITE_ONCE(reader->watermark, arg->watermark ?: 1);
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
 * @file: of the region that is to observe
 * @arg: what is asked for, and the answer
 *
 * Return: 0, or the errno that uapi/linux/faultlab_record.h documents.
 */
int flab_observe_ioctl(const struct file *file, struct faultlab_recording *arg)
{
	struct flab_region *region = file->private_data;
	int err = 0;

	if (arg->op > FAULTLAB_RECORD_STATE || arg->slots ||
	    (arg->op != FAULTLAB_RECORD_START && arg->watermark))
		return -EINVAL;
	if (!flab_may_see(file, FLAB_SECRET_TASKS))
		return -EPERM;
	mutex_lock(&flab_observe_lock);
	if (arg->op == FAULTLAB_RECORD_START)
		err = flab_observe_start(region, arg);
	else if (arg->op == FAULTLAB_RECORD_STOP)
		err = flab_observe_stop(region);
	else if (!region->observer)
		err = -EBUSY;
	flab_record_state(region->observer, arg);
	mutex_unlock(&flab_observe_lock);
	return err;
}

/* Recording of all regions, by debugfs: 0 or -ENOMEM. */
int flab_record_people(bool run)
{
	int err;

	mutex_lock(&flab_observe_lock);
	err = flab_all_prepare();
	if (!err && run && !flab_all_people)
		flab_all_get();
	if (!err && !run && flab_all_people)
		flab_all_put();
	if (!err)
		flab_all_people = run;
	mutex_unlock(&flab_observe_lock);
	return err;
}

/* A reader of what is there of all regions; NULL if there never was, ERR_PTR(-ENOMEM). */
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

/* A region ends: nobody faults in it or reads it. */
void flab_record_release(struct flab_region *region)
{
	mutex_lock(&flab_observe_lock);
	flab_record_stop(region);
	if (region->observes)
		flab_all_put();
	if (region->observer)
		remove_wait_queue(&flab_all_readers, &region->forward);
	mutex_unlock(&flab_observe_lock);
	flab_reader_free(region->reader);
	flab_reader_free(region->own_reader);
	flab_rings_free(region->rings);
}

void flab_record_exit(void)
{
	if (flab_all_people)
		flab_record_people(false);
	flab_rings_free(flab_all_rings);
}
