/* SPDX-License-Identifier: GPL-2.0-only */
/* The files below /sys/kernel/debug/faultlab. See docs/ABI. */
#ifndef FLAB_DEBUGFS_H
#define FLAB_DEBUGFS_H

#include <linux/fs.h>

struct flab_region;

extern const struct file_operations flab_debugfs_rules_fops;
extern const struct file_operations flab_debugfs_walk_fops;
extern const struct file_operations flab_debugfs_records_fops;
extern const struct file_operations flab_debugfs_latency_fops;
extern const struct file_operations flab_debugfs_vmas_fops;
extern const struct file_operations flab_debugfs_evict_fops;
extern const struct file_operations flab_debugfs_unplug_fops;
extern const struct file_operations flab_debugfs_gate_fops;
extern const struct file_operations flab_debugfs_reset_fops;

/*
 * Call flab_debugfs_get() before using the region of a debugfs file, and
 * flab_debugfs_put() after that. get returns 0, or -EIO if the region has been released.
 * The release of a region waits for the put of each get, so the region stays valid in between.
 * It does not wait for files that are merely open. Do not copy from or to user memory
 * between get and put: that can fault and wait for ever, and so would the release.
 */
int flab_debugfs_get(const struct file *file);
void flab_debugfs_put(const struct file *file);

void flab_debugfs_add_region(struct flab_region *region);
void flab_debugfs_remove_region(struct flab_region *region);

void flab_debugfs_init(void);
void flab_debugfs_exit(void);

#endif /* FLAB_DEBUGFS_H */
