// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each outcome of .fault: the result of the access, the counters of the module and of
 * the kernel, and the page-table entry afterwards.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <signal.h>
#include "lib/tlib.h"
#include "lib/newer.h"

#define NR	4

FIXTURE(outcome)
{
	int fd;
	char *at;
	struct tlib_mark mark;
	struct faultlab_touch touch;
};

FIXTURE_VARIANT(outcome)
{
	enum faultlab_kind kind;
	__u64 flags;
	bool write;
	int mapping;
	const char *access;	/* the counter of this access */
};

#define VARIANT(name, ...) FIXTURE_VARIANT_ADD(outcome, name) { __VA_ARGS__ }
VARIANT(page_returned_read, .mapping = MAP_SHARED, .access = "fault_read");
VARIANT(page_returned_write, .mapping = MAP_SHARED, .access = "fault_write", .write = true);
VARIANT(page_returned_cow, .mapping = MAP_PRIVATE, .access = "fault_cow", .write = true);
VARIANT(page_inserted_read, .flags = FAULTLAB_REGION_INSERT, .mapping = MAP_SHARED,
	.access = "fault_read");
VARIANT(page_inserted_cow, .flags = FAULTLAB_REGION_INSERT, .mapping = MAP_PRIVATE,
	.access = "fault_cow", .write = true);
VARIANT(pfn_read, .kind = FAULTLAB_KIND_PFN, .mapping = MAP_SHARED, .access = "fault_read");
VARIANT(pfn_write, .kind = FAULTLAB_KIND_PFN, .mapping = MAP_SHARED, .access = "fault_write",
	.write = true);

FIXTURE_SETUP(outcome)
{
	self->fd = tlib_region(variant->kind, variant->flags, NR);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, variant->mapping, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(outcome)
{
	close(self->fd);
}

/*
 * Set a rule, begin a measurement, and touch page 0. Returns what the touch returned, or
 * the error of one of the first two steps.
 */
static int touch_under(struct _test_data_outcome *self, bool write, struct faultlab_rule rule)
{
	int err = faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule);

	if (!err)
		err = tlib_counts_begin(self->fd, &self->mark);
	if (err)
		return err;
	return write ? faultlab_touch_write(self->at, 'w', &self->touch) :
		       faultlab_touch_read(self->at, &self->touch);
}

#define TOUCH_UNDER(rule) touch_under(self, variant->write, rule)

static struct faultlab_rule rule_of(enum faultlab_verdict verdict)
{
	return tlib_rule(0, 1, verdict, 0);
}

static struct faultlab_rule rule_once(enum faultlab_verdict verdict)
{
	struct faultlab_rule rule = rule_of(verdict);

	rule.times = 1;
	return rule;
}

/* The counters after a fault that ends in an error: minflt and majflt do not change. */
#define FAILED(counter)	tlib_text("%s 1 %slocked 1%s", variant->access,			\
				  strstr("sigbus oom", counter) ? counter " 1 " : "",	\
				  strstr("sigbus oom", counter) ? "" : " " counter " 1")

#define EXPECT_SIGNAL(sig, si)	do {							\
	EXPECT_EQ(sig, self->touch.signal);						\
	EXPECT_EQ(si, self->touch.code);						\
	EXPECT_EQ((uintptr_t)self->at, self->touch.addr);				\
	EXPECT_ENTRY("none", self->fd, self->at);					\
} while (0)

TEST_F(outcome, sigbus_is_bus_adrerr_and_maps_nothing)
{
	EXPECT_EQ(-EFAULT, TOUCH_UNDER(rule_of(FAULTLAB_VERDICT_SIGBUS)));
	EXPECT_COUNTS(FAILED("sigbus"), &self->mark);
	EXPECT_SIGNAL(SIGBUS, BUS_ADRERR);
}

TEST_F(outcome, sigsegv_is_segv_maperr_though_there_is_a_mapping)
{
	EXPECT_EQ(-EFAULT, TOUCH_UNDER(rule_of(FAULTLAB_VERDICT_SIGSEGV)));
	EXPECT_COUNTS(FAILED("sigsegv"), &self->mark);
	EXPECT_SIGNAL(SIGSEGV, SEGV_MAPERR);
}

TEST_F(outcome, hwpoison_is_bus_mceerr_ar_with_the_lsb_of_a_page)
{
	EXPECT_EQ(-EFAULT, TOUCH_UNDER(rule_of(FAULTLAB_VERDICT_HWPOISON)));
	EXPECT_COUNTS(FAILED("hwpoison"), &self->mark);
	EXPECT_SIGNAL(SIGBUS, BUS_MCEERR_AR);
	EXPECT_EQ(tlib_page_size(), 1UL << self->touch.lsb);
}

/*
 * The verdict's argument is the index of a hugetlb page size (hstate). hugetlb_init() does
 * not define their order, so try both and accept either order of 2 MiB and 1 GiB.
 */
TEST_F(outcome, hwpoison_large_is_bus_mceerr_ar_with_the_lsb_of_a_huge_page)
{
	struct faultlab_rule rule = rule_of(FAULTLAB_VERDICT_HWPOISON_LARGE);
	short lsb;

	EXPECT_EQ(-EFAULT, TOUCH_UNDER(rule));
	EXPECT_COUNTS(FAILED("hwpoison"), &self->mark);
	EXPECT_SIGNAL(SIGBUS, BUS_MCEERR_AR);
	lsb = self->touch.lsb;
	rule.arg = 1;
	EXPECT_EQ(-EFAULT, TOUCH_UNDER(rule));
	EXPECT_EQ(21 + 30, lsb + self->touch.lsb);
	EXPECT_TRUE(lsb == 21 || lsb == 30);
}

TEST_F(outcome, oom_faults_again_until_it_is_served)
{
	struct faultlab_rule rule = rule_once(FAULTLAB_VERDICT_OOM);

	rule.times = 3;
	EXPECT_EQ(0, TOUCH_UNDER(rule));
	EXPECT_COUNTS(tlib_text("%s 4 minor 1 oom 3 locked 4 pages +1 minflt 1",
				variant->access), &self->mark);
	EXPECT_TRUE(tlib_mapped(self->fd, self->at));
}

/* The kernel counts each fault that ends in NOPAGE as a minor fault. */
TEST_F(outcome, nopage_that_maps_nothing_faults_again_until_it_is_served)
{
	struct faultlab_rule rule = rule_once(FAULTLAB_VERDICT_NOPAGE);

	rule.times = 3;
	EXPECT_EQ(0, TOUCH_UNDER(rule));
	EXPECT_COUNTS(tlib_text("%s 4 minor 4 locked 4 pages +1 nopage 3 minflt 4",
				variant->access), &self->mark);
	EXPECT_TRUE(tlib_mapped(self->fd, self->at));
}

TEST_F(outcome, retry_repeats_the_fault_once_under_mmap_lock)
{
	const char *end = tlib_delayed_ends();

	EXPECT_EQ(0, TOUCH_UNDER(rule_of(FAULTLAB_VERDICT_RETRY)));
	EXPECT_COUNTS(tlib_text("%s 1 %s 1 retry 1 locked 1 pages +1 %.3sflt 1",
				variant->access, end, end), &self->mark);
	EXPECT_EQ(1, tlib_moved(&self->mark, FAULTLAB_STAT_UNDER_MMAP_LOCK));
	EXPECT_TRUE(tlib_mapped(self->fd, self->at));
}

TEST_F(outcome, retry_with_a_delay_waits_before_it_repeats_the_fault)
{
	struct faultlab_rule rule = rule_of(FAULTLAB_VERDICT_RETRY);
	const char *end = tlib_delayed_ends();

	rule.delay_us = 3 * TLIB_MS;
	EXPECT_EQ(0, TOUCH_UNDER(rule));
	EXPECT_COUNTS(tlib_text("%s 1 %s 1 retry 1 locked 1 delayed pages +1 %.3sflt 1",
				variant->access, end, end), &self->mark);
	EXPECT_LE(3 * NSEC_PER_MS, self->touch.ns);
}

TEST_F(outcome, a_sigbus_rule_with_a_delay_waits_before_the_signal)
{
	struct faultlab_rule rule = rule_of(FAULTLAB_VERDICT_SIGBUS);

	rule.delay_us = 3 * TLIB_MS;
	EXPECT_EQ(-EFAULT, TOUCH_UNDER(rule));
	EXPECT_COUNTS(tlib_text("%s 1 retry 1 sigbus 1 locked 1 delayed", variant->access),
		      &self->mark);
	EXPECT_SIGNAL(SIGBUS, BUS_ADRERR);
	EXPECT_LE(3 * NSEC_PER_MS, self->touch.ns);
}

/*
 * If .fault returns the page unlocked, __do_fault() locks it. (With INSERT .fault returns
 * no page, so UNLOCKED has no effect.)
 */
TEST_F(outcome, page_returned_unlocked_is_mapped)
{
	struct faultlab_rule rule = rule_of(FAULTLAB_VERDICT_SERVE);

	rule.flags = FAULTLAB_RULE_UNLOCKED;
	EXPECT_EQ(0, TOUCH_UNDER(rule));
	EXPECT_COUNTS(tlib_text("%s 1 minor 1 locked 1 pages +1 minflt 1", variant->access),
		      &self->mark);
	EXPECT_TRUE(tlib_mapped(self->fd, self->at));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
}

TEST_F(outcome, page_returned_unlocked_can_be_major)
{
	struct faultlab_rule rule = rule_of(FAULTLAB_VERDICT_MAJOR);

	rule.flags = FAULTLAB_RULE_UNLOCKED;
	EXPECT_EQ(0, TOUCH_UNDER(rule));
	EXPECT_COUNTS(tlib_text("%s 1 major 1 locked 1 pages +1 majflt 1", variant->access),
		      &self->mark);
}

TEST_F(outcome, verdict_unplug_makes_this_and_all_later_faults_sigbus)
{
	struct faultlab_info info;

	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 1), NULL));
	EXPECT_EQ(-EFAULT, TOUCH_UNDER(rule_of(FAULTLAB_VERDICT_UNPLUG)));
	EXPECT_COUNTS(tlib_text("%s 1 sigbus 1 locked 1 pages -1", variant->access),
		      &self->mark);
	EXPECT_SIGNAL(SIGBUS, BUS_ADRERR);
	EXPECT_ENTRY("none", self->fd, tlib_at(self->at, 1));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(tlib_at(self->at, 1), NULL));
	EXPECT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_TRUE(info.state & FAULTLAB_INFO_UNPLUGGED);
	EXPECT_EQ(-ENODEV, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
}

TEST_F(outcome, a_sigbus_rule_for_one_page_does_not_affect_faults_on_others)
{
	EXPECT_EQ(-EFAULT, TOUCH_UNDER(rule_of(FAULTLAB_VERDICT_SIGBUS)));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &self->mark));
	EXPECT_EQ(0, variant->write ? faultlab_touch_write(tlib_at(self->at, 1), 1, NULL) :
				      faultlab_touch_read(tlib_at(self->at, 1), NULL));
	EXPECT_COUNTS(tlib_text("%s 1 minor 1 locked 1 pages +1 minflt 1", variant->access),
		      &self->mark);
}

/* handle_mm_fault() counts a failed fault in PGFAULT, but not in min_flt or maj_flt. */
TEST_F(outcome, a_failed_fault_counts_in_vmstat_but_not_in_getrusage)
{
	__u64 least = ~0ULL;
	int i;

	for (i = 0; i < 8; i++) {
		EXPECT_EQ(-EFAULT, TOUCH_UNDER(rule_of(FAULTLAB_VERDICT_SIGBUS)));
		tlib_counts_end(&self->mark);
		EXPECT_EQ(0, self->mark.witness.minflt);
		EXPECT_EQ(0, self->mark.witness.majflt);
		if (self->mark.witness.pgfault < least)
			least = self->mark.witness.pgfault;
	}
	EXPECT_EQ(1, least);
}

/*
 * get_user_pages() returns an errno instead of sending a signal, and
 * madvise(MADV_POPULATE_*) passes it on. For PFN mappings madvise() fails without a fault.
 */
static int populate(struct _test_data_outcome *self, bool write, enum faultlab_verdict verdict)
{
	struct faultlab_rule rule = rule_once(verdict);
	int err = faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule);

	if (err || tlib_counts_begin(self->fd, &self->mark))
		return -EINVAL;
	err = madvise(self->at, tlib_page_size(),
		      write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
	return err ? -errno : 0;
}

TEST_F(outcome, madv_populate_returns_the_expected_errno_for_each_outcome)
{
	if (variant->kind == FAULTLAB_KIND_PFN) {
		EXPECT_EQ(-EINVAL, populate(self, variant->write, FAULTLAB_VERDICT_SIGBUS));
		return;
	}
	EXPECT_EQ(-EFAULT, populate(self, variant->write, FAULTLAB_VERDICT_SIGBUS));
	EXPECT_COUNTS(FAILED("sigbus"), &self->mark);
	EXPECT_EQ(-EFAULT, populate(self, variant->write, FAULTLAB_VERDICT_SIGSEGV));
	EXPECT_COUNTS(FAILED("sigsegv"), &self->mark);
	EXPECT_EQ(-ENOMEM, populate(self, variant->write, FAULTLAB_VERDICT_OOM));
	EXPECT_COUNTS(FAILED("oom"), &self->mark);
	EXPECT_EQ(-EHWPOISON, populate(self, variant->write, FAULTLAB_VERDICT_HWPOISON));
	EXPECT_COUNTS(FAILED("hwpoison"), &self->mark);
	EXPECT_EQ(-EHWPOISON, populate(self, variant->write, FAULTLAB_VERDICT_HWPOISON_LARGE));
	EXPECT_COUNTS(FAILED("hwpoison"), &self->mark);
	EXPECT_ENTRY("none", self->fd, self->at);
	EXPECT_EQ(0, populate(self, variant->write, FAULTLAB_VERDICT_SERVE));
	EXPECT_TRUE(tlib_mapped(self->fd, self->at));
}

/* copy_to_user() and copy_from_user() send no signal: they copy less than asked. */
TEST_F(outcome, a_system_call_gets_efault_from_a_failed_fault)
{
	static const enum faultlab_verdict verdicts[] = {
		FAULTLAB_VERDICT_SIGBUS, FAULTLAB_VERDICT_SIGSEGV, FAULTLAB_VERDICT_HWPOISON,
		FAULTLAB_VERDICT_OOM,
	};
	int fds[2];
	size_t i;

	ASSERT_EQ(0, pipe(fds));
	for (i = 0; i < 4; i++) {
		struct faultlab_rule rule = rule_of(verdicts[i]);

		if (verdicts[i] == FAULTLAB_VERDICT_OOM)
			rule.times = FAULTLAB_MAX_TIMES;
		ASSERT_EQ(1, write(fds[1], "x", 1));
		ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
		errno = 0;
		EXPECT_EQ(-1, variant->write ? read(fds[0], self->at, 1) :
					       write(fds[1], self->at, 1));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_ENTRY("none", self->fd, self->at);
	}
	close(fds[0]);
	close(fds[1]);
}

TEST_HARNESS_MAIN
