// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults to be counted, one at a time: see truth_case.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/record/truth_case.h"
#include "lib/newer.h"

#define HUGE_PAGES	512UL
#define RECORDS		256	/* slots of a CPU */

static int set_rules(const struct tlib_stage *s, const struct tlib_case *c)
{
	static const struct faultlab_rule none;
	struct faultlab_rule rules[] = { c->rule, c->then };
	size_t nr = memcmp(&c->then, &none, sizeof(none)) ? 2 :
		    memcmp(&c->rule, &none, sizeof(none)) ? 1 : 0;

	rules[0].length = tlib_page_size();
	rules[1].length = tlib_page_size();
	return faultlab_rules(s->fd, FAULTLAB_RULE_SET, rules, nr);
}

int tlib_stage_set(struct tlib_stage *s, const struct tlib_case *c)
{
	struct faultlab_config config = c->config;
	int err;

	s->pages = config.order ? HUGE_PAGES : TLIB_TRUTH_AROUND;
	config.bytes = s->pages * tlib_page_size();
	s->fd = tlib_region_full(&config);
	if (s->fd < 0)
		return s->fd;
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	s->at = tlib_map(s->fd, c->prot ?: TLIB_RW,
			 c->private ? MAP_PRIVATE : MAP_SHARED, 0, s->pages);
	if (!s->at)
		return -errno;
	if (c->before)
		c->before(s);
	err = set_rules(s, c);
	if (!err)
		err = faultlab_records_start(s->fd, RECORDS, 0);
	if (!err && write(s->pipe[1], "x", 1) != 1)
		err = -EIO;
	return err;
}

void tlib_stage_clear(struct tlib_stage *s)
{
	char bytes[2];

	tlib_unmap(s->at, s->pages);
	close(s->fd);
	fcntl(s->pipe[0], F_SETFL, O_NONBLOCK);
	while (read(s->pipe[0], bytes, sizeof(bytes)) > 0)
		;
}

int tlib_do_read(struct tlib_stage *s)
{
	return faultlab_touch_read(s->at, NULL);
}

int tlib_do_write(struct tlib_stage *s)
{
	return faultlab_touch_write(s->at, 'w', NULL);
}

/* tlib_map() leaves a hole after a mapping. */
int tlib_do_read_behind(struct tlib_stage *s)
{
	return faultlab_touch_read(tlib_at(s->at, s->pages), NULL);
}

int tlib_do_populate(struct tlib_stage *s)
{
	return madvise(s->at, tlib_page_size(), MADV_POPULATE_READ) ? -errno : 0;
}

int tlib_do_populate_write(struct tlib_stage *s)
{
	return madvise(s->at, tlib_page_size(), MADV_POPULATE_WRITE) ? -errno : 0;
}

int tlib_do_process_vm_readv(struct tlib_stage *s)
{
	char byte;
	struct iovec to = { &byte, 1 };
	struct iovec from = { s->at, 1 };

	return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == 1 ? 0 : -errno;
}

int tlib_do_read_into(struct tlib_stage *s)
{
	return read(s->pipe[0], s->at, 1) == 1 ? 0 : -errno;
}

int tlib_do_write_from(struct tlib_stage *s)
{
	return write(s->pipe[1], s->at, 1) == 1 ? 0 : -errno;
}

/* The kernel first reads with page faults disabled (futex_get_value_locked()). */
int tlib_do_futex(struct tlib_stage *s)
{
	return syscall(SYS_futex, s->at, FUTEX_WAIT_PRIVATE, 1, NULL) ? -errno : 0;
}

void tlib_first_read(struct tlib_stage *s)
{
	tlib_do_read(s);
}

/*
 * Populate the region through another mapping, so that this one has no entries. Then
 * touch its last page, because .map_pages is called only if there is a page table.
 */
void tlib_first_others(struct tlib_stage *s)
{
	char *at = tlib_map(s->fd, TLIB_RW, MAP_SHARED, 0, TLIB_TRUTH_AROUND);

	tlib_write(at, TLIB_TRUTH_AROUND);
	tlib_unmap(at, TLIB_TRUTH_AROUND);
	faultlab_touch_read(tlib_at(s->at, TLIB_TRUTH_AROUND - 1), NULL);
}
