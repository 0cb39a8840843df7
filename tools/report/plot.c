// SPDX-License-Identifier: GPL-2.0-only
/*
 * The heat map as a picture, drawn by gnuplot, whose stdout is redirected to the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/report.h"

#define COLUMNS		200
#define RANGES		128	/* of pages */
#define MOST_MAPS	6	/* one for each region, below each other in one picture */

static const struct {
	const char *suffix;
	const char *terminal;
} formats[] = {
	{ ".svg", "svg size 1000,%zu dynamic background rgb 'white'" },
	{ ".png", "pngcairo size 1000,%zu" },
};

static const char *terminal_for(const char *path)
{
	size_t length = strlen(path), suffix;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		suffix = strlen(formats[i].suffix);
		if (length > suffix && !strcmp(path + length - suffix, formats[i].suffix))
			return formats[i].terminal;
	}
	return NULL;
}

static bool plot_span(const struct report *report, const struct span *coarse, FILE *to)
{
	const struct span cut = span_cut(coarse, RANGES), *span = &cut;
	unsigned int ranges = (span->last >> span->shift) - (span->first >> span->shift) + 1;
	double ms = (report->to - report->from) / 1e6 / COLUMNS;
	unsigned int i, k;
	__u64 most, *counts;

	counts = heat_counts(report, span, ranges, COLUMNS, &most);
	if (!counts)
		return false;
	fprintf(to, "set title 'region %u: %llu records'\n", span->region, span->count);
	fprintf(to, "set xrange [0:%g]\nset yrange [%llu:%llu]\n", ms * COLUMNS,
		span->first >> span->shift << span->shift,
		((span->last >> span->shift) + 1) << span->shift);
	fprintf(to, "set cbrange [0:%llu]\n", most);
	/* gnuplot centers a cell on its point: shift it by half a cell. */
	fprintf(to, "plot '-' using (($1+0.5)*%g):(%llu.0+($2+0.5)*%llu.0):3 with image notitle\n",
		ms ? ms : 1, span->first >> span->shift << span->shift, 1ULL << span->shift);
	for (i = 0; i < ranges; i++)
		for (k = 0; k < COLUMNS; k++)
			fprintf(to, "%u %u %llu\n", k, i, counts[i * COLUMNS + k]);
	fputs("e\n", to);
	free(counts);
	return true;
}

static void write_script(const struct report *report, const char *terminal, FILE *to)
{
	size_t i, nr = report->nr_spans < MOST_MAPS ? report->nr_spans : MOST_MAPS;

	fputs("set terminal ", to);
	fprintf(to, terminal, nr * 350 + 50);
	fputs("\nset palette defined (0 'white', 1 '#ffe08a', 2 '#f58b3b', ", to);
	fputs("3 '#b3202c', 4 '#3b0a3f')\n", to);
	fputs("set xlabel 'milliseconds'\nset ylabel 'page'\nset cblabel 'records per cell'\n", to);
	fputs("set tics out nomirror\nset format y '%.0f'\n", to);
	fprintf(to, "set multiplot layout %zu,1\n", nr);
	for (i = 0; i < nr; i++)
		if (!plot_span(report, &report->span[i], to))
			break;
	fputs("unset multiplot\n", to);
}

static pid_t start_gnuplot(int out, FILE **to)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(ends[0], STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		execlp("gnuplot", "gnuplot", "-", NULL);
		_exit(127);
	}
	close(ends[0]);
	*to = pid > 0 ? fdopen(ends[1], "w") : NULL;
	if (!*to)
		close(ends[1]);
	return pid;
}

static int draw(const struct report *report, const char *terminal, int out)
{
	FILE *to = NULL;
	int status = -1;
	pid_t pid;

	/* gnuplot may end before it has read all: without this the write would be fatal. */
	signal(SIGPIPE, SIG_IGN);
	pid = start_gnuplot(out, &to);
	if (to) {
		write_script(report, terminal, to);
		fclose(to);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return failed("--plot needs gnuplot: install it (Debian: gnuplot-nox).");
	return status ? failed("gnuplot did not draw the map.") : 0;
}

int report_plot(const struct report *report, const char *path)
{
	const char *terminal = terminal_for(path);
	int out, err;

	if (!terminal)
		return usage("'%s' must end in .svg or .png.", path);
	if (!report->nr)
		return failed("there are no records to draw.");
	out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (out < 0)
		return failed("cannot write %s: %s.", path, strerror(errno));
	err = draw(report, terminal, out);
	close(out);
	if (err)
		unlink(path);
	else
		printf("\n%s: a map of %zu %s\n", path, report->nr_spans < MOST_MAPS ?
		       report->nr_spans : (size_t)MOST_MAPS,
		       report->nr_spans == 1 ? "region" : "regions");
	return err;
}
