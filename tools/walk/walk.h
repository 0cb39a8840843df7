/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declarations shared by the files of `faultlab walk`: the query (what the arguments ask
 * for), and functions that print the answer (the output).
 */
#ifndef FAULTLAB_TOOL_WALK_H
#define FAULTLAB_TOOL_WALK_H

#include "util/tool.h"

struct walk_query {
	int fd;
	pid_t pid;
	__u64 start;
	__u64 end;
	__u32 flags;		/* FAULTLAB_WALK_TABLES, HOLES, KERNEL */
	__u64 require;
	__u64 exclude;
	__u32 require_behind;	/* WALK_ANON, ... */
	__u32 exclude_behind;
	bool pages;		/* entries: with the struct page of each */
	bool one;		/* a single address was named */
	unsigned int seconds;	/* diff: to wait in between */
	char **command;		/* diff: to run in between, or NULL */
};

/* An end beyond every address space. */
#define WALK_EVERYWHERE	(~0ULL)

/* show.c, counts.c, ...: each prints an answer and returns the exit status. */
int walk_show_runs(const struct walk_query *q);
int walk_show_entries(const struct walk_query *q);
int walk_show_raw(const struct walk_query *q);
int walk_show_counts(const struct walk_query *q);
int walk_show_chain(const struct walk_query *q);
int walk_show_kernel(const struct walk_query *q);
int walk_dot(const struct walk_query *q);
int walk_diff(const struct walk_query *q);
int walk_json_runs(const struct walk_query *q);
int walk_json_entries(const struct walk_query *q);
int walk_json_raw(const struct walk_query *q);
int walk_json_counts(const struct walk_query *q);
int walk_json_chain(const struct walk_query *q);
int walk_json_kernel(const struct walk_query *q);
int walk_json_diff(const struct walk_query *q);

/* json.c: parts of JSON objects */
struct json_object *walk_json_hex(__u64 number);
struct json_object *walk_json_flags(__u64 flags);
struct json_object *walk_json_pfn(__u64 flags, __u64 pfn);
struct json_object *walk_json_run(const struct faultlab_walk_run *run);

/*
 * The first begins an answer whose last member is a list; the second ends it, or prints why
 * the walk failed.
 */
struct json_list walk_json_begin(const struct walk_query *q, const char *name);
int walk_json_end(const struct walk_query *q, struct json_list *list, int err);

/*
 * behind.c: calls fn for the entries or runs of a query. The module cannot filter by what
 * an entry maps (WALK_ANON, ...), so that is done here. fn's page is NULL if the query does
 * not need struct pages.
 */
#define WALK_ANON	1	/* an anonymous page */
#define WALK_FILE	2	/* a page of a file, of shared memory or of a driver */
#define WALK_ZERO	4	/* the zero page, of any size */
#define WALK_PFN	8	/* a frame for which vm_normal_page() returns no page */

__u32 walk_behind_by_name(const char *name);	/* one of WALK_ANON, ...; 0: no such name */
bool walk_asks_behind(const struct walk_query *q);
int walk_entries(const struct walk_query *q, faultlab_pages_fn fn, void *arg);
int walk_runs(const struct walk_query *q, faultlab_runs_fn fn, void *arg);

/* Prints why a walk failed. Returns EXIT_FAILED. */
int walk_failed(int err, const struct walk_query *q);

/* parse.c: 0, or EXIT_USAGE after the reason was printed */
#define NO_ADDRESS "'%s' is not an address: write a hexadecimal number, as in /proc/PID/maps."
int walk_parse_task(const char *text, pid_t *pid);
int walk_parse_flags(const char *text, __u64 *flags, __u32 *behind);
int walk_parse_range(char *text, const char *length_text, struct walk_query *q);
bool walk_parse_address(const char *text, __u64 *address, char **end);

/* text.c */
#define WALK_TEXT_MAX	320

/* "page", "2 MiB page", "none", "in swap", "migrating", "marker", ... */
const char *walk_what(__u64 flags, unsigned int level);

/* Flags as in faultlab_pte_text(), and the protection key. */
char *walk_flags(__u64 flags, unsigned int pkey, char *text);

/* "anonymous, mapped 1, references 1, folio of 2M (...)" */
char *walk_page_facts(const struct faultlab_walk_page *page, __u64 flags, char *text);

/* A PFN, or "-" if there is none or it is hidden. */
char *walk_pfn(__u64 flags, __u64 pfn, char *text);
/*
 * The PFN of an entry with a raw word. PFN 0 is shown as well: the raw word shows that the
 * PFN was not hidden, and the kernel half maps frame 0.
 */
char *walk_entry_pfn(const struct faultlab_walk_entry *e, char *text);

/*
 * legend.c: prints below an answer a line for each word that needs an explanation.
 * Arguments are the forms of the answer (enum walk_form) and the flags of its entries.
 */
enum walk_form {
	WALK_IN_RUNS = 1,
	WALK_IN_ENTRIES = 2,
	WALK_IN_PAGES = 4,	/* with the page behind the frame */
	WALK_IN_CHAIN = 8,
	WALK_IN_COUNTS = 16,
	WALK_IN_DIFF = 32,
	WALK_IN_KERNEL = 64,
};

/* Pseudo flags for words of an answer that stand for no flag of an entry. */
#define WALK_READ_ONLY	(1ULL << 63)	/* read-only in a writable mapping */
#define WALK_ALTERED	(1ULL << 62)	/* flags differ from before */
#define WALK_MOVED	(1ULL << 61)	/* frame differs from before */

void walk_legend(unsigned int forms, __u64 flags);

/* The legend for pages that entries map, by their flags in /proc/kpageflags. */
void walk_legend_pages(__u64 flags);

/* WALK_READ_ONLY if the page cannot be written but its mapping can. */
__u64 walk_read_only(const struct faultlab_vma *vma, __u64 flags);

/* "1 page", "1,234 pages", "2 entries" */
char *walk_number(__u64 number, const char *one, char *text);

/* "/usr/bin/cat", "[heap]", "anonymous memory" */
const char *walk_vma_name(const struct faultlab_vma *vma);

/* Bytes that an entry of this level covers. */
__u64 walk_span(unsigned int level);

/*
 * vmas.c: the VMAs in /proc/PID/maps, printed as headings.
 */
struct walk_vmas {
	struct faultlab_vma *at;
	size_t nr;
	size_t room;
	size_t shown;	/* 1 + the index of the VMA that was printed last; 0: none */
	size_t headings;
};

int walk_vmas_read(struct walk_vmas *vmas, pid_t pid);
void walk_vmas_free(struct walk_vmas *vmas);

/* The VMA that contains an address; NULL: none. */
const struct faultlab_vma *walk_vmas_find(const struct walk_vmas *vmas, __u64 addr);

/*
 * Prints the VMA that addr is in as a heading, unless it is the VMA printed last. Returns
 * the VMA, or NULL. flags are those of an entry in the VMA; some (VMA_SOFT_DIRTY) are of
 * the VMA itself, and are printed in the heading.
 */
const struct faultlab_vma *walk_vmas_heading(struct walk_vmas *vmas, __u64 addr, __u64 flags);

/* The sum over all VMAs of a range. */
struct walk_sum {
	struct faultlab_walk_counts counts;	/* of all VMAs together */
	__u64 vmas;
};

int walk_sum(const struct walk_query *q, struct walk_sum *sum);
__u64 walk_sum_tables(const struct walk_sum *sum);
__u64 walk_sum_pages(const struct walk_sum *sum);

#endif /* FAULTLAB_TOOL_WALK_H */
