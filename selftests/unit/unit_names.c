// SPDX-License-Identifier: GPL-2.0-only
/* Names of the ABI's numbers. */
#include "line.h"

/* A list of names; by_name is NULL if nobody asks for a number. */
static const struct list {
	const char *what;
	unsigned int nr;
	const char *(*name)(unsigned int number);
	int (*by_name)(const char *name);
} lists[] = {
	{ "stat", FAULTLAB_NR_STATS, faultlab_stat_name, faultlab_stat_by_name },
	{ "kind", FAULTLAB_NR_KINDS, faultlab_kind_name, faultlab_kind_by_name },
	{ "cache", FAULTLAB_NR_CACHES, faultlab_cache_name, faultlab_cache_by_name },
	{ "verdict", FAULTLAB_NR_VERDICTS, faultlab_verdict_name, faultlab_verdict_by_name },
	{ "result", FAULTLAB_NR_RESULTS, faultlab_result_name, faultlab_result_by_name },
	{ "lock", FAULTLAB_NR_LOCKS, faultlab_lock_name, faultlab_lock_by_name },
	{ "callback", FAULTLAB_NR_CALLBACKS, faultlab_callback_name, faultlab_callback_by_name },
	{ "event", FAULTLAB_NR_VMA_EVENTS, faultlab_vma_event_name, NULL },
	{ "why", FAULTLAB_NR_WHYS, faultlab_why_name, NULL },
	{ "level", FAULTLAB_NR_LEVELS, faultlab_level_name, NULL },
};

TEST(each_name_leads_back_to_its_number)
{
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		for (k = 0; lists[i].by_name && k < lists[i].nr; k++)
			EXPECT_EQ_OF(lists[i].what, k, lists[i].by_name(lists[i].name(k)));
}

TEST(a_number_past_the_last_has_no_name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		EXPECT_EQ_OF(lists[i].what, true, strcmp("?", lists[i].name(lists[i].nr - 1)) != 0);
		EXPECT_STREQ("?", lists[i].name(lists[i].nr));
		EXPECT_STREQ("?", lists[i].name(~0U));
	}
}

TEST(no_name_is_in_a_list_twice)
{
	unsigned int i, k, m;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		for (k = 0; k < lists[i].nr; k++)
			for (m = 0; m < k; m++)
				EXPECT_EQ_OF(lists[i].name(k), true,
					     strcmp(lists[i].name(k), lists[i].name(m)) != 0);
}

TEST(a_name_must_be_written_in_full_and_in_lower_case)
{
	static const char *const rows[] = { "", "?", "Serve", "serv", "serve ", " serve", "-" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ_OF(rows[i], -ENOENT, faultlab_verdict_by_name(rows[i]));
		EXPECT_EQ_OF(rows[i], 0, faultlab_access_by_name(rows[i]));
		EXPECT_EQ_OF(rows[i], 0, faultlab_region_flag_by_name(rows[i]));
	}
}

TEST(only_a_single_bit_has_a_name)
{
	unsigned int i, named = 0;

	for (i = 0; i < 32; i++) {
		const char *name = faultlab_access_name(1U << i);

		if (!strcmp(name, "?"))
			continue;
		EXPECT_EQ_OF(name, 1U << i, faultlab_access_by_name(name));
		named |= 1U << i;
	}
	EXPECT_EQ(FAULTLAB_ACCESS_ANY, named);
	EXPECT_STREQ("?", faultlab_access_name(0));
	EXPECT_STREQ("?", faultlab_access_name(FAULTLAB_ACCESS_READ | FAULTLAB_ACCESS_WRITE));
	EXPECT_STREQ("?", faultlab_region_flag_name(0));
	EXPECT_STREQ("?", faultlab_region_flag_name(1ULL << 63));
	EXPECT_STREQ("?", faultlab_pte_flag_name(1ULL << 63));
	EXPECT_STREQ("?", faultlab_fault_flag_name(0));
}

TEST(bits_are_written_in_the_order_of_their_list)
{
	static struct unit_line line;

	flab_add_bits(unit_line(&line), 0, &flab_access_bits, ",");
	EXPECT_STREQ("", line.text);
	flab_add_bits(unit_line(&line), FAULTLAB_ACCESS_COW, &flab_access_bits, ",");
	EXPECT_STREQ("cow", line.text);
	flab_add_bits(unit_line(&line), FAULTLAB_ACCESS_WRITE | FAULTLAB_ACCESS_READ,
		      &flab_access_bits, ",");
	EXPECT_STREQ("read,write", line.text);
	/* A bit without a name is left out, and so is the separator. */
	flab_add_bits(unit_line(&line), 1ULL << 63 | FAULTLAB_ACCESS_READ, &flab_access_bits, ",");
	EXPECT_STREQ("read", line.text);
}

UNIT_SUITE(names,
	   UNIT_CASE(each_name_leads_back_to_its_number),
	   UNIT_CASE(a_number_past_the_last_has_no_name),
	   UNIT_CASE(no_name_is_in_a_list_twice),
	   UNIT_CASE(a_name_must_be_written_in_full_and_in_lower_case),
	   UNIT_CASE(only_a_single_bit_has_a_name),
	   UNIT_CASE(bits_are_written_in_the_order_of_their_list))
