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
	int node;	/* node of /dev/faultlab on a file system without noexec: O_PATH */
	pid_t target;	/* process that shares this address space; stopped, traced by remote_pid */
	pid_t remote_pid;	/* accesses the target's memory; has its own address space */
	struct matrix_remote *remote;
	int file;	/* a file of two pages in the page cache */
	int zero;	/* /dev/zero */
	int direct;	/* a block device, O_DIRECT */
	int pipe[2];	/* O_NONBLOCK, or io_uring would use a worker; empty between calls */
	struct io_uring ring;
	char *buffer;	/* two pages of MATRIX_WRITTEN */
	char *room;	/* two pages of scratch memory, present */
	char *code;	/* a function that only returns, of at most code_bytes */
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

/*
 * remote.c: _start() starts the remote process and returns 0 or -errno; _buffer() is what
 * its last call has read.
 */
int matrix_remote_start(struct matrix_tools *tools);
const char *matrix_remote_buffer(const struct matrix_tools *tools);

/* device.c: descriptors of a block device for O_DIRECT and of .node; -1 or -errno: failed */
/* Path of --disk, whose first pages are overwritten; NULL: a RAM disk. */
extern const char *matrix_disk;
int matrix_direct_open(void);
int matrix_node_open(void);

#endif /* FAULTLAB_MATRIX_TOOLS_H */
