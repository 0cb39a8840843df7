// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths that never fault, or not at first: futexes, mincore, msync. Where the kernel
 * must not sleep, it accesses the page with page faults disabled. If that fails, it
 * drops its locks, faults the page in, and tries again.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include "lib/memory/memory.h"

#define NR	4

FIXTURE(nofault)
{
	int fd;
	char *at;
	size_t bytes;
};

FIXTURE_VARIANT(nofault)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(nofault, tlib_memory_alone)

FIXTURE_SETUP(nofault)
{
	self->bytes = NR * tlib_page_size();
	self->fd = tlib_memory_region(variant->memory, NR);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR + 1);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(nofault)
{
	close(self->fd);
}

/* A futex call that returns at once: it has nobody to wake, or the value differs. */
static long futex(const void *at, int op, unsigned int value)
{
	return syscall(SYS_futex, at, op, value, NULL, NULL, 0);
}

/* Adds 1 to the word at, as a side effect of waking nobody at another futex. */
static long futex_add(void *at)
{
	static unsigned int nobody;

	return syscall(SYS_futex, &nobody, FUTEX_WAKE_OP_PRIVATE, 1, 1L, at,
		       FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 99));
}

/* futex_wait_setup(): get_user() with faults disabled, then with faults. */
TEST_F(nofault, futex_wait_reads_the_page_in)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-1, futex(self->at, FUTEX_WAIT_PRIVATE, 1));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_COUNTS(tlib_memory_faults(variant->memory, "read", 0, 1), &mark);
	EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_UNDER_VMA_LOCK));
	EXPECT_TRUE(tlib_mapped(self->fd, self->at));
}

/* fault_in_user_writeable() calls fixup_user_fault(), which accepts special entries. */
TEST_F(nofault, futex_wake_op_makes_the_page_writable)
{
	struct tlib_mark mark;

	futex_add(&(unsigned int){ 0 });
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, futex_add(self->at));
	EXPECT_COUNTS(tlib_memory_faults(variant->memory, "write", 0, 1), &mark);
	EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_UNDER_VMA_LOCK));
	EXPECT_EQ(1, *(unsigned int *)self->at);

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, futex_add(self->at));
	EXPECT_COUNTS("", &mark);
}

TEST_F(nofault, futex_in_a_hole_is_an_error)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-1, futex(tlib_at(self->at, NR), FUTEX_WAIT_PRIVATE, 1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, futex_add(tlib_at(self->at, NR)));
	EXPECT_EQ(EFAULT, errno);
	tlib_counts_end(&mark);
	EXPECT_EQ(tlib_memory_asked(variant->memory, 2), tlib_moved(&mark, FAULTLAB_STAT_SIGBUS));
}

/*
 * get_futex_key() makes the key of a futex between processes from the ->mapping of its
 * page, which is the region's address_space. To read ->mapping, it pins the page.
 */
TEST_F(nofault, futex_between_processes_needs_a_page_to_pin)
{
	int error = tlib_memory_gup(variant->memory);
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(error ? -1 : 0, futex(self->at, FUTEX_WAKE, 1));
	EXPECT_TRUE(!error || errno == error);
	EXPECT_COUNTS(tlib_memory_pins(variant->memory, "write", 0), &mark);
}

TEST_F(nofault, futex_between_processes_works_on_a_private_copy)
{
	char *private;

	if (!tlib_memory_copies(variant->memory)) {
		EXPECT_TRUE(tlib_refuses_private(variant->memory, self->fd));
		return;
	}
	private = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	ASSERT_NE(NULL, private);
	*private = 'p';
	EXPECT_EQ(0, futex(private, FUTEX_WAKE, 1));
}

/*
 * For mincore() a page is in core if it has an entry, since the page cache does not have
 * the region's pages. PFN mappings are holes for it (walk_page_test()).
 */
TEST_F(nofault, mincore_tells_what_is_mapped_and_faults_nothing)
{
	unsigned char in_core[NR] = { 9, 9, 9, 9 };
	struct tlib_mark mark;

	tlib_write(self->at, NR);
	EXPECT_EQ(0, faultlab_evict(self->fd, tlib_page_size(), tlib_page_size(), 0));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, mincore(self->at, self->bytes, in_core));
	EXPECT_COUNTS("", &mark);
	EXPECT_EQ(!variant->memory->pfnmap, in_core[0]);
	EXPECT_EQ(0, in_core[1]);
}

/*
 * MS_SYNC calls vfs_fsync_range(), which returns EINVAL as the device has no ->fsync. It
 * does so for shared mappings only.
 */
TEST_F(nofault, msync_has_nothing_to_write_back_to)
{
	char *private = tlib_map(self->fd, PROT_READ, MAP_PRIVATE, 0, NR);
	struct tlib_mark mark;

	ASSERT_NE(NULL, private);
	tlib_write(self->at, NR);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-1, msync(self->at, self->bytes, MS_SYNC));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, msync(self->at, self->bytes, MS_ASYNC | MS_INVALIDATE));
	EXPECT_EQ(0, msync(private, self->bytes, MS_SYNC));
	EXPECT_COUNTS("", &mark);
	EXPECT_ENTRY(tlib_memory_entry(variant->memory, "rw dirty"), self->fd, self->at);
}

TEST_HARNESS_MAIN
