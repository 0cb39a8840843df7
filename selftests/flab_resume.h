/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A walk in any form, a piece of the least size at a time.
 */
#ifndef FLAB_RESUME_H
#define FLAB_RESUME_H

#include <sys/types.h>

#include "flab.h"

/* FAULTLAB_WALK_ENTRIES to FAULTLAB_WALK_COUNTS */
#define FLAB_NR_FORMS	4

/* Of all of a task, from its beginning. */
struct faultlab_walk flab_resume_of(pid_t pid, unsigned int form);

/* As far as one record goes: 0, -ENODATA at the end, or what the ioctl says. */
int flab_resume_next(int fd, struct faultlab_walk *walk);

#endif /* FLAB_RESUME_H */
