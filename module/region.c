// SPDX-License-Identifier: GPL-2.0-only
/* Regions: from open to release, what they are told to be, and what they counted. */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include "debugfs.h"
#include "kind.h"
#include "pages.h"
#include "phys.h"
#include "region.h"
#include "wait.h"

#define FLAB_FS_MAGIC 0x666c6162 /* "flab" */

static ulong flab_max_pages = 1UL << 18;
module_param_named(max_pages, flab_max_pages, ulong, 0644);
MODULE_PARM_DESC(max_pages, "pages that one region may span (default 262144)");

/* By enum faultlab_kind. */
static const struct flab_kind * const flab_kinds[] = {
	[FAULTLAB_KIND_PAGE] = &flab_kind_page,
	[FAULTLAB_KIND_PFN] = &flab_kind_pfn,
};

/* All regions by id; the lock also covers @flab_ended. */
static DEFINE_XARRAY_ALLOC1(flab_regions);
static DEFINE_MUTEX(flab_regions_lock);
static u32 flab_next_id;
static struct flab_cell flab_ended;	/* counted by regions that are gone */

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
 * flab_region_create - a region in its default form: page-backed, growing
 *
 * Return: the region, known to debugfs, or an ERR_PTR.
 */
struct flab_region *flab_region_create(void)
{
	struct flab_region *region;
	int err;

	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return ERR_PTR(-ENOMEM);

	region->kind = flab_kinds[FAULTLAB_KIND_PAGE];
	region->owner = task_tgid_nr(current);
	get_task_comm(region->comm, current);
	mutex_init(&region->lock);
	spin_lock_init(&region->maps_lock);
	INIT_LIST_HEAD(&region->maps);
	flab_pages_init(region);
	flab_wait_init(region);

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

	mutex_lock(&flab_regions_lock);
	err = xa_alloc_cyclic(&flab_regions, &region->id, region,
			      XA_LIMIT(1, S32_MAX), &flab_next_id,
			      GFP_KERNEL_ACCOUNT);
	mutex_unlock(&flab_regions_lock);
	if (err < 0)
		goto put_inode;

	flab_debugfs_add_region(region);
	return region;

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

/* All that the VMAs and the region itself counted. */
static void flab_region_sum(struct flab_region *region, struct flab_cell *sum)
{
	struct flab_map *map;

	lockdep_assert_held(&region->maps_lock);
	*sum = region->folded;
	flab_cell_add_percpu(sum, region->spare.cell);
	list_for_each_entry(map, &region->maps, node)
		flab_cell_add_percpu(sum, map->cell);
}

/**
 * flab_region_destroy - end a region whose file is gone, and so all its VMAs
 * @region: the region
 */
void flab_region_destroy(struct flab_region *region)
{
	flab_debugfs_remove_region(region);

	mutex_lock(&flab_regions_lock);
	xa_erase(&flab_regions, region->id);
	flab_cell_add(&flab_ended, &region->folded);
	flab_cell_add_percpu(&flab_ended, region->spare.cell);
	mutex_unlock(&flab_regions_lock);

	WARN_ON_ONCE(region->nr_vmas);
	flab_wait_exit(region);
	flab_pages_drop(region, 0, ULONG_MAX);
	xa_destroy(&region->pages);
	flab_phys_unclaim(region);
	kvfree(region->rules);
	iput(region->inode);
	free_percpu(region->spare.cell);
	percpu_free_rwsem(&region->sem);
	kfree(region);
}

static int flab_config_check(const struct faultlab_config *c)
{
	const struct flab_kind *kind;

	if (c->kind >= ARRAY_SIZE(flab_kinds) || !PAGE_ALIGNED(c->bytes))
		return -EINVAL;
	kind = flab_kinds[c->kind];
	if (c->flags & ~kind->region_flags)
		return -EINVAL;
	if (c->bytes >> PAGE_SHIFT > flab_region_max_pages())
		return -ENOSPC;
	return 0;
}

/**
 * flab_region_config - FAULTLAB_IOC_CONFIG
 * @region: the region
 * @config: what it shall be
 *
 * Return: 0, or the errno that uapi/linux/faultlab.h documents.
 */
int flab_region_config(struct flab_region *region,
		       const struct faultlab_config *config)
{
	u64 nr_pages = config->bytes >> PAGE_SHIFT;
	int err;

	err = flab_config_check(config);
	if (err)
		return err;

	err = mutex_lock_killable(&region->lock);
	if (err)
		return err;

	err = -ENODEV;
	if (READ_ONCE(region->dead))
		goto unlock;
	err = -EBUSY;
	if (region->mapped)
		goto unlock;

	flab_phys_unclaim(region);
	if (config->flags & FAULTLAB_REGION_PHYS) {
		err = flab_phys_claim(region, &nr_pages);
		if (err) {
			region->kind = flab_kinds[FAULTLAB_KIND_PAGE];
			region->flags = 0;
			goto unlock;
		}
	}

	region->kind = flab_kinds[config->kind];
	region->flags = config->flags;
	region->fixed = nr_pages;
	WRITE_ONCE(region->nr_pages, nr_pages);
	err = 0;
unlock:
	mutex_unlock(&region->lock);
	return err;
}

/**
 * flab_region_set_rules - FAULTLAB_IOC_RULE
 * @region: the region
 * @rules: checked rules
 * @nr: how many
 * @add: behind the ones that are there, else instead of them
 *
 * Return: 0, -ENODEV, -ENOSPC, -ENOMEM or -EINTR.
 */
int flab_region_set_rules(struct flab_region *region,
			  const struct flab_rule *rules, u32 nr, bool add)
{
	struct flab_rules *old, *new;
	int err;

	err = mutex_lock_killable(&region->lock);
	if (err)
		return err;

	err = -ENODEV;
	if (READ_ONCE(region->dead))
		goto unlock;

	/* Only written under region->lock, so it can be read without the sem. */
	old = region->rules;
	new = flab_rules_join(add ? old : NULL, rules, nr);
	err = PTR_ERR_OR_ZERO(new);
	if (err)
		goto unlock;

	percpu_down_write(&region->sem);
	region->rules = new;
	/* A fault that returned a page by the old rules has yet to map it. */
	flab_pages_drain(region, 0, ULONG_MAX);
	percpu_up_write(&region->sem);
	kvfree(old);
unlock:
	mutex_unlock(&region->lock);
	return err;
}

static u32 flab_region_kind_nr(const struct flab_region *region)
{
	u32 i = 0;

	while (flab_kinds[i] != region->kind)
		i++;
	return i;
}

/* FAULTLAB_IOC_INFO: everything but the size. */
void flab_region_info(struct flab_region *region, struct faultlab_info *info)
{
	mutex_lock(&region->lock);
	info->id = region->id;
	info->kind = flab_region_kind_nr(region);
	info->state = (region->mapped ? FAULTLAB_INFO_MAPPED : 0) |
		      (READ_ONCE(region->dead) ? FAULTLAB_INFO_UNPLUGGED : 0);
	info->flags = region->flags;
	info->bytes = (u64)region->nr_pages << PAGE_SHIFT;
	info->max_bytes = flab_region_max_pages() << PAGE_SHIFT;
	mutex_unlock(&region->lock);
}

/**
 * flab_region_stats - the counters of a region
 * @region: the region
 * @value: where they go, by enum faultlab_stat
 * @reset: start at 0 afterwards; a fault is in one period or the other, never
 *	lost, as nothing but @folded is written
 */
void flab_region_stats(struct flab_region *region, u64 value[FAULTLAB_NR_STATS],
		       bool reset)
{
	struct flab_cell sum;

	spin_lock(&region->maps_lock);
	flab_region_sum(region, &sum);
	if (reset)
		flab_cell_sub(&region->folded, &sum);
	value[FAULTLAB_STAT_VMAS] = region->nr_vmas;
	spin_unlock(&region->maps_lock);

	flab_cell_stats(&sum, value);
	value[FAULTLAB_STAT_REGIONS] = 1;
	value[FAULTLAB_STAT_PAGES] = atomic_long_read(&region->nr_populated);
	value[FAULTLAB_STAT_PAGES_PEAK] = atomic_long_read(&region->peak);
	if (reset)
		atomic_long_set(&region->peak, atomic_long_read(&region->nr_populated));
}

/**
 * flab_global_stats - the counters of all regions, gone ones included
 * @value: where they go, by enum faultlab_stat
 * @reset: start all of them at 0 afterwards
 */
void flab_global_stats(u64 value[FAULTLAB_NR_STATS], bool reset)
{
	u64 part[FAULTLAB_NR_STATS];
	struct flab_region *region;
	unsigned long id;
	long peak;
	int i;

	memset(value, 0, FAULTLAB_NR_STATS * sizeof(*value));
	mutex_lock(&flab_regions_lock);
	flab_cell_stats(&flab_ended, value);
	if (reset)
		memset(&flab_ended, 0, sizeof(flab_ended));
	xa_for_each(&flab_regions, id, region) {
		flab_region_stats(region, part, reset);
		for (i = 0; i < FAULTLAB_NR_STATS; i++)
			value[i] += part[i];
	}
	mutex_unlock(&flab_regions_lock);

	value[FAULTLAB_STAT_PAGES] = flab_pages_total(&peak);
	value[FAULTLAB_STAT_PAGES_PEAK] = peak;
	if (reset)
		flab_pages_reset_peak();
}

/**
 * flab_for_each_region - call a function for each region
 * @fn: the function; an error ends the loop
 * @arg: for @fn
 *
 * Return: 0 or what @fn returned.
 */
int flab_for_each_region(int (*fn)(struct flab_region *region, void *arg),
			 void *arg)
{
	struct flab_region *region;
	unsigned long id;
	int err = 0;

	mutex_lock(&flab_regions_lock);
	xa_for_each(&flab_regions, id, region) {
		err = fn(region, arg);
		if (err)
			break;
	}
	mutex_unlock(&flab_regions_lock);
	return err;
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
	xa_destroy(&flab_regions);
}
