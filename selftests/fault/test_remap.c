// SPDX-License-Identifier: GPL-2.0-only
/* Kind remap: mmap() maps everything, and there are no faults. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>
#include <sys/uio.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/sys.h"

#define NR	8UL

FIXTURE(remap)
{
	int fd;
	size_t page;
	char *at;
	struct tlib_peer peer;
};

FIXTURE_VARIANT(remap)
{
	__u64 flags;
	__u32 order;
	const char *pages;	/* change of the counter when all is mapped */
};

FIXTURE_VARIANT_ADD(remap, pages)
{
	.pages = " pages +8",
};

FIXTURE_VARIANT_ADD(remap, folios)
{
	.order = 2,
	.pages = " pages +8",
};

FIXTURE_VARIANT_ADD(remap, phys)
{
	.flags = FAULTLAB_REGION_PHYS,
	.pages = "",
};

/* The region is configured, and not mapped. */
FIXTURE_SETUP(remap)
{
	struct faultlab_config config = {
		.kind = FAULTLAB_KIND_REMAP,
		.flags = variant->flags,
		.bytes = NR * tlib_page_size(),
		.order = variant->order,
	};

	self->page = tlib_page_size();
	self->fd = tlib_region_full(&config);
	if (self->fd == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(remap)
{
	close(self->fd);
}

#define MAP_ALL(prot, flags)						\
	do {								\
		self->at = tlib_map(self->fd, prot, flags, 0, NR);	\
		ASSERT_NE(NULL, self->at);				\
	} while (0)

/* SIGBUS, and no counter of the region changes. */
#define EXPECT_BUS_ERROR(where)					\
	do {								\
		struct faultlab_touch _touch;				\
		struct tlib_mark _mark;					\
									\
		ASSERT_EQ(0, tlib_counts_begin(self->fd, &_mark));	\
		EXPECT_EQ(-EFAULT, faultlab_touch_write(where, 1, &_touch)); \
		EXPECT_COUNTS("", &_mark);				\
		EXPECT_EQ(SIGBUS, _touch.signal);			\
		EXPECT_EQ(BUS_ADRERR, _touch.code);			\
		EXPECT_EQ((uintptr_t)(where), _touch.addr);		\
	} while (0)

TEST_F(remap, mmap_maps_all_pages_and_writes_do_not_fault)
{
	struct tlib_mark mark;
	size_t i;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	MAP_ALL(TLIB_RW, MAP_SHARED);
	EXPECT_COUNTS(tlib_text("vmas +1%s", variant->pages), &mark);
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, 0, self->at, NR));
	for (i = 0; i < NR; i++)
		EXPECT_ENTRY("page rw special", self->fd, tlib_at(self->at, i));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	tlib_write(self->at, NR);
	EXPECT_COUNTS("", &mark);
	for (i = 0; i < NR; i++)
		EXPECT_ENTRY("page rw dirty special", self->fd, tlib_at(self->at, i));
	EXPECT_EQ(0, tlib_smaps(self->at, "Rss"));
	EXPECT_FALSE(tlib_pagemap(self->at).present);
}

TEST_F(remap, a_mapping_at_an_offset_maps_the_same_frames)
{
	char *part;

	MAP_ALL(TLIB_RW, MAP_SHARED);
	tlib_write(self->at, NR);
	part = tlib_map(self->fd, PROT_READ, MAP_SHARED, 3, 2);
	ASSERT_NE(NULL, part);
	EXPECT_EQ('d', *part);
	EXPECT_EQ('e', *tlib_at(part, 1));
	EXPECT_EQ(tlib_pfn(self->fd, tlib_at(self->at, 4)), tlib_pfn(self->fd, tlib_at(part, 1)));
	EXPECT_ENTRY("page r special", self->fd, part);
}

TEST_F(remap, page_past_the_end_is_a_bus_error)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, NR - 1, 2);
	char *past = tlib_map(self->fd, TLIB_RW, MAP_SHARED, NR, 1);

	ASSERT_NE(NULL, at);
	ASSERT_NE(NULL, past);
	EXPECT_EQ(1, tlib_nr_mapped(self->fd, 0, at, 2));
	EXPECT_BUS_ERROR(tlib_at(at, 1));
	EXPECT_BUS_ERROR(past);
}

TEST_F(remap, rules_are_never_matched)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_SIGBUS, 0);
	size_t nr = 1;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	MAP_ALL(TLIB_RW, MAP_SHARED);
	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, NULL));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_BUS_ERROR(self->at);
	ASSERT_EQ(0, faultlab_rules_read(self->fd, &rule, &nr));
	EXPECT_EQ(0, rule.hits);
}

TEST_F(remap, an_evicted_page_stays_sigbus_and_only_a_new_mmap_maps_it)
{
	char *again;

	MAP_ALL(TLIB_RW, MAP_SHARED);
	tlib_write(self->at, NR);
	ASSERT_EQ(0, faultlab_evict(self->fd, self->page, self->page, 0));
	EXPECT_ENTRY("page rw dirty special", self->fd, self->at);
	EXPECT_ENTRY("none", self->fd, tlib_at(self->at, 1));
	EXPECT_BUS_ERROR(tlib_at(self->at, 1));
	EXPECT_BUS_ERROR(tlib_at(self->at, 1));
	EXPECT_EQ(NR - 1, tlib_nr_mapped(self->fd, 0, self->at, NR));
	again = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 1, 1);
	ASSERT_NE(NULL, again);
	EXPECT_EQ('b', *again);
	EXPECT_BUS_ERROR(tlib_at(self->at, 1));
}

TEST_F(remap, evict_with_drop_is_einval)
{
	EXPECT_EQ(-EINVAL, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	MAP_ALL(TLIB_RW, MAP_SHARED);
	*self->at = 'a';
	EXPECT_EQ(-EINVAL, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, 0, self->at, NR));
}

TEST_F(remap, unplug_unmaps_everything_but_frees_no_pages)
{
	struct tlib_mark mark;

	MAP_ALL(TLIB_RW, MAP_SHARED);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_unplug(self->fd));
	EXPECT_COUNTS("", &mark);
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_BUS_ERROR(self->at);
	EXPECT_EQ(NULL, tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-ENODEV, faultlab_unplug(self->fd));
}

TEST_F(remap, private_mapping_is_refused_if_writable)
{
	char *at;

	EXPECT_EQ(NULL, tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(NULL, tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, 1));
	EXPECT_EQ(EINVAL, errno);
	at = tlib_map(self->fd, PROT_READ, MAP_PRIVATE, 0, NR);
	ASSERT_NE(NULL, at);
	EXPECT_ENTRY("page r special", self->fd, at);
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, 0, at, NR));
	EXPECT_EQ(-1, mprotect(at, NR * self->page, TLIB_RW));
	EXPECT_EQ(EACCES, errno);
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, at, NR));
}

TEST_F(remap, mprotect_changes_the_entries)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;

	MAP_ALL(TLIB_RW, MAP_SHARED);
	ASSERT_EQ(0, mprotect(self->at, 2 * self->page, PROT_READ));
	EXPECT_ENTRY("page r special", self->fd, self->at);
	EXPECT_ENTRY("page rw special", self->fd, tlib_at(self->at, 2));
	EXPECT_EQ(-EFAULT, faultlab_touch_write(self->at, 1, &touch));
	EXPECT_EQ(SIGSEGV, touch.signal);
	ASSERT_EQ(0, mprotect(self->at, 2 * self->page, TLIB_RW));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, NULL));
	EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_ENTRY("page rw dirty special", self->fd, self->at);
}

TEST_F(remap, proc_mem_reaches_the_pages_by_access_but_gup_is_efault)
{
	struct iovec remote, local = { .iov_base = &(char){ 0 }, .iov_len = 1 };
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	struct tlib_mark mark;
	char byte = 0;

	ASSERT_LE(0, mem);
	MAP_ALL(TLIB_RW, MAP_SHARED);
	*self->at = 'a';
	remote = (struct iovec) { .iov_base = self->at, .iov_len = 1 };
	EXPECT_EQ(-1, process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	/* .access reads the region's memory, whether the page is mapped or not. */
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(1, pread(mem, &byte, 1, (uintptr_t)self->at));
	EXPECT_EQ(1, pwrite(mem, "b", 1, (uintptr_t)tlib_at(self->at, 1)));
	EXPECT_COUNTS("access 2", &mark);
	EXPECT_EQ('a', byte);
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	EXPECT_EQ(-1, pread(mem, &byte, 1, (uintptr_t)self->at));
	close(mem);
}

TEST_F(remap, fork_copies_the_entries_and_evict_unmaps_them_in_both_processes)
{
	MAP_ALL(TLIB_RW, MAP_SHARED);
	ASSERT_LE(0, tlib_peer_fork(&self->peer));
	if (!self->peer.pid) {
		_exit(tlib_peer_await(&self->peer) ||
		      faultlab_touch_read(self->at, NULL) != -EFAULT);
	}
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, self->peer.pid, self->at, NR));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, self->peer.pid, self->at, NR));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, NR));
	tlib_peer_nudge(&self->peer);
	EXPECT_EQ(0, tlib_peer_join(&self->peer));
}

TEST_F(remap, madv_dontfork_keeps_the_mapping_from_the_child)
{
	MAP_ALL(TLIB_RW, MAP_SHARED);
	ASSERT_EQ(0, madvise(self->at, NR * self->page, MADV_DONTFORK));
	ASSERT_LE(0, tlib_peer_fork(&self->peer));
	if (!self->peer.pid)
		_exit(tlib_peer_await(&self->peer));
	EXPECT_TRUE(tlib_entry(self->fd, self->peer.pid, self->at).flags & FAULTLAB_PTE_NO_VMA);
	tlib_peer_nudge(&self->peer);
	EXPECT_EQ(0, tlib_peer_join(&self->peer));
}

TEST_F(remap, after_munmap_of_the_middle_the_rest_is_mapped_and_can_be_evicted)
{
	struct tlib_mark mark;

	MAP_ALL(TLIB_RW, MAP_SHARED);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	ASSERT_EQ(0, munmap(tlib_at(self->at, 2), 3 * self->page));
	EXPECT_COUNTS("vmas +1", &mark);
	EXPECT_EQ(2, tlib_nr_mapped(self->fd, 0, self->at, 2));
	EXPECT_ENTRY("no VMA", self->fd, tlib_at(self->at, 4));
	EXPECT_EQ(3, tlib_nr_mapped(self->fd, 0, tlib_at(self->at, 5), 3));
	ASSERT_EQ(0, faultlab_evict(self->fd, 5 * self->page, self->page, 0));
	EXPECT_ENTRY("none", self->fd, tlib_at(self->at, 5));
	EXPECT_ENTRY("page rw special", self->fd, tlib_at(self->at, 6));
}

TEST_F(remap, mremap_moves_the_entries_but_cannot_grow_the_mapping)
{
	char *to = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct tlib_mark mark;

	ASSERT_NE(NULL, to);
	MAP_ALL(TLIB_RW, MAP_SHARED);
	EXPECT_EQ(MAP_FAILED, mremap(self->at, NR * self->page, 2 * NR * self->page,
				     MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	tlib_write(self->at, NR);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(to, mremap(self->at, NR * self->page, NR * self->page,
			     MREMAP_MAYMOVE | MREMAP_FIXED, to));
	EXPECT_EQ('a', *to);
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, 0, to, NR));
	EXPECT_ENTRY("no VMA", self->fd, self->at);
	EXPECT_COUNTS("vmas -1 mremap 1", &mark);
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, to, NR));
}

/*
 * If one call of remap_pfn_range() had mapped the whole VMA, x86 would track its memory
 * type. At fork and munmap get_pat_info() would then read the VMA's first entry, and warn
 * if it is gone. So the module does not map a whole VMA by one call.
 */
TEST_F(remap, fork_and_munmap_work_after_the_first_entry_was_evicted)
{
	size_t sizes[] = { 1, 2, NR };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, sizes[i]);

		ASSERT_NE(NULL, at);
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, self->page, 0));
		ASSERT_LE(0, tlib_peer_fork(&self->peer));
		if (!self->peer.pid)
			_exit(faultlab_touch_read(at, NULL) != -EFAULT);
		EXPECT_EQ(0, tlib_peer_join(&self->peer));
		EXPECT_EQ(0, munmap(at, sizes[i] * self->page));
	}
}

/* Regions that grow, and lack of memory */
TEST(mmap_of_a_region_that_grows_allocates_the_mapped_pages_only)
{
	int fd = tlib_region(FAULTLAB_KIND_REMAP, 0, 0);
	struct tlib_mark mark;
	char *at;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 3, 2);
	ASSERT_NE(NULL, at);
	EXPECT_COUNTS("vmas +1 pages +2", &mark);
	EXPECT_ENTRY("page rw special", fd, tlib_at(at, 1));
	close(fd);
}

TEST(mmap_that_fails_leaves_no_memory_and_the_region_unmapped)
{
	struct faultlab_info info;
	__u64 room;
	int fd = tlib_region(FAULTLAB_KIND_REMAP, 0, 0);
	char *at;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, tlib_read_number(TLIB_PARAMETERS "max_total_pages", &room));
	ASSERT_EQ(0, tlib_write_number(TLIB_PARAMETERS "max_total_pages", 5));
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, NR);
	EXPECT_EQ(NULL, at);
	EXPECT_EQ(ENOSPC, errno);
	EXPECT_EQ(0, tlib_write_number(TLIB_PARAMETERS "max_total_pages", room));
	EXPECT_EQ(0, tlib_stat(fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(0, tlib_stat(fd, FAULTLAB_STAT_VMAS));
	ASSERT_EQ(0, faultlab_info(fd, &info));
	EXPECT_EQ(0, info.state);
	EXPECT_EQ(0, info.bytes);
	EXPECT_EQ(0, faultlab_config(fd, FAULTLAB_KIND_PAGE, 0, 0));
	close(fd);
}

TEST(config_refuses_flags_and_around_that_need_a_fault)
{
	const struct faultlab_config refused[] = {
		{ .kind = FAULTLAB_KIND_REMAP, .flags = FAULTLAB_REGION_INSERT },
		{ .kind = FAULTLAB_KIND_REMAP, .flags = FAULTLAB_REGION_MKWRITE },
		{ .kind = FAULTLAB_KIND_REMAP, .flags = FAULTLAB_REGION_HUGE },
		{ .kind = FAULTLAB_KIND_REMAP, .flags = FAULTLAB_REGION_WHOLE },
		{ .kind = FAULTLAB_KIND_REMAP, .around = 2 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused); i++)
		EXPECT_EQ(-EINVAL, tlib_region_full(&refused[i]));
}

TEST_HARNESS_MAIN
