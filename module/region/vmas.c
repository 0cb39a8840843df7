// SPDX-License-Identifier: GPL-2.0-only
/* The VMAs that show a region, in all processes. */
#include <linux/fs.h>
#include <linux/mm.h>
#include "region/vmas.h"

/**
 * flab_vmas_visit - call a function for each VMA of a region, in all processes
 * @mapping: i_mapping of the region's inode; the core links VMAs in its i_mmap, where
 *	unmap_mapping_pages() finds them
 * @fn: the function; called with i_mmap_rwsem held, for which mmap and munmap wait, so
 *	it must not sleep for long
 * @arg: for @fn
 */
void flab_vmas_visit(struct address_space *mapping, flab_vma_fn fn, void *arg)
{
	struct rb_node *node;

	i_mmap_lock_read(mapping);
	for (node = rb_first(&mapping->i_mmap.rb_root); node; node = rb_next(node)) {
		fn(rb_entry(node, struct vm_area_struct, shared.rb), arg);
		cond_resched();
	}
	i_mmap_unlock_read(mapping);
}

static void flab_vma_count(const struct vm_area_struct *vma, void *arg)
{
	(*(u32 *)arg)++;
}

/* How many VMAs show a region. */
u32 flab_nr_vmas(struct address_space *mapping)
{
	u32 nr = 0;

	flab_vmas_visit(mapping, flab_vma_count, &nr);
	return nr;
}
