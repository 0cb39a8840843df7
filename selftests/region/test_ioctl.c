// SPDX-License-Identifier: GPL-2.0-only
/*
 * Properties that each ioctl of /dev/faultlab has: how its struct is validated, and that
 * the struct may be in the memory that the ioctl acts on.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"

#define PAGE		4096UL
#define PAGES		4UL

union arg {
	__u32 size;
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

static int call(int fd, unsigned long request, const void *arg)
{
	return ioctl(fd, request, arg) ? -errno : 0;
}

static void *map_memory(size_t bytes)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static struct faultlab_walk_entry walk_room[8];

static void fill_size(union arg *arg)
{
}

static void fill_config(union arg *arg)
{
	arg->config.bytes = PAGES * PAGE;
}

static void fill_evict(union arg *arg)
{
	arg->evict.length = FAULTLAB_TO_END;
}

static void fill_walk(union arg *arg)
{
	arg->walk.start = (uintptr_t)walk_room;
	arg->walk.end = arg->walk.start + 1;
	arg->walk.entries = (uintptr_t)walk_room;
	arg->walk.nr = 8;
}

static void fill_gate(union arg *arg)
{
	arg->gate.op = FAULTLAB_GATE_CLOSE;
}

static void fill_rules_read(union arg *arg)
{
	arg->rules.rule_size = sizeof(struct faultlab_rule);
}

static void fill_recording(union arg *arg)
{
	arg->recording.op = FAULTLAB_RECORD_STATE;
}

/* Tests that run for every ioctl, with a valid struct. */
FIXTURE(ioctl)
{
	int fd;
	__u8 *mem;		/* three pages, and no mapping behind them */
	union arg *arg;		/* at the start of mem, filled in */
};

FIXTURE_VARIANT(ioctl)
{
	unsigned long request;
	size_t first;	/* size of the first version */
	size_t size;
	void (*fill)(union arg *arg);
	bool reply;		/* the struct is copied back */
	bool survives;		/* works after unplug */
	int mapped;		/* the ioctl's error if the region has been mapped before */
};

#define END_OF(type, member) \
	(offsetof(struct type, member) + sizeof(((struct type *)0)->member))

#define VARIANT(name, NAME, type, last, ...)			\
	FIXTURE_VARIANT_ADD(ioctl, name) {			\
		.request = FAULTLAB_IOC_##NAME,			\
		.first = END_OF(type, last),			\
		.size = sizeof(struct type),			\
		__VA_ARGS__					\
	}

VARIANT(info, INFO, faultlab_info, max_bytes, .fill = fill_size, .reply = true, .survives = true);
VARIANT(config, CONFIG, faultlab_config, bytes, .fill = fill_config, .mapped = -EBUSY);
VARIANT(rule, RULE, faultlab_rules, rules, .fill = fill_size);
VARIANT(evict, EVICT, faultlab_evict, length, .fill = fill_evict);
VARIANT(unplug, UNPLUG, faultlab_unplug, flags, .fill = fill_size);
VARIANT(stats, STATS, faultlab_stats, value[FAULTLAB_STAT_HWPOISON],
	.fill = fill_size, .reply = true, .survives = true);
VARIANT(walk, WALK, faultlab_walk, nr, .fill = fill_walk, .reply = true, .survives = true);
VARIANT(gate, GATE, faultlab_gate, timeout_us, .fill = fill_gate, .reply = true);
VARIANT(rules_read, RULES_READ, faultlab_rules, rules, .fill = fill_rules_read, .reply = true,
	.survives = true);
VARIANT(record, RECORD, faultlab_recording, lost, .fill = fill_recording, .reply = true,
	.survives = true);
/* fill_size() leaves .op 0, which is START: STATE is EBUSY before the first START. */
VARIANT(observe, OBSERVE, faultlab_recording, lost, .fill = fill_size, .reply = true,
	.survives = true);
VARIANT(latency, LATENCY, faultlab_latency, count, .fill = fill_size, .reply = true,
	.survives = true);

VARIANT(features, FEATURES, faultlab_features, pmd_needs, .fill = fill_size, .reply = true,
	.survives = true);

FIXTURE_SETUP(ioctl)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, faultlab_config(self->fd, FAULTLAB_KIND_PAGE, 0, PAGES * PAGE));
	self->mem = map_memory(4 * PAGE);
	ASSERT_NE(MAP_FAILED, self->mem);
	ASSERT_EQ(0, munmap(self->mem + 3 * PAGE, PAGE));
	self->arg = (union arg *)self->mem;
	variant->fill(self->arg);
	self->arg->size = variant->size;
}

FIXTURE_TEARDOWN(ioctl)
{
	close(self->fd);
}

TEST_F(ioctl, takes_a_struct_of_its_current_size)
{
	EXPECT_EQ(0, call(self->fd, variant->request, self->arg));
	EXPECT_EQ(variant->size, self->arg->size);
}

TEST_F(ioctl, gives_efault_for_null_and_unmapped_pointers)
{
	EXPECT_EQ(-EFAULT, call(self->fd, variant->request, NULL));
	EXPECT_EQ(-EFAULT, call(self->fd, variant->request, self->mem + 3 * PAGE));
	EXPECT_EQ(-EFAULT, call(self->fd, variant->request, (void *)(1UL << 63)));
}

TEST_F(ioctl, gives_efault_for_a_struct_that_crosses_the_end_of_its_mapping)
{
	__u8 *edge = self->mem + 3 * PAGE;

	memcpy(edge - 4, self->arg, 4);
	EXPECT_EQ(-EFAULT, call(self->fd, variant->request, edge - 4));
	/* The complete struct at the end of the mapping works. */
	memcpy(edge - variant->size, self->arg, variant->size);
	EXPECT_EQ(0, call(self->fd, variant->request, edge - variant->size));
}

TEST_F(ioctl, writes_to_its_struct_only_if_it_returns_data)
{
	ASSERT_EQ(0, mprotect(self->mem, PAGE, PROT_READ));
	EXPECT_EQ(variant->reply ? -EFAULT : 0,
		  call(self->fd, variant->request, self->arg));
}

/* Fields of output do not depend on what the caller left in them. */
TEST(output_fields_are_written_completely_whatever_they_contained)
{
	static const struct {
		unsigned long request;
		size_t in;	/* the first bytes of the struct, which are input */
		size_t size;
	} rows[] = {
		{ FAULTLAB_IOC_INFO, END_OF(faultlab_info, size), sizeof(struct faultlab_info) },
		{ FAULTLAB_IOC_STATS, END_OF(faultlab_stats, flags),
		  sizeof(struct faultlab_stats) },
		{ FAULTLAB_IOC_LATENCY, END_OF(faultlab_latency, results),
		  sizeof(struct faultlab_latency) },
		{ FAULTLAB_IOC_FEATURES, END_OF(faultlab_features, kind),
		  sizeof(struct faultlab_features) },
	};
	union arg clean, dirty;
	unsigned int i, op;
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const bool has_op = rows[i].request == FAULTLAB_IOC_LATENCY;

		for (op = 0; op < (has_op ? 4 : 1); op++) {
			memset(&clean, 0, sizeof(clean));
			clean.size = rows[i].size;
			if (has_op)
				clean.latency.op = op;
			dirty = clean;
			memset((char *)&dirty + rows[i].in, 0xff, rows[i].size - rows[i].in);
			ASSERT_EQ(0, call(fd, rows[i].request, &clean));
			ASSERT_EQ(0, call(fd, rows[i].request, &dirty));
			EXPECT_EQ(0, memcmp(&clean, &dirty, rows[i].size)) {
				TH_LOG("row %u, op %u", i, op);
			}
		}
	}
	close(fd);
}

/* If the struct cannot be copied back, counters are not reset, and no fault passes. */
TEST(an_ioctl_whose_answer_cannot_be_written_has_no_effect)
{
	const struct {
		unsigned long request;
		union arg arg;
	} rows[] = {
		{ FAULTLAB_IOC_STATS, { .stats = { .size = sizeof(struct faultlab_stats),
						   .flags = FAULTLAB_STATS_RESET } } },
		{ FAULTLAB_IOC_GATE, { .gate = { .size = sizeof(struct faultlab_gate),
						 .op = FAULTLAB_GATE_PASS, .nr = 1 } } },
		{ FAULTLAB_IOC_GATE, { .gate = { .size = sizeof(struct faultlab_gate),
						 .op = FAULTLAB_GATE_OPEN } } },
		{ FAULTLAB_IOC_LATENCY, { .latency = { .size = sizeof(struct faultlab_latency),
						       .op = FAULTLAB_LATENCY_START } } },
		{ FAULTLAB_IOC_RECORD, { .recording = { .size = sizeof(struct faultlab_recording),
							.op = FAULTLAB_RECORD_START } } },
	};
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	struct faultlab_rule rule = tlib_rule(1, 1, FAULTLAB_VERDICT_SERVE, 0);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	struct faultlab_latency latency;
	struct tlib_toucher toucher;
	struct faultlab_record record;
	union arg *arg = map_memory(PAGE);
	unsigned int i;

	ASSERT_NE(NULL, at);
	rule.delay_kind = FAULTLAB_DELAY_GATE;
	ASSERT_EQ(0, faultlab_rule(fd, FAULTLAB_RULE_SET, &rule));
	tlib_settle();
	ASSERT_EQ(0, faultlab_touch_write(at, 1, NULL));
	ASSERT_EQ(0, tlib_touch_start(&toucher, tlib_at(at, 1), false, 0));
	ASSERT_EQ(0, faultlab_gate(fd, FAULTLAB_GATE_AWAIT, 1, 60000 * TLIB_MS, NULL));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, mprotect(arg, PAGE, PROT_READ | PROT_WRITE));
		*arg = rows[i].arg;
		ASSERT_EQ(0, mprotect(arg, PAGE, PROT_READ));
		EXPECT_EQ(-EFAULT, call(fd, rows[i].request, arg)) {
			TH_LOG("row %u", i);
		}
	}
	EXPECT_EQ(1, tlib_stat(fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(0, faultlab_gate(fd, FAULTLAB_GATE_AWAIT, 1, 0, NULL));
	EXPECT_FALSE(toucher.done);
	/* The failed ioctls started nothing: the fault is in no histogram and no record. */
	ASSERT_EQ(0, faultlab_touch_read(tlib_at(at, 2), NULL));
	ASSERT_EQ(0, faultlab_latency(fd, 0, 0, 0, &latency));
	EXPECT_EQ(0, faultlab_latency_sum(&latency));
	EXPECT_EQ(0, faultlab_records_read(fd, &record, 1));
	ASSERT_EQ(0, faultlab_gate(fd, FAULTLAB_GATE_OPEN, 0, 0, NULL));
	EXPECT_EQ(0, tlib_touch_join(&toucher));
	close(fd);
}

TEST_F(ioctl, gives_einval_for_a_size_below_its_first_version_or_above_a_page)
{
	const __u32 sizes[] = { 0, 1, 4, variant->first - 1, PAGE + 1, 2 * PAGE, ~0U };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		self->arg->size = sizes[i];
		EXPECT_EQ(-EINVAL, call(self->fd, variant->request, self->arg)) {
			TH_LOG("size %u", sizes[i]);
		}
	}
}

TEST_F(ioctl, takes_the_struct_of_its_first_version)
{
	self->arg->size = variant->first;
	EXPECT_EQ(0, call(self->fd, variant->request, self->arg));
}

TEST_F(ioctl, takes_a_larger_struct_if_the_rest_is_zero)
{
	const __u32 sizes[] = { variant->size + 1, variant->size + 8, PAGE };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(self->mem, 0, 2 * PAGE);
		variant->fill(self->arg);
		self->arg->size = sizes[i];
		self->mem[sizes[i] - 1] = 1;
		EXPECT_EQ(-E2BIG, call(self->fd, variant->request, self->arg));
		self->mem[sizes[i] - 1] = 0;
		/* A byte behind the struct is ignored. */
		self->mem[sizes[i]] = 1;
		EXPECT_EQ(variant->request == FAULTLAB_IOC_UNPLUG && i ? -ENODEV : 0,
			  call(self->fd, variant->request, self->arg)) {
			TH_LOG("size %u", sizes[i]);
		}
	}
}

TEST_F(ioctl, gives_enodev_after_unplug_if_it_would_change_the_region)
{
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	EXPECT_EQ(variant->survives ? 0 : -ENODEV,
		  call(self->fd, variant->request, self->arg));
}

TEST_F(ioctl, gives_enotty_for_its_number_with_another_magic)
{
	unsigned int nr = _IOC_NR(variant->request);

	EXPECT_EQ(-ENOTTY, call(self->fd, _IO(FAULTLAB_IOC_MAGIC - 1, nr), self->arg));
	EXPECT_EQ(-ENOTTY, call(self->fd, _IO('F', nr), self->arg));
}

/* Requests of older and newer programs encode another size. */
TEST_F(ioctl, is_recognised_by_its_number_whatever_size_the_request_encodes)
{
	const unsigned int nr = _IOC_NR(variant->request);
	const unsigned int sizes[] = { 0, variant->first, variant->size + 8 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(self->arg, 0, sizeof(*self->arg));
		variant->fill(self->arg);
		self->arg->size = variant->size;
		EXPECT_EQ(i && nr == _IOC_NR(FAULTLAB_IOC_UNPLUG) ? -ENODEV : 0,
			  call(self->fd, _IOC(_IOC_READ, FAULTLAB_IOC_MAGIC, nr, sizes[i]),
			       self->arg)) {
			TH_LOG("size %u", sizes[i]);
		}
	}
}

TEST_F(ioctl, request_number_encodes_size_and_direction)
{
	EXPECT_EQ(variant->size, _IOC_SIZE(variant->request));
	EXPECT_EQ(variant->reply ? _IOC_READ | _IOC_WRITE : _IOC_WRITE,
		  _IOC_DIR(variant->request));
}

/*
 * The argument is in a page of the region that is not mapped when the call begins, so
 * that the kernel faults on it during the ioctl. If the ioctl held a lock that the fault
 * needs while it copies the argument, it would deadlock. The fault is counted for the task.
 */
TEST_F(ioctl, works_with_its_argument_in_an_unmapped_page_of_the_region)
{
	union arg *arg = (void *)tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	struct tlib_mark mark;

	ASSERT_NE(NULL, arg);
	memcpy(arg, self->arg, variant->size);
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));

	EXPECT_EQ(variant->mapped, call(self->fd, variant->request, arg));

	EXPECT_COUNTS(variant->request == FAULTLAB_IOC_UNPLUG ?
		      "fault_read 1 minor 1 locked 1 pages -1 minflt 1" :
		      "fault_read 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ(variant->request != FAULTLAB_IOC_UNPLUG &&
		  variant->request != FAULTLAB_IOC_EVICT, tlib_mapped(self->fd, arg));
}

TEST_F(ioctl, works_with_its_argument_in_a_page_whose_fault_is_delayed)
{
	const struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 1000);
	union arg *arg = (void *)tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);

	ASSERT_NE(NULL, arg);
	memcpy(arg, self->arg, variant->size);
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));

	EXPECT_EQ(variant->mapped, call(self->fd, variant->request, arg));

	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_READ));
	EXPECT_LE(1000000, tlib_stat(self->fd, FAULTLAB_STAT_DELAY_NS));
}

TEST_F(ioctl, gives_efault_for_an_argument_in_a_region_that_is_unplugged)
{
	int other = faultlab_open();
	union arg *arg = (void *)tlib_map(other, TLIB_RW, MAP_SHARED, 0, 1);

	ASSERT_NE(NULL, arg);
	memcpy(arg, self->arg, variant->size);
	ASSERT_EQ(0, faultlab_unplug(other));
	EXPECT_EQ(-EFAULT, call(self->fd, variant->request, arg));
	close(other);
}

TEST_HARNESS_MAIN
