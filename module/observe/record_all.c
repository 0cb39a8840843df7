// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of all regions: FAULTLAB_IOC_OBSERVE, and debugfs. Their rings are freed only
 * when the module is unloaded, so that faults and read() need no lock to find them.
 */
#include <linux/fs.h>
#include <linux/wait.h>
#include "may_see.h"
#include "observe/record.h"
#include "observe/record_control.h"
#include "observe/switch.h"

struct flab_rings *flab_all_rings;
static DECLARE_WAIT_QUEUE_HEAD(flab_all_readers);

/* Held while flab_all_rings is allocated; never together with flab_switch_lock. */
static DEFINE_MUTEX(flab_all_making);

/* flab_switch_lock protects both. */
static unsigned int flab_all_users;	/* number of files that observe, + 1 if flab_all_people */
static bool flab_all_people;		/* switched on through debugfs */

/*
 * Wakes region->readers when flab_all_readers is woken. Tasks that poll a file always wait
 * in region->readers, as they may have begun to wait before the file started to observe.
 */
static int flab_all_forward(struct wait_queue_entry *entry, unsigned int mode, int flags,
			    void *key)
{
	struct flab_region *region = container_of(entry, struct flab_region, forward);

	wake_up_interruptible_poll(&region->readers, key_to_poll(key));
	return 0;
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

/*
 * Allocate the rings of all regions, and *reader if the region's file has never observed. As
 * in flab_record_make(), not under flab_switch_lock.
 */
static int flab_observe_make(struct flab_region *region, struct flab_reader **reader)
{
	int err = flab_all_make();

	if (err || READ_ONCE(region->observer))
		return err;
	*reader = flab_reader_create(flab_all_rings);
	return *reader ? 0 : -ENOMEM;
}

/* From now on read() of the region's file returns the records of all regions, from *reader. */
static void flab_observe_give(struct flab_region *region, struct flab_reader **reader)
{
	/* Not with the records of other observers that were written since it was created. */
	flab_reader_begin(*reader);
	/* The reader of the region's own records is kept: a read() may be using it. */
	region->own_reader = region->reader;
	WRITE_ONCE(region->observer, *reader);
	smp_store_release(&region->reader, *reader);	/* flab_record_reader() */
	*reader = NULL;
	init_waitqueue_func_entry(&region->forward, flab_all_forward);
	add_wait_queue(&flab_all_readers, &region->forward);
}

/* *reader is that of flab_observe_make(). It is set to NULL if the region needs it. */
static void flab_observe_start(struct flab_region *region, const struct faultlab_recording *arg,
			       struct flab_reader **reader)
{
	if (!region->observes) {
		flab_all_get();
		region->observes = true;
	}
	if (!region->observer)
		flab_observe_give(region, reader);
	WRITE_ONCE(region->observer->watermark, arg->watermark ?: 1);
	/* Stays set until nothing records all regions: other files may want VMAs, too. */
	if (arg->flags & FAULTLAB_RECORDING_VMAS)
		WRITE_ONCE(flab_all_rings->vmas, true);
	flab_record_stir(region);
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
 * flab_observe_ioctl - start or stop reading the records of all regions, or get the state
 * @file: file of the region that is to observe
 * @arg: in: the operation; out: the state
 *
 * Return: 0, or the errno that uapi/linux/faultlab_record.h documents.
 */
int flab_observe_ioctl(const struct file *file, struct faultlab_recording *arg)
{
	struct flab_region *region = file->private_data;
	struct flab_reader *reader = NULL;
	int err = 0;

	if (!flab_recording_is_sane(arg) || arg->slots)
		return -EINVAL;
	if (!flab_may_see(file, FLAB_SECRET_TASKS))
		return -EPERM;
	if (arg->op == FAULTLAB_RECORD_START)
		err = flab_observe_make(region, &reader);
	if (err)
		return err;
	mutex_lock(&flab_switch_lock);
	if (arg->op == FAULTLAB_RECORD_START)
		flab_observe_start(region, arg, &reader);
	else if (arg->op == FAULTLAB_RECORD_STOP)
		err = flab_observe_stop(region);
	else if (!region->observer)
		err = -EBUSY;
	flab_record_state(region->observer, arg);
	mutex_unlock(&flab_switch_lock);
	flab_reader_free(reader);
	return err;
}

/* Called when a region is released; it need not observe. flab_switch_lock is held. */
void flab_observe_release(struct flab_region *region)
{
	if (region->observes)
		flab_all_put();
	if (region->observer)
		remove_wait_queue(&flab_all_readers, &region->forward);
}

/*
 * Switch recording of all regions on or off for debugfs. While files observe, it stays on.
 * Return: 0, -ENOMEM, or -EINTR if killed.
 */
int flab_record_people(bool run)
{
	int err;

	/* Recording all regions was never on: do not allocate rings to switch it off. */
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
 * Return: a new reader that begins at the oldest record in the rings of all regions; NULL if
 * these rings were never allocated; ERR_PTR(-ENOMEM).
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

void flab_record_exit(void)
{
	if (flab_all_people)
		flab_record_people(false);
	flab_rings_free(flab_all_rings);
	flab_switch_exit();
}
