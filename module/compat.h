/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between kernels, and nothing else. The module is written for
 * the newest interface; Kbuild finds out what the headers at hand lack.
 * Force-included, so no other file tests for a kernel.
 */
#ifndef FLAB_COMPAT_H
#define FLAB_COMPAT_H

#undef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/pgtable.h>

#ifndef FAULTLAB_HAVE_RELEASE_FAULT_LOCK
/* Before 6.4 there was no lock of the VMA's own: a fault holds mmap_lock. */
static inline void release_fault_lock(struct vm_fault *vmf)
{
	mmap_read_unlock(vmf->vma->vm_mm);
}

#define FAULT_FLAG_VMA_LOCK	0
#endif

#ifndef FAULTLAB_HAVE_VM_FLAGS_SET
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

#ifndef FAULTLAB_HAVE_PMDP_GET_LOCKLESS
#define pmdp_get_lockless(pmdp)	READ_ONCE(*(pmdp))
#endif

#endif /* FLAB_COMPAT_H */
