// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab try and faultlab rule: what they print, and which rules are in force afterwards.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/tools/shell.h"
#include "lib/sys.h"

#define PAGES	8UL
#define RUN	\
	"faultlab try --rule 'sigbus pages=1' --rule 'sigsegv pages=2' --rule 'major pages=3'"

#define shell(command, text)	tlib_shell(command, text, TLIB_TEXT_MAX)

TEST(try_prints_the_outcome_of_each_touch_and_the_counters)
{
	static const char *const expected[] = {
		"\n     0  read   0x00 ", "\n     1  read   SIGBUS (BUS_ADRERR) ",
		"\n     2  read   SIGSEGV (SEGV_MAPERR) ", "\n     3  read   0x00 ",
		" us  PTE: none\n", " us  PTE: page rw- user accessed", "\nsigbus  ", "\nmajor  ",
	};
	char text[TLIB_TEXT_MAX];
	unsigned int i;

	ASSERT_EQ(0, shell(RUN, text));
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		EXPECT_NE(NULL, strstr(text, expected[i])) {
			TH_LOG("no \"%s\" in\n%s", expected[i], text);
		}
	}
}

TEST(try_counts_only_the_faults_of_its_touches)
{
	static const char command[] =
		"faultlab try --json --touch read,write --flags mkwrite --pages 5";
	static const char counts[] =
		"\"fault_read\": 5,    \"fault_mkwrite\": 5,    \"minor\": 10,";
	char text[TLIB_TEXT_MAX];

	ASSERT_EQ(0, shell(tlib_text("%s | tr -d '\\n'", command), text));
	EXPECT_NE(NULL, strstr(text, counts)) {
		TH_LOG("%s", text);
	}
}

TEST(an_invalid_command_line_prints_a_reason_and_has_status_2)
{
	static const struct {
		const char *command;
		const char *text;
	} rows[] = {
		{ "faultlab try --rule 'fallback access=read'", "reaches BUG()" },
		{ "faultlab try --rule oom", "spin for ever" },
		{ "faultlab evict 10 -15", "evict has no option '-1'" },
		{ "faultlab try -x", "try has no option '-x'" },
		{ "faultlab record -qv", "record has no option '-q'" },
		{ "faultlab try --kind x", "--kind needs page, pfn, remap or mixed" },
		{ "faultlab try --pages", "needs a value" },
		{ "faultlab try --pages 0", "--pages needs" },
		{ "faultlab rule x", "'x' is neither a region nor check" },
		{ "faultlab rule 1 put", "set, add or clear" },
		{ "faultlab rule 1 set 'sigbus foo'", "unknown word 'foo'" },
		{ "faultlab rule check", "check needs a rule" },
	};
	char text[TLIB_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(2, shell(rows[i].command, text)) {
			TH_LOG("%s", rows[i].command);
		}
		EXPECT_EQ(0, strncmp(text, "faultlab: ", 10));
		EXPECT_NE(NULL, strstr(text, rows[i].text)) {
			TH_LOG("%s: %s", rows[i].command, text);
		}
	}
}

/* Whether a word is in a text; only letters, digits, _ and - belong to words. */
static bool has_word(const char *text, const char *word)
{
	const size_t len = strlen(word);
	const char *at = text;

	for (; (at = strstr(at, word)); at += len) {
		const unsigned char before = at > text ? at[-1] : ' ', after = at[len];

		if (!isalnum(before) && !isalnum(after) && !strchr("_-", before) &&
		    (!after || !strchr("_-", after)))
			return true;
	}
	return false;
}

static const char *access_name(unsigned int i)
{
	return faultlab_access_name(1U << i);
}

static const char *region_flag_name(unsigned int i)
{
	return faultlab_region_flag_name(1ULL << i);
}

TEST(help_names_each_verdict_access_kind_flag_and_cache)
{
	static const struct {
		const char *command;
		const char *(*name)(unsigned int i);
		unsigned int nr;
	} rows[] = {
		{ "faultlab rule --help", faultlab_verdict_name, FAULTLAB_NR_VERDICTS },
		{ "faultlab rule --help", access_name, FAULTLAB_NR_ACCESSES },
		{ "faultlab try --help", faultlab_kind_name, FAULTLAB_NR_KINDS },
		{ "faultlab try --help", region_flag_name, FAULTLAB_NR_REGION_FLAGS },
		{ "faultlab try --help", faultlab_cache_name, FAULTLAB_NR_CACHES },
		{ "faultlab try --kind x", faultlab_kind_name, FAULTLAB_NR_KINDS },
		{ "faultlab try --flags x", region_flag_name, FAULTLAB_NR_REGION_FLAGS },
		{ "faultlab try --cache x", faultlab_cache_name, FAULTLAB_NR_CACHES },
	};
	char text[TLIB_TEXT_MAX];
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		shell(rows[i].command, text);
		for (j = 0; j < rows[i].nr; j++)
			EXPECT_TRUE(has_word(text, rows[i].name(j))) {
				TH_LOG("%s: no %s", rows[i].command, rows[i].name(j));
			}
	}
}

TEST(rule_check_has_status_0_if_all_rules_are_valid_else_1)
{
	char text[TLIB_TEXT_MAX];

	EXPECT_EQ(0, shell("faultlab rule check 'sigbus  every=0x2' 'fallback'", text));
	EXPECT_STREQ("sigbus every=2: accepted.\nfallback: accepted.\n", text);
	EXPECT_EQ(1, shell("faultlab rule check sigbus nopage", text));
	EXPECT_EQ(0, strncmp(text, "sigbus: accepted.\nnopage: nopage needs times=", 45));
}

/* Each rule begins with its verdict, however the words are split into arguments. */
TEST(rules_without_quotes_are_split_at_their_verdicts)
{
	static const char *const same[] = {
		"'serve delay=1s hold-lock' sigbus 'oom times=1'",
		"serve delay=1s hold-lock sigbus oom times=1",
		"'serve delay=1s' hold-lock sigbus oom times=1",
	};
	char text[TLIB_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(same); i++) {
		EXPECT_EQ(0, shell(tlib_text("faultlab rule check %s", same[i]), text));
		EXPECT_STREQ("serve delay=1s hold-lock: accepted.\nsigbus: accepted.\n"
			     "oom times=1: accepted.\n", text);
	}
}

/*
 * A word before the first verdict is refused, and no word joins a rule that was quoted.
 */
TEST(words_outside_a_rule_are_refused_and_quoted_rules_stay_separate)
{
	static const struct {
		const char *rules;
		const char *text;
	} rows[] = {
		/* There is no rule before the word. */
		{ "delay=1s serve", "no verdict 'delay=1s'" },
		/* The rule before the word is quoted and ends in a comment. */
		{ "'sigbus # why' pages=3", "no verdict 'pages=3'" },
		{ "sigbus '# comment' 'Oom times=1'", "no verdict 'Oom'" },
		/* The word is no verdict, or a result that no rule can ask for. */
		{ "serve sigbuss", "no verdict 'sigbuss'" },
		{ "serve done_cow", "done_cow: VM_FAULT_DONE_COW cannot be asked for" },
		{ "'sigbus pages=1' ' oom'", "oom needs times=1" },
	};
	char text[TLIB_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(1, shell(tlib_text("faultlab rule check %s", rows[i].rules), text));
		EXPECT_NE(NULL, strstr(text, rows[i].text)) {
			TH_LOG("%s: %s", rows[i].rules, text);
		}
	}
	EXPECT_EQ(0, shell("faultlab rule check 'sigbus # why' ' oom times=1'", text));
	EXPECT_STREQ("sigbus: accepted.\noom times=1: accepted.\n", text);
}

FIXTURE(rule_command)
{
	int fd;
	unsigned int id;
	char text[TLIB_TEXT_MAX];
};

FIXTURE_SETUP(rule_command)
{
	struct faultlab_info info;

	if (access(FAULTLAB_DEBUGFS, F_OK))
		SKIP(return, "no " FAULTLAB_DEBUGFS " (CONFIG_DEBUG_FS, mounted)");
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	self->id = info.id;
}

FIXTURE_TEARDOWN(rule_command)
{
	close(self->fd);
}

/* The rules of the region as text, joined by "; ". */
static const char *rules_of(int fd)
{
	static char text[4 * FAULTLAB_RULE_TEXT_MAX];
	struct faultlab_rule rules[4];
	size_t i, used = 0, nr = ARRAY_SIZE(rules);
	char one[FAULTLAB_RULE_TEXT_MAX];

	text[0] = '\0';
	if (faultlab_rules_read(fd, rules, &nr) || nr > ARRAY_SIZE(rules))
		return "?";
	for (i = 0; i < nr; i++)
		used += sprintf(text + used, "%s%s", i ? "; " : "",
				faultlab_rule_text(&rules[i], one, sizeof(one)));
	return text;
}

TEST_F(rule_command, set_add_and_clear_act_on_a_region_of_another_process)
{
	EXPECT_EQ(0, shell(tlib_text("faultlab rule %u set sigbus 'major pages=2'", self->id),
			   self->text));
	EXPECT_STREQ("", self->text);
	EXPECT_STREQ("sigbus; major pages=2", rules_of(self->fd));
	EXPECT_EQ(0, shell(tlib_text("faultlab rule %u add retry", self->id), self->text));
	EXPECT_STREQ("sigbus; major pages=2; retry", rules_of(self->fd));
	EXPECT_EQ(0, shell(tlib_text("faultlab rule %u set retry", self->id), self->text));
	EXPECT_STREQ("retry", rules_of(self->fd));
	EXPECT_EQ(2, shell(tlib_text("faultlab rule %u set sigbus oom", self->id), self->text));
	EXPECT_STREQ("retry", rules_of(self->fd));
	EXPECT_EQ(0, shell(tlib_text("faultlab rule %u clear", self->id), self->text));
	EXPECT_STREQ("", rules_of(self->fd));
}

TEST_F(rule_command, lists_rules_with_their_hits)
{
	char *mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, shell(tlib_text("faultlab rule %u set 'sigbus pages=1'", self->id),
			   self->text));
	faultlab_touch_read(tlib_at(mem, 1), NULL);
	faultlab_touch_read(tlib_at(mem, 1), NULL);
	EXPECT_EQ(0, shell(tlib_text("faultlab rule --json %u | tr -d '\n'", self->id),
			   self->text));
	EXPECT_NE(NULL, strstr(self->text, "\"rule\": \"sigbus pages=1\",        \"hits\": 2")) {
		TH_LOG("%s", self->text);
	}
	EXPECT_EQ(0, shell("faultlab rule", self->text));
	EXPECT_NE(NULL, strstr(self->text, tlib_text("\n%-6u  sigbus pages=1 ", self->id))) {
		TH_LOG("%s", self->text);
	}
}

TEST_F(rule_command, a_missing_region_is_reported_with_status_1)
{
	EXPECT_EQ(1, shell("faultlab rule 4000000000 clear", self->text));
	EXPECT_NE(NULL, strstr(self->text, "no such region"));
}

TEST_HARNESS_MAIN
