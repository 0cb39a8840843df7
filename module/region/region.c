// SPDX-License-Identifier: GPL-2.0-only
/* Creates a region at open() and frees it at release. */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include "memory/pages.h"
#include "memory/phys.h"
#include "param.h"
#include "region/region.h"

#define FLAB_FS_MAGIC 0x666c6162 /* "flab" */

static ulong flab_max_pages = 1UL << 18;
module_param_named(max_pages, flab_max_pages, ulong, 0644);
MODULE_PARM_DESC(max_pages, "pages that one region may span (default 262144)");

/* Gives each region its own inode, and so its own address_space. */
static struct vfsmount *flab_mnt;

/**
 * flab_region_max_pages - the largest size of a region, in pages
 *
 * Return: the module parameter max_pages, limited so that the size in bytes fits in s64.
 */
u64 flab_region_max_pages(void)
{
	return min_t(u64, flab_param(flab_max_pages), (u64)S64_MAX >> PAGE_SHIFT);
}

/**
 * flab_region_cover - grow a region to at least @end pages
 * @region: the region
 * @end: number of pages
 *
 * A region without a fixed size grows to cover its mappings. This is checked at mmap
 * and again at each fault, since the kernel may extend a VMA without asking the driver:
 * by mremap(), or by merging it with an adjacent mmap of the same file.
 *
 * Return: 0, or -ENOMEM past a fixed size or past max_pages.
 */
int flab_region_cover(struct flab_region *region, pgoff_t end)
{
	pgoff_t now = READ_ONCE(region->nr_pages);

	while (end > now) {
		if (region->fixed || end > flab_region_max_pages())
			return -ENOMEM;
		if (try_cmpxchg(&region->nr_pages, &now, end))
			break;
	}
	return 0;
}

/**
 * flab_region_create - create a region that grows, with the default configuration
 * @kind: its kind
 *
 * Return: the region, or an ERR_PTR.
 */
struct flab_region *flab_region_create(const struct flab_kind *kind)
{
	struct flab_region *region;
	int err;

	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return ERR_PTR(-ENOMEM);

	region->kind = kind;
	region->around = 1;
	region->owner = task_tgid_nr(current);
	get_task_comm(region->comm, current);
	mutex_init(&region->lock);
	mutex_init(&region->counters_lock);
	mutex_init(&region->huge);
	INIT_LIST_HEAD(&region->counters);
	INIT_LIST_HEAD(&region->mappers);
	init_waitqueue_head(&region->readers);
	flab_gate_init(&region->gate);

	err = percpu_init_rwsem(&region->sem);
	if (err)
		goto free_region;

	err = -ENOMEM;
	region->spare.region = region;
	region->spare.cell = alloc_percpu_gfp(struct flab_cell, GFP_KERNEL_ACCOUNT);
	if (!region->spare.cell)
		goto free_sem;

	region->inode = alloc_anon_inode(flab_mnt->mnt_sb);
	if (IS_ERR(region->inode)) {
		err = PTR_ERR(region->inode);
		goto free_cell;
	}
	flab_pages_init(&region->memory, region->inode->i_mapping);
	return region;

free_cell:
	free_percpu(region->spare.cell);
free_sem:
	percpu_free_rwsem(&region->sem);
free_region:
	kfree(region);
	return ERR_PTR(err);
}

/**
 * flab_region_destroy - free a region that has no VMA left, as its file is released
 * @region: the region. The caller has taken it out of the registry, and freed its
 *	histograms, records, mappers and pending faults
 */
void flab_region_destroy(struct flab_region *region)
{
	WARN_ON_ONCE(mapping_mapped(region->inode->i_mapping));
	flab_pages_drop(&region->memory, 0, ULONG_MAX);
	flab_phys_unclaim(&region->memory);
	flab_rules_free(region->rules);
	iput(region->inode);
	free_percpu(region->spare.cell);
	percpu_free_rwsem(&region->sem);
	kfree(region);
}

static int flab_fs_init_context(struct fs_context *fc)
{
	return init_pseudo(fc, FLAB_FS_MAGIC) ? 0 : -ENOMEM;
}

/* No .owner: kern_mount() would take a reference to the module, and rmmod would fail. */
static struct file_system_type flab_fs_type = {
	.name			= KBUILD_MODNAME,
	.init_fs_context	= flab_fs_init_context,
	.kill_sb		= kill_anon_super,
};

int flab_region_init(void)
{
	flab_mnt = kern_mount(&flab_fs_type);
	return PTR_ERR_OR_ZERO(flab_mnt);
}

void flab_region_exit(void)
{
	kern_unmount(flab_mnt);
}
