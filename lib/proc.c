// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads what /proc shows of an address or a PFN.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "faultlab.h"
#include "pagemap.h"

#define PROC_PATH_MAX	48

static void proc_path(char *path, pid_t pid, const char *name)
{
	if (pid)
		snprintf(path, PROC_PATH_MAX, "/proc/%d/%s", (int)pid, name);
	else
		snprintf(path, PROC_PATH_MAX, "/proc/self/%s", name);
}

/* Read the word at an index of a file that is an array of 64-bit words. */
static int read_word(const char *path, __u64 index, __u64 *word)
{
	ssize_t n;
	int err = 0;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = pread(fd, word, sizeof(*word), index * sizeof(*word));
	if (n < 0)
		err = -errno;
	else if (n != sizeof(*word))
		err = -ENODATA;
	close(fd);
	return err;
}

int faultlab_pagemap(pid_t pid, const void *addr, struct faultlab_pagemap *map)
{
	char path[PROC_PATH_MAX];
	__u64 word;
	int err;

	proc_path(path, pid, "pagemap");
	err = read_word(path, (uintptr_t)addr / sysconf(_SC_PAGESIZE), &word);
	if (err)
		return err;
	*map = (struct faultlab_pagemap){
		.present = word & PM_PRESENT,
		.swapped = word & PM_SWAP,
		.file = word & PM_FILE,
		.exclusive = word & PM_EXCLUSIVE,
		.soft_dirty = word & PM_SOFT_DIRTY,
		.uffd_wp = word & PM_UFFD_WP,
		.pfn = word & PM_PRESENT ? word & PM_PFN : 0,
	};
	return 0;
}

int faultlab_kpageflags(__u64 pfn, __u64 *flags)
{
	return read_word("/proc/kpageflags", pfn, flags);
}

int faultlab_kpagecount(__u64 pfn, __u64 *count)
{
	return read_word("/proc/kpagecount", pfn, count);
}

static bool parse_vma(const char *line, struct faultlab_vma *vma)
{
	if (sscanf(line, "%llx-%llx %4s %llx", &vma->start, &vma->end,
		   vma->perms, &vma->offset) != 4)
		return false;
	snprintf(vma->line, sizeof(vma->line), "%.*s", (int)strcspn(line, "\n"), line);
	return true;
}

int faultlab_vma_each(pid_t pid, faultlab_vma_fn fn, void *arg)
{
	struct faultlab_vma vma;
	char path[PROC_PATH_MAX];
	char line[4096 + 128];
	FILE *maps;
	int err = 0;

	proc_path(path, pid, "maps");
	maps = fopen(path, "re");
	if (!maps)
		return -errno;
	while (!err && fgets(line, sizeof(line), maps))
		if (parse_vma(line, &vma))
			err = fn(&vma, arg);
	fclose(maps);
	return err;
}

struct sought {
	__u64 addr;
	struct faultlab_vma *vma;
};

#define FOUND	1

static int is_sought(const struct faultlab_vma *vma, void *arg)
{
	struct sought *sought = arg;

	if (sought->addr < vma->start || sought->addr >= vma->end)
		return 0;
	*sought->vma = *vma;
	return FOUND;
}

int faultlab_vma(pid_t pid, const void *addr, struct faultlab_vma *vma)
{
	struct sought sought = { (uintptr_t)addr, vma };
	int err = faultlab_vma_each(pid, is_sought, &sought);

	if (err < 0)
		return err;
	return err == FOUND ? 0 : -ENOENT;
}
