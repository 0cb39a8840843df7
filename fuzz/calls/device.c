// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors, and the ioctls for a region: its configuration, rules, gate, evict and
 * counters. Every ioctl can be called with a struct that is wrong somewhere.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuzz/calls/ioctl.h"
#include "fuzz/calls/words.h"

/* So many bytes of a struct can be anything: after them come pointers and their lengths. */
static size_t plain_bytes(unsigned long request, size_t size)
{
	switch (request) {
	case FAULTLAB_IOC_WALK:
		return offsetof(struct faultlab_walk, entries);
	case FAULTLAB_IOC_RULE:
	case FAULTLAB_IOC_RULES_READ:
		return offsetof(struct faultlab_rules, nr);
	default:
		return size;
	}
}

/* Puts the struct into memory of a region, if there is any. */
static long ioctl_in_region(struct fuzz_world *w, __u64 slot, unsigned long request, void *arg,
			    size_t size, __u64 twist)
{
	char *at = fuzz_at(w, twist / 8, twist / 64 % 16) + twist / 1024 % 64 * 8;
	struct iovec from = { arg, size }, to = { at, size };

	if (process_vm_writev(getpid(), &from, 1, &to, 1, 0) != (ssize_t)size)
		return -EFAULT;
	return fuzz_result(ioctl(fuzz_fd(w, slot), request, at));
}

/* The first bytes of the struct at the end of a page, after which nothing is mapped. */
static long ioctl_at_edge(struct fuzz_world *w, __u64 slot, unsigned long request, void *arg,
			  size_t bytes)
{
	char *at = mmap(NULL, 4 * w->page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0), *end = at + 3 * w->page;
	long ret;

	if (at == MAP_FAILED)
		return -errno;
	munmap(end, w->page);
	memcpy(end - bytes, arg, bytes);
	ret = fuzz_result(ioctl(fuzz_fd(w, slot), request, end - bytes));
	munmap(at, 3 * w->page);
	return ret;
}

long fuzz_ioctl(struct fuzz_world *w, __u64 slot, unsigned long request, void *arg, size_t size,
		__u64 twist)
{
	const unsigned int how = twist % FUZZ_TWISTS;
	const size_t at = twist / 8 % plain_bytes(request, size);
	char room[8192] = { 0 };

	*(__u32 *)arg = size;
	if (!twist)
		return fuzz_result(ioctl(fuzz_fd(w, slot), request, arg));
	if (size > sizeof(room) - 64)
		return -E2BIG;
	memcpy(room, arg, size);
	switch (how) {
	case 0:	/* as a later version, with something new */
		*(__u32 *)room = size + 8;
		room[size + twist / 8 % 8] = twist / 64;
		break;
	case 1:	/* as a later version that is not used */
		*(__u32 *)room = size + 32;
		break;
	case 2:
		*(__u32 *)room = twist / 8;
		break;
	case 3:	/* a byte of some field */
		room[at] ^= twist / 64 + 1;
		break;
	case 4:	/* ends in the middle: the rest cannot be read */
		return ioctl_at_edge(w, slot, request, arg, 4 + at % (size - 4));
	default: /* FUZZ_TWIST_REGION */
		return ioctl_in_region(w, slot, request, arg, size, twist);
	}
	return fuzz_result(ioctl(fuzz_fd(w, slot), request, room));
}

static long call_open(struct fuzz_world *w, const __u64 *a)
{
	int fd = faultlab_open();

	if (fd >= 0)
		fuzz_set_fd(w, a[0], fd);
	return fd;
}

static long call_share(struct fuzz_world *w, const __u64 *a)
{
	int fd = w->alone ? faultlab_open() : fcntl(w->shared, F_DUPFD_CLOEXEC, 3);

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

/* Leaves out, one after the other, what makes a rule invalid, so that most are valid. */
static void mend_rule(struct faultlab_rule *rule)
{
	const bool falls_back = rule->verdict == FAULTLAB_VERDICT_FALLBACK;

	if ((rule->verdict == FAULTLAB_VERDICT_OOM || rule->verdict == FAULTLAB_VERDICT_NOPAGE) &&
	    !rule->times)
		rule->times = 1 + rule->every % 5;
	if (!faultlab_rule_check(rule, NULL))
		return;
	rule->flags = 0;
	if (!faultlab_rule_check(rule, NULL))
		return;
	rule->access = falls_back ? FAULTLAB_ACCESS_AROUND | FAULTLAB_ACCESS_HUGE : 0;
	if (!faultlab_rule_check(rule, NULL))
		return;
	rule->delay_kind = FAULTLAB_DELAY_FIXED;
	rule->delay_us = 0;
	rule->delay_max_us = 0;
}

static long call_rule(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_rule rule[3] = { {
		.verdict = a[2],
		.access = a[3],
		.offset = a[4] * w->page,
		.length = a[5] == 1 ? FAULTLAB_TO_END : a[5] * w->page,
		.delay_kind = a[6],
		.delay_us = a[6] == FAULTLAB_DELAY_GATE ? 0 : a[7],
		.delay_max_us = a[6] == FAULTLAB_DELAY_UNIFORM ? a[7] * 2 : 0,
		.every = a[8],
		.times = a[9],
		.probability = a[10] ? FAULTLAB_ALWAYS / (a[10] + 1) : 0,
		.flags = a[11],
		.seed = a[4],
	} };
	struct faultlab_rules rules = {
		.op = a[1],
		.nr = 1 + a[12] % 3,
		.rule_size = sizeof(*rule),
		.rules = (uintptr_t)rule,
	};
	unsigned int i;

	if (a[12] != 11)
		mend_rule(rule);
	for (i = 1; i < rules.nr; i++) {
		rule[i] = rule[0];
		rule[i].offset += i * w->page;
	}
	return fuzz_ioctl(w, a[0], FAULTLAB_IOC_RULE, &rules, sizeof(rules), a[13]);
}

static long call_rules_clear(struct fuzz_world *w, const __u64 *a)
{
	return faultlab_rules(fuzz_fd(w, a[0]), FAULTLAB_RULE_SET, NULL, 0);
}

static long call_rules_read(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_rule rule[12];
	struct faultlab_rules rules = {
		.nr = a[1] <= ARRAY_SIZE(rule) ? a[1] : ARRAY_SIZE(rule),
		.rule_size = sizeof(*rule),
		.rules = (uintptr_t)rule,
	};

	return fuzz_ioctl(w, a[0], FAULTLAB_IOC_RULES_READ, &rules, sizeof(rules), a[2]);
}

static long call_gate(struct fuzz_world *w, const __u64 *a)
{
	const bool counts = a[1] == FAULTLAB_GATE_PASS || a[1] == FAULTLAB_GATE_AWAIT;
	struct faultlab_gate gate = {
		.op = a[1],
		.nr = counts ? a[2] : 0,
		.timeout_us = a[1] == FAULTLAB_GATE_AWAIT ? a[3] % 20000 : 0,
	};

	long ret = fuzz_ioctl(w, a[0], FAULTLAB_IOC_GATE, &gate, sizeof(gate), a[4]);

	/* No fault came to the gate in time: what AWAIT is for. */
	return ret == -ETIMEDOUT ? 0 : ret;
}

static long call_evict(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_evict evict = {
		.offset = a[1] * w->page,
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
	unsigned int i;

	for (i = 0; !ret && !a[2] && i < FAULTLAB_NR_STATS; i++)
		if ((__s64)stats.value[i] < 0)
			fuzz_fail(w, "stats: %s is %lld", faultlab_stat_name(i),
				  (__s64)stats.value[i]);
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
static const struct fuzz_word verdicts[] = { FAULTLAB_VERDICTS(FUZZ_ROW_VERDICT) };
static const struct fuzz_word rule_flags[] = { FAULTLAB_RULE_FLAGS(FUZZ_ROW_RULE) };

/* The kind decides which flags are valid: sets of them, and each alone. */
static const struct fuzz_word region_flags[] = {
	{ "0", 0 }, FAULTLAB_REGION_FLAGS(FUZZ_ROW_REGION)
};

static const struct fuzz_word accesses[] = {
	{ "0", 0 }, FAULTLAB_ACCESSES(FUZZ_ROW_ACCESS)
};

/* At a gate a program waits until it is killed, if no other lane opens it. */
static const struct fuzz_word delays[] = {
	{ "fixed", FAULTLAB_DELAY_FIXED }, { "fixed", FAULTLAB_DELAY_FIXED },
	{ "fixed", FAULTLAB_DELAY_FIXED }, { "fixed", FAULTLAB_DELAY_FIXED },
	{ "fixed", FAULTLAB_DELAY_FIXED }, { "fixed", FAULTLAB_DELAY_FIXED },
	{ "uniform", FAULTLAB_DELAY_UNIFORM },
	{ "exponential", FAULTLAB_DELAY_EXPONENTIAL }, { "gate", FAULTLAB_DELAY_GATE },
};

/* Mostly none; one is longer than a program may run, so that it is killed in it. */
static const struct fuzz_word times[] = {
	{ "0", 0 }, { "0", 0 }, { "0", 0 }, { "0", 0 }, { "0", 0 }, { "0", 0 }, { "0", 0 },
	{ "0", 0 }, { "1us", 1 }, { "100us", 100 }, { "1ms", 1000 }, { "20ms", 20000 },
	{ "10s", 10000000 },
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

static const struct fuzz_word rule_ops[] = {
	{ "set", FAULTLAB_RULE_SET }, { "add", FAULTLAB_RULE_ADD },
};

static const struct fuzz_word gate_ops[] = {
	{ "pass", FAULTLAB_GATE_PASS }, { "open", FAULTLAB_GATE_OPEN },
	{ "close", FAULTLAB_GATE_CLOSE }, { "await", FAULTLAB_GATE_AWAIT },
};

static const struct fuzz_word evict_flags[] = {
	{ "0", 0 }, { "drop", FAULTLAB_EVICT_DROP }, { "cows", FAULTLAB_EVICT_COWS },
};

static const struct fuzz_word stats_flags[] = { { "0", 0 }, { "reset", FAULTLAB_STATS_RESET } };

#define FD	{ "fd", FUZZ_FD }
#define TWIST	{ "twist", FUZZ_TWIST }

static const struct fuzz_call calls[] = {
	{ "open", 20, false, false, false, false, call_open, { FD } },
	{ "share", 20, false, false, false, true, call_share, { FD } },
	{ "dup", 8, false, false, false, false, call_dup, { FD, { "to", FUZZ_FD } } },
	{ "close", 10, false, false, false, false, call_close, { FD } },
	{ "pass", 8, false, false, false, false, call_pass,
	  { FD, { "to", FUZZ_FD }, { "left", FUZZ_SMALL } } },
	{ "config", 18, true, false, false, false, call_config,
	  { FD, { "kind", FUZZ_ONE, FUZZ_WORDS(kinds) },
	    { "flags", FUZZ_SET, FUZZ_WORDS(region_flags) },
	    { "pages", FUZZ_ONE, FUZZ_WORDS(sizes) }, { "order", FUZZ_ONE, FUZZ_WORDS(orders) },
	    { "around", FUZZ_SMALL }, { "cache", FUZZ_ONE, FUZZ_WORDS(caches) }, TWIST,
	    { "odd", FUZZ_RARELY } } },
	{ "info", 30, true, false, false, false, call_info, { FD, TWIST } },
	{ "features", 30, true, false, false, false, call_features,
	  { FD, { "kind", FUZZ_ONE, FUZZ_WORDS(kinds) }, TWIST } },
	{ "rule", 40, true, false, true, false, call_rule,
	  { FD, { "op", FUZZ_ONE, FUZZ_WORDS(rule_ops) },
	    { "verdict", FUZZ_ONE, FUZZ_WORDS(verdicts) },
	    { "access", FUZZ_SET, FUZZ_WORDS(accesses) }, { "first", FUZZ_PAGE },
	    { "pages", FUZZ_PAGES }, { "delay", FUZZ_ONE, FUZZ_WORDS(delays) },
	    { "us", FUZZ_ONE, FUZZ_WORDS(times) }, { "every", FUZZ_SMALL },
	    { "times", FUZZ_SMALL }, { "rarely", FUZZ_SMALL },
	    { "flags", FUZZ_SET, FUZZ_WORDS(rule_flags) }, { "more", FUZZ_SMALL }, TWIST } },
	{ "rules_clear", 20, false, false, false, false, call_rules_clear, { FD } },
	{ "rules_read", 30, true, false, false, false, call_rules_read,
	  { FD, { "nr", FUZZ_SMALL }, TWIST } },
	{ "gate", 35, true, false, false, false, call_gate,
	  { FD, { "op", FUZZ_ONE, FUZZ_WORDS(gate_ops) }, { "nr", FUZZ_SMALL },
	    { "us", FUZZ_NUMBER }, TWIST } },
	{ "evict", 50, true, false, false, false, call_evict,
	  { FD, { "first", FUZZ_PAGE }, { "pages", FUZZ_PAGES },
	    { "flags", FUZZ_SET, FUZZ_WORDS(evict_flags) }, TWIST } },
	{ "unplug", 25, true, false, true, false, call_unplug, { FD, TWIST } },
	{ "stats", 30, true, false, false, false, call_stats,
	  { FD, { "flags", FUZZ_ONE, FUZZ_WORDS(stats_flags) }, TWIST } },
	{ "ioctl", 10, false, false, true, false, call_ioctl,
	  { FD, { "nr", FUZZ_SMALL }, { "bytes", FUZZ_NUMBER }, { "fill", FUZZ_NUMBER } } },
};

FUZZ_CALLS(device);
