// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/swap.h>
#include <time.h>
#include <unistd.h>

#include "lib/walk/ptdump.h"
#include "lib/walk/random_space.h"
#include "lib/sys.h"

#define HUGEPAGES	"/proc/sys/vm/nr_hugepages"
#define GIGANTIC	"/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages"
#define KSM		"/sys/kernel/mm/ksm/"
#define LENT_HUGEPAGES	8

/* splitmix64: neighbouring seeds have nothing in common. */
__u32 tlib_random(struct tlib_random *random, __u32 below)
{
	__u64 z = (random->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) % below;
}

__u64 tlib_first_seed(void)
{
	const char *typed = getenv("FAULTLAB_SEED");
	__u32 seed = 1;

	if (typed)
		return strtoull(typed, NULL, 0);
	if (tlib_full() && getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = 1;
	return seed;
}

bool tlib_in_sample(unsigned long nr, unsigned long brief, unsigned long full)
{
	static __u64 first;

	if (!tlib_full())
		return nr % brief == 0;
	first = first ?: tlib_first_seed();
	return (nr + first) % full == 0;
}

/* Make ksmd scan fast, without skipping pages that it could not merge before. */
static const struct {
	const char *path;
	const char *value;
} ksm[TLIB_NR_KSM] = {
	{ KSM "pages_to_scan", "1000" },
	{ KSM "sleep_millisecs", "1" },
	{ KSM "max_page_sharing", NULL },
	{ KSM "smart_scan", "0" },
	{ KSM "run", "0" },
};

static void take_swap(struct tlib_ground *g)
{
	char command[64];

	if (tlib_disk_add(g->swap, sizeof(g->swap), "64M")) {
		g->swap[0] = '\0';
		return;
	}
	snprintf(command, sizeof(command), "mkswap %s >/dev/null 2>&1", g->swap);
	if (!system(command) && !swapon(g->swap, 0))
		return;
	tlib_disk_remove(g->swap);
	g->swap[0] = '\0';
}

int tlib_ground_take(struct tlib_ground *g)
{
	__u64 gigantic = 0;
	unsigned int i;

	memset(g, 0, sizeof(*g));
	take_swap(g);
	if (tlib_read_number(HUGEPAGES, &g->hugepages))
		g->hugepages = ~0ULL;
	else
		tlib_write_number(HUGEPAGES, g->hugepages + LENT_HUGEPAGES);
	tlib_read_number(GIGANTIC, &gigantic);
	g->gigantic = gigantic > 0;
	for (i = 0; i < TLIB_NR_KSM; i++) {
		tlib_read_text(ksm[i].path, g->ksm[i], sizeof(g->ksm[i]));
		if (ksm[i].value)
			tlib_write_text(ksm[i].path, ksm[i].value);
	}
	return 0;
}

void tlib_ground_give_back(struct tlib_ground *g)
{
	unsigned int i;

	if (g->swap[0] && !swapoff(g->swap))
		tlib_disk_remove(g->swap);
	if (g->hugepages != ~0ULL)
		tlib_write_number(HUGEPAGES, g->hugepages);
	for (i = 0; i < TLIB_NR_KSM; i++)
		if (g->ksm[i][0])
			tlib_write_text(ksm[i].path, g->ksm[i]);
}

static char *random_address(struct tlib_maker *m, size_t align)
{
	unsigned int bits = 40 + tlib_random(&m->random, m->five ? 16 : 7);
	__u64 at = 1ULL << bits | (__u64)tlib_random(&m->random, 1U << 26) << 12;

	return (char *)((at + align - 1) & ~(align - 1));
}

char *tlib_place(struct tlib_maker *m, int fd, int prot, int flags, size_t pages, size_t align)
{
	unsigned int i;
	char *at, *got;

	for (i = 0; i < 20; i++) {
		at = random_address(m, align);
		if (m->last && !tlib_random(&m->random, 2)) {
			at = m->last + tlib_random(&m->random, 40) * TLIB_PAGE;
			at = (char *)(((uintptr_t)at + align - 1) & ~(align - 1));
		}
		got = mmap(at, pages * TLIB_PAGE, prot,
			   flags | MAP_FIXED_NOREPLACE | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
		if (got != MAP_FAILED) {
			m->last = got + pages * TLIB_PAGE;
			return got;
		}
		if (errno != EEXIST)
			break;
	}
	return NULL;
}

void tlib_touch_some(struct tlib_maker *m, char *at, size_t pages)
{
	unsigned int stride = 1 + tlib_random(&m->random, 6);
	size_t i, nr = pages > 2048 ? 2048 : pages;

	/* In more than 8 MiB, touch a few pages far from each other. */
	for (i = 0; i < nr; i += 1 + tlib_random(&m->random, stride)) {
		char *page = at + (pages > nr ? tlib_random(&m->random, pages) : i) * TLIB_PAGE;

		if (tlib_random(&m->random, 3))
			faultlab_touch_write(page, i, NULL);
		else
			faultlab_touch_read(page, NULL);
		if (pages > nr && i > 20)
			break;
	}
}

void tlib_mangle(struct tlib_maker *m, char *at, size_t pages)
{
	static const int prots[] = {
		PROT_NONE, PROT_READ, PROT_READ | PROT_EXEC, TLIB_RW, PROT_NONE,
	};
	unsigned int n = tlib_random(&m->random, 5);

	while (n--) {
		size_t first = tlib_random(&m->random, pages);
		size_t nr = 1 + tlib_random(&m->random, pages - first);
		char *part = at + first * TLIB_PAGE;

		switch (tlib_random(&m->random, 8)) {
		case 0:
			munmap(part, nr * TLIB_PAGE);
			break;
		case 1:
			madvise(part, nr * TLIB_PAGE, MADV_DONTNEED);
			break;
		case 2:
			madvise(part, nr * TLIB_PAGE, MADV_DONTDUMP);
			break;
		default:
			mprotect(part, nr * TLIB_PAGE, prots[tlib_random(&m->random, 5)]);
		}
	}
}

/* Wait for three full scans: ksmd needs two to merge a pair of equal pages. */
static void await_merges(void)
{
	const time_t end = time(NULL) + 60;
	__u64 first = 0, now = 0;

	tlib_read_number(KSM "full_scans", &first);
	tlib_write_text(KSM "run", "1");
	while (now < first + 3 && time(NULL) < end) {
		usleep(2000);
		tlib_read_number(KSM "full_scans", &now);
	}
	tlib_write_text(KSM "run", "0");
}

/* Fork a child that shares the pages: they are mapped twice, read-only until CoW. */
static int add_relative(void)
{
	struct tlib_peer relative;
	pid_t pid = tlib_peer_fork(&relative);

	if (pid < 0)
		return -errno;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		tlib_peer_nudge(&relative);
		tlib_peer_await(&relative);
		_exit(0);
	}
	return tlib_peer_await(&relative);
}

static size_t nr_of(const struct tlib_piece *pieces)
{
	size_t n = 0;

	while (pieces[n].name)
		n++;
	return n;
}

int tlib_make_space(struct tlib_maker *m)
{
	static const struct tlib_piece region = { "region", tlib_make_region };
	const size_t plain = nr_of(tlib_pieces_plain);
	unsigned int n = 14 + tlib_random(&m->random, 10);
	int err;

	while (n--) {
		const struct tlib_piece *piece = &region;

		/* One piece of three is a region of the module. */
		if (tlib_random(&m->random, 3))
			piece = &tlib_pieces_plain[tlib_random(&m->random, plain)];
		err = piece->make(m);
		if (err && err != -ENOENT) {
			fprintf(stderr, "# %s: %s\n", piece->name, strerror(-err));
			return err;
		}
	}
	if (m->merges)
		await_merges();
	/* Clear soft-dirty: only what is written from here on has it. */
	if (tlib_random(&m->random, 2))
		tlib_write_text("/proc/self/clear_refs", "4");
	if (!tlib_random(&m->random, 3))
		tlib_write_text("/proc/self/clear_refs", "1");
	err = tlib_random(&m->random, 3) ? 0 : add_relative();
	if (!err && m->last)
		tlib_touch_some(m, m->last - TLIB_PAGE, 1);
	return err;
}

int tlib_random_peer(struct tlib_peer *peer, const struct tlib_ground *ground, __u64 seed)
{
	pid_t pid = tlib_peer_fork(peer);

	if (pid < 0)
		return -errno;
	if (!pid) {
		struct tlib_maker m = {
			.random.state = seed << 20,
			.ground = ground,
			.five = tlib_five_levels(),
		};

		if (tlib_make_space(&m))
			_exit(1);
		tlib_peer_nudge(peer);
		tlib_peer_await(peer);
		if (m.giant)
			faultlab_touch_read(m.giant, NULL);
		tlib_peer_nudge(peer);
		tlib_ptdump_serve(peer);
		_exit(0);
	}
	return tlib_peer_await(peer);
}

ssize_t tlib_random_vmas(struct tlib_peer *peer, struct tlib_vma *vmas, size_t room)
{
	ssize_t n = tlib_vmas(peer->pid, vmas, room);
	int err = tlib_peer_nudge(peer) ?: tlib_peer_await(peer);

	return err ?: n;
}
