// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exact counts while the machine is disturbed (lib/machine/disturb.h): counters, records,
 * histograms, walks and the kernel's own counts are the same as without the disturbance.
 */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/machine/disturb.h"
#include "lib/fault/kill.h"
#include "lib/memory/memory.h"
#include "lib/record/record.h"
#include "lib/space.h"
#include "lib/sys.h"

#define WORKERS		2
#define TIMES		tlib_scale(3, 30)	/* the disturbance must happen so often */
#define LONGEST_S	tlib_scale(240, 480)	/* for a disturbance that does not happen */
#define GATE_SOON	(60000 * TLIB_MS)
#define STACK		(512 * 1024)	/* tlib_settle() needs 64 KiB */

FIXTURE(disturbed)
{
	struct tlib_disturber d;
	__u64 end;
	struct faultlab_stats first;	/* what one round of touches counts */
};

FIXTURE_VARIANT(disturbed)
{
	const struct tlib_disturbance *what;
};

/* A variant for each disturbance. */
#define MOST	16
static struct __fixture_variant_metadata variants[MOST];
static FIXTURE_VARIANT(disturbed) data[MOST];

static void __attribute__((constructor(KSELFTEST_PRIO_TEST))) add_variants(void)
{
	unsigned int i;

	for (i = 0; i < tlib_nr_disturbances && i < MOST; i++) {
		data[i].what = &tlib_disturbances[i];
		variants[i].name = tlib_disturbances[i].name;
		variants[i].data = &data[i];
		__register_fixture_variant(&_disturbed_fixture_object, &variants[i]);
	}
}

FIXTURE_SETUP(disturbed)
{
	int err;

	ASSERT_GE(MOST, tlib_nr_disturbances);
	if (variant->what->needs && access(variant->what->needs, F_OK))
		SKIP(return, "no %s", variant->what->lacks);
	self->end = tlib_now() + LONGEST_S * NSEC_PER_SEC;
	err = tlib_disturb_start(&self->d, variant->what);
	if (err == -ENOENT && variant->what->limit)
		SKIP(return, "no memory controller in cgroup2 (CONFIG_MEMCG)");
	ASSERT_EQ(0, err);
}

/* Runs in the parent, so that settings are restored even if the test crashed. */
FIXTURE_TEARDOWN_PARENT(disturbed)
{
	tlib_disturb_restore(&self->d, variant->what);
}

/* Whether the disturbance has yet to happen more often. */
static bool goes_on(const struct tlib_disturber *d, __u64 end)
{
	return tlib_disturb_done(d) < TIMES && tlib_now() < end;
}

/* The last step of each test. A disturbance that never happened tests nothing. */
static void finish(struct __test_metadata *_metadata, struct tlib_disturber *d)
{
	tlib_disturb_stop(d);
	EXPECT_LE(TIMES, d->done) {
		TH_LOG("it happened %lu times of %lu: %s", d->done, d->tried, strerror(-d->err));
	}
}

/*
 * Rows whose touches have an exact number of faults. Not those of remap, which never
 * fault, nor those that map a PUD where it fits.
 */
static bool is_counted(const struct faultlab_memory *memory, const struct tlib_disturbance *what)
{
	if (memory->at_mmap || memory->leaf == FAULTLAB_LEAF_PUD)
		return false;
	if (what->no_large && memory->order > 3)
		return false;
	return tlib_debug() ? tlib_memory_usual(memory) : tlib_memory_sample(memory);
}

#define ROUNDS	4

/* As expected of a first round; then ROUNDS times that for as many rounds after evicts. */
static void touch_in_rounds(struct __test_metadata *_metadata, struct _test_data_disturbed *self,
			    const struct faultlab_memory *memory, int fd)
{
	const size_t steps = faultlab_memory_step(memory) == 1 ? 64 : 4;
	const __u32 drop = tlib_memory_drops(memory) ? FAULTLAB_EVICT_DROP : 0;
	char *at = tlib_memory_map(memory, fd, TLIB_RW, MAP_SHARED, 0, steps);
	struct tlib_mark mark;
	long minflt;
	int i, stat;

	ASSERT_NE(NULL, at);
	/*
	 * Leaves the page tables that it needs. Where there is no table below a PUD,
	 * __handle_mm_fault() tries a leaf of that size first, and that is counted, too.
	 */
	tlib_memory_write(memory, at, steps);
	faultlab_evict(fd, 0, FAULTLAB_TO_END, drop);

	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	tlib_memory_write(memory, at, steps);
	EXPECT_COUNTS(tlib_memory_faults(memory, "write", 0, steps), &mark) {
		TH_LOG("%s", memory->name);
	}
	self->first = mark.stats;
	minflt = mark.witness.minflt;
	EXPECT_EQ(steps, tlib_memory_nr_mapped(memory, fd, 0, at, steps));

	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	for (i = 0; i < ROUNDS; i++) {
		faultlab_evict(fd, 0, FAULTLAB_TO_END, drop);
		tlib_memory_write(memory, at, steps);
	}
	tlib_counts_end(&mark);
	for (stat = 0; stat < FAULTLAB_NR_STATS; stat++) {
		__u64 want = faultlab_stat_is_level(stat) ? 0 : ROUNDS * self->first.value[stat];

		/* The two locks are added up below. The peak may rise while a drop frees. */
		if (stat == FAULTLAB_STAT_UNDER_VMA_LOCK ||
		    stat == FAULTLAB_STAT_UNDER_MMAP_LOCK || stat == FAULTLAB_STAT_PAGES_PEAK)
			continue;
		EXPECT_EQ(want, tlib_moved(&mark, stat)) {
			TH_LOG("%s of %s", faultlab_stat_name(stat), memory->name);
		}
	}
	EXPECT_EQ(ROUNDS * (self->first.value[FAULTLAB_STAT_UNDER_VMA_LOCK] +
			    self->first.value[FAULTLAB_STAT_UNDER_MMAP_LOCK]),
		  tlib_moved(&mark, FAULTLAB_STAT_UNDER_VMA_LOCK) +
		  tlib_moved(&mark, FAULTLAB_STAT_UNDER_MMAP_LOCK));
	EXPECT_EQ(ROUNDS * minflt, mark.witness.minflt) {
		TH_LOG("minflt of %s", memory->name);
	}
	EXPECT_EQ(0, mark.witness.majflt);
	/* Of the whole machine: other tasks may add to it. */
	EXPECT_LE(ROUNDS * minflt, mark.witness.pgfault);
	EXPECT_EQ(steps, tlib_memory_nr_mapped(memory, fd, 0, at, steps));
	tlib_memory_unmap(memory, at, steps);
}

TEST_F_TIMEOUT(disturbed, touches_after_evicts_are_counted_exactly, 600)
{
	unsigned int i, measured = 0;

	/* Large folios are allocated below. */
	tlib_compact();
	do {
		for (i = 0; i < faultlab_nr_memories; i++) {
			const struct faultlab_memory *memory = &faultlab_memories[i];
			int fd;

			if (!is_counted(memory, variant->what))
				continue;
			fd = tlib_memory_region(memory, faultlab_memory_step(memory) == 1 ? 64 : 4);
			if (faultlab_memory_lacks(fd))
				continue;
			ASSERT_LE(0, fd) {
				TH_LOG("%s: %s", memory->name, strerror(-fd));
			}
			touch_in_rounds(_metadata, self, memory, fd);
			close(fd);
			measured++;
		}
	} while (goes_on(&self->d, self->end));
	EXPECT_LT(0, measured);
	finish(_metadata, &self->d);
}

/*
 * A thread that faults. Its stack is locked with the rest of the test's memory: where an
 * allocated one would be migrated, its accesses would fault.
 */
struct worker {
	pthread_t thread;
	char *at;
	int cpu;
	bool *stop;
	unsigned long touches;
	struct faultlab_witness witness;
};

static char stacks[WORKERS][STACK] __attribute__((aligned(4096)));

static int start_worker(struct worker *w, unsigned int i, void *(*fn)(void *arg))
{
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	err = pthread_attr_setstack(&attr, stacks[i], STACK) ?:
	      pthread_create(&w->thread, &attr, fn, w);
	pthread_attr_destroy(&attr);
	return -err;
}

#define PART	16UL	/* pages of each worker */

/* On the CPU of its own while that is online, elsewhere meanwhile. */
static void *touch_and_forget(void *arg)
{
	struct worker *w = arg;

	tlib_warm_up(&w->witness);
	faultlab_witness_begin(&w->witness, RUSAGE_THREAD);
	do {
		tlib_pin(w->cpu);
		tlib_touch_pages(w->at, 0, PART);
		madvise(w->at, PART * TLIB_PAGE, MADV_DONTNEED);
		w->touches += PART;
	} while (!__atomic_load_n(w->stop, __ATOMIC_RELAXED));
	faultlab_witness_end(&w->witness);
	return NULL;
}

/* Add up the records that wait. Returns their number, lost ones included. */
static __u64 read_records(int fd, __u64 *on_cpu)
{
	struct faultlab_record seen[64];
	ssize_t i, nr;
	__u64 sum = 0;

	while ((nr = faultlab_records_read(fd, seen, ARRAY_SIZE(seen))) > 0) {
		for (i = 0; i < nr; i++) {
			if (seen[i].type == FAULTLAB_RECORD_LOST)
				sum += seen[i].lost.records;
			else
				sum++;
			if (seen[i].cpu < WORKERS && seen[i].type == FAULTLAB_RECORD_FAULT)
				on_cpu[seen[i].cpu]++;
		}
	}
	return sum;
}

/* What the region's file `cpus` shows, added up over all CPUs. */
static __u64 sum_over_cpus(int fd)
{
	const long cpus = sysconf(_SC_NPROCESSORS_CONF);
	__u64 sum = 0, value;
	char dir[64];
	long cpu;

	if (tlib_region_dir(fd, dir, sizeof(dir)))
		return ~0ULL;
	for (cpu = 0; cpu < cpus; cpu++) {
		if (tlib_read_field(tlib_text("%s/cpus", dir), tlib_text("cpu%ld", cpu), &value))
			return ~0ULL;
		sum += value;
	}
	return sum;
}

TEST_F_TIMEOUT(disturbed, counters_records_and_histograms_of_two_cpus_agree, 600)
{
	const long cpus = sysconf(_SC_NPROCESSORS_CONF);
	__u64 records = 0, on_cpu[WORKERS] = { 0 }, touches = 0;
	struct worker w[WORKERS];
	struct faultlab_latency l;
	bool stop = false;
	unsigned int i;
	char *at;
	int fd;

	/* Rings so short that records get lost now and then. */
	fd = tlib_recorded_region(WORKERS * PART, 64, &at);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, faultlab_latency_start(fd, 0));
	for (i = 0; i < WORKERS; i++) {
		w[i] = (struct worker) { .at = at + i * PART * TLIB_PAGE, .cpu = i, .stop = &stop };
		ASSERT_EQ(0, start_worker(&w[i], i, touch_and_forget));
	}
	/* Until each CPU has worked, too: the second one may be away most of the time. */
	while (goes_on(&self->d, self->end) ||
	       (cpus > 1 && !on_cpu[1] && tlib_now() < self->end)) {
		records += read_records(fd, on_cpu);
		usleep(1000);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < WORKERS; i++) {
		pthread_join(w[i].thread, NULL);
		touches += w[i].touches;
		EXPECT_EQ(w[i].touches, w[i].witness.minflt);
		EXPECT_EQ(0, w[i].witness.majflt);
	}
	records += read_records(fd, on_cpu);
	EXPECT_EQ(touches, tlib_stat(fd, FAULTLAB_STAT_FAULT_READ));
	EXPECT_EQ(touches, tlib_stat(fd, FAULTLAB_STAT_MINOR));
	EXPECT_EQ(0, tlib_stat(fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(touches, records);
	EXPECT_EQ(touches, sum_over_cpus(fd));
	ASSERT_EQ(0, faultlab_latency(fd, 0, 0, 0, &l));
	EXPECT_EQ(touches, faultlab_latency_sum(&l));
	EXPECT_EQ(WORKERS * PART, tlib_stat(fd, FAULTLAB_STAT_PAGES));
	for (i = 0; i < WORKERS && i < cpus; i++)
		EXPECT_LT(0, on_cpu[i]);
	finish(_metadata, &self->d);
}

static void *touch_once(void *arg)
{
	struct worker *w = arg;

	tlib_warm_up(&w->witness);
	faultlab_witness_begin(&w->witness, RUSAGE_THREAD);
	w->touches += !faultlab_touch_read(w->at, NULL);
	faultlab_witness_end(&w->witness);
	return NULL;
}

/*
 * Whether a fault that waited is minor or major may depend on the disturbance: a task that
 * was frozen on its way takes the exception anew, and without FAULT_FLAG_TRIED. But
 * module and kernel agree, and each touch is one fault, one wait and one retry.
 */
#define EXPECT_WAITS(nr, fd, min, maj)							\
do {											\
	EXPECT_EQ(nr, tlib_stat(fd, FAULTLAB_STAT_FAULT_READ));				\
	EXPECT_EQ(nr, tlib_stat(fd, FAULTLAB_STAT_RETRY));				\
	EXPECT_EQ(min, tlib_stat(fd, FAULTLAB_STAT_MINOR));				\
	EXPECT_EQ(maj, tlib_stat(fd, FAULTLAB_STAT_MAJOR));				\
	EXPECT_EQ(nr, (min) + (maj));							\
	EXPECT_EQ(nr, tlib_stat(fd, FAULTLAB_STAT_PAGES));				\
} while (0)

TEST_F_TIMEOUT(disturbed, faults_at_a_gate_stay_there_and_pass_once, 600)
{
	struct faultlab_rule rule = tlib_rule(0, WORKERS, FAULTLAB_VERDICT_SERVE, 0);
	struct worker w[WORKERS];
	long min = 0, maj = 0;
	__u32 waiting = 0;
	unsigned int i;
	char *at;
	int fd;

	fd = tlib_region(FAULTLAB_KIND_PAGE, 0, WORKERS);
	ASSERT_LE(0, fd);
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, WORKERS);
	ASSERT_NE(NULL, at);
	rule.delay_kind = FAULTLAB_DELAY_GATE;
	ASSERT_EQ(0, faultlab_rule(fd, FAULTLAB_RULE_SET, &rule));
	for (i = 0; i < WORKERS; i++) {
		w[i] = (struct worker) { .at = at + i * TLIB_PAGE };
		ASSERT_EQ(0, start_worker(&w[i], i, touch_once));
	}
	ASSERT_EQ(0, faultlab_gate(fd, FAULTLAB_GATE_AWAIT, WORKERS, GATE_SOON, NULL));
	EXPECT_EQ(0, tlib_disturb_await(&self->d, TIMES, LONGEST_S)) {
		TH_LOG("%s", strerror(-self->d.err));
	}
	ASSERT_EQ(0, faultlab_gate(fd, FAULTLAB_GATE_PASS, 0, 0, &waiting));
	EXPECT_EQ(WORKERS, waiting);
	EXPECT_EQ(0, tlib_stat(fd, FAULTLAB_STAT_FAULT_READ));
	ASSERT_EQ(0, faultlab_gate(fd, FAULTLAB_GATE_PASS, WORKERS, 0, NULL));
	for (i = 0; i < WORKERS; i++) {
		pthread_join(w[i].thread, NULL);
		EXPECT_EQ(1, w[i].touches);
		min += w[i].witness.minflt;
		maj += w[i].witness.majflt;
	}
	EXPECT_WAITS(WORKERS, fd, min, maj);
	finish(_metadata, &self->d);
}

#define DELAYED	8UL

TEST_F_TIMEOUT(disturbed, delayed_faults_wait_and_are_counted_once, 600)
{
	struct faultlab_rule rule = tlib_rule(0, DELAYED, FAULTLAB_VERDICT_SERVE, 2 * TLIB_MS);
	struct faultlab_witness witness;
	size_t i;
	char *at;
	int fd;

	do {
		const __u64 start = tlib_now();

		fd = tlib_region(FAULTLAB_KIND_PAGE, 0, DELAYED);
		ASSERT_LE(0, fd);
		at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, DELAYED);
		ASSERT_NE(NULL, at);
		ASSERT_EQ(0, faultlab_rule(fd, FAULTLAB_RULE_SET, &rule));
		tlib_warm_up(&witness);
		ASSERT_EQ(0, faultlab_witness_begin(&witness, RUSAGE_THREAD));
		for (i = 0; i < DELAYED; i++)
			faultlab_touch_read(at + i * TLIB_PAGE, NULL);
		ASSERT_EQ(0, faultlab_witness_end(&witness));
		EXPECT_WAITS(DELAYED, fd, witness.minflt, witness.majflt);
		EXPECT_LE(DELAYED * 2 * NSEC_PER_MS, tlib_stat(fd, FAULTLAB_STAT_DELAY_NS));
		EXPECT_GE(tlib_now() - start, tlib_stat(fd, FAULTLAB_STAT_DELAY_NS));
		tlib_unmap(at, DELAYED);
		close(fd);
	} while (goes_on(&self->d, self->end));
	finish(_metadata, &self->d);
}

/*
 * One processor that goes offline and comes back, step by step.
 */
FIXTURE(offline)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(offline)
{
	enum faultlab_kind kind;
};

FIXTURE_VARIANT_ADD(offline, page) { .kind = FAULTLAB_KIND_PAGE };
FIXTURE_VARIANT_ADD(offline, pfn) { .kind = FAULTLAB_KIND_PFN };	/* counts for each VMA */

FIXTURE_SETUP(offline)
{
	if (access(TLIB_CPU1_ONLINE, F_OK))
		SKIP(return, "no CPU hotplug (CONFIG_HOTPLUG_CPU, two CPUs)");
	tlib_settle();
}

FIXTURE_TEARDOWN_PARENT(offline)
{
	tlib_write_number(TLIB_CPU1_ONLINE, 1);
}

#define OPEN()										\
do {											\
	self->fd = tlib_record_region(variant->kind, 0, 3 * PART);			\
	ASSERT_LE(0, self->fd);								\
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 3 * PART);		\
	ASSERT_NE(NULL, self->at);							\
	ASSERT_EQ(0, faultlab_records_start(self->fd, 64, 0));			\
	ASSERT_EQ(0, faultlab_latency_start(self->fd, 0));				\
} while (0)

static __u64 on_cpu(int fd, int cpu)
{
	__u64 value = ~0ULL;
	char dir[64];

	if (!tlib_region_dir(fd, dir, sizeof(dir)))
		tlib_read_field(tlib_text("%s/cpus", dir), tlib_text("cpu%d", cpu), &value);
	return value;
}

/* How many callbacks each source has counted, or ~0 if two sources differ. */
static __u64 counted(int fd)
{
	__u64 reads = tlib_stat(fd, FAULTLAB_STAT_FAULT_READ), nr;
	struct faultlab_recording state;
	struct faultlab_rule rule;
	struct faultlab_latency l;
	size_t rules = 1;

	if (faultlab_latency(fd, 0, 0, 0, &l) || faultlab_records_state(fd, &state) ||
	    faultlab_rules_read(fd, &rule, &rules) || rules != 1)
		return ~0ULL;
	nr = faultlab_latency_sum(&l);
	return nr == reads && state.waiting == nr && !state.lost && rule.hits == nr &&
	       tlib_stat(fd, FAULTLAB_STAT_MAJOR) == nr ? nr : ~0ULL;
}

TEST_F(offline, what_a_cpu_counted_and_recorded_is_kept_while_it_is_offline)
{
	struct faultlab_rule rule = tlib_rule(0, 3 * PART, FAULTLAB_VERDICT_MAJOR, 0);
	struct faultlab_record seen[3 * PART + 1];
	size_t i;

	OPEN();
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, tlib_pin(1));
	tlib_touch_pages(self->at, 0, PART);
	ASSERT_EQ(PART, counted(self->fd));
	ASSERT_EQ(0, tlib_pin(0));
	ASSERT_EQ(0, tlib_write_number(TLIB_CPU1_ONLINE, 0));
	EXPECT_EQ(PART, counted(self->fd));
	EXPECT_EQ(PART, on_cpu(self->fd, 1));
	tlib_touch_pages(self->at, PART, PART);
	EXPECT_EQ(2 * PART, counted(self->fd));
	ASSERT_EQ(0, tlib_write_number(TLIB_CPU1_ONLINE, 1));
	EXPECT_EQ(2 * PART, counted(self->fd));
	ASSERT_EQ(0, tlib_pin(1));
	tlib_touch_pages(self->at, 2 * PART, PART);
	EXPECT_EQ(3 * PART, counted(self->fd));
	EXPECT_EQ(2 * PART, on_cpu(self->fd, 1));
	EXPECT_EQ(PART, on_cpu(self->fd, 0));

	/* All records, in order of time, each with the CPU that wrote it. */
	ASSERT_EQ(3 * PART, faultlab_records_read(self->fd, seen, ARRAY_SIZE(seen)));
	for (i = 0; i < 3 * PART; i++) {
		EXPECT_EQ(FAULTLAB_RECORD_FAULT, seen[i].type);
		EXPECT_EQ(i, seen[i].fault.index);
		EXPECT_EQ(i / PART == 1 ? 0 : 1, seen[i].cpu);
	}
}

/* Counters and rings are allocated for each CPU that is possible, and not only online. */
TEST_F(offline, a_region_that_was_opened_while_a_cpu_was_offline_counts_on_it_later)
{
	struct faultlab_rule rule = tlib_rule(0, 3 * PART, FAULTLAB_VERDICT_MAJOR, 0);

	ASSERT_EQ(0, tlib_write_number(TLIB_CPU1_ONLINE, 0));
	OPEN();
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	tlib_touch_pages(self->at, 0, PART);
	EXPECT_EQ(0, on_cpu(self->fd, 1));
	ASSERT_EQ(0, tlib_write_number(TLIB_CPU1_ONLINE, 1));
	ASSERT_EQ(0, tlib_pin(1));
	tlib_touch_pages(self->at, PART, 2 * PART);
	EXPECT_EQ(2 * PART, on_cpu(self->fd, 1));
	EXPECT_EQ(3 * PART, counted(self->fd));
}

TEST_HARNESS_MAIN
