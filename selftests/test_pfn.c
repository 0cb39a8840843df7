// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind pfn: page frames by number, with and without a struct page behind them.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <linux/kernel-page-flags.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include "flab.h"

#define NR	8

/* fd, or -errno; opens /proc/PID/mem */
static int open_mem(pid_t pid)
{
	int fd = open(flab_text("/proc/%d/mem", pid), O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static off_t mem_at(const char *at)
{
	return (off_t)(uintptr_t)at;
}

FIXTURE(pfn)
{
	int fd;
	char *at;
};

/* pages: how "pages" moves with a first touch. */
FIXTURE_VARIANT(pfn)
{
	__u64 flags;
	const char *pages;
	const char *first_write;
	const char *after_read;
	const char *read_entry;
};

FIXTURE_VARIANT_ADD(pfn, plain)
{
	.pages = " pages +1",
	.first_write = "fault_write 1 minor 1 locked 1 pages +1 minflt 1",
	.after_read = "",
	.read_entry = "page rw special",
};

/* vmf_insert_pfn() inserts read-only, so that the access faults again. */
FIXTURE_VARIANT_ADD(pfn, mkwrite)
{
	.flags = FAULTLAB_REGION_MKWRITE,
	.pages = " pages +1",
	.first_write = "fault_write 1 fault_pfn_mkwrite 1 minor 2 locked 2 pages +1 minflt 2",
	.after_read = "fault_pfn_mkwrite 1 minor 1 locked 1 minflt 1",
	.read_entry = "page r special",
};

FIXTURE_VARIANT_ADD(pfn, phys)
{
	.flags = FAULTLAB_REGION_PHYS,
	.pages = "",
	.first_write = "fault_write 1 minor 1 locked 1 minflt 1",
	.after_read = "",
	.read_entry = "page rw special",
};

FIXTURE_VARIANT_ADD(pfn, phys_mkwrite)
{
	.flags = FAULTLAB_REGION_PHYS | FAULTLAB_REGION_MKWRITE,
	.pages = "",
	.first_write = "fault_write 1 fault_pfn_mkwrite 1 minor 2 locked 2 minflt 2",
	.after_read = "fault_pfn_mkwrite 1 minor 1 locked 1 minflt 1",
	.read_entry = "page r special",
};

FIXTURE_SETUP(pfn)
{
	self->fd = flab_region(FAULTLAB_KIND_PFN, variant->flags, NR);
	if (self->fd == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	ASSERT_LE(0, self->fd);
	self->at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(pfn)
{
	close(self->fd);
}

TEST_F(pfn, first_read_maps_one_special_zeroed_page)
{
	struct faultlab_touch touch;
	struct flab_mark mark;

	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_COUNTS(flab_text("fault_read 1 minor 1 locked 1%s minflt 1", variant->pages),
		      &mark);
	EXPECT_EQ(0, touch.value);
	EXPECT_ENTRY(variant->read_entry, self->fd, self->at);
	EXPECT_EQ(1, flab_nr_mapped(self->fd, 0, self->at, NR));
}

TEST_F(pfn, first_write_maps_a_dirty_writable_page)
{
	struct flab_mark mark;

	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	EXPECT_COUNTS(variant->first_write, &mark);
	EXPECT_ENTRY("page rw dirty special", self->fd, self->at);
	EXPECT_EQ('S', *self->at);
}

TEST_F(pfn, write_after_a_read_faults_only_with_mkwrite)
{
	struct flab_mark mark;

	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_ENTRY(variant->read_entry, self->fd, self->at);
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	EXPECT_COUNTS(variant->after_read, &mark);
	EXPECT_ENTRY("page rw dirty special", self->fd, self->at);
}

TEST_F(pfn, kernel_sees_no_page_where_the_walk_sees_a_frame)
{
	struct faultlab_pagemap map;
	__u64 pfn;

	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	pfn = flab_pfn(self->fd, self->at);
	EXPECT_NE(0, pfn);
	ASSERT_EQ(0, faultlab_pagemap(0, self->at, &map));
	EXPECT_FALSE(map.present);
	EXPECT_FALSE(map.swapped);
	EXPECT_EQ(0, map.pfn);
	EXPECT_EQ(0, flab_smaps(self->at, "Rss"));
	EXPECT_EQ(0, flab_smaps(self->at, "Pss"));
	EXPECT_EQ(0, flab_kpagecount(pfn));
}

TEST_F(pfn, two_mappings_show_one_frame)
{
	char *two = flab_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	struct faultlab_touch touch;
	struct flab_mark mark;

	ASSERT_NE(NULL, two);
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(two, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ('S', touch.value);
	EXPECT_ENTRY("page r special", self->fd, two);
	EXPECT_EQ(flab_pfn(self->fd, self->at), flab_pfn(self->fd, two));
}

TEST_F(pfn, map_populate_skips_it)
{
	struct flab_mark mark;
	char *at;

	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	at = flab_map(self->fd, FLAB_RW, MAP_SHARED | MAP_POPULATE, 0, NR);
	EXPECT_COUNTS("vmas +1", &mark);
	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, flab_nr_mapped(self->fd, 0, at, NR));
}

TEST_F(pfn, private_writable_mapping_is_refused)
{
	struct flab_mark mark;

	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(NULL, flab_map(self->fd, FLAB_RW, MAP_PRIVATE, 0, NR));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(NULL, flab_map(self->fd, PROT_WRITE, MAP_PRIVATE, 0, NR));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_COUNTS("", &mark);
}

TEST_F(pfn, private_read_only_mapping_can_never_be_written)
{
	char *at = flab_map(self->fd, PROT_READ, MAP_PRIVATE, 0, NR);
	struct faultlab_touch touch;
	struct flab_mark mark;

	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(at, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ('S', touch.value);
	EXPECT_ENTRY("page r special", self->fd, at);
	EXPECT_EQ(flab_pfn(self->fd, self->at), flab_pfn(self->fd, at));

	EXPECT_EQ(-1, mprotect(at, flab_page_size(), FLAB_RW));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-EFAULT, faultlab_touch_write(at, 'P', &touch));
	EXPECT_EQ(SEGV_ACCERR, touch.code);
	EXPECT_EQ('S', *self->at);
}

TEST_F(pfn, gup_is_refused_and_faults_nothing)
{
	struct iovec from = { .iov_base = self->at, .iov_len = 1 };
	struct flab_mark mark;
	char byte = 'x';
	struct iovec to = { .iov_base = &byte, .iov_len = 1 };

	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(-1, process_vm_readv(getpid(), &to, 1, &from, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_COUNTS("", &mark);
	EXPECT_EQ('x', byte);
}

/*
 * .access, in another process that sleeps in flab_peer_await().
 */
static void sleep_as_peer(struct flab_peer *peer)
{
	flab_peer_nudge(peer);
	flab_peer_await(peer);
	_exit(0);
}

TEST_F(pfn, proc_mem_reads_and_writes_another_process)
{
	char text[6] = "";
	struct flab_mark mark;
	struct flab_peer peer;
	int mem;

	ASSERT_LE(0, flab_peer_fork(&peer));
	if (!peer.pid)
		sleep_as_peer(&peer);
	ASSERT_EQ(0, flab_peer_await(&peer));
	mem = open_mem(peer.pid);
	ASSERT_LE(0, mem);

	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(5, pwrite(mem, "hello", 5, mem_at(self->at) + 7));
	EXPECT_COUNTS(flab_text("access 1%s", variant->pages), &mark);
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(5, pread(mem, text, 5, mem_at(self->at) + 7));
	EXPECT_COUNTS("access 1", &mark);
	EXPECT_STREQ("hello", text);
	EXPECT_EQ(0, flab_nr_mapped(self->fd, peer.pid, self->at, NR));
	EXPECT_EQ('h', self->at[7]);
	EXPECT_EQ(0, flab_peer_nudge(&peer));
	EXPECT_EQ(0, flab_peer_join(&peer));
}

TEST_F(pfn, ptrace_peeks_and_pokes)
{
	struct flab_mark mark;
	struct flab_peer peer;

	ASSERT_LE(0, flab_peer_fork(&peer));
	if (!peer.pid)
		sleep_as_peer(&peer);
	ASSERT_EQ(0, flab_peer_await(&peer));
	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, peer.pid, NULL, NULL));
	ASSERT_EQ(peer.pid, waitpid(peer.pid, NULL, __WALL));

	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, ptrace(PTRACE_POKEDATA, peer.pid, self->at + 16, (void *)0x1234567L));
	EXPECT_COUNTS(flab_text("access 1%s", variant->pages), &mark);
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0x1234567L, ptrace(PTRACE_PEEKDATA, peer.pid, self->at + 16, NULL));
	EXPECT_COUNTS("access 1", &mark);
	EXPECT_EQ(0x1234567L, *(long *)(self->at + 16));
	EXPECT_EQ(0, ptrace(PTRACE_DETACH, peer.pid, NULL, NULL));
	EXPECT_EQ(0, flab_peer_nudge(&peer));
	EXPECT_EQ(0, flab_peer_join(&peer));
}

TEST_F(pfn, access_crosses_pages)
{
	char *end = flab_at(self->at, 1);
	struct flab_mark mark;
	int mem = open_mem(getpid());

	ASSERT_LE(0, mem);
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(4, pwrite(mem, "abcd", 4, mem_at(end) - 2));
	flab_end(&mark);
	EXPECT_EQ(1, flab_moved(&mark, FAULTLAB_STAT_ACCESS));
	EXPECT_EQ(0, memcmp(end - 2, "abcd", 4));
}

TEST_F(pfn, access_ends_with_the_mapping)
{
	char *at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, 2);
	char *end = flab_at(at, 2);
	char buf[200] = "";
	struct flab_mark mark;
	int mem = open_mem(getpid());

	ASSERT_NE(NULL, at);
	ASSERT_LE(0, mem);
	EXPECT_EQ(0, faultlab_touch_write(flab_at(self->at, 1), 1, NULL));
	memset(end - 100, 'v', 100);
	memset(flab_at(self->at, 2), 'n', 100);
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(100, pread(mem, buf, 200, mem_at(end) - 100));
	EXPECT_COUNTS("access 1", &mark);
	EXPECT_EQ('v', buf[99]);
	EXPECT_EQ(0, buf[100]);
}

TEST_F(pfn, access_ends_with_the_region)
{
	char *at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR + 2);
	char *end = flab_at(at, NR);
	char buf[200] = "";
	struct flab_mark mark;
	int mem = open_mem(getpid());

	ASSERT_NE(NULL, at);
	ASSERT_LE(0, mem);
	memset(end - 100, 'v', 100);
	/* __access_remote_vm() and mem_rw() each ask once more for the rest. */
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(100, pread(mem, buf, 200, mem_at(end) - 100));
	EXPECT_COUNTS("access 3", &mark);
	EXPECT_EQ('v', buf[99]);
	EXPECT_EQ(-1, pread(mem, buf, 1, mem_at(end)));
	EXPECT_EQ(EIO, errno);
}

TEST_F(pfn, access_does_not_write_what_is_mapped_read_only)
{
	char *at = flab_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	int mem = open_mem(getpid());

	ASSERT_NE(NULL, at);
	ASSERT_LE(0, mem);
	*self->at = 'S';
	EXPECT_EQ(-1, pwrite(mem, "x", 1, mem_at(at)));
	EXPECT_EQ(EIO, errno);
	EXPECT_EQ('S', *self->at);
}

/*
 * A descriptor that was opened for reading only: the kernel takes VM_SHARED and
 * VM_MAYWRITE from its shared mappings.
 */
FIXTURE(read_only)
{
	int fd;
};

FIXTURE_VARIANT(read_only)
{
	enum faultlab_kind kind;
	__u64 flags;
};

FIXTURE_VARIANT_ADD(read_only, returned)
{
	.kind = FAULTLAB_KIND_PAGE,
};

FIXTURE_VARIANT_ADD(read_only, inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_INSERT,
};

FIXTURE_VARIANT_ADD(read_only, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
};

FIXTURE_SETUP(read_only)
{
	self->fd = open(FAULTLAB_DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, faultlab_config(self->fd, variant->kind, variant->flags,
				     NR * flab_page_size()));
}

FIXTURE_TEARDOWN(read_only)
{
	close(self->fd);
}

TEST_F(read_only, descriptor_maps_shared_memory_for_reading_only)
{
	struct flab_mark mark;
	char *at;

	EXPECT_EQ(NULL, flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR));
	EXPECT_EQ(EACCES, errno);
	at = flab_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, at);
	EXPECT_EQ(-1, mprotect(at, flab_page_size(), FLAB_RW));
	EXPECT_EQ(EACCES, errno);

	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	EXPECT_STREQ(variant->kind == FAULTLAB_KIND_PFN ? "page r special" : "page r",
		     flab_show(self->fd, at));
}

/*
 * Memory without struct page.
 */
FIXTURE(phys)
{
	int fd;
	char *at;
};

FIXTURE_SETUP(phys)
{
	self->fd = flab_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, NR);
	if (self->fd == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	ASSERT_LE(0, self->fd);
	self->at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(phys)
{
	close(self->fd);
}

TEST_F(phys, frames_have_no_struct_page_and_follow_one_another)
{
	size_t i;

	for (i = 0; i < NR; i++) {
		EXPECT_EQ(0, faultlab_touch_write(flab_at(self->at, i), i, NULL));
		EXPECT_EQ(1ULL << KPF_NOPAGE,
			  flab_kpageflags(flab_pfn(self->fd, flab_at(self->at, i))));
		EXPECT_EQ(flab_pfn(self->fd, self->at) + i,
			  flab_pfn(self->fd, flab_at(self->at, i)));
	}
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_PAGES));
}

TEST_F(phys, content_outlives_its_mappings)
{
	struct faultlab_touch touch;

	EXPECT_EQ(0, faultlab_touch_write(flab_at(self->at, 3), 'S', NULL));
	flab_unmap(self->at, NR);
	self->at = flab_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	EXPECT_EQ(0, faultlab_touch_read(flab_at(self->at, 3), &touch));
	EXPECT_EQ('S', touch.value);
}

TEST_F(phys, range_belongs_to_one_region_until_it_is_gone)
{
	EXPECT_EQ(-EBUSY, flab_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 1));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));

	/* The mapping keeps the region. */
	close(self->fd);
	EXPECT_EQ(-EBUSY, flab_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 1));
	flab_unmap(self->at, NR);
	self->fd = flab_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 1);
	EXPECT_LE(0, self->fd);
}

TEST_F(phys, range_is_zeroed_when_it_is_claimed)
{
	struct faultlab_touch touch;
	size_t i;

	for (i = 0; i < NR; i++)
		memset(flab_at(self->at, i), 'S', flab_page_size());
	close(self->fd);
	flab_unmap(self->at, NR);

	self->fd = flab_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, NR);
	ASSERT_LE(0, self->fd);
	self->at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	for (i = 0; i < NR; i++) {
		EXPECT_EQ(0, faultlab_touch_read(flab_at(self->at, i) + i, &touch));
		EXPECT_EQ(0, touch.value);
	}
}

TEST_F(phys, evict_keeps_the_memory_and_refuses_to_drop_it)
{
	struct faultlab_touch touch;
	struct flab_mark mark;

	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	EXPECT_EQ(-EINVAL, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_TRUE(flab_mapped(self->fd, self->at));

	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_FALSE(flab_mapped(self->fd, self->at));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ('S', touch.value);
}

TEST(phys_range_is_free_after_its_region_became_something_else)
{
	int one = flab_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 1);
	int two;

	if (one == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	ASSERT_LE(0, one);
	EXPECT_EQ(0, faultlab_config(one, FAULTLAB_KIND_PFN, 0, 0));
	two = flab_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 1);
	EXPECT_LE(0, two);
	EXPECT_EQ(-EBUSY, faultlab_config(one, FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 0));
}

TEST_HARNESS_MAIN
