// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: an unrelated process writes a byte into a private mapping of another one, as
 * a debugger does. The rest of the page must not change. If the frame has no normal
 * page, the core copies from that address in the current task (__wp_page_copy_user()):
 * there the writer has nothing mapped, or memory of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include "lib/memory/memory.h"

#define AT	((char *)(3UL << 40))	/* in both processes */
#define BYTE	100
#define OLD	0xaa
#define NEW	0x5a
#define OTHER	0x53			/* in all bytes of the writer's own memory */

static int by_vm(pid_t pid)
{
	struct iovec local = { &(char){ NEW }, 1 }, remote = { AT + BYTE, 1 };

	return process_vm_writev(pid, &local, 1, &remote, 1, 0) == 1 ? 0 : errno;
}

static int by_mem(pid_t pid)
{
	int mem = open(tlib_text("/proc/%d/mem", pid), O_RDWR | O_CLOEXEC);
	int err = pwrite(mem, &(char){ NEW }, 1, (uintptr_t)AT + BYTE) == 1 ? 0 : errno;

	close(mem);
	return err;
}

static int by_poke(pid_t pid)
{
	unsigned char word[sizeof(long)];
	int err, status;
	long value;

	memset(word, OLD, sizeof(word));
	word[BYTE % sizeof(word)] = NEW;
	memcpy(&value, word, sizeof(value));
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) || ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) ||
	    waitpid(pid, &status, __WALL) != pid)
		return errno ?: EIO;
	err = ptrace(PTRACE_POKEDATA, pid, AT + BYTE / sizeof(word) * sizeof(word),
		     (void *)value) ? errno : 0;
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return err;
}

static const struct path {
	const char *name;
	int (*write)(pid_t pid);
	int refusal;		/* the error if the page cannot be written to */
} paths[] = {
	{ "process_vm_writev()", by_vm, EFAULT },
	{ "/proc/PID/mem", by_mem, EIO },
	{ "PTRACE_POKEDATA", by_poke, EIO },
};

#define NR_PATHS		ARRAY_SIZE(paths)
/*
 * Each path, with the page read before or not, and with the writer's own memory at the
 * same address or not.
 */
#define NR_CASES	(4 * NR_PATHS)
#define IS_TOUCHED(i)	((i) & 1)
#define IS_OTHER(i)	((i) & 2)

/* The first byte that is wrong, or -1; found by the process that owns the mapping. */
struct found {
	int in_mapping;
	int in_region;
};

static int first_wrong(const char *page, bool written)
{
	int i;

	for (i = 0; i < (int)tlib_page_size(); i++)
		if ((__u8)page[i] != (written && i == BYTE ? NEW : OLD))
			return i;
	return -1;
}

static void own(struct tlib_peer *peer, const struct faultlab_memory *memory, int fd,
		struct found *found)
{
	const bool written = tlib_memory_copies(memory);
	char *shared = tlib_memory_map(memory, fd, TLIB_RW, MAP_SHARED, 0, 1);
	size_t i;

	memset(shared, OLD, tlib_page_size());
	for (i = 0; i < NR_CASES; i++) {
		char *at = mmap(AT, tlib_memory_bytes(memory, 1),
				tlib_memory_private_prot(memory),
				MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0);

		if (at != AT)
			_exit(1);
		if (IS_TOUCHED(i))
			faultlab_touch_read(at, NULL);
		tlib_peer_nudge(peer);
		tlib_peer_await(peer);
		found[i].in_mapping = first_wrong(at, written);
		found[i].in_region = first_wrong(shared, false);
		munmap(at, tlib_memory_bytes(memory, 1));
	}
	_exit(0);
}

FIXTURE(unrelated)
{
	int fd;
	struct found *found;
	struct tlib_peer peer;
};

FIXTURE_VARIANT(unrelated)
{
	const struct faultlab_memory *memory;
};

static bool fits(const struct faultlab_memory *memory)
{
	return memory->leaf != FAULTLAB_LEAF_PUD;
}

TLIB_MEMORIES(unrelated, fits)

FIXTURE_SETUP(unrelated)
{
	self->fd = tlib_memory_region(variant->memory, 1);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->found = mmap(NULL, tlib_page_size(), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->found);
}

FIXTURE_TEARDOWN(unrelated)
{
	close(self->fd);
}

TEST_F(unrelated, writer_leaves_the_rest_of_the_page)
{
	const bool copies = tlib_memory_copies(variant->memory);
	const size_t bytes = tlib_page_size();
	size_t i;

	ASSERT_LE(0, tlib_peer_fork(&self->peer));
	if (!self->peer.pid)
		own(&self->peer, variant->memory, self->fd, self->found);
	for (i = 0; i < NR_CASES; i++) {
		const struct path *path = &paths[i / 4];
		int err;

		ASSERT_EQ(0, tlib_peer_await(&self->peer));
		if (IS_OTHER(i)) {
			ASSERT_EQ(AT, mmap(AT, bytes, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS |
					   MAP_FIXED_NOREPLACE, -1, 0));
			memset(AT, OTHER, bytes);
		}
		err = path->write(self->peer.pid);
		munmap(AT, bytes);
		EXPECT_EQ(copies ? 0 : path->refusal, err)
			TH_LOG("%s", path->name);
		ASSERT_EQ(0, tlib_peer_nudge(&self->peer));
	}
	ASSERT_EQ(0, tlib_peer_join(&self->peer));
	for (i = 0; i < NR_CASES; i++) {
		EXPECT_EQ(-1, self->found[i].in_mapping)
			TH_LOG("%s, %s, %s", paths[i / 4].name,
			       IS_TOUCHED(i) ? "read before" : "untouched",
			       IS_OTHER(i) ? "other memory there" : "nothing there");
		EXPECT_EQ(-1, self->found[i].in_region)
			TH_LOG("%s", paths[i / 4].name);
	}
}

TEST_HARNESS_MAIN
