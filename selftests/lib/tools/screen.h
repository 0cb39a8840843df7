/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A terminal that runs a program, and its screen as a VT100 would show it.
 */
#ifndef TLIB_SCREEN_H
#define TLIB_SCREEN_H

#include <stdbool.h>
#include <sys/types.h>

#define TLIB_SCREEN_LINES	50
#define TLIB_SCREEN_COLUMNS	160

struct tlib_screen {
	struct VTerm *vterm;
	int fd;		/* the pseudo-terminal's master side */
	pid_t pid;
	unsigned int lines, columns;
	unsigned int overflows;	/* how often there was text beyond the last column */
	/* The part of the screen that was compared last. */
	char text[TLIB_SCREEN_LINES * (TLIB_SCREEN_COLUMNS + 1)];
};

/* argv as for execvp(); 0 or -errno. */
int tlib_screen_start(struct tlib_screen *screen, unsigned int lines, unsigned int columns,
		      char *const *argv);
int tlib_screen_resize(struct tlib_screen *screen, unsigned int lines, unsigned int columns);
void tlib_screen_type(struct tlib_screen *screen, const char *keys);

/* Wait up to 20 s for the text in a line (negative: counted from the last line). */
bool tlib_screen_await(struct tlib_screen *screen, int line, const char *text);
/* Wait up to 20 s for the text in any line. */
bool tlib_screen_shows(struct tlib_screen *screen, const char *text);

/* Wait for the program's end. Returns its exit status, or -signal. */
int tlib_screen_end(struct tlib_screen *screen);

#endif /* TLIB_SCREEN_H */
