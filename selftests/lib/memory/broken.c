// SPDX-License-Identifier: GPL-2.0-only
/* Regions with a frame that memory_failure() has poisoned. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <unistd.h>

#include "lib/memory/broken.h"
#include "lib/space.h"
#include "lib/sys.h"

#define HARD_OFFLINE	"/sys/devices/system/memory/hard_offline_page"
#define CORRUPT		"/sys/kernel/debug/hwpoison/corrupt-pfn"

const char *tlib_poison_name(enum tlib_poison_how how)
{
	static const char * const names[] = { "hard_offline_page", "corrupt-pfn", "MADV_HWPOISON" };

	return names[how];
}

bool tlib_is_poisoned(__u64 pfn)
{
	__u64 flags = tlib_kpageflags(pfn);

	return flags != ~0ULL && (flags & 1ULL << KPF_HWPOISON);
}

/*
 * The kernel poisons the frame and then finds that it is on no LRU list. So each of
 * these interfaces reports a failure, and only PG_hwpoison tells whether it worked.
 */
int tlib_poison(enum tlib_poison_how how, __u64 pfn, void *at)
{
	int err;

	switch (how) {
	case TLIB_POISON_OFFLINE:
		err = tlib_write_text(HARD_OFFLINE, tlib_text("0x%llx", pfn << 12));
		break;
	case TLIB_POISON_INJECT:
		if (access(CORRUPT, F_OK) && tlib_modprobe("hwpoison-inject"))
			return -ENOENT;
		err = tlib_write_text(CORRUPT, tlib_text("0x%llx", pfn));
		break;
	default:
		err = madvise(at, tlib_page_size(), MADV_HWPOISON) ? -errno : 0;
		/* GUP refuses VM_IO, VM_PFNMAP and special entries (follow_pfn_pte()). */
		if (err == -EFAULT || err == -EEXIST)
			return -ENOENT;
	}
	if (err == -ENOENT || tlib_is_poisoned(pfn))
		return err == -ENOENT ? err : 0;
	return err ?: -EIO;
}

__u8 tlib_broken_value(size_t page)
{
	return page % 251 + 1;
}

size_t tlib_broken_pages(const struct faultlab_memory *memory)
{
	return memory->order < 4 ? 32 : 2UL << memory->order;
}

size_t tlib_broken_place(const struct faultlab_memory *memory, unsigned int place)
{
	const size_t nr = 1UL << memory->order;

	/* For order 0: a page with neighbours on both sides. */
	if (nr == 1)
		return 5;
	return place == TLIB_BROKEN_FIRST ? 0 : place == TLIB_BROKEN_MIDDLE ? nr / 2 : nr - 1;
}

static __u64 frame_of(int fd, const char *at)
{
	struct faultlab_walk_entry e = tlib_entry(fd, 0, at);

	if (!(e.flags & FAULTLAB_PTE_LEAF))
		return 0;
	return e.pfn + ((uintptr_t)at - e.addr) / tlib_page_size();
}

static int poison_in(struct tlib_broken *b, enum tlib_poison_how how, char *at)
{
	size_t i;

	for (i = 0; i < b->pages; i++)
		if (faultlab_touch_write(tlib_at(at, i), tlib_broken_value(i), NULL))
			return -EFAULT;
	b->pfn = frame_of(b->fd, tlib_at(at, b->bad));
	if (!b->pfn)
		return -ENXIO;
	return tlib_poison(how, b->pfn, tlib_at(at, b->bad));
}

int tlib_broken_make(struct tlib_broken *b, const struct faultlab_memory *memory,
		     enum tlib_poison_how how, size_t bad)
{
	char *at;
	int err;

	*b = (struct tlib_broken) {
		.memory = memory,
		.pages = tlib_broken_pages(memory),
		.bad = bad,
	};
	b->fd = faultlab_memory_open(memory, b->pages * tlib_page_size());
	if (b->fd < 0)
		return b->fd;
	at = tlib_map(b->fd, TLIB_RW, MAP_SHARED, 0, b->pages);
	if (!at) {
		err = -errno;
		goto close;
	}
	err = poison_in(b, how, at);
	tlib_unmap(at, b->pages);
	if (!err)
		return 0;
close:
	close(b->fd);
	return err;
}

void tlib_broken_close(struct tlib_broken *b)
{
	close(b->fd);
}

struct onto {
	__u64 pfn;
	size_t nr;
};

static int count_onto(const struct faultlab_walk_entry *e, void *arg)
{
	struct onto *o = arg;

	if (e->flags & FAULTLAB_PTE_LEAF)
		o->nr += o->pfn >= e->pfn && o->pfn < e->pfn + e->bytes / tlib_page_size();
	return 0;
}

size_t tlib_nr_onto(int fd, const void *at, size_t pages, __u64 pfn)
{
	struct onto o = { .pfn = pfn };
	__u64 start = (uintptr_t)at;

	if (faultlab_walk_each(fd, 0, start, start + pages * tlib_page_size(), 0, count_onto, &o))
		return ~0UL;
	return o.nr;
}
