// SPDX-License-Identifier: GPL-2.0-only
/*
 * Things done to a mapping: userfaultfd. vma_can_userfault() accepts anonymous memory,
 * shmem and hugetlbfs. For asynchronous write protection (WP_ASYNC, since 6.7) it
 * accepts any VMA that is not VM_SPECIAL.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include "lib/memory/memory.h"
#include "lib/newer.h"

#define NR	4

FIXTURE(uffd)
{
	int fd;
	char *at;
	size_t bytes;
};

FIXTURE_VARIANT(uffd)
{
	const struct faultlab_memory *memory;
};

/*
 * Only rows whose leaves are PTEs. Write protection of a PMD would replace it by a table
 * of PTE markers (change_pmd_prepare()).
 */
static bool maps_pages(const struct faultlab_memory *memory)
{
	return tlib_memory_usual(memory) && memory->leaf == FAULTLAB_LEAF_PTE;
}

TLIB_MEMORIES(uffd, maps_pages)

FIXTURE_SETUP(uffd)
{
	self->bytes = tlib_memory_bytes(variant->memory, NR);
	self->fd = tlib_memory_region(variant->memory, NR);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_memory_map(variant->memory, self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(uffd)
{
	close(self->fd);
}

/* A userfaultfd with these features, or -errno. */
static int open_uffd(__u64 features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (uffd < 0)
		return -errno;
	if (!ioctl(uffd, UFFDIO_API, &api))
		return uffd;
	close(uffd);
	return -EOPNOTSUPP;
}

static int watch(int uffd, void *at, size_t bytes, __u64 mode)
{
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)at, .len = bytes },
		.mode = mode,
	};

	return ioctl(uffd, UFFDIO_REGISTER, &reg) ? -errno : 0;
}

static int protect(int uffd, void *at, size_t bytes)
{
	struct uffdio_writeprotect wp = {
		.range = { .start = (uintptr_t)at, .len = bytes },
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};

	return ioctl(uffd, UFFDIO_WRITEPROTECT, &wp) ? -errno : 0;
}

#define NO_UFFD		"the kernel has no CONFIG_USERFAULTFD"
#define NO_ASYNC	"the kernel has no UFFD_FEATURE_WP_ASYNC"

/* userfaultfd does not support drivers' mappings in these modes. */
TEST_F(uffd, userfaultfd_cannot_register_missing_wp_or_minor_mode)
{
	static const __u64 modes[] = {
		UFFDIO_REGISTER_MODE_MISSING, UFFDIO_REGISTER_MODE_WP,
		UFFDIO_REGISTER_MODE_MINOR,
	};
	int uffd = open_uffd(0);
	size_t i;

	if (uffd < 0)
		SKIP(return, NO_UFFD);
	for (i = 0; i < ARRAY_SIZE(modes); i++)
		EXPECT_EQ(-EINVAL, watch(uffd, self->at, self->bytes, modes[i]));
}

TEST_F(uffd, wp_async_works_only_on_vmas_that_are_not_vm_special)
{
	bool refused = !variant->memory->merges;
	int uffd = open_uffd(UFFD_FEATURE_WP_ASYNC);
	struct tlib_mark mark;
	__u64 pfn;

	if (uffd < 0)
		SKIP(return, NO_ASYNC);
	tlib_memory_write(variant->memory, self->at, 1);
	pfn = tlib_pfn(self->fd, self->at);
	EXPECT_EQ(refused ? -EINVAL : 0,
		  watch(uffd, self->at, self->bytes, UFFDIO_REGISTER_MODE_WP));
	if (refused)
		return;

	EXPECT_EQ(0, protect(uffd, self->at, tlib_page_size()));
	EXPECT_ENTRY("page r dirty", self->fd, self->at);
	EXPECT_TRUE(tlib_entry(self->fd, 0, self->at).flags & FAULTLAB_PTE_UFFD_WP);
	EXPECT_TRUE(tlib_pagemap(self->at).uffd_wp);

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'A', NULL));
	EXPECT_COUNTS("minflt 1", &mark);
	EXPECT_ENTRY("page rw dirty", self->fd, self->at);
	EXPECT_FALSE(tlib_entry(self->fd, 0, self->at).flags & FAULTLAB_PTE_UFFD_WP);
	EXPECT_EQ(pfn, tlib_pfn(self->fd, self->at));
}

/* For a page that is not mapped, a PTE marker stores that it is write-protected. */
TEST_F(uffd, wp_async_protection_of_an_unmapped_page_applies_when_it_is_faulted_in)
{
	int uffd = open_uffd(UFFD_FEATURE_WP_ASYNC);
	struct tlib_mark mark;

	if (uffd < 0)
		SKIP(return, NO_ASYNC);
	if (!variant->memory->merges) {
		EXPECT_EQ(-EINVAL, watch(uffd, self->at, self->bytes,
					 UFFDIO_REGISTER_MODE_WP));
		return;
	}
	ASSERT_EQ(0, watch(uffd, self->at, self->bytes, UFFDIO_REGISTER_MODE_WP));
	EXPECT_EQ(0, protect(uffd, self->at, tlib_page_size()));
	EXPECT_TRUE(tlib_entry(self->fd, 0, self->at).flags & FAULTLAB_PTE_NONPRESENT);

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_COUNTS(tlib_memory_faults(variant->memory, "read", 0, 1), &mark);
	EXPECT_ENTRY("page r", self->fd, self->at);
	EXPECT_TRUE(tlib_entry(self->fd, 0, self->at).flags & FAULTLAB_PTE_UFFD_WP);

	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'A', NULL));
	EXPECT_FALSE(tlib_entry(self->fd, 0, self->at).flags & FAULTLAB_PTE_UFFD_WP);
	EXPECT_EQ('A', *self->at);
}

TEST_HARNESS_MAIN
