// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: io_uring, with the mapping as a buffer that is copied to when used, or as a
 * registered buffer, which stays pinned while it is registered (FOLL_LONGTERM).
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <liburing.h>
#include "lib/memory/memory.h"

#define NR	4	/* pages of the region; the mapping has as many past its end */
#define TAIL	100

FIXTURE(uring)
{
	int fd;
	char *at;
	char *hole;
	size_t page;
	int file;	/* on tmpfs, 2 pages of 'f' */
	struct io_uring ring;
};

FIXTURE_VARIANT(uring)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(uring, tlib_memory_alone)

FIXTURE_SETUP(uring)
{
	char name[] = "/tmp/flab-XXXXXX";
	char *text;
	int err;

	err = io_uring_queue_init(4, &self->ring, 0);
	if (err)
		SKIP(return, "the kernel has no CONFIG_IO_URING, or forbids it");
	self->page = tlib_page_size();
	self->fd = tlib_memory_region(variant->memory, NR);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 2 * NR);
	ASSERT_NE(NULL, self->at);
	self->hole = tlib_at(self->at, NR);

	self->file = mkstemp(name);
	ASSERT_LE(0, self->file);
	unlink(name);
	text = malloc(2 * self->page);
	memset(text, 'f', 2 * self->page);
	ASSERT_EQ(2 * self->page, write(self->file, text, 2 * self->page));
	free(text);
}

FIXTURE_TEARDOWN(uring)
{
	io_uring_queue_exit(&self->ring);
	close(self->fd);
}

/* Submit one operation, and wait for its result. */
static int run(struct io_uring *ring, struct io_uring_sqe *sqe, unsigned int flags)
{
	struct io_uring_cqe *cqe;
	int res;

	sqe->flags |= flags;
	res = io_uring_submit_and_wait(ring, 1);
	if (res == 1)
		res = io_uring_wait_cqe(ring, &cqe);
	if (res)
		return res < 0 ? res : -EIO;
	res = cqe->res;
	io_uring_cqe_seen(ring, cqe);
	return res;
}

static int ring_read(struct io_uring *ring, int file, void *to, size_t bytes, unsigned int flags)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_read(sqe, file, to, bytes, 0);
	return run(ring, sqe, flags);
}

static int ring_write(struct io_uring *ring, int file, void *from, size_t bytes)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_write(sqe, file, from, bytes, 0);
	return run(ring, sqe, 0);
}

static int ring_read_fixed(struct io_uring *ring, int file, void *to, size_t bytes)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_read_fixed(sqe, file, to, bytes, 0, 0);
	return run(ring, sqe, 0);
}

static int ring_write_fixed(struct io_uring *ring, int file, void *from, size_t bytes)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_write_fixed(sqe, file, from, bytes, 0, 0);
	return run(ring, sqe, 0);
}

static int pin(struct io_uring *ring, void *at, size_t bytes)
{
	struct iovec iov = { .iov_base = at, .iov_len = bytes };

	return io_uring_register_buffers(ring, &iov, 1);
}

TEST_F(uring, read_and_write_fault_as_the_system_calls_do)
{
	struct tlib_mark mark;

	EXPECT_EQ(1, ring_read(&self->ring, self->file, &(char){ 0 }, 1, 0));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(self->page, ring_read(&self->ring, self->file, self->at, self->page, 0));
	tlib_counts_end(&mark);
	EXPECT_EQ(!variant->memory->at_mmap,
		  tlib_moved(&mark, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_UNDER_VMA_LOCK));
	EXPECT_EQ('f', self->at[self->page - 1]);

	memset(self->at, 'm', self->page);
	EXPECT_EQ(self->page, ring_write(&self->ring, self->file, self->at, self->page));
	self->at[self->page - 1] = 0;
	EXPECT_EQ(self->page, ring_read(&self->ring, self->file, self->at, self->page, 0));
	EXPECT_EQ('m', self->at[self->page - 1]);
}

/*
 * A worker is a thread of the process, but its faults do not count for the submitter.
 */
TEST_F(uring, worker_faults_for_itself)
{
	const char *faults = tlib_memory_faults_elsewhere(variant->memory, "write", 0, 1);
	struct tlib_mark mark;

	EXPECT_EQ(1, ring_read(&self->ring, self->file, &(char){ 0 }, 1, IOSQE_ASYNC));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(self->page, ring_read(&self->ring, self->file, self->at, self->page,
					IOSQE_ASYNC));
	EXPECT_COUNTS(faults, &mark);
	EXPECT_EQ('f', *self->at);
}

TEST_F(uring, hole_makes_it_short_to_the_byte)
{
	EXPECT_EQ(TAIL, ring_read(&self->ring, self->file, self->hole - TAIL, self->page, 0));
	EXPECT_EQ(TAIL, ring_write(&self->ring, self->file, self->hole - TAIL, self->page));
	EXPECT_EQ(-EFAULT, ring_read(&self->ring, self->file, self->hole, 1, 0));
	EXPECT_EQ(-EFAULT, ring_write(&self->ring, self->file, self->hole, 1));
}

/*
 * The result of io_pin_pages(). 6.1 looks at the VMA after pinning, and refuses files
 * other than shmem and hugetlbfs; since 6.5 everything works that can be pinned.
 */
static int pinned(const struct faultlab_memory *memory)
{
	if (tlib_memory_gup(memory))
		return -tlib_memory_gup(memory);
	return tlib_kernel_since(6, 5) ? 0 : -EOPNOTSUPP;
}

TEST_F(uring, registered_buffer_is_faulted_in_for_writing)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(pinned(variant->memory), pin(&self->ring, self->at, self->page));
	EXPECT_COUNTS(tlib_memory_pins(variant->memory, "write", 0), &mark);
}

TEST_F(uring, buffer_with_a_hole_cannot_be_registered)
{
	EXPECT_EQ(-(tlib_memory_gup(variant->memory) ?: EFAULT),
		  pin(&self->ring, self->hole - self->page, 2 * self->page));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
}

TEST_F(uring, registered_buffer_reads_and_writes_without_a_fault)
{
	struct tlib_mark mark;

	ASSERT_EQ(pinned(variant->memory), pin(&self->ring, self->at, self->page));
	if (pinned(variant->memory))
		return;
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(self->page, ring_read_fixed(&self->ring, self->file, self->at, self->page));
	EXPECT_EQ(self->page, ring_write_fixed(&self->ring, self->file, self->at, self->page));
	tlib_counts_end(&mark);
	EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_FAULT_READ));
	EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_ENTRY("none", self->fd, self->at);
}

/* Evict without DROP keeps the page, so the next fault maps the pinned page again. */
TEST_F(uring, pin_and_next_fault_share_the_page_that_was_evicted)
{
	ASSERT_EQ(pinned(variant->memory), pin(&self->ring, self->at, self->page));
	if (pinned(variant->memory))
		return;
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(self->page, ring_read_fixed(&self->ring, self->file, self->at, self->page));
	EXPECT_EQ('f', *self->at);
}

TEST_F(uring, pin_keeps_the_page_that_was_dropped_and_the_next_fault_gets_another)
{
	char byte = 0;

	ASSERT_EQ(pinned(variant->memory), pin(&self->ring, self->at, self->page));
	if (pinned(variant->memory))
		return;
	*self->at = 'o';
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	*self->at = 'n';
	EXPECT_EQ(1, ring_write_fixed(&self->ring, self->file, self->at, 1));
	EXPECT_EQ(1, pread(self->file, &byte, 1, 0));
	EXPECT_EQ('o', byte);
	EXPECT_EQ(1, ring_read_fixed(&self->ring, self->file, self->at + 1, 1));
	EXPECT_EQ(0, self->at[1]);
}

TEST_F(uring, pin_outlives_mapping_and_region)
{
	char byte = 0;

	ASSERT_EQ(pinned(variant->memory), pin(&self->ring, self->at, self->page));
	if (pinned(variant->memory))
		return;
	*self->at = 'o';
	tlib_unmap(self->at, 2 * NR);
	close(self->fd);
	EXPECT_EQ(1, ring_write_fixed(&self->ring, self->file, self->at, 1));
	EXPECT_EQ(1, pread(self->file, &byte, 1, 0));
	EXPECT_EQ('o', byte);
}

/*
 * writable_file_mapping_allowed() refuses long-term pins of shared mappings with
 * .page_mkwrite, as it would not be called for writes through the pin. Writes to a
 * private mapping only reach its copies.
 */
TEST_F(uring, mapping_with_mkwrite_is_pinned_only_if_private)
{
	int want = pinned(variant->memory);
	struct faultlab_memory memory = *variant->memory;
	char *shared, *private;
	int fd;

	memory.flags |= FAULTLAB_REGION_MKWRITE;
	/* Only one region can have PHYS, so close the other one first. */
	close(self->fd);
	tlib_unmap(self->at, 2 * NR);
	fd = tlib_memory_region(&memory, NR);
	if (memory.at_mmap) {
		EXPECT_EQ(-EINVAL, fd);
		return;
	}
	ASSERT_LE(0, fd);
	shared = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, shared);
	*shared = 'S';
	EXPECT_EQ(tlib_kernel_since(6, 5) ? -EFAULT : want,
		  pin(&self->ring, shared, self->page));
	if (!tlib_memory_copies(&memory))
		return;
	private = tlib_map(fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	ASSERT_NE(NULL, private);
	EXPECT_EQ(tlib_kernel_since(6, 5) ? 0 : -EOPNOTSUPP,
		  pin(&self->ring, private, self->page));
}

TEST_HARNESS_MAIN
