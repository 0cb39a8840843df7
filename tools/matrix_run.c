// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running cells. A change of rules and an evict each cost the module a grace
 * period of RCU, so cells are run in batches: one region, two pages of it a cell,
 * all mapped and prepared first, and one list of rules for all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "matrix_bytes.h"
#include "matrix_gate.h"
#include "matrix_seen.h"
#include "matrix_tools.h"

/*
 * As many mappings as have counters of their own in the module; and so many where a
 * fault maps a PMD, for the memory it takes.
 */
#define BATCH		60
#define BATCH_HUGE	4
#define BATCH_SECONDS	60
#define TABLE_BYTES	(2UL << 20)

/*
 * Where the pages of a cell are. One fault maps at most `step` pages, so the mapping is
 * of two such windows: the cell's first page is the last one of the first window, its
 * second page the first one of the second.
 */
struct layout {
	unsigned int step;	/* pages */
	unsigned int stride;	/* pages of address space a cell: with a gap against merging */
	unsigned int batch;	/* cells */
};

struct batch {
	struct matrix_tools *tools;
	struct layout layout;
	struct matrix_cell *cell[BATCH];
	struct matrix_call call[BATCH];		/* as it was made */
	unsigned int nr;
	int fd;
	char *window;
};

static struct layout layout_of(const struct faultlab_memory *memory)
{
	struct layout layout = { .step = faultlab_memory_step(memory) };

	layout.stride = layout.step == 1 ? 4 : 3 * layout.step;
	if (layout.step >= MATRIX_TABLE_PAGES)
		layout.batch = BATCH_HUGE;
	else
		layout.batch = (MATRIX_TABLE_PAGES - 1) / layout.stride;
	if (layout.batch > BATCH)
		layout.batch = BATCH;
	return layout;
}

static size_t window_bytes(const struct batch *batch)
{
	return batch->layout.batch * batch->layout.stride * batch->tools->page;
}

static bool is_past(const struct batch *batch, unsigned int i)
{
	return matrix_outcomes[batch->cell[i]->outcome].setup == MATRIX_PAST_END;
}

/*
 * Pages of the region, whole folios: the last window is the first one of all that look
 * past it.
 */
static unsigned int region_pages(const struct batch *batch)
{
	const unsigned int folio = 1U << faultlab_memories[batch->cell[0]->kind].order;
	unsigned int pages = (2 * batch->layout.batch + 1) * batch->layout.step;

	return (pages + folio - 1) / folio * folio;
}

static struct matrix_call call_of(struct batch *batch, unsigned int i)
{
	const struct matrix_cell *cell = batch->cell[i];
	const struct faultlab_memory *memory = &faultlab_memories[cell->kind];
	const struct layout *layout = &batch->layout;
	const bool whole = memory->flags & FAULTLAB_REGION_WHOLE;
	size_t page = batch->tools->page;
	unsigned int at = is_past(batch, i) ? region_pages(batch) : (2 * i + 1) * layout->step;
	char *start = batch->window + i * layout->stride * page;

	return (struct matrix_call) {
		.tools = batch->tools,
		.first = start + (layout->step - 1) * page,
		.second = start + layout->step * page,
		.fd = batch->fd, .offset = at * page,
		.step = whole ? page << memory->order : page,
		/* Both are to be had in each row. */
		.other = cell->outcome & 1,
		.mapping = &matrix_mappings[cell->mapping], .way = &matrix_ways[cell->way],
	};
}

static bool has(const struct batch *batch, unsigned int i, __u64 fact)
{
	return matrix_cell_facts(batch->cell[i]) & fact;
}

static enum matrix_setup setup_of(const struct batch *batch, unsigned int i)
{
	return matrix_outcomes[batch->cell[i]->outcome].setup;
}

static void cannot(struct matrix_cell *cell, const char *what, int err)
{
	const char *name = strerrorname_np(err);

	snprintf(cell->seen[MATRIX_RESULT], MATRIX_TEXT, "%s: %s", what, name ? name : "?");
	cell->ran = true;
}

static int open_region(struct batch *batch)
{
	const struct faultlab_memory *memory = &faultlab_memories[batch->cell[0]->kind];
	const struct faultlab_config config =
		faultlab_memory_config(memory, region_pages(batch) * batch->tools->page);
	int flags = has(batch, 0, FACT_RDONLY) ? O_RDONLY : O_RDWR;
	char path[32];
	int err;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", batch->tools->node);
	batch->fd = open(path, flags | O_CLOEXEC);
	if (batch->fd < 0)
		return -errno;
	err = faultlab_configure(batch->fd, &config);
	if (err)
		close(batch->fd);
	return err;
}

/*
 * What the region has in a cell's pages: something to tell right bytes by, unless it is
 * read-only, or fault-around would map what is there. An instruction to fetch, in any
 * case.
 */
static struct matrix_bytes bytes_of(const struct batch *batch, unsigned int i)
{
	struct matrix_bytes bytes = {
		.page = batch->tools->page, .salt = 2 * i,
		.empty = has(batch, i, FACT_AROUND) || has(batch, i, FACT_RDONLY),
	};

	if (has(batch, i, FACT_FETCH) && has(batch, i, FACT_EXEC)) {
		bytes.code = batch->tools->code;
		bytes.code_bytes = batch->tools->code_bytes;
	}
	return bytes;
}

/* All of the region, by a mapping that is gone before those of cells are made. */
static char *view_region(const struct batch *batch, int prot)
{
	char *view = mmap(NULL, region_pages(batch) * batch->tools->page, prot, MAP_SHARED,
			  batch->fd, 0);

	return view == MAP_FAILED ? NULL : view;
}

static void fill_region(struct batch *batch)
{
	char *view = view_region(batch, PROT_READ | PROT_WRITE);
	size_t page = batch->tools->page;
	unsigned int i;

	for (i = 0; i < batch->nr && view; i++) {
		const struct matrix_bytes bytes = bytes_of(batch, i);
		char *second = view + call_of(batch, i).offset;

		if (is_past(batch, i))
			continue;
		if (!bytes.empty)
			matrix_bytes_before(&bytes, second - page, second);
		else if (bytes.code)
			memcpy(second, bytes.code, bytes.code_bytes);
	}
	if (view)
		munmap(view, region_pages(batch) * page);
}

static void map_cell(struct batch *batch, unsigned int i)
{
	struct matrix_call call = call_of(batch, i);
	const unsigned int step = batch->layout.step;
	size_t page = batch->tools->page;
	void *addr;

	if (has(batch, i, FACT_MAPS))
		return;
	addr = mmap(call.second - step * page, 2 * step * page, call.mapping->prot,
		    call.mapping->flags | MAP_FIXED, batch->fd, call.offset - step * page);
	if (addr == MAP_FAILED)
		cannot(batch->cell[i], "mmap", errno);
}

static __u8 first_byte(struct batch *batch, unsigned int i)
{
	const struct matrix_bytes bytes = bytes_of(batch, i);
	char *first = batch->tools->room;

	if (is_past(batch, i))
		return 0;
	matrix_bytes_before(&bytes, first, first + bytes.page);
	return *first;
}

/*
 * The first page is there, for all that the mapping allows. It is touched before
 * the second one exists, or fault-around would map that, too.
 */
static int touch_cell(struct batch *batch, unsigned int i)
{
	struct matrix_call call = call_of(batch, i);
	enum matrix_setup setup = setup_of(batch, i);

	if (batch->cell[i]->ran || has(batch, i, FACT_MAPS))
		return 0;
	/* A copy takes one page of a folio, and fault-around then would map the rest of it. */
	if (has(batch, i, FACT_TWO) && has(batch, i, FACT_AROUND) && has(batch, i, FACT_PRIVATE))
		faultlab_touch_read(call.first, NULL);
	/* A write leaves there what is there. */
	if (has(batch, i, FACT_TWO) && has(batch, i, FACT_WRITABLE))
		faultlab_touch_write(call.first, first_byte(batch, i), NULL);
	else if (has(batch, i, FACT_TWO))
		faultlab_touch_read(call.first, NULL);

	if (setup == MATRIX_TOUCHED || setup == MATRIX_EVICTED)
		faultlab_touch_read(call.second, NULL);
	if (setup == MATRIX_EVICTED)
		return faultlab_evict(batch->fd, call.offset, batch->tools->page,
				      FAULTLAB_EVICT_COWS);
	return 0;
}

static int set_rules(struct batch *batch)
{
	struct faultlab_rule rules[BATCH];
	unsigned int i, nr = 0;

	for (i = 0; i < batch->nr; i++) {
		rules[nr] = matrix_outcomes[batch->cell[i]->outcome].rule;
		if (!rules[nr].length)
			continue;
		rules[nr].offset = call_of(batch, i).offset;
		rules[nr].length = batch->tools->page;
		nr++;
	}
	return nr ? faultlab_rules(batch->fd, FAULTLAB_RULE_SET, rules, nr) : 0;
}

static int prepare(struct batch *batch)
{
	unsigned int i;
	int err = 0;

	if (!has(batch, 0, FACT_RDONLY))
		fill_region(batch);
	for (i = 0; i < batch->nr; i++)
		map_cell(batch, i);
	for (i = 0; i < batch->nr && !err; i++)
		err = touch_cell(batch, i);
	return err ?: set_rules(batch);
}

/* What another process has read. */
static void check_read(struct batch *batch, unsigned int i, const struct matrix_call *call)
{
	const struct matrix_bytes bytes = bytes_of(batch, i);
	char *first = batch->tools->room, *second = first + bytes.page;
	char *text = batch->cell[i]->seen[MATRIX_RESULT];
	const char *got;

	if (!call->remote || call->ret < 0 || (call->way->facts & FACT_WRITES) ||
	    is_past(batch, i))
		return;
	got = matrix_remote_buffer(batch->tools);
	matrix_bytes_before(&bytes, first, second);
	if (call->way->span == MATRIX_WORD)
		matrix_bytes_differ("read", got, second, sizeof(__u64), text);
	else
		matrix_bytes_differ("read", got, first, call->ret, text);
}

static void measure(struct batch *batch, unsigned int i)
{
	static struct faultlab_stats before, after, counts;
	static struct rusage was, is;
	struct matrix_cell *cell = batch->cell[i];
	struct matrix_call call = call_of(batch, i);
	bool gate = cell->outcome == OUTCOME(GATE);

	matrix_tools_refill(batch->tools, cell->way);
	if (gate)
		matrix_gate_keep(batch->fd);
	faultlab_stats(batch->fd, &before);
	/* Written before, so that to write it is no fault between the two. */
	was = (struct rusage){ 0 };
	getrusage(RUSAGE_THREAD, &was);
	call.ret = call.way->run(&call);
	getrusage(RUSAGE_THREAD, &is);
	faultlab_stats(batch->fd, &after);
	if (gate)
		matrix_gate_leave();
	matrix_tools_drain(batch->tools);
	if (!call.remote) {
		call.minflt = is.ru_minflt - was.ru_minflt;
		call.majflt = is.ru_majflt - was.ru_majflt;
	}

	call.way->answer(&call, cell->seen[MATRIX_RESULT]);
	faultlab_stats_diff(&before, &after, &counts);
	matrix_describe(&counts, call.minflt, call.majflt, cell);
	check_read(batch, i, &call);
	cell->ran = true;
	batch->call[i] = call;
}

/* What is there after the access, by the mapping itself and by another one. */
static void check_bytes(struct batch *batch, unsigned int i, const char *view)
{
	const struct matrix_bytes bytes = bytes_of(batch, i);
	const struct matrix_call *call = &batch->call[i];
	char *text = batch->cell[i]->seen[MATRIX_RESULT];
	char *first = batch->tools->room, *second = first + bytes.page;
	const char *in_region = view + call->offset;

	/* The first page of what looks past the end is that of several cells. */
	if (!call->way || is_past(batch, i))
		return;
	matrix_bytes_before(&bytes, first, second);
	if (!has(batch, i, FACT_PRIVATE))
		matrix_bytes_written(call, first, second);
	if (view && (matrix_bytes_differ("region, 1", in_region - bytes.page, first,
					 bytes.page, text) ||
		     matrix_bytes_differ("region, 2", in_region, second, bytes.page, text)))
		return;
	matrix_bytes_before(&bytes, first, second);
	matrix_bytes_written(call, first, second);
	if (!faultlab_touch_read(call->first, NULL) &&
	    matrix_bytes_differ("page 1", call->first, first, bytes.page, text))
		return;
	if (!faultlab_touch_read(call->second, NULL))
		matrix_bytes_differ("page 2", call->second, second, bytes.page, text);
}

/* When all is measured, as to look at a page may be a fault. */
static void check_batch(struct batch *batch)
{
	char *view;
	unsigned int i;

	/* Fails where the device is dead, as does all that follows. */
	if (faultlab_rules(batch->fd, FAULTLAB_RULE_SET, NULL, 0))
		return;
	view = view_region(batch, PROT_READ);
	for (i = 0; i < batch->nr; i++)
		check_bytes(batch, i, view);
	if (view)
		munmap(view, region_pages(batch) * batch->tools->page);
}

static void run_batch(struct batch *batch)
{
	unsigned int i;
	int err;

	if (!batch->nr)
		return;
	alarm(BATCH_SECONDS);
	err = open_region(batch);
	if (!err) {
		err = prepare(batch);
		for (i = 0; i < batch->nr && !err; i++)
			if (!batch->cell[i]->ran)
				measure(batch, i);
		check_batch(batch);
		mmap(batch->window, window_bytes(batch), PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
		close(batch->fd);
	}
	for (i = 0; i < batch->nr && err; i++)
		cannot(batch->cell[i], "cannot be set up", -err);
	batch->nr = 0;
	memset(batch->call, 0, sizeof(batch->call));
}

/*
 * Address space for the cells, in one page table, which a page of no interest
 * keeps: without a table there is no fault-around, and that is not for the order
 * of the cells to say. Where a fault maps a PMD each window is one, and has none.
 */
static char *window_open(size_t page, const struct layout *layout)
{
	size_t bytes = layout->batch * layout->stride * page;
	char *window, *last;

	bytes = (bytes / TABLE_BYTES + 1) * TABLE_BYTES;
	window = mmap(NULL, bytes + TABLE_BYTES, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (window == MAP_FAILED)
		return NULL;
	window = (char *)(((uintptr_t)window + TABLE_BYTES - 1) & ~(TABLE_BYTES - 1));
	last = window + bytes - page;
	if (mprotect(last, page, PROT_READ | PROT_WRITE))
		return NULL;
	*last = 1;
	return window;
}

/* All that can share a region share one; what kills it has one of its own. */
static void run_kind(struct matrix_tools *tools, struct matrix_cell *cells, unsigned int nr,
		     __u64 rdonly, bool fatal, char *window)
{
	static struct batch batch;
	unsigned int i;

	batch = (struct batch) { .tools = tools, .window = window };
	batch.layout = layout_of(&faultlab_memories[cells->kind]);

	for (i = 0; i < nr; i++) {
		if ((matrix_cell_facts(&cells[i]) & FACT_RDONLY) != rdonly ||
		    matrix_outcomes[cells[i].outcome].fatal != fatal)
			continue;
		batch.cell[batch.nr++] = &cells[i];
		if (batch.nr == (fatal ? 1 : batch.layout.batch))
			run_batch(&batch);
	}
	run_batch(&batch);
}

static int run_child(struct matrix_cell *cells, unsigned int nr)
{
	const struct layout layout = layout_of(&faultlab_memories[cells->kind]);
	static struct matrix_tools tools;
	char *window;
	unsigned int i;
	int err;

	err = matrix_tools_open(&tools);
	window = window_open(tools.page, &layout);
	if (!err)
		err = window ? matrix_gate_start() : -ENOMEM;
	for (i = 0; i < 4 && !err; i++)
		run_kind(&tools, cells, nr, i & 1 ? FACT_RDONLY : 0, i & 2, window);
	matrix_tools_close(&tools);
	return err ? EXIT_FAILED : 0;
}

/*
 * A process a kind: what goes wrong in one of them stays there. The cells of a
 * kind follow each other.
 */
int matrix_run(struct matrix_cell *cells, unsigned int nr)
{
	unsigned int from, to;
	int status;
	pid_t pid;

	for (from = 0; from < nr; from = to) {
		for (to = from; to < nr && cells[to].kind == cells[from].kind; to++)
			;
		fflush(stdout);
		pid = fork();
		if (!pid)
			_exit(run_child(cells + from, to - from));
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return failed("cannot fork: %s.", strerror(errno));
		if (WIFEXITED(status) && WEXITSTATUS(status))
			return EXIT_FAILED;
		if (!WIFEXITED(status))
			failed("the process of %s died of %s.", matrix_kind_name(&cells[from]),
			       strsignal(WTERMSIG(status)));
	}
	return 0;
}
