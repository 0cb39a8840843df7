/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the tests of a walk's forms: a process with varied memory and adjacent
 * mappings, all its entries, and walks of it by ioctl in pieces of any size.
 */
#ifndef FLAB_FORMS_H
#define FLAB_FORMS_H

#include <kselftest_harness.h>
#include "lib/flab_space.h"
#include "lib/flab_sys.h"

#define FLAB_ROOM		16384
#define FLAB_FORM_VMAS		256
#define FLAB_NR_BATCHES	6

extern const __u64 flab_batches[FLAB_NR_BATCHES];

void *flab_room(size_t bytes);

/* Walk everything, nr records at a time. How many records came, or -errno. */
ssize_t flab_fetch(int fd, struct faultlab_walk walk, void *to, size_t record, __u64 nr);

/*
 * Three adjacent VMAs with equal entries and consecutive frames: 16 frames of one
 * folio. And anonymous VMAs, the first of which begins with empty entries; three of
 * them share a page table.
 */
int flab_neighbours(void);

/* The entry that a walk of addr finds, searching from index *from on. */
const struct faultlab_walk_entry *flab_entry_of(const struct flab_entries *all, __u64 addr,
						size_t *from);

static struct flab_vma vmas[FLAB_FORM_VMAS];

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
		if (flab_make_mess() || flab_neighbours())
			_exit(1);
		flab_settle();
		flab_peer_nudge(&self->peer);
		flab_peer_await(&self->peer);
		_exit(0);
	}
	ASSERT_EQ(0, flab_peer_await(&self->peer));
	self->walk = (struct faultlab_walk) { .pid = pid, .end = FLAB_EVERYWHERE };
	ASSERT_EQ(0, flab_entries_init(&self->all, FLAB_ROOM));
	self->got = flab_room(FLAB_ROOM * 2 * sizeof(struct faultlab_walk_entry));
	self->expected = flab_room(FLAB_ROOM * 2 * sizeof(struct faultlab_walk_entry));
	ASSERT_NE(NULL, self->got);
	ASSERT_NE(NULL, self->expected);
	self->nr_vmas = flab_vmas(pid, vmas, FLAB_FORM_VMAS);
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

#endif /* FLAB_FORMS_H */
