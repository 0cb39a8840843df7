// SPDX-License-Identifier: GPL-2.0-only
/* Pieces of an address space that are regions of the module, of every kind. */
#include <errno.h>
#include <unistd.h>

#include "flab_random.h"

/* -ENOENT also where the kernel has no such entries, or the machine no such memory. */
static int make(struct flab_maker *m, struct faultlab_config config, size_t pages, size_t align,
		bool mangle)
{
	int flags = config.kind == FAULTLAB_KIND_PAGE && !flab_random(&m->random, 4) ?
		    MAP_PRIVATE : MAP_SHARED;
	char *at;
	int fd;

	config.bytes = pages * FLAB_PAGE;
	fd = flab_region_full(&config);
	if (fd < 0)
		return -ENOENT;
	at = flab_place(m, fd, FLAB_RW, flags, pages, align);
	close(fd);
	if (!at)
		return -ENOENT;
	flab_touch_some(m, at, pages > 2048 ? 2 : pages);
	if (mangle)
		flab_mangle(m, at, pages);
	return 0;
}

static int make_page(struct flab_maker *m)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PAGE,
		.flags = flab_random(&m->random, 2) ? FAULTLAB_REGION_INSERT : 0,
	};

	return make(m, config, 1 + flab_random(&m->random, 100), FLAB_PAGE, true);
}

static int make_order_9(struct flab_maker *m)
{
	const struct faultlab_config config = { .kind = FAULTLAB_KIND_PAGE, .order = 9 };

	return make(m, config, 1024, FLAB_PMD_SIZE, !flab_random(&m->random, 2));
}

static int make_pfn(struct flab_maker *m)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.flags = flab_random(&m->random, 2) ? FAULTLAB_REGION_MKWRITE : 0,
		.around = 1U << flab_random(&m->random, 5),
	};

	return make(m, config, 1 + flab_random(&m->random, 100), FLAB_PAGE, true);
}

static int make_remap(struct flab_maker *m)
{
	const struct faultlab_config config = { .kind = FAULTLAB_KIND_REMAP };

	return make(m, config, 1 + flab_random(&m->random, 60), FLAB_PAGE, true);
}

static int make_mixed(struct flab_maker *m)
{
	const struct faultlab_config config = { .kind = FAULTLAB_KIND_MIXED };

	return make(m, config, 1 + flab_random(&m->random, 60), FLAB_PAGE, true);
}

static int make_huge(struct flab_maker *m)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN, .flags = FAULTLAB_REGION_HUGE, .order = 9,
	};

	return make(m, config, 1024, FLAB_PMD_SIZE, false);
}

/* Memory without struct page, by an entry of 1 GiB if the kernel can. */
static int make_phys(struct flab_maker *m)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.flags = FAULTLAB_REGION_HUGE | FAULTLAB_REGION_PHYS,
	};

	int err;

	/* It is cleared first, which takes a second. */
	if (flab_random(&m->random, 4))
		return -ENOENT;
	err = make(m, config, FLAB_PUD_SIZE / FLAB_PAGE, FLAB_PUD_SIZE, false);
	if (!err)
		m->giant = m->last - FLAB_PUD_SIZE;
	return err;
}

/* Some of the same memory, not as it is usually cached. */
static int make_cached(struct flab_maker *m)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.flags = FAULTLAB_REGION_PHYS,
		.cache = flab_random(&m->random, 2) ? FAULTLAB_CACHE_WC : FAULTLAB_CACHE_UC,
	};

	return make(m, config, 1 + flab_random(&m->random, 60), FLAB_PAGE, true);
}

const struct flab_piece flab_pieces_region[] = {
	{ "page", make_page },
	{ "order 9", make_order_9 },
	{ "pfn", make_pfn },
	{ "remap", make_remap },
	{ "mixed", make_mixed },
	{ "huge", make_huge },
	{ "phys", make_phys },
	{ "cached", make_cached },
	{ NULL }
};
