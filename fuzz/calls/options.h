/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of the command. */
#ifndef FUZZ_OPTIONS_H
#define FUZZ_OPTIONS_H

#include <linux/types.h>

#define FUZZ_WORKERS_MAX	64

/* As their names on the command line; a string is NULL without the option. */
struct fuzz_options {
	double minutes;
	__u64 seed;
	unsigned int workers;
	unsigned int round;
	const char *corpus, *out, *disk, *reload, *bad, *run, *minimise;
};

/* Ends the process if an option is wrong. */
void fuzz_options_parse(struct fuzz_options *opt, int argc, char **argv);

#endif /* FUZZ_OPTIONS_H */
