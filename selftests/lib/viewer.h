/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes with several privileges: one opens a file and passes the descriptor to
 * another one that uses it.
 */
#ifndef TLIB_VIEWER_H
#define TLIB_VIEWER_H

#include <stdbool.h>

enum tlib_viewer {
	TLIB_VIEWER_ROOT,	/* with all capabilities */
	TLIB_VIEWER_BARE,	/* uid 0 without any */
	TLIB_VIEWER_USER,
	TLIB_NR_VIEWERS,
};

extern const char * const tlib_viewer_names[TLIB_NR_VIEWERS];

/* Take on the viewer's privileges, for good. For a child of the test. */
int tlib_become(enum tlib_viewer viewer);

/* Make a device node that everybody may open. path: its path. 0 or -errno. */
int tlib_node_add(char *path, size_t size);

/*
 * Open nr files in a child process with the viewer's privileges, which passes the
 * descriptors, or -errno for each, back through a socket. 0 or -errno.
 */
int tlib_open_as(enum tlib_viewer viewer, int nr, int (*open)(int i, void *arg), void *arg,
		 int *fds);

#endif /* TLIB_VIEWER_H */
