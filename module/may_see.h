/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a task may see PFNs, kernel addresses, or what other tasks do. */
#ifndef FLAB_MAY_SEE_H
#define FLAB_MAY_SEE_H

#include <linux/types.h>

struct file;

/**
 * enum flab_secret - data that needs CAP_SYS_ADMIN
 * @FLAB_SECRET_TASKS: about other tasks: their page tables, where their VMAs are, each
 *	of their faults and how long it took
 * @FLAB_SECRET_KERNEL: PFNs, raw page-table entries, contents of struct page, the kernel
 *	half of the page tables, addresses in kernel stacks. Secret even if they belong to
 *	the caller's own task
 */
enum flab_secret {
	FLAB_SECRET_TASKS,
	FLAB_SECRET_KERNEL,
};

bool flab_may_see(const struct file *file, enum flab_secret secret);

#endif /* FLAB_MAY_SEE_H */
