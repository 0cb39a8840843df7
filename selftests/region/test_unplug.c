// SPDX-License-Identifier: GPL-2.0-only
/*
 * FAULTLAB_IOC_UNPLUG: the device goes away while it is mapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <signal.h>
#include <sys/ioctl.h>
#include "lib/tlib.h"

#define NR	8

FIXTURE(unplug)
{
	int fd;
	char *at;
};

/*
 * pages: the expected change of the region's counter "pages" by the unplug. "pages -3": the
 * three pages that were written before are freed. "": there is no change, since the memory of
 * a region with flag PHYS is the module's physical range, which is never freed.
 */
FIXTURE_VARIANT(unplug)
{
	enum faultlab_kind kind;
	__u64 flags;
	const char *pages;
};

FIXTURE_VARIANT_ADD(unplug, page_returned)
{
	.kind = FAULTLAB_KIND_PAGE,
	.pages = "pages -3",
};

FIXTURE_VARIANT_ADD(unplug, page_inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_INSERT,
	.pages = "pages -3",
};

FIXTURE_VARIANT_ADD(unplug, page_returned_mkwrite)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_MKWRITE,
	.pages = "pages -3",
};

FIXTURE_VARIANT_ADD(unplug, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
	.pages = "pages -3",
};

FIXTURE_VARIANT_ADD(unplug, phys)
{
	.kind = FAULTLAB_KIND_PFN,
	.flags = FAULTLAB_REGION_PHYS,
	.pages = "",
};

/* Three of the pages are mapped. */
FIXTURE_SETUP(unplug)
{
	size_t i;

	self->fd = tlib_region(variant->kind, variant->flags, NR);
	if (self->fd == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, faultlab_touch_write(tlib_at(self->at, i), 'a' + i, NULL));
}

FIXTURE_TEARDOWN(unplug)
{
	close(self->fd);
}

TEST_F(unplug, unplug_removes_all_translations_and_frees_the_memory)
{
	struct tlib_mark mark;

	EXPECT_EQ(3, tlib_nr_mapped(self->fd, 0, self->at, NR));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_unplug(self->fd));
	EXPECT_COUNTS(variant->pages, &mark);
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_EQ(0, tlib_smaps(self->at, "Rss"));
	EXPECT_FALSE(tlib_pagemap(self->at).present);
}

TEST_F(unplug, access_to_a_page_that_was_mapped_is_sigbus)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_EQ(0, faultlab_unplug(self->fd));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(self->at + 5, &touch));
	EXPECT_COUNTS("fault_read 1 sigbus 1 locked 1", &mark);
	EXPECT_EQ(SIGBUS, touch.signal);
	EXPECT_EQ(BUS_ADRERR, touch.code);
	EXPECT_EQ((uintptr_t)self->at + 5, touch.addr);
	EXPECT_ENTRY("none", self->fd, self->at);
}

TEST_F(unplug, access_to_a_page_that_was_not_mapped_is_sigbus)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_EQ(0, faultlab_unplug(self->fd));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-EFAULT, faultlab_touch_write(tlib_at(self->at, 5), 1, &touch));
	EXPECT_COUNTS("fault_write 1 sigbus 1 locked 1", &mark);
	EXPECT_EQ(SIGBUS, touch.signal);
	EXPECT_EQ(BUS_ADRERR, touch.code);
	EXPECT_EQ((uintptr_t)tlib_at(self->at, 5), touch.addr);
}

TEST_F(unplug, after_unplug_rules_no_longer_match)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, 60000 * TLIB_MS);
	struct tlib_mark mark;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(self->at, NULL));
	EXPECT_COUNTS("fault_read 1 sigbus 1 locked 1", &mark);
}

/*
 * FIONBIO reads its argument by get_user(), so there is one fault. copy_from_user() may
 * try a second time when a fault has failed, so that there are two.
 */
TEST_F(unplug, after_unplug_a_system_call_gets_efault)
{
	struct tlib_mark mark;
	int ends[2];

	ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-1, ioctl(ends[0], FIONBIO, self->at));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_COUNTS("fault_read 1 sigbus 1 locked 1", &mark);
}

TEST_F(unplug, unplug_unmaps_the_pages_of_another_process_too)
{
	struct faultlab_touch touch;
	struct tlib_peer peer;

	ASSERT_LE(0, tlib_peer_fork(&peer));
	if (!peer.pid) {
		EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
		EXPECT_EQ('a', touch.value);
		tlib_peer_nudge(&peer);
		tlib_peer_await(&peer);
		faultlab_touch_read(self->at, &touch);
		_exit(touch.signal);
	}
	ASSERT_EQ(0, tlib_peer_await(&peer));
	EXPECT_TRUE(tlib_entry(self->fd, peer.pid, self->at).flags & FAULTLAB_PTE_LEAF);
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, peer.pid, self->at, NR));
	EXPECT_EQ(0, tlib_peer_nudge(&peer));
	EXPECT_EQ(SIGBUS, tlib_peer_join(&peer));
}

TEST_F(unplug, after_unplug_config_rule_evict_unplug_and_mmap_are_enodev)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 0);

	ASSERT_EQ(0, faultlab_unplug(self->fd));
	EXPECT_EQ(-ENODEV, faultlab_config(self->fd, FAULTLAB_KIND_PAGE, 0, 0));
	EXPECT_EQ(-ENODEV, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	EXPECT_EQ(-ENODEV, faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0));
	EXPECT_EQ(-ENODEV, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(-ENODEV, faultlab_unplug(self->fd));
	EXPECT_EQ(NULL, tlib_map(self->fd, PROT_READ, MAP_SHARED, 0, 1));
	EXPECT_EQ(ENODEV, errno);
}

TEST_F(unplug, after_unplug_info_stats_and_walk_still_work)
{
	struct faultlab_walk_entry entry;
	struct faultlab_stats stats;
	struct faultlab_info info;

	EXPECT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(FAULTLAB_INFO_MAPPED, info.state);
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	EXPECT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(FAULTLAB_INFO_MAPPED | FAULTLAB_INFO_UNPLUGGED, info.state);
	EXPECT_EQ(variant->kind, info.kind);
	EXPECT_EQ(variant->flags, info.flags);
	EXPECT_EQ(NR * tlib_page_size(), info.bytes);

	EXPECT_EQ(0, faultlab_stats(self->fd, &stats));
	EXPECT_EQ(3, stats.value[FAULTLAB_STAT_FAULT_WRITE]);
	EXPECT_EQ(1, stats.value[FAULTLAB_STAT_VMAS]);
	EXPECT_EQ(0, faultlab_walk_page(self->fd, 0, self->at, &entry));
	EXPECT_EQ(FAULTLAB_PTE_NONE, entry.flags & FAULTLAB_PTE_NONE);
}

TEST_F(unplug, mapping_can_still_be_forked_split_and_unmapped)
{
	struct tlib_peer peer;
	struct tlib_mark mark;

	ASSERT_EQ(0, faultlab_unplug(self->fd));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	tlib_unmap(tlib_at(self->at, 2), 1);
	EXPECT_COUNTS("vmas +1", &mark);
	ASSERT_LE(0, tlib_peer_fork(&peer));
	if (!peer.pid) {
		tlib_peer_await(&peer);
		_exit(0);
	}
	EXPECT_EQ(4, tlib_stat(self->fd, FAULTLAB_STAT_VMAS));
	EXPECT_EQ(0, tlib_peer_nudge(&peer));
	EXPECT_EQ(0, tlib_peer_join(&peer));
	tlib_unmap(self->at, NR);
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_VMAS));
}

/* The test repeats this until the unplug came while the fault was certainly waiting. */
TEST_F(unplug, unplug_does_not_wait_for_a_delayed_fault_which_ends_in_sigbus)
{
	struct faultlab_rule rule = tlib_rule(5, 1, FAULTLAB_VERDICT_SERVE, 250 * TLIB_MS);
	struct tlib_toucher t;
	__u64 start;

	for (;; rule.delay_us *= 2) {
		ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
		start = tlib_now();
		ASSERT_EQ(0, tlib_touch_start(&t, tlib_at(self->at, 5), false, 0));
		ASSERT_EQ(0, tlib_wait_delayed(t.tid));
		ASSERT_EQ(0, faultlab_unplug(self->fd));
		if (tlib_now() - start < rule.delay_us * 1000)
			break;
		ASSERT_EQ(0, tlib_touch_join(&t));
		close(self->fd);
		tlib_unmap(self->at, NR);
		self->fd = tlib_region(variant->kind, variant->flags, NR);
		self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
		ASSERT_NE(NULL, self->at);
	}
	ASSERT_EQ(0, tlib_touch_join(&t));
	EXPECT_EQ(SIGBUS, t.touch.signal);
	EXPECT_EQ(BUS_ADRERR, t.touch.code);
	EXPECT_EQ(0, t.witness.minflt + t.witness.majflt);
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_SIGBUS));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_READ));
}

TEST_F(unplug, unplug_does_not_affect_another_region)
{
	int other = tlib_region(FAULTLAB_KIND_PAGE, variant->flags & FAULTLAB_REGION_INSERT, 1);
	char *at;

	ASSERT_LE(0, other);
	at = tlib_map(other, TLIB_RW, MAP_SHARED, 0, 1);
	ASSERT_NE(NULL, at);
	*at = 'x';
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	EXPECT_ENTRY("page rw dirty", other, at);
	EXPECT_EQ('x', *at);
}

TEST_F(unplug, after_unplug_no_translation_is_left_although_threads_fault)
{
	char *two = tlib_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	struct tlib_hammer reader, writer;
	int i;

	ASSERT_NE(NULL, two);
	ASSERT_EQ(0, tlib_hammer_start(&writer, self->at, NR, true));
	ASSERT_EQ(0, tlib_hammer_start(&reader, two, NR, false));
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, reader.faults + writer.faults);

	ASSERT_EQ(0, faultlab_unplug(self->fd));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, NR));
		EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, two, NR));
		EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
		tlib_hammer_await(&reader.faults);
		tlib_hammer_await(&writer.faults);
	}
}

TEST(unplug_discards_private_copies)
{
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, NR);
	struct faultlab_touch touch;
	struct tlib_mark mark;
	char *at;

	ASSERT_LE(0, fd);
	at = tlib_map(fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_write(at, 'P', NULL));
	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	EXPECT_EQ(0, faultlab_unplug(fd));
	EXPECT_COUNTS("pages -1", &mark);
	EXPECT_EQ(0, tlib_smaps(at, "Anonymous"));

	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	EXPECT_EQ(-EFAULT, faultlab_touch_write(at, 'P', &touch));
	EXPECT_COUNTS("fault_cow 1 sigbus 1 locked 1", &mark);
	EXPECT_EQ(SIGBUS, touch.signal);
	EXPECT_EQ(BUS_ADRERR, touch.code);
}

TEST(region_that_was_never_mapped_can_be_unplugged)
{
	struct faultlab_info info;
	int fd = faultlab_open();

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, faultlab_unplug(fd));
	EXPECT_EQ(0, faultlab_info(fd, &info));
	EXPECT_EQ(FAULTLAB_INFO_UNPLUGGED, info.state);
	EXPECT_EQ(NULL, tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 1));
	EXPECT_EQ(ENODEV, errno);
}

TEST_HARNESS_MAIN
