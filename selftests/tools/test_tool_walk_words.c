// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk: the output explains the words that occur in it, and no others.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/tools/shell.h"
#include "lib/sys.h"

#define USER_WORD	"        user  accessible from user mode\n"
#define ACCESSED_WORD	"    accessed  set by the processor at an access, and by Linux in a new entry\n"
#define READ_ONLY_WORD	"  r-- in rw-  read-only in a writable mapping: the next write faults (CoW,"

/*
 * The command walks this process, which waits for the command: an area with pages that
 * were read and pages that were written.
 */
FIXTURE(legend)
{
	char *at;
	char text[TLIB_TEXT_MAX];
};

FIXTURE_SETUP(legend)
{
	self->at = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 512);
	ASSERT_NE(NULL, self->at);
	ASSERT_EQ(0, madvise(self->at, TLIB_PMD_SIZE, MADV_NOHUGEPAGE));
	for (unsigned int i = 0; i < 4; i++) {
		ASSERT_EQ(0, faultlab_touch_read(self->at + i * TLIB_PAGE, NULL));
		ASSERT_EQ(0, faultlab_touch_write(self->at + (4 + i) * TLIB_PAGE, 1, NULL));
	}
}

FIXTURE_TEARDOWN(legend)
{
	munmap(self->at, TLIB_PMD_SIZE);
}

/* Run "faultlab walk OPTIONS PID REST". */
static int walk(FIXTURE_DATA(legend) * self, const char *options, const char *rest)
{
	return tlib_shell(tlib_text("faultlab walk %s %d %s", options, getpid(), rest), self->text,
			  sizeof(self->text));
}

/* Pages of the area, as a range argument of the command. */
static const char *range(FIXTURE_DATA(legend) * self, unsigned int first, unsigned int nr)
{
	return tlib_text("%lx+%uK", (unsigned long)self->at + first * TLIB_PAGE, 4 * nr);
}

#define EXPECT_HAS(part) EXPECT_NE(NULL, strstr(self->text, part)) {		\
	TH_LOG("no \"%s\" in\n%s", part, self->text);				\
}

#define EXPECT_LACKS(part) EXPECT_EQ(NULL, strstr(self->text, part)) {		\
	TH_LOG("\"%s\" in\n%s", part, self->text);				\
}

TEST_F(legend, the_legend_explains_flags_in_runs_entries_and_pages)
{
	static const char *const options[] = {
		"--runs", "--entries", "--entries --tables", "--pages",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		ASSERT_EQ(0, walk(self, options[i], range(self, 0, 8)));
		EXPECT_HAS("         rwx  what the entry allows: read, write, execute\n");
		EXPECT_HAS(USER_WORD);
		EXPECT_HAS(ACCESSED_WORD);
		EXPECT_LACKS("hugetlb  ");
	}
	EXPECT_HAS("  references  references to its folio");
	EXPECT_HAS("    uptodate  its contents are valid\n");
}

TEST_F(legend, the_legend_of_counts_explains_its_words)
{
	ASSERT_EQ(0, walk(self, "--counts", range(self, 0, 16)));
	EXPECT_HAS("      mapped  pages that are in memory and have an entry\n");
	EXPECT_HAS("        none  empty entries;");
	EXPECT_HAS("      tables  page tables, 4 KiB each");
	EXPECT_HAS("       write  the entry allows writing\n");
	EXPECT_HAS(ACCESSED_WORD);
	EXPECT_LACKS("rwx  ");
}

TEST_F(legend, the_legend_of_a_chain_comes_before_its_result)
{
	const char *word, *result;

	ASSERT_EQ(0, walk(self, "", tlib_text("%p", self->at + 4 * TLIB_PAGE)));
	EXPECT_HAS("       table  points to a table of the level below");
	EXPECT_HAS(USER_WORD);
	EXPECT_HAS("  swapbacked  reclaimed by writing it to swap\n");
	word = strstr(self->text, ACCESSED_WORD);
	result = strstr(self->text, "\nin effect: ");
	ASSERT_NE(NULL, word);
	EXPECT_LT(word, result);
	EXPECT_LACKS("\n" READ_ONLY_WORD);
}

TEST_F(legend, the_legend_of_diff_explains_changed_flags_only)
{
	ASSERT_EQ(0, walk(self, "--diff", tlib_text("%s -- sh -c 'echo 1 >/proc/%d/clear_refs'",
						    range(self, 0, 8), getpid())));
	EXPECT_HAS("           ~  still mapped; + flags that were set, - flags cleared\n");
	EXPECT_HAS(ACCESSED_WORD);
	/* clear_refs does not change this flag. */
	EXPECT_LACKS(USER_WORD);
	ASSERT_EQ(0, walk(self, "--diff", tlib_text("%s -- true", range(self, 0, 8))));
	EXPECT_EQ(&self->text[0], strstr(self->text, "pages: 0 appeared"));
}

TEST_F(legend, read_only_entries_in_a_writable_mapping_are_explained)
{
	ASSERT_EQ(0, walk(self, "", range(self, 0, 8)));
	EXPECT_HAS(READ_ONLY_WORD);
	ASSERT_EQ(0, walk(self, "", tlib_text("%p", self->at)));
	EXPECT_HAS(READ_ONLY_WORD);
	ASSERT_EQ(0, walk(self, "--entries", range(self, 4, 4)));
	EXPECT_LACKS(READ_ONLY_WORD);
}

TEST_F(legend, none_and_no_vma_are_explained_only_if_shown)
{
	ASSERT_EQ(0, walk(self, "--holes", range(self, 0, 16)));
	EXPECT_HAS("        none  empty: an access faults, and the fault handler of the mapping");
	ASSERT_EQ(0, walk(self, "", range(self, 0, 16)));
	EXPECT_LACKS("none  ");
	ASSERT_EQ(0, walk(self, "--holes", "0+4K"));
	EXPECT_HAS("      no VMA  in no mapping: an access ends in SIGSEGV");
}

TEST_F(legend, the_legend_of_the_kernel_half_explains_rwx_but_not_user)
{
	ASSERT_EQ(0, tlib_shell("faultlab walk --kernel ffffffff80000000+1G", self->text,
				sizeof(self->text)));
	EXPECT_HAS("start-end ");
	EXPECT_HAS("\nkernel image\n");
	EXPECT_HAS("rwx  ");
	EXPECT_LACKS(USER_WORD);
}

TEST_F(legend, the_legend_of_raw_explains_what_a_word_is)
{
	ASSERT_EQ(0, walk(self, "--raw", range(self, 0, 8)));
	EXPECT_HAS("A word is an entry as the processor reads it; --entries says what it means.\n");
	EXPECT_HAS("\n1 part of tables, 8 words with the present bit");
}

TEST_HARNESS_MAIN
