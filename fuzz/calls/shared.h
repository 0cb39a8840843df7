/* SPDX-License-Identifier: GPL-2.0-only */
/* The region that the programs of all workers share: how it is configured, and its rules. */
#ifndef FUZZ_SHARED_H
#define FUZZ_SHARED_H

#include <stdio.h>

#include "fuzz/calls/program.h"

#define FUZZ_SHARED_PAGES	1024
#define FUZZ_SHARED_RULES	16	/* as many are stored; more are not needed to fail again */

/**
 * struct fuzz_shared - the region at one time
 * @known: whether the rest is set
 * @config: the call `config` that makes it so
 * @nr: of @rule
 * @rule: its rules
 */
struct fuzz_shared {
	bool known;
	struct fuzz_step config;
	unsigned int nr;
	struct faultlab_rule rule[FUZZ_SHARED_RULES];
};

/* Any kind, with any flags that it can have. A descriptor, or -errno. */
int fuzz_shared_draw(struct fuzz_random *random);

/* As it was. A descriptor, or -errno. */
int fuzz_shared_restore(const struct fuzz_shared *shared);

/* Sets its rules again, which programs have changed. */
void fuzz_shared_set_rules(int fd, const struct fuzz_shared *shared);

void fuzz_shared_read(int fd, struct fuzz_shared *shared);

/*
 * As comments of a program's text: "# shared: config kind=page ..." and "# shared: rule
 * sigbus pages=3". Parsing returns 0, or the number of the line that is wrong.
 */
void fuzz_shared_print(const struct fuzz_shared *shared, FILE *file);
int fuzz_shared_parse(const char *text, struct fuzz_shared *shared);

/*
 * A process that touches the region and evicts it without end, and sets and clears a rule
 * unless @keeps_rules. Walks of another process are about this one. -errno if it could not
 * be started, or the region not be mapped.
 */
pid_t fuzz_shared_peer(int fd, bool keeps_rules);

/* Limits of the module: programs lower them, and can be killed before they restore them. */
void fuzz_set_limits(void);

#endif /* FUZZ_SHARED_H */
