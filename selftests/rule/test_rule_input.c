// SPDX-License-Identifier: GPL-2.0-only
/*
 * Validation by FAULTLAB_IOC_RULE: it takes all rules of a batch, or none.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"

#define PAGE		4096UL
#define PAGES		64UL
#define MAX_BYTES	(~0ULL >> 12 << 12)	/* aligned, and far too much */
#define RULE_SIZE	sizeof(struct faultlab_rule)

FIXTURE(rules)
{
	int fd;
	char *mem;
	__u64 max_bytes;	/* what a region can grow to */
};

FIXTURE_SETUP(rules)
{
	struct faultlab_info info;

	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_LE(0, self->fd);
	self->mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->mem);
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	self->max_bytes = info.max_bytes;
}

FIXTURE_TEARDOWN(rules)
{
	close(self->fd);
}

static int set_raw(int fd, __u32 op, const void *rules, __u32 nr, __u32 rule_size)
{
	struct faultlab_rules arg = {
		.size = sizeof(arg),
		.op = op,
		.nr = nr,
		.rule_size = rule_size,
		.rules = (uintptr_t)rules,
	};

	return ioctl(fd, FAULTLAB_IOC_RULE, &arg) ? -errno : 0;
}

/* Checks that the only rule in force makes faults on page 0 major. */
#define RULE_0_MAJOR	tlib_rule(0, 1, FAULTLAB_VERDICT_MAJOR, 0)
#define EXPECT_RULE_0_MAJOR() do {						\
	struct tlib_mark mark;							\
										\
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));		\
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));			\
	EXPECT_EQ(0, faultlab_touch_read(self->mem, NULL));			\
	EXPECT_EQ(0, faultlab_touch_read(self->mem + PAGE, NULL));		\
	tlib_counts_end(&mark);							\
	EXPECT_EQ(1, tlib_moved(&mark, FAULTLAB_STAT_MAJOR));			\
	EXPECT_EQ(1, tlib_moved(&mark, FAULTLAB_STAT_MINOR));			\
	EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_DELAY_NS));		\
	EXPECT_EQ(1, mark.witness.majflt);					\
	EXPECT_EQ(1, mark.witness.minflt);					\
	EXPECT_EQ(2, tlib_nr_mapped(self->fd, 0, self->mem, PAGES));		\
} while (0)

#define WHOLE	.length = PAGE

TEST_F(rules, an_invalid_rule_is_einval_and_changes_nothing)
{
	static const struct {
		const char *what;
		struct faultlab_rule rule;
	} rows[] = {
		{ "no length", { .length = 0 } },
		{ "unaligned offset", { WHOLE, .offset = 8 } },
		{ "unaligned length", { .length = PAGE - 1 } },
		{ "overflow to 0", { WHOLE, .offset = MAX_BYTES } },
		{ "overflow into the region", { .length = 2 * PAGE, .offset = MAX_BYTES } },
		{ "access after the last", { WHOLE, .access = FAULTLAB_ACCESS_ANY + 1 } },
		{ "last access", { WHOLE, .access = 1U << 31 } },
		{ "verdict after the last", { WHOLE, .verdict = FAULTLAB_NR_VERDICTS } },
		{ "verdict all ones", { WHOLE, .verdict = ~0U } },
		{ "flag after the last", { WHOLE, .flags = 1U << 3 } },
		{ "last flag", { WHOLE, .flags = 1U << 31 } },
		{ "delay above the maximum", { WHOLE, .delay_us = FAULTLAB_MAX_DELAY_US + 1 } },
		{ "delay all ones", { WHOLE, .delay_us = ~0ULL } },
		{ "delay under a lock", { WHOLE, .flags = FAULTLAB_RULE_HOLD_LOCK,
		  .delay_us = FAULTLAB_MAX_HOLD_US + 1 } },
		{ "delay kind after the last", { WHOLE, .delay_kind = FAULTLAB_NR_DELAYS } },
		{ "fixed delay with a range", { WHOLE, .delay_max_us = 1 } },
		{ "uniform delay backwards", { WHOLE, .delay_kind = FAULTLAB_DELAY_UNIFORM,
		  .delay_us = 2, .delay_max_us = 1 } },
		{ "uniform delay above the maximum", { WHOLE, .delay_kind = FAULTLAB_DELAY_UNIFORM,
		  .delay_max_us = FAULTLAB_MAX_DELAY_US + 1 } },
		{ "uniform delay under a lock", { WHOLE, .delay_kind = FAULTLAB_DELAY_UNIFORM,
		  .flags = FAULTLAB_RULE_HOLD_LOCK,
		  .delay_max_us = FAULTLAB_MAX_HOLD_US + 1 } },
		{ "exponential delay of 0", { WHOLE, .delay_kind = FAULTLAB_DELAY_EXPONENTIAL } },
		{ "exponential delay with a mean above its maximum",
		  { WHOLE, .delay_kind = FAULTLAB_DELAY_EXPONENTIAL,
		    .delay_us = 2, .delay_max_us = 1 } },
		{ "gate with a delay", { WHOLE, .delay_kind = FAULTLAB_DELAY_GATE,
		  .delay_us = 1 } },
		{ "gate for mkwrite", { WHOLE, .delay_kind = FAULTLAB_DELAY_GATE,
		  .access = FAULTLAB_ACCESS_MKWRITE } },
		{ "gate for pfn_mkwrite",
		  { WHOLE, .delay_kind = FAULTLAB_DELAY_GATE,
		    .access = FAULTLAB_ACCESS_READ | FAULTLAB_ACCESS_PFN_MKWRITE } },
		{ "probability above 1", { WHOLE, .probability = FAULTLAB_ALWAYS + 1 } },
		{ "times all ones", { WHOLE, .times = ~0ULL } },
		{ "arg", { WHOLE, .arg = 1 } },
		{ "hits", { WHOLE, .hits = 1 } },
	};
	const struct faultlab_rule old = RULE_0_MAJOR;
	unsigned int i;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &old));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(-EINVAL, faultlab_rule(self->fd, i % 2, &rows[i].rule)) {
			TH_LOG("%s", rows[i].what);
		}
	}
	EXPECT_RULE_0_MAJOR();
}

/* The text of a row names the rule, and often the kernel function for which it is refused. */
TEST_F(rules, a_rule_that_would_break_the_kernel_is_einval)
{
	static const struct {
		const char *what;
		struct faultlab_rule rule;
	} rows[] = {
		{ "fallback from .fault: BUG() in mm_fault_error()",
		  { WHOLE, .verdict = FAULTLAB_VERDICT_FALLBACK, .access = FAULTLAB_ACCESS_READ } },
		{ "fallback from .page_mkwrite: BUG() in mm_fault_error()",
		  { WHOLE, .verdict = FAULTLAB_VERDICT_FALLBACK,
		    .access = FAULTLAB_ACCESS_AROUND | FAULTLAB_ACCESS_MKWRITE } },
		{ "fallback that waits: .map_pages runs under RCU",
		  { WHOLE, .verdict = FAULTLAB_VERDICT_FALLBACK, .delay_us = 1 } },
		{ "serve around that waits: .map_pages runs under RCU",
		  { WHOLE, .access = FAULTLAB_ACCESS_AROUND, .delay_us = 1 } },
		{ "serve huge at a gate",
		  { WHOLE, .access = FAULTLAB_ACCESS_HUGE, .delay_kind = FAULTLAB_DELAY_GATE } },
		{ "fallback with a condition",
		  { WHOLE, .verdict = FAULTLAB_VERDICT_FALLBACK, .times = 1 } },
		{ "nopage for ever: the task spins",
		  { WHOLE, .verdict = FAULTLAB_VERDICT_NOPAGE } },
		{ "nopage for too long",
		  { WHOLE, .verdict = FAULTLAB_VERDICT_NOPAGE, .times = FAULTLAB_MAX_TIMES + 1 } },
		{ "oom for ever: pagefault_out_of_memory() only returns",
		  { WHOLE, .verdict = FAULTLAB_VERDICT_OOM } },
		{ "oom for too long",
		  { WHOLE, .verdict = FAULTLAB_VERDICT_OOM, .times = FAULTLAB_MAX_TIMES + 1 } },
		{ "hstate 2: do_sigbus() indexes hstates[] unchecked",
		  { WHOLE, .verdict = FAULTLAB_VERDICT_HWPOISON_LARGE, .arg = 2 } },
		{ "major mkwrite", { WHOLE, .verdict = FAULTLAB_VERDICT_MAJOR,
		  .access = FAULTLAB_ACCESS_READ | FAULTLAB_ACCESS_MKWRITE } },
		{ "major pfn_mkwrite", { WHOLE, .verdict = FAULTLAB_VERDICT_MAJOR,
		  .access = FAULTLAB_ACCESS_PFN_MKWRITE } },
		{ "major anything", { WHOLE, .verdict = FAULTLAB_VERDICT_MAJOR,
		  .access = FAULTLAB_ACCESS_ANY } },
		{ "retry from .pfn_mkwrite: wp_pfn_shared() takes it for success",
		  { WHOLE, .verdict = FAULTLAB_VERDICT_RETRY,
		    .access = FAULTLAB_ACCESS_PFN_MKWRITE } },
		{ "retry from .page_mkwrite: do_page_mkwrite() hides whether it may",
		  { WHOLE, .verdict = FAULTLAB_VERDICT_RETRY,
		    .access = FAULTLAB_ACCESS_MKWRITE } },
		{ "retry under the lock", { WHOLE, .verdict = FAULTLAB_VERDICT_RETRY,
		  .flags = FAULTLAB_RULE_HOLD_LOCK } },
		{ "unlocked mkwrite: do_page_mkwrite() would repeat for ever",
		  { WHOLE, .access = FAULTLAB_ACCESS_MKWRITE, .flags = FAULTLAB_RULE_UNLOCKED } },
		{ "unlocked, and no page", { WHOLE, .verdict = FAULTLAB_VERDICT_SIGBUS,
		  .flags = FAULTLAB_RULE_UNLOCKED } },
	};
	const struct faultlab_rule old = RULE_0_MAJOR;
	unsigned int i;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &old));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(-EINVAL, faultlab_rule(self->fd, i % 2, &rows[i].rule)) {
			TH_LOG("%s", rows[i].what);
		}
	}
	EXPECT_RULE_0_MAJOR();
}

TEST_F(rules, rules_at_the_limits_are_accepted)
{
	const struct faultlab_rule rows[] = {
		{ .length = FAULTLAB_TO_END },
		{ .offset = self->max_bytes - PAGE, .length = FAULTLAB_TO_END },
		{ .offset = self->max_bytes - PAGE, .length = PAGE },
		{ .length = self->max_bytes },
		{ WHOLE, .access = FAULTLAB_ACCESS_ANY },
		{ WHOLE, .delay_us = FAULTLAB_MAX_DELAY_US },
		{ WHOLE, .flags = FAULTLAB_RULE_HOLD_LOCK, .delay_us = FAULTLAB_MAX_HOLD_US },
		{ WHOLE, .verdict = FAULTLAB_VERDICT_MAJOR, .access = FAULTLAB_ACCESS_READ |
		  FAULTLAB_ACCESS_WRITE | FAULTLAB_ACCESS_COW },
		{ WHOLE, .verdict = FAULTLAB_VERDICT_MAJOR, .access = 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rows[i])) {
			TH_LOG("row %u", i);
		}
	}
}

TEST_F(rules, gives_enospc_for_a_range_past_max_pages)
{
	const struct faultlab_rule rows[] = {
		{ .offset = self->max_bytes, .length = PAGE },
		{ .offset = self->max_bytes, .length = FAULTLAB_TO_END },
		{ .offset = self->max_bytes - PAGE, .length = 2 * PAGE },
		{ .length = self->max_bytes + PAGE },
		{ .offset = MAX_BYTES, .length = FAULTLAB_TO_END },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(-ENOSPC, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rows[i])) {
			TH_LOG("row %u", i);
		}
	}
}

TEST_F(rules, an_invalid_batch_of_rules_is_refused_and_changes_nothing)
{
	struct faultlab_rule rule = RULE_0_MAJOR;
	char *edge = tlib_map(self->fd, PROT_NONE, MAP_SHARED, 0, 1);

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	EXPECT_EQ(-EINVAL, set_raw(self->fd, 2, &rule, 1, RULE_SIZE));
	EXPECT_EQ(-EINVAL, set_raw(self->fd, ~0U, &rule, 0, RULE_SIZE));
	EXPECT_EQ(-EINVAL, set_raw(self->fd, FAULTLAB_RULE_SET, &rule, 1, 0));
	EXPECT_EQ(-EINVAL, set_raw(self->fd, FAULTLAB_RULE_SET, &rule, 1, RULE_SIZE - 8));
	EXPECT_EQ(-EINVAL, set_raw(self->fd, FAULTLAB_RULE_SET, &rule, 1, PAGE + 8));
	EXPECT_EQ(-EINVAL, set_raw(self->fd, FAULTLAB_RULE_SET, &rule, 1, ~0U));
	EXPECT_EQ(-EFAULT, set_raw(self->fd, FAULTLAB_RULE_SET, NULL, 1, RULE_SIZE));
	EXPECT_EQ(-EFAULT, set_raw(self->fd, FAULTLAB_RULE_SET, edge, 1, RULE_SIZE));
	EXPECT_EQ(-EFAULT, set_raw(self->fd, FAULTLAB_RULE_SET, (void *)(1UL << 63), 1,
				   RULE_SIZE));
	EXPECT_EQ(-ENOSPC, set_raw(self->fd, FAULTLAB_RULE_SET, &rule,
				   FAULTLAB_MAX_RULES + 1, RULE_SIZE));
	EXPECT_EQ(-ENOSPC, set_raw(self->fd, FAULTLAB_RULE_SET, &rule, ~0U, RULE_SIZE));
	EXPECT_RULE_0_MAJOR();
}

TEST_F(rules, larger_rule_structs_are_accepted_if_the_rest_is_zero)
{
	struct {
		struct faultlab_rule rule;
		__u8 more[24];
	} rules[2] = { { .rule = RULE_0_MAJOR },
		       { .rule = tlib_rule(8, 1, FAULTLAB_VERDICT_MAJOR, 0) } };

	EXPECT_EQ(0, set_raw(self->fd, FAULTLAB_RULE_SET, rules, 2, sizeof(rules[0])));
	EXPECT_RULE_0_MAJOR();
	rules[1].more[23] = 1;
	EXPECT_EQ(-E2BIG, set_raw(self->fd, FAULTLAB_RULE_SET, rules, 2, sizeof(rules[0])));
	EXPECT_RULE_0_MAJOR();
}

TEST_F(rules, old_rules_stay_in_force_if_one_of_a_batch_is_invalid)
{
	const struct faultlab_rule old = RULE_0_MAJOR;
	struct faultlab_rule batch[3] = {
		tlib_rule(0, PAGES, FAULTLAB_VERDICT_SERVE, 0),
		tlib_rule(1, 1, FAULTLAB_VERDICT_MAJOR, 0),
	};

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &old));
	EXPECT_EQ(-EINVAL, faultlab_rules(self->fd, FAULTLAB_RULE_SET, batch, 3));
	EXPECT_RULE_0_MAJOR();
	EXPECT_EQ(-EINVAL, faultlab_rules(self->fd, FAULTLAB_RULE_ADD, batch + 1, 2));
	EXPECT_RULE_0_MAJOR();
	batch[2] = (struct faultlab_rule) { .offset = self->max_bytes, .length = PAGE };
	EXPECT_EQ(-ENOSPC, faultlab_rules(self->fd, FAULTLAB_RULE_SET, batch, 3));
	EXPECT_RULE_0_MAJOR();
}

TEST_F(rules, old_rules_stay_in_force_if_the_batch_ends_in_unmapped_memory)
{
	const struct faultlab_rule old = RULE_0_MAJOR;
	char *mem = mmap(NULL, 2 * PAGE, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct faultlab_rule *rules = (void *)(mem + PAGE - RULE_SIZE - 8);

	ASSERT_NE(MAP_FAILED, (void *)mem);
	ASSERT_EQ(0, munmap(mem + PAGE, PAGE));
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &old));
	rules[0] = tlib_rule(0, PAGES, FAULTLAB_VERDICT_SERVE, 0);
	EXPECT_EQ(-EFAULT, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, 2));
	EXPECT_RULE_0_MAJOR();
}

TEST_F(rules, more_than_max_rules_are_enospc)
{
	static struct faultlab_rule rules[FAULTLAB_MAX_RULES];
	const struct faultlab_rule last = RULE_0_MAJOR;
	unsigned int i;

	for (i = 0; i < FAULTLAB_MAX_RULES; i++)
		rules[i] = tlib_rule(PAGES + i, 1, FAULTLAB_VERDICT_SERVE, 0);
	rules[FAULTLAB_MAX_RULES - 1] = last;
	EXPECT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, FAULTLAB_MAX_RULES));
	EXPECT_EQ(-ENOSPC, faultlab_rule(self->fd, FAULTLAB_RULE_ADD, &last));
	EXPECT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_ADD, NULL, 0));
	EXPECT_RULE_0_MAJOR();
}

/* The kernel faults on the region's own pages while it copies the rules. */
TEST_F(rules, rules_can_be_passed_in_the_memory_of_their_own_region)
{
	struct faultlab_rule *rules = (void *)self->mem;
	const size_t nr = FAULTLAB_MAX_RULES;
	const size_t pages = (nr * RULE_SIZE + PAGE - 1) / PAGE;
	struct tlib_mark mark;
	unsigned int i;

	for (i = 0; i < nr; i++)
		rules[i] = tlib_rule(i % PAGES, 1, FAULTLAB_VERDICT_MAJOR, 0);
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, nr));
	EXPECT_COUNTS(tlib_text("fault_read %zu minor %zu locked %zu minflt %zu", pages, pages,
				pages, pages), &mark);

	/* The second time, the rules apply to these faults. */
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, nr));
	EXPECT_COUNTS(tlib_text("fault_read %zu major %zu locked %zu majflt %zu", pages, pages,
				pages, pages), &mark);
}

TEST_HARNESS_MAIN
