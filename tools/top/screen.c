// SPDX-License-Identifier: GPL-2.0-only
/*
 * The screen and the keys of faultlab top.
 */
#include <curses.h>
#include <stdlib.h>
#include <unistd.h>

#include "top/top.h"

static int looks[] = {
	[TOP_PLAIN] = A_NORMAL,
	[TOP_TITLE] = A_REVERSE,
	[TOP_HEADING] = A_BOLD,
	[TOP_SELECTED] = A_BOLD,
	[TOP_DIM] = A_DIM,
	[TOP_BAD] = A_BOLD,
};

static void use_colours(void)
{
	const char *refused = getenv("NO_COLOR");

	if (!has_colors() || (refused && *refused))
		return;
	start_color();
	use_default_colors();
	init_pair(1, COLOR_CYAN, -1);
	init_pair(2, COLOR_RED, -1);
	looks[TOP_SELECTED] |= COLOR_PAIR(1);
	looks[TOP_BAD] |= COLOR_PAIR(2);
}

bool top_screen_open(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	/*
	 * After Escape, curses waits ESCDELAY ms for the rest of a key sequence (default:
	 * 1000). Wait less, so that the key Escape acts at once.
	 */
	setenv("ESCDELAY", "50", 0);
	if (!newterm(NULL, stdout, stdin))
		return false;
	use_colours();
	cbreak();
	noecho();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	curs_set(0);
	return true;
}

void top_screen_close(void)
{
	endwin();
}

void top_screen_size(struct top_lines *lines)
{
	int height, width;

	getmaxyx(stdscr, height, width);
	lines->height = height < TOP_MAX_LINES ? height : TOP_MAX_LINES;
	lines->width = width < TOP_MAX_WIDTH ? width : TOP_MAX_WIDTH;
}

void top_screen_draw(const struct top_lines *lines)
{
	unsigned int i;

	erase();
	for (i = 0; i < lines->nr; i++) {
		attrset(looks[lines->line[i].look]);
		mvaddnstr(i, 0, lines->line[i].text, lines->width);
	}
	attrset(A_NORMAL);
	refresh();
}

static const struct {
	int curses;
	enum top_key key;
} keys[] = {
	{ 'q', TOP_KEY_QUIT },
	{ 'Q', TOP_KEY_QUIT },
	{ 's', TOP_KEY_SORT },
	{ KEY_UP, TOP_KEY_UP },
	{ 'k', TOP_KEY_UP },
	{ KEY_DOWN, TOP_KEY_DOWN },
	{ 'j', TOP_KEY_DOWN },
	{ KEY_ENTER, TOP_KEY_ENTER },
	{ '\n', TOP_KEY_ENTER },
	{ '\r', TOP_KEY_ENTER },
	{ 27, TOP_KEY_BACK },
	{ KEY_BACKSPACE, TOP_KEY_BACK },
	{ 127, TOP_KEY_BACK },
	{ 'r', TOP_KEY_RESET },
	{ KEY_RESIZE, TOP_KEY_RESIZE },
};

enum top_key top_screen_key(void)
{
	int key = getch();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].curses == key)
			return keys[i].key;
	return TOP_KEY_NONE;
}
