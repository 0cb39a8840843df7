// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of regions, mappings and walks is given back. (What a load of the module leaves
 * is a case of test_module.)
 */
#include <errno.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/machine/memcg.h"
#include "lib/space.h"
#include "lib/sys.h"

/*
 * Use everything for which the module allocates memory; the process allocates page
 * tables, too. Touch only every eighth page of the mapping, since on a slow machine each
 * takes milliseconds.
 */
static int map_fault_and_evict(unsigned int round)
{
	int fd = tlib_region(round % 2, 0, 0), err;
	char *mem = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 1024);
	struct faultlab_walk_entry e;
	size_t page;

	if (!mem)
		return -errno;
	for (page = 0; page < 1024; page += 8)
		mem[page * TLIB_PAGE] = 1;
	err = faultlab_walk_page(fd, 0, mem, &e);
	err = err ?: faultlab_evict(fd, 0, 512 * TLIB_PAGE, FAULTLAB_EVICT_DROP);
	munmap(mem, 1024 * TLIB_PAGE);
	close(fd);
	return err;
}

/*
 * A leak of one page per round must be found, although each CPU may keep some memory
 * (tlib_memcg_slack()). So there are more rounds than pages in the slack.
 */
TEST(repeated_mmap_fault_and_evict_leak_no_memory)
{
	const unsigned long rounds = tlib_memcg_slack() + tlib_scale(20, 100);
	__u64 pages = tlib_all_pages(), before;
	struct tlib_memcg group;
	unsigned long i;
	int err;

	err = tlib_memcg_enter(&group);
	if (err == -ENOENT)
		SKIP(return, "no memory controller in cgroup2 (CONFIG_MEMCG)");
	ASSERT_EQ(0, err);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, map_fault_and_evict(i));
	before = tlib_memcg_pages(&group);
	for (i = 0; i < rounds; i++)
		EXPECT_EQ(0, map_fault_and_evict(i));
	EXPECT_EQ(pages, tlib_all_pages());
	EXPECT_TRUE(tlib_memcg_settles(&group, before + tlib_memcg_slack())) {
		TH_LOG("%lu rounds, from %llu to %llu pages", rounds, before,
		       tlib_memcg_pages(&group));
	}
	tlib_memcg_leave(&group);
}

TEST_HARNESS_MAIN
