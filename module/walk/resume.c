// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state, besides the address, that a walk must keep when it stops, so that it reports
 * no table or empty entry twice when it is resumed.
 */
#include "walk/walk.h"

static u32 flab_table_bit(unsigned int level)
{
	return BIT(level - FAULTLAB_LEVEL_PMD);
}

static u32 flab_hole_bit(unsigned int level)
{
	return BIT(level - FAULTLAB_LEVEL_PMD + FAULTLAB_LEVEL_PGD);
}

/**
 * flab_walk_recall - restore which tables and holes that cover @w->start were reported
 * @w: the walk
 * @resume: 0, or what flab_walk_resume() returned when the walk stopped there
 *
 * If the entry of a reported table points to a table again, that is not reported, even if
 * it is a new table. Likewise for a reported hole that is empty again. If the entry has
 * become anything else (such as a hole that is now a table), it is reported.
 */
void flab_walk_recall(struct flab_walk *w, u32 resume)
{
	unsigned int level;

	for (level = FAULTLAB_LEVEL_PMD; level < FAULTLAB_NR_LEVELS; level++) {
		unsigned long first = w->start & ~(flab_level_size(level) - 1);

		w->tables[level] = resume & flab_table_bit(level) ? first : FLAB_WALK_NEVER;
		w->holes[level] = resume & flab_hole_bit(level) ? first : FLAB_WALK_NEVER;
	}
}

/* Return: which tables and holes that cover @addr were reported, as two bits for each level. */
u32 flab_walk_resume_at(const struct flab_walk *w, unsigned long addr)
{
	unsigned int level;
	u32 resume = 0;

	for (level = FAULTLAB_LEVEL_PMD; level < FAULTLAB_NR_LEVELS; level++) {
		unsigned long first = addr & ~(flab_level_size(level) - 1);

		if (w->tables[level] == first)
			resume |= flab_table_bit(level);
		if (w->holes[level] == first)
			resume |= flab_hole_bit(level);
	}
	return resume;
}

/**
 * flab_walk_resume - the state besides the address that is needed to resume
 * @w: the walk
 *
 * COUNTS resumes at the start of a VMA that is not reported yet, and so returns the state
 * that was saved there (w->resume).
 *
 * Return: which tables and holes that cover the address of the next call were reported,
 * in FLAB_WALK_RESUME_BITS bits.
 */
u32 flab_walk_resume(const struct flab_walk *w)
{
	return w->counts.end ? w->resume : flab_walk_resume_at(w, w->start);
}
