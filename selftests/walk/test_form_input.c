// SPDX-License-Identifier: GPL-2.0-only
/*
 * The forms of a walk: which privileges each needs, and the library's functions for them.
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <linux/kernel-page-flags.h>

#include "lib/walk/forms.h"
#include "util.h"

/* Without CAP_SYS_ADMIN, raw entries, pages and the kernel half are refused. */
static int forms_as_nobody(void *arg)
{
	static const struct {
		__u32 form, flags;
		int err;
	} rows[] = {
		{ FAULTLAB_WALK_RAW, 0, EPERM },
		{ FAULTLAB_WALK_ENTRIES, FAULTLAB_WALK_PAGES, EPERM },
		{ FAULTLAB_WALK_ENTRIES, FAULTLAB_WALK_KERNEL, EPERM },
		{ FAULTLAB_WALK_COUNTS, 0, 0 },
		{ FAULTLAB_WALK_RUNS, 0, 0 },
	};
	const int fd = *(int *)arg;
	struct faultlab_walk_run *runs = tlib_room(TLIB_ROOM * sizeof(*runs));
	struct faultlab_walk walk;
	unsigned int i;

	if (!runs || tlib_become_nobody())
		return 1;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		walk = (struct faultlab_walk) {
			.size = sizeof(walk), .form = rows[i].form, .flags = rows[i].flags,
			.end = TLIB_EVERYWHERE, .entries = (uintptr_t)runs, .nr = 600,
		};
		if (rows[i].flags & FAULTLAB_WALK_PAGES)
			walk.pages = (uintptr_t)runs + TLIB_ROOM * 20;
		if ((ioctl(fd, FAULTLAB_IOC_WALK, &walk) ? errno : 0) != rows[i].err)
			return 2 + i;
	}
	for (i = 0; i < walk.nr; i++)
		if (runs[i].pfn || (runs[i].flags & FAULTLAB_PTE_CONTIG))
			return 20;
	return walk.nr > 5 ? 0 : 21;
}

TEST_F(forms, without_cap_sys_admin_runs_have_no_frames_and_raw_pages_and_kernel_are_eperm)
{
	EXPECT_EQ(0, tlib_reap(tlib_spawn(forms_as_nobody, &self->fd)));
}

TEST_F(forms, flags_and_filters_that_a_form_does_not_support_are_einval)
{
	static const struct {
		__u32 form, flags;
		__u64 require, nr;
	} rows[] = {
		{ FAULTLAB_WALK_RUNS, FAULTLAB_WALK_TABLES, 0, 10 },
		{ FAULTLAB_WALK_RUNS, FAULTLAB_WALK_PAGES, 0, 10 },
		{ FAULTLAB_WALK_RUNS, FAULTLAB_WALK_KERNEL, 0, 10 },
		{ FAULTLAB_WALK_COUNTS, FAULTLAB_WALK_TABLES, 0, 10 },
		{ FAULTLAB_WALK_COUNTS, FAULTLAB_WALK_HOLES, 0, 10 },
		{ FAULTLAB_WALK_COUNTS, 0, FAULTLAB_PTE_DIRTY, 10 },
		{ FAULTLAB_WALK_RAW, FAULTLAB_WALK_HOLES, 0, 1000 },
		{ FAULTLAB_WALK_RAW, 0, FAULTLAB_PTE_DIRTY, 1000 },
		{ FAULTLAB_WALK_RAW, 0, 0, 513 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		self->walk.form = rows[i].form;
		self->walk.flags = rows[i].flags;
		self->walk.require = rows[i].require;
		EXPECT_EQ(-EINVAL, tlib_fetch(self->fd, self->walk, self->got, 40, rows[i].nr)) {
			TH_LOG("row %u", i);
		}
	}
}

static int add_one(const struct faultlab_walk_run *run, void *nr)
{
	(void)run;
	++*(ssize_t *)nr;
	return 0;
}

static int add_counts(const struct faultlab_walk_counts *counts, void *nr)
{
	(void)counts;
	++*(ssize_t *)nr;
	return 0;
}

static int add_raw(const struct faultlab_walk_raw *table, const __u64 *words, void *nr)
{
	(void)words;
	*(ssize_t *)nr += 2 + table->nr;
	return 0;
}

static int add_page(const struct faultlab_walk_entry *e, const struct faultlab_walk_page *page,
		    void *nr)
{
	*(ssize_t *)nr += !(e->flags & FAULTLAB_PTE_LEAF) == !!(page->flags & KPF(NOPAGE)) ||
			  (e->flags & FAULTLAB_PTE_SPECIAL);
	return 0;
}

static int stop_at_once(const struct faultlab_walk_run *run, void *arg)
{
	(void)run;
	(void)arg;
	return 77;
}

TEST_F(forms, library_functions_return_as_many_records_as_the_ioctl)
{
	const __u64 to = TLIB_EVERYWHERE;
	pid_t pid = self->peer.pid;
	ssize_t nr = 0;

	self->walk.form = FAULTLAB_WALK_RUNS;
	EXPECT_EQ(0, faultlab_walk_runs(self->fd, pid, 0, to, 0, 0, 0, add_one, &nr));
	EXPECT_EQ(nr, tlib_fetch(self->fd, self->walk, self->got, 40, 1000));
	EXPECT_EQ(77, faultlab_walk_runs(self->fd, pid, 0, to, 0, 0, 0, stop_at_once, NULL));
	nr = 0;
	EXPECT_EQ(0, faultlab_walk_counts(self->fd, pid, 0, to, add_counts, &nr));
	EXPECT_EQ(self->nr_vmas, nr);
	nr = 0;
	self->walk.form = FAULTLAB_WALK_RAW;
	EXPECT_EQ(0, faultlab_walk_raw(self->fd, pid, 0, to, 0, add_raw, &nr));
	EXPECT_EQ(nr, tlib_fetch(self->fd, self->walk, self->got, 8, 1028));
	nr = 0;
	EXPECT_EQ(0, faultlab_walk_pages(self->fd, pid, 0, to, TLIB_WALK_ALL, 0, 0, add_page,
					 &nr));
	EXPECT_EQ(self->all.nr, nr);
}

TEST_HARNESS_MAIN
