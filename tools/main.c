// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab: the command. Finds the subcommand; each has a file of its own.
 */
#include <stdio.h>
#include <string.h>

#include "util/tool.h"

static const struct command *const commands[] = {
	&command_tour,
	&command_try,
	&command_rule,
	&command_evict,
	&command_gate,
	&command_unplug,
	&command_reset,
	&command_matrix,
	&command_walk,
	&command_stat,
	&command_features,
	&command_record,
	&command_report,
	&command_top,
	&command_bench,
};

static void print_help(void)
{
	unsigned int i;

	puts("Usage: faultlab COMMAND [ARGUMENT...]\n"
	     "\n"
	     "Page-fault experiments with the kernel module faultlab.\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	puts("\n"
	     "'faultlab COMMAND --help' describes a command; 'faultlab --version' prints the\n"
	     "version.");
}

static bool wants_help(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help"))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc < 2)
		return usage("a command is missing; 'faultlab --help' lists them.");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help();
		return 0;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("faultlab " FAULTLAB_VERSION);
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i]->name))
			continue;
		if (wants_help(argc - 1, argv + 1)) {
			fputs(commands[i]->help, stdout);
			return 0;
		}
		return commands[i]->run(argc - 1, argv + 1);
	}
	return usage("there is no command '%s'; 'faultlab --help' lists them.", argv[1]);
}
