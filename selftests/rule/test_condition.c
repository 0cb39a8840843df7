// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which faults a rule matches: skip, every, times, chance, kinds of access; how long it
 * delays them; and what it counts.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <sys/uio.h>
#include "lib/tlib.h"

#define NR	64

FIXTURE(condition)
{
	int fd;
	char *at;
};

FIXTURE_SETUP(condition)
{
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, NR);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(condition)
{
	close(self->fd);
}

static struct faultlab_rule sigbus(void)
{
	return tlib_rule(0, NR, FAULTLAB_VERDICT_SIGBUS, 0);
}

/* Reads each of the first pages once: "X" for a signal, "." for none. */
static const char *failures(struct _test_data_condition *self, size_t pages)
{
	static char text[NR + 1];
	size_t i;

	for (i = 0; i < pages; i++)
		text[i] = faultlab_touch_read(tlib_at(self->at, i), NULL) ? 'X' : '.';
	text[i] = '\0';
	faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0);
	return text;
}

static __u64 hits(int fd, size_t nr)
{
	struct faultlab_rule rules[8] = { 0 };
	size_t n = 8;

	if (faultlab_rules_read(fd, rules, &n) || nr >= n)
		return ~0ULL;
	return rules[nr].hits;
}

static int set(int fd, const struct faultlab_rule *rules, size_t nr)
{
	return faultlab_rules(fd, FAULTLAB_RULE_SET, rules, nr);
}

TEST_F(condition, skip_excludes_the_first_matching_faults)
{
	struct faultlab_rule rule = sigbus();

	rule.skip = 3;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_STREQ("...XXXXX", failures(self, 8));
	EXPECT_EQ(5, hits(self->fd, 0));
}

TEST_F(condition, every_3_matches_each_third_fault)
{
	struct faultlab_rule rule = sigbus();

	rule.every = 3;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_STREQ("X..X..X..X", failures(self, 10));
	EXPECT_EQ(4, hits(self->fd, 0));
}

TEST_F(condition, times_limits_the_number_of_hits)
{
	struct faultlab_rule rule = sigbus();

	rule.times = 2;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_STREQ("XX......", failures(self, 8));
	EXPECT_STREQ("........", failures(self, 8));
	EXPECT_EQ(2, hits(self->fd, 0));
}

TEST_F(condition, skip_every_and_times_combine)
{
	struct faultlab_rule rule = sigbus();

	rule.skip = 1;
	rule.every = 2;
	rule.times = 3;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_STREQ(".X.X.X......", failures(self, 12));
}

TEST_F(condition, a_fault_that_a_rule_skips_is_matched_against_the_next_rule)
{
	struct faultlab_rule rules[2] = { sigbus(), sigbus() };

	rules[0].skip = 2;
	rules[0].times = 1;
	rules[1].verdict = FAULTLAB_VERDICT_SIGSEGV;
	rules[1].every = 2;
	ASSERT_EQ(0, set(self->fd, rules, 2));
	/*
	 * The first rule matches all faults, and applies to fault 2. So the second rule
	 * matches the faults 0, 1, 3, 4 and 5 only, and its own count does not include 2.
	 */
	EXPECT_STREQ("X.XX.X", failures(self, 6));
	EXPECT_EQ(1, hits(self->fd, 0));
	EXPECT_EQ(3, hits(self->fd, 1));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_SIGBUS));
	EXPECT_EQ(3, tlib_stat(self->fd, FAULTLAB_STAT_SIGSEGV));
}

TEST_F(condition, the_same_seed_gives_the_same_random_matches)
{
	struct faultlab_rule rule = sigbus();
	char first[NR + 1];

	rule.probability = FAULTLAB_ALWAYS / 4;
	rule.seed = 42;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	strcpy(first, failures(self, NR));
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_STREQ(first, failures(self, NR));
	rule.seed = 43;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_STRNE(first, failures(self, NR));
}

/* 1024 faults: the standard deviation is 14, the bounds are six of them. */
TEST_F(condition, probability_one_quarter_matches_about_a_quarter_of_the_faults)
{
	struct faultlab_rule rule = sigbus();
	int i;

	rule.probability = FAULTLAB_ALWAYS / 4;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	for (i = 0; i < 16; i++)
		failures(self, NR);
	EXPECT_LE(256 - 84, hits(self->fd, 0));
	EXPECT_GE(256 + 84, hits(self->fd, 0));
	EXPECT_EQ(hits(self->fd, 0), tlib_stat(self->fd, FAULTLAB_STAT_SIGBUS));
}

TEST_F(condition, probability_1_matches_every_fault)
{
	struct faultlab_rule rule = sigbus();

	rule.probability = FAULTLAB_ALWAYS;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_STREQ("XXXXXXXX", failures(self, 8));
}

TEST_F(condition, a_uniform_delay_is_at_least_its_minimum_and_reaches_its_upper_half)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, 1 * TLIB_MS);
	__u64 before, ns, least = ~0ULL, most = 0;
	size_t i;

	rule.delay_kind = FAULTLAB_DELAY_UNIFORM;
	rule.delay_max_us = 9 * TLIB_MS;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	for (i = 0; i < 24; i++) {
		before = tlib_stat(self->fd, FAULTLAB_STAT_DELAY_NS);
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, i), NULL));
		ns = tlib_stat(self->fd, FAULTLAB_STAT_DELAY_NS) - before;
		least = ns < least ? ns : least;
		most = ns > most ? ns : most;
	}
	EXPECT_LE(1 * NSEC_PER_MS, least);
	/* The chance that 24 draws miss the lower or the upper half is 2^-23. */
	EXPECT_LE(5 * NSEC_PER_MS, most);
	EXPECT_EQ(24, hits(self->fd, 0));
}

/* The mean of 60 draws of mean 2 ms: the standard deviation is 0.26 ms. */
TEST_F(condition, exponential_delays_last_at_least_half_their_mean_on_average)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, 2 * TLIB_MS);
	__u64 ns;
	size_t i;

	rule.delay_kind = FAULTLAB_DELAY_EXPONENTIAL;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	for (i = 0; i < 60; i++)
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, i), NULL));
	ns = tlib_stat(self->fd, FAULTLAB_STAT_DELAY_NS) / 60;
	EXPECT_LE(1 * NSEC_PER_MS, ns);
	TH_LOG("mean %llu us, configured 2000", ns / 1000);
}

TEST_F(condition, exponential_delays_with_a_maximum_end_within_bounded_time)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, 1000 * TLIB_MS);
	__u64 start = tlib_now();
	size_t i;

	rule.delay_kind = FAULTLAB_DELAY_EXPONENTIAL;
	rule.delay_max_us = 1000 * TLIB_MS;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	rule.delay_us = TLIB_MS / 2;
	rule.delay_max_us = TLIB_MS;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	for (i = 1; i < 33; i++)
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, i), NULL));
	/* Without the maximum, the first delay alone could take very long. */
	EXPECT_GE(20000 * NSEC_PER_MS, tlib_now() - start);
}

TEST_F(condition, a_rule_for_remote_faults_matches_process_vm_readv_but_no_touch)
{
	struct faultlab_rule rule = sigbus();
	struct iovec local, remote;
	char byte;

	rule.access = FAULTLAB_ACCESS_REMOTE;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	local = (struct iovec) { &byte, 1 };
	remote = (struct iovec) { tlib_at(self->at, 1), 1 };
	EXPECT_EQ(-1, process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(1, hits(self->fd, 0));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 1), NULL));
}

TEST_F(condition, a_fallback_rule_excludes_its_page_from_fault_around)
{
	struct faultlab_rule rule = tlib_rule(2, 1, FAULTLAB_VERDICT_FALLBACK, 0);
	struct tlib_mark mark;
	int fd = tlib_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, NR);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, NR);

	ASSERT_NE(NULL, at);
	tlib_write(at, 8);
	ASSERT_EQ(0, faultlab_rules(fd, FAULTLAB_RULE_SET, &rule, 1));
	ASSERT_EQ(0, faultlab_evict(fd, 0, FAULTLAB_TO_END, 0));
	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	tlib_counts_end(&mark);
	EXPECT_EQ(7, tlib_moved(&mark, FAULTLAB_STAT_PAGES_AROUND));
	EXPECT_ENTRY("none", fd, tlib_at(at, 2));
	EXPECT_EQ(1, hits(fd, 0));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(at, 2), NULL));
	close(fd);
}

TEST_F(condition, rules_read_back_as_they_were_set)
{
	struct faultlab_rule rules[3] = { sigbus(), sigbus(), sigbus() }, back[3];
	size_t nr = 3;

	rules[0].times = 7;
	rules[0].access = FAULTLAB_ACCESS_COW;
	rules[1].verdict = FAULTLAB_VERDICT_HWPOISON_LARGE;
	rules[1].arg = 1;
	rules[2].verdict = FAULTLAB_VERDICT_SERVE;
	rules[2].delay_kind = FAULTLAB_DELAY_GATE;
	ASSERT_EQ(0, set(self->fd, rules, 3));
	EXPECT_EQ(0, faultlab_rules_read(self->fd, back, &nr));
	EXPECT_EQ(3, nr);
	EXPECT_EQ(0, memcmp(rules, back, sizeof(rules)));
}

TEST_F(condition, reading_rules_returns_their_number_and_fills_only_the_given_room)
{
	struct faultlab_rule rules[3] = { sigbus(), sigbus(), sigbus() }, back[2];
	size_t nr = 1;

	memset(back, 0xee, sizeof(back));
	ASSERT_EQ(0, set(self->fd, rules, 3));
	EXPECT_EQ(0, faultlab_rules_read(self->fd, back, &nr));
	EXPECT_EQ(3, nr);
	EXPECT_EQ(FAULTLAB_VERDICT_SIGBUS, back[0].verdict);
	EXPECT_EQ(0xeeeeeeee, back[1].verdict);
	nr = 0;
	EXPECT_EQ(0, faultlab_rules_read(self->fd, NULL, &nr));
	EXPECT_EQ(3, nr);
}

TEST_F(condition, hits_and_conditions_survive_an_add)
{
	struct faultlab_rule rules[2] = { sigbus(), sigbus() };

	rules[0].times = 3;
	rules[1].verdict = FAULTLAB_VERDICT_SIGSEGV;
	rules[1].length = 6 * tlib_page_size();
	ASSERT_EQ(0, set(self->fd, rules, 2));
	EXPECT_STREQ("XXXX", failures(self, 4));
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_ADD, &rules[1]));
	EXPECT_EQ(3, hits(self->fd, 0));
	EXPECT_EQ(1, hits(self->fd, 1));
	EXPECT_EQ(0, hits(self->fd, 2));
	EXPECT_STREQ("XXXXXX..", failures(self, 8));
	EXPECT_EQ(3, hits(self->fd, 0));
	EXPECT_EQ(7, hits(self->fd, 1));
}

TEST_F(condition, hits_start_at_0_with_a_set)
{
	struct faultlab_rule rule = sigbus();

	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_STREQ("XX", failures(self, 2));
	EXPECT_EQ(2, hits(self->fd, 0));
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_EQ(0, hits(self->fd, 0));
}

/* A fault that waits is matched once and counted once. */
TEST_F(condition, delayed_fault_is_one_hit)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, TLIB_MS);

	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(1, hits(self->fd, 0));
	rule.times = 1;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 1), NULL));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 2), NULL));
	EXPECT_EQ(1, hits(self->fd, 0));
	EXPECT_EQ(2, tlib_stat(self->fd, FAULTLAB_STAT_RETRY));
}

/* Two threads fault under a rule with times=100: it applies to exactly 100 faults. */
TEST_F(condition, times_is_exact_between_threads)
{
	struct tlib_hammer hammers[2];
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_NOPAGE, 0);
	int i;

	rule.times = 100;
	ASSERT_EQ(0, set(self->fd, &rule, 1));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, tlib_hammer_start(&hammers[i], tlib_at(self->at, i), NR - 1, false));
	EXPECT_EQ(100, hits(self->fd, 0));
	EXPECT_EQ(100, tlib_stat(self->fd, FAULTLAB_STAT_NOPAGE));
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, 0, self->at, NR));
}

TEST_HARNESS_MAIN
