// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes /dev/faultlab: workers run programs of random calls, those that reach code of
 * the module that none has reached are kept and changed further. In rounds: after each,
 * nothing may be left, the kernel's log must be clean, and the module can be reloaded.
 */
#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/calls/run.h"

#define USAGE								\
	"usage: fuzz [OPTION...]\n"					\
	"  --minutes N     how long (default 1)\n"			\
	"  --seed S        default: the time\n"				\
	"  --workers N     processes (default: four a processor, as most wait)\n" \
	"  --round N       seconds of a round (default 20)\n"		\
	"  --corpus DIR    programs to begin with\n"			\
	"  --out DIR       for new ones, running ones, and failures\n"	\
	"  --disk FILE     a block device, for O_DIRECT\n"		\
	"  --reload CMD    runs after each round, to reload the module\n" \
	"  --bad REGEX     lines of the kernel's log that are a failure\n" \
	"  --run FILE      runs this program, and ends\n"		\
	"  --minimise FILE finds a shorter one that fails, too\n"

#define PARAMETERS	"/sys/module/faultlab/parameters/"
#define WORKERS_MAX	64
#define CORPUS_MAX	2048
#define MINIMISE_S	60	/* at most so long */
#define ERRORS_MAX	100	/* programs of a worker in a round that could not be started */
#define TRIES		5	/* runs of a shorter program: a race does not always fail */

/* Shared by all processes. */
struct fuzz_common {
	struct fuzz_count count[FUZZ_CALLS_MAX];
	struct fuzz_outcome outcome[WORKERS_MAX];
	struct fuzz_program failed[WORKERS_MAX];
	__u64 programs;
	__u64 killed;		/* of them, as they took too long */
	__u64 oom;		/* of them, by the kernel, as memory ran out */
	unsigned int nr;	/* of @corpus; more were found than there is room for */
	struct fuzz_program corpus[CORPUS_MAX];
};

static struct {
	double minutes;
	__u64 seed;
	unsigned int workers;
	unsigned int round;
	const char *corpus, *out, *disk, *reload, *bad, *run, *minimise;
} opt = { .minutes = 1, .round = 20 };

static struct fuzz_common *common;
static struct fuzz_setup setup = { .shared = -1, .disk = -1 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Replaces a file of --out by the program's text, and a comment before it. */
static void save(const char *name, const char *comment, const struct fuzz_program *program)
{
	char path[512], text[FUZZ_TEXT];
	FILE *file;

	if (!opt.out)
		return;
	snprintf(path, sizeof(path), "%s/%s", opt.out, name);
	file = fopen(path, "we");
	if (!file)
		return;
	fuzz_program_print(program, text);
	fprintf(file, "%s%s%s%s", *comment ? "# " : "", comment, *comment ? "\n" : "", text);
	fclose(file);
}

static int load(const char *path, struct fuzz_program *program)
{
	char text[2 * FUZZ_TEXT];
	FILE *file = fopen(path, "re");
	size_t length;
	int line;

	if (!file)
		return -errno;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	line = fuzz_program_parse(text, program);
	if (line)
		fprintf(stderr, "fuzz: %s:%d: not a call\n", path, line);
	return line ? -EINVAL : 0;
}

static void load_corpus(void)
{
	struct dirent *entry;
	char path[512];
	DIR *dir = opt.corpus ? opendir(opt.corpus) : NULL;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", opt.corpus, entry->d_name);
		if (*entry->d_name == '.' || common->nr == CORPUS_MAX)
			continue;
		if (load(path, &common->corpus[common->nr]))
			exit(1);
		common->nr++;
	}
	if (dir)
		closedir(dir);
}

static void keep(struct fuzz_random *random, const struct fuzz_program *program)
{
	unsigned int at = __atomic_fetch_add(&common->nr, 1, __ATOMIC_RELAXED);
	char name[64];

	snprintf(name, sizeof(name), "corpus-%u", at);
	save(name, "", program);
	/* Two workers may write to one: what is then read is still a program. */
	if (at >= CORPUS_MAX)
		at = fuzz_below(random, CORPUS_MAX);
	common->corpus[at] = *program;
}

static const struct fuzz_program *pick(struct fuzz_random *random)
{
	const unsigned int nr = __atomic_load_n(&common->nr, __ATOMIC_RELAXED);

	return &common->corpus[fuzz_below(random, nr < CORPUS_MAX ? nr : CORPUS_MAX)];
}

static void next(struct fuzz_random *random, struct fuzz_program *program)
{
	struct fuzz_program other;

	if (!common->nr || fuzz_once_in(random, 4)) {
		fuzz_program_draw(random, program);
		return;
	}
	*program = *pick(random);
	other = *pick(random);
	fuzz_program_change(random, program, &other);
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

/* Ends at the end of the round, or after a failure, which is then in common->failed. */
static void work(unsigned int number, __u64 seed, __u64 end)
{
	struct fuzz_outcome *outcome = &common->outcome[number];
	struct fuzz_random random = { seed };
	struct fuzz_program program;
	char path[512];
	unsigned int programs = 0, errors = 0, i;
	int running;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < FUZZ_LANES; i++)
		fuzz_trace_open(&setup.trace[i]);
	snprintf(path, sizeof(path), "%s/running-%u", opt.out ?: "/dev/null", number);
	running = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	while (monotonic_ns() < end) {
		next(&random, &program);
		if (!program.nr)
			continue;
		if (running >= 0)
			save_running(running, &program);
		/* Memory of its last eight programs has other bytes, too. */
		setup.number = number * 8 + ++programs % 8;
		if (fuzz_run(&program, &setup, outcome)) {
			if (++errors == ERRORS_MAX)
				_exit(2);
			usleep(10000);
			continue;
		}
		__atomic_fetch_add(&common->programs, 1, __ATOMIC_RELAXED);
		if (outcome->killed)
			__atomic_fetch_add(&common->killed, 1, __ATOMIC_RELAXED);
		if (outcome->oom)
			__atomic_fetch_add(&common->oom, 1, __ATOMIC_RELAXED);
		if (outcome->fresh)
			keep(&random, &program);
		if (*outcome->failure) {
			common->failed[number] = program;
			_exit(1);
		}
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

static void set_limits(void)
{
	write_file(PARAMETERS "max_total_pages", FUZZ_MAX_TOTAL);
	write_file(PARAMETERS "max_pages", FUZZ_MAX_PAGES);
}

/*
 * Touches the shared region, evicts it, and sometimes makes its faults slow; walks of
 * another process are about this one.
 */
static void be_peer(void)
{
	static const struct faultlab_rule slow = {
		.length = FAULTLAB_TO_END, .verdict = FAULTLAB_VERDICT_RETRY, .delay_us = 500,
	};
	const size_t page = sysconf(_SC_PAGESIZE);
	char *at = mmap(NULL, 64 * page, PROT_READ | PROT_WRITE, MAP_SHARED, setup.shared, 0);
	unsigned int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Kinds that memory of this size cannot be had of: there are none. */
	if (at == MAP_FAILED)
		_exit(1);
	for (i = 0; ; i++) {
		if (i % 3)
			faultlab_touch_write(at + i % 64 * page, FUZZ_BYTES_FROM, NULL);
		else
			faultlab_touch_read(at + i % 64 * page, NULL);
		if (i % 100 == 0)
			faultlab_evict(setup.shared, 0, FAULTLAB_TO_END, 0);
		if (i % 500 == 0)
			faultlab_rule(setup.shared, FAULTLAB_RULE_SET, &slow);
		if (i % 500 == 100)
			faultlab_rules(setup.shared, FAULTLAB_RULE_SET, NULL, 0);
		/* A program that lowers them can be killed before it restores them. */
		if (i % 50 == 0)
			set_limits();
		usleep(2000);
	}
}

/* A region of any kind, with any flags that it can have; else a default one. */
static void round_begin(struct fuzz_random *random)
{
	const enum faultlab_kind kind = fuzz_below(random, FAULTLAB_NR_KINDS);
	struct faultlab_features features = { 0 };
	__u64 flags = fuzz_random(random);

	setup.shared = faultlab_open();
	if (setup.shared < 0) {
		errno = -setup.shared;
		die(FAULTLAB_DEVICE);
	}
	fuzz_coverage_base(setup.coverage);
	set_limits();
	if (!faultlab_features(setup.shared, kind, &features))
		flags &= features.region_flags & ~(__u64)FAULTLAB_REGION_PHYS;
	if (faultlab_config(setup.shared, kind, flags, 1024 * sysconf(_SC_PAGESIZE)) &&
	    faultlab_config(setup.shared, kind, 0, 1024 * sysconf(_SC_PAGESIZE)))
		die("the shared region");
	setup.peer = fork();
	if (!setup.peer)
		be_peer();
}

/* False if the peer has ended before, or does not end now. */
static bool round_end(void)
{
	const __u64 end = monotonic_ns() + 30 * NSEC_PER_SEC;
	bool good = setup.peer > 0 && !waitpid(setup.peer, NULL, WNOHANG);

	if (!good)
		printf("FAILED: the process that touches the shared region has ended\n");
	if (setup.peer > 0)
		kill(setup.peer, SIGKILL);
	while (good && !waitpid(setup.peer, NULL, WNOHANG)) {
		if (monotonic_ns() > end) {
			printf("FAILED: process %d is there 30 s after SIGKILL\n", setup.peer);
			good = false;
		}
		usleep(10000);
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

/* Lines of the kernel's log since the last call that --bad matches. */
static bool log_is_clean(int kmsg, const regex_t *bad)
{
	char record[8192];
	bool clean = true;
	ssize_t n;

	if (kmsg < 0 || !opt.bad)
		return true;
	while ((n = read(kmsg, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		const char *text;

		if (n < 0) {
			printf("kernel: lines were lost before they could be read\n");
			clean = false;
			continue;
		}
		record[n] = '\0';
		text = strchr(record, ';');
		if (text && !regexec(bad, text + 1, 0, NULL, 0)) {
			printf("kernel: %.*s\n", (int)strcspn(text + 1, "\n"), text + 1);
			clean = false;
		}
	}
	return clean;
}

/* Failures are the same if their texts are, up to the first number. */
static bool is_same_failure(const char *a, const char *b)
{
	const size_t length = strcspn(b, "0123456789");

	return *a && !strncmp(a, b, length);
}

/* Leaves out steps as long as it goes on failing in the same way. */
static void minimise(struct fuzz_program *program, const char *failure)
{
	const __u64 end = monotonic_ns() + MINIMISE_S * NSEC_PER_SEC;
	struct fuzz_outcome *outcome = &common->outcome[0];
	unsigned int i, n;

	for (i = program->nr; i-- && program->nr > 1 && monotonic_ns() < end;) {
		struct fuzz_program shorter = *program;

		fuzz_program_remove(&shorter, i);
		for (n = 0; n < TRIES; n++)
			if (!fuzz_run(&shorter, &setup, outcome) &&
			    is_same_failure(outcome->failure, failure))
				break;
		/* A process that cannot be killed would be joined by more of them. */
		if (outcome->hangs)
			return;
		if (n < TRIES)
			*program = shorter;
	}
}

static void show(const char *failure, const struct fuzz_program *program)
{
	char text[FUZZ_TEXT];

	fuzz_program_print(program, text);
	printf("FAILED: %s\n%s", failure, text);
	fflush(stdout);
}

static void report(unsigned int number)
{
	const bool hangs = common->outcome[number].hangs;
	struct fuzz_program program = common->failed[number];
	char failure[FUZZ_FAILURE], name[64];

	memcpy(failure, common->outcome[number].failure, sizeof(failure));
	snprintf(name, sizeof(name), "failure-%llu-%u", opt.seed, number);
	save(name, failure, &program);
	show(failure, &program);
	/* A process that cannot be killed would be joined by more of them. */
	if (hangs)
		return;
	minimise(&program, failure);
	snprintf(name, sizeof(name), "failure-%llu-%u.short", opt.seed, number);
	save(name, failure, &program);
	show("the shortest that fails so", &program);
}

static bool run_round(struct fuzz_random *random, int kmsg, const regex_t *bad)
{
	const __u64 end = monotonic_ns() + opt.round * NSEC_PER_SEC;
	pid_t worker[WORKERS_MAX];
	char why[FUZZ_FAILURE];
	bool good = true;
	unsigned int i;
	int status;

	round_begin(random);
	for (i = 0; i < opt.workers; i++) {
		const __u64 seed = fuzz_random(random);

		worker[i] = fork();
		if (!worker[i])
			work(i, seed, end);
	}
	for (i = 0; i < opt.workers; i++) {
		if (worker[i] < 0 || waitpid(worker[i], &status, 0) < 0) {
			printf("FAILED: worker %u could not be started\n", i);
			good = false;
			continue;
		}
		if (!status)
			continue;
		good = false;
		if (*common->outcome[i].failure)
			report(i);
		else
			printf("FAILED: worker %u ended with status 0x%x\n", i, status);
	}
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
	return log_is_clean(kmsg, bad) && good;
}

static __u64 calls_made(void)
{
	unsigned int i;
	__u64 n = 0;

	for (i = 0; i < fuzz_nr_calls(); i++)
		n += common->count[i].made + common->count[i].nested;
	return n;
}

#define SHARES_FROM	20000	/* with fewer calls chance decides */

/* False if calls that matter were rare, or most of them refused. */
static bool show_shares(void)
{
	bool good = true;
	unsigned int i;
	__u64 all = 0;

	for (i = 0; i < fuzz_nr_calls(); i++)
		all += common->count[i].made;

	printf("\n%-14s %10s %7s %10s %9s\n", "call", "made", "share", "succeeded", "average");
	for (i = 0; i < fuzz_nr_calls(); i++) {
		const struct fuzz_call *call = fuzz_call(i);
		const struct fuzz_count *n = &common->count[i];
		const bool rare = all >= SHARES_FROM && call->share &&
				  (n->made * 100 < all || n->done * 2 < n->made);

		printf("%-14s %10llu %6.2f%% %9.0f%% %6.1f ms%s\n", call->name, n->made,
		       100.0 * n->made / (all ?: 1), n->made ? 100.0 * n->done / n->made : 0,
		       n->made ? n->ns / 1e6 / n->made : 0,
		       rare ? "  too rare, or too often refused" : "");
		good = good && !rare;
	}
	return good;
}

static int run_one(const char *path, bool shorten)
{
	struct fuzz_outcome *outcome = &common->outcome[0];
	struct fuzz_random random = { opt.seed };
	struct fuzz_program program;
	int err = load(path, &program);

	if (err)
		return 1;
	round_begin(&random);
	err = fuzz_run(&program, &setup, outcome);
	if (!err && *outcome->failure) {
		show(outcome->failure, &program);
		if (shorten) {
			char failure[FUZZ_FAILURE];

			memcpy(failure, outcome->failure, sizeof(failure));
			minimise(&program, failure);
			show("the shortest that fails so", &program);
		}
		err = 1;
	}
	round_end();
	return err ? 1 : 0;
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "minutes", required_argument, NULL, 'm' },
		{ "seed", required_argument, NULL, 's' },
		{ "workers", required_argument, NULL, 'w' },
		{ "round", required_argument, NULL, 'r' },
		{ "corpus", required_argument, NULL, 'c' },
		{ "out", required_argument, NULL, 'o' },
		{ "disk", required_argument, NULL, 'd' },
		{ "reload", required_argument, NULL, 'l' },
		{ "bad", required_argument, NULL, 'b' },
		{ "run", required_argument, NULL, 'R' },
		{ "minimise", required_argument, NULL, 'M' },
		{ 0 }
	};
	int c;

	opt.seed = time(NULL);
	opt.workers = 4 * sysconf(_SC_NPROCESSORS_ONLN);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'm':
			opt.minutes = atof(optarg);
			break;
		case 's':
			opt.seed = strtoull(optarg, NULL, 0);
			break;
		case 'w':
			opt.workers = atoi(optarg);
			break;
		case 'r':
			opt.round = atoi(optarg);
			break;
		case 'c':
			opt.corpus = optarg;
			break;
		case 'o':
			opt.out = optarg;
			break;
		case 'd':
			opt.disk = optarg;
			break;
		case 'l':
			opt.reload = optarg;
			break;
		case 'b':
			opt.bad = optarg;
			break;
		case 'R':
			opt.run = optarg;
			break;
		case 'M':
			opt.minimise = optarg;
			break;
		default:
			fputs(USAGE, stderr);
			exit(2);
		}
	}
	if (optind != argc || !opt.workers || opt.workers > WORKERS_MAX || !opt.round) {
		fputs(USAGE, stderr);
		exit(2);
	}
}

static void show_progress(__u64 end)
{
	const __u64 now = monotonic_ns();

	printf("%5.1f min left  %llu programs (%llu killed, %llu out of memory)",
	       end > now ? (end - now) / 6e10 : 0, common->programs, common->killed, common->oom);
	printf("  %llu calls  %u places  %u kept\n", calls_made(),
	       fuzz_coverage_count(setup.coverage), common->nr);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct fuzz_random random;
	bool good = true, shares;
	regex_t bad;
	__u64 end;
	int kmsg;

	parse(argc, argv);
	write_file("/proc/self/oom_score_adj", "-1000");
	common = mmap(NULL, sizeof(*common), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	setup.coverage = fuzz_coverage_open();
	if (common == MAP_FAILED || !setup.coverage || fuzz_nr_calls() > FUZZ_CALLS_MAX)
		die("memory");
	setup.count = common->count;
	if (opt.disk) {
		setup.disk = open(opt.disk, O_RDWR | O_DIRECT | O_CLOEXEC);
		if (setup.disk < 0)
			die(opt.disk);
	}
	if (opt.run || opt.minimise)
		return run_one(opt.run ?: opt.minimise, opt.minimise);
	if (opt.bad && regcomp(&bad, opt.bad, REG_EXTENDED | REG_NOSUB))
		die("--bad");
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
	load_corpus();
	printf("seed %llu, %u workers, %u programs, %s\n", opt.seed, opt.workers, common->nr,
	       fuzz_coverage_works() ? "guided by KCOV" : "not guided: no KCOV");
	random.state = opt.seed;
	end = monotonic_ns() + opt.minutes * 60 * NSEC_PER_SEC;
	while (good && monotonic_ns() < end) {
		good = run_round(&random, kmsg, &bad);
		show_progress(end);
	}
	if (common->oom > 100 && common->oom * 10 > common->programs) {
		printf("FAILED: a tenth of the programs ran out of memory\n");
		good = false;
	}
	shares = show_shares();
	printf("\nprograms: %llu\ncalls: %llu\n%s\n", common->programs, calls_made(),
	       !good ? "FAILED" : shares ? "no failure" : "FAILED: the shares of calls");
	return good && shares ? 0 : 1;
}
