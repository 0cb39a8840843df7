// SPDX-License-Identifier: GPL-2.0-only
/* What must hold whatever programs do. */
#include <stdio.h>
#include <string.h>

#include "fuzz/calls/run.h"

static __u64 sum(const struct faultlab_stats *stats, const unsigned int *stat, size_t nr)
{
	__u64 n = 0;

	while (nr--)
		n += stats->value[stat[nr]];
	return n;
}

/* Each callback but .page_mkwrite knows its lock; those that end in a retry count nowhere. */
static void check_sums(struct fuzz_world *w, const struct faultlab_stats *stats)
{
	static const unsigned int called[] = {
		FAULTLAB_STAT_FAULT_READ, FAULTLAB_STAT_FAULT_WRITE, FAULTLAB_STAT_FAULT_COW,
		FAULTLAB_STAT_FAULT_PFN_MKWRITE, FAULTLAB_STAT_FAULT_AROUND,
	};
	static const unsigned int locked[] = {
		FAULTLAB_STAT_UNDER_VMA_LOCK, FAULTLAB_STAT_UNDER_MMAP_LOCK,
	};
	const __u64 calls = sum(stats, called, ARRAY_SIZE(called));
	const __u64 locks = sum(stats, locked, ARRAY_SIZE(locked));
	unsigned int i;

	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		if ((__s64)stats->value[i] < 0)
			fuzz_fail(w, "counter %s is %lld", faultlab_stat_name(i),
				  (__s64)stats->value[i]);
	if (calls != locks)
		fuzz_fail(w, "%llu callbacks, but %llu of them under a lock", calls, locks);
}

void fuzz_check_regions(struct fuzz_world *w)
{
	struct faultlab_info shared = { 0 }, info;
	struct faultlab_stats stats;
	unsigned int i;

	faultlab_info(w->shared, &shared);
	for (i = 0; i < FUZZ_FDS; i++) {
		const int fd = w->fd[i];

		/* Others are using the shared region. */
		if (fd < 0 || faultlab_info(fd, &info) || info.id == shared.id)
			continue;
		if (!faultlab_stats(fd, &stats))
			check_sums(w, &stats);
	}
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
