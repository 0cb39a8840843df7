// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab top: what happens now, region by region.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "top/top.h"

#define FETCH_MS	100
#define HEADING_EVERY	20	/* lines of plain output */

struct top {
	struct top_source *source;
	struct top_sample sample;
	struct top_view view;
	struct top_lines lines;
	double interval;	/* seconds */
	__u64 count;		/* samples; 0: no end */
	bool plain;
	bool screen;		/* is open */
};

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static double now(void)
{
	return monotonic_ns() / 1e9;
}

static void draw(struct top *top)
{
	top_screen_size(&top->lines);
	if (top->view.detail)
		top_show_region(&top->lines, &top->sample, &top->view);
	else
		top_show_all(&top->lines, &top->sample, &top->view);
	top_screen_draw(&top->lines);
}

static int take_sample(struct top *top)
{
	top_sample_free(&top->sample);
	return top_sample(top->source, top->view.sort,
			  top->view.detail ? (__s64)top->view.selected : -1, &top->sample);
}

/* Selects the region above or below the selected one, or the first if that region is gone. */
static void select_next(struct top *top, int step)
{
	const struct top_sample *s = &top->sample;
	ssize_t i, nr = s->nr_regions;

	for (i = 0; i < nr && s->region[i].id != top->view.selected; i++)
		;
	i = i == nr ? 0 : i + step;
	if (i >= 0 && i < nr)
		top->view.selected = s->region[i].id;
}

static bool selected_is_there(const struct top *top)
{
	size_t i;

	for (i = 0; i < top->sample.nr_regions; i++)
		if (top->sample.region[i].id == top->view.selected)
			return true;
	return false;
}

static void reset_counters(struct top *top)
{
	FILE *file = fopen(FAULTLAB_DEBUGFS "/reset", "we");

	if (file)
		fputc('1', file);
	top->view.message = file && !fclose(file) ? "The counters of all regions are 0 again." :
			    "The counters could not be reset.";
}

/* Handles a key; false: quit. */
static bool press(struct top *top, enum top_key key)
{
	top->view.message = NULL;
	switch (key) {
	case TOP_KEY_QUIT:
		return false;
	case TOP_KEY_SORT:
		top->view.sort = (top->view.sort + 1) % TOP_NR_SORTS;
		break;
	case TOP_KEY_UP:
		select_next(top, -1);
		break;
	case TOP_KEY_DOWN:
		select_next(top, 1);
		break;
	case TOP_KEY_ENTER:
		top->view.detail = selected_is_there(top);
		if (!top->view.detail)
			top->view.message = "Select a region first, with up and down.";
		break;
	case TOP_KEY_BACK:
		top->view.detail = false;
		break;
	case TOP_KEY_RESET:
		reset_counters(top);
		break;
	default:
		break;
	}
	return true;
}

/*
 * Handles keys and fetches records until the interval is over. Returns 1 to quit, -1 if
 * it failed.
 */
static int wait_interval(struct top *top)
{
	struct pollfd fds[] = {
		{ .fd = top_fd(top->source), .events = POLLIN },
		{ .fd = top->screen ? STDIN_FILENO : -1, .events = POLLIN },
	};
	double end = now() + top->interval, left;
	enum top_key key;
	int ms;

	while (!stopped && (left = end - now()) > 0) {
		ms = left < FETCH_MS / 1000.0 ? left * 1000 + 1 : FETCH_MS;
		if (poll(fds, ARRAY_SIZE(fds), ms) < 0 && errno != EINTR)
			return -1;
		/* Fetch records often: the name of a task can be read only while it lives. */
		if (top_fetch(top->source))
			return -1;
		if (fds[1].revents & (POLLHUP | POLLERR))
			return 1;
		while (top->screen && (key = top_screen_key()) != TOP_KEY_NONE) {
			if (!press(top, key))
				return 1;
			draw(top);
		}
	}
	return stopped;
}

static int watch(struct top *top)
{
	__u64 i;
	int end;

	for (i = 0; !top->count || i < top->count; i++) {
		if (!top->screen && i % HEADING_EVERY == 0)
			top_print_heading();
		else if (top->screen && !i)
			draw(top);
		end = wait_interval(top);
		if (end)
			return end < 0 ? EXIT_FAILED : 0;
		if (take_sample(top))
			return EXIT_FAILED;
		if (!selected_is_there(top) && top->sample.nr_regions && !top->view.detail)
			top->view.selected = top->sample.region[0].id;
		if (top->screen)
			draw(top);
		else
			top_print(&top->sample);
	}
	return 0;
}

static int parse(int argc, char **argv, struct top *top)
{
	static const struct option options[] = {
		{ "plain", no_argument, NULL, 'p' },
		{ "count", required_argument, NULL, 'c' },
		{ "interval", required_argument, NULL, 'i' },
		{ }
	};
	char *end;
	int opt;

	opterr = 0;
	optind = 1;
	while ((opt = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (opt == ':' || opt == '?')
			return usage("top: '%s' %s; see 'faultlab top --help'.", argv[optind - 1],
				     opt == ':' ? "needs a value" : "is not an option");
		if (opt == 'p')
			top->plain = true;
		if (opt == 'c' && (!parse_number(optarg, &top->count) || !top->count))
			return usage("--count needs a number from 1.");
		if (opt == 'i') {
			top->interval = strtod(optarg, &end);
			if (end == optarg || *end || top->interval < 0.1 ||
			    !(top->interval <= 3600))
				return usage("--interval needs a number of seconds, 0.1 to 3600.");
		}
	}
	return optind < argc ? usage("'%s': top takes options only.", argv[optind]) : 0;
}

static int run(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = stop };
	static struct top top = { .interval = 1 };
	int err = parse(argc, argv, &top);

	if (err)
		return err;
	top.source = top_open();
	if (!top.source)
		return EXIT_FAILED;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	top.screen = !top.plain && top_screen_open();
	top.sample.seconds = 1;
	err = top_begin(top.source);
	if (!err)
		err = watch(&top);
	if (top.screen)
		top_screen_close();
	top_sample_free(&top.sample);
	top_close(top.source);
	return err;
}

const struct command command_top = {
	.name = "top",
	.summary = "watch fault rates, latency, and the processes that fault",
	.help =
	"Usage: faultlab top [--interval SECONDS] [--count N] [--plain]\n"
	"\n"
	"Shows, once a second, how many faults there are by region and by access, how\n"
	"long the callbacks take, and which processes fault.\n"
	"\n"
	"  --interval SECONDS  time between updates, 0.1 to 3600 (default: 1)\n"
	"  --count N           end after N updates\n"
	"  --plain             print lines, as if the output were no terminal\n"
	"\n"
	"Keys: s sorts regions by faults, time in callbacks, pages or number; up and down\n"
	"select a region, enter shows more of it, escape goes back; r sets the counters\n"
	"of all regions to 0, as 'faultlab stat --reset' does; q quits.\n"
	"\n"
	"Rates are computed from counters, and exact. Latency (50 %, 90 % and 99 % of the\n"
	"callbacks took that long at most) and processes come from records, some of which\n"
	"can be lost. BUSY is the share of the time that a process spent in callbacks.\n"
	"Needs CAP_SYS_ADMIN and debugfs.\n",
	.run = run,
};
