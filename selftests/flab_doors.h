/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The doors by which the module shows what is not everybody's to know (docs/observe.md
 * has the same list), as a table; and what a look through each of them shows.
 */
#ifndef FLAB_DOORS_H
#define FLAB_DOORS_H

#include "flab.h"
#include "flab_viewer.h"

/* What came of a look; else -errno. */
enum flab_sight {
	FLAB_SEEN = 1,		/* the secret */
	FLAB_HIDDEN,		/* that there is one: zeros stand in its place */
};

#define FLAB_NR_DOORS	20

struct flab_doors;

/**
 * struct flab_door - a door
 * @name: for messages
 * @path: of the file below debugfs, "%u" in it the region; NULL: the device
 * @kernel: the secret is one of the kernel: frames, raw entries, addresses in stacks;
 *	without it, one of other tasks
 * @tasks: it is of another task as well
 * @plain: who may not see is shown all else
 * @prepare: what a privileged process does with the descriptor first
 * @look: through the descriptor
 */
struct flab_door {
	const char *name;
	const char *path;
	bool kernel;
	bool tasks;
	bool plain;
	int (*prepare)(const struct flab_doors *doors, int fd);
	int (*look)(const struct flab_doors *doors, int fd);
};

extern const struct flab_door flab_doors[FLAB_NR_DOORS];

/* What there is to be seen behind all of them. */
struct flab_doors {
	char node[64];		/* a device node for everybody */
	unsigned int id;	/* a region whose faults are recorded with their stacks */
	int fd;
	char *at;
	pid_t other;		/* a task that is not the one that looks */
};

int flab_doors_begin(struct flab_doors *doors);
void flab_doors_end(struct flab_doors *doors);

/* All doors opened by such a one: descriptors, or -errno in their place. 0 or -errno. */
int flab_doors_open(struct flab_doors *doors, enum flab_viewer opener,
		    int fds[FLAB_NR_DOORS]);
void flab_doors_close(int fds[FLAB_NR_DOORS]);

/* What such a one sees who gets the descriptors: enum flab_sight or -errno, by door. */
int flab_doors_look(struct flab_doors *doors, enum flab_viewer caller,
		    const int fds[FLAB_NR_DOORS], int sights[FLAB_NR_DOORS]);

/* What there should be seen; confidential: the kernel is locked down that far. */
int flab_doors_expected(const struct flab_door *door, enum flab_viewer opener,
			enum flab_viewer caller, bool confidential);

/* As text, for EXPECT_STREQ(). */
const char *flab_sight_text(const struct flab_door *door, int sight);

#endif /* FLAB_DOORS_H */
