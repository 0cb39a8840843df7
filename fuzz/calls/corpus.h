/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs that were the first to reach some code, and programs in files. */
#ifndef FUZZ_CORPUS_H
#define FUZZ_CORPUS_H

#include "fuzz/calls/program.h"
#include "fuzz/calls/shared.h"

struct fuzz_corpus;

/* Shared with all processes that are forked later; NULL: no memory. */
struct fuzz_corpus *fuzz_corpus_open(void);

/* Adds all files of a folder; ends this process if one is no program. */
void fuzz_corpus_load(struct fuzz_corpus *corpus, const char *dir);

/* In place of any other, if there is no more room. Returns how many have been added before. */
unsigned int fuzz_corpus_add(struct fuzz_corpus *corpus, struct fuzz_random *random,
			     const struct fuzz_program *program);

/* How many have been added, those that were replaced included. */
unsigned int fuzz_corpus_count(const struct fuzz_corpus *corpus);

/* As it is. */
void fuzz_corpus_get(const struct fuzz_corpus *corpus, unsigned int number,
		     struct fuzz_program *program);

/* The next program to run: a changed one of them, or a new one. */
void fuzz_corpus_next(const struct fuzz_corpus *corpus, struct fuzz_random *random,
		      struct fuzz_program *program);

/*
 * A file with a comment, the shared region that the program needs (NULL: none), and the
 * program. Loading: 0 or -errno, with a line on stderr; @shared may be NULL.
 */
void fuzz_save(const char *dir, const char *name, const char *comment,
	       const struct fuzz_shared *shared, const struct fuzz_program *program);
int fuzz_load(const char *path, struct fuzz_program *program, struct fuzz_shared *shared);

#endif /* FUZZ_CORPUS_H */
