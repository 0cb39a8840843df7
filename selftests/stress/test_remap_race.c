// SPDX-License-Identifier: GPL-2.0-only
/* Kind remap: one thread maps while another removes the translations. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/sys.h"

struct mapper {
	pthread_t thread;
	int fd;
	size_t pages;
	bool keep;		/* do not unmap the last mapping */
	bool stop;
	char *at;
	unsigned long maps;
	int error;
};

static void *mapper_run(void *arg)
{
	struct mapper *m = arg;
	size_t bytes = m->pages * tlib_page_size();

	while (!__atomic_load_n(&m->stop, __ATOMIC_RELAXED)) {
		char *at = mmap(NULL, bytes, TLIB_RW, MAP_SHARED, m->fd, 0);

		if (at == MAP_FAILED) {
			__atomic_store_n(&m->error, errno, __ATOMIC_RELAXED);
			break;
		}
		faultlab_touch_write(at, 1, NULL);
		if (m->at)
			munmap(m->at, bytes);
		m->at = at;
		__atomic_add_fetch(&m->maps, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Wait until the thread has mapped once, or failed to. */
static void mapper_await(const struct mapper *m)
{
	while (!__atomic_load_n(&m->maps, __ATOMIC_RELAXED) &&
	       !__atomic_load_n(&m->error, __ATOMIC_RELAXED))
		sched_yield();
}

TEST(evicts_during_mmap_and_munmap_succeed_and_leave_no_translation)
{
	struct mapper m = { .fd = tlib_region(FAULTLAB_KIND_REMAP, 0, 64), .pages = 64 };
	unsigned long i;

	ASSERT_LE(0, m.fd);
	ASSERT_EQ(0, pthread_create(&m.thread, NULL, mapper_run, &m));
	mapper_await(&m);
	for (i = 0; i < tlib_scale(50, 1000); i++)
		EXPECT_EQ(0, faultlab_evict(m.fd, 0, FAULTLAB_TO_END, 0));
	__atomic_store_n(&m.stop, true, __ATOMIC_RELAXED);
	EXPECT_EQ(0, pthread_join(m.thread, NULL));
	EXPECT_EQ(0, m.error);
	EXPECT_LT(0, m.maps);
	EXPECT_EQ(0, faultlab_evict(m.fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, tlib_nr_mapped(m.fd, 0, m.at, m.pages));
	munmap(m.at, m.pages * tlib_page_size());
	close(m.fd);
}

/* An mmap() that began before the unplug is found even if it has not finished. */
TEST(unplug_during_mmap_leaves_no_translation)
{
	unsigned long i;

	for (i = 0; i < tlib_scale(20, 500); i++) {
		struct mapper m = { .fd = tlib_region(FAULTLAB_KIND_REMAP, 0, 64), .pages = 64 };

		ASSERT_LE(0, m.fd);
		ASSERT_EQ(0, pthread_create(&m.thread, NULL, mapper_run, &m));
		mapper_await(&m);
		EXPECT_EQ(0, faultlab_unplug(m.fd));
		EXPECT_EQ(0, pthread_join(m.thread, NULL));
		EXPECT_EQ(ENODEV, m.error);
		EXPECT_EQ(0, tlib_nr_mapped(m.fd, 0, m.at, m.pages));
		munmap(m.at, m.pages * tlib_page_size());
		close(m.fd);
	}
}

TEST_HARNESS_MAIN
