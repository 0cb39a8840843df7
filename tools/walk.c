// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk: the page-table entries of a task.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "walk.h"

#define HOLE	(FAULTLAB_PTE_NONE | FAULTLAB_PTE_NO_VMA)

static int opt_json, opt_tables, opt_holes;

static const struct option options[] = {
	{ "json", no_argument, &opt_json, 1 },
	{ "tables", no_argument, &opt_tables, 1 },
	{ "holes", no_argument, &opt_holes, 1 },
	{ }
};

struct output {
	void (*entry)(struct walk_sink *sink, const struct faultlab_walk_entry *entry);
	void (*end)(struct walk_sink *sink);
};

static const struct output outputs[] = {
	{ walk_table_entry, walk_table_end },
	{ walk_json_entry, walk_json_end },
};

struct walking {
	struct walk_sink sink;
	const struct output *output;
	bool merge;				/* adjacent holes become one */
	struct faultlab_walk_entry hole;	/* bytes 0: none is kept back */
};

static void emit(struct walking *walking, const struct faultlab_walk_entry *entry)
{
	walking->output->entry(&walking->sink, entry);
	walking->sink.entries++;
}

static void flush_hole(struct walking *walking)
{
	if (walking->hole.bytes)
		emit(walking, &walking->hole);
	walking->hole.bytes = 0;
}

/* Whether the entry goes on where the hole that is kept back ends. */
static bool extends(const struct faultlab_walk_entry *hole,
		    const struct faultlab_walk_entry *entry)
{
	return hole->bytes && (hole->flags & entry->flags & HOLE) &&
	       hole->level == entry->level && hole->addr + hole->bytes == entry->addr;
}

static int on_entry(const struct faultlab_walk_entry *entry, void *arg)
{
	struct walking *walking = arg;

	if (walking->merge && extends(&walking->hole, entry)) {
		walking->hole.bytes += entry->bytes;
		return 0;
	}
	flush_hole(walking);
	if (walking->merge && (entry->flags & HOLE))
		walking->hole = *entry;
	else
		emit(walking, entry);
	return 0;
}

static int explain(int err, pid_t pid)
{
	if (err == -EPERM)
		return failed("the page tables of another task need CAP_SYS_ADMIN.");
	if (err == -ESRCH)
		return failed("no process %d, or none with an address space.", (int)pid);
	return failed("the walk failed: %s.", strerror(-err));
}

static int parse_task(const char *text, pid_t *pid)
{
	__u64 number = 0;

	if (strcmp(text, "self") && (!parse_number(text, &number) || number > INT32_MAX))
		return usage("'%s' is no process: a PID, or 'self', is wanted.", text);
	*pid = number;
	return 0;
}

/*
 * Addresses are read as /proc/PID/maps prints them, hexadecimal with or without
 * 0x: taken as decimal, one without letters would silently be another.
 */
static bool parse_address(const char *text, __u64 *address, char **end)
{
	if (!isxdigit((unsigned char)*text))
		return false;
	errno = 0;
	*address = strtoull(text, end, 16);
	return !errno;
}

static int parse_range(int argc, char **argv, struct walk_sink *sink)
{
	__u64 page = sysconf(_SC_PAGESIZE);
	__u64 length = page;
	__u64 to;
	char *end;

	if (!parse_address(argv[0], &sink->start, &end))
		return usage("'%s' is no address: a hexadecimal number is wanted.", argv[0]);
	if (*end == '-' && argc == 1) {
		if (!parse_address(end + 1, &to, &end) || to <= sink->start)
			return usage("'%s' is no range of addresses.", argv[0]);
		length = to - sink->start;
	}
	if (*end)
		return usage("'%s' is no address: a hexadecimal number is wanted.", argv[0]);
	if (argc > 1 && (!parse_size(argv[1], &length) || !length))
		return usage("'%s' is no length: a number, with K, M, G or T, is wanted.",
			     argv[1]);
	sink->start &= -page;
	length = (length + page - 1) & -page;
	if (!length || sink->start + length < sink->start)
		return usage("that range does not fit an address space.");
	sink->end = sink->start + length;
	return 0;
}

static int run(int argc, char **argv)
{
	struct walking walking = { 0 };
	struct walk_sink *sink = &walking.sink;
	bool chain;
	int first;
	int err;
	int fd;

	first = parse_options(argc, argv, options);
	if (first < 0)
		return EXIT_USAGE;
	if (argc - first < 2 || argc - first > 3)
		return usage("walk wants PID ADDRESS [LENGTH]; try 'faultlab walk --help'.");
	err = parse_task(argv[first], &sink->pid);
	if (!err)
		err = parse_range(argc - first - 1, argv + first + 1, sink);
	if (err)
		return err;
	fd = open_device();
	if (fd < 0)
		return EXIT_FAILED;

	chain = sink->end - sink->start <= (__u64)sysconf(_SC_PAGESIZE);
	walking.merge = !chain && !opt_tables && !opt_holes;
	walking.output = &outputs[!!opt_json];
	err = faultlab_walk_each(fd, sink->pid, sink->start, sink->end, FAULTLAB_WALK_HOLES |
				 (chain || opt_tables ? FAULTLAB_WALK_TABLES : 0),
				 on_entry, &walking);
	flush_hole(&walking);
	close(fd);
	if (err)
		return explain(err, sink->pid);
	if (!sink->entries)
		return failed("that range is beyond user space.");
	walking.output->end(sink);
	return 0;
}

const struct command command_walk = {
	.name = "walk",
	.summary = "show the page-table entries of a process",
	.help =
	"Usage: faultlab walk [--json] [--tables] [--holes] PID ADDRESS [LENGTH]\n"
	"       faultlab walk [--json] [--tables] [--holes] PID START-END\n"
	"\n"
	"Shows the page-table entries of a process (or of 'self'). Without LENGTH, the\n"
	"chain of all levels that leads to ADDRESS; with it, the pages of the range, and\n"
	"what is not mapped as holes, adjacent ones as one.\n"
	"\n"
	"  --tables  the entries above the pages too\n"
	"  --holes   each empty entry by itself\n"
	"  --json    the same as one JSON object\n"
	"\n"
	"Addresses are hexadecimal, with or without 0x, as /proc/PID/maps prints them;\n"
	"LENGTH is decimal or 0x..., and takes K, M, G or T. Other processes, page frame\n"
	"numbers and raw entries need CAP_SYS_ADMIN.\n",
	.run = run,
};
