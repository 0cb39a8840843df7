// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/walk/oracle.h"

#define TRIES	20
#define SPACES	4	/* tries if each fetches the whole address space */

/*
 * Memory for the whole test. MADV_DONTFORK, since it is large, and would otherwise be part
 * of the children's address spaces, which are walked.
 */
static void *lasting(size_t bytes)
{
	void *at = mmap(NULL, bytes, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	madvise(at, bytes, MADV_DONTFORK);
	return at;
}

int tlib_view_init(struct tlib_view *view, int fd, size_t entries, size_t pages)
{
	*view = (struct tlib_view) {
		.fd = fd,
		.room = entries,
		.nr_words = pages,
		.entries = lasting(entries * sizeof(*view->entries)),
		.pages = lasting(entries * sizeof(*view->pages)),
		.words = lasting(pages * sizeof(*view->words)),
	};
	return view->entries && view->pages && view->words ? 0 : -ENOMEM;
}

int tlib_view_take(struct tlib_view *view)
{
	struct faultlab_walk walk = {
		.size = sizeof(walk),
		.flags = FAULTLAB_WALK_HOLES | FAULTLAB_WALK_PAGES,
		.pid = view->pid,
		.start = view->vma->start,
		.end = view->vma->end,
	};

	view->nr = 0;
	do {
		walk.nr = view->room - view->nr;
		walk.entries = (uintptr_t)(view->entries + view->nr);
		walk.pages = (uintptr_t)(view->pages + view->nr);
		if (!walk.nr)
			return -ENOSPC;
		if (ioctl(view->fd, FAULTLAB_IOC_WALK, &walk))
			return -errno;
		view->nr += walk.nr;
		walk.start = walk.next;
	} while (walk.start != walk.end);
	return 0;
}

bool tlib_vma_is(const struct tlib_vma *vma, const char *flag)
{
	char padded[8];

	snprintf(padded, sizeof(padded), " %s", flag);
	return strstr(vma->flags, padded);
}

int tlib_oracle_ask_space(const struct tlib_oracle *oracle, struct tlib_view *view)
{
	int err = 0;

	for (unsigned int i = 0; oracle->space_differs && i < SPACES; i++) {
		err = oracle->space_differs(view);
		if (err != 1)
			break;
	}
	return err;
}

int tlib_oracle_ask(const struct tlib_oracle *oracle, struct tlib_view *view)
{
	const unsigned int tries = oracle->space_differs ? SPACES : TRIES;
	unsigned int i;
	int err;

	for (i = 0; i < tries; i++) {
		err = i ? tlib_oracle_ask_space(oracle, view) : 0;
		err = err ?: tlib_view_take(view) ?: oracle->differs(view);
		if (err != 1)
			break;
		usleep(1000 << (i / 2));
	}
	return err;
}
