/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ways to access a page that can be called in a loop: by the processor, and by the
 * kernel on behalf of a system call. None of them ends the process or blocks; what
 * they return is of no interest.
 */
#ifndef FLAB_KERNEL_MODE_H
#define FLAB_KERNEL_MODE_H

#include <faultlab_memory.h>
#include "flab.h"

/* What an access needs, for one thread. */
struct flab_tools {
	int zero;		/* /dev/zero */
	int full[2];		/* a pipe, for what is written into it and read again */
	char *page;		/* of the thread's own memory */
	__u32 word;		/* a futex that nobody waits for */
};

int flab_tools_get(struct flab_tools *tools);

/**
 * struct flab_touch_way - a way to access a page
 * @name: for messages
 * @touch: makes the access
 * @kernel: in kernel mode: the fault has no FAULT_FLAG_USER
 * @copies: by a copy to or from the user, in which nothing reschedules between two faults
 * @write: a fault is one for writing
 * @pins: by get_user_pages(), which refuses VM_PFNMAP
 * @value: the first byte after a write to a page of zeros; 0 if it does not tell
 */
struct flab_touch_way {
	const char *name;
	void (*touch)(struct flab_tools *tools, char *at);
	bool kernel;
	bool copies;
	bool write;
	bool pins;
	__u8 value;
};

extern const struct flab_touch_way flab_touch_ways[];
extern const unsigned int flab_nr_touch_ways;

/* Whether the access makes the handler of such memory be asked. */
bool flab_touch_way_faults(const struct flab_touch_way *way,
			   const struct faultlab_memory *memory);

#endif /* FLAB_KERNEL_MODE_H */
