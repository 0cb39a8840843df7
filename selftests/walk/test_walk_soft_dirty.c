// SPDX-License-Identifier: GPL-2.0-only
/*
 * soft-dirty of an entry and of a VMA. pagemap's bit for a page follows from both and
 * from the sort of mapping, for every sort of memory and whatever happens to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include <pagemap.h>
#include "lib/memory/memory.h"
#include "lib/walk/oracle.h"
#include "lib/tools/shell.h"
#include "lib/space.h"
#include "lib/sys.h"

#define NR	3		/* steps */
#define VMAS	256

static int clear_refs(void)
{
	return tlib_write_text("/proc/self/clear_refs", "4");
}

/* The VMA of an address, as smaps has it. */
static struct tlib_vma vma_of(const char *at)
{
	static struct tlib_vma vmas[VMAS];
	ssize_t nr = tlib_vmas(getpid(), vmas, VMAS);

	for (ssize_t i = 0; i < nr; i++)
		if ((uintptr_t)at >= vmas[i].start && (uintptr_t)at < vmas[i].end)
			return vmas[i];
	return (struct tlib_vma) { .line = "no VMA" };
}

#define NO_SOFT_DIRTY	"no soft-dirty bit (CONFIG_MEM_SOFT_DIRTY)"

static bool has_soft_dirty(void)
{
	char *at = tlib_map(-1, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS, 0, 1);
	struct tlib_vma vma = vma_of(at);

	tlib_unmap(at, 1);
	return tlib_vma_is(&vma, "sd");
}

struct sums {
	__u64 wanted;	/* a set of flags */
	__u64 bytes;	/* the bytes of all runs that have one of these flags */
};

static int add_run(const struct faultlab_walk_run *run, void *arg)
{
	struct sums *sums = arg;

	sums->bytes += run->flags & sums->wanted ? run->end - run->start : 0;
	return 0;
}

static int add_counts(const struct faultlab_walk_counts *c, void *arg)
{
	struct sums *sums = arg;

	sums->bytes += c->flag[__builtin_ctzll(sums->wanted)];
	return 0;
}

FIXTURE(soft_dirty)
{
	int fd;
	char *at;
	size_t step, bytes;
	__u64 *words;
};

FIXTURE_VARIANT(soft_dirty)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(soft_dirty, tlib_memory_sample)

FIXTURE_SETUP(soft_dirty)
{
	if (!has_soft_dirty())
		SKIP(return, NO_SOFT_DIRTY);
	self->step = tlib_memory_bytes(variant->memory, 1);
	self->bytes = NR * self->step;
	self->fd = tlib_memory_region(variant->memory, NR + 1);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->words = calloc(self->bytes / TLIB_PAGE, sizeof(*self->words));
	ASSERT_NE(NULL, self->words);
}

FIXTURE_TEARDOWN(soft_dirty)
{
	free(self->words);
	close(self->fd);
}

/*
 * Compare all pages of the mapping with pagemap and smaps. Returns how the first page
 * differs, or "". pagemap does not look at entries of VM_PFNMAP mappings.
 */
static const char *differs(FIXTURE_DATA(soft_dirty) * self)
{
	const size_t pages = self->bytes / TLIB_PAGE;
	struct tlib_vma vma = vma_of(self->at);
	const bool pfnmap = tlib_vma_is(&vma, "pf"), sd = tlib_vma_is(&vma, "sd");
	struct sums sums = { .wanted = FAULTLAB_PTE_VMA_SOFT_DIRTY };
	__u64 start = (uintptr_t)self->at;
	size_t i, step;

	if (tlib_pagemap_words(getpid(), start, self->words, pages) != (ssize_t)pages)
		return "no pagemap";
	for (i = 0; i < pages; i += step) {
		struct faultlab_walk_entry e = tlib_entry(self->fd, 0, self->at + i * TLIB_PAGE);
		bool ours = e.flags & FAULTLAB_PTE_VMA_SOFT_DIRTY ||
			    (e.flags & FAULTLAB_PTE_SOFT_DIRTY && !pfnmap);

		step = (e.addr + e.bytes - start) / TLIB_PAGE - i;
		if (!(e.flags & FAULTLAB_PTE_VMA_SOFT_DIRTY) != !sd)
			return tlib_text("page %zu: VMA is%s soft-dirty by smaps, not by the walk",
					 i, sd ? "" : " not");
		if (ours != !!(self->words[i] & PM_SOFT_DIRTY))
			return tlib_text("page %zu: flags %#llx, pagemap %#llx, %s", i, e.flags,
					 self->words[i], vma.line);
	}
	if (faultlab_walk_runs(self->fd, 0, start, start + self->bytes, FAULTLAB_WALK_HOLES, 0, 0,
			       add_run, &sums) || sums.bytes != (sd ? self->bytes : 0))
		return tlib_text("%lld bytes in runs have the VMA's flag", sums.bytes);
	sums.bytes = 0;
	if (faultlab_walk_counts(self->fd, 0, start, start + self->bytes, add_counts, &sums) ||
	    sums.bytes != (sd ? self->bytes : 0))
		return tlib_text("%lld bytes are counted with the VMA's flag", sums.bytes);
	return "";
}

/* The soft-dirty bit of the entry of a step's first page. */
static bool bit(FIXTURE_DATA(soft_dirty) * self, size_t step)
{
	return tlib_entry(self->fd, 0, self->at + step * self->step).flags &
	       FAULTLAB_PTE_SOFT_DIRTY;
}

#define EXPECT_AGREE(when) EXPECT_STREQ("", differs(self)) {		\
	TH_LOG("%s %s", shared ? "shared" : "private", when);		\
}

/* Map the pages that follow, right behind the mapping: the core may merge the two. */
static char *map_behind(FIXTURE_DATA(soft_dirty) * self, int prot, int flags)
{
	return mmap(self->at + self->bytes, self->step, prot, flags | MAP_FIXED, self->fd,
		    self->bytes);
}

TEST_F(soft_dirty, soft_dirty_of_entries_and_vmas_matches_pagemap_and_smaps)
{
	bool shared = true, before[NR], pfnmap;
	struct tlib_vma vma;
	int prot;

	do {
		prot = shared ? TLIB_RW : tlib_memory_private_prot(variant->memory);
		self->at = tlib_memory_map(variant->memory, self->fd, prot,
					   shared ? MAP_SHARED : MAP_PRIVATE, 0, NR);
		ASSERT_NE(NULL, self->at);
		vma = vma_of(self->at);
		pfnmap = tlib_vma_is(&vma, "pf");
		EXPECT_AGREE("mapped");
		for (size_t i = 0; i < NR; i++)
			ASSERT_EQ(0, prot & PROT_WRITE ?
				  faultlab_touch_write(self->at + i * self->step, 1, NULL) :
				  faultlab_touch_read(self->at + i * self->step, NULL));
		EXPECT_AGREE("touched");
		for (size_t i = 0; i < NR; i++)
			before[i] = bit(self, i);
		ASSERT_EQ(0, clear_refs());
		EXPECT_AGREE("cleared");
		/*
		 * Entries of VM_PFNMAP mappings keep the bit (clear_refs_test_walk()).
		 */
		for (size_t i = 0; i < NR; i++)
			EXPECT_EQ(pfnmap && before[i], bit(self, i));
		if (prot & PROT_WRITE) {
			ASSERT_EQ(0, faultlab_touch_write(self->at, 2, NULL));
			EXPECT_AGREE("written again");
			EXPECT_EQ(pfnmap ? before[0] : true, bit(self, 0));
			EXPECT_EQ(pfnmap && before[1], bit(self, 1));
		}
		ASSERT_NE(MAP_FAILED, map_behind(self, prot, shared ? MAP_SHARED : MAP_PRIVATE));
		EXPECT_AGREE("with a new neighbour");
		ASSERT_EQ(0, munmap(self->at, self->bytes + self->step));
		shared = !shared;
	} while (!shared);
}

/* The output of faultlab walk. */
FIXTURE(command_output)
{
	char *at;
	char text[TLIB_TEXT_MAX];
};

FIXTURE_SETUP(command_output)
{
	if (!has_soft_dirty())
		SKIP(return, NO_SOFT_DIRTY);
	self->at = tlib_map(-1, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS, 0, 8);
	ASSERT_NE(NULL, self->at);
	tlib_write(self->at, 4);
}

FIXTURE_TEARDOWN(command_output)
{
	tlib_unmap(self->at, 8);
}

static void walk(FIXTURE_DATA(command_output) * self, const char *options)
{
	tlib_shell(tlib_text("faultlab walk %d %lx+32K %s", getpid(), (unsigned long)self->at,
			     options), self->text, sizeof(self->text));
}

#define EXPECT_HAS(part) EXPECT_NE(NULL, strstr(self->text, part)) {		\
	TH_LOG("no \"%s\" in\n%s", part, self->text);				\
}

#define EXPECT_LACKS(part) EXPECT_EQ(NULL, strstr(self->text, part)) {		\
	TH_LOG("\"%s\" in\n%s", part, self->text);				\
}

TEST_F(command_output, soft_dirty_of_the_mapping_is_shown_in_every_form)
{
	static const char *const forms[] = { "--runs", "--entries", "--pages", "--counts" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		walk(self, forms[i]);
		EXPECT_HAS(" anonymous memory (32K, soft-dirty)\n");
		EXPECT_HAS("(soft-dirty)  mapping is new or grown since clear_refs");
		EXPECT_HAS("  soft-dirty  written or moved since");
	}
	ASSERT_EQ(0, clear_refs());
	*self->at = 1;
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		walk(self, forms[i]);
		EXPECT_HAS(" anonymous memory (32K)\n");
		EXPECT_LACKS("(soft-dirty)");
		EXPECT_HAS("soft-dirty");
	}
	walk(self, "--runs --require soft-dirty | tail -1");
	EXPECT_HAS("1 run, 1 page (4K), ");
	walk(self, "--runs --require vma-soft-dirty | tail -1");
	EXPECT_HAS("0 runs, 0 pages, ");
}

TEST_F(command_output, diff_shows_soft_dirty_cleared_by_clear_refs)
{
	walk(self, tlib_text("--diff -- sh -c 'echo 4 >/proc/%d/clear_refs'", getpid()));
	EXPECT_HAS(" -soft-dirty");
	EXPECT_HAS(" -vma-soft-dirty");
	EXPECT_HAS("vma-soft-dirty  pagemap shows all pages of the mapping as soft-dirty\n");
	walk(self, "--json --entries | tr -d ' \\n'");
	EXPECT_LACKS("soft-dirty");
}

/*
 * Two VMAs with equal entries that map different frames; only the second VMA is soft-dirty.
 * The walk predicts that the next entry has the same flags as the last one. That must not
 * make a run of the first VMA continue in the second.
 */
TEST(runs_have_the_soft_dirty_flag_of_their_own_vma)
{
	struct sums sums = { .wanted = FAULTLAB_PTE_VMA_SOFT_DIRTY };
	char *at = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 16);
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 1);

	ASSERT_NE(NULL, at);
	if (!has_soft_dirty())
		SKIP(return, NO_SOFT_DIRTY);
	/* MADV_DONTDUMP, so that the first VMA does not merge with the second. */
	ASSERT_EQ(0, madvise(at, 8 * TLIB_PAGE, MADV_DONTDUMP));
	ASSERT_EQ(0, clear_refs());
	ASSERT_NE(MAP_FAILED, mmap(at + 8 * TLIB_PAGE, 8 * TLIB_PAGE, TLIB_RW,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	for (size_t i = 1; i < 16; i += 2)
		at[i * TLIB_PAGE] = 1;
	ASSERT_EQ(0, faultlab_walk_runs(fd, 0, (uintptr_t)at, (uintptr_t)at + 16 * TLIB_PAGE, 0,
					0, 0, add_run, &sums));
	EXPECT_EQ(4 * TLIB_PAGE, sums.bytes);
	sums.wanted = FAULTLAB_PTE_SOFT_DIRTY;
	sums.bytes = 0;
	ASSERT_EQ(0, faultlab_walk_runs(fd, 0, (uintptr_t)at, (uintptr_t)at + 16 * TLIB_PAGE, 0,
					0, 0, add_run, &sums));
	EXPECT_EQ(8 * TLIB_PAGE, sums.bytes);
	close(fd);
}

TEST_HARNESS_MAIN
