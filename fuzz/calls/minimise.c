// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "fuzz/calls/minimise.h"

#define MINIMISE_S	120	/* at most so long */
#define TRIES		5	/* runs of a shorter program: a race does not always fail */

/* Failures are the same if their texts are, up to the first number. */
static bool is_same(const char *a, const char *b)
{
	const size_t length = strcspn(b, "0123456789");

	return *a && !strncmp(a, b, length);
}

static bool still_fails(const struct fuzz_program *program, const char *failure,
			struct fuzz_setup *setup, const struct fuzz_shared *shared,
			struct fuzz_outcome *outcome)
{
	unsigned int i;

	for (i = 0; i < TRIES && monotonic_ns() < setup->end && !outcome->hangs; i++) {
		if (shared->known)
			fuzz_shared_set_rules(setup->shared, shared);
		if (!fuzz_run(program, setup, outcome) && is_same(outcome->failure, failure))
			return true;
	}
	return false;
}

void fuzz_minimise(struct fuzz_program *program, const char *failure, struct fuzz_setup *setup,
		   const struct fuzz_shared *shared, struct fuzz_outcome *outcome)
{
	unsigned int size, at;

	setup->end = monotonic_ns() + MINIMISE_S * NSEC_PER_SEC;
	/* The last ones first, as what is before them is needed more often. */
	for (size = (program->nr + 1) / 2; size && program->nr > 1; size /= 2) {
		for (at = program->nr; at >= size && program->nr > size; at -= size) {
			struct fuzz_program shorter = *program;

			fuzz_program_remove(&shorter, at - size, size);
			if (still_fails(&shorter, failure, setup, shared, outcome))
				*program = shorter;
			/* A process that cannot be killed would be joined by more. */
			if (outcome->hangs || monotonic_ns() > setup->end)
				return;
		}
	}
}
