/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resources of access paths: descriptors, buffers, another process.
 */
#ifndef FAULTLAB_MATRIX_TOOLS_H
#define FAULTLAB_MATRIX_TOOLS_H

#include <errno.h>
#include <liburing.h>

#include "matrix/path/call.h"

struct matrix_remote;

struct matrix_tools {
	size_t page;
	int node;	/* the device, on a file system without noexec: O_PATH */
	pid_t target;	/* a process with this address space, stopped and traced by: */
	pid_t remote_pid;	/* a process that shares nothing with it, and accesses its memory */
	struct matrix_remote *remote;
	int file;	/* a file of two pages in the page cache */
	int zero;	/* /dev/zero */
	int direct;	/* a block device, O_DIRECT */
	int pipe[2];	/* O_NONBLOCK: io_uring serves it in the caller; empty between calls */
	struct io_uring ring;
	char *buffer;	/* two pages of MATRIX_WRITTEN */
	char *room;	/* scratch: two pages, present */
	char *code;	/* a function that returns; code_bytes of it are copied */
	size_t code_bytes;
};

/* 0, or EXIT_FAILED after an error was printed. */
int matrix_tools_open(struct matrix_tools *tools);
void matrix_tools_close(struct matrix_tools *tools);
/* Call it after an access path: empties the pipe that the path may have filled. */
void matrix_tools_drain(struct matrix_tools *tools);

/* Call it before an access path: refills the file or disk that the path reads. */
void matrix_tools_refill(struct matrix_tools *tools, enum matrix_path_id path);

/* Turns a system call's -1 into -errno, as access paths return it. */
static inline ssize_t matrix_result(ssize_t ret)
{
	return ret < 0 ? -errno : ret;
}

/* remote.c: starts the process, 0 or -errno; what its last call read */
int matrix_remote_start(struct matrix_tools *tools);
const char *matrix_remote_buffer(const struct matrix_tools *tools);

/* device.c: opens a block device for O_DIRECT, and a node of the device; < 0: failed */
/* Path of the disk, whose first pages are overwritten; NULL: a RAM disk. */
extern const char *matrix_disk;
int matrix_direct_open(void);
int matrix_node_open(void);

#endif /* FAULTLAB_MATRIX_TOOLS_H */
