/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands, as a user types them.
 */
#ifndef TLIB_SHELL_H
#define TLIB_SHELL_H

#include <stdbool.h>
#include <stddef.h>

/* Run a command. text: its stdout and stderr, cut at size. Exit status, or -signal. */
int tlib_shell(const char *command, char *text, size_t size);

/* Whether the program is installed. */
bool tlib_has_program(const char *name);

#endif /* TLIB_SHELL_H */
