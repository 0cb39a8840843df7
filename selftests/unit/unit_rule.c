// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's matching of rules, compared with a simple implementation of what
 * uapi/linux/faultlab.h says: go through the rules in order, and take the first that
 * applies. The module uses an index by page, a fast path for rules without conditions, and
 * per-CPU counts instead.
 */
#include "unit.h"
#include "random_rule.h"
#include "module/rule/check.c"
#include "module/rule/index.c"
#include "module/rule/match.c"
#include "module/rule/list.c"
#ifndef __KERNEL__	/* there it is that of unit_dice.c */
#include "module/rule/dice.c"
#endif

#define MAX_PAGES	(1UL << 24)
#define RULES		40
#define SPAN		UNIT_RULE_PAGES

/* A rule of the simple implementation, with its counts. */
struct plain {
	struct faultlab_rule rule;
	u64 matched, hits;
};

static bool is_about(const struct faultlab_rule *r, u64 page, u32 access)
{
	const u64 first = r->offset / PAGE_SIZE;

	if (page < first)
		return false;
	if (r->length != FAULTLAB_TO_END && page - first >= r->length / PAGE_SIZE)
		return false;
	return (r->access ?: faultlab_rule_accesses(r)) & access;
}

static bool applies(struct plain *p)
{
	const struct faultlab_rule *r = &p->rule;
	const u64 nr = p->matched++;

	if (nr < r->skip || (r->every > 1 && (nr - r->skip) % r->every))
		return false;
	if (r->probability && flab_dice_millionths(r->seed, nr) >= r->probability)
		return false;
	if (r->times && p->hits == r->times)
		return false;
	p->hits++;
	return true;
}

/* The number of the rule that decides, from 1; 0: none. */
static u32 decides(struct plain *plain, u32 nr, u64 page, u32 access)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (is_about(&plain[i].rule, page, access) && applies(&plain[i]))
			return i + 1;
	return 0;
}

static bool has_condition(const struct faultlab_rule *r)
{
	return r->skip || r->every > 1 || r->times ||
	       (r->probability && r->probability < FAULTLAB_ALWAYS);
}

static bool is_plain_serve(const struct faultlab_rule *r)
{
	return r->verdict == FAULTLAB_VERDICT_SERVE && !has_condition(r) &&
	       !r->flags && !r->delay_us && r->delay_kind == FAULTLAB_DELAY_FIXED;
}

/* The same rules twice: for the module and for the simple implementation. */
struct both {
	struct flab_rules *rules;
	struct plain plain[FAULTLAB_MAX_RULES + 1];
	struct flab_rule checked[FAULTLAB_MAX_RULES + 1];
	u32 nr;
};

FIXTURE(rules)
{
	struct both b;
	struct faultlab_rule shown[2 * RULES];
};

FIXTURE_SETUP(rules)
{
}

FIXTURE_TEARDOWN(rules)
{
	flab_rules_free(self->b.rules);
	EXPECT_EQ(0, unit_allocs);
}

/*
 * Makes the list of the first nr of plain[], in place of the one before. False if there is
 * none then: without memory, or since a rule is not valid.
 */
static bool make(struct both *b, u32 nr)
{
	struct flab_rules *rules;
	u32 i;

	flab_rules_free(b->rules);
	b->rules = NULL;
	b->nr = nr;
	for (i = 0; i < nr; i++)
		if (flab_rule_check(&b->plain[i].rule, MAX_PAGES, &b->checked[i]))
			return false;
	rules = flab_rules_join(NULL, b->checked, nr);
	if (!IS_ERR(rules))
		b->rules = rules;
	return b->rules;
}

static bool make_random(struct both *b, u32 nr)
{
	u32 i;

	memset(b->plain, 0, sizeof(b->plain));
	for (i = 0; i < nr; i++)
		b->plain[i].rule = unit_random_rule();
	return make(b, nr);
}

/* As the fault path does: the fast path first. */
static struct flab_verdict match(struct flab_rules *rules, u64 page, u32 access)
{
	struct flab_verdict v = { .verdict = FAULTLAB_VERDICT_SERVE };

	v.rule = flab_rules_serve(rules, page, access);
	if (!v.rule)
		flab_rules_match(rules, page, access, &v);
	return v;
}

TEST_F(rules, the_first_that_applies_decides_on_each_page_and_access)
{
	u32 i, k, rule;

	for (i = 0; i < 100; i++) {
		ASSERT_TRUE(make_random(&self->b, 1 + unit_random(RULES)));
		for (k = 0; k < 300; k++) {
			const u64 page = unit_random(SPAN + 12);
			const u32 access = 1 + unit_random(FAULTLAB_ACCESS_ANY);
			struct flab_verdict v = match(self->b.rules, page, access);

			rule = decides(self->b.plain, self->b.nr, page, access);
			ASSERT_EQ(rule, v.rule);
			EXPECT_EQ(rule ? self->b.plain[rule - 1].rule.verdict :
					 (u32)FAULTLAB_VERDICT_SERVE, v.verdict);
		}
	}
}

TEST_F(rules, hits_are_how_often_each_rule_applied)
{
	u32 i, k;

	for (i = 0; i < 40; i++) {
		ASSERT_TRUE(make_random(&self->b, RULES));
		for (k = 0; k < 500; k++) {
			const u64 page = unit_random(SPAN);
			const u32 access = 1U << unit_random(5);

			match(self->b.rules, page, access);
			decides(self->b.plain, self->b.nr, page, access);
		}
		flab_rules_show(self->b.rules, self->shown);
		for (k = 0; k < RULES; k++)
			EXPECT_EQ(self->b.plain[k].hits, self->shown[k].hits);
	}
}

/*
 * Whether only a plain serve, or no rule, can decide about a page and access. A plain serve
 * has no condition, flag or delay. It always applies, so no rule after it can decide.
 */
static bool is_only_plain(const struct both *b, u64 page, u32 access)
{
	u32 i;

	for (i = 0; i < b->nr; i++) {
		const struct faultlab_rule *r = &b->plain[i].rule;

		if (!is_about(r, page, access))
			continue;
		return is_plain_serve(r);	/* which always applies */
	}
	return true;
}

static bool only_plain(const struct both *b, u64 first, u64 last, u32 asked)
{
	u64 page;
	u32 access;

	for (page = first; page <= last; page++)
		for (access = 1; access <= FAULTLAB_ACCESS_ANY; access <<= 1)
			if ((access & asked) && !is_only_plain(b, page, access))
				return false;
	return true;
}

/*
 * flab_rules_plain() tells whether pages may be mapped without a verdict on each: they may if
 * no rule other than a plain serve can decide about any of them.
 */
TEST_F(rules, pages_are_plain_if_no_rule_but_a_plain_serve_can_decide)
{
	u32 i, k;

	for (i = 0; i < 100; i++) {
		ASSERT_TRUE(make_random(&self->b, 1 + unit_random(12)));
		for (k = 0; k < 100; k++) {
			const u64 first = unit_random(SPAN), last = first + unit_random(16);
			const u32 asked = 1 + unit_random(FAULTLAB_ACCESS_ANY);

			ASSERT_EQ(only_plain(&self->b, first, last, asked),
				  flab_rules_plain(self->b.rules, first, last, asked));
		}
	}
}

static void match_some(struct both *b)
{
	u32 i;

	for (i = 0; i < 60; i++) {
		const u64 page = unit_random(SPAN);

		match(b->rules, page, FAULTLAB_ACCESS_READ);
		decides(b->plain, b->nr, page, FAULTLAB_ACCESS_READ);
	}
}

TEST_F(rules, counts_go_on_when_rules_are_added)
{
	u32 i, k;

	for (i = 0; i < 60; i++) {
		struct flab_rules *joined;

		ASSERT_TRUE(make_random(&self->b, RULES));
		match_some(&self->b);
		for (k = RULES; k < 2 * RULES; k++) {
			self->b.plain[k] = (struct plain) { .rule = unit_random_rule() };
			ASSERT_EQ(0, flab_rule_check(&self->b.plain[k].rule, MAX_PAGES,
						     &self->b.checked[k]));
		}
		joined = flab_rules_join(self->b.rules, self->b.checked + RULES, RULES);
		ASSERT_FALSE(IS_ERR(joined));
		match_some(&self->b);	/* before the new list takes the place of the old */
		flab_rules_carry(joined, self->b.rules);
		flab_rules_free(self->b.rules);
		self->b.rules = joined;
		for (k = 0; k < 100; k++) {
			const u64 page = unit_random(SPAN);

			ASSERT_EQ(decides(self->b.plain, 2 * RULES, page, FAULTLAB_ACCESS_READ),
				  match(joined, page, FAULTLAB_ACCESS_READ).rule);
		}
		flab_rules_show(joined, self->shown);
		for (k = 0; k < 2 * RULES; k++)
			EXPECT_EQ(self->b.plain[k].hits, self->shown[k].hits);
	}
}

/* A probability of x/1000000 applies if the number drawn is below x. */
TEST_F(rules, the_number_drawn_must_be_below_the_probability)
{
	u32 i, more;

	for (i = 0; i < 100; i++)
		for (more = 0; more < 2; more++) {
			self->b.plain[0] = (struct plain) { .rule = {
				.length = FAULTLAB_TO_END, .verdict = FAULTLAB_VERDICT_SIGBUS,
				.seed = i, .probability = flab_dice_millionths(i, 0) + more,
			} };
			ASSERT_TRUE(make(&self->b, 1));
			EXPECT_EQ(more, match(self->b.rules, 0, FAULTLAB_ACCESS_READ).rule);
		}
}

/* A fallback rule counts no hit for an access that it is not for, or that is served before. */
TEST_F(rules, only_the_fallback_that_refuses_pages_counts_a_hit)
{
	static const struct {
		u32 access;
		bool plain;
		u64 hits;
	} rows[] = {
		{ FAULTLAB_ACCESS_AROUND, true, 0 },
		{ FAULTLAB_ACCESS_AROUND | FAULTLAB_ACCESS_READ, false, 0 },
		{ FAULTLAB_ACCESS_HUGE, false, 1 },
		{ FAULTLAB_ACCESS_AROUND | FAULTLAB_ACCESS_HUGE, false, 1 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		self->b.plain[0].rule = (struct faultlab_rule) {
			.length = FAULTLAB_TO_END, .access = FAULTLAB_ACCESS_AROUND };
		self->b.plain[1].rule = (struct faultlab_rule) {
			.length = FAULTLAB_TO_END, .verdict = FAULTLAB_VERDICT_FALLBACK };
		self->b.plain[2].rule = (struct faultlab_rule) {
			.length = FAULTLAB_TO_END, .verdict = FAULTLAB_VERDICT_SIGBUS,
			.access = FAULTLAB_ACCESS_READ };
		ASSERT_TRUE(make(&self->b, 3));
		EXPECT_EQ(rows[i].plain, flab_rules_plain(self->b.rules, 0, 9, rows[i].access));
		flab_rules_show(self->b.rules, self->shown);
		EXPECT_EQ(rows[i].hits, self->shown[1].hits);
	}
}

TEST_F(rules, delays_are_within_what_the_rule_says)
{
	static const struct faultlab_rule rows[] = {
		{ .delay_us = 20 },
		{ .delay_kind = FAULTLAB_DELAY_UNIFORM, .delay_us = 10, .delay_max_us = 13 },
		{ .delay_kind = FAULTLAB_DELAY_EXPONENTIAL, .delay_us = 100, .delay_max_us = 150 },
		{ .delay_kind = FAULTLAB_DELAY_EXPONENTIAL, .delay_us = FAULTLAB_MAX_DELAY_US },
		{ .delay_kind = FAULTLAB_DELAY_GATE },
	};
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct faultlab_rule *r = &rows[i];
		const u64 most = r->delay_kind == FAULTLAB_DELAY_EXPONENTIAL ?
				 r->delay_max_us ?: FAULTLAB_MAX_DELAY_US :
				 r->delay_max_us ?: r->delay_us;
		const u64 least = r->delay_kind == FAULTLAB_DELAY_EXPONENTIAL ? 0 : r->delay_us;
		u64 shortest = ~0ULL, longest = 0;

		self->b.plain[0] = (struct plain) { .rule = *r };
		self->b.plain[0].rule.length = FAULTLAB_TO_END;
		ASSERT_TRUE(make(&self->b, 1));
		for (k = 0; k < 5000; k++) {
			struct flab_verdict v = match(self->b.rules, k, FAULTLAB_ACCESS_READ);

			EXPECT_EQ(r->delay_kind, v.delay);
			shortest = min(shortest, v.delay_us);
			longest = max(longest, v.delay_us);
		}
		EXPECT_LE(least, shortest);
		EXPECT_GE(most, longest);
		EXPECT_EQ(r->delay_kind == FAULTLAB_DELAY_UNIFORM ||
			  r->delay_kind == FAULTLAB_DELAY_EXPONENTIAL, shortest != longest);
	}
}

TEST_F(rules, the_limits_of_a_list_and_of_a_range_are_enospc)
{
	struct flab_rules *more;
	u32 i;

	for (i = 0; i <= FAULTLAB_MAX_RULES; i++)
		self->b.plain[i].rule = (struct faultlab_rule) { .length = PAGE_SIZE };
	ASSERT_TRUE(make(&self->b, FAULTLAB_MAX_RULES));
	EXPECT_EQ(1, match(self->b.rules, 0, FAULTLAB_ACCESS_READ).rule);
	more = flab_rules_join(self->b.rules, self->b.checked, 1);
	EXPECT_EQ(-ENOSPC, PTR_ERR(more));
	more = flab_rules_join(NULL, self->b.checked, FAULTLAB_MAX_RULES + 1);
	EXPECT_EQ(-ENOSPC, PTR_ERR(more));
	EXPECT_NULL(flab_rules_join(NULL, NULL, 0));

	self->b.plain[0].rule.offset = (MAX_PAGES - 1) * PAGE_SIZE;
	EXPECT_EQ(0, flab_rule_check(&self->b.plain[0].rule, MAX_PAGES, &self->b.checked[0]));
	self->b.plain[0].rule.length = 2 * PAGE_SIZE;
	EXPECT_EQ(-ENOSPC, flab_rule_check(&self->b.plain[0].rule, MAX_PAGES, &self->b.checked[0]));
	self->b.plain[0].rule.offset = MAX_PAGES * PAGE_SIZE;
	self->b.plain[0].rule.length = FAULTLAB_TO_END;
	EXPECT_EQ(-ENOSPC, flab_rule_check(&self->b.plain[0].rule, MAX_PAGES, &self->b.checked[0]));
	/* The last page of 2^64 bytes, which a rule as text cannot name. */
	self->b.plain[0].rule.offset = -(__u64)PAGE_SIZE;
	EXPECT_EQ(-ENOSPC, flab_rule_check(&self->b.plain[0].rule, ~0UL, &self->b.checked[0]));
}

TEST_F(rules, each_failed_allocation_is_enomem_and_leaks_nothing)
{
	struct flab_rules *joined;
	bool failed;
	long before;
	u32 fail;

	ASSERT_TRUE(make_random(&self->b, RULES));
	before = unit_allocs;
	for (fail = 0;; fail++) {
		unit_allocs_until_failure = fail;
		joined = flab_rules_join(self->b.rules, self->b.checked, RULES);
		failed = unit_allocs_until_failure < 0;
		unit_allocs_until_failure = -1;
		if (!failed)
			break;
		ASSERT_EQ(-ENOMEM, PTR_ERR(joined));
		EXPECT_EQ(before, unit_allocs);
	}
	EXPECT_LT(3, fail);
	flab_rules_free(joined);
	EXPECT_EQ(before, unit_allocs);
}

UNIT_SUITE_F(rule, rules,
	     UNIT_CASE(the_first_that_applies_decides_on_each_page_and_access),
	     UNIT_CASE(hits_are_how_often_each_rule_applied),
	     UNIT_CASE(pages_are_plain_if_no_rule_but_a_plain_serve_can_decide),
	     UNIT_CASE(counts_go_on_when_rules_are_added),
	     UNIT_CASE(the_number_drawn_must_be_below_the_probability),
	     UNIT_CASE(only_the_fallback_that_refuses_pages_counts_a_hit),
	     UNIT_CASE(delays_are_within_what_the_rule_says),
	     UNIT_CASE(the_limits_of_a_list_and_of_a_range_are_enospc),
	     UNIT_CASE(each_failed_allocation_is_enomem_and_leaks_nothing))
