/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations whose allocations are made to fail, one after the other (fail_nth.h): all that
 * programs do with a region, and the files in debugfs.
 */
#ifndef TLIB_FAIL_OPS_H
#define TLIB_FAIL_OPS_H

#include "lib/machine/fail_nth.h"
#include "lib/memory/memory.h"

/**
 * struct tlib_fail_place - argument of the operations
 * @memory: set by the caller; the operations set the other members
 * @fd: the region, or -1
 * @other: a descriptor that only some operations need, or -1
 * @pair: sockets, or -1
 * @map: a mapping of the region, or NULL
 * @room: where mremap() moves it, or NULL
 */
struct tlib_fail_place {
	const struct faultlab_memory *memory;
	int fd;
	int other;
	int pair[2];
	char *map;
	char *room;
};

#define TLIB_NR_FAIL_OPS	56

extern const struct tlib_fail_op tlib_fail_ops[TLIB_NR_FAIL_OPS];

/* Opens a region for a place, and closes all that it has. */
int tlib_fail_open(void *arg);
void tlib_fail_close(void *arg);

#endif /* TLIB_FAIL_OPS_H */
