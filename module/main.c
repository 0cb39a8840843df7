// SPDX-License-Identifier: GPL-2.0-only
/* faultlab: a laboratory for page faults. Load and unload. */
#include <linux/module.h>
#include "debugfs/debugfs.h"
#include "device.h"
#include "memory/phys.h"
#include "memory/pinned.h"
#include "observe/latency.h"
#include "observe/record.h"
#include "region/region.h"
#include "walk/walk.h"

static int __init flab_init(void)
{
	int err;

	err = flab_phys_init();
	if (err)
		return err;
	err = flab_region_init();
	if (err)
		goto exit_phys;
	flab_walk_init();
	flab_walk_arch_init();
	flab_debugfs_init();
	err = flab_device_init();
	if (err)
		goto exit_debugfs;
	return 0;

exit_debugfs:
	flab_debugfs_exit();
	/* Latencies and records may have been switched on in debugfs already. */
	flab_latency_stop_all();
	flab_record_exit();
	flab_pinned_exit();
	flab_region_exit();
exit_phys:
	flab_phys_exit();
	return err;
}

static void __exit flab_exit(void)
{
	flab_device_exit();
	flab_debugfs_exit();
	flab_latency_stop_all();
	flab_record_exit();
	flab_pinned_exit();
	flab_region_exit();
	flab_phys_exit();
}

module_init(flab_init);
module_exit(flab_exit);

MODULE_DESCRIPTION("A laboratory for page faults");
MODULE_AUTHOR("The faultlab authors");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
