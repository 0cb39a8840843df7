// SPDX-License-Identifier: GPL-2.0-only
/*
 * The records of the current interval, and the names of their tasks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "top/source.h"

#define MOST_RECORDS	65536	/* per interval: 8 MiB */
#define MOST_TASKS	4096
#define BATCH		256

static int observe(struct top_source *s)
{
	struct faultlab_info info = { 0 };
	int err = faultlab_info(s->fd, &info);

	s->id = info.id;
	return err ? failed("cannot read its own region: %s.", strerror(-err)) :
		     observe_start(s->fd, 0);
}

struct top_source *top_open(void)
{
	struct top_source *s = calloc(1, sizeof(*s));

	if (s) {
		s->record = malloc(MOST_RECORDS * sizeof(*s->record));
		s->fault = malloc(MOST_RECORDS * sizeof(*s->fault));
		s->fd = -1;
	}
	if (!s || !s->record || !s->fault) {
		failed("no memory.");
		if (s)
			top_close(s);
		return NULL;
	}
	s->fd = open_device();
	if (s->fd < 0 || observe(s)) {
		top_close(s);
		return NULL;
	}
	if (access(FAULTLAB_DEBUGFS "/stats", R_OK)) {
		debugfs_failed(FAULTLAB_DEBUGFS "/stats", errno);
		top_close(s);
		return NULL;
	}
	return s;
}

void top_close(struct top_source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	top_sample_free(&s->last);
	free(s->record);
	free(s->fault);
	free(s->task);
	free(s);
}

int top_fd(const struct top_source *s)
{
	return s->fd;
}

const char *top_name(const struct top_source *s, __u32 pid)
{
	size_t i;

	for (i = 0; i < s->nr_tasks; i++)
		if (s->task[i].pid == pid)
			return s->task[i].name;
	return "";
}

/* Tries the task of the previous record first: successive records are mostly of one task. */
static struct task *find_task(struct top_source *s, __u32 pid)
{
	struct task *more;

	if (s->at < s->nr_tasks && s->task[s->at].pid == pid)
		return &s->task[s->at];
	for (s->at = 0; s->at < s->nr_tasks; s->at++)
		if (s->task[s->at].pid == pid)
			return &s->task[s->at];
	if (s->nr_tasks == MOST_TASKS)
		s->nr_tasks = 0;
	more = realloc(s->task, (s->nr_tasks + 1) * sizeof(*more));
	if (!more)
		return NULL;
	s->task = more;
	s->at = s->nr_tasks++;
	more[s->at] = (struct task){ .pid = pid };
	return &more[s->at];
}

/* Reads the task's name once in each interval. If the task has ended, its last name is kept. */
static void ask_for_name(struct top_source *s, __u32 pid)
{
	struct task *task = find_task(s, pid);
	char name[sizeof(task->name)];

	if (!task || task->asked)
		return;
	task->asked = true;
	task_name(pid, pid, name, sizeof(name));
	if (*name)
		strcpy(task->name, name);
}

static void keep(struct top_source *s, const struct faultlab_record *r)
{
	if (r->type == FAULTLAB_RECORD_LOST)
		s->lost += r->lost.records;
	if (r->type != FAULTLAB_RECORD_FAULT)
		return;
	if (s->nr == MOST_RECORDS) {
		s->skipped++;
		return;
	}
	s->record[s->nr] = *r;
	s->fault[s->nr] = &s->record[s->nr];
	s->nr++;
	ask_for_name(s, r->pid);
}

/* Reads all records, but MOST_RECORDS at most, so that keys are handled even if more come. */
int top_fetch(struct top_source *s)
{
	struct faultlab_record records[BATCH];
	ssize_t i, nr = BATCH;
	unsigned int batches;

	for (batches = 0; nr == BATCH && batches < MOST_RECORDS / BATCH; batches++) {
		nr = faultlab_records_read(s->fd, records, BATCH);
		if (nr == -EAGAIN || nr == -EINTR)
			return 0;
		if (nr < 0)
			return failed("cannot read records: %s.", strerror(-nr));
		for (i = 0; i < nr; i++)
			keep(s, &records[i]);
	}
	return 0;
}
