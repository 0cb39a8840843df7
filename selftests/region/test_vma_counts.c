// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of VMAs: whatever happens to VMAs, the counts of live VMAs, of VMAs without
 * cells and of VMAs that ended add up to the region's, and the regions' to the total.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/record/record.h"
#include "lib/space.h"
#include "lib/sys.h"

#define PAGES	8UL
#define MOST	64	/* VMAs of a region that have counters */

struct part {
	unsigned long long start, end, page;
	int pid;
	struct faultlab_stats stats;
};

struct parts {
	struct part vma[MOST];
	unsigned int nr, nr_others;
	struct faultlab_stats others, ended;
};

/* Parse "name value name value" up to the end of the line. Returns its end, or NULL. */
static const char *parse_counts(const char *at, struct faultlab_stats *stats)
{
	unsigned long long value;
	char name[32];
	int used, stat;

	memset(stats, 0, sizeof(*stats));
	while (*at == ' ') {
		if (sscanf(at, " %31s %llu%n", name, &value, &used) != 2)
			return NULL;
		stat = faultlab_stat_by_name(name);
		if (stat < 0 || !value)
			return NULL;
		stats->value[stat] = value;
		at += used;
	}
	return *at == '\n' ? at + 1 : *at ? NULL : at;
}

static int read_parts(int fd, struct parts *parts)
{
	static char text[4 * TLIB_TEXT_MAX];
	const char *at = text;
	char dir[64];
	int used;

	memset(parts, 0, sizeof(*parts));
	if (tlib_region_dir(fd, dir, sizeof(dir)) ||
	    tlib_read_text(tlib_text("%s/vmas", dir), text, sizeof(text)) < 0)
		return -1;
	for (; at && !strncmp(at, "vma ", 4); parts->nr++) {
		struct part *p = &parts->vma[parts->nr];

		if (parts->nr == MOST || sscanf(at, "vma 0x%llx-0x%llx page %llu pid %d%n",
						&p->start, &p->end, &p->page, &p->pid, &used) != 4)
			return -1;
		at = parse_counts(at + used, &p->stats);
	}
	if (!at || sscanf(at, "others %u%n", &parts->nr_others, &used) != 1)
		return -1;
	at = parse_counts(at + used, &parts->others);
	if (!at || strncmp(at, "ended", 5))
		return -1;
	at = parse_counts(at + 5, &parts->ended);
	return at && !*at ? 0 : -1;
}

/* The line of the VMA at an address in a process; zeros if there is none. */
static const struct part *part_of(const struct parts *parts, const void *addr, pid_t pid)
{
	static const struct part none;
	unsigned long long at = (uintptr_t)addr;
	unsigned int i;

	for (i = 0; i < parts->nr; i++)
		if (parts->vma[i].start <= at && at < parts->vma[i].end &&
		    parts->vma[i].pid == pid)
			return &parts->vma[i];
	return &none;
}

static __u64 sum_of(const struct parts *parts, unsigned int stat)
{
	__u64 sum = parts->others.value[stat] + parts->ended.value[stat];
	unsigned int i;

	for (i = 0; i < parts->nr; i++)
		sum += parts->vma[i].stats.value[stat];
	return sum;
}

/* The first counter whose values for the parts do not add up to the region's, or "". */
static const char *amiss(int fd, struct parts *parts)
{
	struct faultlab_stats whole;
	unsigned int i;

	if (read_parts(fd, parts) || faultlab_stats(fd, &whole))
		return "the file vmas is not readable";
	if (parts->nr + parts->nr_others != whole.value[FAULTLAB_STAT_VMAS])
		return "the number of VMAs";
	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		if (!faultlab_stat_is_level(i) && sum_of(parts, i) != whole.value[i])
			return faultlab_stat_name(i);
	return "";
}

static void write_pages(char *at, size_t first, size_t nr)
{
	size_t i;

	for (i = first; i < first + nr; i++)
		faultlab_touch_write(tlib_at(at, i), 1, NULL);
}

#define WRITES	stats.value[FAULTLAB_STAT_FAULT_WRITE]
#define READS	stats.value[FAULTLAB_STAT_FAULT_READ]

FIXTURE(vma_counters)
{
	int fd;
	char *at;
	struct parts parts;
};

FIXTURE_SETUP(vma_counters)
{
	if (access(TLIB_STATS, F_OK))
		SKIP(return, "no " TLIB_STATS " (CONFIG_DEBUG_FS, mounted)");
	/* With WHOLE, VMAs never merge, so they have cells. */
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_WHOLE, 0);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
	write_pages(self->at, 0, 4);
}

FIXTURE_TEARDOWN(vma_counters)
{
	close(self->fd);
}

TEST_F(vma_counters, a_vma_is_listed_with_range_pid_and_its_counts)
{
	const struct part *p = &self->parts.vma[0];

	ASSERT_STREQ("", amiss(self->fd, &self->parts));
	ASSERT_EQ(1, self->parts.nr);
	EXPECT_EQ((uintptr_t)self->at, p->start);
	EXPECT_EQ((uintptr_t)self->at + PAGES * TLIB_PAGE, p->end);
	EXPECT_EQ(0, p->page);
	EXPECT_EQ(getpid(), p->pid);
	EXPECT_EQ(4, p->WRITES);
	EXPECT_EQ(4, p->stats.value[FAULTLAB_STAT_MINOR]);
}

TEST_F(vma_counters, after_a_split_one_half_keeps_the_counts_and_the_other_starts_at_zero)
{
	const struct part *low, *high;

	ASSERT_EQ(0, mprotect(tlib_at(self->at, 4), 4 * TLIB_PAGE, PROT_READ));
	tlib_touch_pages(self->at, 4, 3);
	ASSERT_STREQ("", amiss(self->fd, &self->parts));
	ASSERT_EQ(2, self->parts.nr);
	low = part_of(&self->parts, self->at, getpid());
	high = part_of(&self->parts, tlib_at(self->at, 4), getpid());
	EXPECT_EQ(4, high->page);
	EXPECT_EQ(0, low->READS);
	EXPECT_EQ(3, high->READS);
	/* The kernel decides which half is the new VMA. */
	EXPECT_EQ(4, low->WRITES + high->WRITES);
	EXPECT_EQ(0, low->WRITES * high->WRITES);
}

TEST_F(vma_counters, a_forked_vma_counts_from_zero_and_its_counts_stay_after_exit)
{
	struct tlib_peer peer;
	pid_t pid = tlib_peer_fork(&peer);

	ASSERT_LE(0, pid);
	if (!pid) {
		tlib_peer_await(&peer);
		write_pages(self->at, 4, 3);
		tlib_peer_nudge(&peer);
		tlib_peer_await(&peer);
		_exit(0);
	}
	ASSERT_STREQ("", amiss(self->fd, &self->parts));
	ASSERT_EQ(2, self->parts.nr);
	EXPECT_EQ((uintptr_t)self->at, part_of(&self->parts, self->at, pid)->start);
	EXPECT_EQ(0, part_of(&self->parts, self->at, pid)->WRITES);
	tlib_peer_nudge(&peer);
	ASSERT_EQ(0, tlib_peer_await(&peer));
	EXPECT_STREQ("", amiss(self->fd, &self->parts));
	EXPECT_EQ(3, part_of(&self->parts, self->at, pid)->WRITES);
	EXPECT_EQ(4, part_of(&self->parts, self->at, getpid())->WRITES);
	tlib_peer_nudge(&peer);
	ASSERT_EQ(0, tlib_peer_join(&peer));
	EXPECT_STREQ("", amiss(self->fd, &self->parts));
	EXPECT_EQ(1, self->parts.nr);
	EXPECT_EQ(3, self->parts.ended.value[FAULTLAB_STAT_FAULT_WRITE]);
	EXPECT_EQ(4, part_of(&self->parts, self->at, getpid())->WRITES);
}

TEST_F(vma_counters, counts_of_an_unmapped_vma_move_to_the_line_ended)
{
	ASSERT_EQ(0, munmap(tlib_at(self->at, 1), 2 * TLIB_PAGE));
	EXPECT_STREQ("", amiss(self->fd, &self->parts));
	EXPECT_EQ(2, self->parts.nr);
	write_pages(self->at, 5, 3);
	EXPECT_STREQ("", amiss(self->fd, &self->parts));
	EXPECT_EQ(7, sum_of(&self->parts, FAULTLAB_STAT_FAULT_WRITE));
	ASSERT_EQ(0, munmap(self->at, PAGES * TLIB_PAGE));
	EXPECT_STREQ("", amiss(self->fd, &self->parts));
	EXPECT_EQ(0, self->parts.nr);
	EXPECT_EQ(7, self->parts.ended.value[FAULTLAB_STAT_FAULT_WRITE]);
}

TEST_F(vma_counters, a_moved_vma_counts_from_zero_and_its_old_counts_move_to_ended)
{
	char *room = mmap(NULL, PAGES * TLIB_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *to;

	ASSERT_NE(MAP_FAILED, room);
	to = mremap(self->at, PAGES * TLIB_PAGE, PAGES * TLIB_PAGE,
		    MREMAP_MAYMOVE | MREMAP_FIXED, room);
	ASSERT_EQ(room, to);
	write_pages(to, 4, 2);
	EXPECT_STREQ("", amiss(self->fd, &self->parts));
	ASSERT_EQ(1, self->parts.nr);
	EXPECT_EQ((uintptr_t)to, self->parts.vma[0].start);
	EXPECT_EQ(2, self->parts.vma[0].WRITES);
	EXPECT_EQ(4, self->parts.ended.value[FAULTLAB_STAT_FAULT_WRITE]);
	EXPECT_EQ(1, sum_of(&self->parts, FAULTLAB_STAT_MREMAP));
}

/*
 * A delayed fault drops its lock before it waits. When the delay is counted, its VMA may
 * be gone, so the delay is counted for no VMA.
 */
TEST_F(vma_counters, a_delay_without_the_lock_is_counted_in_the_line_others)
{
	struct faultlab_rule rule = tlib_rule(5, 1, FAULTLAB_VERDICT_SERVE, TLIB_MS);

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 5), NULL));
	EXPECT_STREQ("", amiss(self->fd, &self->parts));
	ASSERT_EQ(1, self->parts.nr);
	EXPECT_EQ(0, self->parts.nr_others);
	EXPECT_EQ(1, self->parts.others.value[FAULTLAB_STAT_RETRY]);
	EXPECT_LE(NSEC_PER_MS, self->parts.others.value[FAULTLAB_STAT_DELAY_NS]);
	/* The retried fault is counted for the VMA. */
	EXPECT_EQ(1, self->parts.vma[0].READS);
	EXPECT_EQ(0, self->parts.vma[0].stats.value[FAULTLAB_STAT_RETRY]);
}

/* Alternating protections make each page a VMA. */
TEST_F(vma_counters, vmas_beyond_the_64th_are_counted_together)
{
	char *many = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, MOST + 16);
	size_t i;

	ASSERT_NE(NULL, many);
	for (i = 1; i < MOST + 16; i += 2)
		ASSERT_EQ(0, mprotect(tlib_at(many, i), TLIB_PAGE, PROT_READ));
	tlib_touch_pages(many, 0, MOST + 16);
	EXPECT_STREQ("", amiss(self->fd, &self->parts));
	EXPECT_EQ(MOST, self->parts.nr);
	EXPECT_EQ(17, self->parts.nr_others);
	EXPECT_EQ(MOST + 16, sum_of(&self->parts, FAULTLAB_STAT_FAULT_READ));
	EXPECT_LT(0, self->parts.others.value[FAULTLAB_STAT_FAULT_READ]);
}

TEST_F(vma_counters, reset_clears_the_counts_of_live_and_ended_vmas)
{
	struct faultlab_stats stats;
	unsigned int i;

	ASSERT_EQ(0, munmap(self->at, TLIB_PAGE));
	ASSERT_EQ(0, faultlab_stats_reset(self->fd, &stats));
	EXPECT_EQ(4, stats.value[FAULTLAB_STAT_FAULT_WRITE]);
	EXPECT_STREQ("", amiss(self->fd, &self->parts));
	for (i = 0; i < FAULTLAB_NR_STATS; i++) {
		EXPECT_EQ(0, self->parts.vma[0].stats.value[i] + self->parts.ended.value[i]) {
			TH_LOG("%s", faultlab_stat_name(i));
		}
	}
	write_pages(self->at, 4, 2);
	EXPECT_STREQ("", amiss(self->fd, &self->parts));
	EXPECT_EQ(2, self->parts.vma[0].WRITES);
	ASSERT_EQ(0, tlib_write_text(FAULTLAB_DEBUGFS "/reset", "1"));
	write_pages(self->at, 6, 1);
	ASSERT_EQ(0, munmap(self->at, PAGES * TLIB_PAGE));
	EXPECT_STREQ("", amiss(self->fd, &self->parts));
	EXPECT_EQ(1, self->parts.ended.value[FAULTLAB_STAT_FAULT_WRITE]);
}

/* Fault in two regions and two processes, and split, move and unmap VMAs. */
static void live(char *at, char *other)
{
	struct tlib_peer peer;

	write_pages(other, 0, 3);
	mprotect(tlib_at(at, 4), TLIB_PAGE, PROT_READ);
	if (!tlib_peer_fork(&peer)) {
		tlib_touch_pages(at, 0, PAGES);
		munmap(tlib_at(other, 1), TLIB_PAGE);
		tlib_touch_pages(other, 2, 4);
		_exit(0);
	}
	tlib_peer_join(&peer);
	tlib_touch_pages(at, 3, 3);
	munmap(other, 2 * TLIB_PAGE);
	tlib_touch_pages(other, 3, 2);
}

/* Works only if nothing else uses the module at the same time. */
TEST_F(vma_counters, the_counters_of_two_regions_add_up_to_the_total)
{
	struct faultlab_stats before, after, moved, one, two, stats;
	int fd = tlib_region(FAULTLAB_KIND_PFN, 0, PAGES);
	char *other = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	unsigned int i;

	ASSERT_NE(NULL, other);
	ASSERT_EQ(0, faultlab_stats_reset(self->fd, &stats));
	ASSERT_EQ(0, faultlab_stats_reset(fd, &stats));
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &before));
	live(self->at, other);
	EXPECT_STREQ("", amiss(fd, &self->parts));
	EXPECT_STREQ("", amiss(self->fd, &self->parts));
	ASSERT_EQ(0, faultlab_stats(self->fd, &one));
	ASSERT_EQ(0, faultlab_stats(fd, &two));
	EXPECT_EQ(PAGES + 2, one.value[FAULTLAB_STAT_FAULT_READ]);
	EXPECT_EQ(3, two.value[FAULTLAB_STAT_FAULT_WRITE]);
	tlib_unmap(other, PAGES);
	two.value[FAULTLAB_STAT_VMA_CLOSE]++;
	close(fd);
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &after));
	faultlab_stats_diff(&before, &after, &moved);
	for (i = 0; i < FAULTLAB_NR_STATS; i++) {
		if (faultlab_stat_is_level(i))
			continue;
		EXPECT_EQ(one.value[i] + two.value[i], moved.value[i]) {
			TH_LOG("%s", faultlab_stat_name(i));
		}
	}
}

TEST(vmas_that_may_merge_are_counted_together_in_the_line_others)
{
	struct parts parts;
	int fd = faultlab_open();
	char *at;

	ASSERT_LE(0, fd);
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, at);
	write_pages(at, 0, 4);
	ASSERT_EQ(0, mprotect(tlib_at(at, 2), tlib_page_size(), PROT_READ));
	EXPECT_STREQ("", amiss(fd, &parts));
	EXPECT_EQ(0, parts.nr);
	EXPECT_EQ(3, parts.nr_others);
	EXPECT_EQ(4, parts.others.value[FAULTLAB_STAT_FAULT_WRITE]);
	ASSERT_EQ(0, mprotect(tlib_at(at, 2), tlib_page_size(), TLIB_RW));
	EXPECT_STREQ("", amiss(fd, &parts));
	EXPECT_EQ(1, parts.nr_others);
	EXPECT_EQ(4, parts.others.value[FAULTLAB_STAT_FAULT_WRITE]);
	close(fd);
}

TEST_HARNESS_MAIN
