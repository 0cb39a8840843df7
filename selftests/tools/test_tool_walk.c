// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk: its output for a waiting process, and for a task without an address
 * space.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/tools/shell.h"
#include "lib/sys.h"

#define shell(command, text)	tlib_shell(command, text, TLIB_TEXT_MAX)

FIXTURE(walk)
{
	struct tlib_peer peer;
	char *at;	/* of the peer: 16 pages of kind PFN in one folio, 8 written */
	pid_t pid;
};

FIXTURE_SETUP(walk)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN, .order = 4, .bytes = 16 * TLIB_PAGE,
	};
	int fd = tlib_region_full(&config);

	ASSERT_LE(0, fd);
	self->at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 16);
	ASSERT_NE(NULL, self->at);
	self->pid = tlib_peer_fork(&self->peer);
	ASSERT_LE(0, self->pid);
	if (!self->pid) {
		tlib_write(self->at, 8);
		tlib_settle();
		tlib_peer_nudge(&self->peer);
		tlib_peer_await(&self->peer);
		_exit(0);
	}
	ASSERT_EQ(0, tlib_peer_await(&self->peer));
}

FIXTURE_TEARDOWN(walk)
{
	tlib_peer_nudge(&self->peer);
	EXPECT_EQ(0, tlib_peer_join(&self->peer));
}

#define EXPECT_SAYS(status, command, part) do {					\
	char _text[TLIB_TEXT_MAX];						\
										\
	EXPECT_EQ(status, shell(command, _text));				\
	EXPECT_NE(NULL, strstr(_text, part)) {					\
		TH_LOG("no \"%s\" in\n%s", part, _text);			\
	}									\
} while (0)

#define RANGE(pages) tlib_text("%lx+%zuK", (unsigned long)self->at, (pages) * 4UL)

TEST_F(walk, contiguous_frames_are_shown_as_one_run)
{
	EXPECT_SAYS(0, tlib_text("faultlab walk %d %s | tail -1", self->pid, RANGE(16)),
		    "1 run, 8 pages (32K), ");
	EXPECT_SAYS(0, tlib_text("faultlab walk %d %s --holes | tail -1", self->pid, RANGE(16)),
		    "2 runs, 8 pages (32K), ");
	EXPECT_SAYS(0, tlib_text("faultlab walk %d %s --exclude dirty | tail -1", self->pid,
				 RANGE(16)), "0 runs, 0 pages, ");
	EXPECT_SAYS(0, tlib_text("faultlab walk %d --require special,dirty", self->pid),
		    " rw-s /dev/faultlab (64K, soft-dirty)\n");
}

TEST_F(walk, a_single_address_shows_what_its_chain_of_entries_allows)
{
	EXPECT_SAYS(0, tlib_text("faultlab walk %d %p", self->pid, self->at),
		    "in effect: can be read, written, accessed from user mode; PTE forbids exec\n");
	EXPECT_SAYS(0, tlib_text("faultlab walk %d %p", self->pid, self->at + 12 * TLIB_PAGE),
		    "ends at PTE: empty");
	EXPECT_SAYS(0, tlib_text("faultlab walk %d --chain 1000", self->pid),
		    "address 0x1000\nin no mapping: an access ends in SIGSEGV");
}

TEST_F(walk, counts_and_runs_have_the_same_number_of_pages)
{
	char runs[TLIB_TEXT_MAX], counts[TLIB_TEXT_MAX];
	const char *figures = "| tail -1 | grep -o '[0-9,]* pages'";

	ASSERT_EQ(0, shell(tlib_text("faultlab walk %d %s", self->pid, figures), runs));
	ASSERT_EQ(0, shell(tlib_text("faultlab walk %d --counts %s", self->pid, figures), counts));
	EXPECT_STREQ(runs, counts);
}

TEST_F(walk, diff_shows_which_flags_a_command_cleared)
{
	EXPECT_SAYS(0, tlib_text("faultlab walk %d --diff -- sh -c 'echo 1 >/proc/%d/clear_refs'",
				 self->pid, self->pid), "~ -accessed\n");
	EXPECT_SAYS(0, tlib_text("faultlab walk %d --diff -- true", self->pid),
		    "pages: 0 appeared, 0 disappeared, 0 moved, 0 changed flags\n");
}

TEST_F(walk, json_of_each_form_has_the_pid_and_flags_as_arrays)
{
	static const char *const forms[] = { "", "--entries", "--pages", "--counts", "--raw" };
	char text[TLIB_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		EXPECT_EQ(0, shell(tlib_text("faultlab walk --json %s %d %s", forms[i], self->pid,
					     RANGE(16)), text));
		EXPECT_EQ('{', text[0]);
		EXPECT_NE(NULL, strstr(text, tlib_text("\"pid\": %d", self->pid)));
	}
	EXPECT_SAYS(0, tlib_text("faultlab walk --json %d %s | tr -d ' \\n'", self->pid, RANGE(16)),
		    "\"flags\":[\"leaf\",\"vma-soft-dirty\",\"write\",\"user\",\"accessed\",\"dirty\",\"special\"");
	EXPECT_SAYS(0, tlib_text("faultlab walk --json %d %p", self->pid, self->at),
		    "\"allows\":");
}

TEST_F(walk, json_diff_lists_changes_without_the_output_of_the_command)
{
	char text[TLIB_TEXT_MAX];

	/* clear_refs changes entries of all mappings except PFN mappings. */
	const char *command = "faultlab walk --json %d --diff -- %s 2>/dev/null | %s";
	const char *clear = tlib_text("sh -c 'echo noise; echo 1 >/proc/%d/clear_refs'", self->pid);

	EXPECT_EQ(0, shell(tlib_text(command, self->pid, clear, "tr -d ' \\n' | head -c 4000"),
			   text));
	/* The output of the command is not part of the JSON. */
	EXPECT_EQ('{', text[0]);
	EXPECT_NE(NULL, strstr(text, "\"pages_appeared\":0,\"pages_went\":0,\"pages_moved\":0,"));
	EXPECT_EQ(NULL, strstr(text, "\"pages_changed_flags\":0,")) {
		TH_LOG("%s", text);
	}
	EXPECT_NE(NULL, strstr(text, "\"level\":\"PTE\",\"before\":{\"pfn\":"));
	EXPECT_SAYS(0, tlib_text(command, self->pid, "true", "tr -d ' \\n'"), "\"changes\":[]");
}

TEST(runs_of_the_kernel_half_are_in_json_with_their_region)
{
	char text[TLIB_TEXT_MAX];
	const char *count = "faultlab walk --json %s --kernel ffffffff80000000+1G | grep -c %s";
	long runs;

	EXPECT_SAYS(0, "faultlab walk --json --kernel ffffffff80000000+1G | tr -d ' ' | head -40",
		    "\"region\":\"kernelimage\"\n");
	ASSERT_EQ(0, shell(tlib_text(count, "", "'\"region\"'"), text));
	runs = atol(text);
	EXPECT_LT(1, runs);
	ASSERT_EQ(0, shell(tlib_text(count, "--entries", "'\"address\"'"), text));
	EXPECT_GT(atol(text), runs);
}

TEST(the_direct_map_begins_with_frame_0)
{
	EXPECT_SAYS(0, "faultlab walk --kernel | grep -m 1 -A 1 '^direct map'",
		    "  page        0x0 ");
}

TEST(an_entry_of_frame_0_is_not_shown_as_hidden)
{
	const char *first = "faultlab walk --kernel | grep -m 1 -A 1 '^direct map' | tail -1";
	char text[TLIB_TEXT_MAX];

	ASSERT_EQ(0, shell(first, text));
	text[strcspn(text, "-")] = '\0';
	EXPECT_SAYS(0, tlib_text("faultlab walk --kernel --entries %s+4K", text),
		    "  page        0x0         0x");
	EXPECT_SAYS(1, tlib_text("faultlab walk --kernel --entries %s+4K | grep CAP_", text), "");
	EXPECT_SAYS(0, tlib_text("faultlab walk --kernel --entries --json %s+4K", text),
		    "\"pfn\": 0,");
	EXPECT_SAYS(0, tlib_text("faultlab walk --kernel --chain %s", text),
		    "physical address 0x0, frame 0x0\n");
}

TEST_F(walk, dot_output_has_a_label_for_the_mapped_pages)
{
	EXPECT_SAYS(0, tlib_text("faultlab walk --dot %d %s", self->pid, RANGE(16)),
		    "8 pages rw- user accessed dirty special");
}

TEST(an_impossible_walk_prints_a_reason_and_has_status_1_or_2)
{
	EXPECT_SAYS(1, "faultlab walk 2",
		    "process 2 has no address space: it is a kernel thread, or has ended.");
	EXPECT_SAYS(1, "faultlab walk 4194303", "there is no process 4194303.");
	EXPECT_SAYS(2, "faultlab walk 1 --require nonsense", "'nonsense' is not a flag");
	EXPECT_SAYS(2, "faultlab walk 1 --nonsense", "walk has no option '--nonsense'");
	EXPECT_SAYS(2, "faultlab walk 1 --counts --holes", "--counts takes no --holes");
	EXPECT_SAYS(2, "faultlab walk --kernel 257", "takes addresses of the kernel half");
}

TEST_HARNESS_MAIN
