// SPDX-License-Identifier: GPL-2.0-only
/*
 * Turns the counters of an access into the texts of a cell.
 */
#include <stdio.h>
#include <string.h>

#include "matrix/axis/seen.h"

static void append(char *text, const char *sep, const char *what, __u64 times)
{
	size_t used = strlen(text);

	if (!times)
		return;
	snprintf(text + used, MATRIX_TEXT - used, "%s%s", used ? sep : "", what);
	used = strlen(text);
	if (times > 1)
		snprintf(text + used, MATRIX_TEXT - used, " x%llu", times);
}

static const struct {
	enum faultlab_stat stat;
	const char *name;
} callbacks[] = {
	{ FAULTLAB_STAT_RETRY, "retry" },
	{ FAULTLAB_STAT_FAULT_READ, "read" },
	{ FAULTLAB_STAT_FAULT_WRITE, "write" },
	{ FAULTLAB_STAT_FAULT_COW, "cow" },
	{ FAULTLAB_STAT_FAULT_MKWRITE, "mkwrite" },
	{ FAULTLAB_STAT_FAULT_PFN_MKWRITE, "pfn_mkwrite" },
	{ FAULTLAB_STAT_FAULT_AROUND, "around" },
	{ FAULTLAB_STAT_FAULT_HUGE_PMD, "huge" },
	{ FAULTLAB_STAT_ACCESS, "access" },
};

static void describe_counts(char *text, __u64 minor, __u64 major)
{
	append(text, " + ", "minor", minor);
	append(text, " + ", "major", major);
	if (!*text)
		strcpy(text, "none");
}

void matrix_describe_faults(const struct faultlab_stats *counts, long minflt, long majflt,
			    char *text)
{
	char kernel[MATRIX_TEXT] = "", module[MATRIX_TEXT] = "";

	describe_counts(kernel, minflt, majflt);
	describe_counts(module, counts->value[FAULTLAB_STAT_MINOR],
			counts->value[FAULTLAB_STAT_MAJOR]);
	if (strcmp(kernel, module))
		snprintf(text, MATRIX_TEXT, "%.18s; module %.18s", kernel, module);
	else
		strcpy(text, kernel);
}

void matrix_describe(const struct faultlab_stats *counts, long minflt, long majflt,
		     struct matrix_cell *cell)
{
	char *ran = cell->seen[MATRIX_CALLBACKS], *lock = cell->seen[MATRIX_LOCK];
	const __u64 *value = counts->value;
	unsigned int i;

	*ran = '\0';
	for (i = 0; i < ARRAY_SIZE(callbacks); i++)
		append(ran, ", ", callbacks[i].name, value[callbacks[i].stat]);
	if (!*ran)
		strcpy(ran, "none");

	*lock = '\0';
	append(lock, " + ", "VMA", !!value[FAULTLAB_STAT_UNDER_VMA_LOCK]);
	append(lock, " + ", "mmap", !!value[FAULTLAB_STAT_UNDER_MMAP_LOCK]);
	if (!*lock)
		strcpy(lock, "-");

	matrix_describe_faults(counts, minflt, majflt, cell->seen[MATRIX_FAULTS]);
}
