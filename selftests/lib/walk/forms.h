/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the tests of a walk's forms: a process with varied memory and adjacent
 * mappings, all its entries, and walks of it by ioctl in pieces of any size.
 */
#ifndef TLIB_FORMS_H
#define TLIB_FORMS_H

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

#define TLIB_ROOM		16384
#define TLIB_FORM_VMAS		256
#define TLIB_NR_CHUNKS	6

extern const __u64 tlib_chunks[TLIB_NR_CHUNKS];

void *tlib_room(size_t bytes);

/* Walk everything, nr records at a time. How many records came, or -errno. */
ssize_t tlib_fetch(int fd, struct faultlab_walk walk, void *to, size_t record, __u64 nr);

/*
 * Three adjacent VMAs with equal entries and consecutive frames: 16 frames of one
 * folio. And anonymous VMAs, the first of which begins with empty entries; three of
 * them share a page table.
 */
int tlib_neighbours(void);

/* The entry that a walk of addr finds, searching from index *from on. */
const struct faultlab_walk_entry *tlib_entry_of(const struct tlib_entries *all, __u64 addr,
						size_t *from);

static struct tlib_vma vmas[TLIB_FORM_VMAS];

FIXTURE(forms)
{
	int fd;
	struct tlib_peer peer;
	struct faultlab_walk walk;	/* covers the whole peer */
	struct tlib_entries all;	/* its entries, with tables and holes */
	ssize_t nr_vmas;
	void *got;
	void *expected;
};

FIXTURE_SETUP(forms)
{
	pid_t pid;

	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	pid = tlib_peer_fork(&self->peer);
	ASSERT_LE(0, pid);
	if (!pid) {
		if (tlib_make_mess() || tlib_neighbours())
			_exit(1);
		tlib_settle();
		tlib_peer_nudge(&self->peer);
		tlib_peer_await(&self->peer);
		_exit(0);
	}
	ASSERT_EQ(0, tlib_peer_await(&self->peer));
	self->walk = (struct faultlab_walk) { .pid = pid, .end = TLIB_EVERYWHERE };
	ASSERT_EQ(0, tlib_entries_init(&self->all, TLIB_ROOM));
	self->got = tlib_room(TLIB_ROOM * 2 * sizeof(struct faultlab_walk_entry));
	self->expected = tlib_room(TLIB_ROOM * 2 * sizeof(struct faultlab_walk_entry));
	ASSERT_NE(NULL, self->got);
	ASSERT_NE(NULL, self->expected);
	self->nr_vmas = tlib_vmas(pid, vmas, TLIB_FORM_VMAS);
	ASSERT_LT(10, self->nr_vmas);
	if (strstr(vmas[self->nr_vmas - 1].line, "[vsyscall]"))
		self->nr_vmas--;
	ASSERT_EQ(0, tlib_entries_walk(&self->all, self->fd, pid, 0, TLIB_EVERYWHERE,
				       TLIB_WALK_ALL, 512));
}

FIXTURE_TEARDOWN(forms)
{
	tlib_peer_nudge(&self->peer);
	EXPECT_EQ(0, tlib_peer_join(&self->peer));
	close(self->fd);
}

#endif /* TLIB_FORMS_H */
