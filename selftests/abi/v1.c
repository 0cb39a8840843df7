// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that uses all of version 1 of the ABI: each ioctl, kind, flag, verdict and
 * so on once, in the simplest way, and checks what the ABI says of it. It prints KTAP.
 *
 * It needs <linux/faultlab.h> and a C library, and nothing else of this tree. README.md
 * says why it is here twice, as source and as a binary. Neither is changed any more.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "v1.h"
#include "v1_table.h"

#define SKIPPED		4
#define TIME_LIMIT	200	/* seconds, for a test that hangs */

static const struct v1_test * const groups[] = {
	v1_struct_tests,
	v1_region_tests,
	v1_memory_tests,
	v1_rule_tests,
	v1_gate_tests,
	v1_walk_tests,
	v1_record_tests,
	v1_latency_tests,
};

char *v1_reason;

/* A line that is written at once, as several processes write. */
static char line[512];

static void add(const char *text)
{
	size_t used = strlen(line);

	while (*text && used < sizeof(line) - 1)
		line[used++] = *text++;
	line[used] = '\0';
}

static void add_number(long long number)
{
	unsigned long long rest = number;
	char digits[24] = "";
	int at = sizeof(digits) - 1;

	if (number < 0) {
		add("-");
		rest = -rest;
	}
	do {
		digits[--at] = '0' + rest % 10;
		rest /= 10;
	} while (rest);
	add(digits + at);
}

static void say(void)
{
	add("\n");
	if (write(STDOUT_FILENO, line, strlen(line)) < 0)
		_exit(1);
	line[0] = '\0';
}

void v1_check(const char *file, int number, const char *what, long long want, long long got)
{
	if (want == got)
		return;
	add("# ");
	add(file);
	add(":");
	add_number(number);
	add(": ");
	add(what);
	add(" is ");
	add_number(got);
	add(", not ");
	add_number(want);
	say();
	_exit(1);
}

void v1_skip(const char *why)
{
	size_t i;

	for (i = 0; why[i] && i < PAGE - 1; i++)
		v1_reason[i] = why[i];
	v1_reason[i] = '\0';
	_exit(SKIPPED);
}

/* Whether the test has not failed. */
static bool run(unsigned int number, const struct v1_test *test)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		alarm(TIME_LIMIT);
		test->run(test->arg);
		_exit(0);
	}
	status = pid < 0 ? 1 : v1_wait(pid);
	if (status < 0) {
		add("# ended by signal ");
		add_number(-status);
		say();
	}
	if (status && status != SKIPPED)
		add("not ");
	add("ok ");
	add_number(number);
	add(" ");
	add(test->subject);
	add(" ");
	add(test->name);
	if (status == SKIPPED) {
		add(" # SKIP ");
		add(v1_reason);
	}
	say();
	return !status || status == SKIPPED;
}

int main(void)
{
	unsigned int group, nr = 0, failed = 0;
	const struct v1_test *test;
	int fd;

	for (group = 0; group < ARRAY_SIZE(groups); group++)
		for (test = groups[group]; test->run; test++)
			nr++;
	v1_reason = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fd = open("/dev/faultlab", O_RDWR | O_CLOEXEC);
	add("TAP version 13");
	say();
	if (fd < 0 || v1_reason == MAP_FAILED) {
		add("1..0 # SKIP /dev/faultlab cannot be opened");
		say();
		return SKIPPED;
	}
	close(fd);
	add("1..");
	add_number(nr);
	say();
	nr = 0;
	for (group = 0; group < ARRAY_SIZE(groups); group++)
		for (test = groups[group]; test->run; test++)
			failed += !run(++nr, test);
	return failed ? 1 : 0;
}
