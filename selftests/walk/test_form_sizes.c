// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records and pages of a walk with a larger stride, as a caller built for a later
 * version of the UAPI would pass it.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"

#define MEM_PAGES	1500UL	/* more than a chunk of any form */
#define MORE		512	/* how many bytes longer records of a later version are */
#define ROOM		(MEM_PAGES * (48 + MORE) + (1 << 17))
#define ALL		2000	/* records at once */
#define UNTOUCHED	0xaa

FIXTURE(sizes)
{
	int fd;
	char *mem;	/* every third page is mapped; every 20th is a VMA of its own */
	__u8 *plain;	/* the records of a walk at their own size */
	__u8 *plain_pages;
	__u8 *wide;	/* the same records further apart */
	__u8 *wide_pages;
	__u64 nr;	/* number of records */
};

FIXTURE_VARIANT(sizes)
{
	__u32 form;
	__u32 flags;
	__u32 record;	/* size of a record */
	__u32 least;	/* the smallest room that a walk accepts, in records */
	bool fixed;	/* records cannot be further apart */
};

FIXTURE_VARIANT_ADD(sizes, entries) {
	.form = FAULTLAB_WALK_ENTRIES, .flags = FAULTLAB_WALK_HOLES, .least = 1,
	.record = sizeof(struct faultlab_walk_entry),
};

FIXTURE_VARIANT_ADD(sizes, pages) {
	.form = FAULTLAB_WALK_ENTRIES, .flags = FAULTLAB_WALK_PAGES, .least = 1,
	.record = sizeof(struct faultlab_walk_entry),
};

FIXTURE_VARIANT_ADD(sizes, runs) {
	.form = FAULTLAB_WALK_RUNS, .record = sizeof(struct faultlab_walk_run), .least = 1,
};

FIXTURE_VARIANT_ADD(sizes, counts) {
	.form = FAULTLAB_WALK_COUNTS, .record = sizeof(struct faultlab_walk_counts), .least = 1,
};

FIXTURE_VARIANT_ADD(sizes, raw) {
	.form = FAULTLAB_WALK_RAW, .record = sizeof(__u64), .least = 514, .fixed = true,
};

/*
 * Walk all of mem, @piece records at a time. Returns the number of records, or -errno.
 */
static ssize_t fetch(FIXTURE_DATA(sizes) * self, const FIXTURE_VARIANT(sizes) * variant,
		     __u32 record_size, __u32 page_size, __u64 piece)
{
	const __u64 step = record_size ? record_size : variant->record;
	const __u64 page_step = page_size ? page_size : sizeof(struct faultlab_walk_page);
	struct faultlab_walk walk = {
		.size = sizeof(walk), .form = variant->form, .flags = variant->flags,
		.start = (uintptr_t)self->mem,
		.end = (uintptr_t)self->mem + MEM_PAGES * tlib_page_size(),
		.record_size = record_size, .page_size = page_size,
	};
	ssize_t done = 0;

	memset(self->wide, UNTOUCHED, ROOM);
	memset(self->wide_pages, UNTOUCHED, ROOM);
	do {
		walk.nr = piece;
		walk.entries = (uintptr_t)self->wide + done * step;
		if (variant->flags & FAULTLAB_WALK_PAGES)
			walk.pages = (uintptr_t)self->wide_pages + done * page_step;
		if (ioctl(self->fd, FAULTLAB_IOC_WALK, &walk))
			return -errno;
		done += walk.nr;
		walk.start = walk.next;
	} while (walk.start != walk.end);
	return done;
}

static __u8 *room(void)
{
	return mmap(NULL, ROOM, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
}

FIXTURE_SETUP(sizes)
{
	size_t page = tlib_page_size(), i;
	ssize_t nr;

	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	self->mem = mmap(NULL, MEM_PAGES * page, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
	ASSERT_EQ(0, madvise(self->mem, MEM_PAGES * page, MADV_NOHUGEPAGE));
	for (i = 0; i < MEM_PAGES; i += 3)
		self->mem[i * page] = 1;
	for (i = 0; i < MEM_PAGES; i += 20)
		ASSERT_EQ(0, mprotect(self->mem + i * page, page, PROT_READ));
	self->wide = room();
	self->wide_pages = room();
	self->plain = room();
	self->plain_pages = room();
	ASSERT_NE(MAP_FAILED, self->plain_pages);
	tlib_settle();
	nr = fetch(self, variant, variant->record, variant->flags & FAULTLAB_WALK_PAGES ?
		   sizeof(struct faultlab_walk_page) : 0, ALL);
	ASSERT_LT(0, nr);
	self->nr = nr;
	memcpy(self->plain, self->wide, ROOM);
	memcpy(self->plain_pages, self->wide_pages, ROOM);
}

FIXTURE_TEARDOWN(sizes)
{
	close(self->fd);
}

/*
 * Whether the records lie @step apart, each filled up with zeros, and nothing was written
 * after the last one.
 */
static bool are_laid_out(const __u8 *wide, __u64 step, const __u8 *plain, __u64 size, __u64 nr)
{
	__u64 i, at;

	for (i = 0; i < nr; i++) {
		if (memcmp(wide + i * step, plain + i * size, size))
			return false;
		for (at = size; at < step; at++)
			if (wide[i * step + at])
				return false;
	}
	return wide[nr * step] == UNTOUCHED;
}

TEST_F(sizes, record_size_is_the_stride_and_extra_bytes_are_zeroed)
{
	const __u32 more[] = { 0, 1, 8, MORE };
	const __u64 pieces[] = { variant->least + 2, ALL };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(more) && !(variant->fixed && i); i++) {
		for (j = 0; j < ARRAY_SIZE(pieces); j++) {
			__u32 step = variant->record + more[i];

			/*
			 * One record at a time takes long, and tests nothing new here.
			 */
			if (more[i] && pieces[j] < ALL)
				continue;
			ASSERT_EQ(self->nr, fetch(self, variant, step, 0, pieces[j]));
			EXPECT_TRUE(are_laid_out(self->wide, step, self->plain, variant->record,
						 self->nr)) {
				TH_LOG("%u extra bytes, %llu records at a time", more[i],
				       pieces[j]);
			}
		}
	}
}

TEST_F(sizes, a_record_size_of_a_page_is_accepted_unless_records_have_no_fixed_size)
{
	struct faultlab_walk walk = {
		.size = sizeof(walk), .form = variant->form, .flags = variant->flags,
		.start = (uintptr_t)self->mem, .end = (uintptr_t)self->mem + 1,
		.record_size = tlib_page_size(), .entries = (uintptr_t)self->wide, .nr = 20,
	};

	if (variant->flags & FAULTLAB_WALK_PAGES) {
		walk.page_size = tlib_page_size();
		walk.pages = (uintptr_t)self->wide_pages;
	}
	if (variant->fixed) {
		EXPECT_EQ(-1, ioctl(self->fd, FAULTLAB_IOC_WALK, &walk));
		EXPECT_EQ(EINVAL, errno);
		return;
	}
	EXPECT_EQ(0, ioctl(self->fd, FAULTLAB_IOC_WALK, &walk));
	EXPECT_EQ(1, walk.nr);
}

TEST_F(sizes, page_size_is_the_stride_of_page_records_and_einval_without_pages)
{
	const __u32 size = sizeof(struct faultlab_walk_page);
	const __u32 more[] = { 0, 1, 8, MORE };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(more); i++) {
		if (!(variant->flags & FAULTLAB_WALK_PAGES)) {
			EXPECT_EQ(-EINVAL, fetch(self, variant, 0, size + more[i], ALL));
			continue;
		}
		ASSERT_EQ(self->nr, fetch(self, variant, 0, size + more[i], i ? ALL : 7));
		EXPECT_TRUE(are_laid_out(self->wide_pages, size + more[i], self->plain_pages, size,
					 self->nr));
		EXPECT_TRUE(are_laid_out(self->wide, variant->record, self->plain,
					 variant->record, self->nr));
	}
}

TEST_F(sizes, sizes_of_0_mean_the_first_version_of_the_structs)
{
	ASSERT_EQ(self->nr, fetch(self, variant, 0, 0, ALL));
	EXPECT_EQ(0, memcmp(self->wide, self->plain, ROOM));
	EXPECT_EQ(0, memcmp(self->wide_pages, self->plain_pages, ROOM));
}

TEST_F(sizes, sizes_below_the_first_version_or_above_a_page_are_einval)
{
	const __u32 wrong[] = {
		1, variant->record - 1, tlib_page_size() + 1, ~0U,
		variant->fixed ? variant->record + 8 : 4,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-EINVAL, fetch(self, variant, wrong[i], 0, ALL)) {
			TH_LOG("%u", wrong[i]);
		}
	}
	EXPECT_EQ(-EINVAL, fetch(self, variant, 0, sizeof(struct faultlab_walk_page) - 1, ALL));
	EXPECT_EQ(-EINVAL, fetch(self, variant, 0, tlib_page_size() + 1, ALL));
}

TEST_HARNESS_MAIN
