// SPDX-License-Identifier: GPL-2.0-only
/* Rules as text: what is read, what is written, and what is no rule. */
#include "line.h"
#include "random_rule.h"

static int parse(const char *text, struct faultlab_rule *rule)
{
	static char line[256];

	snprintf(line, sizeof(line), "%s", text);
	return flab_rule_parse(line, rule, NULL);
}

TEST(a_rule_is_written_in_canonical_form)
{
	static const struct {
		const char *written, *canonical;
	} rows[] = {
		{ "serve", "serve" },
		{ "\t sigbus \t every=2\t# every other", "sigbus every=2" },
		{ "sigbus#", "sigbus" },
		{ "hwpoison-large:1", "hwpoison-large:1" },
		{ "hwpoison-large:0", "hwpoison-large" },
		{ "hwpoison-large:0xffffffff", "hwpoison-large:4294967295" },
		{ "sigbus pages=0", "sigbus pages=0" },
		{ "sigbus pages=3-3", "sigbus pages=3" },
		{ "sigbus pages=0-", "sigbus" },
		{ "sigbus pages=0x3-0xa", "sigbus pages=3-10" },
		{ "sigbus access=write,read", "sigbus access=read,write" },
		{ "serve delay=0", "serve" },
		{ "serve delay=2000us", "serve delay=2ms" },
		{ "serve delay=0..1s", "serve delay=0us..1s" },
		{ "serve delay=exp:5ms..0x10ms", "serve delay=exp:5ms..16ms" },
		{ "serve gate hold-lock", "serve gate hold-lock" },
		{ "sigbus skip=0 every=1", "sigbus" },
		{ "sigbus times=3 every=2 skip=1", "sigbus skip=1 every=2 times=3" },
		{ "sigbus skip=18446744073709551615", "sigbus skip=18446744073709551615" },
		{ "sigbus probability=0.500000", "sigbus probability=0.5" },
		{ "sigbus probability=1.0", "sigbus" },
		{ "sigbus seed=0xff probability=0.9", "sigbus probability=0.9 seed=255" },
		{ "serve stack times=1 hold-lock", "serve times=1 hold-lock stack" },
	};
	static struct unit_line line;
	struct faultlab_rule rule;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ_OF(rows[i].written, 0, parse(rows[i].written, &rule));
		flab_add_rule(unit_line(&line), &rule);
		EXPECT_STREQ(rows[i].canonical, line.text);
	}
}

TEST(fields_without_a_word_keep_their_default)
{
	const u64 page = PAGE_SIZE;
	struct faultlab_rule rule;

	ASSERT_EQ(0, parse("serve", &rule));
	EXPECT_EQ(0, rule.offset);
	EXPECT_EQ(FAULTLAB_TO_END, rule.length);
	EXPECT_EQ(0, rule.access);
	EXPECT_EQ(FAULTLAB_DELAY_FIXED, rule.delay_kind);
	EXPECT_EQ(0, rule.delay_us);
	EXPECT_EQ(0, rule.flags);
	EXPECT_EQ(0, rule.every);
	EXPECT_EQ(0, rule.probability);
	ASSERT_EQ(0, parse("sigbus pages=3-5 delay=1ms..2ms", &rule));
	EXPECT_EQ(FAULTLAB_VERDICT_SIGBUS, rule.verdict);
	EXPECT_EQ(3 * page, rule.offset);
	EXPECT_EQ(3 * page, rule.length);
	EXPECT_EQ(FAULTLAB_DELAY_UNIFORM, rule.delay_kind);
	EXPECT_EQ(1000, rule.delay_us);
	EXPECT_EQ(2000, rule.delay_max_us);
}

TEST(lines_that_are_no_rule_are_refused)
{
	static const char *const rows[] = {
		"Serve", "serv", "serve:", "serve:1", "delay=1ms", "gate", "pages=3", "0", "none",
		"done_cow", "hwpoison-large:", "hwpoison-large:x", "hwpoison-large:1x",
		"hwpoison-large:4294967296", "serve serve", "serve pages", "serve pages=",
		"serve pages=3 pages=4", "serve pages=5-3", "serve page=3", "serve access=",
		"serve access=read,", "serve access=read,read", "serve access=any", "serve delay=",
		"serve delay=1m", "serve delay=..1ms", "serve delay=1ms..", "serve delay=exp:",
		"serve delay=1ms...2ms", "serve gate=1", "serve gate delay=1ms",
		"serve delay=1ms gate", "serve skip=", "serve skip=-1", "serve every=0",
		"serve times=0", "serve times=1x", "serve probability=0",
		"serve probability=1.5", "serve seed=0x", "serve hold-lock=1",
		"serve hold-lock,stack", "serve stack stack",
	};
	struct faultlab_rule rule;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ_OF(rows[i], -EINVAL, parse(rows[i], &rule));
}

TEST(blank_lines_and_comments_are_told_from_mistakes)
{
	static const char *const rows[] = { "", " ", "\t \t", "#", "# serve", " \t# serve", "##" };
	struct faultlab_rule rule;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ_OF(rows[i], -ENODATA, parse(rows[i], &rule));
}

TEST(a_key_is_found_by_its_whole_name_only)
{
	EXPECT_NOT_NULL(flab_rule_key("pages", 5));
	EXPECT_NOT_NULL(flab_rule_key("pages=3", 5));
	EXPECT_NOT_NULL(flab_rule_key("stack", 5));
	EXPECT_NULL(flab_rule_key("pages", 4));
	EXPECT_NULL(flab_rule_key("pages=3", 6));
	EXPECT_NULL(flab_rule_key("pages", 0));
	EXPECT_NULL(flab_rule_key("serve", 5));
}

/* Another delay for the rule, if it can have it. */
static void change_delay(struct faultlab_rule *rule)
{
	struct faultlab_rule changed = *rule;

	changed.delay_kind = unit_random(FAULTLAB_NR_DELAYS);
	changed.delay_us = unit_random(3) * unit_random(2000000);
	changed.delay_max_us = unit_random(2) * unit_random(60000000);
	changed.flags = unit_random(FAULTLAB_RULE_ANY + 1);
	if (!faultlab_rule_check(&changed, NULL))
		*rule = changed;
}

/* 0 and "always" are the same probability, 0 and 1 the same `every`. */
static void make_canonical(struct faultlab_rule *rule)
{
	if (rule->probability == FAULTLAB_ALWAYS)
		rule->probability = 0;
	if (rule->every == 1)
		rule->every = 0;
}

TEST(a_random_valid_rule_is_read_as_it_was_written)
{
	static struct unit_line line;
	struct faultlab_rule rule, read;
	unsigned int i;

	for (i = 0; i < 3000; i++) {
		rule = unit_random_rule();
		change_delay(&rule);
		flab_add_rule(unit_line(&line), &rule);
		ASSERT_EQ_OF(line.text, 0, parse(line.text, &read));
		make_canonical(&rule);
		ASSERT_EQ_OF(line.text, 0, memcmp(&rule, &read, sizeof(rule)));
	}
}

UNIT_SUITE(rule_text,
	   UNIT_CASE(a_rule_is_written_in_canonical_form),
	   UNIT_CASE(fields_without_a_word_keep_their_default),
	   UNIT_CASE(lines_that_are_no_rule_are_refused),
	   UNIT_CASE(blank_lines_and_comments_are_told_from_mistakes),
	   UNIT_CASE(a_key_is_found_by_its_whole_name_only),
	   UNIT_CASE(a_random_valid_rule_is_read_as_it_was_written))
