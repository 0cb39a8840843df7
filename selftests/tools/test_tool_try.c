// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab try and faultlab features: a refusal names what was refused and why, and a
 * request without effect is reported.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/tools/shell.h"

#define ROOM	(1UL << 20)

FIXTURE(try)
{
	char *text;
};

FIXTURE_SETUP(try)
{
	self->text = malloc(ROOM);
	ASSERT_NE(NULL, self->text);
}

FIXTURE_TEARDOWN(try)
{
	free(self->text);
}

/*
 * For each reason for which options can be refused: the command prints it. A row has the
 * start of the printed sentence.
 */
TEST_F(try, a_refused_configuration_prints_the_reason)
{
	static const struct {
		const char *options;
		const char *why;
	} rows[] = {
		{ "--kind pfn --flags insert", "insert is for kind page" },
		{ "--kind remap --flags mkwrite", "mkwrite is not for kind remap" },
		{ "--kind remap --flags whole", "whole is not for kind remap" },
		{ "--flags phys", "phys is not for kind page" },
		{ "--kind mixed --flags huge", "huge is for kind pfn" },
		{ "--order 30", "the order is too high" },
		{ "--kind pfn --flags phys --order 2", "phys cannot have an order" },
		{ "--order 3 --pages 4", "the size must be a multiple of the folio size" },
		{ "--kind pfn --flags huge,mkwrite", "huge cannot have mkwrite" },
		{ "--around 16", "around is for kind pfn" },
		{ "--kind pfn --around 3", "around must be a power of two" },
		{ "--kind pfn --cache wc", "wc and uc need phys" },
		{ "--pages 4000000000", "the size exceeds the module parameter max_pages" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(1, tlib_shell(tlib_text("faultlab try %s", rows[i].options), self->text,
					ROOM));
		EXPECT_EQ(self->text + strlen("faultlab: "), strstr(self->text, rows[i].why)) {
			TH_LOG("%s: %s", rows[i].options, self->text);
		}
	}
}

TEST_F(try, a_configuration_that_the_kernel_does_not_support_prints_the_reason)
{
	int huge = tlib_shell("faultlab try --kind pfn --flags huge", self->text, ROOM), pmd;

	EXPECT_EQ(tlib_kernel_since(6, 12) ? 0 : 1, huge);
	EXPECT_EQ(!huge, !strstr(self->text, "this kernel has no PMD leaves of PFNs"));
	pmd = tlib_shell("faultlab try --order 9 --pages 512 --touch read", self->text, ROOM);
	EXPECT_EQ(tlib_kernel_since(6, 12) ? 0 : 1, pmd);
	EXPECT_EQ(!pmd, !strstr(self->text, "mremap() of a PMD leaf races with evict"));
}

static json_object *json_of(char *text, const char *line)
{
	return tlib_shell(line, text, ROOM) ? NULL : json_tokener_parse(text);
}

TEST_F(try, a_requested_feature_without_effect_is_reported)
{
	static const struct {
		const char *options;
		/* The start of the report about a request without effect; NULL: no report. */
		const char *missed;
		bool new;		/* only for kernels that map PFNs by PMDs */
	} rows[] = {
		{ "--kind pfn --flags huge", "huge: no PMD was mapped, since the folios", true },
		{ "--kind pfn --flags huge --order 9 --pages 512", NULL, true },
		{ "--kind pfn --flags huge --order 9 --pages 512 --rule 'sigbus pages=7'",
		  "huge: no PMD was mapped, since a rule matches", true },
		{ "--order 9 --pages 512 --flags whole", NULL, false },
		{ "--order 9 --pages 512 --flags whole --private --touch write",
		  "order: no PMD was mapped", false },
		{ "--order 9 --pages 512 --flags whole --rule 'major pages=7'",
		  "order: no PMD was mapped", false },
		{ "--kind pfn --around 4", NULL, false },
		{ "--kind pfn --around 4 --pages 1", "around: no page was mapped along", false },
		{ "--kind pfn --around 4 --rule 'fallback access=around'",
		  "around: no page was mapped along", false },
		{ "--kind pfn", NULL, false },
		{ "--kind remap --rule sigbus", "rule: kind remap has no faults", false },
		{ "--rule 'sigbus pages=10-'", "rule: one has pages= past the end", false },
		{ "--order 3 --pages 8", NULL, false },
	};
	json_object *all, *missed = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *line = tlib_text("faultlab try %s", rows[i].options);

		if (rows[i].new && !tlib_kernel_since(6, 12))
			continue;
		EXPECT_EQ(0, tlib_shell(line, self->text, ROOM));
		if (rows[i].missed)
			EXPECT_NE(NULL, strstr(self->text, rows[i].missed)) {
				TH_LOG("%s", rows[i].options);
			}
		/* At most one request is reported as without effect: that of @missed. */
		all = json_of(self->text, tlib_text("%s --json", line));
		ASSERT_NE(NULL, all);
		ASSERT_TRUE(json_object_object_get_ex(all, "missed", &missed));
		EXPECT_EQ(!!rows[i].missed, json_object_array_length(missed)) {
			TH_LOG("%s: %s", rows[i].options, json_object_to_json_string(missed));
		}
		json_object_put(all);
	}
}

/*
 * Child processes inherit PR_SET_THP_DISABLE. So for accesses of the command the kernel
 * does not call .huge_fault.
 */
TEST_F(try, thp_disable_is_named_as_the_reason_for_a_missing_pmd)
{
	if (!tlib_kernel_since(6, 12))
		SKIP(return, "no .huge_fault of PFN mappings");
	ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	ASSERT_EQ(0, tlib_shell("faultlab try --kind pfn --flags huge --order 9 --pages 512",
				self->text, ROOM));
	EXPECT_NE(NULL, strstr(self->text, "since the kernel did not call .huge_fault"));
	ASSERT_EQ(0, tlib_shell("faultlab try --order 9 --pages 512", self->text, ROOM));
	EXPECT_NE(NULL, strstr(self->text, "PR_SET_THP_DISABLE"));
}

TEST_F(try, waits_at_the_gate_until_another_shell_opens_it)
{
	const char *find = "sed -n 's/^gate .*gate \\([0-9]*\\) open$/\\1/p' /tmp/try";
	const char *wait = tlib_text("while id=$(%s); [ -z \"$id\" ]; do sleep 0.1; done", find);
	const char *all = tlib_text("faultlab try --rule 'serve gate' --pages 1 >/tmp/try & %s; %s",
				    wait, "faultlab gate $id open && wait && cat /tmp/try");

	ASSERT_EQ(0, tlib_shell(all, self->text, ROOM));
	EXPECT_NE(NULL, strstr(self->text, "0x00")) {
		TH_LOG("%s", self->text);
	}
}

TEST_F(try, json_lists_requested_features_without_effect)
{
	const char *line = "faultlab try --json --kind pfn --around 4 --pages 1";
	json_object *all = json_of(self->text, line);
	json_object *missed = NULL;

	ASSERT_NE(NULL, all);
	ASSERT_TRUE(json_object_object_get_ex(all, "missed", &missed));
	EXPECT_EQ(1, json_object_array_length(missed));
	json_object_put(all);
}

#define EXPECT_MEMBER(number, object, name) do {					\
	json_object *_value = NULL;							\
											\
	EXPECT_TRUE(json_object_object_get_ex(object, name, &_value));			\
	EXPECT_EQ(number, json_object_get_uint64(_value));				\
} while (0)

static const char *string_at(json_object *list, size_t i)
{
	return json_object_get_string(json_object_array_get_idx(list, i));
}

#define EXPECT_LIST(text, object, name) do {						\
	json_object *_value = NULL;							\
											\
	EXPECT_TRUE(json_object_object_get_ex(object, name, &_value));			\
	EXPECT_STREQ(text, json_object_to_json_string(_value));				\
} while (0)

TEST_F(try, features_json_matches_the_ioctl)
{
	static const char *const accesses[] = {
		"read", "write", "cow", "mkwrite", "pfn_mkwrite", "exec", "remote",
		"around", "huge",
	};
	json_object *all = json_of(self->text, "faultlab features --json"), *value = NULL, *kind;
	struct faultlab_features f;
	int fd = faultlab_open();
	unsigned int i;

	ASSERT_NE(NULL, all);
	ASSERT_EQ(0, faultlab_features(fd, FAULTLAB_KIND_PFN, &f));
	close(fd);
	EXPECT_MEMBER(f.max_bytes, all, "max_bytes");
	EXPECT_MEMBER(f.phys_bytes, all, "phys_bytes");
	EXPECT_MEMBER(f.max_order, all, "max_order");
	EXPECT_MEMBER(f.pmd_order, all, "pmd_order");
	EXPECT_MEMBER(f.pud_order, all, "pud_order");
	EXPECT_MEMBER(tlib_page_size(), all, "page_bytes");
	EXPECT_MEMBER(!!(f.walk_flags & FAULTLAB_WALK_KERNEL), all, "kernel_half");
	ASSERT_TRUE(json_object_object_get_ex(all, "access", &value));
	ASSERT_EQ(ARRAY_SIZE(accesses), json_object_array_length(value));
	for (i = 0; i < ARRAY_SIZE(accesses); i++)
		EXPECT_STREQ(accesses[i], string_at(value, i));
	EXPECT_LIST("[ \"wb\", \"wc\", \"uc\" ]", all, "caches");
	EXPECT_MEMBER(f.stats, all, "counters");
	ASSERT_TRUE(json_object_object_get_ex(all, "verdicts", &value));
	EXPECT_EQ(FAULTLAB_NR_VERDICTS, json_object_array_length(value));
	ASSERT_TRUE(json_object_object_get_ex(all, "kinds", &value));
	EXPECT_EQ(FAULTLAB_NR_KINDS, json_object_object_length(value));
	ASSERT_TRUE(json_object_object_get_ex(value, "pfn", &kind));
	EXPECT_MEMBER(f.max_around, kind, "max_around");
	ASSERT_TRUE(json_object_object_get_ex(kind, "flags", &value));
	EXPECT_EQ(__builtin_popcountll(f.region_flags), json_object_array_length(value));
	json_object_put(all);
}

TEST_F(try, features_text_lists_kinds_verdicts_and_orders)
{
	static const char *const lines[] = {
		"kind page     flags insert mkwrite whole", "kind pfn      flags mkwrite",
		"around up to 512", "verdicts      serve major", "pmd_order     9",
	};
	unsigned int i;

	ASSERT_EQ(0, tlib_shell("faultlab features", self->text, ROOM));
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		EXPECT_NE(NULL, strstr(self->text, lines[i])) {
			TH_LOG("%s", lines[i]);
		}
	}
	EXPECT_EQ(2, tlib_shell("faultlab features more", self->text, ROOM));
}

TEST_HARNESS_MAIN
