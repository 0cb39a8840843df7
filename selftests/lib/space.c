// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sys/ioctl.h>

#include "lib/space.h"
#include "lib/sys.h"

int tlib_entries_init(struct tlib_entries *entries, size_t room)
{
	entries->nr = 0;
	entries->room = room;
	entries->at = mmap(NULL, room * sizeof(*entries->at), TLIB_RW,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	return entries->at == MAP_FAILED ? -errno : 0;
}

int tlib_entries_walk(struct tlib_entries *entries, int fd, pid_t pid, __u64 start,
		      __u64 end, __u32 flags, size_t chunk)
{
	struct faultlab_walk walk = {
		.size = sizeof(walk),
		.flags = flags,
		.pid = pid,
		.start = start,
		.end = end,
	};

	entries->nr = 0;
	while (walk.start != end) {
		if (entries->room - entries->nr < chunk)
			return -ENOSPC;
		walk.nr = chunk;
		walk.entries = (uintptr_t)(entries->at + entries->nr);
		if (ioctl(fd, FAULTLAB_IOC_WALK, &walk))
			return -errno;
		if (walk.nr > chunk || (walk.nr < chunk && walk.next != end))
			return -EPROTO;
		entries->nr += walk.nr;
		walk.start = walk.next;
	}
	return 0;
}

size_t tlib_entries_count(const struct tlib_entries *entries, unsigned int level, __u64 flags)
{
	size_t i, n = 0;

	for (i = 0; i < entries->nr; i++)
		n += entries->at[i].level == level &&
		     (entries->at[i].flags & flags) == flags;
	return n;
}

char *tlib_map_apart(int fd, int prot, int flags, size_t pages)
{
	size_t bytes = pages * TLIB_PAGE;
	char *room = mmap(NULL, bytes + 3 * TLIB_PMD_SIZE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *at = (char *)(((uintptr_t)room + TLIB_PMD_SIZE) & ~(TLIB_PMD_SIZE - 1));

	if (room == MAP_FAILED)
		return NULL;
	at = mmap(at, bytes, prot, flags | MAP_FIXED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
	return at == MAP_FAILED ? NULL : at;
}
