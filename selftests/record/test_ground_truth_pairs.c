// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two consecutive callbacks, of one fault or of two, each with every outcome that a
 * rule can order, and a reset of the counters in between. The module's counters match
 * the kernel's, and its records and histograms agree.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/sys.h"
#include "lib/record/truth.h"
#include "lib/record/truth_case.h"

#define ROOM		32	/* for records of one pair */
#define FEW		64	/* a higher figure is a negative number */
#define TRIES		20	/* in case other tasks fault, or a wait ends too soon */
#define NO_HUGE	"no .huge_fault for PFN mappings (ARCH_SUPPORTS_PMD_PFNMAP, since 6.12)"

#define READ		FAULTLAB_ACCESS_READ
#define WRITE		FAULTLAB_ACCESS_WRITE
#define COW		FAULTLAB_ACCESS_COW
#define AROUND		FAULTLAB_ACCESS_AROUND
#define HUGE		FAULTLAB_ACCESS_HUGE
#define MKWRITE		FAULTLAB_ACCESS_MKWRITE
#define PFN_MKWRITE	FAULTLAB_ACCESS_PFN_MKWRITE

/* An outcome is a verdict and one of these. */
static const struct outcome_delay {
	const char *name;
	__u64 us;
	__u32 flags;
} delays[] = {
	{ .name = "" },
	{ .name = " after a delay", .us = 1000 },
	{ .name = " after a delay under the lock", .us = 1000,
	  .flags = FAULTLAB_RULE_HOLD_LOCK },
	/*
	 * only for rules of .fault with SERVE or MAJOR, as these return a page; for other
	 * rules the module refuses the flag
	 */
	{ .name = " without the page's lock", .flags = FAULTLAB_RULE_UNLOCKED },
};

#define NR_DELAYS	ARRAY_SIZE(delays)
#define NR_OUTCOMES	(FAULTLAB_NR_VERDICTS * NR_DELAYS)

/* Who makes the access: the thread, the kernel for it, or get_user_pages(). */
struct door {
	int (*read)(struct tlib_stage *stage);
	int (*write)(struct tlib_stage *stage);
	bool traps;	/* by an exception, which perf counts */
};

static const struct door user = { tlib_do_read, tlib_do_write, true };
static const struct door kernel = { tlib_do_write_from, tlib_do_read_into, true };
static const struct door gup = { tlib_do_populate, tlib_do_populate_write, false };

FIXTURE(two_calls)
{
	struct tlib_truth truth;
	struct tlib_stage stage;
	pthread_t resetter;
	bool done;			/* the accesses are over */
	bool between;			/* the reset came between the two callbacks */
	struct faultlab_stats before;	/* the counters that the reset returned */
	__u64 silent;			/* faults without a call of the module */
	__u64 hidden;			/* see read_records() */
	__u64 by_result[FAULTLAB_NR_RESULTS];	/* records */
	/* All records; those of the second rule; those that PGMAJFAULT should count. */
	__u64 records, seconds, majors;
};

FIXTURE_VARIANT(two_calls)
{
	struct tlib_case stage;
	const struct door *door;
	__u32 access[2];		/* of the rules for the first and second callback */
	const char *accesses;		/* accesses in order: r, w */
};

#define PAIR(name, ...) FIXTURE_VARIANT_ADD(two_calls, name) { __VA_ARGS__ }
#define PAGE(...)	{ .config = { .kind = FAULTLAB_KIND_PAGE, ##__VA_ARGS__ } }
#define PFN(...)	{ .config = { .kind = FAULTLAB_KIND_PFN, ##__VA_ARGS__ } }
#define FLAGS(...)	.flags = __VA_ARGS__

#define PAGE_MKWRITE	PAGE(FLAGS(FAULTLAB_REGION_MKWRITE))
#define INSERT_MKWRITE	PAGE(FLAGS(FAULTLAB_REGION_INSERT | FAULTLAB_REGION_MKWRITE))
#define PFN_MKWRITES	PFN(FLAGS(FAULTLAB_REGION_MKWRITE))
#define POPULATED	{ .config = { .kind = FAULTLAB_KIND_PAGE,				\
				      FLAGS(FAULTLAB_REGION_INSERT) },			\
			  .before = tlib_first_others }
#define PRIVATE		{ .config = { .kind = FAULTLAB_KIND_PAGE }, .private = true }
#define PMDS		PFN(.order = 9, FLAGS(FAULTLAB_REGION_HUGE))

/* One fault: the core calls .page_mkwrite for the page that .fault returned. */
PAIR(fault_and_page_mkwrite, PAGE_MKWRITE, &user, { WRITE, MKWRITE }, "w");
PAIR(fault_and_page_mkwrite_for_the_kernel, PAGE_MKWRITE, &kernel, { WRITE, MKWRITE }, "w");
PAIR(fault_and_page_mkwrite_for_gup, PAGE_MKWRITE, &gup, { WRITE, MKWRITE }, "w");
/* .map_pages or .huge_fault maps nothing, and .fault follows in the same fault. */
PAIR(map_pages_and_fault, POPULATED, &user, { AROUND, READ }, "r");
PAIR(huge_fault_and_fault, PMDS, &user, { HUGE, READ }, "r");
/* Two faults, by one access or by two accesses. */
PAIR(fault_and_fault, PAGE(), &user, { WRITE, WRITE }, "w");
PAIR(fault_and_fault_for_gup, PAGE(), &gup, { WRITE, WRITE }, "w");
PAIR(insert_and_page_mkwrite, INSERT_MKWRITE, &user, { WRITE, MKWRITE }, "w");
PAIR(insert_and_pfn_mkwrite, PFN_MKWRITES, &user, { WRITE, PFN_MKWRITE }, "w");
PAIR(insert_and_page_mkwrite_for_gup, INSERT_MKWRITE, &gup, { WRITE, MKWRITE }, "w");
PAIR(read_and_page_mkwrite, PAGE_MKWRITE, &user, { READ, MKWRITE }, "rw");
PAIR(read_and_pfn_mkwrite, PFN_MKWRITES, &user, { READ, PFN_MKWRITE }, "rw");
PAIR(read_and_cow, PRIVATE, &user, { READ, COW }, "rw");

/*
 * Keeps all recording and events on: switching on the first or off the last of a kind
 * patches the kernel's text.
 */
static void __attribute__((constructor)) hold_witnesses(void)
{
	static struct tlib_truth held;
	int fd = faultlab_open();

	tlib_truth_open(&held);
	faultlab_records_start(fd, 0, 0);
	faultlab_latency_start(fd, 0);
}

FIXTURE_SETUP(two_calls)
{
	tlib_truth_open(&self->truth);
	ASSERT_EQ(0, pipe(self->stage.pipe));
}

FIXTURE_TEARDOWN(two_calls)
{
	tlib_truth_close(&self->truth);
}

/* Fills in a rule for the outcome. Returns false if the module would refuse it. */
static bool make_rule(struct faultlab_rule *rule, __u32 access, unsigned int outcome, bool gated)
{
	const struct outcome_delay *delay = &delays[outcome % NR_DELAYS];

	*rule = tlib_rule(0, 1, outcome / NR_DELAYS, delay->us);
	rule->access = access;
	/*
	 * Rules for AROUND and HUGE, which are about pages mapped along with another page,
	 * can have no conditions such as times.
	 */
	rule->times = !(access & (AROUND | HUGE));
	rule->flags = delay->flags;
	if (gated) {
		rule->delay_kind = FAULTLAB_DELAY_GATE;
		rule->delay_us = 0;
		rule->flags = FAULTLAB_RULE_HOLD_LOCK;
	}
	return !faultlab_rule_check(rule, NULL);
}

static const char *outcome_name(unsigned int outcome)
{
	return tlib_text("%s%s", faultlab_verdict_name(outcome / NR_DELAYS),
			 delays[outcome % NR_DELAYS].name);
}

/*
 * Resets the counters while the second callback waits at the gate, for a second at
 * most.
 */
static void *reset_between(void *arg)
{
	struct _test_data_two_calls *self = arg;
	__u32 waiting = 0;

	while (!waiting && !__atomic_load_n(&self->done, __ATOMIC_ACQUIRE))
		faultlab_gate(self->stage.fd, FAULTLAB_GATE_AWAIT, 1, 1000, &waiting);
	if (waiting) {
		faultlab_stats_reset(self->stage.fd, &self->before);
		faultlab_gate(self->stage.fd, FAULTLAB_GATE_PASS, 0, 0, &waiting);
		self->between = waiting;
	}
	faultlab_gate(self->stage.fd, FAULTLAB_GATE_OPEN, 0, 0, NULL);
	return NULL;
}

static void access_all(struct _test_data_two_calls *self,
		       const struct _fixture_variant_two_calls *v, bool reset)
{
	const char *access;
	int err = -1;

	for (access = v->accesses; *access; access++) {
		if (reset && access != v->accesses) {
			faultlab_stats_reset(self->stage.fd, &self->before);
			self->between = true;
		}
		/* The core copies a page that is mapped without calling the module. */
		if (v->stage.private && *access == 'w')
			self->silent += !err;
		err = (*access == 'w' ? v->door->write : v->door->read)(&self->stage);
	}
}

/*
 * After a retry, get_user_pages() (MADV_POPULATE since 6.9) sets FAULT_FLAG_TRIED in
 * all further faults on the page. .page_mkwrite does not see the flag. If no .fault
 * came before it in the same fault, the module counts the fault as minor, the kernel as
 * major. Counts these faults in hidden.
 */
static void read_records(struct _test_data_two_calls *self, const struct door *door)
{
	bool tried = false, hides = door == &gup && tlib_kernel_since(6, 9);
	struct faultlab_record r[ROOM];
	int i, nr = faultlab_records_read(self->stage.fd, r, ROOM);

	self->records = nr < 0 ? 0 : nr;
	for (i = 0; i < nr; i++) {
		const struct faultlab_record_fault *f = &r[i].fault;

		self->by_result[f->result]++;
		tried |= f->result == FAULTLAB_RESULT_RETRY;
		self->hidden += hides && tried && f->result == FAULTLAB_RESULT_MINOR &&
				f->callback == FAULTLAB_CALLBACK_PAGE_MKWRITE;
		self->seconds += f->rule == 2;
		self->majors += f->verdict == FAULTLAB_VERDICT_MAJOR &&
				f->result != FAULTLAB_RESULT_RETRY;
	}
}

/*
 * Make the accesses of a pair under its two rules, and read all counters. 0 or -errno.
 */
static int count_pair(struct _test_data_two_calls *self, const struct _fixture_variant_two_calls *v,
		      const struct faultlab_rule *rules, bool reset)
{
	bool gated = reset && !v->accesses[1];
	struct faultlab_stats stats;
	int err;

	self->done = false;
	self->between = false;
	self->silent = 0;
	self->hidden = 0;
	self->seconds = 0;
	self->majors = 0;
	memset(self->by_result, 0, sizeof(self->by_result));
	memset(&self->before, 0, sizeof(self->before));
	err = tlib_stage_set(&self->stage, &v->stage);
	if (err)
		return err;
	err = faultlab_rules(self->stage.fd, FAULTLAB_RULE_SET, rules, 2);
	if (!err)
		err = faultlab_latency_start(self->stage.fd, 0);
	if (!err)
		err = faultlab_stats_reset(self->stage.fd, &stats);
	if (!err && gated)
		err = -pthread_create(&self->resetter, NULL, reset_between, self);
	if (err)
		return err;
	tlib_truth_begin(&self->truth, self->stage.fd);
	access_all(self, v, reset);
	tlib_truth_end(&self->truth);
	__atomic_store_n(&self->done, true, __ATOMIC_RELEASE);
	if (gated)
		pthread_join(self->resetter, NULL);
	read_records(self, v->door);
	return 0;
}

/* Adds the counters from before the reset. Returns false if one is negative. */
static bool add_what_was_reset(struct _test_data_two_calls *self)
{
	static const struct {
		enum tlib_figure figure;
		enum faultlab_stat stat;
	} counters[] = {
		{ TLIB_MINOR, FAULTLAB_STAT_MINOR }, { TLIB_MAJOR, FAULTLAB_STAT_MAJOR },
		{ TLIB_RETRY, FAULTLAB_STAT_RETRY }, { TLIB_SIGBUS, FAULTLAB_STAT_SIGBUS },
		{ TLIB_OOM, FAULTLAB_STAT_OOM }, { TLIB_HWPOISON, FAULTLAB_STAT_HWPOISON },
		{ TLIB_SIGSEGV, FAULTLAB_STAT_SIGSEGV }, { TLIB_NOPAGE, FAULTLAB_STAT_NOPAGE },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counters); i++) {
		__u64 *value = &self->truth.value[counters[i].figure];
		__u64 before = self->before.value[counters[i].stat];

		if (*value >= FEW || before >= FEW)
			return false;
		*value += before;
	}
	return true;
}

static __u64 in_histograms(struct _test_data_two_calls *self, unsigned int result)
{
	struct faultlab_latency l;

	return faultlab_latency(self->stage.fd, 0, 0, 1U << result, &l) ? ~0ULL :
	       faultlab_latency_sum(&l);
}

/* What the module's counters say a figure should be (ours), and another source's (theirs). */
struct claim {
	const char *who;
	__u64 ours, theirs;
	bool there;
};

static const char *first_wrong(const struct claim *claim, size_t nr)
{
	const struct claim *end = claim + nr;

	for (; claim < end; claim++)
		if (claim->there && claim->ours != claim->theirs)
			return tlib_text("%s: %lld, not %lld", claim->who,
					 (long long)claim->theirs, (long long)claim->ours);
	return "";
}

/*
 * Compares the counter of each result with records and histograms. The result `part` has
 * no counter.
 */
static const char *wrong_result(struct _test_data_two_calls *self)
{
	static const struct {
		enum tlib_figure figure;
		enum faultlab_result result;
	} results[] = {
		{ TLIB_MINOR, FAULTLAB_RESULT_MINOR }, { TLIB_MAJOR, FAULTLAB_RESULT_MAJOR },
		{ TLIB_RETRY, FAULTLAB_RESULT_RETRY }, { TLIB_SIGBUS, FAULTLAB_RESULT_SIGBUS },
		{ TLIB_OOM, FAULTLAB_RESULT_OOM }, { TLIB_HWPOISON, FAULTLAB_RESULT_HWPOISON },
		{ TLIB_SIGSEGV, FAULTLAB_RESULT_SIGSEGV },
	};
	_Static_assert(ARRAY_SIZE(results) + 1 == FAULTLAB_NR_RESULTS, "all, but for PART");
	const char *wrong = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(results) && !*wrong; i++) {
		const unsigned int result = results[i].result;
		const __u64 ours = self->truth.value[results[i].figure];
		const struct claim claims[] = {
			{ "records of a result", ours, self->by_result[result], true },
			{ "histograms of a result", ours, in_histograms(self, result), true },
		};

		wrong = first_wrong(claims, ARRAY_SIZE(claims));
	}
	return wrong;
}

/* Compares all sources with the counters. Returns the first difference, or "". */
static const char *contradiction(struct _test_data_two_calls *self, const struct door *door,
				 bool shared)
{
	const struct tlib_truth *truth = &self->truth;
	const __u64 *v = truth->value;
	const char *wrong;
	__u64 minor, major, done, again;

	if (!add_what_was_reset(self))
		return "a counter is negative";
	minor = v[TLIB_MINOR] + self->silent - self->hidden;
	major = v[TLIB_MAJOR] + self->hidden;
	done = minor + major + v[TLIB_SIGBUS] + v[TLIB_OOM] + v[TLIB_HWPOISON] +
	       v[TLIB_SIGSEGV];
	again = v[TLIB_RETRY];

	const struct claim claims[] = {
		/* both include the first of two callbacks in one fault (result `part`) */
		{ "records", v[TLIB_CALLS], self->records, shared },
		{ "histograms of parts", self->by_result[FAULTLAB_RESULT_PART],
		  in_histograms(self, FAULTLAB_RESULT_PART), true },
		{ "getrusage() minflt", minor, v[TLIB_MINFLT], true },
		{ "getrusage() majflt", major, v[TLIB_MAJFLT], true },
		{ "/proc/PID/stat minflt", minor, v[TLIB_STAT_MIN], true },
		{ "/proc/PID/stat majflt", major, v[TLIB_STAT_MAJ], true },
		{ "perf minor-faults", door->traps ? minor : 0, v[TLIB_PERF_MIN],
		  !tlib_truth_lacks(truth, TLIB_PERF_MIN) },
		{ "perf major-faults", door->traps ? major : 0, v[TLIB_PERF_MAJ],
		  !tlib_truth_lacks(truth, TLIB_PERF_MAJ) },
		{ "perf page-faults", door->traps ? done : 0, v[TLIB_PERF],
		  !tlib_truth_lacks(truth, TLIB_PERF) },
		{ "exceptions", door->traps ? done : 0, v[TLIB_USER] + v[TLIB_KERNEL],
		  !tlib_truth_lacks(truth, TLIB_USER) },
		{ "handle_mm_fault()", done + again, v[TLIB_HMF],
		  !tlib_truth_lacks(truth, TLIB_HMF) },
		/* before 6.4 handle_mm_fault() counted it on entry */
		{ "pgfault", done + (tlib_kernel_since(6, 4) ? 0 : again), v[TLIB_PGFAULT],
		  shared },
		{ "pgmajfault", self->majors, v[TLIB_PGMAJFAULT], shared },
	};

	wrong = wrong_result(self);
	return *wrong ? wrong : first_wrong(claims, ARRAY_SIZE(claims));
}

/* Whether both callbacks belong to one fault. Then the second can wait for a reset. */
static bool is_one_fault(const struct _fixture_variant_two_calls *v)
{
	return v->access[1] == MKWRITE && !v->accesses[1] &&
	       !(v->stage.config.flags & FAULTLAB_REGION_INSERT);
}

#define VERDICT(name)	(1U << FAULTLAB_VERDICT_##name)

/*
 * The pairs of outcomes that the short form tests: one outcome of each sort, without
 * delays. If the callbacks belong to two faults, fewer outcomes of the first are tested,
 * as most are tested for the second callback, too.
 */
static bool is_brief(const struct _fixture_variant_two_calls *v, unsigned int first,
		     unsigned int second)
{
	__u32 firsts = VERDICT(MAJOR) | VERDICT(RETRY) | VERDICT(SIGBUS);

	if (is_one_fault(v))
		firsts |= VERDICT(SERVE) | VERDICT(OOM) | VERDICT(NOPAGE);
	if (v->access[0] & (AROUND | HUGE))
		firsts = VERDICT(SERVE);
	return !(first % NR_DELAYS) && !(second % NR_DELAYS) &&
	       (1U << first / NR_DELAYS & firsts) &&
	       (1U << second / NR_DELAYS & (VERDICT(SERVE) | VERDICT(SIGBUS) | VERDICT(NOPAGE)));
}

static const char *count_and_compare(struct _test_data_two_calls *self,
				     const struct _fixture_variant_two_calls *v,
				     const struct faultlab_rule *rules, bool reset)
{
	const char *wrong = "";
	unsigned int turn;
	bool late;
	int err;

	for (turn = 0; turn < TRIES; turn++) {
		err = count_pair(self, v, rules, reset);
		if (err)
			return strerror(-err);
		wrong = contradiction(self, v->door, !reset);
		late = reset && self->seconds && !self->between;
		tlib_stage_clear(&self->stage);
		if (!*wrong && !late)
			return wrong;
		/*
		 * Try again: pgfault includes other tasks' faults, and the thread
		 * itself can fault on a page that is just being migrated.
		 */
		if (!late && strncmp(wrong, "pg", 2) && strncmp(wrong, "getrusage() minflt", 18))
			return wrong;
	}
	return *wrong ? wrong : "no reset came between the two callbacks";
}

static unsigned int count_all(struct __test_metadata *_metadata, struct _test_data_two_calls *self,
			      const struct _fixture_variant_two_calls *v, bool reset)
{
	struct faultlab_rule rules[2];
	unsigned int first, second, pairs = 0;

	for (first = 0; first < NR_OUTCOMES; first++) {
		if (!make_rule(&rules[0], v->access[0], first, false))
			continue;
		for (second = 0; second < NR_OUTCOMES; second++) {
			bool gated = reset && !v->accesses[1];

			if (gated && second % NR_DELAYS)
				continue;
			if (!make_rule(&rules[1], v->access[1], second, gated) ||
			    (!tlib_full() && !is_brief(v, first, second)))
				continue;
			pairs++;
			EXPECT_STREQ("", count_and_compare(self, v, rules, reset)) {
				TH_LOG("%s, then %s; all: %s", outcome_name(first),
				       outcome_name(second), tlib_truth_show(&self->truth));
			}
			/* After this first outcome there is no second callback. */
			if (!self->seconds && !tlib_full())
				break;
		}
	}
	return pairs;
}

static bool lacks(const struct _fixture_variant_two_calls *v)
{
	int fd = tlib_region_full(&v->stage.config);

	close(fd);
	return fd == -EOPNOTSUPP;
}

TEST_F_TIMEOUT(two_calls, two_callbacks_are_counted_as_the_kernel_counts_them, 300)
{
	if (lacks(variant))
		SKIP(return, NO_HUGE);
	EXPECT_LE(3, count_all(_metadata, self, variant, false));
}

TEST_F_TIMEOUT(two_calls, both_are_counted_as_the_kernel_does_with_a_reset_in_between, 300)
{
	if (lacks(variant))
		SKIP(return, NO_HUGE);
	/* The short form leaves two faults with a reset in between to test_counts. */
	if (!tlib_full() && !is_one_fault(variant))
		return;
	EXPECT_LE(3, count_all(_metadata, self, variant, true));
}

TEST_HARNESS_MAIN
