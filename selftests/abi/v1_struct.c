// SPDX-License-Identifier: GPL-2.0-only
/*
 * The structs of ioctls and their sizes. A struct of a later version is larger than
 * version 1's: the module takes it if it does not use what the module does not know.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "v1.h"

#define END_OF(type, field) \
	(offsetof(struct type, field) + sizeof(((struct type *)0)->field))

union arg {
	__u32 size;
	struct faultlab_config config;
	struct faultlab_evict evict;
	struct faultlab_gate gate;
	struct faultlab_recording recording;
	struct faultlab_rules rules;
	struct faultlab_walk walk;
};

static struct faultlab_walk_entry walked[8];

static void fill_size(union arg *arg)
{
}

static void fill_config(union arg *arg)
{
	arg->config.bytes = PAGE;
}

static void fill_evict(union arg *arg)
{
	arg->evict.length = FAULTLAB_TO_END;
}

static void fill_gate(union arg *arg)
{
	arg->gate.op = FAULTLAB_GATE_CLOSE;
}

static void fill_rules_read(union arg *arg)
{
	arg->rules.rule_size = sizeof(struct faultlab_rule);
}

static void fill_record(union arg *arg)
{
	arg->recording.op = FAULTLAB_RECORD_STATE;
}

static void fill_walk(union arg *arg)
{
	arg->walk.start = (uintptr_t)walked;
	arg->walk.end = (uintptr_t)(walked + ARRAY_SIZE(walked));
	arg->walk.entries = (uintptr_t)walked;
	arg->walk.nr = ARRAY_SIZE(walked);
}

/*
 * The module of version 1 takes some structs that are shorter than version 1's, from
 * drafts of the ABI. A later module need not, but must refuse what is shorter than
 * least.
 */
static const struct {
	unsigned long request;
	__u32 size;
	__u32 least;
	void (*fill)(union arg *arg);
} ioctls[] = {
#define IOCTL(NAME, type, last, fill) \
	{ FAULTLAB_IOC_##NAME, sizeof(struct type), END_OF(type, last), fill }
	IOCTL(INFO, faultlab_info, max_bytes, fill_size),
	IOCTL(CONFIG, faultlab_config, bytes, fill_config),
	IOCTL(RULE, faultlab_rules, rules, fill_size),
	IOCTL(EVICT, faultlab_evict, length, fill_evict),
	IOCTL(UNPLUG, faultlab_unplug, flags, fill_size),
	IOCTL(STATS, faultlab_stats, value[FAULTLAB_STAT_HWPOISON], fill_size),
	IOCTL(WALK, faultlab_walk, nr, fill_walk),
	IOCTL(GATE, faultlab_gate, timeout_us, fill_gate),
	IOCTL(RULES_READ, faultlab_rules, rules, fill_rules_read),
	IOCTL(RECORD, faultlab_recording, lost, fill_record),
	IOCTL(OBSERVE, faultlab_recording, lost, fill_size),
	IOCTL(LATENCY, faultlab_latency, count, fill_size),
	IOCTL(FEATURES, faultlab_features, pmd_needs, fill_size),
#undef IOCTL
};

/* What the ioctl gives for a struct of that size whose last byte is that. */
static int try_size(unsigned int i, __u32 size, char last)
{
	char *mem = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	union arg *arg = (union arg *)mem;
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1), err;

	CHECK_TRUE(mem != MAP_FAILED);
	ioctls[i].fill(arg);
	arg->size = size;
	if (last)
		mem[size - 1] = last;
	err = v1_ioctl(fd, ioctls[i].request, arg);
	close(fd);
	return err;
}

static void sizes(unsigned int i)
{
	int err = try_size(i, ioctls[i].size, 0);

	if (ioctls[i].request == FAULTLAB_IOC_OBSERVE && err == -EPERM)
		v1_skip(NO_ADMIN);
	CHECK(0, err);
	CHECK(0, try_size(i, PAGE, 0));
	CHECK(-E2BIG, try_size(i, PAGE, 1));
	CHECK(-EINVAL, try_size(i, ioctls[i].least - 1, 0));
}

/* As the struct grows, so does the size that the ioctl's number contains. */
static void number(unsigned int i)
{
	struct faultlab_info info = { .size = sizeof(info) };
	int fd = v1_open();

	CHECK(0, v1_ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, FAULTLAB_IOC_MAGIC, 0, 1000), &info));
	CHECK(-ENOTTY, v1_ioctl(fd, _IO('F', 0), &info));
}

static void rules_of_a_page(unsigned int i)
{
	char *mem = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct faultlab_rule *rule = (struct faultlab_rule *)mem;
	struct faultlab_rules rules = {
		.size = sizeof(rules),
		.op = FAULTLAB_RULE_SET,
		.nr = 1,
		.rule_size = PAGE,
		.rules = (uintptr_t)mem,
	};
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1);

	CHECK_TRUE(mem != MAP_FAILED);
	rule->length = PAGE;
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_RULE, &rules));
	mem[PAGE - 1] = 1;
	CHECK(-E2BIG, v1_ioctl(fd, FAULTLAB_IOC_RULE, &rules));
	rules.rule_size = sizeof(*rule) - 1;
	CHECK(-EINVAL, v1_ioctl(fd, FAULTLAB_IOC_RULE, &rules));
	CHECK(-EINVAL, v1_ioctl(fd, FAULTLAB_IOC_RULES_READ, &rules));
	rules.rule_size = PAGE;
	rule->length = 0;
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_RULES_READ, &rules));
	CHECK(PAGE, rule->length);
	CHECK(0, mem[PAGE - 1]);
}

/* Records are as far apart as the caller says. 0 means the size of version 1. */
static void entries_of_a_page(unsigned int i)
{
	const size_t size = sizeof(struct faultlab_walk_entry);
	char *mem = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct faultlab_walk walk = {
		.size = sizeof(walk),
		.entries = (uintptr_t)mem,
		.nr = 2,
		.record_size = PAGE,
	};
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 2);
	char *at = v1_map(fd, RW, MAP_SHARED, 2);

	CHECK_TRUE(mem != MAP_FAILED);
	walk.start = (uintptr_t)at;
	walk.end = walk.start + 2 * PAGE;
	v1_put(at, 'a');
	v1_put(at + PAGE, 'b');
	mem[2 * PAGE - 1] = 1;
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_WALK, &walk));
	CHECK(2, walk.nr);
	CHECK((uintptr_t)at + PAGE, ((struct faultlab_walk_entry *)(mem + PAGE))->addr);
	CHECK(0, mem[2 * PAGE - 1]);

	memset(mem, 0, PAGE);
	walk.record_size = 0;
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_WALK, &walk));
	CHECK(2, walk.nr);
	CHECK((uintptr_t)at + PAGE, ((struct faultlab_walk_entry *)(mem + 48))->addr);

	walk.record_size = size - 1;
	CHECK(-EINVAL, v1_ioctl(fd, FAULTLAB_IOC_WALK, &walk));
}

const struct v1_test v1_struct_tests[] = {
	{ "size", "info", sizes, 0 },
	{ "size", "config", sizes, 1 },
	{ "size", "rule", sizes, 2 },
	{ "size", "evict", sizes, 3 },
	{ "size", "unplug", sizes, 4 },
	{ "size", "stats", sizes, 5 },
	{ "size", "walk", sizes, 6 },
	{ "size", "gate", sizes, 7 },
	{ "size", "rules_read", sizes, 8 },
	{ "size", "record", sizes, 9 },
	{ "size", "observe", sizes, 10 },
	{ "size", "latency", sizes, 11 },
	{ "size", "features", sizes, 12 },
	{ "size", "in the number", number, 0 },
	{ "size", "of rules", rules_of_a_page, 0 },
	{ "size", "of entries", entries_of_a_page, 0 },
	{ },
};
