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

static int kmsg = -1;
static regex_t bad, harmless;

void fuzz_log_open(const char *pattern)
{
	if (!pattern)
		return;
	if (regcomp(&bad, pattern, REG_EXTENDED | REG_NOSUB) ||
	    regcomp(&harmless, OFFLINE, REG_EXTENDED | REG_NOSUB)) {
		fprintf(stderr, "fuzz: not a regular expression: %s\n", pattern);
		exit(2);
	}
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg < 0) {
		perror("/dev/kmsg");
		exit(1);
	}
	lseek(kmsg, 0, SEEK_END);
}

static bool matches(const regex_t *regex, const char *text)
{
	return !regexec(regex, text, 0, NULL, 0);
}

bool fuzz_log_is_clean(void)
{
	char record[8192];
	bool clean = true;
	ssize_t n;

	if (kmsg < 0)
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
		if (text && matches(&bad, text + 1) && !matches(&harmless, text + 1)) {
			printf("kernel: %.*s\n", (int)strcspn(text + 1, "\n"), text + 1);
			clean = false;
		}
	}
	return clean;
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
