/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cell of the matrix: its place in the four dimensions, what was observed in it, and
 * the facts that decide what to expect.
 */
#ifndef FAULTLAB_MATRIX_CELL_H
#define FAULTLAB_MATRIX_CELL_H

#include <faultlab_memory.h>
#include "util/tool.h"

#define MATRIX_TEXT	48

/* Pages that one PTE table maps. */
#define MATRIX_TABLE_PAGES	512

/* The byte that access paths write if they can choose it. */
#define MATRIX_WRITTEN	0x5a

/* What is observed in a cell, each as text, which is compared with the expected text. */
enum matrix_column {
	MATRIX_RESULT,		/* what the caller got */
	MATRIX_CALLBACKS,	/* which callbacks ran, from the region's counters */
	MATRIX_FAULTS,		/* minor or major: getrusage(), and the module if it differs */
	MATRIX_LOCK,		/* which lock the core held while the callbacks ran */
	MATRIX_NR_COLUMNS
};

struct matrix_cell {
	__u8 kind;	/* index in faultlab_memories[] */
	__u8 mapping;
	__u8 path;
	__u8 outcome;
	bool ran;
	char seen[MATRIX_NR_COLUMNS][MATRIX_TEXT];
};

/*
 * Facts about a cell, which the reasons test. They come from its kind, mapping and access
 * path, and from the running kernel. A reason can add facts (.gives), which the reasons
 * of later questions test.
 */
#define FACT_PFNMAP	(1ULL << 0)	/* VM_PFNMAP and VM_IO */
#define FACT_INSERTS	(1ULL << 1)	/* the handler inserts the entry itself */
#define FACT_SPECIAL	(1ULL << 2)	/* entries without a struct page */
#define FACT_AROUND	(1ULL << 3)	/* .map_pages maps pages that are in the region */
#define FACT_NOTIFY	(1ULL << 4)	/* the VMA has .page_mkwrite or .pfn_mkwrite */
#define FACT_ATMMAP	(1ULL << 5)	/* all entries are made at mmap, no .fault */
#define FACT_PHYS	(1ULL << 6)	/* no struct page at all */
#define FACT_MIXED	(1ULL << 7)	/* VM_MIXEDMAP with special entries */
#define FACT_HUGE	(1ULL << 12)	/* .huge_fault maps PMDs */
#define FACT_LEAF	(1ULL << 13)	/* the core maps PMDs for folios that .fault returns */
#define FACT_APART	(1ULL << 14)	/* the second page has a page table of its own */

#define FACT_PRIVATE	(1ULL << 8)
#define FACT_WRITABLE	(1ULL << 9)	/* PROT_WRITE */
#define FACT_EXEC	(1ULL << 10)	/* PROT_EXEC */
#define FACT_RDONLY	(1ULL << 11)	/* the descriptor is O_RDONLY */

#define FACT_WRITES	(1ULL << 16)	/* writes to the mapping */
#define FACT_CPU	(1ULL << 17)	/* accesses by an instruction of the task */
#define FACT_FETCH	(1ULL << 18)	/* accesses by an instruction fetch */
#define FACT_COPY	(1ULL << 19)	/* accesses by copy_to_user(), get_user() and the like */
#define FACT_GUP	(1ULL << 20)	/* accesses by get_user_pages() and its variants */
#define FACT_FORCE	(1ULL << 21)	/* FOLL_FORCE, then .access if GUP fails */
#define FACT_PREFAULT	(1ULL << 22)	/* makes pages present, and transfers no data */
#define FACT_TWO	(1ULL << 23)	/* accesses two pages, the first of which is present */
#define FACT_MAPS	(1ULL << 24)	/* the access path itself calls mmap() */

#define FACT_SILENT	(1ULL << 32)	/* no callback runs */
#define FACT_FAILS	(1ULL << 33)	/* the last callback ends in an error */
#define FACT_ACCESS	(1ULL << 34)	/* .access is called instead of .fault */
#define FACT_THERE	(1ULL << 35)	/* the entry is present: no .fault */
#define FACT_COPIES	(1ULL << 36)	/* the core copies a present page of a private mapping */
#define FACT_NOTIFIED	(1ULL << 37)	/* .page_mkwrite or .pfn_mkwrite runs */
#define FACT_RETRIED	(1ULL << 38)	/* the fault dropped its lock and is retried */
#define FACT_AND_ACCESS	(1ULL << 39)	/* .access is called after .fault */
#define FACT_COW	(1ULL << 40)	/* .fault for a write to a private mapping */

#define FACT_VMA_LOCK	(1ULL << 48)	/* the kernel has per-VMA locks */
#define FACT_MOVS_TWICE	(1ULL << 49)	/* a user copy that faulted retries the rest */
#define FACT_STOS_TWICE	(1ULL << 50)	/* a clear_user() that faulted retries the rest */
#define FACT_MADV_TRIED	(1ULL << 51)	/* MADV_POPULATE retries with FOLL_TRIED */
#define FACT_BIG_WRITES	(1ULL << 52)	/* write() to shmem copies several pages at once */
#define FACT_REGISTERS	(1ULL << 53)	/* io_uring registers buffers of files, if GUP allows it */
#define FACT_UNLOCKS	(1ULL << 54)	/* faults of io_uring's registration can be retried */

struct matrix_mapping {
	const char *name;
	int prot;
	int flags;
	__u64 facts;
};

/* What is done to the second page before the access. */
enum matrix_setup {
	MATRIX_UNTOUCHED,
	MATRIX_TOUCHED,		/* it was read */
	MATRIX_EVICTED,		/* it was read, then evicted */
	MATRIX_PAST_END,	/* it is past the end of the region */
};

struct matrix_outcome {
	const char *name;
	enum matrix_setup setup;
	struct faultlab_rule rule;	/* without its range; .length 0: no rule */
	bool fatal;			/* ends the region: such a cell shares none */
};

struct matrix_call;

/*
 * What an access path transfers. Where it writes only a part of a page, the comparison also
 * checks that the rest of that page is unchanged.
 */
enum matrix_span {
	MATRIX_NO_SPAN,
	MATRIX_PAGES,		/* both pages */
	MATRIX_PART,		/* the first and half of the second */
	MATRIX_WORD,		/* 8 bytes of the second */
	MATRIX_BYTE,		/* 1 byte of the second */
};

struct matrix_path {
	const char *name;
	const char *ok;		/* text of the result on success */
	const char *what;	/* description, for --list and --explain */
	__u64 facts;
	enum matrix_span span;
	__u8 value;		/* the byte that access paths with FACT_WRITES write */
	ssize_t (*run)(struct matrix_call *call);	/* result, or -errno */
	/* Describes the result in text of MATRIX_TEXT. */
	void (*answer)(const struct matrix_call *call, char *text);
};

/* axis/paths.h has the list. */
#define PATH(NAME) MATRIX_PATH_##NAME
#define MATRIX_PATH(NAME, ...) PATH(NAME),
enum matrix_path_id {
#include "matrix/axis/paths.h"
	MATRIX_NR_PATHS
};

/* axis/outcomes.h has the list. */
#define OUTCOME(NAME) MATRIX_OUTCOME_##NAME
#define MATRIX_OUTCOME(NAME, ...) OUTCOME(NAME),
enum matrix_outcome_id {
#include "matrix/axis/outcomes.h"
	MATRIX_NR_OUTCOMES
};

_Static_assert(MATRIX_NR_PATHS <= 32 && MATRIX_NR_OUTCOMES <= 32,
	       "struct matrix_reason has 32 bits for either");

/* The tables of the dimensions. */
extern const struct matrix_mapping matrix_mappings[];
extern const unsigned int matrix_nr_mappings;
extern const struct matrix_path matrix_paths[MATRIX_NR_PATHS];
extern const struct matrix_outcome matrix_outcomes[MATRIX_NR_OUTCOMES];
extern const char *const matrix_columns[MATRIX_NR_COLUMNS];

__u64 matrix_cell_facts(const struct matrix_cell *cell);
const char *matrix_kind_name(const struct matrix_cell *cell);
/* Whether the matrix combines the kind with the access path. */
bool matrix_kind_has(const struct faultlab_memory *memory, enum matrix_path_id path);
/* "kind/mapping/path/outcome", into a buffer of MATRIX_NAME */
#define MATRIX_NAME	96
char *matrix_cell_name(char *name, const struct matrix_cell *cell);

/* path/: the access paths, and their results as text */
#define MATRIX_PATH(NAME, path, ...) ssize_t matrix_path_##path(struct matrix_call *call);
#include "matrix/axis/paths.h"

void matrix_answer_call(const struct matrix_call *call, char *text);
void matrix_answer_bytes(const struct matrix_call *call, char *text);
void matrix_answer_present(const struct matrix_call *call, char *text);
void matrix_answer_touch(const struct matrix_call *call, char *text);

#endif /* FAULTLAB_MATRIX_CELL_H */
