/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table of the module's interfaces that can show secrets (doors; docs/observe.md has
 * the same list), and for each a test of what a task sees through it.
 */
#ifndef FLAB_DOORS_H
#define FLAB_DOORS_H

#include "lib/flab.h"
#include "lib/flab_viewer.h"

/* What the task saw; or -errno. */
enum flab_sight {
	FLAB_SEEN = 1,		/* the secret */
	FLAB_HIDDEN,		/* zeros in place of the secret */
};

#define FLAB_NR_DOORS	20

struct flab_doors;

/**
 * struct flab_door - an interface that can show a secret
 * @name: for messages
 * @path: a file below debugfs, with "%u" for the region's number; NULL: the device
 * @kernel: the secret is the kernel's: frames, raw entries, addresses in stacks;
 *	otherwise it is about other tasks
 * @tasks: the secret is about another task as well
 * @plain: who may not see the secret still sees the rest
 * @prepare: run first by a privileged process, on the same descriptor
 * @look: tries to see the secret through the descriptor
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

/* The region and the task whose secrets all interfaces can show. */
struct flab_doors {
	char node[64];		/* a device node that everybody may open */
	unsigned int id;	/* a region whose faults are recorded with their stacks */
	int fd;
	char *at;
	pid_t other;		/* a task other than the one that looks */
};

int flab_doors_begin(struct flab_doors *doors);
void flab_doors_end(struct flab_doors *doors);

/* Open all doors as opener. fds: descriptors, or -errno for each. 0 or -errno. */
int flab_doors_open(struct flab_doors *doors, enum flab_viewer opener,
		    int fds[FLAB_NR_DOORS]);
void flab_doors_close(int fds[FLAB_NR_DOORS]);

/* What caller sees through fds. sights: enum flab_sight or -errno for each. */
int flab_doors_look(struct flab_doors *doors, enum flab_viewer caller,
		    const int fds[FLAB_NR_DOORS], int sights[FLAB_NR_DOORS]);

/* What caller should see. confidential: lockdown is at level "confidentiality". */
int flab_doors_expected(const struct flab_door *door, enum flab_viewer opener,
			enum flab_viewer caller, bool confidential);

/* As text, for EXPECT_STREQ(). */
const char *flab_sight_text(const struct flab_door *door, int sight);

#endif /* FLAB_DOORS_H */
