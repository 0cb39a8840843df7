// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab try: a region, its rules and its faults in one command.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "try/try.h"

/* For --touch exec: bytes copied to each page, at least the whole function. */
#define CODE_BYTES	32

__attribute__((noinline, noclone, noipa)) static void returns_at_once(void)
{
	__asm__ volatile("");
}

/*
 * Prints why the module refused the configuration. faultlab_config_check() finds all
 * reasons but a conflict with other regions, which is EBUSY.
 */
static int config_failed(int fd, const struct faultlab_config *config, int err)
{
	struct faultlab_features features;
	const char *why;

	if (err == -EBUSY)
		return failed("another region uses the physical range (phys).");
	if (!faultlab_features(fd, config->kind, &features) &&
	    faultlab_config_check(config, &features, &why) == err)
		return failed("%s", why);
	return failed("cannot configure the region: %s.", strerror(-err));
}

static bool touches(const struct try_order *order, enum try_touch how)
{
	unsigned int i;

	for (i = 0; i < order->nr_touches; i++)
		if (order->touches[i] == how)
			return true;
	return false;
}

/* Copies a function to each page, through a temporary mapping, before rules are set. */
static int fill_with_code(int fd, const struct try_order *order)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t bytes = order->config.bytes;
	char *mem;
	__u64 i;

	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mem == MAP_FAILED)
		return failed("cannot map the region: %s.", strerror(errno));
	for (i = 0; i < order->pages; i++)
		memcpy(mem + i * page, (void *)(uintptr_t)returns_at_once, CODE_BYTES);
	__builtin___clear_cache(mem, mem + bytes);
	munmap(mem, bytes);
	return 0;
}

static int set_rules(int fd, const struct try_order *order)
{
	int err = faultlab_rules(fd, FAULTLAB_RULE_SET, order->rules, order->nr_rules);

	if (err == -ENOSPC)
		return failed("a rule has pages= above the module parameter max_pages.");
	return err ? failed("cannot set the rules: %s.", strerror(-err)) : 0;
}

static int set_up(int fd, const struct try_order *order, struct try_place *place)
{
	struct faultlab_info info;
	int err;

	err = faultlab_configure(fd, &order->config);
	if (err)
		return config_failed(fd, &order->config, err);
	if (touches(order, TRY_EXEC)) {
		err = fill_with_code(fd, order);
		if (err)
			return err;
	}
	err = set_rules(fd, order);
	if (err)
		return err;
	err = faultlab_info(fd, &info);
	if (err)
		return failed("cannot read the region's number: %s.", strerror(-err));
	place->region = info.id;
	return 0;
}

/*
 * A private mapping gets PROT_WRITE only if it will be written: kinds that map PFNs refuse
 * a private writable mapping, as the kernel supports no CoW of such entries.
 */
static int map(int fd, const struct try_order *order, struct try_place *place)
{
	int prot = PROT_READ;

	if (!order->private || touches(order, TRY_WRITE))
		prot |= PROT_WRITE;
	if (touches(order, TRY_EXEC))
		prot |= PROT_EXEC;
	place->bytes = order->config.bytes;
	place->start = mmap(NULL, place->bytes, prot, order->private ? MAP_PRIVATE : MAP_SHARED,
			    fd, 0);
	if (place->start != MAP_FAILED)
		return 0;
	if (errno == EINVAL && order->private)
		return failed("PFNs cannot be private and writable: CoW needs a struct page.");
	if (errno == EPERM && (prot & PROT_EXEC))
		return failed("/dev is mounted noexec: try 'mount -o remount,exec /dev'.");
	return failed("cannot map the region: %s.", strerror(errno));
}

static int touch(int fd, enum try_touch how, char *at, struct try_result *result)
{
	result->how = how;
	if (how == TRY_READ)
		faultlab_touch_read(at, &result->touch);
	else if (how == TRY_WRITE)
		faultlab_touch_write(at, 'A' + result->page % 26, &result->touch);
	else
		faultlab_touch_exec(at, &result->touch);
	return faultlab_walk_page(fd, 0, at, &result->entry);
}

static int touch_pages(int fd, const struct try_order *order, struct try_place *place,
		       struct try_seen *seen)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct try_result result;
	unsigned int i;
	int err;

	for (i = 0; i < order->nr_touches; i++) {
		for (result.page = 0; result.page < order->pages; result.page++) {
			err = touch(fd, order->touches[i], place->start + result.page * page,
				    &result);
			if (err)
				return failed("cannot read the entry: %s.", strerror(-err));
			seen->pmds += result.entry.level != FAULTLAB_LEVEL_PTE &&
				      result.entry.flags & FAULTLAB_PTE_LEAF;
			try_show_touch(place, &result);
		}
	}
	return 0;
}

/*
 * Faults in what a touch and its signal handler use themselves, so that the time of the
 * first touch does not include those faults.
 */
static void warm_up(void)
{
	struct faultlab_touch result;

	faultlab_touch_read(&result, &result);
	faultlab_touch_read(NULL, &result);
}

static int play(int fd, const struct try_order *order)
{
	struct try_place place = { .order = order };
	struct faultlab_features features;
	struct faultlab_stats before;
	struct try_seen seen = { };
	int err;

	err = set_up(fd, order, &place);
	if (!err)
		err = map(fd, order, &place);
	if (err)
		return err;
	warm_up();
	try_show_begin(&place);
	err = faultlab_stats(fd, &before);
	if (!err)
		err = touch_pages(fd, order, &place, &seen);
	if (err < 0 || (!err && (faultlab_stats(fd, &seen.moved) ||
				 faultlab_features(fd, order->config.kind, &features))))
		return failed("cannot read the counters.");
	if (err)
		return err;
	seen.pmd_order = features.pmd_order;
	faultlab_stats_diff(&before, &seen.moved, &seen.moved);
	try_show_end(&place, &seen);
	fflush(stdout);
	if (order->hold)
		sleep(order->hold);
	return 0;
}

static int run(int argc, char **argv)
{
	struct try_order order;
	int fd, err;

	err = try_parse(argc, argv, &order);
	if (err)
		return err;
	fd = open_device();
	if (fd < 0)
		return EXIT_FAILED;
	err = play(fd, &order);
	close(fd);
	return err;
}

const struct command command_try = {
	.name = "try",
	.summary = "access a new region under rules, and show how each access ends",
	.help =
	"Usage: faultlab try [OPTION...]\n"
	"\n"
	"Makes a region, sets its rules, maps it and accesses its pages in order. Prints\n"
	"a line for each access: the value that was read, or the signal; the time; and\n"
	"the page-table entry after it. At the end it prints the counters that changed,\n"
	"and what was asked for and did not happen.\n"
	"\n"
	"  --rule RULE    a rule, in quotes; can be repeated; see 'faultlab rule --help'\n"
	"  --touch HOW    read, write or exec; with commas several, each over all pages\n"
	"                 (default: read)\n"
	"  --pages N      number of pages of the region (default: 4)\n"
	"  --private      map it with MAP_PRIVATE (default: MAP_SHARED)\n"
	"  --kind KIND    page, pfn, remap or mixed (default: page)\n"
	"  --flags NAMES  insert, mkwrite, phys, huge, whole; several with commas\n"
	"  --order N      memory comes in folios of 2^N pages (default: 0)\n"
	"  --around N     pages that one fault maps, for kind pfn (default: 1)\n"
	"  --cache TYPE   memory type of phys: wb, wc or uc (default: wb)\n"
	"  --hold N       keep the region for N seconds, for other shells to look at\n"
	"  --json         print JSON\n",
	.run = run,
};
