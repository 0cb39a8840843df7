// SPDX-License-Identifier: GPL-2.0-only
/* What must hold whatever programs do. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "fuzz/calls/run.h"

void fuzz_check_stats(char *failure, const struct faultlab_stats *stats)
{
	unsigned int i;

	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		if ((__s64)stats->value[i] < 0)
			fuzz_note(failure, "counter %s is %lld", faultlab_stat_name(i),
				  (__s64)stats->value[i]);
}

/* Faults that the kernel has counted for this process and the children that it reaped. */
static __u64 kernel_faults(void)
{
	static const int whose[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
	struct rusage usage;
	unsigned int i;
	__u64 n = 0;

	for (i = 0; i < ARRAY_SIZE(whose); i++)
		if (!getrusage(whose[i], &usage))
			n += usage.ru_minflt + usage.ru_majflt;
	return n;
}

/* Whether an earlier slot has the same region. */
static bool is_repeated(const __u32 *id, unsigned int slot)
{
	unsigned int i;

	for (i = 0; i < slot; i++)
		if (id[i] == id[slot])
			return true;
	return false;
}

/*
 * Only the program and its children have its regions. So of the kernel's faults those in
 * the regions are a part, but for faults of broken pages: the kernel does not count a fault
 * that fails after the callback, and the module does not know that it failed.
 */
void fuzz_check_regions(struct fuzz_world *w)
{
	struct faultlab_info shared = { 0 }, info;
	struct faultlab_stats stats;
	__u32 id[FUZZ_FDS] = { 0 };
	__u64 faults = 0, kernel;
	unsigned int i;

	faultlab_info(w->shared, &shared);
	for (i = 0; i < FUZZ_FDS; i++) {
		/* Others are using the shared region. */
		if (w->fd[i] < 0 || faultlab_info(w->fd[i], &info) || info.id == shared.id)
			continue;
		id[i] = info.id;
		if (is_repeated(id, i) || faultlab_stats(w->fd[i], &stats))
			continue;
		fuzz_check_stats(w->failure, &stats);
		faults += stats.value[FAULTLAB_STAT_MINOR] + stats.value[FAULTLAB_STAT_MAJOR];
	}
	kernel = kernel_faults();
	if (faults > kernel && !(w->traits & FUZZ_BREAKS))
		fuzz_fail(w, "regions count %llu faults, the kernel %llu", faults, kernel);
}

__u64 fuzz_callbacks(int fd)
{
	static const enum faultlab_stat called[] = {
		FAULTLAB_STAT_FAULT_READ, FAULTLAB_STAT_FAULT_WRITE, FAULTLAB_STAT_FAULT_COW,
		FAULTLAB_STAT_FAULT_MKWRITE, FAULTLAB_STAT_FAULT_PFN_MKWRITE,
		FAULTLAB_STAT_FAULT_AROUND, FAULTLAB_STAT_RETRY,
	};
	struct faultlab_stats stats;
	__u64 n = 0;
	unsigned int i;

	if (faultlab_stats(fd, &stats))
		return 0;
	for (i = 0; i < ARRAY_SIZE(called); i++)
		n += stats.value[called[i]];
	return n;
}

bool fuzz_check_quiet(char *why, size_t size)
{
	static const char *const levels[] = { "regions", "vmas", "pages" };
	char line[128], name[64];
	unsigned int found = 0, i;
	bool quiet = true;
	__u64 value;
	FILE *file;

	file = fopen(FAULTLAB_DEBUGFS "/stats", "re");
	if (!file) {
		snprintf(why, size, "debugfs stats cannot be read");
		return false;
	}
	while (quiet && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %llu", name, &value) != 2)
			continue;
		for (i = 0; i < ARRAY_SIZE(levels); i++) {
			if (strcmp(name, levels[i]))
				continue;
			found++;
			if (!value)
				continue;
			snprintf(why, size, "no region is open, but %s is %llu", name, value);
			quiet = false;
		}
	}
	fclose(file);
	if (quiet && found != ARRAY_SIZE(levels)) {
		snprintf(why, size, "debugfs stats has %u of 3 levels", found);
		quiet = false;
	}
	return quiet;
}
