// SPDX-License-Identifier: GPL-2.0-only
/*
 * FAULTLAB_IOC_EVICT: removes the translations in every process, also against
 * concurrent faults.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <sys/uio.h>
#include "lib/tlib.h"

#define NR	16

static int evict_all(int fd, __u32 flags)
{
	return faultlab_evict(fd, 0, FAULTLAB_TO_END, flags);
}

FIXTURE(evict)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(evict)
{
	enum faultlab_kind kind;
	__u64 flags;
};

FIXTURE_VARIANT_ADD(evict, page_returned)
{
	.kind = FAULTLAB_KIND_PAGE,
};

FIXTURE_VARIANT_ADD(evict, page_inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_INSERT,
};

FIXTURE_VARIANT_ADD(evict, page_returned_mkwrite)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_MKWRITE,
};

FIXTURE_VARIANT_ADD(evict, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
};

FIXTURE_SETUP(evict)
{
	self->fd = tlib_region(variant->kind, variant->flags, NR);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(evict)
{
	close(self->fd);
}

TEST_F(evict, evict_unmaps_every_mapping_in_every_process)
{
	char *two = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct tlib_peer peer;

	ASSERT_NE(NULL, two);
	ASSERT_LE(0, tlib_peer_fork(&peer));
	tlib_write(self->at, NR);
	tlib_write(two, NR);
	tlib_peer_nudge(&peer);
	tlib_peer_await(&peer);
	if (!peer.pid) {
		tlib_peer_await(&peer);
		_exit(0);
	}
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, 0, two, NR));
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, peer.pid, self->at, NR));
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, peer.pid, two, NR));

	EXPECT_EQ(0, evict_all(self->fd, 0));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, two, NR));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, peer.pid, self->at, NR));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, peer.pid, two, NR));
	EXPECT_FALSE(tlib_pagemap(self->at).present);
	EXPECT_FALSE(tlib_pagemap(self->at).swapped);
	EXPECT_EQ(0, tlib_smaps(self->at, "Rss"));
	EXPECT_EQ(0, tlib_peer_nudge(&peer));
	EXPECT_EQ(0, tlib_peer_join(&peer));
}

TEST_F(evict, evict_counts_no_fault_and_keeps_the_pages)
{
	struct tlib_mark mark;

	tlib_write(self->at, NR);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, evict_all(self->fd, 0));
	EXPECT_COUNTS("", &mark);
	EXPECT_EQ(NR, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
}

TEST_F(evict, refault_finds_the_same_page)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;
	__u64 pfn;

	tlib_write(self->at, NR);
	pfn = tlib_pfn(self->fd, tlib_at(self->at, 2));
	EXPECT_EQ(0, evict_all(self->fd, 0));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, 2) + 1, 'x', &touch));
	tlib_counts_end(&mark);
	EXPECT_EQ(1, tlib_moved(&mark, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(1, tlib_moved(&mark, FAULTLAB_STAT_MINOR));
	EXPECT_EQ(1, mark.witness.minflt);
	EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_PAGES));
	EXPECT_EQ('c', *tlib_at(self->at, 2));
	EXPECT_EQ(pfn, tlib_pfn(self->fd, tlib_at(self->at, 2)));
}

TEST_F(evict, drop_unmaps_and_frees_the_pages)
{
	struct tlib_mark mark;

	tlib_write(self->at, NR);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, 5 * tlib_page_size(), FAULTLAB_EVICT_DROP));
	EXPECT_COUNTS("pages -5", &mark);
	EXPECT_EQ(NR - 5, tlib_nr_mapped(self->fd, 0, self->at, NR));
}

TEST_F(evict, refault_after_drop_finds_a_new_zeroed_page)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;

	tlib_write(self->at, NR);
	EXPECT_EQ(0, evict_all(self->fd, FAULTLAB_EVICT_DROP));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 2), &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	EXPECT_EQ(0, touch.value);
}

TEST_F(evict, evict_affects_only_the_pages_of_its_range)
{
	size_t i;

	tlib_write(self->at, NR);
	EXPECT_EQ(0, faultlab_evict(self->fd, 2 * tlib_page_size(), 3 * tlib_page_size(),
				    FAULTLAB_EVICT_DROP));
	for (i = 0; i < NR; i++)
		EXPECT_EQ(i < 2 || i > 4, tlib_mapped(self->fd, tlib_at(self->at, i)));
	EXPECT_EQ(0, faultlab_evict(self->fd, 9 * tlib_page_size(), FAULTLAB_TO_END, 0));
	for (i = 0; i < NR; i++)
		EXPECT_EQ(i < 2 || (i > 4 && i < 9),
			  tlib_mapped(self->fd, tlib_at(self->at, i)));
	for (i = 0; i < NR; i++)
		EXPECT_EQ(i < 2 || i > 4 ? 'a' + i : 0, *tlib_at(self->at, i));
}

TEST_F(evict, evict_takes_offsets_in_the_region_not_in_the_mapping)
{
	char *part = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 6, 4);
	size_t i;

	ASSERT_NE(NULL, part);
	tlib_write(part, 4);
	EXPECT_EQ(0, faultlab_evict(self->fd, 7 * tlib_page_size(), 2 * tlib_page_size(), 0));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(i == 0 || i == 3, tlib_mapped(self->fd, tlib_at(part, i)));
}

/*
 * Evict with FAULTLAB_EVICT_COWS: private copies, which mappings of kind pfn cannot have.
 */
FIXTURE(evict_private)
{
	int fd;
	char *shared;
	char *private;
	__u64 copy;
};

FIXTURE_VARIANT(evict_private)
{
	__u64 flags;
};

FIXTURE_VARIANT_ADD(evict_private, page_returned)
{
	.flags = 0,
};

FIXTURE_VARIANT_ADD(evict_private, page_inserted)
{
	.flags = FAULTLAB_REGION_INSERT,
};

/* Page 0 has a private copy, page 1 was only read. */
FIXTURE_SETUP(evict_private)
{
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, variant->flags, NR);
	ASSERT_LE(0, self->fd);
	self->shared = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->shared);
	self->private = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	ASSERT_NE(NULL, self->private);
	tlib_write(self->shared, 2);
	EXPECT_EQ(0, faultlab_touch_write(self->private, 'P', NULL));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->private, 1), NULL));
	self->copy = tlib_pfn(self->fd, self->private);
	EXPECT_NE(self->copy, tlib_pfn(self->fd, self->shared));
}

FIXTURE_TEARDOWN(evict_private)
{
	close(self->fd);
}

TEST_F(evict_private, evict_with_drop_keeps_private_copies)
{
	EXPECT_EQ(0, evict_all(self->fd, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->shared, NR));
	EXPECT_EQ(1, tlib_nr_mapped(self->fd, 0, self->private, NR));
	EXPECT_EQ(self->copy, tlib_pfn(self->fd, self->private));
	EXPECT_EQ('P', *self->private);
	EXPECT_EQ(0, *tlib_at(self->private, 1));
}

TEST_F(evict_private, evict_with_cows_discards_private_copies)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;

	EXPECT_EQ(0, evict_all(self->fd, FAULTLAB_EVICT_COWS));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->shared, NR));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->private, NR));
	EXPECT_EQ(0, tlib_smaps(self->private, "Anonymous"));

	/* What was written to the copy is lost: the next fault copies the region's page. */
	EXPECT_EQ(0, faultlab_touch_read(self->shared, NULL));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->private + 1, 'x', &touch));
	EXPECT_COUNTS("fault_cow 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ('a', *self->private);
}

TEST_F(evict_private, a_page_in_a_pipe_keeps_its_content_after_drop)
{
	struct iovec iov = { .iov_base = self->shared, .iov_len = 4 };
	char old[5] = "";
	int ends[2];

	ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
	memcpy(self->shared, "old.", 4);
	ASSERT_EQ(4, vmsplice(ends[1], &iov, 1, 0));
	EXPECT_EQ(0, evict_all(self->fd, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	memcpy(self->shared, "new.", 4);
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));

	EXPECT_EQ(4, read(ends[0], old, 4));
	EXPECT_STREQ("old.", old);
	EXPECT_EQ(0, memcmp(self->shared, "new.", 4));
}

/* Evicts while other threads fault */

/*
 * Before the last evict a rule with a long delay is set for all faults, so that after the
 * evict no thread can map anything again. The timeout is long, as an evict waits for RCU,
 * which can take long on a busy machine.
 */
TEST_F_TIMEOUT(evict, after_evict_no_translation_is_left_although_threads_fault, 300)
{
	struct faultlab_rule wait = tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, 60000 * TLIB_MS);
	char *two = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct tlib_hammer reader, writer;
	int i, bad = 0;

	ASSERT_NE(NULL, two);
	ASSERT_EQ(0, tlib_hammer_start(&reader, two, NR, false));
	ASSERT_EQ(0, tlib_hammer_start(&writer, self->at, NR, true));
	for (i = 0; i < 200; i++)
		bad += !!evict_all(self->fd, FAULTLAB_EVICT_DROP);
	EXPECT_EQ(0, bad);

	wait.access = FAULTLAB_ACCESS_READ | FAULTLAB_ACCESS_WRITE;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &wait));
	ASSERT_EQ(0, evict_all(self->fd, FAULTLAB_EVICT_DROP));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, NR));
		EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, two, NR));
		EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
		EXPECT_EQ(0, tlib_wait_delayed(reader.tid));
		EXPECT_EQ(0, tlib_wait_delayed(writer.tid));
	}
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_SIGBUS));
}

/*
 * While an evict with DROP is in progress, two mappings may map different pages; once it
 * has returned, both map the same page.
 */
TEST_F(evict, after_each_drop_two_mappings_map_the_same_page)
{
	char *two = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct tlib_hammer writer;
	int i, differ = 0;

	ASSERT_NE(NULL, two);
	ASSERT_EQ(0, tlib_hammer_start(&writer, self->at, NR, true));
	for (i = 0; i < NR; i++) {
		char *one = tlib_at(self->at, i);

		evict_all(self->fd, FAULTLAB_EVICT_DROP);
		*tlib_at(two, i) = 1;
		while (!tlib_mapped(self->fd, one))
			sched_yield();
		differ += tlib_pfn(self->fd, one) != tlib_pfn(self->fd, tlib_at(two, i));
	}
	EXPECT_EQ(0, differ);
}

TEST_HARNESS_MAIN
