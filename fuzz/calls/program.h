/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs: some calls with their arguments, each in one of a few threads (lanes). They
 * can be drawn, changed a little, written as text and read again:
 *
 *	open fd=0
 *	1: mmap map=0 at=512 fd=0 first=0 pages=16 prot=rw flags=shared
 */
#ifndef FUZZ_PROGRAM_H
#define FUZZ_PROGRAM_H

#include "fuzz/calls/call.h"

#define FUZZ_STEPS	256
#define FUZZ_LANES	3

/* Room for a step as text, and for a program. */
#define FUZZ_STEP_TEXT	640
#define FUZZ_TEXT	(FUZZ_STEPS * FUZZ_STEP_TEXT + 64)

/* A line that ends a program, if the text goes on. */
#define FUZZ_PROGRAM_END	"# end"

struct fuzz_step {
	unsigned short call;
	unsigned short lane;
	__u64 arg[FUZZ_ARGS];
};

struct fuzz_program {
	unsigned int nr;
	struct fuzz_step step[FUZZ_STEPS];
};

void fuzz_program_draw(struct fuzz_random *random, struct fuzz_program *program);

/* Changes arguments, adds, removes and moves steps, or ends with those of @other. */
void fuzz_program_change(struct fuzz_random *random, struct fuzz_program *program,
			 const struct fuzz_program *other);
void fuzz_program_remove(struct fuzz_program *program, unsigned int step, unsigned int nr);

/* enum fuzz_trait of all its calls, with their arguments. */
unsigned int fuzz_program_traits(const struct fuzz_program *program);

/* How many lanes it has: the highest number of one, and 1. */
unsigned int fuzz_program_lanes(const struct fuzz_program *program);

/*
 * The number of the first step that is not in lane 0. The steps before it run alone, before
 * the lanes start to run side by side.
 */
unsigned int fuzz_program_prefix(const struct fuzz_program *program);

/* text.c. A step as a line without a line feed, in FUZZ_STEP_TEXT; parse changes @line. */
void fuzz_step_print(const struct fuzz_step *step, char *text);
bool fuzz_step_parse(char *line, struct fuzz_step *step);

/* Text of at most FUZZ_TEXT. Parsing: 0, or the number of the line that is wrong. */
void fuzz_program_print(const struct fuzz_program *program, char *text);
int fuzz_program_parse(const char *text, struct fuzz_program *program);

#endif /* FUZZ_PROGRAM_H */
