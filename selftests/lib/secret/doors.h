/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table of the module's interfaces that can show a secret ("doors"), and for each of
 * them a function that tries to see it. docs/guide/observe.md lists them as well.
 */
#ifndef TLIB_DOORS_H
#define TLIB_DOORS_H

#include "lib/secret/viewer.h"
#include "lib/tlib.h"

/* What the task saw. Functions that return it return -errno if the interface refused. */
enum tlib_sight {
	TLIB_SEEN = 1,		/* the secret */
	TLIB_HIDDEN,		/* zeros in place of the secret */
};

#define TLIB_NR_DOORS	20

struct tlib_doors;

/**
 * struct tlib_door - an interface that can show a secret
 * @name: for messages
 * @path: a file below debugfs, with "%u" for the region's number; NULL: the device
 * @kernel: the secret is one of the kernel: frames, raw entries, addresses in stacks
 * @tasks: the secret is about another task
 * @plain: to a task that may not see a secret of the kernel, the interface shows 0 in its
 *	place, instead of an error
 * @prepare: run first by a privileged process, on the same descriptor
 * @look: tries to see the secret through the descriptor
 */
struct tlib_door {
	const char *name;
	const char *path;
	bool kernel;
	bool tasks;
	bool plain;
	int (*prepare)(const struct tlib_doors *doors, int fd);
	int (*look)(const struct tlib_doors *doors, int fd);
};

extern const struct tlib_door tlib_doors[TLIB_NR_DOORS];

/* The region and the task whose secrets all interfaces can show. */
struct tlib_doors {
	char node[64];		/* a device node that everybody may open */
	unsigned int id;	/* a region whose faults are recorded with their stacks */
	int fd;
	char *at;
	pid_t other;		/* a task other than the one that looks */
};

int tlib_doors_begin(struct tlib_doors *doors);
void tlib_doors_end(struct tlib_doors *doors);

/*
 * Open all doors as opener. fds: descriptors, or -errno for each. Returns 0 or -errno.
 */
int tlib_doors_open(struct tlib_doors *doors, enum tlib_viewer opener,
		    int fds[TLIB_NR_DOORS]);
void tlib_doors_close(int fds[TLIB_NR_DOORS]);

/*
 * Run each door's look() as caller. sights: enum tlib_sight or -errno for each. Returns
 * 0 if all of them were run.
 */
int tlib_doors_look(struct tlib_doors *doors, enum tlib_viewer caller,
		    const int fds[TLIB_NR_DOORS], int sights[TLIB_NR_DOORS]);

/*
 * What look() should return for a file that opener opened. confidential: lockdown is at
 * level "confidentiality".
 */
int tlib_doors_expected(const struct tlib_door *door, enum tlib_viewer opener,
			enum tlib_viewer caller, bool confidential);

/* A value of sights as text, for EXPECT_STREQ(). */
const char *tlib_sight_text(const struct tlib_door *door, int sight);

#endif /* TLIB_DOORS_H */
