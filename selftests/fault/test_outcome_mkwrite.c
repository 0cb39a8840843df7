// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each outcome of .page_mkwrite and .pfn_mkwrite: alone, on an entry that is mapped
 * read-only, and after the .fault of the same write.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <signal.h>
#include "lib/tlib.h"

#define NR	2

FIXTURE(mkwrite)
{
	int fd;
	char *at;
	struct tlib_mark mark;
	struct faultlab_touch touch;
};

FIXTURE_VARIANT(mkwrite)
{
	enum faultlab_kind kind;
	__u64 flags;
	const char *counter;	/* the counter of the callback */
	const char *entry;	/* the entry after a read */
	__u32 access;
	bool behind;		/* .fault and mkwrite of a first write are in one fault */
};

FIXTURE_VARIANT_ADD(mkwrite, page_returned)
{
	.kind = FAULTLAB_KIND_PAGE,
	.counter = "fault_mkwrite",
	.entry = "page r",
	.access = FAULTLAB_ACCESS_MKWRITE,
	.behind = true,
};

FIXTURE_VARIANT_ADD(mkwrite, page_inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_INSERT,
	.counter = "fault_mkwrite",
	.entry = "page r",
	.access = FAULTLAB_ACCESS_MKWRITE,
};

FIXTURE_VARIANT_ADD(mkwrite, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
	.counter = "fault_pfn_mkwrite",
	.entry = "page r special",
	.access = FAULTLAB_ACCESS_PFN_MKWRITE,
};

FIXTURE_SETUP(mkwrite)
{
	self->fd = tlib_region(variant->kind, variant->flags | FAULTLAB_REGION_MKWRITE, NR);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(mkwrite)
{
	close(self->fd);
}

/* Read page 0, then write it under a rule for the mkwrite callback. */
static int write_under(struct _test_data_mkwrite *self, __u32 access,
		       enum faultlab_verdict verdict, __u64 times)
{
	struct faultlab_rule rule = tlib_rule(0, 1, verdict, 0);
	int err;

	rule.access = access;
	rule.times = times;
	err = faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule);
	if (!err)
		err = faultlab_touch_read(self->at, NULL);
	if (!err)
		err = tlib_counts_begin(self->fd, &self->mark);
	return err ?: faultlab_touch_write(self->at, 'w', &self->touch);
}

#define WRITE_UNDER(verdict, times) write_under(self, variant->access, verdict, times)

/* In .page_mkwrite the module cannot tell which lock is held, so it does not count it. */
#define LOCKED(n)	(variant->access == FAULTLAB_ACCESS_PFN_MKWRITE ?		\
			 tlib_text(" locked %d", n) : "")

/* After the error the entry is still there, and readable. */
#define EXPECT_REFUSED(sig, si) do {							\
	EXPECT_EQ(sig, self->touch.signal);						\
	EXPECT_EQ(si, self->touch.code);						\
	EXPECT_ENTRY(variant->entry, self->fd, self->at);				\
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));				\
} while (0)

TEST_F(mkwrite, sigbus_leaves_the_page_readable)
{
	EXPECT_EQ(-EFAULT, WRITE_UNDER(FAULTLAB_VERDICT_SIGBUS, 0));
	EXPECT_COUNTS(tlib_text("%s 1 sigbus 1%s", variant->counter, LOCKED(1)), &self->mark);
	EXPECT_REFUSED(SIGBUS, BUS_ADRERR);
}

TEST_F(mkwrite, sigsegv_leaves_the_page_readable)
{
	EXPECT_EQ(-EFAULT, WRITE_UNDER(FAULTLAB_VERDICT_SIGSEGV, 0));
	EXPECT_COUNTS(tlib_text("%s 1%s sigsegv 1", variant->counter, LOCKED(1)), &self->mark);
	EXPECT_REFUSED(SIGSEGV, SEGV_MAPERR);
}

TEST_F(mkwrite, hwpoison_leaves_the_page_readable)
{
	EXPECT_EQ(-EFAULT, WRITE_UNDER(FAULTLAB_VERDICT_HWPOISON, 0));
	EXPECT_COUNTS(tlib_text("%s 1%s hwpoison 1", variant->counter, LOCKED(1)), &self->mark);
	EXPECT_REFUSED(SIGBUS, BUS_MCEERR_AR);
}

TEST_F(mkwrite, oom_repeats_the_write_fault_and_only_the_last_counts_as_minor)
{
	EXPECT_EQ(0, WRITE_UNDER(FAULTLAB_VERDICT_OOM, 2));
	EXPECT_COUNTS(tlib_text("%s 3 minor 1 oom 2%s minflt 1", variant->counter, LOCKED(3)),
		      &self->mark);
	EXPECT_EQ('w', *self->at);
}

TEST_F(mkwrite, nopage_repeats_the_write_fault_and_each_counts_as_minor)
{
	EXPECT_EQ(0, WRITE_UNDER(FAULTLAB_VERDICT_NOPAGE, 2));
	EXPECT_COUNTS(tlib_text("%s 3 minor 3%s nopage 2 minflt 3", variant->counter, LOCKED(3)),
		      &self->mark);
	EXPECT_EQ('w', *self->at);
}

TEST_F(mkwrite, unplug_unmaps_the_read_only_entry_too)
{
	EXPECT_EQ(-EFAULT, WRITE_UNDER(FAULTLAB_VERDICT_UNPLUG, 0));
	EXPECT_EQ(SIGBUS, self->touch.signal);
	EXPECT_ENTRY("none", self->fd, self->at);
	EXPECT_EQ(-EFAULT, faultlab_touch_read(self->at, NULL));
}

/*
 * If .fault and mkwrite are in one fault, all of it fails, so neither getrusage() nor the
 * counter minor counts it. Otherwise both count the first of the two faults.
 */
TEST_F(mkwrite, a_failed_mkwrite_fails_the_whole_fault_that_it_belongs_to)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SIGBUS, 0);
	struct tlib_mark mark;

	rule.access = variant->access;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-EFAULT, faultlab_touch_write(self->at, 'w', NULL));
	tlib_counts_end(&mark);
	EXPECT_EQ(1, tlib_moved(&mark, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(1, tlib_moved(&mark, FAULTLAB_STAT_SIGBUS));
	EXPECT_EQ(mark.witness.minflt, tlib_moved(&mark, FAULTLAB_STAT_MINOR));
	EXPECT_EQ(!variant->behind, mark.witness.minflt);
}

TEST_F(mkwrite, a_rule_for_writes_does_not_apply_to_mkwrite)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SIGBUS, 0);

	rule.access = FAULTLAB_ACCESS_WRITE;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'w', NULL));
	EXPECT_EQ('w', *self->at);
}

TEST_HARNESS_MAIN
