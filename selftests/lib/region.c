// SPDX-License-Identifier: GPL-2.0-only
/*
 * One-line regions and mappings, formatted text, kernel version tests: see tlib.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/tlib.h"

/*
 * MAP_BASE: far from addresses that mmap() chooses. TABLE_SPAN: bytes that one table of
 * PTEs maps.
 */
#define MAP_BASE	(1UL << 40)
#define TABLE_SPAN	(2UL << 20)

size_t tlib_page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

int tlib_region_full(const struct faultlab_config *config)
{
	int fd = faultlab_open();
	int err;

	if (fd < 0)
		return fd;
	err = faultlab_configure(fd, config);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int tlib_region(enum faultlab_kind kind, __u64 flags, size_t pages)
{
	struct faultlab_config config = {
		.kind = kind,
		.flags = flags,
		.bytes = pages * tlib_page_size(),
	};

	return tlib_region_full(&config);
}

char *tlib_map(int fd, int prot, int flags, size_t first, size_t pages)
{
	size_t bytes = pages * tlib_page_size();
	static size_t used;
	size_t from = __atomic_fetch_add(&used, (bytes / TABLE_SPAN + 2) * TABLE_SPAN,
					 __ATOMIC_RELAXED);
	char *at;

	at = mmap((char *)MAP_BASE + from, bytes, prot, flags | MAP_FIXED_NOREPLACE, fd,
		  first * tlib_page_size());
	return at == MAP_FAILED ? NULL : at;
}

char *tlib_at(char *map, size_t page)
{
	return map + page * tlib_page_size();
}

void tlib_unmap(char *at, size_t pages)
{
	munmap(at, pages * tlib_page_size());
}

void tlib_write(char *at, size_t pages)
{
	size_t i;

	for (i = 0; i < pages; i++)
		faultlab_touch_write(tlib_at(at, i), 'a' + i, NULL);
}

struct faultlab_rule tlib_rule(size_t first, size_t pages, enum faultlab_verdict verdict,
			       __u64 delay_us)
{
	return (struct faultlab_rule) {
		.offset = first * tlib_page_size(),
		.length = pages * tlib_page_size(),
		.verdict = verdict,
		.delay_us = delay_us,
	};
}

const char *tlib_text(const char *format, ...)
{
	static __thread char text[16][256];
	static __thread unsigned int next;
	char *to = text[next++ % 16];
	va_list args;

	va_start(args, format);
	vsnprintf(to, sizeof(text[0]), format, args);
	va_end(args);
	return to;
}

bool tlib_kernel_since(int major, int minor)
{
	int its_major = 0, its_minor = 0;
	struct utsname name;

	if (uname(&name) || sscanf(name.release, "%d.%d", &its_major, &its_minor) != 2)
		return false;
	return its_major > major || (its_major == major && its_minor >= minor);
}

bool tlib_kernel_has_vma_lock(void)
{
	return tlib_kernel_since(6, 4);
}

const char *tlib_delayed_ends(void)
{
	return tlib_kernel_has_vma_lock() ? "minor" : "major";
}
