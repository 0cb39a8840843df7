// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands, as a user types them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/tlib.h"
#include "lib/tools/shell.h"

int tlib_shell(const char *command, char *text, size_t size)
{
	char *line, rest[4096];
	size_t used;
	FILE *from;
	int status;

	if (asprintf(&line, "exec 2>&1; %s", command) < 0)
		return -1;
	from = popen(line, "re");
	free(line);
	if (!from)
		return -1;
	used = fread(text, 1, size - 1, from);
	text[used] = '\0';
	/* Read the rest, else the command could block on the pipe. */
	while (fread(rest, 1, sizeof(rest), from))
		;
	status = pclose(from);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool tlib_has_program(const char *name)
{
	char text[256];

	return !tlib_shell(tlib_text("command -v %s", name), text, sizeof(text));
}
