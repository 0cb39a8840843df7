/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the subcommands share: their table, arguments, errors and figures.
 */
#ifndef FAULTLAB_TOOL_H
#define FAULTLAB_TOOL_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <json-c/json.h>

#include "faultlab.h"
#include "util.h"

/* Exit statuses; 0 is success. */
#define EXIT_FAILED	1
#define EXIT_USAGE	2

struct command {
	const char *name;
	const char *summary;
	const char *help;	/* what --help prints */
	int (*run)(int argc, char **argv);
};

extern const struct command command_features;
extern const struct command command_matrix;
extern const struct command command_record;
extern const struct command command_report;
extern const struct command command_rule;
extern const struct command command_try;
extern const struct command command_evict;
extern const struct command command_unplug;
extern const struct command command_gate;
extern const struct command command_reset;
extern const struct command command_bench;
extern const struct command command_stat;
extern const struct command command_top;
extern const struct command command_tour;
extern const struct command command_walk;

#define __printf(a, b)	__attribute((format(printf, a, b)))

/*
 * Print "faultlab: " and a sentence on stderr. Return the exit status: EXIT_FAILED or
 * EXIT_USAGE.
 */
__printf(1, 2) int failed(const char *format, ...);
__printf(1, 2) int usage(const char *format, ...);

/*
 * Parses options that take no argument by getopt_long(), which sets their flags.
 * Returns the index of the first operand, or -1 after an error was printed.
 */
int parse_options(int argc, char **argv, const struct option *options);

/* Prints which option getopt_long() has refused. Returns the exit status. */
int bad_option(char **argv);

#define NO_MODULE \
	"there is no " FAULTLAB_DEVICE ": load the module (in a VM of the tree: scripts/vm-load)."
#define NO_REGION_NUMBER \
	"'%s' is not the number of a region; 'faultlab stat --regions' lists them."

/* Hexadecimal or decimal; a size may end in K, M, G or T. */
bool parse_number(const char *text, __u64 *number);
bool parse_size(const char *text, __u64 *bytes);

/* device.c: returns a descriptor, or -1 after an error was printed. */
int open_device(void);

/*
 * debugfs.c: the module's files in debugfs. fn gets lines without their newline. Errors
 * are printed, and the exit status returned.
 */
int debugfs_failed(const char *path, int err);
int debugfs_each_line(const char *path, void (*fn)(char *line, struct json_object *to),
		      struct json_object *to);

/* A line of the debugfs file regions. */
struct debugfs_region {
	__u32 id;
	char kind[16];
	__u64 bytes, pages, vmas;
	int pid;		/* of the process that opened the region; it may have ended */
	char flags[64];
	const char *comm;	/* of that process; points into the line; may have blanks */
};

/*
 * Parses a line of regions. Returns false for the heading, whose first word is no number.
 * Removes the line feed from the line.
 */
bool debugfs_parse_region(char *line, struct debugfs_region *region);

/*
 * Parses a rule, and checks it as far as possible without the module. Returns 0, or the
 * exit status after the reason was printed.
 */
int parse_rule(const char *text, struct faultlab_rule *rule);

/* Format into a buffer of at least FIGURE_MAX, and return it. */
#define FIGURE_MAX	32
char *figure_grouped(char *text, __u64 number);	/* 1,234,567 */
char *figure_size(char *text, __u64 bytes);	/* 4K, 2M, 929.0G */
char *figure_time(char *text, __u64 ns);	/* 850 ns, 12.3 us, 1.20 ms, 3.05 s */

/* An escape sequence if stdout is a terminal and NO_COLOR is unset or empty, else "". */
enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD };
const char *style(enum style style);

/* Prints the object and releases it. */
void print_json(struct json_object *object);

/*
 * json_list.c: an object whose last member is a list. It is printed in the layout of
 * print_json(), but one element at a time, so that a long list is never all in memory.
 */
struct json_list {
	const char *name;		/* of the member that is the list */
	struct json_object *head;	/* the object with the other members */
	bool begun;
};

/* Prints and frees an element. Returns 0, or -EIO if it cannot be written. */
int json_list_add(struct json_list *list, struct json_object *element);
/*
 * json_list_end() prints the end of the list. json_list_drop() prints nothing: it is for a
 * list to which no element was added. Both free the head.
 */
void json_list_end(struct json_list *list);
void json_list_drop(struct json_list *list);

/*
 * Makes the name of a task or a file, which any user can choose, safe for terminals and
 * JSON. Control characters, and bytes that are not UTF-8, become octal escapes (\033).
 * Writes as much as fits to text and returns text. Its output is unchanged by a second
 * call.
 */
char *printable(const char *name, char *text, size_t size);

#endif /* FAULTLAB_TOOL_H */
