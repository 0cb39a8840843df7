// SPDX-License-Identifier: GPL-2.0-only
/* Programs, drawn and changed. */
#include <string.h>
#include <sys/mman.h>

#include "fuzz/calls/ioctl.h"
#include "fuzz/calls/program.h"
#include "fuzz/calls/shared.h"

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

/* A number of pages, that the range has: all of the rest, or a part. */
static __u64 some_pages(struct fuzz_random *random, __u64 rest)
{
	return fuzz_once_in(random, 3) ? rest : 1 + fuzz_random(random) % rest;
}

/* Most steps are about memory that an earlier one has mapped: all else is refused. */
static void aim(struct fuzz_random *random, struct fuzz_step *step,
		const struct fuzz_step *mapped)
{
	const struct fuzz_arg *arg = fuzz_call(step->call)->arg;
	const __u64 pages = mapped->arg[4] ?: 1;
	const __u64 further = fuzz_once_in(random, 3) ? 0 :
			      fuzz_random(random) % (pages < 16 ? pages : 16);
	/* Past the end most calls are refused. */
	const bool fits = !fuzz_once_in(random, 8);
	unsigned int i;

	for (i = 0; arg[i].type; i++) {
		if (arg[i].type == FUZZ_MAP && arg[i + 1].type == FUZZ_PAGE) {
			step->arg[i] = mapped->arg[0];
			step->arg[i + 1] = mapped->arg[1] + further;
			if (arg[i + 2].type != FUZZ_PAGES || !fits)
				return;
			step->arg[i + 2] = some_pages(random, pages - further);
			/* mremap: what stays as long can be moved by all kinds. */
			if (arg[i + 3].type == FUZZ_PAGES && !fuzz_once_in(random, 3))
				step->arg[i + 3] = step->arg[i + 2];
			return;
		}
		/* A range of the region: rules, evict. One page means all from there on. */
		if (arg[i].type == FUZZ_PAGE && arg[i + 1].type == FUZZ_PAGES) {
			const bool whole = fuzz_once_in(random, 3);

			step->arg[0] = mapped->arg[2];
			step->arg[i] = whole ? 0 : mapped->arg[3] + further;
			if (fits)
				step->arg[i + 1] = whole ? 1 : some_pages(random, pages - further);
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

static bool is_in_region(const struct fuzz_arg *arg, __u64 value)
{
	return arg->type == FUZZ_TWIST && value % FUZZ_TWISTS == FUZZ_TWIST_REGION;
}

/* A step of a call without some traits; a twist can have a trait, too. */
static void draw_step(struct fuzz_random *random, const struct fuzz_program *program,
		      struct fuzz_step *step, unsigned int lanes, unsigned int without)
{
	const struct fuzz_arg *arg;
	unsigned int i;

	memset(step, 0, sizeof(*step));
	step->call = fuzz_draw_call(random, without);
	step->lane = fuzz_below(random, lanes);
	draw_args(random, program, step);
	arg = fuzz_call(step->call)->arg;
	for (i = 0; arg[i].type && (without & FUZZ_SMUDGES); i++)
		if (is_in_region(&arg[i], step->arg[i]))
			step->arg[i] = 0;
}

/* A step of a call by its name, with drawn arguments. */
static struct fuzz_step *draw_named(struct fuzz_random *random, struct fuzz_program *program,
				    const char *name, unsigned int fd, unsigned int lane)
{
	struct fuzz_step *step = &program->step[program->nr++];
	const struct fuzz_arg *arg;
	unsigned int i;

	memset(step, 0, sizeof(*step));
	step->call = fuzz_call_by_name(name, strlen(name));
	step->lane = lane;
	draw_args(random, program, step);
	arg = fuzz_call(step->call)->arg;
	for (i = 0; arg[i].type; i++)
		if (arg[i].type == FUZZ_FD)
			step->arg[i] = fd;
	return step;
}

#define REGION_STEPS	4	/* at most */
#define GIANT		262144	/* pages of a PUD leaf (of 4 KiB pages) */
#define GIANTS		64	/* of so many regions one is of this sort */

/*
 * A region of physical memory that one write maps with a PUD leaf. Only one program at a time
 * can have that memory, so single arguments, drawn by chance, would almost never fit.
 */
static void draw_giant(struct fuzz_random *random, struct fuzz_program *program,
		       unsigned int fd, unsigned int lane)
{
	const __u64 at = fuzz_below(random, FUZZ_WINDOW / GIANT) * GIANT;
	const __u64 region[FUZZ_ARGS] = {
		fd, FAULTLAB_KIND_PFN, FAULTLAB_REGION_HUGE | FAULTLAB_REGION_PHYS, GIANT, 0, 0,
		FAULTLAB_CACHE_WB,
	};
	struct fuzz_step *config, *mapped, *written;

	draw_named(random, program, "open", fd, lane);
	config = draw_named(random, program, "config", fd, lane);
	mapped = draw_named(random, program, "mmap", fd, lane);
	written = draw_named(random, program, "write", fd, lane);
	memcpy(config->arg, region, sizeof(region));
	mapped->arg[1] = at;
	mapped->arg[2] = fd;
	mapped->arg[3] = 0;
	mapped->arg[4] = GIANT;
	mapped->arg[5] = PROT_READ | PROT_WRITE;
	mapped->arg[6] = MAP_SHARED;
	written->arg[0] = mapped->arg[0];
	written->arg[1] = at + fuzz_below(random, GIANT);
}

/*
 * A region that is open, most often configured, and mapped, as nearly all that follows
 * would else be refused. The shared region is configured already.
 */
static void draw_region(struct fuzz_random *random, struct fuzz_program *program,
			unsigned int fd, unsigned int lane, bool shared)
{
	struct fuzz_step *mapped;
	__u64 pages = shared ? FUZZ_SHARED_PAGES : 0;

	if (program->nr + REGION_STEPS > FUZZ_STEPS)
		return;
	if (!shared && fuzz_once_in(random, GIANTS)) {
		draw_giant(random, program, fd, lane);
		return;
	}
	draw_named(random, program, shared ? "share" : "open", fd, lane);
	if (!shared && !fuzz_once_in(random, 4))
		pages = draw_named(random, program, "config", fd, lane)->arg[3];
	mapped = draw_named(random, program, "mmap", fd, lane);
	/* Past the end of a region of a fixed size all is SIGBUS or EINVAL. */
	if (pages && !fuzz_once_in(random, 4)) {
		mapped->arg[3] = 0;
		mapped->arg[4] = some_pages(random, pages);
	}
}

/*
 * Steps until a region is replaced. To open one takes as long as many other calls, but many
 * calls make a region useless: unplug, a rule, close.
 */
#define REGION_LASTS	64

/* Which traits the steps of a program do without, once it shares the region or does not. */
static unsigned int traits_without(bool shares)
{
	return shares ? FUZZ_UNSHARED : FUZZ_SHARES;
}

void fuzz_program_draw(struct fuzz_random *random, struct fuzz_program *program)
{
	const unsigned int lanes = fuzz_once_in(random, 2) ? 1 : 1 + fuzz_below(random, FUZZ_LANES);
	/* Longer ones have less to start and to end, shorter ones are easier to understand. */
	const unsigned int most = fuzz_once_in(random, 4) ? 48 : FUZZ_STEPS;
	const unsigned int nr = 8 + fuzz_below(random, most - 8);
	const int unplug = fuzz_call_by_name("unplug", 6);
	const bool shares = fuzz_once_in(random, 3);
	unsigned int fd, next = REGION_LASTS;

	program->nr = 0;
	for (fd = 0; fd < 2; fd++)
		draw_region(random, program, fd, 0, shares && fuzz_once_in(random, 2));
	while (program->nr < nr) {
		struct fuzz_step *step = &program->step[program->nr++];

		draw_step(random, program, step, lanes, traits_without(shares));
		if (step->call == unplug && !fuzz_once_in(random, 4)) {
			draw_region(random, program, step->arg[0] % FUZZ_FDS, step->lane, false);
		} else if (program->nr >= next) {
			draw_region(random, program, fuzz_below(random, 2),
				    fuzz_below(random, lanes), shares && fuzz_once_in(random, 2));
			next = program->nr + REGION_LASTS;
		}
	}
}

void fuzz_program_remove(struct fuzz_program *program, unsigned int step, unsigned int nr)
{
	program->nr -= nr;
	memmove(&program->step[step], &program->step[step + nr],
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
	const bool shares = fuzz_program_traits(program) & FUZZ_SHARES;
	unsigned int at = fuzz_below(random, program->nr + 1);

	if (program->nr == FUZZ_STEPS)
		return;
	memmove(&program->step[at + 1], &program->step[at],
		(program->nr - at) * sizeof(*program->step));
	draw_step(random, program, &program->step[at], FUZZ_LANES, traits_without(shares));
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
	unsigned int n = 1 + fuzz_below(random, 8);

	while (n-- && program->nr) {
		const unsigned int at = fuzz_below(random, program->nr);

		switch (fuzz_below(random, 8)) {
		case 0:
			if (program->nr > 1)
				fuzz_program_remove(program, at, 1);
			break;
		case 1:
		case 2:
			insert_step(random, program);
			break;
		case 3:
			program->step[at].lane = fuzz_below(random, FUZZ_LANES);
			break;
		case 4:
			if (other->nr && fuzz_once_in(random, 4))
				splice(random, program, other);
			break;
		default:
			change_arg(random, &program->step[at]);
		}
	}
}

/* The module zeroes the memory, up to 1 GiB. */
static bool is_phys_config(const struct fuzz_step *step)
{
	return step->call == fuzz_call_by_name("config", 6) &&
	       (step->arg[2] & FAULTLAB_REGION_PHYS);
}

unsigned int fuzz_program_traits(const struct fuzz_program *program)
{
	unsigned int traits = 0, i, j;

	for (i = 0; i < program->nr; i++) {
		const struct fuzz_step *step = &program->step[i];
		const struct fuzz_call *call = fuzz_call(step->call);

		traits |= call->traits;
		for (j = 0; call->arg[j].type; j++)
			if (is_in_region(&call->arg[j], step->arg[j]))
				traits |= FUZZ_SMUDGES;
		if (is_phys_config(step))
			traits |= FUZZ_ZEROES;
	}
	return traits;
}

unsigned int fuzz_program_lanes(const struct fuzz_program *program)
{
	unsigned int lanes = 1, i;

	for (i = 0; i < program->nr; i++)
		if (program->step[i].lane >= lanes)
			lanes = program->step[i].lane + 1;
	return lanes;
}

unsigned int fuzz_program_prefix(const struct fuzz_program *program)
{
	unsigned int i = 0;

	while (i < program->nr && !program->step[i].lane)
		i++;
	return i;
}
