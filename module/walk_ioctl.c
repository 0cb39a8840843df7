// SPDX-License-Identifier: GPL-2.0-only
/* FAULTLAB_IOC_WALK: the walker's batches on their way to user space. */
#include <linux/capability.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "walk.h"
#include "walk_ioctl.h"

/* Memory for a batch: what is copied between two holds of mmap_lock. */
#define FLAB_WALK_BOUNCE SZ_16K

/* As /proc/PID/pagemap: where memory is physically is not everyone's to know. */
static void flab_walk_hide(struct flab_walk *w)
{
	u32 i;

	for (i = 0; i < w->nr; i++) {
		w->entries[i].raw = 0;
		w->entries[i].pfn = 0;
	}
}

static int flab_walk_copy(struct flab_walk *w, struct faultlab_walk *arg)
{
	struct faultlab_walk_entry __user *to = u64_to_user_ptr(arg->entries);
	bool hide = !capable(CAP_SYS_ADMIN);
	u64 done = 0;
	int err = 0;

	while (w->start != w->end && done < arg->nr) {
		w->room = min_t(u64, arg->nr - done,
				FLAB_WALK_BOUNCE / sizeof(*w->entries));
		err = flab_walk_batch(w);
		if (err)
			break;
		if (hide)
			flab_walk_hide(w);
		if (copy_to_user(to + done, w->entries, w->nr * sizeof(*to))) {
			err = -EFAULT;
			break;
		}
		done += w->nr;
	}
	arg->nr = done;
	return err;
}

/**
 * flab_walk_ioctl - FAULTLAB_IOC_WALK
 * @arg: checked for size only; nr, next and resume are written
 *
 * Return: 0, or the errno that uapi/linux/faultlab.h documents.
 */
int flab_walk_ioctl(struct faultlab_walk *arg)
{
	struct flab_walk w = { .flags = arg->flags };
	int err;

	if ((arg->flags & ~(FAULTLAB_WALK_TABLES | FAULTLAB_WALK_HOLES)) ||
	    (arg->resume & ~(u32)GENMASK(FAULTLAB_LEVEL_PGD, 0)) ||
	    arg->pid < 0 || arg->start >= arg->end || !arg->nr ||
	    arg->nr > U64_MAX / sizeof(*w.entries))
		return -EINVAL;

	w.mm = flab_walk_target(arg->pid);
	if (IS_ERR(w.mm))
		return PTR_ERR(w.mm);
	err = -ENOMEM;
	w.entries = kmalloc(FLAB_WALK_BOUNCE, GFP_KERNEL_ACCOUNT);
	if (!w.entries)
		goto put_mm;

	flab_walk_begin(&w, arg->start, arg->end, arg->resume);
	err = flab_walk_copy(&w, arg);
	arg->resume = flab_walk_resume(&w);
	/* What lies past the end of user space has been walked, too. */
	arg->next = w.start == w.end ? arg->end : w.start;
	kfree(w.entries);
put_mm:
	mmput(w.mm);
	return err;
}
