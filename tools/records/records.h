/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file of records: what faultlab record writes and faultlab report reads.
 *
 * A header, then records as the module gives them, then notes of the same size, which
 * say what numbers meant when the recording was made: names of tasks, regions and
 * functions. The last note is END; without it the recording was broken off.
 */
#ifndef FAULTLAB_TOOL_RECORDS_H
#define FAULTLAB_TOOL_RECORDS_H

#include "util/tool.h"

#define RECORDS_FILE	"faultlab.records"	/* without a name */
#define RECORDS_MAGIC	"faultrec"
#define RECORDS_VERSION	1

struct records_header {
	char magic[8];		/* RECORDS_MAGIC, without its 0 */
	__u32 version;
	__u32 header_size;
	__u32 record_size;
	__u32 page_size;
	__u64 start;		/* CLOCK_MONOTONIC in ns, as the records have it */
	__u64 date;		/* of it, in seconds since 1970 */
	__u32 cpus;
	__u32 pad;
	char release[72];	/* of the kernel */
	char command[136];	/* "" if there was none */
};

enum records_note_type {
	RECORDS_TASK = 0x100,	/* pid, tid and name */
	RECORDS_REGION,		/* region and what it was */
	RECORDS_SYMBOL,		/* of an address in a stack */
	RECORDS_END,
};

/* As large as a record, and like one as far as type and ids go. */
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
			__u64 ns;	/* how long it took */
		} end;
	};
};

_Static_assert(sizeof(struct records_note) == sizeof(struct faultlab_record),
	       "notes lie between records");

/*
 * write.c: errors are printed, and the exit status returned.
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
/* Symbols and END, and releases the writer. */
int records_close(struct records_writer *w, __u64 ns);

/* names_proc.c: what tasks and regions are called now; "" if they are gone. */
void task_name(__u32 pid, __u32 tid, char *name, size_t size);

/*
 * observe.c: the descriptor reads records of all regions from now on, and does not wait.
 * flags are FAULTLAB_RECORDING_*.
 * 0, or the exit status after an error was printed.
 */
int observe_start(int fd, __u32 flags);

/*
 * read.c
 */
struct recording {
	const char *path;
	const struct records_header *header;
	const struct faultlab_record **fault;	/* FAULT alone, in the order of the file */
	size_t nr;
	const struct faultlab_record **vma;	/* VMA alone, likewise */
	size_t nr_vmas;
	const struct records_note **note;	/* sorted by type and ids */
	size_t nr_notes;
	__u64 lost;
	__u64 end;				/* time of the last record */
	bool ended;				/* its END is there */
	bool cut;				/* ends within a record */
	void *map;
	size_t size;
};

/* 0, or the exit status after an error was printed. */
int recording_open(const char *path, struct recording *r);
void recording_close(struct recording *r);

/* NULL where the recording does not say. */
const char *recording_task(const struct recording *r, __u32 pid, __u32 tid);
const struct records_note *recording_region(const struct recording *r, __u32 region);
const char *recording_symbol(const struct recording *r, __u64 address);

#endif /* FAULTLAB_TOOL_RECORDS_H */
