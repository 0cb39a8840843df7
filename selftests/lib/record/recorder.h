/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A `faultlab record` that runs beside the test until the test ends it.
 */
#ifndef TLIB_RECORDER_H
#define TLIB_RECORDER_H

#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

struct tlib_recorder {
	pid_t pid;
	int to, from;	/* pipes: the command's input; the output of record and the command */
};

/* When it returns, the region is being recorded to the file. 0 or -errno. */
int tlib_recorder_start(struct tlib_recorder *recorder, const char *file, __u32 region);

/* End the recorder. Returns its exit status, or -signal; text: its last output. */
int tlib_recorder_end(struct tlib_recorder *recorder, char *text, size_t size);

#endif /* TLIB_RECORDER_H */
