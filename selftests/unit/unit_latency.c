// SPDX-License-Identifier: GPL-2.0-only
/* Which bucket of a histogram a duration is counted in. */
#include "unit.h"
#include "module/observe/bucket.h"

#define LAST	(FAULTLAB_LATENCY_BUCKETS - 1)

TEST(a_bucket_is_from_a_power_of_two_up_to_the_next)
{
	int i;

	for (i = 1; i < LAST; i++) {
		const u64 from = 1ULL << i;

		EXPECT_EQ(i - 1, flab_bucket(from - 1));
		EXPECT_EQ(i, flab_bucket(from));
		EXPECT_EQ(i, flab_bucket(from + 1));
		EXPECT_EQ(i, flab_bucket(2 * from - 1));
	}
}

TEST(the_first_bucket_is_of_no_time_and_of_one_nanosecond)
{
	EXPECT_EQ(0, flab_bucket(0));
	EXPECT_EQ(0, flab_bucket(1));
	EXPECT_EQ(1, flab_bucket(2));
}

TEST(the_last_bucket_has_no_end)
{
	EXPECT_EQ(LAST - 1, flab_bucket((1ULL << LAST) - 1));
	EXPECT_EQ(LAST, flab_bucket(1ULL << LAST));
	EXPECT_EQ(LAST, flab_bucket(2ULL << LAST));
	EXPECT_EQ(LAST, flab_bucket(1ULL << 63));
	EXPECT_EQ(LAST, flab_bucket(~0ULL));
}

TEST(a_longer_duration_is_never_in_an_earlier_bucket)
{
	u64 shorter, longer;
	int i;

	for (i = 0; i < 20000; i++) {
		shorter = unit_random(1ULL << unit_random(64));
		longer = shorter + unit_random(1ULL << unit_random(63));
		ASSERT_LE(flab_bucket(shorter), flab_bucket(longer));
	}
}

UNIT_SUITE(latency,
	   UNIT_CASE(a_bucket_is_from_a_power_of_two_up_to_the_next),
	   UNIT_CASE(the_first_bucket_is_of_no_time_and_of_one_nanosecond),
	   UNIT_CASE(the_last_bucket_has_no_end),
	   UNIT_CASE(a_longer_duration_is_never_in_an_earlier_bucket))
