// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything that a task can read about its own region, byte by byte: replies of ioctls,
 * records, files of debugfs and of /proc. Without CAP_SYS_ADMIN none of it holds the number
 * of a frame of the region, or a kernel address; with it, some does, or the search would be
 * wrong. test_may_see has the interfaces that are refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <pagemap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/record/record.h"
#include "lib/space.h"
#include "lib/sys.h"
#include "lib/tlib.h"
#include "lib/secret/viewer.h"

#define PAGES		16
#define SLOTS		256
#define ENTRIES		4096
#define ITEMS		32
#define ROOM		(2UL << 20)
#define KERNEL_FROM	0xff00000000000000ULL	/* below all kernel addresses, also with la57 */
#define KERNEL_TO	0xffffffffff600000ULL	/* vsyscall, which is in each maps; -errno; ~0 */
#define TEXT_FROM	0xffffffff80000000ULL	/* code of the kernel and of modules */
#define TEXT_TO		0xffffffffc3000000ULL
#define OTHER_PAGES	1024
#define TRIES		3

/* Items that root must find something in. */
#define RECORDS		"records"
#define REGION_ENTRIES	"entries of the region"
#define REGION_RUNS	"runs of the region"
#define PAGEMAP		"pagemap"

/* What the task has read, in parts; shared with the process that searches it. */
struct output {
	unsigned int id;
	char *at;
	pid_t pid;
	unsigned int nr;
	size_t used;
	struct {
		const char *name;
		size_t from;
		size_t bytes;
		bool text;
	} item[ITEMS];
	char bytes[ROOM];
};

/* Room for an item; it is cut to what the caller then sets as its size. */
static void *begin_item(struct output *o, const char *name, size_t bytes)
{
	if (o->nr == ITEMS || bytes > ROOM - o->used)
		_exit(20);
	o->item[o->nr].name = name;
	o->item[o->nr].from = o->used;
	return o->bytes + o->used;
}

static void end_item(struct output *o, ssize_t bytes, bool text)
{
	if (bytes < 0)
		bytes = 0;
	o->item[o->nr].bytes = bytes;
	o->item[o->nr].text = text;
	o->used += (bytes + 7) / 8 * 8;
	o->nr++;
}

#define ADD_STRUCT(o, name, type, call) do {						\
	type *reply = begin_item(o, name, sizeof(*reply));				\
	end_item(o, (call) ? 0 : sizeof(*reply), false);				\
} while (0)

static void add_structs(struct output *o, int fd)
{
	struct faultlab_recording *recording;
	unsigned int kind;
	size_t nr = 4;

	ADD_STRUCT(o, "INFO", struct faultlab_info, faultlab_info(fd, reply));
	for (kind = 0; kind < FAULTLAB_NR_KINDS; kind++)
		ADD_STRUCT(o, "FEATURES", struct faultlab_features,
			   faultlab_features(fd, kind, reply));
	ADD_STRUCT(o, "STATS", struct faultlab_stats, faultlab_stats(fd, reply));
	ADD_STRUCT(o, "LATENCY", struct faultlab_latency, faultlab_latency(fd, 0, 0, 0, reply));
	ADD_STRUCT(o, "GATE", __u32, faultlab_gate(fd, FAULTLAB_GATE_PASS, 0, 0, reply));
	recording = begin_item(o, "RECORD", sizeof(*recording));
	end_item(o, faultlab_records_state(fd, recording) ? 0 : sizeof(*recording), false);
	end_item(o, faultlab_rules_read(fd, begin_item(o, "RULES_READ",
						       nr * sizeof(struct faultlab_rule)),
					&nr) ? 0 : nr * sizeof(struct faultlab_rule), false);
}

/* The records of a walk, and the request as it comes back. */
static void add_walk(struct output *o, int fd, const char *name, struct faultlab_walk walk)
{
	struct faultlab_walk *request = begin_item(o, "WALK", sizeof(*request));

	end_item(o, sizeof(*request), false);
	*request = walk;
	request->size = sizeof(*request);
	request->entries = (uintptr_t)begin_item(o, name, walk.nr * walk.record_size);
	if (ioctl(fd, FAULTLAB_IOC_WALK, request))
		request->nr = 0;
	end_item(o, request->nr * walk.record_size, false);
}

/* Of the region alone, and of the whole address space. */
static void add_walks(struct output *o, int fd)
{
	struct faultlab_walk entries = {
		.form = FAULTLAB_WALK_ENTRIES, .flags = TLIB_WALK_ALL,
		.start = (uintptr_t)o->at, .end = (uintptr_t)tlib_at(o->at, PAGES),
		.record_size = sizeof(struct faultlab_walk_entry), .nr = ENTRIES,
	}, runs = {
		.form = FAULTLAB_WALK_RUNS, .flags = FAULTLAB_WALK_HOLES,
		.start = (uintptr_t)o->at, .end = (uintptr_t)tlib_at(o->at, PAGES),
		.record_size = sizeof(struct faultlab_walk_run), .nr = ENTRIES,
	}, counts = {
		.form = FAULTLAB_WALK_COUNTS, .end = TLIB_EVERYWHERE,
		.record_size = sizeof(struct faultlab_walk_counts), .nr = ENTRIES / 16,
	};

	add_walk(o, fd, REGION_ENTRIES, entries);
	add_walk(o, fd, REGION_RUNS, runs);
	entries.start = 0;
	entries.end = TLIB_EVERYWHERE;
	runs.start = 0;
	runs.end = TLIB_EVERYWHERE;
	add_walk(o, fd, "entries", entries);
	add_walk(o, fd, "runs", runs);
	add_walk(o, fd, "counts", counts);
}

static void add_file(struct output *o, const char *name, const char *path)
{
	const size_t room = ROOM / 16;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *to = begin_item(o, name, room);
	ssize_t n = 0, all = 0;

	while (fd >= 0 && all < (ssize_t)room && (n = read(fd, to + all, room - all)) > 0)
		all += n;
	if (fd >= 0)
		close(fd);
	end_item(o, all, true);
}

static void add_files(struct output *o)
{
	static const char * const files[] = { "debugfs region stats", "debugfs region cpus",
					      "debugfs region rules", "debugfs region gate" };
	unsigned int i;

	add_file(o, "debugfs stats", FAULTLAB_DEBUGFS "/stats");
	add_file(o, "debugfs regions", FAULTLAB_DEBUGFS "/regions");
	for (i = 0; i < ARRAY_SIZE(files); i++)
		add_file(o, files[i], tlib_text(FAULTLAB_DEBUGFS "/region/%u/%s", o->id,
						strrchr(files[i], ' ') + 1));
	add_file(o, "smaps", "/proc/self/smaps");
	end_item(o, tlib_pagemap_words(0, (uintptr_t)o->at,
				       begin_item(o, PAGEMAP, PAGES * sizeof(__u64)), PAGES) *
			    (ssize_t)sizeof(__u64), false);
}

static void add_all(struct output *o, int fd)
{
	struct faultlab_record *records = begin_item(o, RECORDS, SLOTS * sizeof(*records));

	end_item(o, faultlab_records_read(fd, records, SLOTS) * (ssize_t)sizeof(*records), false);
	add_structs(o, fd);
	add_walks(o, fd);
	add_files(o);
}

FIXTURE(output)
{
	struct output *output;
	char node[64];
	__u64 pfn[PAGES];
};

FIXTURE_VARIANT(output)
{
	enum tlib_viewer viewer;
	enum faultlab_kind kind;
};

#define READ_BY(v, k) FIXTURE_VARIANT_ADD(output, of_kind_##k##_read_by_##v) \
	{ .viewer = TLIB_VIEWER_##v, .kind = FAULTLAB_KIND_##k }

READ_BY(ROOT, PAGE);
READ_BY(ROOT, PFN);
READ_BY(BARE, PAGE);
READ_BY(BARE, PFN);
READ_BY(USER, PAGE);
READ_BY(USER, PFN);
READ_BY(USER, REMAP);
READ_BY(USER, MIXED);
READ_BY(CONTAINED, PAGE);
READ_BY(CONTAINED, PFN);

FIXTURE_SETUP(output)
{
	if (!tlib_viewer_exists(variant->viewer))
		SKIP(return, TLIB_NO_USER_NS);
	self->output = mmap(NULL, sizeof(*self->output), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->output);
	ASSERT_EQ(0, tlib_node_add(self->node, sizeof(self->node)));
	/* Free pages are kept for each CPU: see take_frames(). */
	ASSERT_EQ(0, tlib_pin(0));
}

FIXTURE_TEARDOWN(output)
{
	unlink(self->node);
}

/*
 * The task that reads: opens a region with its own privileges, touches it, and reads all it
 * can. Meanwhile root sets a rule with `stack`, and looks which frames the pages have.
 */
static int read_output(struct _test_data_output *self, enum tlib_viewer viewer,
		       enum faultlab_kind kind, struct tlib_peer *peer)
{
	struct output *o = self->output;
	struct faultlab_info info;
	int fd;

	/* The change of the uid has given the files in /proc/self to root: take them back. */
	if (tlib_become(viewer) || prctl(PR_SET_DUMPABLE, 1))
		return 1;
	fd = open(self->node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || faultlab_config(fd, kind, 0, PAGES * TLIB_PAGE) || faultlab_info(fd, &info))
		return 2;
	if (faultlab_records_start_with(fd, SLOTS, 0, FAULTLAB_RECORDING_VMAS) ||
	    faultlab_latency_start(fd, 0))
		return 3;
	o->id = info.id;
	o->pid = getpid();
	if (tlib_peer_nudge(peer) || tlib_peer_await(peer))
		return 4;
	o->at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	if (!o->at)
		return 5;
	memset(o->at, 1, PAGES * TLIB_PAGE);
	if (tlib_peer_nudge(peer) || tlib_peer_await(peer))
		return 6;
	add_all(o, fd);
	return 0;
}

/* Have the task read, and find out the frames of its region. 0 or -errno. */
static int collect(struct _test_data_output *self, const struct _fixture_variant_output *variant)
{
	struct output *o = self->output;
	int fd = faultlab_open(), err = 0;
	struct tlib_peer peer;
	unsigned int i;

	memset(o, 0, sizeof(*o));
	if (tlib_peer_fork(&peer) < 0)
		return -errno;
	if (!peer.pid)
		_exit(read_output(self, variant->viewer, variant->kind, &peer));
	err = tlib_peer_await(&peer) ?:
	      tlib_write_text(tlib_text(FAULTLAB_DEBUGFS "/region/%u/rules", o->id),
			      "serve stack\n") ?:
	      tlib_peer_nudge(&peer) ?: tlib_peer_await(&peer);
	for (i = 0; i < PAGES && !err; i++) {
		self->pfn[i] = tlib_entry(fd, o->pid, tlib_at(o->at, i)).pfn;
		err = self->pfn[i] ? 0 : -ENODATA;
	}
	if (!err)
		err = tlib_peer_nudge(&peer);
	close(fd);
	return tlib_peer_join(&peer) ?: err;
}

/* What root must find in an item; none of it is for others. */
static const struct expected {
	const char *name;
	int frames;		/* at least */
	bool addresses;
} expected[] = {
	{ REGION_ENTRIES, .frames = PAGES },
	{ REGION_RUNS, .frames = 1 },	/* a run has the number of its first frame */
	{ PAGEMAP, .frames = PAGES },
	{ RECORDS, .addresses = true },	/* of stacks */
};

static const struct expected *expected_of(const char *name, enum faultlab_kind kind)
{
	static const struct expected nothing;
	unsigned int i;

	/* pagemap shows VM_PFNMAP as a hole: walk_page_test(). */
	if (!strcmp(name, PAGEMAP) && kind != FAULTLAB_KIND_PAGE)
		return &nothing;
	for (i = 0; i < ARRAY_SIZE(expected); i++)
		if (!strcmp(name, expected[i].name))
			return &expected[i];
	return &nothing;
}

/* Files of debugfs are root's. All else is for everybody. */
static bool is_refused(const char *name, enum tlib_viewer viewer)
{
	return !strncmp(name, "debugfs ", 8) && viewer != TLIB_VIEWER_ROOT &&
	       viewer != TLIB_VIEWER_BARE;
}

/* What an item has. */
struct found {
	__u32 frames;		/* a bit for each frame of the region */
	unsigned int addresses;
};

/* The number, the address of the frame with or without bits of an entry, pagemap. */
static __u32 frames_in(const struct _test_data_output *self, __u64 word)
{
	unsigned int i;
	__u32 frames = 0;

	for (i = 0; i < PAGES; i++)
		if (word == self->pfn[i] || (word & PM_PFN) == self->pfn[i] ||
		    word << 12 >> 24 == self->pfn[i])
			frames |= 1U << i;
	return frames;
}

static __u32 frames_in_half(const struct _test_data_output *self, __u32 half)
{
	unsigned int i;
	__u32 frames = 0;

	for (i = 0; i < PAGES; i++)
		if (half == self->pfn[i])
			frames |= 1U << i;
	return frames;
}

/* Each number in a text, read as hexadecimal and as decimal. */
static void check_text(struct found *f, const struct _test_data_output *self, const char *text,
		       size_t bytes)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	char number[24];
	size_t i, len;

	for (i = 0; i < bytes; i += len ?: 1) {
		__u64 value;

		for (len = 0; i + len < bytes && text[i + len] && strchr(digits, text[i + len]);
		     len++)
			;
		if (!len || len >= sizeof(number))
			continue;
		memcpy(number, text + i, len);
		number[len] = '\0';
		value = strtoull(number, NULL, 16);
		f->frames |= frames_in(self, value) |
			     frames_in(self, strtoull(number, NULL, 10));
		f->addresses += value >= KERNEL_FROM && value < KERNEL_TO;
	}
}

/*
 * Words of 4 and of 8 bytes, at each byte. The addresses of data are looked for only where a
 * field of 8 bytes can be: elsewhere the end of one field and the beginning of the next can
 * look like one.
 */
static void check_binary(struct found *f, const struct _test_data_output *self,
			 const char *bytes, size_t nr)
{
	__u64 word;
	__u32 half;
	size_t i;

	for (i = 0; i + sizeof(half) <= nr; i++) {
		memcpy(&half, bytes + i, sizeof(half));
		f->frames |= frames_in_half(self, half);
		if (i + sizeof(word) > nr)
			continue;
		memcpy(&word, bytes + i, sizeof(word));
		f->frames |= frames_in(self, word);
		f->addresses += i % sizeof(word) ? word >= TEXT_FROM && word < TEXT_TO :
						   word >= KERNEL_FROM && word < KERNEL_TO;
	}
}

static struct found search(const struct _test_data_output *self, unsigned int item)
{
	const struct output *o = self->output;
	const char *bytes = o->bytes + o->item[item].from;
	struct found f = { };

	if (o->item[item].text)
		check_text(&f, self, bytes, o->item[item].bytes);
	else
		check_binary(&f, self, bytes, o->item[item].bytes);
	return f;
}

/* Use up frames that a region has just freed, so that the next one gets others. */
static int take_frames(void)
{
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, OTHER_PAGES);
	char *at = fd < 0 ? NULL : tlib_map(fd, TLIB_RW, MAP_SHARED, 0, OTHER_PAGES);

	if (!at)
		return -1;
	memset(at, 1, OTHER_PAGES * TLIB_PAGE);
	return 0;
}

/* The items that have something in each try. */
static bool keep_common(struct found *common, const struct _test_data_output *self, bool first)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < self->output->nr; i++) {
		struct found f = search(self, i);

		if (first || !f.frames)
			common[i].frames = f.frames;
		if (first || !f.addresses)
			common[i].addresses = f.addresses;
		any |= common[i].frames || common[i].addresses;
	}
	return any;
}

/*
 * A time or a counter can have the value of a frame's number by chance. But not each time,
 * with new frames and other times. So what is found in an item must be found in each try.
 */
TEST_F(output, holds_frames_and_kernel_addresses_for_privileged_tasks_only)
{
	bool privileged = variant->viewer == TLIB_VIEWER_ROOT;
	const struct output *o = self->output;
	struct found common[ITEMS] = { };
	unsigned int try, i;
	bool any = true;

	for (try = 0; try < TRIES && any; try++) {
		ASSERT_EQ(0, collect(self, variant));
		any = keep_common(common, self, !try);
		ASSERT_EQ(0, take_frames());
	}
	for (i = 0; i < o->nr; i++) {
		const struct expected *e = expected_of(o->item[i].name, variant->kind);
		int frames = __builtin_popcount(common[i].frames);
		unsigned int addresses = common[i].addresses;

		EXPECT_TRUE(privileged ? frames >= e->frames && addresses >= e->addresses :
					 !frames && !addresses) {
			TH_LOG("%s: %d frames, %u addresses", o->item[i].name, frames, addresses);
		}
		/* Not for lack of output: a call that fails adds nothing. */
		EXPECT_EQ(is_refused(o->item[i].name, variant->viewer), !o->item[i].bytes) {
			TH_LOG("%s: %zu bytes", o->item[i].name, o->item[i].bytes);
		}
	}
}

TEST_HARNESS_MAIN
