/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A `faultlab record` beside the test, which ends when the test says so.
 */
#ifndef FLAB_RECORDER_H
#define FLAB_RECORDER_H

#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

struct flab_recorder {
	pid_t pid;
	int to, from;	/* the command that it runs, and what both print */
};

/* Records one region to a file, from when it returns: 0 or -errno. */
int flab_recorder_start(struct flab_recorder *recorder, const char *file, __u32 region);

/* Its exit status, or -signal; and what it printed last. */
int flab_recorder_end(struct flab_recorder *recorder, char *text, size_t size);

#endif /* FLAB_RECORDER_H */
