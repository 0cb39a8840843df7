// SPDX-License-Identifier: GPL-2.0-only
/* Numbers, pages, ranges of walks, times and probabilities as text, read and written. */
#include "line.h"

/* What a scan made of a text: the value, and where it stopped. value ~0: it refused. */
struct scan {
	const char *text;
	u64 value;
	const char *rest;
};

#define REFUSED	(~0ULL)

static bool scan_probability(char **text, u64 *value)
{
	u32 millionths = 0;
	bool found = flab_scan_probability(text, &millionths);

	*value = millionths;
	return found;
}

/* 0, or what is wrong: 1 whether it was refused, 2 the value, 3 where it stopped. */
static int wrong(bool (*scan)(char **text, u64 *value), const struct scan *row)
{
	char text[64], *at = text;
	u64 value = 0;
	bool found;

	snprintf(text, sizeof(text), "%s", row->text);
	found = scan(&at, &value);
	if (!found)
		return row->value == REFUSED ? 0 : 1;
	if (row->value == REFUSED)
		return 1;
	if (value != row->value)
		return 2;
	return strcmp(at, row->rest) ? 3 : 0;
}

TEST(numbers_are_decimal_or_hexadecimal_and_nothing_else)
{
	static const struct scan rows[] = {
		{ "0", 0, "" }, { "7", 7, "" }, { "010", 10, "" }, { "0x10", 16, "" },
		{ "0xaBcDeF", 0xabcdef, "" }, { "12ab", 12, "ab" }, { "0xfg", 15, "g" },
		{ "0X10", 0, "X10" }, { "1 2", 1, " 2" }, { "5-6", 5, "-6" },
		{ "", REFUSED }, { "x", REFUSED }, { "0x", REFUSED }, { "-1", REFUSED },
		{ "+1", REFUSED }, { " 1", REFUSED }, { "a", REFUSED },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ_OF(rows[i].text, 0, wrong(flab_scan_number, &rows[i]));
}

TEST(numbers_end_at_64_bits)
{
	static const struct scan rows[] = {
		{ "18446744073709551614", ~0ULL - 1, "" },
		{ "0xfffffffffffffffe", ~0ULL - 1, "" },
		{ "0x000000000000000000001", 1, "" },
		{ "18446744073709551616", REFUSED },
		{ "18446744073709551620", REFUSED },
		{ "99999999999999999999", REFUSED },
		{ "0x10000000000000000", REFUSED },
	};
	char most[] = "18446744073709551615", hex[] = "0xffffffffffffffff";
	char *text = most;
	unsigned int i;
	u64 value = 0;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ_OF(rows[i].text, 0, wrong(flab_scan_number, &rows[i]));
	EXPECT_TRUE(flab_scan_number(&text, &value));
	EXPECT_EQ(~0ULL, value);
	text = hex;
	EXPECT_TRUE(flab_scan_number(&text, &value));
	EXPECT_EQ(~0ULL, value);
}

TEST(times_are_in_microseconds_unless_a_unit_follows)
{
	static const struct scan rows[] = {
		{ "0", 0, "" }, { "5", 5, "" }, { "5us", 5, "" }, { "5ms", 5000, "" },
		{ "5s", 5000000, "" }, { "0x10ms", 16000, "" }, { "5m", 5, "m" },
		{ "5ns", 5, "ns" }, { "5 ms", 5, " ms" }, { "1ms..2ms", 1000, "..2ms" },
		{ "18446744073709551614us", ~0ULL - 1, "" },
		{ "18446744073709551ms", 18446744073709551000ULL, "" },
		{ "18446744073709552ms", REFUSED }, { "18446744073710s", REFUSED },
		{ "", REFUSED }, { "ms", REFUSED }, { "-5ms", REFUSED },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ_OF(rows[i].text, 0, wrong(flab_scan_time, &rows[i]));
}

TEST(probabilities_are_above_0_and_up_to_1_with_at_most_six_places)
{
	static const struct scan rows[] = {
		{ "1", 1000000, "" }, { "1.0", 1000000, "" }, { "1.000000", 1000000, "" },
		{ "0.5", 500000, "" }, { "0.000001", 1, "" }, { "0.999999", 999999, "" },
		{ "0.250000", 250000, "" }, { "0.1x", 100000, "x" }, { "1x", 1000000, "x" },
		{ "0", REFUSED }, { "0.0", REFUSED }, { "0.000000", REFUSED },
		{ "0.0000001", REFUSED }, { "0.5000000", REFUSED }, { "1.000001", REFUSED },
		{ "2", REFUSED }, { "0.", REFUSED }, { ".5", REFUSED }, { "0.-1", REFUSED },
		{ "-0.5", REFUSED }, { "", REFUSED }, { "01", REFUSED },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ_OF(rows[i].text, 0, wrong(scan_probability, &rows[i]));
}

TEST(pages_are_one_or_a_range_or_all_from_one_on)
{
	static const struct {
		const char *text;
		u64 first;
		u64 nr;		/* 0: all from the first on; ~0: refused */
	} rows[] = {
		{ "0", 0, 1 }, { "3", 3, 1 }, { "3-3", 3, 1 }, { "3-5", 3, 3 },
		{ "0x3-0xa", 3, 8 }, { "3-", 3, 0 }, { "0-", 0, 0 },
		/* The last page whose end is below 2^64. */
		{ "4503599627370494", (1ULL << 52) - 2, 1 },
		{ "0-4503599627370494", 0, (1ULL << 52) - 1 },
		{ "4503599627370494-", (1ULL << 52) - 2, 0 },
		{ "4503599627370495", 0, REFUSED }, { "0-4503599627370495", 0, REFUSED },
		{ "4503599627370495-", 0, REFUSED }, { "18446744073709551616", 0, REFUSED },
		{ "5-3", 0, REFUSED }, { "", 0, REFUSED }, { "-", 0, REFUSED },
		{ "-3", 0, REFUSED }, { "3--5", 0, REFUSED }, { "3-5-", 0, REFUSED },
		{ "3 -5", 0, REFUSED }, { "3-x", 0, REFUSED }, { "3x", 0, REFUSED },
	};
	const u64 page = PAGE_SIZE;
	char text[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const bool valid = rows[i].nr != REFUSED;
		u64 offset = 0, length = 77;

		snprintf(text, sizeof(text), "%s", rows[i].text);
		EXPECT_EQ_OF(text, valid, flab_scan_pages(text, &offset, &length));
		if (!valid)
			continue;
		EXPECT_EQ_OF(text, rows[i].first * page, offset);
		EXPECT_EQ_OF(text, rows[i].nr ? rows[i].nr * page : 77, length);
	}
}

TEST(a_walk_is_a_pid_an_address_and_perhaps_a_length)
{
	static const struct {
		const char *text;
		u32 pid;
		u64 start;
		u64 length;	/* 0: refused; 7: as it was */
	} rows[] = {
		{ "0 0", 0, 0, 7 }, { "1 4096", 1, 4096, 7 }, { "0 010000 0x1", 0, 10000, 1 },
		{ "2147483647 0x1000 8192", 2147483647, 4096, 8192 },
		{ "0 0xffffffffffffefff 4096", 0, ~0ULL - 4096, 4096 },
		{ "2147483648 0" }, { "-1 0" }, { "+1 0" }, { "" }, { " " }, { "0" }, { "0 " },
		{ "0  0" }, { " 0 0" }, { "0 0 " }, { "0 0 0" }, { "0 0 x" }, { "0 0 1 1" },
		{ "0 0 1 " }, { "0 -1" }, { "0\t0" }, { "0\n0" }, { "0 0x10000000000000000" },
		{ "0 0xffffffffffffffff 2" }, { "0 1 0xffffffffffffffff" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 start = 0, length = 7;
		u32 pid = 0;
		char text[64];

		snprintf(text, sizeof(text), "%s", rows[i].text);
		EXPECT_EQ_OF(rows[i].text, !!rows[i].length,
			     flab_scan_walk(text, &pid, &start, &length));
		if (!rows[i].length)
			continue;
		EXPECT_EQ_OF(rows[i].text, rows[i].pid, pid);
		EXPECT_EQ_OF(rows[i].text, rows[i].start, start);
		EXPECT_EQ_OF(rows[i].text, rows[i].length, length);
	}
}

TEST(a_word_is_skipped_only_if_the_text_begins_with_it)
{
	char line[] = "exp:5ms";
	char *text = line;

	EXPECT_FALSE(flab_skip_word(&text, "exp5"));
	EXPECT_FALSE(flab_skip_word(&text, "exp:5ms "));
	EXPECT_STREQ("exp:5ms", text);
	EXPECT_TRUE(flab_skip_word(&text, ""));
	EXPECT_STREQ("exp:5ms", text);
	EXPECT_TRUE(flab_skip_word(&text, "exp:"));
	EXPECT_STREQ("5ms", text);
	EXPECT_TRUE(flab_skip_word(&text, "5ms"));
	EXPECT_STREQ("", text);
}

TEST(a_time_is_written_in_the_largest_unit_that_divides_it)
{
	static const struct {
		u64 us;
		const char *text;
	} rows[] = {
		{ 0, "0us" }, { 1, "1us" }, { 999, "999us" }, { 1000, "1ms" },
		{ 1001, "1001us" }, { 1500, "1500us" }, { 999000, "999ms" },
		{ 1000000, "1s" }, { 1001000, "1001ms" }, { 60000000, "60s" },
		{ ~0ULL, "18446744073709551615us" },
	};
	static struct unit_line line;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		flab_add_time(unit_line(&line), rows[i].us);
		EXPECT_STREQ(rows[i].text, line.text);
	}
}

TEST(a_fraction_is_written_without_zeros_at_its_end)
{
	static const struct {
		u32 millionths;
		const char *text;
	} rows[] = {
		{ 1, "0.000001" }, { 10, "0.00001" }, { 999999, "0.999999" },
		{ 250000, "0.25" }, { 500000, "0.5" }, { 100001, "0.100001" },
		{ 10000, "0.01" },
	};
	static struct unit_line line;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		flab_add_fraction(unit_line(&line), rows[i].millionths);
		EXPECT_STREQ(rows[i].text, line.text);
	}
}

TEST(a_random_time_or_fraction_is_read_as_it_was_written)
{
	static struct unit_line line;
	unsigned int i;
	char *at;

	for (i = 0; i < 3000; i++) {
		const u64 us = unit_random(1ULL << unit_random(64));
		const u32 some = 1 + unit_random(FAULTLAB_ALWAYS - 1);
		u32 millionths = 0;
		u64 read = 0;

		flab_add_time(unit_line(&line), us);
		at = line.text;
		ASSERT_TRUE(flab_scan_time(&at, &read));
		ASSERT_EQ(us, read);
		flab_add_fraction(unit_line(&line), some);
		at = line.text;
		ASSERT_TRUE(flab_scan_probability(&at, &millionths));
		ASSERT_EQ(some, millionths);
		ASSERT_EQ('\0', *at);
	}
}

UNIT_SUITE(value,
	   UNIT_CASE(numbers_are_decimal_or_hexadecimal_and_nothing_else),
	   UNIT_CASE(numbers_end_at_64_bits),
	   UNIT_CASE(times_are_in_microseconds_unless_a_unit_follows),
	   UNIT_CASE(probabilities_are_above_0_and_up_to_1_with_at_most_six_places),
	   UNIT_CASE(pages_are_one_or_a_range_or_all_from_one_on),
	   UNIT_CASE(a_walk_is_a_pid_an_address_and_perhaps_a_length),
	   UNIT_CASE(a_word_is_skipped_only_if_the_text_begins_with_it),
	   UNIT_CASE(a_time_is_written_in_the_largest_unit_that_divides_it),
	   UNIT_CASE(a_fraction_is_written_without_zeros_at_its_end),
	   UNIT_CASE(a_random_time_or_fraction_is_read_as_it_was_written))
