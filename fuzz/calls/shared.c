// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "fuzz/calls/shared.h"

#define PARAMETERS	"/sys/module/faultlab/parameters/"
#define MARK		"# shared: "
#define PEER_PAGES	64

int fuzz_shared_draw(struct fuzz_random *random)
{
	const enum faultlab_kind kind = fuzz_below(random, FAULTLAB_NR_KINDS);
	const __u64 bytes = FUZZ_SHARED_PAGES * sysconf(_SC_PAGESIZE);
	struct faultlab_features features = { 0 };
	__u64 flags = fuzz_random(random);
	int fd = faultlab_open(), err;

	if (fd < 0)
		return fd;
	/* There is one range of PHYS, which programs use. */
	if (!faultlab_features(fd, kind, &features))
		flags &= features.region_flags & ~(__u64)FAULTLAB_REGION_PHYS;
	err = faultlab_config(fd, kind, flags, bytes);
	/* Not all flags go together. */
	if (err)
		err = faultlab_config(fd, kind, 0, bytes);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

/* The step sets the struct's fields as they are. */
static struct fuzz_step config_of(const struct faultlab_info *info, size_t page)
{
	struct fuzz_step step = {
		.call = fuzz_call_by_name("config", 6),
		.arg = { 0, info->kind, info->flags, info->bytes / page, info->order,
			 __builtin_ctz(info->around ?: 1) + 1, info->cache, 0, true },
	};

	return step;
}

int fuzz_shared_restore(const struct fuzz_shared *shared)
{
	int slots[FUZZ_FDS] = { faultlab_open(), -1, -1, -1 };
	struct fuzz_world w = { .fd = slots, .page = sysconf(_SC_PAGESIZE) };
	long err;

	if (slots[0] < 0)
		return slots[0];
	err = fuzz_call(shared->config.call)->run(&w, shared->config.arg);
	if (err) {
		close(slots[0]);
		return err;
	}
	fuzz_shared_set_rules(slots[0], shared);
	return slots[0];
}

void fuzz_shared_set_rules(int fd, const struct fuzz_shared *shared)
{
	const int err = faultlab_rules(fd, FAULTLAB_RULE_SET, shared->rule, shared->nr);

	if (err)
		fprintf(stderr, "fuzz: rules of the shared region: %s\n", strerror(-err));
}

void fuzz_shared_read(int fd, struct fuzz_shared *shared)
{
	size_t nr = FUZZ_SHARED_RULES, i;
	struct faultlab_info info;

	shared->known = !faultlab_info(fd, &info) &&
			!faultlab_rules_read(fd, shared->rule, &nr);
	if (!shared->known)
		return;
	shared->config = config_of(&info, sysconf(_SC_PAGESIZE));
	shared->nr = nr < FUZZ_SHARED_RULES ? nr : FUZZ_SHARED_RULES;
	/* Output only. */
	for (i = 0; i < shared->nr; i++)
		shared->rule[i].hits = 0;
}

void fuzz_shared_print(const struct fuzz_shared *shared, FILE *file)
{
	char text[FUZZ_STEP_TEXT];
	unsigned int i;

	if (!shared->known)
		return;
	fuzz_step_print(&shared->config, text);
	fprintf(file, MARK "%s\n", text);
	for (i = 0; i < shared->nr; i++)
		fprintf(file, MARK "rule %s\n",
			faultlab_rule_text(&shared->rule[i], text, sizeof(text)));
}

static bool parse_line(char *line, struct fuzz_shared *shared)
{
	if (!strncmp(line, "rule ", 5))
		return shared->nr < FUZZ_SHARED_RULES &&
		       !faultlab_rule_parse(line + 5, &shared->rule[shared->nr++], NULL);
	shared->known = fuzz_step_parse(line, &shared->config) &&
			!strcmp(fuzz_call(shared->config.call)->name, "config");
	return shared->known;
}

int fuzz_shared_parse(const char *text, struct fuzz_shared *shared)
{
	char *copy = strdup(text), *rest = copy, *line;
	int n = 0, wrong = 0;

	*shared = (struct fuzz_shared){ 0 };
	while (copy && !wrong && (line = strsep(&rest, "\n"))) {
		n++;
		if (!strncmp(line, MARK, strlen(MARK)) &&
		    !parse_line(line + strlen(MARK), shared))
			wrong = n;
	}
	free(copy);
	return copy ? wrong : 1;
}

static void set_parameter(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, value, strlen(value)) < 0)
		perror(path);
	if (fd >= 0)
		close(fd);
}

void fuzz_set_limits(void)
{
	set_parameter(PARAMETERS "max_total_pages", FUZZ_MAX_TOTAL);
	set_parameter(PARAMETERS "max_pages", FUZZ_MAX_PAGES);
}

__attribute__((noreturn))
static void be_peer(int fd, char *at, bool keeps_rules)
{
	static const struct faultlab_rule slow = {
		.length = FAULTLAB_TO_END, .verdict = FAULTLAB_VERDICT_RETRY, .delay_us = 500,
	};
	const size_t page = sysconf(_SC_PAGESIZE);
	unsigned int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; ; i++) {
		if (i % 3)
			faultlab_touch_write(at + i % PEER_PAGES * page, FUZZ_BYTES_FROM, NULL);
		else
			faultlab_touch_read(at + i % PEER_PAGES * page, NULL);
		if (i % 100 == 0)
			faultlab_evict(fd, 0, FAULTLAB_TO_END, 0);
		if (i % 500 == 0 && !keeps_rules)
			faultlab_rule(fd, FAULTLAB_RULE_SET, &slow);
		if (i % 500 == 100 && !keeps_rules)
			faultlab_rules(fd, FAULTLAB_RULE_SET, NULL, 0);
		if (i % 50 == 0)
			fuzz_set_limits();
		usleep(2000);
	}
}

pid_t fuzz_shared_peer(int fd, bool keeps_rules)
{
	const size_t bytes = PEER_PAGES * sysconf(_SC_PAGESIZE);
	/* Mapped before any program runs: until then one could configure the region. */
	char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	pid_t pid;

	if (at == MAP_FAILED)
		return -errno;
	pid = fork();
	if (!pid)
		be_peer(fd, at, keeps_rules);
	munmap(at, bytes);
	return pid < 0 ? -errno : pid;
}
