// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk --require and --exclude by page flags: for a waiting process they find
 * as many pages as /proc/PID/pagemap and PAGEMAP_SCAN.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include <pagemap.h>
#include "lib/walk/oracle.h"
#include "lib/tools/shell.h"
#include "lib/space.h"
#include "lib/sys.h"

#define NR		16UL	/* pages of kind pfn */
#define VMAS		256

FIXTURE(page_filter)
{
	struct tlib_peer peer;
	pid_t pid;
	char *anon;		/* of the peer: 8 pages, every other one written */
	char *zero;		/* only read: the huge zero page, if the kernel has huge pages */
	struct tlib_vma vmas[VMAS];
	ssize_t nr_vmas;
	char text[TLIB_TEXT_MAX], other[TLIB_TEXT_MAX];
};

FIXTURE_SETUP(page_filter)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN, .bytes = NR * TLIB_PAGE,
	};
	int fd = tlib_region_full(&config);
	char *at;

	ASSERT_LE(0, fd);
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, NR);
	self->anon = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 512);
	self->zero = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 512);
	ASSERT_NE(NULL, at);
	ASSERT_NE(NULL, self->anon);
	ASSERT_NE(NULL, self->zero);
	/* No huge page, but larger than what tlib_settle() populates. */
	ASSERT_EQ(0, madvise(self->anon, TLIB_PMD_SIZE, MADV_NOHUGEPAGE));
	madvise(self->zero, TLIB_PMD_SIZE, MADV_HUGEPAGE);
	self->pid = tlib_peer_fork(&self->peer);
	ASSERT_LE(0, self->pid);
	if (!self->pid) {
		tlib_write(at, NR);
		for (unsigned int i = 0; i < 8; i += 2)
			self->anon[i * TLIB_PAGE] = 1;
		for (unsigned int i = 1; i < 8; i += 4)
			faultlab_touch_read(self->anon + i * TLIB_PAGE, NULL);
		faultlab_touch_read(self->zero, NULL);
		tlib_make_mess();
		tlib_settle();
		tlib_peer_nudge(&self->peer);
		tlib_peer_await(&self->peer);
		_exit(0);
	}
	close(fd);
	ASSERT_EQ(0, tlib_peer_await(&self->peer));
	self->nr_vmas = tlib_vmas(self->pid, self->vmas, VMAS);
	ASSERT_LT(0, self->nr_vmas);
}

FIXTURE_TEARDOWN(page_filter)
{
	tlib_peer_nudge(&self->peer);
	EXPECT_EQ(0, tlib_peer_join(&self->peer));
}

static int walk(FIXTURE_DATA(page_filter) * self, const char *options, char *text)
{
	return tlib_shell(tlib_text("faultlab walk %d %s", self->pid, options), text,
			  TLIB_TEXT_MAX);
}

/* The number of pages in the last line: "12 runs, 1,234 pages (...". */
static long pages_of(FIXTURE_DATA(page_filter) * self, const char *options)
{
	char figure[32] = "", *from, *to = figure;

	if (walk(self, tlib_text("%s | tail -1", options), self->text))
		return -1;
	from = strstr(self->text, ", ");
	if (!from || !strstr(from, " page"))
		return -1;
	for (from += 2; *from != ' ' && to < figure + sizeof(figure) - 1; from++)
		if (*from != ',')
			*to++ = *from;
	return strtol(figure, NULL, 10);
}

/*
 * Count the pages whose bits @mask in pagemap are @value. pagemap has no pages of VM_PFNMAP
 * mappings.
 */
static long pagemap_pages(FIXTURE_DATA(page_filter) * self, __u64 mask, __u64 value)
{
	static __u64 words[65536];
	long sum = 0;

	for (ssize_t i = 0; i < self->nr_vmas; i++) {
		const struct tlib_vma *vma = &self->vmas[i];
		size_t left, nr;

		/* The vsyscall page is in the kernel half. */
		if ((__s64)vma->start < 0)
			continue;
		for (__u64 at = vma->start; at < vma->end; at += nr * TLIB_PAGE) {
			left = (vma->end - at) / TLIB_PAGE;
			nr = left < 65536 ? left : 65536;
			if (tlib_pagemap_words(self->pid, at, words, nr) != (ssize_t)nr)
				return -1;
			for (size_t j = 0; j < nr; j++)
				sum += (words[j] & mask) == value;
		}
	}
	return sum;
}

/* Pages of a category by PAGEMAP_SCAN; -1: the kernel has no such ioctl. */
static long scan_pages(pid_t pid, __u64 category)
{
	struct scan_region region[64];
	struct scan scan = {
		.size = sizeof(scan), .end = 1ULL << 47,
		.vec = (uintptr_t)region, .vec_len = 64,
		.category_mask = IS_PRESENT | category, .return_mask = category,
	};
	int fd = open(tlib_text("/proc/%d/pagemap", pid), O_RDONLY | O_CLOEXEC);
	long sum = 0;
	int n;

	do {
		n = ioctl(fd, SCAN, &scan);
		for (int i = 0; i < n; i++)
			sum += (region[i].end - region[i].start) / TLIB_PAGE;
		scan.start = scan.walk_end;
	} while (n > 0 && scan.start < scan.end);
	close(fd);
	return n < 0 ? -1 : sum;
}

TEST_F(page_filter, filtered_pages_are_as_many_as_pagemap_reports)
{
	const __u64 there = PM_PRESENT, swap = PM_SWAP;
	long zero = pages_of(self, "--require zero --exclude special");
	long all = pages_of(self, "--require leaf");
	long pfn = pages_of(self, "--require pfn");

	/*
	 * The huge zero page has no special entry: pagemap reports it as a page of a
	 * file.
	 */
	EXPECT_EQ(pagemap_pages(self, there | PM_FILE | swap, there | PM_FILE),
		  pages_of(self, "--require file") + zero);
	/*
	 * pagemap reports all other zero pages as neither of a file nor in swap, like
	 * anonymous pages.
	 */
	EXPECT_EQ(pagemap_pages(self, there | PM_FILE | swap, there),
		  pages_of(self, "--require anon") + pages_of(self, "--require zero,special"));
	EXPECT_LE((long)NR, pfn);
	EXPECT_EQ(all, pfn + pages_of(self, "--require anon") + pages_of(self, "--require file") +
		  pages_of(self, "--require zero"));
	EXPECT_EQ(all - pfn, pages_of(self, "--require leaf --exclude pfn"));
}

TEST_F(page_filter, filtered_pages_are_as_many_as_pagemap_scan_reports)
{
	long file = scan_pages(self->pid, IS_FILE);

	if (file < 0)
		SKIP(return, "no PAGEMAP_SCAN, which is of 6.7");
	EXPECT_EQ(file, pages_of(self, "--require file"));
	EXPECT_EQ(scan_pages(self->pid, IS_ZERO), pages_of(self, "--require zero"));
	EXPECT_EQ(scan_pages(self->pid, 0) - file - scan_pages(self->pid, IS_ZERO),
		  pages_of(self, "--require anon"));
}

TEST_F(page_filter, filters_find_the_anonymous_and_zero_pages_of_a_range)
{
	char anon[32];

	snprintf(anon, sizeof(anon), "%lx+32K", (unsigned long)self->anon);
	EXPECT_EQ(4, pages_of(self, tlib_text("%s --require anon", anon)));
	EXPECT_EQ(2, pages_of(self, tlib_text("%s --require zero", anon)));
	EXPECT_EQ(4, pages_of(self, tlib_text("%s --exclude zero", anon)));
	EXPECT_EQ(4, pages_of(self, tlib_text("%s --require anon --entries", anon)));
	EXPECT_EQ(4, pages_of(self, tlib_text("%s --require anon,write --pages", anon)));
	EXPECT_EQ(0, pages_of(self, tlib_text("%s --require file", anon)));
	EXPECT_EQ(0, pages_of(self, tlib_text("%s --require anon,zero", anon)));
}

/*
 * With a filter by page flags the command forms the runs itself. They must equal the runs
 * that the module forms.
 */
TEST_F(page_filter, a_filter_that_excludes_nothing_gives_the_same_runs_as_none)
{
	static const char *const options[] = {
		"", "--holes", "--json", "--json --holes", "--require dirty", "--exclude write",
	};

	/*
	 * --exclude pfn excludes nothing: each frame in these ranges has a page. Only
	 * the line about mappings without any page differs.
	 */
	const char *alike = "%s %s %s | grep -v without.any";
	char ranges[2][32];

	snprintf(ranges[0], sizeof(ranges[0]), "%lx+96K",
		 (unsigned long)self->anon - 4 * TLIB_PAGE);
	snprintf(ranges[1], sizeof(ranges[1]), "%lx+2M",
		 (unsigned long)self->zero + TLIB_PMD_SIZE / 2);

	for (unsigned int i = 0; i < ARRAY_SIZE(options); i++)
		for (unsigned int j = 0; j < ARRAY_SIZE(ranges); j++) {
			ASSERT_EQ(0, walk(self, tlib_text(alike, ranges[j], options[i], ""),
					  self->text));
			ASSERT_EQ(0, walk(self, tlib_text(alike, ranges[j], options[i],
							  "--exclude pfn"), self->other));
			EXPECT_STREQ(self->text, self->other);
		}
}

TEST_F(page_filter, page_filters_are_refused_for_counts_and_the_kernel_half)
{
	EXPECT_EQ(2, walk(self, "--counts --require anon", self->text));
	EXPECT_NE(NULL, strstr(self->text, "--counts takes no --require"));
	EXPECT_EQ(2, tlib_shell("faultlab walk --kernel --require anon", self->text,
				sizeof(self->text)));
	EXPECT_NE(NULL, strstr(self->text, "cannot select by anon"));
}

TEST_HARNESS_MAIN
