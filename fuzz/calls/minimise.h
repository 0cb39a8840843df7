/* SPDX-License-Identifier: GPL-2.0-only */
/* Shortens a program that fails. */
#ifndef FUZZ_MINIMISE_H
#define FUZZ_MINIMISE_H

#include "fuzz/calls/run.h"

/*
 * Leaves out steps as long as the program goes on failing in the same way. Each try begins
 * with the rules that the shared region had, if that is known.
 */
void fuzz_minimise(struct fuzz_program *program, const char *failure, struct fuzz_setup *setup,
		   const struct fuzz_shared *shared, struct fuzz_outcome *outcome);

#endif /* FUZZ_MINIMISE_H */
