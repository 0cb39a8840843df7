// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/calls/run.h"

/* Below where the kernel puts mappings itself, and at the border of a PUD. */
#define WINDOW		((char *)0x100000000000UL)

/* A program may wait longer, at a gate or in a delay: then it is killed. */
#define PATIENCE_MS	3000
/* A process that was killed must be gone by then. */
#define HANG_MS		30000

/* Steps from @from to before @to that are in the lane. */
struct lane {
	unsigned int number, from, to;
	const struct fuzz_program *program;
	const struct fuzz_setup *setup;
	struct fuzz_world *world;
	struct fuzz_outcome *outcome;
};

static void *run_lane(void *arg)
{
	const struct lane *lane = arg;
	const struct fuzz_trace *trace = &lane->setup->trace[lane->number];
	const bool traces = fuzz_trace_begin(trace);
	unsigned int i;

	for (i = lane->from; i < lane->to; i++) {
		const struct fuzz_step *step = &lane->program->step[i];
		struct fuzz_count *count = &lane->setup->count[step->call];
		__u64 start;
		long ret;

		if (step->lane != lane->number)
			continue;
		start = monotonic_ns();
		ret = fuzz_call(step->call)->run(lane->world, step->arg);
		__atomic_fetch_add(&count->ns, monotonic_ns() - start, __ATOMIC_RELAXED);
		__atomic_fetch_add(&count->made, 1, __ATOMIC_RELAXED);
		if (ret >= 0)
			__atomic_fetch_add(&count->done, 1, __ATOMIC_RELAXED);
		if (traces)
			__atomic_fetch_add(&lane->outcome->fresh,
					   fuzz_trace_take(trace, lane->setup->coverage),
					   __ATOMIC_RELAXED);
	}
	if (traces)
		fuzz_trace_end(trace);
	return NULL;
}

static void run_lanes(const struct fuzz_program *program, const struct fuzz_setup *setup,
		      struct fuzz_world *world, struct fuzz_outcome *outcome)
{
	const unsigned int prefix = fuzz_program_prefix(program);
	struct lane first = { 0, 0, prefix, program, setup, world, outcome };
	struct lane lane[FUZZ_LANES];
	pthread_t thread[FUZZ_LANES];
	unsigned int i;

	/* What the other lanes need is opened and mapped first. */
	run_lane(&first);
	if (prefix == program->nr)
		return;
	for (i = 0; i < FUZZ_LANES; i++) {
		lane[i] = first;
		lane[i].number = i;
		lane[i].from = prefix;
		lane[i].to = program->nr;
		if (i && pthread_create(&thread[i], NULL, run_lane, &lane[i]))
			thread[i] = 0;
	}
	run_lane(&lane[0]);
	for (i = 1; i < FUZZ_LANES; i++)
		if (thread[i])
			pthread_join(thread[i], NULL);
}

/* Where memory runs out, it is the program that dies, not who watches it. */
static void be_killed_first(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "1000", 4) != 4)
		perror("oom_score_adj");
	if (fd >= 0)
		close(fd);
}

__attribute__((noreturn))
static void run_child(const struct fuzz_program *program, const struct fuzz_setup *setup,
		      struct fuzz_outcome *outcome)
{
	const size_t page = sysconf(_SC_PAGESIZE), bytes = FUZZ_MAPS * FUZZ_WINDOW * page;
	const struct rlimit no_core = { 0, 0 };
	struct fuzz_world world = {
		.shared = setup->shared,
		.page = page,
		.peer = setup->peer,
		.disk = setup->disk,
		.byte = fuzz_program_smudges(program) ? FUZZ_CODE :
			FUZZ_BYTES_FROM + setup->number % FUZZ_BYTES,
		.mixes = fuzz_program_mixes(program),
		.smudges = fuzz_program_smudges(program),
		.alone = fuzz_program_is_alone(program),
		.count = setup->count,
		.failure = outcome->failure,
	};
	unsigned int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	be_killed_first();
	for (i = 0; i < FUZZ_FDS; i++)
		world.fd[i] = -1;
	world.window = mmap(WINDOW, bytes, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
			    -1, 0);
	if (world.window != WINDOW)
		fuzz_fail(&world, "no room for windows at %p", WINDOW);
	else
		run_lanes(program, setup, &world, outcome);
	fuzz_check_regions(&world);
	_exit(0);
}

static void judge(int status, struct fuzz_outcome *outcome)
{
	const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	/* SIGKILL that is not ours comes from the kernel's OOM killer. */
	outcome->oom = signal == SIGKILL && !outcome->killed;
	if (!signal || signal == SIGKILL || *outcome->failure)
		return;
	snprintf(outcome->failure, FUZZ_FAILURE, "the program was ended by signal %d", signal);
}

int fuzz_run(const struct fuzz_program *program, const struct fuzz_setup *setup,
	     struct fuzz_outcome *outcome)
{
	struct pollfd ends = { .events = POLLIN };
	unsigned int i;
	int status = 0;
	pid_t pid;

	*outcome->failure = '\0';
	outcome->fresh = 0;
	outcome->killed = false;
	outcome->oom = false;
	outcome->hangs = false;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		run_child(program, setup, outcome);
	ends.fd = syscall(__NR_pidfd_open, pid, 0);
	if (ends.fd < 0) {
		const int err = -errno;

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return err;
	}
	if (poll(&ends, 1, PATIENCE_MS) != 1) {
		outcome->killed = true;
		kill(pid, SIGKILL);
		kill(-pid, SIGKILL);
	}
	outcome->hangs = outcome->killed && poll(&ends, 1, HANG_MS) != 1;
	if (outcome->hangs)
		snprintf(outcome->failure, FUZZ_FAILURE, "process %d is there %d s after SIGKILL",
			 pid, HANG_MS / 1000);
	else if (waitpid(pid, &status, 0) == pid)
		judge(status, outcome);
	kill(-pid, SIGKILL);
	close(ends.fd);
	/* What a killed call has reached counts, too. */
	for (i = 0; i < FUZZ_LANES && setup->trace[i].pc; i++)
		outcome->fresh += fuzz_trace_take(&setup->trace[i], setup->coverage);
	return 0;
}
