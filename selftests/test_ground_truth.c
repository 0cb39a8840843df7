// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every kind of fault, and what each who counts faults says of it: equal to the
 * single fault, or different by exactly what the row says and docs/ground-truth.md
 * explains. FAULTLAB_SHOW=1 prints the figures.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "flab_truth.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif

#define HUGE_PAGES	512UL
#define AROUND		16UL
#define ROOM		16

/* Who faults in the rest of the machine can only add: it is quiet for once. */
#define TRIES_LEAST	2
#define TRIES_MOST	20

/*
 * Held by the process whose children the cases are. The first event of a kind patches
 * the kernel's text, in __schedule() among others, and the last one again; under
 * emulation a processor now and then runs what is half patched.
 */
static void __attribute__((constructor)) hold_events(void)
{
	static struct flab_truth held;

	flab_truth_open(&held);
}

FIXTURE(truth)
{
	struct flab_truth truth;
	int fd;
	char *at;
	size_t pages;
	int pipe[2];
};

FIXTURE_VARIANT(truth)
{
	/* the region and its mapping: shared unless private, read-write unless prot */
	struct faultlab_config config;
	bool private;
	int prot;
	struct faultlab_rule rule;	/* of page 0, if any of these is set */
	/* what comes before, what is counted, and what it returns */
	void (*before)(struct _test_data_truth *self);
	int (*act)(struct _test_data_truth *self);
	int err;
	const char *expect;
	/*
	 * Before 6.4, if that made a difference: handle_mm_fault() used to count PGFAULT
	 * when it was called, not when it was done; x86 had no VMA locks, and copied the
	 * rest byte by byte after a fault of copy_to_user(). Or before 6.SINCE.
	 */
	const char *older;
	int since;
	/* records that said minor, before .page_mkwrite made an error of the fault */
	__u64 late;
};

/*
 * Accesses
 */

static int read_it(struct _test_data_truth *self)
{
	return faultlab_touch_read(self->at, NULL);
}

static int write_it(struct _test_data_truth *self)
{
	return faultlab_touch_write(self->at, 'w', NULL);
}

/* flab_map() leaves room behind a mapping. */
static int read_behind(struct _test_data_truth *self)
{
	return faultlab_touch_read(flab_at(self->at, self->pages), NULL);
}

static int populate(struct _test_data_truth *self)
{
	return madvise(self->at, flab_page_size(), MADV_POPULATE_READ) ? -errno : 0;
}

static int populate_write(struct _test_data_truth *self)
{
	return madvise(self->at, flab_page_size(), MADV_POPULATE_WRITE) ? -errno : 0;
}

static int read_by_process_vm(struct _test_data_truth *self)
{
	char byte;
	struct iovec to = { &byte, 1 };
	struct iovec from = { self->at, 1 };

	return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == 1 ? 0 : -errno;
}

static int write_by_read(struct _test_data_truth *self)
{
	return read(self->pipe[0], self->at, 1) == 1 ? 0 : -errno;
}

static int read_by_write(struct _test_data_truth *self)
{
	return write(self->pipe[1], self->at, 1) == 1 ? 0 : -errno;
}

/* It looks with page faults disabled first (futex_get_value_locked()). */
static int read_by_futex(struct _test_data_truth *self)
{
	return syscall(SYS_futex, self->at, FUTEX_WAIT_PRIVATE, 1, NULL) ? -errno : 0;
}

/*
 * What comes before
 */

static void read_first(struct _test_data_truth *self)
{
	read_it(self);
}

/*
 * By another mapping, so that the pages are there and the entries are not. One is,
 * since .map_pages has no page table to fill before the first fault made it.
 */
static void others_first(struct _test_data_truth *self)
{
	char *at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, AROUND);

	flab_write(at, AROUND);
	flab_unmap(at, AROUND);
	faultlab_touch_read(flab_at(self->at, AROUND - 1), NULL);
}

#define NO_HUGE	"no .huge_fault for PFN mappings (ARCH_SUPPORTS_PMD_PFNMAP, since 6.12)"

#define VARIANT(name, ...) FIXTURE_VARIANT_ADD(truth, name) { __VA_ARGS__ }
#define PAGE(...)	.config = { .kind = FAULTLAB_KIND_PAGE, ##__VA_ARGS__ }
#define PFN(...)	.config = { .kind = FAULTLAB_KIND_PFN, ##__VA_ARGS__ }
#define RULE(name, ...)	.rule = { .verdict = FAULTLAB_VERDICT_##name, ##__VA_ARGS__ }

/*
 * Figures in groups, by who makes them; named twice they add up.
 */
/* one callback, one record; how it ended is said beside it */
#define CALL	"calls 1 records 1 enter 1 exit 1 "
/* arch/x86/mm/fault.c, for each exception */
#define TRAP	"user 1 perf 1 perf:u 1 "
#define TRAP_KERNEL "kernel 1 perf 1 "
/* handle_mm_fault() and, at its end, mm_account_fault(): of all, and of GUP */
#define COUNTED	"hmf 1 pgfault 1 "
#define GUP_MIN	COUNTED "minflt 1 min_flt 1 "
#define GUP_MAJ	COUNTED "majflt 1 maj_flt 1 "
#define MIN	GUP_MIN "perf-minor 1 "
#define MAJ	GUP_MAJ "perf-major 1 "
/* a pass that asked to come again: since 6.4 it is not counted */
#define AGAIN	"hmf 1 " CALL "retry 1 "
#define AGAIN_OLD COUNTED CALL "retry 1 "

VARIANT(nothing, PAGE(), .before = read_first, .act = read_it, .expect = "");

/* one callback is one fault is one of everything */
#define SERVED	CALL "minor 1 "
VARIANT(read, PAGE(), .act = read_it, .expect = SERVED TRAP MIN);
VARIANT(write, PAGE(), .act = write_it, .expect = SERVED TRAP MIN);
VARIANT(cow, PAGE(), .private = true, .act = write_it, .expect = SERVED TRAP MIN);
VARIANT(inserted_write, PAGE(.flags = FAULTLAB_REGION_INSERT), .act = write_it,
	.expect = SERVED TRAP MIN);
VARIANT(pfn, PFN(), .act = write_it, .expect = SERVED TRAP MIN);
VARIANT(delayed_under_the_lock, PAGE(), .act = read_it,
	RULE(SERVE, .delay_us = 1000, .flags = FAULTLAB_RULE_HOLD_LOCK), .expect = SERVED TRAP MIN);
VARIANT(mkwrite, PAGE(.flags = FAULTLAB_REGION_MKWRITE), .before = read_first, .act = write_it,
	.expect = SERVED TRAP MIN);
VARIANT(pfn_mkwrite, PFN(.flags = FAULTLAB_REGION_MKWRITE), .before = read_first, .act = write_it,
	.expect = SERVED TRAP MIN);

/* the page count is not the fault count */
VARIANT(around, PAGE(.flags = FAULTLAB_REGION_INSERT), .before = others_first, .act = read_it,
	.expect = SERVED TRAP MIN);
VARIANT(window_of_pfns, PFN(.around = AROUND), .act = read_it, .expect = SERVED TRAP MIN);
VARIANT(huge_page, PAGE(.order = 9), .act = read_it, .expect = SERVED TRAP MIN);
/* .huge_fault is asked for a PUD first, in vain: events, and neither call nor record */
#define VAIN	"enter 1 exit 1 "
VARIANT(huge_pfn, PFN(.order = 9, .flags = FAULTLAB_REGION_HUGE), .act = read_it,
	.expect = VAIN SERVED TRAP MIN);

/* no callback at all */
VARIANT(cow_of_a_mapped_page, PAGE(), .private = true, .before = read_first, .act = write_it,
	.expect = TRAP MIN);

/* two callbacks, one fault */
VARIANT(write_and_mkwrite, PAGE(.flags = FAULTLAB_REGION_MKWRITE), .act = write_it,
	.expect = SERVED CALL TRAP MIN);
/* so is .map_pages, where it finds nothing to map */
VARIANT(around_in_vain, PAGE(.flags = FAULTLAB_REGION_INSERT), .act = read_it,
	.expect = VAIN SERVED TRAP MIN);

/* major: pgmajfault is a driver's to count, and of no retry */
VARIANT(major, PAGE(), RULE(MAJOR), .act = read_it,
	.expect = CALL "major 1 pgmajfault 1 " TRAP MAJ);
VARIANT(retried, PAGE(), RULE(RETRY), .act = read_it,
	.expect = AGAIN SERVED TRAP MIN,
	.older = AGAIN_OLD CALL "major 1 " TRAP MAJ);
VARIANT(delayed, PAGE(), RULE(SERVE, .delay_us = 1000), .act = write_it,
	.expect = AGAIN SERVED TRAP MIN,
	.older = AGAIN_OLD CALL "major 1 " TRAP MAJ);
VARIANT(major_and_delayed, PAGE(), RULE(MAJOR, .delay_us = 1000), .act = read_it,
	.expect = AGAIN CALL "major 1 pgmajfault 1 " TRAP MAJ,
	.older = AGAIN_OLD CALL "major 1 pgmajfault 1 " TRAP MAJ);

/* errors are in pgfault and in perf's page-faults, and nowhere else */
VARIANT(sigbus, PAGE(), RULE(SIGBUS), .act = read_it, .err = -EFAULT,
	.expect = CALL "sigbus 1 " TRAP COUNTED);
VARIANT(sigsegv, PAGE(), RULE(SIGSEGV), .act = read_it, .err = -EFAULT,
	.expect = CALL "sigsegv 1 " TRAP COUNTED);
VARIANT(hwpoison, PAGE(), RULE(HWPOISON), .act = read_it, .err = -EFAULT,
	.expect = CALL "hwpoison 1 " TRAP COUNTED);
VARIANT(sigbus_after_a_delay, PAGE(), RULE(SIGBUS, .delay_us = 1000), .act = read_it,
	.err = -EFAULT,
	.expect = AGAIN CALL "sigbus 1 " TRAP COUNTED,
	.older = AGAIN_OLD CALL "sigbus 1 " TRAP COUNTED);
VARIANT(sigbus_in_mkwrite, PAGE(.flags = FAULTLAB_REGION_MKWRITE), .act = write_it, .err = -EFAULT,
	RULE(SIGBUS, .access = FAULTLAB_ACCESS_MKWRITE), .late = 1,
	.expect = CALL CALL "sigbus 1 " TRAP COUNTED);

/* nobody is asked: not even handle_mm_fault() */
VARIANT(no_mapping, PAGE(), .act = read_behind, .err = -EFAULT, .expect = TRAP);
VARIANT(no_permission, PAGE(), .prot = PROT_READ, .act = write_it, .err = -EFAULT, .expect = TRAP);

/* the access is made again, which is a fault of its own to everybody */
VARIANT(oom_once, PAGE(), RULE(OOM, .times = 1), .act = read_it,
	.expect = CALL "oom 1 " TRAP COUNTED SERVED TRAP MIN);
VARIANT(nopage_once, PAGE(), RULE(NOPAGE, .times = 1), .act = read_it,
	.expect = SERVED "nopage 1 " TRAP MIN SERVED TRAP MIN);

/* get_user_pages(): no exception, no registers, so no perf */
VARIANT(gup, PAGE(), .act = populate, .expect = SERVED GUP_MIN);
VARIANT(gup_write, PAGE(), .act = populate_write, .expect = SERVED GUP_MIN);
VARIANT(gup_of_process_vm_readv, PAGE(), .act = read_by_process_vm, .expect = SERVED GUP_MIN);
VARIANT(gup_major, PAGE(), RULE(MAJOR), .act = populate,
	.expect = CALL "major 1 pgmajfault 1 " GUP_MAJ);
VARIANT(gup_retried, PAGE(), RULE(RETRY), .act = read_by_process_vm,
	.expect = AGAIN CALL "major 1 " GUP_MAJ,
	.older = AGAIN_OLD CALL "major 1 " GUP_MAJ);
/* madvise_populate() used to begin anew, without FOLL_TRIED */
VARIANT(populate_retried, PAGE(), RULE(RETRY), .act = populate,
	.expect = AGAIN CALL "major 1 " GUP_MAJ,
	.older = AGAIN_OLD SERVED GUP_MIN, .since = 9);
VARIANT(gup_sigbus, PAGE(), RULE(SIGBUS), .act = populate, .err = -EFAULT,
	.expect = CALL "sigbus 1 " COUNTED);

/* the kernel's own access: an exception of the kernel, always under mmap_lock */
VARIANT(kernel_writes, PAGE(), .act = write_by_read, .expect = SERVED TRAP_KERNEL MIN);
VARIANT(kernel_reads, PAGE(), .act = read_by_write, .expect = SERVED TRAP_KERNEL MIN);
VARIANT(kernel_retried, PAGE(), RULE(RETRY), .act = write_by_read,
	.expect = AGAIN CALL "major 1 " TRAP_KERNEL MAJ,
	.older = AGAIN_OLD CALL "major 1 " TRAP_KERNEL MAJ);
#define KERNEL_SIGBUS	CALL "sigbus 1 " TRAP_KERNEL COUNTED
VARIANT(kernel_sigbus, PAGE(), RULE(SIGBUS), .act = write_by_read, .err = -EFAULT,
	.expect = KERNEL_SIGBUS, .older = KERNEL_SIGBUS KERNEL_SIGBUS);
/* an exception with page faults disabled is of the tracepoint alone */
VARIANT(futex, PAGE(), .act = read_by_futex, .err = -EAGAIN,
	.expect = "kernel 1 " SERVED TRAP_KERNEL MIN);

FIXTURE_SETUP(truth)
{
	flab_truth_open(&self->truth);
	ASSERT_EQ(0, pipe(self->pipe));
	self->fd = -1;
}

FIXTURE_TEARDOWN(truth)
{
	flab_truth_close(&self->truth);
}

/* A new region, mapped anew, in the state that the row wants: 0 or -errno. */
static int prepare(struct _test_data_truth *self, const struct _fixture_variant_truth *variant)
{
	static const struct faultlab_rule none;
	struct faultlab_config config = variant->config;
	struct faultlab_rule rule = variant->rule;
	int err;

	self->pages = config.order ? HUGE_PAGES : AROUND;
	config.bytes = self->pages * flab_page_size();
	self->fd = flab_region_full(&config);
	if (self->fd < 0)
		return self->fd;
	fcntl(self->fd, F_SETFL, O_NONBLOCK);
	self->at = flab_map(self->fd, variant->prot ?: FLAB_RW,
			    variant->private ? MAP_PRIVATE : MAP_SHARED, 0, self->pages);
	if (!self->at)
		return -errno;
	if (variant->before)
		variant->before(self);
	rule.length = flab_page_size();
	err = memcmp(&variant->rule, &none, sizeof(none)) ?
	      faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule) : 0;
	if (!err)
		err = faultlab_records_start(self->fd, 0, 0);
	if (!err && write(self->pipe[1], "x", 1) != 1)
		err = -EIO;
	return err;
}

static void clean_up(struct _test_data_truth *self)
{
	char bytes[2];

	flab_unmap(self->at, self->pages);
	close(self->fd);
	fcntl(self->pipe[0], F_SETFL, O_NONBLOCK);
	while (read(self->pipe[0], bytes, sizeof(bytes)) > 0)
		;
}

static const char *expected(const struct _fixture_variant_truth *variant)
{
	return variant->older && !flab_kernel_since(6, variant->since ?: 4) ? variant->older :
									      variant->expect;
}

/* Of those that all share, whether one is too high for now. */
static bool is_noisy(const struct flab_truth *truth, const char *expect)
{
	unsigned int i;

	for (i = 0; i < FLAB_NR_FIGURES; i++)
		if (flab_figure_is_shared(i) &&
		    truth->value[i] > flab_truth_expected(expect, i))
			return true;
	return false;
}

/* Records say how each callback ended; how many is what the counters say. */
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

#define EXPECT_RECORDS(result, figure, more)						\
	EXPECT_EQ(self->truth.value[figure] + (more),					\
		  records_of(records, nr, FAULTLAB_RESULT_##result))

TEST_F(truth, is_what_all_say)
{
	const char *expect = expected(variant);
	struct faultlab_record records[ROOM];
	unsigned int i, turn = 0;
	bool noisy;
	int nr;

	ASSERT_TRUE(flab_truth_is_text(expect));
	do {
		int err = prepare(self, variant);

		if (err == -EOPNOTSUPP)
			SKIP(return, NO_HUGE);
		ASSERT_EQ(0, err);
		flab_truth_begin(&self->truth, self->fd);
		err = variant->act(self);
		flab_truth_end(&self->truth);
		EXPECT_EQ(variant->err, err);
		if (getenv("FAULTLAB_SHOW"))
			TH_LOG("%s", flab_truth_show(&self->truth));

		noisy = is_noisy(&self->truth, expect) && turn < TRIES_MOST;
		for (i = 0; i < FLAB_NR_FIGURES; i++) {
			if (flab_truth_lacks(&self->truth, i) ||
			    (flab_figure_is_shared(i) && noisy))
				continue;
			EXPECT_EQ(flab_truth_expected(expect, i), self->truth.value[i]) {
				TH_LOG("%s; all: %s", flab_figure_name(i),
				       flab_truth_show(&self->truth));
			}
		}
		nr = faultlab_records_read(self->fd, records, ROOM);
		EXPECT_EQ(self->truth.value[FLAB_RECORDS], nr < 0 ? 0 : nr);
		EXPECT_RECORDS(MINOR, FLAB_MINOR, variant->late);
		EXPECT_RECORDS(MAJOR, FLAB_MAJOR, 0);
		EXPECT_RECORDS(RETRY, FLAB_RETRY, 0);
		EXPECT_RECORDS(SIGBUS, FLAB_SIGBUS, 0);
		EXPECT_RECORDS(OOM, FLAB_OOM, 0);
		EXPECT_RECORDS(HWPOISON, FLAB_HWPOISON, 0);
		EXPECT_RECORDS(SIGSEGV, FLAB_SIGSEGV, 0);
		clean_up(self);
	} while (++turn < TRIES_LEAST || noisy);
}

/* Without it the figure is left out above. */
FIXTURE(witness)
{
	struct flab_truth truth;
};

FIXTURE_VARIANT(witness)
{
	enum flab_figure figure;
};

FIXTURE_VARIANT_ADD(witness, trace_events) { .figure = FLAB_EXIT };
FIXTURE_VARIANT_ADD(witness, perf) { .figure = FLAB_PERF };
FIXTURE_VARIANT_ADD(witness, exceptions) { .figure = FLAB_USER };
FIXTURE_VARIANT_ADD(witness, kprobe) { .figure = FLAB_HMF };

FIXTURE_SETUP(witness)
{
	flab_truth_open(&self->truth);
}

FIXTURE_TEARDOWN(witness)
{
	flab_truth_close(&self->truth);
}

TEST_F(witness, is_there)
{
	const char *lacks = flab_truth_lacks(&self->truth, variant->figure);

	if (lacks)
		SKIP(return, "kernel without %s", lacks);
	EXPECT_LE(0, self->truth.perf[variant->figure]);
}

TEST_HARNESS_MAIN
