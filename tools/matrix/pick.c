// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which cells exist, and which of them to run.
 */
#include <stdlib.h>
#include <string.h>

#include "matrix/expect/expect.h"
#include "matrix/pick.h"

static const char *name_of(enum matrix_dimension dimension, unsigned int i)
{
	switch (dimension) {
	case MATRIX_KIND: return faultlab_memories[i].name;
	case MATRIX_MAPPING: return matrix_mappings[i].name;
	case MATRIX_PATH: return matrix_paths[i].name;
	default: return matrix_outcomes[i].name;
	}
}

static unsigned int size_of(enum matrix_dimension dimension)
{
	const unsigned int sizes[MATRIX_NR_DIMENSIONS] = {
		faultlab_nr_memories, matrix_nr_mappings, MATRIX_NR_PATHS, MATRIX_NR_OUTCOMES
	};

	return sizes[dimension];
}

/* A bit for each name in the list; 0 if a name is unknown. No list: all bits. */
static __u64 parse_list(enum matrix_dimension dimension, const char *list)
{
	unsigned int i, nr = size_of(dimension);
	__u64 bits = 0;
	size_t length;

	if (!list)
		return ~0ULL;
	for (; *list; list += length + !!list[length]) {
		length = strcspn(list, ",");
		for (i = 0; i < nr; i++)
			if (strlen(name_of(dimension, i)) == length &&
			    !strncmp(name_of(dimension, i), list, length))
				break;
		if (i == nr)
			return 0;
		bits |= 1ULL << i;
	}
	return bits;
}

bool matrix_filter_cell(struct matrix_filter *filter, const char *name)
{
	char *rest = strdup(name);
	unsigned int i;

	for (i = 0; i < MATRIX_NR_DIMENSIONS; i++)
		filter->text[i] = strsep(&rest, "/");
	return filter->text[MATRIX_OUTCOME] && !rest;
}

/*
 * Whether the matrix has the cell. If mmap() is refused, no other access path can be
 * tried. mmap() alone calls no fault handler, so it exists with outcome serve only.
 */
static bool exists(const struct matrix_cell *cell)
{
	struct matrix_cell mmap = *cell;
	struct matrix_expected expected;

	if (!matrix_kind_has(&faultlab_memories[cell->kind], cell->path))
		return false;
	if (cell->path == PATH(MMAP))
		return cell->outcome == OUTCOME(SERVE);
	mmap.path = PATH(MMAP);
	mmap.outcome = OUTCOME(SERVE);
	matrix_expect(&mmap, &expected);
	return !strcmp(expected.text[MATRIX_RESULT], matrix_paths[PATH(MMAP)].ok);
}

struct matrix_cell *matrix_pick(const struct matrix_filter *filter, unsigned int *nr)
{
	unsigned int i, j, all = 1;
	__u64 bits[MATRIX_NR_DIMENSIONS];
	struct matrix_cell *cells;

	for (i = 0; i < MATRIX_NR_DIMENSIONS; i++) {
		bits[i] = parse_list(i, filter->text[i]);
		if (!bits[i])
			return NULL;
		all *= size_of(i);
	}
	cells = calloc(all, sizeof(*cells));
	*nr = 0;
	for (i = 0; i < all && cells; i++) {
		unsigned int at[MATRIX_NR_DIMENSIONS], rest = i;
		bool wanted = true;

		for (j = MATRIX_NR_DIMENSIONS; j-- > 0; rest /= size_of(j)) {
			at[j] = rest % size_of(j);
			wanted = wanted && (bits[j] & 1ULL << at[j]);
		}
		cells[*nr] = (struct matrix_cell) {
			.kind = at[MATRIX_KIND], .mapping = at[MATRIX_MAPPING],
			.path = at[MATRIX_PATH], .outcome = at[MATRIX_OUTCOME],
		};
		*nr += wanted && exists(&cells[*nr]);
	}
	return cells;
}

static __u64 next_random(__u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void shuffle(unsigned int *order, unsigned int nr, __u64 seed)
{
	__u64 state = seed * 0x9e3779b97f4a7c15ULL + 1;
	unsigned int i, j, swap;

	for (i = 0; i < nr; i++)
		order[i] = i;
	for (i = nr; i > 1; i--) {
		j = next_random(&state) % i;
		swap = order[i - 1];
		order[i - 1] = order[j];
		order[j] = swap;
	}
}

#define MAX_ROWS	64

unsigned int matrix_drop(struct matrix_cell *cells, unsigned int nr,
			 const struct matrix_missing *missing)
{
	unsigned int i, to;

	for (i = to = 0; i < nr; i++)
		if (!(missing->paths & 1U << cells[i].path) &&
		    !(missing->kinds & 1ULL << cells[i].kind))
			cells[to++] = cells[i];
	return to;
}

unsigned int matrix_draw(struct matrix_cell *cells, unsigned int nr, unsigned int wanted,
			 __u64 seed)
{
	unsigned int *order = calloc(nr, sizeof(*order));
	bool *drawn = calloc(nr, sizeof(*drawn));
	unsigned int rows[MAX_ROWS][MAX_ROWS] = { 0 };
	unsigned int paths[MATRIX_NR_PATHS] = { 0 }, outcomes[MATRIX_NR_OUTCOMES] = { 0 };
	unsigned int i, n, to;

	if (!order || !drawn)
		return nr;
	shuffle(order, nr, seed);
	for (n = 0; n < wanted; n++) {
		unsigned int best = nr, least = ~0U;

		for (i = 0; i < nr; i++) {
			const struct matrix_cell *c = &cells[order[i]];
			unsigned int used = rows[c->kind][c->mapping] + paths[c->path] +
					    outcomes[c->outcome];

			if (!drawn[order[i]] && used < least) {
				best = order[i];
				least = used;
			}
		}
		drawn[best] = true;
		rows[cells[best].kind][cells[best].mapping]++;
		paths[cells[best].path]++;
		outcomes[cells[best].outcome]++;
	}
	for (i = to = 0; i < nr; i++)
		if (drawn[i])
			cells[to++] = cells[i];
	free(order);
	free(drawn);
	return to;
}
