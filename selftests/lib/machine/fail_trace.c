// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/machine/fail_trace.h"

int tlib_fail_trace_begin(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	lseek(fd, 0, SEEK_END);
	return fd;
}

/*
 * A line of a call trace is " name+0x12/0x34", with the module's name behind. Lines with
 * "? " are of functions that may have returned. Where a fault interrupted the kernel, the
 * line is "RIP: 0010:name+0x12/0x34".
 */
static void add_function(struct tlib_fail_trace *trace, const char *line)
{
	size_t len;

	line += strspn(line, " ");
	if (!strncmp(line, "RIP: 0010:", 10))
		line += 10;
	len = strcspn(line, "+. ");
	if (line[0] == '?' || !strstr(line, "+0x") || trace->nr == TLIB_FAIL_DEPTH)
		return;
	snprintf(trace->function[trace->nr++], sizeof(trace->function[0]), "%.*s", (int)len, line);
}

void tlib_fail_trace_end(int fd, struct tlib_fail_trace *trace)
{
	char record[2048], *text;
	bool inside = false;
	ssize_t n;

	trace->nr = 0;
	/* One record for each read(), "PRIORITY,NUMBER,TIME,FLAGS;TEXT". EPIPE: some were lost. */
	while ((n = read(fd, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		if (n < 0)
			continue;
		record[n] = '\0';
		text = strchr(record, ';');
		if (!text)
			continue;
		text[strcspn(text, "\n")] = '\0';
		if (strstr(text, "FAULT_INJECTION: forcing a failure")) {
			inside = true;
			trace->nr = 0;
		} else if (strstr(text, "</TASK>")) {
			inside = false;
		} else if (inside) {
			add_function(trace, text + 1);
		}
	}
	close(fd);
}

bool tlib_fail_trace_has(const struct tlib_fail_trace *trace, const char *function)
{
	unsigned int i;

	for (i = 0; i < trace->nr; i++)
		if (!strcmp(trace->function[i], function))
			return true;
	return false;
}

bool tlib_fail_trace_is_user_fault(const struct tlib_fail_trace *trace)
{
	return tlib_fail_trace_has(trace, "exc_page_fault") &&
	       !tlib_fail_trace_has(trace, "entry_SYSCALL_64_after_hwframe");
}
