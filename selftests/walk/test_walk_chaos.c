// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk while munmap, fork, exit and MADV_DONTNEED free page tables: it ends, and
 * reports entries in the order of addresses.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

struct chaos {
	int fd;
	pid_t child;
	bool stop;
	__u64 wrong;		/* walks out of order */
	__u64 failed;		/* calls that failed but should not */
	__u64 rounds[3];	/* of each thread; none may be 0 at the end */
};

static bool goes_on(struct chaos *c)
{
	return !__atomic_load_n(&c->stop, __ATOMIC_RELAXED);
}

static void count(__u64 *n, bool yes)
{
	__atomic_fetch_add(n, yes, __ATOMIC_RELAXED);
}

static void *change_tables(void *arg)
{
	struct chaos *c = arg;
	unsigned int seed = 7, i;
	char *mem;

	while (goes_on(c)) {
		mem = mmap(NULL, 8 * TLIB_PMD_SIZE, TLIB_RW,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (mem == MAP_FAILED)
			continue;
		if (rand_r(&seed) % 2)
			madvise(mem, 8 * TLIB_PMD_SIZE, MADV_NOHUGEPAGE);
		for (i = 0; i < 8; i++)
			mem[rand_r(&seed) % (8 * TLIB_PMD_SIZE)] = 1;
		madvise(mem + TLIB_PMD_SIZE, 3 * TLIB_PMD_SIZE, MADV_DONTNEED);
		mprotect(mem + 5 * TLIB_PMD_SIZE + TLIB_PAGE, TLIB_PAGE, PROT_READ);
		munmap(mem, 8 * TLIB_PMD_SIZE);
		count(&c->rounds[0], true);
	}
	return NULL;
}

static void *fork_and_exit(void *arg)
{
	struct chaos *c = arg;

	while (goes_on(c)) {
		pid_t pid = fork();

		if (!pid) {
			tlib_make_mess();
			_exit(0);
		}
		__atomic_store_n(&c->child, pid, __ATOMIC_RELAXED);
		count(&c->failed, pid < 0 || tlib_reap(pid));
		count(&c->rounds[1], true);
	}
	return NULL;
}

/*
 * Between two chunks a large leaf can replace a page table of which a part was reported
 * before. The leaf is then reported with its whole range, which begins before the end of
 * that part (see FAULTLAB_IOC_WALK).
 */
static bool takes_its_place(const struct faultlab_walk_entry *leaf,
			    const struct faultlab_walk_entry *part)
{
	return (leaf->flags & FAULTLAB_PTE_LEAF) && leaf->level > FAULTLAB_LEVEL_PTE &&
	       part->addr - leaf->addr < leaf->bytes &&
	       (part->level < leaf->level ||
		(part->level == leaf->level && (part->flags & FAULTLAB_PTE_TABLE)));
}

/*
 * Each entry must have a higher address than the one before it, or the same address at a
 * lower level: it is then the first entry of the table to which the one before it leads.
 */
static bool in_order(const struct tlib_entries *entries)
{
	const struct faultlab_walk_entry *e = entries->at;
	size_t i;

	for (i = 1; i < entries->nr; i++)
		if ((e[i].addr < e[i - 1].addr ||
		     (e[i].addr == e[i - 1].addr && e[i].level >= e[i - 1].level)) &&
		    !takes_its_place(&e[i], &e[i - 1])) {
			printf("# %#llx level %u flags %#llx, then %#llx level %u flags %#llx\n",
			       e[i - 1].addr, e[i - 1].level, e[i - 1].flags,
			       e[i].addr, e[i].level, e[i].flags);
			return false;
		}
	return true;
}

/*
 * Walks with holes are not checked for order: an empty entry may begin before its VMA.
 */
static void *walk_child(void *arg)
{
	struct chaos *c = arg;
	struct tlib_entries entries;
	unsigned int flags = 0;
	pid_t pid;
	int err;

	if (tlib_entries_init(&entries, 32768))
		return NULL;
	while (goes_on(c)) {
		pid = __atomic_load_n(&c->child, __ATOMIC_RELAXED);
		if (!pid)
			continue;
		flags ^= FAULTLAB_WALK_HOLES;
		err = tlib_entries_walk(&entries, c->fd, pid, 0, TLIB_EVERYWHERE,
					FAULTLAB_WALK_TABLES | flags, 300);
		count(&c->failed, err && err != -ESRCH);
		count(&c->wrong, !err && !flags && !in_order(&entries));
		count(&c->rounds[2], !err && entries.nr);
	}
	return NULL;
}

static bool all_have_done(struct chaos *c, __u64 rounds)
{
	int i;

	for (i = 0; i < 3; i++)
		if (__atomic_load_n(&c->rounds[i], __ATOMIC_RELAXED) < rounds)
			return false;
	return true;
}

FIXTURE(changing_tables)
{
	int fd;
};

FIXTURE_SETUP(changing_tables)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(changing_tables)
{
	close(self->fd);
}

TEST_F_TIMEOUT(changing_tables, walks_stay_in_address_order_while_page_tables_come_and_go, 300)
{
	static struct chaos c;
	struct tlib_entries entries;
	pthread_t threads[3];
	const __u64 rounds = tlib_scale(15, 150);
	int i;

	c.fd = self->fd;
	ASSERT_EQ(0, tlib_entries_init(&entries, 65536));
	ASSERT_EQ(0, pthread_create(&threads[0], NULL, change_tables, &c));
	ASSERT_EQ(0, pthread_create(&threads[1], NULL, fork_and_exit, &c));
	ASSERT_EQ(0, pthread_create(&threads[2], NULL, walk_child, &c));
	while (!all_have_done(&c, rounds)) {
		ASSERT_EQ(0, tlib_entries_walk(&entries, self->fd, 0, 0, TLIB_EVERYWHERE,
					       FAULTLAB_WALK_TABLES, 100));
		ASSERT_TRUE(in_order(&entries));
	}
	__atomic_store_n(&c.stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, c.failed);
	EXPECT_EQ(0, c.wrong);
}

TEST_HARNESS_MAIN
