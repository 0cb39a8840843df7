/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes with several privileges: one opens a file and passes the descriptor to
 * another one that uses it.
 */
#ifndef FLAB_VIEWER_H
#define FLAB_VIEWER_H

#include <stdbool.h>

enum flab_viewer {
	FLAB_VIEWER_ROOT,	/* with all capabilities */
	FLAB_VIEWER_BARE,	/* uid 0 without any */
	FLAB_VIEWER_USER,
	FLAB_NR_VIEWERS,
};

extern const char * const flab_viewer_names[FLAB_NR_VIEWERS];

/* Take on the viewer's privileges, for good. For a child of the test. */
int flab_become(enum flab_viewer viewer);

/* Make a device node that everybody may open. path: its path. 0 or -errno. */
int flab_node_add(char *path, size_t size);

/*
 * Open nr files in a child process with the viewer's privileges, which passes the
 * descriptors, or -errno for each, back through a socket. 0 or -errno.
 */
int flab_open_as(enum flab_viewer viewer, int nr, int (*open)(int i, void *arg), void *arg,
		 int *fds);

#endif /* FLAB_VIEWER_H */
