// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk agrees with the kernel's pagemap on every page, and line by line with
 * debugfs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include <pagemap.h>
#include "lib/space.h"
#include "lib/sys.h"

#define MAX_VMAS	256
#define MAX_PAGES	(TLIB_PUD_SIZE / TLIB_PAGE)
#define WALK_FILE	FAULTLAB_DEBUGFS "/walk"
#define AGREED		(PM_PRESENT | PM_SWAP)

/* Static and filled before the comparison, so that reading smaps maps no memory. */
static struct tlib_vma vmas[MAX_VMAS];

/* What the walker and pagemap report of a VMA. */
struct views {
	int fd;
	struct tlib_entries entries;
	__u64 *words;
};

FIXTURE(agree)
{
	struct views views;
	ssize_t nr_vmas;
};

FIXTURE_SETUP(agree)
{
	self->views.fd = faultlab_open();
	ASSERT_LE(0, self->views.fd);
	ASSERT_EQ(0, tlib_entries_init(&self->views.entries, 16384));
	self->views.words = mmap(NULL, MAX_PAGES * sizeof(*self->views.words), TLIB_RW,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->views.words);
	memset(vmas, 1, sizeof(vmas));
}

FIXTURE_TEARDOWN(agree)
{
	close(self->views.fd);
}

/* The word that pagemap should have for a page, from the entry that covers the page. */
static __u64 word_of(const struct faultlab_walk_entry *e, __u64 addr)
{
	if (e->flags & FAULTLAB_PTE_LEAF)
		return PM_PRESENT | (e->pfn + (addr - e->addr) / TLIB_PAGE);
	if (e->flags & (FAULTLAB_PTE_SWAP | FAULTLAB_PTE_MIGRATION))
		return PM_SWAP;
	return 0;
}

struct tally {
	size_t present, missing, pfnmap, differ;
	char first[160];
};

static void compare_page(struct tally *tally, const struct tlib_vma *vma, __u64 addr,
			 __u64 ours, __u64 theirs)
{
	__u64 mask = AGREED | (ours & PM_PRESENT ? PM_PFN : 0);

	/* pagemap reports VM_PFNMAP as a hole (walk_page_test()). */
	if (strstr(vma->flags, " pf")) {
		tally->pfnmap += !!(ours & PM_PRESENT);
		ours = 0;
		mask = ~PM_SOFT_DIRTY;
	}
	tally->present += !!(theirs & PM_PRESENT);
	tally->missing += !(theirs & PM_PRESENT);
	if ((ours & mask) == (theirs & mask))
		return;
	if (!tally->differ++)
		snprintf(tally->first, sizeof(tally->first), "%#llx: %#llx, pagemap %#llx, %.60s",
			 addr, ours, theirs, vma->line);
}

/* Compare both views of a VMA, page by page. One is read right after the other. */
static int compare_vma(struct views *v, pid_t pid, const struct tlib_vma *vma,
		       struct tally *tally)
{
	const struct faultlab_walk_entry *e = v->entries.at;
	size_t pages = (vma->end - vma->start) / TLIB_PAGE, i, at = 0;
	ssize_t n = tlib_pagemap_words(pid, vma->start, v->words, pages);
	int err = tlib_entries_walk(&v->entries, v->fd, pid, vma->start, vma->end,
				    FAULTLAB_WALK_HOLES, 512);

	if (err || n != (ssize_t)pages)
		return err ?: -EIO;
	for (i = 0; i < pages; i++) {
		__u64 addr = vma->start + i * TLIB_PAGE;

		while (at < v->entries.nr && e[at].addr + e[at].bytes <= addr)
			at++;
		if (at == v->entries.nr || e[at].addr > addr)
			return -ERANGE;
		compare_page(tally, vma, addr, word_of(&e[at], addr), v->words[i]);
	}
	return 0;
}

#define COMPARE_ALL(pid, tally) do {						\
	ssize_t _i;								\
										\
	ASSERT_LT(0, tlib_vmas(pid, vmas, MAX_VMAS));				\
	self->nr_vmas = tlib_vmas(pid, vmas, MAX_VMAS);				\
	ASSERT_LT(5, self->nr_vmas);						\
	for (_i = 0; _i < self->nr_vmas; _i++) {				\
		if (strstr(vmas[_i].line, "[vsyscall]"))			\
			continue;						\
		EXPECT_EQ(0, compare_vma(&self->views, pid, &vmas[_i], tally)) {	\
			TH_LOG("%s", vmas[_i].line);				\
		}								\
	}									\
	EXPECT_EQ(0, (tally)->differ) {						\
		TH_LOG("%s", (tally)->first);					\
	}									\
} while (0)

TEST_F(agree, the_walk_matches_pagemap_on_every_page_of_this_process)
{
	struct tally tally = { 0 };

	tlib_settle();
	/* A first comparison maps what the comparison itself needs. */
	ASSERT_LT(5, tlib_vmas(0, vmas, MAX_VMAS));
	compare_vma(&self->views, 0, &vmas[0], &tally);
	tlib_settle();
	tally = (struct tally) { 0 };
	COMPARE_ALL(0, &tally);
	EXPECT_LT(100, tally.present);
}

TEST_F(agree, the_walk_matches_pagemap_on_every_page_of_another_process)
{
	struct tally tally = { 0 };
	struct tlib_peer peer;

	ASSERT_EQ(0, tlib_messy_peer(&peer));
	COMPARE_ALL(peer.pid, &tally);
	EXPECT_LT(100, tally.present);
	EXPECT_LT(1000, tally.missing);
	/* 14 of 40 pages written and 5 more read, of kind PFN. */
	EXPECT_LE(19, tally.pfnmap);
	tlib_peer_nudge(&peer);
	EXPECT_EQ(0, tlib_peer_join(&peer));
}

TEST_F(agree, the_walk_matches_pagemap_on_soft_dirty_pages)
{
	char *mem = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 512);
	struct faultlab_walk_entry e;
	unsigned int i, dirty = 0;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, madvise(mem, TLIB_PMD_SIZE, MADV_NOHUGEPAGE));
	memset(mem, 1, 64 * TLIB_PAGE);
	if (!(tlib_entry(self->views.fd, 0, mem).flags & FAULTLAB_PTE_SOFT_DIRTY))
		SKIP(return, "no soft-dirty bit (CONFIG_MEM_SOFT_DIRTY)");
	ASSERT_EQ(0, tlib_write_text("/proc/self/clear_refs", "4"));
	for (i = 0; i < 64; i++)
		ASSERT_EQ(0, tlib_entry(self->views.fd, 0, mem + i * TLIB_PAGE).flags &
			     FAULTLAB_PTE_SOFT_DIRTY);
	for (i = 0; i < 64; i += 7)
		ASSERT_EQ(0, faultlab_touch_write(mem + i * TLIB_PAGE, 2, NULL));
	ASSERT_EQ(64, tlib_pagemap_words(0, (uintptr_t)mem, self->views.words, 64));
	for (i = 0; i < 64; i++) {
		e = tlib_entry(self->views.fd, 0, mem + i * TLIB_PAGE);
		dirty += !!(e.flags & FAULTLAB_PTE_SOFT_DIRTY);
		EXPECT_EQ(!!(self->views.words[i] & PM_SOFT_DIRTY),
			  !!(e.flags & FAULTLAB_PTE_SOFT_DIRTY));
		EXPECT_EQ(i % 7 == 0, !!(e.flags & FAULTLAB_PTE_SOFT_DIRTY));
	}
	EXPECT_EQ(10, dirty);
}

/* Parse flags. An unknown word sets bit 63, which no flag has. */
static __u64 flags_of(char *text)
{
	__u64 flags = 0;
	char *word;

	for (word = strtok(text, ","); word; word = strtok(NULL, ","))
		flags |= faultlab_pte_by_name(word) ?: 1ULL << 63;
	return flags;
}

/*
 * Parse the file into entries as the ioctl has them. Returns their number, or -errno.
 */
static ssize_t read_walk_file(FILE *file, struct faultlab_walk_entry *e, size_t room)
{
	char line[512], level[8], flags[256];
	unsigned int index;
	size_t n = 0;

	if (!fgets(line, sizeof(line), file) || strncmp(line, "level index address ", 20))
		return -EPROTO;
	while (n < room && fgets(line, sizeof(line), file)) {
		__u64 addr, bytes, pfn, raw;

		if (sscanf(line, "%7s %u %llx %llu %llx %llx %255s", level, &index, &addr,
			   &bytes, &pfn, &raw, flags) != 7)
			return -EPROTO;
		e[n] = (struct faultlab_walk_entry) {
			.addr = addr, .bytes = bytes, .raw = raw, .pfn = pfn,
			.flags = flags_of(flags), .index = index,
		};
		while (strcmp(level, faultlab_level_name(e[n].level)) && e[n].level < 5)
			e[n].level++;
		n++;
	}
	return n;
}

TEST_F(agree, the_walk_file_of_debugfs_has_the_same_entries_as_the_ioctl)
{
	struct faultlab_walk_entry *e = mmap(NULL, 16384 * sizeof(*e), TLIB_RW,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct tlib_peer peer;
	FILE *file = fopen(WALK_FILE, "r+");
	ssize_t n, i;

	if (!file)
		SKIP(return, "no " WALK_FILE " (CONFIG_DEBUG_FS)");
	ASSERT_EQ(0, tlib_messy_peer(&peer));
	ASSERT_LT(0, fprintf(file, "%d 0 %#llx", peer.pid, TLIB_EVERYWHERE));
	rewind(file);
	n = read_walk_file(file, e, 16384);
	ASSERT_LT(1000, n);
	ASSERT_EQ(0, tlib_entries_walk(&self->views.entries, self->views.fd, peer.pid, 0,
				       TLIB_EVERYWHERE, TLIB_WALK_ALL, 512));
	EXPECT_EQ(self->views.entries.nr, n);
	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, memcmp(&self->views.entries.at[i], &e[i], sizeof(*e))) {
			TH_LOG("entry %zd at %#llx", i, e[i].addr);
		}
	}
	fclose(file);
	tlib_peer_nudge(&peer);
	EXPECT_EQ(0, tlib_peer_join(&peer));
}

TEST_HARNESS_MAIN
