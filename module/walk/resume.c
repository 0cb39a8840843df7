// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a walk that stops must remember besides the address, so that it reports nothing
 * twice when it goes on.
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
 * flab_walk_recall - restore which tables and holes over @w->start were reported
 * @w: the walk
 * @resume: 0, or what flab_walk_resume() returned when the walk stopped there
 *
 * A table or a hole that was reported is not reported again, although the table may be
 * another one by now. Anything else that took its place is reported.
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

/* Which tables and holes over @addr have been reported: two bits a level. */
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
 * Return: which tables and holes over the address have been reported, in
 * FLAB_WALK_RESUME_BITS bits.
 */
u32 flab_walk_resume(const struct flab_walk *w)
{
	return w->counts.end ? w->resume : flab_walk_resume_at(w, w->start);
}
