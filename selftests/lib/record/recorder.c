// SPDX-License-Identifier: GPL-2.0-only
/*
 * A `faultlab record` beside the test: see recorder.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "lib/tlib.h"
#include "lib/record/recorder.h"
#include "lib/sys.h"

/*
 * `faultlab record` starts its command, `cat`, once the region is being recorded. So when
 * cat has sent back a byte, recording has begun. cat ends at the end of its input.
 */
int tlib_recorder_start(struct tlib_recorder *recorder, const char *file, __u32 region)
{
	const char *number = tlib_text("%u", region);
	int to[2], from[2];
	char byte = 'x';

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		return -errno;
	recorder->pid = fork();
	if (!recorder->pid) {
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		dup2(from[1], STDERR_FILENO);
		execlp("faultlab", "faultlab", "record", "-o", file, "--region", number, "--",
		       "cat", NULL);
		_exit(127);
	}
	/* If the command ended before it read its input, write() must not kill this process. */
	signal(SIGPIPE, SIG_IGN);
	close(to[0]);
	close(from[1]);
	recorder->to = to[1];
	recorder->from = from[0];
	if (write(recorder->to, &byte, 1) != 1 || read(recorder->from, &byte, 1) != 1)
		return -EPIPE;
	return byte == 'x' ? 0 : -EPROTO;
}

int tlib_recorder_end(struct tlib_recorder *recorder, char *text, size_t size)
{
	size_t used = 0;
	ssize_t n;

	close(recorder->to);
	while ((n = read(recorder->from, text + used, size - 1 - used)) > 0)
		used += n;
	text[used] = '\0';
	close(recorder->from);
	return tlib_reap(recorder->pid);
}
