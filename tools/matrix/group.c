// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets up cells. Each change of rules and each evict costs the module an RCU grace
 * period, so cells run in groups: one region with two pages for each cell, all mapped
 * and prepared first, and one list of rules.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "matrix/group.h"

/* Cells in a group where a fault maps a PMD; few, since each needs two PMDs of memory. */
#define GROUP_HUGE	4
#define TABLE_BYTES	(2UL << 20)

struct matrix_layout matrix_layout_of(const struct faultlab_memory *memory)
{
	struct matrix_layout layout = { .step = faultlab_memory_step(memory) };

	layout.stride = layout.step == 1 ? 4 : 3 * layout.step;
	if (layout.step >= MATRIX_TABLE_PAGES)
		layout.group = GROUP_HUGE;
	else
		layout.group = (MATRIX_TABLE_PAGES - 1) / layout.stride;
	if (layout.group > MATRIX_GROUP)
		layout.group = MATRIX_GROUP;
	return layout;
}

bool matrix_group_is_past(const struct matrix_group *group, unsigned int i)
{
	return matrix_outcomes[group->cell[i]->outcome].setup == MATRIX_PAST_END;
}

/*
 * Pages of the region: two windows for each cell and one window more, rounded up to whole
 * folios. A cell with outcome past-end maps the last window of the region as its first
 * window. Its second window is past the end of the region.
 */
static unsigned int region_pages(const struct matrix_group *group)
{
	const unsigned int folio = 1U << faultlab_memories[group->cell[0]->kind].order;
	unsigned int pages = (2 * group->layout.group + 1) * group->layout.step;

	return (pages + folio - 1) / folio * folio;
}

struct matrix_call matrix_group_call(struct matrix_group *group, unsigned int i)
{
	const struct matrix_cell *cell = group->cell[i];
	const struct faultlab_memory *memory = &faultlab_memories[cell->kind];
	const struct matrix_layout *layout = &group->layout;
	const bool whole = memory->flags & FAULTLAB_REGION_WHOLE;
	size_t page = group->tools->page;
	unsigned int at = (2 * i + 1) * layout->step;
	char *start = group->space + i * layout->stride * page;

	if (matrix_group_is_past(group, i))
		at = region_pages(group);
	return (struct matrix_call) {
		.tools = group->tools,
		.first = start + (layout->step - 1) * page,
		.second = start + layout->step * page,
		.fd = group->fd, .offset = at * page,
		.step = whole ? page << memory->order : page,
		/* Alternates, so that each kind, mapping and access path tests both values. */
		.other = cell->outcome & 1,
		.mapping = &matrix_mappings[cell->mapping], .path = &matrix_paths[cell->path],
	};
}

bool matrix_group_has(const struct matrix_group *group, unsigned int i, __u64 fact)
{
	return matrix_cell_facts(group->cell[i]) & fact;
}

static enum matrix_setup setup_of(const struct matrix_group *group, unsigned int i)
{
	return matrix_outcomes[group->cell[i]->outcome].setup;
}

void matrix_group_cannot(struct matrix_cell *cell, const char *what, int err)
{
	const char *name = strerrorname_np(err);

	snprintf(cell->seen[MATRIX_RESULT], MATRIX_TEXT, "%s: %s", what, name ? name : "?");
	cell->ran = true;
}

int matrix_group_open(struct matrix_group *group)
{
	const struct faultlab_memory *memory = &faultlab_memories[group->cell[0]->kind];
	const struct faultlab_config config =
		faultlab_memory_config(memory, region_pages(group) * group->tools->page);
	int flags = matrix_group_has(group, 0, FACT_RDONLY) ? O_RDONLY : O_RDWR;
	char name[32];
	int err;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", group->tools->node);
	group->fd = open(name, flags | O_CLOEXEC);
	if (group->fd < 0)
		return -errno;
	err = faultlab_configure(group->fd, &config);
	if (err)
		close(group->fd);
	return err;
}

void matrix_group_close(struct matrix_group *group)
{
	const size_t pages = group->layout.group * group->layout.stride;

	mmap(group->space, pages * group->tools->page, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
	close(group->fd);
}

/*
 * Initial contents of a cell's pages: a pattern to compare with. The pages are not written
 * if the descriptor is O_RDONLY, or if fault-around would map them because they exist.
 * Code to be executed is written even then.
 */
struct matrix_bytes matrix_group_bytes(const struct matrix_group *group, unsigned int i)
{
	struct matrix_bytes bytes = {
		.page = group->tools->page, .salt = 2 * i,
		.empty = matrix_group_has(group, i, FACT_AROUND | FACT_RDONLY),
	};

	if (matrix_group_has(group, i, FACT_FETCH) && matrix_group_has(group, i, FACT_EXEC)) {
		bytes.code = group->tools->code;
		bytes.code_bytes = group->tools->code_bytes;
	}
	return bytes;
}

char *matrix_group_view(const struct matrix_group *group, int prot)
{
	char *view = mmap(NULL, region_pages(group) * group->tools->page, prot, MAP_SHARED,
			  group->fd, 0);

	return view == MAP_FAILED ? NULL : view;
}

void matrix_group_unview(const struct matrix_group *group, char *view)
{
	if (view)
		munmap(view, region_pages(group) * group->tools->page);
}

static void fill_region(struct matrix_group *group)
{
	char *view = matrix_group_view(group, PROT_READ | PROT_WRITE);
	size_t page = group->tools->page;
	unsigned int i;

	for (i = 0; i < group->nr && view; i++) {
		const struct matrix_bytes bytes = matrix_group_bytes(group, i);
		char *second = view + matrix_group_call(group, i).offset;

		if (matrix_group_is_past(group, i))
			continue;
		if (!bytes.empty)
			matrix_bytes_before(&bytes, second - page, second);
		else if (bytes.code)
			memcpy(second, bytes.code, bytes.code_bytes);
	}
	matrix_group_unview(group, view);
}

static void map_cell(struct matrix_group *group, unsigned int i)
{
	struct matrix_call call = matrix_group_call(group, i);
	const unsigned int step = group->layout.step;
	size_t page = group->tools->page;
	void *addr;

	if (matrix_group_has(group, i, FACT_MAPS))
		return;
	addr = mmap(call.second - step * page, 2 * step * page, call.mapping->prot,
		    call.mapping->flags | MAP_FIXED, group->fd, call.offset - step * page);
	if (addr == MAP_FAILED)
		matrix_group_cannot(group->cell[i], "mmap", errno);
}

static __u8 first_byte(struct matrix_group *group, unsigned int i)
{
	const struct matrix_bytes bytes = matrix_group_bytes(group, i);
	char *first = group->tools->room;

	if (matrix_group_is_past(group, i))
		return 0;
	matrix_bytes_before(&bytes, first, first + bytes.page);
	return *first;
}

/*
 * Faults in the first page, for writing if the mapping allows it, and then does what the
 * outcome needs done to the second page. The first page is faulted in while the second
 * does not exist in the region: fault-around would map the second page as well.
 */
static int touch_cell(struct matrix_group *group, unsigned int i)
{
	struct matrix_call call = matrix_group_call(group, i);
	enum matrix_setup setup = setup_of(group, i);

	if (group->cell[i]->ran || matrix_group_has(group, i, FACT_MAPS))
		return 0;
	/*
	 * Read first, which maps all pages of the folio. A CoW fault alone would
	 * allocate the folio and map one copy, and .map_pages would map the other
	 * pages of the folio during the measured access.
	 */
	if (matrix_group_has(group, i, FACT_TWO) && matrix_group_has(group, i, FACT_AROUND) &&
	    matrix_group_has(group, i, FACT_PRIVATE))
		faultlab_touch_read(call.first, NULL);
	/* The write stores the byte that the page already contains. */
	if (matrix_group_has(group, i, FACT_TWO) && matrix_group_has(group, i, FACT_WRITABLE))
		faultlab_touch_write(call.first, first_byte(group, i), NULL);
	else if (matrix_group_has(group, i, FACT_TWO))
		faultlab_touch_read(call.first, NULL);

	if (setup == MATRIX_TOUCHED || setup == MATRIX_EVICTED)
		faultlab_touch_read(call.second, NULL);
	if (setup == MATRIX_EVICTED)
		return faultlab_evict(group->fd, call.offset, group->tools->page,
				      FAULTLAB_EVICT_COWS);
	return 0;
}

static int set_rules(struct matrix_group *group)
{
	struct faultlab_rule rules[MATRIX_GROUP];
	unsigned int i, nr = 0;

	for (i = 0; i < group->nr; i++) {
		rules[nr] = matrix_outcomes[group->cell[i]->outcome].rule;
		if (!rules[nr].length)
			continue;
		rules[nr].offset = matrix_group_call(group, i).offset;
		rules[nr].length = group->tools->page;
		nr++;
	}
	return nr ? faultlab_rules(group->fd, FAULTLAB_RULE_SET, rules, nr) : 0;
}

int matrix_group_prepare(struct matrix_group *group)
{
	unsigned int i;
	int err = 0;

	if (!matrix_group_has(group, 0, FACT_RDONLY))
		fill_region(group);
	for (i = 0; i < group->nr; i++)
		map_cell(group, i);
	for (i = 0; i < group->nr && !err; i++)
		err = touch_cell(group, i);
	return err ?: set_rules(group);
}

char *matrix_space_reserve(size_t page, const struct matrix_layout *layout)
{
	size_t bytes = layout->group * layout->stride * page;
	char *space, *last;

	bytes = (bytes / TABLE_BYTES + 1) * TABLE_BYTES;
	space = mmap(NULL, bytes + TABLE_BYTES, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (space == MAP_FAILED)
		return NULL;
	space = (char *)(((uintptr_t)space + TABLE_BYTES - 1) & ~(TABLE_BYTES - 1));
	last = space + bytes - page;
	if (mprotect(last, page, PROT_READ | PROT_WRITE))
		return NULL;
	*last = 1;
	return space;
}
