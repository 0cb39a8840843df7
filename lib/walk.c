// SPDX-License-Identifier: GPL-2.0-only
/*
 * FAULTLAB_IOC_WALK as an iteration.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "faultlab.h"

/* Entries fetched at once: they live on the stack of the caller's thread. */
#define WALK_BATCH	128

int faultlab_walk_each(int fd, pid_t pid, __u64 start, __u64 end, __u32 flags,
		       faultlab_walk_fn fn, void *arg)
{
	struct faultlab_walk_entry entries[WALK_BATCH];
	struct faultlab_walk walk = {
		.size = sizeof(walk),
		.flags = flags,
		.pid = pid,
		.start = start,
		.end = end,
		.entries = (uintptr_t)entries,
	};
	__u64 i;
	int err;

	do {
		walk.nr = WALK_BATCH;
		if (ioctl(fd, FAULTLAB_IOC_WALK, &walk))
			return -errno;
		for (i = 0; i < walk.nr; i++) {
			err = fn(&entries[i], arg);
			if (err)
				return err;
		}
		/*
		 * A full buffer may leave next where it was, with resume moved
		 * on: only an empty one that does so would never end.
		 */
		if (!walk.nr && walk.next <= walk.start)
			return -EIO;
		walk.start = walk.next;
	} while (walk.start < end);
	return 0;
}

struct last_entry {
	struct faultlab_walk_entry *entry;
	bool found;
};

static int keep_last(const struct faultlab_walk_entry *entry, void *arg)
{
	struct last_entry *last = arg;

	*last->entry = *entry;
	last->found = true;
	return 0;
}

int faultlab_walk_page(int fd, pid_t pid, const void *addr,
		       struct faultlab_walk_entry *entry)
{
	struct last_entry last = { .entry = entry };
	__u64 start = (uintptr_t)addr;
	int err;

	err = faultlab_walk_each(fd, pid, start, start + 1, FAULTLAB_WALK_HOLES, keep_last,
				 &last);
	if (err)
		return err;
	return last.found ? 0 : -ENODATA;
}
