// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workloads and the records of them: see record.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/record/record.h"

#define ROOM	64

int tlib_record_region(enum faultlab_kind kind, __u64 flags, size_t pages)
{
	int fd = tlib_region(kind, flags, pages);

	if (fd >= 0)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

int tlib_recorded_region(size_t pages, __u32 slots, char **at)
{
	int fd = tlib_record_region(FAULTLAB_KIND_PAGE, 0, pages), err;

	if (fd < 0)
		return fd;
	*at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, pages);
	err = *at ? faultlab_records_start(fd, slots, 0) : -ENOMEM;
	if (err) {
		close(fd);
		return err;
	}
	tlib_settle();
	return fd;
}

void tlib_work(char *at, const char *ops)
{
	char *mem = at;
	const char *op;

	for (op = ops; *op; op++) {
		if (*op == 'r' || *op == 'w')
			at += op == ops ? 0 : tlib_page_size();
		if (*op == 'r' || *op == 'R')
			faultlab_touch_read(*op == 'R' ? mem : at, NULL);
		else
			faultlab_touch_write(*op == 'W' ? mem : at, 1, NULL);
	}
}

void tlib_touch_pages(char *at, size_t first, size_t nr)
{
	size_t i;

	for (i = first; i < first + nr; i++)
		faultlab_touch_read(tlib_at(at, i), NULL);
}

int tlib_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

const char *tlib_record_line(const struct faultlab_record *r)
{
	char access[FAULTLAB_ACCESS_TEXT_MAX];

	if (r->type == FAULTLAB_RECORD_LOST)
		return tlib_text("lost %llu", r->lost.records);
	return tlib_text("%llu %s %s %s %u", r->fault.index,
			 faultlab_access_text(r->fault.access, access, sizeof(access)),
			 faultlab_callback_name(r->fault.callback),
			 faultlab_result_name(r->fault.result), r->fault.pages);
}

const char *tlib_record_lines(int fd)
{
	static char text[4096];
	struct faultlab_record seen[ROOM];
	ssize_t i, nr = faultlab_records_read(fd, seen, ROOM);

	if (nr < 0)
		return strerror(-nr);
	text[0] = '\0';
	for (i = 0; i < nr; i++)
		sprintf(text + strlen(text), "%s%s", i ? "; " : "", tlib_record_line(&seen[i]));
	return text;
}
