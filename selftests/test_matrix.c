// SPDX-License-Identifier: GPL-2.0-only
/*
 * `faultlab matrix` as a test program: each cell is a case. A draw over all rows
 * and columns, or with FAULTLAB_TIER=full every cell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flab_sys.h"

#define SAMPLE "250"

int main(void)
{
	const char *tier = getenv("FAULTLAB_TIER");
	char path[4096];
	ssize_t length;

	/* The command lies beside the directory of the test programs. */
	length = readlink("/proc/self/exe", path, sizeof(path) - 16);
	if (length < 0)
		return 1;
	path[length] = '\0';
	*strrchr(path, '/') = '\0';
	strcpy(strrchr(path, '/'), "/faultlab");

	/* The disk for O_DIRECT; without it the command leaves those cells out. */
	flab_modprobe("brd");
	if (tier && !strcmp(tier, "full"))
		execl(path, path, "matrix", "--ktap", NULL);
	else
		execl(path, path, "matrix", "--ktap", "--sample", SAMPLE, NULL);
	perror(path);
	return 1;
}
