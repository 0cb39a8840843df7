// SPDX-License-Identifier: GPL-2.0-only
/*
 * A measurement as one line of text, from two sources: see tlib.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/tlib.h"
#include "lib/newer.h"

/* Larger anonymous VMAs (thread stacks) take too long to populate. */
#define SETTLE_MAX	(1UL << 20)

static void settle_stack(void)
{
	char room[65536];

	/* Touch the stack. memset() would be dropped by the compiler, as room is never read. */
	explicit_bzero(room, sizeof(room));
}

static void settle_vma(const char *line)
{
	unsigned long start, end, inode;
	char perms[5];

	if (strstr(line, FAULTLAB_DEVICE) || strstr(line, "[v") ||
	    sscanf(line, "%lx-%lx %4s %*x %*s %lu", &start, &end, perms, &inode) != 4)
		return;
	if (!inode && end - start > SETTLE_MAX)
		return;
	if (perms[1] == 'w')
		madvise((void *)start, end - start, MADV_POPULATE_WRITE);
	else if (perms[0] == 'r')
		madvise((void *)start, end - start, MADV_POPULATE_READ);
}

void tlib_settle(void)
{
	char line[512];
	FILE *maps;

	settle_stack();
	maps = fopen("/proc/self/maps", "re");
	if (!maps)
		return;
	while (fgets(line, sizeof(line), maps))
		settle_vma(line);
	fclose(maps);
}

void tlib_warm_up(struct faultlab_witness *witness)
{
	struct faultlab_touch touch;

	faultlab_touch_read(NULL, &touch);
	faultlab_witness_begin(witness, RUSAGE_THREAD);
	tlib_settle();
}

int tlib_counts_begin(int fd, struct tlib_mark *mark)
{
	int err;

	tlib_warm_up(&mark->witness);

	mark->fd = fd;
	err = faultlab_stats(fd, &mark->stats);
	return err ? err : faultlab_witness_begin(&mark->witness, RUSAGE_THREAD);
}

__u64 tlib_moved(const struct tlib_mark *mark, enum faultlab_stat stat)
{
	return mark->stats.value[stat];
}

__u64 tlib_stat(int fd, enum faultlab_stat stat)
{
	struct faultlab_stats stats;

	return faultlab_stats(fd, &stats) ? ~0ULL : stats.value[stat];
}

static int add_stat(char *to, size_t room, enum faultlab_stat stat, const __u64 *moved)
{
	switch (stat) {
	case FAULTLAB_STAT_REGIONS:
	case FAULTLAB_STAT_PAGES_PEAK:
	case FAULTLAB_STAT_UNDER_MMAP_LOCK:
		return 0;
	case FAULTLAB_STAT_UNDER_VMA_LOCK: {
		__u64 locked = moved[stat] + moved[FAULTLAB_STAT_UNDER_MMAP_LOCK];

		return locked ? snprintf(to, room, "locked %llu ", locked) : 0;
	}
	/*
	 * Left out of the text: the level `vmas`, which is in it, is enough to show that
	 * VMAs came or went. test_vma_event tests these counters.
	 */
	case FAULTLAB_STAT_MMAP:
	case FAULTLAB_STAT_VMA_OPEN:
	case FAULTLAB_STAT_VMA_CLOSE:
	case FAULTLAB_STAT_VMA_SPLIT:
		return 0;
	case FAULTLAB_STAT_DELAY_NS:
		return moved[stat] ? snprintf(to, room, "delayed ") : 0;
	default:
		if (!moved[stat])
			return 0;
		return snprintf(to, room, faultlab_stat_is_level(stat) ? "%s %+lld " : "%s %lld ",
				faultlab_stat_name(stat), (long long)moved[stat]);
	}
}

const char *tlib_counts_end(struct tlib_mark *mark)
{
	static __thread char text[1024];
	int err = faultlab_witness_end(&mark->witness);
	struct faultlab_stats now;
	unsigned int i;
	size_t n = 0;

	if (!err)
		err = faultlab_stats(mark->fd, &now);
	if (err)
		return strerror(-err);

	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		mark->stats.value[i] = now.value[i] - mark->stats.value[i];
	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		n += add_stat(text + n, sizeof(text) - n, i, mark->stats.value);
	if (mark->witness.minflt)
		n += snprintf(text + n, sizeof(text) - n, "minflt %ld ", mark->witness.minflt);
	if (mark->witness.majflt)
		n += snprintf(text + n, sizeof(text) - n, "majflt %ld ", mark->witness.majflt);
	text[n ? n - 1 : 0] = '\0';
	return text;
}
