// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab_memories.h as an array, and functions to open a region of one of its rows.
 */
#include <errno.h>
#include <unistd.h>

#include "faultlab_memory.h"

/* A row may override what the macro of its kind sets: the last value counts. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
const struct faultlab_memory faultlab_memories[] = {
#define FAULTLAB_MEMORY(word, text, ...) { .name = text, .id = #word, __VA_ARGS__ },
#include "faultlab_memories.h"
#undef FAULTLAB_MEMORY
};

#pragma GCC diagnostic pop

const unsigned int faultlab_nr_memories = FAULTLAB_NR_MEMORIES;

_Static_assert(FAULTLAB_NR_KINDS == 4, "add rows of the new kind to faultlab_memories.h");

#define PMD_ORDER	9

__u32 faultlab_memory_step(const struct faultlab_memory *memory)
{
	__u32 step = memory->along > 1 ? memory->along : 1;

	if (memory->leaf != FAULTLAB_LEAF_PTE)
		step = 1U << PMD_ORDER;
	if ((memory->flags & FAULTLAB_REGION_WHOLE) && step < 1U << memory->order)
		step = 1U << memory->order;
	return step;
}

struct faultlab_config faultlab_memory_config(const struct faultlab_memory *memory,
					      __u64 bytes)
{
	return (struct faultlab_config) {
		.kind = memory->kind,
		.flags = memory->flags,
		.bytes = bytes,
		.order = memory->order,
		.around = memory->around,
		.cache = memory->cache,
	};
}

int faultlab_memory_open(const struct faultlab_memory *memory, __u64 bytes)
{
	const struct faultlab_config config = faultlab_memory_config(memory, bytes);
	int fd = faultlab_open(), err;

	if (fd < 0)
		return fd;
	err = faultlab_configure(fd, &config);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

const char *faultlab_memory_lacks(int err)
{
	switch (err) {
	case -ENXIO:
		return "the module was loaded without phys=";
	case -EOPNOTSUPP:
		return "no .huge_fault of PFNs, or mremap() of PMDs races with evict (before 6.12)";
	default:
		return NULL;
	}
}
