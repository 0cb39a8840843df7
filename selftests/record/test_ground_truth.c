// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each kind of fault, counted by all sources of truth.h. Either all figures match
 * exactly, or they differ by exactly what the row says and docs/reference/ground-truth.md
 * explains. FAULTLAB_SHOW=1 prints the figures.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/record/truth.h"
#include "lib/record/truth_case.h"

#define ROOM		16	/* for records of one case */

/*
 * Figures of the whole machine can only be too high, by other tasks' faults. If one is,
 * repeat the case.
 */
#define TRIES_LEAST	2
#define TRIES_MOST	20

/*
 * The parent of all cases keeps these events open. To open the first event of a kind, or to
 * close the last one, patches the kernel's text, and under emulation a processor sometimes
 * runs text that is half patched (in __schedule(), for one).
 */
static void __attribute__((constructor)) hold_events(void)
{
	static struct tlib_truth held;

	tlib_truth_open(&held);
}

FIXTURE(ground_truth)
{
	struct tlib_truth truth;
	struct tlib_stage stage;
};

FIXTURE_VARIANT(ground_truth)
{
	struct tlib_case c;
};

#define NO_HUGE	"no .huge_fault for PFN mappings (ARCH_SUPPORTS_PMD_PFNMAP, since 6.12)"

#define VARIANT(name, ...) FIXTURE_VARIANT_ADD(ground_truth, name) { .c = { __VA_ARGS__ } }
#define PAGE(...)	.config = { .kind = FAULTLAB_KIND_PAGE, ##__VA_ARGS__ }
#define PFN(...)	.config = { .kind = FAULTLAB_KIND_PFN, ##__VA_ARGS__ }
#define FIRST(what)	.before = tlib_first_##what
#define ACT(what)	.act = tlib_do_##what
#define RULE(name, ...)	.rule = { .verdict = FAULTLAB_VERDICT_##name, ##__VA_ARGS__ }
/* FAULT: a rule for the .fault of one write. THEN: for the .page_mkwrite that follows. */
#define FAULT(name, ...) RULE(name, .access = FAULTLAB_ACCESS_WRITE, .times = 1, ##__VA_ARGS__)
#define THEN(name)	.then = { .verdict = FAULTLAB_VERDICT_##name,			\
				  .access = FAULTLAB_ACCESS_MKWRITE, .times = 1 }

/* Groups of figures, by the code that counts them. A figure named twice is added up. */
/* one callback, one record; the result is added separately */
#define CALL	"calls 1 records 1 enter 1 exit 1 "
/* arch/x86/mm/fault.c, for each exception */
#define TRAP	"user 1 perf 1 perf:u 1 "
#define TRAP_KERNEL "kernel 1 perf 1 "
/* counted in handle_mm_fault(), part of it by mm_account_fault() at its end; also for GUP */
#define COUNTED	"hmf 1 pgfault 1 "
#define GUP_MIN	COUNTED "minflt 1 min_flt 1 "
#define GUP_MAJ	COUNTED "majflt 1 maj_flt 1 "
#define MIN	GUP_MIN "perf-minor 1 "
#define MAJ	GUP_MAJ "perf-major 1 "
/* a fault that ends in VM_FAULT_RETRY: since 6.4 PGFAULT does not count it */
#define AGAIN	"hmf 1 " CALL "retry 1 "
#define AGAIN_OLD COUNTED CALL "retry 1 "

VARIANT(no_fault, PAGE(), FIRST(read), ACT(read), .expect = "");

/* one callback and one fault: each counter counts 1 */
#define SERVED	CALL "minor 1 "
VARIANT(read, PAGE(), ACT(read), .expect = SERVED TRAP MIN);
VARIANT(write, PAGE(), ACT(write), .expect = SERVED TRAP MIN);
VARIANT(cow, PAGE(), .private = true, ACT(write), .expect = SERVED TRAP MIN);
VARIANT(inserted_write, PAGE(.flags = FAULTLAB_REGION_INSERT), ACT(write),
	.expect = SERVED TRAP MIN);
VARIANT(pfn, PFN(), ACT(write), .expect = SERVED TRAP MIN);
VARIANT(delayed_under_the_lock, PAGE(), ACT(read),
	RULE(SERVE, .delay_us = 1000, .flags = FAULTLAB_RULE_HOLD_LOCK), .expect = SERVED TRAP MIN);
VARIANT(mkwrite, PAGE(.flags = FAULTLAB_REGION_MKWRITE), FIRST(read), ACT(write),
	.expect = SERVED TRAP MIN);
VARIANT(pfn_mkwrite, PFN(.flags = FAULTLAB_REGION_MKWRITE), FIRST(read), ACT(write),
	.expect = SERVED TRAP MIN);

/* many pages, one fault */
VARIANT(around, PAGE(.flags = FAULTLAB_REGION_INSERT), FIRST(others), ACT(read),
	.expect = SERVED TRAP MIN);
VARIANT(pfn_window, PFN(.around = TLIB_TRUTH_AROUND), ACT(read), .expect = SERVED TRAP MIN);
VARIANT(huge_page, PAGE(.order = 9, .flags = FAULTLAB_REGION_WHOLE), ACT(read),
	.expect = SERVED TRAP MIN);
/*
 * a callback that maps nothing, so that .fault follows, such as .huge_fault for a PUD: it
 * has trace events, but does not count as a call and has no record
 */
#define VAIN	"enter 1 exit 1 "
VARIANT(huge_pfn, PFN(.order = 9, .flags = FAULTLAB_REGION_HUGE), ACT(read),
	.expect = VAIN SERVED TRAP MIN);

/* no callback at all */
VARIANT(cow_of_a_mapped_page, PAGE(), .private = true, FIRST(read), ACT(write),
	.expect = TRAP MIN);

/* two callbacks, one fault */
VARIANT(write_and_mkwrite, PAGE(.flags = FAULTLAB_REGION_MKWRITE), ACT(write),
	.expect = SERVED CALL TRAP MIN);
/*
 * the result of .page_mkwrite decides how the fault counts: if .fault was major, the fault
 * is major, unless .page_mkwrite fails or maps nothing
 */
#define MKWRITES PAGE(.flags = FAULTLAB_REGION_MKWRITE), ACT(write)
VARIANT(major_and_mkwrite, MKWRITES, FAULT(MAJOR),
	.expect = CALL CALL "major 1 pgmajfault 1 " TRAP MAJ);
VARIANT(major_and_sigbus_in_mkwrite, MKWRITES, FAULT(MAJOR), THEN(SIGBUS), .err = -EFAULT,
	.expect = CALL CALL "sigbus 1 pgmajfault 1 " TRAP COUNTED);
VARIANT(major_and_nopage_in_mkwrite, MKWRITES, FAULT(MAJOR), THEN(NOPAGE),
	.expect = CALL CALL "minor 1 nopage 1 pgmajfault 1 " TRAP MIN CALL SERVED TRAP MIN);
VARIANT(retried_and_mkwrite, MKWRITES, FAULT(RETRY),
	.expect = AGAIN CALL SERVED TRAP MIN,
	.older = AGAIN_OLD CALL CALL "major 1 " TRAP MAJ);
VARIANT(retried_and_sigbus_in_mkwrite, MKWRITES, FAULT(RETRY), THEN(SIGBUS), .err = -EFAULT,
	.expect = AGAIN CALL CALL "sigbus 1 " TRAP COUNTED,
	.older = AGAIN_OLD CALL CALL "sigbus 1 " TRAP COUNTED);
VARIANT(retried_and_nopage_in_mkwrite, MKWRITES, FAULT(RETRY), THEN(NOPAGE),
	.expect = AGAIN CALL SERVED "nopage 1 " TRAP MIN CALL SERVED TRAP MIN,
	.older = AGAIN_OLD CALL CALL "major 1 nopage 1 " TRAP MAJ CALL SERVED TRAP MIN);
/* .map_pages maps nothing: trace events, but no record; .fault follows */
VARIANT(around_maps_nothing, PAGE(.flags = FAULTLAB_REGION_INSERT), ACT(read),
	.expect = VAIN SERVED TRAP MIN);

/* the module itself counts PGMAJFAULT, for MAJOR only; a retry does not add to it */
VARIANT(major, PAGE(), RULE(MAJOR), ACT(read),
	.expect = CALL "major 1 pgmajfault 1 " TRAP MAJ);
VARIANT(retried, PAGE(), RULE(RETRY), ACT(read),
	.expect = AGAIN SERVED TRAP MIN,
	.older = AGAIN_OLD CALL "major 1 " TRAP MAJ);
VARIANT(delayed, PAGE(), RULE(SERVE, .delay_us = 1000), ACT(write),
	.expect = AGAIN SERVED TRAP MIN,
	.older = AGAIN_OLD CALL "major 1 " TRAP MAJ);
VARIANT(major_and_delayed, PAGE(), RULE(MAJOR, .delay_us = 1000), ACT(read),
	.expect = AGAIN CALL "major 1 pgmajfault 1 " TRAP MAJ,
	.older = AGAIN_OLD CALL "major 1 pgmajfault 1 " TRAP MAJ);

/* a failed fault counts in PGFAULT and perf's page-faults, but as neither minor nor major */
VARIANT(sigbus, PAGE(), RULE(SIGBUS), ACT(read), .err = -EFAULT,
	.expect = CALL "sigbus 1 " TRAP COUNTED);
VARIANT(sigsegv, PAGE(), RULE(SIGSEGV), ACT(read), .err = -EFAULT,
	.expect = CALL "sigsegv 1 " TRAP COUNTED);
VARIANT(hwpoison, PAGE(), RULE(HWPOISON), ACT(read), .err = -EFAULT,
	.expect = CALL "hwpoison 1 " TRAP COUNTED);
VARIANT(sigbus_after_a_delay, PAGE(), RULE(SIGBUS, .delay_us = 1000), ACT(read),
	.err = -EFAULT,
	.expect = AGAIN CALL "sigbus 1 " TRAP COUNTED,
	.older = AGAIN_OLD CALL "sigbus 1 " TRAP COUNTED);
VARIANT(sigbus_in_mkwrite, PAGE(.flags = FAULTLAB_REGION_MKWRITE), ACT(write), .err = -EFAULT,
	RULE(SIGBUS, .access = FAULTLAB_ACCESS_MKWRITE),
	.expect = CALL CALL "sigbus 1 " TRAP COUNTED);

/* x86 refuses the access before it calls handle_mm_fault() */
VARIANT(no_mapping, PAGE(), ACT(read_behind), .err = -EFAULT, .expect = TRAP);
VARIANT(no_permission, PAGE(), .prot = PROT_READ, ACT(write), .err = -EFAULT, .expect = TRAP);

/* the access is repeated after the error, and each counter counts that as another fault */
VARIANT(oom_once, PAGE(), RULE(OOM, .times = 1), ACT(read),
	.expect = CALL "oom 1 " TRAP COUNTED SERVED TRAP MIN);
VARIANT(nopage_once, PAGE(), RULE(NOPAGE, .times = 1), ACT(read),
	.expect = SERVED "nopage 1 " TRAP MIN SERVED TRAP MIN);

/*
 * a fault of get_user_pages() is no exception: mm_account_fault() gets no registers, so
 * perf does not count it
 */
VARIANT(gup, PAGE(), ACT(populate), .expect = SERVED GUP_MIN);
VARIANT(gup_write, PAGE(), ACT(populate_write), .expect = SERVED GUP_MIN);
VARIANT(gup_of_process_vm_readv, PAGE(), ACT(process_vm_readv), .expect = SERVED GUP_MIN);
VARIANT(gup_major, PAGE(), RULE(MAJOR), ACT(populate),
	.expect = CALL "major 1 pgmajfault 1 " GUP_MAJ);
VARIANT(gup_retried, PAGE(), RULE(RETRY), ACT(process_vm_readv),
	.expect = AGAIN CALL "major 1 " GUP_MAJ,
	.older = AGAIN_OLD CALL "major 1 " GUP_MAJ);
/* before 6.9 madvise_populate() started anew after a retry, without FOLL_TRIED */
VARIANT(populate_retried, PAGE(), RULE(RETRY), ACT(populate),
	.expect = AGAIN CALL "major 1 " GUP_MAJ,
	.older = AGAIN_OLD SERVED GUP_MIN, .since = 9);
VARIANT(gup_retried_and_mkwrite, PAGE(.flags = FAULTLAB_REGION_MKWRITE), ACT(populate_write),
	FAULT(RETRY), .expect = AGAIN CALL CALL "major 1 " GUP_MAJ,
	.older = AGAIN_OLD CALL SERVED GUP_MIN, .since = 9);
VARIANT(gup_sigbus, PAGE(), RULE(SIGBUS), ACT(populate), .err = -EFAULT,
	.expect = CALL "sigbus 1 " COUNTED);

/* accesses by the kernel: exceptions in kernel mode, always under mmap_lock */
VARIANT(kernel_writes, PAGE(), ACT(read_into), .expect = SERVED TRAP_KERNEL MIN);
VARIANT(kernel_reads, PAGE(), ACT(write_from), .expect = SERVED TRAP_KERNEL MIN);
VARIANT(kernel_retried, PAGE(), RULE(RETRY), ACT(read_into),
	.expect = AGAIN CALL "major 1 " TRAP_KERNEL MAJ,
	.older = AGAIN_OLD CALL "major 1 " TRAP_KERNEL MAJ);
#define KERNEL_SIGBUS	CALL "sigbus 1 " TRAP_KERNEL COUNTED
VARIANT(kernel_sigbus, PAGE(), RULE(SIGBUS), ACT(read_into), .err = -EFAULT,
	.expect = KERNEL_SIGBUS, .older = KERNEL_SIGBUS KERNEL_SIGBUS);
/* of an exception with page faults disabled only the exceptions tracepoint tells */
VARIANT(futex, PAGE(), ACT(futex), .err = -EAGAIN,
	.expect = "kernel 1 " SERVED TRAP_KERNEL MIN);

FIXTURE_SETUP(ground_truth)
{
	tlib_truth_open(&self->truth);
	ASSERT_EQ(0, pipe(self->stage.pipe));
}

FIXTURE_TEARDOWN(ground_truth)
{
	tlib_truth_close(&self->truth);
}

static const char *expected(const struct tlib_case *c)
{
	return c->older && !tlib_kernel_since(6, c->since ?: 4) ? c->older : c->expect;
}

/* Whether a figure of the whole machine is higher than expected. */
static bool is_noisy(const struct tlib_truth *truth, const char *expect)
{
	unsigned int i;

	for (i = 0; i < TLIB_NR_FIGURES; i++)
		if (tlib_figure_is_shared(i) &&
		    truth->value[i] > tlib_truth_expected(expect, i))
			return true;
	return false;
}

/* How many records have a result. The test compares it with the counter of that result. */
static __u64 records_of(const struct faultlab_record *records, int nr,
			enum faultlab_result result)
{
	__u64 found = 0;
	int i;

	for (i = 0; i < nr; i++)
		found += records[i].type == FAULTLAB_RECORD_FAULT &&
			 records[i].fault.result == result;
	return found;
}

#define EXPECT_RECORDS(result, figure)							\
	EXPECT_EQ(self->truth.value[figure],						\
		  records_of(records, nr, FAULTLAB_RESULT_##result))

TEST_F(ground_truth, counters_records_events_and_perf_match_the_expected_figures)
{
	const char *expect = expected(&variant->c);
	struct faultlab_record records[ROOM];
	unsigned int i, turn = 0;
	bool noisy;
	int nr;

	ASSERT_TRUE(tlib_truth_is_text(expect));
	do {
		int err = tlib_stage_set(&self->stage, &variant->c);

		if (err == -EOPNOTSUPP)
			SKIP(return, NO_HUGE);
		ASSERT_EQ(0, err);
		tlib_truth_begin(&self->truth, self->stage.fd);
		err = variant->c.act(&self->stage);
		tlib_truth_end(&self->truth);
		EXPECT_EQ(variant->c.err, err);
		if (getenv("FAULTLAB_SHOW"))
			TH_LOG("%s", tlib_truth_show(&self->truth));

		noisy = is_noisy(&self->truth, expect) && turn < TRIES_MOST;
		for (i = 0; i < TLIB_NR_FIGURES; i++) {
			if (tlib_truth_lacks(&self->truth, i) ||
			    (tlib_figure_is_shared(i) && noisy))
				continue;
			EXPECT_EQ(tlib_truth_expected(expect, i), self->truth.value[i]) {
				TH_LOG("%s; all: %s", tlib_figure_name(i),
				       tlib_truth_show(&self->truth));
			}
		}
		nr = faultlab_records_read(self->stage.fd, records, ROOM);
		EXPECT_EQ(self->truth.value[TLIB_RECORDS], nr < 0 ? 0 : nr);
		EXPECT_RECORDS(MINOR, TLIB_MINOR);
		EXPECT_RECORDS(MAJOR, TLIB_MAJOR);
		EXPECT_RECORDS(RETRY, TLIB_RETRY);
		EXPECT_RECORDS(SIGBUS, TLIB_SIGBUS);
		EXPECT_RECORDS(OOM, TLIB_OOM);
		EXPECT_RECORDS(HWPOISON, TLIB_HWPOISON);
		EXPECT_RECORDS(SIGSEGV, TLIB_SIGSEGV);
		tlib_stage_clear(&self->stage);
	} while (++turn < TRIES_LEAST || noisy);
}

/* Each source that the kernel has can be opened; the test above skips the others. */
FIXTURE(witness)
{
	struct tlib_truth truth;
};

FIXTURE_VARIANT(witness)
{
	enum tlib_figure figure;
};

FIXTURE_VARIANT_ADD(witness, trace_events) { .figure = TLIB_EXIT };
FIXTURE_VARIANT_ADD(witness, perf) { .figure = TLIB_PERF };
FIXTURE_VARIANT_ADD(witness, exceptions) { .figure = TLIB_USER };
FIXTURE_VARIANT_ADD(witness, kprobe) { .figure = TLIB_HMF };

FIXTURE_SETUP(witness)
{
	tlib_truth_open(&self->truth);
}

FIXTURE_TEARDOWN(witness)
{
	tlib_truth_close(&self->truth);
}

TEST_F(witness, the_event_can_be_opened)
{
	const char *lacks = tlib_truth_lacks(&self->truth, variant->figure);

	if (lacks)
		SKIP(return, "kernel without %s", lacks);
	EXPECT_LE(0, self->truth.perf[variant->figure]);
}

TEST_HARNESS_MAIN
