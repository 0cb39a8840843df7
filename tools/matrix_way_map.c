// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways in: requests for pages, without an access.
 */
#include <stdio.h>
#include <sys/mman.h>

#include "matrix_tools.h"

/* What these calls promise is an entry, so that is what they are asked for. */
static void answer_present(struct matrix_call *call, const char *ok, int ret)
{
	struct faultlab_walk_entry entry;
	const char *state = "absent";

	if (ret < 0) {
		matrix_answer_ok(call, ok, ret);
		return;
	}
	if (!faultlab_walk_page(call->fd, 0, call->second, &entry) &&
	    (entry.flags & FAULTLAB_PTE_LEAF))
		state = "present";
	snprintf(call->answer, MATRIX_TEXT, "%s, %s", ok, state);
}

static int map(struct matrix_call *call, int flags)
{
	const struct matrix_mapping *mapping = call->mapping;
	void *addr = mmap(call->second, call->tools->page, mapping->prot,
			  mapping->flags | MAP_FIXED | flags, call->fd, call->offset);

	return addr == MAP_FAILED ? -1 : 0;
}

void matrix_way_mmap(struct matrix_call *call)
{
	matrix_answer_ok(call, "mapped", map(call, 0));
}

void matrix_way_populate(struct matrix_call *call)
{
	answer_present(call, "mapped", map(call, MAP_POPULATE));
}

void matrix_way_madv_read(struct matrix_call *call)
{
	matrix_answer_ok(call, "populated", madvise(call->first, 2 * call->tools->page,
						    MADV_POPULATE_READ));
}

void matrix_way_madv_write(struct matrix_call *call)
{
	matrix_answer_ok(call, "populated", madvise(call->first, 2 * call->tools->page,
						    MADV_POPULATE_WRITE));
}

void matrix_way_mlock(struct matrix_call *call)
{
	answer_present(call, "locked", mlock(call->first, 2 * call->tools->page));
}
