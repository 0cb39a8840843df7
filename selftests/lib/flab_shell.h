/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands, as a user types them.
 */
#ifndef FLAB_SHELL_H
#define FLAB_SHELL_H

#include <stdbool.h>
#include <stddef.h>

/* Run a command. text: its stdout and stderr, cut at size. Exit status, or -signal. */
int flab_shell(const char *command, char *text, size_t size);

/* Whether there is such a program. */
bool flab_has_program(const char *name);

#endif /* FLAB_SHELL_H */
