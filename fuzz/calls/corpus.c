// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fuzz/calls/corpus.h"

#define CORPUS_MAX	1024

struct fuzz_corpus {
	unsigned int nr;	/* more were added than there is room for */
	struct fuzz_program program[CORPUS_MAX];
};

struct fuzz_corpus *fuzz_corpus_open(void)
{
	struct fuzz_corpus *corpus = mmap(NULL, sizeof(*corpus), PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return corpus == MAP_FAILED ? NULL : corpus;
}

void fuzz_corpus_load(struct fuzz_corpus *corpus, const char *dir)
{
	struct dirent *entry;
	char path[512];
	DIR *files = opendir(dir);

	if (!files) {
		perror(dir);
		exit(1);
	}
	while ((entry = readdir(files))) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (*entry->d_name == '.' || corpus->nr == CORPUS_MAX)
			continue;
		if (fuzz_load(path, &corpus->program[corpus->nr], NULL))
			exit(1);
		corpus->nr++;
	}
	closedir(files);
}

unsigned int fuzz_corpus_add(struct fuzz_corpus *corpus, struct fuzz_random *random,
			     const struct fuzz_program *program)
{
	const unsigned int nr = __atomic_fetch_add(&corpus->nr, 1, __ATOMIC_RELAXED);

	/*
	 * Two workers may write to one, and a third read it meanwhile: what it reads is still
	 * a program, if it has no steps past its end.
	 */
	corpus->program[nr < CORPUS_MAX ? nr : fuzz_below(random, CORPUS_MAX)] = *program;
	return nr;
}

unsigned int fuzz_corpus_count(const struct fuzz_corpus *corpus)
{
	return __atomic_load_n(&corpus->nr, __ATOMIC_RELAXED);
}

void fuzz_corpus_get(const struct fuzz_corpus *corpus, unsigned int number,
		     struct fuzz_program *program)
{
	*program = corpus->program[number % CORPUS_MAX];
	if (program->nr > FUZZ_STEPS)
		program->nr = FUZZ_STEPS;
}

static void pick(const struct fuzz_corpus *corpus, struct fuzz_random *random,
		 struct fuzz_program *program)
{
	const unsigned int nr = fuzz_corpus_count(corpus);

	fuzz_corpus_get(corpus, fuzz_below(random, nr < CORPUS_MAX ? nr : CORPUS_MAX), program);
}

void fuzz_corpus_next(const struct fuzz_corpus *corpus, struct fuzz_random *random,
		      struct fuzz_program *program)
{
	struct fuzz_program other;

	program->nr = 0;
	if (fuzz_corpus_count(corpus) && !fuzz_once_in(random, 4)) {
		pick(corpus, random, program);
		pick(corpus, random, &other);
		fuzz_program_change(random, program, &other);
	}
	/* Also in place of one that another worker is about to add. */
	if (!program->nr)
		fuzz_program_draw(random, program);
}

void fuzz_save(const char *dir, const char *name, const char *comment,
	       const struct fuzz_shared *shared, const struct fuzz_program *program)
{
	char path[512], text[FUZZ_TEXT];
	FILE *file;

	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "we");
	if (!file)
		return;
	fuzz_program_print(program, text);
	if (*comment)
		fprintf(file, "# %s\n", comment);
	if (shared)
		fuzz_shared_print(shared, file);
	fputs(text, file);
	fclose(file);
}

int fuzz_load(const char *path, struct fuzz_program *program, struct fuzz_shared *shared)
{
	char *text = malloc(2 * FUZZ_TEXT);
	FILE *file = text ? fopen(path, "re") : NULL;
	size_t length;
	int line;

	if (!file) {
		perror(path);
		free(text);
		return -ENOENT;
	}
	length = fread(text, 1, 2 * FUZZ_TEXT - 1, file);
	fclose(file);
	text[length] = '\0';
	line = fuzz_program_parse(text, program);
	if (!line && shared)
		line = fuzz_shared_parse(text, shared);
	free(text);
	if (line)
		fprintf(stderr, "fuzz: %s:%d: not a call\n", path, line);
	return line ? -EINVAL : 0;
}
