// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/calls/ioctl.h"
#include "fuzz/calls/program.h"

/* mmap: map, at, fd, first, pages. What other steps are about follows from it. */
static unsigned int mmap_call(void)
{
	return fuzz_call_by_name("mmap", 4);
}

/* An mmap() among the steps before @at; NULL if none was met. */
static const struct fuzz_step *earlier_mmap(struct fuzz_random *random,
					    const struct fuzz_program *program, unsigned int at)
{
	unsigned int tries = 8;

	while (at && tries--) {
		const struct fuzz_step *step = &program->step[fuzz_below(random, at)];

		if (step->call == mmap_call())
			return step;
	}
	return NULL;
}

/* Most steps are about memory that an earlier one has mapped: all else is refused. */
static void aim(struct fuzz_random *random, struct fuzz_step *step,
		const struct fuzz_step *mapped)
{
	const struct fuzz_arg *arg = fuzz_call(step->call)->arg;
	const __u64 pages = mapped->arg[4] ?: 1;
	unsigned int i;

	for (i = 0; arg[i].type; i++) {
		const __u64 further = fuzz_once_in(random, 3) ? 0 :
				      fuzz_random(random) % (pages < 16 ? pages : 16);

		if (arg[i].type == FUZZ_MAP && arg[i + 1].type == FUZZ_PAGE) {
			step->arg[i] = mapped->arg[0];
			step->arg[i + 1] = mapped->arg[1] + further;
			/* All of the rest, or a part: past the end most calls are refused. */
			if (arg[i + 2].type == FUZZ_PAGES && !fuzz_once_in(random, 8))
				step->arg[i + 2] = fuzz_once_in(random, 3) ? pages - further :
					1 + fuzz_random(random) % (pages - further);
			return;
		}
		/* A range of the region: rules, evict. */
		if (arg[i].type == FUZZ_PAGE && arg[i + 1].type == FUZZ_PAGES) {
			step->arg[0] = mapped->arg[2];
			step->arg[i] = mapped->arg[3] + further;
			if (!fuzz_once_in(random, 8))
				step->arg[i + 1] = 1 + fuzz_random(random) % (pages - further);
			return;
		}
	}
}

static void draw_args(struct fuzz_random *random, const struct fuzz_program *program,
		      struct fuzz_step *step)
{
	const struct fuzz_arg *arg = fuzz_call(step->call)->arg;
	const struct fuzz_step *mapped;
	unsigned int i;

	for (i = 0; arg[i].type; i++)
		step->arg[i] = fuzz_draw(random, &arg[i]);
	if (step->call == mmap_call() && !fuzz_once_in(random, 4))
		step->arg[3] = fuzz_once_in(random, 2) ? 0 : fuzz_below(random, 16);
	mapped = earlier_mmap(random, program, step - program->step);
	if (mapped && !fuzz_once_in(random, step->call == mmap_call() ? 2 : 6))
		aim(random, step, mapped);
}

static void draw_step(struct fuzz_random *random, const struct fuzz_program *program,
		      struct fuzz_step *step, unsigned int lanes)
{
	memset(step, 0, sizeof(*step));
	step->call = fuzz_draw_call(random);
	step->lane = fuzz_below(random, lanes);
	draw_args(random, program, step);
}

/* A step of a call by its name, with drawn arguments. */
static void draw_named(struct fuzz_random *random, struct fuzz_program *program,
		       const char *name, unsigned int fd)
{
	struct fuzz_step *step = &program->step[program->nr++];
	const struct fuzz_arg *arg;
	unsigned int i;

	memset(step, 0, sizeof(*step));
	step->call = fuzz_call_by_name(name, strlen(name));
	draw_args(random, program, step);
	arg = fuzz_call(step->call)->arg;
	for (i = 0; arg[i].type; i++)
		if (arg[i].type == FUZZ_FD)
			step->arg[i] = fd;
}

/*
 * Begins with regions that are open, most of them configured and mapped, as nearly all
 * that follows would else be refused.
 */
void fuzz_program_draw(struct fuzz_random *random, struct fuzz_program *program)
{
	const unsigned int lanes = fuzz_once_in(random, 2) ? 1 : 1 + fuzz_below(random, FUZZ_LANES);
	const unsigned int nr = 8 + fuzz_below(random, FUZZ_STEPS - 8);
	unsigned int fd;

	program->nr = 0;
	for (fd = 0; fd < 2; fd++) {
		/* The shared region is configured already. */
		const bool shared = fuzz_once_in(random, 3);

		draw_named(random, program, shared ? "share" : "open", fd);
		if (!shared && !fuzz_once_in(random, 4))
			draw_named(random, program, "config", fd);
		draw_named(random, program, "mmap", fd);
	}
	while (program->nr < nr)
		draw_step(random, program, &program->step[program->nr++], lanes);
}

void fuzz_program_remove(struct fuzz_program *program, unsigned int step)
{
	program->nr--;
	memmove(&program->step[step], &program->step[step + 1],
		(program->nr - step) * sizeof(*program->step));
}

static void change_arg(struct fuzz_random *random, struct fuzz_step *step)
{
	const struct fuzz_arg *arg = fuzz_call(step->call)->arg;
	unsigned int nr = 0, i;

	while (arg[nr].type)
		nr++;
	if (!nr)
		return;
	i = fuzz_below(random, nr);
	step->arg[i] = fuzz_draw(random, &arg[i]);
}

static void insert_step(struct fuzz_random *random, struct fuzz_program *program)
{
	unsigned int at = fuzz_below(random, program->nr + 1);

	if (program->nr == FUZZ_STEPS)
		return;
	memmove(&program->step[at + 1], &program->step[at],
		(program->nr - at) * sizeof(*program->step));
	draw_step(random, program, &program->step[at], FUZZ_LANES);
	program->nr++;
}

static void splice(struct fuzz_random *random, struct fuzz_program *program,
		   const struct fuzz_program *other)
{
	unsigned int keep = fuzz_below(random, program->nr), from = fuzz_below(random, other->nr);

	while (keep < FUZZ_STEPS && from < other->nr)
		program->step[keep++] = other->step[from++];
	program->nr = keep;
}

void fuzz_program_change(struct fuzz_random *random, struct fuzz_program *program,
			 const struct fuzz_program *other)
{
	unsigned int n = 1 + fuzz_below(random, 4);

	while (n-- && program->nr) {
		const unsigned int at = fuzz_below(random, program->nr);

		switch (fuzz_below(random, 8)) {
		case 0:
			if (program->nr > 1)
				fuzz_program_remove(program, at);
			break;
		case 1:
		case 2:
			insert_step(random, program);
			break;
		case 3:
			program->step[at].lane = fuzz_below(random, FUZZ_LANES);
			break;
		case 4:
			if (other->nr)
				splice(random, program, other);
			break;
		default:
			change_arg(random, &program->step[at]);
		}
	}
}

static bool is_in_region(const struct fuzz_step *step, const struct fuzz_call *call)
{
	unsigned int i;

	for (i = 0; call->arg[i].type; i++)
		if (call->arg[i].type == FUZZ_TWIST &&
		    step->arg[i] % FUZZ_TWISTS == FUZZ_TWIST_REGION)
			return true;
	return false;
}

bool fuzz_program_smudges(const struct fuzz_program *program)
{
	unsigned int i;

	for (i = 0; i < program->nr; i++) {
		const struct fuzz_call *call = fuzz_call(program->step[i].call);

		if (call->smudges || is_in_region(&program->step[i], call))
			return true;
	}
	return false;
}

bool fuzz_program_mixes(const struct fuzz_program *program)
{
	unsigned int i;

	for (i = 0; i < program->nr; i++)
		if (fuzz_call(program->step[i].call)->mixes)
			return true;
	return false;
}

bool fuzz_program_is_alone(const struct fuzz_program *program)
{
	unsigned int i;

	for (i = 0; i < program->nr; i++)
		if (fuzz_call(program->step[i].call)->alone)
			return true;
	return fuzz_program_smudges(program);
}

unsigned int fuzz_program_prefix(const struct fuzz_program *program)
{
	unsigned int i = 0;

	while (i < program->nr && !program->step[i].lane)
		i++;
	return i;
}

void fuzz_program_print(const struct fuzz_program *program, char *text)
{
	char *const end = text + FUZZ_TEXT;
	unsigned int i, j;

	*text = '\0';
	for (i = 0; i < program->nr; i++) {
		const struct fuzz_step *step = &program->step[i];
		const struct fuzz_call *call = fuzz_call(step->call);

		if (step->lane)
			text += snprintf(text, end - text, "%u: ", step->lane);
		text += snprintf(text, end - text, "%s", call->name);
		for (j = 0; call->arg[j].type; j++) {
			text += snprintf(text, end - text, " %s=", call->arg[j].name);
			fuzz_print(text, end - text, &call->arg[j], step->arg[j]);
			text += strlen(text);
		}
		text += snprintf(text, end - text, "\n");
	}
}

static bool parse_arg(const char *word, const struct fuzz_call *call, struct fuzz_step *step)
{
	const char *value = strchr(word, '=');
	unsigned int i;

	if (!value)
		return false;
	for (i = 0; call->arg[i].type; i++)
		if (strlen(call->arg[i].name) == (size_t)(value - word) &&
		    !strncmp(call->arg[i].name, word, value - word))
			return fuzz_parse(value + 1, &call->arg[i], &step->arg[i]);
	return false;
}

/* Arguments that are left out are 0. */
static bool parse_step(char *line, struct fuzz_step *step)
{
	char *word = strsep(&line, " ");
	int call;

	memset(step, 0, sizeof(*step));
	if (*word && word[strlen(word) - 1] == ':') {
		step->lane = atoi(word) % FUZZ_LANES;
		word = strsep(&line, " ");
	}
	call = word ? fuzz_call_by_name(word, strlen(word)) : -ENOENT;
	if (call < 0)
		return false;
	step->call = call;
	while ((word = strsep(&line, " ")))
		if (*word && !parse_arg(word, fuzz_call(call), step))
			return false;
	return true;
}

int fuzz_program_parse(const char *text, struct fuzz_program *program)
{
	char *copy = strdup(text), *rest = copy, *line;
	int n = 0, wrong = 0;

	program->nr = 0;
	while (copy && !wrong && (line = strsep(&rest, "\n"))) {
		n++;
		if (!strcmp(line, FUZZ_PROGRAM_END))
			break;
		if (!*line || *line == '#')
			continue;
		if (program->nr == FUZZ_STEPS ||
		    !parse_step(line, &program->step[program->nr++]))
			wrong = n;
	}
	free(copy);
	return copy ? wrong : 1;
}
