// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib/space.h"

#define ROOM_BYTES	(16384 * sizeof(struct faultlab_walk_entry) * 2)

const __u64 tlib_chunks[] = { 1, 2, 3, 7, 100, 1000 };

void *tlib_room(size_t bytes)
{
	void *at = mmap(NULL, bytes, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

ssize_t tlib_fetch(int fd, struct faultlab_walk walk, void *to, size_t record, __u64 nr)
{
	ssize_t done = 0;

	walk.size = sizeof(walk);
	do {
		if ((done + nr) * record > ROOM_BYTES)
			return -ENOSPC;
		walk.nr = nr;
		walk.entries = (uintptr_t)to + done * record;
		if (ioctl(fd, FAULTLAB_IOC_WALK, &walk))
			return -errno;
		if (!walk.nr && walk.next != walk.end)
			return -EPROTO;
		done += walk.nr;
		walk.start = walk.next;
	} while (walk.start != walk.end);
	return done;
}

int tlib_neighbours(void)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN, .order = 4, .bytes = 16 * TLIB_PAGE,
	};
	int fd = tlib_region_full(&config);
	char *at = fd < 0 ? NULL : tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 16);
	char *apart = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 600);

	if (!at || !apart || madvise(apart, 600 * TLIB_PAGE, MADV_NOHUGEPAGE))
		return -ENOMEM;
	for (unsigned int i = 0; i < 16; i++)
		faultlab_touch_read(at + i * TLIB_PAGE, NULL);
	memset(apart + 5 * TLIB_PAGE, 1, 8 * TLIB_PAGE);
	/* In the second page table; madvise() below makes three VMAs share it. */
	memset(apart + 530 * TLIB_PAGE, 1, 60 * TLIB_PAGE);
	return madvise(at + 4 * TLIB_PAGE, 4 * TLIB_PAGE, MADV_DONTFORK) ?:
	       madvise(apart + 540 * TLIB_PAGE, 4 * TLIB_PAGE, MADV_DONTDUMP);
}

const struct faultlab_walk_entry *tlib_entry_of(const struct tlib_entries *all, __u64 addr,
						size_t *from)
{
	const __u64 not = FAULTLAB_PTE_TABLE | FAULTLAB_PTE_NO_VMA;
	const struct faultlab_walk_entry *e;

	for (e = all->at + *from; e < all->at + all->nr; e++) {
		if ((e->flags & not) || e->addr + e->bytes <= addr)
			continue;
		*from = e - all->at;
		return e->addr <= addr ? e : NULL;
	}
	return NULL;
}
