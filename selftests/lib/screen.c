// SPDX-License-Identifier: GPL-2.0-only
/*
 * A terminal that runs a program: the part of a VT100 that curses uses.
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

#include "lib/tlib.h"
#include "lib/screen.h"

#define PATIENCE_NS	20000000000ULL

static void wipe(struct tlib_screen *s, unsigned int y, unsigned int from, unsigned int to)
{
	memset(s->text[y] + from, ' ', to - from);
}

static void wipe_all(struct tlib_screen *s)
{
	unsigned int y;

	memset(s->text, 0, sizeof(s->text));
	for (y = 0; y < s->lines; y++)
		wipe(s, y, 0, s->columns);
}

static void line_feed(struct tlib_screen *s)
{
	size_t lines = s->bottom - s->top;

	if (s->y == s->bottom) {
		memmove(s->text[s->top], s->text[s->top + 1], lines * sizeof(s->text[0]));
		wipe(s, s->bottom, 0, s->columns);
	} else if (s->y + 1 < s->lines) {
		s->y++;
	}
}

static void reverse_feed(struct tlib_screen *s)
{
	size_t lines = s->bottom - s->top;

	if (s->y == s->top) {
		memmove(s->text[s->top + 1], s->text[s->top], lines * sizeof(s->text[0]));
		wipe(s, s->top, 0, s->columns);
	} else if (s->y) {
		s->y--;
	}
}

static void print(struct tlib_screen *s, char c)
{
	if (s->x >= s->columns) {
		s->overflows++;
		return;
	}
	s->text[s->y][s->x++] = c;
}

static void move_to(struct tlib_screen *s, int y, int x)
{
	s->y = y < 0 ? 0 : y >= (int)s->lines ? s->lines - 1 : (unsigned int)y;
	s->x = x < 0 ? 0 : x >= (int)s->columns ? s->columns - 1 : (unsigned int)x;
}

/* Scroll only lines first to second, or all lines if nr < 2. */
static void set_scrolling(struct tlib_screen *s, int nr, int first, int second)
{
	bool sane = nr == 2 && first > 0 && first < second && second <= (int)s->lines;

	s->top = sane ? first - 1 : 0;
	s->bottom = sane ? second - 1 : (int)s->lines - 1;
	move_to(s, 0, 0);
}

static void erase_display(struct tlib_screen *s, int how)
{
	unsigned int y;

	if (how)
		return wipe_all(s);
	wipe(s, s->y, s->x, s->columns);
	for (y = s->y + 1; y < s->lines; y++)
		wipe(s, y, 0, s->columns);
}

static void erase_line(struct tlib_screen *s, int how)
{
	unsigned int x = s->x < s->columns ? s->x : s->columns;

	wipe(s, s->y, how ? 0 : x, how == 1 ? x + (x < s->columns) : s->columns);
}

/* Carry out an escape sequence. Those that neither move nor erase are ignored. */
static void control(struct tlib_screen *s, char end)
{
	int first = 0, second = 0, nr;

	nr = sscanf(s->parameters, "%d;%d", &first, &second);
	switch (end) {
	case 'H':
		move_to(s, nr > 0 ? first - 1 : 0, nr > 1 ? second - 1 : 0);
		break;
	case 'A':
		move_to(s, (int)s->y - (nr > 0 ? first : 1), s->x);
		break;
	case 'B':
		move_to(s, (int)s->y + (nr > 0 ? first : 1), s->x);
		break;
	case 'C':
		move_to(s, s->y, (int)s->x + (nr > 0 ? first : 1));
		break;
	case 'D':
		move_to(s, s->y, (int)s->x - (nr > 0 ? first : 1));
		break;
	case 'r':
		set_scrolling(s, nr, first, second);
		break;
	case 'J':
		erase_display(s, first);
		break;
	case 'K':
		erase_line(s, first);
		break;
	}
}

static void take_escape(struct tlib_screen *s, char c)
{
	s->state = c == '[' ? TLIB_CSI : strchr("()", c) ? TLIB_CHARSET : TLIB_TEXT;
	*s->parameters = '\0';
	if (c == 'M')
		reverse_feed(s);
	if (c == 'D')
		line_feed(s);
}

static void take_csi(struct tlib_screen *s, char c)
{
	size_t used = strlen(s->parameters);

	if (c >= '@') {
		s->state = TLIB_TEXT;
		control(s, c);
	} else if (used + 1 < sizeof(s->parameters)) {
		s->parameters[used] = c;
		s->parameters[used + 1] = '\0';
	}
}

static void take_text(struct tlib_screen *s, char c)
{
	if (c == '\033')
		s->state = TLIB_ESCAPE;
	else if (c == '\r')
		s->x = 0;
	else if (c == '\n')
		line_feed(s);
	else if (c == '\t')
		move_to(s, s->y, (s->x | 7) + 1);
	else if (c == '\b' && s->x)
		s->x--;
	else if (c >= ' ')
		print(s, c);
}

static void take(struct tlib_screen *s, char c)
{
	if (s->state == TLIB_TEXT)
		take_text(s, c);
	else if (s->state == TLIB_ESCAPE)
		take_escape(s, c);
	else if (s->state == TLIB_CSI)
		take_csi(s, c);
	else
		s->state = TLIB_TEXT;
}

/* Show what comes within 100 ms. false: the program has closed its terminal. */
static bool look(struct tlib_screen *s)
{
	struct pollfd fd = { .fd = s->fd, .events = POLLIN };
	char text[4096];
	ssize_t i, nr;

	if (poll(&fd, 1, 100) <= 0)
		return true;
	nr = read(s->fd, text, sizeof(text));
	for (i = 0; i < nr; i++)
		take(s, text[i]);
	return nr > 0;
}

int tlib_screen_start(struct tlib_screen *s, unsigned int lines, unsigned int columns,
		      char *const *argv)
{
	struct winsize size = { .ws_row = lines, .ws_col = columns };

	*s = (struct tlib_screen){ .lines = lines, .columns = columns };
	set_scrolling(s, 0, 0, 0);
	wipe_all(s);
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
	return 0;
}

int tlib_screen_resize(struct tlib_screen *s, unsigned int lines, unsigned int columns)
{
	struct winsize size = { .ws_row = lines, .ws_col = columns };

	s->lines = lines;
	s->columns = columns;
	set_scrolling(s, 0, 0, 0);
	wipe_all(s);
	return ioctl(s->fd, TIOCSWINSZ, &size) ? -errno : 0;
}

void tlib_screen_type(struct tlib_screen *s, const char *keys)
{
	if (write(s->fd, keys, strlen(keys)) < 0)
		s->overflows++;
}

/* Print the screen for a failed test. */
static bool tell(const struct tlib_screen *s, const char *wanted)
{
	unsigned int y;

	printf("# no '%s' on the screen:\n", wanted);
	for (y = 0; y < s->lines; y++)
		printf("# |%.*s|\n", (int)s->columns, s->text[y]);
	fflush(stdout);
	return false;
}

bool tlib_screen_await(struct tlib_screen *s, int line, const char *text)
{
	const char *at = s->text[line < 0 ? (int)s->lines + line : line];
	__u64 end = tlib_now() + PATIENCE_NS;

	while (!strstr(at, text) && tlib_now() < end)
		if (!look(s))
			break;
	return strstr(at, text) || tell(s, text);
}

static bool is_there(const struct tlib_screen *s, const char *text)
{
	unsigned int y;

	for (y = 0; y < s->lines; y++)
		if (strstr(s->text[y], text))
			return true;
	return false;
}

bool tlib_screen_shows(struct tlib_screen *s, const char *text)
{
	__u64 end = tlib_now() + PATIENCE_NS;

	while (!is_there(s, text) && tlib_now() < end)
		if (!look(s))
			break;
	return is_there(s, text) || tell(s, text);
}

int tlib_screen_end(struct tlib_screen *s)
{
	int status;

	while (look(s) && !waitpid(s->pid, &status, WNOHANG))
		;
	close(s->fd);
	/* ECHILD: the loop has reaped the process already. */
	if (waitpid(s->pid, &status, 0) < 0 && errno != ECHILD)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
