// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs cells. First all accesses of a group are measured, then the contents of its pages
 * are compared: reading the pages can fault, which must not change what is measured.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "matrix/axis/seen.h"
#include "matrix/gate.h"
#include "matrix/group.h"
#include "matrix/matrix.h"

#define GROUP_SECONDS	60

/* Compares what the remote process has read with what the pages contained. */
static void check_read(struct matrix_group *group, unsigned int i, const struct matrix_call *call)
{
	const struct matrix_bytes bytes = matrix_group_bytes(group, i);
	char *first = group->tools->room, *second = first + bytes.page;
	char *text = group->cell[i]->seen[MATRIX_RESULT];
	const char *got;

	if (!call->remote || call->ret < 0 || (call->path->facts & FACT_WRITES) ||
	    matrix_group_is_past(group, i))
		return;
	got = matrix_remote_buffer(group->tools);
	matrix_bytes_before(&bytes, first, second);
	if (call->path->span == MATRIX_WORD)
		matrix_bytes_differ("read", got, second, sizeof(__u64), text);
	else
		matrix_bytes_differ("read", got, first, call->ret, text);
}

static void measure(struct matrix_group *group, unsigned int i)
{
	static struct faultlab_stats before, after, counts;
	static struct rusage was, is;
	struct matrix_cell *cell = group->cell[i];
	struct matrix_call call = matrix_group_call(group, i);
	bool gate = cell->outcome == OUTCOME(GATE);

	matrix_tools_refill(group->tools, cell->path);
	if (gate)
		matrix_gate_keep(group->fd);
	faultlab_stats(group->fd, &before);
	/* Fault it in now: a fault of getrusage()'s own write to it would be counted. */
	was = (struct rusage){ 0 };
	getrusage(RUSAGE_THREAD, &was);
	call.ret = call.path->run(&call);
	getrusage(RUSAGE_THREAD, &is);
	faultlab_stats(group->fd, &after);
	if (gate)
		matrix_gate_leave();
	matrix_tools_drain(group->tools);
	if (!call.counted) {
		call.minflt = is.ru_minflt - was.ru_minflt;
		call.majflt = is.ru_majflt - was.ru_majflt;
	}

	call.path->answer(&call, cell->seen[MATRIX_RESULT]);
	faultlab_stats_diff(&before, &after, &counts);
	matrix_describe(&counts, call.minflt, call.majflt, cell);
	check_read(group, i, &call);
	cell->ran = true;
	group->call[i] = call;
}

/* Compares the contents after the access, in the region (view) and in the cell's mapping. */
static void check_bytes(struct matrix_group *group, unsigned int i, const char *view)
{
	const struct matrix_bytes bytes = matrix_group_bytes(group, i);
	const struct matrix_call *call = &group->call[i];
	char *text = group->cell[i]->seen[MATRIX_RESULT];
	char *first = group->tools->room, *second = first + bytes.page;
	const char *in_region = view + call->offset;

	/* Cells that access past the end share their first page: its contents are unknown. */
	if (!call->path || matrix_group_is_past(group, i))
		return;
	matrix_bytes_before(&bytes, first, second);
	if (!matrix_group_has(group, i, FACT_PRIVATE))
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

/* Runs after all cells were measured, since reading a page can fault. */
static void check_group(struct matrix_group *group)
{
	char *view;
	unsigned int i;

	/* This fails if the device was unplugged: then the pages cannot be read either. */
	if (faultlab_rules(group->fd, FAULTLAB_RULE_SET, NULL, 0))
		return;
	view = matrix_group_view(group, PROT_READ);
	for (i = 0; i < group->nr; i++)
		check_bytes(group, i, view);
	matrix_group_unview(group, view);
}

static void run_group(struct matrix_group *group)
{
	unsigned int i;
	int err;

	if (!group->nr)
		return;
	alarm(GROUP_SECONDS);
	err = matrix_group_open(group);
	if (!err) {
		err = matrix_group_prepare(group);
		for (i = 0; i < group->nr && !err; i++)
			if (!group->cell[i]->ran)
				measure(group, i);
		check_group(group);
		matrix_group_close(group);
	}
	for (i = 0; i < group->nr && err; i++)
		matrix_group_cannot(group->cell[i], "cannot be set up", -err);
	group->nr = 0;
	memset(group->call, 0, sizeof(group->call));
}

/* Cells share a region, except that each cell with a fatal outcome has its own region. */
static void run_kind(struct matrix_tools *tools, struct matrix_cell *cells, unsigned int nr,
		     __u64 rdonly, bool fatal, char *space)
{
	static struct matrix_group group;
	unsigned int i;

	group = (struct matrix_group) { .tools = tools, .space = space };
	group.layout = matrix_layout_of(&faultlab_memories[cells->kind]);

	for (i = 0; i < nr; i++) {
		if ((matrix_cell_facts(&cells[i]) & FACT_RDONLY) != rdonly ||
		    matrix_outcomes[cells[i].outcome].fatal != fatal)
			continue;
		group.cell[group.nr++] = &cells[i];
		if (group.nr == (fatal ? 1 : group.layout.group))
			run_group(&group);
	}
	run_group(&group);
}

static int run_child(struct matrix_cell *cells, unsigned int nr)
{
	const struct matrix_layout layout = matrix_layout_of(&faultlab_memories[cells->kind]);
	static struct matrix_tools tools;
	char *space;
	unsigned int i;
	int err;

	err = matrix_tools_open(&tools);
	space = matrix_space_reserve(tools.page, &layout);
	if (!err)
		err = space ? matrix_gate_start() : -ENOMEM;
	for (i = 0; i < 4 && !err; i++)
		run_kind(&tools, cells, nr, i & 1 ? FACT_RDONLY : 0, i & 2, space);
	matrix_tools_close(&tools);
	return err ? EXIT_FAILED : 0;
}

/*
 * Runs the cells of each kind in a process of its own, so that a crash or a timeout ends
 * only the cells of that kind. The cells of a kind are consecutive.
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
