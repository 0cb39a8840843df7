// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/calls/log.h"

/*
 * What the kernel says of pages that are in the way when memory goes offline. Those of a
 * region always are: they cannot be moved. scripts/fuzz leaves these lines out, too.
 */
#define OFFLINE	"page dumped because: (migration failure|unmovable page)"

#define LINE	1024	/* room for a line */

static int kmsg = -1;
static bool clean = true;	/* no bad line was printed since fuzz_log_is_clean() */
static regex_t bad, harmless;

static void open_kmsg(void)
{
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg < 0) {
		perror("/dev/kmsg");
		exit(1);
	}
	lseek(kmsg, 0, SEEK_END);
}

void fuzz_log_open(const char *pattern)
{
	if (!pattern)
		return;
	if (regcomp(&bad, pattern, REG_EXTENDED | REG_NOSUB) ||
	    regcomp(&harmless, OFFLINE, REG_EXTENDED | REG_NOSUB)) {
		fprintf(stderr, "fuzz: not a regular expression: %s\n", pattern);
		exit(2);
	}
	open_kmsg();
}

void fuzz_log_reopen(void)
{
	if (kmsg < 0)
		return;
	close(kmsg);
	open_kmsg();
}

static bool matches(const regex_t *regex, const char *text)
{
	return !regexec(regex, text, 0, NULL, 0);
}

/* The next bad line; 0: there is none, -EPIPE: lines were lost. */
static int next_bad(char *line, size_t size)
{
	char record[8192];
	ssize_t n;

	if (kmsg < 0)
		return 0;
	while ((n = read(kmsg, record, sizeof(record) - 1)) > 0) {
		const char *text;

		record[n] = '\0';
		text = strchr(record, ';');
		if (!text || !matches(&bad, text + 1) || matches(&harmless, text + 1))
			continue;
		snprintf(line, size, "%.*s", (int)strcspn(text + 1, "\n"), text + 1);
		return 1;
	}
	return n < 0 && errno == EPIPE ? -EPIPE : 0;
}

bool fuzz_log_has_bad(char *line, size_t size)
{
	char further[LINE];
	bool found = false;
	int ret;

	/* Who waits for the workers says when lines are lost. */
	while ((ret = next_bad(found ? further : line, found ? sizeof(further) : size)))
		found = found || ret > 0;
	return found;
}

void fuzz_log_drain(void)
{
	char line[LINE];
	int ret;

	while ((ret = next_bad(line, sizeof(line)))) {
		if (ret < 0)
			printf("kernel: lines were lost before they could be read\n");
		else
			printf("kernel: %s\n", line);
		clean = false;
	}
}

bool fuzz_log_is_clean(void)
{
	bool was;

	fuzz_log_drain();
	was = clean;
	clean = true;
	return was;
}

#define SHARES_FROM	20000	/* with fewer calls chance decides */

bool fuzz_show_shares(const struct fuzz_count *count)
{
	bool good = true;
	unsigned int i;
	__u64 all = 0;

	for (i = 0; i < fuzz_nr_calls(); i++)
		all += count[i].made;

	printf("\n%-14s %10s %7s %10s %9s %10s\n", "call", "made", "share", "succeeded", "average",
	       "in others");
	for (i = 0; i < fuzz_nr_calls(); i++) {
		const struct fuzz_call *call = fuzz_call(i);
		const struct fuzz_count *n = &count[i];
		const bool rare = all >= SHARES_FROM && (call->traits & FUZZ_SHARE) &&
				  (n->made * 100 < all || n->done * 2 < n->made);

		printf("%-14s %10llu %6.2f%% %9.0f%% %6.1f ms %10llu%s\n", call->name, n->made,
		       100.0 * n->made / (all ?: 1), n->made ? 100.0 * n->done / n->made : 0,
		       n->made ? n->ns / 1e6 / n->made : 0, n->nested,
		       rare ? "  too rare, or too often refused" : "");
		good = good && !rare;
	}
	return good;
}
