// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors, and the ioctls for a region but those for rules: its configuration, evict,
 * unplug and counters. Every ioctl can be called with a struct that is wrong somewhere.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuzz/calls/ioctl.h"
#include "fuzz/calls/words.h"

static long call_open(struct fuzz_world *w, const __u64 *a)
{
	int fd = faultlab_open();

	if (fd >= 0)
		fuzz_set_fd(w, a[0], fd);
	return fd;
}

/* A program that others would lose the shared region by gets one of its own. */
static long call_share(struct fuzz_world *w, const __u64 *a)
{
	int fd = fuzz_is_sharing(w->traits) ? fcntl(w->shared, F_DUPFD_CLOEXEC, 3) :
					      faultlab_open();

	if (fd >= 0)
		fuzz_set_fd(w, a[0], fd);
	return fuzz_result(fd);
}

static long call_dup(struct fuzz_world *w, const __u64 *a)
{
	int fd = fcntl(fuzz_fd(w, a[0]), F_DUPFD_CLOEXEC, 3);

	if (fd >= 0)
		fuzz_set_fd(w, a[1], fd);
	return fuzz_result(fd);
}

static long call_close(struct fuzz_world *w, const __u64 *a)
{
	fuzz_set_fd(w, a[0], -1);
	return 0;
}

/* Through a socket, and back into another slot; or left in it, to be freed with it. */
static long call_pass(struct fuzz_world *w, const __u64 *a)
{
	char byte = 0, room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&msg);
	int fd = fuzz_fd(w, a[0]), pair[2];
	long ret;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	ret = fuzz_result(sendmsg(pair[0], &msg, MSG_NOSIGNAL));
	if (ret >= 0 && a[2] % 4) {
		ret = fuzz_result(recvmsg(pair[1], &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT));
		header = ret > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
		if (header) {
			memcpy(&fd, CMSG_DATA(header), sizeof(fd));
			fuzz_set_fd(w, a[1], fd);
		}
	}
	close(pair[0]);
	close(pair[1]);
	return ret;
}

/* Leaves out what the kind cannot have, and rounds the size up to whole folios. */
static void mend_config(struct faultlab_config *config, size_t page)
{
	static const __u64 allowed[FAULTLAB_NR_KINDS] = {
		[FAULTLAB_KIND_PAGE] = FAULTLAB_REGION_INSERT | FAULTLAB_REGION_MKWRITE |
				       FAULTLAB_REGION_WHOLE,
		[FAULTLAB_KIND_PFN] = FAULTLAB_REGION_ANY & ~FAULTLAB_REGION_INSERT,
		[FAULTLAB_KIND_REMAP] = FAULTLAB_REGION_PHYS,
		[FAULTLAB_KIND_MIXED] = FAULTLAB_REGION_MKWRITE | FAULTLAB_REGION_PHYS |
					FAULTLAB_REGION_WHOLE,
	};
	__u64 folio;

	if (config->kind >= FAULTLAB_NR_KINDS || config->order > 10)
		return;
	config->flags &= allowed[config->kind];
	if (config->flags & FAULTLAB_REGION_HUGE)
		config->flags &= ~(__u64)FAULTLAB_REGION_MKWRITE;
	if (config->flags & FAULTLAB_REGION_PHYS)
		config->order = 0;
	else
		config->cache = FAULTLAB_CACHE_WB;
	if (config->kind != FAULTLAB_KIND_PFN)
		config->around = 0;
	folio = page << config->order;
	config->bytes = (config->bytes + folio - 1) / folio * folio;
}

static long call_config(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_config config = {
		.kind = a[1],
		.flags = a[2],
		.bytes = a[3] * w->page,
		.order = a[4],
		.around = a[5] && a[5] <= 10 ? 1U << (a[5] - 1) : (__u32)a[5],
		.cache = a[6],
	};

	if (!a[8])
		mend_config(&config, w->page);
	return fuzz_ioctl(w, a[0], FAULTLAB_IOC_CONFIG, &config, sizeof(config), a[7]);
}

static long call_info(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_info info = { 0 };
	long ret = fuzz_ioctl(w, a[0], FAULTLAB_IOC_INFO, &info, sizeof(info), a[1]);

	if (!ret && !a[1] && (info.kind >= FAULTLAB_NR_KINDS || info.bytes % w->page))
		fuzz_fail(w, "info: kind %u, %llu bytes", info.kind, info.bytes);
	return ret;
}

static long call_features(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_features features = { .kind = a[1] };

	return fuzz_ioctl(w, a[0], FAULTLAB_IOC_FEATURES, &features, sizeof(features), a[2]);
}

static long call_evict(struct fuzz_world *w, const __u64 *a)
{
	/* Mostly from one of the first pages on, which small regions have, too. */
	struct faultlab_evict evict = {
		.offset = (a[2] % 4 ? a[1] % 16 : a[1]) * w->page,
		.length = a[2] == 1 ? FAULTLAB_TO_END : a[2] * w->page,
		.flags = a[3],
	};

	return fuzz_ioctl(w, a[0], FAULTLAB_IOC_EVICT, &evict, sizeof(evict), a[4]);
}

static long call_unplug(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_unplug unplug = { 0 };

	return fuzz_ioctl(w, a[0], FAULTLAB_IOC_UNPLUG, &unplug, sizeof(unplug), a[1]);
}

static long call_stats(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_stats stats = { .flags = a[1] };
	long ret = fuzz_ioctl(w, a[0], FAULTLAB_IOC_STATS, &stats, sizeof(stats), a[2]);

	if (!ret && !a[2])
		fuzz_check_stats(w->failure, &stats);
	return ret;
}

/* Any number with any size and direction, and a struct of any bytes. */
static long call_ioctl(struct fuzz_world *w, const __u64 *a)
{
	char room[8192];

	memset(room, a[3], sizeof(room));
	*(__u32 *)room = a[2];
	return fuzz_result(ioctl(fuzz_fd(w, a[0]),
				 _IOC(a[3] % 4, FAULTLAB_IOC_MAGIC, a[1] & 0xff, a[2] & 0x3ff),
				 room));
}

static const struct fuzz_word kinds[] = { FAULTLAB_KINDS(FUZZ_ROW_KIND) };
static const struct fuzz_word caches[] = { FAULTLAB_CACHES(FUZZ_ROW_CACHE) };
/* The kind decides which flags are valid: sets of them, and each alone. */
static const struct fuzz_word region_flags[] = {
	{ "0", 0 }, FAULTLAB_REGION_FLAGS(FUZZ_ROW_REGION)
};

/* An order of a page is likely, that of a PMD (of 4 KiB pages) has paths of its own. */
static const struct fuzz_word orders[] = {
	{ "0", 0 }, { "0", 0 }, { "0", 0 }, { "1", 1 }, { "3", 3 }, { "4", 4 }, { "9", 9 },
};

/* Sizes that are whole folios of most orders; 0 grows. */
static const struct fuzz_word sizes[] = {
	{ "0", 0 }, { "0", 0 }, { "16", 16 }, { "64", 64 }, { "512", 512 }, { "1024", 1024 },
	{ "1536", 1536 }, { "4096", 4096 }, { "262144", 262144 },
};

static const struct fuzz_word evict_flags[] = {
	{ "0", 0 }, { "0", 0 }, { "0", 0 }, { "0", 0 }, { "0", 0 }, { "0", 0 },
	{ "drop", FAULTLAB_EVICT_DROP }, { "drop", FAULTLAB_EVICT_DROP },
	{ "cows", FAULTLAB_EVICT_COWS },
};

static const struct fuzz_word stats_flags[] = { { "0", 0 }, { "reset", FAULTLAB_STATS_RESET } };

#define FD	{ "fd", FUZZ_FD }
#define TWIST	{ "twist", FUZZ_TWIST }

static const struct fuzz_call calls[] = {
	{ "open", 10, 0, call_open, { FD } },
	{ "share", 20, FUZZ_SHARES | FUZZ_MIXES, call_share, { FD } },
	{ "dup", 8, 0, call_dup, { FD, { "to", FUZZ_FD } } },
	{ "close", 10, 0, call_close, { FD } },
	{ "pass", 8, 0, call_pass,
	  { FD, { "to", FUZZ_FD }, { "left", FUZZ_SMALL } } },
	{ "config", 8, FUZZ_SHARE, call_config,
	  { FD, { "kind", FUZZ_ONE, FUZZ_WORDS(kinds) },
	    { "flags", FUZZ_SET, FUZZ_WORDS(region_flags) },
	    { "pages", FUZZ_ONE, FUZZ_WORDS(sizes) }, { "order", FUZZ_ONE, FUZZ_WORDS(orders) },
	    { "around", FUZZ_SMALL }, { "cache", FUZZ_ONE, FUZZ_WORDS(caches) }, TWIST,
	    { "odd", FUZZ_RARELY } } },
	{ "info", 30, FUZZ_SHARE, call_info, { FD, TWIST } },
	{ "features", 30, FUZZ_SHARE, call_features,
	  { FD, { "kind", FUZZ_ONE, FUZZ_WORDS(kinds) }, TWIST } },
	{ "evict", 50, FUZZ_SHARE, call_evict,
	  { FD, { "first", FUZZ_PAGE }, { "pages", FUZZ_PAGES },
	    { "flags", FUZZ_SET, FUZZ_WORDS(evict_flags) }, TWIST } },
	{ "unplug", 34, FUZZ_SHARE | FUZZ_ALONE, call_unplug, { FD, TWIST } },
	{ "stats", 30, FUZZ_SHARE, call_stats,
	  { FD, { "flags", FUZZ_ONE, FUZZ_WORDS(stats_flags) }, TWIST } },
	{ "ioctl", 10, FUZZ_ALONE, call_ioctl,
	  { FD, { "nr", FUZZ_SMALL }, { "bytes", FUZZ_NUMBER }, { "fill", FUZZ_NUMBER } } },
};

FUZZ_CALLS(device);
