/* SPDX-License-Identifier: GPL-2.0-only */
/* .access: ptrace and /proc/PID/mem where GUP fails. */
#ifndef FLAB_ACCESS_H
#define FLAB_ACCESS_H

#include <linux/mm_types.h>

int flab_vm_access(struct vm_area_struct *vma, unsigned long addr, void *buf,
		   int len, int write);

#endif /* FLAB_ACCESS_H */
