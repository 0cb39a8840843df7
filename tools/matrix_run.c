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

#include "matrix_gate.h"
#include "matrix_seen.h"
#include "matrix_tools.h"

/* As many mappings as have counters of their own in the module. */
#define BATCH		60
#define BATCH_SECONDS	60
/* Pages of address space a cell: two of its own, and a gap against merging. */
#define STRIDE		4
#define TABLE_BYTES	(2UL << 20)

struct batch {
	struct matrix_tools *tools;
	struct matrix_cell *cell[BATCH];
	unsigned int nr;
	int fd;
	char *window;
};

static struct matrix_call call_of(struct batch *batch, unsigned int i)
{
	const struct matrix_cell *cell = batch->cell[i];
	size_t page = batch->tools->page;
	/* The last page of the region is the first one of all that look past it. */
	bool past = matrix_outcomes[cell->outcome].setup == MATRIX_PAST_END;
	char *first = batch->window + i * STRIDE * page;

	return (struct matrix_call) {
		.tools = batch->tools, .first = first, .second = first + page,
		.fd = batch->fd, .offset = ((past ? BATCH : i) * 2 + 1) * page,
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
	const struct matrix_kind *kind = &matrix_kinds[batch->cell[0]->kind];
	int flags = has(batch, 0, FACT_RDONLY) ? O_RDONLY : O_RDWR;
	char path[32];
	int err;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", batch->tools->node);
	batch->fd = open(path, flags | O_CLOEXEC);
	if (batch->fd < 0)
		return -errno;
	err = faultlab_config(batch->fd, kind->kind, kind->flags,
			      (2 * BATCH + 1) * batch->tools->page);
	if (err)
		close(batch->fd);
	return err;
}

/* An instruction to fetch, by a mapping that is gone before the cell's is made. */
static void put_code(struct batch *batch, const struct matrix_call *call)
{
	char *addr = mmap(NULL, batch->tools->page, PROT_READ | PROT_WRITE, MAP_SHARED,
			  batch->fd, call->offset);

	if (addr == MAP_FAILED)
		return;
	memcpy(addr, batch->tools->code, batch->tools->code_bytes);
	munmap(addr, batch->tools->page);
}

static void map_cell(struct batch *batch, unsigned int i)
{
	struct matrix_call call = call_of(batch, i);
	size_t page = batch->tools->page;
	void *addr;

	if (has(batch, i, FACT_FETCH) && has(batch, i, FACT_EXEC) &&
	    setup_of(batch, i) != MATRIX_PAST_END)
		put_code(batch, &call);
	if (has(batch, i, FACT_MAPS))
		return;
	addr = mmap(call.first, 2 * page, call.mapping->prot, call.mapping->flags | MAP_FIXED,
		    batch->fd, call.offset - page);
	if (addr == MAP_FAILED)
		cannot(batch->cell[i], "mmap", errno);
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
	if (has(batch, i, FACT_TWO) && has(batch, i, FACT_WRITABLE))
		faultlab_touch_write(call.first, 0, NULL);
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

	for (i = 0; i < batch->nr; i++)
		map_cell(batch, i);
	for (i = 0; i < batch->nr && !err; i++)
		err = touch_cell(batch, i);
	return err ?: set_rules(batch);
}

static void measure(struct batch *batch, unsigned int i)
{
	static struct faultlab_stats before, after, counts;
	static struct rusage was, is;
	struct matrix_cell *cell = batch->cell[i];
	struct matrix_call call = call_of(batch, i);
	bool gate = cell->outcome == OUTCOME(GATE);

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

	call.way->answer(&call, cell->seen[MATRIX_RESULT]);
	faultlab_stats_diff(&before, &after, &counts);
	matrix_describe(&counts, is.ru_minflt - was.ru_minflt, is.ru_majflt - was.ru_majflt,
			cell);
	cell->ran = true;
}

static void run_batch(struct batch *batch)
{
	size_t bytes = BATCH * STRIDE * batch->tools->page;
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
		mmap(batch->window, bytes, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
		close(batch->fd);
	}
	for (i = 0; i < batch->nr && err; i++)
		cannot(batch->cell[i], "cannot be set up", -err);
	batch->nr = 0;
}

/*
 * Address space for the cells, in one page table, which a page of no interest
 * keeps: without a table there is no fault-around, and that is not for the order
 * of the cells to say.
 */
static char *window_open(size_t page)
{
	char *window = mmap(NULL, 2 * TABLE_BYTES, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *last;

	if (window == MAP_FAILED)
		return NULL;
	window = (char *)(((uintptr_t)window + TABLE_BYTES - 1) & ~(TABLE_BYTES - 1));
	last = window + TABLE_BYTES - page;
	if (mprotect(last, page, PROT_READ | PROT_WRITE))
		return NULL;
	*last = 1;
	return window;
}

/* All that can share a region share one; what kills it has one of its own. */
static void run_kind(struct matrix_tools *tools, struct matrix_cell *cells, unsigned int nr,
		     __u64 rdonly, bool fatal, char *window)
{
	struct batch batch = { .tools = tools, .window = window };
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if ((matrix_cell_facts(&cells[i]) & FACT_RDONLY) != rdonly ||
		    matrix_outcomes[cells[i].outcome].fatal != fatal)
			continue;
		batch.cell[batch.nr++] = &cells[i];
		if (batch.nr == (fatal ? 1 : BATCH))
			run_batch(&batch);
	}
	run_batch(&batch);
}

static int run_child(struct matrix_cell *cells, unsigned int nr)
{
	static struct matrix_tools tools;
	char *window;
	unsigned int i;
	int err;

	err = matrix_tools_open(&tools);
	window = window_open(tools.page);
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
			failed("the process of %s died of %s.", matrix_kinds[cells[from].kind].name,
			       strsignal(WTERMSIG(status)));
	}
	return 0;
}
