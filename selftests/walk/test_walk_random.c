// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random address spaces: for each page the walker agrees with the kernel's own walkers.
 * A failure names its seed; FAULTLAB_SEED=N begins with that seed.
 */
#include <errno.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/walk/oracle.h"
#include "lib/walk/ptdump.h"
#include "lib/walk/random_space.h"
#include "lib/sys.h"
#include "util.h"

#define MAX_VMAS	2048
#define SHORT_SEEDS	14
#define ROOM		65536
#define MAX_PAGES	(2 * TLIB_PUD_SIZE / TLIB_PAGE)
#define CACHE_BITS	(FAULTLAB_PTE_PWT | FAULTLAB_PTE_PCD | FAULTLAB_PTE_PAT)

static struct tlib_vma vmas[MAX_VMAS];

static const struct tlib_oracle *const oracles[] = {
	&tlib_oracle_pagemap, &tlib_oracle_scan, &tlib_oracle_kpage, &tlib_oracle_ptdump,
	&tlib_oracle_holes, &tlib_oracle_islands, &tlib_oracle_counts, &tlib_oracle_raw,
};

FIXTURE(random_space)
{
	int fd;
	struct tlib_ground ground;
	struct tlib_view view;
	__u64 first_seed;
	unsigned int seeds;
};

FIXTURE_SETUP(random_space)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	self->first_seed = tlib_first_seed();
	self->seeds = tlib_debug() ? 8 : tlib_scale(SHORT_SEEDS, 120);
	ASSERT_EQ(0, tlib_view_init(&self->view, self->fd, ROOM, MAX_PAGES));
	madvise(vmas, sizeof(vmas), MADV_DONTFORK);
	ASSERT_EQ(0, tlib_ground_take(&self->ground));
	if (tlib_ptdump_load())
		ASSERT_NE(0, system("grep -qw ptdump_walk_pgd_level_debugfs /proc/kallsyms"));
	for (size_t i = 0; i < ARRAY_SIZE(oracles); i++)
		if (!oracles[i]->is_there())
			TH_LOG("no %s here, which needs %s", oracles[i]->name, oracles[i]->needs);
	TH_LOG("seeds %llu to %llu", self->first_seed, self->first_seed + self->seeds - 1);
}

FIXTURE_TEARDOWN(random_space)
{
	tlib_ptdump_unload();
	tlib_ground_give_back(&self->ground);
	close(self->fd);
}

/*
 * Sorts of entries and pages that occurred in the compared address spaces. For a sort that
 * never occurred the test shows nothing.
 */
enum seen {
	SEEN_ZERO_PAGE, SEEN_HUGE_ZERO, SEEN_THP, SEEN_HUGETLB, SEEN_PROTNONE, SEEN_SWAP,
	SEEN_SWAPCACHE, SEEN_MARKER, SEEN_UFFD_WP, SEEN_SPECIAL, SEEN_KSM, SEEN_SHARED,
	SEEN_PKEY, SEEN_SOFT_DIRTY, SEEN_NOT_SOFT_DIRTY, SEEN_NO_PAGE, SEEN_PFN_PMD, SEEN_PUD,
	SEEN_HIGH, SEEN_CACHED, NR_SEEN,
};

static const char *const seen_names[NR_SEEN] = {
	"zero page", "huge zero page", "THP", "hugetlb", "PROT_NONE", "swap", "swap cache",
	"marker", "uffd-wp", "special", "KSM", "mapped twice", "protection key", "soft-dirty",
	"not soft-dirty", "no struct page", "PFN at PMD", "PUD", "above 128 TiB",
	"not write-back",
};

static void look(const struct tlib_view *view, size_t seen[NR_SEEN])
{
	for (size_t i = 0; i < view->nr; i++) {
		const struct faultlab_walk_entry *e = &view->entries[i];
		const struct faultlab_walk_page *page = &view->pages[i];
		bool pmd = e->level == FAULTLAB_LEVEL_PMD, leaf = e->flags & FAULTLAB_PTE_LEAF;

		seen[SEEN_ZERO_PAGE] += !pmd && (page->flags & KPF(ZERO_PAGE));
		seen[SEEN_HUGE_ZERO] += pmd && (page->flags & KPF(ZERO_PAGE));
		seen[SEEN_THP] += pmd && (page->flags & KPF(THP)) && (page->flags & KPF(ANON));
		seen[SEEN_HUGETLB] += leaf && (e->flags & FAULTLAB_PTE_HUGETLB);
		seen[SEEN_PROTNONE] += !!(e->flags & FAULTLAB_PTE_PROTNONE);
		seen[SEEN_SWAP] += !!(e->flags & FAULTLAB_PTE_SWAP);
		seen[SEEN_SWAPCACHE] += !!(page->flags & KPF(SWAPCACHE));
		seen[SEEN_MARKER] += !!(e->flags & FAULTLAB_PTE_MARKER);
		seen[SEEN_UFFD_WP] += leaf && (e->flags & FAULTLAB_PTE_UFFD_WP);
		seen[SEEN_SPECIAL] += !!(e->flags & FAULTLAB_PTE_SPECIAL);
		seen[SEEN_KSM] += !!(page->flags & KPF(KSM));
		seen[SEEN_SHARED] += (page->flags & KPF(ANON)) && page->mapcount > 1;
		seen[SEEN_PKEY] += !!e->pkey;
		seen[SEEN_SOFT_DIRTY] += leaf && (e->flags & FAULTLAB_PTE_SOFT_DIRTY);
		seen[SEEN_NOT_SOFT_DIRTY] += leaf && !(e->flags & FAULTLAB_PTE_SOFT_DIRTY);
		seen[SEEN_NO_PAGE] += leaf && (page->flags & KPF(NOPAGE));
		seen[SEEN_PFN_PMD] += leaf && pmd && tlib_vma_is(view->vma, "pf");
		seen[SEEN_PUD] += leaf && e->level == FAULTLAB_LEVEL_PUD;
		seen[SEEN_CACHED] += leaf && (e->flags & CACHE_BITS);
		seen[SEEN_HIGH] += leaf && e->addr >> 47;
	}
}

static bool has_cpu_flag(const char *flag)
{
	char command[64];

	snprintf(command, sizeof(command), "grep -qw %s /proc/cpuinfo", flag);
	return !system(command);
}

/* Whether a sort must occur on this machine and kernel. */
static bool is_expected(const struct tlib_ground *ground, enum seen what)
{
	switch (what) {
	case SEEN_SWAP:
	case SEEN_SWAPCACHE:
		return ground->swap[0];
	case SEEN_HUGETLB:
		return ground->hugepages != ~0ULL;
	case SEEN_KSM:
		return ground->ksm[0][0];
	case SEEN_PKEY:
		return has_cpu_flag("ospke");
	case SEEN_HIGH:
		return tlib_five_levels();
	case SEEN_NO_PAGE:
	case SEEN_PUD:
	case SEEN_PFN_PMD:
		return tlib_kernel_since(6, 12);
	default:
		return true;
	}
}

static void tell(const size_t seen[NR_SEEN])
{
	char text[1024];
	size_t used = 0;

	for (unsigned int i = 0; i < NR_SEEN; i++)
		used += snprintf(text + used, sizeof(text) - used, "%s%s %zu", i ? ", " : "",
				 seen_names[i], seen[i]);
	ksft_print_msg("entries: %s\n", text);
}

static bool is_asked(const struct tlib_oracle *oracle, unsigned int nth_space)
{
	return oracle->is_there() && (!oracle->one_in || nth_space % oracle->one_in == 0);
}

/*
 * Compare the whole address space, and then each VMA, with one oracle, until five
 * comparisons differ. Returns how many differ, or -errno.
 */
static int ask_of_all(struct tlib_view *view, const struct tlib_oracle *oracle, ssize_t nr_vmas,
		      size_t *seen, __u64 seed)
{
	int differ = tlib_oracle_ask_space(oracle, view), err;

	if (differ)
		ksft_print_msg("seed %llu: %s\n", seed, differ < 0 ? strerror(-differ) : view->why);
	if (differ < 0)
		return differ;
	for (ssize_t i = 0; i < nr_vmas && differ < 5; i++) {
		if (strstr(vmas[i].line, "[vsyscall]"))
			continue;
		view->vma = &vmas[i];
		err = tlib_oracle_ask(oracle, view);
		if (err < 0) {
			ksft_print_msg("seed %llu, %s: %s\n", seed, vmas[i].line, strerror(-err));
			return err;
		}
		if (err)
			ksft_print_msg("seed %llu: %s\n", seed, view->why);
		differ += err;
		if (seen)
			look(view, seen);
	}
	return differ;
}

TEST_F_TIMEOUT(random_space, the_walk_matches_pagemap_kpageflags_ptdump_and_its_other_forms, 900)
{
	size_t seen[NR_SEEN] = { 0 }, all = 0, pages[ARRAY_SIZE(oracles)] = { 0 };
	struct tlib_peer peer;
	unsigned int i, o;
	ssize_t n;

	for (i = 0; i < self->seeds && !_metadata->exit_code; i++) {
		__u64 seed = self->first_seed + i;

		ASSERT_EQ(0, tlib_random_peer(&peer, &self->ground, seed)) {
			TH_LOG("seed %llu", seed);
		}
		self->view.peer = &peer;
		self->view.pid = peer.pid;
		n = tlib_random_vmas(&peer, vmas, MAX_VMAS);
		ASSERT_LT(10, n);
		all += n;
		for (o = 0; o < ARRAY_SIZE(oracles); o++) {
			if (!is_asked(oracles[o], i))
				continue;
			self->view.compared = 0;
			EXPECT_EQ(0, ask_of_all(&self->view, oracles[o], n, o ? NULL : seen,
						seed)) {
				TH_LOG("seed %llu: differs from %s", seed, oracles[o]->name);
			}
			EXPECT_LT(100, self->view.compared);
			pages[o] += self->view.compared;
		}
		tlib_peer_nudge(&peer);
		EXPECT_EQ(0, tlib_peer_join(&peer));
	}
	TH_LOG("%zu VMAs", all);
	for (o = 0; o < ARRAY_SIZE(oracles); o++)
		TH_LOG("compared with %s: %zu pages or entries", oracles[o]->name, pages[o]);
	tell(seen);
	for (i = 0; i < NR_SEEN; i++) {
		/* With fewer seeds, rare sorts may not occur. */
		if (self->seeds >= SHORT_SEEDS && is_expected(&self->ground, i)) {
			EXPECT_LT(0, seen[i]) {
				TH_LOG("did not occur in any space: %s", seen_names[i]);
			}
		}
	}
}

TEST_HARNESS_MAIN
