// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands, as a user types them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flab.h"
#include "flab_shell.h"

int flab_shell(const char *command, char *text, size_t size)
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
	/* So that it can end. */
	while (fread(rest, 1, sizeof(rest), from))
		;
	status = pclose(from);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#define KEPT		"/run/flab-programs"	/* root's alone */
#define LIBRARIES	"ldd $p | sed -n 's/.*=> \\([^ ]*\\) .*/\\1/p'"

void flab_keep_program(const char *name)
{
	const char *path = getenv("PATH"), *kept = flab_text(KEPT "/%s", name);
	char text[1024], *new;

	if (access(kept, X_OK) &&
	    (flab_shell("mkdir -p " KEPT, text, sizeof(text)) ||
	     flab_shell(flab_text("p=$(command -v %s); cp -L $p $(" LIBRARIES ") " KEPT, name),
			text, sizeof(text))))
		return;
	setenv("LD_LIBRARY_PATH", KEPT, 1);
	if (strstr(path, KEPT) || asprintf(&new, KEPT ":%s", path) < 0)
		return;
	setenv("PATH", new, 1);
	free(new);
}

void flab_drop_programs(void)
{
	char text[256];

	flab_shell("rm -rf " KEPT, text, sizeof(text));
}

bool flab_has_program(const char *name)
{
	char text[256];

	return !flab_shell(flab_text("command -v %s", name), text, sizeof(text));
}
