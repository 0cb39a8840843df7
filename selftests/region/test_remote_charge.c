// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who pays for memory that a task touches in the mm of another process: that other process, as
 * with anonymous memory. Otherwise a user could make a task fill its own memory cgroup, such
 * as a daemon that reads /proc/PID/cmdline.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/machine/memcg.h"
#include "lib/memory/memory.h"
#include "lib/sys.h"

#define PAGES	512UL		/* also a folio of the largest order */
#define SLACK	64		/* pages: page tables are charged to the task that faults */

/* Shared by the process that maps the region and the one that reads its memory. */
struct shared {
	struct tlib_memcg mapper;
};

FIXTURE(remote)
{
	int fd;
	char *at;
	struct shared *shared;
	struct tlib_peer peer;
};

FIXTURE_VARIANT(remote)
{
	const struct faultlab_memory *memory;
};

/* Memory that is allocated when it is touched. */
static bool is_allocated_late(const struct faultlab_memory *memory)
{
	return tlib_memory_has_pages(memory) && tlib_memory_usual(memory) && !memory->at_mmap;
}

TLIB_MEMORIES(remote, is_allocated_late);

/* In the child: enter a cgroup, and stay in it until the parent has measured. */
static int map_in_group(struct shared *shared, struct tlib_peer *peer)
{
	int err = tlib_memcg_enter(&shared->mapper);

	if (err)
		return -err;
	err = tlib_peer_nudge(peer) ?: tlib_peer_await(peer);
	tlib_memcg_leave(&shared->mapper);
	return -err;
}

FIXTURE_SETUP(remote)
{
	const struct faultlab_memory *memory = variant->memory;

	if (memory->order)
		tlib_compact();
	self->fd = faultlab_memory_open(memory, PAGES * tlib_page_size());
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
	self->shared = mmap(NULL, sizeof(*self->shared), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->shared);
	ASSERT_LE(0, tlib_peer_fork(&self->peer));
	if (!self->peer.pid)
		_exit(map_in_group(self->shared, &self->peer));
}

FIXTURE_TEARDOWN(remote)
{
	close(self->fd);
}

/* The first half by /proc/PID/mem, the second by process_vm_readv() where that gets pages. */
static size_t read_all(const struct faultlab_memory *memory, pid_t pid, char *at, size_t pages)
{
	const size_t size = tlib_page_size();
	const bool gup = memory->gup == FAULTLAB_GUP;
	char path[32], page[size];
	size_t i, zeros = 0, k;
	int mem;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	for (i = 0; i < pages; i++) {
		struct iovec from = { at + i * size, size }, to = { page, size };
		ssize_t n = gup && i >= pages / 2 ?
			process_vm_readv(pid, &to, 1, &from, 1, 0) :
			pread(mem, page, size, (uintptr_t)at + i * size);

		if (n != (ssize_t)size)
			continue;
		for (k = 0; k < size && !page[k]; k++)
			;
		zeros += k == size;
	}
	close(mem);
	return zeros;
}

TEST_F(remote, memory_that_another_process_reads_is_charged_to_the_process_that_maps_it)
{
	__u64 own, others, slack = SLACK + tlib_memcg_slack();
	struct tlib_memcg reader;
	int err;

	/* The child has no memory controller, and has ended with the error. */
	if (tlib_peer_await(&self->peer)) {
		ASSERT_EQ(ENOENT, tlib_peer_join(&self->peer));
		SKIP(return, "no memory controller in cgroup2 (CONFIG_MEMCG)");
	}
	err = tlib_memcg_enter(&reader);
	ASSERT_EQ(0, err);
	others = tlib_memcg_pages(&self->shared->mapper);
	own = tlib_memcg_pages(&reader);

	EXPECT_EQ(PAGES, read_all(variant->memory, self->peer.pid, self->at, PAGES));

	EXPECT_EQ(PAGES, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	others = tlib_memcg_pages(&self->shared->mapper) - others;
	own = tlib_memcg_pages(&reader) - own;
	EXPECT_LE(PAGES - slack, others);
	EXPECT_GE(PAGES + slack, others);
	/* Signed: it may have become less. */
	EXPECT_GE((long)slack, (long)own);
	tlib_memcg_leave(&reader);
	EXPECT_EQ(0, tlib_peer_nudge(&self->peer));
	EXPECT_EQ(0, tlib_peer_join(&self->peer));
}

TEST_HARNESS_MAIN
