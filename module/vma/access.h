/* SPDX-License-Identifier: GPL-2.0-only */
/* ptrace where GUP is refused. */
#ifndef FLAB_ACCESS_H
#define FLAB_ACCESS_H

#include <linux/mm_types.h>

int flab_vm_access(struct vm_area_struct *vma, unsigned long addr, void *buf,
		   int len, int write);

#endif /* FLAB_ACCESS_H */
