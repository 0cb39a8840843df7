/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes with different privileges: one opens a file and passes the descriptor to
 * another, which uses it.
 */
#ifndef TLIB_VIEWER_H
#define TLIB_VIEWER_H

#include <stdbool.h>

enum tlib_viewer {
	TLIB_VIEWER_ROOT,	/* with all capabilities */
	TLIB_VIEWER_BARE,	/* uid 0 without any */
	TLIB_VIEWER_USER,
	TLIB_VIEWER_CONTAINED,	/* uid 0 with all capabilities in a user namespace of its own */
	TLIB_NR_VIEWERS,
};

/* Whether the kernel has what the viewer needs: user namespaces (CONFIG_USER_NS). */
bool tlib_viewer_exists(enum tlib_viewer viewer);
#define TLIB_NO_USER_NS	"no CONFIG_USER_NS in this kernel"

extern const char * const tlib_viewer_names[TLIB_NR_VIEWERS];

/* Drop to the viewer's privileges, irrevocably: call it in a child of the test. */
int tlib_become(enum tlib_viewer viewer);

/* Make a device node that everybody may open. path: out. Returns 0 or -errno. */
int tlib_node_add(char *path, size_t size);

/*
 * Open nr files in a child process that has the viewer's privileges. It passes each
 * descriptor, or -errno, back through a socket. Returns 0 or -errno.
 */
int tlib_open_as(enum tlib_viewer viewer, int nr, int (*open)(int i, void *arg), void *arg,
		 int *fds);

#endif /* TLIB_VIEWER_H */
