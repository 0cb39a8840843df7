// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls of /dev/faultlab as functions: 0 or -errno.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include "faultlab.h"

static int call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) ? -errno : 0;
}

int faultlab_open(void)
{
	int fd = open(FAULTLAB_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int faultlab_configure(int fd, const struct faultlab_config *config)
{
	struct faultlab_config arg = *config;

	arg.size = sizeof(arg);
	return call(fd, FAULTLAB_IOC_CONFIG, &arg);
}

int faultlab_config(int fd, enum faultlab_kind kind, __u64 flags, __u64 bytes)
{
	const struct faultlab_config config = {
		.kind = kind,
		.flags = flags,
		.bytes = bytes,
	};

	return faultlab_configure(fd, &config);
}

int faultlab_info(int fd, struct faultlab_info *info)
{
	*info = (struct faultlab_info){ .size = sizeof(*info) };
	return call(fd, FAULTLAB_IOC_INFO, info);
}

int faultlab_features(int fd, enum faultlab_kind kind, struct faultlab_features *features)
{
	*features = (struct faultlab_features){ .size = sizeof(*features), .kind = kind };
	return call(fd, FAULTLAB_IOC_FEATURES, features);
}

int faultlab_rules(int fd, enum faultlab_rule_op op, const struct faultlab_rule *rules,
		   size_t nr)
{
	struct faultlab_rules arg = {
		.size = sizeof(arg),
		.op = op,
		.nr = nr,
		.rule_size = sizeof(*rules),
		.rules = (uintptr_t)rules,
	};

	/* nr is 32 bits wide in the ABI: do not let a larger one wrap. */
	if (nr > FAULTLAB_MAX_RULES)
		return -ENOSPC;
	return call(fd, FAULTLAB_IOC_RULE, &arg);
}

int faultlab_rule(int fd, enum faultlab_rule_op op, const struct faultlab_rule *rule)
{
	return faultlab_rules(fd, op, rule, 1);
}

int faultlab_rules_read(int fd, struct faultlab_rule *rules, size_t *nr)
{
	struct faultlab_rules arg = {
		.size = sizeof(arg),
		.nr = *nr < FAULTLAB_MAX_RULES ? *nr : FAULTLAB_MAX_RULES,
		.rule_size = sizeof(*rules),
		.rules = (uintptr_t)rules,
	};
	int err = call(fd, FAULTLAB_IOC_RULES_READ, &arg);

	if (!err)
		*nr = arg.nr;
	return err;
}

int faultlab_gate(int fd, enum faultlab_gate_op op, __u32 nr, __u64 timeout_us,
		  __u32 *waiting)
{
	struct faultlab_gate gate = {
		.size = sizeof(gate),
		.op = op,
		.nr = nr,
		.timeout_us = timeout_us,
	};
	int err = call(fd, FAULTLAB_IOC_GATE, &gate);

	if (!err && waiting)
		*waiting = gate.waiting;
	return err;
}

int faultlab_evict(int fd, __u64 offset, __u64 length, __u32 flags)
{
	struct faultlab_evict evict = {
		.size = sizeof(evict),
		.flags = flags,
		.offset = offset,
		.length = length,
	};

	return call(fd, FAULTLAB_IOC_EVICT, &evict);
}

int faultlab_unplug(int fd)
{
	struct faultlab_unplug unplug = { .size = sizeof(unplug) };

	return call(fd, FAULTLAB_IOC_UNPLUG, &unplug);
}

static int stats(int fd, struct faultlab_stats *stats, __u32 flags)
{
	*stats = (struct faultlab_stats){ .size = sizeof(*stats), .flags = flags };
	return call(fd, FAULTLAB_IOC_STATS, stats);
}

int faultlab_stats(int fd, struct faultlab_stats *st)
{
	return stats(fd, st, 0);
}

int faultlab_stats_reset(int fd, struct faultlab_stats *st)
{
	return stats(fd, st, FAULTLAB_STATS_RESET);
}

bool faultlab_stat_is_level(unsigned int stat)
{
	_Static_assert(FAULTLAB_NR_STATS == 35, "is the new counter a level?");
	return stat == FAULTLAB_STAT_REGIONS || stat == FAULTLAB_STAT_VMAS ||
	       stat == FAULTLAB_STAT_PAGES || stat == FAULTLAB_STAT_PAGES_PEAK;
}

void faultlab_stats_diff(const struct faultlab_stats *before,
			 const struct faultlab_stats *after, struct faultlab_stats *diff)
{
	unsigned int i;

	diff->size = after->size;
	diff->flags = 0;
	for (i = 0; i < FAULTLAB_NR_STATS; i++) {
		__u64 from = faultlab_stat_is_level(i) ? 0 : before->value[i];

		/* The counter has fallen, so it was reset and began at 0. */
		if (from > after->value[i])
			from = 0;
		diff->value[i] = after->value[i] - from;
	}
	/* A later module may append counters: they cannot be told from levels here. */
	for (; i < FAULTLAB_STATS_VALUES; i++)
		diff->value[i] = 0;
}
