/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disturbances: what an administrator or the kernel does to the whole machine, such as to
 * take a processor offline. A thread repeats one of them while the test measures.
 */
#ifndef TLIB_DISTURB_H
#define TLIB_DISTURB_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/machine/memcg.h"

#define TLIB_CPU1_ONLINE	"/sys/devices/system/cpu/cpu1/online"
#define TLIB_SETTINGS		6

struct tlib_disturber;

/**
 * struct tlib_disturbance - something that is done to the machine again and again
 * @name: of the variant
 * @needs: a file that exists if the kernel can do it; NULL: it always can
 * @lacks: what the kernel lacks without @needs
 * @setting: files, and the values that they have meanwhile. Files that do not exist are
 *	left out
 * @limit: bytes that the test may be charged meanwhile (memory.max); 0: no limit
 * @once: do it once: 0 if it happened, or -errno
 * @no_large: an allocation of 2 MiB may fail meanwhile
 */
struct tlib_disturbance {
	const char *name;
	const char *needs;
	const char *lacks;
	struct {
		const char *path, *value;
	} setting[TLIB_SETTINGS];
	size_t limit;
	int (*once)(struct tlib_disturber *d);
	bool no_large;
};

extern const struct tlib_disturbance tlib_disturbances[];
extern const unsigned int tlib_nr_disturbances;

/* The thread that disturbs. Zeroed before tlib_disturb_start(). */
struct tlib_disturber {
	const struct tlib_disturbance *what;
	pthread_t thread;
	pid_t victim;			/* the task that called tlib_disturb_start() */
	struct tlib_memcg group;
	char saved[TLIB_SETTINGS][32];	/* values of the settings before */
	bool stop;
	unsigned long done, tried;	/* how often it happened, and was tried */
	int err;			/* why it did not happen, the last time */
};

/*
 * Lock the caller's memory, change the settings and start the thread. Pages of the caller
 * that are locked are neither migrated nor reclaimed, so that its faults are those on
 * memory that it maps after this call. Returns 0; or -errno, and then the settings are as
 * before.
 */
int tlib_disturb_start(struct tlib_disturber *d, const struct tlib_disturbance *what);

/* Wait until it has happened @times more: 0, or -ETIMEDOUT after @seconds. */
int tlib_disturb_await(struct tlib_disturber *d, unsigned long times, unsigned int seconds);

/* How often it has happened so far. */
unsigned long tlib_disturb_done(const struct tlib_disturber *d);

void tlib_disturb_stop(struct tlib_disturber *d);

/*
 * Give the settings their old values. In the parent of the test, with @d in memory that both
 * share: a processor is online again even if the test failed or crashed. A test that is killed
 * for its time limit leaves that to scripts/parts/test/settings, which must have each setting.
 */
void tlib_disturb_restore(const struct tlib_disturber *d, const struct tlib_disturbance *what);

#endif /* TLIB_DISTURB_H */
