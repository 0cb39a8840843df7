// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: system calls that copy from or to a mapping, or pin its pages, and how much
 * they transfer if a page in the middle is missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <sys/uio.h>
#include "lib/sys.h"
#include "lib/memory/memory.h"

#define NR	4	/* pages of the region; the mapping has as many past its end */
#define TAIL	100	/* bytes of the last page that a partial copy reaches */

FIXTURE(syscall)
{
	int fd;
	char *at;
	char *hole;	/* where the region ends */
	size_t page;
	int pipe[2];
	int file;	/* on tmpfs, 2 pages of 'f' */
	int disk;	/* for O_DIRECT */
	char node[32];
};

FIXTURE_VARIANT(syscall)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(syscall, tlib_memory_alone)

FIXTURE_SETUP(syscall)
{
	char name[] = "/tmp/flab-XXXXXX";
	char *text;

	self->page = tlib_page_size();
	self->fd = tlib_memory_region(variant->memory, NR);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 2 * NR);
	ASSERT_NE(NULL, self->at);
	self->hole = tlib_at(self->at, NR);
	ASSERT_EQ(0, pipe(self->pipe));

	self->file = mkstemp(name);
	ASSERT_LE(0, self->file);
	unlink(name);
	text = malloc(2 * self->page);
	memset(text, 'f', 2 * self->page);
	ASSERT_EQ(2 * self->page, write(self->file, text, 2 * self->page));
	ASSERT_EQ(2 * self->page, write(self->pipe[1], text, 2 * self->page));
	ASSERT_EQ(0, lseek(self->file, 0, SEEK_SET));
	free(text);
	self->disk = -1;
}

FIXTURE_TEARDOWN(syscall)
{
	close(self->fd);
	if (self->node[0]) {
		close(self->disk);
		tlib_disk_remove(self->node);
	}
}

static void drain(int pipe)
{
	char text[4096];

	fcntl(pipe, F_SETFL, O_NONBLOCK);
	while (read(pipe, text, sizeof(text)) > 0)
		;
	fcntl(pipe, F_SETFL, 0);
}

/*
 * The kernel's own accesses to user memory fault as a task's do, but always under
 * mmap_lock: do_user_addr_fault() tries the VMA lock with FAULT_FLAG_USER only.
 */
TEST_F(syscall, read_faults_as_a_write_under_mmap_lock)
{
	const char *faults = tlib_memory_faults(variant->memory, "write", 0, 2);
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(2 * self->page, read(self->file, self->at, 2 * self->page));
	EXPECT_COUNTS(faults, &mark);
	EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_UNDER_VMA_LOCK));
	EXPECT_EQ('f', self->at[2 * self->page - 1]);
	EXPECT_ENTRY(tlib_memory_entry(variant->memory, "rw dirty"), self->fd, self->at);
}

TEST_F(syscall, write_faults_as_a_read_under_mmap_lock)
{
	const char *faults = tlib_memory_faults(variant->memory, "read", 0, 2);
	struct tlib_mark mark;
	char byte = 'x';

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(2 * self->page, write(self->file, self->at, 2 * self->page));
	EXPECT_COUNTS(faults, &mark);
	EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_UNDER_VMA_LOCK));
	EXPECT_ENTRY(tlib_memory_entry(variant->memory, "rw"), self->fd, self->at);
	EXPECT_EQ(1, pread(self->file, &byte, 1, 2 * self->page - 1));
	EXPECT_EQ(0, byte);
}

TEST_F(syscall, pipe_reads_into_and_writes_from_the_mapping)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(self->page, read(self->pipe[0], self->at, self->page));
	EXPECT_COUNTS(tlib_memory_faults(variant->memory, "write", 0, 1), &mark);

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(self->page, write(self->pipe[1], tlib_at(self->at, 1), self->page));
	EXPECT_COUNTS(tlib_memory_faults(variant->memory, "read", 1, 1), &mark);
}

TEST_F(syscall, file_read_into_a_hole_is_short_to_the_byte)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(TAIL, read(self->file, self->hole - TAIL, 2 * self->page));
	tlib_counts_end(&mark);
	EXPECT_EQ(!tlib_memory_asked(variant->memory, 1), !tlib_moved(&mark, FAULTLAB_STAT_SIGBUS));
	EXPECT_EQ(TAIL, lseek(self->file, 0, SEEK_CUR));
	EXPECT_EQ('f', self->hole[-1]);
	EXPECT_EQ(0, self->hole[-TAIL - 1]);

	EXPECT_EQ(-1, read(self->file, self->hole, 1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(TAIL, lseek(self->file, 0, SEEK_CUR));
}

TEST_F(syscall, file_write_from_a_hole_is_short_to_the_byte)
{
	struct tlib_mark mark;
	char text[2] = "";

	memset(self->hole - TAIL, 'm', TAIL);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(TAIL, write(self->file, self->hole - TAIL, 2 * self->page));
	tlib_counts_end(&mark);
	EXPECT_EQ(!tlib_memory_asked(variant->memory, 1), !tlib_moved(&mark, FAULTLAB_STAT_SIGBUS));
	EXPECT_EQ(2, pread(self->file, text, 2, TAIL - 1));
	EXPECT_EQ('m', text[0]);
	EXPECT_EQ('f', text[1]);

	EXPECT_EQ(-1, write(self->file, self->hole, 1));
	EXPECT_EQ(EFAULT, errno);
}

/* If a page in the middle of a buffer has a sigbus rule, the copy ends at that page. */
TEST_F(syscall, rule_in_the_middle_ends_the_copy_there)
{
	struct faultlab_rule rule = tlib_rule(1, 1, FAULTLAB_VERDICT_SIGBUS, 0);

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	/* Kind remap has no faults, so no rule matches. */
	if (variant->memory->at_mmap) {
		EXPECT_EQ(2 * self->page, read(self->file, self->at, 2 * self->page));
		return;
	}
	EXPECT_EQ(self->page, read(self->file, self->at, 2 * self->page));
	EXPECT_EQ(-1, read(self->file, tlib_at(self->at, 1), self->page));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(1, tlib_nr_mapped(self->fd, 0, self->at, NR));

	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0));
	EXPECT_EQ(self->page, read(self->file, tlib_at(self->at, 1), 2 * self->page));
	EXPECT_EQ('f', *tlib_at(self->at, 1));
}

/*
 * pipe_read() does not count a buffer that it copied in part, and keeps it for the next
 * read.
 */
TEST_F(syscall, pipe_read_into_a_hole_is_short_to_the_buffer)
{
	char *start = self->hole - self->page - TAIL;

	EXPECT_EQ(self->page, read(self->pipe[0], start, 2 * self->page));
	EXPECT_EQ('f', self->hole[-1]);
	EXPECT_EQ(-1, read(self->pipe[0], self->hole - TAIL, self->page));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(self->page, read(self->pipe[0], self->at, 2 * self->page));
}

/*
 * pipe_write() drops a page that it could not fill completely. So a write of which only
 * the first 100 bytes can be read returns EFAULT.
 */
TEST_F(syscall, pipe_write_from_a_hole_is_short_to_the_page)
{
	drain(self->pipe[0]);
	EXPECT_EQ(self->page, write(self->pipe[1], self->hole - self->page - TAIL,
				    2 * self->page));
	drain(self->pipe[0]);
	EXPECT_EQ(-1, write(self->pipe[1], self->hole - TAIL, self->page));
	EXPECT_EQ(EFAULT, errno);
}

/*
 * O_DIRECT, on a disk in memory.
 */
static int open_disk(char *node, size_t size)
{
	if (tlib_disk_add(node, size, "1M"))
		return -1;
	return open(node, O_RDWR | O_DIRECT | O_CLOEXEC);
}

#define NO_DISK "no disk in memory (CONFIG_ZRAM)"

TEST_F(syscall, direct_read_and_write_pin_the_page)
{
	bool pins = variant->memory->gup == FAULTLAB_GUP;
	struct tlib_mark mark;

	self->disk = open_disk(self->node, sizeof(self->node));
	if (self->disk < 0)
		SKIP(return, NO_DISK);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(pins ? self->page : -1, pwrite(self->disk, self->at, self->page, 0));
	EXPECT_TRUE(pins || errno == tlib_memory_gup(variant->memory));
	EXPECT_COUNTS(tlib_memory_pins(variant->memory, "read", 0), &mark);

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(pins ? self->page : -1,
		  pread(self->disk, tlib_at(self->at, 1), self->page, 0));
	EXPECT_TRUE(pins || errno == tlib_memory_gup(variant->memory));
	EXPECT_COUNTS(tlib_memory_pins(variant->memory, "write", 1), &mark);
}

TEST_F(syscall, direct_read_brings_what_direct_write_took)
{
	self->disk = open_disk(self->node, sizeof(self->node));
	if (self->disk < 0)
		SKIP(return, NO_DISK);
	if (variant->memory->gup != FAULTLAB_GUP)
		return;
	memset(self->at, 'd', self->page);
	EXPECT_EQ(self->page, pwrite(self->disk, self->at, self->page, 0));
	EXPECT_EQ(self->page, pread(self->disk, tlib_at(self->at, 1), self->page, 0));
	EXPECT_EQ('d', *tlib_at(self->at, 1));
	EXPECT_ENTRY(variant->memory->inserts ? "page rw" : "page rw dirty", self->fd,
		     tlib_at(self->at, 1));
}

/* If bio_iov_iter_get_pages() can pin only the first page, the read is that page long. */
TEST_F(syscall, direct_read_into_a_hole_is_short_to_the_page)
{
	bool pins = variant->memory->gup == FAULTLAB_GUP;

	self->disk = open_disk(self->node, sizeof(self->node));
	if (self->disk < 0)
		SKIP(return, NO_DISK);
	EXPECT_EQ(pins ? self->page : -1,
		  pread(self->disk, self->hole - self->page, 2 * self->page, 0));
	EXPECT_TRUE(pins || errno == tlib_memory_gup(variant->memory));
	EXPECT_EQ(-1, pread(self->disk, self->hole, self->page, 0));
	EXPECT_EQ(EFAULT, errno);
}

/*
 * vmsplice() into a pipe pins the pages, and vmsplice() out of a pipe copies them.
 */
TEST_F(syscall, vmsplice_into_a_pipe_shares_the_page)
{
	struct iovec iov = { .iov_base = self->at, .iov_len = self->page };
	bool pins = variant->memory->gup == FAULTLAB_GUP;
	struct tlib_mark mark;
	char byte = 0;

	drain(self->pipe[0]);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(pins ? self->page : -1, vmsplice(self->pipe[1], &iov, 1, 0));
	EXPECT_TRUE(pins || errno == tlib_memory_gup(variant->memory));
	EXPECT_COUNTS(tlib_memory_pins(variant->memory, "read", 0), &mark);
	if (!pins)
		return;

	*self->at = 'S';
	EXPECT_EQ(1, read(self->pipe[0], &byte, 1));
	EXPECT_EQ('S', byte);

	/* The pipe still holds the page that the region has dropped. */
	self->at[1] = 's';
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, self->at[1]);
	EXPECT_EQ(1, read(self->pipe[0], &byte, 1));
	EXPECT_EQ('s', byte);
}

TEST_F(syscall, vmsplice_out_of_a_pipe_copies)
{
	struct iovec iov = { .iov_base = self->at, .iov_len = self->page };
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(self->page, vmsplice(self->pipe[0], &iov, 1, 0));
	EXPECT_COUNTS(tlib_memory_faults(variant->memory, "write", 0, 1), &mark);
	EXPECT_EQ('f', *self->at);
}

TEST_HARNESS_MAIN
