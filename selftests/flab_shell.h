/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands, as a user types them.
 */
#ifndef FLAB_SHELL_H
#define FLAB_SHELL_H

#include <stdbool.h>
#include <stddef.h>

/* All that a command prints, errors too, cut at size; its exit status, or -signal. */
int flab_shell(const char *command, char *text, size_t size);

/* Whether there is such a program. */
bool flab_has_program(const char *name);

#endif /* FLAB_SHELL_H */
