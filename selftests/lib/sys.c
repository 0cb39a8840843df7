// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys.h"

#define NOBODY 65534

int tlib_compact(void)
{
	return tlib_write_text("/proc/sys/vm/drop_caches", "3") ?:
	       tlib_write_text("/proc/sys/vm/compact_memory", "1");
}

ssize_t tlib_read_text(const char *path, char *text, size_t size)
{
	size_t used = 0;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		n = read(fd, text + used, size - 1 - used);
		if (n > 0)
			used += n;
	} while (n > 0 && used < size - 1);
	if (n < 0)
		used = 0;
	n = n < 0 ? -errno : (ssize_t)used;
	close(fd);
	if (used && text[used - 1] == '\n')
		used--;
	text[used] = '\0';
	return n;
}

int tlib_write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static const char *find_line(const char *text, const char *name)
{
	size_t len = strlen(name);

	while (text) {
		if (!strncmp(text, name, len) && strchr(" \t", text[len]))
			return text + len;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

int tlib_read_field(const char *path, const char *name, __u64 *value)
{
	char text[TLIB_TEXT_MAX];
	ssize_t n = tlib_read_text(path, text, sizeof(text));
	const char *at;

	if (n < 0)
		return n;
	at = find_line(text, name);
	if (!at)
		return -ENODATA;
	*value = strtoull(at, NULL, 10);
	return 0;
}

int tlib_read_number(const char *path, __u64 *value)
{
	char text[64];
	ssize_t n = tlib_read_text(path, text, sizeof(text));

	if (n < 0)
		return n;
	*value = strtoull(text, NULL, 10);
	return 0;
}

int tlib_write_number(const char *path, __u64 value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", value);
	return tlib_write_text(path, text);
}

int tlib_read_stats(const char *path, struct faultlab_stats *stats)
{
	char text[TLIB_TEXT_MAX];
	ssize_t n = tlib_read_text(path, text, sizeof(text));
	const char *at = text;
	unsigned int i;
	char name[32];
	int used;

	if (n < 0)
		return n;
	for (i = 0; i < FAULTLAB_NR_STATS; i++, at += used)
		if (sscanf(at, "%31s %llu%n", name, &stats->value[i], &used) != 2 ||
		    strcmp(name, faultlab_stat_name(i)))
			return -ENODATA;
	return *at ? -ENODATA : 0;
}

__u64 tlib_all_pages(void)
{
	struct faultlab_stats stats;

	return tlib_read_stats(TLIB_STATS, &stats) ? ~0ULL : stats.value[FAULTLAB_STAT_PAGES];
}

int tlib_region_dir(int fd, char *path, size_t size)
{
	struct faultlab_info info;
	int err = faultlab_info(fd, &info);

	if (!err)
		snprintf(path, size, FAULTLAB_DEBUGFS "/region/%u", info.id);
	return err;
}

int tlib_become_nobody(void)
{
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return -errno;
	return 0;
}

pid_t tlib_spawn(int (*fn)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (!pid)
		_exit(fn(arg));
	return pid;
}

int tlib_reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -ECHILD;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Remember modules that were not found: on a slow machine a search takes seconds. */
int tlib_modprobe(const char *name)
{
	char missing[64], command[128];

	snprintf(missing, sizeof(missing), "/run/flab-no-%s", name);
	if (!access(missing, F_OK))
		return -ENOENT;
	snprintf(command, sizeof(command), "modprobe -q %s 2>/dev/null", name);
	if (!system(command))
		return 0;
	snprintf(command, sizeof(command),
		 "modprobe -q -d build/kernels/*/lib/modules/$(uname -r)/../../.. %s 2>/dev/null",
		 name);
	if (!system(command))
		return 0;
	close(open(missing, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	return -ENOENT;
}

int tlib_insmod(const char *name)
{
	char command[512];

	snprintf(command, sizeof(command), "insmod $(dirname %s)/selftests/module/%s.ko",
		 getenv("FAULTLAB_KO") ?: "$(scripts/vm-load --print)", name);
	return system(command) ? -ENOENT : 0;
}

/*
 * KASAN is recognised by stackdepot's statistics. Stack depot has pools only if something
 * uses it, and by default only KASAN does.
 */
bool tlib_has_kasan(void)
{
	__u64 pools = 0;

	tlib_read_field("/sys/kernel/debug/stackdepot/stats", "pools:", &pools);
	return pools;
}

/* Shrinking a slab cache removes its objects from KASAN's quarantine. */
void tlib_empty_quarantine(void)
{
	glob_t found;
	size_t i;

	if (!tlib_has_kasan() || glob("/sys/kernel/slab/*/shrink", 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		tlib_write_text(found.gl_pathv[i], "1");
	globfree(&found);
}

#define ZRAM		"/sys/class/zram-control/"
#define ZRAM_NODE	"/dev/zram"

/* Always a new zram device: an existing one may be in use as swap. */
int tlib_disk_add(char *path, size_t size, const char *bytes)
{
	char disksize[64];
	__u64 nr = 0;

	if (access(ZRAM, F_OK) && tlib_modprobe("zram"))
		return -ENOENT;
	if (tlib_read_number(ZRAM "hot_add", &nr))
		return -ENOENT;
	snprintf(path, size, ZRAM_NODE "%llu", nr);
	snprintf(disksize, sizeof(disksize), "/sys/block/zram%llu/disksize", nr);
	return tlib_write_text(disksize, bytes);
}

void tlib_disk_remove(const char *path)
{
	tlib_write_text(ZRAM "hot_remove", path + strlen(ZRAM_NODE));
}
