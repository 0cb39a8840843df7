/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file of records: what faultlab record writes and faultlab report reads.
 *
 * A header, then records as the module gives them, mixed with notes of the same size. A
 * note has the name that an id in the records had during the recording: of a task, a
 * region, or a kernel address (symbol). The notes of a task and a region precede their
 * first FAULT record; those of symbols follow all records. The last note is END; a file
 * without it is incomplete.
 */
#ifndef FAULTLAB_TOOL_RECORDS_H
#define FAULTLAB_TOOL_RECORDS_H

#include "util/tool.h"

#define RECORDS_FILE	"faultlab.records"	/* the default name */
#define RECORDS_MAGIC	"faultrec"
#define RECORDS_VERSION	1

struct records_header {
	char magic[8];		/* RECORDS_MAGIC, without its NUL */
	__u32 version;
	__u32 header_size;
	__u32 record_size;
	__u32 page_size;
	__u64 start;		/* CLOCK_MONOTONIC in ns, as in the records */
	__u64 date;		/* of start, in seconds since 1970 */
	__u32 cpus;
	__u32 pad;
	char release[72];	/* of the kernel */
	char command[136];	/* "" if there was none */
};

enum records_note_type {
	RECORDS_TASK = 0x100,	/* pid, tid and name */
	RECORDS_REGION,		/* a region's size, kind and opener */
	RECORDS_SYMBOL,		/* name of an address in a stack */
	RECORDS_END,
};

/* As large as struct faultlab_record, with type, region, pid and tid at the same offsets. */
struct records_note {
	__u64 time;
	__u16 type;
	__u16 nr;
	__u32 cpu;
	__u32 region;
	__u32 pid;
	__u32 tid;
	__u32 pad;
	union {
		char name[96];
		struct {
			__u64 bytes;
			char kind[16];
			char comm[72];
		} region_is;
		struct {
			__u64 address;
			char text[88];
		} symbol;
		struct {
			__u64 records;
			__u64 lost;
			__u64 ns;	/* duration of the recording */
		} end;
	};
};

_Static_assert(sizeof(struct records_note) == sizeof(struct faultlab_record),
	       "notes lie between records");

/*
 * write.c: functions that return int return 0, or the exit status after an error was
 * printed.
 */
struct records_writer;

struct records_sums {
	__u64 records;
	__u64 lost;
	__u64 regions;
	__u64 tasks;
};

struct records_writer *records_create(const char *path, char **command);
int records_write(struct records_writer *w, const struct faultlab_record *records, size_t nr);
void records_sums(const struct records_writer *w, struct records_sums *sums);
/* Writes the symbols and END, and frees the writer. */
int records_close(struct records_writer *w, __u64 ns);

/* names_proc.c: the current name of a task; "" if it is gone. */
void task_name(__u32 pid, __u32 tid, char *name, size_t size);

/*
 * observe.c: makes fd read the records of all regions, and never block. flags are
 * FAULTLAB_RECORDING_*. Returns 0, or the exit status after an error was printed.
 */
int observe_start(int fd, __u32 flags);

/*
 * read.c
 */
struct recording {
	const char *path;
	const struct records_header *header;
	const struct faultlab_record **fault;	/* FAULT records, in the order of the file */
	size_t nr;
	const struct faultlab_record **vma;	/* VMA records, in the order of the file */
	size_t nr_vmas;
	const struct records_note **note;	/* sorted by type and ids */
	size_t nr_notes;
	__u64 lost;
	__u64 end;				/* time of the last record */
	bool ended;				/* the END note is there */
	bool cut;				/* the file ends within a record */
	void *map;
	size_t size;
};

/* Returns 0, or the exit status after an error was printed. */
int recording_open(const char *path, struct recording *r);
void recording_close(struct recording *r);

/* What the notes say about a task, a region, an address; NULL if there is no such note. */
const char *recording_task(const struct recording *r, __u32 pid, __u32 tid);
const struct records_note *recording_region(const struct recording *r, __u32 region);
const char *recording_symbol(const struct recording *r, __u64 address);

#endif /* FAULTLAB_TOOL_RECORDS_H */
