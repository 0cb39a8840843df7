// SPDX-License-Identifier: GPL-2.0-only
/* What is left after processes were refused something or were killed: see after.h. */
#include <errno.h>
#include <unistd.h>

#include "lib/machine/after.h"
#include "lib/sys.h"
#include "lib/tlib.h"

#define PAGES	16

int tlib_levels_return(const struct faultlab_stats *before, struct faultlab_stats *now)
{
	static const enum faultlab_stat levels[] = {
		FAULTLAB_STAT_REGIONS, FAULTLAB_STAT_VMAS, FAULTLAB_STAT_PAGES,
	};
	const __u64 end = tlib_now() + 120 * NSEC_PER_SEC;
	unsigned int i;
	int err;

	for (;;) {
		err = tlib_read_stats(TLIB_STATS, now);
		if (err)
			return err;
		for (i = 0; i < ARRAY_SIZE(levels); i++)
			if (now->value[levels[i]] != before->value[levels[i]])
				break;
		if (i == ARRAY_SIZE(levels))
			return 0;
		if (tlib_now() > end)
			return -ETIMEDOUT;
		tlib_write_text("/proc/sys/vm/drop_caches", "1");
		usleep(10000);
	}
}

int tlib_use_device(void)
{
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES), err;
	char *map;

	if (fd < 0)
		return fd;
	map = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	err = map ? faultlab_touch_write(map, 1, NULL) : -errno;
	if (map)
		tlib_unmap(map, PAGES);
	close(fd);
	return err;
}
