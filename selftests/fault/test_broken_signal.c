// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that maps a frame gets no early signal (BUS_MCEERR_AO) when the frame
 * breaks, even with PR_MCE_KILL_EARLY. memory_failure() looks for mappings only of
 * pages on LRU lists (HWPoisonHandlable()), and a region's pages are on none.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/memory/memory.h"
#include "lib/memory/broken.h"
#include "lib/space.h"
#include "lib/sys.h"

FIXTURE(hwpoison_signal)
{
	struct tlib_broken b;
	char *at;
	struct told *told;	/* of the child, and of this process */
	struct tlib_peer peer;
};

FIXTURE_VARIANT(hwpoison_signal)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(hwpoison_signal, tlib_memory_has_pages);

struct told {
	int signals;
	int code;
	uintptr_t addr;
};

static struct told *mine;

static void note(int sig, siginfo_t *info, void *context)
{
	mine->signals++;
	mine->code = info->si_code;
	mine->addr = (uintptr_t)info->si_addr;
}

static int listen_for(struct told *told)
{
	struct sigaction action = { .sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_RESTART };

	mine = told;
	return sigaction(SIGBUS, &action, NULL) ?:
	       prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0);
}

/*
 * The child: maps the page before it is poisoned. If there is a signal, it arrives before
 * the parent's nudge, which the child waits for.
 */
static void live_with(struct tlib_peer *peer, char *at, struct told *told)
{
	if (listen_for(told) || faultlab_touch_read(at, NULL))
		_exit(1);
	tlib_peer_nudge(peer);
	tlib_peer_await(peer);
	_exit(0);
}

FIXTURE_SETUP(hwpoison_signal)
{
	struct tlib_broken *b = &self->b;
	int fd;

	*b = (struct tlib_broken) { .memory = variant->memory };
	b->pages = tlib_broken_pages(variant->memory);
	fd = faultlab_memory_open(variant->memory, b->pages * TLIB_PAGE);
	if (fd < 0 && faultlab_memory_lacks(fd))
		SKIP(return, "%s", faultlab_memory_lacks(fd));
	ASSERT_LE(0, fd);
	b->fd = fd;
	self->at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, b->pages);
	ASSERT_NE(NULL, self->at);
	self->told = mmap(NULL, TLIB_PAGE, TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->told);
	ASSERT_EQ(0, listen_for(&self->told[1]));
	ASSERT_EQ(0, faultlab_touch_write(self->at, 1, NULL));
	b->pfn = tlib_pfn(fd, self->at);
	ASSERT_NE(0, b->pfn);
	ASSERT_LE(0, tlib_peer_fork(&self->peer));
	if (!self->peer.pid)
		live_with(&self->peer, self->at, &self->told[0]);
	ASSERT_EQ(0, tlib_peer_await(&self->peer));
}

FIXTURE_TEARDOWN(hwpoison_signal)
{
	close(self->b.fd);
}

TEST_F(hwpoison_signal, hard_offline_sends_no_signal_to_processes_that_map_the_frame)
{
	int err = tlib_poison(TLIB_POISON_OFFLINE, self->b.pfn, self->at);

	if (err == -ENOENT)
		SKIP(return, "no hard_offline_page (CONFIG_MEMORY_FAILURE)");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, tlib_peer_nudge(&self->peer));
	EXPECT_EQ(0, tlib_peer_join(&self->peer));
	EXPECT_EQ(0, self->told[0].signals);
	EXPECT_EQ(0, self->told[1].signals);
}

/*
 * MADV_HWPOISON passes a page reference to memory_failure(), which then goes further:
 * 6.12 signals the processes that map a folio which cannot be split (kill_procs_now()),
 * if ->mapping leads to them. A signal must name the poisoned page.
 */
TEST_F(hwpoison_signal, madv_hwpoison_signals_only_for_folios_since_6_12_and_names_the_page)
{
	const bool told = variant->memory->order && tlib_kernel_since(6, 12);
	int err = tlib_poison(TLIB_POISON_MADVISE, self->b.pfn, self->at), i;

	if (err == -ENOENT) {
		/* Nothing was poisoned: get_user_pages() refuses such memory. */
		EXPECT_NE(FAULTLAB_GUP, variant->memory->gup);
		return;
	}
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, tlib_peer_nudge(&self->peer));
	EXPECT_EQ(0, tlib_peer_join(&self->peer));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(told, self->told[i].signals);
		if (!self->told[i].signals)
			continue;
		EXPECT_EQ((uintptr_t)self->at, self->told[i].addr & -TLIB_PAGE);
		EXPECT_EQ(i ? BUS_MCEERR_AR : BUS_MCEERR_AO, self->told[i].code);
	}
}

TEST_HARNESS_MAIN
