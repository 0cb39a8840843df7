// SPDX-License-Identifier: GPL-2.0-only
/*
 * `faultlab matrix` as a test program: each cell of the matrix is a test case. It runs a
 * sample of cells from all rows and columns; with FAULTLAB_TIER=full a larger sample, with
 * other cells in each run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/sys.h"

/* How many cells the short form and the long form run. */
static const char *cells(void)
{
	if (tlib_full())
		return "6000";
	return tlib_debug() ? "100" : "150";
}

/* The program faultlab is beside the directory that has the test programs. */
static int find_command(char *path, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", path, size - 16);

	if (length < 0)
		return -1;
	path[length] = '\0';
	*strrchr(path, '/') = '\0';
	strcpy(strrchr(path, '/'), "/faultlab");
	return 0;
}

int main(void)
{
	const char *argv[10] = { "faultlab", "matrix", "--ktap", "--sample", cells() };
	char path[4096], disk[64], seed[24];
	int argc = 5, status = 1;
	bool added;
	pid_t pid;

	if (find_command(path, sizeof(path)))
		return 1;
	if (tlib_full()) {
		snprintf(seed, sizeof(seed), "%lld", (long long)time(NULL));
		argv[argc++] = "--seed";
		argv[argc++] = seed;
		printf("# --seed %s\n", seed);
		fflush(stdout);
	}
	/* If there is no disk, the command reports which cells it skips for that reason. */
	added = !tlib_disk_add(disk, sizeof(disk), "1M");
	if (added) {
		argv[argc++] = "--disk";
		argv[argc++] = disk;
	}
	pid = fork();
	if (!pid) {
		execv(path, (char **)argv);
		perror(path);
		_exit(1);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (added)
		tlib_disk_remove(disk);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
