// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pieces of an address space without the module: memory that any program can have.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/walk/random_space.h"
#include "lib/newer.h"

#define SOME	(1 + tlib_random(&m->random, 300))
#define CHANCE(n) (!tlib_random(&m->random, n))

static int make_anonymous(struct tlib_maker *m)
{
	size_t pages = SOME;
	char *at = tlib_place(m, -1, TLIB_RW, CHANCE(4) ? MAP_SHARED : MAP_PRIVATE, pages,
			      TLIB_PAGE);

	if (!at)
		return -errno;
	if (CHANCE(2))
		madvise(at, pages * TLIB_PAGE, MADV_NOHUGEPAGE);
	tlib_touch_some(m, at, pages);
	tlib_mangle(m, at, pages);
	return 0;
}

/* Nearly empty tables of PTEs, and empty entries above PTE. */
static int make_sparse(struct tlib_maker *m)
{
	size_t pages = 1UL << (10 + tlib_random(&m->random, CHANCE(10) ? 9 : 5));
	char *at = tlib_place(m, -1, TLIB_RW, MAP_PRIVATE | MAP_NORESERVE, pages, TLIB_PAGE);

	if (!at)
		return -errno;
	madvise(at, pages * TLIB_PAGE, MADV_NOHUGEPAGE);
	tlib_touch_some(m, at, pages);
	tlib_mangle(m, at, pages);
	return 0;
}

static int make_reserve(struct tlib_maker *m)
{
	size_t pages = 1UL << (4 + tlib_random(&m->random, CHANCE(10) ? 15 : 10));

	return tlib_place(m, -1, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE, pages, TLIB_PAGE) ?
	       0 : -errno;
}

/*
 * Huge pages of anonymous memory. One that was only read is the huge zero page.
 * tlib_mangle() may split them.
 */
static int make_huge(struct tlib_maker *m)
{
	size_t i, n = 1 + tlib_random(&m->random, 3), pages = n * 512;
	char *at = tlib_place(m, -1, TLIB_RW, MAP_PRIVATE, pages, TLIB_PMD_SIZE);

	if (!at)
		return -errno;
	madvise(at, pages * TLIB_PAGE, MADV_HUGEPAGE);
	for (i = 0; i < n; i++) {
		char *page = at + i * TLIB_PMD_SIZE + 5 * TLIB_PAGE;

		if (CHANCE(2))
			faultlab_touch_read(page, NULL);
		else
			faultlab_touch_write(page, 1, NULL);
	}
	if (CHANCE(2))
		tlib_mangle(m, at, pages);
	else if (CHANCE(3))
		mprotect(at, TLIB_PMD_SIZE, PROT_NONE);
	return 0;
}

static int make_hugetlb(struct tlib_maker *m)
{
	const int flags = MAP_HUGETLB | (CHANCE(2) ? MAP_SHARED : MAP_PRIVATE);
	size_t n = 1 + tlib_random(&m->random, 3);
	char *at = tlib_place(m, -1, TLIB_RW, flags | MAP_NORESERVE, n * 512, TLIB_PMD_SIZE);

	if (!at)
		return errno == ENOMEM || errno == EINVAL ? -ENOENT : -errno;
	faultlab_touch_write(at + (n - 1) * TLIB_PMD_SIZE, 1, NULL);
	if (n > 2)
		faultlab_touch_read(at + TLIB_PAGE, NULL);
	if (CHANCE(3))
		mprotect(at, n * TLIB_PMD_SIZE, CHANCE(2) ? PROT_NONE : PROT_READ);
	return 0;
}

static int make_gigantic(struct tlib_maker *m)
{
	char *at;

	if (!m->ground->gigantic)
		return -ENOENT;
	at = tlib_place(m, -1, TLIB_RW, MAP_PRIVATE | MAP_HUGETLB | MAP_HUGE_1GB | MAP_NORESERVE,
			TLIB_PUD_SIZE / TLIB_PAGE, TLIB_PUD_SIZE);
	if (!at)
		return -ENOENT;
	/* Touch one page only: its fault clears the whole gigabyte (hugetlb_no_page()). */
	faultlab_touch_read(at, NULL);
	return 0;
}

static int make_swapped(struct tlib_maker *m)
{
	size_t pages = 8 + tlib_random(&m->random, 40), i;
	char *at;

	if (!m->ground->swap[0])
		return -ENOENT;
	at = tlib_place(m, -1, TLIB_RW, CHANCE(3) ? MAP_SHARED : MAP_PRIVATE, pages, TLIB_PAGE);
	if (!at)
		return -errno;
	madvise(at, pages * TLIB_PAGE, MADV_NOHUGEPAGE);
	memset(at, 0x5a, pages * TLIB_PAGE);
	for (i = 0; i < 3; i++)
		madvise(at, pages * TLIB_PAGE, MADV_PAGEOUT);
	/* Swap some in again. After MADV_WILLNEED those keep their swap slot. */
	if (CHANCE(2))
		madvise(at, pages * TLIB_PAGE, MADV_WILLNEED);
	for (i = 0; i < pages; i += 1 + tlib_random(&m->random, 16))
		faultlab_touch_read(at + i * TLIB_PAGE, NULL);
	if (CHANCE(3))
		tlib_mangle(m, at, pages);
	return 0;
}

static int make_merged(struct tlib_maker *m)
{
	size_t pages = 4 + tlib_random(&m->random, 12);
	char *at = tlib_place(m, -1, TLIB_RW, MAP_PRIVATE, pages, TLIB_PAGE);

	if (!at)
		return -errno;
	memset(at, 0x77, pages * TLIB_PAGE);
	if (madvise(at, pages * TLIB_PAGE, MADV_MERGEABLE))
		return -ENOENT;
	m->merges = true;
	return 0;
}

static int make_memfd(struct tlib_maker *m)
{
	int fd = syscall(SYS_memfd_create, "faultlab", 0);
	size_t pages = SOME;
	char *at;

	if (fd < 0 || ftruncate(fd, pages * TLIB_PAGE))
		return -errno;
	/* A page in the page cache that has no PTE yet. */
	if (pwrite(fd, "x", 1, tlib_random(&m->random, pages) * TLIB_PAGE) != 1)
		return -errno;
	at = tlib_place(m, fd, TLIB_RW, CHANCE(3) ? MAP_PRIVATE : MAP_SHARED, pages, TLIB_PAGE);
	if (!at)
		return -errno;
	tlib_touch_some(m, at, pages);
	tlib_mangle(m, at, pages);
	return 0;
}

static int make_file(struct tlib_maker *m)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	size_t pages = 1 + tlib_random(&m->random, 12);
	char *at;

	if (fd < 0)
		return -errno;
	at = tlib_place(m, fd, PROT_READ | (CHANCE(2) ? PROT_WRITE : PROT_EXEC), MAP_PRIVATE,
			pages, TLIB_PAGE);
	close(fd);
	if (!at)
		return -errno;
	tlib_touch_some(m, at, pages);
	return 0;
}

static int make_stack(struct tlib_maker *m)
{
	char *at = tlib_place(m, -1, TLIB_RW, MAP_PRIVATE | MAP_GROWSDOWN | MAP_STACK, 4,
			      TLIB_PMD_SIZE);

	if (!at)
		return -errno;
	faultlab_touch_write(at, 1, NULL);
	faultlab_touch_write(at - TLIB_PAGE, 1, NULL);
	return 0;
}

static int make_guarded(struct tlib_maker *m)
{
	size_t pages = SOME + 4;
	char *at = tlib_place(m, -1, TLIB_RW, MAP_PRIVATE, pages, TLIB_PAGE);

	if (!at)
		return -errno;
	tlib_touch_some(m, at, pages);
	if (madvise(at + TLIB_PAGE, 2 * TLIB_PAGE, MADV_GUARD_INSTALL))
		return -ENOENT;
	return 0;
}

static int make_sealed(struct tlib_maker *m)
{
	size_t pages = SOME;
	char *at = tlib_place(m, -1, TLIB_RW, MAP_PRIVATE, pages, TLIB_PAGE);

	if (!at)
		return -errno;
	tlib_touch_some(m, at, pages);
	if (syscall(SYS_mseal, at, pages * TLIB_PAGE, 0))
		return -ENOENT;
	tlib_mangle(m, at, pages);
	return 0;
}

/* There are only 15 protection keys, so a process may run out of them. */
static int make_keyed(struct tlib_maker *m)
{
	size_t pages = SOME;
	char *at = tlib_place(m, -1, TLIB_RW, MAP_PRIVATE, pages, TLIB_PAGE);
	int key = syscall(SYS_pkey_alloc, 0, 0);

	if (!at)
		return -errno;
	if (key < 0)
		return -ENOENT;
	tlib_touch_some(m, at, pages);
	syscall(SYS_pkey_mprotect, at, (pages + 1) / 2 * TLIB_PAGE, TLIB_RW, key);
	tlib_mangle(m, at, pages);
	return 0;
}

/* Write-protecting an unmapped page of a file installs a PTE marker. */
static int make_write_protected(struct tlib_maker *m)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
	};
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	int fd = CHANCE(2) ? -1 : syscall(SYS_memfd_create, "protected", 0);
	size_t pages = SOME + 4;
	char *at;

	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) ||
	    (fd >= 0 && ftruncate(fd, pages * TLIB_PAGE)))
		return -ENOENT;
	at = tlib_place(m, fd, TLIB_RW, fd < 0 ? MAP_PRIVATE : MAP_SHARED, pages, TLIB_PAGE);
	if (!at)
		return -errno;
	tlib_touch_some(m, at, pages);
	struct uffdio_register reg = {
		.range = { (uintptr_t)at, pages * TLIB_PAGE },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_writeprotect wp = {
		.range = { (uintptr_t)at, (pages / 2) * TLIB_PAGE },
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	if (ioctl(uffd, UFFDIO_REGISTER, &reg) || ioctl(uffd, UFFDIO_WRITEPROTECT, &wp))
		return -ENOENT;
	return 0;
}

const struct tlib_piece tlib_pieces_plain[] = {
	{ "anonymous", make_anonymous },
	{ "sparse", make_sparse },
	{ "reserve", make_reserve },
	{ "huge", make_huge },
	{ "hugetlb", make_hugetlb },
	{ "gigantic", make_gigantic },
	{ "swapped", make_swapped },
	{ "merged", make_merged },
	{ "memfd", make_memfd },
	{ "file", make_file },
	{ "stack", make_stack },
	{ "guarded", make_guarded },
	{ "sealed", make_sealed },
	{ "keyed", make_keyed },
	{ "write-protected", make_write_protected },
	{ NULL }
};
