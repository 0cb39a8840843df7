// SPDX-License-Identifier: GPL-2.0-only
/*
 * A terminal that runs a program, emulated by libvterm. The emulated screen has one column
 * more than the program is told: text that does not fit in a line is found there, where
 * libvterm would otherwise continue it on the next line.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vterm.h>

#include "lib/tlib.h"
#include "lib/tools/screen.h"

#define PATIENCE_NS	20000000000ULL
#define CLEAR		"\033[2J"

/* The text from (y, x) to (y_end, x_end), without the blank ends of lines. */
static const char *text_in(struct tlib_screen *s, int y, int y_end, int x, int x_end)
{
	VTermRect rect = { .start_row = y, .end_row = y_end, .start_col = x, .end_col = x_end };

	/* libvterm does not terminate the text. */
	memset(s->text, 0, sizeof(s->text));
	vterm_screen_get_text(vterm_obtain_screen(s->vterm), s->text, sizeof(s->text) - 1, rect);
	return s->text;
}

static void take(struct tlib_screen *s, const char *text, size_t len)
{
	const char *margin;

	vterm_input_write(s->vterm, text, len);
	margin = text_in(s, 0, s->lines, s->columns, s->columns + 1);
	if (margin[strspn(margin, "\n")])
		s->overflows++;
}

/* Draw output that arrives within 100 ms. false: the program has closed its terminal. */
static bool look(struct tlib_screen *s)
{
	struct pollfd fd = { .fd = s->fd, .events = POLLIN };
	char text[4096];
	ssize_t nr;

	if (poll(&fd, 1, 100) <= 0)
		return true;
	nr = read(s->fd, text, sizeof(text));
	if (nr > 0)
		take(s, text, nr);
	return nr > 0;
}

int tlib_screen_start(struct tlib_screen *s, unsigned int lines, unsigned int columns,
		      char *const *argv)
{
	struct winsize size = { .ws_row = lines, .ws_col = columns };

	*s = (struct tlib_screen){ .lines = lines, .columns = columns };
	s->pid = forkpty(&s->fd, NULL, NULL, &size);
	if (s->pid < 0)
		return -errno;
	if (!s->pid) {
		setenv("TERM", "vt100", 1);
		unsetenv("LINES");
		unsetenv("COLUMNS");
		execvp(*argv, argv);
		_exit(127);
	}
	s->vterm = vterm_new(lines, columns + 1);
	vterm_screen_reset(vterm_obtain_screen(s->vterm), 1);
	return 0;
}

int tlib_screen_resize(struct tlib_screen *s, unsigned int lines, unsigned int columns)
{
	struct winsize size = { .ws_row = lines, .ws_col = columns };

	s->lines = lines;
	s->columns = columns;
	vterm_set_size(s->vterm, lines, columns + 1);
	/*
	 * Clear the emulated screen. libvterm may have moved text that was drawn for the
	 * old size to a line in which a test now looks for text of the new size.
	 */
	vterm_input_write(s->vterm, CLEAR, strlen(CLEAR));
	return ioctl(s->fd, TIOCSWINSZ, &size) ? -errno : 0;
}

void tlib_screen_type(struct tlib_screen *s, const char *keys)
{
	if (write(s->fd, keys, strlen(keys)) < 0)
		s->overflows++;
}

/* Print the screen for a failed test. */
static void tell(struct tlib_screen *s, const char *wanted)
{
	unsigned int y;

	printf("# no '%s' on the screen:\n", wanted);
	for (y = 0; y < s->lines; y++)
		printf("# |%-*s|\n", (int)s->columns, text_in(s, y, y + 1, 0, s->columns));
	fflush(stdout);
}

static bool await(struct tlib_screen *s, int y, int y_end, const char *text)
{
	__u64 end = tlib_now() + PATIENCE_NS;

	while (!strstr(text_in(s, y, y_end, 0, s->columns), text)) {
		if (tlib_now() >= end || !look(s)) {
			tell(s, text);
			return false;
		}
	}
	return true;
}

bool tlib_screen_await(struct tlib_screen *s, int line, const char *text)
{
	int y = line < 0 ? (int)s->lines + line : line;

	return await(s, y, y + 1, text);
}

bool tlib_screen_shows(struct tlib_screen *s, const char *text)
{
	return await(s, 0, s->lines, text);
}

int tlib_screen_end(struct tlib_screen *s)
{
	int status;

	while (look(s) && !waitpid(s->pid, &status, WNOHANG))
		;
	close(s->fd);
	vterm_free(s->vterm);
	/* ECHILD: the loop has reaped the process already. */
	if (waitpid(s->pid, &status, 0) < 0 && errno != ECHILD)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
