/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Access paths that can be called in a loop: from user mode, and by the kernel
 * in a system call. None of them ends the process or blocks. They return no result.
 */
#ifndef TLIB_KERNEL_MODE_H
#define TLIB_KERNEL_MODE_H

#include <faultlab_memory.h>
#include "lib/tlib.h"

/* What an access needs, for one thread. */
struct tlib_tools {
	int zero;		/* /dev/zero */
	int full[2];		/* a pipe: written to, then read */
	char *page;		/* a page of the thread's own memory */
	__u32 word;		/* a futex that nobody waits for */
};

int tlib_tools_get(struct tlib_tools *tools);

/**
 * struct tlib_touch_path - an access path
 * @name: for messages
 * @touch: makes the access
 * @kernel: in kernel mode: the fault has no FAULT_FLAG_USER
 * @copies: by copy_to_user() or the like, which does not reschedule between two faults
 * @write: the fault is a write fault
 * @pins: by get_user_pages(), which refuses VM_PFNMAP
 * @value: the first byte after a write to a page of zeros; 0: do not check it
 */
struct tlib_touch_path {
	const char *name;
	void (*touch)(struct tlib_tools *tools, char *at);
	bool kernel;
	bool copies;
	bool write;
	bool pins;
	__u8 value;
};

extern const struct tlib_touch_path tlib_touch_paths[];
extern const unsigned int tlib_nr_touch_paths;

/* Whether the access calls the module's fault handler in a region of this sort of memory. */
bool tlib_touch_path_faults(const struct tlib_touch_path *path,
			    const struct faultlab_memory *memory);

#endif /* TLIB_KERNEL_MODE_H */
