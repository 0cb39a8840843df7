// SPDX-License-Identifier: GPL-2.0-only
/*
 * The forms of a walk: runs, counts, raw and pages say what the entries of the same
 * process say, whatever the size of the buffer.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kernel-page-flags.h>

#include <kselftest_harness.h>
#include "flab_space.h"
#include "flab_sys.h"

#define ROOM		16384
#define MAX_VMAS	256

static struct flab_vma vmas[MAX_VMAS];

static void *room_for(size_t bytes)
{
	void *at = mmap(NULL, bytes, FLAB_RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* Everything in pieces of nr records; how many came, or -errno. */
static ssize_t fetch(int fd, struct faultlab_walk walk, void *to, size_t record, __u64 nr)
{
	ssize_t done = 0;

	walk.size = sizeof(walk);
	do {
		if ((done + nr) * record > ROOM * sizeof(struct faultlab_walk_entry) * 2)
			return -ENOSPC;
		walk.nr = nr;
		walk.entries = (uintptr_t)to + done * record;
		if (ioctl(fd, FAULTLAB_IOC_WALK, &walk))
			return -errno;
		if (!walk.nr && walk.next != walk.end)
			return -EPROTO;
		done += walk.nr;
		walk.start = walk.next;
	} while (walk.start != walk.end);
	return done;
}

/*
 * Neighbouring VMAs whose entries are alike and whose frames follow each other: 16
 * frames of one folio, in three VMAs. And a VMA that begins with an empty table.
 */
static int make_neighbours(void)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN, .order = 4, .bytes = 16 * FLAB_PAGE,
	};
	int fd = flab_region_full(&config);
	char *at = fd < 0 ? NULL : flab_map(fd, FLAB_RW, MAP_SHARED, 0, 16);
	char *apart = flab_map_apart(-1, FLAB_RW, MAP_PRIVATE, 600);

	if (!at || !apart || madvise(apart, 600 * FLAB_PAGE, MADV_NOHUGEPAGE))
		return -ENOMEM;
	for (unsigned int i = 0; i < 16; i++)
		faultlab_touch_read(at + i * FLAB_PAGE, NULL);
	memset(apart + 5 * FLAB_PAGE, 1, 8 * FLAB_PAGE);
	/* A second table, which three VMAs share. */
	memset(apart + 530 * FLAB_PAGE, 1, 60 * FLAB_PAGE);
	return madvise(at + 4 * FLAB_PAGE, 4 * FLAB_PAGE, MADV_DONTFORK) ?:
	       madvise(apart + 540 * FLAB_PAGE, 4 * FLAB_PAGE, MADV_DONTDUMP);
}

FIXTURE(forms)
{
	int fd;
	struct flab_peer peer;
	struct faultlab_walk walk;	/* all of the peer */
	struct flab_entries all;	/* with tables and holes */
	ssize_t nr_vmas;
	void *got;
	void *expected;
};

FIXTURE_SETUP(forms)
{
	pid_t pid;

	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	pid = flab_peer_fork(&self->peer);
	ASSERT_LE(0, pid);
	if (!pid) {
		if (flab_make_mess() || make_neighbours())
			_exit(1);
		flab_settle();
		flab_peer_nudge(&self->peer);
		flab_peer_await(&self->peer);
		_exit(0);
	}
	ASSERT_EQ(0, flab_peer_await(&self->peer));
	self->walk = (struct faultlab_walk) { .pid = pid, .end = FLAB_EVERYWHERE };
	ASSERT_EQ(0, flab_entries_init(&self->all, ROOM));
	self->got = room_for(ROOM * 2 * sizeof(struct faultlab_walk_entry));
	self->expected = room_for(ROOM * 2 * sizeof(struct faultlab_walk_entry));
	ASSERT_NE(NULL, self->got);
	ASSERT_NE(NULL, self->expected);
	self->nr_vmas = flab_vmas(pid, vmas, MAX_VMAS);
	ASSERT_LT(10, self->nr_vmas);
	if (strstr(vmas[self->nr_vmas - 1].line, "[vsyscall]"))
		self->nr_vmas--;
	ASSERT_EQ(0, flab_entries_walk(&self->all, self->fd, pid, 0, FLAB_EVERYWHERE,
				       FLAB_WALK_ALL, 512));
}

FIXTURE_TEARDOWN(forms)
{
	flab_peer_nudge(&self->peer);
	EXPECT_EQ(0, flab_peer_join(&self->peer));
	close(self->fd);
}

/* The entry at which the walk for an address ends; *from is where to look. */
static const struct faultlab_walk_entry *entry_of(const struct flab_entries *all, __u64 addr,
						  size_t *from)
{
	const __u64 not = FAULTLAB_PTE_TABLE | FAULTLAB_PTE_NO_VMA;
	const struct faultlab_walk_entry *e;

	for (e = all->at + *from; e < all->at + all->nr; e++) {
		if ((e->flags & not) || e->addr + e->bytes <= addr)
			continue;
		*from = e - all->at;
		return e->addr <= addr ? e : NULL;
	}
	return NULL;
}

static bool is_like(const struct faultlab_walk_run *run, const struct faultlab_walk_entry *e)
{
	return (run->flags & ~FAULTLAB_PTE_CONTIG) == e->flags && run->pkey == e->pkey &&
	       (run->level == e->level || (e->flags & FAULTLAB_PTE_NONE));
}

/* What entries say of a VMA, as runs. */
static size_t runs_of_vma(const struct flab_entries *all, const struct flab_vma *vma,
			  struct faultlab_walk_run *runs, size_t *from)
{
	const struct faultlab_walk_entry *e;
	struct faultlab_walk_run *run = NULL;
	__u64 addr, end, pfn;

	for (addr = vma->start; addr < vma->end; addr = end) {
		e = entry_of(all, addr, from);
		if (!e)
			return 0;
		end = e->addr + e->bytes < vma->end ? e->addr + e->bytes : vma->end;
		pfn = e->pfn + (e->flags & FAULTLAB_PTE_LEAF ? (addr - e->addr) / FLAB_PAGE : 0);
		if (run && is_like(run, e)) {
			run->end = end;
			if (pfn != run->pfn + (addr - run->start) / FLAB_PAGE)
				run->flags &= ~FAULTLAB_PTE_CONTIG;
			continue;
		}
		run = run ? run + 1 : runs;
		*run = (struct faultlab_walk_run) {
			.start = addr, .end = end, .pfn = pfn, .flags = e->flags,
			.level = e->level, .pkey = e->pkey,
		};
		if (e->flags & FAULTLAB_PTE_LEAF)
			run->flags |= FAULTLAB_PTE_CONTIG;
	}
	return run ? run + 1 - runs : 0;
}

static size_t runs_of(const struct flab_entries *all, ssize_t nr_vmas,
		      struct faultlab_walk_run *runs)
{
	size_t nr = 0, from = 0;
	ssize_t i;

	for (i = 0; i < nr_vmas; i++)
		nr += runs_of_vma(all, &vmas[i], runs + nr, &from);
	return nr;
}

static size_t drop_gaps(struct faultlab_walk_run *runs, size_t nr)
{
	size_t i, kept = 0;

	for (i = 0; i < nr; i++)
		if (!(runs[i].flags & FAULTLAB_PTE_NO_VMA))
			runs[kept++] = runs[i];
	return kept;
}

static const __u64 batches[] = { 1, 2, 3, 7, 100, 1000 };

TEST_F(forms, runs_are_the_entries_of_one_vma_that_are_alike)
{
	struct faultlab_walk_run *expected = self->expected, *got = self->got;
	size_t nr = runs_of(&self->all, self->nr_vmas, expected), i, b, n, contig = 0;
	ssize_t all;

	ASSERT_LT(50, nr);
	for (i = 0; i < nr; i++)
		contig += (expected[i].flags & FAULTLAB_PTE_CONTIG) &&
			  expected[i].end - expected[i].start > FLAB_PAGE;
	ASSERT_LT(0, contig);
	self->walk.form = FAULTLAB_WALK_RUNS;
	self->walk.flags = FAULTLAB_WALK_HOLES;
	for (b = 0; b < ARRAY_SIZE(batches); b++) {
		all = fetch(self->fd, self->walk, got, sizeof(*got), batches[b]);
		ASSERT_LT(0, all);
		n = drop_gaps(got, all);
		EXPECT_EQ(nr, n);
		for (i = 0; i < nr && i < n; i++)
			ASSERT_EQ(0, memcmp(&expected[i], &got[i], sizeof(*got))) {
				TH_LOG("%llu at once: %#llx-%#llx %#llx pfn %#llx", batches[b],
				       got[i].start, got[i].end, got[i].flags, got[i].pfn);
			}
	}
}

TEST_F(forms, runs_pass_the_filter_as_entries_do)
{
	static const __u64 filters[][2] = {
		{ FAULTLAB_PTE_DIRTY, 0 }, { 0, FAULTLAB_PTE_DIRTY },
		{ FAULTLAB_PTE_WRITE | FAULTLAB_PTE_ACCESSED, FAULTLAB_PTE_SPECIAL },
		{ FAULTLAB_PTE_NONE, 0 }, { FAULTLAB_PTE_LEAF, FAULTLAB_PTE_EXEC },
	};
	struct faultlab_walk_run *expected = self->expected, *got = self->got;
	size_t nr = runs_of(&self->all, self->nr_vmas, expected), i, f, b, n, at;
	ssize_t all;

	self->walk.form = FAULTLAB_WALK_RUNS;
	self->walk.flags = FAULTLAB_WALK_HOLES;
	for (f = 0; f < ARRAY_SIZE(filters); f++) {
		self->walk.require = filters[f][0];
		self->walk.exclude = filters[f][1];
		for (b = 0; b < ARRAY_SIZE(batches); b++) {
			all = fetch(self->fd, self->walk, got, sizeof(*got), batches[b]);
			ASSERT_LE(0, all);
			n = drop_gaps(got, all);
			for (i = 0, at = 0; i < nr; i++) {
				if ((expected[i].flags & filters[f][0]) != filters[f][0] ||
				    (expected[i].flags & filters[f][1]))
					continue;
				ASSERT_LT(at, n);
				ASSERT_EQ(0, memcmp(&expected[i], &got[at], sizeof(*got))) {
					TH_LOG("filter %zu at %#llx", f, got[at].start);
				}
				at++;
			}
			EXPECT_LT(0, at);
			EXPECT_EQ(at, n);
		}
	}
}

TEST_F(forms, entries_pass_the_filter_and_tables_need_not)
{
	struct faultlab_walk_entry *got = self->got;
	size_t i, at, b;
	ssize_t n;

	self->walk.require = FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY;
	self->walk.exclude = FAULTLAB_PTE_SPECIAL;
	self->walk.flags = FAULTLAB_WALK_TABLES | FAULTLAB_WALK_HOLES;
	for (b = 0; b < ARRAY_SIZE(batches); b++) {
		n = fetch(self->fd, self->walk, got, sizeof(*got), batches[b]);
		for (i = 0, at = 0; i < self->all.nr; i++) {
			const struct faultlab_walk_entry *e = &self->all.at[i];

			if (!(e->flags & FAULTLAB_PTE_TABLE) &&
			    ((e->flags & self->walk.require) != self->walk.require ||
			     (e->flags & self->walk.exclude)))
				continue;
			ASSERT_LT(at, n);
			ASSERT_EQ(0, memcmp(e, &got[at++], sizeof(*e)));
		}
		EXPECT_EQ(at, n);
	}
}

/* What entries say of a VMA, as counts; tables are for whom meets them first. */
static void counts_of_vma(const struct flab_entries *all, const struct flab_vma *vma,
			  struct faultlab_walk_counts *c, size_t *from)
{
	const struct faultlab_walk_entry *e;
	__u64 addr, end, flags;

	*c = (struct faultlab_walk_counts) { .start = vma->start, .end = vma->end };
	for (addr = vma->start; addr < vma->end; addr = end) {
		e = entry_of(all, addr, from);
		if (!e)
			return;
		end = e->addr + e->bytes < vma->end ? e->addr + e->bytes : vma->end;
		if (e->flags & FAULTLAB_PTE_NONE) {
			c->none[e->level]++;
			continue;
		}
		if (e->flags & FAULTLAB_PTE_LEAF)
			c->leaf[e->level]++;
		for (flags = e->flags; flags; flags &= flags - 1)
			c->flag[__builtin_ctzll(flags)] += end - addr;
	}
}

TEST_F(forms, counts_are_those_of_the_entries_of_each_vma)
{
	struct faultlab_walk_counts *got = self->got, c;
	__u64 tables[5], all_tables;
	size_t b, from;
	ssize_t i;

	self->walk.form = FAULTLAB_WALK_COUNTS;
	for (b = 0; b < ARRAY_SIZE(batches) && batches[b] <= 100; b++) {
		ASSERT_EQ(self->nr_vmas, fetch(self->fd, self->walk, got, sizeof(*got),
					       batches[b]));
		memset(tables, 0, sizeof(tables));
		for (i = 0, from = 0; i < self->nr_vmas; i++) {
			counts_of_vma(&self->all, &vmas[i], &c, &from);
			EXPECT_LT(0, got[i].vm_flags);
			c.vm_flags = got[i].vm_flags;
			for (unsigned int l = 0; l < 5; l++)
				tables[l] += got[i].table[l];
			memcpy(c.table, got[i].table, sizeof(c.table));
			ASSERT_EQ(0, memcmp(&c, &got[i], sizeof(c))) {
				TH_LOG("%llu at once: %s", batches[b], vmas[i].line);
			}
		}
		for (unsigned int l = 1; l < 5; l++) {
			all_tables = flab_entries_count(&self->all, l, FAULTLAB_PTE_TABLE) -
				     flab_entries_count(&self->all, l, FAULTLAB_PTE_TABLE |
							FAULTLAB_PTE_FOLDED);
			EXPECT_EQ(all_tables, tables[l]) {
				TH_LOG("%llu at once, level %u", batches[b], l);
			}
		}
	}
}

/* Each word is the raw entry; returns how many leaves and non-present entries. */
static ssize_t raw_agrees(const struct flab_entries *all, const __u64 *words, ssize_t nr)
{
	static const __u64 size[] = { 1ULL << 12, 1ULL << 21, 1ULL << 30 };
	const struct faultlab_walk_raw *table;
	const struct faultlab_walk_entry *e;
	ssize_t found = 0;
	size_t from = 0;
	__u64 addr;

	for (ssize_t at = 0; at < nr; at += 2 + table->nr) {
		table = (const void *)&words[at];
		if (table->level > FAULTLAB_LEVEL_PUD || !table->nr || table->pad)
			return -EPROTO;
		for (unsigned int i = 0; i < table->nr; i++) {
			addr = table->addr + i * size[table->level];
			e = entry_of(all, addr, &from);
			if (!e || e->level != table->level || e->raw != words[at + 2 + i] ||
			    e->index != table->index + i)
				return -EBADMSG;
			found += !(e->flags & FAULTLAB_PTE_NONE);
		}
	}
	return found;
}

TEST_F(forms, raw_is_what_the_entries_have_as_raw)
{
	static const __u64 rooms[] = { 514, 515, 1028, 2048, 10000 };
	size_t leaves = 0, i;
	ssize_t n;

	for (i = 0; i < self->all.nr; i++)
		leaves += !!(self->all.at[i].flags & (FAULTLAB_PTE_LEAF |
						      FAULTLAB_PTE_NONPRESENT));
	self->walk.form = FAULTLAB_WALK_RAW;
	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		n = fetch(self->fd, self->walk, self->got, sizeof(__u64), rooms[i]);
		ASSERT_LT(0, n);
		EXPECT_EQ(leaves, raw_agrees(&self->all, self->got, n)) {
			TH_LOG("%llu words at once", rooms[i]);
		}
	}
}

TEST_F(forms, raw_with_tables_has_each_table_once)
{
	static const __u64 rooms[] = { 514, 700, 2048 };
	const __u64 above = FAULTLAB_PTE_TABLE | FAULTLAB_PTE_LEAF;
	const struct faultlab_walk_raw *table;
	const __u64 *words = self->got;
	size_t i, at, e;
	ssize_t n;

	self->walk.form = FAULTLAB_WALK_RAW;
	self->walk.flags = FAULTLAB_WALK_TABLES;
	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		n = fetch(self->fd, self->walk, self->got, sizeof(__u64), rooms[i]);
		ASSERT_LT(0, n);
		for (at = 0, e = 0; at < (size_t)n; at += 2 + table->nr) {
			table = (const void *)&words[at];
			/* Leaves above PTE are alone, too. */
			if (table->level == FAULTLAB_LEVEL_PTE)
				continue;
			ASSERT_EQ(1, table->nr);
			while (e < self->all.nr && (self->all.at[e].level == FAULTLAB_LEVEL_PTE ||
						    !(self->all.at[e].flags & above)))
				e++;
			ASSERT_LT(e, self->all.nr);
			EXPECT_EQ(self->all.at[e].raw, words[at + 2]);
			EXPECT_EQ(self->all.at[e].level, table->level);
			e++;
		}
	}
}

#define KPF(name)	(1ULL << KPF_##name)

/* Of these, KSM is not compared: 6.12's kpageflags has it of all anonymous memory. */
#define COMPARED	(KPF(ANON) | KPF(UPTODATE) | KPF(DIRTY) | KPF(LRU) | \
			 KPF(SWAPBACKED) | KPF(SWAPCACHE) | KPF(COMPOUND_HEAD) | \
			 KPF(COMPOUND_TAIL) | KPF(HUGE) | KPF(UNEVICTABLE) | \
			 KPF(HWPOISON) | KPF(NOPAGE) | KPF(WRITEBACK))

/*
 * Others map and unmap what is of a file, and new pages wait in each CPU's batch for
 * the LRU: where the two sides differ, look at both again.
 */
static int settle(int fd, pid_t pid, const struct faultlab_walk_entry *e,
		  struct faultlab_walk_page *page, __u64 *flags, __u64 *count)
{
	/* The zero page is counted by nobody. */
	const bool counted = !(page->flags & (KPF(ZERO_PAGE) | KPF(NOPAGE))) &&
			     !(e->flags & FAULTLAB_PTE_SPECIAL);
	struct faultlab_chain chain;
	unsigned int i;
	int err;

	for (i = 0;; i++) {
		err = faultlab_kpageflags(e->pfn, flags) ?: faultlab_kpagecount(e->pfn, count);
		if (!counted)
			*count = page->mapcount;
		if (err || i == 20 || (!((*flags ^ page->flags) & COMPARED) &&
				       *count == (__u64)page->mapcount))
			return err;
		usleep(10000);
		err = faultlab_walk_chain(fd, pid, (void *)(uintptr_t)e->addr, &chain);
		if (err)
			return err;
		*page = chain.page;
	}
}

TEST_F(forms, pages_are_what_kpageflags_and_kpagecount_say)
{
	struct faultlab_walk_entry *e = self->got;
	struct faultlab_walk_page *pages = self->expected;
	size_t compared = 0, anon = 0;
	struct faultlab_walk walk = self->walk;
	__u64 flags, count;

	walk.size = sizeof(walk);
	walk.flags = FAULTLAB_WALK_PAGES;
	walk.entries = (uintptr_t)e;
	walk.pages = (uintptr_t)pages;
	walk.nr = ROOM;
	/* Drains what waits for the LRU. */
	flab_write_text("/proc/sys/vm/compact_memory", "1");
	ASSERT_EQ(0, ioctl(self->fd, FAULTLAB_IOC_WALK, &walk));
	ASSERT_EQ(walk.end, walk.next);
	for (__u64 i = 0; i < walk.nr; i++) {
		EXPECT_EQ(0, pages[i].pad);
		if (!(e[i].flags & FAULTLAB_PTE_LEAF)) {
			EXPECT_EQ(KPF(NOPAGE), pages[i].flags);
			continue;
		}
		ASSERT_EQ(0, settle(self->fd, self->peer.pid, &e[i], &pages[i], &flags, &count));
		EXPECT_EQ(flags & COMPARED, pages[i].flags & COMPARED) {
			TH_LOG("%#llx pfn %#llx: %#llx, kpageflags %#llx", e[i].addr, e[i].pfn,
			       pages[i].flags, flags);
		}
		EXPECT_EQ(count, (__u64)pages[i].mapcount);
		if (!(pages[i].flags & KPF(NOPAGE)))
			EXPECT_LE(1, pages[i].refcount);
		compared++;
		anon += !!(flags & KPF(ANON));
	}
	EXPECT_LT(100, compared);
	EXPECT_LT(30, anon);
}

TEST_F(forms, pages_come_with_the_entries_of_a_walk_without_them)
{
	struct faultlab_walk_entry *e = self->got;
	struct faultlab_walk walk = self->walk;
	size_t done = 0;

	walk.size = sizeof(walk);
	walk.flags = FLAB_WALK_ALL | FAULTLAB_WALK_PAGES;
	do {
		walk.nr = 3;
		walk.entries = (uintptr_t)(e + done);
		walk.pages = (uintptr_t)self->expected;
		ASSERT_EQ(0, ioctl(self->fd, FAULTLAB_IOC_WALK, &walk));
		done += walk.nr;
		walk.start = walk.next;
	} while (walk.start != walk.end && done + 3 < ROOM);
	EXPECT_EQ(self->all.nr, done);
	EXPECT_EQ(0, memcmp(self->all.at, e, done * sizeof(*e)));
}

/* Neither is the kernel half anybody's business. */
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
	struct faultlab_walk_run *runs = room_for(ROOM * sizeof(*runs));
	struct faultlab_walk walk;
	unsigned int i;

	if (!runs || flab_become_nobody())
		return 1;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		walk = (struct faultlab_walk) {
			.size = sizeof(walk), .form = rows[i].form, .flags = rows[i].flags,
			.end = FLAB_EVERYWHERE, .entries = (uintptr_t)runs, .nr = 600,
		};
		if (rows[i].flags & FAULTLAB_WALK_PAGES)
			walk.pages = (uintptr_t)runs + ROOM * 20;
		if ((ioctl(fd, FAULTLAB_IOC_WALK, &walk) ? errno : 0) != rows[i].err)
			return 2 + i;
	}
	for (i = 0; i < walk.nr; i++)
		if (runs[i].pfn || (runs[i].flags & FAULTLAB_PTE_CONTIG))
			return 20;
	return walk.nr > 5 ? 0 : 21;
}

TEST_F(forms, hide_frames_and_refuse_raw_pages_and_kernel_without_cap_sys_admin)
{
	EXPECT_EQ(0, flab_reap(flab_spawn(forms_as_nobody, &self->fd)));
}

TEST_F(forms, refuse_flags_and_filters_that_are_not_theirs)
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
		EXPECT_EQ(-EINVAL, fetch(self->fd, self->walk, self->got, 40, rows[i].nr)) {
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

TEST_F(forms, in_the_library_are_those_of_the_ioctl)
{
	const __u64 to = FLAB_EVERYWHERE;
	pid_t pid = self->peer.pid;
	ssize_t nr = 0;

	self->walk.form = FAULTLAB_WALK_RUNS;
	EXPECT_EQ(0, faultlab_walk_runs(self->fd, pid, 0, to, 0, 0, 0, add_one, &nr));
	EXPECT_EQ(nr, fetch(self->fd, self->walk, self->got, 40, 1000));
	EXPECT_EQ(77, faultlab_walk_runs(self->fd, pid, 0, to, 0, 0, 0, stop_at_once, NULL));
	nr = 0;
	EXPECT_EQ(0, faultlab_walk_counts(self->fd, pid, 0, to, add_counts, &nr));
	EXPECT_EQ(self->nr_vmas, nr);
	nr = 0;
	self->walk.form = FAULTLAB_WALK_RAW;
	EXPECT_EQ(0, faultlab_walk_raw(self->fd, pid, 0, to, 0, add_raw, &nr));
	EXPECT_EQ(nr, fetch(self->fd, self->walk, self->got, 8, 1028));
	nr = 0;
	EXPECT_EQ(0, faultlab_walk_pages(self->fd, pid, 0, to, FLAB_WALK_ALL, 0, 0, add_page,
					 &nr));
	EXPECT_EQ(self->all.nr, nr);
}

/* A walk may begin anywhere: its first run, too. */
TEST_F(forms, a_run_that_begins_within_a_large_page_has_the_frame_of_that_place)
{
	const __u64 within = 7 * FLAB_PAGE;
	struct faultlab_walk_run *got = self->got;
	size_t i, seen = 0;

	self->walk.form = FAULTLAB_WALK_RUNS;
	for (i = 0; i < self->all.nr; i++) {
		const struct faultlab_walk_entry *e = &self->all.at[i];

		if (e->level != FAULTLAB_LEVEL_PMD || !(e->flags & FAULTLAB_PTE_LEAF))
			continue;
		self->walk.start = e->addr + within;
		self->walk.end = e->addr + 2 * within;
		EXPECT_EQ(1, fetch(self->fd, self->walk, got, sizeof(*got), 10));
		EXPECT_EQ(e->addr + within, got->start);
		EXPECT_EQ(e->pfn + 7, got->pfn);
		EXPECT_TRUE(got->flags & FAULTLAB_PTE_CONTIG);
		seen++;
	}
	if (!seen)
		SKIP(return, "no large page in the mess (CONFIG_TRANSPARENT_HUGEPAGE)");
}

TEST_F(forms, a_chain_has_all_levels_and_what_they_allow_together)
{
	struct faultlab_chain chain;
	size_t i, chains = 0;
	unsigned int level;
	__u64 allows;

	for (i = 0; i < self->all.nr; i += 37) {
		const struct faultlab_walk_entry *e = &self->all.at[i];

		if (e->flags & (FAULTLAB_PTE_TABLE | FAULTLAB_PTE_NO_VMA | FAULTLAB_PTE_NONE))
			continue;
		ASSERT_EQ(0, faultlab_walk_chain(self->fd, self->peer.pid,
						 (void *)(uintptr_t)e->addr, &chain));
		EXPECT_EQ(e->level, chain.last);
		EXPECT_EQ(0, memcmp(e, &chain.entry[e->level], sizeof(*e)));
		EXPECT_TRUE(chain.has_page);
		allows = FAULTLAB_PTE_WRITE | FAULTLAB_PTE_USER | FAULTLAB_PTE_EXEC;
		for (level = FAULTLAB_LEVEL_PGD; level > chain.last; level--) {
			EXPECT_TRUE(chain.entry[level].flags & FAULTLAB_PTE_TABLE);
			allows &= chain.entry[level].flags;
		}
		EXPECT_EQ(allows & e->flags, chain.allows);
		chains++;
	}
	EXPECT_LT(3, chains);
	/* The first page of every address space is nobody's. */
	ASSERT_EQ(0, faultlab_walk_chain(self->fd, self->peer.pid, NULL, &chain));
	EXPECT_TRUE(chain.entry[chain.last].flags & FAULTLAB_PTE_NO_VMA);
	EXPECT_EQ(0, chain.allows);
}

TEST_HARNESS_MAIN
