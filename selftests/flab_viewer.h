/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who opens a file and who looks through it: processes of several privileges, and
 * descriptors that go from one to the other.
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

/* From here on such a one. For a child of the test. */
int flab_become(enum flab_viewer viewer);

/* A device node that everybody may open; its path. 0 or -errno. */
int flab_node_add(char *path, size_t size);

/*
 * The descriptors of nr files, or -errno in their place, opened by such a one in a
 * process of its own and passed on through a socket. 0 or -errno.
 */
int flab_open_as(enum flab_viewer viewer, int nr, int (*open)(int i, void *arg), void *arg,
		 int *fds);

#endif /* FLAB_VIEWER_H */
