/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A terminal that runs a program, and its screen as a VT100 would show it.
 */
#ifndef FLAB_SCREEN_H
#define FLAB_SCREEN_H

#include <stdbool.h>
#include <sys/types.h>

#define FLAB_SCREEN_LINES	50
#define FLAB_SCREEN_COLUMNS	160

struct flab_screen {
	int fd;		/* the terminal's other side */
	pid_t pid;
	unsigned int lines, columns;
	unsigned int y, x;
	unsigned int top, bottom;	/* lines that scroll */
	unsigned int overflows;	/* characters beyond the last column */
	char parameters[32];	/* of the sequence that is being read */
	enum { FLAB_TEXT, FLAB_ESCAPE, FLAB_CHARSET, FLAB_CSI } state;
	char text[FLAB_SCREEN_LINES][FLAB_SCREEN_COLUMNS + 1];
};

/* argv as for execvp(); 0 or -errno. */
int flab_screen_start(struct flab_screen *screen, unsigned int lines, unsigned int columns,
		      char *const *argv);
int flab_screen_resize(struct flab_screen *screen, unsigned int lines, unsigned int columns);
void flab_screen_type(struct flab_screen *screen, const char *keys);

/* Wait up to 20 s for the text in a line (negative: counted from the last line). */
bool flab_screen_await(struct flab_screen *screen, int line, const char *text);
/* The same for any line. */
bool flab_screen_shows(struct flab_screen *screen, const char *text);

/* Its exit status, or -signal. */
int flab_screen_end(struct flab_screen *screen);

#endif /* FLAB_SCREEN_H */
