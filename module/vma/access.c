// SPDX-License-Identifier: GPL-2.0-only
/*
 * .access: how ptrace and /proc/PID/mem reach memory that GUP refuses: VM_PFNMAP, and
 * special entries in VM_MIXEDMAP. This is no fault, so no rule is matched.
 */
#include <linux/mm.h>
#include "kind/kind.h"
#include "memory/pages.h"
#include "vma/access.h"

/**
 * flab_vm_access - read or write a mapping on behalf of another task
 * @vma: the mapping
 * @addr: user address in @vma
 * @buf: kernel memory
 * @len: bytes; can reach past the end of @vma, as __access_remote_vm() does not limit it
 * @write: write to the mapping
 *
 * Return: bytes copied, or an errno if there were none.
 */
int flab_vm_access(struct vm_area_struct *vma, unsigned long addr, void *buf,
		   int len, int write)
{
	struct flab_counters *counters = vma->vm_private_data;
	struct flab_region *region = counters->region;
	loff_t offset = ((loff_t)vma->vm_pgoff << PAGE_SHIFT) + addr - vma->vm_start;
	int done = 0, err = 0;

	/*
	 * __access_remote_vm() calls this after GUP failed. If the mapping has normal
	 * pages, GUP can reach them and failed for another reason: fail, too. A CoW
	 * mapping has normal pages (see kind/mixed.c).
	 */
	if (!region->kind->special || is_cow_mapping(vma->vm_flags) ||
	    (write && !(vma->vm_flags & VM_WRITE)))
		return -EFAULT;
	len = min_t(unsigned long, len, vma->vm_end - addr);

	percpu_down_read(&region->sem);
	while (done < len) {
		size_t part = min_t(size_t, len - done, PAGE_SIZE - offset_in_page(offset));

		err = -EFAULT;
		if (region->dead || offset >> PAGE_SHIFT >= READ_ONCE(region->nr_pages))
			break;
		err = flab_page_copy(&region->memory, vma->vm_mm, offset, buf + done, part, write);
		if (err)
			break;
		done += part;
		offset += part;
	}
	percpu_up_read(&region->sem);

	this_cpu_inc(counters->cell->access);
	return done ?: err;
}
