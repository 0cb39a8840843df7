// SPDX-License-Identifier: GPL-2.0-only
/* What a walk that is resumed remembers: which tables and holes it has reported. */
#include "unit.h"

#ifdef __KERNEL__
#include "walk/walk.h"
#else
#include <linux/faultlab.h>

/* Of walk/walk.h, the parts that resume.c uses: the rest is about page tables. */
#define FLAB_WALK_H
#define FLAB_WALK_NEVER		1UL
#define FLAB_WALK_RESUME_BITS	(2 * FAULTLAB_LEVEL_PGD)

struct flab_walk {
	unsigned long start;
	unsigned long tables[FAULTLAB_NR_LEVELS];
	unsigned long holes[FAULTLAB_NR_LEVELS];
	struct faultlab_walk_counts counts;
	u32 resume;
};
#endif

/* Nine bits a level, as with five levels. */
unsigned long flab_level_size(unsigned int level)
{
	return BIT(12 + 9 * level);
}

#include "module/walk/resume.c"

#define STATES	BIT(FLAB_WALK_RESUME_BITS)

/* Large, as it has the state of all forms. */
static struct flab_walk walk;

static unsigned long random_address(void)
{
	return unit_random(1ULL << 57) & ~4095UL;
}

TEST(a_walk_remembers_what_it_was_resumed_with)
{
	u32 state;

	for (state = 0; state < STATES; state++) {
		walk.start = random_address();
		flab_walk_recall(&walk, state);
		EXPECT_EQ(state, flab_walk_resume_at(&walk, walk.start));
		EXPECT_EQ(state, flab_walk_resume(&walk));
	}
}

TEST(a_new_walk_has_reported_nothing_at_any_address)
{
	unsigned int i;

	walk.start = 0;
	flab_walk_recall(&walk, 0);
	EXPECT_EQ(0, flab_walk_resume_at(&walk, 0));
	for (i = 0; i < 1000; i++)
		EXPECT_EQ(0, flab_walk_resume_at(&walk, random_address()));
}

/* Two bits for each level: a table, and a hole. They hold for the same table only. */
TEST(at_another_address_only_what_covers_it_too_is_remembered)
{
	unsigned int i, level;

	for (i = 0; i < 20000; i++) {
		const u32 state = unit_random(STATES);
		u32 want = 0;
		unsigned long at;

		walk.start = random_address();
		flab_walk_recall(&walk, state);
		at = walk.start ^ (unit_random(1ULL << unit_random(57)) & ~4095UL);
		for (level = FAULTLAB_LEVEL_PMD; level < FAULTLAB_NR_LEVELS; level++) {
			const u32 bit = BIT(level - FAULTLAB_LEVEL_PMD);

			if (!((at ^ walk.start) >> (12 + 9 * level)))
				want |= state & (bit | bit << FAULTLAB_LEVEL_PGD);
		}
		ASSERT_EQ(want, flab_walk_resume_at(&walk, at));
	}
}

TEST(a_walk_that_counts_goes_back_to_the_state_at_the_start_of_the_vma)
{
	walk.start = random_address();
	flab_walk_recall(&walk, STATES - 1);
	walk.resume = 5;
	walk.counts.end = 1;
	EXPECT_EQ(5, flab_walk_resume(&walk));
	walk.counts.end = 0;
	EXPECT_EQ(STATES - 1, flab_walk_resume(&walk));
	walk.resume = 0;
}

UNIT_SUITE(resume,
	   UNIT_CASE(a_walk_remembers_what_it_was_resumed_with),
	   UNIT_CASE(a_new_walk_has_reported_nothing_at_any_address),
	   UNIT_CASE(at_another_address_only_what_covers_it_too_is_remembered),
	   UNIT_CASE(a_walk_that_counts_goes_back_to_the_state_at_the_start_of_the_vma))
