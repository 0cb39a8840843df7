// SPDX-License-Identifier: GPL-2.0-only
/* FAULTLAB_IOC_CONFIG and INFO: kind, flags, order and size of a region. */
#include <linux/fs.h>
#include <linux/nospec.h>
#include "kind/config.h"
#include "kind/kind.h"
#include "memory/phys.h"

static const struct flab_kind * const flab_kinds[] = {
	[FAULTLAB_KIND_PAGE] = &flab_kind_page,
	[FAULTLAB_KIND_PFN] = &flab_kind_pfn,
	[FAULTLAB_KIND_REMAP] = &flab_kind_remap,
	[FAULTLAB_KIND_MIXED] = &flab_kind_mixed,
};

static_assert(ARRAY_SIZE(flab_kinds) == FAULTLAB_NR_KINDS, "add the new kind");

/* The kind of a number from user space; NULL if it is not in enum faultlab_kind. */
const struct flab_kind *flab_kind(u32 nr)
{
	if (nr >= FAULTLAB_NR_KINDS)
		return NULL;
	return flab_kinds[array_index_nospec(nr, FAULTLAB_NR_KINDS)];
}

/* The number of a kind, enum faultlab_kind. */
u32 flab_kind_nr(const struct flab_kind *kind)
{
	u32 i = 0;

	while (flab_kinds[i] != kind)
		i++;
	return i;
}

/* Until flab_config_end(), other CONFIGs and mmaps of the region fail with -EBUSY. */
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

/* The region does not own the PHYS range any more: reset it to the default configuration. */
static void flab_config_undo(struct flab_region *region)
{
	WRITE_ONCE(region->kind, &flab_kind_page);
	WRITE_ONCE(region->flags, 0);
	region->fixed = false;
	region->memory.cache = 0;
	region->memory.is_phys = false;
	region->around = 1;
	i_size_write(region->inode, 0);
	WRITE_ONCE(region->nr_pages, 0);
}

/*
 * Apply @config. If @err is set or the region is dead, leave the region as it was instead.
 * A PHYS region that has lost its range (flab_phys_claim()) cannot stay so: it is reset.
 */
static int flab_config_end(struct flab_region *region, const struct faultlab_config *config,
			   u64 nr_pages, int err)
{
	mutex_lock(&region->lock);
	region->configuring = false;
	if (!err && READ_ONCE(region->dead))
		err = -ENODEV;
	if (err) {
		if (region->memory.is_phys && !flab_phys_is_claimed(&region->memory))
			flab_config_undo(region);
		goto unlock;
	}

	WRITE_ONCE(region->kind, flab_kind(config->kind));
	WRITE_ONCE(region->flags, config->flags);
	region->fixed = nr_pages || (config->flags & FAULTLAB_REGION_PHYS);
	WRITE_ONCE(region->memory.order, config->order);
	region->around = max(config->around, 1U);
	region->memory.cache = config->cache;
	region->memory.is_phys = config->flags & FAULTLAB_REGION_PHYS;
	/*
	 * finish_fault() of 6.12 maps no folio that reaches past i_size by a PMD leaf. Kind page
	 * needs the real size; 0 keeps other kinds from such leaves, which they must not have.
	 */
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
 * @config: the new configuration, which faultlab_config_check() has accepted
 *
 * Zeroing a physical range takes long. An mmap that waited for it would block its whole
 * process, since it holds mmap_lock. So region->lock is not held meanwhile, and an mmap
 * in that time fails with EBUSY.
 *
 * Return: 0, or the errno that uapi/linux/faultlab.h documents.
 */
int flab_region_config(struct flab_region *region,
		       const struct faultlab_config *config)
{
	u64 nr_pages = config->bytes >> PAGE_SHIFT;
	int err;

	err = flab_config_begin(region);
	if (err)
		return err;
	if (config->flags & FAULTLAB_REGION_PHYS)
		err = flab_phys_claim(&region->memory, config->cache, flab_region_max_pages(),
				      &nr_pages);
	else
		flab_phys_unclaim(&region->memory);
	return flab_config_end(region, config, nr_pages, err);
}

/* FAULTLAB_IOC_INFO: fill in all but @info->size. Return: 0 or -EINTR. */
int flab_region_info(struct flab_region *region, struct faultlab_info *info)
{
	int err = mutex_lock_killable(&region->lock);

	if (err)
		return err;
	info->id = region->id;
	info->kind = flab_kind_nr(region->kind);
	info->state = (region->mapped ? FAULTLAB_INFO_MAPPED : 0) |
		      (READ_ONCE(region->dead) ? FAULTLAB_INFO_UNPLUGGED : 0);
	info->flags = region->flags;
	/* A fault can grow the region without region->lock. */
	info->bytes = (u64)READ_ONCE(region->nr_pages) << PAGE_SHIFT;
	info->max_bytes = flab_region_max_pages() << PAGE_SHIFT;
	info->order = region->memory.order;
	info->around = region->around;
	info->cache = region->memory.cache;
	info->pad = 0;
	mutex_unlock(&region->lock);
	return 0;
}
