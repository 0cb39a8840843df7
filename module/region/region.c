// SPDX-License-Identifier: GPL-2.0-only
/* Regions: from open to release, and what they are told to be. */
#include <linux/fs.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/nospec.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include "kind/kind.h"
#include "observe/latency.h"
#include "kind/leaf.h"
#include "memory/pages.h"
#include "memory/phys.h"
#include "observe/record.h"
#include "region/region.h"
#include "region/registry.h"
#include "fault/wait.h"

#define FLAB_FS_MAGIC 0x666c6162 /* "flab" */

static ulong flab_max_pages = 1UL << 18;
module_param_named(max_pages, flab_max_pages, ulong, 0644);
MODULE_PARM_DESC(max_pages, "pages that one region may span (default 262144)");

static const struct flab_kind * const flab_kinds[FLAB_NR_KINDS] = {
	[FAULTLAB_KIND_PAGE] = &flab_kind_page,
	[FAULTLAB_KIND_PFN] = &flab_kind_pfn,
	[FAULTLAB_KIND_REMAP] = &flab_kind_remap,
	[FAULTLAB_KIND_MIXED] = &flab_kind_mixed,
};

/* The kind of a number from user space, enum faultlab_kind or not: then NULL. */
const struct flab_kind *flab_kind(u32 nr)
{
	return nr < FLAB_NR_KINDS ? flab_kinds[array_index_nospec(nr, FLAB_NR_KINDS)] : NULL;
}

/* Only there to give each region an inode, and so an address_space, of its own. */
static struct vfsmount *flab_mnt;

/**
 * flab_region_max_pages - what one region may span
 *
 * Return: the module parameter, cut to what cannot overflow as bytes.
 */
u64 flab_region_max_pages(void)
{
	return min_t(u64, READ_ONCE(flab_max_pages), (u64)S64_MAX >> PAGE_SHIFT);
}

/**
 * flab_region_cover - let a region have at least so many pages
 * @region: the region
 * @end: how many
 *
 * A region of no fixed size grows to what is mapped of it. That is found out at
 * mmap and again at each fault, since the kernel may extend a VMA without asking
 * the driver: mremap, and an mmap next to one of the same file.
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
 * flab_region_create - a region in its default form: page-backed, growing
 *
 * Return: the region, or an ERR_PTR.
 */
struct flab_region *flab_region_create(void)
{
	struct flab_region *region;
	int err;

	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return ERR_PTR(-ENOMEM);

	region->kind = &flab_kind_page;
	region->around = 1;
	region->owner = task_tgid_nr(current);
	get_task_comm(region->comm, current);
	mutex_init(&region->lock);
	mutex_init(&region->maps_lock);
	mutex_init(&region->huge);
	INIT_LIST_HEAD(&region->maps);
	INIT_LIST_HEAD(&region->mappers);
	init_waitqueue_head(&region->readers);
	flab_pages_init(region);
	flab_wait_init(region);
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

	err = flab_registry_add(region);
	if (err)
		goto put_inode;
	err = flab_latency_adopt(region);
	if (err)
		goto remove_region;

	return region;

remove_region:
	/* Who starts to measure all regions has found it in the list meanwhile, perhaps. */
	flab_latency_release(region);
put_inode:
	iput(region->inode);
free_cell:
	free_percpu(region->spare.cell);
free_sem:
	percpu_free_rwsem(&region->sem);
free_region:
	kfree(region);
	return ERR_PTR(err);
}

/**
 * flab_region_destroy - end a region whose file is gone, and so all its VMAs
 * @region: the region
 */
void flab_region_destroy(struct flab_region *region)
{
	WARN_ON_ONCE(mapping_mapped(region->inode->i_mapping));
	flab_latency_release(region);
	flab_record_release(region);
	flab_mappers_free(region);
	flab_wait_exit(region);
	flab_pages_drop(region, 0, ULONG_MAX);
	flab_phys_unclaim(region);
	flab_rules_free(region->rules);
	iput(region->inode);
	free_percpu(region->spare.cell);
	percpu_free_rwsem(&region->sem);
	kfree(region);
}

static int flab_config_check(const struct faultlab_config *c)
{
	const struct flab_kind *kind = flab_kind(c->kind);

	if (!kind || !PAGE_ALIGNED(c->bytes))
		return -EINVAL;
	if ((c->flags & ~kind->region_flags) || c->pad)
		return -EINVAL;
	if (c->order > FLAB_MAX_ORDER ||
	    (c->order && (c->flags & FAULTLAB_REGION_PHYS)) ||
	    !IS_ALIGNED(c->bytes, PAGE_SIZE << c->order))
		return -EINVAL;
	if ((c->flags & FAULTLAB_REGION_HUGE) && (c->flags & FAULTLAB_REGION_MKWRITE))
		return -EINVAL;
	if ((c->flags & FAULTLAB_REGION_HUGE) && !FLAB_CAN_HUGE)
		return -EOPNOTSUPP;
	if (flab_leaf_has_no_open(kind, c))
		return -EOPNOTSUPP;
	if (c->around > kind->max_around || (c->around && !is_power_of_2(c->around)))
		return -EINVAL;
	if (c->cache > FAULTLAB_CACHE_UC ||
	    (c->cache && !(c->flags & FAULTLAB_REGION_PHYS)))
		return -EINVAL;
	if (c->bytes >> PAGE_SHIFT > flab_region_max_pages())
		return -ENOSPC;
	return 0;
}

/* Nobody else configures the region, or maps it, until flab_config_end(). */
static int flab_config_begin(struct flab_region *region)
{
	int err = mutex_lock_killable(&region->lock);

	if (err)
		return err;
	if (READ_ONCE(region->dead))
		err = -ENODEV;
	else if (region->mapped || region->nr_filling || region->configuring)
		err = -EBUSY;
	else
		region->configuring = true;
	mutex_unlock(&region->lock);
	return err;
}

/* Without the range of PHYS it is a region that nobody has configured. */
static void flab_config_undo(struct flab_region *region)
{
	region->kind = &flab_kind_page;
	region->flags = 0;
	region->fixed = false;
	region->cache = 0;
	region->around = 1;
	i_size_write(region->inode, 0);
	WRITE_ONCE(region->nr_pages, 0);
}

/* Where it fails, the region is as it was, if it has not lost what it was. */
static int flab_config_end(struct flab_region *region, const struct faultlab_config *config,
			   u64 nr_pages, int err)
{
	mutex_lock(&region->lock);
	region->configuring = false;
	if (!err && READ_ONCE(region->dead))
		err = -ENODEV;
	if (err) {
		if ((region->flags & FAULTLAB_REGION_PHYS) && !flab_phys_is_claimed(region))
			flab_config_undo(region);
		goto unlock;
	}

	region->kind = flab_kind(config->kind);
	region->flags = config->flags;
	region->fixed = nr_pages || (config->flags & FAULTLAB_REGION_PHYS);
	region->order = config->order;
	region->around = max(config->around, 1U);
	region->cache = config->cache;
	/* On 6.12 finish_fault() maps no PMD past it; other kinds must not get one. */
	i_size_write(region->inode, config->kind == FAULTLAB_KIND_PAGE ?
		     (loff_t)nr_pages << PAGE_SHIFT : 0);
	WRITE_ONCE(region->nr_pages, nr_pages);
unlock:
	mutex_unlock(&region->lock);
	return err;
}

/**
 * flab_region_config - FAULTLAB_IOC_CONFIG
 * @region: the region
 * @config: what it shall be
 *
 * To zero a physical range takes long, and an mmap that waited for it would block all
 * of its process; so region->lock is not held over that, and such an mmap is refused.
 *
 * Return: 0, or the errno that uapi/linux/faultlab.h documents.
 */
int flab_region_config(struct flab_region *region,
		       const struct faultlab_config *config)
{
	u64 nr_pages = config->bytes >> PAGE_SHIFT;
	int err;

	err = flab_config_check(config);
	if (!err)
		err = flab_config_begin(region);
	if (err)
		return err;
	if (config->flags & FAULTLAB_REGION_PHYS)
		err = flab_phys_claim(region, config->cache, flab_region_max_pages(),
				      &nr_pages);
	else
		flab_phys_unclaim(region);
	return flab_config_end(region, config, nr_pages, err);
}

static u32 flab_region_kind_nr(const struct flab_region *region)
{
	u32 i = 0;

	while (flab_kinds[i] != region->kind)
		i++;
	return i;
}

/* FAULTLAB_IOC_INFO: everything but the size. Return: 0 or -EINTR. */
int flab_region_info(struct flab_region *region, struct faultlab_info *info)
{
	int err = mutex_lock_killable(&region->lock);

	if (err)
		return err;
	info->id = region->id;
	info->kind = flab_region_kind_nr(region);
	info->state = (region->mapped ? FAULTLAB_INFO_MAPPED : 0) |
		      (READ_ONCE(region->dead) ? FAULTLAB_INFO_UNPLUGGED : 0);
	info->flags = region->flags;
	info->bytes = (u64)region->nr_pages << PAGE_SHIFT;
	info->max_bytes = flab_region_max_pages() << PAGE_SHIFT;
	info->order = region->order;
	info->around = region->around;
	info->cache = region->cache;
	info->pad = 0;
	mutex_unlock(&region->lock);
	return 0;
}

static int flab_fs_init_context(struct fs_context *fc)
{
	return init_pseudo(fc, FLAB_FS_MAGIC) ? 0 : -ENOMEM;
}

/* No owner: the mount lives as long as the module and must not pin it. */
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
