// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes /dev/faultlab: workers run programs of random calls, those that reach code of
 * the module that none has reached are kept and changed further. In rounds: after each,
 * nothing may be left, the kernel's log must be clean, and the module can be reloaded.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/calls/corpus.h"
#include "fuzz/calls/log.h"
#include "fuzz/calls/minimise.h"
#include "fuzz/calls/options.h"
#include "fuzz/calls/run.h"

#define ERRORS_MAX	100	/* programs of a worker, one after the other, that did not start */
#define CALLS_A_MINUTE	200U	/* at least */
#define CORPUS_S	300	/* how long those of --corpus may run, all together */
#define ALONE_S		60	/* how long a program of --run may run */

/* A worker that is late by so much hangs: at the end of the round it kills its program. */
#define LATE_S		120

#define SHORTENED	2	/* failing programs of a round that are shortened */

/* Shared by all processes. */
struct fuzz_common {
	struct fuzz_count count[FUZZ_CALLS_MAX];
	struct fuzz_outcome outcome[FUZZ_WORKERS_MAX];
	struct fuzz_program failed[FUZZ_WORKERS_MAX];
	pid_t running[FUZZ_WORKERS_MAX];
	__u64 programs;
	__u64 killed;		/* of them, as they took too long */
	__u64 oom;		/* of them, by the kernel, as memory ran out */
};

static struct fuzz_options opt;
static struct fuzz_common *common;
static struct fuzz_corpus *corpus;
static struct fuzz_setup setup = { .shared = -1, .disk = -1 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void keep(struct fuzz_random *random, const struct fuzz_program *program)
{
	char name[64];

	snprintf(name, sizeof(name), "corpus-%u", fuzz_corpus_add(corpus, random, program));
	fuzz_save(opt.out, name, "", NULL, program);
}

/*
 * The program that runs, for the case that the machine does not outlive it. One write to
 * a file that stays open: opening one for each program takes longer than the program.
 */
static void save_running(int fd, const struct fuzz_program *program)
{
	char text[FUZZ_TEXT];
	size_t length;

	fuzz_program_print(program, text);
	length = strlen(text);
	length += snprintf(text + length, sizeof(text) - length, FUZZ_PROGRAM_END "\n");
	if (pwrite(fd, text, length, 0) < 0)
		perror("running");
}

/* Returns a file for save_running(), or -1. */
static int begin_work(unsigned int number)
{
	char path[512];
	unsigned int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fuzz_log_reopen();
	for (i = 0; i < FUZZ_LANES; i++)
		fuzz_trace_open(&setup.trace[i]);
	setup.worker = number;
	snprintf(path, sizeof(path), "%s/running-%u", opt.out ?: "/dev/null", number);
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
}

/* Ends this process after a failure, which is then in common->failed. False: not run. */
static bool run_program(const struct fuzz_program *program, int running)
{
	struct fuzz_outcome *outcome = &common->outcome[setup.worker];

	if (running >= 0)
		save_running(running, program);
	if (fuzz_run(program, &setup, outcome))
		return false;
	__atomic_fetch_add(&common->programs, 1, __ATOMIC_RELAXED);
	if (outcome->killed)
		__atomic_fetch_add(&common->killed, 1, __ATOMIC_RELAXED);
	if (outcome->oom)
		__atomic_fetch_add(&common->oom, 1, __ATOMIC_RELAXED);
	if (*outcome->failure) {
		common->failed[setup.worker] = *program;
		_exit(1);
	}
	return true;
}

/* Ends at the end of the round, or after a failure. */
__attribute__((noreturn))
static void work(unsigned int number, __u64 seed)
{
	struct fuzz_random random = { seed };
	struct fuzz_program program;
	unsigned int programs = 0, errors = 0;
	const int running = begin_work(number);

	while (monotonic_ns() < setup.end) {
		fuzz_corpus_next(corpus, &random, &program);
		/* Memory of its last eight programs has other bytes, too. */
		setup.number = number * 8 + ++programs % 8;
		if (run_program(&program, running)) {
			errors = 0;
			if (common->outcome[number].fresh)
				keep(&random, &program);
			continue;
		}
		if (++errors == ERRORS_MAX)
			_exit(2);
		usleep(10000);
	}
	_exit(0);
}

/*
 * Runs each program of --corpus as it is: else only changed ones run. None runs beside it, so
 * that it can have PHYS. The number is even, so that callbacks are counted (run.c).
 */
__attribute__((noreturn))
static void work_corpus(unsigned int number, __u64 seed)
{
	const unsigned int nr = fuzz_corpus_count(corpus);
	const int running = begin_work(number);
	struct fuzz_program program;
	unsigned int i;

	(void)seed;
	for (i = 0; i < nr && monotonic_ns() < setup.end; i++) {
		fuzz_corpus_get(corpus, i, &program);
		setup.number = 2 * i;
		if (!run_program(&program, running))
			_exit(2);
	}
	_exit(0);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		perror(path);
	if (fd >= 0)
		close(fd);
}

/* @as: how the shared region is to be; NULL: any. */
static void round_begin(struct fuzz_random *random, const struct fuzz_shared *as)
{
	fuzz_set_limits();
	setup.shared = as ? fuzz_shared_restore(as) : fuzz_shared_draw(random);
	if (setup.shared < 0) {
		errno = -setup.shared;
		die("the shared region (" FAULTLAB_DEVICE ")");
	}
	fuzz_coverage_base(setup.coverage);
	setup.peer = fuzz_shared_peer(setup.shared, as);
	if (setup.peer < 0) {
		errno = -setup.peer;
		die("the process that touches the shared region");
	}
}

/* Waits for a process until @end. False: it is there still. */
static bool wait_until(pid_t pid, int *status, __u64 end)
{
	pid_t got;

	while (!(got = waitpid(pid, status, WNOHANG))) {
		if (monotonic_ns() > end)
			return false;
		fuzz_log_drain();
		usleep(50000);
	}
	return got == pid;
}

/* False if the peer has ended before, or does not end now. */
static bool round_end(void)
{
	bool good = !waitpid(setup.peer, NULL, WNOHANG);

	if (good)
		kill(setup.peer, SIGKILL);
	else
		printf("FAILED: the process that touches the shared region has ended\n");
	if (good && !wait_until(setup.peer, NULL, monotonic_ns() + 30 * NSEC_PER_SEC)) {
		printf("FAILED: process %d is there 30 s after SIGKILL\n", setup.peer);
		good = false;
	}
	close(setup.shared);
	setup.shared = -1;
	return good;
}

/*
 * Waits a moment for processes that are being killed. Each CPU keeps references to pages
 * that were locked in memory; dropping the caches puts them (7: without a word of it).
 */
static bool is_quiet(char *why, size_t size)
{
	const __u64 end = monotonic_ns() + 30 * NSEC_PER_SEC;

	while (!fuzz_check_quiet(why, size)) {
		if (monotonic_ns() > end)
			return false;
		write_file("/proc/sys/vm/drop_caches", "7");
		usleep(100000);
	}
	return true;
}

/* Memory that a program was killed over when it was offline. */
static void online_memory(void)
{
	char path[64], state[16];
	unsigned int i;

	for (i = 0; i < FUZZ_BLOCKS; i++) {
		FILE *file;

		snprintf(path, sizeof(path), "/sys/devices/system/memory/memory%u/state", i);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fscanf(file, "%15s", state) == 1 && !strcmp(state, "offline"))
			write_file(path, "online");
		fclose(file);
	}
}

static void show(const char *failure, const struct fuzz_program *program)
{
	char text[FUZZ_TEXT];

	fuzz_program_print(program, text);
	printf("FAILED: %s\n%s", failure, text);
	fflush(stdout);
}

/* Finds and prints the shortest program that fails in the same way. */
static void show_shortest(struct fuzz_program *program, const char *failure,
			  const struct fuzz_shared *shared, const char *name)
{
	/* A process that cannot be killed would be joined by more of them. */
	if (common->outcome[setup.worker].hangs)
		return;
	fuzz_minimise(program, failure, &setup, shared, &common->outcome[setup.worker]);
	if (name)
		fuzz_save(opt.out, name, failure, shared, program);
	show("the shortest that fails so", program);
}

static void report(unsigned int number, bool shorten)
{
	struct fuzz_shared shared = common->outcome[number].shared;
	struct fuzz_program program = common->failed[number];
	char failure[FUZZ_FAILURE], name[64];

	memcpy(failure, common->outcome[number].failure, sizeof(failure));
	snprintf(name, sizeof(name), "failure-%llu-%u", opt.seed, number);
	fuzz_save(opt.out, name, failure, &shared, &program);
	show(failure, &program);
	if (!shorten)
		return;
	strcat(name, ".short");
	setup.worker = number;
	show_shortest(&program, failure, &shared, name);
}

/* False if one has failed. The report is made when none runs, as it runs programs itself. */
static bool wait_for_workers(const pid_t *worker, unsigned int nr)
{
	const __u64 end = setup.end + LATE_S * NSEC_PER_SEC;
	bool failed[FUZZ_WORKERS_MAX] = { false }, good = true;
	unsigned int reports = 0, i;
	int status;

	for (i = 0; i < nr; i++) {
		if (worker[i] < 0) {
			printf("FAILED: worker %u could not be started\n", i);
			good = false;
		} else if (!wait_until(worker[i], &status, end)) {
			printf("FAILED: worker %u hangs\n", i);
			good = false;
		} else if (status) {
			failed[i] = *common->outcome[i].failure;
			if (!failed[i])
				printf("FAILED: worker %u ended with status 0x%x\n", i, status);
			good = false;
		}
	}
	for (i = 0; i < nr; i++)
		if (failed[i])
			report(i, reports++ < SHORTENED);
	return good;
}

static bool run_round(struct fuzz_random *random, unsigned int seconds, unsigned int nr,
		      void (*does)(unsigned int number, __u64 seed))
{
	pid_t worker[FUZZ_WORKERS_MAX];
	char why[FUZZ_FAILURE];
	bool good;
	unsigned int i;

	/*
	 * Many calls wait for RCU. A grace period takes most of their time, unless it is
	 * expedited: so it is in three rounds of four, and in the fourth races last longer.
	 */
	write_file("/sys/kernel/rcu_expedited", fuzz_once_in(random, 4) ? "0" : "1");
	round_begin(random, NULL);
	setup.end = monotonic_ns() + seconds * NSEC_PER_SEC;
	for (i = 0; i < nr; i++) {
		const __u64 seed = fuzz_random(random);

		worker[i] = fork();
		if (!worker[i])
			does(i, seed);
	}
	good = wait_for_workers(worker, nr);
	online_memory();
	if (!round_end())
		good = false;
	if (!is_quiet(why, sizeof(why))) {
		printf("FAILED: %s\n", why);
		good = false;
	}
	if (good && opt.reload && system(opt.reload)) {
		printf("FAILED: %s\n", opt.reload);
		good = false;
	}
	return fuzz_log_is_clean() && good;
}

static __u64 calls_made(void)
{
	unsigned int i;
	__u64 n = 0;

	for (i = 0; i < fuzz_nr_calls(); i++)
		n += common->count[i].made + common->count[i].nested;
	return n;
}

static int run_one(const char *path, bool shorten)
{
	struct fuzz_outcome *outcome = &common->outcome[0];
	struct fuzz_random random = { opt.seed };
	struct fuzz_program program;
	struct fuzz_shared shared;
	int err = fuzz_load(path, &program, &shared);

	if (err)
		return 1;
	round_begin(&random, shared.known ? &shared : NULL);
	setup.end = monotonic_ns() + ALONE_S * NSEC_PER_SEC;
	err = fuzz_run(&program, &setup, outcome);
	if (err) {
		errno = -err;
		perror("fuzz");
	} else if (*outcome->failure) {
		char failure[FUZZ_FAILURE];

		memcpy(failure, outcome->failure, sizeof(failure));
		show(failure, &program);
		if (shorten)
			show_shortest(&program, failure, &shared, NULL);
		err = 1;
	}
	if (!round_end() || !fuzz_log_is_clean())
		err = 1;
	return err ? 1 : 0;
}

static void show_progress(__u64 end)
{
	const __u64 now = monotonic_ns();

	printf("%5.1f min left  %llu programs (%llu killed, %llu out of memory)",
	       end > now ? (end - now) / 6e10 : 0, common->programs, common->killed, common->oom);
	printf("  %llu calls  %u places  %u kept\n", calls_made(),
	       fuzz_coverage_count(setup.coverage), fuzz_corpus_count(corpus));
	fflush(stdout);
}

static bool run_rounds(void)
{
	const __u64 end = monotonic_ns() + opt.minutes * 60 * NSEC_PER_SEC;
	struct fuzz_random random = { opt.seed };
	bool good = true;

	if (opt.corpus) {
		good = run_round(&random, CORPUS_S, 1, work_corpus);
		show_progress(end);
	}
	while (good && monotonic_ns() < end) {
		good = run_round(&random, opt.round, opt.workers, work);
		show_progress(end);
	}
	if (common->oom > 100 && common->oom * 10 > common->programs) {
		printf("FAILED: a tenth of the programs ran out of memory\n");
		good = false;
	}
	/* Usually a tenth: where most wait for ever, something does not wake them. */
	if (common->killed > 100 && common->killed * 2 > common->programs) {
		printf("FAILED: half of the programs did not end by themselves\n");
		good = false;
	}
	/* Even the debug kernel makes ten times as many. */
	if (good && calls_made() < opt.minutes * CALLS_A_MINUTE) {
		printf("FAILED: less than %u calls a minute\n", CALLS_A_MINUTE);
		good = false;
	}
	return good;
}

int main(int argc, char **argv)
{
	bool good, shares;

	fuzz_options_parse(&opt, argc, argv);
	write_file("/proc/self/oom_score_adj", "-1000");
	common = mmap(NULL, sizeof(*common), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	corpus = fuzz_corpus_open();
	setup.coverage = fuzz_coverage_open();
	if (common == MAP_FAILED || !corpus || !setup.coverage ||
	    fuzz_nr_calls() > FUZZ_CALLS_MAX)
		die("memory");
	setup.count = common->count;
	setup.running = common->running;
	setup.nr_running = opt.workers;
	if (opt.disk) {
		setup.disk = open(opt.disk, O_RDWR | O_DIRECT | O_CLOEXEC);
		if (setup.disk < 0)
			die(opt.disk);
	}
	fuzz_log_open(opt.bad);
	if (opt.run || opt.minimise)
		return run_one(opt.run ?: opt.minimise, opt.minimise);
	if (opt.corpus)
		fuzz_corpus_load(corpus, opt.corpus);
	printf("seed %llu, %u workers, %u programs, %s\n", opt.seed, opt.workers,
	       fuzz_corpus_count(corpus),
	       fuzz_coverage_works() ? "guided by KCOV" : "not guided: no KCOV");
	good = run_rounds();
	shares = fuzz_show_shares(common->count);
	printf("\nprograms: %llu\ncalls: %llu\n%s\n", common->programs, calls_made(),
	       !good ? "FAILED" : shares ? "no failure" : "FAILED: the shares of calls");
	return good && shares ? 0 : 1;
}
