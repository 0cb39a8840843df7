// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab features: what this module can do on this kernel and machine.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/tool.h"

static int opt_json;

static const struct option options[] = {
	{ "json", no_argument, &opt_json, 1 },
	{ }
};

/* Returns the name of the region flag, verdict, access or cache that has bit number bit. */
typedef const char *(*name_fn)(unsigned int bit);

static const char *region_flag(unsigned int bit)
{
	return faultlab_region_flag_name(1ULL << bit);
}

static const char *access_of(unsigned int bit)
{
	return faultlab_access_name(1U << bit);
}

static struct json_object *names(__u64 mask, name_fn name)
{
	struct json_object *list = json_object_new_array();
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		if (mask & 1ULL << bit)
			json_object_array_add(list, json_object_new_string(name(bit)));
	return list;
}

static struct json_object *kind(const struct faultlab_features *f)
{
	struct json_object *row = json_object_new_object();

	json_object_object_add(row, "flags", names(f->region_flags, region_flag));
	json_object_object_add(row, "max_around", json_object_new_int64(f->max_around));
	json_object_object_add(row, "pmd_needs", names(f->pmd_needs, region_flag));
	return row;
}

static struct json_object *kinds(int fd, const struct faultlab_features *any)
{
	struct json_object *of = json_object_new_object();
	struct faultlab_features f;
	unsigned int i;

	for (i = 0; i < 64; i++)
		if (any->kinds & 1ULL << i && !faultlab_features(fd, i, &f))
			json_object_object_add(of, faultlab_kind_name(i), kind(&f));
	return of;
}

static struct json_object *collect(int fd, const struct faultlab_features *f)
{
	struct json_object *all = json_object_new_object();
	const struct {
		const char *name;
		__u64 number;
	} numbers[] = {
		{ "max_bytes", f->max_bytes },
		{ "phys_bytes", f->phys_bytes },
		{ "page_bytes", sysconf(_SC_PAGESIZE) },
		{ "max_order", f->max_order },
		{ "pmd_order", f->pmd_order },
		{ "pud_order", f->pud_order },
		{ "counters", f->stats },
	};
	unsigned int i;

	json_object_object_add(all, "kinds", kinds(fd, f));
	json_object_object_add(all, "verdicts", names(f->verdicts, faultlab_verdict_name));
	json_object_object_add(all, "access", names(f->access, access_of));
	json_object_object_add(all, "caches", names(f->caches, faultlab_cache_name));
	json_object_object_add(all, "kernel_half", json_object_new_boolean(f->walk_flags &
									   FAULTLAB_WALK_KERNEL));
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		json_object_object_add(all, numbers[i].name,
				       json_object_new_uint64(numbers[i].number));
	return all;
}

static void show_names(struct json_object *list)
{
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
		printf(" %s", json_object_get_string(json_object_array_get_idx(list, i)));
}

static void show_kind(const char *name, struct json_object *row)
{
	struct json_object *flags, *around, *needs;

	json_object_object_get_ex(row, "flags", &flags);
	json_object_object_get_ex(row, "max_around", &around);
	json_object_object_get_ex(row, "pmd_needs", &needs);
	printf("kind %-8s flags", name);
	show_names(flags);
	if (json_object_get_int64(around) > 1)
		printf("; around up to %s", json_object_get_string(around));
	if (json_object_array_length(needs)) {
		printf("; a fixed size and pmd_order need one of");
		show_names(needs);
	}
	putchar('\n');
}

static void show(struct json_object *all)
{
	json_object_object_foreach(all, name, value) {
		if (json_object_is_type(value, json_type_object)) {
			json_object_object_foreach(value, kind_name, row)
				show_kind(kind_name, row);
		} else if (json_object_is_type(value, json_type_array)) {
			printf("%-12s ", name);
			show_names(value);
			putchar('\n');
		} else if (json_object_is_type(value, json_type_boolean)) {
			printf("%-12s  %s\n", name, json_object_get_boolean(value) ? "yes" : "no");
		} else {
			printf("%-12s  %s\n", name, json_object_get_string(value));
		}
	}
}

static int run(int argc, char **argv)
{
	struct faultlab_features features;
	struct json_object *all;
	int fd, err, first = parse_options(argc, argv, options);

	if (first < 0)
		return EXIT_USAGE;
	if (first < argc)
		return usage("'%s': features takes options only.", argv[first]);
	fd = open_device();
	if (fd < 0)
		return EXIT_FAILED;
	err = faultlab_features(fd, FAULTLAB_KIND_PAGE, &features);
	if (err) {
		close(fd);
		return failed("cannot read the features: %s.", strerror(-err));
	}
	all = collect(fd, &features);
	close(fd);
	if (opt_json) {
		print_json(all);
	} else {
		show(all);
		json_object_put(all);
	}
	return 0;
}

const struct command command_features = {
	.name = "features",
	.summary = "list what the module supports on this kernel and machine",
	.help =
	"Usage: faultlab features [--json]\n"
	"\n"
	"Lists the kinds, with the flags that a region of each kind can have here, the\n"
	"verdicts and accesses of rules, and:\n"
	"\n"
	"  caches       memory types that a region with phys can have\n"
	"  kernel_half  whether 'faultlab walk --kernel' works\n"
	"  max_bytes    the largest size of a region (module parameter max_pages)\n"
	"  phys_bytes   the size of the physical range (module parameter phys=)\n"
	"  page_bytes   the size of a page\n"
	"  max_order    a folio has 2^max_order pages at most\n"
	"  pmd_order    a PMD maps 2^pmd_order pages, a PUD 2^pud_order\n"
	"  counters     the number of counters\n"
	"\n"
	"  --json       print JSON\n",
	.run = run,
};
