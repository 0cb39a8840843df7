// SPDX-License-Identifier: GPL-2.0-only
/* Random numbers of rules: reproducible, in their range, distributed as documented. */
#include "unit.h"
#include "module/rule/dice.c"

#define DRAWS	200000

/* A rule with a seed behaves the same on every kernel and with every later version. */
TEST(numbers_of_a_seed_never_change)
{
	EXPECT_EQ(883310, flab_dice_millionths(0, 0));
	EXPECT_EQ(687771, flab_dice_millionths(42, 1000));
	EXPECT_EQ(14190, flab_dice_uniform(42, 7, 1000, 20000));
	EXPECT_EQ(1179, flab_dice_exponential(42, 7, 5000));
}

TEST(millionths_are_below_a_million_and_uniform)
{
	unsigned int decile[10] = { 0 }, i;

	for (i = 0; i < DRAWS; i++) {
		u32 x = flab_dice_millionths(i % 7, i);

		ASSERT_LT(x, 1000000);
		decile[x / 100000]++;
	}
	for (i = 0; i < 10; i++) {
		EXPECT_LT(DRAWS / 1000 * 97, decile[i]);
		EXPECT_GT(DRAWS / 1000 * 103, decile[i]);
	}
}

TEST(uniform_numbers_reach_both_ends_and_go_beyond_neither)
{
	static const struct {
		u64 min;
		u64 max;
	} rows[] = {
		{ 0, 0 }, { 5, 5 }, { 0, 1 }, { 7, 9 }, { 1000, 1063 },
		{ 1ULL << 40, (1ULL << 40) + 3 },
	};
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bool least = false, most = false;

		for (k = 0; k < 5000; k++) {
			u64 x = flab_dice_uniform(i, k, rows[i].min, rows[i].max);

			ASSERT_LE(rows[i].min, x);
			ASSERT_GE(rows[i].max, x);
			least |= x == rows[i].min;
			most |= x == rows[i].max;
		}
		EXPECT_TRUE(least && most);
	}
}

TEST(the_widest_uniform_range_does_not_overflow)
{
	const u64 max = UINT_MAX;
	u64 largest = 0;
	unsigned int i;

	for (i = 0; i < DRAWS; i++)
		largest = max(largest, flab_dice_uniform(3, i, 0, max));
	EXPECT_GE(max, largest);
	EXPECT_LT(max - max / 1000, largest);
}

TEST(exponential_numbers_have_their_mean_and_median)
{
	static const u64 means[] = { 1000, 5000, 60000000 };
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(means); i++) {
		unsigned int below = 0;
		u64 sum = 0;

		for (k = 0; k < DRAWS; k++) {
			u64 x = flab_dice_exponential(i, k, means[i]);

			sum += x;
			below += x * 1000000 < means[i] * 693147;	/* ln 2 */
		}
		cond_resched();
		EXPECT_LT(means[i] * 98, sum * 100 / DRAWS);
		EXPECT_GT(means[i] * 102, sum * 100 / DRAWS);
		EXPECT_LT(DRAWS / 100 * 49, below);
		EXPECT_GT(DRAWS / 100 * 51, below);
	}
}

TEST(the_three_numbers_of_a_fault_are_independent)
{
	unsigned int both = 0, i;

	for (i = 0; i < DRAWS; i++)
		both += flab_dice_millionths(9, i) < 500000 && flab_dice_uniform(9, i, 0, 1);
	EXPECT_LT(DRAWS / 400 * 97, both);
	EXPECT_GT(DRAWS / 400 * 103, both);
}

TEST(log2_is_exact_to_one_in_65536)
{
	static const struct {
		u32 x;
		u32 log;	/* in 1/65536, rounded down */
	} rows[] = {
		{ 1, 0 }, { 2, 65536 }, { 3, 103872 }, { 4, 131072 }, { 1000, 653117 },
		{ 1U << 31, 31 << 16 }, { 0xffffffff, 2097151 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ(rows[i].log, flab_log2_fixed(rows[i].x));
}

UNIT_SUITE(dice,
	   UNIT_CASE(numbers_of_a_seed_never_change),
	   UNIT_CASE(millionths_are_below_a_million_and_uniform),
	   UNIT_CASE(uniform_numbers_reach_both_ends_and_go_beyond_neither),
	   UNIT_CASE(the_widest_uniform_range_does_not_overflow),
	   UNIT_CASE(exponential_numbers_have_their_mean_and_median),
	   UNIT_CASE(the_three_numbers_of_a_fault_are_independent),
	   UNIT_CASE(log2_is_exact_to_one_in_65536))
