// SPDX-License-Identifier: GPL-2.0-only
/* Programs of other projects that stress the kernel: see program.h. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "lib/fault/kill.h"
#include "lib/tools/program.h"
#include "lib/sys.h"
#include "util.h"

#define GRACE_S		30	/* from SIGINT to SIGKILL */
#define OUTPUT		"output"
#define CANNOT		126	/* the namespace, the limits or exec() failed */

static int make_node(const struct tlib_program *p, unsigned int nr, dev_t device)
{
	const char *path = tlib_text("%s/nodes/%u", p->dir, nr);

	/* chmod(), as mknod() heeds the umask. */
	return mknod(path, S_IFCHR | 0666, device) || chmod(path, 0666) ? -errno : 0;
}

int tlib_program_setup(struct tlib_program *p)
{
	struct stat device;
	unsigned int i;
	int err = 0;

	snprintf(p->dir, sizeof(p->dir), "/tmp/flab-XXXXXX");
	if (stat(FAULTLAB_DEVICE, &device) || !mkdtemp(p->dir))
		return -errno;
	if (chmod(p->dir, 0755) || mkdir(tlib_text("%s/nodes", p->dir), 0755) ||
	    mkdir(tlib_text("%s/work", p->dir), 0755) ||
	    chmod(tlib_text("%s/work", p->dir), 0777))
		return -errno;
	for (i = 0; i < TLIB_PROGRAM_NODES && !err; i++)
		err = make_node(p, i, device.st_rdev);
	return err;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

void tlib_program_remove(struct tlib_program *p)
{
	nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static bool limit(int what, rlim_t most)
{
	const struct rlimit limit = { .rlim_cur = most, .rlim_max = most };

	return !setrlimit(what, &limit);
}

static int exec_as_nobody(void *arg)
{
	const struct tlib_program *p = arg;
	int out = open(tlib_text("%s/" OUTPUT, p->dir), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		       0600);

	if (out < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0 ||
	    chdir(tlib_text("%s/work", p->dir)))
		return CANNOT;
	if (!limit(RLIMIT_AS, (rlim_t)p->mib << 20) || !limit(RLIMIT_FSIZE, 64 << 20) ||
	    !limit(RLIMIT_CORE, 0) || !limit(RLIMIT_NPROC, 200) || tlib_become_nobody())
		return CANNOT;
	execvp(p->argv[0], (char *const *)p->argv);
	perror(p->argv[0]);
	return CANNOT;
}

/* PID 1 of the namespace: once it ends, the kernel kills all others, and waits for them. */
static int be_init(void *arg)
{
	const struct tlib_program *p = arg;
	pid_t pid;
	int status;

	/* A /proc with the PIDs that the program sees, which it reads. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		return CANNOT;
	pid = tlib_spawn(exec_as_nobody, arg);
	if (pid < 0)
		return CANNOT;
	status = tlib_reap_within(pid, p->seconds);
	if (status == -ETIMEDOUT) {
		kill(pid, SIGINT);
		status = tlib_reap_within(pid, GRACE_S);
	}
	if (status == -ETIMEDOUT)
		return TLIB_PROGRAM_KILLED;
	return status < 0 ? 128 - status : status;
}

static int be_outside(void *arg)
{
	pid_t init;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS))
		return CANNOT;
	init = tlib_spawn(be_init, arg);
	return init < 0 ? CANNOT : tlib_reap(init);
}

int tlib_program_start(struct tlib_program *p)
{
	p->pid = tlib_spawn(be_outside, p);
	return p->pid < 0 ? -errno : 0;
}

bool tlib_program_runs(struct tlib_program *p)
{
	siginfo_t info = { 0 };

	/* WNOWAIT: the status is left for tlib_program_end(). */
	return p->pid > 0 && !waitid(P_PID, p->pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
	       !info.si_pid;
}

int tlib_program_end(struct tlib_program *p)
{
	int status = tlib_reap_within(p->pid, p->seconds + GRACE_S + TLIB_HANG_S);

	p->pid = 0;
	return status;
}

const char *tlib_program_output(const struct tlib_program *p)
{
	static char text[4096];
	int fd = open(tlib_text("%s/" OUTPUT, p->dir), O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	if (fd >= 0) {
		if (lseek(fd, -(off_t)(sizeof(text) - 1), SEEK_END) < 0)
			lseek(fd, 0, SEEK_SET);
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	return text;
}
