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

/* FAULTLAB_TIER=full asks for the long form of heavy tests; debug: a kernel that is slow. */
bool flab_full(void);
bool flab_debug(void);
unsigned long flab_scale(unsigned long brief, unsigned long full);

/* Drops what the page cache can do without, and makes large pages of the rest. */
int flab_compact(void);

/* A whole file, without its last newline; bytes or -errno. */
ssize_t flab_read_text(const char *path, char *text, size_t size);
int flab_write_text(const char *path, const char *text);

/* The number behind a name at the start of a line: "MemFree:", "pgfault". */
int flab_read_field(const char *path, const char *name, __u64 *value);
int flab_read_number(const char *path, __u64 *value);
int flab_write_number(const char *path, __u64 value);

/* All counts of a file of `name value` lines, or -ENODATA if it is another. */
int flab_read_stats(const char *path, struct faultlab_stats *stats);
int flab_region_dir(int fd, char *path, size_t size);

/* From here on nobody, with no capability at all. For a child of the test. */
int flab_become_nobody(void);

/* Fork a child that calls fn and ends with what it returns (0 to 255). */
pid_t flab_spawn(int (*fn)(void *arg), void *arg);
int flab_reap(pid_t pid);	/* its status, or -signal */

/*
 * KASAN keeps freed objects in quarantine, up to a 32nd of RAM: no leak, but it
 * looks like one. Let go of them, before free memory is compared.
 */
bool flab_has_kasan(void);
void flab_empty_quarantine(void);

/* A module of the kernel that runs, installed or in the build folder: 0 or -ENOENT. */
int flab_modprobe(const char *name);

/*
 * A disk in memory that nobody else has, of zeros, for O_DIRECT or as swap: its
 * path, or -ENOENT if the kernel has no CONFIG_ZRAM. One whose last descriptor is
 * closed can be given back.
 */
int flab_disk_add(char *path, size_t size, const char *bytes);
void flab_disk_remove(const char *path);

#endif /* FLAB_SYS_H */
