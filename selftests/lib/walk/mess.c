// SPDX-License-Identifier: GPL-2.0-only
/*
 * An address space with memory of many sorts, to walk.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/space.h"
#include "lib/sys.h"

static char *anonymous(size_t bytes, int prot, int flags)
{
	char *mem = mmap(NULL, bytes, prot, MAP_ANONYMOUS | flags, -1, 0);

	return mem == MAP_FAILED ? NULL : mem;
}

/* Write every third page, read every fifth. */
static int touch_some(char *mem, size_t pages, bool write)
{
	size_t i;

	if (!mem)
		return -errno;
	for (i = 0; i < pages; i++) {
		if (i % 3 == 0 && write)
			faultlab_touch_write(mem + i * TLIB_PAGE, i, NULL);
		else if (i % 5 == 0)
			faultlab_touch_read(mem + i * TLIB_PAGE, NULL);
	}
	return 0;
}

static int mess_with_regions(void)
{
	int pages = tlib_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, 40);
	int pfns = tlib_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_MKWRITE, 40);
	int plain = tlib_region(FAULTLAB_KIND_PAGE, 0, 40);

	if (pages < 0 || pfns < 0 || plain < 0)
		return -ENODEV;
	return touch_some(tlib_map(pages, TLIB_RW, MAP_SHARED, 0, 40), 40, true) ?:
	       touch_some(tlib_map(pfns, TLIB_RW, MAP_SHARED, 0, 40), 40, true) ?:
	       touch_some(tlib_map(plain, TLIB_RW, MAP_PRIVATE, 0, 40), 40, true) ?:
	       touch_some(tlib_map(plain, PROT_READ, MAP_SHARED, 3, 20), 20, false);
}

static int mess_with_files(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : 0;

	if (!err)
		err = touch_some(tlib_map(fd, TLIB_RW, MAP_PRIVATE, 0, 8), 8, true);
	close(fd);
	return err ?: touch_some(anonymous(64 * TLIB_PAGE, TLIB_RW, MAP_SHARED), 64, true);
}

int tlib_make_mess(void)
{
	char *mem = anonymous(96 * TLIB_PAGE, TLIB_RW, MAP_PRIVATE);
	int err = touch_some(mem, 96, true) ?: mess_with_regions() ?: mess_with_files();
	char *far;

	if (err)
		return err;
	/* A hole, and mapped pages with PROT_NONE. */
	munmap(mem + 10 * TLIB_PAGE, 5 * TLIB_PAGE);
	mprotect(mem + 30 * TLIB_PAGE, 20 * TLIB_PAGE, PROT_NONE);
	mprotect(mem + 60 * TLIB_PAGE, 3 * TLIB_PAGE, PROT_READ | PROT_EXEC);

	far = anonymous(TLIB_PUD_SIZE, TLIB_RW, MAP_PRIVATE | MAP_NORESERVE);
	if (!far)
		return -errno;
	madvise(far, TLIB_PUD_SIZE / 2, MADV_NOHUGEPAGE);
	far[TLIB_PMD_SIZE * 3 + 77 * TLIB_PAGE] = 1;
	far[TLIB_PMD_SIZE * 100 + 511 * TLIB_PAGE] = 1;
	madvise(far + TLIB_PUD_SIZE / 2, TLIB_PUD_SIZE / 2, MADV_HUGEPAGE);
	far[TLIB_PMD_SIZE * 300] = 1;
	return 0;
}

int tlib_messy_peer(struct tlib_peer *peer)
{
	pid_t pid = tlib_peer_fork(peer);

	if (pid < 0)
		return -errno;
	if (!pid) {
		if (tlib_make_mess())
			_exit(1);
		tlib_settle();
		tlib_peer_nudge(peer);
		tlib_peer_await(peer);
		_exit(0);
	}
	return tlib_peer_await(peer);
}
