/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resources of access paths: descriptors, buffers, another process.
 */
#ifndef FAULTLAB_MATRIX_TOOLS_H
#define FAULTLAB_MATRIX_TOOLS_H

#include <errno.h>

#include "matrix/matrix.h"

struct matrix_ring;
struct matrix_remote;

struct matrix_tools {
	size_t page;
	int node;	/* the device, on a file system that lets it be executed: O_PATH */
	pid_t target;	/* a process with this address space, stopped and traced by: */
	pid_t remote_pid;	/* one that shares nothing with it, and reaches into it */
	struct matrix_remote *remote;
	int file;	/* a file of two pages in the page cache */
	int zero;	/* /dev/zero */
	int direct;	/* a block device, O_DIRECT */
	int pipe[2];	/* O_NONBLOCK: io_uring serves it in the caller; empty between calls */
	struct matrix_ring *ring;
	char *buffer;	/* two pages of MATRIX_WRITTEN */
	char *room;	/* two pages, there */
	char *code;	/* an instruction that returns, and how many bytes to copy */
	size_t code_bytes;
};

/* 0 or -errno, after a word on stderr. */
int matrix_tools_open(struct matrix_tools *tools);
void matrix_tools_close(struct matrix_tools *tools);
/* To be called after a way has run, which leaves in the pipe what it has put there. */
void matrix_tools_drain(struct matrix_tools *tools);

/* To be called before one runs: the files that it reads have what it writes. */
void matrix_tools_refill(struct matrix_tools *tools, enum matrix_way_id way);

/* As the ways return it. */
static inline ssize_t matrix_result(ssize_t ret)
{
	return ret < 0 ? -errno : ret;
}

/* remote.c: 0 or -errno; and what the last call read */
int matrix_remote_start(struct matrix_tools *tools);
const char *matrix_remote_buffer(const struct matrix_tools *tools);

/* uring.c: NULL without io_uring */
struct matrix_ring *matrix_ring_open(void);

/* device.c: a block device for O_DIRECT, a node of the region's; or -errno */
/* The disk for O_DIRECT, whose first pages are overwritten; NULL: one in memory. */
extern const char *matrix_disk;
int matrix_direct_open(void);
int matrix_node_open(void);

#endif /* FAULTLAB_MATRIX_TOOLS_H */
