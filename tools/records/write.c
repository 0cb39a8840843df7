// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a file of records, with notes of the names of tasks, regions and kernel addresses
 * in them. Names are looked up during the recording, since tasks and regions end, and
 * kernel addresses change with the next boot.
 */
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "records/records.h"

struct records_writer {
	const char *path;
	FILE *file;
	struct records_sums sums;
	void *tasks, *regions, *addresses;	/* sets of numbers seen before */
	struct faultlab_symbols *symbols;
};

static int compare(const void *a, const void *b)
{
	__u64 left = *(const __u64 *)a, right = *(const __u64 *)b;

	return (left > right) - (left < right);
}

/*
 * Adds number to the tree, and returns whether it was not there before. Returns false
 * without memory, too: then no note is written for the number.
 */
static bool first_time(void **tree, __u64 number)
{
	__u64 *own;

	if (tfind(&number, tree, compare))
		return false;
	own = malloc(sizeof(*own));
	if (!own)
		return false;
	*own = number;
	if (tsearch(own, tree, compare))
		return true;
	free(own);
	return false;
}

static int write_failed(const struct records_writer *w)
{
	return failed("cannot write %s: %s.", w->path, strerror(errno));
}

static int put(struct records_writer *w, const void *what, size_t size)
{
	return fwrite(what, size, 1, w->file) == 1 ? 0 : write_failed(w);
}

/*
 * Joins the words of the command, about as it was typed: a word with blanks, or with most
 * of the characters that are special to a shell, gets quotes. Ends in "..." if the result
 * does not fit.
 */
static void join_command(char **command, char *text, size_t size)
{
	static const char dots[] = "...";
	size_t used = 0;

	*text = '\0';
	for (; command && *command && used < size; command++) {
		bool plain = **command && !strpbrk(*command, " \t\n\"\\$&|;<>()*?");
		const char *quote = plain ? "" : "'";

		used += snprintf(text + used, size - used, "%s%s%s%s", used ? " " : "", quote,
				 *command, quote);
	}
	if (used >= size)
		strcpy(text + size - sizeof(dots), dots);
}

static int put_header(struct records_writer *w, char **command)
{
	struct records_header header = {
		.version = RECORDS_VERSION,
		.header_size = sizeof(header),
		.record_size = sizeof(struct faultlab_record),
		.page_size = sysconf(_SC_PAGESIZE),
		.date = time(NULL),
		.cpus = sysconf(_SC_NPROCESSORS_CONF),
	};
	struct utsname uts;

	memcpy(header.magic, RECORDS_MAGIC, sizeof(header.magic));
	header.start = monotonic_ns();
	if (!uname(&uts))
		snprintf(header.release, sizeof(header.release), "%s", uts.release);
	join_command(command, header.command, sizeof(header.command));
	return put(w, &header, sizeof(header));
}

struct records_writer *records_create(const char *path, char **command)
{
	struct records_writer *w = calloc(1, sizeof(*w));

	if (!w) {
		failed("no memory.");
		return NULL;
	}
	w->path = path;
	w->file = fopen(path, "we");
	if (!w->file)
		failed("cannot write %s: %s. Use -o for another file.", path, strerror(errno));
	if (!w->file || put_header(w, command)) {
		if (w->file)
			fclose(w->file);
		free(w);
		return NULL;
	}
	return w;
}

static void read_region(struct records_note *note)
{
	FILE *file = fopen(FAULTLAB_DEBUGFS "/regions", "re");
	struct debugfs_region region;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (!debugfs_parse_region(line, &region) || region.id != note->region)
			continue;
		note->region_is.bytes = region.bytes;
		strcpy(note->region_is.kind, region.kind);
		printable(region.comm, note->region_is.comm, sizeof(note->region_is.comm));
		break;
	}
	if (file)
		fclose(file);
}

static int note_region(struct records_writer *w, const struct faultlab_record *r)
{
	struct records_note note = { .type = RECORDS_REGION, .region = r->region };

	if (!first_time(&w->regions, r->region))
		return 0;
	w->sums.regions++;
	read_region(&note);
	return put(w, &note, sizeof(note));
}

static int note_task(struct records_writer *w, const struct faultlab_record *r)
{
	struct records_note note = { .type = RECORDS_TASK, .pid = r->pid, .tid = r->tid };

	if (!first_time(&w->tasks, (__u64)r->pid << 32 | r->tid))
		return 0;
	w->sums.tasks++;
	task_name(r->pid, r->tid, note.name, sizeof(note.name));
	return put(w, &note, sizeof(note));
}

/* Writes notes of the record's region and task, unless an earlier FAULT record had them. */
static int write_fault(struct records_writer *w, const struct faultlab_record *r)
{
	int err = note_region(w, r);

	w->sums.records++;
	if (!err)
		err = note_task(w, r);
	return err;
}

/*
 * Collects the addresses of a stack. Their notes are written at the end of the file, since
 * a STACK record must directly follow its FAULT record.
 */
static int write_stack(struct records_writer *w, const struct faultlab_record *r)
{
	unsigned int i;

	for (i = 0; i < r->nr && i < FAULTLAB_STACK_ENTRIES; i++)
		if (r->stack.entry[i])
			first_time(&w->addresses, r->stack.entry[i]);
	return 0;
}

static int write_lost(struct records_writer *w, const struct faultlab_record *r)
{
	w->sums.lost += r->lost.records;
	return 0;
}

static int (*const write_type[])(struct records_writer *w, const struct faultlab_record *r) = {
	[FAULTLAB_RECORD_FAULT] = write_fault,
	[FAULTLAB_RECORD_STACK] = write_stack,
	[FAULTLAB_RECORD_LOST] = write_lost,
};

int records_write(struct records_writer *w, const struct faultlab_record *records, size_t nr)
{
	const struct faultlab_record *r;
	int err = 0;

	for (r = records; r < records + nr && !err; r++) {
		if (r->type < ARRAY_SIZE(write_type) && write_type[r->type])
			err = write_type[r->type](w, r);
		if (!err)
			err = put(w, r, sizeof(*r));
	}
	return err;
}

void records_sums(const struct records_writer *w, struct records_sums *sums)
{
	*sums = w->sums;
}

static void note_symbol(const void *node, VISIT visit, void *arg)
{
	struct records_note note = { .type = RECORDS_SYMBOL };
	struct records_writer *w = arg;

	if (visit != leaf && visit != postorder)
		return;
	note.symbol.address = **(const __u64 *const *)node;
	faultlab_symbol(w->symbols, note.symbol.address, note.symbol.text,
			sizeof(note.symbol.text));
	fwrite(&note, sizeof(note), 1, w->file);
}

int records_close(struct records_writer *w, __u64 ns)
{
	struct records_note end = { .type = RECORDS_END };
	int err = 0;

	if (w->addresses)
		w->symbols = faultlab_symbols_open();
	if (w->symbols)
		twalk_r(w->addresses, note_symbol, w);
	faultlab_symbols_close(w->symbols);
	end.end.records = w->sums.records;
	end.end.lost = w->sums.lost;
	end.end.ns = ns;
	fwrite(&end, sizeof(end), 1, w->file);
	if (ferror(w->file) | fclose(w->file))
		err = write_failed(w);
	tdestroy(w->tasks, free);
	tdestroy(w->regions, free);
	tdestroy(w->addresses, free);
	free(w);
	return err;
}
