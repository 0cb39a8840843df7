// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sys/ioctl.h>

#include "lib/walk/resume.h"
#include "lib/space.h"

static __u64 room[1024];	/* more than any form needs for one piece */

static const __u64 least[] = {
	[FAULTLAB_WALK_ENTRIES] = 1,
	[FAULTLAB_WALK_RUNS] = 1,
	[FAULTLAB_WALK_RAW] = 514,	/* words: a table and its header */
	[FAULTLAB_WALK_COUNTS] = 1,
};

_Static_assert(ARRAY_SIZE(least) == FAULTLAB_NR_WALK_FORMS, "add the new form");

struct faultlab_walk tlib_resume_of(pid_t pid, unsigned int form)
{
	return (struct faultlab_walk) {
		.size = sizeof(struct faultlab_walk),
		.pid = pid,
		.end = TLIB_EVERYWHERE,
		.entries = (uintptr_t)room,
		.form = form,
	};
}

int tlib_resume_next(int fd, struct faultlab_walk *walk)
{
	walk->nr = least[walk->form];
	if (ioctl(fd, FAULTLAB_IOC_WALK, walk))
		return -errno;
	walk->start = walk->next;
	return walk->next == walk->end ? -ENODATA : 0;
}
