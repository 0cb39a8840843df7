/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A walk in any form, in the smallest possible pieces.
 */
#ifndef TLIB_RESUME_H
#define TLIB_RESUME_H

#include <sys/types.h>

#include "lib/tlib.h"

/* A walk of a task's whole address space. */
struct faultlab_walk tlib_resume_of(pid_t pid, unsigned int form);

/* Walk one piece: 0, -ENODATA at the end, or the ioctl's error. */
int tlib_resume_next(int fd, struct faultlab_walk *walk);

#endif /* TLIB_RESUME_H */
