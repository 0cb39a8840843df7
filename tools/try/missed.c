// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explains which arguments of faultlab try had no effect. If a PMD or several pages cannot
 * be mapped at once, the kernel or the module maps a single page without an error.
 */
#include "try/try.h"

static bool fell_back(const struct try_seen *seen, enum faultlab_stat why)
{
	return seen->moved.value[why];
}

static bool wants_huge(const struct try_order *order)
{
	return order->config.flags & FAULTLAB_REGION_HUGE;
}

static bool got_huge(const struct try_seen *seen)
{
	return seen->moved.value[FAULTLAB_STAT_FAULT_HUGE_PMD] ||
	       seen->moved.value[FAULTLAB_STAT_FAULT_HUGE_PUD];
}

static bool has_rules_of_remap(const struct try_order *order, const struct try_seen *seen)
{
	(void)seen;
	return order->config.kind == FAULTLAB_KIND_REMAP && order->nr_rules;
}

static bool has_rule_past_the_end(const struct try_order *order, const struct try_seen *seen)
{
	unsigned int i;

	(void)seen;
	for (i = 0; i < order->nr_rules; i++)
		if (order->rules[i].offset >= order->config.bytes)
			return true;
	return false;
}

static bool misses_folios(const struct try_order *order, const struct try_seen *seen)
{
	return wants_huge(order) && !got_huge(seen) &&
	       !(order->config.flags & FAULTLAB_REGION_PHYS) &&
	       order->config.order < seen->pmd_order;
}

/*
 * The frames are not aligned, or not available. Not reported if the folios are
 * smaller than a PMD: then aligned frames would not help.
 */
static bool misses_frames(const struct try_order *order, const struct try_seen *seen)
{
	return wants_huge(order) && !got_huge(seen) && !misses_folios(order, seen) &&
	       fell_back(seen, FAULTLAB_STAT_FALLBACK_PFN);
}

static bool misses_room(const struct try_order *order, const struct try_seen *seen)
{
	return wants_huge(order) && !got_huge(seen) && !misses_folios(order, seen) &&
	       (fell_back(seen, FAULTLAB_STAT_FALLBACK_START) ||
		fell_back(seen, FAULTLAB_STAT_FALLBACK_END));
}

static bool is_held_by_a_rule(const struct try_order *order, const struct try_seen *seen)
{
	return wants_huge(order) && !got_huge(seen) &&
	       fell_back(seen, FAULTLAB_STAT_FALLBACK_RULE);
}

static bool misses_huge_at_all(const struct try_order *order, const struct try_seen *seen)
{
	return wants_huge(order) && !got_huge(seen) && !misses_folios(order, seen) &&
	       !misses_frames(order, seen) && !misses_room(order, seen) &&
	       !is_held_by_a_rule(order, seen);
}

/*
 * Kind page: the core maps a folio of PMD order by a PMD, under conditions that
 * docs/reference/kinds.md lists. True if such a folio was not mapped so.
 */
static bool misses_pmd_of_folio(const struct try_order *order, const struct try_seen *seen)
{
	const __u64 never = FAULTLAB_REGION_INSERT | FAULTLAB_REGION_MKWRITE;

	return order->config.kind == FAULTLAB_KIND_PAGE && order->config.order &&
	       order->config.order == seen->pmd_order && !(order->config.flags & never) &&
	       !seen->pmds;
}

static bool misses_neighbours(const struct try_order *order, const struct try_seen *seen)
{
	return order->config.around > 1 && !seen->moved.value[FAULTLAB_STAT_PAGES_BATCH] &&
	       !got_huge(seen);
}

static const struct {
	bool (*is)(const struct try_order *order, const struct try_seen *seen);
	const char *text;
} reasons[] = {
	{ has_rules_of_remap,
	  "rule: kind remap has no faults, so rules have no effect.",
	},
	{ has_rule_past_the_end,
	  "rule: one has pages= past the end of the region; pages are counted from 0.",
	},
	{ misses_folios,
	  "huge: no PMD was mapped, since the folios are smaller than a PMD: use --order with pmd_order of 'faultlab features'.",
	},
	{ misses_frames,
	  "huge: no PMD was mapped, since the frames are not aligned to a PMD, or not available.",
	},
	{ misses_room,
	  "huge: no PMD was mapped, since the mapping or the region begins or ends within the range of the PMD: use more --pages.",
	},
	{ is_held_by_a_rule,
	  "huge: no PMD was mapped, since a rule matches one of its pages.",
	},
	{ misses_huge_at_all,
	  "huge: no PMD was mapped, since the kernel did not call .huge_fault, or the PMD could not be inserted: transparent huge pages may be off for this process (PR_SET_THP_DISABLE).",
	},
	{ misses_pmd_of_folio,
	  "order: no PMD was mapped. For that the mapping must contain the whole folio; a private mapping must not be written to; no rule may match a page of the folio; and transparent huge pages must not be off for this process (PR_SET_THP_DISABLE).",
	},
	{ misses_neighbours,
	  "around: no page was mapped along with another: the mapping has no other page in the aligned range of the fault, or rules match all of them.",
	},
};

const char *try_missed(const struct try_order *order, const struct try_seen *seen, unsigned int *at)
{
	while (*at < ARRAY_SIZE(reasons)) {
		unsigned int i = (*at)++;

		if (reasons[i].is(order, seen))
			return reasons[i].text;
	}
	return NULL;
}
