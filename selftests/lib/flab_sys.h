/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine under the tests: files below /proc and /sys, module parameters,
 * privileges, and waiting for other tasks.
 */
#ifndef FLAB_SYS_H
#define FLAB_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "faultlab.h"

#define FLAB_PARAMETERS	"/sys/module/faultlab/parameters/"
#define FLAB_TEXT_MAX	16384

/* FAULTLAB_TIER is "full": the long form of heavy tests; "debug": the slow kernel. */
bool flab_full(void);
bool flab_debug(void);
unsigned long flab_scale(unsigned long brief, unsigned long full);

/* Drop the page cache and compact memory, so that large pages are free. */
int flab_compact(void);

/* Read a whole file, without its last newline. Bytes, or -errno. */
ssize_t flab_read_text(const char *path, char *text, size_t size);
int flab_write_text(const char *path, const char *text);

/* The number behind a name at the start of a line: "MemFree:", "pgfault". */
int flab_read_field(const char *path, const char *name, __u64 *value);
int flab_read_number(const char *path, __u64 *value);
int flab_write_number(const char *path, __u64 value);

/* All counters of a file of `name value` lines. -ENODATA if it is another file. */
int flab_read_stats(const char *path, struct faultlab_stats *stats);
int flab_region_dir(int fd, char *path, size_t size);

/* Become nobody, without any capability, for good. For a child of the test. */
int flab_become_nobody(void);

/* Fork a child that calls fn and exits with fn's result (0 to 255). */
pid_t flab_spawn(int (*fn)(void *arg), void *arg);
int flab_reap(pid_t pid);	/* its status, or -signal */

/*
 * KASAN keeps freed objects in quarantine, up to 1/32 of RAM, which looks like a leak.
 * Empty it before free memory is compared.
 */
bool flab_has_kasan(void);
void flab_empty_quarantine(void);

/* Load a module of the running kernel, from /lib/modules or build/. 0 or -ENOENT. */
int flab_modprobe(const char *name);

/*
 * A new, zeroed disk in memory (zram), for O_DIRECT or swap. path: its device node.
 * 0, or -ENOENT without CONFIG_ZRAM. It can be removed once it is no longer open.
 */
int flab_disk_add(char *path, size_t size, const char *bytes);
void flab_disk_remove(const char *path);

#endif /* FLAB_SYS_H */
