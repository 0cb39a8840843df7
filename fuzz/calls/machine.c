// SPDX-License-Identifier: GPL-2.0-only
/* What the rest of the machine does to memory meanwhile, and limits that shrink. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/calls/call.h"

#define PARAMETERS	"/sys/module/faultlab/parameters/"

/* Newer than the C library's headers may be. */
#ifndef MADV_HWPOISON
#define MADV_HWPOISON		100
#endif
#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE	101
#endif

/* @back: what is written right after, since all other programs would have it, too. */
static const struct {
	const char *path, *text, *back;
} pokes[] = {
	{ "/proc/sys/vm/compact_memory", "1" },
	{ "/proc/sys/vm/drop_caches", "5" },
	{ "/proc/sys/vm/drop_caches", "6" },
	{ "/proc/self/clear_refs", "1" },
	{ "/proc/self/clear_refs", "4" },
	{ PARAMETERS "max_total_pages", "64", FUZZ_MAX_TOTAL },
	{ PARAMETERS "max_pages", "512", FUZZ_MAX_PAGES },
};

static long poke(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	long ret;

	if (fd < 0)
		return -errno;
	ret = fuzz_result(write(fd, text, strlen(text)));
	close(fd);
	return ret;
}

static long call_poke(struct fuzz_world *w, const __u64 *a)
{
	const unsigned int i = a[0] % ARRAY_SIZE(pokes);
	long ret = poke(pokes[i].path, pokes[i].text);

	(void)w;
	if (pokes[i].back) {
		usleep(2000);
		poke(pokes[i].path, pokes[i].back);
	}
	return ret;
}

/*
 * By its frame, memory that get_user_pages() refuses can be broken, too. Only what this
 * process maps: the frame is looked up in its page tables, when all that takes long is done.
 */
static long offline_frame(struct fuzz_world *w, char *at)
{
	int fd = open("/sys/devices/system/memory/hard_offline_page", O_WRONLY | O_CLOEXEC);
	struct faultlab_walk_entry entry;
	char text[24];
	long ret;

	if (fd < 0)
		return -errno;
	ret = faultlab_walk_page(w->shared, 0, at, &entry);
	if (!ret && !(entry.flags & FAULTLAB_PTE_LEAF))
		ret = -EFAULT;
	if (!ret) {
		snprintf(text, sizeof(text), "0x%llx",
			 entry.pfn * w->page + (uintptr_t)at - entry.addr);
		ret = fuzz_result(write(fd, text, strlen(text)));
	}
	close(fd);
	return ret;
}

/*
 * Each page is gone until the next boot, so this is rare; a program breaks few of them.
 * What can be written is no page that others use, as the zero page.
 */
static long call_poison(struct fuzz_world *w, const __u64 *a)
{
	char *at = fuzz_at(w, a[0], a[1]);

	if (faultlab_touch_write(at, w->byte, NULL))
		return -EFAULT;
	switch (a[2] % 4) {
	case 0:
		/* Another lane may free the frame after it was looked up, and anybody get it. */
		return w->lanes > 1 ? -EBUSY : offline_frame(w, at);
	case 1:
		return fuzz_result(madvise(at, w->page, MADV_HWPOISON));
	default:
		return fuzz_result(madvise(at, w->page, MADV_SOFT_OFFLINE));
	}
}

/*
 * A block of memory goes offline, which moves its pages elsewhere, and comes back. If the
 * program is killed meanwhile, it comes back at the end of the round (fuzz.c).
 */
static long call_offline(struct fuzz_world *w, const __u64 *a)
{
	char path[64];
	long err;

	(void)w;
	snprintf(path, sizeof(path), "/sys/devices/system/memory/memory%llu/state",
		 a[0] % FUZZ_BLOCKS);
	err = poke(path, "offline");
	poke(path, "online");
	return err;
}

/* Anonymous memory of some MiB, written and freed: reclaim and other orders of pages. */
static long call_pressure(struct fuzz_world *w, const __u64 *a)
{
	const size_t bytes = (1 + a[0] % 16) << 20;
	char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	if (at == MAP_FAILED)
		return -errno;
	for (i = 0; i < bytes; i += w->page)
		at[i] = 1;
	munmap(at, bytes);
	return 0;
}

/* Names of @pokes, by number. */
static const struct fuzz_word poke_words[] = {
	{ "compact", 0 }, { "drop_pages", 1 }, { "drop_slabs", 2 }, { "clear_refs", 3 },
	{ "clear_soft_dirty", 4 }, { "total_few", 5 }, { "pages_few", 6 },
};

_Static_assert(ARRAY_SIZE(pokes) == ARRAY_SIZE(poke_words), "a name for each");

static const struct fuzz_call calls[] = {
	{ "poke", 6, 0, call_poke,
	  { { "what", FUZZ_ONE, FUZZ_WORDS(poke_words) } } },
	{ "poison", 2, FUZZ_ALONE | FUZZ_BREAKS, call_poison,
	  { { "map", FUZZ_MAP }, { "at", FUZZ_PAGE }, { "how", FUZZ_SMALL } } },
	{ "offline", 1, 0, call_offline, { { "block", FUZZ_NUMBER } } },
	{ "pressure", 2, 0, call_pressure, { { "mib", FUZZ_SMALL } } },
};

FUZZ_CALLS(machine);
