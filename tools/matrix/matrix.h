/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faultlab matrix: kind x mapping x way in x outcome. What a cell is, what was
 * seen in it, what was to be expected and why.
 */
#ifndef FAULTLAB_MATRIX_H
#define FAULTLAB_MATRIX_H

#include <faultlab_memory.h>
#include "util/tool.h"

#define MATRIX_TEXT	48

/* Pages that one table of PTEs maps. */
#define MATRIX_TABLE_PAGES	512

/* What ways write that have a choice. */
#define MATRIX_WRITTEN	0x5a

/* What a cell observes, as text: it is compared with text. */
enum matrix_column {
	MATRIX_RESULT,		/* what the caller got */
	MATRIX_CALLBACKS,	/* which callbacks ran, from the region's counters */
	MATRIX_FAULTS,		/* minor or major: getrusage(), and the module if it differs */
	MATRIX_LOCK,		/* what the core held over them */
	MATRIX_NR_COLUMNS
};

struct matrix_cell {
	__u8 kind;	/* in faultlab_memories[] */
	__u8 mapping;
	__u8 way;
	__u8 outcome;
	bool ran;
	char seen[MATRIX_NR_COLUMNS][MATRIX_TEXT];
};

/*
 * Facts: what rules of expectation ask of a cell. A row of each dimension has
 * some, the kernel has some, and a rule can add some for the columns behind it.
 */
#define FACT_PFNMAP	(1ULL << 0)	/* VM_PFNMAP and VM_IO */
#define FACT_INSERTS	(1ULL << 1)	/* the handler makes the entry itself */
#define FACT_SPECIAL	(1ULL << 2)	/* entries without a struct page */
#define FACT_AROUND	(1ULL << 3)	/* .map_pages maps what is there */
#define FACT_NOTIFY	(1ULL << 4)	/* .page_mkwrite, .pfn_mkwrite */
#define FACT_ATMMAP	(1ULL << 5)	/* all entries are made at mmap, no .fault */
#define FACT_PHYS	(1ULL << 6)	/* no struct page at all */
#define FACT_MIXED	(1ULL << 7)	/* VM_MIXEDMAP with special entries */
#define FACT_HUGE	(1ULL << 12)	/* .huge_fault maps PMDs */
#define FACT_LEAF	(1ULL << 13)	/* the core maps PMDs of what .fault returns */
#define FACT_APART	(1ULL << 14)	/* the second page has a page table to itself */

#define FACT_PRIVATE	(1ULL << 8)
#define FACT_WRITABLE	(1ULL << 9)	/* PROT_WRITE */
#define FACT_EXEC	(1ULL << 10)	/* PROT_EXEC */
#define FACT_RDONLY	(1ULL << 11)	/* the descriptor is O_RDONLY */

#define FACT_WRITES	(1ULL << 16)	/* into the mapping */
#define FACT_CPU	(1ULL << 17)	/* an instruction of the task */
#define FACT_FETCH	(1ULL << 18)	/* fetching one */
#define FACT_COPY	(1ULL << 19)	/* an instruction of the kernel */
#define FACT_GUP	(1ULL << 20)	/* get_user_pages() and its kin */
#define FACT_FORCE	(1ULL << 21)	/* FOLL_FORCE, then .access */
#define FACT_PREFAULT	(1ULL << 22)	/* asks for pages, not for data */
#define FACT_TWO	(1ULL << 23)	/* two pages, the first is there */
#define FACT_MAPS	(1ULL << 24)	/* makes the mapping itself */

#define FACT_SILENT	(1ULL << 32)	/* no callback runs */
#define FACT_FAILS	(1ULL << 33)	/* the last callback ends in an error */
#define FACT_ACCESS	(1ULL << 34)	/* .access instead of .fault */
#define FACT_THERE	(1ULL << 35)	/* the entry is there: no .fault */
#define FACT_COPIES	(1ULL << 36)	/* a private mapping is written */
#define FACT_NOTIFIED	(1ULL << 37)	/* .page_mkwrite or .pfn_mkwrite runs */
#define FACT_RETRIED	(1ULL << 38)	/* the lock was dropped */
#define FACT_AND_ACCESS	(1ULL << 39)	/* .access after .fault */
#define FACT_COW	(1ULL << 40)	/* .fault for a private write */

#define FACT_VMA_LOCK	(1ULL << 48)	/* the kernel has per-VMA locks */
#define FACT_MOVS_TWICE	(1ULL << 49)	/* a copy that faulted tries the rest again */
#define FACT_STOS_TWICE	(1ULL << 50)	/* and so does clear_user() */
#define FACT_MADV_TRIED	(1ULL << 51)	/* MADV_POPULATE comes again as FOLL_TRIED */
#define FACT_BIG_WRITES	(1ULL << 52)	/* write() to shmem takes several pages at once */
#define FACT_REGISTERS	(1ULL << 53)	/* io_uring registers buffers of files, if GUP allows it */
#define FACT_UNLOCKS	(1ULL << 54)	/* and it lets faults of that be retried */

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
	MATRIX_EVICTED,		/* it was read, and evicted */
	MATRIX_PAST_END,	/* it is past the end of the region */
};

struct matrix_outcome {
	const char *name;
	enum matrix_setup setup;
	struct faultlab_rule rule;	/* but for its range; .length 0: none */
	bool fatal;			/* the region does not survive it */
};

struct matrix_tools;

/* One access: what it is made with, and room for what came of it. */
struct matrix_call {
	struct matrix_tools *tools;
	char *first;		/* two pages; the first is there */
	char *second;
	int fd;			/* of the region, for ways that map it */
	off_t offset;		/* of the second page */
	size_t step;		/* bytes that a VMA is a multiple of */
	bool other;		/* who reaches into it has other memory at these addresses */
	const struct matrix_mapping *mapping;
	const struct matrix_way *way;
	ssize_t ret;			/* what it returned */
	struct faultlab_touch touch;	/* of the ways that are one */
	bool remote;			/* another process made it */
	bool counted;			/* another task faulted, and the way counted these: */
	long minflt;
	long majflt;
};

/* What ways that move data move: what one leaves of a page shows who filled the rest. */
enum matrix_span {
	MATRIX_NO_SPAN,
	MATRIX_PAGES,		/* both pages */
	MATRIX_PART,		/* the first and half of the second */
	MATRIX_WORD,		/* 8 bytes of the second */
	MATRIX_BYTE,		/* 1 of it */
};

struct matrix_way {
	const char *name;
	const char *ok;		/* what the caller gets if all goes well */
	const char *what;	/* for --list */
	__u64 facts;
	enum matrix_span span;
	__u8 value;		/* what ways with FACT_WRITES write */
	ssize_t (*run)(struct matrix_call *call);	/* or -errno */
	/* What came of it, in words: into MATRIX_TEXT. */
	void (*answer)(const struct matrix_call *call, char *text);
};

#define WAY(NAME) MATRIX_WAY_##NAME
enum matrix_way_id {
	WAY(MMAP), WAY(LOAD), WAY(STORE), WAY(EXEC),
	WAY(READ), WAY(WRITE), WAY(ZERO_READ), WAY(DIRECT_READ), WAY(DIRECT_WRITE),
	WAY(VM_READV), WAY(VM_WRITEV), WAY(PEEK), WAY(POKE), WAY(MEM_READ), WAY(MEM_WRITE),
	WAY(URING_READ), WAY(URING_WRITE), WAY(URING_DIRECT_READ), WAY(URING_DIRECT_WRITE),
	WAY(URING_REGISTER), WAY(POPULATE), WAY(MADV_READ), WAY(MADV_WRITE),
	WAY(MLOCK), WAY(FUTEX), WAY(FUTEX_SHARED), WAY(VMSPLICE),
	MATRIX_NR_WAYS
};

#define OUTCOME(NAME) MATRIX_OUTCOME_##NAME
enum matrix_outcome_id {
	OUTCOME(SERVE), OUTCOME(PRESENT), OUTCOME(EVICTED), OUTCOME(DELAY), OUTCOME(HELD),
	OUTCOME(RETRY), OUTCOME(GATE), OUTCOME(MAJOR), OUTCOME(NOPAGE), OUTCOME(OOM),
	OUTCOME(SIGBUS), OUTCOME(SIGSEGV), OUTCOME(HWPOISON), OUTCOME(HWPOISON_LARGE),
	OUTCOME(UNPLUG), OUTCOME(PAST_END),
	MATRIX_NR_OUTCOMES
};

/* matrix/axis/cell.c: the dimensions, and their tables. */
extern const struct matrix_mapping matrix_mappings[];
extern const unsigned int matrix_nr_mappings;
extern const struct matrix_way matrix_ways[MATRIX_NR_WAYS];
extern const struct matrix_outcome matrix_outcomes[MATRIX_NR_OUTCOMES];
extern const char *const matrix_columns[MATRIX_NR_COLUMNS];

__u64 matrix_cell_facts(const struct matrix_cell *cell);
const char *matrix_kind_name(const struct matrix_cell *cell);
/* Whether the kind has the way: see there. */
bool matrix_kind_has(const struct faultlab_memory *memory, enum matrix_way_id way);
/* "kind/mapping/way/outcome", into a buffer of MATRIX_NAME */
#define MATRIX_NAME	96
char *matrix_cell_name(char *name, const struct matrix_cell *cell);

/* answer.c */
void matrix_answer_call(const struct matrix_call *call, char *text);
void matrix_answer_bytes(const struct matrix_call *call, char *text);
void matrix_answer_present(const struct matrix_call *call, char *text);
void matrix_answer_touch(const struct matrix_call *call, char *text);

/* way/: one file for each sort */
ssize_t matrix_way_mmap(struct matrix_call *call);
ssize_t matrix_way_populate(struct matrix_call *call);
ssize_t matrix_way_load(struct matrix_call *call);
ssize_t matrix_way_store(struct matrix_call *call);
ssize_t matrix_way_exec(struct matrix_call *call);
ssize_t matrix_way_read(struct matrix_call *call);
ssize_t matrix_way_write(struct matrix_call *call);
ssize_t matrix_way_zero_read(struct matrix_call *call);
ssize_t matrix_way_direct_read(struct matrix_call *call);
ssize_t matrix_way_direct_write(struct matrix_call *call);
ssize_t matrix_way_vm_readv(struct matrix_call *call);
ssize_t matrix_way_vm_writev(struct matrix_call *call);
ssize_t matrix_way_peek(struct matrix_call *call);
ssize_t matrix_way_poke(struct matrix_call *call);
ssize_t matrix_way_mem_read(struct matrix_call *call);
ssize_t matrix_way_mem_write(struct matrix_call *call);
ssize_t matrix_way_uring_read(struct matrix_call *call);
ssize_t matrix_way_uring_write(struct matrix_call *call);
ssize_t matrix_way_uring_direct_read(struct matrix_call *call);
ssize_t matrix_way_uring_direct_write(struct matrix_call *call);
ssize_t matrix_way_uring_register(struct matrix_call *call);
ssize_t matrix_way_madv_read(struct matrix_call *call);
ssize_t matrix_way_madv_write(struct matrix_call *call);
ssize_t matrix_way_mlock(struct matrix_call *call);
ssize_t matrix_way_futex(struct matrix_call *call);
ssize_t matrix_way_futex_shared(struct matrix_call *call);
ssize_t matrix_way_vmsplice(struct matrix_call *call);

/* run.c: what runs them. A cell that could not be run says so in seen. */
int matrix_run(struct matrix_cell *cells, unsigned int nr);

/* matrix/expect/expect.c: what is to be expected. */
struct matrix_rule {
	__u64 all;		/* the cell has all of these facts */
	__u64 none;		/* and none of those */
	__u32 ways;		/* bits by enum matrix_way_id; 0: any */
	__u32 outcomes;		/* likewise */
	__u64 gives;		/* facts for the columns behind this one */
	const char *text;	/* NULL: what the way says if all goes well */
	const char *function;	/* of the kernel: where it is decided */
	const char *why;
};

/* What is asked of a cell, in this order; columns are put together from answers. */
#define ASK(NAME) MATRIX_ASK_##NAME
enum matrix_question {
	ASK(RESULT),	/* what does the caller get? */
	ASK(CALLBACK),	/* which callback runs first? */
	ASK(TIMES),	/* how often? */
	ASK(HUGE),	/* does it map a PMD? */
	ASK(RETRY),	/* was the lock dropped before? */
	ASK(NOTIFY),	/* which callback follows it? */
	ASK(ACCESS),	/* is .access called after it? */
	/*
	 * Faults, a letter each: m and M are minor and major to the kernel and the
	 * module, k and K the same to the kernel alone, x major to the kernel and minor to the
	 * module.
	 */
	ASK(SERVED),	/* how does the fault count that was served? */
	ASK(NOPAGE),	/* and one before it, that mapped nothing? */
	ASK(NOTIFIED),	/* and a callback that followed? */
	ASK(CORE),	/* what did the core do alone? */
	ASK(LOCK),	/* under which lock? */
	MATRIX_NR_QUESTIONS
};

struct matrix_expected {
	char text[MATRIX_NR_COLUMNS][MATRIX_TEXT];
	const struct matrix_rule *rule[MATRIX_NR_QUESTIONS];
};

__u64 matrix_kernel_facts(void);
void matrix_expect(const struct matrix_cell *cell, struct matrix_expected *expected);
/* The column that an answer is part of. */
enum matrix_column matrix_question_column(enum matrix_question question);
bool matrix_as_expected(const struct matrix_cell *cell);

/* show.c */
void matrix_show_text(const struct matrix_cell *cells, unsigned int nr);
void matrix_show_json(const struct matrix_cell *cells, unsigned int nr);
void matrix_show_ktap(const struct matrix_cell *cells, unsigned int nr);
void matrix_show_reasons(const struct matrix_cell *cell);
void matrix_show_list(void);

#endif /* FAULTLAB_MATRIX_H */
