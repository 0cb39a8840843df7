/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine under the tests: files below /proc and /sys, module parameters,
 * privileges, and waiting for other tasks.
 */
#ifndef TLIB_SYS_H
#define TLIB_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "faultlab.h"
#include "lib/tier.h"

#define TLIB_PARAMETERS	"/sys/module/faultlab/parameters/"
#define TLIB_MAX_TOTAL	TLIB_PARAMETERS "max_total_pages"
#define TLIB_STATS	FAULTLAB_DEBUGFS "/stats"
#define TLIB_TEXT_MAX	16384

/* Drop the page cache and compact memory, so that large pages are free. */
int tlib_compact(void);

/* Read a whole file, without its last newline. Bytes, or -errno. */
ssize_t tlib_read_text(const char *path, char *text, size_t size);
int tlib_write_text(const char *path, const char *text);

/* The number behind a name at the start of a line: "MemFree:", "pgfault". */
int tlib_read_field(const char *path, const char *name, __u64 *value);
int tlib_read_number(const char *path, __u64 *value);
int tlib_write_number(const char *path, __u64 value);

/*
 * Read all counters from a file of `name value` lines. -ENODATA if the file does not have
 * exactly the counters of faultlab_stats.h, in their order.
 */
int tlib_read_stats(const char *path, struct faultlab_stats *stats);
__u64 tlib_all_pages(void);	/* the pages of all regions, or ~0 */
int tlib_region_dir(int fd, char *path, size_t size);

/* Become user nobody without any capability, irrevocably: call it in a child of the test. */
int tlib_become_nobody(void);

/* Fork a child that calls fn and exits with fn's result (0 to 255). */
pid_t tlib_spawn(int (*fn)(void *arg), void *arg);
int tlib_reap(pid_t pid);	/* its status, or -signal */

/*
 * KASAN keeps freed objects in quarantine, up to 1/32 of RAM, which looks like a leak.
 * Empty it before free memory is compared.
 */
bool tlib_has_kasan(void);
void tlib_empty_quarantine(void);

/* Load a module of the running kernel, from /lib/modules or build/. 0 or -ENOENT. */
int tlib_modprobe(const char *name);

/* Load a module of the tests (selftests/module), from beside faultlab.ko. 0 or -ENOENT. */
int tlib_insmod(const char *name);

/*
 * A new, zeroed disk in memory (zram), for O_DIRECT or swap. path: its device node.
 * 0, or -ENOENT without CONFIG_ZRAM. It can be removed once it is no longer open.
 */
int tlib_disk_add(char *path, size_t size, const char *bytes);
void tlib_disk_remove(const char *path);

#endif /* TLIB_SYS_H */
