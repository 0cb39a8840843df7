// SPDX-License-Identifier: GPL-2.0-only
/* Checks rules, replaces the rules of a region while faults match them, and copies them. */
#include <linux/slab.h>
#include "may_see.h"
#include "memory/pages.h"
#include "region/rules.h"

/**
 * flab_region_rule_check - check a rule from user space
 * @file: the file, /dev/faultlab or in debugfs, through which user space sets the rule
 * @from: as user space wrote it
 * @to: out: the checked rule
 *
 * Return: 0, -EINVAL, -ENOSPC if the rule's range ends past the pages that a region can have
 * (max_pages), or -EPERM if the rule asks for records of kernel stacks (FAULTLAB_RULE_STACK)
 * and @file may not show kernel addresses.
 */
int flab_region_rule_check(const struct file *file, const struct faultlab_rule *from,
			   struct flab_rule *to)
{
	int err = flab_rule_check(from, flab_region_max_pages(), to);

	if (!err && (from->flags & FAULTLAB_RULE_STACK) &&
	    !flab_may_see(file, FLAB_SECRET_KERNEL))
		err = -EPERM;
	return err;
}

/* How many pages are drained in one hold of region->sem. */
#define FLAB_DRAIN_PAGES (8UL << FLAB_MAX_ORDER)

/* Wait for faults that returned a page under the old rules and have yet to map it. */
static int flab_region_drain(struct flab_region *region)
{
	pgoff_t first, end = READ_ONCE(region->nr_pages);
	int err = 0;

	for (first = 0; first < end && !err; first += FLAB_DRAIN_PAGES) {
		percpu_down_read(&region->sem);
		err = flab_pages_drain(&region->memory, first, first + FLAB_DRAIN_PAGES - 1,
				       true);
		percpu_up_read(&region->sem);
	}
	return err;
}

/*
 * Replace the rules by @new; with @carry, copy the old rules' counts to it. Afterwards no
 * fault matches the old rules, and faults that matched them have mapped the page that
 * they returned. Return: 0, or -EINTR if killed while waiting for such faults.
 */
static int flab_region_exchange_rules(struct flab_region *region, struct flab_rules *new,
				      bool carry)
{
	struct flab_rules *old = region->rules;

	percpu_down_write(&region->sem);
	if (carry && old)
		flab_rules_carry(new, old);
	region->rules = new;
	region->rules_gen++;
	flab_gate_stir(&region->gate);
	region->drains++;
	percpu_up_write(&region->sem);
	flab_rules_free(old);
	return flab_region_drain(region);
}

/**
 * flab_region_set_rules - FAULTLAB_IOC_RULE
 * @region: the region
 * @rules: checked rules
 * @nr: number of @rules
 * @add: append to the rules of the region, else replace them
 *
 * Return: 0; -ENODEV if the region is unplugged; -ENOSPC for too many rules; -ENOMEM; or
 * -EINTR if killed. After -EINTR the new rules may be in force while a fault that matched
 * the old ones is still running.
 */
int flab_region_set_rules(struct flab_region *region,
			  const struct flab_rule *rules, u32 nr, bool add)
{
	struct flab_rules *new;
	int err;

	err = mutex_lock_killable(&region->lock);
	if (err)
		return err;

	err = -ENODEV;
	if (READ_ONCE(region->dead))
		goto unlock;

	/* region->rules is only written under region->lock: no region->sem needed. */
	new = flab_rules_join(add ? region->rules : NULL, rules, nr);
	err = PTR_ERR_OR_ZERO(new);
	if (!err)
		err = flab_region_exchange_rules(region, new, add);
unlock:
	mutex_unlock(&region->lock);
	return err;
}

/**
 * flab_region_get_rules - copy the rules, with the number of hits of each
 * @region: the region
 * @rules: out: the copy, to be freed with kvfree(); NULL if there are no rules
 * @nr: out: number of rules
 *
 * Return: 0, -ENOMEM or -EINTR.
 */
int flab_region_get_rules(struct flab_region *region, struct faultlab_rule **rules,
			  u32 *nr)
{
	int err;

	*rules = NULL;
	*nr = 0;
	err = mutex_lock_killable(&region->lock);
	if (err)
		return err;
	if (!region->rules)
		goto unlock;

	*rules = kvmalloc_array(region->rules->nr, sizeof(**rules), GFP_KERNEL_ACCOUNT);
	err = -ENOMEM;
	if (!*rules)
		goto unlock;
	flab_rules_show(region->rules, *rules);
	*nr = region->rules->nr;
	err = 0;
unlock:
	mutex_unlock(&region->lock);
	return err;
}
