// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events between .fault and the .page_mkwrite of the same write. By then the core has
 * unlocked the page (do_shared_fault()). So the module itself must ensure that a page
 * evicted in between is not mapped.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <signal.h>
#include "lib/tlib.h"

FIXTURE(before_mkwrite)
{
	int fd;
	char *at;
	char *other;	/* another mapping of the same page */
	struct tlib_toucher writer;
	__u64 start;	/* just before the writer was started */
};

/* A gate with HOLD_LOCK lets a fault go on after a second. */
#define HOLD_NS		(FAULTLAB_MAX_HOLD_US * 1000)

/* Start a thread that writes. Its .fault ends; its .page_mkwrite waits at the gate. */
static int send_writer(struct _test_data_before_mkwrite *self)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 0);

	rule.access = FAULTLAB_ACCESS_MKWRITE;
	rule.delay_kind = FAULTLAB_DELAY_GATE;
	rule.flags = FAULTLAB_RULE_HOLD_LOCK;
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, 1);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 1);
	self->other = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 1);
	if (!self->at || !self->other || faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule))
		return -1;
	self->start = tlib_now();
	if (tlib_touch_start(&self->writer, self->at, true, 'w'))
		return -1;
	/*
	 * On a slow machine this may return without a writer at the gate. Then a second has
	 * passed, and was_late() reports it.
	 */
	faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 1, FAULTLAB_MAX_HOLD_US, NULL);
	return 0;
}

FIXTURE_SETUP(before_mkwrite)
{
	ASSERT_EQ(0, send_writer(self));
}

FIXTURE_TEARDOWN(before_mkwrite)
{
	close(self->fd);
}

static int let_go(struct _test_data_before_mkwrite *self)
{
	int err = faultlab_gate(self->fd, FAULTLAB_GATE_OPEN, 0, 0, NULL);

	return err ?: tlib_touch_join(&self->writer);
}

/*
 * Whether a second has passed, so that the writer may have left the gate by itself. If so,
 * a new writer is started, with a new region.
 */
static bool was_late(struct _test_data_before_mkwrite *self)
{
	if (tlib_now() - self->start < HOLD_NS)
		return false;
	faultlab_gate(self->fd, FAULTLAB_GATE_OPEN, 0, 0, NULL);
	tlib_touch_join(&self->writer);
	close(self->fd);
	send_writer(self);
	return true;
}

TEST_F(before_mkwrite, a_delayed_mkwrite_lets_the_write_reach_the_page)
{
	ASSERT_EQ(0, let_go(self));
	EXPECT_EQ(0, self->writer.touch.signal);
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_MKWRITE));
	EXPECT_LT(0, tlib_stat(self->fd, FAULTLAB_STAT_DELAY_NS));
	EXPECT_EQ('w', *self->other);
}

TEST_F(before_mkwrite, a_page_dropped_meanwhile_is_not_mapped_and_a_new_one_is_written)
{
	__u64 pages;

	do {
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
		pages = tlib_stat(self->fd, FAULTLAB_STAT_PAGES);
	} while (was_late(self));
	EXPECT_EQ(0, pages);
	ASSERT_EQ(0, let_go(self));
	EXPECT_EQ(0, self->writer.touch.signal);
	EXPECT_EQ(2, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	/* The write went to the page that everyone sees. */
	EXPECT_EQ('w', *self->other);
	EXPECT_EQ(tlib_pfn(self->fd, self->other), tlib_pfn(self->fd, self->at));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(self->writer.witness.minflt, tlib_stat(self->fd, FAULTLAB_STAT_MINOR) - 1);
}

TEST_F(before_mkwrite, a_page_evicted_meanwhile_is_faulted_in_again_and_written)
{
	do {
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	} while (was_late(self));
	ASSERT_EQ(0, let_go(self));
	EXPECT_EQ(0, self->writer.touch.signal);
	EXPECT_EQ(2, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ('w', *self->other);
}

TEST_F(before_mkwrite, unplug_makes_the_whole_fault_sigbus)
{
	do {
		ASSERT_EQ(0, faultlab_unplug(self->fd));
	} while (was_late(self));
	ASSERT_EQ(-ENODEV, faultlab_gate(self->fd, FAULTLAB_GATE_OPEN, 0, 0, NULL));
	ASSERT_EQ(0, tlib_touch_join(&self->writer));
	EXPECT_EQ(SIGBUS, self->writer.touch.signal);
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_SIGBUS));
	/* The kernel counts no fault that ends in SIGBUS. */
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_MINOR));
	EXPECT_EQ(0, self->writer.witness.minflt + self->writer.witness.majflt);
	EXPECT_ENTRY("none", self->fd, self->at);
}

/*
 * The rules change while a write to page 0 waits at .page_mkwrite. Then another page of
 * the same folio faults under the new rules. The write must still notice that the rules
 * have changed.
 */
TEST(new_rules_apply_to_a_write_at_mkwrite_despite_a_fault_on_its_folio)
{
	struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PAGE, .flags = FAULTLAB_REGION_MKWRITE,
		.bytes = 2 * tlib_page_size(), .order = 1,
	};
	struct faultlab_rule rules[] = {
		tlib_rule(0, 2, FAULTLAB_VERDICT_SERVE, 0),
		tlib_rule(0, 1, FAULTLAB_VERDICT_SIGBUS, 0),
	};
	struct tlib_toucher writer, neighbour;
	int fd = tlib_region_full(&config);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 2);
	__u64 took;

	ASSERT_NE(NULL, at);
	rules[0].access = FAULTLAB_ACCESS_MKWRITE;
	rules[0].delay_kind = FAULTLAB_DELAY_GATE;
	rules[0].flags = FAULTLAB_RULE_HOLD_LOCK;
	rules[1].access = FAULTLAB_ACCESS_WRITE;
	/*
	 * The new rules make the write fault again, and it waits at the gate again.
	 * Repeat all this if the change of rules may have come after the wait.
	 */
	do {
		ASSERT_EQ(0, faultlab_evict(fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
		ASSERT_EQ(0, faultlab_rules(fd, FAULTLAB_RULE_SET, rules, 1));
		took = tlib_now();
		ASSERT_EQ(0, tlib_touch_start(&writer, at, true, 'w'));
		faultlab_gate(fd, FAULTLAB_GATE_AWAIT, 1, FAULTLAB_MAX_HOLD_US, NULL);
		ASSERT_EQ(0, faultlab_rules(fd, FAULTLAB_RULE_SET, rules, 2));
		took = tlib_now() - took;
	} while (took >= HOLD_NS && !tlib_touch_join(&writer));

	ASSERT_EQ(0, tlib_touch_start(&neighbour, tlib_at(at, 1), true, 'n'));
	/*
	 * The neighbour waits for a second at most. If its wait was over too soon, this
	 * run did not test the race.
	 */
	faultlab_gate(fd, FAULTLAB_GATE_AWAIT, 2, FAULTLAB_MAX_HOLD_US, NULL);
	ASSERT_EQ(0, faultlab_gate(fd, FAULTLAB_GATE_OPEN, 0, 0, NULL));
	ASSERT_EQ(0, tlib_touch_join(&writer));
	ASSERT_EQ(0, tlib_touch_join(&neighbour));
	EXPECT_EQ(SIGBUS, writer.touch.signal);
	EXPECT_EQ(0, neighbour.touch.signal);
	close(fd);
}

TEST_HARNESS_MAIN
