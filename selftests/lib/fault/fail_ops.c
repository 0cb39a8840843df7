// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/fault/fail_ops.h"
#include "lib/newer.h"
#include "lib/space.h"
#include "lib/sys.h"

#define STEPS	4	/* mapped of a region, see lib/memory/memory.h */

static size_t bytes_of(const struct tlib_fail_place *p)
{
	return tlib_memory_bytes(p->memory, STEPS);
}

static size_t room_of(const struct tlib_fail_place *p)
{
	return bytes_of(p) + TLIB_PMD_SIZE;
}

int tlib_fail_open(void *arg)
{
	struct tlib_fail_place *p = arg;

	p->map = NULL;
	p->room = NULL;
	p->other = -1;
	p->pair[0] = -1;
	p->pair[1] = -1;
	p->fd = tlib_memory_region(p->memory, STEPS);
	return p->fd < 0 ? p->fd : 0;
}

void tlib_fail_close(void *arg)
{
	struct tlib_fail_place *p = arg;
	int fds[] = { p->fd, p->other, p->pair[0], p->pair[1] };
	unsigned int i;

	if (p->map)
		tlib_memory_unmap(p->memory, p->map, STEPS);
	if (p->room)
		munmap(p->room, room_of(p));
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	p->map = NULL;
	p->room = NULL;
	p->fd = -1;
	p->other = -1;
	p->pair[0] = -1;
	p->pair[1] = -1;
}

/* The operation itself is the mmap(), not what tlib_memory_map() does around it. */
static int map_shared(void *arg)
{
	struct tlib_fail_place *p = arg;
	char *at;

	at = mmap(p->map, bytes_of(p), TLIB_RW, MAP_SHARED | MAP_FIXED, p->fd, 0);
	return at == MAP_FAILED ? -errno : 0;
}

static int open_and_map(void *arg)
{
	struct tlib_fail_place *p = arg;
	int err = tlib_fail_open(p);

	if (err)
		return err;
	p->map = tlib_memory_map(p->memory, p->fd, TLIB_RW, MAP_SHARED, 0, STEPS);
	return p->map ? 0 : -errno;
}

/* A private mapping; where memory cannot be copied, a shared one. */
static int open_and_map_private(void *arg)
{
	struct tlib_fail_place *p = arg;
	int err = tlib_fail_open(p), flags;

	if (err)
		return err;
	flags = tlib_memory_copies(p->memory) ? MAP_PRIVATE : MAP_SHARED;
	p->map = tlib_memory_map(p->memory, p->fd, TLIB_RW, flags, 0, STEPS);
	return p->map ? 0 : -errno;
}

static int map_and_touch(void *arg)
{
	struct tlib_fail_place *p = arg;
	int err = open_and_map(p);

	if (!err)
		tlib_memory_write(p->memory, p->map, STEPS);
	return err;
}

/*
 * Accesses by the kernel, by get_user() and put_user(), in calls that allocate nothing else. An
 * access of user mode is repeated after VM_FAULT_OOM; these return EFAULT. copy_from_user()
 * would not: after a fault it goes on byte by byte, which repeats the access.
 */
static int read_first(void *arg)
{
	struct tlib_fail_place *p = arg;

	return ioctl(p->fd, FIONBIO, p->map) ? -errno : 0;
}

static int write_first(void *arg)
{
	struct tlib_fail_place *p = arg;

	/* The one of glibc writes in user mode (vDSO). */
	return syscall(SYS_getcpu, p->map, NULL, NULL) ? -errno : 0;
}

static int read_then_write(void *arg)
{
	return read_first(arg) ?: write_first(arg);
}

static int user_read(void *arg)
{
	return faultlab_touch_read(((struct tlib_fail_place *)arg)->map, NULL);
}

static int user_write(void *arg)
{
	return faultlab_touch_write(((struct tlib_fail_place *)arg)->map, 1, NULL);
}

static int populate(void *arg)
{
	struct tlib_fail_place *p = arg;

	/* MADV_POPULATE refuses VM_PFNMAP. */
	if (p->memory->pfnmap)
		return 0;
	return madvise(p->map, bytes_of(p), MADV_POPULATE_READ) ? -errno : 0;
}

static int open_mem(void *arg)
{
	struct tlib_fail_place *p = arg;
	int err = open_and_map(p);

	p->other = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	return err ?: p->other < 0 ? -errno : 0;
}

static int peek(void *arg)
{
	struct tlib_fail_place *p = arg;
	char byte;

	return pread(p->other, &byte, 1, (uintptr_t)p->map) == 1 ? 0 : -errno;
}

static int map_with_rule(struct tlib_fail_place *p, const struct faultlab_rule *rule)
{
	return open_and_map(p) ?: faultlab_rule(p->fd, FAULTLAB_RULE_SET, rule);
}

static int map_with_delay(void *arg)
{
	const struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, TLIB_MS);

	return map_with_rule(arg, &rule);
}

/* The gate lets one fault pass, which is still to come. */
static int map_with_gate(void *arg)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 0);

	rule.delay_kind = FAULTLAB_DELAY_GATE;
	return map_with_rule(arg, &rule) ?:
	       faultlab_gate(((struct tlib_fail_place *)arg)->fd, FAULTLAB_GATE_PASS, 1, 0, NULL);
}

/*
 * A write that waits in .page_mkwrite or .pfn_mkwrite, there only or before that in .fault, too.
 * The core allows no retry there, so the wait takes no memory; the fault goes on after it.
 */
#define MKWRITE_MS	20

static int map_with_long_delay(struct tlib_fail_place *p, __u32 access)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, MKWRITE_MS * TLIB_MS);

	rule.access = access;
	return map_with_rule(p, &rule);
}

static int map_with_delays(void *arg)
{
	return map_with_long_delay(arg, 0);
}

static int map_with_delayed_mkwrite(void *arg)
{
	return map_with_long_delay(arg, FAULTLAB_ACCESS_MKWRITE | FAULTLAB_ACCESS_PFN_MKWRITE);
}

/* A write that succeeds has waited so many times, whichever allocation has failed. */
static int write_late(void *arg, unsigned int waits)
{
	const __u64 start = tlib_now();
	int err = write_first(arg);

	return err ?: tlib_now() - start < waits * MKWRITE_MS * NSEC_PER_MS ? -ETIME : 0;
}

static int write_late_twice(void *arg)
{
	return write_late(arg, 2);
}

static int read_then_write_late(void *arg)
{
	return read_first(arg) ?: write_late(arg, 1);
}

static int use_gate(void *arg)
{
	int fd = ((struct tlib_fail_place *)arg)->fd;

	return faultlab_gate(fd, FAULTLAB_GATE_CLOSE, 0, 0, NULL) ?:
	       faultlab_gate(fd, FAULTLAB_GATE_PASS, 1, 0, NULL) ?:
	       faultlab_gate(fd, FAULTLAB_GATE_AWAIT, 0, TLIB_MS, NULL) ?:
	       faultlab_gate(fd, FAULTLAB_GATE_OPEN, 0, 0, NULL);
}

static int evict(void *arg)
{
	return faultlab_evict(((struct tlib_fail_place *)arg)->fd, 0, FAULTLAB_TO_END, 0);
}

static int drop(void *arg)
{
	struct tlib_fail_place *p = arg;

	return faultlab_evict(p->fd, 0, FAULTLAB_TO_END,
			      tlib_memory_drops(p->memory) ? FAULTLAB_EVICT_DROP : 0);
}

static int unplug(void *arg)
{
	return faultlab_unplug(((struct tlib_fail_place *)arg)->fd);
}

static int fork_child(void *arg)
{
	pid_t pid = fork();

	(void)arg;
	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(0);
	return tlib_reap(pid);
}

static int unmap_middle(void *arg)
{
	struct tlib_fail_place *p = arg;
	size_t step = tlib_memory_bytes(p->memory, 1);

	return munmap(p->map + step, step) ? -errno : 0;
}

/* Room to move to, in which a mapping can be as aligned as the largest leaf needs. */
static int map_and_make_room(void *arg)
{
	struct tlib_fail_place *p = arg;

	if (map_and_touch(p))
		return -errno;
	p->room = mmap(NULL, room_of(p), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		       -1, 0);
	if (p->room == MAP_FAILED)
		p->room = NULL;
	return p->room ? 0 : -errno;
}

static int move(void *arg)
{
	struct tlib_fail_place *p = arg;
	uintptr_t to = ((uintptr_t)p->room + TLIB_PMD_SIZE - 1) & ~(TLIB_PMD_SIZE - 1);

	return mremap(p->map, bytes_of(p), bytes_of(p), MREMAP_MAYMOVE | MREMAP_FIXED,
		      (void *)to) == MAP_FAILED ? -errno : 0;
}

/* The region's descriptor is sent to this process itself. */
static int open_pair(void *arg)
{
	struct tlib_fail_place *p = arg;
	int err = tlib_fail_open(p);

	return err ?: socketpair(AF_UNIX, SOCK_STREAM, 0, p->pair) ? -errno : 0;
}

static int pass_descriptor(void *arg)
{
	struct tlib_fail_place *p = arg;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = {
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	} };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.head), &p->fd, sizeof(int));
	if (sendmsg(p->pair[0], &msg, 0) != 1)
		return -errno;
	if (recvmsg(p->pair[1], &msg, MSG_CMSG_CLOEXEC) != 1)
		return -errno;
	if (msg.msg_flags & MSG_CTRUNC)
		return -ENOMEM;
	memcpy(&p->other, CMSG_DATA(&control.head), sizeof(int));
	return 0;
}

static int set_rules(void *arg)
{
	const struct faultlab_rule rules[] = {
		tlib_rule(0, 1, FAULTLAB_VERDICT_SIGBUS, 0),
		tlib_rule(1, 2, FAULTLAB_VERDICT_MAJOR, 0),
		tlib_rule(2, 1, FAULTLAB_VERDICT_RETRY, 0),
	};
	int fd = ((struct tlib_fail_place *)arg)->fd;

	return faultlab_rules(fd, FAULTLAB_RULE_SET, rules, ARRAY_SIZE(rules)) ?:
	       faultlab_rules(fd, FAULTLAB_RULE_ADD, rules, 1);
}

static int open_with_rules(void *arg)
{
	return tlib_fail_open(arg) ?: set_rules(arg);
}

static int request(const struct tlib_fail_place *p, unsigned long request, void *arg)
{
	return ioctl(p->fd, request, arg) ? -errno : 0;
}

static int read_rules(void *arg)
{
	struct faultlab_rule rules[4];
	struct faultlab_rules read = {
		.size = sizeof(read),
		.nr = ARRAY_SIZE(rules),
		.rule_size = sizeof(rules[0]),
		.rules = (uintptr_t)rules,
	};

	return request(arg, FAULTLAB_IOC_RULES_READ, &read);
}

static int record(void *arg)
{
	struct faultlab_recording recording = {
		.size = sizeof(recording), .op = FAULTLAB_RECORD_START, .slots = 16,
	};

	return request(arg, FAULTLAB_IOC_RECORD, &recording);
}

static int observe(void *arg)
{
	struct faultlab_recording recording = {
		.size = sizeof(recording), .op = FAULTLAB_RECORD_START,
	};

	return request(arg, FAULTLAB_IOC_OBSERVE, &recording);
}

static int latency(void *arg)
{
	struct faultlab_latency show = {
		.size = sizeof(show), .op = FAULTLAB_LATENCY_START,
	};
	int err = request(arg, FAULTLAB_IOC_LATENCY, &show);

	show = (struct faultlab_latency){ .size = sizeof(show), .op = FAULTLAB_LATENCY_RESET };
	return err ?: request(arg, FAULTLAB_IOC_LATENCY, &show);
}

/* Each form, with and without what takes a second buffer. */
static char records[1 << 16], pages[1 << 16];

/* The buffers have pages: a walk that cannot write to them is EFAULT. */
static int map_and_clear(void *arg)
{
	memset(records, 0, sizeof(records));
	memset(pages, 0, sizeof(pages));
	return map_and_touch(arg);
}

static int walk(struct tlib_fail_place *p, struct faultlab_walk walk)
{
	walk.size = sizeof(walk);
	walk.entries = (uintptr_t)records;
	if (!(walk.flags & FAULTLAB_WALK_KERNEL)) {
		walk.start = (uintptr_t)p->map;
		walk.end = (uintptr_t)p->map + bytes_of(p);
	}
	return request(p, FAULTLAB_IOC_WALK, &walk);
}

#define WALK(name, ...)									\
	static int walk_##name(void *arg)						\
	{										\
		return walk(arg, (struct faultlab_walk){ __VA_ARGS__ });		\
	}

#define RECORD(type)									\
	.record_size = sizeof(struct type), .nr = sizeof(records) / sizeof(struct type)

#define PAGES										\
	.flags = FAULTLAB_WALK_PAGES, .pages = (uintptr_t)pages,			\
	.page_size = sizeof(struct faultlab_walk_page)
#define KERNEL										\
	.flags = FAULTLAB_WALK_KERNEL, .start = 0xffffffff80000000ULL, .end = 0xffffffff90000000ULL

_Static_assert(sizeof(struct faultlab_walk_page) <= sizeof(struct faultlab_walk_entry),
	       "there is room for as many pages as entries");

WALK(entries, .form = FAULTLAB_WALK_ENTRIES, RECORD(faultlab_walk_entry))
WALK(all, .form = FAULTLAB_WALK_ENTRIES, .flags = TLIB_WALK_ALL, RECORD(faultlab_walk_entry))
WALK(pages, .form = FAULTLAB_WALK_ENTRIES, PAGES, RECORD(faultlab_walk_entry))
WALK(kernel, .form = FAULTLAB_WALK_ENTRIES, KERNEL, RECORD(faultlab_walk_entry))
WALK(runs, .form = FAULTLAB_WALK_RUNS, RECORD(faultlab_walk_run))
WALK(raw, .form = FAULTLAB_WALK_RAW, .record_size = sizeof(__u64), .nr = 4096)
WALK(counts, .form = FAULTLAB_WALK_COUNTS, RECORD(faultlab_walk_counts))

/*
 * Files in debugfs. The path is made by what prepares the operation, as it takes an ioctl.
 * A name that begins with "/" is of all regions.
 */
static char path[128];

static int prepare_file(struct tlib_fail_place *p, const char *name)
{
	int err = map_and_clear(p);

	if (*name == '/')
		snprintf(path, sizeof(path), FAULTLAB_DEBUGFS "%s", name);
	else if (!err)
		err = tlib_region_dir(p->fd, path, sizeof(path) - 16);
	if (!err && *name != '/')
		strcat(strcat(path, "/"), name);
	return err;
}

static int read_path(void *arg)
{
	ssize_t n = tlib_read_text(path, records, TLIB_TEXT_MAX);

	return n < 0 ? n : 0;
}

#define FILE_OF(id, name)								\
	static int of_##id(void *arg)							\
	{										\
		return prepare_file(arg, name);						\
	}

FILE_OF(stats, "stats")
FILE_OF(cpus, "cpus")
FILE_OF(vmas, "vmas")
FILE_OF(rules, "rules")
FILE_OF(latency, "latency")
FILE_OF(gate, "gate")
FILE_OF(evict, "evict")
FILE_OF(unplug, "unplug")
FILE_OF(reset, "reset")
FILE_OF(all_stats, "/stats")
FILE_OF(all_regions, "/regions")
FILE_OF(all_latency, "/latency")
FILE_OF(all_records, "/records")
FILE_OF(all_reset, "/reset")
FILE_OF(all_walk, "/walk")

#define WRITE_OF(id, text)								\
	static int write_##id(void *arg)						\
	{										\
		return tlib_write_text(path, text);					\
	}

WRITE_OF(rule, "sigbus pages=3 times=1\n")
WRITE_OF(on, "1\n")
WRITE_OF(open, "open\n")
WRITE_OF(line, "\n")
WRITE_OF(evict, "pages=0-1\n")
WRITE_OF(walk, "0 0x1000 0x1000")

/* /latency and /records stay on until they are switched off. */
static void switch_off(void *arg)
{
	tlib_write_text(path, "0\n");
	tlib_fail_close(arg);
}

static bool has_folios(void *arg)
{
	return ((struct tlib_fail_place *)arg)->memory->order;
}

static bool has_huge_fault(void *arg)
{
	return ((struct tlib_fail_place *)arg)->memory->calls & FAULTLAB_CALLS_HUGE_FAULT;
}

static bool has_mkwrite(void *arg)
{
	return ((struct tlib_fail_place *)arg)->memory->calls &
	       (FAULTLAB_CALLS_PAGE_MKWRITE | FAULTLAB_CALLS_PFN_MKWRITE);
}

static bool has_batch(void *arg)
{
	return ((struct tlib_fail_place *)arg)->memory->around > 1;
}

/*
 * What operations do without. The names are of functions that are not inlined: they are
 * called from other files, or by a pointer.
 */
#define SPARE_CELL	TLIB_FAIL_WITHOUT("flab_counters_attach",			\
					  "the VMA counts in the region's spare cell")
#define FIRST_TRY	TLIB_FAIL_WITHOUT(TLIB_FAIL_QUIET,				\
			"anon_vma_clone() and the maple tree try without waiting first")
#define KVMALLOC	TLIB_FAIL_WITHOUT(TLIB_FAIL_QUIET,				\
					  "kvmalloc() of more than a page has vmalloc()")

static const struct tlib_fail_fallback of_open[] = {
	TLIB_FAIL_WITHOUT("flab_debugfs_add_region", "the region lacks files in debugfs"),
	TLIB_FAIL_WITHOUT(TLIB_FAIL_QUIET, "xa_alloc() tries without waiting first"),
	TLIB_FAIL_END
};

static const struct tlib_fail_fallback of_vma[] = { SPARE_CELL, FIRST_TRY, TLIB_FAIL_END };

static const struct tlib_fail_fallback of_move[] = {
	SPARE_CELL,
	FIRST_TRY,
	TLIB_FAIL_WITHOUT("do_vmi_align_munmap", "move_vma() leaves the old VMA, empty"),
	TLIB_FAIL_END
};

static const struct tlib_fail_fallback of_fork[] = {
	SPARE_CELL,
	FIRST_TRY,
	TLIB_FAIL_WITHOUT("idr_preload", "idr_alloc_cyclic() allocates without it"),
	TLIB_FAIL_WITHOUT("alloc_vmap_area", "vmalloc() preloads what it may not need"),
	TLIB_FAIL_WITHOUT("__khugepaged_enter", "khugepaged does not scan the child"),
	TLIB_FAIL_END
};

#define HUGE_FAULT(function)								\
	TLIB_FAIL_WITHOUT_IF(function, ".huge_fault falls back to a page", has_huge_fault)
#define BATCH										\
	TLIB_FAIL_WITHOUT_IF("flab_pfn_provide_window", "the batch leaves out neighbours", \
			     has_batch)

static const struct tlib_fail_fallback of_fault[] = {
	HUGE_FAULT("flab_huge_provide"),
	HUGE_FAULT(TLIB_FAIL_QUIET),
	BATCH,
	TLIB_FAIL_END
};

static const struct tlib_fail_fallback of_populate[] = {
	HUGE_FAULT("flab_huge_provide"),
	HUGE_FAULT(TLIB_FAIL_QUIET),
	BATCH,
	/* If not even the first page gets memory, that is ENOMEM. */
	TLIB_FAIL_WITHOUT("faultin_page_range",
			  "it returns how many pages it has, and is called again for the others"),
	TLIB_FAIL_END
};

static const struct tlib_fail_fallback of_delay[] = {
	HUGE_FAULT("flab_huge_provide"),
	HUGE_FAULT(TLIB_FAIL_QUIET),
	BATCH,
	TLIB_FAIL_WITHOUT("flab_wait", "the fault waits with mmap_lock held"),
	TLIB_FAIL_END
};

/* See tlib_fail_trace_is_user_fault(); an order above 0 is not logged. */
static const struct tlib_fail_fallback of_user[] = {
	HUGE_FAULT("flab_huge_provide"),
	HUGE_FAULT(TLIB_FAIL_QUIET),
	BATCH,
	TLIB_FAIL_WITHOUT_IF(TLIB_FAIL_QUIET, "the access is repeated after VM_FAULT_OOM",
			     has_folios),
	TLIB_FAIL_END
};

static const struct tlib_fail_fallback of_zap[] = {
	TLIB_FAIL_WITHOUT(TLIB_FAIL_QUIET, "mmu_gather frees earlier what it has gathered"),
	TLIB_FAIL_END
};

static const struct tlib_fail_fallback of_kvmalloc[] = { KVMALLOC, TLIB_FAIL_END };

/*
 * An access by the kernel is EFAULT if its fault gets no memory. For a folio of a costly order
 * no OOM killer is started, and the fault is SIGBUS: EFAULT where else it is ENOMEM.
 */
#define OP_IF(applies, name, prepare, run, ...)						\
	{ name, prepare, run, tlib_fail_close, __VA_ARGS__, applies }
#define OP(...)		OP_IF(NULL, __VA_ARGS__)

const struct tlib_fail_op tlib_fail_ops[TLIB_NR_FAIL_OPS] = {
	OP("open and configure", NULL, tlib_fail_open, -ENOMEM, 0, of_open),
	OP("mmap", open_and_map, map_shared, -ENOMEM, 0, of_vma),
	OP("first read", open_and_map, read_first, -EFAULT, 0, of_fault),
	OP("first write", open_and_map, write_first, -EFAULT, 0, of_fault),
	OP("write after read", open_and_map, read_then_write, -EFAULT, 0, of_fault),
	OP("private write", open_and_map_private, write_first, -EFAULT, 0, of_fault),
	OP("private write after read", open_and_map_private, read_then_write, -EFAULT, 0,
	   of_fault),
	OP("read of user mode", open_and_map, user_read, -EFAULT, 0, of_user),
	OP("write of user mode", open_and_map, user_write, -EFAULT, 0, of_user),
	OP("delayed read", map_with_delay, read_first, -EFAULT, 0, of_delay),
	/* Without memory to leave mmap_lock, a fault does not wait at a gate: SIGBUS. */
	OP("read at a gate", map_with_gate, read_first, -EFAULT, 0, of_fault),
	OP_IF(has_mkwrite, "write delayed twice", map_with_delays, write_late_twice, -EFAULT, 0,
	      of_delay),
	OP_IF(has_mkwrite, "delayed mkwrite", map_with_delayed_mkwrite, read_then_write_late,
	      -EFAULT, 0, of_delay),
	OP("gate", tlib_fail_open, use_gate, 0, 0, NULL),
	OP("populate", open_and_map, populate, -ENOMEM, -EFAULT, of_populate),
	/* The page that mem_rw() copies through is ENOMEM. */
	OP("access by /proc/self/mem", open_mem, peek, -EIO, -ENOMEM, of_fault),
	OP("evict", map_and_touch, evict, 0, 0, of_zap),
	OP("drop", map_and_touch, drop, 0, 0, of_zap),
	OP("unplug", map_and_touch, unplug, 0, 0, of_zap),
	OP("fork", map_and_touch, fork_child, -ENOMEM, 0, of_fork),
	OP("munmap of the middle", map_and_touch, unmap_middle, -ENOMEM, 0, of_vma),
	OP("mremap", map_and_make_room, move, -ENOMEM, 0, of_move),
	/* ENOBUFS is of the socket buffer. */
	OP("SCM_RIGHTS", open_pair, pass_descriptor, -ENOMEM, -ENOBUFS, NULL),
	OP("rules", tlib_fail_open, set_rules, -ENOMEM, 0, NULL),
	OP("rules, read", open_with_rules, read_rules, -ENOMEM, 0, NULL),
	OP("record", tlib_fail_open, record, -ENOMEM, 0, NULL),
	OP("observe", tlib_fail_open, observe, -ENOMEM, 0, NULL),
	OP("latency", tlib_fail_open, latency, -ENOMEM, 0, of_kvmalloc),
	OP("walk of entries", map_and_clear, walk_entries, -ENOMEM, 0, NULL),
	OP("walk of tables and holes", map_and_clear, walk_all, -ENOMEM, 0, NULL),
	OP("walk of entries and pages", map_and_clear, walk_pages, -ENOMEM, 0, NULL),
	OP("walk of the kernel half", map_and_clear, walk_kernel, -ENOMEM, 0, NULL),
	OP("walk of runs", map_and_clear, walk_runs, -ENOMEM, 0, NULL),
	OP("walk of raw words", map_and_clear, walk_raw, -ENOMEM, 0, NULL),
	OP("walk that counts", map_and_clear, walk_counts, -ENOMEM, 0, NULL),
	OP("debugfs region/ID/stats", of_stats, read_path, -ENOMEM, 0, NULL),
	OP("debugfs region/ID/cpus", of_cpus, read_path, -ENOMEM, 0, NULL),
	OP("debugfs region/ID/vmas", of_vmas, read_path, -ENOMEM, 0, NULL),
	OP("debugfs region/ID/rules", of_rules, read_path, -ENOMEM, 0, NULL),
	OP("debugfs region/ID/rules, write", of_rules, write_rule, -ENOMEM, 0, of_kvmalloc),
	OP("debugfs region/ID/latency", of_latency, read_path, -ENOMEM, 0, of_kvmalloc),
	OP("debugfs region/ID/latency, write", of_latency, write_on, -ENOMEM, 0, of_kvmalloc),
	OP("debugfs region/ID/gate", of_gate, read_path, -ENOMEM, 0, NULL),
	OP("debugfs region/ID/gate, write", of_gate, write_open, -ENOMEM, 0, NULL),
	OP("debugfs region/ID/evict, write", of_evict, write_evict, -ENOMEM, 0, of_zap),
	OP("debugfs region/ID/unplug, write", of_unplug, write_on, -ENOMEM, 0, of_zap),
	OP("debugfs region/ID/reset, write", of_reset, write_line, -ENOMEM, 0, of_kvmalloc),
	OP("debugfs stats", of_all_stats, read_path, -ENOMEM, 0, NULL),
	OP("debugfs regions", of_all_regions, read_path, -ENOMEM, 0, NULL),
	OP("debugfs latency", of_all_latency, read_path, -ENOMEM, 0, of_kvmalloc),
	{ "debugfs latency, write", of_all_latency, write_on, switch_off, -ENOMEM, 0,
	  of_kvmalloc, NULL },
	OP("debugfs records", of_all_records, read_path, -ENOMEM, 0, NULL),
	{ "debugfs records, write", of_all_records, write_on, switch_off, -ENOMEM, 0, NULL,
	  NULL },
	OP("debugfs reset, write", of_all_reset, write_line, -ENOMEM, 0, of_kvmalloc),
	OP("debugfs walk, write", of_all_walk, write_walk, -ENOMEM, 0, NULL),
	OP("debugfs walk", of_all_walk, read_path, -ENOMEM, 0, NULL),
};
