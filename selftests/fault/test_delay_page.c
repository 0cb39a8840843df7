// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules for faults that only memory with struct pages can have: CoW faults of private
 * mappings, and faults of get_user_pages().
 */
#include <errno.h>
#include <sys/capability.h>
#include <sys/uio.h>

#include "lib/fault/rule.h"

FIXTURE(page_rule)
{
	int fd;
};

FIXTURE_VARIANT(page_rule)
{
	__u64 flags;
};

FIXTURE_VARIANT_ADD(page_rule, page_returned)
{
	.flags = 0,
};

FIXTURE_VARIANT_ADD(page_rule, page_inserted)
{
	.flags = FAULTLAB_REGION_INSERT,
};

FIXTURE_SETUP(page_rule)
{
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, variant->flags, NR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(page_rule)
{
	close(self->fd);
}

TEST_F(page_rule, a_rule_for_cow_matches_private_writes_only)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_MAJOR, 0);
	char *private = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	char *shared = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct tlib_mark mark;

	ASSERT_NE(NULL, private);
	ASSERT_NE(NULL, shared);
	rule.access = FAULTLAB_ACCESS_COW;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(private, 'P', NULL));
	EXPECT_COUNTS("fault_cow 1 major 1 locked 1 pages +1 majflt 1", &mark);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(shared, 'S', NULL));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(private, 1), NULL));
	EXPECT_COUNTS("fault_read 1 fault_write 1 minor 2 locked 2 pages +1 minflt 2", &mark);
}

TEST_F(page_rule, a_delayed_cow_fault_is_retried_and_copies_the_page)
{
	char *private = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	struct tlib_mark mark;

	ASSERT_NE(NULL, private);
	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, TLIB_MS)));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(private, 'P', NULL));
	EXPECT_COUNTS(after_delay("fault_cow"), &mark);
	EXPECT_EQ('P', *private);
	EXPECT_FALSE(tlib_pagemap(private).file);
}

TEST_F(page_rule, a_delayed_fault_of_gup_is_retried_and_counts_as_major)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct iovec from = { .iov_base = at, .iov_len = 1 };
	char byte = 'x';
	struct iovec to = { .iov_base = &byte, .iov_len = 1 };
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, TLIB_MS)));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(1, process_vm_readv(getpid(), &to, 1, &from, 1, 0));
	EXPECT_COUNTS("fault_read 1 major 1 retry 1 locked 1 delayed pages +1 majflt 1", &mark);
	EXPECT_EQ(0, byte);
}

static int drop_cap(cap_value_t cap)
{
	cap_t caps = cap_get_proc();
	int err;

	err = cap_set_flag(caps, CAP_EFFECTIVE, 1, &cap, CAP_CLEAR) || cap_set_proc(caps);
	cap_free(caps);
	return err;
}

TEST_F(page_rule, a_rule_set_without_cap_sys_ptrace_delays_user_faults_but_not_gup)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct iovec from = { .iov_base = at, .iov_len = 1 };
	char byte = 'x';
	struct iovec to = { .iov_base = &byte, .iov_len = 1 };
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, drop_cap(CAP_SYS_PTRACE));
	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, TLIB_MS)));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(1, process_vm_readv(getpid(), &to, 1, &from, 1, 0));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(at, 1), NULL));
	EXPECT_COUNTS(after_delay("fault_read"), &mark);
}

TEST_HARNESS_MAIN
