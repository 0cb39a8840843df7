// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk: processes, addresses, ranges and flags from the command line.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "walk/walk.h"

int walk_parse_flags(const char *text, __u64 *flags, __u32 *behind)
{
	char copy[256];
	char *word, *rest = copy;
	__u64 flag;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", text) >= sizeof(copy))
		return usage("'%s' is too long.", text);
	while ((word = strsep(&rest, ","))) {
		flag = faultlab_pte_by_name(word);
		if (!flag && !walk_behind_by_name(word))
			return usage("'%s' is not a flag of entries; see 'faultlab walk --help'.",
				     word);
		*flags |= flag;
		*behind |= walk_behind_by_name(word);
	}
	return 0;
}

int walk_parse_task(const char *text, pid_t *pid)
{
	__u64 number = 0;

	if (strcmp(text, "self") && (!parse_number(text, &number) || number > INT32_MAX))
		return usage("'%s' is not a process: write a PID, or self.", text);
	*pid = number;
	return 0;
}

/*
 * Addresses are hexadecimal; 0x is optional, since /proc/PID/maps prints addresses without.
 * An address that has no letters must not be read as decimal: it would be another one.
 */
bool walk_parse_address(const char *text, __u64 *address, char **end)
{
	if (!isxdigit((unsigned char)*text))
		return false;
	errno = 0;
	*address = strtoull(text, end, 16);
	return !errno;
}

/* Parses START, START-END or START+LENGTH; or START and LENGTH as two arguments. */
int walk_parse_range(char *text, const char *length_text, struct walk_query *q)
{
	__u64 length = 4096, to;
	char *end;

	if (!walk_parse_address(text, &q->start, &end))
		return usage(NO_ADDRESS, text);
	q->one = !*end && !length_text;
	if (*end == '-') {
		if (!walk_parse_address(end + 1, &to, &end) || *end || to <= q->start)
			return usage("'%s' is not a range: write START-END, with END above START.",
				     text);
		length = to - q->start;
	} else if (*end == '+') {
		length_text = end + 1;
	} else if (*end) {
		return usage(NO_ADDRESS, text);
	}
	if (length_text && (!parse_size(length_text, &length) || !length))
		return usage("'%s' is not a length: write bytes, or a number with K, M, G or T.",
			     length_text);
	q->end = q->start + length;
	if (q->end < q->start)
		return usage("the range ends above 2^64: write a smaller length.");
	return 0;
}
