// SPDX-License-Identifier: GPL-2.0-only
/*
 * The debugfs files of a region: a read or write whose user buffer faults for ever
 * blocks nobody else, and the region can end meanwhile. userfaultfd makes the buffer
 * fault; FUSE, NFS or a broken disk could do the same.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/fault/kill.h"
#include "lib/sys.h"

/* A thread in read() or write() of a file. */
struct user {
	int file;
	const char *command;	/* to write; NULL: it reads */
	char *slow;		/* a page that is missing until let_go() fills it */
	pthread_t thread;
	ssize_t got;		/* what the call returned, or -errno */
};

/* A thread in close() of a region. */
struct closer {
	int fd;
	pthread_t thread;
	bool done;
};

FIXTURE(debugfs_slow)
{
	int uffd;
	int fd;
	char dir[64];		/* the region's */
	char *slow;
};

/* A region whose files all have some content. */
static int make_region(FIXTURE_DATA(debugfs_slow) * self)
{
	const struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SIGBUS, 0);

	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 4);
	if (self->fd < 0)
		return self->fd;
	return faultlab_rule(self->fd, FAULTLAB_RULE_ADD, &rule) ?:
	       tlib_region_dir(self->fd, self->dir, sizeof(self->dir));
}

FIXTURE_SETUP(debugfs_slow)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	ASSERT_EQ(0, make_region(self));
	self->slow = mmap(NULL, tlib_page_size(), TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->slow);
	self->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	ASSERT_LE(0, self->uffd);
	ASSERT_EQ(0, ioctl(self->uffd, UFFDIO_API, &api));
	reg.range.start = (uintptr_t)self->slow;
	reg.range.len = tlib_page_size();
	ASSERT_EQ(0, ioctl(self->uffd, UFFDIO_REGISTER, &reg));
}

FIXTURE_TEARDOWN(debugfs_slow)
{
	close(self->uffd);
	munmap(self->slow, tlib_page_size());
}

static void *use(void *arg)
{
	struct user *u = arg;

	u->got = u->command ? write(u->file, u->slow, strlen(u->command)) :
			      read(u->file, u->slow, 2);
	if (u->got < 0)
		u->got = -errno;
	return NULL;
}

static void *end(void *arg)
{
	struct closer *c = arg;

	close(c->fd);
	__atomic_store_n(&c->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/*
 * Whether close() of the region returns while the other thread still waits for the missing
 * page. The time limit is for hangs.
 */
static bool ends(struct closer *c)
{
	const struct timespec ms = { .tv_nsec = NSEC_PER_MS };
	time_t until = time(NULL) + TLIB_HANG_S;

	while (!__atomic_load_n(&c->done, __ATOMIC_ACQUIRE) && time(NULL) < until)
		nanosleep(&ms, NULL);
	return __atomic_load_n(&c->done, __ATOMIC_ACQUIRE);
}

/* Whether the thread faults on the missing page, as reported by userfaultfd. */
static bool is_stuck(int uffd)
{
	struct pollfd poll_fd = { .fd = uffd, .events = POLLIN };
	struct uffd_msg msg;

	return poll(&poll_fd, 1, TLIB_HANG_S * 1000) == 1 &&
	       read(uffd, &msg, sizeof(msg)) == sizeof(msg) &&
	       msg.event == UFFD_EVENT_PAGEFAULT;
}

/* Fill the missing page. */
static int let_go(int uffd, char *slow, const char *text)
{
	char *page = calloc(1, tlib_page_size());
	struct uffdio_copy copy = {
		.dst = (uintptr_t)slow, .src = (uintptr_t)page, .len = tlib_page_size(),
	};
	int err;

	strcpy(page, text);
	err = ioctl(uffd, UFFDIO_COPY, &copy) ? -errno : 0;
	free(page);
	return err;
}

/*
 * A valid command for each file that takes one; NULL for a file unknown to this test.
 */
static const char *command_of(const char *name)
{
	static const char *const commands[][2] = {
		{ "rules", "sigbus\n" }, { "latency", "1\n" }, { "evict", "drop\n" },
		{ "unplug", "1\n" }, { "gate", "open\n" }, { "reset", "1\n" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i][0], name))
			return commands[i][1];
	return NULL;
}

/*
 * Close the region while a thread hangs in the file, and open a new region afterwards.
 */
static void end_meanwhile(struct __test_metadata *_metadata,
			  FIXTURE_DATA(debugfs_slow) * self, const char *name,
			  const char *command)
{
	struct user user = { .command = command, .slow = self->slow };
	struct closer closer = { .fd = self->fd };
	char byte;

	TH_LOG("%s %s", command ? "write" : "read", name);
	user.file = open(tlib_text("%s/%s", self->dir, name),
			 (command ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	ASSERT_LE(0, user.file);
	ASSERT_EQ(0, pthread_create(&user.thread, NULL, use, &user));
	ASSERT_TRUE(is_stuck(self->uffd));
	ASSERT_EQ(0, pthread_create(&closer.thread, NULL, end, &closer));
	EXPECT_TRUE(ends(&closer));
	ASSERT_EQ(0, let_go(self->uffd, self->slow, command ?: ""));
	pthread_join(user.thread, NULL);
	pthread_join(closer.thread, NULL);
	/*
	 * The read() that hung returns the text that was formatted before. A write(), and
	 * a further read(), fail, as the region has ended.
	 */
	EXPECT_EQ(command ? -EIO : 2, user.got);
	if (!command) {
		EXPECT_EQ(-1, pread(user.file, &byte, 1, 0));
		EXPECT_EQ(EIO, errno);
	}
	EXPECT_EQ(-1, access(self->dir, F_OK));
	close(user.file);

	ASSERT_EQ(0, madvise(self->slow, tlib_page_size(), MADV_DONTNEED));
	ASSERT_EQ(0, make_region(self));
}

/* List the files that exist, so that a file added later is tested as well. */
static unsigned int list_files(const char *dir, char name[][32], mode_t mode[], unsigned int max)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	unsigned int nr = 0;
	struct stat st;

	while (d && nr < max && (entry = readdir(d))) {
		if (entry->d_type != DT_REG)
			continue;
		snprintf(name[nr], sizeof(name[nr]), "%.31s", entry->d_name);
		if (!fstatat(dirfd(d), entry->d_name, &st, 0))
			mode[nr++] = st.st_mode;
	}
	if (d)
		closedir(d);
	return nr;
}

TEST_F(debugfs_slow, a_region_closes_while_a_read_or_write_of_its_files_is_stuck)
{
	unsigned int i, nr, used = 0;
	char name[32][32];
	mode_t mode[32];

	nr = list_files(self->dir, name, mode, ARRAY_SIZE(name));
	for (i = 0; i < nr; i++) {
		if (mode[i] & 0400) {
			end_meanwhile(_metadata, self, name[i], NULL);
			used++;
		}
		if (mode[i] & 0200) {
			ASSERT_NE(NULL, command_of(name[i]));
			end_meanwhile(_metadata, self, name[i], command_of(name[i]));
			used++;
		}
	}
	/*
	 * stats, cpus, rules, latency, vmas, evict, unplug, gate, reset: nine files, three of
	 * which are both read and written.
	 */
	EXPECT_LE(12U, used);
	close(self->fd);
}

TEST_HARNESS_MAIN
