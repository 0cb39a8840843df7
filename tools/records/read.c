// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a file of records. It may have been damaged or forged, so everything in it is
 * checked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "records/records.h"

static int map_file(struct recording *r)
{
	int fd = open(r->path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int err = 0;

	if (fd < 0 && errno == ENOENT)
		return failed("there is no file %s: 'faultlab record' writes one.", r->path);
	if (fd < 0 || fstat(fd, &st))
		return failed("cannot read %s: %s.", r->path, strerror(errno));
	r->size = st.st_size;
	if (!S_ISREG(st.st_mode)) {
		err = failed("%s is not a file of records: it is no regular file.", r->path);
	} else if (r->size < sizeof(*r->header)) {
		err = failed("%s is not a file of records: it is too short.", r->path);
	} else {
		r->map = mmap(NULL, r->size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (r->map == MAP_FAILED)
			err = failed("cannot read %s: %s.", r->path, strerror(errno));
	}
	close(fd);
	return err;
}

static int check_header(struct recording *r)
{
	const struct records_header *h = r->map;

	if (memcmp(h->magic, RECORDS_MAGIC, sizeof(h->magic)))
		return failed("%s is not a file of 'faultlab record'.", r->path);
	if (h->version != RECORDS_VERSION || h->record_size != sizeof(struct faultlab_record))
		return failed("%s was written by another version of faultlab.", r->path);
	if (h->header_size != sizeof(*h) || !h->page_size || h->page_size & (h->page_size - 1) ||
	    h->release[sizeof(h->release) - 1] || h->command[sizeof(h->command) - 1])
		return failed("%s is damaged: its header is not valid.", r->path);
	r->header = h;
	return 0;
}

/* The enums of a FAULT record must be in range: they index the tables of their names. */
static bool fault_is_sane(const struct faultlab_record *record)
{
	const struct faultlab_record_fault *f = &record->fault;

	return f->callback < FAULTLAB_NR_CALLBACKS && f->lock < FAULTLAB_NR_LOCKS &&
	       f->verdict < FAULTLAB_NR_VERDICTS && f->result < FAULTLAB_NR_RESULTS;
}

static bool vma_is_sane(const struct faultlab_record_vma *vma)
{
	return vma->event < FAULTLAB_NR_VMA_EVENTS && vma->why < FAULTLAB_NR_WHYS;
}

static bool note_is_sane(const struct records_note *note)
{
	if (note->type == RECORDS_REGION && note->region_is.kind[sizeof(note->region_is.kind) - 1])
		return false;
	return !note->name[sizeof(note->name) - 1];
}

/* Adds one record or note of the file to *r; false if it is not valid. */
static bool take(struct recording *r, const struct faultlab_record *record)
{
	const struct records_note *note = (const void *)record;

	switch (record->type) {
	case FAULTLAB_RECORD_FAULT:
		r->fault[r->nr++] = record;
		if (record->time > r->end)
			r->end = record->time;
		return fault_is_sane(record);
	case FAULTLAB_RECORD_VMA:
		r->vma[r->nr_vmas++] = record;
		return vma_is_sane(&record->vma);
	case FAULTLAB_RECORD_STACK:
		return record->nr <= FAULTLAB_STACK_ENTRIES;
	case FAULTLAB_RECORD_LOST:
		r->lost += record->lost.records;
		return true;
	case RECORDS_END:
		r->ended = true;
		return true;
	case RECORDS_TASK:
	case RECORDS_REGION:
	case RECORDS_SYMBOL:
		r->note[r->nr_notes++] = note;
		return note_is_sane(note);
	}
	return false;
}

static __u64 note_key(const struct records_note *note)
{
	switch (note->type) {
	case RECORDS_TASK:
		return (__u64)note->pid << 32 | note->tid;
	case RECORDS_REGION:
		return note->region;
	}
	return note->symbol.address;
}

static int compare_notes(const void *a, const void *b)
{
	const struct records_note *left = *(const struct records_note *const *)a;
	const struct records_note *right = *(const struct records_note *const *)b;
	__u64 l = note_key(left), r = note_key(right);

	if (left->type != right->type)
		return left->type - right->type;
	return (l > r) - (l < r);
}

static int read_records(struct recording *r)
{
	const struct faultlab_record *record = r->map + r->header->header_size;
	size_t bytes = r->size - r->header->header_size;
	size_t i, nr = bytes / sizeof(*record);

	r->fault = malloc((nr + 1) * sizeof(*r->fault));
	r->note = malloc((nr + 1) * sizeof(*r->note));
	r->vma = malloc((nr + 1) * sizeof(*r->vma));
	if (!r->fault || !r->note || !r->vma)
		return failed("no memory for %zu records.", nr);
	for (i = 0; i < nr; i++)
		if (!take(r, record + i))
			return failed("%s is damaged: record %zu of %zu is not valid.",
				      r->path, i + 1, nr);
	r->cut = bytes % sizeof(*record);
	qsort(r->note, r->nr_notes, sizeof(*r->note), compare_notes);
	return 0;
}

int recording_open(const char *path, struct recording *r)
{
	int err;

	*r = (struct recording){ .path = path, .map = MAP_FAILED };
	err = map_file(r);
	if (!err)
		err = check_header(r);
	if (!err)
		err = read_records(r);
	if (err)
		recording_close(r);
	return err;
}

void recording_close(struct recording *r)
{
	if (r->map != MAP_FAILED)
		munmap(r->map, r->size);
	free(r->fault);
	free(r->vma);
	free(r->note);
}

static const struct records_note *find(const struct recording *r, const struct records_note *like)
{
	const struct records_note **found;

	found = bsearch(&like, r->note, r->nr_notes, sizeof(*r->note), compare_notes);
	return found ? *found : NULL;
}

const char *recording_task(const struct recording *r, __u32 pid, __u32 tid)
{
	const struct records_note like = { .type = RECORDS_TASK, .pid = pid, .tid = tid };
	const struct records_note *note = find(r, &like);

	return note && *note->name ? note->name : NULL;
}

const struct records_note *recording_region(const struct recording *r, __u32 region)
{
	const struct records_note like = { .type = RECORDS_REGION, .region = region };
	const struct records_note *note = find(r, &like);

	return note && *note->region_is.kind ? note : NULL;
}

const char *recording_symbol(const struct recording *r, __u64 address)
{
	const struct records_note like = {
		.type = RECORDS_SYMBOL, .symbol.address = address,
	};
	const struct records_note *note = find(r, &like);

	return note ? note->symbol.text : NULL;
}
