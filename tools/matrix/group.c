// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets up cells. Each change of rules and each evict costs the module an RCU grace
 * period, so cells run in batches: one region with two pages for each cell, all mapped
 * and prepared first, and one list of rules.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "matrix/batch.h"

/* Cells in a batch where a fault maps a PMD; limited by the memory they take. */
#define BATCH_HUGE	4
#define TABLE_BYTES	(2UL << 20)

struct matrix_layout matrix_layout_of(const struct faultlab_memory *memory)
{
	struct matrix_layout layout = { .step = faultlab_memory_step(memory) };

	layout.stride = layout.step == 1 ? 4 : 3 * layout.step;
	if (layout.step >= MATRIX_TABLE_PAGES)
		layout.batch = BATCH_HUGE;
	else
		layout.batch = (MATRIX_TABLE_PAGES - 1) / layout.stride;
	if (layout.batch > MATRIX_BATCH)
		layout.batch = MATRIX_BATCH;
	return layout;
}

bool matrix_batch_is_past(const struct matrix_batch *batch, unsigned int i)
{
	return matrix_outcomes[batch->cell[i]->outcome].setup == MATRIX_PAST_END;
}

/*
 * Pages of the region, rounded up to whole folios. The last window is the first window
 * of all cells that access past the end.
 */
static unsigned int region_pages(const struct matrix_batch *batch)
{
	const unsigned int folio = 1U << faultlab_memories[batch->cell[0]->kind].order;
	unsigned int pages = (2 * batch->layout.batch + 1) * batch->layout.step;

	return (pages + folio - 1) / folio * folio;
}

struct matrix_call matrix_batch_call(struct matrix_batch *batch, unsigned int i)
{
	const struct matrix_cell *cell = batch->cell[i];
	const struct faultlab_memory *memory = &faultlab_memories[cell->kind];
	const struct matrix_layout *layout = &batch->layout;
	const bool whole = memory->flags & FAULTLAB_REGION_WHOLE;
	size_t page = batch->tools->page;
	unsigned int at = (2 * i + 1) * layout->step;
	char *start = batch->space + i * layout->stride * page;

	if (matrix_batch_is_past(batch, i))
		at = region_pages(batch);
	return (struct matrix_call) {
		.tools = batch->tools,
		.first = start + (layout->step - 1) * page,
		.second = start + layout->step * page,
		.fd = batch->fd, .offset = at * page,
		.step = whole ? page << memory->order : page,
		/* Each row of the matrix tests both. */
		.other = cell->outcome & 1,
		.mapping = &matrix_mappings[cell->mapping], .path = &matrix_paths[cell->path],
	};
}

bool matrix_batch_has(const struct matrix_batch *batch, unsigned int i, __u64 fact)
{
	return matrix_cell_facts(batch->cell[i]) & fact;
}

static enum matrix_setup setup_of(const struct matrix_batch *batch, unsigned int i)
{
	return matrix_outcomes[batch->cell[i]->outcome].setup;
}

void matrix_batch_cannot(struct matrix_cell *cell, const char *what, int err)
{
	const char *name = strerrorname_np(err);

	snprintf(cell->seen[MATRIX_RESULT], MATRIX_TEXT, "%s: %s", what, name ? name : "?");
	cell->ran = true;
}

int matrix_batch_open(struct matrix_batch *batch)
{
	const struct faultlab_memory *memory = &faultlab_memories[batch->cell[0]->kind];
	const struct faultlab_config config =
		faultlab_memory_config(memory, region_pages(batch) * batch->tools->page);
	int flags = matrix_batch_has(batch, 0, FACT_RDONLY) ? O_RDONLY : O_RDWR;
	char name[32];
	int err;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", batch->tools->node);
	batch->fd = open(name, flags | O_CLOEXEC);
	if (batch->fd < 0)
		return -errno;
	err = faultlab_configure(batch->fd, &config);
	if (err)
		close(batch->fd);
	return err;
}

void matrix_batch_close(struct matrix_batch *batch)
{
	const size_t pages = batch->layout.batch * batch->layout.stride;

	mmap(batch->space, pages * batch->tools->page, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
	close(batch->fd);
}

/*
 * Initial contents of a cell's pages: a pattern to compare with. They are empty if the
 * region is read-only, or where fault-around would map the pages that are there. Code
 * to execute is there in any case.
 */
struct matrix_bytes matrix_batch_bytes(const struct matrix_batch *batch, unsigned int i)
{
	struct matrix_bytes bytes = {
		.page = batch->tools->page, .salt = 2 * i,
		.empty = matrix_batch_has(batch, i, FACT_AROUND | FACT_RDONLY),
	};

	if (matrix_batch_has(batch, i, FACT_FETCH) && matrix_batch_has(batch, i, FACT_EXEC)) {
		bytes.code = batch->tools->code;
		bytes.code_bytes = batch->tools->code_bytes;
	}
	return bytes;
}

char *matrix_batch_view(const struct matrix_batch *batch, int prot)
{
	char *view = mmap(NULL, region_pages(batch) * batch->tools->page, prot, MAP_SHARED,
			  batch->fd, 0);

	return view == MAP_FAILED ? NULL : view;
}

void matrix_batch_unview(const struct matrix_batch *batch, char *view)
{
	if (view)
		munmap(view, region_pages(batch) * batch->tools->page);
}

static void fill_region(struct matrix_batch *batch)
{
	char *view = matrix_batch_view(batch, PROT_READ | PROT_WRITE);
	size_t page = batch->tools->page;
	unsigned int i;

	for (i = 0; i < batch->nr && view; i++) {
		const struct matrix_bytes bytes = matrix_batch_bytes(batch, i);
		char *second = view + matrix_batch_call(batch, i).offset;

		if (matrix_batch_is_past(batch, i))
			continue;
		if (!bytes.empty)
			matrix_bytes_before(&bytes, second - page, second);
		else if (bytes.code)
			memcpy(second, bytes.code, bytes.code_bytes);
	}
	matrix_batch_unview(batch, view);
}

static void map_cell(struct matrix_batch *batch, unsigned int i)
{
	struct matrix_call call = matrix_batch_call(batch, i);
	const unsigned int step = batch->layout.step;
	size_t page = batch->tools->page;
	void *addr;

	if (matrix_batch_has(batch, i, FACT_MAPS))
		return;
	addr = mmap(call.second - step * page, 2 * step * page, call.mapping->prot,
		    call.mapping->flags | MAP_FIXED, batch->fd, call.offset - step * page);
	if (addr == MAP_FAILED)
		matrix_batch_cannot(batch->cell[i], "mmap", errno);
}

static __u8 first_byte(struct matrix_batch *batch, unsigned int i)
{
	const struct matrix_bytes bytes = matrix_batch_bytes(batch, i);
	char *first = batch->tools->room;

	if (matrix_batch_is_past(batch, i))
		return 0;
	matrix_bytes_before(&bytes, first, first + bytes.page);
	return *first;
}

/*
 * Faults in the first page, as far as the mapping allows. This comes before the second
 * page exists, or fault-around would map that, too.
 */
static int touch_cell(struct matrix_batch *batch, unsigned int i)
{
	struct matrix_call call = matrix_batch_call(batch, i);
	enum matrix_setup setup = setup_of(batch, i);

	if (batch->cell[i]->ran || matrix_batch_has(batch, i, FACT_MAPS))
		return 0;
	/*
	 * Read first: a CoW takes one page of a folio, and fault-around then would map
	 * the rest.
	 */
	if (matrix_batch_has(batch, i, FACT_TWO) && matrix_batch_has(batch, i, FACT_AROUND) &&
	    matrix_batch_has(batch, i, FACT_PRIVATE))
		faultlab_touch_read(call.first, NULL);
	/* The write stores the byte that is there already. */
	if (matrix_batch_has(batch, i, FACT_TWO) && matrix_batch_has(batch, i, FACT_WRITABLE))
		faultlab_touch_write(call.first, first_byte(batch, i), NULL);
	else if (matrix_batch_has(batch, i, FACT_TWO))
		faultlab_touch_read(call.first, NULL);

	if (setup == MATRIX_TOUCHED || setup == MATRIX_EVICTED)
		faultlab_touch_read(call.second, NULL);
	if (setup == MATRIX_EVICTED)
		return faultlab_evict(batch->fd, call.offset, batch->tools->page,
				      FAULTLAB_EVICT_COWS);
	return 0;
}

static int set_rules(struct matrix_batch *batch)
{
	struct faultlab_rule rules[MATRIX_BATCH];
	unsigned int i, nr = 0;

	for (i = 0; i < batch->nr; i++) {
		rules[nr] = matrix_outcomes[batch->cell[i]->outcome].rule;
		if (!rules[nr].length)
			continue;
		rules[nr].offset = matrix_batch_call(batch, i).offset;
		rules[nr].length = batch->tools->page;
		nr++;
	}
	return nr ? faultlab_rules(batch->fd, FAULTLAB_RULE_SET, rules, nr) : 0;
}

int matrix_batch_prepare(struct matrix_batch *batch)
{
	unsigned int i;
	int err = 0;

	if (!matrix_batch_has(batch, 0, FACT_RDONLY))
		fill_region(batch);
	for (i = 0; i < batch->nr; i++)
		map_cell(batch, i);
	for (i = 0; i < batch->nr && !err; i++)
		err = touch_cell(batch, i);
	return err ?: set_rules(batch);
}

char *matrix_space_reserve(size_t page, const struct matrix_layout *layout)
{
	size_t bytes = layout->batch * layout->stride * page;
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
