// SPDX-License-Identifier: GPL-2.0-only
/* /dev/faultlab: open() creates a region, read() returns its records. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uio.h>
#include "debugfs/debugfs.h"
#include "device.h"
#include "evict/mappers.h"
#include "fault/wait.h"
#include "ioctl.h"
#include "kind/kind.h"
#include "may_see.h"
#include "observe/latency.h"
#include "observe/record.h"
#include "region/region.h"
#include "region/registry.h"
#include "vma/mapping.h"

/* Create a region, add it to the registry, and start its histograms if all regions have them. */
static struct flab_region *flab_device_attach(void)
{
	struct flab_region *region = flab_region_create(flab_kind(FAULTLAB_KIND_PAGE));
	int err;

	if (IS_ERR(region))
		return region;
	flab_wait_init(region);
	err = flab_registry_add(region);
	if (err)
		goto destroy;
	err = flab_latency_adopt(region);
	if (err)
		goto release;
	return region;

release:
	/* flab_latency_start_all() may have found the region in the registry meanwhile. */
	flab_latency_release(region);
destroy:
	flab_region_destroy(region);
	return ERR_PTR(err);
}

/* flab_latency_release() removes the region from the registry, too. */
static void flab_device_detach(struct flab_region *region)
{
	flab_latency_release(region);
	flab_record_release(region);
	flab_mappers_free(region);
	flab_wait_exit(region);
	flab_region_destroy(region);
}

static int flab_open(struct inode *inode, struct file *file)
{
	struct flab_region *region = flab_device_attach();

	if (IS_ERR(region))
		return PTR_ERR(region);
	flab_debugfs_add_region(region);
	file->private_data = region;
	/*
	 * All opens of the device node share its address_space. The region gets one of
	 * its own, so that evict finds this region's mappings only.
	 */
	file->f_mapping = region->inode->i_mapping;
	/* read() supports IOCB_NOWAIT, for io_uring. Records have no file position. */
	file->f_mode |= FMODE_NOWAIT;
	return stream_open(inode, file);
}

static int flab_release(struct inode *inode, struct file *file)
{
	flab_debugfs_remove_region(file->private_data);
	flab_device_detach(file->private_data);
	return 0;
}

/* Before recording was ever started, read() returns 0 (end of file). */
static ssize_t flab_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct flab_region *region = iocb->ki_filp->private_data;
	struct flab_reader *r = flab_record_reader(region);

	if (!r)
		return iov_iter_count(to) < sizeof(struct faultlab_record) ? -EINVAL : 0;
	if (r == READ_ONCE(region->observer) && !flab_may_see(iocb->ki_filp, FLAB_SECRET_TASKS))
		return -EPERM;
	return flab_reader_read_iter(r, iocb, to);
}

/* Whether the caller may not be told when the region's file has records to read. */
static bool flab_poll_is_secret(const struct file *file, const struct flab_region *region,
				const struct flab_reader *r)
{
	return r && r == READ_ONCE(region->observer) && !flab_may_see(file, FLAB_SECRET_TASKS);
}

static __poll_t flab_poll(struct file *file, struct poll_table_struct *wait)
{
	struct flab_region *region = file->private_data;
	struct flab_reader *r;

	/*
	 * poll() would show when other tasks fault, which is a secret, too. Do not queue the
	 * caller either: edge-triggered epoll would report each wakeup.
	 */
	if (flab_poll_is_secret(file, region, flab_record_reader(region)))
		return EPOLLERR;
	/*
	 * epoll calls poll_wait() only once, perhaps before recording is started: queue
	 * on the region, whose waiters are woken when it gets a reader.
	 */
	poll_wait(file, &region->readers, wait);
	/* The file may have begun to observe meanwhile. */
	r = flab_record_reader(region);
	if (flab_poll_is_secret(file, region, r))
		return EPOLLERR;
	return r ? flab_reader_poll(r) : EPOLLIN | EPOLLRDNORM;
}

static const struct file_operations flab_fops = {
	.owner		= THIS_MODULE,
	.open		= flab_open,
	.release	= flab_release,
	.read_iter	= flab_read_iter,
	.poll		= flab_poll,
	.mmap		= flab_mmap,
	.get_unmapped_area = flab_get_unmapped_area,
	.unlocked_ioctl	= flab_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

static struct miscdevice flab_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= KBUILD_MODNAME,
	.fops	= &flab_fops,
	.mode	= 0600,
};

int flab_device_init(void)
{
	return misc_register(&flab_device);
}

void flab_device_exit(void)
{
	misc_deregister(&flab_device);
}
