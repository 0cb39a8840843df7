// SPDX-License-Identifier: GPL-2.0-only
/* What changes VMAs, within the windows of addresses of a program. */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz/calls/call.h"

/* Newer than the C library's headers may be. */
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED	24
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE		25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102
#define MADV_GUARD_REMOVE	103
#endif
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE		0x08
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC	(1 << 15)
#endif
#ifndef __NR_mseal
#define __NR_mseal		462
#endif

/* What is populated page by page must be done before the program is killed for it. */
#define POPULATE_MAX	520

static __u64 few(__u64 pages)
{
	return pages < POPULATE_MAX ? pages : POPULATE_MAX;
}

/* mremap() and mprotect() populate what is locked. */
static __u64 few_if_locked(const struct fuzz_world *w, __u64 pages)
{
	return w->locks ? few(pages) : pages;
}

static long call_mmap(struct fuzz_world *w, const __u64 *a)
{
	const __u64 pages = a[6] & (MAP_POPULATE | MAP_LOCKED) ? few(a[4]) : a[4];
	void *at = mmap(fuzz_at(w, a[0], a[1]), fuzz_bytes(w, a[1], pages), a[5],
			(a[6] & ~(__u64)MAP_ANONYMOUS) | MAP_FIXED, fuzz_fd(w, a[2]),
			a[3] * w->page);

	if (a[6] & MAP_LOCKED)
		w->locks = true;
	return at == MAP_FAILED ? -errno : 0;
}

/* Memory of another sort between mappings of regions, and in their tables. */
static long call_mmap_anon(struct fuzz_world *w, const __u64 *a)
{
	void *at = mmap(fuzz_at(w, a[0], a[1]), fuzz_bytes(w, a[1], a[2]), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? -errno : 0;
}

static long call_munmap(struct fuzz_world *w, const __u64 *a)
{
	return fuzz_result(munmap(fuzz_at(w, a[0], a[1]), fuzz_bytes(w, a[1], a[2])));
}

static long call_mprotect(struct fuzz_world *w, const __u64 *a)
{
	return fuzz_result(mprotect(fuzz_at(w, a[0], a[1]),
				    fuzz_bytes(w, a[1], few_if_locked(w, a[2])), a[3]));
}

static long call_madvise(struct fuzz_world *w, const __u64 *a)
{
	const bool populates = a[3] == MADV_POPULATE_READ || a[3] == MADV_POPULATE_WRITE;

	return fuzz_result(madvise(fuzz_at(w, a[0], a[1]),
				   fuzz_bytes(w, a[1], populates ? few(a[2]) : a[2]), a[3]));
}

/* What may move moves to a window: elsewhere no later call would be about it. */
static long call_mremap(struct fuzz_world *w, const __u64 *a)
{
	char *from = fuzz_at(w, a[0], a[1]), *to = fuzz_at(w, a[4], a[5]), *at;
	const __u64 more = a[3] > a[2] ? few_if_locked(w, a[3] - a[2]) : 0;
	const __u64 pages = a[3] > a[2] ? a[2] + more : a[3];
	size_t bytes = fuzz_bytes(w, a[1], a[2]), wanted = fuzz_bytes(w, a[5], pages);
	const int flags = a[6] & (MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP);

	if (flags & MREMAP_DONTUNMAP)
		wanted = bytes;
	if (flags & MREMAP_FIXED)
		at = mremap(from, bytes, wanted, flags, to);
	else if (flags & MREMAP_MAYMOVE)
		at = mremap(from, bytes, wanted, flags | MREMAP_FIXED, to);
	else
		at = mremap(from, bytes, fuzz_bytes(w, a[1], pages), flags);
	return at == MAP_FAILED ? -errno : 0;
}

enum { UNLOCK, LOCK, LOCK_ONFAULT };

static long call_mlock(struct fuzz_world *w, const __u64 *a)
{
	char *at = fuzz_at(w, a[0], a[1]);
	size_t bytes = fuzz_bytes(w, a[1], few(a[2]));

	if (a[3] == LOCK)
		w->locks = true;
	switch (a[3]) {
	case LOCK:
		return fuzz_result(mlock(at, bytes));
	case LOCK_ONFAULT:
		return fuzz_result(mlock2(at, bytes, 1 /* MLOCK_ONFAULT */));
	default:
		return fuzz_result(munlock(at, bytes));
	}
}

static long call_msync(struct fuzz_world *w, const __u64 *a)
{
	return fuzz_result(msync(fuzz_at(w, a[0], a[1]), fuzz_bytes(w, a[1], a[2]), a[3] % 8));
}

static long call_remap_file(struct fuzz_world *w, const __u64 *a)
{
	/* It populates. */
	return fuzz_result(syscall(__NR_remap_file_pages, fuzz_at(w, a[0], a[1]),
				   fuzz_bytes(w, a[1], few(a[2])), 0, a[3], 0));
}

static long call_mincore(struct fuzz_world *w, const __u64 *a)
{
	unsigned char present[64];
	size_t bytes = fuzz_bytes(w, a[1], a[2] % sizeof(present));

	return fuzz_result(mincore(fuzz_at(w, a[0], a[1]), bytes, present));
}

enum { UFFD_CLOSE, UFFD_UNREGISTER, UFFD_KEEP };

/* @async: whether the kernel resolves faults of write protection itself, from 6.7 on. */
static long register_range(int fd, struct uffdio_register *range, bool *async)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_WP_ASYNC };
	struct uffdio_writeprotect protect = {
		.range = range->range, .mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	long ret = fuzz_result(ioctl(fd, UFFDIO_API, &api));

	/* Files can be protected only if it is so. */
	*async = !ret;
	if (ret) {
		api = (struct uffdio_api){ .api = UFFD_API };
		ret = fuzz_result(ioctl(fd, UFFDIO_API, &api));
	}
	if (!ret)
		ret = fuzz_result(ioctl(fd, UFFDIO_REGISTER, range));
	if (!ret && range->mode == UFFDIO_REGISTER_MODE_WP)
		ret = fuzz_result(ioctl(fd, UFFDIO_WRITEPROTECT, &protect));
	return ret;
}

/*
 * The first half, which splits a VMA, and then the second: the VMA that this left over is
 * not registered any more as a whole, and can be merged with the one before it.
 */
static long unregister_halves(int fd, __u64 start, __u64 half, __u64 bytes)
{
	struct uffdio_range first = { start, half }, second = { start + half, bytes - half };
	long ret = fuzz_result(ioctl(fd, UFFDIO_UNREGISTER, &first));

	if (ret || !second.len)
		return ret;
	return fuzz_result(ioctl(fd, UFFDIO_UNREGISTER, &second));
}

/*
 * A userfaultfd for a range, that nobody serves. So it ends at once, or stays until the next
 * one if it only protects against writes, which the kernel resolves itself.
 */
static long call_uffd(struct fuzz_world *w, const __u64 *a)
{
	struct uffdio_register range = {
		.range = { (uintptr_t)fuzz_at(w, a[0], a[1]), fuzz_bytes(w, a[1], a[2]) },
		.mode = a[3],
	};
	int fd = syscall(__NR_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	long ret = fuzz_result(fd);
	bool async;

	if (fd < 0)
		return ret;
	ret = register_range(fd, &range, &async);
	if (!ret && a[4] == UFFD_UNREGISTER)
		ret = unregister_halves(fd, range.range.start,
					fuzz_bytes(w, a[1], (a[2] + 1) / 2), range.range.len);
	if (a[4] == UFFD_KEEP && a[3] == UFFDIO_REGISTER_MODE_WP && async)
		fd = __atomic_exchange_n(&w->uffd, fd, __ATOMIC_RELAXED);
	if (fd >= 0)
		close(fd);
	return ret;
}

static long call_mseal(struct fuzz_world *w, const __u64 *a)
{
	return fuzz_result(syscall(__NR_mseal, fuzz_at(w, a[0], a[1]), fuzz_bytes(w, a[1], a[2]),
				   0));
}

static const struct fuzz_word locks[] = {
	{ "unlock", UNLOCK }, { "unlock", UNLOCK }, { "lock", LOCK }, { "onfault", LOCK_ONFAULT },
};

static const struct fuzz_word prots[] = {
	{ "rw", PROT_READ | PROT_WRITE }, { "rw", PROT_READ | PROT_WRITE },
	{ "rw", PROT_READ | PROT_WRITE }, { "rw", PROT_READ | PROT_WRITE }, { "r", PROT_READ },
	{ "w", PROT_WRITE }, { "none", PROT_NONE }, { "rx", PROT_READ | PROT_EXEC },
	{ "rwx", PROT_READ | PROT_WRITE | PROT_EXEC },
};

/* Most, as some flags are refused always, and some for most regions. */
#define SHARED	{ "shared", MAP_SHARED }

static const struct fuzz_word map_flags[] = {
	SHARED, SHARED, SHARED, SHARED, SHARED, SHARED, SHARED, SHARED, SHARED, SHARED, SHARED,
	SHARED, { "private", MAP_PRIVATE }, { "private", MAP_PRIVATE },
	{ "shared-populate", MAP_SHARED | MAP_POPULATE },
	{ "private-populate", MAP_PRIVATE | MAP_POPULATE },
	{ "shared-locked", MAP_SHARED | MAP_LOCKED },
	{ "validate", MAP_SHARED_VALIDATE }, { "sync", MAP_SHARED_VALIDATE | MAP_SYNC },
	{ "shared-noreserve", MAP_SHARED | MAP_NORESERVE },
	{ "private-noreserve", MAP_PRIVATE | MAP_NORESERVE },
	{ "growsdown", MAP_PRIVATE | MAP_GROWSDOWN },
	{ "private-locked", MAP_PRIVATE | MAP_LOCKED },
	{ "nonblock", MAP_SHARED | MAP_POPULATE | MAP_NONBLOCK },
	{ "stack", MAP_PRIVATE | MAP_STACK }, { "noreplace", MAP_SHARED | MAP_FIXED_NOREPLACE },
	{ "hugetlb", MAP_SHARED | MAP_HUGETLB }, { "droppable", MAP_DROPPABLE },
};

static const struct fuzz_word advices[] = {
	{ "normal", MADV_NORMAL }, { "random", MADV_RANDOM }, { "sequential", MADV_SEQUENTIAL },
	{ "willneed", MADV_WILLNEED }, { "dontneed", MADV_DONTNEED },
	{ "dontneed", MADV_DONTNEED }, { "free", MADV_FREE }, { "remove", MADV_REMOVE },
	{ "dontfork", MADV_DONTFORK }, { "dofork", MADV_DOFORK },
	{ "mergeable", MADV_MERGEABLE }, { "unmergeable", MADV_UNMERGEABLE },
	{ "hugepage", MADV_HUGEPAGE }, { "nohugepage", MADV_NOHUGEPAGE },
	{ "dontdump", MADV_DONTDUMP }, { "dodump", MADV_DODUMP },
	{ "wipeonfork", MADV_WIPEONFORK }, { "keeponfork", MADV_KEEPONFORK },
	{ "cold", MADV_COLD }, { "pageout", MADV_PAGEOUT },
	{ "populate_read", MADV_POPULATE_READ }, { "populate_write", MADV_POPULATE_WRITE },
	{ "collapse", MADV_COLLAPSE }, { "dontneed_locked", MADV_DONTNEED_LOCKED },
	{ "guard", MADV_GUARD_INSTALL }, { "unguard", MADV_GUARD_REMOVE },
};

static const struct fuzz_word moves[] = {
	{ "0", 0 }, { "maymove", MREMAP_MAYMOVE }, { "maymove", MREMAP_MAYMOVE },
	{ "fixed", MREMAP_MAYMOVE | MREMAP_FIXED },
	{ "dontunmap", MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP },
};

static const struct fuzz_word uffd_modes[] = {
	{ "missing", UFFDIO_REGISTER_MODE_MISSING }, { "wp", UFFDIO_REGISTER_MODE_WP },
	{ "wp", UFFDIO_REGISTER_MODE_WP }, { "minor", UFFDIO_REGISTER_MODE_MINOR },
};

static const struct fuzz_word uffd_ends[] = {
	{ "close", UFFD_CLOSE }, { "unregister", UFFD_UNREGISTER }, { "keep", UFFD_KEEP },
};

#define RANGE	{ "map", FUZZ_MAP }, { "at", FUZZ_PAGE }, { "pages", FUZZ_PAGES }

static const struct fuzz_call calls[] = {
	{ "mmap", 120, FUZZ_SHARE, call_mmap,
	  { { "map", FUZZ_MAP }, { "at", FUZZ_PAGE }, { "fd", FUZZ_FD }, { "first", FUZZ_PAGE },
	    { "pages", FUZZ_PAGES }, { "prot", FUZZ_ONE, FUZZ_WORDS(prots) },
	    { "flags", FUZZ_ONE, FUZZ_WORDS(map_flags) } } },
	{ "mmap_anon", 8, 0, call_mmap_anon, { RANGE } },
	{ "munmap", 25, FUZZ_SHARE, call_munmap, { RANGE } },
	{ "mprotect", 30, FUZZ_SHARE, call_mprotect,
	  { RANGE, { "prot", FUZZ_ONE, FUZZ_WORDS(prots) } } },
	{ "madvise", 40, FUZZ_SHARE, call_madvise,
	  { RANGE, { "advice", FUZZ_ONE, FUZZ_WORDS(advices) } } },
	{ "mremap", 40, FUZZ_SHARE, call_mremap,
	  { RANGE, { "wanted", FUZZ_PAGES }, { "to", FUZZ_MAP }, { "to_at", FUZZ_PAGE },
	    { "flags", FUZZ_ONE, FUZZ_WORDS(moves) } } },
	{ "mlock", 30, FUZZ_SHARE, call_mlock,
	  { RANGE, { "how", FUZZ_ONE, FUZZ_WORDS(locks) } } },
	{ "msync", 6, 0, call_msync, { RANGE, { "flags", FUZZ_SMALL } } },
	{ "remap_file", 4, 0, call_remap_file,
	  { RANGE, { "first", FUZZ_PAGE } } },
	{ "mincore", 5, 0, call_mincore, { RANGE } },
	{ "uffd", 8, 0, call_uffd,
	  { RANGE, { "mode", FUZZ_ONE, FUZZ_WORDS(uffd_modes) },
	    { "then", FUZZ_ONE, FUZZ_WORDS(uffd_ends) } } },
	{ "mseal", 1, 0, call_mseal, { RANGE } },
};

FUZZ_CALLS(vma);
