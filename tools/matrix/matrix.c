// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab matrix: what does the caller of an access path get, in a mapping of some kind,
 * if the fault handler has some outcome?
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "matrix/expect/expect.h"
#include "matrix/matrix.h"
#include "matrix/path/tools.h"
#include "matrix/pick.h"

static int opt_json, opt_ktap, opt_list;
static struct matrix_filter filter;
static const char *explain, *sample, *seed;

static const struct option options[] = {
	{ "json", no_argument, &opt_json, 1 },
	{ "ktap", no_argument, &opt_ktap, 1 },
	{ "list", no_argument, &opt_list, 1 },
	{ "explain", required_argument, NULL, 'e' },
	{ "kind", required_argument, NULL, 'k' },
	{ "mapping", required_argument, NULL, 'm' },
	{ "path", required_argument, NULL, 'p' },
	{ "outcome", required_argument, NULL, 'o' },
	{ "sample", required_argument, NULL, 'n' },
	{ "seed", required_argument, NULL, 's' },
	{ "disk", required_argument, NULL, 'd' },
	{ }
};

static const char **option_value(int c)
{
	switch (c) {
	case 'e': return &explain;
	case 'k': return &filter.text[MATRIX_KIND];
	case 'm': return &filter.text[MATRIX_MAPPING];
	case 'p': return &filter.text[MATRIX_PATH];
	case 'o': return &filter.text[MATRIX_OUTCOME];
	case 'n': return &sample;
	case 's': return &seed;
	case 'd': return &matrix_disk;
	}
	return NULL;
}

static bool parse(int argc, char **argv)
{
	const char **value;
	int c;

	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		value = option_value(c);
		if (value)
			*value = optarg;
		else if (c)
			return !usage("matrix does not know '%s'; try 'faultlab matrix --help'.",
				      argv[optind - 1]);
	}
	if (optind < argc)
		return !usage("matrix wants no '%s'; try 'faultlab matrix --help'.",
			      argv[optind]);
	return true;
}

/* Copies the cells to memory shared with the processes that run them. */
static struct matrix_cell *share(struct matrix_cell *cells, unsigned int nr)
{
	size_t bytes = nr * sizeof(*cells);
	struct matrix_cell *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return NULL;
	memcpy(shared, cells, bytes);
	return shared;
}

static int show(const struct matrix_cell *cells, unsigned int nr)
{
	unsigned int i, good = 0;

	for (i = 0; i < nr; i++)
		good += matrix_as_expected(&cells[i]);

	if (explain)
		matrix_show_reasons(cells);
	else if (opt_json)
		matrix_show_json(cells, nr);
	else if (opt_ktap)
		matrix_show_ktap(cells, nr);
	else
		matrix_show_text(cells, nr);
	if (!opt_json)
		printf("%s%u cells, %u as expected\n", opt_ktap ? "# " : "\n", nr, good);
	return good == nr ? 0 : EXIT_FAILED;
}

static bool want_paths(const struct matrix_cell *cells, unsigned int nr, __u32 paths)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (paths & 1U << cells[i].path)
			return true;
	return false;
}

static __u32 missing_paths(const struct matrix_cell *cells, unsigned int nr)
{
	const __u32 direct = 1U << PATH(DIRECT_READ) | 1U << PATH(DIRECT_WRITE) |
			     1U << PATH(URING_DIRECT_READ) | 1U << PATH(URING_DIRECT_WRITE);
	int fd;

	if (!want_paths(cells, nr, direct))
		return 0;
	fd = matrix_direct_open();
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	fprintf(stderr, "faultlab: no disk %s (modprobe brd, or --disk): ",
		matrix_disk ?: "/dev/ram0");
	fputs("without direct-read and direct-write, also of io_uring.\n", stderr);
	return direct;
}

/* The kinds that this machine or this kernel lacks. */
static __u64 missing_kinds(const struct matrix_cell *cells, unsigned int nr)
{
	__u64 looked = 0, missing = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const struct faultlab_memory *memory = &faultlab_memories[cells[i].kind];
		const __u64 bit = 1ULL << cells[i].kind;
		int fd;

		if (looked & bit)
			continue;
		looked |= bit;
		fd = faultlab_memory_open(memory, sysconf(_SC_PAGESIZE) << memory->order);
		if (fd >= 0) {
			close(fd);
		} else if (faultlab_memory_lacks(fd)) {
			fprintf(stderr, "faultlab: without %s: %s.\n", memory->name,
				faultlab_memory_lacks(fd));
			missing |= bit;
		}
	}
	return missing;
}

static unsigned int drop_missing(struct matrix_cell *cells, unsigned int nr)
{
	const struct matrix_missing missing = {
		.paths = missing_paths(cells, nr), .kinds = missing_kinds(cells, nr),
	};

	return matrix_drop(cells, nr, &missing);
}

static int run(int argc, char **argv)
{
	struct matrix_cell *cells;
	__u64 wanted = 0, draw = 1;
	unsigned int nr;
	int fd, err;

	if (!parse(argc, argv))
		return EXIT_USAGE;
	if (opt_list) {
		matrix_show_list();
		return 0;
	}
	if ((sample && !parse_number(sample, &wanted)) || (seed && !parse_number(seed, &draw)))
		return usage("--sample and --seed want numbers.");
	if (explain && !matrix_filter_cell(&filter, explain))
		return usage("'%s' is no KIND/MAPPING/PATH/OUTCOME of 'faultlab matrix --list'.",
			     explain);
	cells = matrix_pick(&filter, &nr);
	if (!cells || !nr)
		return usage("no cell: --list has the names, --path mmap what cannot be mapped.");
	fd = open_device();
	if (fd < 0)
		return EXIT_FAILED;
	close(fd);
	nr = drop_missing(cells, nr);
	if (!nr)
		return failed("no cell is left to run.");
	if (wanted && wanted < nr)
		nr = matrix_draw(cells, nr, wanted, draw);
	cells = share(cells, nr);
	if (!cells)
		return failed("no memory for %u cells.", nr);
	err = matrix_run(cells, nr);
	return err ? err : show(cells, nr);
}

const struct command command_matrix = {
	.name = "matrix",
	.summary = "run kinds, mappings, access paths and outcomes against each other",
	.help =
	"Usage: faultlab matrix [--json | --ktap] [FILTER...] [--sample N [--seed N]]\n"
	"                       [--disk DEVICE]\n"
	"       faultlab matrix --explain KIND/MAPPING/PATH/OUTCOME\n"
	"       faultlab matrix --list\n"
	"\n"
	"What does the user get when the handler does this, in that kind of mapping,\n"
	"for this access path? Runs each such cell, and shows what the caller got, which\n"
	"callbacks ran, whether the faults were minor or major, and under which lock;\n"
	"and what differs from what is expected. Outcomes that come to the same\n"
	"share a line. Needs root.\n"
	"\n"
	"  --kind LIST     only these, by name, with commas between them\n"
	"  --mapping LIST  likewise\n"
	"  --path LIST     likewise\n"
	"  --outcome LIST  likewise\n"
	"  --sample N      so many cells, spread over all that there is; by --seed N others\n"
	"  --disk DEVICE   for O_DIRECT, instead of /dev/ram0: its first pages are lost\n"
	"  --explain CELL  one cell, and for each column why, with the kernel's function\n"
	"  --list          the names\n"
	"  --json          for programs\n"
	"  --ktap          as a test: a line a cell\n"
	"\n"
	"The last line counts the cells, and those that were as expected; the status is 1\n"
	"if any was not.\n",
	.run = run,
};
