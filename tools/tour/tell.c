// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the result of one access.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tour/tell.h"

static const struct {
	enum faultlab_stat stat;
	const char *text;
} callbacks[] = {
	{ FAULTLAB_STAT_FAULT_AROUND, "fault-around (.map_pages)" },
	{ FAULTLAB_STAT_FAULT_READ, "read (.fault)" },
	{ FAULTLAB_STAT_FAULT_WRITE, "shared write (.fault)" },
	{ FAULTLAB_STAT_FAULT_COW, "private write (.fault, then a copy)" },
	{ FAULTLAB_STAT_FAULT_MKWRITE, "write notification (.page_mkwrite)" },
	{ FAULTLAB_STAT_FAULT_PFN_MKWRITE, "write notification (.pfn_mkwrite)" },
};

_Static_assert(FAULTLAB_NR_ACCESSES == 9, "is the new access a callback?");

static const struct {
	enum faultlab_stat stat;
	const char *text;
} ends[] = {
	{ FAULTLAB_STAT_UNDER_VMA_LOCK, "under the VMA lock" },
	{ FAULTLAB_STAT_UNDER_MMAP_LOCK, "under mmap_lock" },
	{ FAULTLAB_STAT_RETRY, "after a retry" },
	{ FAULTLAB_STAT_MINOR, "minor" },
	{ FAULTLAB_STAT_MAJOR, "major" },
};

static const struct {
	int signal;
	int code;
	const char *text;
} signals[] = {
	{ 0, 0, "no signal" },
	{ SIGBUS, BUS_ADRERR, "SIGBUS (BUS_ADRERR)" },
	{ SIGBUS, BUS_MCEERR_AR, "SIGBUS (BUS_MCEERR_AR)" },
	{ SIGSEGV, SEGV_MAPERR, "SIGSEGV (SEGV_MAPERR)" },
	{ SIGSEGV, SEGV_ACCERR, "SIGSEGV (SEGV_ACCERR)" },
};

const char *tour_signal_text(int signal, int code)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		if (signals[i].signal == signal && signals[i].code == code)
			return signals[i].text;
	return signal == SIGBUS ? "SIGBUS (another code)" : "SIGSEGV (another code)";
}

bool tour_reached_module(const struct outcome *outcome)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(callbacks); i++)
		if (outcome->count.value[callbacks[i].stat])
			return true;
	return false;
}

static void tell_entry(const char *label, const struct faultlab_walk_entry *entry)
{
	char flags[FAULTLAB_PTE_TEXT_MAX];

	printf("      %-7s ", label);
	if (entry->flags & FAULTLAB_PTE_NO_VMA)
		printf("no VMA: page tables are not walked\n");
	else if (entry->flags & FAULTLAB_PTE_LEAF)
		printf("%s: %s %s, pfn 0x%llx\n", faultlab_level_name(entry->level),
		       faultlab_entry_what(entry),
		       faultlab_pte_text(entry->flags, flags, sizeof(flags)), entry->pfn);
	else
		printf("%s: %s\n", faultlab_level_name(entry->level),
		       faultlab_entry_what(entry));
}

static void tell_callbacks(const struct outcome *outcome)
{
	const char *separator = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(callbacks); i++) {
		if (!outcome->count.value[callbacks[i].stat])
			continue;
		printf("%s%s", separator, callbacks[i].text);
		separator = " + ";
	}
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (outcome->count.value[ends[i].stat])
			printf(", %s", ends[i].text);
}

static void tell_fault(const struct outcome *outcome)
{
	const struct faultlab_touch *touch = &outcome->touch;

	printf("      fault   ");
	if (tour_reached_module(outcome))
		tell_callbacks(outcome);
	else if (touch->signal)
		printf("refused by the kernel alone");
	else if (outcome->kernel.minflt + outcome->kernel.majflt)
		printf("%s, handled by the kernel alone: no callback",
		       outcome->kernel.majflt ? "major" : "minor");
	else
		printf("none: the entry allows the access");
	if (touch->signal)
		printf(", %s", tour_signal_text(touch->signal, touch->code));
	printf("; %llu.%llu µs\n", touch->ns / 1000, touch->ns % 1000 / 100);
}

void tour_tell(const char *what, const struct outcome *outcome)
{
	printf("    %s> %s%s\n", style(STYLE_BOLD), what, style(STYLE_PLAIN));
	tell_entry("before", &outcome->before);
	tell_fault(outcome);
	tell_entry("after", &outcome->after);
	printf("      counts  kernel: %ld minor, %ld major; faultlab: %llu minor, %llu major\n",
	       outcome->kernel.minflt, outcome->kernel.majflt,
	       outcome->count.value[FAULTLAB_STAT_MINOR],
	       outcome->count.value[FAULTLAB_STAT_MAJOR]);
}

void tour_say(const char *format, ...)
{
	va_list args;

	printf("    ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static void problem(struct tour *tour, const char *format, va_list args)
{
	tour->problems++;
	printf("    %sUNEXPECTED:%s ", style(STYLE_BAD), style(STYLE_PLAIN));
	vprintf(format, args);
	putchar('\n');
}

void tour_problem(struct tour *tour, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	problem(tour, format, args);
	va_end(args);
}

bool tour_check(struct tour *tour, bool good, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!good)
		problem(tour, format, args);
	va_end(args);
	return good;
}

void tour_call(struct tour *tour, const char *call, int err, int expected)
{
	printf("    %s> %s%s: %s\n", style(STYLE_BOLD), call, style(STYLE_PLAIN),
	       err ? strerror(err) : "accepted");
	tour_check(tour, err == expected, "%s: %s, not %s", call,
		   err ? strerror(err) : "accepted", expected ? strerror(expected) : "accepted");
}
