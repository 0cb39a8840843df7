// SPDX-License-Identifier: GPL-2.0-only
/* Kernel memory that is charged to one process: see memcg.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/tlib.h"
#include "lib/machine/memcg.h"
#include "lib/sys.h"

static void unmount(struct tlib_memcg *m)
{
	umount(m->root);
	rmdir(m->root);
}

int tlib_memcg_enter(struct tlib_memcg *m)
{
	int err;

	snprintf(m->root, sizeof(m->root), "/tmp/flab-XXXXXX");
	if (!mkdtemp(m->root))
		return -errno;
	if (mount("cgroup2", m->root, "cgroup2", 0, NULL)) {
		rmdir(m->root);
		return -ENOENT;
	}
	if (tlib_write_text(tlib_text("%s/cgroup.subtree_control", m->root), "+memory")) {
		unmount(m);
		return -ENOENT;
	}
	snprintf(m->group, sizeof(m->group), "%s/flab-%d", m->root, getpid());
	err = mkdir(m->group, 0700) ? -errno : 0;
	err = err ?: tlib_write_text(tlib_text("%s/cgroup.procs", m->group), "0");
	if (err)
		unmount(m);
	return err;
}

void tlib_memcg_leave(struct tlib_memcg *m)
{
	tlib_write_text(tlib_text("%s/cgroup.procs", m->root), "0");
	rmdir(m->group);
	unmount(m);
}

__u64 tlib_memcg_stat(const struct tlib_memcg *m, const char *name)
{
	__u64 value = ~0ULL;
	char text[512];

	/*
	 * Reading memory.stat flushes the per-CPU counters only if much is pending
	 * (MEMCG_CHARGE_BATCH for each CPU). Reading cpu.stat always flushes all
	 * controllers' (cgroup_rstat_flush()).
	 */
	tlib_read_text(tlib_text("%s/cpu.stat", m->group), text, sizeof(text));
	tlib_read_field(tlib_text("%s/memory.stat", m->group), name, &value);
	return value;
}

__u64 tlib_memcg_pages(const struct tlib_memcg *m)
{
	return tlib_memcg_stat(m, "kernel") / tlib_page_size();
}

__u64 tlib_memcg_slack(void)
{
	return 2 * sysconf(_SC_NPROCESSORS_CONF);
}

bool tlib_memcg_settles(const struct tlib_memcg *m, __u64 pages)
{
	unsigned int i;

	for (i = 0; i < 300 && tlib_memcg_pages(m) > pages; i++)
		usleep(100 * 1000);
	return i < 300;
}
