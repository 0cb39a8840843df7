// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entries of all levels for one address, and the rights that they give together.
 */
#include <string.h>

#include "lib/walk/forms.h"

TEST_F(forms, a_chain_has_the_entries_of_all_levels_and_their_combined_rights)
{
	struct faultlab_chain chain;
	size_t i, chains = 0;
	unsigned int level;
	__u64 allows;

	for (i = 0; i < self->all.nr; i += tlib_scale(151, 37)) {
		const struct faultlab_walk_entry *e = &self->all.at[i];

		if (e->flags & (FAULTLAB_PTE_TABLE | FAULTLAB_PTE_NO_VMA | FAULTLAB_PTE_NONE))
			continue;
		ASSERT_EQ(0, faultlab_walk_chain(self->fd, self->peer.pid,
						 (void *)(uintptr_t)e->addr, &chain));
		EXPECT_EQ(e->level, chain.last);
		EXPECT_EQ(0, memcmp(e, &chain.entry[e->level], sizeof(*e)));
		EXPECT_TRUE(chain.has_page);
		allows = FAULTLAB_PTE_WRITE | FAULTLAB_PTE_USER | FAULTLAB_PTE_EXEC;
		for (level = FAULTLAB_LEVEL_PGD; level > chain.last; level--) {
			EXPECT_TRUE(chain.entry[level].flags & FAULTLAB_PTE_TABLE);
			allows &= chain.entry[level].flags;
		}
		EXPECT_EQ(allows & e->flags, chain.allows);
		chains++;
	}
	EXPECT_LT(3, chains);
	/* The first page of an address space is in no VMA. */
	ASSERT_EQ(0, faultlab_walk_chain(self->fd, self->peer.pid, NULL, &chain));
	EXPECT_TRUE(chain.entry[chain.last].flags & FAULTLAB_PTE_NO_VMA);
	EXPECT_EQ(0, chain.allows);
}

TEST_HARNESS_MAIN
