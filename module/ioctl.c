// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of ioctls of /dev/faultlab. Copies their structs from and to user space;
 * the work is done by functions of the region, the walker and the recorder.
 */
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "common/faultlab_check.h"
#include "evict/evict.h"
#include "evict/unplug.h"
#include "features.h"
#include "ioctl.h"
#include "kind/config.h"
#include "may_see.h"
#include "observe/latency.h"
#include "observe/record.h"
#include "region/counters.h"
#include "region/region.h"
#include "region/rules.h"
#include "walk/ioctl.h"

static int flab_ioc_info(struct file *file, void *arg)
{
	return flab_region_info(file->private_data, arg);
}

static int flab_ioc_config(struct file *file, void *arg)
{
	const struct faultlab_config *config = arg;
	struct faultlab_features features = { .kind = config->kind };
	int err = flab_features(&features);

	if (!err)
		err = faultlab_config_check(config, &features, NULL);
	return err ?: flab_region_config(file->private_data, config);
}

/* Size of the first version of struct faultlab_rule. */
#define FLAB_RULE_FIRST_SIZE	offsetofend(struct faultlab_rule, hits)

/* Sets all rules or none. User memory is read before any lock is taken. */
static int flab_ioc_rule(struct file *file, void *arg)
{
	const struct faultlab_rules *r = arg;
	const char __user *from = u64_to_user_ptr(r->rules);
	struct faultlab_rule user;
	struct flab_rule *rules;
	int err = 0;
	u32 i;

	if (r->op > FAULTLAB_RULE_ADD ||
	    (r->nr && (r->rule_size < FLAB_RULE_FIRST_SIZE || r->rule_size > PAGE_SIZE)))
		return -EINVAL;
	if (r->nr > FAULTLAB_MAX_RULES)
		return -ENOSPC;

	rules = kvmalloc_array(r->nr, sizeof(*rules), GFP_KERNEL_ACCOUNT);
	if (!rules)
		return -ENOMEM;
	for (i = 0; i < r->nr && !err; i++) {
		err = copy_struct_from_user(&user, sizeof(user),
					    from + (size_t)i * r->rule_size, r->rule_size);
		if (!err)
			err = flab_region_rule_check(file, &user, &rules[i]);
		/* Call capable() only if needed: it marks the task (PF_SUPERPRIV). */
		if (!err)
			rules[i].kernel_mode = flab_rule_waits(&rules[i]) &&
					       capable(CAP_SYS_PTRACE);
	}
	if (!err)
		err = flab_region_set_rules(file->private_data, rules, r->nr,
					    r->op == FAULTLAB_RULE_ADD);
	kvfree(rules);
	return err;
}

static int flab_ioc_rules_read(struct file *file, void *arg)
{
	struct faultlab_rules *r = arg;
	char __user *to = u64_to_user_ptr(r->rules);
	u32 i, nr, room = r->nr, size = r->rule_size;
	struct faultlab_rule *rules;
	int err;

	if (r->op || size < FLAB_RULE_FIRST_SIZE || size > PAGE_SIZE)
		return -EINVAL;
	err = flab_region_get_rules(file->private_data, &rules, &nr);
	for (i = 0; i < min(nr, room) && !err; i++) {
		size_t known = min_t(size_t, size, sizeof(*rules));

		if (copy_to_user(to + (size_t)i * size, &rules[i], known) ||
		    clear_user(to + (size_t)i * size + known, size - known))
			err = -EFAULT;
	}
	kvfree(rules);
	r->nr = nr;
	return err;
}

static int flab_ioc_gate(struct file *file, void *arg)
{
	struct flab_region *region = file->private_data;

	if (READ_ONCE(region->dead))
		return -ENODEV;
	return flab_gate_ioctl(&region->gate, arg);
}

static int flab_ioc_evict(struct file *file, void *arg)
{
	return flab_region_evict(file->private_data, arg);
}

static int flab_ioc_unplug(struct file *file, void *arg)
{
	const struct faultlab_unplug *u = arg;

	return u->flags ? -EINVAL : flab_region_unplug(file->private_data, true);
}

static int flab_ioc_stats(struct file *file, void *arg)
{
	struct faultlab_stats *stats = arg;

	BUILD_BUG_ON(FAULTLAB_NR_STATS > FAULTLAB_STATS_VALUES);
	if (stats->flags & ~FAULTLAB_STATS_RESET)
		return -EINVAL;
	memset(stats->value, 0, sizeof(stats->value));
	flab_region_stats(file->private_data, stats->value, stats->flags & FAULTLAB_STATS_RESET);
	return 0;
}

static int flab_ioc_walk(struct file *file, void *arg)
{
	return flab_walk_ioctl(file, arg);
}

static int flab_ioc_record(struct file *file, void *arg)
{
	return flab_record_ioctl(file->private_data, arg);
}

static int flab_ioc_observe(struct file *file, void *arg)
{
	return flab_observe_ioctl(file, arg);
}

static int flab_ioc_latency(struct file *file, void *arg)
{
	return flab_latency_ioctl(file, arg);
}

/* Defined after the table of ioctls, whose size it reports. */
static int flab_ioc_features(struct file *file, void *arg);

/**
 * struct flab_ioctl - an ioctl
 * @first_size: size of the first version of its struct
 * @size: size of its struct now
 * @reply: whether the struct is copied back to user space
 * @fn: called with the file and a copy of the struct
 */
struct flab_ioctl {
	u32 first_size;
	u32 size;
	bool reply;
	int (*fn)(struct file *file, void *arg);
};

#define FLAB_IOCTL(type, last, reply, fn) \
	{ offsetofend(struct type, last), sizeof(struct type), reply, fn }

static const struct flab_ioctl flab_ioctls[] = {
	[_IOC_NR(FAULTLAB_IOC_INFO)] =
		FLAB_IOCTL(faultlab_info, max_bytes, true, flab_ioc_info),
	[_IOC_NR(FAULTLAB_IOC_CONFIG)] =
		FLAB_IOCTL(faultlab_config, bytes, false, flab_ioc_config),
	[_IOC_NR(FAULTLAB_IOC_RULE)] =
		FLAB_IOCTL(faultlab_rules, rules, false, flab_ioc_rule),
	[_IOC_NR(FAULTLAB_IOC_EVICT)] =
		FLAB_IOCTL(faultlab_evict, length, false, flab_ioc_evict),
	[_IOC_NR(FAULTLAB_IOC_UNPLUG)] =
		FLAB_IOCTL(faultlab_unplug, flags, false, flab_ioc_unplug),
	[_IOC_NR(FAULTLAB_IOC_STATS)] =
		FLAB_IOCTL(faultlab_stats, value[FAULTLAB_STAT_HWPOISON], true,
			   flab_ioc_stats),
	[_IOC_NR(FAULTLAB_IOC_WALK)] =
		FLAB_IOCTL(faultlab_walk, nr, true, flab_ioc_walk),
	[_IOC_NR(FAULTLAB_IOC_GATE)] =
		FLAB_IOCTL(faultlab_gate, timeout_us, true, flab_ioc_gate),
	[_IOC_NR(FAULTLAB_IOC_RULES_READ)] =
		FLAB_IOCTL(faultlab_rules, rules, true, flab_ioc_rules_read),
	[_IOC_NR(FAULTLAB_IOC_RECORD)] =
		FLAB_IOCTL(faultlab_recording, lost, true, flab_ioc_record),
	[_IOC_NR(FAULTLAB_IOC_OBSERVE)] =
		FLAB_IOCTL(faultlab_recording, lost, true, flab_ioc_observe),
	[_IOC_NR(FAULTLAB_IOC_LATENCY)] =
		FLAB_IOCTL(faultlab_latency, count, true, flab_ioc_latency),
	[_IOC_NR(FAULTLAB_IOC_FEATURES)] =
		FLAB_IOCTL(faultlab_features, pmd_needs, true, flab_ioc_features),
};

static int flab_ioc_features(struct file *file, void *arg)
{
	struct faultlab_features *features = arg;

	features->ioctls = GENMASK_ULL(ARRAY_SIZE(flab_ioctls) - 1, 0);
	return flab_features(features);
}

/* Big enough for the struct of any ioctl. */
union flab_ioctl_arg {
	u32 size;
	struct faultlab_info info;
	struct faultlab_config config;
	struct faultlab_rules rules;
	struct faultlab_evict evict;
	struct faultlab_unplug unplug;
	struct faultlab_stats stats;
	struct faultlab_walk walk;
	struct faultlab_gate gate;
	struct faultlab_recording recording;
	struct faultlab_latency latency;
	struct faultlab_features features;
};

/* .unlocked_ioctl */
long flab_ioctl(struct file *file, unsigned int cmd, unsigned long argp)
{
	void __user *user = (void __user *)argp;
	const struct flab_ioctl *ioc;
	union flab_ioctl_arg arg;
	u32 size;
	int err;

	if (_IOC_TYPE(cmd) != FAULTLAB_IOC_MAGIC || _IOC_NR(cmd) >= ARRAY_SIZE(flab_ioctls))
		return -ENOTTY;
	ioc = &flab_ioctls[array_index_nospec(_IOC_NR(cmd), ARRAY_SIZE(flab_ioctls))];

	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < ioc->first_size || size > PAGE_SIZE)
		return -EINVAL;
	memset(&arg, 0, sizeof(arg));
	err = copy_struct_from_user(&arg, ioc->size, user, size);
	if (err)
		return err;

	/* The copy read size from user space again: use the size that was checked. */
	arg.size = size;
	/*
	 * Before @fn does anything, check that the struct can be written: else counters
	 * would be reset, or faults let pass, without the caller being told. The copy
	 * after @fn fails only if the caller unmaps the struct meanwhile.
	 */
	if (ioc->reply && copy_to_user(user, &arg, min(size, ioc->size)))
		return -EFAULT;
	err = ioc->fn(file, &arg);
	if (!err && ioc->reply && copy_to_user(user, &arg, min(size, ioc->size)))
		err = -EFAULT;
	return err;
}
