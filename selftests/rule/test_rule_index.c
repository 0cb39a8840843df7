// SPDX-License-Identifier: GPL-2.0-only
/*
 * Long lists of rules: the rule that the module finds through its index is the first
 * match of a linear search. Lists and faults are random; the log has the seed.
 */
#include <stdlib.h>
#include <string.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/sys.h"

#define NR	64
#define RULES	48

struct model {
	struct faultlab_rule rule[RULES];
	size_t nr;
	__u64 seen[RULES];
};

FIXTURE(index)
{
	int fd;
	char *at;
	struct model model;
};

FIXTURE_VARIANT(index)
{
	size_t rules;
	size_t longest;		/* the most pages that a rule is for */
};

FIXTURE_VARIANT_ADD(index, few_long_rules)
{
	.rules = 5,
	.longest = NR,
};

FIXTURE_VARIANT_ADD(index, many_long_rules)
{
	.rules = RULES,
	.longest = NR,
};

FIXTURE_VARIANT_ADD(index, many_short_rules)
{
	.rules = RULES,
	.longest = 4,
};

FIXTURE_SETUP(index)
{
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, NR);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(index)
{
	close(self->fd);
}

static struct faultlab_rule draw_rule(size_t longest)
{
	static const enum faultlab_verdict verdicts[] = {
		FAULTLAB_VERDICT_SERVE, FAULTLAB_VERDICT_SIGBUS, FAULTLAB_VERDICT_MAJOR,
	};
	static const __u32 accesses[] = {
		0, FAULTLAB_ACCESS_READ, FAULTLAB_ACCESS_WRITE,
		FAULTLAB_ACCESS_READ | FAULTLAB_ACCESS_WRITE, FAULTLAB_ACCESS_COW,
	};
	size_t first = random() % NR;
	size_t pages = 1 + random() % longest;
	struct faultlab_rule rule;

	if (pages > NR - first)
		pages = NR - first;
	rule = tlib_rule(first, pages, verdicts[random() % ARRAY_SIZE(verdicts)], 0);
	rule.access = accesses[random() % ARRAY_SIZE(accesses)];
	if (random() % 2)
		return rule;
	rule.skip = random() % 4;
	rule.every = random() % 4;
	rule.times = random() % 8;
	return rule;
}

static bool fires(const struct faultlab_rule *r, __u64 seen)
{
	if (!r->skip && r->every <= 1 && !r->times)
		return true;
	if (seen < r->skip || (r->every > 1 && (seen - r->skip) % r->every))
		return false;
	return !r->times || r->hits < r->times;
}

/* The expected verdict, by a linear search. */
static enum faultlab_verdict judge(struct model *m, size_t page, __u32 access)
{
	__u64 at = page * tlib_page_size();
	size_t i;

	for (i = 0; i < m->nr; i++) {
		struct faultlab_rule *r = &m->rule[i];

		if (at < r->offset || at - r->offset >= r->length ||
		    (r->access && !(r->access & access)) || !fires(r, m->seen[i]++))
			continue;
		r->hits++;
		return r->verdict;
	}
	return FAULTLAB_VERDICT_SERVE;
}

/* Touch each page once. Returns how many accesses did not end as expected. */
static unsigned int touch_all(struct _test_data_index *self)
{
	unsigned int wrong = 0;
	size_t i, page, step = 2 * (random() % (NR / 2)) + 1;

	for (i = 0, page = random() % NR; i < NR; i++, page = (page + step) % NR) {
		bool write = random() % 2;
		enum faultlab_verdict verdict =
			judge(&self->model, page,
			      write ? FAULTLAB_ACCESS_WRITE : FAULTLAB_ACCESS_READ);
		int signal = write ? faultlab_touch_write(tlib_at(self->at, page), 1, NULL) :
				     faultlab_touch_read(tlib_at(self->at, page), NULL);

		wrong += (signal != 0) != (verdict == FAULTLAB_VERDICT_SIGBUS);
	}
	faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0);
	return wrong;
}

TEST_F(index, the_index_finds_the_first_matching_rule_of_the_list)
{
	unsigned int seed, round;

	for (seed = 1; seed <= tlib_scale(6, 60); seed++) {
		struct faultlab_rule back[RULES];
		size_t i, nr = RULES;

		srandom(seed);
		memset(&self->model, 0, sizeof(self->model));
		self->model.nr = variant->rules;
		for (i = 0; i < variant->rules; i++)
			self->model.rule[i] = draw_rule(variant->longest);
		ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, self->model.rule,
					    variant->rules));
		for (round = 0; round < 5; round++)
			EXPECT_EQ(0, touch_all(self));
		ASSERT_EQ(0, faultlab_rules_read(self->fd, back, &nr));
		ASSERT_EQ(variant->rules, nr);
		for (i = 0; i < nr; i++)
			EXPECT_EQ(self->model.rule[i].hits, back[i].hits) {
				TH_LOG("seed %u: hits of rule %zu", seed, i);
			}
	}
}

TEST_F(index, after_an_add_the_index_still_finds_the_first_matching_rule)
{
	size_t i, half = variant->rules / 2, nr = RULES;
	struct faultlab_rule back[RULES];

	srandom(7);
	self->model.nr = half;
	for (i = 0; i < variant->rules; i++)
		self->model.rule[i] = draw_rule(variant->longest);
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, self->model.rule, half));
	EXPECT_EQ(0, touch_all(self));
	self->model.nr = variant->rules;
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_ADD, self->model.rule + half,
				    variant->rules - half));
	EXPECT_EQ(0, touch_all(self));
	ASSERT_EQ(0, faultlab_rules_read(self->fd, back, &nr));
	ASSERT_EQ(variant->rules, nr);
	for (i = 0; i < nr; i++)
		EXPECT_EQ(self->model.rule[i].hits, back[i].hits);
}

TEST(with_max_rules_each_page_is_matched_by_its_own_rule)
{
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, FAULTLAB_MAX_RULES);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, FAULTLAB_MAX_RULES);
	static struct faultlab_rule rules[FAULTLAB_MAX_RULES];
	size_t i;

	ASSERT_NE(NULL, at);
	for (i = 0; i < FAULTLAB_MAX_RULES; i++)
		rules[i] = tlib_rule(i, 1, i % 2 ? FAULTLAB_VERDICT_SIGBUS :
						   FAULTLAB_VERDICT_SERVE, 0);
	ASSERT_EQ(0, faultlab_rules(fd, FAULTLAB_RULE_SET, rules, FAULTLAB_MAX_RULES));
	for (i = 0; i < FAULTLAB_MAX_RULES; i += 31)
		EXPECT_EQ(i % 2, faultlab_touch_read(tlib_at(at, i), NULL) != 0);
	close(fd);
}

TEST_HARNESS_MAIN
