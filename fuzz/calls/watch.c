// SPDX-License-Identifier: GPL-2.0-only
/* Counts callbacks of tasks that were killed, in regions that only those tasks map. */
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz/calls/run.h"

/* Whether the descriptor is of a region that is not watched yet. */
static bool is_another(const struct fuzz_watch *watch, int fd, __u32 shared)
{
	struct faultlab_info info, other;
	unsigned int i;

	if (faultlab_info(fd, &info) || info.id == shared)
		return false;
	for (i = 0; i < watch->nr; i++)
		if (faultlab_info(watch->fd[i], &other) || other.id == info.id)
			return false;
	return true;
}

void fuzz_watch_open(struct fuzz_watch *watch, int pidfd, int shared, const int *fd)
{
	struct faultlab_info info = { 0 };
	unsigned int i;

	watch->nr = 0;
	faultlab_info(shared, &info);
	for (i = 0; i < FUZZ_FDS; i++) {
		/* The program runs on, and may have closed it meanwhile. */
		const int slot = __atomic_load_n(&fd[i], __ATOMIC_RELAXED);
		const int mine = slot < 0 ? -1 : syscall(__NR_pidfd_getfd, pidfd, slot, 0);

		if (mine < 0)
			continue;
		if (is_another(watch, mine, info.id))
			watch->fd[watch->nr++] = mine;
		else
			close(mine);
	}
}

__u64 fuzz_watch_read(const struct fuzz_watch *watch)
{
	unsigned int i;
	__u64 n = 0;

	for (i = 0; i < watch->nr; i++)
		n += fuzz_callbacks(watch->fd[i]);
	return n;
}

void fuzz_watch_start(struct fuzz_watch *watch)
{
	watch->callbacks = fuzz_watch_read(watch);
}

__u64 fuzz_watch_end(struct fuzz_watch *watch, char *failure)
{
	const __u64 now = fuzz_watch_read(watch);
	struct faultlab_stats stats;

	while (watch->nr) {
		if (!faultlab_stats(watch->fd[--watch->nr], &stats))
			fuzz_check_stats(failure, &stats);
		close(watch->fd[watch->nr]);
	}
	/* Fewer: another program has reset the counters of all regions. */
	return now > watch->callbacks ? now - watch->callbacks : 0;
}
