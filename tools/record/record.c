// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab record: writes the records of all regions, or of one, to a file, until the
 * given command ends, --duration is over, or a signal arrives.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/record.h"

#define BATCH		512
/* poll() wakes at the watermark. This timeout is for fetching fewer records than that. */
#define POLL_MS		200
#define PROGRESS_NS	(500 * NSEC_PER_MS)

struct session {
	const char *path;
	char **command;		/* NULL: until a signal or the end of duration */
	__u64 duration;		/* ns; 0: no limit */
	__s64 region;		/* only this region; -1: all */
	__u32 flags;		/* FAULTLAB_RECORDING_* */
	int fd;
	struct child child;
	struct records_writer *writer;
	__u64 start, told;
};

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static void tell_progress(struct session *s)
{
	struct records_sums sums;
	char records[FIGURE_MAX];
	__u64 time = monotonic_ns();

	if (!isatty(STDERR_FILENO) || time - s->told < PROGRESS_NS)
		return;
	s->told = time;
	records_sums(s->writer, &sums);
	fprintf(stderr, "\r%s: %s records, %llu lost, %llu s \r", s->path,
		figure_grouped(records, sums.records), sums.lost,
		(time - s->start) / NSEC_PER_SEC);
}

/* Drops the records of other regions, except LOST records. Returns how many are left. */
static size_t pick_region(const struct session *s, struct faultlab_record *records, size_t nr)
{
	size_t i, left = 0;

	if (s->region < 0)
		return nr;
	for (i = 0; i < nr; i++)
		if (records[i].type == FAULTLAB_RECORD_LOST || records[i].region == s->region)
			records[left++] = records[i];
	return left;
}

/* Reads and writes records until none is left in the module, or a signal stops it. */
static int drain(struct session *s)
{
	struct faultlab_record records[BATCH];
	ssize_t nr;
	int err;

	do {
		nr = faultlab_records_read(s->fd, records, BATCH);
		if (nr == -EAGAIN || nr == -EINTR || nr == 0)
			return 0;
		if (nr < 0)
			return failed("cannot read records: %s.", strerror(-nr));
		err = records_write(s->writer, records, pick_region(s, records, nr));
		tell_progress(s);
	} while (!err && nr == BATCH && !stopped);
	return err;
}

static int wait_ms(const struct session *s)
{
	__u64 left, time = monotonic_ns();

	if (!s->duration)
		return POLL_MS;
	if (time >= s->start + s->duration)
		return 0;
	left = (s->start + s->duration - time) / NSEC_PER_MS + 1;
	return left < POLL_MS ? left : POLL_MS;
}

static int record_until_end(struct session *s)
{
	struct pollfd fds[] = {
		{ .fd = s->fd, .events = POLLIN },
		{ .fd = s->child.pidfd, .events = POLLIN },
	};
	int err = 0, ms = 1;

	while (!err && !stopped && ms && !(fds[1].revents & POLLIN)) {
		ms = wait_ms(s);
		if (poll(fds, ARRAY_SIZE(fds), ms) < 0 && errno != EINTR)
			return failed("cannot wait: %s.", strerror(errno));
		err = drain(s);
		tell_progress(s);
	}
	/*
	 * After faultlab_observe_stop() no more records are made, unless another file
	 * observes. At most the full rings are left to read, so drain() ends.
	 */
	faultlab_observe_stop(s->fd);
	stopped = 0;
	return err ? err : drain(s);
}

/* Prints the sums. Returns the command's exit status, or EXIT_FAILED if a signal ended it. */
static int tell_end(const struct session *s, const struct records_sums *sums, __u64 ns)
{
	char records[FIGURE_MAX], lost[FIGURE_MAX];

	fflush(stdout);
	if (isatty(STDERR_FILENO))
		fputs("\033[K", stderr);
	fprintf(stderr, "%s: %s records, %s lost, %llu %s, %llu %s, %.2f s\n", s->path,
		figure_grouped(records, sums->records), figure_grouped(lost, sums->lost),
		sums->regions, sums->regions == 1 ? "region" : "regions",
		sums->tasks, sums->tasks == 1 ? "task" : "tasks", ns / 1e9);
	if (WIFSIGNALED(s->child.status))
		return failed("%s ended by signal %d (%s).", *s->command, WTERMSIG(s->child.status),
			      strsignal(WTERMSIG(s->child.status)));
	if (!WEXITSTATUS(s->child.status))
		return 0;
	failed("%s ended with status %d.", *s->command, WEXITSTATUS(s->child.status));
	return WEXITSTATUS(s->child.status);
}

static int record(struct session *s)
{
	struct sigaction action = { .sa_handler = stop };
	struct records_sums sums;
	int err, closed;
	__u64 ns;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	s->start = monotonic_ns();
	s->told = s->start;
	err = observe_start(s->fd, s->flags);
	if (!err)
		err = child_start(&s->child, s->command);
	if (!err)
		err = record_until_end(s);
	ns = monotonic_ns() - s->start;
	child_end(&s->child);
	records_sums(s->writer, &sums);
	closed = records_close(s->writer, ns);
	if (err || closed)
		return EXIT_FAILED;
	return tell_end(s, &sums, ns);
}

static bool parse_seconds(const char *text, __u64 *ns)
{
	char *end;
	double seconds = strtod(text, &end);

	*ns = seconds > 0 && seconds < 1e9 ? seconds * NSEC_PER_SEC : 0;
	return *ns && end != text && !*end;
}

static int parse(int argc, char **argv, struct session *s)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "duration", required_argument, NULL, 'd' },
		{ "region", required_argument, NULL, 'r' },
		{ "all", no_argument, NULL, 'a' },
		{ "vmas", no_argument, NULL, 'v' },
		{ }
	};
	__u64 region;
	int opt;

	opterr = 0;
	optind = 1;
	while ((opt = getopt_long(argc, argv, "+:o:", options, NULL)) != -1) {
		if (opt == ':')
			return usage("%s needs a value; see 'faultlab record --help'.",
				     argv[optind - 1]);
		if (opt == '?')
			return bad_option(argv);
		if (opt == 'o')
			s->path = optarg;
		if (opt == 'd' && !parse_seconds(optarg, &s->duration))
			return usage("--duration needs a number of seconds above 0.");
		if (opt == 'r') {
			if (!parse_number(optarg, &region) || region > UINT32_MAX)
				return usage(NO_REGION_NUMBER, optarg);
			s->region = region;
		}
		if (opt == 'a')
			s->region = -1;
		if (opt == 'v')
			s->flags = FAULTLAB_RECORDING_VMAS;
	}
	if (optind < argc)
		s->command = argv + optind;
	return 0;
}

static int run(int argc, char **argv)
{
	struct session s = { .path = RECORDS_FILE, .region = -1, .child.pidfd = -1 };
	int err = parse(argc, argv, &s);

	if (err)
		return err;
	s.fd = open_device();
	if (s.fd < 0)
		return EXIT_FAILED;
	s.writer = records_create(s.path, s.command);
	err = s.writer ? record(&s) : EXIT_FAILED;
	close(s.fd);
	return err;
}

const struct command command_record = {
	.name = "record",
	.summary = "write a record of each fault callback to a file",
	.help =
	"Usage: faultlab record [-o FILE] [--region N] [--vmas] [--duration SECONDS]\n"
	"                       [-- COMMAND...]\n"
	"\n"
	"Writes a record of each callback for a fault to a file: the region and page, the\n"
	"task, the access, the lock, how the callback ended and how long it took. Stops\n"
	"when COMMAND ends, after SECONDS, or at ^C. 'faultlab report' shows the file.\n"
	"\n"
	"  -o, --output FILE   the file (default: " RECORDS_FILE ")\n"
	"  --all               record all regions (default)\n"
	"  --region N          record the region with this number only\n"
	"  --vmas              also record .mmap, .open, .close, .may_split and .mremap\n"
	"  --duration SECONDS  stop after SECONDS, and send COMMAND a SIGTERM\n"
	"\n"
	"The module keeps as many records per CPU as its parameter record_slots says. The\n"
	"oldest are lost if they are not read in time; the last line says how many. If\n"
	"COMMAND fails, the exit status is that of COMMAND, or 1 if a signal ended it.\n"
	"Needs CAP_SYS_ADMIN.\n",
	.run = run,
};
