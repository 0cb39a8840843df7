// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules: which faults they match, and that the first of several matches decides.
 */
#include <sys/resource.h>

#include "lib/fault/rule_kinds.h"

/* How each page's first fault ends: "m" minor, "M" major, "-" neither. */
static const char *endings(int fd, char *at)
{
	static char text[NR + 1];
	struct faultlab_stats one, two;
	size_t i;

	for (i = 0; i < NR; i++) {
		faultlab_stats(fd, &one);
		faultlab_touch_read(tlib_at(at, i), NULL);
		faultlab_stats(fd, &two);
		faultlab_stats_diff(&one, &two, &two);
		text[i] = two.value[FAULTLAB_STAT_MAJOR] ? 'M' :
			  two.value[FAULTLAB_STAT_MINOR] ? 'm' : '-';
	}
	return text;
}

TEST_F(rule, serve_changes_nothing)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, 0)));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, 1), 1, NULL));
	EXPECT_COUNTS("fault_read 1 fault_write 1 minor 2 locked 2 pages +2 minflt 2", &mark);
	EXPECT_EQ(2, tlib_nr_mapped(self->fd, 0, self->at, NR));
}

TEST_F(rule, a_read_with_verdict_major_is_major_for_module_and_getrusage)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_MAJOR, 0)));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_COUNTS("fault_read 1 major 1 locked 1 pages +1 majflt 1", &mark);
	EXPECT_TRUE(tlib_mapped(self->fd, self->at));
}

TEST_F(rule, a_write_with_verdict_major_is_major_and_reaches_the_page)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_MAJOR, 0)));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	EXPECT_COUNTS("fault_write 1 major 1 locked 1 pages +1 majflt 1", &mark);
	EXPECT_EQ('S', *self->at);
}

/*
 * pgmajfault counts the faults of the whole machine. Other tasks can only add to it, so
 * measure it several times and use the lowest value.
 */
TEST_F(rule, verdict_major_counts_once_in_pgmajfault)
{
	struct faultlab_witness witness;
	__u64 least = ~0ULL;
	size_t i;

	tlib_settle();
	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, NR, FAULTLAB_VERDICT_MAJOR, 0)));
	for (i = 0; i < NR; i++) {
		ASSERT_EQ(0, faultlab_witness_begin(&witness, RUSAGE_THREAD));
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, i), NULL));
		ASSERT_EQ(0, faultlab_witness_end(&witness));
		if (witness.pgmajfault < least)
			least = witness.pgmajfault;
	}
	EXPECT_EQ(1, least);
	EXPECT_EQ(NR, tlib_stat(self->fd, FAULTLAB_STAT_MAJOR));
}

TEST_F(rule, a_rule_matches_exactly_its_range_of_pages)
{
	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(2, 3, FAULTLAB_VERDICT_MAJOR, 0)));
	EXPECT_STREQ("mmMMMmmm", endings(self->fd, self->at));
}

TEST_F(rule, a_rule_with_length_to_end_matches_all_pages_from_its_offset)
{
	struct faultlab_rule rule = tlib_rule(5, 1, FAULTLAB_VERDICT_MAJOR, 0);

	rule.length = FAULTLAB_TO_END;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	EXPECT_STREQ("mmmmmMMM", endings(self->fd, self->at));
}

TEST_F(rule, first_match_wins)
{
	const struct faultlab_rule rules[] = {
		tlib_rule(1, 2, FAULTLAB_VERDICT_SERVE, 0),
		tlib_rule(0, 6, FAULTLAB_VERDICT_MAJOR, 0),
		tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, 0),
	};

	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, 3));
	EXPECT_STREQ("MmmMMMmm", endings(self->fd, self->at));
}

TEST_F(rule, set_replaces_the_existing_rules)
{
	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 4, FAULTLAB_VERDICT_MAJOR, 0)));
	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(6, 1, FAULTLAB_VERDICT_MAJOR, 0)));
	EXPECT_STREQ("mmmmmmMm", endings(self->fd, self->at));
}

TEST_F(rule, add_appends_to_the_existing_rules)
{
	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 2, FAULTLAB_VERDICT_SERVE, 0)));
	ASSERT_EQ(0, add_rule(self->fd, tlib_rule(1, 3, FAULTLAB_VERDICT_MAJOR, 0)));
	ASSERT_EQ(0, add_rule(self->fd, tlib_rule(3, 2, FAULTLAB_VERDICT_SERVE, 0)));
	EXPECT_STREQ("mmMMmmmm", endings(self->fd, self->at));
}

TEST_F(rule, set_of_no_rules_clears_the_list)
{
	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, NR, FAULTLAB_VERDICT_MAJOR, 0)));
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0));
	EXPECT_STREQ("mmmmmmmm", endings(self->fd, self->at));
}

TEST_F(rule, add_of_no_rules_changes_nothing)
{
	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 4, FAULTLAB_VERDICT_MAJOR, 0)));
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_ADD, NULL, 0));
	EXPECT_STREQ("MMMMmmmm", endings(self->fd, self->at));
}

TEST_F(rule, a_rule_for_writes_does_not_match_reads)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_MAJOR, 0);
	struct tlib_mark mark;

	rule.access = FAULTLAB_ACCESS_WRITE;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, 1), 1, NULL));
	EXPECT_COUNTS("fault_write 1 major 1 locked 1 pages +1 majflt 1", &mark);
}

TEST_F(rule, an_access_to_a_mapped_page_matches_no_rule)
{
	struct tlib_mark mark;

	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, NULL));
	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, NR, FAULTLAB_VERDICT_MAJOR, FOR_EVER)));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 2, NULL));
	EXPECT_COUNTS("", &mark);
}

TEST_HARNESS_MAIN
