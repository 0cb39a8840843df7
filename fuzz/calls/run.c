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

#include "fuzz/calls/log.h"
#include "fuzz/calls/rule.h"
#include "fuzz/calls/run.h"

/* Below where the kernel puts mappings itself, and at the border of a PUD. */
#define WINDOW		((char *)0x100000000000UL)

/*
 * A program is killed when no lane has ended a step for so long, as all wait, at a gate or in
 * a delay; and in any case after LONGEST_MS. Programs with FUZZ_ZEROES have more time.
 */
#define PATIENCE_MS	3000
#define ZEROES_MS	20000
#define LONGEST_MS	30000
/* A process that was killed must be gone by then. */
#define HANG_MS		30000

/*
 * How many callbacks the steps that run can make in one lane at most, unless a rule makes a
 * fault repeat: a step touches 520 pages at most (vma.c), and 64 more in a child. For a page
 * it makes three callbacks (.map_pages, .fault, .page_mkwrite), and perhaps one that is retried.
 */
#define STEP_CALLBACKS	(4 * (520 + 64))

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
		__atomic_fetch_add(&lane->outcome->steps, 1, __ATOMIC_RELAXED);
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
	const unsigned int lanes = fuzz_program_lanes(program);
	pthread_t thread[FUZZ_LANES];
	unsigned int i;

	/* What the other lanes need is opened and mapped first. */
	run_lane(&first);
	if (prefix == program->nr)
		return;
	for (i = 0; i < lanes; i++) {
		lane[i] = first;
		lane[i].number = i;
		lane[i].from = prefix;
		lane[i].to = program->nr;
		if (i && pthread_create(&thread[i], NULL, run_lane, &lane[i]))
			thread[i] = 0;
	}
	run_lane(&lane[0]);
	for (i = 1; i < lanes; i++)
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
	const unsigned int traits = fuzz_program_traits(program);
	const struct rlimit no_core = { 0, 0 };
	struct fuzz_world world = {
		.fd = outcome->fd,
		.shared = setup->shared,
		.page = page,
		.peer = setup->peer,
		.running = setup->running,
		.nr_running = setup->nr_running,
		.disk = setup->disk,
		.uffd = -1,
		.byte = traits & FUZZ_SMUDGES ? FUZZ_CODE :
			FUZZ_BYTES_FROM + setup->number % FUZZ_BYTES,
		.traits = traits,
		.lanes = fuzz_program_lanes(program),
		.count = setup->count,
		.failure = outcome->failure,
	};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	be_killed_first();
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

static bool has_ended(int pidfd, int ms)
{
	struct pollfd ends = { pidfd, POLLIN, 0 };

	return poll(&ends, 1, ms) == 1;
}

/* Whether the program ends by itself, before it has to be killed. */
static bool ends_itself(int pidfd, const struct fuzz_outcome *outcome, unsigned int traits,
			__u64 end)
{
	const __u64 patience = (traits & FUZZ_ZEROES ? ZEROES_MS : PATIENCE_MS) * NSEC_PER_MS;
	const __u64 start = monotonic_ns();
	__u64 now = start, last = start;
	unsigned int steps = 0;

	while (now < end && now - start < LONGEST_MS * NSEC_PER_MS &&
	       now - last < patience) {
		const unsigned int ended = __atomic_load_n(&outcome->steps, __ATOMIC_RELAXED);

		if (ended != steps)
			last = now;
		steps = ended;
		if (has_ended(pidfd, 200))
			return true;
		now = monotonic_ns();
	}
	return false;
}

/* Into the kernel's log: the stacks of tasks that sleep, and of those that run. */
static void show_tasks(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && (write(fd, "w", 1) != 1 || write(fd, "l", 1) != 1))
		perror("sysrq");
	if (fd >= 0)
		close(fd);
}

/*
 * Waits for a program that has ended or was killed, and for its children. They are in its
 * process group, and this process is their parent when theirs has ended (it is a child
 * subreaper). False: one of them is there after HANG_MS.
 */
static bool reap(pid_t pid, int pidfd, int *status)
{
	const __u64 end = monotonic_ns() + HANG_MS * NSEC_PER_MS;
	pid_t child;

	if (!has_ended(pidfd, HANG_MS) || waitpid(pid, status, 0) != pid)
		return false;
	while ((child = waitpid(-pid, NULL, WNOHANG)) >= 0) {
		if (child)
			continue;
		if (monotonic_ns() > end)
			return false;
		usleep(500);
	}
	return true;
}

/* At most so many tasks fault: a thread for each lane, and one that does so for it. */
static unsigned int tasks_of(const struct fuzz_program *program, unsigned int traits)
{
	return fuzz_program_lanes(program) * (traits & FUZZ_HELPED ? 2 : 1);
}

/*
 * How many callbacks there can be until a step ends. A rule makes a fault repeat up to
 * FAULTLAB_MAX_TIMES times.
 */
static __u64 most_callbacks(const struct fuzz_program *program)
{
	__u64 most = STEP_CALLBACKS * fuzz_program_lanes(program);
	unsigned int i;

	for (i = 0; i < program->nr; i++)
		if (fuzz_step_repeats(&program->step[i]))
			most += 4 * FAULTLAB_MAX_TIMES * FUZZ_RULES;
	return most;
}

#define LOOKS	50	/* of 200 ms each */
#define FEW	40	/* callbacks in 200 ms: most likely the tasks wait */

/*
 * Whether a fault repeats without end in user mode, where a signal ends the task, so that it
 * would not be noticed later. The program has ended no step for PATIENCE_MS.
 */
static void check_repeats(const struct fuzz_program *program, const struct fuzz_watch *watch,
			  int pidfd, struct fuzz_outcome *outcome)
{
	const unsigned int steps = __atomic_load_n(&outcome->steps, __ATOMIC_RELAXED);
	const __u64 start = fuzz_watch_read(watch), most = most_callbacks(program);
	__u64 last = start, now;
	unsigned int i;

	for (i = 0; i < LOOKS; i++, last = now) {
		if (has_ended(pidfd, 200))
			return;
		now = fuzz_watch_read(watch);
		if (__atomic_load_n(&outcome->steps, __ATOMIC_RELAXED) != steps)
			return;
		/* Also fewer than before: another program has reset all counters. */
		if (now < last + FEW)
			return;
		if (now - start > most) {
			fuzz_note(outcome->failure,
				  "a fault repeats without end: %llu callbacks in a step",
				  now - start);
			return;
		}
	}
}

/*
 * Kills all of a program at once. When kill() returns, all of its tasks have the signal, and
 * what the regions count from then on is what the tasks do after it. Each may have an evict
 * under way, which makes a fault of another begin anew.
 */
static bool kill_all(const struct fuzz_program *program, const struct fuzz_setup *setup,
		     struct fuzz_outcome *outcome, pid_t pid, int pidfd)
{
	const unsigned int tasks = tasks_of(program, fuzz_program_traits(program));
	const unsigned int most = FUZZ_LAST_CALLBACKS * tasks * tasks;
	struct fuzz_watch watch = { .nr = 0 };
	__u64 callbacks;
	int status;
	bool gone;

	/* Not always: the last reference to a region should also be put by who is killed. */
	if (setup->number % 2 == 0)
		fuzz_watch_open(&watch, pidfd, setup->shared, outcome->fd);
	if (watch.nr && monotonic_ns() < setup->end)
		check_repeats(program, &watch, pidfd, outcome);
	kill(-pid, SIGKILL);
	fuzz_watch_start(&watch);
	gone = reap(pid, pidfd, &status);
	if (!gone)
		show_tasks();
	callbacks = fuzz_watch_end(&watch, outcome->failure);
	/* If a task is still there, that is the failure. */
	if (gone && callbacks > most)
		fuzz_note(outcome->failure,
			  "killed tasks made %llu more callbacks, not at most %u of %u tasks",
			  callbacks, most, tasks);
	return gone;
}

/* What a signal says that ended the program: none that we have not sent may do so. */
static void judge(int status, unsigned int traits, struct fuzz_outcome *outcome)
{
	const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	/* SIGKILL that is not ours comes from the kernel's OOM killer. */
	outcome->oom = signal == SIGKILL;
	/*
	 * The kernel sends SIGBUS for a page that a program breaks, at any time. An ioctl's
	 * struct in memory of a region can be written to meanwhile, and its pointers with it.
	 */
	if ((signal == SIGBUS || signal == SIGSEGV) && (traits & (FUZZ_BREAKS | FUZZ_SMUDGES)))
		return;
	if (signal && signal != SIGKILL)
		fuzz_note(outcome->failure, "the program was ended by signal %d", signal);
}

static void outcome_reset(struct fuzz_outcome *outcome)
{
	unsigned int i;

	*outcome->failure = '\0';
	outcome->shared.known = false;
	for (i = 0; i < FUZZ_FDS; i++)
		outcome->fd[i] = -1;
	outcome->steps = 0;
	outcome->fresh = 0;
	outcome->killed = false;
	outcome->oom = false;
	outcome->hangs = false;
}

int fuzz_run(const struct fuzz_program *program, const struct fuzz_setup *setup,
	     struct fuzz_outcome *outcome)
{
	const unsigned int traits = fuzz_program_traits(program);
	char line[FUZZ_FAILURE - 16];
	unsigned int i;
	int pidfd, status = 0;
	pid_t pid;

	outcome_reset(outcome);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		run_child(program, setup, outcome);
	/* The child does so, too: whoever comes first. */
	setpgid(pid, pid);
	__atomic_store_n(&setup->running[setup->worker], pid, __ATOMIC_RELAXED);
	pidfd = syscall(__NR_pidfd_open, pid, 0);
	if (pidfd < 0) {
		const int err = -errno;

		kill(-pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return err;
	}
	if (ends_itself(pidfd, outcome, traits, setup->end)) {
		/* Children of a program that was ended by a signal. */
		kill(-pid, SIGKILL);
		outcome->hangs = !reap(pid, pidfd, &status);
		judge(status, traits, outcome);
	} else {
		outcome->killed = true;
		outcome->hangs = !kill_all(program, setup, outcome, pid, pidfd);
	}
	if (outcome->hangs)
		fuzz_note(outcome->failure,
			  "process %d, or a child of it, is there %d s after SIGKILL", pid,
			  HANG_MS / 1000);
	close(pidfd);
	/* Another program that ran at the same time can be the cause, and then fails, too. */
	if (fuzz_log_has_bad(line, sizeof(line)))
		fuzz_note(outcome->failure, "kernel: %s", line);
	if (*outcome->failure && fuzz_is_sharing(traits))
		fuzz_shared_read(setup->shared, &outcome->shared);
	/* What a killed call has reached counts, too. */
	for (i = 0; i < FUZZ_LANES && setup->trace[i].pc; i++)
		outcome->fresh += fuzz_trace_take(&setup->trace[i], setup->coverage);
	return 0;
}
