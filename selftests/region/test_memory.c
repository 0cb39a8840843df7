// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rows of lib/faultlab_memories.h are correct: each property of a row is what the
 * running kernel shows for such a region.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include "lib/memory/memory.h"
#include "lib/space.h"

#define NR	2	/* steps */

FIXTURE(memory)
{
	int fd;
	size_t step;
	size_t bytes;
	char *at;
};

FIXTURE_VARIANT(memory)
{
	const struct faultlab_memory *memory;
};

static bool each(const struct faultlab_memory *memory)
{
	return true;
}

TLIB_MEMORIES(memory, each)

/* Whether CONFIG refuses the row before 6.12. It must not refuse any other row. */
static bool is_of_newer_kernels(const struct faultlab_memory *m)
{
	const __u64 whole = FAULTLAB_REGION_WHOLE;

	if (tlib_kernel_since(6, 12))
		return false;
	return (m->flags & FAULTLAB_REGION_HUGE) ||
	       (m->kind == FAULTLAB_KIND_PAGE && m->leaf && !(m->flags & whole));
}

FIXTURE_SETUP(memory)
{
	self->step = tlib_memory_bytes(variant->memory, 1);
	self->bytes = NR * self->step;
	self->fd = tlib_memory_region(variant->memory, NR);
	if (tlib_memory_has_pages(variant->memory)) {
		/* ASSERT, since a SKIP below would hide a failed EXPECT. */
		ASSERT_EQ(is_of_newer_kernels(variant->memory), self->fd == -EOPNOTSUPP);
	}
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_memory_map(variant->memory, self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(memory)
{
	close(self->fd);
}

/* A private mapping, writable if the row allows it. */
static char *map_private(const struct faultlab_memory *memory, int fd)
{
	return tlib_memory_map(memory, fd, tlib_memory_private_prot(memory), MAP_PRIVATE, 0, NR);
}

static int try_map(const struct faultlab_memory *memory, int fd, int prot, int flags)
{
	return tlib_memory_map(memory, fd, prot, flags, 0, NR) ? 0 : errno;
}

TEST_F(memory, mmap_accepts_exactly_the_mappings_of_the_row)
{
	const struct faultlab_memory *m = variant->memory;
	char *private;

	EXPECT_EQ(m->maps & FAULTLAB_MAPS_SHARED ? 0 : EINVAL,
		  try_map(m, self->fd, TLIB_RW, MAP_SHARED));
	EXPECT_EQ(m->maps & FAULTLAB_MAPS_PRIVATE_READ ? 0 : EINVAL,
		  try_map(m, self->fd, PROT_READ, MAP_PRIVATE));
	EXPECT_EQ(m->maps & FAULTLAB_MAPS_PRIVATE_WRITE ? 0 : EINVAL,
		  try_map(m, self->fd, TLIB_RW, MAP_PRIVATE));
	/* mprotect() must not make it writable either. */
	private = tlib_memory_map(m, self->fd, PROT_READ, MAP_PRIVATE, 0, NR);
	EXPECT_EQ(m->maps & FAULTLAB_MAPS_PRIVATE_WRITE ? 0 : -1,
		  mprotect(private, self->bytes, TLIB_RW));
	EXPECT_TRUE((m->maps & FAULTLAB_MAPS_PRIVATE_WRITE) || errno == EACCES);
}

/* VmFlags of smaps, as " rd wr sh pf ". */
static const char *vm_flags(const void *at)
{
	static struct tlib_vma vmas[256];
	ssize_t nr = tlib_vmas(0, vmas, ARRAY_SIZE(vmas)), i;

	for (i = 0; i < nr; i++)
		if (vmas[i].start <= (uintptr_t)at && (uintptr_t)at < vmas[i].end)
			return vmas[i].flags;
	return "";
}

/* Those of the VMA's flags that a row has a property for. */
static const char *chosen_flags(const char *flags)
{
	static const char *const names[] = { " pf ", " io ", " mm ", " de ", " dd " };
	static char text[32];
	size_t i;

	*text = '\0';
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strstr(flags, names[i]))
			strcat(text, names[i] + !!*text);
	return text;
}

TEST_F(memory, vma_flags_are_those_of_the_row)
{
	const struct faultlab_memory *m = variant->memory;
	const char *want = tlib_text("%s%s%s%s%s", m->merges ? "" : " ",
				     m->pfnmap ? "pf io " : "", m->mixedmap ? "mm " : "",
				     m->pfnmap || m->dontexpand ? "de " : "",
				     m->dontdump ? "dd " : "");
	char *private = map_private(m, self->fd);

	EXPECT_STREQ(want, chosen_flags(vm_flags(self->at)));
	ASSERT_NE(NULL, private);
	EXPECT_STREQ(want, chosen_flags(vm_flags(private)));
}

/* How many pages one fault maps. */
static size_t window(const struct faultlab_memory *m)
{
	if (m->leaf != FAULTLAB_LEAF_PTE)
		return TLIB_PMD_SIZE / TLIB_PAGE;
	return m->along > 1 ? m->along : 1;
}

/* Whether the entry is special. */
static bool special(int fd, const void *at)
{
	return tlib_entry(fd, 0, at).flags & FAULTLAB_PTE_SPECIAL;
}

TEST_F(memory, special_entries_and_rss_are_as_the_row_says)
{
	const struct faultlab_memory *m = variant->memory;
	const long kib = window(m) * TLIB_PAGE / 1024;
	char *private = map_private(m, self->fd);

	ASSERT_NE(NULL, private);
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(m->special, special(self->fd, self->at));
	EXPECT_EQ(m->rss ? kib : 0, tlib_smaps(self->at, "Rss"));
	EXPECT_EQ(0, faultlab_touch_read(private, NULL));
	EXPECT_EQ(m->special_private, special(self->fd, private));
	/* Pages of entries that are not special count in Rss; special entries do not. */
	EXPECT_EQ(m->special_private ? 0 : kib, tlib_smaps(private, "Rss"));
	if (!(m->maps & FAULTLAB_MAPS_PRIVATE_WRITE))
		return;
	EXPECT_EQ(0, faultlab_touch_write(private + self->step, 'p', NULL));
	EXPECT_ENTRY("page rw dirty", self->fd, private + self->step);
}

/* The mapping has room for the largest leaf, also for a PUD. */
TEST_F(memory, one_fault_maps_as_many_pages_as_the_row_says)
{
	static const unsigned int levels[] = {
		[FAULTLAB_LEAF_PTE] = FAULTLAB_LEVEL_PTE,
		[FAULTLAB_LEAF_PMD] = FAULTLAB_LEVEL_PMD,
		[FAULTLAB_LEAF_PUD] = FAULTLAB_LEVEL_PUD,
	};
	const struct faultlab_memory *m = variant->memory;
	const bool huge = m->calls & FAULTLAB_CALLS_HUGE_FAULT;
	const bool giant = m->leaf == FAULTLAB_LEAF_PUD;
	const size_t pages = giant ? TLIB_PUD_SIZE / TLIB_PAGE : self->bytes / TLIB_PAGE;
	struct tlib_mark mark;
	char *at = self->at;

	if (giant) {
		tlib_unmap(self->at, self->bytes / TLIB_PAGE);
		close(self->fd);
		self->fd = faultlab_memory_open(m, TLIB_PUD_SIZE);
		ASSERT_LE(0, self->fd);
		at = mmap((void *)(2UL << 40), TLIB_PUD_SIZE, TLIB_RW,
			  MAP_SHARED | MAP_FIXED_NOREPLACE, self->fd, 0);
		ASSERT_NE(MAP_FAILED, at);
	}
	EXPECT_EQ(m->at_mmap ? pages : 0, tlib_nr_mapped(self->fd, 0, at, pages));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	tlib_counts_end(&mark);
	EXPECT_EQ(!!(m->calls & FAULTLAB_CALLS_FAULT), tlib_moved(&mark, FAULTLAB_STAT_FAULT_READ));
	EXPECT_EQ(huge && !giant, tlib_moved(&mark, FAULTLAB_STAT_FAULT_HUGE_PMD));
	EXPECT_EQ(huge && giant, tlib_moved(&mark, FAULTLAB_STAT_FAULT_HUGE_PUD));
	EXPECT_EQ(m->along > 1 ? m->along - 1 : 0, tlib_moved(&mark, FAULTLAB_STAT_PAGES_BATCH));
	EXPECT_EQ(levels[m->leaf], tlib_entry(self->fd, 0, at).level);
	if (m->leaf == FAULTLAB_LEAF_PTE)
		EXPECT_EQ(m->at_mmap ? pages : window(m), tlib_nr_mapped(self->fd, 0, at, pages));
}

/* For each callback, the test makes an access for which the core calls it. */
TEST_F(memory, mkwrite_map_pages_and_access_are_called_as_the_row_says)
{
	const struct faultlab_memory *m = variant->memory;
	struct tlib_mark mark;
	char *again, byte;
	int mem;

	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'w', NULL));
	tlib_counts_end(&mark);
	EXPECT_EQ(!!(m->calls & FAULTLAB_CALLS_PAGE_MKWRITE),
		  tlib_moved(&mark, FAULTLAB_STAT_FAULT_MKWRITE));
	EXPECT_EQ(!!(m->calls & FAULTLAB_CALLS_PFN_MKWRITE),
		  tlib_moved(&mark, FAULTLAB_STAT_FAULT_PFN_MKWRITE));

	/*
	 * .map_pages is called if there is a page table, and maps pages that are
	 * allocated.
	 */
	again = tlib_memory_map(m, self->fd, PROT_READ, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, again);
	EXPECT_EQ(0, faultlab_touch_read(again, NULL));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, tlib_page_size(), 0));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	faultlab_touch_read(again, NULL);
	tlib_counts_end(&mark);
	EXPECT_EQ(!!(m->calls & FAULTLAB_CALLS_MAP_PAGES),
		  tlib_moved(&mark, FAULTLAB_STAT_FAULT_AROUND));

	mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, mem);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(1, pread(mem, &byte, 1, (uintptr_t)self->at + self->step));
	tlib_counts_end(&mark);
	EXPECT_EQ(!!(m->calls & FAULTLAB_CALLS_ACCESS), tlib_moved(&mark, FAULTLAB_STAT_ACCESS));
	close(mem);
}

static int pin_by_vm(char *at)
{
	struct iovec remote = { at, 1 }, local = { &(char){ 0 }, 1 };

	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1 ? 0 : errno;
}

static int pin_by_pipe(char *at)
{
	struct iovec iov = { at, 1 };
	int fds[2], err;

	if (pipe(fds))
		return errno;
	err = vmsplice(fds[1], &iov, 1, 0) == 1 ? 0 : errno;
	close(fds[0]);
	close(fds[1]);
	return err;
}

static int wake(char *at)
{
	return syscall(SYS_futex, at, FUTEX_WAKE, 1, NULL, NULL, 0) < 0 ? errno : 0;
}

TEST_F(memory, gup_works_or_fails_as_the_row_says)
{
	const struct faultlab_memory *m = variant->memory;
	const int error = tlib_memory_gup(m);
	char *private = map_private(m, self->fd);
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(error ? EFAULT : 0, pin_by_vm(self->at));
	EXPECT_COUNTS(tlib_memory_pins(m, "read", 0), &mark);
	EXPECT_EQ(error, pin_by_pipe(self->at + self->step));
	EXPECT_EQ(error, wake(self->at));
	/* GUP of a private mapping fails if its entries are special. */
	ASSERT_NE(NULL, private);
	EXPECT_EQ(m->special_private ? error : 0, pin_by_pipe(private));
}

/* Only rows where GUP fails: else the page would be poisoned (see test_broken_*.c). */
TEST_F(memory, madv_hwpoison_fails_like_gup_where_gup_fails)
{
	const int error = tlib_memory_gup(variant->memory);

	if (!error)
		return;
	tlib_memory_write(variant->memory, self->at, NR);
	ASSERT_EQ(-1, madvise(self->at, tlib_page_size(), MADV_HWPOISON));
	if (errno == EINVAL)
		SKIP(return, "the kernel has no CONFIG_MEMORY_FAILURE");
	EXPECT_EQ(error, errno);
}

/* Map the next pages of the region right behind a mapping. */
TEST_F(memory, adjacent_vmas_merge_as_the_row_says)
{
	char *at = tlib_memory_map(variant->memory, self->fd, TLIB_RW, MAP_SHARED, 0, 1);

	ASSERT_NE(NULL, at);
	EXPECT_EQ(1, tlib_nr_vmas(at, self->bytes));
	ASSERT_EQ(at + self->step, mmap(at + self->step, self->step, TLIB_RW,
					MAP_SHARED | MAP_FIXED_NOREPLACE, self->fd, self->step));
	EXPECT_EQ(variant->memory->merges ? 1 : 2, tlib_nr_vmas(at, self->bytes));
	/* After a split they merge again. */
	ASSERT_EQ(0, mprotect(at, self->step, PROT_READ));
	ASSERT_EQ(0, mprotect(at, self->step, TLIB_RW));
	EXPECT_EQ(variant->memory->merges ? 1 : 2, tlib_nr_vmas(at, self->bytes));
}

TEST(each_row_has_a_name_of_its_own)
{
	unsigned int i, j;

	ASSERT_EQ(FAULTLAB_NR_MEMORIES, faultlab_nr_memories);
	for (i = 0; i < faultlab_nr_memories; i++) {
		/*
		 * The name is the first part of a matrix cell's name, which ends at
		 * '/'.
		 */
		EXPECT_EQ(NULL, strpbrk(faultlab_memories[i].name, "/,#"));
		for (j = 0; j < i; j++) {
			EXPECT_STRNE(faultlab_memories[i].name, faultlab_memories[j].name);
			EXPECT_STRNE(faultlab_memories[i].id, faultlab_memories[j].id);
		}
	}
}

TEST_HARNESS_MAIN
