// SPDX-License-Identifier: GPL-2.0-only
/* Every sort of memory that a region can be. */
#include <errno.h>
#include <unistd.h>

#include "faultlab_memory.h"

/* A row may say again what a macro of its kind has said: the last word counts. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
const struct faultlab_memory faultlab_memories[] = {

#define FAULTLAB_MEMORY(id, text, ...) { .name = text, __VA_ARGS__ },
#include "faultlab_memories.h"
#undef FAULTLAB_MEMORY
};
#pragma GCC diagnostic pop

const unsigned int faultlab_nr_memories = FAULTLAB_NR_MEMORIES;

int faultlab_memory_open(const struct faultlab_memory *memory, __u64 bytes)
{
	const struct faultlab_config config = {
		.kind = memory->kind,
		.flags = memory->flags,
		.bytes = bytes,
		.order = memory->order,
		.around = memory->around,
		.cache = memory->cache,
	};
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
		return "this kernel has no .huge_fault for PFN mappings";
	default:
		return NULL;
	}
}
