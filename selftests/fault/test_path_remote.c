// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: one process accesses the mapping of another. test_access.c has more about
 * .access.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include "lib/memory/memory.h"

#define NR	4	/* pages of the region; mappings have one past its end */
#define TAIL	100

#define FORCED	0x1234567L

FIXTURE(remote)
{
	int fd;
	char *at;		/* mapped in both processes, touched in neither */
	char *hole;
	char *read_only;	/* private */
	char *shut;		/* shared, PROT_NONE */
	size_t page;
	long *minflt;		/* of the child, while it waited */
	struct tlib_peer peer;
	int mem;
};

FIXTURE_VARIANT(remote)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(remote, tlib_memory_alone)

static long own_minflt(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? -1 : usage.ru_minflt;
}

/*
 * The child: counts its minor faults while it waits. It populates its own memory
 * before.
 */
static void sleep_counting(struct tlib_peer *peer, long *minflt)
{
	long before;

	tlib_settle();
	own_minflt();
	tlib_peer_nudge(peer);
	before = own_minflt();
	tlib_peer_await(peer);
	*minflt = own_minflt() - before;
	_exit(0);
}

/* The private mapping is read-only, as memory that cannot be copied allows no other. */
FIXTURE_SETUP(remote)
{
	self->page = tlib_page_size();
	self->fd = tlib_memory_region(variant->memory, NR);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR + 1);
	self->read_only = tlib_map(self->fd, PROT_READ, MAP_PRIVATE, 0, NR);
	self->shut = tlib_map(self->fd, PROT_NONE, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	ASSERT_NE(NULL, self->read_only);
	ASSERT_NE(NULL, self->shut);
	self->hole = tlib_at(self->at, NR);
	self->minflt = mmap(NULL, self->page, TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->minflt);
	*self->minflt = -1;

	ASSERT_LE(0, tlib_peer_fork(&self->peer));
	if (!self->peer.pid)
		sleep_counting(&self->peer, self->minflt);
	ASSERT_EQ(0, tlib_peer_await(&self->peer));
	self->mem = open(tlib_text("/proc/%d/mem", self->peer.pid), O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->mem);
}

FIXTURE_TEARDOWN(remote)
{
	/* The child may be stopped. If it was joined already, kill() fails. */
	if (!kill(self->peer.pid, SIGKILL))
		waitpid(self->peer.pid, NULL, 0);
	close(self->fd);
}

static ssize_t vm_read(pid_t pid, void *at, void *to, size_t bytes)
{
	struct iovec remote = { .iov_base = at, .iov_len = bytes };
	struct iovec local = { .iov_base = to, .iov_len = bytes };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

static ssize_t vm_write(pid_t pid, void *at, void *from, size_t bytes)
{
	struct iovec remote = { .iov_base = at, .iov_len = bytes };
	struct iovec local = { .iov_base = from, .iov_len = bytes };

	return process_vm_writev(pid, &local, 1, &remote, 1, 0);
}

static off_t mem_at(const void *addr)
{
	return (uintptr_t)addr;
}

/*
 * The counters after one access by ptrace() or /proc/PID/mem: it causes a fault of GUP, a
 * call of .access, or both.
 */
static const char *forced(const struct faultlab_memory *memory, const char *name, size_t first)
{
	size_t pages = tlib_memory_pages(memory, first + 1) - tlib_memory_pages(memory, first);
	const char *grown = pages && !memory->at_mmap ? tlib_text(" pages +%zu", pages) : "";

	switch (memory->gup) {
	case FAULTLAB_GUP_NEVER:
		return tlib_text("access 1%s", grown);
	case FAULTLAB_GUP_LATE:
		return tlib_text("fault_%s 1 access 1 minor 1 locked 1%s minflt 1", name, grown);
	default:
		return tlib_memory_pins(memory, name, first);
	}
}

static bool stop(pid_t pid)
{
	return !ptrace(PTRACE_ATTACH, pid, NULL, NULL) && waitpid(pid, NULL, __WALL) == pid;
}

TEST_F(remote, process_vm_readv_faults_there_and_counts_here)
{
	bool faults, pins = variant->memory->gup == FAULTLAB_GUP;
	struct tlib_mark mark;
	char byte = 'x';

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(pins ? 1 : -1, vm_read(self->peer.pid, self->at, &byte, 1));
	EXPECT_TRUE(pins || errno == EFAULT);
	EXPECT_COUNTS(tlib_memory_pins(variant->memory, "read", 0), &mark);
	EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_UNDER_VMA_LOCK));
	EXPECT_EQ(pins ? 0 : 'x', byte);
	faults = variant->memory->gup != FAULTLAB_GUP_NEVER;
	EXPECT_EQ(tlib_memory_mapped(variant->memory, faults, NR),
		  tlib_nr_mapped(self->fd, self->peer.pid, self->at, NR));
	EXPECT_EQ(tlib_memory_mapped(variant->memory, 0, 1), tlib_mapped(self->fd, self->at));

	EXPECT_EQ(0, tlib_peer_nudge(&self->peer));
	EXPECT_EQ(0, tlib_peer_join(&self->peer));
	EXPECT_EQ(0, *self->minflt);
}

TEST_F(remote, process_vm_writev_writes_what_both_see)
{
	bool pins = variant->memory->gup == FAULTLAB_GUP;
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(pins ? 2 : -1, vm_write(self->peer.pid, self->at, "ab", 2));
	EXPECT_TRUE(pins || errno == EFAULT);
	EXPECT_COUNTS(tlib_memory_pins(variant->memory, "write", 0), &mark);
	EXPECT_EQ(pins ? 'b' : 0, self->at[1]);
}

TEST_F(remote, process_vm_readv_ends_where_the_pages_do)
{
	bool pins = variant->memory->gup == FAULTLAB_GUP;
	struct tlib_mark mark;
	char text[2 * TAIL];

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(pins ? TAIL : -1,
		  vm_read(self->peer.pid, self->hole - TAIL, text, sizeof(text)));
	tlib_counts_end(&mark);
	EXPECT_EQ(pins, tlib_moved(&mark, FAULTLAB_STAT_SIGBUS) > 0);
	EXPECT_EQ(-1, vm_read(self->peer.pid, self->hole, text, 1));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(remote, process_vm_respects_protection)
{
	struct tlib_mark mark;
	char byte = 'x';

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-1, vm_read(self->peer.pid, self->shut, &byte, 1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, vm_write(self->peer.pid, self->read_only, &byte, 1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_COUNTS("", &mark);
}

TEST_F(remote, ptrace_counts_here_too)
{
	struct tlib_mark mark;

	ASSERT_TRUE(stop(self->peer.pid));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, ptrace(PTRACE_POKEDATA, self->peer.pid, self->at, (void *)FORCED));
	EXPECT_COUNTS(forced(variant->memory, "write", 0), &mark);
	EXPECT_EQ(FORCED, *(long *)self->at);

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	errno = 0;
	EXPECT_EQ(0, ptrace(PTRACE_PEEKDATA, self->peer.pid, tlib_at(self->at, 1), NULL));
	EXPECT_EQ(0, errno);
	EXPECT_COUNTS(forced(variant->memory, "read", 1), &mark);

	EXPECT_EQ(0, ptrace(PTRACE_DETACH, self->peer.pid, NULL, NULL));
	EXPECT_EQ(0, tlib_peer_nudge(&self->peer));
	EXPECT_EQ(0, tlib_peer_join(&self->peer));
	EXPECT_EQ(0, *self->minflt);
}

TEST_F(remote, ptrace_peek_of_a_hole_is_an_io_error)
{
	struct tlib_mark mark;

	ASSERT_TRUE(stop(self->peer.pid));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	errno = 0;
	EXPECT_EQ(-1, ptrace(PTRACE_PEEKDATA, self->peer.pid, self->hole, NULL));
	EXPECT_EQ(EIO, errno);
	tlib_counts_end(&mark);
	EXPECT_EQ(variant->memory->gup != FAULTLAB_GUP_NEVER,
		  tlib_moved(&mark, FAULTLAB_STAT_SIGBUS));
}

/* FOLL_FORCE writes to a mapping that is not for writing by copying it. */
TEST_F(remote, ptrace_poke_copies_a_private_page_that_is_read_only)
{
	bool copies = tlib_memory_copies(variant->memory);
	struct tlib_mark mark;

	*self->at = 'S';
	ASSERT_TRUE(stop(self->peer.pid));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(copies ? 0 : -1,
		  ptrace(PTRACE_POKEDATA, self->peer.pid, self->read_only, (void *)FORCED));
	EXPECT_TRUE(copies || errno == EIO);
	if (copies) {
		EXPECT_COUNTS("fault_cow 1 minor 1 locked 1 minflt 1", &mark);
		EXPECT_FALSE(tlib_entry(self->fd, self->peer.pid, self->read_only).flags &
			     FAULTLAB_PTE_WRITE);
		EXPECT_EQ(FORCED, ptrace(PTRACE_PEEKDATA, self->peer.pid, self->read_only,
					 NULL));
	}
	EXPECT_EQ('S', *self->at);
	EXPECT_EQ('S', *self->read_only);
}

TEST_F(remote, proc_mem_opens_what_is_shut_for_reading_only)
{
	struct tlib_mark mark;
	char byte = 'x';

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(1, pread(self->mem, &byte, 1, mem_at(self->shut)));
	EXPECT_COUNTS(forced(variant->memory, "read", 0), &mark);
	EXPECT_EQ(0, byte);
	EXPECT_EQ(-1, pwrite(self->mem, &byte, 1, mem_at(self->shut)));
	EXPECT_EQ(EIO, errno);
}

TEST_F(remote, proc_mem_is_short_to_the_byte)
{
	char text[2 * TAIL];

	memset(self->hole - TAIL, 'v', TAIL);
	EXPECT_EQ(TAIL, pread(self->mem, text, sizeof(text), mem_at(self->hole) - TAIL));
	EXPECT_EQ('v', text[TAIL - 1]);
	EXPECT_EQ(-1, pread(self->mem, text, 1, mem_at(self->hole)));
	EXPECT_EQ(EIO, errno);
}

TEST_HARNESS_MAIN
