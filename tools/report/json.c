// SPDX-License-Identifier: GPL-2.0-only
/*
 * A report for programs: JSON and CSV, with times in nanoseconds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

static void add_number(struct json_object *to, const char *name, __u64 number)
{
	json_object_object_add(to, name, json_object_new_uint64(number));
}

static struct json_object *group_object(const struct report *report, const struct grouping *by,
					const struct group *g)
{
	struct json_object *object = json_object_new_object();
	char label[LABEL_MAX];

	json_object_object_add(object, "name",
			       json_object_new_string(by->label(report, g->key, label)));
	add_number(object, "records", g->count);
	json_object_object_add(object, "share",
			       json_object_new_double((double)g->count / report->nr));
	add_number(object, "p50_ns", g->p50);
	add_number(object, "p90_ns", g->p90);
	add_number(object, "p99_ns", g->p99);
	add_number(object, "max_ns", g->max);
	add_number(object, "total_ns", g->total);
	add_number(object, "wait_ns", g->wait);
	return object;
}

static struct json_object *groups_array(const struct report *report, const struct grouping *by)
{
	struct json_object *array = json_object_new_array();
	struct group *groups;
	ssize_t i, nr = group_records(report, by, &groups);

	for (i = 0; i < nr; i++)
		json_object_array_add(array, group_object(report, by, groups + i));
	free(groups);
	return array;
}

static void add_name(struct json_object *to, const char *key, const char *name)
{
	char text[4096];

	json_object_object_add(to, key,
			       json_object_new_string(printable(name, text, sizeof(text))));
}

int report_json(const struct report *report, const struct grouping **by, unsigned int nr)
{
	const struct records_header *h = report->recording->header;
	struct json_object *object = json_object_new_object();
	struct json_object *tables = json_object_new_object();
	unsigned int i;

	add_name(object, "file", report->recording->path);
	add_name(object, "release", h->release);
	add_name(object, "command", h->command);
	add_number(object, "date", h->date);
	add_number(object, "cpus", h->cpus);
	add_number(object, "page_size", h->page_size);
	add_number(object, "records", report->nr);
	add_number(object, "lost", report->recording->lost);
	add_number(object, "span_ns", report->to - report->from);
	for (i = 0; i < nr; i++)
		json_object_object_add(tables, by[i]->name, groups_array(report, by[i]));
	json_object_object_add(object, "by", tables);
	print_json(object);
	return 0;
}

/* CSV: names of tasks can contain commas and quotes. So quote text, and double quotes in it. */
static void print_quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

int report_csv(const struct report *report, const struct grouping **by, unsigned int nr)
{
	char label[LABEL_MAX];
	struct group *groups;
	ssize_t i, found;

	puts("by,name,records,share,p50_ns,p90_ns,p99_ns,max_ns,total_ns,wait_ns");
	for (; nr--; by++) {
		found = group_records(report, *by, &groups);
		if (found < 0)
			return failed("no memory for %zu records.", report->nr);
		for (i = 0; i < found; i++) {
			const struct group *g = groups + i;

			printf("%s,", (*by)->name);
			print_quoted((*by)->label(report, g->key, label));
			printf(",%llu,%.6f,%llu,%llu,%llu,%llu,%llu,%llu\n", g->count,
			       (double)g->count / report->nr, g->p50, g->p90, g->p99, g->max,
			       g->total, g->wait);
		}
		free(groups);
	}
	return 0;
}
